package identity

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

type totpRow struct {
	bun.BaseModel `bun:"table:totp"`

	UserID     string       `bun:"user_id,pk"`
	Secret     string       `bun:"secret"`
	NextSecret string       `bun:"next_secret"`
	LastStep   int64        `bun:"last_step"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	UsedAt     sqldb.Micros `bun:"used_at"`
}

type recoveryRow struct {
	bun.BaseModel `bun:"table:recovery_codes"`

	Hash   string       `bun:"hash,pk"`
	UserID string       `bun:"user_id"`
	UsedAt sqldb.Micros `bun:"used_at"`
}

// countFactors counts what the user can show besides a password. Recovery codes
// stand in for a factor and are none.
func (s store) countFactors(ctx context.Context, db bun.IDB, userID string) (int64, error) {
	var n int64
	err := db.NewRaw("SELECT (SELECT count(*) FROM totp WHERE user_id = ? AND secret <> '') + (SELECT count(*) FROM passkeys WHERE user_id = ?)", userID, userID).Scan(ctx, &n)
	return n, err
}

func (s store) totp(ctx context.Context, db bun.IDB, userID string) (totpRow, error) {
	var r totpRow
	err := db.NewSelect().Model(&r).Where("user_id = ?", userID).Scan(ctx)
	return r, oneRow(err)
}

// offerTOTP keeps a secret until its first code; the one in force stays so.
func (s store) offerTOTP(ctx context.Context, tx bun.Tx, userID, sealed string) error {
	r := totpRow{UserID: userID, NextSecret: sealed}
	_, err := tx.NewInsert().Model(&r).On("CONFLICT (user_id) DO UPDATE").Set("next_secret = EXCLUDED.next_secret").Exec(ctx)
	return err
}

func (s store) acceptTOTP(ctx context.Context, tx bun.Tx, userID, sealed string, step int64, at sqldb.Micros) error {
	_, err := tx.NewUpdate().Model((*totpRow)(nil)).Set("secret = ?", sealed).Set("next_secret = ''").
		Set("last_step = ?", step).Set("created_at = ?", at).Set("used_at = ?", at).Where("user_id = ?", userID).Exec(ctx)
	return err
}

// useTOTP spends a step; of two that spend the same one only the first gets 1.
func (s store) useTOTP(ctx context.Context, tx bun.Tx, userID string, step int64, at sqldb.Micros) (int64, error) {
	res, err := tx.NewUpdate().Model((*totpRow)(nil)).Set("last_step = ?", step).Set("used_at = ?", at).
		Where("user_id = ?", userID).Where("last_step < ?", step).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s store) deleteTOTP(ctx context.Context, tx bun.Tx, userID string) error {
	_, err := tx.NewDelete().Model((*totpRow)(nil)).Where("user_id = ?", userID).Exec(ctx)
	return err
}

func (s store) insertRecovery(ctx context.Context, tx bun.Tx, rows []recoveryRow) error {
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

func (s store) deleteRecovery(ctx context.Context, tx bun.Tx, userID string) error {
	_, err := tx.NewDelete().Model((*recoveryRow)(nil)).Where("user_id = ?", userID).Exec(ctx)
	return err
}

func (s store) useRecovery(ctx context.Context, tx bun.Tx, hash string, at sqldb.Micros) (int64, error) {
	res, err := tx.NewUpdate().Model((*recoveryRow)(nil)).Set("used_at = ?", at).Where("hash = ?", hash).Where("used_at = 0").Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s store) recoveryLeft(ctx context.Context, db bun.IDB, userID string) (int64, error) {
	return db.NewSelect().Model((*recoveryRow)(nil)).Where("user_id = ?", userID).Where("used_at = 0").Count(ctx)
}

type settingRow struct {
	bun.BaseModel `bun:"table:identity_settings"`

	Name  string `bun:"name,pk"`
	Value string `bun:"value"`
}

// setting returns a stored setting, "" if there is none.
func (s store) setting(ctx context.Context, name string) (string, error) {
	var r settingRow
	err := oneRow(s.db.NewSelect().Model(&r).Where("name = ?", name).Scan(ctx))
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return r.Value, err
}

func (s store) setSetting(ctx context.Context, tx bun.Tx, name, value string) error {
	r := settingRow{Name: name, Value: value}
	_, err := tx.NewInsert().Model(&r).On("CONFLICT (name) DO UPDATE").Set("value = EXCLUDED.value").Exec(ctx)
	return err
}

// deleteFactors takes away all that the user can show besides a password.
func (s store) deleteFactors(ctx context.Context, tx bun.Tx, userID string) error {
	for _, table := range []string{"totp", "passkeys", "recovery_codes"} {
		if _, err := tx.NewDelete().Table(table).Where("user_id = ?", userID).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s store) sessionsOf(ctx context.Context, userID string) ([]sessionRow, error) {
	var rows []sessionRow
	err := s.db.NewSelect().Model(&rows).Where("user_id = ?", userID).OrderExpr("used_at DESC, id").Scan(ctx)
	return rows, err
}

func (s store) setFailures(ctx context.Context, tx bun.Tx, id string, f failures) error {
	_, err := tx.NewUpdate().Model((*userRow)(nil)).Set("failures = ?", f.n).Set("failed_at = ?", sqldb.MicrosOf(f.last)).
		Set("locked_until = ?", sqldb.MicrosOf(f.until)).Where("id = ?", id).Exec(ctx)
	return err
}

func (s store) failing(ctx context.Context) ([]userRow, error) {
	var rows []userRow
	err := s.db.NewSelect().Model(&rows).Column("username", "failures", "failed_at", "locked_until").Where("failures > 0").Scan(ctx)
	return rows, err
}

type passkeyRow struct {
	bun.BaseModel `bun:"table:passkeys"`

	ID         string       `bun:"id,pk"`
	UserID     string       `bun:"user_id"`
	Credential string       `bun:"credential"`
	Name       string       `bun:"name"`
	Data       string       `bun:"data"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	UsedAt     sqldb.Micros `bun:"used_at"`
}

