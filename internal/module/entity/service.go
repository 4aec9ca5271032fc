package entity

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Alerts knows the alerts, as ctx's principal sees them.
type Alerts interface {
	// About returns the newest alerts about an entity, active in the range, and
	// counts all of them. Values are spellings of one value; case does not count.
	About(ctx context.Context, fields, values []string, from, to time.Time, limit int) ([]module.AlertView, Counts, error)
	// Steps returns what was done to alerts, the newest first.
	Steps(ctx context.Context, alerts []string, limit int) ([]Step, error)
}

// Counts counts alerts.
type Counts struct {
	ByStatus map[string]int64
	ByLevel  map[string]int64
	ByUnit   map[event.UnitID]int64
	Total    int64
}

// Step is what was done to an alert.
type Step struct {
	AlertID                            string
	At                                 time.Time
	By, Action, From, To, Reason, Note string
}

// Lake is the part of the lake that is asked. See lake.Lake for each method.
type Lake interface {
	Search(ctx context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error)
	Histogram(ctx context.Context, sc lake.Scope, s lake.Search, buckets int) ([]lake.Bucket, time.Duration, lake.Stats, error)
	Aggregate(ctx context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error)
	FieldStats(ctx context.Context, sc lake.Scope, s lake.Search, sample int) ([]lake.FieldStats, int, lake.Stats, error)
}

// Units names units.
type Units interface {
	Name(event.UnitID) string
}

// Rules names rules; "" for one that is not loaded.
type Rules interface {
	Titles(id string) (title, titleVi, level string)
}

// Options is what the service is made of.
type Options struct {
	DB     *bun.DB
	Trail  *module.Trail
	Alerts Alerts
	Lake   Lake
	Units  Units
	Rules  Rules
	Now    func() time.Time
}

// Service shows entities.
type Service struct {
	o     Options
	turns chan struct{}

	mu     sync.Mutex
	looked map[looked]time.Time // when a look was recorded last
}

// looked is one person's look at one account.
type looked struct{ who, session, value string }

const (
	// turnsAtOnce keeps pages of entities, of which each asks several things, from
	// taking the machine from those who search.
	turnsAtOnce = 4
	askTime     = 25 * time.Second
	maxRange    = 92 * 24 * time.Hour
	defaultDays = 7

	alertsShown   = 100
	stepsShown    = 200
	eventsShown   = 100
	relatedSample = 5000
	relatedShown  = 10
	buckets       = 60

	// A page asks several things at once and again as it is looked at: one record
	// tells of the look, the next when it went on for so long.
	lookAgain  = 15 * time.Minute
	maxLooked  = 10_000
	actionRead = "entity.read"
)

// New makes the service.
func New(o Options) *Service {
	return &Service{o: o, turns: make(chan struct{}, turnsAtOnce), looked: map[looked]time.Time{}}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module { return module.Module{Name: "entity", Routes: s.routes} }

// Range is of when an entity is asked about.
type Range struct{ From, To time.Time }

// Look is what is known at once: the alerts.
type Look struct {
	Entity
	Range
	Query  string
	Alerts []module.AlertView
	Counts
}

// begin checks who asks for what, and records the look at an account.
func (s *Service) begin(ctx context.Context, e Entity, r Range) error {
	p := module.PrincipalOf(ctx)
	for _, a := range []module.Action{module.ActionEntityRead, module.ActionAlertRead, module.ActionEventRead} {
		if err := p.Require(a); err != nil {
			return err
		}
	}
	if err := module.CheckRange(r.From, r.To, "query"); err != nil {
		return err
	}
	if r.To.Sub(r.From) > maxRange {
		return fault.New(fault.Invalid, "from: at most 92 days before to; a longer range is a search").WithCode("entity.range").OnField("query.from")
	}
	if e.Type != User {
		return nil
	}
	k, now := looked{p.ID, p.Session, strings.ToLower(e.Value)}, s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.looked[k]; ok && now.Sub(at) < lookAgain {
		return nil
	}
	err := s.o.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.o.Trail.Append(ctx, tx, module.Entry{Action: actionRead, Object: "entity:user/" + e.Value, Detail: map[string]string{
			"from": r.From.UTC().Format(time.RFC3339), "to": r.To.UTC().Format(time.RFC3339),
		}})
	})
	if err != nil {
		return err
	}
	if len(s.looked) >= maxLooked {
		clear(s.looked)
	}
	s.looked[k] = now
	return nil
}

func (e Entity) fields() []string { return slices.Concat(fields[e.Type], alertFields[e.Type]) }

// Look returns the alerts about an entity. Errors: Denied, Invalid.
func (s *Service) Look(ctx context.Context, e Entity, r Range) (*Look, error) {
	if err := s.begin(ctx, e, r); err != nil {
		return nil, err
	}
	alerts, counts, err := s.o.Alerts.About(ctx, e.fields(), e.spellings(), r.From, r.To, alertsShown)
	return &Look{Entity: e, Range: r, Query: e.Query(), Alerts: alerts, Counts: counts}, err
}

