package system

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// RegisterProblemView is something wrong in a workbook of the register.
type RegisterProblemView struct {
	Sheet    string `json:"sheet" doc:"empty: the whole workbook"`
	Cell     string `json:"cell" example:"D12" doc:"empty: the whole sheet"`
	Severity string `json:"severity" enum:"error,warning" doc:"a warning does not keep the row from being stored"`
	Code     string `json:"code"`
	TextVi   string `json:"textVi"`
	TextEn   string `json:"textEn"`
}

// RegisterFieldView is one field that becomes something else.
type RegisterFieldView struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// RegisterRowView is what becomes of one row.
type RegisterRowView struct {
	Sheet   string              `json:"sheet" enum:"systems,assets"`
	Row     int                 `json:"row" doc:"0: a system that only the sheets of zones, services or people name"`
	Code    string              `json:"code" doc:"of the system; empty: a new one, or an asset of none"`
	Name    string              `json:"name"`
	Outcome string              `json:"outcome" enum:"new,changed,left-out"`
	Changes []RegisterFieldView `json:"changes" nullable:"false"`
}

// RegisterTallyView counts rows by what becomes of them.
type RegisterTallyView struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	LeftOut   int `json:"leftOut" doc:"with a problem"`
}

// RegisterImportView is what an import did, or would do.
type RegisterImportView struct {
	SHA256   string                `json:"sha256" doc:"of the workbook; send it back to store"`
	Plan     string                `json:"plan" doc:"of what is to be done; send it back to store"`
	Stored   bool                  `json:"stored"`
	MaySkip  bool                  `json:"maySkip" doc:"the rows with problems can be left out and the rest stored"`
	Systems  RegisterTallyView     `json:"systems"`
	Assets   RegisterTallyView     `json:"assets"`
	Errors   int                   `json:"errors"`
	Warnings int                   `json:"warnings"`
	Problems []RegisterProblemView `json:"problems" nullable:"false"`
	Rows     []RegisterRowView     `json:"rows" nullable:"false" doc:"the first 1,000 that are new, changed or left out"`
}

const maxRowsShown = 1000

func importView(im *Imported) RegisterImportView {
	v := RegisterImportView{SHA256: im.SHA256, Plan: im.Plan, Stored: im.Stored, Problems: []RegisterProblemView{}, Rows: []RegisterRowView{}}
	for _, p := range im.Problems {
		severity := "error"
		if v.Errors++; p.Warning {
			severity = "warning"
			v.Errors--
			v.Warnings++
		}
		v.Problems = append(v.Problems, RegisterProblemView{p.Sheet, p.Cell, severity, p.Code, p.Vi, p.En})
	}
	for i := range im.Rows {
		r := &im.Rows[i]
		tally := &v.Systems
		if r.Sheet == "assets" {
			tally = &v.Assets
		}
		switch r.What {
		case OutcomeNew:
			tally.New++
		case OutcomeChanged:
			tally.Changed++
		case OutcomeLeftOut:
			tally.LeftOut++
		default:
			tally.Unchanged++
			continue
		}
		if len(v.Rows) < maxRowsShown {
			v.Rows = append(v.Rows, RegisterRowView{r.Sheet, r.Row, r.Code, r.Name, r.What,
				module.ListOf(r.Changes, func(c Change) RegisterFieldView { return RegisterFieldView{c.Field, c.From, c.To} }).Items})
		}
	}
	v.MaySkip = im.Failed && !im.Broken && v.Systems.New+v.Systems.Changed+v.Assets.New+v.Assets.Changed > 0
	return v
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type workbook struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func workbookOp(id, path, summary string) huma.Operation {
	o := op(module.ActionSystemRead, id, http.MethodGet, path, summary)
	o.Responses = map[string]*huma.Response{"200": {Description: "An XLSX workbook", Content: map[string]*huma.MediaType{workbookType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	return o
}

func (s *Service) workbook(name string, data []byte, err error) (*workbook, error) {
	return &workbook{workbookType, `attachment; filename="` + name + "-" + string(module.DateOf(s.Now())) + `.xlsx"`, data}, err
}

func (s *Service) sheetRoutes(api huma.API) {
	type inLanguage struct {
		Lang string `query:"lang" enum:"vi,en" default:"vi" doc:"of the headings; either is read again"`
	}
	type askSystems struct {
		SystemFilters

		Lang string `query:"lang" enum:"vi,en" default:"vi" doc:"of the headings; either is read again"`
	}
	huma.Register(api, workbookOp("export-systems", "/system-sheets/systems", "The systems that a list shows, with zones, services and people, as an XLSX workbook that the import reads"),
		func(ctx context.Context, in *askSystems) (*workbook, error) {
			data, err := s.Export(ctx, in.filter(), in.Lang)
			return s.workbook("he-thong", data, err)
		})
	type askAssets struct {
		AssetFilters

		Lang string `query:"lang" enum:"vi,en" default:"vi" doc:"of the headings; either is read again"`
	}
	huma.Register(api, workbookOp("export-assets", "/system-sheets/assets", "The assets that a list shows, as an XLSX workbook that the import reads"),
		func(ctx context.Context, in *askAssets) (*workbook, error) {
			data, err := s.ExportAssets(ctx, in.filter(), in.Lang)
			return s.workbook("tai-san", data, err)
		})
	huma.Register(api, workbookOp("get-register-template", "/system-sheets/template", "An empty workbook with explanations and drop-down lists, to be filled in"),
		func(ctx context.Context, in *inLanguage) (*workbook, error) {
			data, err := s.Template(ctx, in.Lang)
			return s.workbook("mau-he-thong", data, err)
		})
	type give struct {
		Commit  bool   `query:"commit" doc:"store what a trial showed; without it nothing is stored"`
		Skip    bool   `query:"skip" doc:"with commit: leave out the rows with problems"`
		SHA256  string `query:"sha256" maxLength:"64" doc:"with commit: as the trial answered"`
		Plan    string `query:"plan" maxLength:"64" doc:"with commit: as the trial answered"`
		RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
	}
	type imported struct{ Body RegisterImportView }
	take := op(module.ActionSystemManage, "import-register", http.MethodPost, "/system-sheets/import", "Check an XLSX workbook of systems and assets, or store one that was checked")
	take.Description = "The body is the workbook. All rows are stored or none, unless skip says otherwise; what it does not name stays. 409 system.import-changed: the file or the register is not what was checked; 422 system.bad-workbook, system.import-problems."
	take.MaxBodyBytes, take.BodyReadTimeout = maxSheetBytes+1, 2*time.Minute
	huma.Register(api, take, func(ctx context.Context, in *give) (*imported, error) {
		var confirmed *Confirmation
		if in.Commit {
			confirmed = &Confirmation{in.SHA256, in.Plan, in.Skip}
		}
		im, err := s.Import(ctx, in.RawBody, confirmed)
		if err != nil {
			return nil, err
		}
		return &imported{importView(&im)}, nil
	})
}
