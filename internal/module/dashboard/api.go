package dashboard

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// DashboardView is a board on the wire.
type DashboardView struct {
	ID         string            `json:"id"`
	BuiltIn    bool              `json:"builtIn" doc:"one that everybody has; copy it to change it"`
	Name       Words             `json:"name" doc:"of a saved one the same in both languages"`
	About      Words             `json:"about"`
	Range      string            `json:"range" enum:"1h,6h,24h,7d,30d,90d,365d" doc:"the time it shows first"`
	Widgets    []Widget          `json:"widgets" nullable:"false"`
	Visibility string            `json:"visibility" enum:"private,unit,everyone" doc:"unit: the owner's unit, those below and above it"`
	Owner      module.PersonView `json:"owner"`
	Unit       event.UnitID      `json:"unit" doc:"the owner's"`
	Mine       bool              `json:"mine"`
	Editable   bool              `json:"editable" doc:"the caller may change and remove it"`
	Version    int64             `json:"version" doc:"send it back with a change"`
	UpdatedAt  *module.Time      `json:"updatedAt"`
}

// WidgetKindView is one kind of figure.
type WidgetKindView struct {
	ID     string `json:"id"`
	Name   Words  `json:"name"`
	About  Words  `json:"about" doc:"what it counts"`
	Form   string `json:"form" enum:"number,lines,columns,stack,bars,stacked,table,text"`
	W      int    `json:"w" doc:"usual columns of twelve"`
	H      int    `json:"h" doc:"usual rows"`
	Limit  int    `json:"limit" doc:"usual lines of a ranking; 0: no setting"`
	Levels bool   `json:"levels" doc:"can be narrowed to levels"`
	Now    bool   `json:"now" doc:"tells of this moment, whatever the time asked for"`
	May    bool   `json:"may" doc:"the caller may see it"`
}

// FigureView is one figure, or why there is none.
type FigureView struct {
	ID         string             `json:"id" doc:"the widget's"`
	Kind       string             `json:"kind"`
	Problem    *FigureProblemView `json:"problem,omitempty" doc:"there is no figure"`
	Measure    string             `json:"measure,omitempty" enum:"count,seconds,bytes,share,perSecond" doc:"of value and previous"`
	Value      *float64           `json:"value,omitempty"`
	Previous   *float64           `json:"previous,omitempty" doc:"in the period of the same length before"`
	Better     string             `json:"better,omitempty" enum:"less,more" doc:"which way is good; absent: neither"`
	Text       *Words             `json:"text,omitempty"`
	Note       *Words             `json:"note,omitempty"`
	Columns    []FigureColumn     `json:"columns" nullable:"false"`
	Rows       []FigureRow        `json:"rows" nullable:"false"`
	PartSecond float64            `json:"partSeconds,omitempty" doc:"width of the parts where the first column is a time"`
	Total      int64              `json:"total,omitempty" doc:"lines there are, if rows are fewer"`
	Link       string             `json:"link,omitempty" doc:"the list behind the figure: an address in the console"`
	At         *module.Time       `json:"at,omitempty" doc:"when it was counted"`
}

// FigureProblemView is why there is no figure.
type FigureProblemView struct {
	Code   string `json:"code" doc:"stable dotted word the console translates"`
	Detail string `json:"detail"`
}

// FiguresView answers for many widgets at once.
type FiguresView struct {
	From    module.Time  `json:"from" doc:"beginning of the first part"`
	To      module.Time  `json:"to"`
	Before  module.Time  `json:"before" doc:"beginning of the period compared with, which ends at from"`
	Now     module.Time  `json:"now"`
	Figures []FigureView `json:"figures" nullable:"false"`
}

func problemOf(err error) *FigureProblemView {
	if fe, ok := errors.AsType[*fault.Error](err); ok && fault.KindOf(err) != fault.Internal {
		code := fe.Code
		if code == "" {
			code = fault.KindOf(err).String()
		}
		return &FigureProblemView{code, fe.Error()}
	}
	return &FigureProblemView{"dashboard.failed", "the server could not make this figure; the reason is in its log"}
}

func wordsOrNil(w Words) *Words {
	if w == (Words{}) {
		return nil
	}
	return &w
}

