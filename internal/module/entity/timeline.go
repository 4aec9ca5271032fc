package entity

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// Moment is one point of the line of time: an alert that began, what was done
// about one, or events on which rules fired.
type Moment struct {
	At    time.Time
	Until time.Time         // of events: the last of them; else At
	Alert *module.AlertView // of an alert, and of a step
	Step  *Step             // what was done
	Event *lake.Row         // the newest of Count events
	Rules []NamedRule       // that fired on the events
	Count int               // of events
}

// NamedRule is a rule by its names.
type NamedRule struct{ ID, Title, TitleVi, Level string }

// Timeline is the newest moments.
type Timeline struct {
	Moments []Moment // the newest first
	Partial []string // what is missing, and why
	More    bool     // there are older events than those shown
}

// together is how near events of the same rules on the same machine must be to
// stand as one moment.
const together = 10 * time.Minute

// Timeline puts alerts, what was done about them and the events on which rules
// fired in one line. Errors: Denied, Invalid, Busy.
func (s *Service) Timeline(ctx context.Context, e Entity, r Range) (*Timeline, error) {
	if err := s.begin(ctx, e, r); err != nil {
		return nil, err
	}
	alerts, _, err := s.o.Alerts.About(ctx, e.fields(), e.spellings(), r.From, r.To, alertsShown)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(alerts))
	byID := map[string]*module.AlertView{}
	out := &Timeline{}
	for i := range alerts {
		a := &alerts[i]
		ids[i], byID[a.ID] = a.ID, a
		out.Moments = append(out.Moments, Moment{At: a.FirstSeen.Time, Until: a.LastSeen.Time, Alert: a})
	}
	steps, err := s.o.Alerts.Steps(ctx, ids, stepsShown)
	if err != nil {
		return nil, err
	}
	for i := range steps {
		if st := &steps[i]; byID[st.AlertID] != nil && st.At.Before(r.To) {
			out.Moments = append(out.Moments, Moment{At: st.At, Until: st.At, Alert: byID[st.AlertID], Step: st})
		}
	}
	ctx, ls, done, err := s.search(ctx, e, r, "_exists_:_rule")
	if err != nil {
		return nil, err
	}
	defer done()
	ls.Limit = eventsShown
	var rows []lake.Row
	stats, err := s.o.Lake.Search(ctx, module.PrincipalOf(ctx).Scope(), ls, func(row *lake.Row) error {
		rows = append(rows, *row)
		return nil
	})
	if err != nil {
		return nil, outcome(err)
	}
	out.Partial, out.More = stats.Warnings, stats.Cursor != ""
	out.Moments = append(out.Moments, s.notable(rows)...)
	slices.SortStableFunc(out.Moments, func(a, b Moment) int { return cmp.Compare(b.At.UnixNano(), a.At.UnixNano()) })
	return out, nil
}

// notable puts events together that come one after the other, the newest first.
func (s *Service) notable(rows []lake.Row) []Moment {
	var out []Moment
	for i := range rows {
		row := &rows[i]
		if n := len(out); n > 0 {
			last := &out[n-1]
			same := last.Event.Host == row.Host && last.Event.Unit == row.Unit && slices.Equal(last.Event.Rules, row.Rules)
			if same && last.At.Sub(row.Time) <= together {
				last.At = row.Time
				last.Count++
				continue
			}
		}
		m := Moment{At: row.Time, Until: row.Time, Event: row, Count: 1}
		for _, id := range row.Rules {
			r := NamedRule{ID: id}
			r.Title, r.TitleVi, r.Level = s.o.Rules.Titles(id)
			m.Rules = append(m.Rules, r)
		}
		out = append(out, m)
	}
	return out
}
