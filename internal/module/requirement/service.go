package requirement

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

// Units knows what units are called.
type Units interface {
	Name(event.UnitID) string
}

// Options is what the service needs.
type Options struct {
	DB       *bun.DB
	Trail    *module.Trail
	Units    Units
	Measures Measures
	// Catalogues is what is asked; nil: what is shipped.
	Catalogues *Catalogues
	Dir        string // of the files of evidence
	// Signatures looks through the files of evidence; nil: nobody does.
	Signatures *module.Signatures
	Log        *slog.Logger
	Now        func() time.Time
}

// Service keeps the findings, and what is asked of each system.
type Service struct {
	Options
	store     store
	catalogue *Catalogue
	standards *Standards
}

// New makes the service; call Load before it is used.
func New(o Options) *Service {
	if o.Catalogues == nil {
		var err error
		if o.Catalogues, err = ReadCatalogues(Files()); err != nil {
			panic(err) // the files are embedded, and tested
		}
	}
	return &Service{Options: o, store: store{o.DB}, catalogue: o.Catalogues.catalogue, standards: o.Catalogues.standards}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "requirement", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "requirement measures", Run: s.runMeasures}},
		On: map[module.FactKind]func(context.Context, module.Fact) error{
			module.FactMatter: s.hear, module.FactRegistered: s.hearSystem, module.FactVerified: s.hearVerified,
		},
	}
}

// hear takes over what a matter speaks against. It may be told twice.
func (s *Service) hear(ctx context.Context, fact module.Fact) error {
	m, err := module.ReadMatter(fact)
	if err != nil {
		s.Log.ErrorContext(ctx, "a matter could not be read; it speaks against no requirement", "fact", fact.ID, "error", err)
		return nil
	}
	category, _ := m.Traits["category"].(string)
	level, _ := m.Traits["level"].(float64)
	systems := texts(m.Traits["systems"])
	since, confirmed := m.At["confirmedAt"]
	ctx = module.WithPrincipal(ctx, module.System())
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		found, err := s.store.about(ctx, tx, m.Subject)
		if err != nil {
			return err
		}
		against := map[string]bool{}
		if confirmed && !m.Ended {
			for _, g := range s.catalogue.Against(m.Subject.Kind, category, int(level)) {
				against[g] = true
			}
		}
		for _, g := range slices.Sorted(maps.Keys(found)) {
			f := found[g]
			if err := s.follow(ctx, tx, f, &m, against[g], int(level), systems); err != nil {
				return err
			}
		}
		for _, g := range slices.Sorted(maps.Keys(against)) {
			if _, ok := found[g]; ok {
				continue
			}
			f := Finding{
				ID: module.NewID(), Unit: m.Unit, Group: g, Code: s.catalogue.groups[g].Codes[int(level)], Level: int(level), Systems: systems,
				Subject: m.Subject, Drill: m.Drill, State: Failing, Since: since, Version: 1,
			}
			f.State = f.heard(&m, true)
			if err := s.arise(ctx, tx, &f); err != nil {
				return err
			}
		}
		return nil
	})
}

func texts(v any) []string {
	list, _ := v.([]any) // as JSON has a list of texts
	var out []string
	for _, x := range list {
		if text, ok := x.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

func (s *Service) arise(ctx context.Context, tx bun.Tx, f *Finding) error {
	fresh, err := s.store.insert(ctx, tx, f)
	if err != nil || !fresh {
		return err
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "requirement.fail", Object: "requirement:" + f.ID, Detail: map[string]string{
		"group": f.Group, "code": f.Code, "unit": string(f.Unit), "subject": f.Subject.Code,
	}})
}

// follow keeps a finding in step with its matter.
func (s *Service) follow(ctx context.Context, tx bun.Tx, f Finding, m *module.Matter, speaks bool, level int, systems []string) error {
	now := s.Now()
	to := f.heard(m, speaks)
	code := s.catalogue.groups[f.Group].Codes[level]
	if to == f.State && f.Subject == m.Subject && f.Unit == m.Unit && f.Level == level && f.Code == code && slices.Equal(f.Systems, systems) {
		return nil
	}
	from := f.State
	f.Subject, f.Unit, f.Level, f.Code, f.Systems, f.State, f.Version = m.Subject, m.Unit, level, code, systems, to, f.Version+1
	if !to.Open() && f.EndedAt.IsZero() {
		f.EndedAt = now
	}
	if _, err := s.store.update(ctx, tx, &f); err != nil || from == to {
		return err
	}
	return s.store.addStep(ctx, tx, f.ID, &Step{ID: module.NewID(), Verb: Note, From: from, To: to, At: now})
}

func unknown() error {
	return fault.New(fault.NotFound, "no such finding").WithCode("requirement.unknown")
}

// List returns findings, the newest first, and how many there are in all. Errors:
// Denied.
func (s *Service) List(ctx context.Context, f Filter) ([]Finding, int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRequirementRead); err != nil {
		return nil, 0, err
	}
	return s.store.list(ctx, p, f)
}

// Get returns a finding with what happened to it. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Finding, []Step, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRequirementRead); err != nil {
		return Finding{}, nil, err
	}
	f, ok, err := s.store.one(ctx, s.DB, id)
	if err != nil {
		return f, nil, err
	}
	if !ok || !p.Sees(f.Unit) {
		return f, nil, unknown()
	}
	steps, err := s.store.steps(ctx, id)
	return f, steps, err
}

// Take does a step. Errors: Denied, NotFound, Conflict requirement.changed or
// requirement.state, Invalid.
func (s *Service) Take(ctx context.Context, id string, v Verb, note string, version int64) (Finding, []Step, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRequirementVerify); err != nil {
		return Finding{}, nil, err
	}
	now := s.Now()
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		f, ok, err := s.store.one(ctx, tx, id)
		switch changed := fault.New(fault.Conflict, "the finding was changed meanwhile; read it again").WithCode("requirement.changed"); {
		case err != nil:
			return err
		case !ok || !p.Can(module.ActionRequirementVerify, f.Unit):
			return unknown()
		case f.Version != version:
			return changed
		}
		to, err := f.step(v, note)
		if err != nil {
			return err
		}
		x := Step{ID: module.NewID(), Verb: v, From: f.State, To: to, Note: strings.TrimSpace(note), ByID: p.ID, By: p.DisplayName, At: now}
		f.State, f.Version = to, f.Version+1
		f.EndedAt = time.Time{}
		if !to.Open() {
			f.EndedAt = now
		}
		if ok, err := s.store.update(ctx, tx, &f); err != nil || !ok {
			if err == nil {
				err = fault.New(fault.Conflict, "the finding was changed meanwhile; read it again").WithCode("requirement.changed")
			}
			return err
		}
		if err := s.store.addStep(ctx, tx, id, &x); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "requirement." + string(v), Object: "requirement:" + id, Detail: map[string]string{
			"group": f.Group, "unit": string(f.Unit), "subject": f.Subject.Code, "from": string(x.From), "to": string(to), "note": x.Note,
		}})
	})
	if err != nil {
		return Finding{}, nil, err
	}
	return s.Get(ctx, id)
}
