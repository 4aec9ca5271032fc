package attack

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// AttackMatrixView is the matrix with the coverage of the rules in force.
type AttackMatrixView struct {
	Version       string                `json:"version" doc:"of ATT&CK"`
	Released      string                `json:"released" format:"date"`
	Notice        string                `json:"notice" doc:"that the licence of ATT&CK asks to be shown"`
	From          module.Time           `json:"from"`
	To            module.Time           `json:"to"`
	ArrivalsSince *module.Time          `json:"arrivalsSince" doc:"since when events were looked at to tell which rules have logs; null: not known, and then state waiting does not occur"`
	RulesLoadedAt module.Time           `json:"rulesLoadedAt"`
	Rules         int                   `json:"rules" doc:"switched on, within the filter"`
	Untagged      int                   `json:"untagged" doc:"of them, those that name no technique"`
	Tactics       []AttackTacticView    `json:"tactics" nullable:"false" doc:"in the order of the matrix"`
	Techniques    []AttackTechniqueView `json:"techniques" nullable:"false" doc:"by number; sub-techniques have a dot"`
	Products      []string              `json:"products" nullable:"false" doc:"that rules are for"`
	Wanted        []WantedSourceView    `json:"wanted" nullable:"false" doc:"log sources that rules wait for, the most useful first; at most 10"`
}

// AttackTacticView is a column.
type AttackTacticView struct {
	ID        string `json:"id"`
	ShortName string `json:"shortName"`
	Name      string `json:"name"`
	NameVi    string `json:"nameVi"`
}

// AttackTechniqueView is a cell. The figures of a technique include its
// sub-techniques.
type AttackTechniqueView struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	NameVi    string       `json:"nameVi" doc:"empty: the English name is the usual one"`
	Tactics   []string     `json:"tactics" nullable:"false" doc:"short names"`
	Platforms []string     `json:"platforms" nullable:"false"`
	State     string       `json:"state" enum:"none,waiting,covered" doc:"none: no rule; waiting: rules, and no logs for any of them; covered"`
	Rules     int          `json:"rules" doc:"switched on"`
	Fed       int          `json:"fed" doc:"of them, those whose log source arrives"`
	Off       int          `json:"off" doc:"rules that are switched off"`
	Own       int          `json:"own" doc:"of rules, those that name the technique itself"`
	Level     string       `json:"level" doc:"the worst of the rules; empty without one"`
	Alerts    int64        `json:"alerts" doc:"active in the range, of the units the caller sees"`
	Findings  int64        `json:"findings" doc:"counted in those alerts"`
	LastSeen  *module.Time `json:"lastSeen"`
}

// WantedSourceView is a log source that rules wait for.
type WantedSourceView struct {
	Product    string `json:"product"`
	Category   string `json:"category"`
	Service    string `json:"service"`
	Rules      int    `json:"rules"`
	Techniques int    `json:"techniques" doc:"without any other coverage"`
}

// AttackDetailView is one technique.
type AttackDetailView struct {
	AttackTechniqueView
	Parent        string                `json:"parent" doc:"empty: no sub-technique"`
	URL           string                `json:"url" doc:"MITRE's page"`
	Subs          []AttackSubView       `json:"subs" nullable:"false"`
	RuleList      []AttackRuleView      `json:"ruleList" nullable:"false"`
	AlertList     []module.AlertView    `json:"alertList" nullable:"false" doc:"the newest in the range, at most 20"`
	Arrives       []AttackLogSourceView `json:"arrives" nullable:"false" doc:"log sources of which events arrive"`
	ArrivalsSince *module.Time          `json:"arrivalsSince"`
}

// AttackSubView names a sub-technique.
type AttackSubView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameVi string `json:"nameVi"`
}

