package obligation

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

// Units knows the units that exist.
type Units interface {
	Name(event.UnitID) string
	// Working returns the units that exist today, without the centre.
	Working() []event.UnitID
}

// Options is what the service needs.
type Options struct {
	DB    *bun.DB
	Trail *module.Trail
	Units Units
	Zone  *time.Location
	Log   *slog.Logger
	Now   func() time.Time
	Wake  func() // after a commit that told facts; nil: they wait
	Live  Live   // nil: nobody watches
}

// Live tells the open consoles of a unit that something is to be read again.
type Live interface {
	Publish(unit event.UnitID, name string, data any) error
}

// Service keeps the duties and what arose of them.
type Service struct {
	Options
	store store
	book  atomic.Pointer[book]
}

// New makes the service with the catalogue as it is shipped; [Service.Load] takes
// over what administrators changed.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	s := &Service{Options: o, store: store{o.DB}}
	b, err := s.bookOf(nil, nil)
	if err != nil {
		panic(err) // the files are embedded, and tested
	}
	s.book.Store(b)
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "obligation", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "obligation-clock", Run: s.run}},
		On:      map[module.FactKind]func(context.Context, module.Fact) error{module.FactMatter: s.hear, module.FactPaper: s.hearPaper},
	}
}

// What other modules are told; the body of each is a [Told].
const (
	FactArose  module.FactKind = "obligation.arose"
	FactRemind module.FactKind = "obligation.remind" // Passed says at how many percent
	FactLate   module.FactKind = "obligation.late"   // the time is over and nothing was sent
	FactStep   module.FactKind = "obligation.step"
)

// Told is the body of a fact about an obligation.
type Told struct {
	ID      string         `json:"id"`
	Duty    string         `json:"duty"`
	Title   string         `json:"title"`
	TitleVi string         `json:"titleVi"`
	Subject module.Subject `json:"subject"`
	Unit    event.UnitID   `json:"unit"`
	Drill   bool           `json:"drill"`
	DueAt   time.Time      `json:"dueAt"`
	State   State          `json:"state"`
	Passed  int            `json:"passed,omitempty"`
	By      string         `json:"by,omitempty"` // user id
}

// changedOf has the consoles of those units read obligations again; after a commit.
func (s *Service) changedOf(units ...event.UnitID) {
	if s.Live == nil {
		return
	}
	for _, u := range units {
		if err := s.Live.Publish(u, "obligation", struct{}{}); err != nil {
			s.Log.Warn("the open consoles could not be told of an obligation", "error", err)
		}
	}
}

func (s *Service) tell(ctx context.Context, tx bun.Tx, kind module.FactKind, o *Obligation, passed int, by string) error {
	body, err := json.Marshal(Told{ID: o.ID, Duty: o.Duty, Title: o.En, TitleVi: o.Vi, Subject: o.Subject, Unit: o.Unit, Drill: o.Drill,
		DueAt: o.DueAt, State: o.State, Passed: passed, By: by})
	if err != nil {
		return err
	}
	facts := []module.Fact{{Kind: kind, Unit: o.Unit, Body: body}}
	if n, ok := noticeOf(kind, o, passed, s.Zone); ok {
		fact, err := n.Fact(o.Unit)
		if err != nil {
			return err
		}
		facts = append(facts, fact)
	}
	return module.Emit(ctx, tx, facts)
}

func unknown() error {
	return fault.New(fault.NotFound, "no such obligation").WithCode("obligation.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the obligation; read it again").WithCode("obligation.changed")
}

// List returns the obligations the principal sees, those due first at the top,
// and the cursor of the next page. Errors: Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, f Filter) ([]Obligation, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionObligationRead); err != nil {
		return nil, "", err
	}
	f.Text = strings.TrimSpace(f.Text)
	return s.store.list(ctx, p, f, s.Now())
}

// Wall is how a unit stands.
type Wall struct {
	Unit  event.UnitID
	Open  int64
	Late  int64
	Soon  int64     // due within a day
	First time.Time // when the earliest is, or was, due
}

// soon is what the wall warns of.
const soon = 24 * time.Hour

