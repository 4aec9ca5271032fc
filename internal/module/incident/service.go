package incident

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
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

// Units knows the tree of units.
type Units interface {
	Name(event.UnitID) string
	Active(event.UnitID) bool
}

// Alerts tells of alerts that become part of an incident. It goes by the
// principal in ctx: an alert he does not see is fault.NotFound.
type Alerts interface {
	Alert(ctx context.Context, id string) (Alert, error)
}

// Alert is an alert as incidents need it.
type Alert struct {
	ID      string
	Title   string
	TitleVi string
	Level   string
	Rule    string
	Unit    event.UnitID
	Entity  Observable // its type and value; empty if it has none
	First   time.Time  // when the earliest event of it happened
	Drill   bool
}

// People knows the accounts.
type People interface {
	// Person returns the user if the user may be given an incident of unit, else
	// fault.NotFound.
	Person(ctx context.Context, id string, unit event.UnitID) (module.PersonView, error)
	DisplayNames(ctx context.Context, ids []string) (map[string]string, error)
	// Everyone returns the accounts in use, as who they would act as.
	Everyone(ctx context.Context) ([]module.Principal, error)
}

// Options is what the service needs.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Units   Units
	Systems Systems
	Alerts  Alerts
	Events  Events
	People  People
	Zone    *time.Location
	Log     *slog.Logger
	Now     func() time.Time
	Wake    func() // after a commit that told facts; nil: they wait
	Dir     string // for the bytes of files
	// MaxFile bounds one file; 0: as the product has it.
	MaxFile int64
	// DiskFree is how much the disk of Dir takes still.
	DiskFree func() (int64, error)
	Chain    Chain // nil: there is none
	// SecureCookie is set when browsers reach the node by TLS.
	SecureCookie bool
}

// Service keeps the incidents.
type Service struct {
	Options
	store   store
	shipped map[place]string // the catalogue as the product comes
	current atomic.Pointer[Catalogue]
	editing sync.Mutex // of the catalogue
	vault   vault
	// files keeps bytes from being put and removed at once.
	files     sync.Mutex
	receiving chan struct{} // slots
	packing   chan struct{} // one dossier is made at a time
}

// New makes the service; call Load before it is used.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.MaxFile == 0 {
		o.MaxFile = defaultMaxFile
	}
	texts, err := shipped()
	if err != nil {
		panic(err) // the files are embedded, and tested
	}
	book, err := build(texts)
	if err != nil {
		panic(err) // as they are
	}
	s := &Service{Options: o, store: store{o.DB}, shipped: texts, vault: vault{o.Dir}, receiving: make(chan struct{}, maxReceiving), packing: make(chan struct{}, 1)}
	s.current.Store(book)
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "incident", Migrations: sub, Routes: s.routes,
		On: map[module.FactKind]func(context.Context, module.Fact) error{factHandover: s.hearHandover}}
}

func unknown() error {
	return fault.New(fault.NotFound, "no such incident").WithCode("incident.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the incident; read it again").WithCode("incident.changed")
}

// List returns the incidents the principal sees, the newest first, and the cursor
// of the next page. Errors: Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, f Filter) ([]Incident, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentRead); err != nil {
		return nil, "", err
	}
	f.Text = strings.TrimSpace(f.Text)
	return s.store.list(ctx, p, f)
}

// Get returns an incident as far as the principal may see it. Errors: Denied,
// NotFound.
func (s *Service) Get(ctx context.Context, id string) (Incident, Sight, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentRead); err != nil {
		return Incident{}, Sight{}, err
	}
	return s.get(ctx, s.DB, p, id)
}

// get reads an incident and how much of it p sees.
func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, id string) (Incident, Sight, error) {
	i, ok, err := s.store.one(ctx, db, id)
	if err != nil || !ok {
		if err == nil {
			err = unknown()
		}
		return Incident{}, Sight{}, err
	}
	if p.Sees(i.Unit) {
		return i, Sight{All: true, TLP: Red}, nil
	}
	sight, err := s.store.sight(ctx, db, p, id)
	if err == nil && sight.TLP == "" {
		err = unknown()
	}
	return i, sight, err
}

// Change applies a patch that was made on the version seen. Two people who change
// different fields lose nothing; of the same field the error names it. Errors:
// Denied, NotFound, Conflict incident.changed, Invalid.
func (s *Service) Change(ctx context.Context, id string, patch Patch, version int64) (Incident, error) {
	return s.edit(ctx, id, "edit", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		return s.patched(ctx, tx, p, i, patch, version)
	})
}

