package exclusion

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/sigma"
)

//go:embed migrations
var migrations embed.FS

// Units knows the tree of units.
type Units interface {
	Name(event.UnitID) string
	Exists(event.UnitID) bool
	Below(event.UnitID) []event.UnitID
	// Path returns the ids from the centre down to the unit itself.
	Path(event.UnitID) []event.UnitID
}

// Rulebook has the rules in force, and applies exclusions to them.
type Rulebook interface {
	Current() (*detect.Set, time.Time)
	// Exclude puts these exclusions in the place of those in force, at once. The
	// problems are of those that exclude nothing, by id.
	Exclude([]detect.Exclusion) map[string][]sigma.Problem
}

// Alerts tells of alerts what an exclusion is made from, and closes the one it is
// made from. All go by the principal in ctx.
type Alerts interface {
	Subject(ctx context.Context, alertID string) (Subject, error)
	// OfRules lists alerts of the rules in the units, newest first, at most limit.
	OfRules(ctx context.Context, rules []string, units []event.UnitID, since time.Time, limit int) ([]Subject, error)
	// Close closes an alert in tx; Closed is called after its commit.
	Close(ctx context.Context, tx bun.Tx, alertID, reason, note string) error
	Closed(alertID string)
}

// Subject is an alert as exclusions need it.
type Subject struct {
	ID          string
	RuleID      string
	Title       string
	TitleVi     string
	Unit        event.UnitID
	EntityField string
	EntityValue string
	Signal      bool          // no rule raised it
	Series      bool          // its rule is a correlation
	Group       []event.Field // of the series: what the rule groups by
	At          time.Time
	Query       string // finds its events
	From, To    time.Time
}

// Events finds stored events. See lake.Lake.
type Events interface {
	Search(ctx context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error)
}

// Config is the part of the configuration about exclusions.
type Config struct {
	// FourEyes asks for somebody else to approve than who proposed.
	FourEyes bool `yaml:"fourEyes"`
}

// Options is what the service needs.
type Options struct {
	DB     *bun.DB
	Trail  *module.Trail
	Units  Units
	Rules  Rulebook
	Alerts Alerts
	Events Events
	Config Config
	Log    *slog.Logger
	Now    func() time.Time
	Wake   func() // after a commit that told facts; nil: they wait
}

// Service keeps the exclusions.
type Service struct {
	Options
	store store

	applying sync.Mutex
	problems map[string][]sigma.Problem // of those in force that exclude nothing
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	return &Service{Options: o, store: store{o.DB}}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	again := func(ctx context.Context, _ module.Fact) error { return s.Load(ctx) }
	return module.Module{
		Name: "exclusion", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "exclusion-clock", Run: s.run}},
		// Which units an exclusion acts on is the tree's to say.
		On: map[module.FactKind]func(context.Context, module.Fact) error{"unit.changed": again, "unit.merged": again},
	}
}

// What other modules are told; the body of each is a [Told].
const (
	FactProposed module.FactKind = "exclusion.proposed"
	FactApproved module.FactKind = "exclusion.approved"
	FactRejected module.FactKind = "exclusion.rejected"
	FactRevoked  module.FactKind = "exclusion.revoked"
	FactExtended module.FactKind = "exclusion.extended"
	FactExpiring module.FactKind = "exclusion.expiring" // in a few days, once
	FactExpired  module.FactKind = "exclusion.expired"
)

// Told is the body of a fact about an exclusion.
type Told struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	Unit       event.UnitID `json:"unit"`
	Rules      []string     `json:"rules"`
	State      State        `json:"state"`
	ProposedBy string       `json:"proposedBy"` // user id
	By         string       `json:"by"`         // user id, "" for the centre itself
	ExpiresAt  *time.Time   `json:"expiresAt,omitempty"`
	Hits       int64        `json:"hits"`
}

// Bounds of the table.
const (
	maxList = 1000
	maxOpen = 5000 // proposed and active, in all
)

// Filter says which exclusions to list; the zero Filter: all.
type Filter struct {
	State State
	// Ends lists what is active and ends before then, the soonest first.
	Ends time.Time
	Unit event.UnitID
	Rule string
	Text string
}

// LeftOut counts what an exclusion left out in one commit.
type LeftOut struct {
	Hits  int64
	Last  time.Time
	Event string
}

