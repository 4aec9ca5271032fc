package alert

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/sigma"
)

// AlertExplanationView says why an alert's rule fires on an event.
type AlertExplanationView struct {
	Event       ExplainedEventView   `json:"event"`
	Fields      []ExplainedFieldView `json:"fields" nullable:"false" doc:"of the event, in its order; a field of several values is there several times"`
	Correlation bool                 `json:"correlation" doc:"the alert's rule looks for a series of events; rules are those it is made of"`
	Rules       []ExplainedRuleView  `json:"rules" nullable:"false"`
	RulesLoaded module.Time          `json:"rulesLoadedAt" doc:"when the rules in force were loaded"`
}

// ExplainedEventView names the event; GET /events/{id} has all of it.
type ExplainedEventView struct {
	ID       string      `json:"id"`
	Time     module.Time `json:"time"`
	Host     string      `json:"host"`
	Format   string      `json:"format"`
	Product  string      `json:"product"`
	Category string      `json:"category"`
	Service  string      `json:"service"`
}

// ExplainedFieldView is one field of the event.
type ExplainedFieldView struct {
	Name    string                  `json:"name"`
	Value   string                  `json:"value"`
	Null    bool                    `json:"null" doc:"there, and explicitly nothing"`
	Matched bool                    `json:"matched" doc:"it made the condition of a rule hold"`
	Ranges  []module.CharacterRange `json:"ranges" nullable:"false" doc:"the parts of the value that did"`
}

// ExplainedRuleView is one rule's view of the event.
type ExplainedRuleView struct {
	ID        string                `json:"id"`
	Title     string                `json:"title"`
	TitleVi   string                `json:"titleVi"`
	Product   string                `json:"product" doc:"of the log source the rule is for"`
	Category  string                `json:"category"`
	Service   string                `json:"service"`
	Fired     bool                  `json:"fired" doc:"on the event when it arrived; where it differs from matched, the rule, a filter or the mapping of log sources has changed since"`
	Matched   bool                  `json:"matched" doc:"the rule in force matches the event: inScope, and the condition and all filters hold"`
	InScope   bool                  `json:"inScope" doc:"the event is of the rule's log source; if not, the rest is judged all the same"`
	Condition ExplainedPartView     `json:"condition"`
	Filters   []ExplainedFilterView `json:"filters" nullable:"false" doc:"all must hold"`
}

// ExplainedFilterView is the condition of a filter for the rule.
type ExplainedFilterView struct {
	Title     string            `json:"title"`
	Condition ExplainedPartView `json:"condition"`
}

// ExplainedPartView is one part of a condition.
type ExplainedPartView struct {
	Kind      string              `json:"kind" enum:"all,any,at_least,not,search,field,keywords" doc:"all, any, at_least and not are about parts; search is a named search, which holds if all its parts do; field tests a field; keywords search all values"`
	Held      bool                `json:"held"`
	Name      string              `json:"name,omitempty" doc:"of a search"`
	Count     int                 `json:"count,omitempty" doc:"of at_least"`
	Parts     []ExplainedPartView `json:"parts,omitempty" nullable:"false"`
	MoreParts int                 `json:"moreParts,omitempty" doc:"left out"`

	Field        string             `json:"field,omitempty" doc:"as the rule names it"`
	Modifiers    []string           `json:"modifiers,omitempty" nullable:"false"`
	Patterns     []string           `json:"patterns,omitempty" nullable:"false" doc:"as written in the rule"`
	MorePatterns int                `json:"morePatterns,omitempty" doc:"left out"`
	State        string             `json:"state,omitempty" enum:"absent,null,object,value" doc:"what the event has under the field's name; object: nested fields only"`
	Seen         []int              `json:"seen,omitempty" nullable:"false" doc:"the fields looked at, by their place in fields"`
	Hits         []ExplainedHitView `json:"hits,omitempty" nullable:"false" doc:"the fields that satisfy a pattern"`
	Missing      []string           `json:"missing,omitempty" nullable:"false" doc:"under the modifier all: patterns that nothing satisfies"`
}

// ExplainedHitView is a field that satisfies a pattern.
type ExplainedHitView struct {
	Field   int                     `json:"field" doc:"its place in fields"`
	Pattern string                  `json:"pattern"`
	Ranges  []module.CharacterRange `json:"ranges" nullable:"false"`
}

// What an explanation shows at most; rules may be much larger.
const (
	maxShownParts    = 2000 // of all rules
	maxShownPatterns = 50   // of one test
	maxShownValues   = 50   // of one test
	maxPatternBytes  = 2000
)

// explainView puts an explanation on the wire.
type explainView struct {
	fields []ExplainedFieldView
	spans  [][]sigma.Span // of fields
	at     map[fieldKey][]int
	parts  int // that may still be shown
}

type fieldKey struct {
	name, value string
	null        bool
}

