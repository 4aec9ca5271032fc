package attack

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// Rules are the rules in force.
type Rules interface {
	// Current returns them and when they were loaded. It does no I/O.
	Current() (*detect.Set, time.Time)
}

// Alerts counts and lists alerts, as ctx's principal sees them.
type Alerts interface {
	// ByRule counts the alerts that were active in the range. Signals of the centre
	// itself are not among them.
	ByRule(ctx context.Context, r Range) ([]RuleHits, error)
	// OfRules lists the newest of them that these rules raised.
	OfRules(ctx context.Context, rules []string, r Range, limit int) ([]module.AlertView, error)
}

// Range is which alerts to count.
type Range struct {
	From, To time.Time
	Units    []event.UnitID // nil: all that the principal sees
	Levels   []string       // nil: all
}

// Units knows the tree of units.
type Units interface {
	// Below returns the units under one, without it.
	Below(event.UnitID) []event.UnitID
}

// Options is what the service is made of.
type Options struct {
	Rules  Rules
	Alerts Alerts
	Lake   Lake
	Units  Units
	Now    func() time.Time
}

// Service shows the matrix.
type Service struct {
	catalogue *Catalogue
	rules     Rules
	alerts    Alerts
	units     Units
	arrivals  *arrivals
	now       func() time.Time
}

