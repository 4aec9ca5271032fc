package warning

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

const (
	lookEvery    = 5 * time.Second // finds an audience of another process
	chaseEvery   = 30 * time.Second
	chaseAtOnce  = 200
	searchTime   = time.Minute // of one query over the lake
	maxUnits     = 20_000      // of an audience
	progressEach = 5           // indicators
)

// Audience returns whom a warning is for, and how far the computation is. Errors:
// Denied, NotFound.
func (s *Service) Audience(ctx context.Context, id string) (Warning, []Member, bool, error) {
	w, err := s.Get(ctx, id)
	if err != nil {
		return w, nil, false, err
	}
	key, err := s.store.audienceKey(ctx, s.DB, id)
	if err != nil {
		return w, nil, false, err
	}
	members, err := s.store.members(ctx, s.DB, id)
	return w, members, w.Audience.State != "" && key != w.audienceKey(), err
}

// Compute has the audience of a draft computed in the background; what people
// decided of single units stays. Errors: Denied, NotFound, Conflict.
func (s *Service) Compute(ctx context.Context, id string, version int64) (Warning, error) {
	w, err := s.edit(ctx, id, version, module.ActionWarningWrite, "compute", func(ctx context.Context, tx bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Draft, Review); err != nil {
			return nil, err
		}
		w.touched(p)
		w.Audience = Computation{State: "waiting"}
		if w.Choice.Indicators {
			w.Audience.Of = len(w.Indicators)
		}
		_, err := s.store.setAudience(ctx, tx, id, computed{w.Audience, w.audienceKey()})
		return map[string]string{"title": w.Title}, err
	})
	if err == nil {
		select {
		case s.compute <- struct{}{}:
		default:
		}
	}
	return w, err
}

// Adjust adds units to the audience and takes units off, with a reason. Errors:
// Denied, NotFound, Conflict, Invalid.
func (s *Service) Adjust(ctx context.Context, id string, version int64, add, remove []event.UnitID, reason string) (Warning, error) {
	return s.edit(ctx, id, version, module.ActionWarningWrite, "adjust", func(ctx context.Context, tx bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Draft, Review); err != nil {
			return nil, err
		}
		if w.Audience.busy() {
			return nil, fault.New(fault.Conflict, "the audience is being computed; wait until it is done").WithCode("warning.computing")
		}
		reason = module.Text(strings.TrimSpace(reason), 4*maxTitle)
		if letters(reason) < minReason {
			return nil, bad("reason", "reason", "say in at least %d letters why", minReason)
		}
		if len(add)+len(remove) == 0 || len(add)+len(remove) > maxChosen {
			return nil, bad("add", "too-many", "choose 1 to %d units", maxChosen)
		}
		members, err := s.store.members(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		for _, u := range add {
			if u == event.CentreUnit || !s.Units.Active(u) {
				return nil, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.add")
			}
			i := slices.IndexFunc(members, func(m Member) bool { return m.Unit == u })
			if i < 0 {
				members = append(members, Member{Unit: u})
				i = len(members) - 1
			}
			m := &members[i]
			m.Removed, m.By = "", p.DisplayName
			m.Reasons = append(slices.DeleteFunc(m.Reasons, func(r AudienceReason) bool { return r.By == "person" }), AudienceReason{By: "person", Detail: reason})
		}
		for _, u := range remove {
			i := slices.IndexFunc(members, func(m Member) bool { return m.Unit == u })
			if i < 0 {
				return nil, fault.New(fault.NotFound, "the unit is not in the audience").WithCode("unit.unknown").OnField("body.remove")
			}
			members[i].Removed, members[i].By = reason, p.DisplayName
		}
		w.touched(p)
		return map[string]string{"added": join(add), "removed": join(remove), "reason": reason}, s.store.setMembers(ctx, tx, id, members)
	})
}

func join(units []event.UnitID) string {
	parts := make([]string, len(units))
	for i, u := range units {
		parts[i] = string(u)
	}
	return module.Text(strings.Join(parts, " "), 2000)
}

