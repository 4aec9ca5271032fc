package advisory

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func unitID(s string) event.UnitID { return event.UnitID(s) }

// SoftwareFields are what a unit says of a product it runs.
type SoftwareFields struct {
	Vendor  string `json:"vendor" maxLength:"400"`
	Product string `json:"product" maxLength:"400" doc:"may be empty where cpe says it"`
	Release string `json:"release" maxLength:"200" doc:"its version"`
	CPE     string `json:"cpe" maxLength:"500"`
	Place   string `json:"place" maxLength:"600" doc:"which system or where"`
	Count   int64  `json:"count" minimum:"0" maximum:"1000000"`
	Note    string `json:"note" maxLength:"2000"`
}

func (f *SoftwareFields) software() Software {
	return Software{Product: advisory.Product{Vendor: f.Vendor, Name: f.Product, CPE: f.CPE}, Release: f.Release, Place: f.Place, Count: f.Count, Note: f.Note}
}

func (s *Service) softwareRoutes(api huma.API) {
	type list struct {
		Text   string `query:"q" maxLength:"200"`
		Unit   string `query:"unit" maxLength:"48"`
		Origin string `query:"origin" enum:"declared,inventory,components"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Offset int    `query:"offset" minimum:"0" maximum:"1000000"`
	}
	type page struct{ Body SoftwareListView }
	huma.Register(api, module.Op(module.ActionSoftwareRead, huma.Operation{
		OperationID: "list-software", Method: http.MethodGet, Path: "/software", Tags: tags, Summary: "What units run: what they declared, the inventory of the register, bills of materials",
	}), func(ctx context.Context, in *list) (*page, error) {
		found, total, err := s.Software(ctx, SoftwareFilter{Text: in.Text, Unit: unitID(in.Unit), Origin: Origin(in.Origin), Limit: in.Limit, Offset: in.Offset})
		if err != nil {
			return nil, err
		}
		out := &page{SoftwareListView{Items: []SoftwareView{}, Total: total}}
		for i := range found {
			out.Body.Items = append(out.Body.Items, s.softwareView(module.PrincipalOf(ctx), &found[i]))
		}
		return out, nil
	})

	type declareSoftware struct {
		Body struct {
			SoftwareFields

			Unit event.UnitID `json:"unit" maxLength:"48"`
		}
	}
	huma.Register(api, module.Op(module.ActionSoftwareDeclare, huma.Operation{
		OperationID: "declare-software", Method: http.MethodPost, Path: "/software", Tags: tags, DefaultStatus: http.StatusCreated, Summary: "Declare a product that a unit runs",
	}), func(ctx context.Context, in *declareSoftware) (*softwareOne, error) {
		x := in.Body.software()
		x.Unit = in.Body.Unit
		x, err := s.Declare(ctx, x)
		if err != nil {
			return nil, err
		}
		return s.declaredOne(ctx, x)
	})

	type changeSoftware struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			SoftwareFields

			Version int64 `json:"version"`
		}
	}
	huma.Register(api, module.Op(module.ActionSoftwareDeclare, huma.Operation{
		OperationID: "change-software", Method: http.MethodPut, Path: "/software/{id}", Tags: tags, Summary: "Change a line; its unit stays",
	}), func(ctx context.Context, in *changeSoftware) (*softwareOne, error) {
		x := in.Body.software()
		x.Version = in.Body.Version
		x, err := s.Change(ctx, in.ID, x)
		if err != nil {
			return nil, err
		}
		return s.declaredOne(ctx, x)
	})
	huma.Register(api, module.Op(module.ActionSoftwareDeclare, huma.Operation{
		OperationID: "remove-software", Method: http.MethodDelete, Path: "/software/{id}", Tags: tags, DefaultStatus: http.StatusNoContent, Summary: "Take a line away",
	}), func(ctx context.Context, in *byID) (*struct{}, error) { return nil, s.Remove(ctx, in.ID) })

	type matches struct {
		Unit          string `query:"unit" maxLength:"48"`
		Vulnerability string `query:"vulnerability" maxLength:"200"`
		Advisory      string `query:"advisory" maxLength:"64" doc:"of one of its vulnerabilities"`
		Software      string `query:"software" maxLength:"64"`
		KEV           bool   `query:"kev"`
		Certain       bool   `query:"certain" doc:"without those a person has to look at"`
		Limit         int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Offset        int    `query:"offset" minimum:"0" maximum:"1000000"`
	}
	type matched struct{ Body SoftwareMatchesView }
	huma.Register(api, module.Op(module.ActionSoftwareRead, huma.Operation{
		OperationID: "list-software-matches", Method: http.MethodGet, Path: "/software/matches", Tags: tags, Summary: "Which software has which vulnerability, exploited ones first",
	}), func(ctx context.Context, in *matches) (*matched, error) {
		found, more, err := s.Matches(ctx, MatchFilter{Unit: unitID(in.Unit), Vulnerability: in.Vulnerability, Advisory: in.Advisory, Software: in.Software, KEV: in.KEV, Certain: in.Certain, Limit: in.Limit, Offset: in.Offset})
		if err != nil {
			return nil, err
		}
		return &matched{SoftwareMatchesView{Items: module.ListOf(found, s.matchView).Items, More: more}}, nil
	})
}

type softwareOne struct{ Body SoftwareView }

// declaredOne shows a line with what it matches now.
func (s *Service) declaredOne(ctx context.Context, x Software) (*softwareOne, error) {
	d := Declared{Software: x}
	var row struct {
		Certain  int64 `bun:"certain"`
		Possible int64 `bun:"possible"`
		Known    int64 `bun:"known"`
	}
	err := s.DB.NewSelect().TableExpr("software_matches AS m").Join("JOIN vulnerabilities AS v ON v.id = m.vulnerability").Where("m.software = ?", x.ID).
		ColumnExpr("count(CASE WHEN m.certain = ? THEN 1 END) AS certain", true).ColumnExpr("count(CASE WHEN m.certain = ? THEN 1 END) AS possible", false).
		ColumnExpr("count(CASE WHEN v.kev = ? THEN 1 END) AS known", true).Scan(ctx, &row)
	d.Certain, d.Possible, d.Known = row.Certain, row.Possible, row.Known
	return &softwareOne{s.softwareView(module.PrincipalOf(ctx), &d)}, err
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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
		Unit     string `query:"unit" maxLength:"48"`
		Template bool   `query:"template" doc:"without lines, to be filled in"`
		Lang     string `query:"lang" enum:"vi,en" default:"vi" doc:"of the headings; either is read again"`
	}
	huma.Register(api, module.Op(module.ActionSoftwareRead, huma.Operation{
		OperationID: "export-software", Method: http.MethodGet, Path: "/software/sheet", Tags: tags, Summary: "The declared software as an XLSX workbook that the import reads", Responses: workbookResponse(),
	}), func(ctx context.Context, in *ask) (*workbook, error) {
		data, err := s.ExportSoftware(ctx, unitID(in.Unit), in.Template, in.Lang)
		name := "phan-mem.xlsx"
		if in.Template {
			name = "mau-phan-mem.xlsx"
		}
		return &workbook{workbookType, `attachment; filename="` + name + `"`, data}, err
	})

	type give struct {
		Dry     bool   `query:"dry" doc:"only tell what would happen"`
		RawBody []byte `contentType:"application/octet-stream"`
	}
	type done struct{ Body SoftwareImportView }
	huma.Register(api, module.Op(module.ActionSoftwareDeclare, huma.Operation{
		OperationID: "import-software", Method: http.MethodPost, Path: "/software/import", Tags: tags, RequestBody: binary(),
		Summary:      "Check an XLSX workbook or a CSV file of software, or store it",
		Description:  "The body is the file. All rows are stored or none; lines that the file does not name stay. 422 advisory.bad-sheet, advisory.sheet-problems.",
		MaxBodyBytes: maxSheetBytes + 1, BodyReadTimeout: readWithin,
	}), func(ctx context.Context, in *give) (*done, error) {
		im, err := s.ImportSoftware(ctx, in.RawBody, in.Dry)
		if err != nil {
			return nil, err
		}
		return &done{viewOfSheet(&im)}, nil
	})
}
