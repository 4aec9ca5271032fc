package identity

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// recoveryCodes is how many codes a person gets for the day the phone is lost.
const recoveryCodes = 10

// newRecoveryCode makes 80 random bits in four groups; so many that a fast hash
// keeps them.
func newRecoveryCode() string {
	s := strings.ToLower(rand.Text())
	return s[0:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16]
}

// normalRecovery is a code as it is hashed, however it was typed.
func normalRecovery(code string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
}

func recoveryHash(userID, code string) string { return hashSecret(userID + ":" + normalRecovery(code)) }

// renewRecovery replaces the codes of a user; they are shown this once.
func (s *Service) renewRecovery(ctx context.Context, tx bun.Tx, userID string) ([]string, error) {
	if err := s.store.deleteRecovery(ctx, tx, userID); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	rows := make([]recoveryRow, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		rows[i] = recoveryRow{Hash: recoveryHash(userID, codes[i]), UserID: userID}
	}
	return codes, s.store.insertRecovery(ctx, tx, rows)
}

// spendRecovery tells whether code was one of the user's, and makes it worthless.
func (s *Service) spendRecovery(ctx context.Context, tx bun.Tx, userID, code string) (bool, error) {
	n, err := s.store.useRecovery(ctx, tx, recoveryHash(userID, code), sqldb.MicrosOf(s.now()))
	return n == 1, err
}
