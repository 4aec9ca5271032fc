package search

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// Export writes up to limit events to w, page by page, newest first.
// progress is called before each page, and may refuse to go on.
// Errors: Denied, Invalid, Busy, and those of w.
func (s *Service) Export(ctx context.Context, r Request, limit int, w Writer, progress func() error) error {
	left := min(max(limit, 1), maxExport)
	for left > 0 {
		if err := progress(); err != nil {
			return err
		}
		r.Limit = min(left, exportPage)
		n := 0
		// A turn per page, so that a long export lets searches in between.
		stats, err := s.Search(ctx, r, func(row *lake.Row) error {
			n++
			return w.Write(row)
		})
		if err != nil {
			return err
		}
		left -= n
		if r.Cursor = stats.Cursor; r.Cursor == "" {
			break
		}
	}
	return w.Flush()
}

// exportPageTime is how long one page of an export may take to be read by the
// client.
const exportPageTime = 2 * time.Minute

func (s *Service) exportRoute(api huma.API) {
	type input struct {
		Query  string    `query:"query" maxLength:"16384"`
		From   time.Time `query:"from" required:"true"`
		To     time.Time `query:"to" required:"true"`
		Format string    `query:"format" enum:"ndjson,csv" default:"ndjson"`
		Limit  int       `query:"limit" minimum:"1" maximum:"1000000" default:"100000"`

		Columns []string `query:"columns,explode" maxItems:"100" doc:"fields, or parts of the core; absent: everything"`
	}
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "export-events", Method: http.MethodGet, Path: "/search/export", Tags: tags,
		Summary:     "Download the events found",
		Description: "A stream. If it breaks off, the connection is cut, so that a shortened file is not taken for a whole one.",
		Responses:   map[string]*huma.Response{"200": {Description: "OK", Content: exportContent}},
	}), func(ctx context.Context, in *input) (*huma.StreamResponse, error) {
		r := Request{Query: in.Query, From: in.From, To: in.To}
		// What can be refused is refused before the stream begins.
		if err := checkColumns(in.Columns); err != nil {
			return nil, err
		}
		_, _, done, err := s.prepare(ctx, r, "query")
		if err != nil {
			return nil, err
		}
		done()
		if err := s.auditStream(ctx, r, in.Format, in.Columns, in.Limit); err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", mediaType(in.Format))
			hc.SetHeader("Content-Disposition", `attachment; filename="events.`+in.Format+`"`)
			hc.SetStatus(http.StatusOK)
			if err := s.stream(hc.Context(), r, in.Limit, in.Format, in.Columns, hc.BodyWriter()); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}

func (s *Service) stream(ctx context.Context, r Request, limit int, format string, columns []string, body io.Writer) error {
	w, err := NewWriter(format, body, columns)
	if err != nil {
		return err
	}
	return s.Export(ctx, r, limit, w, patience(body))
}

// auditStream notes down who takes what, before he does.
func (s *Service) auditStream(ctx context.Context, r Request, format string, columns []string, limit int) error {
	j := Job{Columns: columns, ID: module.NewID(), Unit: module.PrincipalOf(ctx).Unit, Query: r.Query, From: r.From, To: r.To, Format: format, Rows: int64(limit)}
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		e := jobEntry("export.stream", &j)
		e.Detail["atMost"] = e.Detail["rows"]
		delete(e.Detail, "rows")
		delete(e.Detail, "sha256")
		return s.trail.Append(ctx, tx, e)
	})
}
