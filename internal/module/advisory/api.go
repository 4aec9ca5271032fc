package advisory

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/module"
)

var tags = []string{"advisories"}

// binary is a body that is a file.
func binary() *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
}

const readWithin = 2 * time.Minute

func (s *Service) routes(api huma.API) {
	s.advisoryRoutes(api)
	s.vulnerabilityRoutes(api)
	s.sourceRoutes(api)
	s.softwareRoutes(api)
	s.sheetRoutes(api)
}

type byID struct {
	ID string `path:"id" maxLength:"200"`
}

func (s *Service) advisoryRoutes(api huma.API) {
	type list struct {
		Text      string `query:"q" maxLength:"200"`
		Format    string `query:"format" enum:"csaf,cve"`
		Severity  string `query:"severity" enum:"critical,high,medium,low,none"`
		Concerned bool   `query:"concerned" doc:"only where a unit the caller sees declared what is affected"`
		Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		After     string `query:"after" maxLength:"80" doc:"next of the page before"`
	}
	type page struct{ Body AdvisoriesView }
	huma.Register(api, module.Op(module.ActionAdvisoryRead, huma.Operation{
		OperationID: "list-advisories", Method: http.MethodGet, Path: "/advisories", Tags: tags, Summary: "Imported advisories, what changed last first",
	}), func(ctx context.Context, in *list) (*page, error) {
		found, next, err := s.List(ctx, AdvisoryFilter{Text: in.Text, Format: in.Format, Severity: in.Severity, Concerned: in.Concerned, Limit: in.Limit, After: in.After})
		if err != nil {
			return nil, err
		}
		out := &page{AdvisoriesView{Items: []AdvisoryView{}, Next: next}}
		for i := range found {
			out.Body.Items = append(out.Body.Items, viewOf(&found[i]))
		}
		return out, nil
	})

	type detail struct{ Body AdvisoryDetailView }
	huma.Register(api, module.Op(module.ActionAdvisoryRead, huma.Operation{
		OperationID: "get-advisory", Method: http.MethodGet, Path: "/advisories/{id}", Tags: tags,
		Summary: "An advisory; by the number of a CVE, its record or what else is known of it",
	}), func(ctx context.Context, in *byID) (*detail, error) {
		a, err := s.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &detail{detailOf(&a)}, nil
	})

	huma.Register(api, module.Op(module.ActionAdvisoryImport, huma.Operation{
		OperationID: "delete-advisory", Method: http.MethodDelete, Path: "/advisories/{id}", Tags: tags, Summary: "Take an advisory away, and the matches that only it made", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *byID) (*struct{}, error) { return nil, s.Delete(ctx, in.ID) })

	type give struct {
		Name    string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"of the file, for errors"`
		RawBody []byte `contentType:"application/octet-stream"`
	}
	type done struct{ Body AdvisoryImportView }
	huma.Register(api, module.Op(module.ActionAdvisoryImport, huma.Operation{
		OperationID: "import-advisory", Method: http.MethodPost, Path: "/advisories/import", Tags: tags, RequestBody: binary(),
		Summary:     "Import a file: CSAF 2.0, a CVE record, the KEV catalogue, or EPSS scores (plain or gzip)",
		Description: "The body is the file; what it is, it says itself. 422 advisory.bad-file names the place and what to do.",
		// A larger one is refused by the service, in its words.
		MaxBodyBytes: advisory.MaxBytes + 1, BodyReadTimeout: readWithin,
	}), func(ctx context.Context, in *give) (*done, error) {
		o, err := s.Import(ctx, in.Name, in.RawBody)
		if err != nil {
			return nil, err
		}
		return &done{viewOfOutcome(&o)}, nil
	})
}

func (s *Service) vulnerabilityRoutes(api huma.API) {
	type list struct {
		Text      string  `query:"q" maxLength:"200"`
		KEV       bool    `query:"kev" doc:"only those in the catalogue of exploited ones"`
		EPSS      float64 `query:"epss" minimum:"0" maximum:"1" doc:"at least this score"`
		Severity  string  `query:"severity" enum:"critical,high,medium,low,none"`
		Unit      string  `query:"unit" maxLength:"48" doc:"that this unit runs"`
		Concerned bool    `query:"concerned" doc:"only where a unit the caller sees declared what is affected"`
		Limit     int     `query:"limit" minimum:"1" maximum:"200" default:"50"`
		After     string  `query:"after" maxLength:"300" doc:"next of the page before"`
	}
	type page struct{ Body VulnerabilitiesView }
	huma.Register(api, module.Op(module.ActionAdvisoryRead, huma.Operation{
		OperationID: "list-vulnerabilities", Method: http.MethodGet, Path: "/vulnerabilities", Tags: tags, Summary: "Vulnerabilities: exploited ones first, then by EPSS, then by CVSS",
	}), func(ctx context.Context, in *list) (*page, error) {
		found, next, err := s.Vulnerabilities(ctx, Filter{Text: in.Text, KEV: in.KEV, EPSS: in.EPSS, Severity: in.Severity, Unit: unitID(in.Unit), Concerned: in.Concerned, Limit: in.Limit, After: in.After})
		if err != nil {
			return nil, err
		}
		out := &page{VulnerabilitiesView{Items: []VulnerabilityView{}, Next: next}}
		for i := range found {
			out.Body.Items = append(out.Body.Items, viewOfVulnerability(&found[i]))
		}
		return out, nil
	})

	type detail struct{ Body VulnerabilityDetailView }
	huma.Register(api, module.Op(module.ActionAdvisoryRead, huma.Operation{
		OperationID: "get-vulnerability", Method: http.MethodGet, Path: "/vulnerabilities/{id}", Tags: tags, Summary: "A vulnerability, what is affected, and the advisories that speak of it",
	}), func(ctx context.Context, in *byID) (*detail, error) {
		v, affected, about, err := s.Vulnerability(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &detail{VulnerabilityDetailView{VulnerabilityView: viewOfVulnerability(&v), Products: productViews(affected), Advisories: []AdvisoryView{}}}
		for i := range about {
			out.Body.Advisories = append(out.Body.Advisories, viewOf(&about[i]))
		}
		return out, nil
	})
}

// AdvisorySourceFields are what an administrator says of an address.
type AdvisorySourceFields struct {
	Name       string `json:"name" minLength:"1" maxLength:"200"`
	URL        string `json:"url" minLength:"1" maxLength:"2000" example:"https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"`
	Enabled    bool   `json:"enabled"`
	EveryHours int64  `json:"everyHours" minimum:"1" maximum:"720"`
}

func (s *Service) sourceRoutes(api huma.API) {
	type none struct{}
	type all struct {
		Body module.List[AdvisorySourceView]
	}
	type one struct{ Body AdvisorySourceView }
	type addAdvisorySource struct{ Body AdvisorySourceFields }
	type changeAdvisorySource struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			AdvisorySourceFields

			Version int64 `json:"version"`
		}
	}
	huma.Register(api, module.Op(module.ActionAdvisoryImport, huma.Operation{
		OperationID: "list-advisory-sources", Method: http.MethodGet, Path: "/advisory-sources", Tags: tags, Summary: "The addresses that advisories are fetched from, and how the last attempt went",
	}), func(ctx context.Context, _ *none) (*all, error) {
		list, err := s.Sources(ctx)
		if err != nil {
			return nil, err
		}
		return &all{module.ListOf(list, viewOfSource)}, nil
	})
	huma.Register(api, module.Op(module.ActionAdvisorySource, huma.Operation{
		OperationID: "add-advisory-source", Method: http.MethodPost, Path: "/advisory-sources", Tags: tags, DefaultStatus: http.StatusCreated, Summary: "Enter an address; it is asked at once",
	}), func(ctx context.Context, in *addAdvisorySource) (*one, error) {
		x, err := s.AddSource(ctx, Source{Name: in.Body.Name, URL: in.Body.URL, Enabled: in.Body.Enabled, EveryHours: in.Body.EveryHours})
		if err != nil {
			return nil, err
		}
		return &one{viewOfSource(x)}, nil
	})
	huma.Register(api, module.Op(module.ActionAdvisorySource, huma.Operation{
		OperationID: "change-advisory-source", Method: http.MethodPut, Path: "/advisory-sources/{id}", Tags: tags, Summary: "Change an address",
	}), func(ctx context.Context, in *changeAdvisorySource) (*one, error) {
		x, err := s.ChangeSource(ctx, in.ID, Source{Name: in.Body.Name, URL: in.Body.URL, Enabled: in.Body.Enabled, EveryHours: in.Body.EveryHours, Version: in.Body.Version})
		if err != nil {
			return nil, err
		}
		return &one{viewOfSource(x)}, nil
	})
	huma.Register(api, module.Op(module.ActionAdvisorySource, huma.Operation{
		OperationID: "remove-advisory-source", Method: http.MethodDelete, Path: "/advisory-sources/{id}", Tags: tags, DefaultStatus: http.StatusNoContent, Summary: "Remove an address; what came from it stays",
	}), func(ctx context.Context, in *byID) (*struct{}, error) { return nil, s.RemoveSource(ctx, in.ID) })
	huma.Register(api, module.Op(module.ActionAdvisoryImport, huma.Operation{
		OperationID: "fetch-advisory-source", Method: http.MethodPost, Path: "/advisory-sources/{id}/fetch", Tags: tags, Summary: "Ask an address now; code says why it failed",
	}), func(ctx context.Context, in *byID) (*one, error) {
		x, err := s.FetchSource(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &one{viewOfSource(x)}, nil
	})
}
