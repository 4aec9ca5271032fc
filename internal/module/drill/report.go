package drill

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Report is what came of an exercise, computed from its log.
type Report struct {
	At        time.Time // as of when: the end, or now while it runs
	Verdict   Verdict
	Matters   []MatterTimes
	Duties    []DutyRecord
	Papers    []PaperRecord
	Tasks     []TaskRecord
	Calls     []CallRecord
	Missed    []Missed
	Truncated bool // the log was full; what came later is not in here
}

// Verdict is the report in a word.
type Verdict string

// The verdicts.
const (
	AllMet  Verdict = "met"     // every goal was reached and no step missed
	Partly  Verdict = "partly"  // the goals were reached, other steps were missed
	Unmet   Verdict = "unmet"   // a goal was not reached, or something went unnoticed
	Nothing Verdict = "nothing" // no matter of the units taking part was heard of
)

// Measured is how long a moment of a matter took from its inject.
type Measured struct {
	Moment  string // detect, acknowledge, contain, recover
	At      time.Time
	Minutes int // from the inject
	Goal    int // 0: not asked
	Result  string
}

// Results of a moment.
const (
	resultMet     = "met"
	resultLate    = "late"
	resultMissing = "missing" // never reached, or not yet and the goal is over
	resultOpen    = "open"    // not yet; there is still time
	resultNoGoal  = "no-goal"
)

// MatterTimes is one matter's times.
type MatterTimes struct {
	Subject module.Subject
	Unit    event.UnitID
	Ended   bool   // merged into another, or none after all: nothing is asked of it
	Inject  string // id of what it followed; "" the start of the exercise
	From    time.Time
	Times   []Measured
}

// DutyRecord is a duty of law that arose in the exercise.
type DutyRecord struct {
	ID          string
	Title       string
	TitleVi     string
	Subject     module.Subject
	Unit        event.UnitID
	ArisenAt    time.Time
	DueAt       time.Time
	SentAt      time.Time
	Result      string // sent, late, never, open, withdrawn
	MinutesLate int
}

// PaperRecord is a document of the exercise.
type PaperRecord struct {
	ID      string
	Title   string
	Number  string
	Subject module.Subject
	Unit    event.UnitID
	State   string
	At      time.Time
}

// TaskRecord is a task of a matter of the exercise.
type TaskRecord struct {
	Subject     module.Subject
	Title       string
	Unit        event.UnitID
	DueAt       time.Time
	DoneAt      time.Time
	Result      string // done, late, undone, dropped
	MinutesLate int
}

// CallRecord is a person who was called up in the exercise.
type CallRecord struct {
	ID      string
	Person  string
	Subject module.Subject
	Unit    event.UnitID
	AskedAt time.Time
	SaidAt  time.Time // zero: he did not acknowledge
	Result  string    // comes, declines, silent
	Minutes int       // until he acknowledged
}

// Missed is a step that was missed. Texts is what its sentence is filled with.
type Missed struct {
	Code  string
	Texts map[string]string
}

// Task is a task of a matter, as its owner tells of it.
type Task struct {
	Title   string
	Unit    event.UnitID
	DueAt   time.Time
	DoneAt  time.Time // zero: it was not done
	Dropped bool      // it was not needed
}

// asOf is the moment a report speaks of.
func (x *Exercise) asOf(now time.Time) time.Time {
	if x.State == Ended {
		return x.EndedAt
	}
	return now
}

// Report folds the log. tasks are those of the matters, by the matter's id.
func (x *Exercise) Report(log []Line, tasks map[string][]Task, now time.Time) Report {
	r := Report{At: x.asOf(now), Truncated: len(log) >= maxLog}
	r.fold(log)
	for i := range r.Matters {
		x.measure(&r.Matters[i], log, r.At)
	}
	for i := range r.Duties {
		r.Duties[i].judge(r.At)
	}
	for _, m := range r.Matters {
		if m.Ended {
			continue
		}
		for _, t := range tasks[m.Subject.ID] {
			r.Tasks = append(r.Tasks, t.judge(m.Subject, r.At))
		}
	}
	x.missed(&r)
	return r
}

