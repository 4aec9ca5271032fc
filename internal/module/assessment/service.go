package assessment

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Units knows the units that exist.
type Units interface {
	Name(event.UnitID) string
	Active(event.UnitID) bool
}

// Systems knows the register of systems. It goes by the principal in ctx.
type Systems interface {
	Ref(ctx context.Context, id string) (module.Registered, error)
}

// Keeper is an organisation that has to do with what is assessed.
type Keeper struct {
	Role string // one of the roles below
	Name string
	Of   string // the system or unit, by name
}

// What a keeper does with what is assessed; read as words of a sentence.
const (
	Owns     = "owns"
	Operates = "operates"
	Monitors = "monitors"
)

// Keepers knows who owns, operates and monitors systems of the register and a unit.
type Keepers interface {
	Keepers(ctx context.Context, unit event.UnitID, systems []string) ([]Keeper, error)
}

// Options is what the service needs.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Units   Units
	Systems Systems // nil: systems are known by what people write
	// Requirements are what is asked of systems of the register; nil: only what is asked
	// of all.
	Requirements Requirements
	// Keepers are whom an independent assessor must not be; nil: those alone that people
	// write with a visit.
	Keepers Keepers
	Tables  *Tables // nil: those that are shipped
	Cycles  Cycles
	Zone    *time.Location
	Log     *slog.Logger
	Now     func() time.Time
	Wake    func() // after a commit that told facts; nil: they wait
}

// Service keeps plans, visits and findings.
type Service struct {
	Options
	store store
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Tables == nil {
		var err error
		if o.Tables, err = ReadTables(Files()); err != nil {
			panic(err) // the files are embedded, and tested
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
	return module.Module{Name: "assessment", Migrations: sub, Routes: s.routes}
}

func unknown(what string) error {
	return fault.New(fault.NotFound, "no such %s", what).WithCode("assessment.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed it meanwhile; read it again").WithCode("assessment.changed")
}

func wrongState(why string) error {
	return fault.New(fault.Conflict, "%s", why).WithCode("assessment.state")
}

// sees tells whether p hears of a visit: the centre of all, a unit of its own once it was
// told.
func (v *Visit) sees(p module.Principal) bool {
	return p.AllUnits() || p.Sees(v.Unit) && v.State != Planned
}

// VisitFilter says which visits to list.
type VisitFilter struct {
	Unit  event.UnitID
	State State
	Kind  Kind
	Year  int // 0: any
	Limit int
	After string
}

// Visits returns visits, those that begin last first, and the cursor of the next page.
// Errors: Denied, Invalid (the cursor).
func (s *Service) Visits(ctx context.Context, f VisitFilter) ([]Visit, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentRead); err != nil {
		return nil, "", err
	}
	return s.store.visits(ctx, p, &f)
}

// Visit returns one with its findings. Errors: Denied, NotFound.
func (s *Service) Visit(ctx context.Context, id string) (Visit, []Finding, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentRead); err != nil {
		return Visit{}, nil, err
	}
	v, err := s.visit(ctx, s.DB, p, id)
	if err != nil {
		return v, nil, err
	}
	list, err := s.store.findingsOf(ctx, s.DB, id)
	return v, list, err
}

func (s *Service) visit(ctx context.Context, db bun.IDB, p module.Principal, id string) (Visit, error) {
	v, ok, err := s.store.visit(ctx, db, id)
	if err == nil && (!ok || !v.sees(p)) {
		err = unknown("visit")
	}
	if err != nil {
		return Visit{}, err
	}
	return v, nil
}

