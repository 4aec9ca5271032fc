package alert

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// openSet is a copy in memory of what grouping and ranking look at: the alerts that
// are not closed. Reading ten thousand of them from the database takes most of the
// time of a campaign list; the copy reads again only what was told to have changed.
//
// Invariants. Whoever changes alerts calls Committed after the commit and before he
// answers (see service.go), so who has changed an alert finds it changed. Ids are
// taken from the list of the changed before they are read, so that a change during
// the reading is read again. Whatever else happens to the table (a commit whose
// answer was lost, another process) is seen when the copy is older than openAge.
// Beyond maxOpenSet alerts there is no copy and the database is asked; store.briefs
// is the slow path, and a test holds the two together.
type openSet struct {
	reading sync.Mutex        // one reads at a time
	rows    map[string]*Brief // never changed, only replaced
	readAt  time.Time         // the whole; zero: never, or it is too much

	mu      sync.Mutex
	changed map[string]struct{}
	all     bool // more changed than is worth reading one by one
}

const (
	maxOpenSet     = 200_000
	maxOpenChanged = 20_000
	openAge        = time.Minute
	openPiece      = 500 // ids of one statement
)

// touch notes alerts that were changed, by ids.
func (o *openSet) touch(recorded []Recorded) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil || len(o.changed)+len(recorded) > maxOpenChanged {
		o.changed, o.all = map[string]struct{}{}, o.all || o.changed != nil
	}
	if o.all {
		return
	}
	for _, r := range recorded {
		o.changed[r.ID] = struct{}{}
	}
}

// take returns what was changed, and begins a new list.
func (o *openSet) take() (ids []string, all bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range o.changed {
		ids = append(ids, id)
	}
	all = o.all
	o.changed, o.all = nil, false
	return ids, all
}

// each calls with every open alert; false: there are too many for a copy. It holds
// the copy while it calls.
func (o *openSet) each(ctx context.Context, s store, with func(*Brief)) (bool, error) {
	o.reading.Lock()
	defer o.reading.Unlock()
	ids, all := o.take()
	if all || o.readAt.IsZero() || time.Since(o.readAt) > openAge {
		o.rows, o.readAt = nil, time.Time{}
		began := time.Now()
		list, err := s.readBriefs(ctx, s.db.NewSelect().Table("alerts").Where("status <> 'closed'").Limit(maxOpenSet+1))
		if err != nil || len(list) > maxOpenSet {
			return false, err
		}
		o.rows = make(map[string]*Brief, len(list))
		for i := range list {
			o.rows[list[i].ID] = &list[i]
		}
		o.readAt = began
	} else if err := o.again(ctx, s, ids); err != nil {
		o.readAt = time.Time{} // what changed is lost from the list
		return false, err
	}
	for _, b := range o.rows {
		with(b)
	}
	return true, nil
}

// again reads the alerts of the ids.
func (o *openSet) again(ctx context.Context, s store, ids []string) error {
	for piece := range slices.Chunk(ids, openPiece) {
		list, err := s.readBriefs(ctx, s.db.NewSelect().Table("alerts").Where("status <> 'closed'").Where("id IN (?)", bun.List(piece)))
		if err != nil {
			return err
		}
		for _, id := range piece {
			delete(o.rows, id)
		}
		for i := range list {
			b := list[i]
			o.rows[b.ID] = &b
		}
	}
	if len(o.rows) > maxOpenSet {
		o.rows, o.readAt = nil, time.Time{}
	}
	return nil
}

// briefs reads the open alerts the filter selects, the worst and newest first.
func (s *Service) briefs(ctx context.Context, f Filter) ([]Brief, error) {
	if f.Text != "" || f.Campaign != "" {
		return s.store.briefs(ctx, f) // of these the copy knows nothing
	}
	byRank := make([][]*Brief, len(Levels)+1)
	ok, err := s.open.each(ctx, s.store, func(b *Brief) {
		if f.selects(b) {
			n := levelRank(b.Level)
			byRank[n] = append(byRank[n], b)
		}
	})
	if err != nil {
		return nil, err
	}
	if !ok {
		return s.store.briefs(ctx, f)
	}
	var out []Brief
	for _, list := range slices.Backward(byRank) {
		if len(out) == maxBriefs {
			break
		}
		slices.SortFunc(list, func(a, b *Brief) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID)) })
		for _, b := range list[:min(len(list), maxBriefs-len(out))] {
			out = append(out, *b)
		}
	}
	return out, nil
}

// selects is what base, statuses and levels ask of a row.
func (f *Filter) selects(b *Brief) bool {
	switch {
	case !f.principal.Sees(b.Unit),
		f.Unit != "" && b.Unit != f.Unit,
		f.upTo != "" && b.ID > f.upTo,
		f.RuleID != "" && b.RuleID != f.RuleID,
		!f.From.IsZero() && b.Created.Before(f.From),
		!f.To.IsZero() && !b.Created.Before(f.To),
		f.Assignee == Nobody && b.Assignee != "",
		f.Assignee != "" && f.Assignee != Nobody && b.Assignee != f.Assignee,
		f.Drill == NoDrill && b.Drill != "",
		f.Drill == AnyDrill && b.Drill == "",
		f.Drill != "" && f.Drill != NoDrill && f.Drill != AnyDrill && b.Drill != f.Drill,
		len(f.Statuses) > 0 && !slices.Contains(f.Statuses, string(b.Status)),
		len(f.Levels) > 0 && !slices.Contains(f.Levels, b.Level):
		return false
	}
	return true
}