// Load hands the exclusions in force to the rulebook.
func (s *Service) Load(ctx context.Context) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	list, err := s.store.acting(ctx, s.DB)
	if err != nil {
		return err
	}
	acting := make([]detect.Exclusion, len(list))
	for i := range list {
		acting[i] = s.compiledFrom(&list[i])
	}
	s.problems = s.Rules.Exclude(acting)
	for id, problems := range s.problems {
		for _, p := range problems {
			s.Log.WarnContext(ctx, "an exclusion excludes nothing", "exclusion", id, "reason", p.Reason, "remedy", p.Remedy)
		}
	}
	return nil
}

func (s *Service) compiledFrom(x *Exclusion) detect.Exclusion {
	return detect.Exclusion{ID: x.ID, Filter: []byte(x.Filter), Units: s.actsOn(x.Unit), Until: x.ExpiresAt}
}

// actsOn returns the units of a subtree; nil for everybody.
func (s *Service) actsOn(unit event.UnitID) map[event.UnitID]bool {
	if unit == event.CentreUnit {
		return nil
	}
	units := map[event.UnitID]bool{unit: true}
	for _, id := range s.Units.Below(unit) {
		units[id] = true
	}
	return units
}

// Count adds what exclusions left out, in the transaction that stores the events.
// It is called by the product itself, not for a principal.
func (s *Service) Count(ctx context.Context, tx bun.Tx, left map[string]LeftOut) error {
	for _, id := range slices.Sorted(maps.Keys(left)) {
		if err := s.store.count(ctx, tx, id, left[id]); err != nil {
			return err
		}
	}
	return nil
}

func unknown() error {
	return fault.New(fault.NotFound, "no such exclusion").WithCode("exclusion.unknown")
}

// List returns the exclusions the principal sees, the newest first, at most 1,000,
// and how many there are by state. Errors: Denied.
func (s *Service) List(ctx context.Context, f Filter) ([]Exclusion, map[string]int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionExclusionRead); err != nil {
		return nil, nil, err
	}
	return s.store.list(ctx, p, f)
}

// Ending tells how many exclusions the principal sees end before then, and when the
// first does. Errors: Denied.
func (s *Service) Ending(ctx context.Context, before time.Time) (n int64, first time.Time, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionExclusionRead); err != nil {
		return 0, first, err
	}
	return s.store.ending(ctx, p, before)
}

// Get returns one. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Exclusion, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionExclusionRead); err != nil {
		return Exclusion{}, err
	}
	return s.get(ctx, s.DB, p, id)
}

func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, id string) (Exclusion, error) {
	x, ok, err := s.store.one(ctx, db, id)
	if err == nil && (!ok || !p.Sees(x.Unit)) {
		err = unknown()
	}
	return x, err
}

// Proposal is an exclusion to be made.
type Proposal struct {
	Alert  string // it is proposed from; "": none
	Unit   event.UnitID
	Filter string
	Reason string
	Days   int  // 0: the default
	Act    bool // approve it at once, if the principal may

	Close     string // why to close the alert it is proposed from, with it; "": it stays as it is
	CloseNote string
}

