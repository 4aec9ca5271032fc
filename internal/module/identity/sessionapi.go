package identity

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// OwnSessionView is one sign-in.
type OwnSessionView struct {
	ID         string       `json:"id"`
	Method     string       `json:"method" enum:"password,passkey,sso,break-glass"`
	Address    string       `json:"address"`
	Agent      string       `json:"agent" doc:"what the browser calls itself"`
	CreatedAt  module.Time  `json:"createdAt"`
	LastUsedAt module.Time  `json:"lastUsedAt"`
	FactorAt   *module.Time `json:"factorAt,omitempty" doc:"when a second factor was shown last"`
	Current    bool         `json:"current"`
}

// SignInStateView is how an account signs in.
type SignInStateView struct {
	LockedUntil       *module.Time     `json:"lockedUntil,omitempty" doc:"after wrong attempts; absent: not waiting"`
	FailedAttempts    int              `json:"failedAttempts"`
	Totp              bool             `json:"totp"`
	Passkeys          int64            `json:"passkeys"`
	RecoveryCodesLeft int64            `json:"recoveryCodesLeft"`
	NeedsFactor       bool             `json:"needsFactor"`
	LastSignInAddress string           `json:"lastSignInAddress" doc:"empty: never signed in"`
	Sessions          []OwnSessionView `json:"sessions" nullable:"false"`
	SSOLinks          []SSOLinkView    `json:"ssoLinks" nullable:"false"`
}

// SSOLinkView ties an account to a person of the provider of single sign-on.
type SSOLinkView struct {
	Issuer    string      `json:"issuer"`
	Subject   string      `json:"subject" doc:"what the provider calls the person"`
	CreatedAt module.Time `json:"createdAt"`
	Mapped    bool        `json:"mapped" doc:"made by the mapping of the configuration, which says role and unit at every sign-in"`
}

// SignInMethodsView is how people can sign in besides their password.
type SignInMethodsView struct {
	SSO         string `json:"sso" doc:"what the provider of single sign-on is called; it begins at /sso/start; empty: none"`
	Passkeys    bool   `json:"passkeys"`
	PasskeyHost string `json:"passkeyHost" doc:"the host at which passkeys work"`
}

// SignInPolicyView is who must have a second factor.
type SignInPolicyView struct {
	FactorRoles []module.Role `json:"factorRoles" nullable:"false" maxItems:"20" example:"analyst" doc:"roles that must have one, besides administrator, which always must"`
}

// sessionViews lists sessions, the one that asks first.
func sessionViews(list []Session, current string) []OwnSessionView {
	views := make([]OwnSessionView, len(list))
	for i, one := range list {
		views[i] = OwnSessionView{
			ID: one.ID, Method: string(one.Method), Address: one.Addr, Agent: one.Agent, CreatedAt: module.Time{Time: one.CreatedAt},
			LastUsedAt: module.Time{Time: one.UsedAt}, FactorAt: module.TimeOrNil(one.FactorAt), Current: one.ID == current,
		}
	}
	slices.SortStableFunc(views, func(a, b OwnSessionView) int {
		switch {
		case a.Current == b.Current:
			return 0
		case a.Current:
			return -1
		}
		return 1
	})
	return views
}