// New makes the service.
func New(o Options) *Service {
	c, err := Enterprise()
	if err != nil {
		panic(err) // the data is embedded, and a test reads it
	}
	return &Service{catalogue: c, rules: o.Rules, alerts: o.Alerts, units: o.Units, arrivals: newArrivals(o.Lake, o.Now), now: o.Now}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module { return module.Module{Name: "attack", Routes: s.routes} }

// Filter says what of the rules and alerts counts.
type Filter struct {
	From, To time.Time
	Unit     event.UnitID // and those below it; "": all the principal sees
	Product  string       // of the rules' log source; "": all
	Levels   []string     // of rules and alerts; nil: all
}

// Matrix is the coverage at a moment.
type Matrix struct {
	*Catalogue
	*Coverage
	Filter   Filter
	Products []string // that rules are for
	// ArrivalsSince is since when events were looked at to tell which rules have
	// logs; zero: it is not known.
	ArrivalsSince time.Time
	LoadedAt      time.Time // of the rules
}

// look is what both the matrix and a technique are made of.
type look struct {
	set      *detect.Set
	loadedAt time.Time
	rules    []*detect.Rule // within the filter
	span     Range
	arrival  arrival
	fed      func(*detect.Rule) bool
}

func (s *Service) look(ctx context.Context, f *Filter) (*look, error) {
	p := module.PrincipalOf(ctx)
	for _, a := range []module.Action{module.ActionRuleRead, module.ActionAlertRead} {
		if err := p.Require(a); err != nil {
			return nil, err
		}
	}
	if err := module.CheckRange(f.From, f.To, "query"); err != nil {
		return nil, err
	}
	l := &look{span: Range{From: f.From, To: f.To, Levels: f.Levels}}
	scope, key := p.Scope(), joined(p.Reach())
	if f.Unit != "" {
		if !p.Sees(f.Unit) {
			return nil, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("query.unit")
		}
		l.span.Units = append([]event.UnitID{f.Unit}, s.units.Below(f.Unit)...)
		scope, key = lake.ScopeUnits(l.span.Units...), joined(l.span.Units)
	}
	l.set, l.loadedAt = s.rules.Current()
	for _, r := range l.set.Rules() {
		if f.takes(r) {
			l.rules = append(l.rules, r)
		}
	}
	l.arrival = s.arrivals.of(ctx, key, scope)
	l.fed = l.arrival.fed(l.set)
	return l, nil
}

func joined(units []event.UnitID) string {
	var out strings.Builder
	for _, u := range units {
		out.WriteString(string(u) + "\x00")
	}
	return out.String()
}

func (f *Filter) takes(r *detect.Rule) bool {
	return (f.Product == "" || strings.EqualFold(r.About().Product, f.Product)) &&
		(len(f.Levels) == 0 || slices.Contains(f.Levels, r.EffectiveLevel()))
}

// hits leaves out the alerts of rules that the filter leaves out; alerts of rules
// that are not loaded any more count unless a product is asked for.
func (l *look) hits(all []RuleHits, f *Filter) []RuleHits {
	if f.Product == "" {
		return all
	}
	return slices.DeleteFunc(all, func(h RuleHits) bool {
		r := l.set.Rule(h.RuleID)
		return r == nil || !strings.EqualFold(r.About().Product, f.Product)
	})
}

// Matrix returns the coverage. Errors: Denied, NotFound for a unit the principal
// does not see, Invalid.
func (s *Service) Matrix(ctx context.Context, f Filter) (*Matrix, error) {
	l, err := s.look(ctx, &f)
	if err != nil {
		return nil, err
	}
	hits, err := s.alerts.ByRule(ctx, l.span)
	if err != nil {
		return nil, err
	}
	m := &Matrix{Catalogue: s.catalogue, Filter: f, ArrivalsSince: l.arrival.since, LoadedAt: l.loadedAt}
	m.Coverage = s.catalogue.coverage(l.rules, l.hits(hits, &f), l.fed)
	for _, r := range l.set.Rules() {
		if p := r.About().Product; p != "" && !slices.Contains(m.Products, p) {
			m.Products = append(m.Products, p)
		}
	}
	slices.Sort(m.Products)
	return m, nil
}

// TechniqueRule is a rule for a technique.
type TechniqueRule struct {
	*detect.Rule
	Fed      bool
	Alerts   int64
	Findings int64
}

// Detail is one technique with its rules and alerts.
type Detail struct {
	*Technique
	Figures
	Subs          []*Technique
	Rules         []TechniqueRule
	Alerts        []module.AlertView
	Arrives       []event.Source // of the caller's units
	ArrivalsSince time.Time
}

const alertsShown = 20

// Detail returns a technique, with the rules and alerts of its sub-techniques.
// Errors: Denied, NotFound, Invalid.
func (s *Service) Detail(ctx context.Context, id string, f Filter) (*Detail, error) {
	l, err := s.look(ctx, &f)
	if err != nil {
		return nil, err
	}
	t := s.catalogue.Technique(id)
	if t == nil {
		return nil, fault.New(fault.NotFound, "ATT&CK has no technique of that number").WithCode("attack.unknown")
	}
	all, err := s.alerts.ByRule(ctx, l.span)
	if err != nil {
		return nil, err
	}
	d := &Detail{Technique: t, ArrivalsSince: l.arrival.since, Arrives: l.arrival.sources()}
	for i := range s.catalogue.Techniques {
		if sub := &s.catalogue.Techniques[i]; sub.Parent() == t.ID {
			d.Subs = append(d.Subs, sub)
		}
	}
	about := func(tags []string) bool { return slices.Contains(withParents(s.catalogue.Tagged(tags)), t.ID) }
	hits := slices.DeleteFunc(l.hits(all, &f), func(h RuleHits) bool { return !about(h.Tags) })
	rules := slices.DeleteFunc(l.rules, func(r *detect.Rule) bool { return !about(r.Tags) })
	if f := s.catalogue.coverage(rules, hits, l.fed).Techniques[t.ID]; f != nil {
		d.Figures = *f
	}
	var raised []string
	for _, h := range hits {
		raised = append(raised, h.RuleID)
	}
	for _, r := range rules {
		if r.Silent {
			continue
		}
		x := TechniqueRule{Rule: r, Fed: l.fed != nil && l.fed(r)}
		for _, h := range hits {
			if h.RuleID == r.ID {
				x.Alerts += h.Alerts
				x.Findings += h.Findings
			}
		}
		d.Rules = append(d.Rules, x)
	}
	slices.SortStableFunc(d.Rules, func(a, b TechniqueRule) int {
		return cmp.Or(cmp.Compare(b.Alerts, a.Alerts), cmp.Compare(rank(&b), rank(&a)), strings.Compare(a.Title, b.Title))
	})
	if len(raised) > 0 {
		if d.Alerts, err = s.alerts.OfRules(ctx, raised, l.span, alertsShown); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// rank puts what works before what waits, and that before what is off.
func rank(r *TechniqueRule) int {
	switch {
	case !r.Enabled():
		return 0
	case !r.Fed:
		return 1
	}
	return 2
}
