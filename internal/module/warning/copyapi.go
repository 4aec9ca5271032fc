package warning

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

type copyPath struct {
	ID   string       `path:"id" maxLength:"64" doc:"of the warning"`
	Unit event.UnitID `path:"unit" maxLength:"64"`
}

type copyOut struct{ Body WarningCopyDetailView }

// answerCopy shows a copy as it is now.
func (s *Service) answerCopy(ctx context.Context, id string, unit event.UnitID, err error) (*copyOut, error) {
	if err != nil {
		return nil, err
	}
	r, steps, files, err := s.Copy(ctx, id, unit)
	if err != nil {
		return nil, err
	}
	return &copyOut{s.copyDetail(module.PrincipalOf(ctx), &r, steps, files)}, nil
}

func (s *Service) copyRoutes(api huma.API) {
	type warningCopies struct {
		Body struct {
			Items []WarningCopyView `json:"items" nullable:"false"`
			Next  string            `json:"next" doc:"cursor of the next page; empty: this is the last"`
		}
	}
	type ask struct {
		Status string       `query:"status" enum:"settled,late,any" doc:"absent: those that are open"`
		Unit   event.UnitID `query:"unit" maxLength:"64"`
		Drill  bool         `query:"drill" doc:"drills instead of what is real"`
		Limit  int          `query:"limit" minimum:"1" maximum:"200"`
		After  string       `query:"after" maxLength:"200" doc:"cursor"`
	}
	huma.Register(api, op(module.ActionWarningRead, "list-own-warnings", http.MethodGet, "/mine", "The copies of the caller's units, the newest first"),
		func(ctx context.Context, in *ask) (*warningCopies, error) {
			list, next, err := s.Mine(ctx, CopyFilter{Status: in.Status, Unit: in.Unit, Drill: in.Drill, Limit: in.Limit, After: in.After})
			if err != nil {
				return nil, err
			}
			out := &warningCopies{}
			out.Body.Next, out.Body.Items = next, make([]WarningCopyView, len(list))
			for i := range list {
				out.Body.Items[i] = s.copyView(&list[i].Warning, &list[i].Copy)
			}
			return out, nil
		})
	huma.Register(api, op(module.ActionWarningOversee, "list-warning-copies", http.MethodGet, "/{id}/copies", "The copies of all units"),
		func(ctx context.Context, in *byID) (*warningCopies, error) {
			w, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := s.Copies(ctx, in.ID)
			out := &warningCopies{}
			out.Body.Items = make([]WarningCopyView, len(list))
			for i := range list {
				out.Body.Items[i] = s.copyView(&w, &list[i])
			}
			return out, err
		})
	const path = "/{id}/copies/{unit}"
	huma.Register(api, op(module.ActionWarningRead, "get-warning-copy", http.MethodGet, path, "A unit's copy with its history"),
		func(ctx context.Context, in *copyPath) (*copyOut, error) {
			return s.answerCopy(ctx, in.ID, in.Unit, nil)
		})
	huma.Register(api, op(module.ActionWarningAnswer, "acknowledge-warning", http.MethodPost, path+"/acknowledge", "Say that the unit has read its copy"),
		func(ctx context.Context, in *copyPath) (*copyOut, error) {
			_, err := s.Acknowledge(ctx, in.ID, in.Unit)
			return s.answerCopy(ctx, in.ID, in.Unit, err)
		})
	type answerWarning struct {
		ID   string       `path:"id" maxLength:"64"`
		Unit event.UnitID `path:"unit" maxLength:"64"`
		Body struct {
			Answer string `json:"answer" enum:"not-us,fixed,need-help"`
			Text   string `json:"text" maxLength:"16000" doc:"what was checked or done, or what help is needed"`
		}
	}
	huma.Register(api, op(module.ActionWarningAnswer, "answer-warning", http.MethodPost, path+"/answer", "Answer: not us, fixed, or help is needed"),
		func(ctx context.Context, in *answerWarning) (*copyOut, error) {
			_, err := s.Answer(ctx, in.ID, in.Unit, in.Body.Answer, in.Body.Text)
			return s.answerCopy(ctx, in.ID, in.Unit, err)
		})
}

