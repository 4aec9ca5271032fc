package dashboard

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/sync/semaphore"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Units knows the tree of units.
type Units interface {
	Name(event.UnitID) string
	// Path returns the unit and those above it.
	Path(event.UnitID) []event.UnitID
	Below(event.UnitID) []event.UnitID
	// Within returns the units the principal in ctx sees that are in being today,
	// without the centre itself.
	Within(ctx context.Context) ([]event.UnitID, error)
}

// People names users to others.
type People interface {
	DisplayNames(ctx context.Context, ids []string) (map[string]string, error)
}

// Options is what the service needs. Nil Exclusions: there are none.
type Options struct {
	DB         *bun.DB
	Trail      *module.Trail
	Alerts     Alerts
	Sources    Sources
	Lake       Lake
	Node       Node
	Units      Units
	People     People
	Exclusions Exclusions
	Log        *slog.Logger
	Now        func() time.Time
}

// Service keeps boards and makes figures.
type Service struct {
	Options
	store     store
	cache     cache
	turns     *semaphore.Weighted // figures being made
	lakeTurns *semaphore.Weighted // of them, those that read the lake
	reports   *semaphore.Weighted
}

const (
	// figureTime is how long one figure may take, waiting for its turn included.
	figureTime = 20 * time.Second
	maxTurns   = 8
	maxLake    = 2
)

var errSlow = fault.New(fault.Busy, "this figure took longer than %v; choose a shorter time", figureTime).WithCode("dashboard.slow")

// New makes the service.
func New(o Options) *Service {
	return &Service{
		Options: o, store: store{o.DB}, cache: cache{now: o.Now, kept: map[string]kept{}},
		turns: semaphore.NewWeighted(maxTurns), lakeTurns: semaphore.NewWeighted(maxLake), reports: semaphore.NewWeighted(maxReports),
	}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "dashboard", Migrations: sub, Routes: s.routes}
}

// Question asks for figures.
type Question struct {
	From, To string       // module.ParsePoint
	Unit     event.UnitID // of this unit and those below it only; "": of all the principal sees
	Widgets  []Widget
	Fresh    bool // the reader asked for it: nothing kept for longer than a moment
}

// Answer is what was asked for.
type Answer struct {
	Period
	Unit    event.UnitID
	Figures []Made // in the order of the widgets
}

// Made is one figure, or why there is none.
type Made struct {
	ID     string
	Kind   string
	Figure *Figure
	Err    error
}

// Figures makes the figures of widgets. One that fails or takes too long has its
// own error and does not keep the others.
// Errors: Denied, Invalid, NotFound for a unit the principal does not see.
func (s *Service) Figures(ctx context.Context, q Question) (*Answer, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDashboardRead); err != nil {
		return nil, err
	}
	q.Widgets = slices.Clone(q.Widgets) // the check mends them
	if err := checkWidgets(q.Widgets); err != nil {
		return nil, err
	}
	now := s.Now()
	period, err := periodOf(q.From, q.To, now)
	if err != nil {
		return nil, err
	}
	if p, err = s.narrow(p, q.Unit); err != nil {
		return nil, err
	}
	ctx = module.WithPrincipal(ctx, p)
	out := &Answer{Period: period, Unit: q.Unit, Figures: make([]Made, len(q.Widgets))}
	var all sync.WaitGroup
	for i := range q.Widgets {
		all.Go(func() {
			w := &q.Widgets[i]
			f, err := s.figure(ctx, p, q, w, now)
			out.Figures[i] = Made{w.ID, w.Kind, f, err}
		})
	}
	all.Wait()
	return out, ctx.Err()
}

// narrow returns p as one who sees no more than unit and those below it, so that
// everything that counts for a principal counts for the unit.
func (s *Service) narrow(p module.Principal, unit event.UnitID) (module.Principal, error) {
	if unit == "" || unit == p.Unit {
		return p, nil
	}
	if !p.Sees(unit) || unit == event.CentreUnit {
		return p, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	below := make([]event.UnitID, 0, 8)
	for _, u := range s.Units.Below(unit) {
		if p.Sees(u) {
			below = append(below, u)
		}
	}
	p.Unit, p.Below = unit, below
	return p, nil
}

func (s *Service) figure(ctx context.Context, p module.Principal, q Question, w *Widget, now time.Time) (*Figure, error) {
	k := kinds[w.Kind]
	for _, a := range k.needs {
		if err := p.Require(a); err != nil {
			return nil, err
		}
	}
	if k.centre && !p.AllUnits() {
		return nil, fault.New(fault.Denied, "this figure is about the whole centre").WithCode("dashboard.centre-only")
	}
	from, to := q.From, q.To
	if w.Range != "" {
		from, to = "now-"+w.Range, "now"
	}
	period, err := periodOf(from, to, now)
	if err != nil {
		return nil, err
	}
	a := &ask{Period: period, unit: q.Unit, limit: w.Limit, levels: levels}
	if a.limit == 0 || k.limit == 0 {
		a.limit = k.limit
	}
	if k.levels && len(w.Levels) > 0 {
		a.levels = chosen(w.Levels)
	}
	key, err := keyOf(p, w.Kind, a.unit, a.limit, a.levels, from, to)
	if err != nil {
		return nil, err
	}
	keep := keepFor(period.To.Sub(period.From))
	most := keep
	if q.Fresh {
		most = leastKept
	}
	f, err := s.cache.get(ctx, key, most, keep, func(ctx context.Context) (*Figure, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, figureTime, errSlow)
		defer cancel()
		return s.count(ctx, k, a)
	})
	if err != nil && fault.KindOf(err) == fault.Internal && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "a figure cannot be made", "kind", w.Kind, "error", err)
	}
	return f, err
}

