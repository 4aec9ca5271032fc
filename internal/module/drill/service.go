package drill

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"slices"
	"strconv"
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

// Units knows the tree of units.
type Units interface {
	Name(event.UnitID) string
	Active(event.UnitID) bool
}

// Tasks tells of the tasks of a matter. It goes by the principal in ctx; of a
// matter he does not see there are none.
type Tasks interface {
	Tasks(ctx context.Context, of module.Subject) ([]Task, error)
}

// Options is what the service needs.
type Options struct {
	DB    *bun.DB
	Trail *module.Trail
	Units Units
	Tasks Tasks
	Feed  Feed
	Zone  *time.Location // of the times in an exported report
	Log   *slog.Logger
	Now   func() time.Time
}

// Service keeps the exercises.
type Service struct {
	Options
	store   store
	words   *words
	targets atomic.Pointer[map[target]string] // to the exercise; nil: none names any
}

// target is a machine, account or address of a unit that takes part.
type target struct {
	unit event.UnitID
	name string // in small letters
}

// New makes the service; call Load before it is used.
func New(o Options) *Service {
	w, err := readWords(wordsFile)
	if err != nil {
		panic(err) // the file is embedded, and tested
	}
	return &Service{Options: o, store: store{o.DB}, words: w}
}

// Load reads which targets running exercises name.
func (s *Service) Load(ctx context.Context) error {
	running, err := s.store.running(ctx, s.DB)
	if err != nil {
		return err
	}
	named := map[target]string{}
	for _, x := range running {
		for _, u := range x.Units {
			for _, m := range x.Targets {
				named[target{u, strings.ToLower(m)}] = x.ID
			}
		}
	}
	if len(named) == 0 {
		s.targets.Store(nil)
		return nil
	}
	s.targets.Store(&named)
	return nil
}

// Of returns the exercise that what is found in a unit belongs to, "" if it is real:
// the one its event was put in by, else the running one that has as its target whom
// it is about. It reads memory only.
func (s *Service) Of(unit event.UnitID, putIn, about string) string {
	if putIn != "" {
		return putIn
	}
	named := s.targets.Load()
	if named == nil {
		return ""
	}
	return (*named)[target{unit, strings.ToLower(about)}]
}

// Joins refuses to have an alert of a unit belong to an exercise that has not begun,
// or that the unit does not take part in. Errors: NotFound, Conflict drill.state or
// drill.unit.
func (s *Service) Joins(ctx context.Context, db bun.IDB, id string, unit event.UnitID) error {
	x, err := s.get(ctx, db, id)
	switch {
	case err != nil:
		return err
	case x.State != Running && x.State != Ended:
		return fault.New(fault.Conflict, "the exercise %q has not begun; start it first", x.Name).WithCode("drill.state").OnField("body.drill")
	case !slices.Contains(x.Units, unit):
		return fault.New(fault.Conflict, "%s does not take part in the exercise %q; choose the one it takes part in", s.Units.Name(unit), x.Name).WithCode("drill.unit").OnField("body.drill")
	}
	return nil
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "drill", Migrations: sub, Routes: s.routes, On: s.on()}
}

func unknown() error {
	return fault.New(fault.NotFound, "no such exercise").WithCode("drill.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the exercise; read it again").WithCode("drill.changed")
}

// List returns exercises, the newest first, and the cursor of the next page.
// Errors: Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, state State, limit int, after string) ([]Exercise, string, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionDrillRead); err != nil {
		return nil, "", err
	}
	return s.store.list(ctx, state, limit, after)
}

// Get returns an exercise. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Exercise, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionDrillRead); err != nil {
		return Exercise{}, err
	}
	return s.get(ctx, s.DB, id)
}

func (s *Service) get(ctx context.Context, db bun.IDB, id string) (Exercise, error) {
	x, ok, err := s.store.one(ctx, db, id)
	if err == nil && !ok {
		err = unknown()
	}
	return x, err
}

// Add plans an exercise. Errors: Denied, NotFound (a unit), Invalid.
func (s *Service) Add(ctx context.Context, p Plan) (Exercise, error) {
	who := module.PrincipalOf(ctx)
	if err := who.Require(module.ActionDrillManage); err != nil {
		return Exercise{}, err
	}
	if err := s.prepare(&p, nil); err != nil {
		return Exercise{}, err
	}
	x := Exercise{Plan: p, ID: module.NewID(), State: Planned, CreatedAt: s.Now(), ByID: who.ID, By: who.DisplayName, Version: 1}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.insert(ctx, tx, &x); err != nil {
			return err
		}
		return s.trail(ctx, tx, "add", &x, nil)
	})
	return x, err
}