// AttackRuleView is a rule for the technique.
type AttackRuleView struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	TitleVi  string `json:"titleVi"`
	Level    string `json:"level"`
	Enabled  bool   `json:"enabled"`
	Fed      bool   `json:"fed" doc:"logs for it arrive"`
	Product  string `json:"product"`
	Category string `json:"category"`
	Service  string `json:"service"`
	Alerts   int64  `json:"alerts"`
	Findings int64  `json:"findings"`
}

// AttackLogSourceView is a log source.
type AttackLogSourceView struct {
	Product  string `json:"product"`
	Category string `json:"category"`
	Service  string `json:"service"`
}

func techniqueView(t *Technique, f *Figures, known bool) AttackTechniqueView {
	v := AttackTechniqueView{ID: t.ID, Name: t.Name, NameVi: t.NameVi, Tactics: t.Tactics, Platforms: t.Platforms, State: string(StateNone)}
	if v.Platforms == nil {
		v.Platforms = []string{}
	}
	if f != nil {
		v.State, v.Rules, v.Fed, v.Off, v.Own, v.Level = string(f.State(known)), f.Rules, f.Fed, f.Off, f.Own, f.Level
		v.Alerts, v.Findings, v.LastSeen = f.Alerts, f.Findings, module.TimeOrNil(f.Last)
	}
	return v
}

func (m *Matrix) view() AttackMatrixView {
	v := AttackMatrixView{
		Version: m.Version, Released: m.Released, Notice: m.Notice, From: module.Time{Time: m.Filter.From}, To: module.Time{Time: m.Filter.To},
		ArrivalsSince: module.TimeOrNil(m.ArrivalsSince), RulesLoadedAt: module.Time{Time: m.LoadedAt}, Rules: m.Rules, Untagged: m.Untagged,
		Techniques: make([]AttackTechniqueView, len(m.Catalogue.Techniques)), Products: append([]string{}, m.Products...), Wanted: []WantedSourceView{},
	}
	for _, t := range m.Catalogue.Tactics {
		v.Tactics = append(v.Tactics, AttackTacticView(t))
	}
	for i := range m.Catalogue.Techniques {
		t := &m.Catalogue.Techniques[i]
		v.Techniques[i] = techniqueView(t, m.Coverage.Techniques[t.ID], !m.ArrivalsSince.IsZero())
	}
	for _, w := range m.Wanted {
		v.Wanted = append(v.Wanted, WantedSourceView(w))
	}
	return v
}

func (d *Detail) view() AttackDetailView {
	v := AttackDetailView{
		AttackTechniqueView: techniqueView(d.Technique, &d.Figures, !d.ArrivalsSince.IsZero()), Parent: d.Parent(),
		URL:  "https://attack.mitre.org/techniques/" + strings.Replace(d.ID, ".", "/", 1) + "/",
		Subs: []AttackSubView{}, RuleList: []AttackRuleView{}, AlertList: d.Alerts, Arrives: []AttackLogSourceView{}, ArrivalsSince: module.TimeOrNil(d.ArrivalsSince),
	}
	if v.AlertList == nil {
		v.AlertList = []module.AlertView{}
	}
	for _, t := range d.Subs {
		v.Subs = append(v.Subs, AttackSubView{t.ID, t.Name, t.NameVi})
	}
	for i := range d.Rules {
		r := &d.Rules[i]
		about := r.About()
		v.RuleList = append(v.RuleList, AttackRuleView{
			ID: r.ID, Title: r.Title, TitleVi: r.TitleVi, Level: r.EffectiveLevel(), Enabled: r.Enabled(), Fed: r.Fed,
			Product: about.Product, Category: about.Category, Service: about.Service, Alerts: r.Alerts, Findings: r.Findings,
		})
	}
	for _, x := range d.Arrives {
		v.Arrives = append(v.Arrives, AttackLogSourceView(x))
	}
	return v
}

