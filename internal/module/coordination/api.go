package coordination

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"coordination"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	s.forceRoutes(api)
	s.teamRoutes(api)
	s.networkRoutes(api)
	s.onCallRoutes(api)
	s.callRoutes(api)
	s.askRoutes(api)
	s.handoverRoutes(api)
}

func (s *Service) forceRoutes(api huma.API) {
	type forceList struct {
		Body struct {
			Items []ForceView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationRead, "list-forces", http.MethodGet, "/forces", "The four forces and whom to reach there"),
		func(ctx context.Context, _ *struct{}) (*forceList, error) {
			known, err := s.Contacts(ctx, OfForce, Filter{})
			if err != nil {
				return nil, err
			}
			out := &forceList{}
			for _, f := range s.forces {
				v := ForceView{ID: f.ID, Vi: f.Vi, Name: f.En, RoleVi: f.Role.Vi, Role: f.Role.En}
				for _, c := range known {
					if c.Force == f.ID {
						v.At = ContactCardView{c.Person, c.Address, c.Phone, c.Mail, c.Note, c.Version}
					}
				}
				out.Body.Items = append(out.Body.Items, v)
			}
			return out, nil
		})
	type saveForce struct {
		ID   string `path:"id" maxLength:"64"`
		Body ContactCardView
	}
	huma.Register(api, op(module.ActionCoordinationManage, "save-force", http.MethodPut, "/forces/{id}", "Note whom to reach at a force; for the centre"),
		func(ctx context.Context, in *saveForce) (*struct{}, error) {
			b := &in.Body
			_, err := s.SaveForce(ctx, in.ID, Contact{Person: b.Person, Address: b.Address, Reach: Reach{b.Phone, b.Mail}, Note: b.Note, Version: b.Version})
			return nil, err
		})
}

// ResponderEntry is what is written about somebody of a team.
type ResponderEntry struct {
	Unit         event.UnitID `json:"unit,omitempty" maxLength:"64" doc:"of a new one; it stays"`
	Name         string       `json:"name" maxLength:"800"`
	Organisation string       `json:"organisation,omitempty" maxLength:"800"`
	Title        string       `json:"title,omitempty" maxLength:"800"`
	Skills       []string     `json:"skills,omitempty" maxItems:"20"`
	Phone        string       `json:"phone,omitempty" maxLength:"64"`
	Mail         string       `json:"mail,omitempty" maxLength:"320"`
	User         string       `json:"user,omitempty" maxLength:"64" doc:"account that is told of call-ups"`
	Note         string       `json:"note,omitempty" maxLength:"16000"`
	Version      int64        `json:"version,omitempty" doc:"of the one that is changed"`
}

func (b *ResponderEntry) responder(id string) Responder {
	return Responder{ID: id, Unit: b.Unit, Name: b.Name, Organisation: b.Organisation, Title: b.Title, Skills: b.Skills, Reach: Reach{b.Phone, b.Mail}, User: b.User, Note: b.Note, Version: b.Version}
}

func (s *Service) teamRoutes(api huma.API) {
	view := func(ctx context.Context, r Responder) ResponderView {
		if r.Skills == nil {
			r.Skills = []string{}
		}
		return ResponderView{r, s.Units.Name(r.Unit), module.PrincipalOf(ctx).Can(module.ActionCoordinationManage, r.Unit)}
	}
	type ask struct {
		Q    string       `query:"q" maxLength:"200"`
		Unit event.UnitID `query:"unit" maxLength:"64"`
	}
	type team struct {
		Body struct {
			Items []ResponderView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationRead, "list-responders", http.MethodGet, "/response-team", "The response team"),
		func(ctx context.Context, in *ask) (*team, error) {
			found, err := s.Team(ctx, Filter{Text: in.Q, Unit: in.Unit})
			if err != nil {
				return nil, err
			}
			out := &team{}
			out.Body.Items = make([]ResponderView, len(found))
			for i, r := range found {
				out.Body.Items[i] = view(ctx, r)
			}
			return out, nil
		})
	type one struct{ Body ResponderView }
	saved := func(ctx context.Context, r Responder) (*one, error) {
		r, err := s.SaveResponder(ctx, r)
		if err != nil {
			return nil, err
		}
		return &one{view(ctx, r)}, nil
	}
	type addResponder struct{ Body ResponderEntry }
	huma.Register(api, op(module.ActionCoordinationManage, "add-responder", http.MethodPost, "/response-team", "Add somebody to the response team of a unit"),
		func(ctx context.Context, in *addResponder) (*one, error) { return saved(ctx, in.Body.responder("")) })
	type changeResponder struct {
		ID   string `path:"id" maxLength:"64"`
		Body ResponderEntry
	}
	huma.Register(api, op(module.ActionCoordinationManage, "change-responder", http.MethodPut, "/response-team/{id}", "Change what is known of somebody of the team"),
		func(ctx context.Context, in *changeResponder) (*one, error) {
			return saved(ctx, in.Body.responder(in.ID))
		})
	type which struct {
		ID      string `path:"id" maxLength:"64"`
		Version int64  `query:"version"`
	}
	huma.Register(api, op(module.ActionCoordinationManage, "remove-responder", http.MethodDelete, "/response-team/{id}", "Take somebody out of the team; call-ups keep the name"),
		func(ctx context.Context, in *which) (*struct{}, error) {
			return nil, s.RemoveResponder(ctx, in.ID, in.Version)
		})
}

