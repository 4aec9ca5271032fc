package alert

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Units names units.
type Units interface {
	Name(event.UnitID) string
}

// People names the users alerts are given to.
type People interface {
	// Person returns the user if the user may be given an alert of unit,
	// else fault.NotFound.
	Person(ctx context.Context, id string, unit event.UnitID) (module.PersonView, error)
	DisplayNames(ctx context.Context, ids []string) (map[string]string, error)
}

// Rules knows the loaded rules; nil for one that is not loaded (any more).
type Rules interface {
	Rule(id string) *detect.Rule
	// Current returns the rules in force and when they were loaded.
	Current() (*detect.Set, time.Time)
}

// Events finds an alert's events. See lake.Lake for each method.
type Events interface {
	Search(ctx context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error)
	Event(ctx context.Context, sc lake.Scope, id event.ID) (*lake.Row, error)
}

// DefaultGap is how long findings may stay away before the next one begins a
// new alert.
const DefaultGap = time.Hour

// Options is what the service needs. Zero Gap: DefaultGap.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Hub     *module.Hub
	Units   Units
	People  People
	Rules   Rules
	Events  Events
	Log     *slog.Logger
	Now     func() time.Time
	Gap     time.Duration
	Drills  Drills  // nil: there are no exercises
	Systems Systems // nil: no system is known
	Wake    func()  // after a commit that told facts; nil: they wait for the next look
}

// Service keeps the alerts.
type Service struct {
	store   store
	trail   *module.Trail
	hub     *module.Hub
	units   Units
	people  People
	rules   Rules
	events  Events
	log     *slog.Logger
	now     func() time.Time
	gap     time.Duration
	wake    func()
	drills  Drills
	systems Systems
	live    *live
	open    openSet

	signals sync.Mutex // one at a time is looked up and raised
}

// New makes the service.
func New(o Options) *Service {
	if o.Gap == 0 {
		o.Gap = DefaultGap
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Drills == nil {
		o.Drills = noDrills{}
	}
	return &Service{
		store: store{o.DB, looked}, trail: o.Trail, hub: o.Hub, units: o.Units, people: o.People, rules: o.Rules,
		events: o.Events, log: o.Log, now: o.Now, gap: o.Gap, wake: o.Wake, drills: o.Drills, systems: o.Systems, live: newLive(),
	}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "alert", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "alert-live", Run: s.runLive}},
	}
}

// List returns the alerts the principal sees. Errors: Denied, Invalid.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return Page{}, err
	}
	f.scope(p)
	if f.Campaign != "" {
		var err error
		if f.ids, err = s.inCampaign(ctx, p, f); err != nil {
			return Page{}, err
		}
	}
	if f.System != "" {
		var err error
		if f.machines, err = s.machinesOf(ctx, f.System); err != nil {
			return Page{}, err
		}
	}
	return s.store.list(ctx, f)
}

func unknown() error { return fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown") }

// get returns one alert for p. Errors: NotFound also for alerts p does not see.
func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, id string) (Alert, error) {
	found, err := s.store.byID(ctx, db, []string{id})
	if err != nil {
		return Alert{}, err
	}
	switch {
	case len(found) == 0:
		return Alert{}, unknown()
	case !p.Sees(found[0].Unit):
		return Alert{}, module.Outside(unknown())
	}
	return found[0], nil
}

// Read returns one alert as it stands. Errors: Denied, NotFound.
func (s *Service) Read(ctx context.Context, id string) (Alert, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return Alert{}, err
	}
	return s.get(ctx, s.store.db, p, id)
}

// OfRules lists the alerts of the rules that were seen since then, the newest first,
// at most limit; of the units, nil for all the principal sees. Errors: Denied.
func (s *Service) OfRules(ctx context.Context, rules []string, units []event.UnitID, since time.Time, limit int) ([]Alert, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		return nil, nil
	}
	return s.store.ofRules(ctx, p, rules, units, sqldb.MicrosOf(since), limit)
}

// Detail is an alert with its rule and what people did to it.
type Detail struct {
	Alert
	Rule    *detect.Rule // nil if it is not loaded, and for a signal
	History []Step       // oldest first
}