// Wall returns the units that owe something, the latest first. Errors: Denied.
func (s *Service) Wall(ctx context.Context, drill bool) ([]Wall, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionObligationRead); err != nil {
		return nil, err
	}
	rows, err := s.store.wall(ctx, p, drill, s.Now(), soon)
	if err != nil {
		return nil, err
	}
	list := make([]Wall, len(rows))
	for i, r := range rows {
		list[i] = Wall{event.UnitID(r.Unit), r.Open, r.Late, r.Soon, r.First.Time()}
	}
	return list, nil
}

// Get returns an obligation and what was done about it. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Obligation, []Step, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionObligationRead); err != nil {
		return Obligation{}, nil, err
	}
	o, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return o, nil, err
	}
	steps, err := s.store.steps(ctx, s.DB, id)
	return o, steps, err
}

func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, id string) (Obligation, error) {
	o, ok, err := s.store.one(ctx, db, id)
	if err == nil && (!ok || !p.Sees(o.Unit)) {
		err = unknown()
	}
	return o, err
}

// Take does a step. Errors: Denied, NotFound, Conflict obligation.changed or
// obligation.state, Invalid.
func (s *Service) Take(ctx context.Context, id string, do Do) (Obligation, []Step, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionObligationHandle); err != nil {
		return Obligation{}, nil, err
	}
	if do.At.IsZero() {
		do.At = s.Now()
	}
	var o Obligation
	var steps []Step
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if o, err = s.get(ctx, tx, p, id); err != nil {
			return err
		}
		if !p.Can(module.ActionObligationHandle, o.Unit) {
			return unknown()
		}
		if o.Version != do.Version {
			return changed()
		}
		if steps, err = s.store.steps(ctx, tx, id); err != nil {
			return err
		}
		x := Step{ID: module.NewID(), ByID: p.ID, By: p.DisplayName}
		steps, err = s.record(ctx, tx, &o, steps, do, x)
		return err
	})
	if err != nil {
		return Obligation{}, nil, err
	}
	s.Wake()
	s.changedOf(o.Unit)
	return o, steps, nil
}

// record does the step on o; x has its id and who takes it.
func (s *Service) record(ctx context.Context, tx bun.Tx, o *Obligation, steps []Step, do Do, x Step) ([]Step, error) {
	now := s.Now()
	to, err := o.step(do, lastChange(steps), now)
	if err != nil {
		return steps, err
	}
	x.Verb, x.From, x.To, x.At, x.Note, x.Proof, x.Stored = do.Verb, o.State, to, do.At, strings.TrimSpace(do.Note), do.Proof, now
	switch {
	case to == Sent && o.State.Open():
		o.DoneAt = do.At
	case to.Open():
		o.DoneAt = time.Time{}
	}
	o.State, o.Version = to, o.Version+1
	if ok, err := s.store.update(ctx, tx, o); err != nil || !ok {
		if err == nil {
			err = changed()
		}
		return steps, err
	}
	if err := s.store.addStep(ctx, tx, o.ID, &x); err != nil {
		return steps, err
	}
	if err := s.tell(ctx, tx, FactStep, o, 0, x.ByID); err != nil {
		return steps, err
	}
	return append(steps, x), s.Trail.Append(ctx, tx, module.Entry{Action: "obligation." + string(do.Verb), Object: "obligation:" + o.ID, Detail: map[string]string{
		"duty": o.Duty, "unit": string(o.Unit), "subject": o.Subject.Code, "from": string(x.From), "to": string(to), "note": x.Note, "by": x.By,
		"channel": x.Proof.Channel, "receiver": x.Proof.Receiver, "number": x.Proof.Number, "hash": x.Proof.Hash, "receipt": x.Proof.Receipt,
	}})
}

// lastChange returns the last step that changed the state and was not taken back.
func lastChange(steps []Step) *Step {
	back := 0
	for i := len(steps) - 1; i >= 0; i-- {
		switch x := &steps[i]; {
		case x.Verb == Back:
			back++
		case x.Verb == Note || x.Verb == Retime:
		case back > 0:
			back--
		default:
			return x
		}
	}
	return nil
}
