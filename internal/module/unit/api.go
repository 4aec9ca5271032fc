package unit

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

var tags = []string{"units"}

type byID struct {
	ID string `path:"id" maxLength:"64"`
}

type oneUnit struct{ Body UnitDetailView }

func (s *Service) answer(ctx context.Context, u Unit, err error) (*oneUnit, error) {
	if err != nil {
		return nil, err
	}
	return &oneUnit{s.viewer(ctx).detail(u)}, nil
}

func (s *Service) routes(api huma.API) {
	s.readRoutes(api)
	s.manageRoutes(api)
	s.changeRoutes(api)
	s.reorganiseRoutes(api)
	s.templateRoutes(api)
	s.sheetRoutes(api)
}

func (s *Service) readRoutes(api huma.API) {
	type filter struct {
		Q      string `query:"q" maxLength:"200" doc:"in the name, the short name, the code or the id, without marks"`
		Group  string `query:"group" maxLength:"48" doc:"group of types"`
		Kind   string `query:"kind" maxLength:"48"`
		Under  string `query:"under" maxLength:"64" doc:"this unit and what is below it"`
		At     string `query:"at" maxLength:"10" example:"2025-06-30" doc:"only those in force on that day"`
		Status string `query:"status" enum:"active,planned,ended"`
	}
	type list struct{ Body module.List[UnitView] }
	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "list-units", Method: http.MethodGet, Path: "/units", Tags: tags,
		Summary: "Units the caller sees, by name, ended ones included", Description: "The tree follows from each unit's parent.",
	}), func(ctx context.Context, in *filter) (*list, error) {
		at, err := module.ParseDate(in.At, "unit.bad-date", "at")
		if err != nil {
			return nil, err
		}
		units, err := s.List(ctx, Filter{
			Text: in.Q, Group: in.Group, Kind: Kind(in.Kind), Under: event.UnitID(in.Under), At: at, Status: Status(in.Status),
		})
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(units, s.viewer(ctx).unit)}, nil
	})

	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "get-unit", Method: http.MethodGet, Path: "/units/{id}", Tags: tags, Summary: "One unit with its contacts and place",
	}), func(ctx context.Context, in *byID) (*oneUnit, error) {
		u, err := s.Get(ctx, event.UnitID(in.ID))
		return s.answer(ctx, u, err)
	})

	type history struct {
		Body module.List[UnitHappeningView]
	}
	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "get-unit-history", Method: http.MethodGet, Path: "/units/{id}/history", Tags: tags,
		Summary: "What happened to a unit, newest first; at most 500",
	}), func(ctx context.Context, in *byID) (*history, error) {
		list, err := s.History(ctx, event.UnitID(in.ID))
		if err != nil {
			return nil, err
		}
		return &history{module.ListOf(list, s.viewer(ctx).happening)}, nil
	})

	type typesOut struct{ Body module.List[UnitTypeView] }
	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "list-unit-types", Method: http.MethodGet, Path: "/unit-types", Tags: tags, Summary: "Types of agency, in the order to show them",
	}), func(ctx context.Context, _ *struct{}) (*typesOut, error) {
		list, err := s.Types(ctx)
		if err != nil {
			return nil, err
		}
		return &typesOut{module.ListOf(list, func(t Type) UnitTypeView {
			return UnitTypeView{ID: string(t.ID), Group: t.Group, NameVi: t.Vi, NameEn: t.En}
		})}, nil
	})
}

// UnitTypeView is a type of agency on the wire.
type UnitTypeView struct {
	ID     string `json:"id" example:"ward"`
	Group  string `json:"group" example:"commune"`
	NameVi string `json:"nameVi" example:"Phường"`
	NameEn string `json:"nameEn" example:"Ward"`
}

func (s *Service) manageRoutes(api huma.API) {
	type createUnit struct {
		Body struct {
			ID        string `json:"id" maxLength:"64" example:"so-noi-vu"`
			Name      string `json:"name" maxLength:"400" example:"Sở Nội vụ"`
			Kind      string `json:"kind,omitempty" maxLength:"48" example:"department" doc:"absent: as the name says"`
			Parent    string `json:"parent,omitempty" maxLength:"64" doc:"absent: the centre"`
			ShortName string `json:"shortName,omitempty" maxLength:"400"`
			Code      string `json:"code,omitempty" maxLength:"64"`
			Province  string `json:"province,omitempty" maxLength:"2"`
			ValidFrom string `json:"validFrom,omitempty" maxLength:"10" example:"2025-07-01"`
			Address   string `json:"address,omitempty" maxLength:"2000"`
			Note      string `json:"note,omitempty" maxLength:"4000"`
		}
	}
	type created struct{ Body UnitView }
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "create-unit", Method: http.MethodPost, Path: "/units", Tags: tags,
		Summary: "Register a unit; 409 unit.exists, unit.parent-unknown, unit.parent-ended, unit.too-deep",
	}), func(ctx context.Context, in *createUnit) (*created, error) {
		b := &in.Body
		from, err := module.ParseDate(b.ValidFrom, "unit.bad-date", "validFrom")
		if err != nil {
			return nil, err
		}
		u, err := s.Create(ctx, Unit{
			ID: event.UnitID(b.ID), Name: b.Name, Kind: Kind(b.Kind), Parent: event.UnitID(b.Parent), ShortName: b.ShortName, Code: b.Code,
			Province: b.Province, ValidFrom: from, Address: b.Address, Note: b.Note,
		})
		if err != nil {
			return nil, err
		}
		return &created{s.viewer(ctx).unit(u)}, nil
	})

	type moveUnit struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Parent  string `json:"parent" maxLength:"64"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "move-unit", Method: http.MethodPost, Path: "/units/{id}/move", Tags: tags,
		Summary: "Put a unit under another; 409 unit.changed, unit.centre-fixed, unit.circle, unit.too-deep, unit.parent-unknown, unit.parent-ended",
	}), func(ctx context.Context, in *moveUnit) (*oneUnit, error) {
		u, err := s.Move(ctx, event.UnitID(in.ID), event.UnitID(in.Body.Parent), in.Body.Version)
		return s.answer(ctx, u, err)
	})
}
