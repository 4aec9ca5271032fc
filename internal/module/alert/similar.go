package alert

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Closeness says how near a past alert is to one.
type Closeness string

// How near past alerts of the same rule are, the nearest first.
const (
	SameEntity Closeness = "same-entity" // in the same unit
	SameUnit   Closeness = "same-unit"
	Elsewhere  Closeness = "elsewhere"
)

// Similar is what was done about past alerts of one closeness.
type Similar struct {
	Closeness Closeness
	Total     int
	ByReason  map[Reason]int
	Median    time.Duration // from opening to closing
	Recent    []PastAlert   // newest first
}

// PastAlert is a closed alert, and what was done about it.
type PastAlert struct {
	Alert
	ClosedAt time.Time
	ClosedBy string // user id, "" where it was not kept or the centre did
	Took     time.Duration
}

// Suggestion is how similar alerts were mostly closed.
type Suggestion struct {
	Closeness Closeness
	Reason    Reason
	Note      string // of the newest closed so
	Count, Of int
}

// Bounds of what is looked at and shown of the past.
const (
	pastAlerts = 500
	pastShown  = 5
)

// Similar tells what was done about closed alerts of the alert's rule. A suggestion
// is made where most of the nearest were closed in one way, else nil.
// Errors: Denied, NotFound.
func (s *Service) Similar(ctx context.Context, id string) ([]Similar, *Suggestion, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, nil, err
	}
	a, err := s.get(ctx, s.store.db, p, id)
	if err != nil {
		return nil, nil, err
	}
	past, err := s.store.closedOf(ctx, p, a)
	if err != nil {
		return nil, nil, err
	}
	reasons, err := s.store.reasons(ctx, s.store.db)
	if err != nil {
		return nil, nil, err
	}
	similar := similarTo(a, past)
	return similar, suggestion(similar, reasons), nil
}

func similarTo(a Alert, past []PastAlert) []Similar {
	out := []Similar{{Closeness: SameEntity}, {Closeness: SameUnit}, {Closeness: Elsewhere}}
	spans := make([][]time.Duration, len(out))
	for _, x := range past {
		n := 2
		if x.Unit == a.Unit {
			n = 1
			if x.EntityField == a.EntityField && x.EntityValue == a.EntityValue {
				n = 0
			}
		}
		o := &out[n]
		if o.ByReason == nil {
			o.ByReason = map[Reason]int{}
		}
		o.Total++
		o.ByReason[x.Reason]++
		spans[n] = append(spans[n], x.Took)
		if len(o.Recent) < pastShown {
			o.Recent = append(o.Recent, x)
		}
	}
	for n := range out {
		if len(spans[n]) > 0 {
			slices.Sort(spans[n])
			out[n].Median = spans[n][len(spans[n])/2]
		}
	}
	return out
}

// suggestion goes by the nearest alerts there are.
func suggestion(similar []Similar, reasons Reasons) *Suggestion {
	for i := range similar {
		x := &similar[i]
		if x.Total == 0 {
			continue
		}
		var best *CloseReason
		for i := range reasons {
			r := &reasons[i]
			if tells := r.Kind != KindOther && r.Kind != KindSettled && r.Retired.IsZero(); tells && (best == nil || x.ByReason[r.ID] > x.ByReason[best.ID]) {
				best = r
			}
		}
		// Duplicates say nothing of the next one, and a majority is more than most.
		if best == nil || best.Kind == KindDuplicate || x.ByReason[best.ID] == 0 || 5*x.ByReason[best.ID] < 3*x.Total {
			return nil
		}
		out := &Suggestion{Closeness: x.Closeness, Reason: best.ID, Count: x.ByReason[best.ID], Of: x.Total}
		for _, r := range x.Recent {
			if r.Reason == best.ID {
				out.Note = r.Note
				break
			}
		}
		return out
	}
	return nil
}

// closedOf reads closed alerts of the rule, those of the unit first, newest first.
func (s store) closedOf(ctx context.Context, p module.Principal, a Alert) ([]PastAlert, error) {
	var rows []alertRow
	err := scopedReal(s.db.NewSelect().Model(&rows), p, "unit").Where("rule_id = ?", a.RuleID).Where("status = 'closed'").Where("id <> ?", a.ID).
		OrderExpr("CASE WHEN unit = ? THEN 0 ELSE 1 END, updated_at DESC, id DESC", string(a.Unit)).Limit(pastAlerts).Scan(ctx)
	if err != nil {
		return nil, err
	}
	alerts, err := alertsOf(rows)
	if err != nil {
		return nil, err
	}
	out := make([]PastAlert, len(rows))
	for i := range rows {
		at := rows[i].ClosedAt
		if at == 0 {
			at = rows[i].UpdatedAt
		}
		out[i] = PastAlert{Alert: alerts[i], ClosedAt: at.Time(), ClosedBy: rows[i].ClosedBy, Took: max(0, at.Time().Sub(alerts[i].CreatedAt))}
	}
	return out, nil
}

// putOff is the part of an alert about postponing, as it is stored.
func putOff(q *bun.UpdateQuery, a *Alert) *bun.UpdateQuery {
	var until sqldb.Micros
	if !a.PostponedUntil.IsZero() {
		until = sqldb.MicrosOf(a.PostponedUntil)
	}
	return q.Set("postponed_until = ?", until).Set("postponed_note = ?", a.PostponedNote)
}
