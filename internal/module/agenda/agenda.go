// Package agenda gathers what falls due, from every module that has dates: duties with
// their legal clocks, copies of warnings to answer, licences, certificates, level dossiers,
// inspections and their findings, requirements with their exceptions and evidence,
// decisions to operate, vulnerabilities.
//
// It keeps no date. A [Source] is a module's own answer to "what of yours falls due
// between these days"; it goes by the principal in the context, so the agenda of a unit
// shows what the unit sees and no more. A module is one line in the list of sources that
// package app passes in.
//
// Invariants. A source that the principal may not read is left out, not refused. A source
// gives at most [MaxOfSource] dates of a range; one that has more says so, and its kind is
// named in the answer, so that nobody takes a part for the whole. Days are days in Vietnam.
// Those responsible are reminded of a date once at each distance that data/reminders.yaml
// names: what was told is the only thing that is kept.
//
// Start reading at Service.Between and Service.Remind.
package agenda

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

const (
	// MaxOfSource bounds the dates one source gives.
	MaxOfSource = 1000
	// MaxDays bounds a range.
	MaxDays = 400
)

// Date is something that falls due.
type Date struct {
	Day     module.Date
	At      time.Time // zero: the day as a whole
	Unit    event.UnitID
	Vi, En  string
	Subject module.Subject // what is opened
	Key     string         // tells dates of a kind with the same subject apart
	State   State
}

// State is how it stands.
type State string

// The states.
const (
	Waiting State = "waiting"
	Late    State = "late"
	Done    State = "done"
)

// Range is what a source is asked for.
type Range struct {
	From, To module.Date // To is part of it
	Start    time.Time   // when From begins
	End      time.Time   // when To is over
	Unit     event.UnitID
	Limit    int // of dates
}

// Source is a module that has dates.
type Source struct {
	Kind   string        // its words are agenda.<kind>
	Action module.Action // who may not do this is not shown its dates
	// Due returns the dates in r that the principal in ctx sees, at most r.Limit,
	// and whether there are more.
	Due func(ctx context.Context, r Range) ([]Date, bool, error)
}

// Units names units.
type Units interface {
	Name(event.UnitID) string
}

// Options are what New needs.
type Options struct {
	DB        *bun.DB
	Sources   []Source
	Units     Units
	Reminders []Reminder // nil: those that are shipped
	Log       *slog.Logger
	Now       func() time.Time
	Wake      func() // after a commit that told facts; nil: they wait
}

//go:embed migrations
var migrations embed.FS

// Service gathers dates, and reminds of them.
type Service struct {
	Options
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Reminders == nil {
		var err error
		if o.Reminders, err = ReadReminders(Files()); err != nil {
			panic(err) // the file is embedded, and tested
		}
	}
	return &Service{o}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "agenda", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "agenda reminders", Run: s.run}}}
}

// Found is a date with the kind of its source.
type Found struct {
	Date
	Kind string
}

// Agenda is what falls due in a range.
type Agenda struct {
	Dates []Found  // in order of time
	Kinds []string // of the sources the principal may read
	More  []string // of the sources that have more than is shown
}

// Between returns what falls due from one day to another, of the unit alone where one is
// given, of the kinds alone where there are some. Errors: Denied, Invalid naming the field,
// NotFound (the unit).
func (s *Service) Between(ctx context.Context, from, to module.Date, unit event.UnitID, kinds []string) (Agenda, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAgendaRead); err != nil {
		return Agenda{}, err
	}
	r, err := rangeOf(from, to)
	if err != nil {
		return Agenda{}, err
	}
	if unit != "" && !p.Sees(unit) {
		return Agenda{}, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("query.unit")
	}
	r.Unit = unit
	var a Agenda
	for _, src := range s.Sources {
		if p.Require(src.Action) != nil {
			continue
		}
		a.Kinds = append(a.Kinds, src.Kind)
		if len(kinds) > 0 && !slices.Contains(kinds, src.Kind) {
			continue
		}
		dates, more, err := src.Due(ctx, r)
		if err != nil {
			return Agenda{}, err
		}
		if len(dates) > MaxOfSource {
			dates, more = dates[:MaxOfSource], true
		}
		if more {
			a.More = append(a.More, src.Kind)
		}
		for _, d := range dates {
			a.Dates = append(a.Dates, Found{d, src.Kind})
		}
	}
	slices.SortStableFunc(a.Dates, func(x, y Found) int {
		if c := strings.Compare(string(x.Day), string(y.Day)); c != 0 {
			return c
		}
		return x.At.Compare(y.At)
	})
	return a, nil
}

func rangeOf(from, to module.Date) (Range, error) {
	r := Range{From: from, To: to, Start: from.Start(), End: to.Add(1).Start(), Limit: MaxOfSource}
	switch {
	case to < from:
		return r, fault.New(fault.Invalid, "to: the last day is before the first").WithCode("agenda.range").OnField("query.to")
	case r.End.Sub(r.Start) > MaxDays*24*time.Hour:
		return r, fault.New(fault.Invalid, "to: at most %d days at once", MaxDays).WithCode("agenda.range").OnField("query.to")
	}
	return r, nil
}
