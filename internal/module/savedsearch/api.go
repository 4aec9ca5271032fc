package savedsearch

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// StateView is a JSON object that means something to the page that made it.
type StateView json.RawMessage

// MarshalJSON writes the object, {} if there is none.
func (v StateView) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("{}"), nil
	}
	return v, nil
}

// UnmarshalJSON keeps the text.
func (v *StateView) UnmarshalJSON(b []byte) error {
	*v = append((*v)[:0], b...)
	return nil
}

// Schema describes any object.
func (StateView) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "opaque to the server; at most 8 KB"}
}

// SavedView is a saved search on the wire.
type SavedView struct {
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	Description string               `json:"description"`
	Query       string               `json:"query"`
	Range       module.TimeRangeView `json:"range"`
	Columns     []string             `json:"columns" nullable:"false"`
	View        StateView            `json:"view"`
	Visibility  string               `json:"visibility" enum:"private,unit,everyone"`
	Owner       module.PersonView    `json:"owner"`
	Unit        event.UnitID         `json:"unit" doc:"the owner's"`
	Mine        bool                 `json:"mine"`
	Editable    bool                 `json:"editable" doc:"the caller may change and remove it"`
	Version     int64                `json:"version" doc:"send it back with a change"`
	CreatedAt   module.Time          `json:"createdAt"`
	UpdatedAt   module.Time          `json:"updatedAt"`
}

func (s *Service) views(ctx context.Context, list []Saved) ([]SavedView, error) {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].OwnerID
	}
	names, err := s.people.DisplayNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	p := module.PrincipalOf(ctx)
	out := make([]SavedView, len(list))
	for i := range list {
		v := &list[i]
		out[i] = SavedView{
			ID: v.ID, Name: v.Name, Description: v.Description, Query: v.Query, Range: module.TimeRangeView{From: v.From, To: v.To},
			Columns: v.Columns, View: StateView(v.View), Visibility: string(v.Visibility),
			Owner: module.PersonView{ID: v.OwnerID, DisplayName: names[v.OwnerID]}, Unit: v.Unit,
			Mine: v.OwnerID == p.ID, Editable: v.editableBy(p), Version: v.Version,
			CreatedAt: module.Time{Time: v.CreatedAt}, UpdatedAt: module.Time{Time: v.UpdatedAt},
		}
	}
	return out, nil
}

type savedOut struct{ Body SavedView }

func (s *Service) answer(ctx context.Context, saved Saved, err error) (*savedOut, error) {
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, []Saved{saved})
	if err != nil {
		return nil, err
	}
	return &savedOut{views[0]}, nil
}

func (s *Service) routes(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return module.Op(module.ActionEventRead, huma.Operation{
			OperationID: id, Method: method, Path: "/search/saved" + path, Tags: []string{"search"}, Summary: summary,
		})
	}
	type ask struct {
		Q    string `query:"q" maxLength:"200" doc:"in the name or description, without marks"`
		Mine bool   `query:"mine" doc:"only the caller's own"`
	}
	type list struct{ Body module.List[SavedView] }
	huma.Register(api, op("list-saved-searches", http.MethodGet, "", "Saved searches the caller sees, by name; at most 1,000"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, err := s.List(ctx, in.Q, in.Mine)
			if err != nil {
				return nil, err
			}
			views, err := s.views(ctx, found)
			return &list{module.List[SavedView]{Items: views}}, err
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op("get-saved-search", http.MethodGet, "/{id}", "One saved search"),
		func(ctx context.Context, in *byID) (*savedOut, error) {
			saved, err := s.Get(ctx, in.ID)
			return s.answer(ctx, saved, err)
		})

	type saveSearch struct {
		Body struct {
			Name        string               `json:"name" maxLength:"240"`
			Description string               `json:"description,omitempty" maxLength:"2000"`
			Query       string               `json:"query" maxLength:"16384"`
			Range       module.TimeRangeView `json:"range"`
			Columns     []string             `json:"columns,omitempty" maxItems:"64"`
			View        StateView            `json:"view,omitempty"`
			Visibility  string               `json:"visibility,omitempty" enum:"private,unit,everyone" default:"private"`
		}
	}
	huma.Register(api, op("save-search", http.MethodPost, "", "Save a search; 409 saved.exists if the caller has one of that name"),
		func(ctx context.Context, in *saveSearch) (*savedOut, error) {
			b := &in.Body
			saved, err := s.Create(ctx, Saved{
				Name: b.Name, Description: b.Description, Query: b.Query, From: b.Range.From, To: b.Range.To,
				Columns: b.Columns, View: json.RawMessage(b.View), Visibility: Visibility(b.Visibility),
			})
			return s.answer(ctx, saved, err)
		})

	type copySearch struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Name string `json:"name,omitempty" maxLength:"240" doc:"of the copy; absent: the same"`
		}
	}
	huma.Register(api, op("copy-saved-search", http.MethodPost, "/{id}/copy", "A private copy of a saved search, the caller's own"),
		func(ctx context.Context, in *copySearch) (*savedOut, error) {
			saved, err := s.Copy(ctx, in.ID, in.Body.Name)
			return s.answer(ctx, saved, err)
		})
	s.changeRoutes(api, op)
}

func (s *Service) changeRoutes(api huma.API, op func(id, method, path, summary string) huma.Operation) {
	type changeSearch struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version     int64                 `json:"version"`
			Name        *string               `json:"name,omitempty" maxLength:"240"`
			Description *string               `json:"description,omitempty" maxLength:"2000"`
			Query       *string               `json:"query,omitempty" maxLength:"16384"`
			Range       *module.TimeRangeView `json:"range,omitempty"`
			Columns     *[]string             `json:"columns,omitempty" maxItems:"64"`
			View        *StateView            `json:"view,omitempty"`
			Visibility  *string               `json:"visibility,omitempty" enum:"private,unit,everyone"`
		}
	}
	huma.Register(api, op("update-saved-search", http.MethodPatch, "/{id}", "Change a saved search; 409 saved.changed if its version is another"),
		func(ctx context.Context, in *changeSearch) (*savedOut, error) {
			b := &in.Body
			c := Change{
				Version: b.Version, Name: b.Name, Description: b.Description, Query: b.Query, Columns: b.Columns,
				View: (*[]byte)(b.View), Visibility: (*Visibility)(b.Visibility),
			}
			if b.Range != nil {
				c.From, c.To = &b.Range.From, &b.Range.To
			}
			saved, err := s.Update(ctx, in.ID, c)
			return s.answer(ctx, saved, err)
		})

	type removeSearch struct {
		ID      string `path:"id" maxLength:"64"`
		Version int64  `query:"version" required:"true" doc:"the one the caller saw"`
	}
	huma.Register(api, op("remove-saved-search", http.MethodDelete, "/{id}", "Remove a saved search; 409 saved.changed if its version is another"),
		func(ctx context.Context, in *removeSearch) (*struct{}, error) {
			return nil, s.Remove(ctx, in.ID, in.Version)
		})
}