// prepare checks what people say of a visit, and takes from the register what it knows.
func (s *Service) prepare(ctx context.Context, f *Facts) error {
	if !s.Units.Active(f.Unit) {
		return fault.New(fault.NotFound, "unit: no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	for i := range f.Systems {
		x := &f.Systems[i]
		x.Name, x.Operator, x.Asked = module.OneLine(x.Name), module.OneLine(x.Operator), 0
		if x.ID == "" || s.Systems == nil {
			continue
		}
		r, err := s.Systems.Ref(ctx, x.ID)
		if err != nil {
			return err
		}
		if r.Unit != f.Unit {
			return bad("systems", r.Name+" is of another unit")
		}
		x.Name, x.Operator, x.Level = r.Name, r.OperatorName, r.Level
		x.Asked = cmp.Or(r.Level, r.Proposed, 1)
	}
	for i := range f.Team {
		m := &f.Team[i]
		m.Name, m.Duty, m.Organisation = module.OneLine(m.Name), module.OneLine(m.Duty), module.OneLine(m.Organisation)
	}
	for i := range f.Devices {
		d := &f.Devices[i]
		d.Name, d.Origin, d.Note = module.OneLine(d.Name), module.OneLine(d.Origin), strings.TrimSpace(d.Note)
	}
	if err := f.check(); err != nil {
		return err
	}
	return s.independent(ctx, f)
}

// independent refuses an independent assessment by who keeps what is assessed, by what
// people write with it and by what the register holds.
func (s *Service) independent(ctx context.Context, f *Facts) error {
	if f.Kind != Independent {
		return nil
	}
	keepers := f.keepers()
	if s.Keepers != nil {
		known, err := s.Keepers.Keepers(ctx, f.Unit, f.registered())
		if err != nil {
			return err
		}
		keepers = append(keepers, known...)
	}
	return s.Tables.independent(f, append(keepers, Keeper{Owns, s.Units.Name(f.Unit), s.Units.Name(f.Unit)}))
}

// Add makes a visit, which its unit does not hear of yet, unless it made it. Errors: Denied, NotFound (a
// unit, a system), Invalid.
func (s *Service) Add(ctx context.Context, f Facts) (Visit, error) {
	p := module.PrincipalOf(ctx)
	if err := mayKeep(p, f.Kind, f.Unit); err != nil {
		return Visit{}, err
	}
	if err := s.prepare(ctx, &f); err != nil {
		return Visit{}, err
	}
	v := Visit{Facts: f, ID: module.NewID(), State: Planned, CreatedAt: s.Now(), By: p.DisplayName, Version: 1}
	if manages(p) != nil { // nobody needs to tell a unit what it does itself
		v.OfUnit, v.State, v.NoticedAt = true, Noticed, v.CreatedAt
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		year := string(module.DateOf(s.Now()))[:4]
		n, err := sqldb.NextNumber(ctx, tx, "assessment_numbers", "KT-"+year)
		if err != nil {
			return err
		}
		v.Code = fmt.Sprintf("KT-%s-%04d", year, n)
		if err := s.store.insertVisit(ctx, tx, &v); err != nil {
			return err
		}
		return s.trail(ctx, tx, "add", &v)
	})
	return v, err
}

// Change replaces what is said of a visit that is not over; its unit stays once the unit
// was told. Errors: Denied, NotFound, Invalid, Conflict.
func (s *Service) Change(ctx context.Context, id string, f Facts, version int64) (Visit, error) {
	p := module.PrincipalOf(ctx)
	if err := mayKeep(p, f.Kind, f.Unit); err != nil {
		return Visit{}, err
	}
	if err := s.prepare(ctx, &f); err != nil {
		return Visit{}, err
	}
	return s.edit(ctx, id, version, "change", func(v *Visit) error {
		switch {
		case !v.OfUnit && manages(p) != nil:
			return manages(p)
		case v.OfUnit && f.Kind != Self:
			return bad("kind", "its unit assesses itself; make a visit of another kind")
		case v.State == Cancelled:
			return wrongState("a cancelled visit does not change")
		case v.State == Concluded && (f.Kind != v.Kind || f.Unit != v.Unit || !f.StartsAt.Equal(v.StartsAt)):
			return wrongState("of a concluded visit only its papers and verdicts change")
		case v.State == Running && f.Kind != v.Kind:
			// Kinds that need no notice would otherwise begin at once as what they are not.
			return bad("kind", "it has begun as what it is; cancel this visit and make another")
		case v.State != Planned && f.Unit != v.Unit:
			return bad("unit", "the unit was told; cancel this visit and make another")
		}
		if rule, early := s.Tables.early(&f, v.NoticedAt); early && v.State == Noticed && f.Emergency == "" {
			return tooEarly(rule)
		}
		v.Facts = f
		return nil
	})
}

func tooEarly(rule noticeRule) error {
	return fault.New(fault.Invalid, "startsAt: at least %d hours after the unit is told (%s); begin later, or say which emergency this rests on", rule.Hours, rule.Basis).
		WithCode("assessment.too-early").OnField("body.startsAt")
}

// The steps of a visit.
const (
	StepNotify   = "notify"
	StepStart    = "start"
	StepConclude = "conclude"
	StepCancel   = "cancel"
)

