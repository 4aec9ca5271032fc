package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Account is an account and how it signs in, as the list of accounts shows it.
type Account struct {
	User
	TOTP        bool
	Passkeys    int64
	NeedsFactor bool
	Linked      bool // to a person of the provider of single sign-on
	Sessions    int64
	Failures    int       // wrong attempts since the last success
	LockedUntil time.Time // zero: not waiting
}

// UserFilter says which accounts to list; zero fields say nothing.
type UserFilter struct {
	Text   string // part of the name or the mail address, without marks
	Unit   event.UnitID
	Role   module.Role
	Status UserStatus
}

// UserStatus is what an account is in.
type UserStatus string

// The statuses of accounts.
const (
	UserActive   UserStatus = "active"
	UserInvited  UserStatus = "invited" // has a one-time password and never signed in
	UserDisabled UserStatus = "disabled"
)

// Status returns what the account is in.
func (u *User) Status() UserStatus {
	switch {
	case u.Disabled:
		return UserDisabled
	case u.MustChange && u.LastSignIn.IsZero():
		return UserInvited
	}
	return UserActive
}

func (f UserFilter) match(u *User) bool {
	return (f.Unit == "" || f.Unit == u.Unit) && (f.Role == "" || f.Role == u.Role) && (f.Status == "" || f.Status == u.Status()) &&
		(f.Text == "" || strings.Contains(module.Fold(u.DisplayName+"\n"+u.Username+"\n"+u.Mail), f.Text))
}

// ListUsers returns the accounts of the units the caller sees, by name.
// Errors: Denied.
func (s *Service) ListUsers(ctx context.Context, f UserFilter) ([]Account, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUserManage); err != nil {
		return nil, err
	}
	users, err := s.store.usersOf(ctx, p)
	if err != nil {
		return nil, err
	}
	f.Text = module.Fold(f.Text)
	users = slices.DeleteFunc(users, func(u User) bool { return !f.match(&u) })
	now := s.now()
	marks, err := s.store.signInMarks(ctx, sqldb.MicrosOf(now.Add(-sessionIdle)), sqldb.MicrosOf(now.Add(-sessionLife)))
	if err != nil {
		return nil, err
	}
	accounts := make([]Account, len(users))
	for i, u := range users {
		a := Account{
			User: u, TOTP: marks.totp[u.ID] > 0, Passkeys: marks.passkeys[u.ID], NeedsFactor: u.Kind == KindPerson && s.policy.needsFactor(u.Role),
			Linked: marks.linked[u.ID] > 0, Sessions: marks.sessions[u.ID],
		}
		a.Failures, a.LockedUntil = s.waiting(&u)
		accounts[i] = a
	}
	return accounts, nil
}

// waiting tells how often the account's password or second factor was wrong, and
// until when somebody waits for either: the person at his own desk, or anybody.
func (s *Service) waiting(u *User) (failures int, until time.Time) {
	now := s.now()
	for _, one := range []struct {
		of  *attempts
		key string
	}{{s.perAccount, u.Username}, {s.perAccount, deskKey(u.Username, u.LastAddr)}, {s.perFactor, u.ID}} {
		n, wait := one.of.state(one.key, now)
		if failures += n; wait.After(until) {
			until = wait
		}
	}
	return failures, until
}
