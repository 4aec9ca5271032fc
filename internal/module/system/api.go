package system

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

type byID struct {
	ID string `path:"id" maxLength:"64"`
}

type systemOne struct{ Body SystemView }

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"systems"}, Summary: summary})
}

// SystemFilters are how a list of systems is narrowed, in a query.
type SystemFilters struct {
	Text     string       `query:"q" maxLength:"200" doc:"in the code, name, domains, addresses and purpose, without marks"`
	Unit     event.UnitID `query:"unit" maxLength:"64" doc:"the owner"`
	Operator event.UnitID `query:"operatorUnit" maxLength:"64"`
	Type     string       `query:"type" enum:"internal,public,infrastructure,industrial,other"`
	State    string       `query:"state" enum:"planned,operating,retired"`
	Level    int          `query:"level" minimum:"-1" maximum:"5" default:"-1" doc:"as approved; 0: without one; -1: any"`
	Critical bool         `query:"critical" doc:"only those critical to national security"`
}

func (in *SystemFilters) filter() Filter {
	f := Filter{Text: in.Text, Unit: in.Unit, Operator: in.Operator, Type: in.Type, State: in.State, Critical: in.Critical}
	if in.Level >= 0 {
		f.Level = &in.Level
	}
	return f
}

func (s *Service) routes(api huma.API) {
	type ask struct {
		SystemFilters

		Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
		After string `query:"after" maxLength:"200" doc:"next of the page before"`
	}
	type list struct{ Body SystemListView }
	huma.Register(api, op(module.ActionSystemRead, "list-systems", http.MethodGet, "/systems", "The register of information systems, by code"),
		func(ctx context.Context, in *ask) (*list, error) {
			f := in.filter()
			f.Limit, f.After = in.Limit, in.After
			found, next, err := s.List(ctx, f)
			if err != nil {
				return nil, err
			}
			out := &list{SystemListView{Items: make([]SystemLineView, len(found)), Next: next}}
			for i := range found {
				out.Body.Items[i] = s.line(&found[i])
			}
			return out, nil
		})
	huma.Register(api, op(module.ActionSystemRead, "get-system", http.MethodGet, "/systems/{id}", "One information system"),
		func(ctx context.Context, in *byID) (*systemOne, error) {
			x, err := s.Get(ctx, in.ID)
			return s.answer(ctx, x, err)
		})
	type history struct{ Body module.List[SystemChangeView] }
	huma.Register(api, op(module.ActionSystemRead, "list-system-changes", http.MethodGet, "/systems/{id}/changes", "What became of a system, by field, the newest first"),
		func(ctx context.Context, in *byID) (*history, error) {
			found, err := s.History(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &history{module.ListOf(found, changeView)}, nil
		})
	s.changeRoutes(api)
	s.assetRoutes(api)
	s.undeclaredRoutes(api)
	s.sheetRoutes(api)
}

func (s *Service) changeRoutes(api huma.API) {
	add := op(module.ActionSystemManage, "add-system", http.MethodPost, "/systems", "Enter an information system into the register")
	add.DefaultStatus = http.StatusCreated
	type addSystem struct{ Body Facts }
	huma.Register(api, add, func(ctx context.Context, in *addSystem) (*systemOne, error) {
		x, err := s.Add(ctx, in.Body)
		return s.answer(ctx, x, err)
	})
	type changeSystem struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Facts

			Version int64 `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionSystemManage, "change-system", http.MethodPut, "/systems/{id}", "Change what is written of a system"),
		func(ctx context.Context, in *changeSystem) (*systemOne, error) {
			x, err := s.Edit(ctx, in.ID, in.Body.Facts, in.Body.Version)
			return s.answer(ctx, x, err)
		})
	type stepSystem struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			State   string `json:"state" enum:"operating,planned,retired"`
			Note    string `json:"note" maxLength:"2000" doc:"why"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionSystemManage, "step-system", http.MethodPost, "/systems/{id}/state", "Put a system into operation, take it back, or retire it"),
		func(ctx context.Context, in *stepSystem) (*systemOne, error) {
			x, err := s.SetState(ctx, in.ID, in.Body.State, in.Body.Note, in.Body.Version)
			return s.answer(ctx, x, err)
		})
}

func (s *Service) answer(ctx context.Context, x System, err error) (*systemOne, error) {
	if err != nil {
		return nil, err
	}
	return &systemOne{s.view(module.PrincipalOf(ctx), &x)}, nil
}
