package identity

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// CreatedTokenView is a token just made.
type CreatedTokenView struct {
	TokenView
	Token string `json:"token" doc:"the secret, shown once"`
}

// TokenView is a token on the wire, without its secret.
type TokenView struct {
	ID              string       `json:"id"`
	Name            string       `json:"name"`
	Unit            event.UnitID `json:"unit"`
	Scope           string       `json:"scope" enum:"ingest,api"`
	Role            string       `json:"role,omitempty" enum:"service,analyst,auditor" doc:"of a token of scope api: as what it acts"`
	Actions         []string     `json:"actions" nullable:"false" doc:"of the role's actions only these; empty: all"`
	Networks        []string     `json:"networks" nullable:"false" doc:"taken from these addresses only; empty: from anywhere"`
	CreatedBy       string       `json:"createdBy" doc:"user name, empty if it is not known"`
	CreatedAt       module.Time  `json:"createdAt"`
	ExpiresAt       *module.Time `json:"expiresAt,omitempty"`
	LastUsedAt      *module.Time `json:"lastUsedAt,omitempty"`
	LastUsedAddress string       `json:"lastUsedAddress" doc:"of a token of scope api; empty: not known"`
	Revoked         bool         `json:"revoked"`
	Status          string       `json:"status" enum:"active,expiring,expired,revoked" doc:"expiring: within 14 days"`
}

func (t *Tokens) view(tok Token) TokenView {
	v := TokenView{
		ID: tok.ID, Name: tok.Name, Unit: tok.Unit, Scope: string(tok.Scope), CreatedBy: tok.CreatedBy, CreatedAt: module.Time{Time: tok.CreatedAt},
		ExpiresAt: module.TimeOrNil(tok.ExpiresAt), LastUsedAt: module.TimeOrNil(tok.LastUsed), Revoked: !tok.RevokedAt.IsZero(),
		Status: string(tok.Status(t.now())), LastUsedAddress: tok.LastAddr, Actions: []string{}, Networks: []string{},
	}
	if tok.Scope == ScopeAPI {
		v.Role = string(tok.Role)
	}
	for _, a := range tok.Only {
		v.Actions = append(v.Actions, string(a))
	}
	for _, n := range tok.Networks {
		v.Networks = append(v.Networks, n.String())
	}
	return v
}

