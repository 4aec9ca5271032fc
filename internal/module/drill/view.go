package drill

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// DrillView is an exercise.
type DrillView struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Scenario  string            `json:"scenario"`
	State     string            `json:"state" enum:"planned,running,ended,cancelled"`
	Units     []DrillUnitView   `json:"units" nullable:"false"`
	Targets   []string          `json:"targets" nullable:"false"`
	From      module.Time       `json:"from"`
	To        module.Time       `json:"to"`
	Goals     DrillGoalsView    `json:"goals"`
	Injects   []DrillInjectView `json:"injects" nullable:"false"`
	CreatedAt module.Time       `json:"createdAt"`
	By        module.PersonView `json:"by"`
	StartedAt *module.Time      `json:"startedAt,omitempty"`
	EndedAt   *module.Time      `json:"endedAt,omitempty"`
	Version   int64             `json:"version" doc:"send it back with a change"`
}

// DrillUnitView is a unit that takes part.
type DrillUnitView struct {
	ID   event.UnitID `json:"id"`
	Name string       `json:"name"`
}

// DrillInjectView is an inject, with when it was really done.
type DrillInjectView struct {
	ID     string       `json:"id"`
	Minute int          `json:"minute"`
	Text   string       `json:"text"`
	Detect bool         `json:"detect"`
	DoneAt *module.Time `json:"doneAt,omitempty"`
	By     string       `json:"by"`
	Note   string       `json:"note"`
}

// DrillListView is a page of exercises.
type DrillListView struct {
	Items []DrillView `json:"items" nullable:"false"`
	Next  string      `json:"next" doc:"cursor of the next page; empty: the last"`
}

// DrillSubjectView is a matter of an exercise.
type DrillSubjectView struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Code  string `json:"code"`
	Title string `json:"title"`
}

// DrillTimeView is how long a moment took.
type DrillTimeView struct {
	Moment  string       `json:"moment" enum:"detect,acknowledge,contain,recover"`
	At      *module.Time `json:"at,omitempty" doc:"absent: not reached"`
	Minutes int          `json:"minutes" doc:"from the inject to the moment, or until now"`
	Goal    int          `json:"goal" doc:"0: not asked"`
	Result  string       `json:"result" enum:"met,late,missing,open,no-goal"`
}

// DrillMatterView is one matter's times.
type DrillMatterView struct {
	Subject  DrillSubjectView `json:"subject"`
	Unit     event.UnitID     `json:"unit"`
	UnitName string           `json:"unitName"`
	Ended    bool             `json:"ended" doc:"merged into another: nothing is asked of it"`
	Inject   string           `json:"inject" doc:"id of the inject it followed; empty: the start"`
	From     module.Time      `json:"from"`
	Times    []DrillTimeView  `json:"times" nullable:"false"`
}

// DrillDutyView is a duty of law that arose.
type DrillDutyView struct {
	ID          string           `json:"id"`
	Title       string           `json:"title"`
	TitleVi     string           `json:"titleVi"`
	Subject     DrillSubjectView `json:"subject"`
	UnitName    string           `json:"unitName"`
	DueAt       module.Time      `json:"dueAt"`
	SentAt      *module.Time     `json:"sentAt,omitempty"`
	Result      string           `json:"result" enum:"sent,late,never,open,withdrawn"`
	MinutesLate int              `json:"minutesLate"`
}

// DrillPaperView is a document of the exercise.
type DrillPaperView struct {
	ID       string           `json:"id"`
	Title    string           `json:"title"`
	Number   string           `json:"number"`
	Subject  DrillSubjectView `json:"subject"`
	UnitName string           `json:"unitName"`
	State    string           `json:"state"`
	At       module.Time      `json:"at"`
}

// DrillTaskView is a task of a matter.
type DrillTaskView struct {
	Subject     DrillSubjectView `json:"subject"`
	Title       string           `json:"title"`
	UnitName    string           `json:"unitName"`
	DueAt       *module.Time     `json:"dueAt,omitempty"`
	DoneAt      *module.Time     `json:"doneAt,omitempty"`
	Result      string           `json:"result" enum:"done,late,undone,dropped"`
	MinutesLate int              `json:"minutesLate"`
}

// DrillCallView is a person who was called up.
type DrillCallView struct {
	ID       string           `json:"id"`
	Person   string           `json:"person"`
	Subject  DrillSubjectView `json:"subject"`
	UnitName string           `json:"unitName"`
	AskedAt  module.Time      `json:"askedAt"`
	SaidAt   *module.Time     `json:"saidAt,omitempty" doc:"when he acknowledged; absent: he did not"`
	Minutes  int              `json:"minutes" doc:"until he acknowledged"`
	Result   string           `json:"result" enum:"comes,declines,silent"`
}

// DrillMissedView is a step that was missed, in words.
type DrillMissedView struct {
	Code  string            `json:"code" enum:"inject-undone,inject-unseen,moment-late,moment-missing,duty-late,duty-never,task-late,task-undone,call-silent"`
	Texts map[string]string `json:"texts" doc:"what the sentence is made of"`
	Vi    string            `json:"vi"`
	En    string            `json:"en"`
}

// DrillLineView is a line of the log.
type DrillLineView struct {
	ID       string           `json:"id"`
	At       module.Time      `json:"at"`
	Kind     string           `json:"kind" enum:"matter,duty,paper,alert,warning,feed,call"`
	What     string           `json:"what" doc:"the fact: obligation.late"`
	Subject  DrillSubjectView `json:"subject"`
	UnitName string           `json:"unitName"`
	Title    string           `json:"title"`
	TitleVi  string           `json:"titleVi"`
	State    string           `json:"state"`
}