// NetworkContactEntry is what is written about a contact.
type NetworkContactEntry struct {
	Unit    event.UnitID `json:"unit,omitempty" maxLength:"64" doc:"of a new one; it stays"`
	Kind    string       `json:"kind" enum:"member,owner,operator"`
	Name    string       `json:"name" maxLength:"800"`
	Person  string       `json:"person,omitempty" maxLength:"800"`
	System  string       `json:"system,omitempty" maxLength:"800" doc:"of an owner or operator"`
	Address string       `json:"address,omitempty" maxLength:"800"`
	Phone   string       `json:"phone,omitempty" maxLength:"64"`
	Mail    string       `json:"mail,omitempty" maxLength:"320"`
	Note    string       `json:"note,omitempty" maxLength:"16000"`
	Version int64        `json:"version,omitempty"`
}

func (b *NetworkContactEntry) contact(id string) Contact {
	return Contact{ID: id, Unit: b.Unit, Kind: ContactKind(b.Kind), Name: b.Name, Person: b.Person, System: b.System, Address: b.Address, Reach: Reach{b.Phone, b.Mail}, Note: b.Note, Version: b.Version}
}

func (s *Service) networkRoutes(api huma.API) {
	view := func(ctx context.Context, c Contact) NetworkContactView {
		return NetworkContactView{c, s.Units.Name(c.Unit), module.PrincipalOf(ctx).Can(module.ActionCoordinationManage, c.Unit)}
	}
	type ask struct {
		Q    string `query:"q" maxLength:"200"`
		Kind string `query:"kind" enum:"member,owner,operator"`
	}
	type network struct {
		Body struct {
			Items []NetworkContactView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationRead, "list-network", http.MethodGet, "/network", "Members of the response network, owners and operators of systems"),
		func(ctx context.Context, in *ask) (*network, error) {
			found, err := s.Contacts(ctx, ContactKind(in.Kind), Filter{Text: in.Q})
			if err != nil {
				return nil, err
			}
			out := &network{}
			out.Body.Items = make([]NetworkContactView, len(found))
			for i, c := range found {
				out.Body.Items[i] = view(ctx, c)
			}
			return out, nil
		})
	type one struct{ Body NetworkContactView }
	saved := func(ctx context.Context, c Contact) (*one, error) {
		c, err := s.SaveContact(ctx, c)
		if err != nil {
			return nil, err
		}
		return &one{view(ctx, c)}, nil
	}
	type addContact struct{ Body NetworkContactEntry }
	huma.Register(api, op(module.ActionCoordinationManage, "add-network-contact", http.MethodPost, "/network", "Add a contact"),
		func(ctx context.Context, in *addContact) (*one, error) { return saved(ctx, in.Body.contact("")) })
	type changeContact struct {
		ID   string `path:"id" maxLength:"64"`
		Body NetworkContactEntry
	}
	huma.Register(api, op(module.ActionCoordinationManage, "change-network-contact", http.MethodPut, "/network/{id}", "Change a contact"),
		func(ctx context.Context, in *changeContact) (*one, error) { return saved(ctx, in.Body.contact(in.ID)) })
	type which struct {
		ID      string `path:"id" maxLength:"64"`
		Version int64  `query:"version"`
	}
	huma.Register(api, op(module.ActionCoordinationManage, "remove-network-contact", http.MethodDelete, "/network/{id}", "Remove a contact"),
		func(ctx context.Context, in *which) (*struct{}, error) {
			return nil, s.RemoveContact(ctx, in.ID, in.Version)
		})
}

