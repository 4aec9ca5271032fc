package readiness

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
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

// Systems is the register, by what the principal in ctx sees.
type Systems interface {
	// Ref returns one system. Errors: Denied, NotFound.
	Ref(ctx context.Context, id string) (module.Registered, error)
	// Refs returns all of them, by their code. Errors: Denied.
	Refs(ctx context.Context) ([]module.Registered, error)
	// Papers returns what the gate asks for besides. Errors: Denied, NotFound.
	Papers(ctx context.Context, id string) (Papers, error)
	// WithPapers returns Refs, each with its Papers. Errors: Denied.
	WithPapers(ctx context.Context) ([]Papered, error)
	// SetCritical notes with the system that it is on the list of those critical to
	// national security, or no longer, by a document.
	SetCritical(ctx context.Context, tx bun.Tx, id string, critical bool, document string) error
}

// Heard tells when the feeds of units were last heard.
type Heard interface {
	Heard(ctx context.Context, units []event.UnitID) (map[event.UnitID]Feeds, error)
}

// Options is what the service needs.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Units   Units
	Systems Systems
	Heard   Heard
	Model   *Model // nil: the one that is shipped
	Zone    *time.Location
	Log     *slog.Logger
	Now     func() time.Time
	Wake    func() // after a commit with facts
}

// Service keeps layers, decisions of the gate and the list of critical systems.
type Service struct {
	Options
	store store
}

// New makes the service.
func New(o Options) *Service {
	if o.Model == nil {
		var err error
		if o.Model, err = ReadModel(Files()); err != nil {
			panic(err) // the file is embedded, and tested
		}
	}
	return &Service{Options: o, store: store{o.DB}}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "readiness", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "readiness", Run: s.run}},
		On:      map[module.FactKind]func(context.Context, module.Fact) error{module.FactRegistered: s.hear},
	}
}

func (s *Service) hear(ctx context.Context, fact module.Fact) error {
	var r module.Registered
	if err := json.Unmarshal(fact.Body, &r); err != nil || r.ID == "" {
		s.Log.ErrorContext(ctx, "a system could not be read", "fact", fact.ID, "error", err)
		return nil
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.store.rename(ctx, tx, &r) })
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed it meanwhile; read it again").WithCode("readiness.changed")
}

func mark(p module.Principal, at time.Time) Mark { return Mark{p.ID, p.DisplayName, at} }