// fold reads what each line makes of its object; the last one said holds.
func (r *Report) fold(log []Line) {
	for _, l := range log {
		switch l.Kind {
		case LineMatter:
			if _, ok := l.Moments["detectedAt"]; !ok {
				continue // no matter whose times an exercise measures
			}
			n := slices.IndexFunc(r.Matters, func(m MatterTimes) bool { return m.Subject.Kind == l.Subject.Kind && m.Subject.ID == l.Subject.ID })
			if n < 0 {
				n = len(r.Matters)
				r.Matters = append(r.Matters, MatterTimes{})
			}
			r.Matters[n].Subject, r.Matters[n].Unit, r.Matters[n].Ended = l.Subject, l.Unit, l.Ended
		case LineDuty:
			n := slices.IndexFunc(r.Duties, func(d DutyRecord) bool { return d.ID == l.Object })
			if n < 0 {
				n = len(r.Duties)
				r.Duties = append(r.Duties, DutyRecord{ID: l.Object, ArisenAt: l.At})
			}
			d := &r.Duties[n]
			d.Title, d.TitleVi, d.Subject, d.Unit, d.DueAt = l.Title, l.TitleVi, l.Subject, l.Unit, l.DueAt
			switch l.State {
			case "sent", "acknowledged":
				if d.SentAt.IsZero() {
					d.SentAt = l.At
				}
			case "withdrawn":
				d.Result = "withdrawn"
			default:
				d.SentAt, d.Result = time.Time{}, ""
			}
		case LinePaper:
			n := slices.IndexFunc(r.Papers, func(p PaperRecord) bool { return p.ID == l.Object })
			if n < 0 {
				n = len(r.Papers)
				r.Papers = append(r.Papers, PaperRecord{})
			}
			r.Papers[n] = PaperRecord{ID: l.Object, Title: l.Title, Number: l.Number, Subject: l.Subject, Unit: l.Unit, State: l.State, At: l.At}
		case LineCall:
			r.called(&l)
		}
	}
}

// called reads that a person was called, or what he said; the first that he said
// is when he acknowledged, the last is what holds.
func (r *Report) called(l *Line) {
	n := slices.IndexFunc(r.Calls, func(c CallRecord) bool { return c.ID == l.Object })
	if n < 0 {
		n = len(r.Calls)
		r.Calls = append(r.Calls, CallRecord{ID: l.Object, Person: l.Title, Subject: l.Subject, Unit: l.Unit, AskedAt: l.At, Result: "silent"})
	}
	c := &r.Calls[n]
	if l.State == "called" {
		return
	}
	c.Result = l.State
	if c.SaidAt.IsZero() {
		c.SaidAt, c.Minutes = l.At, minutes(l.At.Sub(c.AskedAt))
	}
}

// moments are what is measured, with the moment of a matter each is read from.
var moments = []struct{ moment, of string }{
	{"detect", "detectedAt"}, {"acknowledge", "confirmedAt"}, {"contain", "containedAt"}, {"recover", "recoveredAt"},
}

func (g Goals) of(moment string) int {
	return map[string]int{"detect": g.Detect, "acknowledge": g.Acknowledge, "contain": g.Contain, "recover": g.Recover}[moment]
}

// measure reads a matter's times from the last line about it.
func (x *Exercise) measure(m *MatterTimes, log []Line, asOf time.Time) {
	var at map[string]time.Time
	for _, l := range log {
		if l.Kind == LineMatter && l.Subject.Kind == m.Subject.Kind && l.Subject.ID == m.Subject.ID {
			at = l.Moments
		}
	}
	m.From, m.Inject = x.StartedAt, ""
	for _, i := range x.Injects {
		if i.Detect && !i.DoneAt.IsZero() && !i.DoneAt.After(at["detectedAt"]) && !i.DoneAt.Before(m.From) {
			m.From, m.Inject = i.DoneAt, i.ID
		}
	}
	for _, k := range moments {
		t := Measured{Moment: k.moment, At: at[k.of], Goal: x.Goals.of(k.moment), Result: resultNoGoal}
		took := asOf.Sub(m.From)
		if !t.At.IsZero() {
			took = max(0, t.At.Sub(m.From))
		}
		t.Minutes = int(took / time.Minute)
		late := took > time.Duration(t.Goal)*time.Minute
		switch {
		case t.Goal == 0:
		case !t.At.IsZero() && late:
			t.Result = resultLate
		case !t.At.IsZero():
			t.Result = resultMet
		case x.State == Ended || late:
			t.Result = resultMissing
		default:
			t.Result = resultOpen
		}
		m.Times = append(m.Times, t)
	}
}