// Step is one change by a person, or by the product itself where By is "".
type Step struct {
	At     time.Time
	By     string
	Action string // "status", "assign", "note", "postpone" (To: until when, "" for no more); "drill" (the exercise); of a signal "settled", "raised"
	From   string
	To     string
	Reason string
	Note   string
}

// Get returns one alert. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Detail, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return Detail{}, err
	}
	a, err := s.get(ctx, s.store.db, p, id)
	if err != nil {
		return Detail{}, err
	}
	history, err := s.store.history(ctx, id)
	d := Detail{Alert: a, History: history}
	if a.Signal == nil {
		d.Rule = s.rules.Rule(a.RuleID)
	}
	return d, err
}

const (
	maxEvents  = 1000
	eventsTime = 50 * time.Second // inside the server's deadline for a request
	// beforeSignal is how far back the events of a signal go: what came last
	// before a silence tells more than the silence.
	beforeSignal = 24 * time.Hour
)

// Events calls each with the newest events of the alert. It returns the search
// that finds them all: the alert's query within its unit and time. A signal that
// is about no events has none, and "" for its search.
// Errors: Denied, NotFound.
func (s *Service) Events(ctx context.Context, id string, limit int, each func(*lake.Row) error) (text string, from, to time.Time, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return "", from, to, err
	}
	if err := p.Require(module.ActionEventRead); err != nil {
		return "", from, to, err
	}
	a, err := s.get(ctx, s.store.db, p, id)
	if err != nil {
		return "", from, to, err
	}
	text = a.Query()
	// Whole milliseconds around it, as people and links write times.
	from, to = a.FirstSeen.Truncate(time.Millisecond), a.LastSeen.Truncate(time.Millisecond).Add(time.Millisecond)
	if a.Signal != nil {
		from = from.Add(-beforeSignal)
	}
	if text == "" {
		return text, from, to, nil
	}
	q, err := query.Parse(text)
	if err != nil {
		return "", from, to, err
	}
	ctx, cancel := context.WithTimeout(ctx, eventsTime)
	defer cancel()
	_, err = s.events.Search(ctx, lake.ScopeUnits(a.Unit), lake.Search{Query: q, From: from, To: to, Limit: min(max(limit, 1), maxEvents)}, each)
	return text, from, to, err
}

// Change changes one alert, if its version is still the given one.
// Errors: Denied, NotFound, Conflict alert.changed, Invalid.
func (s *Service) Change(ctx context.Context, id string, version int64, c Change) (Alert, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return Alert{}, err
	}
	var changed Alert
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.get(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if a.Version != version {
			return changedMeanwhile()
		}
		changed, err = s.change(ctx, tx, p, a, c)
		return err
	})
	if err != nil {
		return Alert{}, err
	}
	s.Committed([]Recorded{{ID: id}})
	return changed, nil
}

// ChangeIn changes one alert, whatever its version, in the transaction of somebody
// who calls Committed after it. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) ChangeIn(ctx context.Context, tx bun.Tx, id string, c Change) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return err
	}
	a, err := s.get(ctx, tx, p, id)
	if err == nil {
		_, err = s.change(ctx, tx, p, a, c)
	}
	return err
}

func changedMeanwhile() error {
	return fault.New(fault.Conflict, "somebody else changed the alert; read it again").WithCode("alert.changed")
}

// MaxBulk bounds the alerts of one bulk change.
const MaxBulk = 500

// ChangeAll changes many alerts, all or none, whatever their version.
// Errors: Denied, NotFound if any is not there, Conflict, Invalid.
func (s *Service) ChangeAll(ctx context.Context, ids []string, c Change) ([]Alert, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return nil, err
	}
	if len(ids) == 0 || len(ids) > MaxBulk {
		return nil, fault.New(fault.Invalid, "ids: 1 to %d alerts", MaxBulk).OnField("body.ids")
	}
	var changed []Alert
	var told []Recorded
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		changed, told = nil, nil
		seen := make(map[string]bool, len(ids))
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			a, err := s.get(ctx, tx, p, id)
			if err != nil {
				return err
			}
			if a, err = s.change(ctx, tx, p, a, c); err != nil {
				return err
			}
			changed = append(changed, a)
			told = append(told, Recorded{ID: id})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.Committed(told)
	return changed, nil
}

