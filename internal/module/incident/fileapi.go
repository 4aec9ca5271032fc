package incident

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// IncidentFileView is a file of an incident on the wire.
type IncidentFileView struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Size        int64             `json:"size"`
	SHA256      string            `json:"sha256"`
	Declared    string            `json:"declared" doc:"type as the name says; empty: the name says nothing that is known"`
	Detected    string            `json:"detected" doc:"type as the bytes say"`
	Mismatch    bool              `json:"mismatch" doc:"the name lies about what the file is"`
	TLP         string            `json:"tlp"`
	Note        string            `json:"note"`
	AddedAt     module.Time       `json:"addedAt"`
	By          module.PersonView `json:"by"`
	CheckedAt   module.Time       `json:"checkedAt" doc:"when the bytes were last held against the hash"`
	Intact      bool              `json:"intact" doc:"false: they were not those that were received"`
	DestroyedAt *module.Time      `json:"destroyedAt,omitempty"`
}

// IncidentCustodyView is a line of a chain of custody.
type IncidentCustodyView struct {
	ID     string            `json:"id"`
	At     module.Time       `json:"at"`
	Kind   string            `json:"kind" enum:"received,opened,downloaded,copied,checked,handed-over,returned,destroyed"`
	Whom   string            `json:"whom" doc:"who has it from then on, of what was handed over or returned"`
	Why    string            `json:"why"`
	Intact bool              `json:"intact" doc:"the bytes were those of the hash"`
	Found  string            `json:"found" doc:"the hash of the bytes; empty: there were none"`
	By     module.PersonView `json:"by"`
}

// IncidentFileDetailView is a file with its chain of custody.
type IncidentFileDetailView struct {
	IncidentFileView
	Custody []IncidentCustodyView `json:"custody" nullable:"false" doc:"in the order of time; for the incident's own unit"`
}

func fileView(f *File) IncidentFileView {
	return IncidentFileView{
		ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256, Declared: f.Declared, Detected: f.Detected, Mismatch: f.Mismatch, TLP: string(f.TLP), Note: f.Note,
		AddedAt: module.Time{Time: f.AddedAt}, By: module.PersonView{ID: f.ByID, DisplayName: f.By}, CheckedAt: module.Time{Time: f.CheckedAt}, Intact: f.Intact,
		DestroyedAt: module.TimeOrNil(f.Destroyed),
	}
}

func custodyView(c Custody) IncidentCustodyView {
	return IncidentCustodyView{c.ID, module.Time{Time: c.At}, c.Kind, c.Whom, c.Why, c.Intact, c.Found, module.PersonView{ID: c.ByID, DisplayName: c.By}}
}

// bringInput takes the body as it comes: it is not read before the caller is known,
// and never held in memory.
type bringInput struct {
	ID   string `path:"id" maxLength:"64"`
	Name string `query:"name" required:"true" minLength:"1" maxLength:"800" doc:"of the file"`
	Note string `query:"note" maxLength:"4000" doc:"where it is from"`
	TLP  string `query:"tlp" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED" doc:"absent: as the incident"`

	size int64
	body io.Reader
}

// Resolve implements huma.Resolver.
func (in *bringInput) Resolve(hc huma.Context) []error {
	in.size, in.body = incoming(hc)
	return nil
}

// incoming is a body that is streamed, and its size; -1: not known.
func incoming(hc huma.Context) (size int64, body io.Reader) {
	size = -1
	if n, err := strconv.ParseInt(hc.Header("Content-Length"), 10, 64); err == nil {
		size = n
	}
	return size, &patientReader{hc: hc, r: hc.BodyReader()}
}

// chunkTime is how long a piece of a file may take, answerTime the rest.
const (
	chunkTime  = 60 * time.Second
	answerTime = 2 * time.Minute
)

// patientReader moves the deadlines of the connection on with every piece.
type patientReader struct {
	hc huma.Context
	r  io.Reader
}

func (p *patientReader) Read(b []byte) (int, error) {
	now := time.Now()
	_ = p.hc.SetReadDeadline(now.Add(chunkTime)) // a connection without deadlines has none
	if w, ok := p.hc.BodyWriter().(http.ResponseWriter); ok {
		_ = http.NewResponseController(w).SetWriteDeadline(now.Add(chunkTime + answerTime))
	}
	return p.r.Read(b)
}