// DrillReportView is what an exercise comes to.
type DrillReportView struct {
	Drill     DrillView         `json:"drill"`
	At        module.Time       `json:"at" doc:"as of when"`
	Final     bool              `json:"final" doc:"the exercise is over"`
	Verdict   string            `json:"verdict" enum:"met,partly,unmet,nothing"`
	VerdictVi string            `json:"verdictVi"`
	VerdictEn string            `json:"verdictEn"`
	Matters   []DrillMatterView `json:"matters" nullable:"false"`
	Duties    []DrillDutyView   `json:"duties" nullable:"false"`
	Papers    []DrillPaperView  `json:"papers" nullable:"false"`
	Tasks     []DrillTaskView   `json:"tasks" nullable:"false"`
	Calls     []DrillCallView   `json:"calls" nullable:"false" doc:"people who were called up"`
	Missed    []DrillMissedView `json:"missed" nullable:"false"`
	Log       []DrillLineView   `json:"log" nullable:"false" doc:"the newest first, at most 500"`
	Truncated bool              `json:"truncated" doc:"more happened than the log holds"`
}

func at(t time.Time) module.Time { return module.Time{Time: t} }

func (s *Service) view(x *Exercise) DrillView {
	v := DrillView{
		ID: x.ID, Name: x.Name, Scenario: x.Scenario, State: string(x.State), Units: make([]DrillUnitView, len(x.Units)), Targets: module.OrEmpty(x.Targets),
		From: at(x.From), To: at(x.To), Goals: DrillGoalsView(x.Goals), Injects: make([]DrillInjectView, len(x.Injects)), CreatedAt: at(x.CreatedAt),
		By: module.PersonView{ID: x.ByID, DisplayName: x.By}, StartedAt: module.TimeOrNil(x.StartedAt), EndedAt: module.TimeOrNil(x.EndedAt), Version: x.Version,
	}
	for i, u := range x.Units {
		v.Units[i] = DrillUnitView{u, s.Units.Name(u)}
	}
	for i, n := range x.Injects {
		v.Injects[i] = DrillInjectView{ID: n.ID, Minute: n.Minute, Text: n.Text, Detect: n.Detect, DoneAt: module.TimeOrNil(n.DoneAt), By: n.By, Note: n.Note}
	}
	return v
}

// shownLines is how much of the log a report shows.
const shownLines = 500

func (s *Service) reportView(x *Exercise, log []Line, r *Report) DrillReportView {
	verdict := s.words.Verdicts[string(r.Verdict)]
	v := DrillReportView{
		Drill: s.view(x), At: at(r.At), Final: x.State == Ended, Verdict: string(r.Verdict), VerdictVi: verdict.Vi, VerdictEn: verdict.En, Truncated: r.Truncated,
		Matters: make([]DrillMatterView, len(r.Matters)), Duties: make([]DrillDutyView, len(r.Duties)), Papers: make([]DrillPaperView, len(r.Papers)),
		Tasks: make([]DrillTaskView, len(r.Tasks)), Calls: make([]DrillCallView, len(r.Calls)), Missed: make([]DrillMissedView, len(r.Missed)), Log: make([]DrillLineView, min(len(log), shownLines)),
	}
	for i, m := range r.Matters {
		mv := DrillMatterView{Subject: DrillSubjectView(m.Subject), Unit: m.Unit, UnitName: s.Units.Name(m.Unit), Ended: m.Ended, Inject: m.Inject, From: at(m.From),
			Times: make([]DrillTimeView, len(m.Times))}
		for n, t := range m.Times {
			mv.Times[n] = DrillTimeView{t.Moment, module.TimeOrNil(t.At), t.Minutes, t.Goal, t.Result}
		}
		v.Matters[i] = mv
	}
	for i, d := range r.Duties {
		v.Duties[i] = DrillDutyView{d.ID, d.Title, d.TitleVi, DrillSubjectView(d.Subject), s.Units.Name(d.Unit), at(d.DueAt), module.TimeOrNil(d.SentAt), d.Result, d.MinutesLate}
	}
	for i, p := range r.Papers {
		v.Papers[i] = DrillPaperView{p.ID, p.Title, p.Number, DrillSubjectView(p.Subject), s.Units.Name(p.Unit), p.State, at(p.At)}
	}
	for i, t := range r.Tasks {
		v.Tasks[i] = DrillTaskView{DrillSubjectView(t.Subject), t.Title, s.Units.Name(t.Unit), module.TimeOrNil(t.DueAt), module.TimeOrNil(t.DoneAt), t.Result, t.MinutesLate}
	}
	for i, c := range r.Calls {
		v.Calls[i] = DrillCallView{c.ID, c.Person, DrillSubjectView(c.Subject), s.Units.Name(c.Unit), at(c.AskedAt), module.TimeOrNil(c.SaidAt), c.Minutes, c.Result}
	}
	for i := range r.Missed {
		m := &r.Missed[i]
		said := s.words.missed(m)
		v.Missed[i] = DrillMissedView{m.Code, m.Texts, said.Vi, said.En}
	}
	for i := range v.Log {
		l := log[len(log)-1-i]
		v.Log[i] = DrillLineView{l.ID, at(l.At), l.Kind, l.What, DrillSubjectView(l.Subject), s.Units.Name(l.Unit), l.Title, l.TitleVi, l.State}
	}
	return v
}
