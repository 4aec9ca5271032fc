package system

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

// Some returns those of the systems that the caller sees, by id, as other modules know
// them. Errors: Denied.
func (s *Service) Some(ctx context.Context, ids []string) (map[string]module.Registered, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	out := map[string]module.Registered{}
	for ids = words(ids); len(ids) > 0; {
		part := ids[:min(chunk, len(ids))]
		ids = ids[len(part):]
		var rows []row
		if err := scoped(s.DB.NewSelect().Model(&rows), p).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, err
		}
		list, err := systems(rows)
		if err != nil {
			return nil, err
		}
		for i := range list {
			out[list[i].ID] = list[i].Registered(s.Units)
		}
	}
	return out, nil
}
