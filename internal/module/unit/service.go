package unit

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

// Service is the register.
type Service struct {
	store     store
	trail     *module.Trail
	wake      func()
	now       func() time.Time
	changing  sync.Mutex // one change at a time, from its start until tree holds it
	importing sync.Mutex // one workbook at a time is read: each takes memory
	tree      atomic.Pointer[tree]
}

// Options are what a Service works with.
type Options struct {
	DB    *bun.DB
	Trail *module.Trail
	Wake  func() // of the outbox, after facts were written; nil: nobody listens
	Now   func() time.Time
}

// New makes the service; call Load before serving.
func New(o Options) *Service {
	s := &Service{store: store{o.DB}, trail: o.Trail, wake: o.Wake, now: o.Now}
	if s.wake == nil {
		s.wake = func() {}
	}
	s.tree.Store(newTree(nil, 0, ""))
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "unit", Migrations: sub, Routes: s.routes}
}

// Load creates the centre's unit if this is the first start, and reads the tree.
func (s *Service) Load(ctx context.Context) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	centre := Centre()
	centre.CreatedAt = s.now()
	centre.UpdatedAt = centre.CreatedAt
	if err := s.store.insertMissing(ctx, rowOf(&centre)); err != nil {
		return err
	}
	units, version, err := s.store.read(ctx, s.store.db)
	if err != nil {
		return err
	}
	s.tree.Store(newTree(units, version, module.DateOf(s.now())))
	return nil
}

// today returns the tree as it stands today: at midnight units begin and end
// without anybody changing them.
func (s *Service) today() *tree {
	t := s.tree.Load()
	day := module.DateOf(s.now())
	if t.day == day {
		return t
	}
	next := newTree(slices.Clone(t.list), t.version, day)
	s.tree.CompareAndSwap(t, next) // a change that came between is newer
	return next
}

// Name returns the unit's name, its id if it is unknown.
func (s *Service) Name(id event.UnitID) string {
	if u := s.tree.Load().units[id]; u != nil {
		return u.Name
	}
	return string(id)
}

// Exists tells whether the unit is registered, ended ones included.
func (s *Service) Exists(id event.UnitID) bool { return s.tree.Load().units[id] != nil }

// Active tells whether the unit may have new users, tokens and devices: it is
// registered and has not ended. One whose first day is still to come may, since
// people prepare for it.
func (s *Service) Active(id event.UnitID) bool {
	t := s.today()
	u := t.units[id]
	return u != nil && !u.Ended(t.day)
}

// Working returns the units that exist today, without the centre, by id.
func (s *Service) Working() []event.UnitID {
	t := s.today()
	var ids []event.UnitID
	for id, u := range t.units {
		if id != event.CentreUnit && u.ValidFrom <= t.day && !u.Ended(t.day) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Below returns the ids of the units that whoever answers for id answers for
// besides it: those under it in the tree, and the ended ones that it or one of
// these succeeds, in order. The slice is shared and must not be changed.
func (s *Service) Below(id event.UnitID) []event.UnitID { return s.today().beneath(id) }

// Path returns the ids from the centre down to id itself; nil if it is unknown.
func (s *Service) Path(id event.UnitID) []event.UnitID {
	var ids []event.UnitID
	for _, u := range s.today().path(id) {
		ids = append(ids, u.ID)
	}
	return ids
}

// Current returns who answers today for what was id's: id itself, or the first
// of its successors that has not ended.
func (s *Service) Current(id event.UnitID) event.UnitID { return s.today().current(id) }

// Filter selects units; the zero value all.
type Filter struct {
	Text   string // in name, short name, code or id, without marks
	Group  string // of types
	Kind   Kind
	Under  event.UnitID // it and what is below it
	At     module.Date  // in force on that day
	Status Status
}

// Status is a unit's state on a day.
type Status string

// The states.
const (
	StatusActive  Status = "active"
	StatusPlanned Status = "planned"
	StatusEnded   Status = "ended"
)

func (u *Unit) status(day module.Date) Status {
	switch {
	case u.Ended(day):
		return StatusEnded
	case u.Planned(day):
		return StatusPlanned
	}
	return StatusActive
}

func (f *Filter) match(t *tree, u *Unit) bool {
	day := t.day
	if f.At != "" {
		if day = f.At; u.Ended(day) || u.Planned(day) {
			return false
		}
	}
	if f.Status != "" && u.status(day) != f.Status || f.Kind != "" && u.Kind != f.Kind {
		return false
	}
	if f.Group != "" {
		if k := typeOf(u.Kind); k == nil || k.Group != f.Group {
			return false
		}
	}
	return f.Text == "" || strings.Contains(module.Fold(u.Name+"\n"+u.ShortName+"\n"+u.Code+"\n"+string(u.ID)), f.Text)
}

// List returns the units the principal sees that f selects, by name.
// Errors: Unauthenticated, Denied.
func (s *Service) List(ctx context.Context, f Filter) ([]Unit, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUnitRead); err != nil {
		return nil, err
	}
	t := s.today()
	f.Text = module.Fold(f.Text)
	var under map[event.UnitID]bool
	if f.Under != "" {
		if !p.Sees(f.Under) {
			return []Unit{}, nil // whom the caller is below is not told
		}
		under = map[event.UnitID]bool{f.Under: true}
		for _, id := range t.beneath(f.Under) {
			under[id] = true
		}
	}
	sees := sight(p)
	units := []Unit{}
	for i := range t.list {
		u := &t.list[i]
		if sees(u.ID) && (under == nil || under[u.ID]) && f.match(t, u) {
			units = append(units, *u)
		}
	}
	return units, nil
}

// sight is p.Sees for asking about thousands of units.
func sight(p module.Principal) func(event.UnitID) bool {
	if p.AllUnits() {
		return func(event.UnitID) bool { return true }
	}
	reach := map[event.UnitID]bool{}
	for _, id := range p.Reach() {
		reach[id] = true
	}
	return func(id event.UnitID) bool { return reach[id] }
}

// Get returns a unit the principal sees. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id event.UnitID) (Unit, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUnitRead); err != nil {
		return Unit{}, err
	}
	u := s.today().units[id]
	if u == nil || !p.Sees(id) {
		return Unit{}, unknown()
	}
	return *u, nil
}

