package app

import (
	"context"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/module/dashboard"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/module/rule"
)

// ruleExclusions shows a rule's page what is left out of it.
type ruleExclusions struct{ s *exclusion.Service }

func (e ruleExclusions) InEffect(ctx context.Context, id string) ([]rule.Exclusion, error) {
	list, _, err := e.s.List(ctx, exclusion.Filter{State: exclusion.Active, Rule: id})
	out := make([]rule.Exclusion, len(list))
	for i, x := range list {
		out[i] = rule.Exclusion{ID: x.ID, Title: x.Title, Unit: x.Unit, Until: x.ExpiresAt}
	}
	return out, err
}

// boardExclusions shows a board what ends soon.
type boardExclusions struct{ s *exclusion.Service }

func (e boardExclusions) Expiring(ctx context.Context, before time.Time, n int) ([]dashboard.Exclusion, int64, error) {
	list, _, err := e.s.List(ctx, exclusion.Filter{State: exclusion.Active})
	if err != nil {
		return nil, 0, err
	}
	list = slices.DeleteFunc(list, func(x exclusion.Exclusion) bool { return !x.ExpiresAt.Before(before) })
	slices.SortFunc(list, func(a, b exclusion.Exclusion) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	total := int64(len(list))
	out := make([]dashboard.Exclusion, min(n, len(list)))
	for i := range out {
		x := &list[i]
		out[i] = dashboard.Exclusion{ID: x.ID, Title: x.Title, Unit: x.Unit, Expires: x.ExpiresAt}
	}
	return out, total, nil
}