// ShiftEntry is what is written about a shift.
type ShiftEntry struct {
	Unit    event.UnitID `json:"unit,omitempty" maxLength:"64" doc:"of a new one; it stays"`
	From    time.Time    `json:"from"`
	Until   time.Time    `json:"until"`
	Primary string       `json:"primary" maxLength:"64" doc:"id in the response team"`
	Backup  string       `json:"backup,omitempty" maxLength:"64"`
	Note    string       `json:"note,omitempty" maxLength:"16000"`
	Version int64        `json:"version,omitempty"`
}

func (b *ShiftEntry) shift(id string) Shift {
	return Shift{ID: id, Unit: b.Unit, From: b.From, Until: b.Until, Primary: b.Primary, Backup: b.Backup, Note: b.Note, Version: b.Version}
}

func (s *Service) onCallRoutes(api huma.API) {
	type ask struct {
		Unit  event.UnitID `query:"unit" maxLength:"64" doc:"absent: the caller's"`
		From  time.Time    `query:"from"`
		Until time.Time    `query:"until"`
	}
	type calendar struct{ Body OnCallView }
	huma.Register(api, op(module.ActionCoordinationRead, "on-call", http.MethodGet, "/on-call", "Who is on call, and when nobody is"),
		func(ctx context.Context, in *ask) (*calendar, error) {
			o, err := s.OnCall(ctx, in.Unit, in.From, in.Until)
			if err != nil {
				return nil, err
			}
			p := module.PrincipalOf(ctx)
			unit := in.Unit
			if unit == "" {
				unit = p.Unit
			}
			v := OnCallView{Unit: unit, Shifts: make([]ShiftView, len(o.Shifts)), Now: make([]ShiftView, len(o.Now)), Gaps: make([]OnCallGapView, len(o.Gaps)), MayManage: p.Can(module.ActionCoordinationManage, unit)}
			for i := range o.Shifts {
				v.Shifts[i] = shiftView(&o.Shifts[i], o.People)
			}
			for i := range o.Now {
				v.Now[i] = shiftView(&o.Now[i], o.People)
			}
			for i, g := range o.Gaps {
				v.Gaps[i] = OnCallGapView{module.Time{Time: g.From}, module.Time{Time: g.Until}}
			}
			return &calendar{v}, nil
		})
	type addShift struct{ Body ShiftEntry }
	type made struct {
		Body struct {
			ID      string `json:"id"`
			Version int64  `json:"version"`
		}
	}
	saved := func(ctx context.Context, x Shift) (*made, error) {
		x, err := s.SaveShift(ctx, x)
		out := &made{}
		out.Body.ID, out.Body.Version = x.ID, x.Version
		return out, err
	}
	huma.Register(api, op(module.ActionCoordinationManage, "add-shift", http.MethodPost, "/on-call", "Enter a shift"),
		func(ctx context.Context, in *addShift) (*made, error) { return saved(ctx, in.Body.shift("")) })
	type changeShift struct {
		ID   string `path:"id" maxLength:"64"`
		Body ShiftEntry
	}
	huma.Register(api, op(module.ActionCoordinationManage, "change-shift", http.MethodPut, "/on-call/{id}", "Change a shift"),
		func(ctx context.Context, in *changeShift) (*made, error) { return saved(ctx, in.Body.shift(in.ID)) })
	type which struct {
		ID      string `path:"id" maxLength:"64"`
		Version int64  `query:"version"`
	}
	huma.Register(api, op(module.ActionCoordinationManage, "remove-shift", http.MethodDelete, "/on-call/{id}", "Remove a shift"),
		func(ctx context.Context, in *which) (*struct{}, error) {
			return nil, s.RemoveShift(ctx, in.ID, in.Version)
		})
}
