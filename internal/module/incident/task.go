package incident

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Task is something to be done about an incident.
type Task struct {
	ID        string
	Incident  string
	Playbook  string // playbook/task it came from; "" added by hand
	Title     string
	Phase     Phase
	Unit      event.UnitID // who does it
	Owner     string       // user id; "" whoever of the unit
	DueAt     time.Time
	State     string // open, done, dropped
	Checklist []TaskLine
	Note      string
	Position  int64
	DoneAt    time.Time
	DoneBy    string
	Version   int64
}

// TaskLine is one line of a task's checklist.
type TaskLine struct {
	Text string    `json:"text"`
	Done bool      `json:"done"`
	By   string    `json:"by,omitempty"` // name
	At   time.Time `json:"at,omitzero"`
}

// The states of a task.
const (
	TaskOpen    = "open"
	TaskDone    = "done"
	TaskDropped = "dropped" // not needed; the note says why
)

const (
	maxTasks  = 500
	maxChecks = 50
)

type taskRow struct {
	bun.BaseModel `bun:"table:incident_tasks"`

	ID        string       `bun:"id,pk"`
	Incident  string       `bun:"incident"`
	Playbook  string       `bun:"playbook"`
	Title     string       `bun:"title"`
	Phase     string       `bun:"phase"`
	Unit      string       `bun:"unit"`
	Owner     string       `bun:"owner"`
	DueAt     sqldb.Micros `bun:"due_at"`
	State     string       `bun:"state"`
	Checklist string       `bun:"checklist"`
	Note      string       `bun:"note"`
	Position  int64        `bun:"position"`
	DoneAt    sqldb.Micros `bun:"done_at"`
	DoneBy    string       `bun:"done_by"`
	Version   int64        `bun:"version"`
}

func taskRowOf(t *Task) (taskRow, error) {
	list, err := json.Marshal(t.Checklist)
	return taskRow{ID: t.ID, Incident: t.Incident, Playbook: t.Playbook, Title: t.Title, Phase: string(t.Phase), Unit: string(t.Unit), Owner: t.Owner,
		DueAt: sqldb.MicrosOf(t.DueAt), State: t.State, Checklist: string(list), Note: t.Note, Position: t.Position, DoneAt: sqldb.MicrosOf(t.DoneAt), DoneBy: t.DoneBy, Version: t.Version}, err
}

func (r *taskRow) task() (Task, error) {
	t := Task{ID: r.ID, Incident: r.Incident, Playbook: r.Playbook, Title: r.Title, Phase: Phase(r.Phase), Unit: event.UnitID(r.Unit), Owner: r.Owner,
		DueAt: r.DueAt.Time(), State: r.State, Note: r.Note, Position: r.Position, DoneAt: r.DoneAt.Time(), DoneBy: r.DoneBy, Version: r.Version}
	if err := json.Unmarshal([]byte(r.Checklist), &t.Checklist); err != nil {
		return t, fmt.Errorf("task %s: %w", r.ID, err)
	}
	return t, nil
}

func (s store) tasks(ctx context.Context, db bun.IDB, incident string) ([]Task, error) {
	var rows []taskRow
	if err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("position, id").Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Task, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].task(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s store) task(ctx context.Context, db bun.IDB, incident, id string) (t Task, ok bool, err error) {
	var r taskRow
	err = db.NewSelect().Model(&r).Where("id = ?", id).Where("incident = ?", incident).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	if err != nil {
		return t, false, err
	}
	t, err = r.task()
	return t, err == nil, err
}

func (s store) insertTask(ctx context.Context, tx bun.Tx, t *Task) error {
	r, err := taskRowOf(t)
	if err == nil {
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
	}
	return err
}

// steps returns the tasks an incident begins with. Errors: Invalid.
func (s *Service) steps(playbook, category string) (Playbook, error) {
	switch playbook {
	case "none":
		return Playbook{}, nil
	case "":
		playbook = s.book().categories[category].Playbook
	}
	p, ok := s.book().playbooks[playbook]
	if !ok && playbook != "" {
		return p, bad("playbook", "playbook", "no playbook %q", playbook)
	}
	return p, nil
}