// Step brings a visit on: its unit is told, it begins, it is concluded or cancelled.
// Errors: Denied, NotFound, Conflict (also assessment.before-start, assessment.no-team and
// assessment.nothing-recorded), Invalid assessment.too-early.
func (s *Service) Step(ctx context.Context, id, verb, text string, version int64) (Visit, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentSelf); err != nil {
		return Visit{}, err
	}
	text = strings.TrimSpace(text)
	if !module.IsText(text, maxText) {
		return Visit{}, bad("text", "at most 20,000 letters")
	}
	if verb != StepCancel {
		// Who monitors or operates a system may have changed since the visit was prepared.
		v, err := s.visit(ctx, s.DB, p, id)
		if err == nil {
			err = mayKeep(p, v.Kind, v.Unit)
		}
		if err == nil {
			err = s.independent(ctx, &v.Facts)
		}
		if err != nil {
			return Visit{}, err
		}
	}
	v, err := s.edit(ctx, id, version, verb, func(v *Visit) error {
		now := s.Now()
		switch {
		case verb == StepCancel && !v.OfUnit && manages(p) != nil:
			return manages(p) // what the centre asked for is the centre's to call off
		case verb == StepNotify && v.State == Planned:
			if rule, early := s.Tables.early(&v.Facts, now); early && v.Emergency == "" {
				return tooEarly(rule)
			}
			v.State, v.NoticedAt = Noticed, now
			return nil
		case verb == StepStart && v.State == Noticed:
			if err := s.Tables.mayStart(v, now); err != nil {
				return err
			}
			v.State, v.StartedAt = Running, now
			return nil
		case verb == StepConclude && v.State == Running:
			if text == "" {
				return bad("text", "say what the visit came to")
			}
			if err := v.mayConclude(); err != nil {
				return err
			}
			v.State, v.ConcludedAt, v.Conclusion = Concluded, now, text
			return nil
		case verb == StepCancel && (v.State == Planned || v.State == Noticed || v.State == Running):
			v.State, v.Conclusion = Cancelled, text
			return nil
		}
		return wrongState("a visit that is " + string(v.State) + " has no such step")
	})
	if err == nil {
		s.Wake()
	}
	return v, err
}

// SetAnswers writes down what was found of what is asked. Errors: Denied, NotFound,
// Invalid, Conflict.
func (s *Service) SetAnswers(ctx context.Context, id string, answers map[string]Answer, version int64) (Visit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAssessmentSelf); err != nil {
		return Visit{}, err
	}
	return s.edit(ctx, id, version, "answers", func(v *Visit) error {
		if v.State != Running && v.State != Noticed {
			return wrongState("the checklist is filled in while the visit runs")
		}
		for item, a := range answers {
			if !s.asks(v, item) {
				return bad("answers", "not asked: "+module.Text(item, 100))
			}
			if a.Note = strings.TrimSpace(a.Note); !module.IsText(a.Note, maxText) {
				return bad("answers", "a note of at most 20,000 letters")
			}
			answers[item] = a
		}
		v.Answers = answers
		return nil
	})
}

func (s *Service) edit(ctx context.Context, id string, version int64, verb string, change func(*Visit) error) (Visit, error) {
	p := module.PrincipalOf(ctx)
	var v Visit
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		if v, err = s.visit(ctx, tx, p, id); err != nil {
			return err
		}
		if v.Version != version {
			return changed()
		}
		if err := mayKeep(p, v.Kind, v.Unit); err != nil {
			return err
		}
		if err := change(&v); err != nil {
			return err
		}
		v.Version++
		ok, err := s.store.updateVisit(ctx, tx, &v)
		if err == nil && !ok {
			err = changed()
		}
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, verb, &v); err != nil {
			return err
		}
		if verb == StepConclude {
			if err := s.tellFound(ctx, tx, &v); err != nil {
				return err
			}
		}
		return s.trail(ctx, tx, verb, &v)
	})
	return v, err
}

func (s *Service) trail(ctx context.Context, tx bun.Tx, verb string, v *Visit) error {
	detail := map[string]string{"code": v.Code, "unit": string(v.Unit), "kind": string(v.Kind), "state": string(v.State)}
	if v.Emergency != "" {
		detail["emergency"] = module.Text(v.Emergency, 1000)
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "assessment." + verb, Object: "assessment:" + v.ID, Detail: detail})
}
