package connection

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// ConnectedSystem is a side of a connection on the wire.
type ConnectedSystem struct {
	ID   string `json:"id" doc:"empty: outside the register, or not seen by the caller"`
	Code string `json:"code"`
	Name string `json:"name" doc:"empty: the caller does not see the system"`
}

// ConnectionView is a connection on the wire.
type ConnectionView struct {
	ID        string               `json:"id"`
	System    ConnectedSystem      `json:"system" doc:"the side that entered it"`
	Other     ConnectedSystem      `json:"other"`
	Facts     ConnectionFacts      `json:"facts"`
	Health    ConnectionHealthView `json:"health"`
	MayChange bool                 `json:"mayChange"`
	UpdatedAt module.Time          `json:"updatedAt"`
	UpdatedBy string               `json:"updatedBy"`
	Version   int64                `json:"version" doc:"send it back with a change"`
}

// ConnectionHealthView is what the checks told, on the wire.
type ConnectionHealthView struct {
	State           string       `json:"state" enum:"unchecked,up,failing,down"`
	Since           *module.Time `json:"since,omitempty"`
	Checked         *module.Time `json:"checked,omitempty"`
	Milliseconds    int64        `json:"milliseconds" doc:"that the last check that went well took"`
	Failures        int          `json:"failures" doc:"in a row"`
	Code            string       `json:"code" doc:"why the last one failed"`
	Reason          string       `json:"reason"`
	CertificateEnds *module.Time `json:"certificateEnds,omitempty"`
}

// ConnectionListView is a page of connections.
type ConnectionListView struct {
	Items []ConnectionView `json:"items" nullable:"false"`
	Next  string           `json:"next" doc:"cursor of the next page; empty: the last"`
}

// ConnectionOutageView is a time in which a connection did not work, on the wire.
type ConnectionOutageView struct {
	From   module.Time  `json:"from"`
	To     *module.Time `json:"to,omitempty" doc:"absent: it lasts"`
	Code   string       `json:"code"`
	Reason string       `json:"reason"`
}

type byID struct {
	ID string `path:"id" maxLength:"64"`
}

type one struct{ Body ConnectionView }

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"connections"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	type ask struct {
		System string `query:"system" maxLength:"64" doc:"id of a system, of either side"`
		Kind   string `query:"kind" enum:"population,platform,service,data,other"`
		State  string `query:"state" enum:"unchecked,up,failing,down"`
		After  string `query:"after" maxLength:"64" doc:"next of the page before"`
	}
	type list struct{ Body ConnectionListView }
	huma.Register(api, op(module.ActionSystemRead, "list-connections", http.MethodGet, "/connections", "Connections between systems and whether they work"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, next, err := s.List(ctx, Filter{System: in.System, Kind: in.Kind, State: in.State, After: in.After})
			if err != nil {
				return nil, err
			}
			items, err := s.views(ctx, found)
			return &list{ConnectionListView{Items: items, Next: next}}, err
		})
	huma.Register(api, op(module.ActionSystemRead, "get-connection", http.MethodGet, "/connections/{id}", "One connection"),
		func(ctx context.Context, in *byID) (*one, error) {
			c, err := s.Get(ctx, in.ID)
			return s.answer(ctx, c, err)
		})
	type outages struct {
		Body module.List[ConnectionOutageView]
	}
	huma.Register(api, op(module.ActionSystemRead, "list-connection-outages", http.MethodGet, "/connections/{id}/outages", "When a connection did not work, the newest first"),
		func(ctx context.Context, in *byID) (*outages, error) {
			found, err := s.Outages(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &outages{module.ListOf(found, func(o Outage) ConnectionOutageView {
				return ConnectionOutageView{From: module.Time{Time: o.From}, To: module.TimeOrNil(o.To), Code: o.Code, Reason: o.Reason}
			})}, nil
		})
	add := op(module.ActionSystemManage, "add-connection", http.MethodPost, "/connections", "Enter a connection of a system")
	add.DefaultStatus = http.StatusCreated
	type addConnection struct {
		Body struct {
			ConnectionFacts

			System string `json:"system" minLength:"1" maxLength:"64" doc:"id of the system whose side enters it"`
		}
	}
	huma.Register(api, add, func(ctx context.Context, in *addConnection) (*one, error) {
		c, err := s.Add(ctx, in.Body.System, in.Body.ConnectionFacts)
		return s.answer(ctx, c, err)
	})
	type changeConnection struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			ConnectionFacts

			Version int64 `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionSystemManage, "change-connection", http.MethodPut, "/connections/{id}", "Change a connection"),
		func(ctx context.Context, in *changeConnection) (*one, error) {
			c, err := s.Edit(ctx, in.ID, in.Body.ConnectionFacts, in.Body.Version)
			return s.answer(ctx, c, err)
		})
	remove := op(module.ActionSystemManage, "remove-connection", http.MethodDelete, "/connections/{id}", "Take a connection away")
	remove.DefaultStatus = http.StatusNoContent
	huma.Register(api, remove, func(ctx context.Context, in *byID) (*struct{}, error) { return nil, s.Remove(ctx, in.ID) })
	huma.Register(api, op(module.ActionSystemManage, "check-connection", http.MethodPost, "/connections/{id}/check", "See at once whether a connection works"),
		func(ctx context.Context, in *byID) (*one, error) {
			c, err := s.CheckNow(ctx, in.ID)
			return s.answer(ctx, c, err)
		})
}

func (s *Service) answer(ctx context.Context, c Connection, err error) (*one, error) {
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, []Connection{c})
	if err != nil {
		return nil, err
	}
	return &one{views[0]}, nil
}

func (s *Service) views(ctx context.Context, list []Connection) ([]ConnectionView, error) {
	var ids []string
	for i := range list {
		ids = append(ids, list[i].System, list[i].Other)
	}
	names, err := s.Systems.Some(ctx, ids)
	if err != nil {
		return nil, err
	}
	p := module.PrincipalOf(ctx)
	out := make([]ConnectionView, len(list))
	for i := range list {
		c := &list[i]
		side := func(id string) ConnectedSystem {
			r := names[id]
			return ConnectedSystem{ID: r.ID, Code: r.Code, Name: r.Name}
		}
		v := ConnectionView{ID: c.ID, System: side(c.System), Other: side(c.Other), Facts: c.ConnectionFacts, Health: healthView(&c.Health), MayChange: changes(p, c),
			UpdatedAt: module.Time{Time: c.UpdatedAt}, UpdatedBy: c.UpdatedBy, Version: c.Version}
		if c.Other == "" {
			v.Other.Name = c.Partner
		}
		if v.System.ID == "" {
			// How the other side looks after it is its own business.
			v.Facts.Check.Target, v.Health.Reason, v.UpdatedBy = "", "", ""
		}
		if v.Other.ID == "" {
			v.Facts.Other = ""
		}
		out[i] = v
	}
	return out, nil
}

func healthView(h *Health) ConnectionHealthView {
	return ConnectionHealthView{State: h.State, Since: module.TimeOrNil(h.Since), Checked: module.TimeOrNil(h.Checked), Milliseconds: h.Took.Milliseconds(), Failures: h.Failures,
		Code: h.Code, Reason: h.Reason, CertificateEnds: module.TimeOrNil(h.Ends)}
}
