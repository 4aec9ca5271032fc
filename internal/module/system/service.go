package system

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Units knows the units that exist.
type Units interface {
	Name(event.UnitID) string
	// Active tells whether the unit is registered and has not ended.
	Active(event.UnitID) bool
}

// Gate says whether a system may go into operation.
type Gate interface {
	// MayOperate returns what stands against it, as codes that the console has words
	// for; nothing: it may.
	MayOperate(ctx context.Context, id string) ([]string, error)
}

// Options is what the service needs.
type Options struct {
	DB    *bun.DB
	Trail *module.Trail
	Units Units
	Gate  Gate // nil: every system may go into operation
	Seen  Seen // nil: nobody tells of hosts
	Log   *slog.Logger
	Now   func() time.Time
	Wake  func() // after a commit that told facts; nil: they wait
}

// Service keeps the register.
type Service struct {
	Options
	store     store
	importing sync.Mutex // one workbook at a time: it may be large
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	return &Service{Options: o, store: store{o.DB}}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "system", Migrations: sub, Routes: s.routes}
}

func unknown() error {
	return fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the system meanwhile; read it again").WithCode("system.changed")
}

func sees(p module.Principal, x *System) bool { return p.Sees(x.Unit) || p.Sees(x.OperatorUnit) }

// List returns systems by their code and the cursor of the next page. Errors:
// Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, f Filter) ([]System, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, "", err
	}
	return s.store.list(ctx, p, f)
}

// Get returns a system. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (System, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return System{}, err
	}
	return s.seen(ctx, s.DB, p, id)
}

func (s *Service) seen(ctx context.Context, db bun.IDB, p module.Principal, id string) (System, error) {
	x, ok, err := s.store.one(ctx, db, id)
	if err == nil && (!ok || !sees(p, &x)) {
		err = unknown()
	}
	if err != nil {
		return System{}, err
	}
	return x, nil
}

// Ref returns a system that the caller sees, as other modules know it. Errors:
// Denied, NotFound.
func (s *Service) Ref(ctx context.Context, id string) (module.Registered, error) {
	x, err := s.Get(ctx, id)
	if err != nil {
		return module.Registered{}, err
	}
	return x.Registered(s.Units), nil
}

// All returns all systems that the caller sees, by their code. Errors: Denied.
func (s *Service) All(ctx context.Context) ([]System, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	return s.store.all(ctx, p)
}

// Refs is All as other modules know them. Errors: Denied.
func (s *Service) Refs(ctx context.Context) ([]module.Registered, error) {
	list, err := s.All(ctx)
	if err != nil {
		return nil, err
	}
	refs := make([]module.Registered, len(list))
	for i := range list {
		refs[i] = list[i].Registered(s.Units)
	}
	return refs, nil
}

// History returns what became of a system, the newest first. Errors: Denied,
// NotFound.
func (s *Service) History(ctx context.Context, id string) ([]Change, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	return s.store.history(ctx, id)
}

// mayOperate tells whether p may name a unit as an operator: one he sees, or the centre,
// which everybody knows.
func (s *Service) mayOperate(p module.Principal, unit event.UnitID) bool {
	return unit == event.CentreUnit || p.Sees(unit) && s.Units.Active(unit)
}

// mayName refuses units that the caller does not see or that cannot have a system,
// where they are not what they were.
func (s *Service) mayName(p module.Principal, f, old *Facts) error {
	if f.Unit != old.Unit && (f.Unit == "" || !p.Sees(f.Unit) || !s.Units.Active(f.Unit)) {
		return fault.New(fault.NotFound, "unit: no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	if f.OperatorUnit != old.OperatorUnit && f.OperatorUnit != "" && !s.mayOperate(p, f.OperatorUnit) {
		return fault.New(fault.NotFound, "operatorUnit: no such unit").WithCode("unit.unknown").OnField("body.operatorUnit")
	}
	return nil
}

// Add enters a system into the register. Errors: Denied, NotFound (a unit the caller
// does not see), Invalid.
func (s *Service) Add(ctx context.Context, f Facts) (System, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return System{}, err
	}
	var x System
	err := s.write(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		x, err = s.add(ctx, tx, p, f)
		return err
	})
	return x, err
}

func (s *Service) add(ctx context.Context, tx bun.Tx, p module.Principal, f Facts) (System, error) {
	if err := s.mayName(p, &f, &Facts{}); err != nil {
		return System{}, err
	}
	if err := f.keepsList(&Facts{}); err != nil {
		return System{}, err
	}
	if err := f.check(); err != nil {
		return System{}, err
	}
	number, err := sqldb.NextNumber(ctx, tx, "system_numbers", "HT")
	if err != nil {
		return System{}, err
	}
	x := System{ID: module.NewID(), Number: number, State: module.SystemPlanned, Facts: f, CreatedAt: s.Now(), Version: 1}
	x.UpdatedAt, x.UpdatedBy = x.CreatedAt, p.DisplayName
	if err := s.store.insert(ctx, tx, &x); err != nil {
		return System{}, err
	}
	return x, s.tell(ctx, tx, "system.add", nil, &x, "")
}

