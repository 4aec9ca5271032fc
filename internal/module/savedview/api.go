package savedview

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// SavedViewView is a view on the wire.
type SavedViewView struct {
	ID        string            `json:"id"`
	Page      string            `json:"page"`
	Name      string            `json:"name"`
	Address   string            `json:"address" doc:"what stands after the question mark of the page's address"`
	Shared    bool              `json:"shared"`
	Owner     module.PersonView `json:"owner"`
	Mine      bool              `json:"mine"`
	MayRemove bool              `json:"mayRemove"`
}

func viewOf(p module.Principal, v *View) SavedViewView {
	return SavedViewView{ID: v.ID, Page: v.Page, Name: v.Name, Address: v.Address, Shared: v.Shared,
		Owner: module.PersonView{ID: v.OwnerID, DisplayName: v.OwnerName}, Mine: v.OwnerID == p.ID, MayRemove: v.removableBy(p)}
}

func (s *Service) routes(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return module.Op(module.ActionViewSave, huma.Operation{OperationID: id, Method: method, Path: "/views" + path, Tags: []string{"views"}, Summary: summary})
	}
	type ask struct {
		Page string `query:"page" required:"true" enum:"systems,assets,dossiers"`
	}
	type list struct{ Body module.List[SavedViewView] }
	huma.Register(api, op("list-views", http.MethodGet, "", "Saved views of a list that the caller sees, by name; at most 500"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, err := s.List(ctx, in.Page)
			if err != nil {
				return nil, err
			}
			p := module.PrincipalOf(ctx)
			return &list{module.ListOf(found, func(v View) SavedViewView { return viewOf(p, &v) })}, nil
		})
	type saveView struct {
		Body struct {
			Page    string `json:"page" enum:"systems,assets,dossiers"`
			Name    string `json:"name" minLength:"1" maxLength:"240"`
			Address string `json:"address" maxLength:"2000"`
			Shared  bool   `json:"shared" doc:"with those who see the unit of the caller"`
		}
	}
	type one struct{ Body SavedViewView }
	huma.Register(api, op("save-view", http.MethodPost, "", "Save a view of a list, in place of one's own of that name"),
		func(ctx context.Context, in *saveView) (*one, error) {
			v, err := s.Save(ctx, View{Page: in.Body.Page, Name: in.Body.Name, Address: in.Body.Address, Shared: in.Body.Shared})
			if err != nil {
				return nil, err
			}
			return &one{viewOf(module.PrincipalOf(ctx), &v)}, nil
		})
	remove := op("remove-view", http.MethodDelete, "/{id}", "Remove a saved view")
	remove.DefaultStatus = http.StatusNoContent
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, remove, func(ctx context.Context, in *byID) (*struct{}, error) { return nil, s.Remove(ctx, in.ID) })
}
