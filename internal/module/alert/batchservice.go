package alert

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// ChangeSelected changes all alerts of a selection that can be, in pieces, and says
// how many of the others were left for which reason. Alerts that somebody else
// changed since the state it is about are among those. If time runs out or the
// caller leaves, what is done stands and Left says how many were not reached.
//
// Errors: Denied; Invalid for a change that is none, for a selection of more than
// MaxBatch; Conflict alert.group-changed where the group is not what it was, and
// alert.selection-grew.
func (s *Service) ChangeSelected(ctx context.Context, in BatchChange) (Batch, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return Batch{}, err
	}
	reasons, err := s.store.reasons(ctx, s.store.db)
	if err != nil {
		return Batch{}, err
	}
	if err := in.check(reasons, s.now()); err != nil {
		return Batch{}, err
	}
	ids, err := s.selected(ctx, p, in.Selection, in.AsOf)
	if err != nil {
		return Batch{}, err
	}
	switch {
	case len(ids) > MaxBatch:
		return Batch{}, fault.New(fault.Invalid, "more than %d alerts; narrow the selection", MaxBatch).WithCode("alert.selection-too-large").OnField("body.select")
	case in.Expect > 0 && len(ids) > in.Expect:
		return Batch{}, fault.New(fault.Conflict, "%d alerts now, %d were shown; read the list again", len(ids), in.Expect).WithCode("alert.selection-grew").OnField("body.expect")
	}
	run := &batchRun{
		Service: s, p: p, in: in, reasons: reasons, people: map[event.UnitID]error{},
		Batch: Batch{
			ID: module.NewID(), Unit: p.Unit, By: author{p.ID, p.DisplayName}, Action: in.action(p.ID), At: s.now().UTC().Truncate(time.Microsecond),
			Matched: len(ids), Left: len(ids), Skipped: map[string]int{},
		},
	}
	defer func() { s.Committed(run.told) }()
	began := time.Now()
	for first := true; first || len(ids) > 0 && time.Since(began) < batchTime; first = false {
		n := min(len(ids), batchPiece)
		if err := run.piece(ctx, ids[:n], first); err != nil {
			return Batch{}, err
		}
		ids = ids[n:]
	}
	return run.Batch, nil
}

// selected returns the ids of a selection, in order.
func (s *Service) selected(ctx context.Context, p module.Principal, sel Selection, asOf AsOf) ([]string, error) {
	if len(sel.IDs) > 0 {
		if len(sel.IDs) > MaxBulk {
			return nil, fault.New(fault.Invalid, "ids: at most %d alerts", MaxBulk).OnField("body.select.ids")
		}
		return slices.Compact(slices.Sorted(slices.Values(sel.IDs))), nil
	}
	if asOf.zero() {
		return nil, fault.New(fault.Invalid, "asOf: hand back what the list of alerts gave out").WithCode("alert.as-of").OnField("body.asOf")
	}
	f := sel.Filter
	f.scope(p)
	f.upTo = asOf.id
	if sel.Group == "" {
		if f.Campaign != "" {
			var err error
			if f.ids, err = s.inCampaign(ctx, p, f); err != nil {
				return nil, err
			}
		}
		return s.store.selected(ctx, f)
	}
	groups, err := s.groupsOf(ctx, p, f, sel.By, asOf.at)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		if groups[i].ID == sel.Group {
			return slices.Sorted(slices.Values(groups[i].ids())), nil
		}
	}
	return nil, fault.New(fault.Conflict, "the group is no longer as it was shown; read the groups again").WithCode("alert.group-changed").OnField("body.select.group")
}

// groupsOf are the groups of open alerts, as they are shown.
func (s *Service) groupsOf(ctx context.Context, p module.Principal, f Filter, by GroupKind, now time.Time) ([]Group, error) {
	briefs, err := s.briefs(ctx, f)
	if err != nil {
		return nil, err
	}
	switch by {
	case KindUnit:
		return ByUnit(briefs), nil
	case KindToday:
		briefs, _, _ = forToday(briefs, p.ID, now)
	}
	return Campaigns(briefs), nil
}

// batchRun is a batch while it is made.
type batchRun struct {
	*Service
	Batch
	p       module.Principal
	in      BatchChange
	reasons Reasons
	people  map[event.UnitID]error // whether the assignee may have alerts of the unit
	told    []Recorded
}

// piece changes some alerts in one transaction.
func (r *batchRun) piece(ctx context.Context, ids []string, first bool) error {
	var after Batch
	var told []Recorded
	err := sqldb.Retry(ctx, r.store.db, func(ctx context.Context, tx bun.Tx) error {
		after = r.Batch
		after.Skipped, told = maps.Clone(r.Skipped), nil
		found, err := r.store.locked(ctx, tx, ids)
		if err != nil {
			return err
		}
		touched, err := r.store.touchedSince(ctx, tx, ids, r.in.AsOf, r.p.ID)
		if err != nil {
			return err
		}
		w := r.newWrite(after.ID)
		for _, id := range ids {
			a, ok := found[id]
			if err := r.change(ctx, w, a, ok, touched[id]); err != nil {
				code := codeOf(err)
				if code == "" {
					return err
				}
				after.Skipped[code]++
			}
		}
		after.Changed += len(w.alerts)
		after.Left -= len(ids)
		if err := w.items(ctx, tx); err != nil {
			return err
		}
		if err := w.write(ctx, tx, "alert.batch", r.words()); err != nil {
			return err
		}
		told = w.recorded()
		if first {
			if err := r.store.pruneBatches(ctx, tx, r.At); err != nil {
				return err
			}
			return r.store.addBatch(ctx, tx, &after)
		}
		return r.store.setBatch(ctx, tx, &after)
	})
	if err != nil {
		return err
	}
	r.Batch = after
	r.told = append(r.told, told...)
	return nil
}