func (s store) passkeys(ctx context.Context, db bun.IDB, userID string) ([]passkeyRow, error) {
	var rows []passkeyRow
	err := db.NewSelect().Model(&rows).Where("user_id = ?", userID).OrderExpr("id").Scan(ctx)
	return rows, err
}

func (s store) insertPasskey(ctx context.Context, tx bun.Tx, r passkeyRow) error {
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) usePasskey(ctx context.Context, tx bun.Tx, userID, credential, data string, at sqldb.Micros) error {
	_, err := tx.NewUpdate().Model((*passkeyRow)(nil)).Set("data = ?", data).Set("used_at = ?", at).
		Where("user_id = ?", userID).Where("credential = ?", credential).Exec(ctx)
	return err
}

func (s store) deletePasskey(ctx context.Context, tx bun.Tx, userID, id string) (int64, error) {
	res, err := tx.NewDelete().Model((*passkeyRow)(nil)).Where("user_id = ?", userID).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

type ssoLinkRow struct {
	bun.BaseModel `bun:"table:sso_links"`

	Issuer    string       `bun:"issuer,pk"`
	Subject   string       `bun:"subject,pk"`
	UserID    string       `bun:"user_id"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	Mapped    bool         `bun:"mapped"`
}

func (s store) ssoLink(ctx context.Context, tx bun.Tx, issuer, subject string) (ssoLinkRow, error) {
	var r ssoLinkRow
	err := tx.NewSelect().Model(&r).Where("issuer = ?", issuer).Where("subject = ?", subject).Scan(ctx)
	return r, oneRow(err)
}

func (s store) insertSSOLink(ctx context.Context, tx bun.Tx, r ssoLinkRow) error {
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) deleteSSOLinks(ctx context.Context, tx bun.Tx, userID string) error {
	_, err := tx.NewDelete().Model((*ssoLinkRow)(nil)).Where("user_id = ?", userID).Exec(ctx)
	return err
}

func (s store) usernameTaken(ctx context.Context, tx bun.Tx, name string) (bool, error) {
	return tx.NewSelect().Model((*userRow)(nil)).Where("username = ?", name).Exists(ctx)
}

func (s store) setRoleAndUnit(ctx context.Context, tx bun.Tx, id, role, unit string) error {
	_, err := tx.NewUpdate().Model((*userRow)(nil)).Set("role = ?", role).Set("unit = ?", unit).Where("id = ?", id).Exec(ctx)
	return err
}

// spendPassword makes a password worthless if it is still the one that was checked.
func (s store) spendPassword(ctx context.Context, tx bun.Tx, id, hash string) (int64, error) {
	res, err := tx.NewUpdate().Model((*userRow)(nil)).Set("password_hash = ?", noPassword).
		Where("id = ?", id).Where("password_hash = ?", hash).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// rearm gives the account for emergencies a new secret.
func (s store) rearm(ctx context.Context, tx bun.Tx, id, hash string) error {
	_, err := tx.NewUpdate().Model((*userRow)(nil)).Set("password_hash = ?", hash).Set("disabled = ?", false).Where("id = ?", id).Exec(ctx)
	return err
}

// marks are what the list of accounts says of how each signs in, by user.
type marks struct {
	totp, passkeys, linked, sessions map[string]int64
}

// signInMarks counts for every user; sessions that were used or began before the
// given times are over.
func (s store) signInMarks(ctx context.Context, used, created sqldb.Micros) (marks, error) {
	type count struct {
		UserID string `bun:"user_id"`
		N      int64  `bun:"n"`
	}
	counts := func(model any, narrow func(*bun.SelectQuery) *bun.SelectQuery) (map[string]int64, error) {
		var rows []count
		err := s.db.NewSelect().Model(model).Column("user_id").ColumnExpr("count(*) AS n").Apply(narrow).Group("user_id").Scan(ctx, &rows)
		m := make(map[string]int64, len(rows))
		for _, r := range rows {
			m[r.UserID] = r.N
		}
		return m, err
	}
	all := func(q *bun.SelectQuery) *bun.SelectQuery { return q }
	var m marks
	var errs [4]error
	m.totp, errs[0] = counts((*totpRow)(nil), func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("secret <> ''") })
	m.passkeys, errs[1] = counts((*passkeyRow)(nil), all)
	m.linked, errs[2] = counts((*ssoLinkRow)(nil), all)
	m.sessions, errs[3] = counts((*sessionRow)(nil), func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("used_at >= ?", used).Where("created_at >= ?", created)
	})
	return m, errors.Join(errs[:]...)
}

// ssoLinks returns what ties an account to people of providers.
func (s store) ssoLinks(ctx context.Context, userID string) ([]ssoLinkRow, error) {
	var rows []ssoLinkRow
	err := s.db.NewSelect().Model(&rows).Where("user_id = ?", userID).OrderExpr("created_at").Scan(ctx)
	return rows, err
}

// countSessions counts the sessions that are not over, by how they began.
func (s store) countSessions(ctx context.Context, used, created sqldb.Micros) (map[string]int64, error) {
	var rows []struct {
		Method string `bun:"method"`
		N      int64  `bun:"n"`
	}
	err := s.db.NewSelect().Model((*sessionRow)(nil)).Column("method").ColumnExpr("count(*) AS n").
		Where("used_at >= ?", used).Where("created_at >= ?", created).Group("method").Scan(ctx, &rows)
	m := make(map[string]int64, len(rows))
	for _, r := range rows {
		m[r.Method] = r.N
	}
	return m, err
}
