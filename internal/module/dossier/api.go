package dossier

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"dossiers"}, Summary: summary})
}

type detailOut struct{ Body DossierDetailView }

// answer shows a dossier as it is now.
func (s *Service) answer(ctx context.Context, d Dossier, err error) (*detailOut, error) {
	if err != nil {
		return nil, err
	}
	v, err := s.detail(ctx, &d)
	return &detailOut{v}, err
}

// Judge works out the level of answers. Errors: Invalid.
func (s *Service) Judge(criteria string, answers level.Answers) (level.Result, error) {
	c := s.law.levels.Of(criteria)
	if c == nil {
		return level.Result{}, bad("criteria", "criteria", "no criteria %q", module.Text(criteria, 40))
	}
	return c.Judge(answers)
}

func (s *Service) routes(api huma.API) {
	s.levelRoutes(api)
	s.dossierRoutes(api)
	s.fileRoutes(api)
	s.formRoutes(api)
	s.paperRoutes(api)
	s.callRoutes(api)
}

func (s *Service) levelRoutes(api huma.API) {
	type bookOut struct{ Body LevelBookView }
	huma.Register(api, op(module.ActionDossierRead, "get-levels", http.MethodGet, "/levels", "Criteria of security levels, triggers, procedures and parts of a dossier"),
		func(ctx context.Context, _ *struct{}) (*bookOut, error) {
			if err := module.PrincipalOf(ctx).Require(module.ActionDossierRead); err != nil {
				return nil, err
			}
			return &bookOut{s.book()}, nil
		})
	type judgeLevel struct {
		Body struct {
			Criteria string              `json:"criteria" maxLength:"40"`
			Answers  map[string][]string `json:"answers"`
		}
	}
	type judgeOut struct{ Body LevelResultView }
	huma.Register(api, op(module.ActionDossierRead, "judge-level", http.MethodPost, "/levels/judge", "Which level answers come to, and which clause made it so; nothing is kept"),
		func(ctx context.Context, in *judgeLevel) (*judgeOut, error) {
			if err := module.PrincipalOf(ctx).Require(module.ActionDossierRead); err != nil {
				return nil, err
			}
			r, err := s.Judge(in.Body.Criteria, in.Body.Answers)
			if err != nil {
				return nil, err
			}
			return &judgeOut{resultView(&r)}, nil
		})
}

