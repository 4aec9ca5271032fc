package incident

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// MyTask is an open task with the incident it is part of.
type MyTask struct {
	Task
	Of Incident
}

const maxMyTasks = 200

// MyTasks returns what the principal is to do about open incidents: the tasks given
// to him, and those given to nobody of the incidents he leads; what is due first
// comes first, what has no time last. Errors: Denied.
func (s *Service) MyTasks(ctx context.Context) ([]MyTask, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentRead); err != nil {
		return nil, err
	}
	rows, err := s.store.tasksOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	type look struct {
		Incident
		Sight
		hidden bool
	}
	looks := map[string]*look{}
	var list []MyTask
	for i := range rows {
		l := looks[rows[i].Incident]
		if l == nil {
			l = &look{}
			l.Incident, l.Sight, err = s.get(ctx, s.DB, p, rows[i].Incident)
			if l.hidden = fault.KindOf(err) == fault.NotFound; err != nil && !l.hidden {
				return nil, err
			}
			looks[rows[i].Incident] = l
		}
		t, err := rows[i].task()
		if err != nil {
			return nil, err
		}
		if !l.hidden && (l.All || !l.Summary || slices.Contains(l.Sight.Units, t.Unit)) {
			list = append(list, MyTask{t, l.Incident})
		}
	}
	return list, nil
}

func (s store) tasksOf(ctx context.Context, user string) ([]taskRow, error) {
	var rows []taskRow
	err := s.db.NewSelect().Model(&rows).Where("state = ?", TaskOpen).
		Where("incident IN (SELECT id FROM incidents WHERE is_open = ?)", true).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("owner = ?", user).WhereOr("owner = '' AND incident IN (SELECT id FROM incidents WHERE lead = ? AND is_open = ?)", user, true)
		}).OrderExpr("CASE WHEN due_at = 0 THEN 1 ELSE 0 END, due_at, incident, position").Limit(maxMyTasks).Scan(ctx)
	return rows, err
}