func (d *DutyRecord) judge(asOf time.Time) {
	late := d.SentAt
	switch {
	case d.Result == "withdrawn":
		return
	case d.SentAt.IsZero() && !asOf.After(d.DueAt):
		d.Result = "open"
		return
	case d.SentAt.IsZero():
		d.Result, late = "never", asOf
	case d.SentAt.After(d.DueAt):
		d.Result = "late"
	default:
		d.Result = "sent"
		return
	}
	d.MinutesLate = minutes(late.Sub(d.DueAt))
}

func (t *Task) judge(of module.Subject, asOf time.Time) TaskRecord {
	r := TaskRecord{Subject: of, Title: t.Title, Unit: t.Unit, DueAt: t.DueAt, DoneAt: t.DoneAt}
	switch {
	case t.Dropped:
		r.Result = "dropped"
	case t.DoneAt.IsZero() || t.DoneAt.After(asOf):
		r.Result, r.DoneAt = "undone", time.Time{}
	case !t.DueAt.IsZero() && t.DoneAt.After(t.DueAt):
		r.Result, r.MinutesLate = "late", minutes(t.DoneAt.Sub(t.DueAt))
	default:
		r.Result = "done"
	}
	return r
}

// minutes rounds up: what is late by a second is late.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// missed gathers the missed steps and comes to the verdict.
func (x *Exercise) missed(r *Report) {
	add := func(code string, texts ...string) {
		m := Missed{Code: code, Texts: map[string]string{}}
		for i := 0; i+1 < len(texts); i += 2 {
			m.Texts[texts[i]] = texts[i+1]
		}
		r.Missed = append(r.Missed, m)
	}
	unmet := false
	for n, i := range x.Injects {
		number, minute := strconv.Itoa(n+1), strconv.Itoa(i.Minute)
		switch {
		case i.DoneAt.IsZero():
			if x.State == Ended {
				add("inject-undone", "number", number, "minute", minute, "text", i.Text)
			}
		case i.Detect && !slices.ContainsFunc(r.Matters, func(m MatterTimes) bool { return m.Inject == i.ID }):
			over := x.State == Ended || x.Goals.Detect > 0 && r.At.Sub(i.DoneAt) > time.Duration(x.Goals.Detect)*time.Minute
			if over {
				unmet = true
				add("inject-unseen", "number", number, "minute", minute, "text", i.Text)
			}
		}
	}
	for _, m := range r.Matters {
		if m.Ended {
			continue
		}
		for _, t := range m.Times {
			texts := []string{"matter", cmp.Or(m.Subject.Code, m.Subject.Title), "unit", string(m.Unit), "moment", t.Moment,
				"minutes", strconv.Itoa(t.Minutes), "goal", strconv.Itoa(t.Goal)}
			switch t.Result {
			case resultLate:
				unmet = true
				add("moment-late", texts...)
			case resultMissing:
				unmet = true
				add("moment-missing", texts...)
			}
		}
	}
	for _, d := range r.Duties {
		texts := []string{"duty", d.Title, "dutyVi", d.TitleVi, "matter", cmp.Or(d.Subject.Code, d.Subject.Title), "minutes", strconv.Itoa(d.MinutesLate)}
		switch d.Result {
		case "late":
			add("duty-late", texts...)
		case "never":
			add("duty-never", texts...)
		}
	}
	for _, t := range r.Tasks {
		texts := []string{"task", t.Title, "matter", cmp.Or(t.Subject.Code, t.Subject.Title), "minutes", strconv.Itoa(t.MinutesLate)}
		switch {
		case t.Result == "late":
			add("task-late", texts...)
		case t.Result == "undone" && (x.State == Ended || !t.DueAt.IsZero() && r.At.After(t.DueAt)):
			add("task-undone", texts...)
		}
	}
	for _, c := range r.Calls {
		if c.SaidAt.IsZero() && x.State == Ended {
			add("call-silent", "person", c.Person, "matter", cmp.Or(c.Subject.Code, c.Subject.Title))
		}
	}
	switch {
	case unmet:
		r.Verdict = Unmet
	case len(r.Matters) == 0:
		r.Verdict = Nothing
	case len(r.Missed) > 0:
		r.Verdict = Partly
	default:
		r.Verdict = AllMet
	}
}
