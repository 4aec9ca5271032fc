package unit

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func (s *Service) changeRoutes(api huma.API) {
	type updateUnit struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version   int64   `json:"version"`
			Name      *string `json:"name,omitempty" maxLength:"400"`
			ShortName *string `json:"shortName,omitempty" maxLength:"400"`
			Kind      *string `json:"kind,omitempty" maxLength:"48"`
			Code      *string `json:"code,omitempty" maxLength:"64"`
			Province  *string `json:"province,omitempty" maxLength:"2"`
			ValidFrom *string `json:"validFrom,omitempty" maxLength:"10" doc:"empty: since ever"`
			Address   *string `json:"address,omitempty" maxLength:"2000"`
			Note      *string `json:"note,omitempty" maxLength:"4000"`
		}
	}
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "update-unit", Method: http.MethodPatch, Path: "/units/{id}", Tags: tags,
		Summary: "Change what a unit is; 409 unit.changed if its version is another",
	}), func(ctx context.Context, in *updateUnit) (*oneUnit, error) {
		b := &in.Body
		c := Change{
			Version: b.Version, Name: b.Name, ShortName: b.ShortName, Kind: (*Kind)(b.Kind), Code: b.Code, Province: b.Province,
			Address: b.Address, Note: b.Note,
		}
		if b.ValidFrom != nil {
			from, err := module.ParseDate(*b.ValidFrom, "unit.bad-date", "validFrom")
			if err != nil {
				return nil, err
			}
			c.ValidFrom = &from
		}
		u, err := s.Update(ctx, event.UnitID(in.ID), c)
		return s.answer(ctx, u, err)
	})

	type setContacts struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version  int64            `json:"version"`
			Address  string           `json:"address" maxLength:"2000"`
			Contacts UnitContactsView `json:"contacts"`
		}
	}
	huma.Register(api, module.Op(module.ActionUnitContacts, huma.Operation{
		OperationID: "set-unit-contacts", Method: http.MethodPut, Path: "/units/{id}/contacts", Tags: tags,
		Summary: "Replace whom to reach in a unit, and its address; 409 unit.changed if its version is another",
	}), func(ctx context.Context, in *setContacts) (*oneUnit, error) {
		u, err := s.SetContacts(ctx, event.UnitID(in.ID), in.Body.Version, in.Body.Address, in.Body.Contacts.contacts())
		return s.answer(ctx, u, err)
	})
}

// SeenUnitView names a unit and the version the caller saw.
type SeenUnitView struct {
	ID      string `json:"id" maxLength:"64"`
	Version int64  `json:"version"`
}

// SuccessorView is a unit that succeeds others: one that is registered, by its
// version, or a new one, by its name.
type SuccessorView struct {
	ID        string `json:"id" maxLength:"64"`
	Version   int64  `json:"version,omitempty" doc:"absent: the unit is new"`
	Name      string `json:"name,omitempty" maxLength:"400" doc:"of a new unit"`
	Kind      string `json:"kind,omitempty" maxLength:"48" doc:"absent: as the name says"`
	Parent    string `json:"parent,omitempty" maxLength:"64" doc:"absent: that of the first unit that ends"`
	ShortName string `json:"shortName,omitempty" maxLength:"400"`
	Code      string `json:"code,omitempty" maxLength:"64"`
}

// ReorganisedView is the outcome of a reorganisation.
type ReorganisedView struct {
	ID    string     `json:"id" doc:"to undo it by"`
	Units []UnitView `json:"units" nullable:"false" doc:"all units touched"`
}

func (s *Service) reorganiseRoutes(api huma.API) {
	type reorganise struct {
		Body struct {
			Kind     string          `json:"kind" enum:"merge,split,rename,end"`
			Day      string          `json:"day" maxLength:"10" example:"2025-07-01" doc:"from which it counts"`
			Decision string          `json:"decision,omitempty" maxLength:"2000" doc:"number and title of the paper"`
			Units    []SeenUnitView  `json:"units" minItems:"1" maxItems:"50" nullable:"false" doc:"those that end, or the one renamed"`
			Into     []SuccessorView `json:"into,omitempty" maxItems:"50" nullable:"false" doc:"successors, the first answering before the others"`
			Name     string          `json:"name,omitempty" maxLength:"400" doc:"of rename"`
		}
	}
	type outcome struct{ Body ReorganisedView }
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "reorganise-units", Method: http.MethodPost, Path: "/unit-reorganisations", Tags: tags,
		Summary:     "Merge, split, rename or end units",
		Description: "Units that end keep their id and everything stored under it; who sees a successor sees them. What is under a unit that ends comes under its first successor. 409 unit.changed, unit.ended, unit.exists, unit.has-children, unit.children-future, unit.centre-fixed.",
	}), func(ctx context.Context, in *reorganise) (*outcome, error) {
		b := &in.Body
		day, err := module.ParseDate(b.Day, "unit.bad-date", "day")
		if err != nil {
			return nil, err
		}
		r := Reorganisation{Kind: ReorganisationKind(b.Kind), Day: day, Decision: b.Decision, Name: b.Name}
		for _, u := range b.Units {
			r.Units = append(r.Units, Seen{event.UnitID(u.ID), u.Version})
		}
		for _, u := range b.Into {
			r.Into = append(r.Into, Seen{event.UnitID(u.ID), u.Version})
			if u.Version == 0 {
				r.New = append(r.New, Unit{
					ID: event.UnitID(u.ID), Name: u.Name, Kind: Kind(u.Kind), Parent: event.UnitID(u.Parent), ShortName: u.ShortName, Code: u.Code,
				})
			}
		}
		id, units, err := s.Reorganise(ctx, r)
		if err != nil {
			return nil, err
		}
		return &outcome{ReorganisedView{id, module.ListOf(units, s.viewer(ctx).unit).Items}}, nil
	})

	type undone struct{ Body module.List[UnitView] }
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "undo-unit-reorganisation", Method: http.MethodPost, Path: "/unit-reorganisations/{id}/undo", Tags: tags,
		Summary: "Take a reorganisation back; 409 unit.not-undoable if one of its units has changed since",
	}), func(ctx context.Context, in *byID) (*undone, error) {
		units, err := s.Undo(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &undone{module.ListOf(units, s.viewer(ctx).unit)}, nil
	})
}

