// Package rule shows the loaded detection rules: a list, one rule with its
// source, what was refused and why, and the reload; and it tries rules on the
// events that are stored (trial.go).
//
// Rules are data in files; loading and compiling them is the work of detect and
// of whoever reads the files. What people decide about them is kept here: which
// are switched off, for whom and why (switch.go); and the texts that each was
// loaded with, so that a page can say what changed when (version.go).
//
// Invariants. A rule that is off raises no alert and is still stored with the
// events it fires on. A start that finds the same files writes no version.
//
// Start reading at Service.
package rule

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/sigma"
)

//go:embed migrations
var migrations embed.FS

// Catalogue is the rules in force.
type Catalogue interface {
	// Current returns the rules in force and when they were loaded. It does no I/O.
	Current() (set *detect.Set, loadedAt time.Time)
	// Reload reads the rule files again and, if that gives a set at all, puts it
	// in force without losing an event. Errors: Invalid, Internal.
	Reload(ctx context.Context) (*detect.Set, error)
	// Switched puts in force which rules Service.Off says are off. It does no I/O.
	Switched()
}

// Hits counts findings per rule since a time, as far as ctx's principal sees.
type Hits interface {
	HitsSince(ctx context.Context, since time.Time) (map[string]int64, error)
}

// Service shows the rules.
type Service struct {
	db        *bun.DB
	trail     *module.Trail
	catalogue Catalogue
	hits      Hits
	history   History
	trials    *trials
	log       *slog.Logger
	now       func() time.Time

	store      store
	units      Units
	noise      Noise
	exclusions Exclusions
	switches   atomic.Pointer[[]Switch]
}

// Options is what the service needs.
type Options struct {
	DB         *bun.DB
	Trail      *module.Trail
	Catalogue  Catalogue
	Hits       Hits
	History    History
	Units      Units
	Noise      Noise
	Exclusions Exclusions // nil: none
	Log        *slog.Logger
	Now        func() time.Time
}

// New makes the service.
func New(o Options) *Service {
	s := &Service{
		db: o.DB, trail: o.Trail, catalogue: o.Catalogue, hits: o.Hits, history: o.History, trials: newTrials(), log: o.Log, now: o.Now,
		store: store{o.DB}, units: o.Units, noise: o.Noise, exclusions: o.Exclusions,
	}
	s.switches.Store(&[]Switch{})
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "rule", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "rule tests", Run: s.runTrials}},
		// Told by the module of units.
		On: map[module.FactKind]func(context.Context, module.Fact) error{"unit.changed": s.unitsChanged, "unit.merged": s.unitsChanged},
	}
}

// Filter says which rules to list.
type Filter struct {
	Text    string
	Level   string
	Product string
	Pack    string
	State   string // "on", "off" (for somebody); "": all
	Tag     string // that the rule or a part of its numbers carries: "attack.t1059"
	Sort    string // "-hits" (default), "-noise", "title"
	Limit   int
	Cursor  string // the place of the next rule in the sorted list
}

// Listed is a rule with its findings of the last day, its alerts of the last
// thirty, and for whom it is off, as far as the principal may know.
type Listed struct {
	*detect.Rule
	Hits int64
	Share
	Switches []Switch
}

// on tells whether the rule is off for nobody the principal knows of.
func (l *Listed) on() bool { return len(l.Switches) == 0 }

// Page is one page of rules.
type Page struct {
	Items    []Listed
	Next     string
	Total    int
	Refused  []sigma.Problem
	LoadedAt time.Time
}

const hitsWindow = 24 * time.Hour

