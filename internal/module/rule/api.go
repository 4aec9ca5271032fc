package rule

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// RuleView is a rule in a list.
type RuleView struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	TitleVi  string   `json:"titleVi"`
	Kind     string   `json:"kind" enum:"detection,correlation" doc:"a correlation rule sees series of events that other rules found"`
	Silent   bool     `json:"silent" doc:"only there for correlation rules: gives no alert of its own"`
	Level    string   `json:"level" enum:"critical,high,medium,low,informational"`
	Status   string   `json:"status"`
	Product  string   `json:"product"`
	Category string   `json:"category"`
	Service  string   `json:"service"`
	Tags     []string `json:"tags" nullable:"false"`
	Pack     string   `json:"pack"`
	Hits24h  int64    `json:"hits24h" doc:"findings in alerts that were active in the last 24 hours"`

	Enabled       bool  `json:"enabled" doc:"not off for everybody; a silent rule counts as what it is set to"`
	OffUnits      int   `json:"offUnits" doc:"units the rule is off for, with those below them, as far as the caller may know"`
	Alerts30d     int64 `json:"alerts30d"`
	Closed30d     int64 `json:"closed30d"`
	FalsePositive int64 `json:"falsePositive30d" doc:"of the closed"`
}

// RefusedRuleView is a rule that could not be loaded.
type RefusedRuleView struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// RulePageView is one page of the catalogue.
type RulePageView struct {
	Items      []RuleView        `json:"items" nullable:"false"`
	NextCursor string            `json:"nextCursor,omitempty"`
	Total      int               `json:"total"`
	Refused    []RefusedRuleView `json:"refused" nullable:"false"`
	LoadedAt   module.Time       `json:"loadedAt"`
}

// RuleDetailView is a rule's page.
type RuleDetailView struct {
	RuleView
	Description    string   `json:"description"`
	ExplanationVi  string   `json:"explanationVi"`
	ChecksVi       []string `json:"checksVi" nullable:"false"`
	References     []string `json:"references" nullable:"false"`
	FalsePositives []string `json:"falsepositives" nullable:"false"`
	Fields         []string `json:"fields" nullable:"false"`
	Author         string   `json:"author"`
	Source         string   `json:"source" doc:"YAML as loaded; of a file of several rules, the rule's own"`

	Parts []RulePartView `json:"parts" nullable:"false" doc:"of a correlation rule: the rules whose events it counts"`

	Hash      string           `json:"hash" doc:"SHA-256 of the rule's text: its version"`
	File      string           `json:"file"`
	Date      string           `json:"date" doc:"as its author wrote it"`
	Modified  string           `json:"modified"`
	Condition *RulePartialView `json:"condition,omitempty" doc:"of a detection rule"`
	Series    *RuleSeriesView  `json:"series,omitempty" doc:"of a correlation rule"`
	Off       []RuleSwitchView `json:"off" nullable:"false" doc:"for whom the rule is off"`
}

// RulePartView is a rule that a correlation rule is made of.
type RulePartView struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	TitleVi string `json:"titleVi"`
}

// ReloadedRulesView is the outcome of a reload.
type ReloadedRulesView struct {
	Loaded  int `json:"loaded"`
	Refused int `json:"refused"`
}

func view(r Listed) RuleView {
	about, kind := r.About(), "detection"
	if r.IsCorrelation() {
		kind = "correlation"
	}
	enabled, offUnits := true, 0
	for _, x := range r.Switches {
		if x.Unit == event.CentreUnit {
			enabled = false
		} else {
			offUnits++
		}
	}
	return RuleView{
		Enabled: enabled, OffUnits: offUnits, Alerts30d: r.Alerts, Closed30d: r.Closed, FalsePositive: r.FalsePositive,
		ID: r.ID, Title: r.Title, TitleVi: r.TitleVi, Kind: kind, Silent: r.Silent, Level: r.EffectiveLevel(), Status: r.Status,
		Product: about.Product, Category: about.Category, Service: about.Service,
		Tags: module.OrEmpty(r.Tags), Pack: r.Pack, Hits24h: r.Hits,
	}
}