// change adds one alert to what is written, or says with a coded error why it is
// left.
func (r *batchRun) change(ctx context.Context, w *batchWrite, a Alert, found, touched bool) error {
	switch {
	case !found || !r.p.Can(module.ActionAlertTriage, a.Unit):
		return unknown()
	case touched:
		return changedMeanwhile()
	case r.in.LeaveOthers && a.Assignee != "" && a.Assignee != r.p.ID:
		return fault.New(fault.Conflict, "somebody else has the alert").WithCode("alert.others")
	}
	if id := r.in.Assignee; id != nil && *id != "" && *id != a.Assignee {
		err, known := r.people[a.Unit]
		if !known {
			err = r.mayHave(ctx, *id, a.Unit)
			r.people[a.Unit] = err
		}
		if err != nil {
			return err
		}
	}
	after, err := r.in.apply(a, r.p.ID, w.now, r.reasons)
	if err != nil {
		return err
	}
	if !w.add(a, after) {
		return fault.New(fault.Conflict, "the alert is so already").WithCode("alert.unchanged")
	}
	return nil
}

// words are what the trail says of the change.
func (r *batchRun) words() map[string]string {
	c, d := &r.in.Change, map[string]string{"action": r.Action}
	if c.Status != nil {
		d["status"] = string(*c.Status)
	}
	if c.Reason != nil {
		d["reason"] = string(*c.Reason)
	}
	if c.Assignee != nil {
		d["assign"] = *c.Assignee
	}
	if c.Postpone != nil && !c.Postpone.Until.IsZero() {
		d["postpone"] = c.Postpone.Until.UTC().Format(time.RFC3339)
	}
	if r.in.Group != "" {
		d["group"] = r.in.Group
	}
	return d
}

// batchWrite gathers the changes of one piece and writes them at once.
type batchWrite struct {
	*Service
	batch  string
	by     author
	now    time.Time
	alerts []Alert // after
	was    []before
	steps  [][]Step
	facts  []module.Fact
	failed error
}

func (r *batchRun) newWrite(batch string) *batchWrite {
	return &batchWrite{Service: r.Service, batch: batch, by: author{r.p.ID, r.p.DisplayName}, now: r.now().UTC().Truncate(time.Microsecond)}
}

// add notes a change; false: nothing differs.
func (w *batchWrite) add(a, after Alert) bool {
	steps := stepsBetween(a, after)
	if len(steps) == 0 {
		return false
	}
	after.Version++
	after.UpdatedAt = w.now
	w.alerts, w.was, w.steps = append(w.alerts, after), append(w.was, beforeOf(&a)), append(w.steps, steps)
	told := after.told(w.by.id)
	for _, kind := range changeFacts(&a, &after) {
		f, err := told.fact(kind)
		if err != nil {
			w.failed = err
		}
		w.facts = append(w.facts, f)
	}
	return true
}

func (w *batchWrite) recorded() []Recorded {
	told := make([]Recorded, len(w.alerts))
	for i := range w.alerts {
		told[i].ID = w.alerts[i].ID
	}
	return told
}

// items keeps what the alerts were.
func (w *batchWrite) items(ctx context.Context, tx bun.Tx) error {
	rows := make([][]any, len(w.alerts))
	for i := range w.alerts {
		was, err := json.Marshal(w.was[i])
		if err != nil {
			return err
		}
		rows[i] = []any{w.batch, w.alerts[i].ID, w.alerts[i].Version, string(was)}
	}
	return w.store.addItems(ctx, tx, rows)
}

// write stores the alerts with their history, facts and the record of the trail.
func (w *batchWrite) write(ctx context.Context, tx bun.Tx, action string, detail map[string]string) error {
	if w.failed != nil || len(w.alerts) == 0 {
		return w.failed
	}
	if err := w.store.updateMany(ctx, tx, w.alerts); err != nil {
		return err
	}
	if err := w.store.addSteps(ctx, tx, w.batch, w.by, w.now, w.alerts, w.steps); err != nil {
		return err
	}
	// Facts of one kind that follow one another share rows.
	slices.SortStableFunc(w.facts, func(a, b module.Fact) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	if err := module.Emit(ctx, tx, w.facts); err != nil {
		return err
	}
	ids := make([]string, len(w.alerts))
	for i := range w.alerts {
		ids[i] = w.alerts[i].ID
	}
	detail["alerts"], detail["ids"] = strconv.Itoa(len(ids)), strings.Join(ids, " ")
	return w.trail.Append(ctx, tx, module.Entry{Action: action, Object: "alert-batch:" + w.batch, Detail: detail})
}
