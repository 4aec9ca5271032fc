package connection

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Systems is the register of information systems. It goes by the principal in ctx: a
// system he does not see is fault.NotFound.
type Systems interface {
	Ref(ctx context.Context, id string) (module.Registered, error)
	// Some returns those of the systems that he sees, by id.
	Some(ctx context.Context, ids []string) (map[string]module.Registered, error)
	Machines(ctx context.Context, id string) (module.Machines, error)
}

// Options is what the service needs.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Systems Systems
	Config  Config
	Trust   Trust
	Log     *slog.Logger
	Now     func() time.Time
	Wake    func() // after a commit that told facts; nil: they wait
}

// Service keeps connections and looks after them.
type Service struct {
	Options
	store  store
	prober prober
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	guard := notify.Guard{Allowed: o.Config.AllowedNetworks, Setting: "connections.allowedNetworks"}
	return &Service{Options: o, store: store{o.DB}, prober: prober{guard: guard, trust: newTrustFiles(o.Config, o.Trust, o.Log), now: time.Now}}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "connection", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "connection-check", Run: s.watch}},
		On:      map[module.FactKind]func(context.Context, module.Fact) error{module.FactRegistered: s.hear},
	}
}

// hear keeps connections with whom their systems belong to.
func (s *Service) hear(ctx context.Context, f module.Fact) error {
	var r module.Registered
	if err := json.Unmarshal(f.Body, &r); err != nil {
		s.Log.ErrorContext(ctx, "a system could not be read; its connections stay with whom they were", "fact", f.ID, "error", err)
		return nil
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.store.follow(ctx, tx, &r) })
}

func unknown() error {
	return fault.New(fault.NotFound, "no such connection").WithCode("connection.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the connection meanwhile; read it again").WithCode("connection.changed")
}

func (c *Connection) units() []event.UnitID {
	var list []event.UnitID
	for _, u := range []event.UnitID{c.Unit, c.Operator, c.OtherUnit, c.OtherOperator} {
		if u != "" && !slices.Contains(list, u) {
			list = append(list, u)
		}
	}
	return list
}

func sees(p module.Principal, c *Connection) bool { return slices.ContainsFunc(c.units(), p.Sees) }

// changes tells whether p belongs to the side that entered it.
func changes(p module.Principal, c *Connection) bool {
	return p.Require(module.ActionSystemManage) == nil && (p.Sees(c.Unit) || c.Operator != "" && p.Sees(c.Operator))
}

// List returns connections that the caller sees and the cursor of the next page. Errors:
// Denied, NotFound (the system).
func (s *Service) List(ctx context.Context, f Filter) ([]Connection, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, "", err
	}
	if f.System != "" {
		if _, err := s.Systems.Ref(ctx, f.System); err != nil {
			return nil, "", err
		}
	}
	return s.store.list(ctx, p, f)
}

// Get returns a connection. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Connection, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return Connection{}, err
	}
	return s.seen(ctx, s.DB, p, id)
}

func (s *Service) seen(ctx context.Context, db bun.IDB, p module.Principal, id string) (Connection, error) {
	c, ok, err := s.store.one(ctx, db, id)
	if err == nil && (!ok || !sees(p, &c)) {
		err = unknown()
	}
	if err != nil {
		return Connection{}, err
	}
	return c, nil
}

// Outages returns the latest times in which a connection did not work, newest first.
// Errors: Denied, NotFound.
func (s *Service) Outages(ctx context.Context, id string) ([]Outage, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	return s.store.outages(ctx, id)
}

const maxOfSystem = 200

// Add enters a connection of a system. Errors: Denied, NotFound (a system that the caller
// does not see), Invalid, Conflict connection.too-many.
func (s *Service) Add(ctx context.Context, system string, f ConnectionFacts) (Connection, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return Connection{}, err
	}
	c := Connection{ID: module.NewID(), System: system, ConnectionFacts: f, Health: Health{State: Unchecked}, UpdatedAt: s.Now(), UpdatedBy: p.DisplayName, Version: 1}
	if err := s.settle(ctx, p, &c, nil); err != nil {
		return Connection{}, err
	}
	err := s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.store.countOf(ctx, tx, system)
		if err != nil {
			return err
		}
		if n >= maxOfSystem {
			return fault.New(fault.Conflict, "a system has at most %d connections; remove those that are no more", maxOfSystem).WithCode("connection.too-many")
		}
		if err := s.store.insert(ctx, tx, &c, s.first(&c)); err != nil {
			return err
		}
		if err := s.trail(ctx, tx, "connection.add", &c); err != nil {
			return err
		}
		made := module.Connected{ID: c.ID, System: c.System, Other: c.Other, Partner: c.Partner}
		fact, err := made.Fact(c.Unit)
		if err != nil {
			return err
		}
		return module.Emit(ctx, tx, []module.Fact{fact})
	})
	return c, err
}