// search takes a turn at the lake. done gives it back. Errors: Busy.
func (s *Service) search(ctx context.Context, e Entity, r Range, and string) (context.Context, lake.Search, func(), error) {
	text := e.Query()
	if and != "" {
		text = "(" + text + ") AND " + and
	}
	q, err := query.Parse(text)
	if err != nil {
		return ctx, lake.Search{}, nil, err
	}
	limit, cancel := context.WithTimeout(ctx, askTime)
	select {
	case s.turns <- struct{}{}:
	case <-limit.Done():
		cancel()
		return ctx, lake.Search{}, nil, busy()
	}
	return limit, lake.Search{Query: q, From: r.From, To: r.To}, func() {
		<-s.turns
		cancel()
	}, nil
}

func busy() error {
	return fault.New(fault.Busy, "too much is being searched; try again, or ask about a shorter time").WithCode("search.busy")
}

// outcome turns the end of the time into words.
func outcome(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return busy()
	}
	return err
}

// Presence is when and where an entity stands in events.
type Presence struct {
	Buckets     []lake.Bucket
	Width       time.Duration
	Total       int64
	First, Last time.Time // in the range; zero: none
	Units       []UnitPresence
	Partial     []string
}

// UnitPresence is a unit with events of the entity.
type UnitPresence struct {
	Unit        event.UnitID
	Name        string
	Events      int64
	First, Last time.Time
}

// Presence counts the events of an entity over time and by unit. Errors: Denied,
// Invalid, Busy.
func (s *Service) Presence(ctx context.Context, e Entity, r Range) (*Presence, error) {
	if err := s.begin(ctx, e, r); err != nil {
		return nil, err
	}
	ctx, ls, done, err := s.search(ctx, e, r, "")
	if err != nil {
		return nil, err
	}
	defer done()
	sc := module.PrincipalOf(ctx).Scope()
	out := &Presence{}
	var stats lake.Stats
	if out.Buckets, out.Width, stats, err = s.o.Lake.Histogram(ctx, sc, ls, buckets); err != nil {
		return nil, outcome(err)
	}
	out.Partial = stats.Warnings
	pl, err := query.ParsePipeline("| stats count, min(time), max(time) by _unit")
	if err != nil {
		return nil, err
	}
	pl.Query = ls.Query
	t, _, err := s.o.Lake.Aggregate(ctx, sc, pl, r.From, r.To)
	if err != nil {
		return nil, outcome(err)
	}
	for _, row := range t.Rows {
		u := UnitPresence{Unit: event.UnitID(row[0].Text), Events: int64(row[1].Number), First: row[2].Time, Last: row[3].Time}
		u.Name = s.o.Units.Name(u.Unit)
		out.Units = append(out.Units, u)
		out.Total += u.Events
		if out.First.IsZero() || u.First.Before(out.First) {
			out.First = u.First
		}
		if u.Last.After(out.Last) {
			out.Last = u.Last
		}
	}
	return out, nil
}

// Related is what stands in the same events.
type Related struct {
	Sampled int // events looked at, the newest
	Types   []RelatedType
	Sources []Companion // of the events: product, category, service
	Rules   []Companion // that fired on them
	Partial []string
}

// RelatedType is the companions of one type.
type RelatedType struct {
	Type  Type
	Items []Companion
}

// Companion is a value and in how many of the events it stands.
type Companion struct {
	Value string
	Count int64
}

// Related returns what stands in the newest events of an entity. Errors: Denied,
// Invalid, Busy.
func (s *Service) Related(ctx context.Context, e Entity, r Range) (*Related, error) {
	if err := s.begin(ctx, e, r); err != nil {
		return nil, err
	}
	ctx, ls, done, err := s.search(ctx, e, r, "")
	if err != nil {
		return nil, err
	}
	defer done()
	found, sampled, stats, err := s.o.Lake.FieldStats(ctx, module.PrincipalOf(ctx).Scope(), ls, relatedSample)
	if err != nil {
		return nil, outcome(err)
	}
	byName := map[string][]lake.ValueCount{}
	for _, f := range found {
		byName[strings.ToLower(f.Name)] = append(byName[strings.ToLower(f.Name)], f.Top...)
	}
	out := &Related{Sampled: sampled, Partial: stats.Warnings}
	for _, t := range Types {
		if items := companions(e, t, related[t], byName); len(items) > 0 {
			out.Types = append(out.Types, RelatedType{t, items})
		}
	}
	out.Sources = companions(Entity{}, "", []string{"_product", "_category", "_service"}, byName)
	out.Rules = companions(Entity{}, "", []string{"_rule"}, byName)
	return out, nil
}

// companions sums up the values of fields, without the entity itself and values
// that name no one.
func companions(e Entity, t Type, names []string, byName map[string][]lake.ValueCount) []Companion {
	sum := map[string]*Companion{}
	for _, name := range names {
		for _, v := range byName[strings.ToLower(name)] {
			key := strings.ToLower(v.Value)
			if nobody[key] || e.Type == t && t != "" && e.same(v.Value) {
				continue
			}
			if sum[key] == nil {
				sum[key] = &Companion{Value: v.Value}
			}
			// A value in two fields of one event is one companion: the larger count
			// is the nearest to that.
			sum[key].Count = max(sum[key].Count, v.Count)
		}
	}
	var out []Companion
	for _, c := range sum {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Companion) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), relatedShown)]
}
