package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Policy says who must have a second factor, besides administrators, who always
// must: they can make anybody an administrator.
type Policy struct {
	FactorRoles []module.Role `json:"factorRoles"`
}

const settingPolicy = "policy"

// policy keeps the stored Policy at hand: every request asks it.
type policy struct{ current atomic.Pointer[Policy] }

func newPolicy() *policy {
	p := &policy{}
	p.current.Store(&Policy{})
	return p
}

func (p *policy) needsFactor(r module.Role) bool {
	return r == module.RoleAdministrator || slices.Contains(p.current.Load().FactorRoles, r)
}

func (s *Service) loadPolicy(ctx context.Context) error {
	text, err := s.store.setting(ctx, settingPolicy)
	if err != nil || text == "" {
		return err
	}
	var p Policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return fmt.Errorf("stored policy of sign-in: %w", err)
	}
	s.policy.current.Store(&p)
	return nil
}

// SignInPolicy returns the policy. Errors: Denied.
func (s *Service) SignInPolicy(ctx context.Context) (Policy, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionSignInPolicy); err != nil {
		return Policy{}, err
	}
	return *s.policy.current.Load(), nil
}

// SetSignInPolicy replaces the policy. It counts for open sessions too: who needs
// a factor now sets one up before anything else.
// Errors: Invalid, Denied, also session.confirm-first.
func (s *Service) SetSignInPolicy(ctx context.Context, next Policy) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSignInPolicy); err != nil {
		return err
	}
	if err := s.fresh(ctx, p); err != nil {
		return err
	}
	for _, r := range next.FactorRoles {
		if !r.Personal() {
			return fault.New(fault.Invalid, "factorRoles: %q is no role of a person", string(r)).OnField("body.factorRoles")
		}
	}
	slices.Sort(next.FactorRoles)
	next.FactorRoles = slices.Compact(next.FactorRoles)
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.setSetting(ctx, tx, settingPolicy, string(text)); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "signin.policy", Object: "signin:policy", Detail: map[string]string{"policy": string(text)}})
	})
	if err != nil {
		return err
	}
	before := s.policy.current.Swap(&next)
	return s.endUnproved(ctx, before)
}

// endUnproved stops what people do in open sessions who need a factor now and did
// not before: the next request finds out who has to set one up first.
func (s *Service) endUnproved(ctx context.Context, before *Policy) error {
	users, err := s.store.listUsers(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if s.policy.needsFactor(u.Role) && u.Role != module.RoleAdministrator && !slices.Contains(before.FactorRoles, u.Role) {
			s.running.end(u.ID, everySession)
		}
	}
	return nil
}
