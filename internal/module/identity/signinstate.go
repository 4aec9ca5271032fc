package identity

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

// SignInState is what an administrator sees of how an account signs in.
type SignInState struct {
	LockedUntil  time.Time // zero: not waiting
	LastAddr     string    // where the last sign-in came from
	Failures     int       // wrong attempts since the last success
	TOTP         bool
	Passkeys     int64
	RecoveryLeft int64
	NeedsFactor  bool
	Sessions     []Session
	Links        []SSOLink
}

// SSOLink ties an account to a person of the provider of single sign-on.
type SSOLink struct {
	Issuer, Subject string
	CreatedAt       time.Time
	Mapped          bool // made by the mapping of the configuration
}

// SignInState tells how an account signs in. Errors: NotFound, Denied.
func (s *Service) SignInState(ctx context.Context, id string) (SignInState, error) {
	row, err := s.target(ctx, s.store.db, id)
	if err != nil {
		return SignInState{}, err
	}
	st := SignInState{NeedsFactor: row.Kind == string(KindPerson) && s.policy.needsFactor(module.Role(row.Role))}
	user := row.user()
	st.Failures, st.LockedUntil = s.waiting(&user)
	st.LastAddr = user.LastAddr
	links, err := s.store.ssoLinks(ctx, id)
	if err != nil {
		return st, err
	}
	for _, l := range links {
		st.Links = append(st.Links, SSOLink{Issuer: l.Issuer, Subject: l.Subject, CreatedAt: l.CreatedAt.Time(), Mapped: l.Mapped})
	}
	totp, err := s.store.totp(ctx, s.store.db, id)
	if err != nil && !errors.Is(err, errNoRow) {
		return st, err
	}
	st.TOTP = totp.Secret != ""
	factors, err := s.store.countFactors(ctx, s.store.db, id)
	if err != nil {
		return st, err
	}
	if st.Passkeys = factors; st.TOTP {
		st.Passkeys--
	}
	if st.RecoveryLeft, err = s.store.recoveryLeft(ctx, s.store.db, id); err != nil {
		return st, err
	}
	st.Sessions, err = s.sessionsOf(ctx, id)
	return st, err
}

// EndSessionsOf ends an account's sessions. Errors: NotFound, Denied.
func (s *Service) EndSessionsOf(ctx context.Context, id string) error {
	err := s.onAccount(ctx, id, "user.end-sessions", func(ctx context.Context, tx bun.Tx, _ *userRow) error {
		return s.store.deleteSessionsOf(ctx, tx, id, "")
	})
	if err == nil {
		s.running.end(id, everySession)
	}
	return err
}

// Unlock forgives an account's wrong attempts. Errors: NotFound, Denied.
func (s *Service) Unlock(ctx context.Context, id string) error {
	var username, addr string
	err := s.onAccount(ctx, id, "user.unlock", func(ctx context.Context, tx bun.Tx, row *userRow) error {
		username, addr = row.Username, row.LastAddr
		return s.store.setFailures(ctx, tx, id, failures{})
	})
	if err == nil {
		s.perAccount.succeed(username)
		s.perAccount.succeed(deskKey(username, addr))
		s.perFactor.succeed(id)
	}
	return err
}

// onAccount changes an account the caller manages and writes it down.
func (s *Service) onAccount(ctx context.Context, id, action string, change func(context.Context, bun.Tx, *userRow) error) error {
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.target(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, &row); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: action, Object: "user:" + id, Detail: map[string]string{"username": row.Username}})
	})
}

// target is an account that the caller manages. Errors: NotFound, Denied.
func (s *Service) target(ctx context.Context, db bun.IDB, id string) (userRow, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUserManage); err != nil {
		return userRow{}, err
	}
	return s.managed(ctx, db, id)
}

// ResetFactors takes an account's second factors and recovery codes away, for a
// person who lost them, and ends its sessions. A role that needs a factor sets up
// another at the next sign-in. Errors: NotFound, Denied.
func (s *Service) ResetFactors(ctx context.Context, id string) error {
	err := s.onAccount(ctx, id, "user.reset-factor", func(ctx context.Context, tx bun.Tx, _ *userRow) error {
		if err := s.store.deleteFactors(ctx, tx, id); err != nil {
			return err
		}
		return s.store.deleteSessionsOf(ctx, tx, id, "")
	})
	if err == nil {
		s.running.end(id, everySession)
	}
	return err
}

// ResetFactorsByName is ResetFactors for the command line on the node itself.
func (s *Service) ResetFactorsByName(ctx context.Context, username string) error {
	ctx = module.WithPrincipal(ctx, module.System())
	row, err := s.store.userByName(ctx, normalUsername(username))
	if errors.Is(err, errNoRow) {
		return noSuchUser()
	}
	if err != nil {
		return err
	}
	return s.ResetFactors(ctx, row.ID)
}
