package incident

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// packTime is how long a dossier may take to be made.
const packTime = 10 * time.Minute

func (s *Service) dossierRoutes(api huma.API) {
	type incidentExport struct{ Body IncidentExportView }
	huma.Register(api, op(module.ActionIncidentRead, "export-incident", http.MethodGet, "/{id}/export", "Everything of an incident that the caller sees, as one object"),
		func(ctx context.Context, in *byID) (*incidentExport, error) {
			v, err := s.Export(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &incidentExport{v}, nil
		})
	type packIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Why string `json:"why" maxLength:"800" doc:"what the dossier is for; it goes into the chain of custody of every file"`
		}
	}
	pack := op(module.ActionIncidentHandle, "pack-incident", http.MethodPost, "/{id}/dossier", "A ZIP file of the incident and its files, to be handed over")
	pack.Description = "The header Lachan-Evidence-Sums is the SHA-256 of SHA256SUMS: note it in the minutes of the handover."
	pack.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/zip": binaryBody}}}
	huma.Register(api, pack, func(ctx context.Context, in *packIncident) (*huma.StreamResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, packTime)
		defer cancel()
		d, err := s.Pack(ctx, in.ID, in.Body.Why)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer func() {
				if err := d.Close(); err != nil {
					s.Log.Warn("a dossier stays on disk until the next start", "error", err)
				}
			}()
			hc.SetHeader("Content-Length", strconv.FormatInt(d.Size, 10))
			hc.SetHeader("Lachan-Evidence-Sums", d.Sums)
			attachment(hc, "application/zip", "ho-so-"+d.Code+".zip")
			if _, err := d.WriteTo(patient(hc.BodyWriter())); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
	type sheetInput struct {
		ListIncidentsInput
		Lang string `query:"lang" enum:"vi,en" default:"vi"`
	}
	type workbookOut struct {
		ContentType string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	sheet := op(module.ActionIncidentRead, "export-incidents", http.MethodGet, "/sheet", "The incidents a list shows, as an XLSX workbook; the first 10,000")
	sheet.Responses = map[string]*huma.Response{"200": {Description: "An XLSX workbook", Content: map[string]*huma.MediaType{workbookType: binaryBody}}}
	huma.Register(api, sheet, func(ctx context.Context, in *sheetInput) (*workbookOut, error) {
		data, err := s.Sheet(ctx, in.filter(ctx), in.Lang)
		return &workbookOut{workbookType, `attachment; filename="su-co.xlsx"`, data}, err
	})
}