func (s *Service) ownSessionRoutes(api huma.API) {
	own, admin := []string{"own account"}, []string{"administration"}
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}

	type sessions struct {
		Body module.List[OwnSessionView]
	}
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "list-own-sessions", Method: http.MethodGet, Path: "/me/sessions", Tags: own, Summary: "Where the caller is signed in",
	}), func(ctx context.Context, _ *struct{}) (*sessions, error) {
		list, err := s.Sessions(ctx)
		if err != nil {
			return nil, err
		}
		out := &sessions{}
		out.Body.Items = sessionViews(list, module.PrincipalOf(ctx).Session)
		return out, nil
	})
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "end-own-session", Method: http.MethodDelete, Path: "/me/sessions/{id}", Tags: own,
		Summary: "Sign out elsewhere", Description: "What runs in the session ends at once.", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *byID) (*struct{}, error) {
		return nil, s.EndSession(ctx, in.ID)
	})
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "end-other-sessions", Method: http.MethodDelete, Path: "/me/sessions", Tags: own,
		Summary: "Sign out everywhere else", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		return nil, s.EndOtherSessions(ctx)
	})

	type state struct{ Body SignInStateView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "get-sign-in-state", Method: http.MethodGet, Path: "/users/{id}/sign-in", Tags: admin,
		Summary: "How an account signs in: factors, sessions, and whether it has to wait",
	}), func(ctx context.Context, in *byID) (*state, error) {
		st, err := s.SignInState(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &state{SignInStateView{
			LockedUntil: module.TimeOrNil(st.LockedUntil), FailedAttempts: st.Failures, Totp: st.TOTP, Passkeys: st.Passkeys,
			RecoveryCodesLeft: st.RecoveryLeft, NeedsFactor: st.NeedsFactor, Sessions: sessionViews(st.Sessions, module.PrincipalOf(ctx).Session),
			LastSignInAddress: st.LastAddr, SSOLinks: []SSOLinkView{},
		}}
		for _, l := range st.Links {
			out.Body.SSOLinks = append(out.Body.SSOLinks, SSOLinkView{Issuer: l.Issuer, Subject: l.Subject, CreatedAt: module.Time{Time: l.CreatedAt}, Mapped: l.Mapped})
		}
		return out, nil
	})
	for _, one := range []struct {
		id, path, method, summary string
		do                        func(context.Context, string) error
	}{
		{"reset-factors", "/users/{id}/reset-factors", http.MethodPost, "Take an account's second factors away, for somebody who lost them", s.ResetFactors},
		{"unlock-user", "/users/{id}/unlock", http.MethodPost, "Forgive an account's wrong attempts", s.Unlock},
		{"end-user-sessions", "/users/{id}/sessions", http.MethodDelete, "End an account's sessions", s.EndSessionsOf},
	} {
		huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
			OperationID: one.id, Method: one.method, Path: one.path, Tags: admin, Summary: one.summary, DefaultStatus: http.StatusNoContent,
		}), func(ctx context.Context, in *byID) (*struct{}, error) {
			return nil, one.do(ctx, in.ID)
		})
	}

	type rules struct{ Body SignInRulesView }
	huma.Register(api, module.Op(module.ActionSignInPolicy, huma.Operation{
		OperationID: "get-sign-in-policy", Method: http.MethodGet, Path: "/sign-in-policy", Tags: admin, Summary: "What governs how people sign in",
	}), func(ctx context.Context, _ *struct{}) (*rules, error) {
		v, err := s.signInRules(ctx)
		if err != nil {
			return nil, err
		}
		return &rules{v}, nil
	})
	type setSignInPolicy struct{ Body SignInPolicyView }
	huma.Register(api, module.Op(module.ActionSignInPolicy, huma.Operation{
		OperationID: "set-sign-in-policy", Method: http.MethodPut, Path: "/sign-in-policy", Tags: admin, Summary: "Say who must have a second factor",
		Description: "Counts for open sessions too. 403 session.confirm-first.", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *setSignInPolicy) (*struct{}, error) {
		return nil, s.SetSignInPolicy(ctx, Policy(in.Body))
	})

	type methods struct{ Body SignInMethodsView }
	huma.Register(api, module.Op(module.ActionPublic, huma.Operation{
		OperationID: "get-sign-in-methods", Method: http.MethodGet, Path: "/sign-in-methods", Tags: []string{"session"},
		Summary: "How people can sign in here",
	}), func(context.Context, *struct{}) (*methods, error) {
		out := &methods{SignInMethodsView{Passkeys: s.web != nil, PasskeyHost: s.passkeyHost()}}
		if s.sso != nil {
			out.Body.SSO = s.sso.config.name()
		}
		return out, nil
	})
	type linkSSO struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Subject string `json:"subject" minLength:"1" maxLength:"255" doc:"what the provider calls the person (sub)"`
		}
	}
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "link-sso", Method: http.MethodPost, Path: "/users/{id}/sso-links", Tags: admin,
		Summary: "Tie an account to a person of the provider of single sign-on", Description: "409 sso.linked, sso.off.", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *linkSSO) (*struct{}, error) {
		return nil, s.LinkSSO(ctx, in.ID, in.Body.Subject)
	})
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "unlink-sso", Method: http.MethodDelete, Path: "/users/{id}/sso-links", Tags: admin,
		Summary: "Untie an account from the provider and end its sessions", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *byID) (*struct{}, error) {
		return nil, s.UnlinkSSO(ctx, in.ID)
	})
}

func (s *Service) passkeyHost() string {
	if s.web == nil {
		return ""
	}
	return s.web.Config.RPID
}
