// Package drill runs exercises (diễn tập) and writes what came of them.
//
// An exercise has a scenario, the units that take part, goals in minutes, and
// moments at which those who lead it put something in (an [Inject]). What the
// units then do runs on the real rails: incidents, clocks, letters and warnings
// that bear the mark of a drill. This package owns none of them. It hears their
// facts while the exercise runs and keeps a log; the after-action report
// ([Report]) is computed from that log alone, live and when it is over, so nobody
// writes it and nobody can flatter it.
//
// Invariants. Only what bears the mark and is of a unit taking part is heard. A
// unit takes part in one running exercise at most, and a matter belongs to the
// exercise that heard of it first. A fact is logged once, however often it is
// told, and by when it happened, not by when it was delivered. Exercises are the
// centre's: their reports compare units.
//
// What belongs to an exercise is known in two ways ([Service.Of]): events that those
// who lead it put in bear its mark from the start, and it may name targets, machines,
// accounts or addresses, about which every alert of a unit taking part bears its mark
// while it runs. Such an alert is counted nowhere and joins a drill's incident only.
//
// Start reading at Exercise and Report.
package drill

import (
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// State is how far an exercise is.
type State string

// The states.
const (
	Planned   State = "planned"
	Running   State = "running"
	Ended     State = "ended"
	Cancelled State = "cancelled" // it never began
)

// Goals are how fast it should go, in minutes from the inject; 0: not asked.
type Goals struct {
	Detect      int `json:"detect"`
	Acknowledge int `json:"acknowledge"`
	Contain     int `json:"contain"`
	Recover     int `json:"recover"`
}

// Inject is something those who lead the exercise do, or hand to a unit.
type Inject struct {
	ID     string `json:"id"`
	Minute int    `json:"minute"` // after the start
	Text   string `json:"text"`
	// Detect says that the units are to notice it: one that no matter follows was
	// missed.
	Detect bool      `json:"detect"`
	DoneAt time.Time `json:"doneAt,omitzero"`
	By     string    `json:"by,omitempty"` // name
	Note   string    `json:"note,omitempty"`
}

// Plan is what people write of an exercise.
type Plan struct {
	Name     string         `json:"name"`
	Scenario string         `json:"scenario"`
	Units    []event.UnitID `json:"units"`
	Targets  []string       `json:"targets"` // machines, accounts, addresses, as alerts name them
	From     time.Time      `json:"from"`
	To       time.Time      `json:"to"`
	Goals    Goals          `json:"goals"`
	Injects  []Inject       `json:"injects"`
}

// Exercise is one exercise.
type Exercise struct {
	Plan
	ID        string
	State     State
	CreatedAt time.Time
	ByID, By  string
	StartedAt time.Time
	EndedAt   time.Time
	Version   int64
}

// Limits of what an exercise holds.
const (
	maxName    = 200
	maxText    = 20_000
	maxInject  = 1000
	maxUnits   = 500
	maxTargets = 200
	maxInjects = 200
	maxMinutes = 31 * 24 * 60
)

func bad(field, code, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("drill." + code).OnField("body." + field)
}

// tidy brings a plan into the one shape it is stored in.
func (p *Plan) tidy() {
	p.Name, p.Scenario = strings.TrimSpace(p.Name), strings.TrimSpace(p.Scenario)
	p.Units = slices.Compact(slices.Sorted(slices.Values(p.Units)))
	for i := range p.Targets {
		p.Targets[i] = strings.TrimSpace(p.Targets[i])
	}
	p.Targets = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(p.Targets))), func(t string) bool { return t == "" })
	for i := range p.Injects {
		p.Injects[i].Text = strings.TrimSpace(p.Injects[i].Text)
	}
	slices.SortStableFunc(p.Injects, func(a, b Inject) int { return a.Minute - b.Minute })
}

