package unit

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// UnitView is a unit on the wire; the OpenAPI document calls it Unit.
type UnitView struct {
	ID        event.UnitID `json:"id" example:"so-noi-vu"`
	Name      string       `json:"name" example:"Sở Nội vụ"`
	Kind      string       `json:"kind" enum:"centre,department,commune,enterprise,other"`
	CreatedAt module.Time  `json:"createdAt"`
}

func view(u Unit) UnitView {
	return UnitView{ID: u.ID, Name: u.Name, Kind: string(u.Kind), CreatedAt: module.Time{Time: u.CreatedAt}}
}

func (s *Service) routes(api huma.API) {
	type list struct{ Body module.List[UnitView] }
	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "list-units", Method: http.MethodGet, Path: "/units", Tags: []string{"administration"},
		Summary: "Units the caller sees",
	}), func(ctx context.Context, _ *struct{}) (*list, error) {
		units, err := s.List(ctx)
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(units, view)}, nil
	})

	type createUnit struct {
		Body struct {
			ID   string `json:"id" maxLength:"48" example:"so-noi-vu"`
			Name string `json:"name" maxLength:"200" example:"Sở Nội vụ"`
			Kind string `json:"kind,omitempty" enum:"department,commune,enterprise,other" default:"department"`
		}
	}
	type created struct{ Body UnitView }
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "create-unit", Method: http.MethodPost, Path: "/units", Tags: []string{"administration"},
		Summary: "Register a unit",
	}), func(ctx context.Context, in *createUnit) (*created, error) {
		u, err := s.Create(ctx, Unit{ID: event.UnitID(in.Body.ID), Name: in.Body.Name, Kind: Kind(in.Body.Kind)})
		if err != nil {
			return nil, err
		}
		return &created{view(u)}, nil
	})
}
