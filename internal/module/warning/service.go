package warning

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Units knows the register of units.
type Units interface {
	Name(event.UnitID) string
	Active(event.UnitID) bool
	// Working returns the units that exist today, without the centre.
	Working() []event.UnitID
	Below(event.UnitID) []event.UnitID
	// Kinds returns the type of every unit.
	Kinds() map[event.UnitID]string
}

// Runs knows what units declared they run: by unit, what of it is affected.
type Runs interface {
	Running(ctx context.Context, products []AffectedProduct) (map[event.UnitID][]string, error)
}

// Events counts stored events. See lake.Lake.Aggregate.
type Events interface {
	Aggregate(ctx context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error)
}

// Options is what the service needs; all but Runs and Wake are required.
type Options struct {
	DB     *bun.DB
	Trail  *module.Trail
	Units  Units
	Runs   Runs // nil: there are no software lists
	Events Events
	Dir    string // of the files units give as proof
	Zone   *time.Location
	Log    *slog.Logger
	Now    func() time.Time
	Wake   func() // after a commit that told facts; nil: they wait
}

// Service keeps the warnings.
type Service struct {
	Options
	store     store
	templates []WarningTemplate
	compute   chan struct{} // an audience waits
}

// New makes the service; call Load before serving.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	list, err := shippedTemplates()
	if err != nil {
		panic(err) // the file is embedded, and tested
	}
	return &Service{Options: o, store: store{o.DB}, templates: list, compute: make(chan struct{}, 1)}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "warning", Migrations: sub, Routes: s.routes, Workers: []module.Worker{
		{Name: "warning-audience", Run: s.runAudience}, {Name: "warning-chase", Run: s.runChase},
	}}
}

func unknown() error {
	return fault.New(fault.NotFound, "no such warning").WithCode("warning.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the warning; read it again").WithCode("warning.changed")
}

func inState(w *Warning, states ...State) error {
	if slices.Contains(states, w.State) {
		return nil
	}
	return fault.New(fault.Conflict, "a warning that is %s cannot take this step", w.State).WithCode("warning.state")
}

// Templates returns what warnings begin with. Errors: Denied.
func (s *Service) Templates(ctx context.Context) ([]WarningTemplate, error) {
	return s.templates, module.PrincipalOf(ctx).Require(module.ActionWarningWrite)
}

// List returns warnings, the last changed first, and the cursor of the next page.
// Errors: Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, f Filter) ([]Warning, string, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionWarningOversee); err != nil {
		return nil, "", err
	}
	f.Text = strings.TrimSpace(f.Text)
	return s.store.list(ctx, f)
}

// Get returns a warning with its state of delivery. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Warning, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionWarningOversee); err != nil {
		return Warning{}, err
	}
	return s.get(ctx, s.DB, id)
}

func (s *Service) get(ctx context.Context, db bun.IDB, id string) (Warning, error) {
	w, ok, err := s.store.one(ctx, db, id)
	if err == nil && !ok {
		err = unknown()
	}
	return w, err
}

// Create begins a warning as a draft. Errors: Denied, Invalid.
func (s *Service) Create(ctx context.Context, f WarningFacts, drill bool) (Warning, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionWarningWrite); err != nil {
		return Warning{}, err
	}
	if err := s.check(&f); err != nil {
		return Warning{}, err
	}
	now := s.Now()
	w := Warning{ID: module.NewID(), Drill: drill, WarningFacts: f, State: Draft, Writers: []string{p.ID}, CreatedAt: now, CreatedBy: p.ID,
		CreatedName: p.DisplayName, ChangedAt: now, Version: 1}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.insert(ctx, tx, &w); err != nil {
			return err
		}
		return s.audit(ctx, tx, &w, "create", map[string]string{"title": w.Title})
	})
	return w, err
}

func (s *Service) check(f *WarningFacts) error {
	if err := f.clean(); err != nil {
		return err
	}
	for _, u := range f.Choice.Under {
		if !s.Units.Active(u) {
			return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.facts.choice.under")
		}
	}
	return nil
}

// Change replaces the facts of a draft; a warning that waits for its publication
// becomes a draft again. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Change(ctx context.Context, id string, f WarningFacts, version int64) (Warning, error) {
	if err := s.check(&f); err != nil {
		return Warning{}, err
	}
	return s.edit(ctx, id, version, module.ActionWarningWrite, "change", func(_ context.Context, _ bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Draft, Review); err != nil {
			return nil, err
		}
		detail := map[string]string{"from": string(w.State)}
		if reflect.DeepEqual(w.WarningFacts, f) {
			return nil, nil
		}
		w.WarningFacts = f
		w.touched(p)
		return detail, nil
	})
}