// Propose stores an exclusion. Errors: Denied, NotFound (the alert or the unit),
// Invalid with exclusion.filter where the document cannot act.
func (s *Service) Propose(ctx context.Context, in Proposal) (Exclusion, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionExclusionPropose); err != nil {
		return Exclusion{}, err
	}
	if in.Days == 0 {
		in.Days = DefaultDays
	}
	if err := s.checkUnit(p, in.Unit); err != nil {
		return Exclusion{}, err
	}
	if in.Alert != "" {
		if _, err := s.Alerts.Subject(ctx, in.Alert); err != nil {
			return Exclusion{}, err
		}
	}
	if in.Close != "" && in.Alert == "" {
		return Exclusion{}, fault.New(fault.Invalid, "close: name the alert in alertId").WithCode("exclusion.close").OnField("body.close")
	}
	if err := checkReason(in.Reason); err != nil {
		return Exclusion{}, err
	}
	if err := checkDays(in.Days); err != nil {
		return Exclusion{}, err
	}
	x := Exclusion{
		ID: module.NewID(), Unit: in.Unit, Filter: in.Filter, Reason: strings.TrimSpace(in.Reason), State: Proposed, Days: in.Days,
		Alert: in.Alert, ProposedBy: p.ID, ProposedName: p.DisplayName, ProposedAt: s.Now(), Version: 1,
	}
	if err := s.readFilter(&x); err != nil {
		return Exclusion{}, err
	}
	if in.Act {
		if !p.Can(module.ActionExclusionApprove, x.Unit) {
			return Exclusion{}, fault.New(fault.Denied, "you may propose an exclusion, not approve it").WithCode("permission.denied")
		}
		var err error
		if x, err = x.decide(Approve, p, "", 0, s.Config.FourEyes, s.Now()); err != nil {
			return Exclusion{}, err
		}
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if n, err := s.store.countOpen(ctx, tx); err != nil || n >= maxOpen {
			if err == nil {
				err = fault.New(fault.Conflict, "there are %d exclusions proposed or active; end some first", maxOpen).WithCode("exclusion.too-many")
			}
			return err
		}
		if err := s.store.insert(ctx, tx, &x); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, FactProposed, &x, p.ID); err != nil {
			return err
		}
		if x.State == Active {
			if err := s.tell(ctx, tx, FactApproved, &x, p.ID); err != nil {
				return err
			}
		}
		if in.Close != "" {
			if err := s.Alerts.Close(ctx, tx, in.Alert, in.Close, in.CloseNote); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, "exclusion.propose", &x)
	})
	if err != nil {
		return Exclusion{}, err
	}
	if in.Close != "" {
		s.Alerts.Closed(in.Alert)
	}
	return x, s.changed(ctx)
}

// checkUnit answers an unknown unit like one that is not seen.
func (s *Service) checkUnit(p module.Principal, unit event.UnitID) error {
	if unit == "" || !p.Sees(unit) || !s.Units.Exists(unit) {
		return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	return nil
}

// readFilter takes over from the document what it says, or refuses it.
func (s *Service) readFilter(x *Exclusion) error {
	set, _ := s.Rules.Current()
	filter, problems := detect.ParseExclusion([]byte(x.Filter))
	if filter != nil {
		_, all := set.Excluding([]detect.Exclusion{{ID: x.ID, Filter: []byte(x.Filter)}})
		problems = all[x.ID]
	}
	if len(problems) > 0 {
		p := problems[0]
		return fault.New(fault.Invalid, "filter, line %d: %s; %s", p.Line, p.Reason, p.Remedy).WithCode("exclusion.filter").OnField("body.filter")
	}
	x.Title = module.Text(strings.TrimSpace(filter.Title), 300)
	x.Rules, _ = filter.FilteredRules()
	return nil
}

// changed lets what was committed take effect. The change stands whether or not
// its caller waits.
func (s *Service) changed(ctx context.Context) error {
	s.Wake()
	return s.Load(context.WithoutCancel(ctx))
}

func (s *Service) tell(ctx context.Context, tx bun.Tx, kind module.FactKind, x *Exclusion, by string) error {
	told := Told{ID: x.ID, Title: x.Title, Unit: x.Unit, Rules: x.Rules, State: x.State, ProposedBy: x.ProposedBy, By: by, Hits: x.Hits}
	if !x.ExpiresAt.IsZero() {
		told.ExpiresAt = &x.ExpiresAt
	}
	body, err := json.Marshal(told)
	if err != nil {
		return err
	}
	facts := []module.Fact{{Kind: kind, Unit: x.Unit, Body: body}}
	for _, n := range notices(kind, x, by) {
		fact, err := n.Fact(x.Unit)
		if err != nil {
			return err
		}
		facts = append(facts, fact)
	}
	return module.Emit(ctx, tx, facts)
}

func (s *Service) audit(ctx context.Context, tx bun.Tx, action string, x *Exclusion) error {
	detail := map[string]string{"unit": string(x.Unit), "rules": strings.Join(x.Rules, " "), "state": string(x.State), "reason": x.Reason, "filter": x.Filter}
	if x.Decision != "" {
		detail["decision"] = x.Decision
	}
	if !x.ExpiresAt.IsZero() {
		detail["expires"] = x.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: action, Object: "exclusion:" + x.ID, Detail: detail})
}
