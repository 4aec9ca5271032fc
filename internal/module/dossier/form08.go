package dossier

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Counter is one of the figures of Form 08.
type Counter string

// The counters that are sets of systems; the seventh is a date ([Counts.Completion]).
const (
	CountTotal      Counter = "total"
	CountClassified Counter = "classified"
	CountWritten    Counter = "written" // its dossier was sent
	CountAppraised  Counter = "appraised"
	CountApproved   Counter = "approved"
	CountInspected  Counter = "inspected" // approved, and inspected within the period
	CountPending    Counter = "pending"   // not approved: what the seventh speaks of
)

// Counters lists them in the order of the form.
func Counters() []Counter {
	return []Counter{CountTotal, CountClassified, CountWritten, CountAppraised, CountApproved, CountInspected, CountPending}
}

// Counts are the counters of some systems.
type Counts struct {
	Of map[Counter]int
	// Completion is when the last of those not approved yet is planned to be; ""
	// where none is, or for none a day is planned.
	Completion module.Date
	Unplanned  int // not approved, and no day is planned
}

// Line is a system in Form 08.
type Line struct {
	System   System
	Dossier  string // id of the one that counts; "" none
	Code     string
	Status   string // in the words of the form; "" no dossier
	Level    int    // proposed, or approved
	Decision Decision
	// Inspected is the form's words, Periodic that one was within the period.
	Inspection Inspection
	Inspected  string
	Periodic   bool
}

// is tells whether the line is counted by a counter.
func (l *Line) is(c Counter) bool {
	switch c {
	case CountTotal:
		return true
	case CountClassified:
		return l.Level > 0
	case CountWritten:
		return l.Status != "" && l.Status != Draft.Status()
	case CountAppraised:
		return l.Status == Judged.Status() || l.Status == Approved.Status()
	case CountApproved:
		return l.Status == Approved.Status()
	case CountInspected:
		return l.Status == Approved.Status() && l.Periodic
	case CountPending:
		return l.Status != Approved.Status()
	}
	return false
}

// add counts a line.
func (n *Counts) add(l *Line) {
	if n.Of == nil {
		n.Of = map[Counter]int{}
	}
	for _, c := range Counters() {
		if l.is(c) {
			n.Of[c]++
		}
	}
	if !l.is(CountPending) {
		return
	}
	if l.System.PlannedApproval == "" {
		n.Unplanned++
	}
	n.Completion = max(n.Completion, l.System.PlannedApproval)
}

// Period is the year of a Form 08 (Điều 35): from 15/12 of the year before to the
// cut-off on 14/12, to the owner before 20/12 and to the ministry before 25/12.
type Period struct {
	Year                int
	From, Until         module.Date // both days are in it
	ToOwner, ToMinistry module.Date
}

// PeriodOf returns the period of a year.
func PeriodOf(year int) Period {
	day := func(y int, text string) module.Date { return module.Date(strconv.Itoa(y) + text) }
	return Period{year, day(year-1, "-12-15"), day(year, "-12-14"), day(year, "-12-20"), day(year, "-12-25")}
}

// Form08 is the yearly report on the levels of systems.
type Form08 struct {
	Period Period
	// AsOf is the day it tells of: the cut-off, or today before it.
	AsOf module.Date
	// Rebuilt: the cut-off is over, and how it stood then is told by what the histories
	// keep of it ([rebuiltNote]).
	Rebuilt bool
	Unit    event.UnitID // that it is narrowed to; "" all
	Lines   []Line       // by unit and code
	All     Counts
	Units   map[event.UnitID]*Counts
	Order   []event.UnitID // by name
}

// FormAsk says which report is asked for.
type FormAsk struct {
	Year  int          // 0: this one, whose report is due before it ends
	Unit  event.UnitID // with those below it; "" all
	Alone bool         // Unit without those below it
}

// Form08 computes a report. A system is there as its owner's; it stands as it stood on
// the last day told of. Errors: Denied.
func (s *Service) Form08(ctx context.Context, ask FormAsk) (*Form08, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierRead); err != nil {
		return nil, err
	}
	today := s.today()
	if ask.Year == 0 {
		year, err := strconv.Atoi(string(today[:4]))
		if err != nil {
			return nil, err
		}
		ask.Year = year
	}
	f := &Form08{Period: PeriodOf(ask.Year), Units: map[event.UnitID]*Counts{}}
	f.AsOf, f.Rebuilt = min(f.Period.Until, today), f.Period.Until < today
	end, err := time.ParseInLocation(time.DateOnly, string(f.AsOf.Add(1)), s.Zone)
	if err != nil {
		return nil, err
	}
	systems, found, err := s.standing(ctx, f, end)
	if err != nil {
		return nil, err
	}
	inspections, err := s.store.inspections(ctx)
	if err != nil {
		return nil, err
	}
	if p.Sees(ask.Unit) {
		f.Unit = ask.Unit
	}
	under := s.under(p, ask)
	for i := range systems {
		r := &systems[i]
		if r.State == module.SystemRetired || !p.Sees(r.Unit) || under != nil && !under[r.Unit] {
			continue // also those p only operates: they are in their owner's report
		}
		d := found[r.ID]
		if !r.Entered.Before(end) && (d == nil || d.state != Approved) {
			continue // nothing says that it was there
		}
		f.Lines = append(f.Lines, f.line(r, d, inspections[r.ID], end))
	}
	names := map[event.UnitID]string{}
	for i := range f.Lines {
		l := &f.Lines[i]
		u := l.System.Unit
		if f.Units[u] == nil {
			f.Units[u], names[u] = &Counts{}, module.Fold(s.Units.Name(u))
			f.Order = append(f.Order, u)
		}
		f.Units[u].add(l)
		f.All.add(l)
	}
	slices.SortFunc(f.Order, func(a, b event.UnitID) int { return cmp.Or(cmp.Compare(names[a], names[b]), cmp.Compare(a, b)) })
	slices.SortFunc(f.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(names[a.System.Unit], names[b.System.Unit]), cmp.Compare(a.System.Unit, b.System.Unit), cmp.Compare(a.System.Code, b.System.Code))
	})
	return f, nil
}

