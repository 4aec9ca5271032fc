package identity

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// FirstAdministrator is the account made at the first start.
const FirstAdministrator = "admin"

// Bootstrap creates the first administrator if there is no account yet. The
// one-time password is returned for the operator's eyes only; it is not stored
// and not logged. created is false, and password empty, if accounts exist.
func (s *Service) Bootstrap(ctx context.Context) (username, password string, created bool, err error) {
	ctx = module.WithPrincipal(ctx, module.System())
	password = oneTimePassword()
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", "", false, err
	}
	u := User{ID: module.NewID(), Username: FirstAdministrator, DisplayName: "Quản trị viên", Role: module.RoleAdministrator, Unit: event.CentreUnit, MustChange: true, CreatedAt: s.now()}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.store.countUsers(ctx, tx)
		if err != nil || n > 0 {
			return err
		}
		created = true
		return s.insertUser(ctx, tx, u, hash)
	})
	if err != nil || !created {
		return "", "", false, err
	}
	return u.Username, password, true, nil
}

func (s *Service) insertUser(ctx context.Context, tx bun.Tx, u User, hash string) error {
	if err := s.store.insertUser(ctx, tx, rowOfUser(u, hash)); err != nil {
		return err
	}
	return s.trail.Append(ctx, tx, module.Entry{
		Action: "user.create", Object: "user:" + u.ID,
		Detail: map[string]string{"username": u.Username, "role": string(u.Role), "unit": string(u.Unit)},
	})
}

// ListUsers returns all accounts by name. Errors: Denied.
func (s *Service) ListUsers(ctx context.Context) ([]User, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUserManage); err != nil {
		return nil, err
	}
	return s.store.listUsers(ctx)
}

// People returns the enabled users an alert the caller sees may be given to:
// those of the centre, and those of the caller's unit.
func (s *Service) People(ctx context.Context) ([]module.PersonView, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return nil, err
	}
	users, err := s.store.listUsers(ctx)
	if err != nil {
		return nil, err
	}
	people := []module.PersonView{}
	for _, u := range users {
		if !u.Disabled && (p.Sees(u.Unit) || u.Unit == event.CentreUnit) {
			people = append(people, module.PersonView{ID: u.ID, DisplayName: u.DisplayName})
		}
	}
	return people, nil
}

// Person names the user the caller may give an alert of unit to: one of those that
// People lists, who sees the unit. Errors: NotFound also for other accounts.
func (s *Service) Person(ctx context.Context, id string, unit event.UnitID) (module.PersonView, error) {
	row, err := s.store.userByID(ctx, s.store.db, id)
	if err != nil && !errors.Is(err, errNoRow) {
		return module.PersonView{}, err
	}
	of := event.UnitID(row.Unit)
	listed := module.PrincipalOf(ctx).Sees(of) || of == event.CentreUnit
	if err != nil || row.Disabled || !listed || !s.principalOf(row.user(), "").Sees(unit) {
		return module.PersonView{}, fault.New(fault.NotFound, "no such user, or one who does not see the unit").WithCode("user.unknown")
	}
	return module.PersonView{ID: row.ID, DisplayName: row.DisplayName}, nil
}

// DisplayNames names users for showing, disabled accounts included.
func (s *Service) DisplayNames(ctx context.Context, ids []string) (map[string]string, error) {
	return s.store.displayNames(ctx, ids)
}

// CreateUser makes an account with a one-time password.
// Errors: Invalid, Conflict if the name is taken, Denied.
func (s *Service) CreateUser(ctx context.Context, u User) (User, string, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUserManage); err != nil {
		return User{}, "", err
	}
	if err := u.check(s.units.Active); err != nil {
		return User{}, "", err
	}
	password := oneTimePassword()
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return User{}, "", err
	}
	u.ID, u.MustChange, u.Disabled, u.CreatedAt = module.NewID(), true, false, s.now()
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.insertUser(ctx, tx, u, hash)
	})
	if sqldb.IsUnique(err) {
		return User{}, "", fault.New(fault.Conflict, "the user name %s is taken", u.Username).WithCode("user.exists").OnField("body.username")
	}
	if err != nil {
		return User{}, "", err
	}
	return u, password, nil
}

// ResetPassword gives an account a one-time password and ends its sessions.
// Errors: NotFound, Denied.
func (s *Service) ResetPassword(ctx context.Context, id string) (string, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUserManage); err != nil {
		return "", err
	}
	password := oneTimePassword()
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.store.userByID(ctx, tx, id)
		if errors.Is(err, errNoRow) {
			return noSuchUser()
		}
		if err != nil {
			return err
		}
		if err := s.store.setPassword(ctx, tx, row.ID, hash, true); err != nil {
			return err
		}
		if err := s.store.deleteSessionsOf(ctx, tx, row.ID, ""); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "user.reset-password", Object: "user:" + row.ID, Detail: map[string]string{"username": row.Username}})
	})
	if err != nil {
		return "", err
	}
	s.running.end(id, everySession)
	return password, nil
}

// ResetByName is ResetPassword for the command line on the node itself.
func (s *Service) ResetByName(ctx context.Context, username string) (string, error) {
	ctx = module.WithPrincipal(ctx, module.System())
	row, err := s.store.userByName(ctx, normalUsername(username))
	if errors.Is(err, errNoRow) {
		return "", noSuchUser()
	}
	if err != nil {
		return "", err
	}
	return s.ResetPassword(ctx, row.ID)
}

func noSuchUser() error { return fault.New(fault.NotFound, "no such user").WithCode("user.unknown") }

// SetDisabled disables or enables an account; disabling ends its sessions.
// Errors: NotFound, Conflict for the last enabled administrator, Denied.
func (s *Service) SetDisabled(ctx context.Context, id string, disabled bool) (User, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUserManage); err != nil {
		return User{}, err
	}
	var user User
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.store.userByID(ctx, tx, id)
		if errors.Is(err, errNoRow) {
			return noSuchUser()
		}
		if err != nil {
			return err
		}
		user = row.user()
		if user.Disabled == disabled {
			return nil
		}
		user.Disabled = disabled
		if err := s.store.setDisabled(ctx, tx, id, disabled); err != nil {
			return err
		}
		action := "user.enable"
		if disabled {
			action = "user.disable"
			left, err := s.store.countAdministrators(ctx, tx)
			if err != nil {
				return err
			}
			if left == 0 && user.Role == module.RoleAdministrator && user.Unit == event.CentreUnit {
				return fault.New(fault.Conflict, "the last administrator cannot be disabled").WithCode("user.last-administrator")
			}
			if err := s.store.deleteSessionsOf(ctx, tx, id, ""); err != nil {
				return err
			}
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: action, Object: "user:" + id, Detail: map[string]string{"username": user.Username}})
	})
	if err == nil && disabled {
		s.running.end(id, everySession)
	}
	return user, err
}
