package system

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// takesBack are the fields that a system of another day is told with, and how each takes
// the value that its history kept. The others are longer than what a history keeps or are
// kept there in words for people only.
var takesBack = map[string]func(x *System, value string){
	"state":             func(x *System, v string) { x.State = v },
	"deployment":        func(x *System, v string) { x.Deployment = v },
	"plannedApproval":   func(x *System, v string) { x.PlannedApproval = module.Date(v) },
	"plannedDeployment": func(x *System, v string) { x.PlannedDeployment = module.Date(v) },
	"level":             func(x *System, v string) { x.Level = levelOf(v) },
	"proposedLevel":     func(x *System, v string) { x.Proposed = levelOf(v) },
}

func levelOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0 // none
	}
	return n
}

// AllAt is All with the state, levels, deployment and planned days that each system had
// just before a moment. Whom it belongs to and what else is known of it are those of
// now. One that was entered later is there with what was entered first. Errors: Denied.
func (s *Service) AllAt(ctx context.Context, end time.Time) ([]System, error) {
	list, err := s.All(ctx)
	if err != nil {
		return nil, err
	}
	was, err := s.store.before(ctx, end)
	if err != nil {
		return nil, err
	}
	for i := range list {
		x := &list[i]
		for field, value := range was[x.ID] {
			takesBack[field](x, value)
		}
	}
	return list, nil
}

// before returns what fields were before a moment, by system: of those alone that were
// changed since. It is not narrowed: whoever asks looks at the systems he sees only.
func (s store) before(ctx context.Context, end time.Time) (map[string]map[string]string, error) {
	fields := make([]string, 0, len(takesBack))
	for f := range takesBack {
		fields = append(fields, f)
	}
	var rows []struct {
		System    string       `bun:"system"`
		At        sqldb.Micros `bun:"at"`
		Field     string       `bun:"field"`
		Was       string       `bun:"was"`
		IsNow     string       `bun:"is_now"`
		CreatedAt sqldb.Micros `bun:"created_at"`
	}
	err := s.db.NewSelect().TableExpr("system_changes AS c").Join("JOIN systems AS s ON s.id = c.system").
		ColumnExpr("c.system, c.at, c.field, c.was, c.is_now, s.created_at").
		Where("c.at >= ?", sqldb.MicrosOf(end)).Where("c.field IN (?)", bun.List(fields)).OrderExpr("c.at DESC, c.id DESC").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	was := map[string]map[string]string{}
	for i := range rows { // the first change after the moment comes last, and stays
		r := &rows[i]
		if was[r.System] == nil {
			was[r.System] = map[string]string{}
		}
		was[r.System][r.Field] = r.Was
		if r.At == r.CreatedAt {
			was[r.System][r.Field] = r.IsNow
		}
	}
	return was, nil
}