// standing are the systems and the dossiers that count, both as they stood before a
// moment.
func (s *Service) standing(ctx context.Context, f *Form08, end time.Time) ([]System, map[string]*counted, error) {
	if !f.Rebuilt {
		systems, err := s.Systems.Systems(ctx)
		if err != nil {
			return nil, nil, err
		}
		found, err := s.store.counted(ctx, f.AsOf, end, nil)
		return systems, found, err
	}
	systems, err := s.Systems.SystemsAt(ctx, end)
	if err != nil {
		return nil, nil, err
	}
	was, err := s.store.statesBefore(ctx, end)
	if err != nil {
		return nil, nil, err
	}
	found, err := s.store.counted(ctx, f.AsOf, end, was)
	return systems, found, err
}

// under are a unit and those below it, none if p does not see it; nil: no unit is
// asked for.
func (s *Service) under(p module.Principal, ask FormAsk) map[event.UnitID]bool {
	switch {
	case ask.Unit == "":
		return nil
	case !p.Sees(ask.Unit):
		return map[event.UnitID]bool{}
	}
	set := map[event.UnitID]bool{ask.Unit: true}
	if ask.Alone {
		return set
	}
	for _, u := range s.Units.Below(ask.Unit) {
		set[u] = true
	}
	return set
}

// line is a system with what was found of it.
func (f *Form08) line(r *System, d *counted, x Inspection, end time.Time) Line {
	l := Line{System: *r, Inspection: x, Inspected: x.words(f.AsOf)}
	l.Periodic = x.InspectedAt >= f.Period.From && x.InspectedAt <= f.AsOf
	if f.Rebuilt {
		f.leaveOut(&l.System, end)
	}
	r = &l.System
	l.Level = cmp.Or(r.Level, r.Proposed)
	if d == nil {
		return l
	}
	l.Dossier, l.Code, l.Status = d.ID, d.Code, d.state.Status()
	if d.state == Approved {
		l.Level, l.Decision = int(d.Level), Decision{d.Number, module.Date(d.NumberDate), d.Issuer}
	} else if !f.Rebuilt || d.ChangedAt < sqldb.MicrosOf(end) {
		l.Level = cmp.Or(int(d.Level), l.Level) // else its answers may be of a later day
	}
	return l
}

// leaveOut takes from a system what cannot be known of a day that is over: all but its
// decision where it was entered later, and a regulation that was issued later.
func (f *Form08) leaveOut(r *System, end time.Time) {
	if !r.Entered.Before(end) {
		r.Plan, r.PlannedApproval, r.PlannedDeployment, r.Level, r.Proposed = "", "", "", 0, 0
	}
	if r.Regulation.Date > f.AsOf {
		r.Regulation = Decision{}
	}
}

// counted is what Form 08 reads of a dossier.
type counted struct {
	ID         string       `bun:"id"`
	Code       string       `bun:"code"`
	System     string       `bun:"system"`
	State      string       `bun:"state"`
	Level      int64        `bun:"level"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	ChangedAt  sqldb.Micros `bun:"changed_at"`
	Number     string       `bun:"number"`
	NumberDate string       `bun:"number_date"`
	Issuer     string       `bun:"issuer"`

	state State // on the day that is told of
}

// on is how the dossier stood on a day; "": it was not there. A decision counts from its
// own date on, whenever somebody entered it. was is the state it had at the end of the
// day; "" it has not changed since.
func (d *counted) on(day module.Date, end time.Time, was State) State {
	switch {
	case State(d.State) == Approved && module.Date(d.NumberDate) <= day:
		return Approved
	case d.CreatedAt >= sqldb.MicrosOf(end):
		return ""
	}
	return cmp.Or(was, State(d.State))
}

// counted returns, by system, the dossier that says how it stood on a day, which ends at
// a moment: the one approved last, else the newest. was are the states of those that
// changed since. It is not narrowed: whoever asks looks at the systems he sees only.
func (s store) counted(ctx context.Context, day module.Date, end time.Time, was map[string]State) (map[string]*counted, error) {
	var rows []counted
	err := s.db.NewSelect().Table("dossiers").Column("id", "code", "system", "state", "level", "created_at", "changed_at", "number", "number_date", "issuer").
		OrderExpr("created_at, id").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*counted, len(rows))
	for i := range rows {
		d := &rows[i]
		d.state = d.on(day, end, was[d.ID])
		if d.state == "" || d.state == Withdrawn {
			continue
		}
		have := found[d.System]
		switch {
		case have == nil, have.state != Approved, d.state == Approved && d.NumberDate >= have.NumberDate:
			found[d.System] = d
		}
	}
	return found, nil
}

// statesBefore returns the states of dossiers just before a moment, of those alone that
// changed since.
func (s store) statesBefore(ctx context.Context, end time.Time) (map[string]State, error) {
	var rows []stepRow
	if err := s.db.NewSelect().Model(&rows).Column("dossier", "from_state").Where("at >= ?", sqldb.MicrosOf(end)).OrderExpr("at DESC, id DESC").Scan(ctx); err != nil {
		return nil, err
	}
	was := make(map[string]State, len(rows))
	for _, r := range rows { // the first step after the moment comes last, and stays
		was[r.Dossier] = State(r.From)
	}
	return was, nil
}
