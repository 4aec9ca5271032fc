package requirement

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

type sheetOut struct{ Body SystemRequirementsView }

func (s *Service) sheet(ctx context.Context, system, standard string, ahead int) (*sheetOut, error) {
	x, err := s.Sheet(ctx, system, standard, ahead)
	if err != nil {
		return nil, err
	}
	return &sheetOut{s.sheetView(module.PrincipalOf(ctx), x)}, nil
}

// one returns one requirement of a system, as it stands after a change.
func (s *Service) one(ctx context.Context, system, item string) (*itemOut, error) {
	standard, _, err := s.item(item)
	if err != nil {
		return nil, err
	}
	x, err := s.Sheet(ctx, system, standard.ID, 0)
	if err != nil {
		return nil, err
	}
	p := module.PrincipalOf(ctx)
	return &itemOut{s.itemView(p, x, standard.items[item], x.AskedAt(), module.DateOf(s.Now()), p.Can(module.ActionRequirementVerify, x.Unit))}, nil
}

type itemOut struct{ Body SystemRequirementView }

func (s *Service) standingRoutes(api huma.API) {
	type standards struct {
		Body struct {
			Items []RequirementStandardView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionRequirementRead, "list-requirement-catalogues", http.MethodGet, "/requirement-catalogues", "Catalogues of requirements, the one in force first"),
		func(ctx context.Context, _ *struct{}) (*standards, error) {
			if err := module.PrincipalOf(ctx).Require(module.ActionRequirementRead); err != nil {
				return nil, err
			}
			out := &standards{}
			for _, x := range s.standards.All {
				out.Body.Items = append(out.Body.Items, x.view())
			}
			return out, nil
		})
	type ask struct {
		ID        string `path:"id" maxLength:"64"`
		Catalogue string `query:"catalogue" maxLength:"64" doc:"absent: the one in force"`
		Level     int    `query:"level" minimum:"0" maximum:"5" doc:"what is asked at this level, for a dossier that is being prepared; 0: at the system's own"`
	}
	huma.Register(api, op(module.ActionRequirementRead, "get-system-requirements", http.MethodGet, "/systems/{id}/requirements", "What is asked of a system: declared, measured, verified"),
		func(ctx context.Context, in *ask) (*sheetOut, error) {
			return s.sheet(ctx, in.ID, in.Catalogue, in.Level)
		})
	huma.Register(api, op(module.ActionRequirementRead, "measure-system", http.MethodPost, "/systems/{id}/measurements", "Measure what shows by itself of a system, now"),
		func(ctx context.Context, in *ask) (*sheetOut, error) {
			if err := s.MeasureNow(ctx, in.ID); err != nil {
				return nil, err
			}
			return s.sheet(ctx, in.ID, in.Catalogue, in.Level)
		})
	s.overviewRoutes(api)
	s.answerRoutes(api)
	s.evidenceRoutes(api)
}

func (s *Service) overviewRoutes(api huma.API) {
	type ask struct {
		Catalogue string `query:"catalogue" maxLength:"64" doc:"absent: the one in force"`
	}
	type overview struct{ Body RequirementOverviewView }
	huma.Register(api, op(module.ActionRequirementRead, "get-requirement-overview", http.MethodGet, "/requirement-overview", "How units stand to the groups of requirements, those with most gaps first"),
		func(ctx context.Context, in *ask) (*overview, error) {
			x, rows, err := s.Overview(ctx, in.Catalogue)
			if err != nil {
				return nil, err
			}
			return &overview{s.overviewView(x, rows)}, nil
		})
	type askSystems struct {
		Catalogue string       `query:"catalogue" maxLength:"64"`
		Unit      event.UnitID `query:"unit" maxLength:"64"`
		Group     string       `query:"group" maxLength:"64"`
		Gaps      bool         `query:"gaps" doc:"only those with a gap"`
		Limit     int          `query:"limit" minimum:"1" maximum:"1000"`
	}
	type systems struct{ Body RequirementSystemsView }
	huma.Register(api, op(module.ActionRequirementRead, "list-requirement-systems", http.MethodGet, "/requirement-systems", "Systems with what their requirements come to, those with most gaps first"),
		func(ctx context.Context, in *askSystems) (*systems, error) {
			rows, total, err := s.Systems(ctx, SystemFilter{in.Catalogue, in.Unit, in.Group, in.Gaps, in.Limit})
			if err != nil {
				return nil, err
			}
			out := &systems{RequirementSystemsView{Items: make([]RequirementSystemView, len(rows)), Total: total}}
			for i, r := range rows {
				out.Body.Items[i] = RequirementSystemView{r.ID, r.Code, r.Name, r.Unit, s.Units.Name(r.Unit), r.Level, RequirementTallyView(r.Tally)}
			}
			return out, nil
		})
}

