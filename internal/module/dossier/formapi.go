package dossier

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Form08CountsView is the seven counters.
type Form08CountsView struct {
	Total      int         `json:"total"`
	Classified int         `json:"classified"`
	Written    int         `json:"written" doc:"the dossier was sent"`
	Appraised  int         `json:"appraised"`
	Approved   int         `json:"approved"`
	Inspected  int         `json:"inspected" doc:"approved, and inspected within the period"`
	Pending    int         `json:"pending" doc:"not approved"`
	Completion module.Date `json:"completion" doc:"when the last of those not approved is planned to be; empty: no day is planned"`
	Unplanned  int         `json:"unplanned" doc:"not approved, and no day is planned"`
}

// Form08UnitView is the counters of a unit.
type Form08UnitView struct {
	Unit     event.UnitID     `json:"unit"`
	UnitName string           `json:"unitName"`
	Counts   Form08CountsView `json:"counts"`
}

// Form08View is the report without its lines.
type Form08View struct {
	Year       int              `json:"year"`
	From       module.Date      `json:"from"`
	Until      module.Date      `json:"until" doc:"the cut-off"`
	AsOf       module.Date      `json:"asOf" doc:"the day it tells of: the cut-off, or today before it"`
	ToOwner    module.Date      `json:"toOwner" doc:"units send it before this day"`
	ToMinistry module.Date      `json:"toMinistry" doc:"the owner sends it before this day"`
	Rebuilt    bool             `json:"rebuilt" doc:"the cut-off is over: it is told by what histories keep, and whom a system belongs to, its names, regulation and last inspection are those of today"`
	Counts     Form08CountsView `json:"counts"`
	Units      []Form08UnitView `json:"units" nullable:"false"`
}

// Form08LineView is a system in the report: its columns.
type Form08LineView struct {
	System            string                `json:"system"`
	SystemCode        string                `json:"systemCode"`
	SystemName        string                `json:"systemName"`
	Unit              event.UnitID          `json:"unit"`
	UnitName          string                `json:"unitName"`
	OperatorName      string                `json:"operatorName"`
	Level             int                   `json:"level"`
	Dossier           string                `json:"dossier" doc:"id of the dossier that counts; empty: none"`
	DossierCode       string                `json:"dossierCode"`
	Status            string                `json:"status" doc:"in the words of the form; empty: no dossier"`
	Decision          Decision              `json:"decision"`
	Regulation        Decision              `json:"regulation"`
	Plan              string                `json:"plan" doc:"in the words of the form"`
	PlannedApproval   module.Date           `json:"plannedApproval"`
	PlannedDeployment module.Date           `json:"plannedDeployment"`
	Inspected         string                `json:"inspected" doc:"in the words of the form"`
	Inspection        DossierInspectionView `json:"inspection"`
}

func countsView(n *Counts) Form08CountsView {
	of := func(c Counter) int { return n.Of[c] }
	return Form08CountsView{of(CountTotal), of(CountClassified), of(CountWritten), of(CountAppraised), of(CountApproved), of(CountInspected), of(CountPending), n.Completion, n.Unplanned}
}

func (s *Service) lineView(l *Line) Form08LineView {
	r := &l.System
	return Form08LineView{r.ID, r.Code, r.Name, r.Unit, s.Units.Name(r.Unit), r.OperatorName, l.Level, l.Dossier, l.Code, l.Status, l.Decision,
		r.Regulation, planWords[r.Plan], r.PlannedApproval, r.PlannedDeployment, l.Inspected, inspectionView(&l.Inspection)}
}

// linesPage bounds one page of lines.
const linesPage = 200

// FormQuery is how an address asks for a report. It is exported since parameters of an
// embedded struct are found in those alone.
type FormQuery struct {
	Year  int          `query:"year" minimum:"2020" maximum:"2100" doc:"absent: this one, whose report is due before it ends"`
	Unit  event.UnitID `query:"unit" maxLength:"64" doc:"only this unit and those below it"`
	Alone bool         `query:"alone" doc:"the unit without those below it"`
}

func (in *FormQuery) ask() FormAsk { return FormAsk(*in) }

