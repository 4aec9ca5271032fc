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

// YearOf returns the year whose period a day is in.
func YearOf(d module.Date) int {
	year, err := strconv.Atoi(string(d[:4]))
	if err != nil {
		return 0
	}
	if d[4:] > "-12-14" {
		year++
	}
	return year
}

// Form08 is the yearly report on the levels of systems.
type Form08 struct {
	Period Period
	// AsOf is the day it tells of: the cut-off, or today before it.
	AsOf  module.Date
	Lines []Line // by unit and code
	All   Counts
	Units map[event.UnitID]*Counts
	Order []event.UnitID // by name
}

// Form08 computes the report of a year, 0: the one whose period today is in. unit
// narrows it to a unit and those below it. A system is there as its owner's; it
// stands as it stood on the last day told of. Errors: Denied.
func (s *Service) Form08(ctx context.Context, year int, unit event.UnitID) (*Form08, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierRead); err != nil {
		return nil, err
	}
	if year == 0 {
		year = YearOf(s.today())
	}
	f := &Form08{Period: PeriodOf(year), Units: map[event.UnitID]*Counts{}}
	f.AsOf = min(f.Period.Until, s.today())
	systems, err := s.Systems.Systems(ctx)
	if err != nil {
		return nil, err
	}
	end, err := time.ParseInLocation(time.DateOnly, string(f.AsOf.Add(1)), s.Zone)
	if err != nil {
		return nil, err
	}
	found, err := s.store.standingOf(ctx, end)
	if err != nil {
		return nil, err
	}
	inspections, err := s.store.inspections(ctx)
	if err != nil {
		return nil, err
	}
	under := s.under(p, unit)
	for i := range systems {
		r := &systems[i]
		if r.State == module.SystemRetired || !p.Sees(r.Unit) || under != nil && !under[r.Unit] {
			continue // also those p only operates: they are in their owner's report
		}
		f.Lines = append(f.Lines, f.line(r, found[r.ID], inspections[r.ID]))
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

// under are a unit and those below it, none if p does not see it; nil: no unit is
// asked for.
func (s *Service) under(p module.Principal, unit event.UnitID) map[event.UnitID]bool {
	switch {
	case unit == "":
		return nil
	case !p.Sees(unit):
		return map[event.UnitID]bool{}
	}
	set := map[event.UnitID]bool{unit: true}
	for _, u := range s.Units.Below(unit) {
		set[u] = true
	}
	return set
}

// line is a system with what was found of it.
func (f *Form08) line(r *System, d *counted, x Inspection) Line {
	l := Line{System: *r, Level: cmp.Or(r.Level, r.Proposed), Inspection: x, Inspected: x.words(f.AsOf)}
	l.Periodic = x.InspectedAt >= f.Period.From && x.InspectedAt <= f.AsOf
	if d == nil {
		return l
	}
	l.Dossier, l.Code, l.Status = d.ID, d.Code, d.state.Status()
	l.Level = cmp.Or(int(d.Level), l.Level)
	if d.state == Approved {
		l.Decision = Decision{d.Number, module.Date(d.NumberDate), d.Issuer}
	}
	return l
}

// counted is what Form 08 reads of a dossier.
type counted struct {
	ID         string       `bun:"id"`
	Code       string       `bun:"code"`
	System     string       `bun:"system"`
	Level      int64        `bun:"level"`
	SentAt     sqldb.Micros `bun:"sent_at"`
	JudgedAt   sqldb.Micros `bun:"judged_at"`
	DecidedAt  sqldb.Micros `bun:"decided_at"`
	Number     string       `bun:"number"`
	NumberDate string       `bun:"number_date"`
	Issuer     string       `bun:"issuer"`

	state State
}

// standingOf returns, by system, the dossier that says how it stood at a moment: the
// one approved last, else the newest. It is not narrowed: whoever asks looks at the
// systems he sees only.
func (s store) standingOf(ctx context.Context, end time.Time) (map[string]*counted, error) {
	var rows []counted
	err := s.db.NewSelect().Table("dossiers").Column("id", "code", "system", "level", "sent_at", "judged_at", "decided_at", "number", "number_date", "issuer").
		Where("state <> ?", string(Withdrawn)).Where("created_at < ?", sqldb.MicrosOf(end)).OrderExpr("created_at, id").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*counted, len(rows))
	until := sqldb.MicrosOf(end)
	for i := range rows {
		d := &rows[i]
		by := func(m sqldb.Micros) bool { return m > 0 && m < until }
		switch {
		case by(d.DecidedAt):
			d.state = Approved
		case by(d.JudgedAt):
			d.state = Judged
		case by(d.SentAt):
			d.state = Sent
		default:
			d.state = Draft
		}
		if have := found[d.System]; have == nil || have.state != Approved || d.state == Approved {
			found[d.System] = d
		}
	}
	return found, nil
}