func (s *Service) answerRoutes(api huma.API) {
	const path = "/systems/{id}/requirements"
	type declareRequirement struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Item            string `json:"item" maxLength:"64" doc:"of a catalogue"`
			Declared        string `json:"declared" enum:"not-applicable,planned,partly,fully,"`
			Reason          string `json:"reason" maxLength:"4000"`
			Owner           string `json:"responsible" maxLength:"200" doc:"who of the unit sees to it"`
			Due             string `json:"due" maxLength:"10" doc:"a day; empty: none"`
			ExceptionReason string `json:"exceptionReason" maxLength:"4000"`
			ExceptionUntil  string `json:"exceptionUntil" maxLength:"10" doc:"a day; empty: no exception"`
			Version         int64  `json:"version" doc:"0: nothing was said yet"`
		}
	}
	huma.Register(api, op(module.ActionRequirementDeclare, "declare-requirement", http.MethodPut, path, "Say how a system stands to a requirement"),
		func(ctx context.Context, in *declareRequirement) (*itemOut, error) {
			due, err := module.ParseDate(in.Body.Due, "requirement.day", "due")
			if err != nil {
				return nil, err
			}
			until, err := module.ParseDate(in.Body.ExceptionUntil, "requirement.day", "exceptionUntil")
			if err != nil {
				return nil, err
			}
			d := Declaration{Declared(in.Body.Declared), in.Body.Reason, in.Body.Owner, due, Exception{in.Body.ExceptionReason, until}}
			if err := s.Declare(ctx, in.ID, in.Body.Item, d, in.Body.Version); err != nil {
				return nil, err
			}
			return s.one(ctx, in.ID, in.Body.Item)
		})
	type verifyRequirement struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Item    string `json:"item" maxLength:"64" doc:"of a catalogue"`
			Verdict string `json:"verdict" enum:"confirmed,refuted"`
			Note    string `json:"note" maxLength:"4000"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionRequirementVerify, "verify-requirement", http.MethodPost, path+"/verdict", "Say what was found of a declaration; never by who declared"),
		func(ctx context.Context, in *verifyRequirement) (*itemOut, error) {
			if err := s.Verify(ctx, in.ID, in.Body.Item, Verdict(in.Body.Verdict), in.Body.Note, in.Body.Version); err != nil {
				return nil, err
			}
			return s.one(ctx, in.ID, in.Body.Item)
		})
}

// fileInput is the head of a request whose body is a file.
type fileInput struct {
	ID      string `path:"id" maxLength:"64"`
	Item    string `query:"item" required:"true" maxLength:"64" doc:"of a catalogue"`
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"of the file"`
	Expires string `query:"expires" maxLength:"10" doc:"a day; absent: never"`

	body io.Reader
}

// fileTime is how long a file may take to arrive.
const fileTime = 2 * time.Minute

// Resolve implements huma.Resolver.
func (in *fileInput) Resolve(hc huma.Context) []error {
	_ = hc.SetReadDeadline(time.Now().Add(fileTime)) // a connection without deadlines has none
	in.body = hc.BodyReader()
	return nil
}

func (s *Service) evidenceRoutes(api huma.API) {
	const path = "/systems/{id}/requirement-evidence"
	binary := map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	add := op(module.ActionRequirementDeclare, "add-requirement-file", http.MethodPost, path, "Give a file as evidence; the body is the file")
	add.DefaultStatus = http.StatusCreated
	add.RequestBody = &huma.RequestBody{Required: true, Content: binary}
	add.MaxBodyBytes = -1 // the service has a limit of its own
	huma.Register(api, add, func(ctx context.Context, in *fileInput) (*itemOut, error) {
		expires, err := module.ParseDate(in.Expires, "requirement.day", "expires")
		if err != nil {
			return nil, err
		}
		if _, err := s.AddFile(ctx, in.ID, in.Item, in.Name, expires, in.body); err != nil {
			return nil, err
		}
		return s.one(ctx, in.ID, in.Item)
	})
	type referRequirement struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Item      string `json:"item" maxLength:"64" doc:"of a catalogue"`
			Reference string `json:"reference" maxLength:"500" doc:"number of a paper, or where it is found"`
			Expires   string `json:"expires" maxLength:"10" doc:"a day; empty: never"`
		}
	}
	huma.Register(api, op(module.ActionRequirementDeclare, "add-requirement-reference", http.MethodPost, "/systems/{id}/requirement-references", "Say where evidence is to be found"),
		func(ctx context.Context, in *referRequirement) (*itemOut, error) {
			expires, err := module.ParseDate(in.Body.Expires, "requirement.day", "expires")
			if err != nil {
				return nil, err
			}
			if _, err := s.AddReference(ctx, in.ID, in.Body.Item, in.Body.Reference, expires); err != nil {
				return nil, err
			}
			return s.one(ctx, in.ID, in.Body.Item)
		})
	type ask struct {
		ID       string `path:"id" maxLength:"64"`
		Evidence string `path:"evidence" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionRequirementDeclare, "remove-requirement-evidence", http.MethodDelete, path+"/{evidence}", "Take a piece of evidence back; the trail keeps that it was there"),
		func(ctx context.Context, in *ask) (*struct{}, error) {
			return nil, s.TakeBack(ctx, in.ID, in.Evidence)
		})
	get := op(module.ActionRequirementRead, "get-requirement-evidence", http.MethodGet, path+"/{evidence}", "A file of evidence")
	get.Description = "Always handed out to be saved, never to be shown: it came from outside."
	get.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: binary}}
	huma.Register(api, get, func(ctx context.Context, in *ask) (*huma.StreamResponse, error) {
		e, body, err := s.File(ctx, in.ID, in.Evidence)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer body.Close()
			hc.SetHeader("Content-Type", "application/octet-stream")
			hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": e.Name}))
			hc.SetHeader("Content-Length", strconv.FormatInt(e.Size, 10))
			hc.SetHeader("X-Content-Type-Options", "nosniff")
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if _, err := io.Copy(hc.BodyWriter(), body); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}
