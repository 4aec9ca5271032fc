package attack

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/sigma"
)

// RuleHits counts the alerts of one rule, under the tags they were raised with.
type RuleHits struct {
	RuleID   string
	Tags     []string
	Alerts   int64
	Findings int64
	Last     time.Time
}

// Figures are the figures of one technique, its sub-techniques included.
type Figures struct {
	Rules    int       // switched on
	Fed      int       // of them, those whose log source arrives
	Off      int       // switched off
	Own      int       // of Rules, those that name the technique itself
	Level    string    // the worst of Rules; "" without one
	Alerts   int64     // active in the range
	Findings int64     // counted in those alerts
	Last     time.Time // zero: none
}

// State is how well a technique is watched.
type State string

// The states of a technique.
const (
	StateNone    State = "none"    // no rule
	StateWaiting State = "waiting" // rules, and no logs for any of them
	StateCovered State = "covered"
)

// State returns how well the technique is watched; where it is not known what
// arrives, rules alone count.
func (f *Figures) State(known bool) State {
	switch {
	case f.Rules == 0:
		return StateNone
	case known && f.Fed == 0:
		return StateWaiting
	}
	return StateCovered
}

// Wanted is a log source that would bring rules to life that wait for it.
type Wanted struct {
	Product, Category, Service string
	Rules                      int
	Techniques                 int // that would become covered
}

// Coverage is the figures of the whole matrix.
type Coverage struct {
	Techniques map[string]*Figures
	Rules      int // switched on and within the filter
	Untagged   int // of them, those that name no technique
	Wanted     []Wanted
}

const maxWanted = 10

var levels = []string{"critical", "high", "medium", "low", "informational"}

func worse(a, b string) string {
	if a == "" || slices.Index(levels, b) < slices.Index(levels, a) {
		return b
	}
	return a
}

// coverage works out the figures. fed tells whether a rule has logs to look at;
// nil: not known.
func (c *Catalogue) coverage(rules []*detect.Rule, hits []RuleHits, fed func(*detect.Rule) bool) *Coverage {
	out := &Coverage{Techniques: map[string]*Figures{}}
	at := func(id string) *Figures {
		f := out.Techniques[id]
		if f == nil {
			f = &Figures{}
			out.Techniques[id] = f
		}
		return f
	}
	type gap struct {
		Wanted
		techniques []string
	}
	gaps := map[sigma.LogSource]*gap{}
	for _, r := range rules {
		named := c.Tagged(r.Tags)
		if !r.Enabled() {
			if !r.Silent {
				for _, id := range withParents(named) {
					at(id).Off++
				}
			}
			continue
		}
		out.Rules++
		if len(named) == 0 {
			out.Untagged++
		}
		has := fed != nil && fed(r)
		for _, id := range withParents(named) {
			f := at(id)
			f.Rules++
			f.Level = worse(f.Level, r.EffectiveLevel())
			if has {
				f.Fed++
			}
			if slices.Contains(named, id) {
				f.Own++
			}
		}
		if fed == nil || has || len(named) == 0 {
			continue
		}
		about := r.About()
		g := gaps[about]
		if g == nil {
			g = &gap{Wanted: Wanted{Product: about.Product, Category: about.Category, Service: about.Service}}
			gaps[about] = g
		}
		g.Rules++
		g.techniques = append(g.techniques, withParents(named)...)
	}
	for _, h := range hits {
		for _, id := range withParents(c.Tagged(h.Tags)) {
			f := at(id)
			f.Alerts += h.Alerts
			f.Findings += h.Findings
			if h.Last.After(f.Last) {
				f.Last = h.Last
			}
		}
	}
	for _, g := range gaps {
		slices.Sort(g.techniques)
		for _, id := range slices.Compact(g.techniques) {
			if out.Techniques[id].Fed == 0 {
				g.Techniques++
			}
		}
		out.Wanted = append(out.Wanted, g.Wanted)
	}
	slices.SortFunc(out.Wanted, func(a, b Wanted) int {
		return cmp.Or(cmp.Compare(b.Techniques, a.Techniques), cmp.Compare(b.Rules, a.Rules),
			strings.Compare(a.Product+"/"+a.Category+"/"+a.Service, b.Product+"/"+b.Category+"/"+b.Service))
	})
	out.Wanted = out.Wanted[:min(len(out.Wanted), maxWanted)]
	return out
}
