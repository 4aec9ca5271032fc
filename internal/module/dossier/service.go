package dossier

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Units knows what units are called.
type Units interface {
	Name(event.UnitID) string
	Below(event.UnitID) []event.UnitID
}

// System is what the register knows of a system that a dossier or Form 08 asks for.
type System struct {
	module.Registered

	Regulation        Decision // its internal security regulation
	Plan              string   // how far the security plan is deployed: none, partly, full
	PlannedApproval   module.Date
	PlannedDeployment module.Date
	Entered           time.Time // into the register
}

// Systems is the register. System and Systems go by the principal in ctx: a system he
// does not see is fault.NotFound, and not in the list.
type Systems interface {
	System(ctx context.Context, id string) (System, error)
	Systems(ctx context.Context) ([]System, error)
	// SystemsAt is Systems with state, levels, plan and planned days as they were just
	// before a moment, those entered later with what was entered first.
	SystemsAt(ctx context.Context, end time.Time) ([]System, error)
	// SetLevel has the register take over the level as proposed and as approved, in
	// the transaction of the step that made it so; below zero leaves one as it is.
	SetLevel(ctx context.Context, tx bun.Tx, id string, proposed, approved int) error
}

// Calendar knows the working days of the public service.
type Calendar interface {
	// AfterWorkingDays returns when a time of n working days has run out.
	AfterWorkingDays(start time.Time, n int) time.Time
}

// Options is what the service needs.
type Options struct {
	DB       *bun.DB
	Trail    *module.Trail
	Units    Units
	Systems  Systems
	Calendar Calendar
	// Aspects tells how the register describes a system, for what calls for a new
	// level; nil: nothing is compared.
	Aspects  func(ctx context.Context, system string) (map[level.Aspect]string, error)
	Register Describer // of systems, for papers; nil: nothing is known of them
	Papers   Papers
	// Head is the letterhead of a unit, for Form 08; nil: it has none.
	Head func(ctx context.Context, issuer event.UnitID) (Head, error)
	Law  *Law // nil: what is shipped
	// Signatures looks through files that arrive; nil: nobody does.
	Signatures *module.Signatures
	Dir        string // of the files
	Zone       *time.Location
	Log        *slog.Logger
	Now        func() time.Time
	Wake       func() // after a commit that told facts; nil: they wait
}

// Service keeps the dossiers.
type Service struct {
	Options
	store store
	law   *Law
}

// New makes the service; call Load before serving.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Law == nil {
		var err error
		if o.Law, err = shipped(); err != nil {
			panic(err) // the files are embedded, and tested
		}
	}
	return &Service{Options: o, store: store{o.DB}, law: o.Law}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "dossier", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "dossier-clock", Run: s.run}},
		On: map[module.FactKind]func(context.Context, module.Fact) error{
			module.FactRegistered: s.hear, module.FactMatter: s.hearMatter, module.FactConnected: s.hearConnected, module.FactInspected: s.hearInspected,
		},
	}
}

func unknown() error {
	return fault.New(fault.NotFound, "no such dossier").WithCode("dossier.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the dossier; read it again").WithCode("dossier.changed")
}

func (s *Service) today() module.Date { return module.DateOf(s.Now()) }

// hear keeps the names and units of dossiers in step with the register.
func (s *Service) hear(ctx context.Context, fact module.Fact) error {
	var r module.Registered
	if err := json.Unmarshal(fact.Body, &r); err != nil {
		s.Log.ErrorContext(ctx, "a system could not be read; its dossiers keep the old name", "fact", fact.ID, "error", err)
		return nil
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		list, err := s.store.ofSystem(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if err := s.store.renameCalls(ctx, tx, &r); err != nil {
			return err
		}
		if err := s.callChanged(ctx, tx, &r, list); err != nil {
			return err
		}
		for i := range list {
			d := list[i]
			now := d
			now.of(&r)
			if !d.State.Open() && d.Unit == r.Unit || d.SystemName == now.SystemName && d.Unit == now.Unit && d.Operator == now.Operator && d.OperatorName == now.OperatorName {
				continue // nothing new, or decided: that keeps the names it was decided under
			}
			d.of(&r)
			d.Version++
			if _, err := s.store.update(ctx, tx, &d); err != nil {
				return err
			}
		}
		return nil
	})
}

// of takes over who and what the register says the system is.
func (d *Dossier) of(r *module.Registered) {
	d.System, d.SystemCode, d.SystemName, d.Unit, d.Operator, d.OperatorName = r.ID, r.Code, r.Name, r.Unit, r.Operator, r.OperatorName
}

// List returns dossiers, those changed last first, and the cursor of the next page.
// Errors: Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, f Filter) ([]Dossier, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierRead); err != nil {
		return nil, "", err
	}
	f.At = s.Now()
	return s.store.list(ctx, p, f)
}

// Get returns a dossier. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Dossier, error) {
	return s.get(ctx, s.DB, module.PrincipalOf(ctx), module.ActionDossierRead, id)
}

func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, a module.Action, id string) (Dossier, error) {
	if err := p.Require(a); err != nil {
		return Dossier{}, err
	}
	d, ok, err := s.store.one(ctx, db, id)
	if err == nil && (!ok || !d.sees(p)) {
		err = unknown()
	}
	return d, err
}

// Begin is what a dossier begins with.
type Begin struct {
	System   string
	Criteria string // "": those in force
	Trigger  string // needed where the level was approved already
	Reason   string
}