// check returns what is wrong with a plan, naming the field. Errors: Invalid.
func (p *Plan) check() error {
	switch n := len([]rune(p.Name)); {
	case n == 0 || n > maxName:
		return bad("name", "name", "an exercise needs a name of at most %d letters", maxName)
	case len([]rune(p.Scenario)) > maxText:
		return bad("scenario", "long", "at most %d letters", maxText)
	case len(p.Units) == 0 || len(p.Units) > maxUnits:
		return bad("units", "units", "name 1 to %d units that take part", maxUnits)
	case len(p.Targets) > maxTargets:
		return bad("targets", "too-many", "at most %d targets", maxTargets)
	case len(p.Injects) > maxInjects:
		return bad("injects", "too-many", "at most %d injects", maxInjects)
	case p.From.IsZero() || !p.To.After(p.From):
		return bad("to", "span", "the exercise must end after it begins")
	case p.To.Sub(p.From) > maxMinutes*time.Minute:
		return bad("to", "span", "an exercise lasts a month at most")
	}
	for _, g := range []struct {
		field   string
		minutes int
	}{{"detect", p.Goals.Detect}, {"acknowledge", p.Goals.Acknowledge}, {"contain", p.Goals.Contain}, {"recover", p.Goals.Recover}} {
		if g.minutes < 0 || g.minutes > maxMinutes {
			return bad("goals."+g.field, "goal", "a goal is 0 (not asked) to %d minutes", maxMinutes)
		}
	}
	for _, t := range p.Targets {
		if len([]rune(t)) > maxName {
			return bad("targets", "long", "a target has at most %d letters", maxName)
		}
	}
	for _, x := range p.Injects {
		if n := len([]rune(x.Text)); n == 0 || n > maxInject {
			return bad("injects", "inject", "an inject says in 1 to %d letters what is put in", maxInject)
		}
		if x.Minute < 0 || x.Minute > maxMinutes {
			return bad("injects", "minute", "an inject comes 0 to %d minutes after the start", maxMinutes)
		}
	}
	return nil
}

// Verb is what those who lead an exercise do.
type Verb string

// The verbs.
const (
	Start  Verb = "start"
	Put    Verb = "inject" // an inject was done
	End    Verb = "end"
	Cancel Verb = "cancel" // a planned one is not held
)

// Do is a verb with what belongs to it.
type Do struct {
	Verb    Verb
	Inject  string    // id, for Put
	At      time.Time // when the inject was really done; zero: now
	Note    string
	Version int64
}

// step returns the exercise after a verb. Errors: Conflict drill.state, NotFound,
// Invalid.
func (x Exercise) step(do Do, by string, now time.Time) (Exercise, error) {
	if len([]rune(do.Note)) > maxInject {
		return x, bad("note", "long", "at most %d letters", maxInject)
	}
	want := map[Verb]State{Start: Planned, Cancel: Planned, Put: Running, End: Running}[do.Verb]
	switch {
	case want == "":
		return x, bad("verb", "verb", "no step %q", do.Verb)
	case x.State != want:
		return x, fault.New(fault.Conflict, "an exercise that is %s cannot take the step %s", x.State, do.Verb).WithCode("drill.state")
	}
	switch do.Verb {
	case Start:
		x.State, x.StartedAt = Running, now
	case Cancel:
		x.State = Cancelled
	case End:
		x.State, x.EndedAt = Ended, now
	case Put:
		n := slices.IndexFunc(x.Injects, func(i Inject) bool { return i.ID == do.Inject })
		if n < 0 {
			return x, fault.New(fault.NotFound, "the exercise has no such inject").WithCode("drill.inject-unknown").OnField("body.inject")
		}
		if !x.Injects[n].DoneAt.IsZero() {
			return x, fault.New(fault.Conflict, "the inject was done already").WithCode("drill.inject-done").OnField("body.inject")
		}
		at := do.At
		if at.IsZero() {
			at = now
		}
		if at.After(now.Add(2*time.Minute)) || at.Before(x.StartedAt) {
			return x, bad("at", "at", "an inject is done between the start of the exercise and now")
		}
		x.Injects = slices.Clone(x.Injects)
		x.Injects[n].DoneAt, x.Injects[n].By, x.Injects[n].Note = at, by, strings.TrimSpace(do.Note)
	}
	x.Version++
	return x, nil
}