// patient moves the deadline of the connection on with every piece.
func patient(w io.Writer) io.Writer {
	rw, ok := w.(http.ResponseWriter)
	if !ok {
		return w
	}
	rc := http.NewResponseController(rw)
	return writerFunc(func(b []byte) (int, error) {
		_ = rc.SetWriteDeadline(time.Now().Add(chunkTime)) // a writer without deadlines has none
		return w.Write(b)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

var binaryBody = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}

// attachment answers with bytes that no browser may show or run, whatever they are.
func attachment(hc huma.Context, kind, name string) {
	hc.SetHeader("Content-Type", kind)
	hc.SetHeader("Content-Disposition", `attachment; filename="`+plainName(name)+`"; filename*=UTF-8''`+url.PathEscape(name))
	hc.SetHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	hc.SetHeader("X-Content-Type-Options", "nosniff")
	hc.SetHeader("Cache-Control", "private, no-store")
	hc.SetStatus(http.StatusOK)
}

// sendFile answers with a file's bytes, and closes them.
func sendFile(hc huma.Context, f *File, body io.ReadCloser) {
	defer body.Close()
	hc.SetHeader("Content-Length", strconv.FormatInt(f.Size, 10))
	attachment(hc, "application/octet-stream", f.Name)
	if _, err := io.Copy(patient(hc.BodyWriter()), body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// plainName is for clients that do not read the other form.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
}

func (s *Service) fileRoutes(api huma.API) {
	type incidentFiles struct {
		Body struct {
			Items   []IncidentFileView `json:"items" nullable:"false"`
			MaxSize int64              `json:"maxSize" doc:"of one file, in bytes"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-files", http.MethodGet, "/{id}/files", "The files of an incident"),
		func(ctx context.Context, in *byID) (*incidentFiles, error) {
			found, err := s.Files(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentFiles{}
			out.Body.MaxSize, out.Body.Items = s.MaxFile, make([]IncidentFileView, len(found))
			for i := range found {
				out.Body.Items[i] = fileView(&found[i])
			}
			return out, nil
		})
	type incidentFile struct{ Body IncidentFileView }
	add := op(module.ActionIncidentTask, "add-incident-file", http.MethodPost, "/{id}/files", "Add a file; the body is the file itself")
	add.DefaultStatus = http.StatusCreated
	add.Description = "Its SHA-256 is taken while it arrives, and its type by its first bytes."
	add.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": binaryBody}}
	add.MaxBodyBytes = -1 // the service has a limit of its own
	huma.Register(api, add, func(ctx context.Context, in *bringInput) (*incidentFile, error) {
		f, err := s.Bring(ctx, in.ID, Bringing{Name: in.Name, Note: in.Note, TLP: TLP(in.TLP), Size: in.size, Body: in.body})
		if err != nil {
			return nil, err
		}
		return &incidentFile{fileView(&f)}, nil
	})
	type oneFile struct {
		ID   string `path:"id" maxLength:"64"`
		File string `path:"file" maxLength:"64"`
	}
	type fileDetail struct{ Body IncidentFileDetailView }
	huma.Register(api, op(module.ActionIncidentRead, "get-incident-file", http.MethodGet, "/{id}/files/{file}", "A file with its chain of custody"),
		func(ctx context.Context, in *oneFile) (*fileDetail, error) {
			f, custody, err := s.File(ctx, in.ID, in.File)
			if err != nil {
				return nil, err
			}
			return &fileDetail{IncidentFileDetailView{fileView(&f), module.ListOf(custody, custodyView).Items}}, nil
		})
	type downloadIncidentFile struct {
		ID   string `path:"id" maxLength:"64"`
		File string `path:"file" maxLength:"64"`
		Body struct {
			Why string `json:"why" maxLength:"800" doc:"what the copy is for; it goes into the chain of custody"`
		}
	}
	get := op(module.ActionIncidentTask, "download-incident-file", http.MethodPost, "/{id}/files/{file}/download", "The bytes of a file, as an attachment no browser shows")
	get.Description = "They are held against the hash first. 409 incident.file-damaged: they are not those that were received."
	get.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/octet-stream": binaryBody}}}
	huma.Register(api, get, func(ctx context.Context, in *downloadIncidentFile) (*huma.StreamResponse, error) {
		f, body, err := s.Download(ctx, in.ID, in.File, in.Body.Why)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			sendFile(hc, &f, body)
		}}, nil
	})
	type handleIncidentFile struct {
		ID   string `path:"id" maxLength:"64"`
		File string `path:"file" maxLength:"64"`
		Body struct {
			Kind string `json:"kind" enum:"checked,opened,handed-over,returned,destroyed"`
			Whom string `json:"whom,omitempty" maxLength:"800" doc:"who has it from then on, of what is handed over or returned"`
			Why  string `json:"why,omitempty" maxLength:"800"`
		}
	}
	handle := op(module.ActionIncidentTask, "handle-incident-file", http.MethodPost, "/{id}/files/{file}/custody", "Say what was done with a file; its bytes are held against the hash")
	handle.Description = "destroyed deletes the bytes; the hash and the chain of custody stay."
	huma.Register(api, handle, func(ctx context.Context, in *handleIncidentFile) (*incidentFile, error) {
		f, err := s.Handle(ctx, in.ID, in.File, Handling(in.Body))
		if err != nil {
			return nil, err
		}
		return &incidentFile{fileView(&f)}, nil
	})
}
