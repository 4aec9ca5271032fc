package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

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