// ProvinceView is a province or centrally-run city.
type ProvinceView struct {
	Code         string   `json:"code" example:"68"`
	Name         string   `json:"name" example:"Lâm Đồng"`
	FullName     string   `json:"fullName" example:"Tỉnh Lâm Đồng"`
	City         bool     `json:"city"`
	From         []string `json:"from" nullable:"false" doc:"what it was made of in 2025, itself first"`
	CodeVerified bool     `json:"codeVerified" doc:"false: the code is to be checked against the decision in force"`
}

// UnitProposalView is an agency proposed for a province's tree.
type UnitProposalView struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	ShortName string `json:"shortName"`
	Kind      string `json:"kind"`
	Proposed  bool   `json:"proposed" doc:"nearly every province has it"`
	Exists    bool   `json:"exists" doc:"a unit of this id is registered"`
}

func (s *Service) templateRoutes(api huma.API) {
	type provincesOut struct {
		Body module.List[ProvinceView]
	}
	huma.Register(api, module.Op(module.ActionUnitRead, huma.Operation{
		OperationID: "list-provinces", Method: http.MethodGet, Path: "/unit-templates", Tags: tags,
		Summary: "The 34 provinces and centrally-run cities, by code",
	}), func(ctx context.Context, _ *struct{}) (*provincesOut, error) {
		list, err := s.Provinces(ctx)
		if err != nil {
			return nil, err
		}
		return &provincesOut{module.ListOf(list, func(p Province) ProvinceView {
			return ProvinceView{p.Code, p.Name, p.FullName(), p.City, p.From, p.CodeVerified}
		})}, nil
	})

	type byCode struct {
		Code string `path:"code" maxLength:"2"`
	}
	type proposals struct {
		Body module.List[UnitProposalView]
	}
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "get-unit-template", Method: http.MethodGet, Path: "/unit-templates/{code}", Tags: tags,
		Summary: "What a province's tree may be made of, the province's own unit first",
	}), func(ctx context.Context, in *byCode) (*proposals, error) {
		list, err := s.Proposals(ctx, in.Code)
		if err != nil {
			return nil, err
		}
		return &proposals{module.ListOf(list, func(p Proposal) UnitProposalView {
			return UnitProposalView{string(p.ID), p.Name, p.Short, string(p.Kind), p.Proposed, p.Exists}
		})}, nil
	})

	type plant struct {
		Code string `path:"code" maxLength:"2"`
		Body struct {
			Units []struct {
				ID   string `json:"id" maxLength:"64"`
				Name string `json:"name,omitempty" maxLength:"400" doc:"absent: as proposed"`
			} `json:"units" maxItems:"200" nullable:"false" doc:"the proposals to register; those that exist are left as they are"`
		}
	}
	type planted struct{ Body module.List[UnitView] }
	huma.Register(api, module.Op(module.ActionUnitManage, huma.Operation{
		OperationID: "apply-unit-template", Method: http.MethodPost, Path: "/unit-templates/{code}", Tags: tags,
		Summary: "Make a province's tree: its own unit and, under it, the agencies chosen; answers with the new units",
	}), func(ctx context.Context, in *plant) (*planted, error) {
		chosen := make([]Chosen, len(in.Body.Units))
		for i, u := range in.Body.Units {
			chosen[i] = Chosen{event.UnitID(u.ID), u.Name}
		}
		units, err := s.Plant(ctx, in.Code, chosen)
		if err != nil {
			return nil, err
		}
		return &planted{module.ListOf(units, s.viewer(ctx).unit)}, nil
	})
}