func (m *Made) view() FigureView {
	v := FigureView{ID: m.ID, Kind: m.Kind, Columns: []FigureColumn{}, Rows: []FigureRow{}}
	if m.Err != nil || m.Figure == nil {
		v.Problem = problemOf(m.Err)
		return v
	}
	f := m.Figure
	v.Measure, v.Value, v.Previous, v.Better, v.Link, v.Total = string(f.Measure), f.Value, f.Previous, f.Better, f.Link, f.Total
	v.Text, v.Note, v.PartSecond, v.At = wordsOrNil(f.Text), wordsOrNil(f.Note), f.Width.Seconds(), module.TimeOrNil(f.At)
	if f.Columns != nil {
		v.Columns = f.Columns
	}
	if f.Rows != nil {
		v.Rows = f.Rows
	}
	return v
}

func (s *Service) views(ctx context.Context, list []Board) ([]DashboardView, error) {
	var ids []string
	for i := range list {
		if !list[i].BuiltIn {
			ids = append(ids, list[i].OwnerID)
		}
	}
	names, err := s.People.DisplayNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	p := module.PrincipalOf(ctx)
	out := make([]DashboardView, len(list))
	for i := range list {
		b := &list[i]
		out[i] = DashboardView{
			ID: b.ID, BuiltIn: b.BuiltIn, Name: b.Name, About: b.About, Range: b.Range, Widgets: b.Widgets, Visibility: string(b.Visibility),
			Owner: module.PersonView{ID: b.OwnerID, DisplayName: names[b.OwnerID]}, Unit: b.Unit, Mine: !b.BuiltIn && b.OwnerID == p.ID,
			Editable: b.editableBy(p) && p.Require(module.ActionDashboardEdit) == nil, Version: b.Version, UpdatedAt: module.TimeOrNil(b.UpdatedAt),
		}
		if out[i].Widgets == nil {
			out[i].Widgets = []Widget{}
		}
	}
	return out, nil
}

type boardOut struct{ Body DashboardView }

func (s *Service) answer(ctx context.Context, b Board, err error) (*boardOut, error) {
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, []Board{b})
	if err != nil {
		return nil, err
	}
	return &boardOut{views[0]}, nil
}

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: "/dashboards" + path, Tags: []string{"dashboards"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	type list struct{ Body module.List[DashboardView] }
	huma.Register(api, op(module.ActionDashboardRead, "list-dashboards", http.MethodGet, "", "Dashboards the caller sees: those built in, then by name; at most 503"),
		func(ctx context.Context, _ *struct{}) (*list, error) {
			found, err := s.List(ctx)
			if err != nil {
				return nil, err
			}
			views, err := s.views(ctx, found)
			return &list{module.List[DashboardView]{Items: views}}, err
		})
	type kindList struct {
		Body module.List[WidgetKindView]
	}
	huma.Register(api, op(module.ActionDashboardRead, "list-widget-kinds", http.MethodGet, "/kinds", "The catalogue of figures"),
		func(ctx context.Context, _ *struct{}) (*kindList, error) {
			p := module.PrincipalOf(ctx)
			if err := p.Require(module.ActionDashboardRead); err != nil {
				return nil, err
			}
			return &kindList{module.ListOf(catalogue, func(k *kind) WidgetKindView { return k.view(p) })}, nil
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionDashboardRead, "get-dashboard", http.MethodGet, "/{id}", "One dashboard"),
		func(ctx context.Context, in *byID) (*boardOut, error) {
			b, err := s.Get(ctx, in.ID)
			return s.answer(ctx, b, err)
		})

	type question struct {
		Body struct {
			From    string       `json:"from" maxLength:"40" example:"now-24h" doc:"now, now-15m (s, m, h, d, w), or RFC 3339; at most three years before to"`
			To      string       `json:"to" maxLength:"40" example:"now"`
			Unit    event.UnitID `json:"unit,omitempty" maxLength:"255" doc:"of this unit and those below it only"`
			Widgets []Widget     `json:"widgets" maxItems:"24"`
			Fresh   bool         `json:"fresh,omitempty" doc:"nothing counted longer than ten seconds ago; else up to five minutes, by the length of time"`
		}
	}
	type answer struct{ Body FiguresView }
	huma.Register(api, op(module.ActionDashboardRead, "get-figures", http.MethodPost, "/figures", "The figures of many widgets at once; one that fails says so for itself"),
		func(ctx context.Context, in *question) (*answer, error) {
			b := &in.Body
			a, err := s.Figures(ctx, Question{From: b.From, To: b.To, Unit: b.Unit, Widgets: b.Widgets, Fresh: b.Fresh})
			if err != nil {
				return nil, err
			}
			v := FiguresView{From: module.Time{Time: a.From}, To: module.Time{Time: a.To}, Before: module.Time{Time: a.Before()}, Now: module.Time{Time: a.Now}, Figures: make([]FigureView, len(a.Figures))}
			for i := range a.Figures {
				v.Figures[i] = a.Figures[i].view()
			}
			return &answer{v}, nil
		})
	s.reportRoute(api)
	s.changeRoutes(api)
}

