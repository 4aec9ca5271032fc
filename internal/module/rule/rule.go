// Package rule shows the loaded detection rules: a list, one rule with its
// source, what was refused and why, and the reload; and it tries rules on the
// events that are stored (trial.go).
//
// Rules are data in files; loading and compiling them is the work of detect and
// of whoever reads the files. This module owns no table.
//
// Start reading at Service.
package rule

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/sigma"
)

// Catalogue is the rules in force.
type Catalogue interface {
	// Current returns the rules in force and when they were loaded. It does no I/O.
	Current() (set *detect.Set, loadedAt time.Time)
	// Reload reads the rule files again and, if that gives a set at all, puts it
	// in force without losing an event. Errors: Invalid, Internal.
	Reload(ctx context.Context) (*detect.Set, error)
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
}

// Options is what the service needs.
type Options struct {
	DB        *bun.DB
	Trail     *module.Trail
	Catalogue Catalogue
	Hits      Hits
	History   History
	Log       *slog.Logger
	Now       func() time.Time
}

// New makes the service.
func New(o Options) *Service {
	return &Service{db: o.DB, trail: o.Trail, catalogue: o.Catalogue, hits: o.Hits, history: o.History, trials: newTrials(), log: o.Log, now: o.Now}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	return module.Module{Name: "rule", Routes: s.routes, Workers: []module.Worker{{Name: "rule tests", Run: s.runTrials}}}
}

// Filter says which rules to list.
type Filter struct {
	Text    string
	Level   string
	Product string
	Limit   int
	Cursor  string // the place of the next rule in the sorted list
}

// Listed is a rule with its findings of the last day.
type Listed struct {
	*detect.Rule
	Hits int64
}

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
	hits, err := s.hits.HitsSince(ctx, s.now().Add(-hitsWindow))
	if err != nil {
		return Page{}, err
	}
	set, loadedAt := s.catalogue.Current()
	page := Page{LoadedAt: loadedAt, Items: []Listed{}}
	want := module.Fold(strings.TrimSpace(f.Text))
	for _, r := range set.Rules() {
		if f.match(r, want) {
			page.Items = append(page.Items, Listed{r, hits[r.ID]})
		}
	}
	slices.SortStableFunc(page.Items, func(a, b Listed) int {
		if a.Hits != b.Hits {
			if a.Hits > b.Hits {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Title, b.Title)
	})
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

func (f *Filter) match(r *detect.Rule, want string) bool {
	switch {
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
	hits, err := s.hits.HitsSince(ctx, s.now().Add(-hitsWindow))
	return Listed{r, hits[id]}, err
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