func partsView(parts []detect.Part) []RulePartView {
	out := []RulePartView{}
	for _, p := range parts {
		v := RulePartView{ID: p.Rule.ID, Title: p.Rule.Title, TitleVi: p.Rule.TitleVi}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (s *Service) routes(api huma.API) {
	s.trialRoutes(api)
	s.changeRoutes(api)
	s.noiseRoutes(api)
	tags := []string{"rules"}

	type list struct {
		Q       string `query:"q" maxLength:"200"`
		Level   string `query:"level" enum:"critical,high,medium,low,informational"`
		Product string `query:"product" maxLength:"100"`
		Pack    string `query:"pack" maxLength:"100"`
		State   string `query:"state" enum:"on,off" doc:"off: for somebody"`
		Tag     string `query:"tag" maxLength:"100" example:"attack.t1059" doc:"a technique's tag also finds its sub-techniques"`
		Sort    string `query:"sort" enum:"-hits,-noise,title" default:"-hits"`
		Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
		Cursor  string `query:"cursor" maxLength:"20"`
	}
	type page struct{ Body RulePageView }
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "list-rules", Method: http.MethodGet, Path: "/rules", Tags: tags, Summary: "The loaded rules and what was refused",
	}), func(ctx context.Context, in *list) (*page, error) {
		p, err := s.List(ctx, Filter{Text: in.Q, Level: in.Level, Product: in.Product, Pack: in.Pack, State: in.State, Tag: in.Tag, Sort: in.Sort, Limit: in.Limit, Cursor: in.Cursor})
		if err != nil {
			return nil, err
		}
		out := &page{RulePageView{
			Items: make([]RuleView, len(p.Items)), NextCursor: p.Next, Total: p.Total,
			Refused: make([]RefusedRuleView, len(p.Refused)), LoadedAt: module.Time{Time: p.LoadedAt},
		}}
		for i, r := range p.Items {
			out.Body.Items[i] = view(r)
		}
		for i, r := range p.Refused {
			out.Body.Refused[i] = RefusedRuleView{File: r.File, Line: r.Line, Reason: r.Reason, Remedy: r.Remedy}
		}
		return out, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"200"`
	}
	type detail struct{ Body RuleDetailView }
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "get-rule", Method: http.MethodGet, Path: "/rules/{id}", Tags: tags, Summary: "One rule with its source",
	}), func(ctx context.Context, in *byID) (*detail, error) {
		r, err := s.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		set, _ := s.catalogue.Current()
		return &detail{RuleDetailView{
			Hash: r.Hash, File: place(r.Rule), Date: r.Date, Modified: r.Modified, Condition: conditionOf(set, r.Rule), Series: seriesOf(r.Rule),
			Off:      s.switchViews(r.Switches),
			RuleView: view(r), Description: r.Description, ExplanationVi: r.Explain, ChecksVi: module.OrEmpty(r.Checks),
			References: module.OrEmpty(r.References), FalsePositives: module.OrEmpty(r.FalsePositives), Fields: module.OrEmpty(r.Fields()),
			Author: r.Author, Source: r.Text, Parts: partsView(r.Parts),
		}}, nil
	})

	type reloaded struct{ Body ReloadedRulesView }
	huma.Register(api, module.Op(module.ActionRuleReload, huma.Operation{
		OperationID: "reload-rules", Method: http.MethodPost, Path: "/rules/reload", Tags: tags,
		Summary: "Read the rule files again", Description: "No event is lost; a broken rule is refused and the others load.",
	}), func(ctx context.Context, _ *struct{}) (*reloaded, error) {
		set, err := s.Reload(ctx)
		if err != nil {
			return nil, err
		}
		out := &reloaded{}
		out.Body.Loaded, out.Body.Refused = len(set.Rules()), set.Refused()
		return out, nil
	})
}