func (s *Service) count(ctx context.Context, k *kind, a *ask) (*Figure, error) {
	if err := s.turns.Acquire(ctx, 1); err != nil {
		return nil, context.Cause(ctx)
	}
	defer s.turns.Release(1)
	f, err := k.count(ctx, s, a)
	if err != nil && errors.Is(context.Cause(ctx), errSlow) {
		return nil, errSlow
	}
	return f, err
}

// chosen puts levels into their order, each once.
func chosen(some []string) []string {
	out := make([]string, 0, len(levels))
	for _, l := range levels {
		for _, x := range some {
			if x == l {
				out = append(out, l)
				break
			}
		}
	}
	return out
}

func unknown() error {
	return fault.New(fault.NotFound, "no such dashboard").WithCode("dashboard.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody changed this dashboard meanwhile; read it again").WithCode("dashboard.changed")
}

// List returns the boards the caller sees: those built in, then by name.
// Errors: Denied.
func (s *Service) List(ctx context.Context) ([]Board, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDashboardRead); err != nil {
		return nil, err
	}
	saved, err := s.store.list(ctx, p, s.Units.Path(p.Unit))
	return append(append([]Board{}, builtIn...), saved...), err
}

// Get returns one board. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Board, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDashboardRead); err != nil {
		return Board{}, err
	}
	return s.one(ctx, s.DB, p, id)
}

func (s *Service) one(ctx context.Context, db bun.IDB, p module.Principal, id string) (Board, error) {
	for i := range builtIn {
		if builtIn[i].ID == id {
			return builtIn[i], nil
		}
	}
	b, ok, err := s.store.one(ctx, db, id)
	if err == nil && (!ok || !b.visibleTo(p, s.Units.Path(p.Unit))) {
		err = unknown()
	}
	return b, err
}

// Create saves a board as the caller's own. Errors: Denied, Invalid, Conflict if he
// has one of that name or too many.
func (s *Service) Create(ctx context.Context, b Board) (Board, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDashboardEdit); err != nil {
		return Board{}, err
	}
	if err := b.check(); err != nil {
		return Board{}, err
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	b.ID, b.BuiltIn, b.OwnerID, b.Unit, b.Version, b.CreatedAt, b.UpdatedAt = module.NewID(), false, p.ID, p.Unit, 1, now, now
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.store.countOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if n >= maxPerOwner {
			return fault.New(fault.Conflict, "you have %d dashboards, which is the most; remove some first", n).WithCode("dashboard.too-many")
		}
		if err := s.store.insert(ctx, tx, &b); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, entry("dashboard.create", &b))
	})
	return b, named(err)
}

// entry tells the audit trail of a change. The name of a private board is its
// owner's business.
func entry(action string, b *Board) module.Entry {
	detail := map[string]string{"visibility": string(b.Visibility), "widgets": itoa(len(b.Widgets))}
	if b.Visibility != Private {
		detail["name"] = b.Name.Vi
	}
	return module.Entry{Action: action, Object: "dashboard:" + b.ID, Detail: detail}
}

func named(err error) error {
	if sqldb.IsUnique(err) {
		return fault.New(fault.Conflict, "you have a dashboard of this name already").WithCode("dashboard.exists").OnField("body.name")
	}
	return err
}

// Change is what is asked to be different; nil: as it was.
type Change struct {
	Version    int64
	Name       *string
	About      *string
	Range      *string
	Visibility *Visibility
	Widgets    *[]Widget
}

func (c *Change) apply(b *Board) {
	if c.Name != nil {
		b.Name = Words{*c.Name, *c.Name}
	}
	if c.About != nil {
		b.About = Words{*c.About, *c.About}
	}
	if c.Range != nil {
		b.Range = *c.Range
	}
	if c.Visibility != nil {
		b.Visibility = *c.Visibility
	}
	if c.Widgets != nil {
		b.Widgets = *c.Widgets
	}
}

// Update changes one. Errors: Denied, NotFound, Invalid, Conflict if its version
// is another.
func (s *Service) Update(ctx context.Context, id string, c Change) (Board, error) {
	var b Board
	err := s.edit(ctx, id, c.Version, func(ctx context.Context, tx bun.Tx, p module.Principal, old Board) error {
		b = old
		c.apply(&b)
		if b.OwnerID != p.ID && b.Visibility == Private {
			return fault.New(fault.Denied, "only its owner can make a dashboard private").WithCode("permission.denied")
		}
		if err := b.check(); err != nil {
			return err
		}
		b.Version, b.UpdatedAt = old.Version+1, s.Now().UTC().Truncate(time.Microsecond)
		ok, err := s.store.update(ctx, tx, &b)
		if err == nil && !ok {
			err = changed()
		}
		if err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, entry("dashboard.update", &b))
	})
	return b, named(err)
}

// Remove deletes one. Errors: Denied, NotFound, Conflict if its version is
// another.
func (s *Service) Remove(ctx context.Context, id string, version int64) error {
	return s.edit(ctx, id, version, func(ctx context.Context, tx bun.Tx, _ module.Principal, old Board) error {
		ok, err := s.store.remove(ctx, tx, id, version)
		if err == nil && !ok {
			err = changed()
		}
		if err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, entry("dashboard.remove", &old))
	})
}

// edit runs do on a board the caller may change, if it has the version he saw.
func (s *Service) edit(ctx context.Context, id string, version int64, do func(context.Context, bun.Tx, module.Principal, Board) error) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDashboardEdit); err != nil {
		return err
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.one(ctx, tx, p, id)
		switch {
		case err != nil:
			return err
		case !old.editableBy(p):
			return fault.New(fault.Denied, "only its owner or an administrator can change this dashboard; copy it instead").WithCode("dashboard.not-yours")
		case old.Version != version:
			return changed()
		}
		return do(ctx, tx, p, old)
	})
}
