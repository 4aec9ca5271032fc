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
		if !u.Disabled && u.Kind == KindPerson && (p.Sees(u.Unit) || u.Unit == event.CentreUnit) {
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

// CreateUser makes an account with a one-time password. Errors: Invalid, also for a
// unit the caller does not see; Conflict if the name is taken; Denied.
func (s *Service) CreateUser(ctx context.Context, u User) (User, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUserManage); err != nil {
		return User{}, "", err
	}
	if err := s.checkUser(p, &u, ""); err != nil {
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
		row, err := s.managed(ctx, tx, id)
		if err != nil {
			return err
		}
		if row.Kind != string(KindPerson) {
			return fault.New(fault.Conflict, "the account for emergencies gets its secret from `lachan user break-glass`").WithCode("user.break-glass")
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

// managed returns an account the caller may manage: of a unit the caller sees, with
// a role the caller could have given. Errors: NotFound, Denied.
func (s *Service) managed(ctx context.Context, db bun.IDB, id string) (userRow, error) {
	row, err := s.store.userByID(ctx, db, id)
	p := module.PrincipalOf(ctx)
	switch {
	case errors.Is(err, errNoRow):
		return row, noSuchUser()
	case err != nil:
		return row, err
	case !p.Sees(event.UnitID(row.Unit)):
		return row, noSuchUser()
	case !p.Covers(module.Role(row.Role), event.UnitID(row.Unit)):
		return row, tooMuch(module.Role(row.Role))
	}
	return row, nil
}

func tooMuch(r module.Role) error {
	return fault.New(fault.Denied, "the role %s may more than you: only somebody who has it can give or change it", r).WithCode("user.role-above")
}

// checkUser refuses an account that cannot be, or that p may not give. A unit that p
// does not see is as unknown as one that is not there; the unit the account had may
// have ended meanwhile.
func (s *Service) checkUser(p module.Principal, u *User, had event.UnitID) error {
	if err := u.check(func(id event.UnitID) bool { return p.Sees(id) && (id == had || s.units.Active(id)) }); err != nil {
		return err
	}
	if !p.Covers(u.Role, u.Unit) {
		return tooMuch(u.Role)
	}
	return nil
}

func noSuchUser() error { return fault.New(fault.NotFound, "no such user").WithCode("user.unknown") }