// Create begins the dossier of a system as a draft, with the answers of the last one.
// Errors: Denied, NotFound, Conflict dossier.open, Invalid.
func (s *Service) Create(ctx context.Context, b Begin) (Dossier, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierWrite); err != nil {
		return Dossier{}, err
	}
	r, err := s.Systems.System(ctx, b.System)
	if err != nil {
		return Dossier{}, err
	}
	if b.Criteria == "" {
		b.Criteria = level.Current
	}
	if s.law.levels.Of(b.Criteria) == nil {
		return Dossier{}, bad("criteria", "criteria", "no criteria %q", module.Text(b.Criteria, 40))
	}
	known := slices.ContainsFunc(s.law.levels.Triggers, func(t level.Trigger) bool { return t.ID == b.Trigger })
	switch {
	case r.Level > 0 && b.Trigger == "":
		return Dossier{}, bad("trigger", "trigger", "the system has an approved level: say what calls for a new one")
	case b.Trigger != "" && !known:
		return Dossier{}, bad("trigger", "trigger", "no trigger %q", module.Text(b.Trigger, 40))
	case !module.IsText(b.Reason, maxNote):
		return Dossier{}, bad("reason", "note", "a reason has at most %d letters", maxNote)
	}
	now := s.Now()
	d := Dossier{ID: module.NewID(), State: Draft, Criteria: b.Criteria, Trigger: b.Trigger, Reason: strings.TrimSpace(b.Reason), Answers: level.Answers{},
		CreatedAt: now, ChangedAt: now, Version: 1}
	d.of(&r.Registered)
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.store.ofSystem(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(before, func(x Dossier) bool { return x.Criteria == d.Criteria }); i >= 0 {
			d.Answers, d.Level = before[i].Answers, before[i].Level
		}
		if err := s.insert(ctx, tx, &d, before); err != nil {
			return err
		}
		if err := s.store.startCalls(ctx, tx, &d, Hand{p.ID, p.DisplayName, now}); err != nil {
			return err
		}
		return s.trail(ctx, tx, "create", &d, map[string]string{"system": d.SystemCode, "trigger": d.Trigger})
	})
	return d, err
}

// insert numbers and stores a dossier, where none of those before it is open.
func (s *Service) insert(ctx context.Context, tx bun.Tx, d *Dossier, before []Dossier) error {
	for i := range before {
		if before[i].State.Open() {
			return fault.New(fault.Conflict, "the system has the open dossier %s; go on with it or withdraw it", before[i].Code).WithCode("dossier.open")
		}
	}
	series := fmt.Sprintf("HS-%d", d.CreatedAt.In(s.Zone).Year())
	n, err := sqldb.NextNumber(ctx, tx, "dossier_numbers", series)
	if err != nil {
		return err
	}
	d.Code = fmt.Sprintf("%s-%04d", series, n)
	return s.store.insert(ctx, tx, d)
}

// Answer keeps answers of the questionnaire with a draft. Errors: Denied, NotFound,
// Conflict, Invalid level.answer.
func (s *Service) Answer(ctx context.Context, id, criteria string, answers level.Answers, version int64) (Dossier, error) {
	return s.edit(ctx, id, version, func(d *Dossier) error {
		c := s.law.levels.Of(criteria)
		if c == nil {
			return bad("criteria", "criteria", "no criteria %q", module.Text(criteria, 40))
		}
		r, err := c.Judge(answers)
		if err != nil {
			return err
		}
		d.Criteria, d.Answers, d.Level = criteria, answers, r.Level
		return nil
	})
}

// edit changes a draft.
func (s *Service) edit(ctx context.Context, id string, version int64, change func(d *Dossier) error) (Dossier, error) {
	p := module.PrincipalOf(ctx)
	var d Dossier
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if d, err = s.get(ctx, tx, p, module.ActionDossierWrite, id); err != nil {
			return err
		}
		if err := editable(&d, version); err != nil {
			return err
		}
		if err := change(&d); err != nil {
			return err
		}
		d.ChangedAt, d.Version = s.Now(), d.Version+1
		if ok, err := s.store.update(ctx, tx, &d); err != nil || !ok {
			return orChanged(err)
		}
		return s.trail(ctx, tx, "change", &d, map[string]string{"level": fmt.Sprint(d.Level), "criteria": d.Criteria})
	})
	return d, err
}

func orChanged(err error) error {
	if err == nil {
		return changed()
	}
	return err
}

// editable refuses to change what is out of its writer's hands. version 0: any.
func editable(d *Dossier, version int64) error {
	switch {
	case version != 0 && d.Version != version:
		return changed()
	case d.State != Draft:
		return fault.New(fault.Conflict, "only a draft is changed; this dossier is %s", d.State).WithCode("dossier.state")
	}
	return nil
}

func (s *Service) trail(ctx context.Context, tx bun.Tx, action string, d *Dossier, detail map[string]string) error {
	detail["code"], detail["unit"] = d.Code, string(d.Unit)
	return s.Trail.Append(ctx, tx, module.Entry{Action: "dossier." + action, Object: "dossier:" + d.ID, Detail: detail})
}

// Triggers returns what calls for the level of the dossier's system to be determined
// anew since it was sent, as far as the register tells.
func (s *Service) Triggers(ctx context.Context, d *Dossier) ([]level.Trigger, error) {
	if s.Aspects == nil || d.State != Approved || d.Aspects == nil {
		return nil, nil
	}
	now, err := s.Aspects(ctx, d.System)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil // the operator's people may see the dossier and not the system
	}
	if err != nil {
		return nil, err
	}
	return s.law.levels.Called(d.Aspects, now), nil
}
