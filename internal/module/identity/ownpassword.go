package identity

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// ChangePassword changes the caller's own password and ends the caller's other
// sessions. Errors: Unauthenticated session.wrong-credentials, Invalid
// password.too-weak, Busy session.too-many-attempts, Denied, NotFound for a token.
func (s *Service) ChangePassword(ctx context.Context, current, next string) error {
	p, err := s.self(ctx, module.PendingPassword)
	if err != nil {
		return err
	}
	row, err := s.ownPassword(ctx, p, current)
	if err != nil {
		return err
	}
	if next == current {
		return fault.New(fault.Invalid, "the new password is the old one").WithCode("password.too-weak").OnField("body.new")
	}
	if err := checkPassword(next, row.Username); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.setPassword(ctx, tx, p.ID, hash, false); err != nil {
			return err
		}
		if err := s.store.deleteSessionsOf(ctx, tx, p.ID, p.Session); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "user.change-password", Object: "user:" + p.ID})
	})
	if err == nil {
		s.endOthers(p)
	}
	return err
}

// ownPassword checks the caller's password and returns his account.
func (s *Service) ownPassword(ctx context.Context, p module.Principal, password string) (userRow, error) {
	row, err := s.store.userByID(ctx, s.store.db, p.ID)
	if err != nil {
		return row, err
	}
	if row.Kind != string(KindPerson) {
		return row, fault.New(fault.Denied, "the account for emergencies has no password of its own").WithCode("permission.denied")
	}
	key := accountKey(&row, p.Name, p.Address)
	if wait := s.perAddress.begin(p.Address, s.now()); wait > 0 {
		return row, tooManyAttempts(wait)
	}
	if wait := s.perAccount.begin(key, s.now()); wait > 0 {
		return row, tooManyAttempts(wait)
	}
	good, err := s.hasher.verify(ctx, row.PasswordHash, password)
	if err != nil {
		return row, err
	}
	if !good {
		return row, wrongCredentials()
	}
	s.perAccount.succeed(key)
	s.perAddress.forgive(p.Address)
	return row, nil
}

// endOthers stops what the caller does in other sessions than this one.
func (s *Service) endOthers(p module.Principal) {
	s.running.end(p.ID, func(session string) bool { return session != p.Session })
}