// touched is what a change of what will be sent comes to: whoever made it does not
// publish it, and it is looked at anew.
func (w *Warning) touched(p module.Principal) {
	if !slices.Contains(w.Writers, p.ID) {
		w.Writers = append(w.Writers, p.ID)
	}
	w.State, w.ReviewedAt, w.ReviewedName = Draft, time.Time{}, ""
}

// Submit hands a draft in for publication. Errors: Denied, NotFound, Conflict,
// Invalid naming what is missing.
func (s *Service) Submit(ctx context.Context, id string, version int64) (Warning, error) {
	return s.edit(ctx, id, version, module.ActionWarningWrite, "submit", func(ctx context.Context, tx bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Draft); err != nil {
			return nil, err
		}
		if err := w.ready(); err != nil {
			return nil, err
		}
		n, err := s.audienceReady(ctx, tx, w)
		if err != nil {
			return nil, err
		}
		w.State, w.ReviewedAt, w.ReviewedName, w.Reason = Review, s.Now(), p.DisplayName, ""
		if !slices.Contains(w.Writers, p.ID) {
			w.Writers = append(w.Writers, p.ID)
		}
		return map[string]string{"units": strconv.Itoa(n)}, s.notify(ctx, tx, event.CentreUnit, notice{Notice: module.Notice{Kind: "warning.review", Level: w.Severity,
			TitleVi: "Cảnh báo sớm chờ phát hành: " + w.subject("vi"), Title: "A warning awaits publication: " + w.subject("en"),
			Object: "warning:" + w.ID, Drill: w.Drill}, roles: []string{"coordinator", "leader"}})
	})
}

// audienceReady returns how many units would get the warning. Errors: Conflict.
func (s *Service) audienceReady(ctx context.Context, tx bun.Tx, w *Warning) (int, error) {
	if w.Audience.busy() {
		return 0, fault.New(fault.Conflict, "the audience is being computed; wait until it is done").WithCode("warning.computing")
	}
	key, err := s.store.audienceKey(ctx, tx, w.ID)
	if err != nil {
		return 0, err
	}
	if w.Audience.State == "" || key != w.audienceKey() {
		return 0, fault.New(fault.Conflict, "what the audience is computed from was changed; compute it again").WithCode("warning.audience-stale")
	}
	members, err := s.store.members(ctx, tx, w.ID)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, m := range members {
		if m.Removed == "" {
			n++
		}
	}
	if n == 0 {
		return 0, fault.New(fault.Conflict, "no unit would get the warning; choose whom it is for, or add units").WithCode("warning.nobody")
	}
	return n, nil
}

// audienceKey changes with anything the audience is computed from.
func (w *Warning) audienceKey() string {
	text, err := json.Marshal([]any{w.Choice, w.Products, w.CVEs, w.Indicators})
	if err != nil {
		return "" // texts and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Return gives a warning that waits for its publication back to those who wrote it.
// Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Return(ctx context.Context, id string, version int64, reason string) (Warning, error) {
	return s.edit(ctx, id, version, module.ActionWarningPublish, "return", func(ctx context.Context, tx bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Review); err != nil {
			return nil, err
		}
		if letters(strings.TrimSpace(reason)) < minReason {
			return nil, bad("reason", "reason", "say in at least %d letters what is to be changed", minReason)
		}
		w.State, w.Reason = Draft, module.Text(strings.TrimSpace(reason), 4*maxTitle)
		return map[string]string{"reason": w.Reason}, s.notify(ctx, tx, event.CentreUnit, notice{Notice: module.Notice{Kind: "warning.review", Level: "low", User: w.CreatedBy,
			TitleVi: "Cảnh báo sớm được trả lại để sửa: " + w.subject("vi"), Title: "A warning was returned for changes: " + w.subject("en"),
			Object: "warning:" + w.ID, Drill: w.Drill}})
	})
}