// patched applies a patch that p made on the version seen.
func (s *Service) patched(ctx context.Context, tx bun.Tx, p module.Principal, i Incident, patch Patch, version int64) (Incident, map[string]string, error) {
	if !i.Open() && i.MergedInto != "" {
		return i, nil, fault.New(fault.Conflict, "the incident was merged into another; work on that one").WithCode("incident.merged")
	}
	next, fields, err := i.apply(patch, version, s.book(), s.Now())
	if err != nil {
		return i, nil, err
	}
	if next.Unit != i.Unit && (!p.Sees(next.Unit) || !s.Units.Active(next.Unit)) {
		return i, nil, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	if next.Lead != i.Lead && next.Lead != "" {
		if _, err := s.People.Person(ctx, next.Lead, next.Unit); err != nil {
			return i, nil, err
		}
	}
	if err := s.checkUnits(p, next.Units, i.Units); err != nil {
		return i, nil, err
	}
	if next.Systems, err = s.registered(ctx, next.Systems, i.Systems); err != nil {
		return i, nil, err
	}
	if len(fields) == 0 {
		return next, nil, nil
	}
	if err := s.notify(ctx, tx, &next, ledBy(&next, i.Lead, p.ID)...); err != nil {
		return i, nil, err
	}
	return next, map[string]string{"fields": strings.Join(fields, " ")}, nil
}

// maxLed bounds the incidents that are given to somebody at once.
const maxLed = 200

// LeadAll gives incidents to somebody to lead, all or none, and tells how many had
// another lead before. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) LeadAll(ctx context.Context, ids []string, lead string) (changed int, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentHandle); err != nil {
		return 0, err
	}
	if len(ids) == 0 || len(ids) > maxLed {
		return 0, bad("ids", "too-many", "name 1 to %d incidents", maxLed)
	}
	value, err := json.Marshal(lead)
	if err != nil {
		return 0, err
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		changed = 0
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			_, err := s.editIn(ctx, tx, p, id, "edit", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
				next, detail, err := s.patched(ctx, tx, p, i, Patch{"lead": value}, i.Version)
				if detail != nil {
					changed++
				}
				return next, detail, err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.Wake()
	return changed, nil
}

// Move takes an incident into another phase. Errors: Denied, NotFound, Conflict,
// Invalid where closing lacks something.
func (s *Service) Move(ctx context.Context, id string, to Phase, version int64) (Incident, error) {
	return s.edit(ctx, id, "phase", func(_ context.Context, _ bun.Tx, _ module.Principal, i Incident) (Incident, map[string]string, error) {
		if i.Version != version {
			return i, nil, changed()
		}
		next, err := i.move(to, s.Now())
		if err != nil {
			return i, nil, err
		}
		next.Version++
		return next, map[string]string{"from": string(i.Phase), "to": string(to)}, nil
	})
}

// edit reads an incident, changes it, and stores it with a note in its timeline.
// A change without detail is none.
func (s *Service) edit(ctx context.Context, id, kind string, change change) (Incident, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentHandle); err != nil {
		return Incident{}, err
	}
	var after Incident
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		after, err = s.editIn(ctx, tx, p, id, kind, change)
		return err
	})
	if err != nil {
		return Incident{}, err
	}
	s.Wake()
	return after, nil
}

type change func(context.Context, bun.Tx, module.Principal, Incident) (Incident, map[string]string, error)

func (s *Service) editIn(ctx context.Context, tx bun.Tx, p module.Principal, id, kind string, change change) (Incident, error) {
	before, sight, err := s.get(ctx, tx, p, id)
	if err != nil {
		return before, err
	}
	if !sight.All || !p.Can(module.ActionIncidentHandle, before.Unit) {
		return before, fault.New(fault.Denied, "the incident was shared with you to read; its own unit changes it").WithCode("permission.denied")
	}
	after, detail, err := change(ctx, tx, p, before)
	if err != nil || detail == nil {
		return after, err
	}
	after.ChangedAt = s.Now()
	if ok, err := s.store.update(ctx, tx, &after, before.Version); err != nil || !ok {
		if err == nil {
			err = changed()
		}
		return after, err
	}
	if err := s.note(ctx, tx, &after, kind, detail); err != nil {
		return after, err
	}
	return after, s.told(ctx, tx, &after, kind, detail)
}