// prepare tidies and checks a plan. Injects keep the ids they had in before.
func (s *Service) prepare(p *Plan, before []Inject) error {
	p.tidy()
	if err := p.check(); err != nil {
		return err
	}
	for _, u := range p.Units {
		if !s.Units.Active(u) {
			return fault.New(fault.NotFound, "no such unit: %s", module.Text(string(u), 64)).WithCode("unit.unknown").OnField("body.units")
		}
	}
	used := map[string]bool{}
	for i := range p.Injects {
		x := &p.Injects[i]
		if known := slices.ContainsFunc(before, func(b Inject) bool { return b.ID == x.ID }); !known || used[x.ID] {
			x.ID = module.NewID()
		}
		used[x.ID] = true
		x.DoneAt, x.By, x.Note = time.Time{}, "", ""
	}
	return nil
}

// Change replaces the plan of an exercise that has not begun. Errors: Denied,
// NotFound, Conflict drill.state or drill.changed, Invalid.
func (s *Service) Change(ctx context.Context, id string, p Plan, version int64) (Exercise, error) {
	return s.edit(ctx, id, version, "change", func(_ context.Context, _ bun.Tx, x Exercise) (Exercise, map[string]string, error) {
		if x.State != Planned {
			return x, nil, fault.New(fault.Conflict, "only an exercise that has not begun can be changed").WithCode("drill.state")
		}
		if err := s.prepare(&p, x.Injects); err != nil {
			return x, nil, err
		}
		x.Plan, x.Version = p, x.Version+1
		return x, nil, nil
	})
}

// Take does a step. Errors: Denied, NotFound, Conflict drill.state, drill.changed
// or drill.overlap (a unit takes part in another that runs), Invalid.
func (s *Service) Take(ctx context.Context, id string, do Do) (Exercise, error) {
	by := module.PrincipalOf(ctx).DisplayName
	x, err := s.edit(ctx, id, do.Version, string(do.Verb), func(ctx context.Context, tx bun.Tx, x Exercise) (Exercise, map[string]string, error) {
		next, err := x.step(do, by, s.Now())
		if err != nil {
			return x, nil, err
		}
		if do.Verb == Start {
			if err := s.alone(ctx, tx, &x); err != nil {
				return x, nil, err
			}
		}
		var detail map[string]string
		if do.Verb == Put {
			n := slices.IndexFunc(next.Injects, func(i Inject) bool { return i.ID == do.Inject })
			detail = map[string]string{"inject": strconv.Itoa(n + 1), "text": next.Injects[n].Text}
		}
		return next, detail, nil
	})
	if err != nil {
		return x, err
	}
	if do.Verb == Start || do.Verb == End {
		return x, s.Load(ctx)
	}
	return x, nil
}

// alone refuses units that take part in another exercise that runs: what they do
// would belong to both.
func (s *Service) alone(ctx context.Context, tx bun.Tx, x *Exercise) error {
	running, err := s.store.running(ctx, tx)
	if err != nil {
		return err
	}
	for _, o := range running {
		for _, u := range o.Units {
			if slices.Contains(x.Units, u) {
				return fault.New(fault.Conflict, "%s takes part in the exercise %q, which runs; end that one first", s.Units.Name(u), o.Name).WithCode("drill.overlap")
			}
		}
	}
	return nil
}

// edit reads an exercise, changes it and stores it.
func (s *Service) edit(ctx context.Context, id string, version int64, action string,
	change func(context.Context, bun.Tx, Exercise) (Exercise, map[string]string, error)) (Exercise, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionDrillManage); err != nil {
		return Exercise{}, err
	}
	var after Exercise
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.get(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.Version != version {
			return changed()
		}
		var detail map[string]string
		if after, detail, err = change(ctx, tx, before); err != nil {
			return err
		}
		if ok, err := s.store.update(ctx, tx, &after); err != nil || !ok {
			if err == nil {
				err = changed()
			}
			return err
		}
		return s.trail(ctx, tx, action, &after, detail)
	})
	if err != nil {
		return Exercise{}, err
	}
	return after, nil
}

func (s *Service) trail(ctx context.Context, tx bun.Tx, action string, x *Exercise, detail map[string]string) error {
	said := map[string]string{"name": x.Name, "units": strconv.Itoa(len(x.Units))}
	for k, v := range detail {
		said[k] = v
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "drill." + action, Object: "drill:" + x.ID, Detail: said})
}

// Review returns an exercise with its log and what it comes to. Errors: Denied,
// NotFound.
func (s *Service) Review(ctx context.Context, id string) (Exercise, []Line, Report, error) {
	x, err := s.Get(ctx, id)
	if err != nil {
		return x, nil, Report{}, err
	}
	log, err := s.store.lines(ctx, id)
	if err != nil {
		return x, nil, Report{}, err
	}
	tasks := map[string][]Task{}
	for _, l := range log {
		if _, asked := tasks[l.Subject.ID]; asked || l.Kind != LineMatter {
			continue
		}
		list, err := s.Tasks.Tasks(ctx, l.Subject)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return x, nil, Report{}, err
		}
		tasks[l.Subject.ID] = list
	}
	return x, log, x.Report(log, tasks, s.Now()), nil
}