func (s *Service) verifyRoutes(api huma.API) {
	const path = "/{id}/copies/{unit}"
	type wordWarning struct {
		ID   string       `path:"id" maxLength:"64"`
		Unit event.UnitID `path:"unit" maxLength:"64"`
		Body struct {
			Text string `json:"text" maxLength:"16000"`
		}
	}
	for _, x := range []struct {
		id, verb, summary string
		do                func(context.Context, string, event.UnitID, string) (Received, error)
	}{
		{"reply-to-warning", "reply", "Write to a unit about its copy", s.Reply},
		{"settle-warning", "settle", "Settle a copy by a person's judgement, with the reason", s.Settle},
		{"reopen-warning", "reopen", "Reject an answer or a settlement, with the reason", s.Reopen},
	} {
		huma.Register(api, op(module.ActionWarningVerify, x.id, http.MethodPost, path+"/"+x.verb, x.summary),
			func(ctx context.Context, in *wordWarning) (*copyOut, error) {
				_, err := x.do(ctx, in.ID, in.Unit, in.Body.Text)
				return s.answerCopy(ctx, in.ID, in.Unit, err)
			})
	}
	huma.Register(api, op(module.ActionWarningVerify, "recheck-warning", http.MethodPost, path+"/recheck", "Look in the unit's events now whether it still shows"),
		func(ctx context.Context, in *copyPath) (*copyOut, error) {
			_, err := s.Recheck(ctx, in.ID, in.Unit)
			return s.answerCopy(ctx, in.ID, in.Unit, err)
		})
	type scanWarning struct {
		ID   string       `path:"id" maxLength:"64"`
		Unit event.UnitID `path:"unit" maxLength:"64"`
		Body struct {
			Found bool      `json:"found" doc:"it still shows"`
			At    time.Time `json:"at,omitempty" doc:"when; absent: now"`
			Note  string    `json:"note" maxLength:"16000" doc:"what was scanned and with which tool"`
		}
	}
	huma.Register(api, op(module.ActionWarningVerify, "note-warning-scan", http.MethodPost, path+"/scan", "Note the result of a repeat scan"),
		func(ctx context.Context, in *scanWarning) (*copyOut, error) {
			_, err := s.Scan(ctx, in.ID, in.Unit, in.Body.Found, in.Body.At, in.Body.Note)
			return s.answerCopy(ctx, in.ID, in.Unit, err)
		})
}

// fileInput takes the body as it comes: it is not read before the caller is known.
type fileInput struct {
	ID   string       `path:"id" maxLength:"64"`
	Unit event.UnitID `path:"unit" maxLength:"64"`
	Name string       `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"of the file"`

	body io.Reader
}

// fileTime is how long a proof may take to arrive.
const fileTime = 2 * time.Minute

// Resolve implements huma.Resolver.
func (in *fileInput) Resolve(hc huma.Context) []error {
	_ = hc.SetReadDeadline(time.Now().Add(fileTime)) // a connection without deadlines has none
	in.body = hc.BodyReader()
	return nil
}

func (s *Service) fileRoutes(api huma.API) {
	const path = "/{id}/copies/{unit}/files"
	binary := map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	type fileOut struct{ Body WarningFileView }
	add := op(module.ActionWarningAnswer, "add-warning-file", http.MethodPost, path, "Give a file as proof; the body is the file")
	add.DefaultStatus = http.StatusCreated
	add.RequestBody = &huma.RequestBody{Required: true, Content: binary}
	add.MaxBodyBytes = -1 // the service has a limit of its own
	huma.Register(api, add, func(ctx context.Context, in *fileInput) (*fileOut, error) {
		f, err := s.AddFile(ctx, in.ID, in.Unit, in.Name, in.body)
		if err != nil {
			return nil, err
		}
		return &fileOut{WarningFileView{f.ID, f.Name, f.Size, f.SHA256, module.Time{Time: f.At}, f.By}}, nil
	})
	type fileAsk struct {
		ID   string       `path:"id" maxLength:"64"`
		Unit event.UnitID `path:"unit" maxLength:"64"`
		File string       `path:"file" maxLength:"64"`
	}
	get := op(module.ActionWarningRead, "get-warning-file", http.MethodGet, path+"/{file}", "A file that was given as proof")
	get.Description = "Always handed out to be saved, never to be shown: it came from outside."
	get.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: binary}}
	huma.Register(api, get, func(ctx context.Context, in *fileAsk) (*huma.StreamResponse, error) {
		f, body, err := s.File(ctx, in.ID, in.Unit, in.File)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer body.Close()
			hc.SetHeader("Content-Type", "application/octet-stream")
			hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
			hc.SetHeader("Content-Length", strconv.FormatInt(f.Size, 10))
			hc.SetHeader("X-Content-Type-Options", "nosniff")
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if _, err := io.Copy(hc.BodyWriter(), body); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}