func (s *Service) tokenRoutes(api huma.API) {
	tags := []string{"administration"}

	type list struct{ Body module.List[TokenView] }
	type filter struct {
		Q      string       `query:"q" maxLength:"100" doc:"part of the name, without marks"`
		Unit   event.UnitID `query:"unit" maxLength:"48"`
		Scope  string       `query:"scope" enum:"ingest,api"`
		Status string       `query:"status" enum:"active,expiring,expired,revoked"`
	}
	huma.Register(api, module.Op(module.ActionTokenManage, huma.Operation{
		OperationID: "list-tokens", Method: http.MethodGet, Path: "/tokens", Tags: tags,
		Summary: "Tokens of the units the caller sees, newest first, without their secrets",
	}), func(ctx context.Context, in *filter) (*list, error) {
		tokens, err := s.tokens.List(ctx, TokenFilter{Text: in.Q, Unit: in.Unit, Scope: TokenScope(in.Scope), Status: TokenStatus(in.Status)})
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(tokens, s.tokens.view)}, nil
	})

	type createToken struct {
		Body struct {
			Name          string       `json:"name" minLength:"1" maxLength:"200"`
			Unit          event.UnitID `json:"unit" maxLength:"48"`
			Scope         string       `json:"scope" enum:"ingest,api"`
			ExpiresInDays int          `json:"expiresInDays,omitempty" minimum:"1" maximum:"3650" doc:"absent: 90 for api, 365 for ingest; api: at most 365"`
			Role          string       `json:"role,omitempty" enum:"service,analyst,auditor" doc:"of scope api: as what it acts; absent: service"`
			Actions       []string     `json:"actions,omitempty" maxItems:"50" doc:"of scope api: of the role's actions only these"`
			Networks      []string     `json:"networks,omitempty" maxItems:"20" doc:"addresses or networks it is taken from" example:"[\"198.51.100.0/24\"]"`
		}
	}
	type created struct{ Body CreatedTokenView }
	huma.Register(api, module.Op(module.ActionTokenManage, huma.Operation{
		OperationID: "create-token", Method: http.MethodPost, Path: "/tokens", Tags: tags, Summary: "Create a token for a unit",
	}), func(ctx context.Context, in *createToken) (*created, error) {
		b := in.Body
		n := NewToken{Name: b.Name, Unit: b.Unit, Scope: TokenScope(b.Scope), Life: time.Duration(b.ExpiresInDays) * day, Role: module.Role(b.Role)}
		if n.Scope == ScopeIngest && n.Life == 0 {
			n.Life = ingestLife
		}
		for _, a := range b.Actions {
			n.Only = append(n.Only, module.Action(a))
		}
		var err error
		if n.Networks, err = parseNetworks(b.Networks); err != nil {
			return nil, err
		}
		t, secret, err := s.tokens.Create(ctx, n)
		if err != nil {
			return nil, err
		}
		out := &created{}
		out.Body.TokenView, out.Body.Token = s.tokens.view(t), secret
		return out, nil
	})

	type changeToken struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Name          *string   `json:"name,omitempty" minLength:"1" maxLength:"200"`
			ExpiresInDays *int      `json:"expiresInDays,omitempty" minimum:"1" maximum:"365" doc:"from now; of scope api"`
			Role          *string   `json:"role,omitempty" enum:"service,analyst,auditor" doc:"of scope api"`
			Actions       *[]string `json:"actions,omitempty" maxItems:"50" doc:"of scope api: of the role's actions only these; []: all"`
			Networks      *[]string `json:"networks,omitempty" maxItems:"20" doc:"addresses or networks it is taken from; []: from anywhere" example:"[\"198.51.100.0/24\"]"`
		}
	}
	type changed struct{ Body TokenView }
	huma.Register(api, module.Op(module.ActionTokenManage, huma.Operation{
		OperationID: "change-token", Method: http.MethodPatch, Path: "/tokens/{id}", Tags: tags,
		Summary: "Change a token: name, role, actions, networks, end", Description: "Counts at once. Unit and scope never change. 409 token.over.",
	}), func(ctx context.Context, in *changeToken) (*changed, error) {
		c := TokenChange{Name: in.Body.Name}
		if in.Body.Role != nil {
			c.Role = new(module.Role(*in.Body.Role))
		}
		if in.Body.ExpiresInDays != nil {
			c.Life = new(time.Duration(*in.Body.ExpiresInDays) * day)
		}
		if in.Body.Actions != nil {
			only := []module.Action{}
			for _, a := range *in.Body.Actions {
				only = append(only, module.Action(a))
			}
			c.Only = &only
		}
		if in.Body.Networks != nil {
			networks, err := parseNetworks(*in.Body.Networks)
			if err != nil {
				return nil, err
			}
			c.Networks = &networks
		}
		t, err := s.tokens.Change(ctx, in.ID, c)
		if err != nil {
			return nil, err
		}
		return &changed{s.tokens.view(t)}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, module.Op(module.ActionTokenManage, huma.Operation{
		OperationID: "revoke-token", Method: http.MethodDelete, Path: "/tokens/{id}", Tags: tags,
		Summary: "Revoke a token, at once", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *byID) (*struct{}, error) {
		return nil, s.tokens.Revoke(ctx, in.ID)
	})

	type revokeTokens struct {
		Body struct {
			IDs []string `json:"ids" minItems:"1" maxItems:"200"`
		}
	}
	huma.Register(api, module.Op(module.ActionTokenManage, huma.Operation{
		OperationID: "revoke-tokens", Method: http.MethodPost, Path: "/tokens/revoke", Tags: tags,
		Summary: "Revoke several tokens at once, all or none", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *revokeTokens) (*struct{}, error) {
		return nil, s.tokens.Revoke(ctx, in.Body.IDs...)
	})
}
