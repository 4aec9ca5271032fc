package coordination

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

//go:embed data/forces.yaml
var forcesFile []byte

// Units knows the units that exist.
type Units interface {
	Name(event.UnitID) string
	Active(event.UnitID) bool
}

// Matters knows what people are brought together about. It goes by the principal in
// ctx: a matter he does not see is fault.NotFound.
type Matters interface {
	Matter(ctx context.Context, kind, id string) (Matter, error)
}

// People knows the accounts.
type People interface {
	// Person returns the user if the user sees unit, else fault.NotFound.
	Person(ctx context.Context, id string, unit event.UnitID) (module.PersonView, error)
}

// Live tells the open consoles of a unit that something is to be read again.
type Live interface {
	Publish(unit event.UnitID, name string, data any) error
}

// Options is what the service needs.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Units   Units
	Matters Matters
	People  People
	Live    Live // nil: nobody watches
	Zone    *time.Location
	Log     *slog.Logger
	Now     func() time.Time
	Wake    func() // after a commit that told facts; nil: they wait
}

// Force is one of the four forces of the province.
type Force struct {
	ID   string `yaml:"id"`
	Vi   string `yaml:"vi"`
	En   string `yaml:"en"`
	Role struct {
		Vi string `yaml:"vi"`
		En string `yaml:"en"`
	} `yaml:"role"`
}

// Service brings people and forces together.
type Service struct {
	Options
	forces []Force
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	s := &Service{Options: o}
	if err := yaml.Unmarshal(forcesFile, &s.forces); err != nil {
		panic(err) // the file is embedded, and tested
	}
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "coordination", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "coordination-clock", Run: s.run}}}
}

// do runs a change with its audit record, and then has open consoles read again.
func (s *Service) do(ctx context.Context, units []event.UnitID, change func(ctx context.Context, tx bun.Tx) (module.Entry, error)) error {
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		e, err := change(ctx, tx)
		if err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	s.Wake()
	s.changedOf(units...)
	return nil
}

func (s *Service) changedOf(units ...event.UnitID) {
	if s.Live == nil {
		return
	}
	for _, u := range units {
		if u == "" {
			continue
		}
		if err := s.Live.Publish(u, "coordination", struct{}{}); err != nil {
			s.Log.Warn("the open consoles could not be told", "error", err)
		}
	}
}

// matter returns what the principal may do a about. Errors: Denied, NotFound.
func (s *Service) matter(ctx context.Context, a module.Action, subject module.Subject) (Matter, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(a); err != nil {
		return Matter{}, err
	}
	m, err := s.Matters.Matter(ctx, subject.Kind, subject.ID)
	if err == nil && !p.Can(a, m.Unit) {
		err = fault.New(fault.NotFound, "no such matter").WithCode("coordination.matter").OnField("body.subject")
	}
	return m, err
}

// side checks a side and gives it its name. Errors: Invalid, NotFound.
func (s *Service) side(ctx context.Context, x Side, field string) (Side, error) {
	none := fault.New(fault.Invalid, "no %s %q", x.Kind, x.ID).WithCode("coordination.side").OnField("body." + field)
	switch x.Kind {
	case SideUnit:
		unit := event.UnitID(x.ID)
		if !s.Units.Active(unit) {
			return x, none
		}
		x.Name = s.Units.Name(unit)
		return x, nil
	case SideForce:
		for _, f := range s.forces {
			if f.ID == x.ID {
				x.Name = f.Vi
				return x, nil
			}
		}
	case SideMember:
		c, err := one[Contact](ctx, s.DB, x.ID)
		if err == nil && module.PrincipalOf(ctx).Sees(c.Unit) {
			x.Name = c.Name
			return x, nil
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return x, err
		}
	}
	return x, none
}

const (
	look   = 15 * time.Second
	atOnce = 100
)

func (s *Service) run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Tick lets call-ups go down their lines and reminds of asks.
func (s *Service) Tick(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	if err := s.tickCalls(ctx); err != nil {
		return fmt.Errorf("call-ups: %w", err)
	}
	if err := s.tickAsks(ctx); err != nil {
		return fmt.Errorf("asks: %w", err)
	}
	return nil
}