// Edit makes the facts of a system others. Errors: Denied, NotFound, Conflict
// system.changed, Invalid.
func (s *Service) Edit(ctx context.Context, id string, f Facts, version int64) (System, error) {
	p := module.PrincipalOf(ctx)
	return s.change(ctx, id, version, "system.change", "", func(x *System) error {
		if err := s.mayName(p, &f, &x.Facts); err != nil {
			return err
		}
		if err := f.keepsList(&x.Facts); err != nil {
			return err
		}
		x.Facts = f
		return x.check()
	})
}

// change does something to a system that has the version the caller saw.
func (s *Service) change(ctx context.Context, id string, version int64, action, note string, do func(*System) error) (System, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return System{}, err
	}
	var x System
	err := s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.seen(ctx, tx, p, id)
		switch {
		case err != nil:
			return err
		case old.Version != version:
			return changed()
		}
		x = old
		if err := do(&x); err != nil {
			return err
		}
		return s.put(ctx, tx, action, note, &old, &x)
	})
	return x, err
}

// put stores x over old, where it is another.
func (s *Service) put(ctx context.Context, tx bun.Tx, action, note string, old, x *System) error {
	if len(diff(old, x)) == 0 {
		return nil
	}
	x.Version, x.UpdatedAt, x.UpdatedBy = old.Version+1, s.Now(), module.PrincipalOf(ctx).DisplayName
	ok, err := s.store.update(ctx, tx, x)
	if err != nil {
		return err
	}
	if !ok {
		return changed()
	}
	if old.Unit != x.Unit || old.OperatorUnit != x.OperatorUnit {
		if err := s.store.moveAssets(ctx, tx, x.ID, x.Unit, operatorOf(x)); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, action, old, x, note)
}

const maxAudited = 500 // bytes of a value

// tell keeps what became of a system in its history and in the trail, and tells the
// other modules.
func (s *Service) tell(ctx context.Context, tx bun.Tx, action string, old, x *System, note string) error {
	p, list := module.PrincipalOf(ctx), diff(old, x)
	detail := map[string]string{"code": x.Code(), "name": x.Name, "unit": string(x.Unit)}
	if note != "" {
		detail["note"] = module.Text(note, maxAudited)
	}
	for i := range list {
		c := &list[i]
		c.ID, c.At, c.ByID, c.By = module.NewID(), x.UpdatedAt, p.ID, p.DisplayName
		if old != nil {
			detail[c.Field] = module.Text(c.From, maxAudited) + " → " + module.Text(c.To, maxAudited)
		}
	}
	if err := s.store.addChanges(ctx, tx, x.ID, list); err != nil {
		return err
	}
	if err := s.Trail.Append(ctx, tx, module.Entry{Action: action, Object: "system:" + x.ID, Detail: detail}); err != nil {
		return err
	}
	r := x.Registered(s.Units)
	fact, err := r.Fact()
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{fact})
}

func (s *Service) write(ctx context.Context, do func(context.Context, bun.Tx) error) error {
	if err := sqldb.Retry(ctx, s.DB, do); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// SetLevel notes what a decision made of the level: proposed and approved, 0 to 5,
// below zero leaves it. It is for the module that decides, in its transaction and
// after its own checks. Errors: NotFound, Invalid.
func (s *Service) SetLevel(ctx context.Context, tx bun.Tx, id string, proposed, approved int) error {
	old, ok, err := s.store.one(ctx, tx, id)
	if err == nil && !ok {
		err = unknown()
	}
	if err != nil {
		return err
	}
	if proposed > 5 || approved > 5 {
		return fault.New(fault.Invalid, "a level is 1 to 5").WithCode("system.bad-level")
	}
	x := old
	if proposed >= 0 {
		x.Proposed = proposed
	}
	if approved >= 0 {
		x.Level = approved
	}
	return s.put(ctx, tx, "system.level", "", &old, &x)
}

// SetState makes a system planned, operating or retired. What the gate has against
// operation keeps it from it. Errors: Denied, NotFound, Conflict system.changed,
// system.step or system.gate, Invalid.
func (s *Service) SetState(ctx context.Context, id, to, note string, version int64) (System, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return System{}, err
	}
	if _, err := s.seen(ctx, s.DB, p, id); err != nil {
		return System{}, err
	}
	if note = strings.TrimSpace(note); note == "" || !module.IsText(note, maxNote) {
		return System{}, fault.New(fault.Invalid, "note: say why, in at most %d letters", maxNote).WithCode("system.bad-note").OnField("body.note")
	}
	if to == module.SystemOperating && s.Gate != nil {
		against, err := s.Gate.MayOperate(ctx, id)
		if err != nil {
			return System{}, err
		}
		if len(against) > 0 {
			return System{}, fault.New(fault.Conflict, "the system may not go into operation yet: %s", strings.Join(against, ", ")).WithCode("system.gate")
		}
	}
	return s.change(ctx, id, version, "system.state", note, func(x *System) error {
		if !slices.Contains(steps[x.State], to) {
			return fault.New(fault.Conflict, "a system that is %s cannot become %s", x.State, to).WithCode("system.step")
		}
		x.State = to
		return nil
	})
}

const maxNote = 2000