func (s *Service) change(ctx context.Context, tx bun.Tx, p module.Principal, before Alert, c Change) (Alert, error) {
	if !p.Can(module.ActionAlertTriage, before.Unit) {
		return Alert{}, fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
	}
	if c.Assignee != nil && *c.Assignee != "" && *c.Assignee != before.Assignee {
		if err := s.mayHave(ctx, *c.Assignee, before.Unit); err != nil {
			return Alert{}, err
		}
	}
	var reasons Reasons
	if c.Reason != nil {
		var err error
		if reasons, err = s.store.reasons(ctx, tx); err != nil {
			return Alert{}, err
		}
	}
	after, err := c.apply(before, p.ID, s.now(), reasons)
	if err != nil {
		return Alert{}, err
	}
	steps := stepsBetween(before, after)
	if len(steps) == 0 {
		return before, nil
	}
	after.Version++
	after.UpdatedAt = s.now()
	ok, err := s.store.update(ctx, tx, before.Version, after)
	if err != nil {
		return Alert{}, err
	}
	if !ok {
		return Alert{}, changedMeanwhile()
	}
	if err := s.store.insertHistory(ctx, tx, before.ID, author{p.ID, p.DisplayName}, sqldb.MicrosOf(after.UpdatedAt), steps); err != nil {
		return Alert{}, err
	}
	detail := map[string]string{"unit": string(before.Unit), "rule": before.RuleID}
	for _, st := range steps {
		detail[st.Action] = st.From + " -> " + st.To
	}
	if after.Reason != "" {
		detail["reason"] = string(after.Reason)
	}
	if err := tellChanged(ctx, tx, &before, &after, p.ID); err != nil {
		return Alert{}, err
	}
	return after, s.trail.Append(ctx, tx, module.Entry{Action: "alert.change", Object: "alert:" + before.ID, Detail: detail})
}

// mayHave refuses to give an alert of the unit to whom it is not for.
func (s *Service) mayHave(ctx context.Context, user string, unit event.UnitID) error {
	_, err := s.people.Person(ctx, user, unit)
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Invalid, "assigneeId: no such user, or one who does not see the unit").WithCode("user.unknown").OnField("body.assigneeId")
	}
	return err
}

// stepsBetween says in history's words what differs.
func stepsBetween(before, after Alert) []Step {
	var steps []Step
	if before.Status != after.Status || before.Reason != after.Reason {
		steps = append(steps, Step{Action: "status", From: string(before.Status), To: string(after.Status), Reason: string(after.Reason)})
	}
	if before.Assignee != after.Assignee {
		steps = append(steps, Step{Action: "assign", From: before.Assignee, To: after.Assignee})
	}
	if !before.PostponedUntil.Equal(after.PostponedUntil) || before.PostponedNote != after.PostponedNote {
		if after.PostponedUntil.IsZero() {
			if after.Status != StatusClosed {
				steps = append(steps, Step{Action: "postpone"})
			}
		} else {
			steps = append(steps, Step{Action: "postpone", To: after.PostponedUntil.UTC().Format(time.RFC3339), Note: after.PostponedNote})
		}
	}
	if before.Note != after.Note {
		if len(steps) > 0 && steps[0].Action == "status" {
			steps[0].Note = after.Note
		} else {
			steps = append(steps, Step{Action: "note", Note: after.Note})
		}
	}
	return steps
}

// Open counts the alerts that are not closed and that the principal sees, by
// level, and those among them that nobody has taken yet. Errors: Denied.
func (s *Service) Open(ctx context.Context) (byLevel map[string]int64, unseen int64, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, 0, err
	}
	return s.store.open(ctx, p)
}

// HitsSince counts findings per rule in alerts that were last seen since then,
// by arrival; what an alert counted before is included.
func (s *Service) HitsSince(ctx context.Context, since time.Time) (map[string]int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	return s.store.hitsSince(ctx, p, sqldb.MicrosOf(since))
}
