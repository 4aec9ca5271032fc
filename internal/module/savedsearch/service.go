package savedsearch

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// People names users to others.
type People interface {
	DisplayNames(ctx context.Context, ids []string) (map[string]string, error)
}

// Service keeps saved searches.
type Service struct {
	store  store
	trail  *module.Trail
	people People
	now    func() time.Time
}

// New makes the service.
func New(db *bun.DB, trail *module.Trail, people People, now func() time.Time) *Service {
	return &Service{store: store{db}, trail: trail, people: people, now: now}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "savedsearch", Migrations: sub, Routes: s.routes}
}

// Unit and private searches of others are as unknown as those that never were.
func unknown() error {
	return fault.New(fault.NotFound, "no such saved search").WithCode("saved.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody changed this saved search meanwhile; read it again").WithCode("saved.changed")
}

func caller(ctx context.Context) (module.Principal, error) {
	p := module.PrincipalOf(ctx)
	return p, p.Require(module.ActionEventRead)
}

// List returns the saved searches the caller sees, by name: those whose name or
// description holds text, and with mine only his own. Errors: Denied.
func (s *Service) List(ctx context.Context, text string, mine bool) ([]Saved, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.store.list(ctx, p, text, mine, maxList)
}

// Get returns one. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Saved, error) {
	p, err := caller(ctx)
	if err != nil {
		return Saved{}, err
	}
	saved, ok, err := s.store.one(ctx, s.store.db, p, id)
	if err == nil && !ok {
		err = unknown()
	}
	return saved, err
}

// Create saves a search as the caller's own. Errors: Denied, Invalid, Conflict
// if he has one of that name.
func (s *Service) Create(ctx context.Context, saved Saved) (Saved, error) {
	p, err := caller(ctx)
	if err != nil {
		return Saved{}, err
	}
	if err := saved.check(); err != nil {
		return Saved{}, err
	}
	if err := checkQuery(saved.Query); err != nil {
		return Saved{}, err
	}
	return s.insert(ctx, p, saved, "search.save")
}

func (s *Service) insert(ctx context.Context, p module.Principal, saved Saved, action string) (Saved, error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	saved.ID, saved.OwnerID, saved.Unit, saved.Version = module.NewID(), p.ID, p.Unit, 1
	saved.CreatedAt, saved.UpdatedAt = now, now
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.store.countOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if n >= maxPerOwner {
			return fault.New(fault.Conflict, "you have saved %d searches, which is the most; remove some first", n).WithCode("saved.too-many")
		}
		if err := s.store.insert(ctx, tx, &saved); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, entry(action, &saved))
	})
	return saved, named(err)
}

// entry tells the audit trail of a change. The text of a private search is its
// owner's business and stays out of it.
func entry(action string, s *Saved) module.Entry {
	detail := map[string]string{"visibility": string(s.Visibility)}
	if s.Visibility != Private {
		detail["name"], detail["query"] = s.Name, module.Text(s.Query, maxAudited)
	}
	return module.Entry{Action: action, Object: "search:" + s.ID, Detail: detail}
}

const maxAudited = 1000 // bytes of a query

func named(err error) error {
	if sqldb.IsUnique(err) {
		return fault.New(fault.Conflict, "you have a saved search of this name already").WithCode("saved.exists").OnField("body.name")
	}
	return err
}

// Copy saves a search the caller sees as a private one of his own, under name or,
// if that is "", the same name. Errors: Denied, NotFound, Invalid, Conflict.
func (s *Service) Copy(ctx context.Context, id, name string) (Saved, error) {
	p, err := caller(ctx)
	if err != nil {
		return Saved{}, err
	}
	saved, err := s.Get(ctx, id)
	if err != nil {
		return Saved{}, err
	}
	if name != "" {
		saved.Name = name
	}
	saved.Visibility = Private
	if err := saved.check(); err != nil {
		return Saved{}, err
	}
	return s.insert(ctx, p, saved, "search.copy")
}

// Change is what is asked to be different; nil: as it was.
type Change struct {
	Version     int64
	Name        *string
	Description *string
	Query       *string
	From, To    *string
	Columns     *[]string
	View        *[]byte
	Visibility  *Visibility
}

func (c *Change) apply(s *Saved) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&s.Name, c.Name)
	set(&s.Description, c.Description)
	set(&s.Query, c.Query)
	set(&s.From, c.From)
	set(&s.To, c.To)
	if c.Columns != nil {
		s.Columns = *c.Columns
	}
	if c.View != nil {
		s.View = *c.View
	}
	if c.Visibility != nil {
		s.Visibility = *c.Visibility
	}
}

// Update changes one. Errors: Denied, NotFound, Invalid, Conflict if its version
// is another.
func (s *Service) Update(ctx context.Context, id string, c Change) (Saved, error) {
	var saved Saved
	err := s.edit(ctx, id, c.Version, func(ctx context.Context, tx bun.Tx, p module.Principal, old Saved) error {
		saved = old
		c.apply(&saved)
		if saved.OwnerID != p.ID && saved.Visibility == Private {
			return fault.New(fault.Denied, "only its owner can make a saved search private").WithCode("permission.denied")
		}
		if err := saved.check(); err != nil {
			return err
		}
		if saved.Query != old.Query {
			if err := checkQuery(saved.Query); err != nil {
				return err
			}
		}
		saved.Version, saved.UpdatedAt = old.Version+1, s.now().UTC().Truncate(time.Microsecond)
		ok, err := s.store.update(ctx, tx, &saved)
		if err != nil || !ok {
			return orChanged(err)
		}
		return s.trail.Append(ctx, tx, entry("search.update", &saved))
	})
	return saved, named(err)
}

// Remove deletes one. Errors: Denied, NotFound, Conflict if its version is
// another.
func (s *Service) Remove(ctx context.Context, id string, version int64) error {
	return s.edit(ctx, id, version, func(ctx context.Context, tx bun.Tx, _ module.Principal, old Saved) error {
		ok, err := s.store.remove(ctx, tx, id, old.Version)
		if err != nil || !ok {
			return orChanged(err)
		}
		return s.trail.Append(ctx, tx, entry("search.remove", &old))
	})
}

func orChanged(err error) error {
	if err != nil {
		return err
	}
	return changed()
}

// edit runs do on a search the caller may change, if it has the version he saw.
func (s *Service) edit(ctx context.Context, id string, version int64, do func(context.Context, bun.Tx, module.Principal, Saved) error) error {
	p, err := caller(ctx)
	if err != nil {
		return err
	}
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		old, ok, err := s.store.one(ctx, tx, p, id)
		switch {
		case err != nil:
			return err
		case !ok:
			return unknown()
		case !old.editableBy(p):
			return fault.New(fault.Denied, "only its owner or an administrator can change this saved search; copy it instead").WithCode("saved.not-yours")
		case old.Version != version:
			return changed()
		}
		return do(ctx, tx, p, old)
	})
}