func (s *Service) reportRoute(api huma.API) {
	type ask struct {
		ID       string       `path:"id" maxLength:"64"`
		From     string       `query:"from" maxLength:"40" doc:"as in figures; absent with to: the time the dashboard shows first"`
		To       string       `query:"to" maxLength:"40"`
		Unit     event.UnitID `query:"unit" maxLength:"255" doc:"of this unit and those below it only"`
		Language string       `query:"language" enum:"vi,en" default:"vi"`
	}
	type answer struct {
		ContentType string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	o := op(module.ActionDashboardExport, "export-dashboard", http.MethodGet, "/{id}/pdf", "A dashboard as PDF: A4 landscape, the data tables as an appendix")
	o.Description = "Noted in the audit trail."
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/pdf": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(api, o, func(ctx context.Context, in *ask) (*answer, error) {
		pdf, name, err := s.Report(ctx, ReportRequest{Board: in.ID, From: in.From, To: in.To, Unit: in.Unit, Language: in.Language})
		if err != nil {
			return nil, err
		}
		return &answer{"application/pdf", `attachment; filename="` + name + `"`, pdf}, nil
	})
}

func (k *kind) view(p module.Principal) WidgetKindView {
	v := WidgetKindView{
		ID: k.id, Name: k.name, About: k.about, Form: string(k.form), W: k.w, H: k.h, Limit: k.limit, Levels: k.levels, Now: k.now,
		May: !k.centre || p.AllUnits(),
	}
	for _, a := range k.needs {
		v.May = v.May && p.Require(a) == nil
	}
	return v
}

func (s *Service) changeRoutes(api huma.API) {
	type create struct {
		Body struct {
			Name       string   `json:"name" maxLength:"480"`
			About      string   `json:"about,omitempty" maxLength:"2000"`
			Range      string   `json:"range,omitempty" enum:"1h,6h,24h,7d,30d,90d,365d" default:"24h"`
			Visibility string   `json:"visibility,omitempty" enum:"private,unit,everyone" default:"private"`
			Widgets    []Widget `json:"widgets" maxItems:"24"`
		}
	}
	huma.Register(api, op(module.ActionDashboardEdit, "create-dashboard", http.MethodPost, "", "Save a dashboard as the caller's own; 409 dashboard.exists if he has one of that name"),
		func(ctx context.Context, in *create) (*boardOut, error) {
			b := &in.Body
			board, err := s.Create(ctx, Board{Name: Words{b.Name, b.Name}, About: Words{b.About, b.About}, Range: b.Range, Visibility: Visibility(b.Visibility), Widgets: b.Widgets})
			return s.answer(ctx, board, err)
		})
	type change struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version    int64     `json:"version"`
			Name       *string   `json:"name,omitempty" maxLength:"480"`
			About      *string   `json:"about,omitempty" maxLength:"2000"`
			Range      *string   `json:"range,omitempty" enum:"1h,6h,24h,7d,30d,90d,365d"`
			Visibility *string   `json:"visibility,omitempty" enum:"private,unit,everyone"`
			Widgets    *[]Widget `json:"widgets,omitempty" maxItems:"24"`
		}
	}
	huma.Register(api, op(module.ActionDashboardEdit, "update-dashboard", http.MethodPatch, "/{id}", "Change a dashboard; 409 dashboard.changed if its version is another"),
		func(ctx context.Context, in *change) (*boardOut, error) {
			b := &in.Body
			board, err := s.Update(ctx, in.ID, Change{
				Version: b.Version, Name: b.Name, About: b.About, Range: b.Range, Visibility: (*Visibility)(b.Visibility), Widgets: b.Widgets,
			})
			return s.answer(ctx, board, err)
		})
	type remove struct {
		ID      string `path:"id" maxLength:"64"`
		Version int64  `query:"version" required:"true" doc:"the one the caller saw"`
	}
	huma.Register(api, op(module.ActionDashboardEdit, "remove-dashboard", http.MethodDelete, "/{id}", "Remove a dashboard; 409 dashboard.changed if its version is another"),
		func(ctx context.Context, in *remove) (*struct{}, error) {
			return nil, s.Remove(ctx, in.ID, in.Version)
		})
}
