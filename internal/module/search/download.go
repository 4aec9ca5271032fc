package search

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// OpenExport opens a finished file, compressed with gzip, for its owner. What is
// in it must still be inside his scope, which may be another than when he asked
// for it. Errors: Denied, NotFound, Conflict if it is not finished.
func (s *Service) OpenExport(ctx context.Context, id string) (Job, *os.File, error) {
	j, err := s.ExportJob(ctx, id)
	if err != nil {
		return j, nil, err
	}
	if !module.PrincipalOf(ctx).Sees(j.Unit) {
		return j, nil, fault.New(fault.Denied, "this export was made in the scope of unit %s, which is no longer yours", j.Unit).WithCode("export.scope")
	}
	if j.State != JobDone {
		return j, nil, fault.New(fault.Conflict, "this export is %s, not done", j.State).WithCode("export.not-done")
	}
	f, err := os.Open(s.file(id))
	if errors.Is(err, fs.ErrNotExist) { // restored from a backup, which has no exported files
		return j, nil, s.unknownExport()
	}
	if err != nil {
		return j, nil, err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.trail.Append(ctx, tx, jobEntry("export.download", &j))
	})
	if err != nil {
		return j, nil, errors.Join(err, f.Close())
	}
	return j, f, nil
}

var exportContent = map[string]*huma.MediaType{
	"application/x-ndjson": {Schema: &huma.Schema{Type: huma.TypeString}},
	"text/csv":             {Schema: &huma.Schema{Type: huma.TypeString}},
	"application/gzip":     {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
}

func (s *Service) downloadRoute(api huma.API, op func(id, method, path, summary string) huma.Operation) {
	type input struct {
		ID   string `path:"id" maxLength:"64"`
		Gzip bool   `query:"gzip" doc:"compressed, with .gz behind its name"`
	}
	o := op("download-export", http.MethodGet, "/{id}/file", "The file of a finished export")
	o.Description = "409 export.not-done before it is. If it breaks off, the connection is cut, so that a shortened file is not taken for a whole one."
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: exportContent}}
	huma.Register(api, o, func(ctx context.Context, in *input) (*huma.StreamResponse, error) {
		j, f, err := s.OpenExport(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer f.Close()
			contentType, name, size := mediaType(j.Format), j.name(), j.Bytes
			if in.Gzip {
				contentType, name, size = "application/gzip", name+".gz", j.FileBytes
			}
			hc.SetHeader("Content-Type", contentType)
			hc.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
			hc.SetHeader("Content-Length", strconv.FormatInt(size, 10))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if err := send(hc.BodyWriter(), f, in.Gzip); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}

func mediaType(format string) string {
	if format == "csv" {
		return "text/csv; charset=utf-8"
	}
	return "application/x-ndjson"
}

func send(w io.Writer, f *os.File, compressed bool) error {
	from := io.Reader(f)
	if !compressed {
		z, err := gzip.NewReader(f) // holds nothing to close
		if err != nil {
			return err
		}
		from = z
	}
	more := patience(w)
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if err := more(); err != nil {
				return err
			}
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// patience returns a function that gives a slow reader another while; it replaces
// the server's deadline for a whole request.
func patience(w io.Writer) func() error {
	rw, ok := w.(http.ResponseWriter)
	if !ok {
		return func() error { return nil }
	}
	rc := http.NewResponseController(rw)
	return func() error {
		err := rc.SetWriteDeadline(time.Now().Add(exportPageTime))
		if errors.Is(err, http.ErrNotSupported) {
			return nil
		}
		return err
	}
}
