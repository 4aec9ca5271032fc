package dossier

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// DossierFormView is a paper a dossier can have.
type DossierFormView struct {
	ID      string           `json:"id" doc:"template of official documents"`
	Vi      string           `json:"vi"`
	En      string           `json:"en"`
	Verify  bool             `json:"verify" doc:"the official wording of the form is to be compared"`
	Own     string           `json:"own" doc:"name of the administrator's Word file in its place, which has no PDF; empty: none"`
	Now     bool             `json:"now" doc:"it is written at this step"`
	Missing []DossierGapView `json:"missing" nullable:"false" doc:"what it asks for and nobody has entered"`
}

// DossierGapView is something a paper asks for and nobody has entered.
type DossierGapView struct {
	Field string `json:"field"`
	Name  string `json:"name"`
	Where string `json:"where" enum:",system,requirements,inventory,unit,letterhead,dossier" doc:"where it is filled in; empty: in the paper itself"`
}

func (s *Service) paperRoutes(api huma.API) {
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type formList struct{ Body module.List[DossierFormView] }
	huma.Register(api, op(module.ActionDossierRead, "list-dossier-forms", http.MethodGet, "/dossiers/{id}/forms", "The papers of a dossier, those of this step first, and what each lacks"),
		func(ctx context.Context, in *byID) (*formList, error) {
			found, err := s.Forms(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &formList{}
			out.Body.Items = make([]DossierFormView, len(found))
			for i, f := range found {
				v := DossierFormView{f.ID, f.Vi, f.En, f.Verify, f.Own, f.Now, make([]DossierGapView, len(f.Missing))}
				for k, g := range f.Missing {
					v.Missing[k] = DossierGapView(g)
				}
				out.Body.Items[i] = v
			}
			return out, nil
		})
	type formAsk struct {
		ID     string `path:"id" maxLength:"64"`
		Form   string `path:"form" maxLength:"64"`
		Format string `query:"format" enum:"docx,pdf" default:"docx"`
	}
	kinds := map[string]string{"docx": formFiles["docx"], "pdf": "application/pdf"}
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	file := op(module.ActionDossierRead, "get-dossier-form", http.MethodGet, "/dossiers/{id}/forms/{form}", "A paper of a dossier as a Word file or PDF, filled with what the register knows")
	file.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{kinds["docx"]: binary, kinds["pdf"]: binary}}}
	huma.Register(api, file, func(ctx context.Context, in *formAsk) (*huma.StreamResponse, error) {
		name, data, err := s.FormFile(ctx, in.ID, in.Form, in.Format)
		if err != nil {
			return nil, err
		}
		return saved(name, kinds[in.Format], int64(len(data)), io.NopCloser(bytes.NewReader(data))), nil
	})
	pack := op(module.ActionDossierRead, "get-dossier-package", http.MethodGet, "/dossiers/{id}/package", "A dossier with all its papers and files as a ZIP file, with a manifest of SHA-256")
	pack.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/zip": binary}}}
	huma.Register(api, pack, func(ctx context.Context, in *byID) (*huma.StreamResponse, error) {
		p, err := s.Package(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", "application/zip")
			hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Code + ".zip"}))
			hc.SetHeader("X-Content-Type-Options", "nosniff")
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if err := p.Write(hc.BodyWriter()); err != nil {
				s.Log.ErrorContext(ctx, "the package of a dossier was broken off", "dossier", p.Code, "error", err)
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}