// AttackFilter is the filter as asked for. Exported, because huma looks into
// exported parts only.
type AttackFilter struct {
	From    time.Time    `query:"from" doc:"default: 30 days before to"`
	To      time.Time    `query:"to" doc:"default: now"`
	Unit    event.UnitID `query:"unit" maxLength:"64" doc:"and the units below it"`
	Product string       `query:"product" maxLength:"100"`
	Level   string       `query:"level" maxLength:"100" doc:"comma-separated: critical, high, medium, low, informational"`
}

const defaultDays = 30

func (in *AttackFilter) filter(now time.Time) (Filter, error) {
	f := Filter{From: in.From, To: in.To, Unit: in.Unit, Product: in.Product}
	if f.To.IsZero() {
		f.To = now
	}
	if f.From.IsZero() {
		f.From = f.To.AddDate(0, 0, -defaultDays)
	}
	for _, level := range strings.FieldsFunc(in.Level, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.Contains(levels, level) {
			return f, fault.New(fault.Invalid, "level: %q is none; use %s", level, strings.Join(levels, ", ")).OnField("query.level")
		}
		f.Levels = append(f.Levels, level)
	}
	return f, nil
}

func (s *Service) routes(api huma.API) {
	tags := []string{"attack"}

	type matrix struct{ AttackFilter }
	type matrixOut struct{ Body AttackMatrixView }
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "attack-matrix", Method: http.MethodGet, Path: "/attack", Tags: tags,
		Summary:     "The ATT&CK matrix with the coverage of the rules in force and what they found",
		Description: "Which rules have logs to look at is asked of the stored events of the last hour, day and week, as far as eight seconds allow, and remembered for ten minutes.",
	}), func(ctx context.Context, in *matrix) (*matrixOut, error) {
		m, err := s.matrix(ctx, &in.AttackFilter)
		if err != nil {
			return nil, err
		}
		return &matrixOut{m.view()}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"16" example:"T1059.001"`
		AttackFilter
	}
	type detail struct{ Body AttackDetailView }
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "attack-technique", Method: http.MethodGet, Path: "/attack/techniques/{id}", Tags: tags,
		Summary: "One technique with its rules and alerts",
	}), func(ctx context.Context, in *byID) (*detail, error) {
		f, err := in.filter(s.now())
		if err != nil {
			return nil, err
		}
		d, err := s.Detail(ctx, in.ID, f)
		if err != nil {
			return nil, err
		}
		return &detail{d.view()}, nil
	})

	type layer struct {
		By string `query:"by" enum:"rules,hits" default:"rules" doc:"what the score of a technique is"`
		AttackFilter
	}
	type layerOut struct {
		Disposition string `header:"Content-Disposition"`
		Body        *Layer
	}
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "attack-layer", Method: http.MethodGet, Path: "/attack/layer.json", Tags: tags,
		Summary: "The matrix as a layer for the ATT&CK Navigator",
	}), func(ctx context.Context, in *layer) (*layerOut, error) {
		m, err := s.matrix(ctx, &in.AttackFilter)
		if err != nil {
			return nil, err
		}
		return &layerOut{`attachment; filename="attack-layer.json"`, m.layer(in.By)}, nil
	})

	type csvOut struct {
		Type        string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "attack-csv", Method: http.MethodGet, Path: "/attack/coverage.csv", Tags: tags, Summary: "The matrix as a table",
		Responses: map[string]*huma.Response{"200": {
			Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}), func(ctx context.Context, in *matrix) (*csvOut, error) {
		m, err := s.matrix(ctx, &in.AttackFilter)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := m.csv(&out); err != nil {
			return nil, err
		}
		return &csvOut{"text/csv; charset=utf-8", `attachment; filename="attack-coverage.csv"`, out.Bytes()}, nil
	})
}

func (s *Service) matrix(ctx context.Context, in *AttackFilter) (*Matrix, error) {
	f, err := in.filter(s.now())
	if err != nil {
		return nil, err
	}
	return s.Matrix(ctx, f)
}