// A unit the caller may not know of is as unknown as one that never was.
func unknown() error {
	return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody changed this unit meanwhile; read it again").WithCode("unit.changed")
}

// Create registers a unit, under the centre unless it names a parent.
// Errors: Invalid, Conflict if the id is taken, Denied.
func (s *Service) Create(ctx context.Context, u Unit) (Unit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return Unit{}, err
	}
	if u.Parent == "" {
		u.Parent = event.CentreUnit
	}
	u.ValidTo, u.Successors = "", nil
	if err := u.check(); err != nil {
		return Unit{}, err
	}
	if u.Kind == KindCentre {
		return Unit{}, fault.New(fault.Invalid, "kind: there is one centre; use another type").WithCode("unit.bad-kind").OnField("body.kind")
	}
	err := s.apply(ctx, func(_ context.Context, _ bun.Tx, d *draft) (change, error) {
		if d.old.units[u.ID] != nil {
			return change{}, taken(u.ID)
		}
		d.put(u)
		return change{action: "create", entries: []module.Entry{{
			Action: "unit.create", Object: object(u.ID),
			Detail: map[string]string{"name": u.Name, "kind": string(u.Kind), "parent": string(u.Parent)},
		}}}, nil
	})
	if err != nil {
		return Unit{}, err
	}
	return *s.tree.Load().units[u.ID], nil
}

func taken(id event.UnitID) error {
	return fault.New(fault.Conflict, "the unit %s exists already", id).WithCode("unit.exists").OnField("body.id")
}

func object(id event.UnitID) string { return "unit:" + string(id) }

// edit changes one unit that has the version the caller saw.
func (s *Service) edit(ctx context.Context, id event.UnitID, version int64, action string, change1 func(u *Unit, d *draft) error) (Unit, error) {
	err := s.apply(ctx, func(_ context.Context, _ bun.Tx, d *draft) (change, error) {
		u, ok := d.unit(id)
		switch {
		case !ok || !module.PrincipalOf(ctx).Sees(id):
			return change{}, unknown()
		case u.Version != version:
			return change{}, changed()
		}
		if err := change1(&u, d); err != nil {
			return change{}, err
		}
		if err := u.check(); err != nil {
			return change{}, err
		}
		d.put(u)
		return change{action: action, entries: []module.Entry{entryOf(action, d.old.units[id], &u)}}, nil
	})
	if err != nil {
		return Unit{}, err
	}
	return *s.tree.Load().units[id], nil
}

// entryOf tells the trail what became of each field.
func entryOf(action string, old, u *Unit) module.Entry {
	detail := map[string]string{}
	for _, c := range diff(old, u) {
		detail[c.Field] = module.Text(c.From, maxAudited) + " → " + module.Text(c.To, maxAudited)
	}
	return module.Entry{Action: "unit." + action, Object: object(u.ID), Detail: detail}
}

const maxAudited = 500 // bytes of a value

// Move puts a unit under another parent. Errors: Denied, NotFound, Conflict if
// its version is another, it is the centre, or the place is under itself, too
// deep or ended.
func (s *Service) Move(ctx context.Context, id, parent event.UnitID, version int64) (Unit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return Unit{}, err
	}
	return s.edit(ctx, id, version, "move", func(u *Unit, _ *draft) error {
		u.Parent = parent
		return nil
	})
}

// Types returns the types of agency. Errors: Denied.
func (s *Service) Types(ctx context.Context) ([]Type, error) {
	return types(), module.PrincipalOf(ctx).Require(module.ActionUnitRead)
}