// runAudience computes one audience after the other until ctx ends. One that was
// broken off begins anew.
func (s *Service) runAudience(ctx context.Context) error {
	for ctx.Err() == nil {
		w, found, err := s.store.waiting(ctx)
		if err == nil && found {
			if err = s.gather(ctx, &w); err == nil {
				continue
			}
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		t := time.NewTimer(lookEvery)
		select {
		case <-ctx.Done():
		case <-s.compute:
		case <-t.C:
		}
		t.Stop()
	}
	return nil
}

// gather computes the audience of w.
func (s *Service) gather(ctx context.Context, w *Warning) error {
	ctx = module.WithPrincipal(ctx, module.System())
	c := computed{Computation{State: "running", Of: w.Audience.Of, Missing: []string{}}, w.audienceKey()}
	busy := []string{"waiting", "running"}
	if ok, err := s.store.setAudience(ctx, s.DB, w.ID, c, busy...); err != nil || !ok {
		return err
	}
	g := gathering{}
	g.byRegister(&w.Choice, s.Units)
	if w.Choice.Software {
		if err := s.bySoftware(ctx, g, w, &c); err != nil {
			return err
		}
	}
	if w.Choice.Indicators {
		if err := s.byIndicators(ctx, g, w, &c); err != nil {
			return err
		}
	}
	if len(g) > maxUnits {
		return fault.New(fault.Internal, "an audience of %d units", len(g))
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		c.State, c.At = "done", s.Now()
		// The one who waits first: where nobody does any more, nothing is changed.
		if ok, err := s.store.setAudience(ctx, tx, w.ID, c, busy...); err != nil || !ok {
			return err
		}
		before, err := s.store.members(ctx, tx, w.ID)
		if err != nil {
			return err
		}
		return s.store.setMembers(ctx, tx, w.ID, g.merge(before))
	})
}

func (s *Service) bySoftware(ctx context.Context, g gathering, w *Warning, c *computed) error {
	if s.Runs == nil {
		c.SoftwareUnknown = true
		return nil
	}
	found, err := s.Runs.Running(ctx, w.Products)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.Log.ErrorContext(ctx, "the software lists could not be asked for an audience", "warning", w.ID, "error", err)
		c.SoftwareUnknown = true
		return nil
	}
	for u, list := range found {
		if !s.Units.Active(u) {
			continue
		}
		for _, what := range list {
			g.add(u, AudienceReason{By: "software", Detail: what})
		}
	}
	return nil
}

// byIndicators looks for each indicator in the stored events, one after the other.
// What cannot be looked for in its time is named, not passed over.
func (s *Service) byIndicators(ctx context.Context, g gathering, w *Warning, c *computed) error {
	to := s.Now()
	from := to.Add(-time.Duration(w.Choice.Days) * 24 * time.Hour)
	for n := range w.Indicators {
		i := &w.Indicators[n]
		found, err := s.count(ctx, lake.ScopeAll(), i.search(), "unit", from, to)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.Log.WarnContext(ctx, "an indicator could not be looked for", "warning", w.ID, "error", err)
			c.Missing = append(c.Missing, i.Value)
		}
		for u, count := range found {
			if s.Units.Active(event.UnitID(u)) && event.UnitID(u) != event.CentreUnit {
				g.add(event.UnitID(u), AudienceReason{By: "indicator", Detail: i.Value, Count: count})
			}
		}
		c.Done = n + 1
		if c.Done%progressEach == 0 {
			if ok, err := s.store.setAudience(ctx, s.DB, w.ID, *c, "running"); err != nil || !ok {
				return err
			}
		}
	}
	return nil
}

// count counts events by a field; of all together under "" where the field is "".
func (s *Service) count(ctx context.Context, sc lake.Scope, text, by string, from, to time.Time) (map[string]int64, error) {
	pipeline := "| stats count"
	if text != "" {
		pipeline = "(" + text + ") " + pipeline
	}
	if by != "" {
		pipeline += " by " + by
	}
	pl, err := query.ParsePipeline(pipeline)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the query %.80q: %w", text, err)
	}
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	t, _, err := s.Events.Aggregate(ctx, sc, pl, from, to)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, r := range t.Rows {
		key := ""
		if by != "" {
			key = r[0].Text
		}
		out[key] = int64(r[len(r)-1].Number)
	}
	return out, nil
}