func (s *Service) formRoutes(api huma.API) {
	type formOut struct{ Body Form08View }
	huma.Register(api, op(module.ActionDossierRead, "get-form-08", http.MethodGet, "/form-08", "Form 08: the counters of all systems and of each unit"),
		func(ctx context.Context, in *FormQuery) (*formOut, error) {
			f, err := s.Form08(ctx, in.ask())
			if err != nil {
				return nil, err
			}
			v := Form08View{f.Period.Year, f.Period.From, f.Period.Until, f.AsOf, f.Period.ToOwner, f.Period.ToMinistry, f.Rebuilt, countsView(&f.All), make([]Form08UnitView, len(f.Order))}
			for i, u := range f.Order {
				v.Units[i] = Form08UnitView{u, s.Units.Name(u), countsView(f.Units[u])}
			}
			return &formOut{v}, nil
		})
	type linesAsk struct {
		FormQuery
		Counter string `query:"counter" enum:"total,classified,written,appraised,approved,inspected,pending" doc:"the systems behind a counter; absent: all"`
		Text    string `query:"text" maxLength:"200"`
		Limit   int    `query:"limit" minimum:"1" maximum:"200"`
		After   string `query:"after" maxLength:"20" doc:"cursor"`
	}
	type form08Lines struct {
		Body struct {
			Items []Form08LineView `json:"items" nullable:"false"`
			Total int              `json:"total"`
			Next  string           `json:"next" doc:"cursor of the next page; empty: the last"`
		}
	}
	huma.Register(api, op(module.ActionDossierRead, "list-form-08-systems", http.MethodGet, "/form-08/systems", "The systems behind Form 08, or behind one of its counters"),
		func(ctx context.Context, in *linesAsk) (*form08Lines, error) {
			f, err := s.Form08(ctx, in.ask())
			if err != nil {
				return nil, err
			}
			lines := f.behind(Counter(in.Counter), in.Text)
			from := 0
			if in.After != "" {
				if from, err = strconv.Atoi(in.After); err != nil || from < 0 {
					return nil, fault.New(fault.Invalid, "the cursor is not one that a list gave").WithCode("dossier.cursor").OnField("query.after")
				}
			}
			n := in.Limit
			if n == 0 {
				n = linesPage
			}
			out := &form08Lines{}
			out.Body.Items, out.Body.Total = []Form08LineView{}, len(lines)
			from = min(from, len(lines))
			for _, l := range lines[from:min(from+n, len(lines))] {
				out.Body.Items = append(out.Body.Items, s.lineView(l))
			}
			if from+n < len(lines) {
				out.Body.Next = strconv.Itoa(from + n)
			}
			return out, nil
		})
	type inspectSystem struct {
		System string `path:"system" maxLength:"64"`
		Body   DossierInspectionEntry
	}
	type inspectionOut struct{ Body DossierInspectionView }
	huma.Register(api, op(module.ActionDossierWrite, "set-system-inspection", http.MethodPut, "/form-08/systems/{system}", "Enter what Form 08 asks of the inspections of a system"),
		func(ctx context.Context, in *inspectSystem) (*inspectionOut, error) {
			x, err := s.Inspect(ctx, Inspection{System: in.System, BeforeUse: in.Body.BeforeUse, InspectedAt: in.Body.InspectedAt, Version: in.Body.Version})
			if err != nil {
				return nil, err
			}
			return &inspectionOut{inspectionView(&x)}, nil
		})
	s.formFile(api)
}

// formFiles are the media types of the report's files.
var formFiles = map[string]string{
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

func (s *Service) formFile(api huma.API) {
	type fileAsk struct {
		FormQuery
		Format string `query:"format" enum:"xlsx,docx" required:"true"`
	}
	file := op(module.ActionDossierRead, "get-form-08-file", http.MethodGet, "/form-08/file", "Form 08 as a workbook or a document")
	file.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{}}}
	for _, kind := range formFiles {
		file.Responses["200"].Content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	huma.Register(api, file, func(ctx context.Context, in *fileAsk) (*huma.StreamResponse, error) {
		f, err := s.Form08(ctx, in.ask())
		if err != nil {
			return nil, err
		}
		write := map[string]func(context.Context, *Form08) ([]byte, error){"xlsx": s.workbook, "docx": s.document}[in.Format]
		data, err := write(ctx, f)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("mau-08-%d.%s", f.Period.Year, in.Format)
		return saved(name, formFiles[in.Format], int64(len(data)), io.NopCloser(bytes.NewReader(data))), nil
	})
}

// behind returns the lines a counter counts, "" all, that hold a text.
func (f *Form08) behind(c Counter, text string) []*Line {
	list := []*Line{}
	for i := range f.Lines {
		l := &f.Lines[i]
		if (c == "" || l.is(c)) && l.holds(text) {
			list = append(list, l)
		}
	}
	return list
}
