package system

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// UndeclaredHostView is a host of logs that is no asset.
type UndeclaredHostView struct {
	Unit       event.UnitID `json:"unit"`
	UnitName   string       `json:"unitName"`
	Host       string       `json:"host" doc:"as logs name it; empty: they name none"`
	Address    string       `json:"address" doc:"that its logs came from"`
	FirstSeen  module.Time  `json:"firstSeen"`
	LastSeen   module.Time  `json:"lastSeen"`
	System     string       `json:"system" doc:"id of the system in whose zone the address is"`
	SystemName string       `json:"systemName"`
	Reason     string       `json:"reason" doc:"why it need not be declared"`
	By         string       `json:"by"`
	At         *module.Time `json:"at,omitempty"`
	MayManage  bool         `json:"mayManage"`
}

// EndingView is a licence or a certificate that ends, or has ended.
type EndingView struct {
	Kind       string       `json:"kind" enum:"licence,certificate"`
	What       string       `json:"what"`
	Asset      string       `json:"asset" doc:"id, of a licence"`
	System     string       `json:"system" doc:"id; empty: of no system"`
	SystemName string       `json:"systemName"`
	Unit       event.UnitID `json:"unit"`
	UnitName   string       `json:"unitName"`
	Ends       module.Date  `json:"ends"`
	Ended      bool         `json:"ended"`
}

func (s *Service) undeclaredRoutes(api huma.API) {
	type ask struct {
		Unit    event.UnitID `query:"unit" maxLength:"64"`
		Ignored bool         `query:"ignored" doc:"those that need not be declared instead"`
	}
	type list struct {
		Body module.List[UndeclaredHostView]
	}
	huma.Register(api, assetOp(module.ActionSystemRead, "list-undeclared-hosts", http.MethodGet, "/undeclared-hosts", "Hosts that logs tell of and nobody declared, those heard last first"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, err := s.Undeclared(ctx, in.Unit, in.Ignored)
			if err != nil {
				return nil, err
			}
			p := module.PrincipalOf(ctx)
			return &list{module.ListOf(found, func(h Undeclared) UndeclaredHostView {
				return UndeclaredHostView{h.Unit, s.Units.Name(h.Unit), h.Host, h.Address, module.Time{Time: h.First}, module.Time{Time: h.Last}, h.System.ID, h.System.Name,
					h.Reason, h.By, module.TimeOrNil(h.At), p.Can(module.ActionSystemManage, h.Unit)}
			})}, nil
		})
	type ignoreHost struct {
		Body struct {
			Unit   event.UnitID `json:"unit" maxLength:"64"`
			Host   string       `json:"host" minLength:"1" maxLength:"253"`
			Reason string       `json:"reason" minLength:"1" maxLength:"2000"`
		}
	}
	ignore := assetOp(module.ActionSystemManage, "ignore-undeclared-host", http.MethodPost, "/undeclared-hosts/ignored", "Say that a host need not be declared, and why")
	ignore.DefaultStatus = http.StatusNoContent
	huma.Register(api, ignore, func(ctx context.Context, in *ignoreHost) (*struct{}, error) {
		return nil, s.Ignore(ctx, in.Body.Unit, in.Body.Host, in.Body.Reason)
	})
	type heedHost struct {
		Unit event.UnitID `query:"unit" maxLength:"64" required:"true"`
		Host string       `query:"host" maxLength:"253" required:"true"`
	}
	heed := assetOp(module.ActionSystemManage, "heed-undeclared-host", http.MethodDelete, "/undeclared-hosts/ignored", "Take back that a host need not be declared")
	heed.DefaultStatus = http.StatusNoContent
	huma.Register(api, heed, func(ctx context.Context, in *heedHost) (*struct{}, error) { return nil, s.Heed(ctx, in.Unit, in.Host) })

	type horizon struct {
		Unit event.UnitID `query:"unit" maxLength:"64"`
		Days int          `query:"days" minimum:"0" maximum:"3660" default:"90"`
	}
	type endings struct{ Body module.List[EndingView] }
	huma.Register(api, assetOp(module.ActionSystemRead, "list-endings", http.MethodGet, "/asset-endings", "Licences and certificates that end within so many days, or have ended, the first to end first"),
		func(ctx context.Context, in *horizon) (*endings, error) {
			found, err := s.Endings(ctx, in.Unit, in.Days)
			if err != nil {
				return nil, err
			}
			ids := make([]string, len(found))
			for i := range found {
				ids[i] = found[i].System
			}
			names, err := s.store.named(ctx, ids)
			if err != nil {
				return nil, err
			}
			today := module.DateOf(s.Now())
			return &endings{module.ListOf(found, func(e Ending) EndingView {
				return EndingView{e.Kind, e.What, e.Asset, e.System, names[e.System].Name, e.Unit, s.Units.Name(e.Unit), e.Ends, e.Ends < today}
			})}, nil
		})
}
