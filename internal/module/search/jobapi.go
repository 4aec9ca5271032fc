package search

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// ExportView is an export on the wire.
type ExportView struct {
	ID         string       `json:"id"`
	Query      string       `json:"query"`
	From       module.Time  `json:"from"`
	To         module.Time  `json:"to"`
	Format     string       `json:"format" enum:"csv,ndjson"`
	Columns    []string     `json:"columns" nullable:"false" doc:"empty: all"`
	State      string       `json:"state" enum:"queued,counting,running,done,failed,cancelled"`
	RowsTotal  *int64       `json:"rowsTotal" doc:"null: not counted yet"`
	RowsDone   int64        `json:"rowsDone"`
	Percent    float64      `json:"percent" minimum:"0" maximum:"100"`
	Bytes      int64        `json:"bytes" doc:"written so far, before compression"`
	FileBytes  int64        `json:"fileBytes" doc:"of the compressed file, once it is done"`
	EtaSeconds *int64       `json:"etaSeconds" doc:"null: nothing can be said yet"`
	SHA256     string       `json:"sha256,omitempty" doc:"of the downloaded file when it is not compressed"`
	FileName   string       `json:"fileName"`
	Partial    string       `json:"partial,omitempty" doc:"what is missing from the file, and why"`
	ErrorCode  string       `json:"errorCode,omitempty" doc:"why it failed; stable, for translations"`
	Error      string       `json:"error,omitempty"`
	CreatedAt  module.Time  `json:"createdAt"`
	StartedAt  *module.Time `json:"startedAt,omitempty"`
	FinishedAt *module.Time `json:"finishedAt,omitempty"`
	ExpiresAt  module.Time  `json:"expiresAt" doc:"the file is removed then"`
}

func (s *Service) jobView(j Job) ExportView {
	v := ExportView{
		ID: j.ID, Query: j.Query, From: module.Time{Time: j.From}, To: module.Time{Time: j.To}, Format: j.Format, Columns: j.Columns,
		State: string(j.State), RowsDone: j.Rows, Bytes: j.Bytes, FileBytes: j.FileBytes, SHA256: j.SHA256, FileName: j.name(),
		Partial: j.Partial, ErrorCode: j.ErrorCode, Error: j.ErrorText, CreatedAt: module.Time{Time: j.CreatedAt},
		StartedAt: module.TimeOrNil(j.StartedAt), FinishedAt: module.TimeOrNil(j.FinishedAt), ExpiresAt: module.Time{Time: j.ExpiresAt},
	}
	if v.Columns == nil {
		v.Columns = []string{}
	}
	if j.Total >= 0 {
		v.RowsTotal = &j.Total
	}
	switch {
	case j.State == JobDone:
		v.Percent = 100
	case j.Total > 0:
		// 100 is for what is whole.
		v.Percent = min(99.9, float64(j.Rows)*100/float64(j.Total))
	}
	if left := j.left(s.now()); left > 0 {
		seconds := int64((left + time.Second - 1) / time.Second)
		v.EtaSeconds = &seconds
	}
	return v
}

type jobOut struct{ Body ExportView }

func (s *Service) jobAnswer(j Job, err error) (*jobOut, error) {
	if err != nil {
		return nil, err
	}
	return &jobOut{s.jobView(j)}, nil
}

func (s *Service) exportJobRoutes(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return module.Op(module.ActionEventRead, huma.Operation{
			OperationID: id, Method: method, Path: "/search/exports" + path, Tags: tags, Summary: summary,
		})
	}
	type startExport struct {
		Body struct {
			RangeBody
			Format  string   `json:"format,omitempty" enum:"csv,ndjson" default:"csv"`
			Columns []string `json:"columns,omitempty" maxItems:"100" doc:"fields, or parts of the core (time, host, raw, fields …); absent: the whole core and all fields; not for tables"`
			Limit   int      `json:"limit,omitempty" minimum:"1" maximum:"1000000" default:"1000000"`
			Order   string   `json:"order,omitempty" enum:"desc,asc" default:"desc"`
		}
	}
	huma.Register(api, op("start-export", http.MethodPost, "", "Make a file of the events found, or of a table, in the background"),
		func(ctx context.Context, in *startExport) (*jobOut, error) {
			r := ExportRequest{Request: in.Body.request(), Format: in.Body.Format, Columns: in.Body.Columns}
			r.Limit, r.Ascending = in.Body.Limit, in.Body.Order == "asc"
			j, err := s.StartExport(ctx, r)
			return s.jobAnswer(j, err)
		})

	type list struct{ Body module.List[ExportView] }
	huma.Register(api, op("list-exports", http.MethodGet, "", "The caller's exports, newest first"),
		func(ctx context.Context, _ *struct{}) (*list, error) {
			found, err := s.Exports(ctx)
			if err != nil {
				return nil, err
			}
			return &list{module.ListOf(found, s.jobView)}, nil
		})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op("get-export", http.MethodGet, "/{id}", "How far an export is"),
		func(ctx context.Context, in *byID) (*jobOut, error) {
			j, err := s.ExportJob(ctx, in.ID)
			return s.jobAnswer(j, err)
		})
	huma.Register(api, op("cancel-export", http.MethodPost, "/{id}/cancel", "End an export that is not finished"),
		func(ctx context.Context, in *byID) (*jobOut, error) {
			j, err := s.CancelExport(ctx, in.ID)
			return s.jobAnswer(j, err)
		})
	huma.Register(api, op("remove-export", http.MethodDelete, "/{id}", "Remove an export and its file; one that runs is cancelled first"),
		func(ctx context.Context, in *byID) (*struct{}, error) { return nil, s.RemoveExport(ctx, in.ID) })
	s.downloadRoute(api, op)
}
