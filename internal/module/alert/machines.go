package alert

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Systems knows the register of information systems.
type Systems interface {
	// Machines returns what logs may know a system by. Errors: Denied, NotFound.
	Machines(ctx context.Context, id string) (module.Machines, error)
}

// machines are those that alerts are about, of the ones of a system.
type machines struct {
	units  []string
	values []string // in small letters, as alerts write them
}

// maxMachines is of how many machines alerts are looked for, those with the latest alerts.
const maxMachines = 2000

func (m machines) on(q *bun.SelectQuery) *bun.SelectQuery {
	if len(m.values) == 0 {
		return q.Where("1 = 0")
	}
	return q.Where("unit IN (?)", bun.List(m.units)).Where("lower(entity_value) IN (?)", bun.List(m.values))
}

// machinesOf finds which machines of a system alerts are about. Whatever way a log writes
// a name, with its domain or without, is one of them. Errors: Denied, NotFound.
func (s *Service) machinesOf(ctx context.Context, system string) (machines, error) {
	if s.systems == nil {
		return machines{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
	}
	of, err := s.systems.Machines(ctx, system)
	if err != nil {
		return machines{}, err
	}
	m := machines{}
	for _, u := range of.Units {
		m.units = append(m.units, string(u))
	}
	var seen []string
	err = s.store.db.NewSelect().Table("alerts").ColumnExpr("lower(entity_value)").Where("unit IN (?)", bun.List(m.units)).Where("entity_value <> ''").
		GroupExpr("lower(entity_value)").OrderExpr("max(last_seen) DESC").Scan(ctx, &seen)
	if err != nil {
		return machines{}, err
	}
	m.values = slices.DeleteFunc(seen, func(value string) bool { return !of.Has(strings.TrimSpace(value)) })
	m.values = m.values[:min(len(m.values), maxMachines)]
	return m, nil
}
