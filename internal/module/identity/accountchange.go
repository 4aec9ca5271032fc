package identity

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// UserChange says what to change about an account; nil leaves as it is.
type UserChange struct {
	DisplayName *string
	Mail        *string
	Role        *module.Role
	Unit        *event.UnitID
	Disabled    *bool
}

// ChangeUser changes an account. Another role, another unit and being disabled end
// its sessions: what somebody opened with more is closed.
// Errors: NotFound, Invalid, Denied, Conflict user.last-administrator or user.self.
func (s *Service) ChangeUser(ctx context.Context, id string, c UserChange) (User, error) {
	users, err := s.ChangeUsers(ctx, []string{id}, c)
	if err != nil {
		return User{}, err
	}
	return users[0], nil
}

// SetDisabled disables or enables an account.
func (s *Service) SetDisabled(ctx context.Context, id string, disabled bool) (User, error) {
	return s.ChangeUser(ctx, id, UserChange{Disabled: &disabled})
}

// ChangeUsers changes accounts alike, all or none of them. Errors: as ChangeUser.
func (s *Service) ChangeUsers(ctx context.Context, ids []string, c UserChange) ([]User, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUserManage); err != nil {
		return nil, err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var users []User
	var closed []string // whose sessions ended
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		users, closed = users[:0], closed[:0]
		before, err := s.store.countAdministrators(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			u, less, err := s.changeUser(ctx, tx, p, id, c)
			if err != nil {
				return err
			}
			users = append(users, u)
			if less {
				closed = append(closed, id)
			}
		}
		left, err := s.store.countAdministrators(ctx, tx)
		if err != nil {
			return err
		}
		if left == 0 && before > 0 {
			return fault.New(fault.Conflict, "the centre's last administrator stays one: make another first").WithCode("user.last-administrator")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range closed {
		s.running.end(id, everySession)
	}
	return users, nil
}

// changeUser also tells whether the account's sessions ended.
func (s *Service) changeUser(ctx context.Context, tx bun.Tx, p module.Principal, id string, c UserChange) (_ User, less bool, _ error) {
	row, err := s.managed(ctx, tx, id)
	if err != nil {
		return User{}, false, err
	}
	before := row.user()
	after := before
	if c.DisplayName != nil {
		after.DisplayName = *c.DisplayName
	}
	if c.Mail != nil {
		after.Mail = *c.Mail
	}
	if c.Role != nil {
		after.Role = *c.Role
	}
	if c.Unit != nil {
		after.Unit = *c.Unit
	}
	if c.Disabled != nil {
		after.Disabled = *c.Disabled
	}
	if after == before {
		return before, false, nil
	}
	less = after.Role != before.Role || after.Unit != before.Unit || after.Disabled && !before.Disabled
	if less && id == p.ID {
		return User{}, false, fault.New(fault.Conflict, "nobody changes the own role or unit, or disables himself: ask another administrator").WithCode("user.self")
	}
	if after.Kind != KindPerson && (after.Role != before.Role || after.Unit != before.Unit) {
		return User{}, false, fault.New(fault.Conflict, "the account for emergencies stays an administrator of the centre").WithCode("user.break-glass")
	}
	if c.DisplayName != nil || c.Mail != nil || c.Role != nil || c.Unit != nil {
		if err := s.checkUser(p, &after, before.Unit); err != nil {
			return User{}, false, err
		}
	}
	if err := s.store.updateUser(ctx, tx, after); err != nil {
		return User{}, false, err
	}
	if less {
		if err := s.store.deleteSessionsOf(ctx, tx, id, ""); err != nil {
			return User{}, false, err
		}
	}
	return after, less, s.trail.Append(ctx, tx, changeEntry(before, after))
}

// changeEntry says what was changed, and how it was before.
func changeEntry(before, after User) module.Entry {
	e := module.Entry{Action: "user.change", Object: "user:" + after.ID, Detail: map[string]string{"username": after.Username}}
	note := func(name, was, is string) {
		if was != is {
			e.Detail[name], e.Detail[name+"-before"] = is, was
		}
	}
	note("display-name", before.DisplayName, after.DisplayName)
	note("mail", before.Mail, after.Mail)
	note("role", string(before.Role), string(after.Role))
	note("unit", string(before.Unit), string(after.Unit))
	switch {
	case after.Disabled && !before.Disabled:
		e.Action = "user.disable"
	case before.Disabled && !after.Disabled:
		e.Action = "user.enable"
	}
	return e
}