// runChase reminds, escalates and checks again until ctx ends.
func (s *Service) runChase(ctx context.Context) error {
	tick := time.NewTicker(chaseEvery)
	defer tick.Stop()
	for {
		if err := s.Chase(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Chase does what is due now of the copies.
func (s *Service) Chase(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	list, err := s.store.dueCopies(ctx, s.Now(), chaseAtOnce)
	if err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		if c.Recheck.State == "waiting" && !s.Now().Before(c.Recheck.At) {
			if err := s.recheck(ctx, c.Warning, c.Unit); err != nil && fault.KindOf(err) != fault.Conflict {
				return err
			}
			continue
		}
		if err := s.remind(ctx, c.Warning, c.Unit); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	if len(list) > 0 {
		s.Wake()
	}
	return nil
}

// remind gives the reminder that is due of a copy.
func (s *Service) remind(ctx context.Context, id string, unit event.UnitID) error {
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.copy(ctx, tx, module.System(), id, unit)
		if err != nil {
			return err
		}
		what, x, ok := r.pending(s.Now())
		if !ok {
			return nil
		}
		kind, step := "warning.reminder", StepRemind
		if x.overdue {
			kind, step = "warning.overdue", StepOverdue
		}
		told := "centre"
		if x.roles != nil {
			told = strings.Join(x.roles, " ")
		}
		detail := map[string]string{"what": what, "percent": strconv.Itoa(x.percent), "told": told}
		if err := s.save(ctx, tx, &r.Warning, &r.Copy, step, "", detail, ""); err != nil {
			return err
		}
		if x.roles == nil {
			return s.toCentre(ctx, tx, &r.Warning, &r.Copy, kind, "Đơn vị quá hạn "+reminderVi[what], "A unit is late to "+reminderEn[what], []string{"coordinator"})
		}
		vi, en := "Sắp hết hạn ", "Time is running out to "
		if x.overdue {
			vi, en = "Quá hạn ", "The time is over to "
		}
		return s.toUnit(ctx, tx, &r.Warning, &r.Copy, kind, vi+reminderVi[what], en+reminderEn[what], x.roles)
	})
}

var (
	reminderVi = map[string]string{"acknowledge": "xác nhận cảnh báo sớm", "fix": "khắc phục, trả lời cảnh báo sớm"}
	reminderEn = map[string]string{"acknowledge": "acknowledge a warning", "fix": "fix or answer a warning"}
)

// Recheck looks again now, at the wish of a person. Before the time of watching is
// over a check that finds nothing settles nothing. Errors: Denied, NotFound,
// Conflict, Busy.
func (s *Service) Recheck(ctx context.Context, id string, unit event.UnitID) (Received, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionWarningVerify); err != nil {
		return Received{}, err
	}
	if err := s.recheck(ctx, id, unit); err != nil {
		return Received{}, err
	}
	s.Wake()
	return s.copy(ctx, s.DB, p, id, unit)
}

// recheck looks whether what was said to be fixed still shows in the unit's events.
// Nothing found where no event came in at all proves nothing.
func (s *Service) recheck(ctx context.Context, id string, unit event.UnitID) error {
	p := module.PrincipalOf(ctx)
	before, err := s.copy(ctx, s.DB, p, id, unit)
	if err != nil {
		return err
	}
	text := before.Search()
	switch {
	case !before.Open:
		return settled()
	case before.Answer != Fixed:
		return fault.New(fault.Conflict, "the unit has not answered that it is fixed").WithCode("warning.no-answer")
	case text == "":
		return fault.New(fault.Conflict, "the warning has neither indicators nor a query to look for").WithCode("warning.no-query")
	}
	now := s.Now()
	x := Recheck{At: now, From: before.FixedAt, To: now, Query: text}
	scope := lake.ScopeUnits(unit)
	found, err := s.count(ctx, scope, text, "", x.From, x.To)
	var all map[string]int64
	if err == nil {
		all, err = s.count(ctx, scope, "", "", x.From, x.To)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	watched := !now.Before(before.FixedAt.Add(time.Duration(before.WatchHours) * time.Hour))
	switch {
	case err != nil:
		s.Log.WarnContext(ctx, "a re-check failed", "warning", id, "unit", unit, "error", err)
		x.State, x.Note = "failed", fault.KindOf(err).String()
	case found[""] > 0:
		x.State, x.Events = "found", found[""]
	case all[""] == 0:
		x.State = "silent"
	default:
		x.State = "clean"
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.copy(ctx, tx, p, id, unit)
		if err != nil {
			return err
		}
		if r.Copy.Version != before.Copy.Version {
			return fault.New(fault.Conflict, "somebody else changed the copy; read it again").WithCode("warning.changed")
		}
		due := r.Recheck.At
		waits := r.Recheck.State == "waiting" && !watched
		r.Recheck = x
		detail := map[string]string{"result": x.State, "events": fmt.Sprint(x.Events), "from": x.From.UTC().Format(time.RFC3339), "to": x.To.UTC().Format(time.RFC3339), "query": module.Text(text, 2000)}
		switch {
		case x.State == "found":
			r.Answer, r.AnswerAt, r.FixedAt = "", time.Time{}, time.Time{}
			return s.again(ctx, tx, &r, StepRecheck, "", detail)
		case x.State == "clean" && watched:
			if err := r.settle("recheck", "", now, p.DisplayName); err != nil {
				return err
			}
			return s.end(ctx, tx, &r, StepRecheck, "", detail)
		}
		if waits {
			// The check that counts is still to come.
			r.Recheck = Recheck{State: "waiting", At: due}
			detail["watching"] = "true"
		}
		return s.save(ctx, tx, &r.Warning, &r.Copy, StepRecheck, "", detail, FactAnswered)
	})
}