func newExplanationView(x *Explained) AlertExplanationView {
	row := x.Event
	out := AlertExplanationView{
		Event: ExplainedEventView{
			ID: row.ID.String(), Time: module.Time{Time: row.Time}, Host: row.Host, Format: row.Format,
			Product: row.Source.Product, Category: row.Source.Category, Service: row.Source.Service,
		},
		Correlation: x.Correlation, Rules: make([]ExplainedRuleView, len(x.Rules)), RulesLoaded: module.Time{Time: x.RulesLoaded},
	}
	w := &explainView{
		fields: make([]ExplainedFieldView, len(row.Fields)), spans: make([][]sigma.Span, len(row.Fields)),
		at: make(map[fieldKey][]int, len(row.Fields)), parts: maxShownParts,
	}
	for i, f := range row.Fields {
		null := f.Kind == event.Null
		w.fields[i] = ExplainedFieldView{Name: f.Name, Value: f.Value, Null: null}
		key := fieldKey{f.Name, f.Value, null}
		w.at[key] = append(w.at[key], i)
	}
	for i := range x.Rules {
		out.Rules[i] = w.rule(&x.Rules[i])
	}
	for i := range w.fields {
		w.fields[i].Ranges = module.Ranges(w.fields[i].Value, w.spans[i])
	}
	out.Fields = w.fields
	return out
}

func (w *explainView) rule(r *ExplainedRule) ExplainedRuleView {
	scope := r.Rule.LogSource
	out := ExplainedRuleView{
		ID: r.ID, Title: r.Title, TitleVi: r.TitleVi, Product: scope.Product, Category: scope.Category, Service: scope.Service,
		Fired: r.Fired, Matched: r.Matched, InScope: r.InScope,
		Condition: w.part(&r.Condition), Filters: make([]ExplainedFilterView, len(r.Filters)),
	}
	for i := range r.Filters {
		out.Filters[i] = ExplainedFilterView{Title: r.Filters[i].Title, Condition: w.part(&r.Filters[i].Part)}
	}
	if r.Matched || r.Fired {
		for _, h := range r.Explanation.Fields {
			for _, i := range w.places(h.Name, h.Value) {
				w.fields[i].Matched = true
				w.spans[i] = append(w.spans[i], h.Spans...)
			}
		}
	}
	return out
}

// places finds a value among the event's fields.
func (w *explainView) places(name, value string) []int {
	if at := w.at[fieldKey{name, value, false}]; len(at) > 0 || value != "" {
		return at
	}
	return w.at[fieldKey{name, "", true}]
}

func (w *explainView) part(p *sigma.Part) ExplainedPartView {
	w.parts--
	out := ExplainedPartView{Kind: string(p.Kind), Held: p.Held, Name: p.Name, Count: p.Count, Field: p.Field, State: string(p.State)}
	for i := range p.Parts {
		if w.parts <= 0 {
			out.MoreParts = len(p.Parts) - i
			break
		}
		out.Parts = append(out.Parts, w.part(&p.Parts[i]))
	}
	if p.Modifier != "" {
		out.Modifiers = strings.Split(p.Modifier, "|")
	}
	out.Patterns = shownPatterns(p.Patterns)
	out.MorePatterns = len(p.Patterns) - len(out.Patterns)
	out.Missing = shownPatterns(p.Missing)
	for _, s := range p.Seen {
		for _, i := range w.places(s.Name, s.Value) {
			if len(out.Seen) < maxShownValues {
				out.Seen = append(out.Seen, i)
			}
		}
	}
	for _, h := range p.Hits {
		for _, i := range w.places(h.Name, h.Value) {
			if len(out.Hits) < maxShownValues {
				out.Hits = append(out.Hits, ExplainedHitView{Field: i, Pattern: shownPattern(h.Pattern), Ranges: module.Ranges(h.Value, h.Spans)})
			}
		}
	}
	return out
}

func shownPatterns(list []string) []string {
	var out []string
	for _, text := range list[:min(len(list), maxShownPatterns)] {
		out = append(out, shownPattern(text))
	}
	return out
}

func shownPattern(text string) string {
	if len(text) <= maxPatternBytes {
		return text
	}
	n := maxPatternBytes
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

func (s *Service) explainRoutes(api huma.API) {
	type explain struct {
		ID    string `path:"id" maxLength:"64"`
		Event string `query:"event" maxLength:"64" doc:"id of an event; empty: the newest of the alert"`
	}
	type explanation struct{ Body AlertExplanationView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "explain-alert", Method: http.MethodGet, Path: "/alerts/{id}/explain", Tags: tags,
		Summary:     "Why the alert's rule, as it is in force now, fires on an event",
		Description: "404 alert.rule-gone if the rule is not loaded any more; 404 alert.event-gone if the event is past its retention; 404 alert.signal if no rule raised it.",
	}), func(ctx context.Context, in *explain) (*explanation, error) {
		x, err := s.Explain(ctx, in.ID, in.Event)
		if err != nil {
			return nil, err
		}
		return &explanation{newExplanationView(&x)}, nil
	})
}
