package upload

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
)

// UploadView is an upload on the wire.
type UploadView struct {
	ID          string        `json:"id"`
	Unit        event.UnitID  `json:"unit"`
	UnitName    string        `json:"unitName"`
	Name        string        `json:"name" doc:"of the file"`
	Size        int64         `json:"size" doc:"bytes as uploaded"`
	SHA256      string        `json:"sha256"`
	Kind        string        `json:"kind" enum:"evtx,csv,ndjson,json,lines,archive"`
	Asked       string        `json:"asked" enum:"auto,csv,ndjson,lines"`
	Status      string        `json:"status" enum:"waiting,running,done,failed,cancelled"`
	By          string        `json:"by"`
	CreatedAt   module.Time   `json:"createdAt"`
	StartedAt   *module.Time  `json:"startedAt"`
	EndedAt     *module.Time  `json:"endedAt"`
	Progress    float64       `json:"progress" minimum:"0" maximum:"1" doc:"share of the file that was read"`
	Read        int64         `json:"read" doc:"records read"`
	Stored      int64         `json:"stored" doc:"of them that are safe, and searchable within seconds"`
	Problems    int64         `json:"problems" doc:"lines and records with a problem, also those not listed"`
	ProblemList []LineProblem `json:"problemList" nullable:"false" doc:"the first 100; empty in lists"`
	Reason      *string       `json:"reason" enum:"upload.broken-file,upload.too-much,upload.file-lost,upload.gave-up" doc:"why it failed"`
	Detail      string        `json:"detail" doc:"the same for people, in English"`
	Original    string        `json:"original" enum:"present,deleted"`
	KeptUntil   *module.Time  `json:"keptUntil" doc:"when the original is deleted, where it is kept"`
	Drill       string        `json:"drill" doc:"id of the exercise its events are part of; empty: they are real"`
	Resumed     bool          `json:"resumed" doc:"the server was restarted in the middle, and the import went on"`
}

// UploadLimitsView is what an upload may be.
type UploadLimitsView struct {
	MaxBytes  int64   `json:"maxBytes"`
	KeepHours float64 `json:"keepHours" doc:"how long originals are kept after the import; 0: they are deleted then"`
}

// UploadsView is a page of uploads.
type UploadsView struct {
	Items  []UploadView     `json:"items" nullable:"false"`
	Next   string           `json:"next" doc:"before of the next page; empty: there is none"`
	Limits UploadLimitsView `json:"limits"`
}

func (s *Service) view(u *Upload) UploadView {
	v := UploadView{
		ID: u.ID, Unit: u.Unit, UnitName: s.Units.Name(u.Unit), Name: u.Name, Size: u.Size, SHA256: u.SHA256, Kind: u.Kind, Asked: string(u.Asked),
		Status: string(u.Status), By: u.By, CreatedAt: module.Time{Time: u.CreatedAt}, StartedAt: module.TimeOrNil(u.StartedAt), EndedAt: module.TimeOrNil(u.Ended),
		Read: u.Records, Stored: u.Stored, Problems: u.Problems, ProblemList: u.ProblemList, Detail: u.Detail, Original: originalDeleted,
		KeptUntil: module.TimeOrNil(u.KeptUntil), Resumed: u.Resumed, Drill: u.Drill,
	}
	if u.Size > 0 {
		v.Progress = float64(u.BytesRead) / float64(u.Size)
	}
	if u.Original {
		v.Original = originalPresent
	}
	if u.Reason != "" {
		v.Reason = &u.Reason
	}
	if v.ProblemList == nil {
		v.ProblemList = []LineProblem{}
	}
	return v
}

// addInput takes the body as it comes: it is not read before the caller is known,
// and never held in memory.
type addInput struct {
	Unit  string `query:"unit" required:"true" maxLength:"48" doc:"that the events are of"`
	Name  string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"of the file"`
	Kind  string `query:"kind" enum:"auto,csv,ndjson,lines" default:"auto" doc:"auto: as the content says; a Windows event log is always recognised"`
	Again bool   `query:"again" doc:"import although the same bytes were uploaded for the unit before"`

	size int64
	body io.Reader
}

// chunkTime is how long a piece of the file may take, answerTime the rest.
const (
	chunkTime  = 60 * time.Second
	answerTime = 2 * time.Minute
)

// Resolve implements huma.Resolver.
func (in *addInput) Resolve(hc huma.Context) []error {
	in.size = -1
	if n, err := strconv.ParseInt(hc.Header("Content-Length"), 10, 64); err == nil {
		in.size = n
	}
	in.body = &patientReader{hc: hc, r: hc.BodyReader()}
	return nil
}

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

func (s *Service) routes(api huma.API) {
	tags := []string{"uploads"}
	type one struct{ Body UploadView }
	type page struct{ Body UploadsView }
	type listInput struct {
		Unit   string `query:"unit" maxLength:"48"`
		Status string `query:"status" enum:"waiting,running,done,failed,cancelled"`
		Before string `query:"before" maxLength:"64" doc:"next of the page before"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	huma.Register(api, module.Op(module.ActionUploadRead, huma.Operation{
		OperationID: "list-uploads", Method: http.MethodGet, Path: "/uploads", Tags: tags, Summary: "Uploaded log files, newest first",
	}), func(ctx context.Context, in *listInput) (*page, error) {
		list, err := s.List(ctx, Filter{Unit: event.UnitID(in.Unit), Status: Status(in.Status), Before: in.Before, Limit: in.Limit + 1})
		if err != nil {
			return nil, err
		}
		out := &page{UploadsView{Items: []UploadView{}, Limits: UploadLimitsView{int64(s.Config.MaxBytes), s.Config.Keep.Hours()}}}
		if len(list) > in.Limit {
			list = list[:in.Limit]
			out.Body.Next = list[in.Limit-1].ID
		}
		for i := range list {
			v := s.view(&list[i])
			v.ProblemList = []LineProblem{}
			out.Body.Items = append(out.Body.Items, v)
		}
		return out, nil
	})

	huma.Register(api, module.Op(module.ActionUploadAdd, huma.Operation{
		OperationID: "add-upload", Method: http.MethodPost, Path: "/uploads", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Upload a log file: Windows event log, CSV, JSON or lines, also gzip, zstd or zip",
		Description: "The body is the file itself. It is imported in the background; ask for the upload to see how far it is. 409 upload.repeated: the same bytes were uploaded for the unit before, errors[0].location is `upload.<id>` of that one.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}},
		MaxBodyBytes: -1, // the service has a limit of its own
	}), func(ctx context.Context, in *addInput) (*one, error) {
		u, err := s.Add(ctx, Request{Unit: event.UnitID(in.Unit), Name: in.Name, As: logfile.As(in.Kind), Again: in.Again, Size: in.size, Body: in.body})
		if err != nil {
			return nil, err
		}
		return &one{s.view(&u)}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, module.Op(module.ActionUploadRead, huma.Operation{
		OperationID: "get-upload", Method: http.MethodGet, Path: "/uploads/{id}", Tags: tags, Summary: "How far the import of a file is, and what was wrong in it",
	}), func(ctx context.Context, in *byID) (*one, error) {
		u, err := s.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &one{s.view(&u)}, nil
	})
	huma.Register(api, module.Op(module.ActionUploadAdd, huma.Operation{
		OperationID: "cancel-upload", Method: http.MethodPost, Path: "/uploads/{id}/cancel", Tags: tags,
		Summary: "End the import of a file; what is stored stays",
	}), func(ctx context.Context, in *byID) (*one, error) {
		u, err := s.Cancel(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &one{s.view(&u)}, nil
	})
}
