package unit

import (
	"context"
	"embed"
	"io/fs"
	"maps"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Service is the register. Names are kept in memory, because every alert and
// every accepted request asks for one.
type Service struct {
	store store
	trail *module.Trail
	now   func() time.Time
	names atomic.Pointer[map[event.UnitID]string]
}

// New makes the service; call Load before serving.
func New(db *bun.DB, trail *module.Trail, now func() time.Time) *Service {
	s := &Service{store: store{db}, trail: trail, now: now}
	s.names.Store(&map[event.UnitID]string{})
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

// Load creates the centre's unit if this is the first start, and reads the names.
func (s *Service) Load(ctx context.Context) error {
	if err := s.store.insertMissing(ctx, rowOf(Centre(), sqldb.MicrosOf(s.now()))); err != nil {
		return err
	}
	return s.refresh(ctx)
}

func (s *Service) refresh(ctx context.Context) error {
	units, err := s.store.list(ctx)
	if err != nil {
		return err
	}
	names := make(map[event.UnitID]string, len(units))
	for _, u := range units {
		names[u.ID] = u.Name
	}
	s.names.Store(&names)
	return nil
}

// Name returns the unit's name, its id if it is unknown.
func (s *Service) Name(id event.UnitID) string {
	if name, ok := (*s.names.Load())[id]; ok {
		return name
	}
	return string(id)
}

// Exists tells whether the unit is registered.
func (s *Service) Exists(id event.UnitID) bool {
	_, ok := (*s.names.Load())[id]
	return ok
}

// List returns the units the principal sees, by name.
// Errors: Unauthenticated, Denied.
func (s *Service) List(ctx context.Context) ([]Unit, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUnitRead); err != nil {
		return nil, err
	}
	all, err := s.store.list(ctx)
	if err != nil {
		return nil, err
	}
	units := all[:0]
	for _, u := range all {
		if p.Sees(u.ID) {
			units = append(units, u)
		}
	}
	return units, nil
}

// Create registers a unit. Errors: Invalid, Conflict if the id is taken, Denied.
func (s *Service) Create(ctx context.Context, u Unit) (Unit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return Unit{}, err
	}
	if err := u.check(); err != nil {
		return Unit{}, err
	}
	if u.Kind == KindCentre {
		return Unit{}, fault.New(fault.Invalid, "kind: there is one centre; use department, commune, enterprise or other").OnField("body.kind")
	}
	row := rowOf(u, sqldb.MicrosOf(s.now()))
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{
			Action: "unit.create", Object: "unit:" + row.ID, Detail: map[string]string{"name": row.Name, "kind": row.Kind},
		})
	})
	if sqldb.IsUnique(err) {
		return Unit{}, fault.New(fault.Conflict, "the unit %s exists already", u.ID).WithCode("unit.exists").OnField("body.id")
	}
	if err != nil {
		return Unit{}, err
	}
	// Copy on write: readers hold the old map.
	for {
		old := s.names.Load()
		names := maps.Clone(*old)
		names[u.ID] = u.Name
		if s.names.CompareAndSwap(old, &names) {
			break
		}
	}
	return row.unit(), nil
}