func (s *Service) dossierRoutes(api huma.API) {
	type ask struct {
		State  string       `query:"state" enum:"open,draft,sent,appraising,judged,approved,withdrawn" doc:"absent: all"`
		Level  int          `query:"level" minimum:"1" maximum:"5"`
		Unit   event.UnitID `query:"unit" maxLength:"64" doc:"the owner"`
		System string       `query:"system" maxLength:"64"`
		Text   string       `query:"text" maxLength:"200" doc:"in code, system, operator or decision number"`
		Late   bool         `query:"late" doc:"only those whose time is over"`
		Limit  int          `query:"limit" minimum:"1" maximum:"200"`
		After  string       `query:"after" maxLength:"200" doc:"cursor"`
	}
	type dossierList struct {
		Body struct {
			Items []DossierView `json:"items" nullable:"false"`
			Next  string        `json:"next" doc:"cursor of the next page; empty: the last"`
		}
	}
	huma.Register(api, op(module.ActionDossierRead, "list-dossiers", http.MethodGet, "/dossiers", "Level dossiers, those changed last first"),
		func(ctx context.Context, in *ask) (*dossierList, error) {
			found, next, err := s.List(ctx, Filter{State: in.State, Level: in.Level, Unit: in.Unit, System: in.System, Text: in.Text, Late: in.Late, Limit: in.Limit, After: in.After})
			if err != nil {
				return nil, err
			}
			out := &dossierList{}
			out.Body.Next, out.Body.Items = next, make([]DossierView, len(found))
			for i := range found {
				out.Body.Items[i] = s.view(&found[i])
			}
			return out, nil
		})
	type createDossier struct {
		Body struct {
			System   string `json:"system" minLength:"1" maxLength:"64"`
			Criteria string `json:"criteria,omitempty" maxLength:"40" doc:"absent: those in force"`
			Trigger  string `json:"trigger,omitempty" maxLength:"40" doc:"needed where the level was approved already"`
			Reason   string `json:"reason,omitempty" maxLength:"16000"`
		}
	}
	create := op(module.ActionDossierWrite, "create-dossier", http.MethodPost, "/dossiers", "Begin the dossier of a system, with the answers of its last one")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *createDossier) (*detailOut, error) {
		d, err := s.Create(ctx, Begin{in.Body.System, in.Body.Criteria, in.Body.Trigger, in.Body.Reason})
		return s.answer(ctx, d, err)
	})
	type enterLevel struct {
		Body struct {
			System   string   `json:"system" minLength:"1" maxLength:"64"`
			Level    int      `json:"level" minimum:"1" maximum:"5"`
			Decision Decision `json:"decision" doc:"of a day before 01/07/2026"`
			Reason   string   `json:"reason,omitempty" maxLength:"16000" doc:"what was seen of it, or where the paper is"`
		}
	}
	enter := op(module.ActionDossierAppraise, "enter-earlier-level", http.MethodPost, "/earlier-levels", "Note a level that was approved under the law of 2015, without the way of a dossier")
	enter.DefaultStatus = http.StatusCreated
	huma.Register(api, enter, func(ctx context.Context, in *enterLevel) (*detailOut, error) {
		d, err := s.Enter(ctx, Earlier{in.Body.System, in.Body.Level, in.Body.Decision, in.Body.Reason})
		return s.answer(ctx, d, err)
	})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionDossierRead, "get-dossier", http.MethodGet, "/dossiers/{id}", "A dossier with its answers, files and history"),
		func(ctx context.Context, in *byID) (*detailOut, error) {
			d, err := s.Get(ctx, in.ID)
			return s.answer(ctx, d, err)
		})
	type answerDossier struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Criteria string              `json:"criteria" maxLength:"40"`
			Answers  map[string][]string `json:"answers"`
			Version  int64               `json:"version" minimum:"1"`
		}
	}
	huma.Register(api, op(module.ActionDossierWrite, "answer-dossier", http.MethodPut, "/dossiers/{id}/answers", "Keep the answers of the questionnaire with a draft"),
		func(ctx context.Context, in *answerDossier) (*detailOut, error) {
			d, err := s.Answer(ctx, in.ID, in.Body.Criteria, in.Body.Answers, in.Body.Version)
			return s.answer(ctx, d, err)
		})
	type stepDossier struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb    string    `json:"verb" enum:"send,accept,return,council,judge,approve,withdraw,note"`
			Note    string    `json:"note,omitempty" maxLength:"16000" doc:"remarks or reason"`
			Paper   *Decision `json:"paper,omitempty" doc:"of council, judge and approve: the paper that says so"`
			Version int64     `json:"version" minimum:"1"`
		}
	}
	// Which permission a verb needs is said by the service.
	huma.Register(api, op(module.ActionDossierRead, "step-dossier", http.MethodPost, "/dossiers/{id}/steps", "Send a dossier, accept it as complete, return it, appraise it, approve it, withdraw it, or note something"),
		func(ctx context.Context, in *stepDossier) (*detailOut, error) {
			do := Do{Verb: Verb(in.Body.Verb), Note: in.Body.Note, Version: in.Body.Version}
			if in.Body.Paper != nil {
				do.Paper = *in.Body.Paper
			}
			d, err := s.Take(ctx, in.ID, do)
			return s.answer(ctx, d, err)
		})
}