// Edit makes the facts of a connection others. Errors: Denied, NotFound, Conflict
// connection.changed, Invalid.
func (s *Service) Edit(ctx context.Context, id string, f ConnectionFacts, version int64) (Connection, error) {
	p := module.PrincipalOf(ctx)
	old, err := s.mine(ctx, p, id)
	if err != nil {
		return Connection{}, err
	}
	c := old
	c.ConnectionFacts, c.Version, c.UpdatedAt, c.UpdatedBy = f, version+1, s.Now(), p.DisplayName
	if err := s.settle(ctx, p, &c, &old); err != nil {
		return Connection{}, err
	}
	if c.Check != old.Check {
		c.Health = Health{State: Unchecked, Since: s.Now()}
	}
	err = s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ok, err := s.store.update(ctx, tx, &c, s.first(&c))
		if err != nil {
			return err
		}
		if !ok {
			return changed()
		}
		if c.Check != old.Check {
			if err := s.store.end(ctx, tx, c.ID, s.Now()); err != nil {
				return err
			}
		}
		return s.trail(ctx, tx, "connection.change", &c)
	})
	return c, err
}

// Remove takes a connection away. Errors: Denied, NotFound.
func (s *Service) Remove(ctx context.Context, id string) error {
	c, err := s.mine(ctx, module.PrincipalOf(ctx), id)
	if err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.remove(ctx, tx, c.ID); err != nil {
			return err
		}
		return s.trail(ctx, tx, "connection.remove", &c)
	})
}

// mine is a connection that the caller may change. Of the other side's it is known that
// they are there: Denied.
func (s *Service) mine(ctx context.Context, p module.Principal, id string) (Connection, error) {
	if err := p.Require(module.ActionSystemManage); err != nil {
		return Connection{}, err
	}
	c, err := s.seen(ctx, s.DB, p, id)
	if err == nil && !changes(p, &c) {
		err = fault.New(fault.Denied, "the side that entered a connection changes it").WithCode("connection.not-yours")
	}
	return c, err
}

// settle fills in whose the two systems are and refuses what may not be; old is nil for a
// connection that is new. What it names of before stays, whether or not the caller sees it.
func (s *Service) settle(ctx context.Context, p module.Principal, c, old *Connection) error {
	if err := c.check(); err != nil {
		return err
	}
	own, err := s.Systems.Ref(ctx, c.System)
	if err != nil {
		return err
	}
	c.Unit, c.Operator = own.Unit, operatorOf(&own)
	switch {
	case c.Other == c.System:
		return bad("other", "a system is not connected with itself")
	case c.Other == "":
		c.OtherUnit, c.OtherOperator = "", ""
	case old == nil || old.Other != c.Other:
		other, err := s.Systems.Ref(ctx, c.Other)
		if fault.KindOf(err) == fault.NotFound {
			return fault.New(fault.NotFound, "other: no such information system").WithCode("system.unknown").OnField("body.other")
		}
		if err != nil {
			return err
		}
		c.OtherUnit, c.OtherOperator = other.Unit, operatorOf(&other)
	}
	if old != nil && old.Check == c.Check && old.Other == c.Other {
		return nil
	}
	return s.mayOpen(ctx, p, c)
}

func operatorOf(r *module.Registered) event.UnitID {
	if r.Operator == r.Unit {
		return ""
	}
	return r.Operator
}

// mayOpen refuses a target that the register does not know of either system, but from
// people of the centre: a check must not be a way to feel out what is in a network.
func (s *Service) mayOpen(ctx context.Context, p module.Principal, c *Connection) error {
	if c.Check.Kind == checkNone || p.AllUnits() {
		return nil
	}
	host, _, err := c.Check.host()
	if err != nil {
		return err
	}
	for _, id := range []string{c.System, c.Other} {
		if id == "" {
			continue
		}
		m, err := s.Systems.Machines(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			continue // of the other side the caller may know its name only
		}
		if err != nil {
			return err
		}
		if m.Has(host) || m.Serves(host) {
			return nil
		}
	}
	return fault.New(fault.Invalid, "check.target: %s is no address or domain of the two systems; declare it there first, or ask the centre to set this check", host).
		WithCode("connection.target-undeclared").OnField("body.check.target")
}

// first is when a connection is checked next after it was entered or changed.
func (s *Service) first(c *Connection) time.Time {
	if c.Check.Kind == checkNone {
		return time.Time{}
	}
	return s.Now()
}

func (s *Service) trail(ctx context.Context, tx bun.Tx, action string, c *Connection) error {
	detail := map[string]string{"system": c.System, "unit": string(c.Unit), "kind": c.Kind, "check": c.Check.Kind}
	if c.Other != "" {
		detail["other"] = c.Other
	} else {
		detail["partner"] = module.Text(c.Partner, 300)
	}
	if c.Check.Target != "" {
		detail["target"] = module.Text(c.Check.Target, 300)
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: action, Object: "connection:" + c.ID, Detail: detail})
}

func (s *Service) write(ctx context.Context, do func(context.Context, bun.Tx) error) error {
	if err := sqldb.Retry(ctx, s.DB, do); err != nil {
		return err
	}
	s.Wake()
	return nil
}
