package unit

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// UnitImportProblemView is something wrong in a workbook.
type UnitImportProblemView struct {
	Sheet    string `json:"sheet" doc:"empty: the whole workbook"`
	Cell     string `json:"cell" example:"D12" doc:"empty: the whole sheet"`
	Severity string `json:"severity" enum:"error,warning" doc:"a warning does not keep the rest from being stored"`
	Code     string `json:"code"`
	TextVi   string `json:"textVi"`
	TextEn   string `json:"textEn"`
}

// UnitImportRowView is what becomes of one row.
type UnitImportRowView struct {
	Row     int                   `json:"row" doc:"0: a unit that is named in the sheet of focal points only"`
	ID      event.UnitID          `json:"id"`
	Name    string                `json:"name"`
	Outcome string                `json:"outcome" enum:"new,changed,unchanged"`
	Changes []UnitFieldChangeView `json:"changes" nullable:"false"`
}

// UnitImportView is what an import did, or would do.
type UnitImportView struct {
	SHA256    string                  `json:"sha256" doc:"of the workbook; send it back to store"`
	Tree      int64                   `json:"tree" doc:"version of the units it was judged on; send it back to store"`
	Committed bool                    `json:"committed"`
	New       int                     `json:"new"`
	Changed   int                     `json:"changed"`
	Unchanged int                     `json:"unchanged"`
	Errors    int                     `json:"errors" doc:"with any, nothing can be stored"`
	Warnings  int                     `json:"warnings"`
	Problems  []UnitImportProblemView `json:"problems" nullable:"false"`
	Rows      []UnitImportRowView     `json:"rows" nullable:"false" doc:"the first 1,000 that are new or changed"`
}

const maxImportRows = 1000 // that are listed

func viewOfImport(im Imported) UnitImportView {
	v := UnitImportView{SHA256: im.SHA256, Tree: im.Tree, Committed: im.Committed, Problems: []UnitImportProblemView{}, Rows: []UnitImportRowView{}}
	for _, p := range im.Problems {
		severity := "error"
		if p.Warning {
			severity = "warning"
			v.Warnings++
		} else {
			v.Errors++
		}
		v.Problems = append(v.Problems, UnitImportProblemView{p.Sheet, p.Cell, severity, p.Code, p.Vi, p.En})
	}
	for _, r := range im.Rows {
		switch r.What {
		case OutcomeNew:
			v.New++
		case OutcomeChanged:
			v.Changed++
		default:
			v.Unchanged++
			continue
		}
		if len(v.Rows) == maxImportRows {
			continue
		}
		row := UnitImportRowView{r.Row, r.ID, r.Name, r.What, []UnitFieldChangeView{}}
		for _, c := range r.Changes {
			row.Changes = append(row.Changes, UnitFieldChangeView(c))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// workbook answers with a file.
type workbook struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func workbookResponse() map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: "An XLSX workbook", Content: map[string]*huma.MediaType{
		workbookType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
}

func (s *Service) sheetRoutes(api huma.API) {
	type ask struct {
		Lang   string `query:"lang" enum:"vi,en" default:"vi" doc:"of the headings; either is read again"`
		Group  string `query:"group" maxLength:"48" doc:"group of types"`
		Under  string `query:"under" maxLength:"64" doc:"this unit and what is below it"`
		Status string `query:"status" enum:"active,planned,ended"`
	}
	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "export-units", Method: http.MethodGet, Path: "/unit-sheets/units", Tags: tags,
		Summary: "The units the caller sees, as an XLSX workbook that the import reads", Responses: workbookResponse(),
	}), func(ctx context.Context, in *ask) (*workbook, error) {
		data, err := s.Export(ctx, Filter{Group: in.Group, Under: event.UnitID(in.Under), Status: Status(in.Status)}, Language(in.Lang))
		return &workbook{workbookType, `attachment; filename="don-vi-` + string(module.DateOf(s.now())) + `.xlsx"`, data}, err
	})

	type language struct {
		Lang string `query:"lang" enum:"vi,en" default:"vi"`
	}
	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "get-units-template", Method: http.MethodGet, Path: "/unit-sheets/template", Tags: tags,
		Summary: "An empty workbook with instructions, to be filled in", Responses: workbookResponse(),
	}), func(ctx context.Context, in *language) (*workbook, error) {
		data, err := s.Template(ctx, Language(in.Lang))
		return &workbook{workbookType, `attachment; filename="mau-don-vi.xlsx"`, data}, err
	})

	type importUnits struct {
		Commit  bool   `query:"commit" doc:"store what a trial showed; without it nothing is stored"`
		SHA256  string `query:"sha256" maxLength:"64" doc:"with commit: as the trial answered"`
		Tree    int64  `query:"tree" doc:"with commit: as the trial answered"`
		RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
	}
	type imported struct{ Body UnitImportView }
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "import-units", Method: http.MethodPost, Path: "/unit-sheets/units", Tags: tags,
		Summary:      "Check an XLSX workbook of units, or store one that was checked",
		Description:  "The body is the workbook. All rows are stored or none. 409 unit.import-changed: the file or the units are not those that were checked; 422 unit.bad-workbook, unit.import-problems.",
		MaxBodyBytes: maxSheetBytes + 1, BodyReadTimeout: time.Minute,
	}), func(ctx context.Context, in *importUnits) (*imported, error) {
		var confirmed *Confirmation
		if in.Commit {
			confirmed = &Confirmation{in.SHA256, in.Tree}
		}
		im, err := s.Import(ctx, in.RawBody, confirmed)
		if err != nil {
			return nil, err
		}
		return &imported{viewOfImport(im)}, nil
	})
}