// addSteps makes the tasks of a playbook those of an incident.
func (s *Service) addSteps(ctx context.Context, tx bun.Tx, i *Incident, p Playbook) error {
	have, err := s.store.tasks(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	for n, step := range p.Tasks {
		name := p.ID + "/" + step.ID
		if slices.ContainsFunc(have, func(t Task) bool { return t.Playbook == name }) {
			continue
		}
		unit := event.CentreUnit
		if step.Of == "unit" {
			unit = i.Unit
		}
		t := Task{ID: module.NewID(), Incident: i.ID, Playbook: name, Title: step.Vi, Phase: step.Phase, Unit: unit, State: TaskOpen,
			DueAt: i.DetectedAt.Add(time.Duration(step.Within) * time.Hour), Position: int64(len(have) + n), Version: 1, Checklist: []TaskLine{}}
		for _, line := range step.Checklist {
			t.Checklist = append(t.Checklist, TaskLine{Text: line})
		}
		if err := s.store.insertTask(ctx, tx, &t); err != nil {
			return err
		}
	}
	return nil
}

// Apply adds the tasks of a playbook that the incident does not have yet. Errors:
// Denied, NotFound, Invalid.
func (s *Service) Apply(ctx context.Context, id, playbook string) (Incident, error) {
	return s.edit(ctx, id, "playbook", func(ctx context.Context, tx bun.Tx, _ module.Principal, i Incident) (Incident, map[string]string, error) {
		p, ok := s.book().playbooks[playbook]
		if !ok {
			return i, nil, bad("playbook", "playbook", "no playbook %q", playbook)
		}
		i.Version++
		return i, map[string]string{"playbook": p.ID}, s.addSteps(ctx, tx, &i, p)
	})
}

// Tasks returns the tasks of an incident that the principal sees: of one that was
// shared as a summary, those of his units. Errors: Denied, NotFound.
func (s *Service) Tasks(ctx context.Context, id string) ([]Task, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := s.store.tasks(ctx, s.DB, i.ID)
	if err != nil || !sight.Summary || sight.All {
		return list, err
	}
	return slices.DeleteFunc(list, func(t Task) bool { return !slices.Contains(sight.Units, t.Unit) }), nil
}

// check returns what is wrong with a task. Errors: Invalid.
func (t *Task) check() error {
	if n := len([]rune(strings.TrimSpace(t.Title))); n == 0 || n > maxTitle {
		return bad("title", "title", "a task needs a title of at most %d letters", maxTitle)
	}
	if !slices.Contains(Phases(), t.Phase) || t.Phase == Closed {
		return bad("phase", "phase", "no phase %q for a task", t.Phase)
	}
	if len(t.Checklist) > maxChecks {
		return bad("checklist", "too-many", "at most %d lines", maxChecks)
	}
	for _, c := range t.Checklist {
		if n := len([]rune(strings.TrimSpace(c.Text))); n == 0 || n > maxTitle {
			return bad("checklist", "check", "a line has 1 to %d letters", maxTitle)
		}
	}
	if len([]rune(t.Note)) > maxText {
		return bad("note", "long", "at most %d letters", maxText)
	}
	if !slices.Contains([]string{TaskOpen, TaskDone, TaskDropped}, t.State) {
		return bad("state", "state", "a task is open, done or dropped, not %q", t.State)
	}
	if t.State == TaskDropped && strings.TrimSpace(t.Note) == "" {
		return bad("note", "reason", "say why the task is not needed")
	}
	return nil
}

// checkDoer holds who a task is given to to those the principal may know of: the
// centre, his own units, and who may work for them.
func (s *Service) checkDoer(ctx context.Context, p module.Principal, t *Task) error {
	if t.Unit != event.CentreUnit && (!p.Sees(t.Unit) || !s.Units.Active(t.Unit)) {
		return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	if t.Owner == "" {
		return nil
	}
	_, err := s.People.Person(ctx, t.Owner, t.Unit)
	return err
}

// AddTask adds a task. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) AddTask(ctx context.Context, id string, t Task) (Task, error) {
	_, err := s.edit(ctx, id, "task.add", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		have, err := s.store.tasks(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		if len(have) >= maxTasks {
			return i, nil, fault.New(fault.Conflict, "an incident has at most %d tasks", maxTasks).WithCode("incident.too-many")
		}
		t.ID, t.Incident, t.State, t.Version, t.Position, t.Playbook = module.NewID(), id, TaskOpen, 1, int64(len(have)), ""
		if t.Unit == "" {
			t.Unit = event.CentreUnit
		}
		if err := t.check(); err != nil {
			return i, nil, err
		}
		if err := s.checkDoer(ctx, p, &t); err != nil {
			return i, nil, err
		}
		if err := s.notify(ctx, tx, &i, givenTo(&i, &t, "", p.ID)...); err != nil {
			return i, nil, err
		}
		i.Version++
		return i, map[string]string{"task": t.Title}, s.store.insertTask(ctx, tx, &t)
	})
	return t, err
}

// TaskChange is a change of a task; nil leaves a part.
type TaskChange struct {
	Version   int64
	Title     *string
	Phase     *Phase
	Unit      *event.UnitID
	Owner     *string
	DueAt     *time.Time
	State     *string
	Note      *string
	Checklist *[]TaskLine // only which lines are done is taken from it by who was given the task
}

// ChangeTask changes a task. Whoever answers for the incident changes all of it;
// who sees it because it is his unit's task ticks its lines, notes, and says that
// it is done. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) ChangeTask(ctx context.Context, id, task string, c TaskChange) (Task, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentTask); err != nil {
		return Task{}, err
	}
	var t Task
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		i, sight, err := s.get(ctx, tx, p, id)
		if err != nil {
			return err
		}
		var ok bool
		if t, ok, err = s.store.task(ctx, tx, id, task); err != nil {
			return err
		}
		if !ok || sight.Summary && !sight.All && !p.Sees(t.Unit) {
			return fault.New(fault.NotFound, "no such task").WithCode("incident.task-unknown")
		}
		whole := sight.All && p.Can(module.ActionIncidentHandle, i.Unit)
		if !whole && !p.Sees(t.Unit) {
			return fault.New(fault.Denied, "the task is another unit's").WithCode("permission.denied")
		}
		if !whole && (c.Title != nil || c.Phase != nil || c.Unit != nil || c.DueAt != nil) {
			return fault.New(fault.Denied, "who was given a task does it; its words and time are changed by who leads the incident").WithCode("permission.denied")
		}
		if t.Version != c.Version {
			return fault.New(fault.Conflict, "somebody else changed the task; read it again").WithCode("incident.task-changed")
		}
		was, owner := t.State, t.Owner
		t.take(c, p, whole, s.Now())
		if err := t.check(); err != nil {
			return err
		}
		if c.Unit != nil || c.Owner != nil {
			if err := s.checkDoer(ctx, p, &t); err != nil {
				return err
			}
		}
		t.Version++
		r, err := taskRowOf(&t)
		if err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model(&r).ExcludeColumn("id", "incident", "playbook", "position").Where("id = ?", t.ID).Where("version = ?", c.Version).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fault.New(fault.Conflict, "somebody else changed the task; read it again").WithCode("incident.task-changed"))
		}
		detail := map[string]string{"task": t.Title, "state": t.State}
		if was != t.State {
			if err := s.note(ctx, tx, &i, "task."+t.State, detail); err != nil {
				return err
			}
		}
		if err := s.notify(ctx, tx, &i, givenTo(&i, &t, owner, p.ID)...); err != nil {
			return err
		}
		return s.told(ctx, tx, &i, "task", detail)
	})
	if err != nil {
		return Task{}, err
	}
	s.Wake()
	return t, nil
}