// Publish gives the warning its number and every unit of its audience a copy. Who
// wrote any of it may not. Errors: Denied warning.four-eyes, NotFound, Conflict.
func (s *Service) Publish(ctx context.Context, id string, version int64) (Warning, error) {
	return s.edit(ctx, id, version, module.ActionWarningPublish, "publish", func(ctx context.Context, tx bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Review); err != nil {
			return nil, err
		}
		if slices.Contains(w.Writers, p.ID) {
			return nil, fault.New(fault.Denied, "who wrote a warning does not publish it: ask somebody else of the centre to").WithCode("warning.four-eyes")
		}
		if _, err := s.audienceReady(ctx, tx, w); err != nil {
			return nil, err
		}
		now := s.Now()
		series := fmt.Sprintf("%s-%d", map[bool]string{false: "CB", true: "DT-CB"}[w.Drill], now.In(s.Zone).Year())
		number, err := sqldb.NextNumber(ctx, tx, "warning_numbers", series)
		if err != nil {
			return nil, err
		}
		w.Code = fmt.Sprintf("%s-%04d", series, number)
		w.State, w.PublishedAt, w.PublishedBy, w.PublishedName = Published, now, p.ID, p.DisplayName
		w.AckBy, w.FixBy = now.Add(time.Duration(w.AckHours)*time.Hour), now.Add(time.Duration(w.FixHours)*time.Hour)
		n, err := s.send(ctx, tx, w)
		return map[string]string{"code": w.Code, "units": strconv.Itoa(n)}, err
	})
}

// send makes the copies.
func (s *Service) send(ctx context.Context, tx bun.Tx, w *Warning) (int, error) {
	members, err := s.store.members(ctx, tx, w.ID)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, m := range members {
		// A unit that ended since is no one to write to.
		if m.Removed != "" || !s.Units.Active(m.Unit) {
			continue
		}
		c := Copy{Warning: w.ID, Unit: m.Unit, Drill: w.Drill, Open: true, SentAt: w.PublishedAt, AckBy: w.AckBy, FixBy: w.FixBy, Version: 1}
		if err := s.give(ctx, tx, w, &c, ""); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Withdraw takes a warning back: a draft is dropped, of a published one the units
// are told. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Withdraw(ctx context.Context, id string, version int64, reason string) (Warning, error) {
	before, err := s.Get(ctx, id)
	if err != nil {
		return before, err
	}
	action := module.ActionWarningWrite // who writes may drop what has not gone out
	if before.State == Published {
		action = module.ActionWarningPublish
	}
	return s.edit(ctx, id, version, action, "withdraw", func(ctx context.Context, tx bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Draft, Review, Published); err != nil {
			return nil, err
		}
		if letters(strings.TrimSpace(reason)) < minReason {
			return nil, bad("reason", "reason", "say in at least %d letters why", minReason)
		}
		sent := w.State == Published
		w.State, w.EndedAt, w.Reason = Withdrawn, s.Now(), module.Text(strings.TrimSpace(reason), 4*maxTitle)
		if !sent {
			return map[string]string{"reason": w.Reason}, nil
		}
		copies, err := s.store.copies(ctx, tx, w.ID)
		if err != nil {
			return nil, err
		}
		for i := range copies {
			c := &copies[i]
			if !c.Open {
				continue
			}
			if err := c.settle("withdrawn", "", w.EndedAt, p.DisplayName); err != nil {
				return nil, err
			}
			if err := s.save(ctx, tx, w, c, StepWithdraw, w.Reason, nil, FactSettled); err != nil {
				return nil, err
			}
			if err := s.toUnit(ctx, tx, w, c, "warning.published", "Thu hồi cảnh báo sớm", "An early warning was withdrawn", []string{"security-officer", "unit-head"}); err != nil {
				return nil, err
			}
		}
		return map[string]string{"reason": w.Reason, "code": w.Code}, nil
	})
}

// edit reads a warning, changes it and stores it. A change without detail is none.
func (s *Service) edit(ctx context.Context, id string, version int64, action module.Action, verb string, change func(context.Context, bun.Tx, module.Principal, *Warning) (map[string]string, error)) (Warning, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(action); err != nil {
		return Warning{}, err
	}
	var w Warning
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if w, err = s.get(ctx, tx, id); err != nil {
			return err
		}
		if w.Version != version {
			return changed()
		}
		detail, err := change(ctx, tx, p, &w)
		if err != nil || detail == nil {
			return err
		}
		w.ChangedAt = s.Now()
		w.Version++
		if ok, err := s.store.update(ctx, tx, &w); err != nil || !ok {
			if err == nil {
				err = changed()
			}
			return err
		}
		return s.audit(ctx, tx, &w, verb, detail)
	})
	if err != nil {
		return Warning{}, err
	}
	s.Wake()
	return w, nil
}

func (s *Service) audit(ctx context.Context, tx bun.Tx, w *Warning, verb string, detail map[string]string) error {
	return s.Trail.Append(ctx, tx, module.Entry{Action: "warning." + verb, Object: "warning:" + w.ID, Detail: detail})
}
