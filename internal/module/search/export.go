package search

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// Writer writes events one by one.
type Writer interface {
	Write(*module.EventView) error
	// Flush writes what is held back; after it the output is complete.
	Flush() error
}

// NewWriter makes a Writer of the format "csv", or else of NDJSON.
func NewWriter(format string, w io.Writer) (Writer, error) {
	if format == "csv" {
		return newCSVWriter(w)
	}
	return newNDJSONWriter(w), nil
}

type ndjsonWriter struct{ enc *json.Encoder }

func newNDJSONWriter(w io.Writer) *ndjsonWriter {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &ndjsonWriter{enc}
}

func (w *ndjsonWriter) Write(v *module.EventView) error { return w.enc.Encode(v) }
func (w *ndjsonWriter) Flush() error                    { return nil }

// csvColumns are the core columns; all other fields are one JSON object in the
// last column, because events differ in their fields and a stream has no second
// pass to collect the names.
var csvColumns = []string{"id", "time", "received", "unit", "host", "input", "peer", "format", "product", "category", "service", "rules", "raw", "fields"}

type csvWriter struct{ csv *csv.Writer }

// byteOrderMark makes spreadsheet programs read the file as UTF-8; without it
// Vietnamese comes out broken.
const byteOrderMark = "\ufeff"

func newCSVWriter(w io.Writer) (*csvWriter, error) {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, err
	}
	cw := &csvWriter{csv.NewWriter(w)}
	return cw, cw.csv.Write(csvColumns)
}

func (w *csvWriter) Write(v *module.EventView) error {
	fields, err := json.Marshal(v.Fields)
	if err != nil {
		return err
	}
	const layout = "2006-01-02T15:04:05.000Z"
	row := []string{
		v.ID, v.Time.UTC().Format(layout), v.Received.UTC().Format(layout), string(v.Unit), v.Host, v.Input, v.Peer,
		v.Format, v.Product, v.Category, v.Service, strings.Join(v.Rules, " "), v.Raw, string(fields),
	}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return w.csv.Write(row)
}

func (w *csvWriter) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// harmless keeps a spreadsheet program from taking a cell for a formula: whoever
// can write a log line could otherwise run one on the analyst's machine.
func harmless(cell string) string {
	if cell == "" {
		return cell
	}
	switch cell[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return "'" + cell
	}
	// Full-width forms that some programs treat alike.
	for _, p := range []string{"＝", "＋", "－", "＠"} {
		if strings.HasPrefix(cell, p) {
			return "'" + cell
		}
	}
	return cell
}

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
			v := module.NewEventView(row)
			return w.Write(&v)
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
	}
	content := map[string]*huma.MediaType{
		"application/x-ndjson": {Schema: &huma.Schema{Type: huma.TypeString}},
		"text/csv":             {Schema: &huma.Schema{Type: huma.TypeString}},
	}
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "export-events", Method: http.MethodGet, Path: "/search/export", Tags: tags,
		Summary:     "Download the events found",
		Description: "A stream. If it breaks off, the connection is cut, so that a shortened file is not taken for a whole one.",
		Responses:   map[string]*huma.Response{"200": {Description: "OK", Content: content}},
	}), func(ctx context.Context, in *input) (*huma.StreamResponse, error) {
		r := Request{Query: in.Query, From: in.From, To: in.To}
		// What can be refused is refused before the stream begins.
		_, _, done, err := s.prepare(ctx, r, "query")
		if err != nil {
			return nil, err
		}
		done()
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			name, contentType := "events.ndjson", "application/x-ndjson"
			if in.Format == "csv" {
				name, contentType = "events.csv", "text/csv; charset=utf-8"
			}
			hc.SetHeader("Content-Type", contentType)
			hc.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
			hc.SetStatus(http.StatusOK)
			if err := s.stream(hc.Context(), r, in.Limit, in.Format, hc.BodyWriter()); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}

func (s *Service) stream(ctx context.Context, r Request, limit int, format string, body io.Writer) error {
	progress := func() error { return nil }
	if rw, ok := body.(http.ResponseWriter); ok {
		rc := http.NewResponseController(rw)
		progress = func() error {
			err := rc.SetWriteDeadline(time.Now().Add(exportPageTime))
			if errors.Is(err, http.ErrNotSupported) {
				return nil
			}
			return err
		}
	}
	w, err := NewWriter(format, body)
	if err != nil {
		return err
	}
	return s.Export(ctx, r, limit, w, progress)
}