// take applies what was changed.
func (t *Task) take(c TaskChange, p module.Principal, whole bool, now time.Time) {
	set(&t.Title, c.Title)
	set(&t.Phase, c.Phase)
	set(&t.Unit, c.Unit)
	set(&t.Owner, c.Owner)
	set(&t.DueAt, c.DueAt)
	set(&t.Note, c.Note)
	if c.Checklist != nil {
		lines := *c.Checklist
		if !whole && len(lines) != len(t.Checklist) {
			lines = t.Checklist
		}
		next := make([]TaskLine, len(lines))
		for n, line := range lines {
			next[n] = TaskLine{Text: line.Text, Done: line.Done}
			if n < len(t.Checklist) && !whole {
				next[n].Text = t.Checklist[n].Text
			}
			if old := slices.IndexFunc(t.Checklist, func(x TaskLine) bool { return x.Text == next[n].Text && x.Done && line.Done }); old >= 0 {
				next[n] = t.Checklist[old]
			} else if line.Done {
				next[n].By, next[n].At = p.DisplayName, now
			}
		}
		t.Checklist = next
	}
	if c.State != nil && *c.State != t.State {
		t.State, t.DoneAt, t.DoneBy = *c.State, time.Time{}, ""
		if t.State != TaskOpen {
			t.DoneAt, t.DoneBy = now, p.DisplayName
		}
	}
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
