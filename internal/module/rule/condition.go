package rule

import (
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/sigma"
)

// RulePartialView is one part of a rule's condition, for people to read.
type RulePartialView struct {
	Kind     string            `json:"kind" enum:"all,any,at_least,not,search,field,keywords" doc:"all, any, at_least and not are about parts; search is a named search, which holds if all its parts do; field tests a field; keywords search all values"`
	Name     string            `json:"name,omitempty" doc:"of a search"`
	Count    int               `json:"count,omitempty" doc:"of at_least"`
	Field    string            `json:"field,omitempty"`
	Modifier string            `json:"modifier,omitempty" doc:"as written: contains|all, re, cidr …"`
	Patterns []string          `json:"patterns,omitempty" nullable:"false" doc:"as written"`
	More     int               `json:"more,omitempty" doc:"patterns or parts that are left out"`
	Parts    []RulePartialView `json:"parts,omitempty" nullable:"false"`
}

// RuleSeriesView is what a correlation rule counts.
type RuleSeriesView struct {
	Type       string          `json:"type" example:"event_count"`
	Seconds    float64         `json:"seconds" doc:"the span of time"`
	GroupBy    []string        `json:"groupBy" nullable:"false"`
	Fields     []string        `json:"fields" nullable:"false" doc:"whose values are counted"`
	Conditions []RuleBoundView `json:"conditions" nullable:"false"`
}

// RuleBoundView is a bound that the count must meet.
type RuleBoundView struct {
	Op    string  `json:"op" enum:"gt,gte,lt,lte,eq,neq"`
	Value float64 `json:"value"`
}

// What a condition shows at most; rules may be much larger.
const (
	maxShownParts    = 500
	maxShownPatterns = 30
)

// conditionOf reads the condition of a detection rule as the explanation of an
// event that has nothing shows it; nil for a correlation rule.
func conditionOf(set *detect.Set, r *detect.Rule) *RulePartialView {
	x := set.NewWorker().Explain(r, &event.Event{})
	if x == nil {
		return nil
	}
	left := maxShownParts
	v := partView(&x.Condition, &left)
	return &v
}

func partView(p *sigma.Part, left *int) RulePartialView {
	v := RulePartialView{Kind: string(p.Kind), Name: p.Name, Count: p.Count, Field: p.Field, Modifier: p.Modifier}
	shown := min(len(p.Patterns), maxShownPatterns)
	v.Patterns, v.More = p.Patterns[:shown], len(p.Patterns)-shown
	for i := range p.Parts {
		if *left--; *left < 0 {
			v.More += len(p.Parts) - i
			break
		}
		v.Parts = append(v.Parts, partView(&p.Parts[i], left))
	}
	return v
}

func seriesOf(r *detect.Rule) *RuleSeriesView {
	c := r.Correlation()
	if c == nil {
		return nil
	}
	v := &RuleSeriesView{Type: c.Type, Seconds: c.Timespan.Seconds(), GroupBy: module.OrEmpty(c.GroupBy), Fields: module.OrEmpty(c.Fields), Conditions: []RuleBoundView{}}
	for _, b := range c.Bounds {
		v.Conditions = append(v.Conditions, RuleBoundView(b))
	}
	return v
}