// fileInput takes the body as it comes: it is not read before the caller is known.
type fileInput struct {
	ID      string `path:"id" maxLength:"64"`
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"of the file"`
	Part    string `query:"part" required:"true" enum:"design,plan,opinion,regulation,other" doc:"which part of the dossier it is"`
	Expires string `query:"expires" maxLength:"10" doc:"the last day it proves anything; absent: it does not expire"`

	body io.Reader
}

// fileTime is how long a file may take to arrive.
const fileTime = 5 * time.Minute

// Resolve implements huma.Resolver.
func (in *fileInput) Resolve(hc huma.Context) []error {
	_ = hc.SetReadDeadline(time.Now().Add(fileTime)) // a connection without deadlines has none
	in.body = hc.BodyReader()
	return nil
}

func (s *Service) fileRoutes(api huma.API) {
	const path = "/dossiers/{id}/files"
	binary := map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	type fileOut struct{ Body DossierFileView }
	add := op(module.ActionDossierWrite, "add-dossier-file", http.MethodPost, path, "Add a file to a draft; the body is the file")
	add.DefaultStatus = http.StatusCreated
	add.RequestBody = &huma.RequestBody{Required: true, Content: binary}
	add.MaxBodyBytes = -1 // the service has a limit of its own
	huma.Register(api, add, func(ctx context.Context, in *fileInput) (*fileOut, error) {
		f, err := s.AddFile(ctx, in.ID, FileFacts{in.Name, in.Part, in.Expires}, in.body)
		if err != nil {
			return nil, err
		}
		return &fileOut{s.fileView(&f)}, nil
	})
	type fileAsk struct {
		ID   string `path:"id" maxLength:"64"`
		File string `path:"file" maxLength:"64"`
	}
	get := op(module.ActionDossierRead, "get-dossier-file", http.MethodGet, path+"/{file}", "A file of a dossier")
	get.Description = "Always handed out to be saved, never to be shown: it came from outside."
	get.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: binary}}
	huma.Register(api, get, func(ctx context.Context, in *fileAsk) (*huma.StreamResponse, error) {
		f, body, err := s.File(ctx, in.ID, in.File)
		if err != nil {
			return nil, err
		}
		return saved(f.Name, "application/octet-stream", f.Size, body), nil
	})
	type attachFile struct {
		ID   string `path:"id" maxLength:"64"`
		File string `path:"file" maxLength:"64" doc:"of another dossier of the same owner"`
		Body struct {
			Part string `json:"part" maxLength:"40"`
		}
	}
	huma.Register(api, op(module.ActionDossierWrite, "reuse-dossier-file", http.MethodPut, path+"/{file}", "Have a file that the owner has already prove something in this draft too, or be another part of it"),
		func(ctx context.Context, in *attachFile) (*detailOut, error) {
			if err := s.Attach(ctx, in.ID, in.File, in.Body.Part); err != nil {
				return nil, err
			}
			d, err := s.Get(ctx, in.ID)
			return s.answer(ctx, d, err)
		})
	huma.Register(api, op(module.ActionDossierWrite, "remove-dossier-file", http.MethodDelete, path+"/{file}", "Take a file out of a draft; other dossiers keep it"),
		func(ctx context.Context, in *fileAsk) (*detailOut, error) {
			if err := s.Detach(ctx, in.ID, in.File); err != nil {
				return nil, err
			}
			d, err := s.Get(ctx, in.ID)
			return s.answer(ctx, d, err)
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type reusable struct{ Body module.List[DossierFileView] }
	huma.Register(api, op(module.ActionDossierRead, "list-reusable-files", http.MethodGet, "/dossiers/{id}/reusable", "Files the owner has in other dossiers that have not expired"),
		func(ctx context.Context, in *byID) (*reusable, error) {
			files, err := s.Reusable(ctx, in.ID)
			return &reusable{module.List[DossierFileView]{Items: s.fileViews(files)}}, err
		})
}

// saved streams a file to be saved, never shown.
func saved(name, kind string, size int64, body io.ReadCloser) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer body.Close()
		hc.SetHeader("Content-Type", kind)
		hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		hc.SetHeader("Content-Length", strconv.FormatInt(size, 10))
		hc.SetHeader("X-Content-Type-Options", "nosniff")
		hc.SetHeader("Cache-Control", "private, no-store")
		hc.SetStatus(http.StatusOK)
		if _, err := io.Copy(hc.BodyWriter(), body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}}
}
