package system

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// AssetView is something a system is made of.
type AssetView struct {
	AssetFacts

	ID         string       `json:"id"`
	SystemCode string       `json:"systemCode" doc:"empty: of no system"`
	SystemName string       `json:"systemName"`
	Unit       event.UnitID `json:"unit"`
	UnitName   string       `json:"unitName"`
	UpdatedAt  module.Time  `json:"updatedAt"`
	UpdatedBy  string       `json:"updatedBy"`
	MayManage  bool         `json:"mayManage"`
	Version    int64        `json:"version" doc:"send it back with a change"`
}

// AssetListView is a page of assets.
type AssetListView struct {
	Items []AssetView `json:"items" nullable:"false"`
	Next  string      `json:"next" doc:"cursor of the next page; empty: the last"`
}

// assetViews shows assets with the names of their systems.
func (s *Service) assetViews(ctx context.Context, list []Asset) ([]AssetView, error) {
	p := module.PrincipalOf(ctx)
	ids := make([]string, 0, len(list))
	for i := range list {
		ids = append(ids, list[i].System)
	}
	names, err := s.store.named(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]AssetView, len(list))
	for i := range list {
		x := &list[i]
		out[i] = AssetView{AssetFacts: x.AssetFacts, ID: x.ID, Unit: x.Unit, UnitName: s.Units.Name(x.Unit), UpdatedAt: module.Time{Time: x.UpdatedAt}, UpdatedBy: x.UpdatedBy,
			MayManage: p.Require(module.ActionSystemManage) == nil && seesAsset(p, x), Version: x.Version}
		if of, ok := names[x.System]; ok {
			out[i].SystemCode, out[i].SystemName = of.Code(), of.Name
		}
	}
	return out, nil
}

type assetOne struct{ Body AssetView }

func (s *Service) answerAsset(ctx context.Context, x Asset, err error) (*assetOne, error) {
	if err != nil {
		return nil, err
	}
	views, err := s.assetViews(ctx, []Asset{x})
	if err != nil {
		return nil, err
	}
	return &assetOne{views[0]}, nil
}

func assetOp(a module.Action, id, method, path, summary string) huma.Operation {
	o := op(a, id, method, path, summary)
	o.Tags = []string{"assets"}
	return o
}

// AssetFilters are how a list of assets is narrowed, in a query.
type AssetFilters struct {
	Text       string       `query:"q" maxLength:"200" doc:"in the name, host, address, vendor, product and place, without marks"`
	System     string       `query:"system" maxLength:"64"`
	Unit       event.UnitID `query:"unit" maxLength:"64"`
	Kind       string       `query:"kind" enum:"host,device,service,software"`
	Foreign    bool         `query:"foreign"`
	Donated    bool         `query:"donated"`
	Vietnamese bool         `query:"vietnamese"`
}

func (in *AssetFilters) filter() AssetFilter {
	return AssetFilter{Text: in.Text, System: in.System, Unit: in.Unit, Kind: in.Kind, Foreign: in.Foreign, Donated: in.Donated, Vietnamese: in.Vietnamese}
}

func (s *Service) assetRoutes(api huma.API) {
	type ask struct {
		AssetFilters

		Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
		After string `query:"after" maxLength:"800" doc:"next of the page before"`
	}
	type list struct{ Body AssetListView }
	huma.Register(api, assetOp(module.ActionSystemRead, "list-assets", http.MethodGet, "/assets", "The inventory of machines, devices, services and software, by name"),
		func(ctx context.Context, in *ask) (*list, error) {
			f := in.filter()
			f.Limit, f.After = in.Limit, in.After
			found, next, err := s.Assets(ctx, f)
			if err != nil {
				return nil, err
			}
			views, err := s.assetViews(ctx, found)
			return &list{AssetListView{Items: views, Next: next}}, err
		})
	huma.Register(api, assetOp(module.ActionSystemRead, "get-asset", http.MethodGet, "/assets/{id}", "One asset"),
		func(ctx context.Context, in *byID) (*assetOne, error) {
			x, err := s.Asset(ctx, in.ID)
			return s.answerAsset(ctx, x, err)
		})
	add := assetOp(module.ActionSystemManage, "add-asset", http.MethodPost, "/assets", "Enter an asset into the inventory")
	add.DefaultStatus = http.StatusCreated
	type addAsset struct {
		Body struct {
			AssetFacts

			Unit event.UnitID `json:"unit" maxLength:"64" doc:"of an asset of no system; else its system's owner has it"`
		}
	}
	huma.Register(api, add, func(ctx context.Context, in *addAsset) (*assetOne, error) {
		x, err := s.AddAsset(ctx, in.Body.AssetFacts, in.Body.Unit)
		return s.answerAsset(ctx, x, err)
	})
	type changeAsset struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			AssetFacts

			Version int64 `json:"version"`
		}
	}
	huma.Register(api, assetOp(module.ActionSystemManage, "change-asset", http.MethodPut, "/assets/{id}", "Change an asset"),
		func(ctx context.Context, in *changeAsset) (*assetOne, error) {
			x, err := s.EditAsset(ctx, in.ID, in.Body.AssetFacts, in.Body.Version)
			return s.answerAsset(ctx, x, err)
		})
	remove := assetOp(module.ActionSystemManage, "remove-asset", http.MethodDelete, "/assets/{id}", "Take an asset away")
	remove.DefaultStatus = http.StatusNoContent
	huma.Register(api, remove, func(ctx context.Context, in *byID) (*struct{}, error) { return nil, s.RemoveAsset(ctx, in.ID) })
}