// List returns rules, those that fired most in the last day first.
// Errors: Denied, Invalid.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionRuleRead); err != nil {
		return Page{}, err
	}
	start := 0
	if f.Cursor != "" {
		n, err := strconv.Atoi(f.Cursor)
		if err != nil || n < 0 {
			return Page{}, fault.New(fault.Invalid, "cursor: not one this list gave out").WithCode("cursor.invalid").OnField("query.cursor")
		}
		start = n
	}
	order, ok := orders[f.Sort]
	if !ok {
		return Page{}, fault.New(fault.Invalid, "sort: %q is not an order", f.Sort).OnField("query.sort")
	}
	p := module.PrincipalOf(ctx)
	hits, shares, err := s.figures(ctx)
	if err != nil {
		return Page{}, err
	}
	set, loadedAt := s.catalogue.Current()
	page, off := Page{LoadedAt: loadedAt, Items: []Listed{}}, s.visible(p)
	want := module.Fold(strings.TrimSpace(f.Text))
	for _, r := range set.Rules() {
		if x := (Listed{r, hits[r.ID], shares[r.ID], off[r.ID]}); f.match(&x, want) {
			page.Items = append(page.Items, x)
		}
	}
	slices.SortStableFunc(page.Items, func(a, b Listed) int { return cmp.Or(order(&a, &b), strings.Compare(a.Title, b.Title)) })
	page.Total = len(page.Items)
	page.Items = page.Items[min(start, page.Total):]
	if len(page.Items) > f.Limit {
		page.Items = page.Items[:f.Limit]
		page.Next = strconv.Itoa(start + f.Limit)
	}
	for _, p := range set.Problems() {
		if p.Severity == sigma.Error {
			page.Refused = append(page.Refused, p)
		}
	}
	return page, nil
}

// orders are the ways to sort rules; what they leave equal is sorted by title.
var orders = map[string]func(a, b *Listed) int{
	"":      func(a, b *Listed) int { return cmp.Compare(b.Hits, a.Hits) },
	"-hits": func(a, b *Listed) int { return cmp.Compare(b.Hits, a.Hits) },
	"-noise": func(a, b *Listed) int {
		return cmp.Or(cmp.Compare(b.FalsePositive, a.FalsePositive), cmp.Compare(b.Alerts, a.Alerts))
	},
	"title": func(a, b *Listed) int { return 0 },
}

// figures counts what rules found. Who may read rules and no alerts sees none.
func (s *Service) figures(ctx context.Context) (hits map[string]int64, shares map[string]Share, err error) {
	if module.PrincipalOf(ctx).Require(module.ActionAlertRead) != nil {
		return nil, nil, nil //nolint:nilerr // not being allowed is no failure here
	}
	if hits, err = s.hits.HitsSince(ctx, s.now().Add(-hitsWindow)); err != nil {
		return nil, nil, err
	}
	shares, err = s.noise.Shares(ctx, s.now().AddDate(0, 0, -noiseDays))
	return hits, shares, err
}

// tagged tells whether a rule carries a tag, or one of a technique's
// sub-techniques.
func tagged(r *detect.Rule, tag string) bool {
	return slices.ContainsFunc(r.Tags, func(t string) bool {
		return strings.EqualFold(t, tag) || len(t) > len(tag) && t[len(tag)] == '.' && strings.EqualFold(t[:len(tag)], tag)
	})
}

func (f *Filter) match(x *Listed, want string) bool {
	r := x.Rule
	switch {
	case f.State == "on" && !x.on() || f.State == "off" && x.on():
		return false
	case f.Pack != "" && r.Pack != f.Pack:
		return false
	case f.Tag != "" && !tagged(r, f.Tag):
		return false
	case f.Level != "" && r.EffectiveLevel() != f.Level:
		return false
	case f.Product != "" && !strings.EqualFold(r.About().Product, f.Product):
		return false
	case want == "":
		return true
	}
	return strings.Contains(module.Fold(strings.Join(append([]string{r.ID, r.Title, r.TitleVi, r.Description}, r.Tags...), "\n")), want)
}

// Get returns one rule. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Listed, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionRuleRead); err != nil {
		return Listed{}, err
	}
	set, _ := s.catalogue.Current()
	r := set.Rule(id)
	if r == nil {
		return Listed{}, fault.New(fault.NotFound, "no such rule is loaded").WithCode("rule.unknown")
	}
	hits, shares, err := s.figures(ctx)
	return Listed{r, hits[id], shares[id], s.visible(module.PrincipalOf(ctx))[id]}, err
}

// Reload reads the rule files again. Errors: Denied, and those of the catalogue.
func (s *Service) Reload(ctx context.Context) (*detect.Set, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionRuleReload); err != nil {
		return nil, err
	}
	set, err := s.catalogue.Reload(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.trail.Append(ctx, tx, module.Entry{Action: "rule.reload", Object: "rules", Detail: map[string]string{
			"loaded": strconv.Itoa(len(set.Rules())), "refused": strconv.Itoa(set.Refused()),
		}})
	})
	return set, err
}
