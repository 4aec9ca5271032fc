package identity

import (
	"context"
	"net"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// SessionView is the caller's session on the wire.
type SessionView struct {
	User SessionUserView `json:"user"`
	// May names the actions the caller may do somewhere.
	May        []module.Action `json:"may" nullable:"false" example:"alert.read"`
	Pending    string          `json:"pending" enum:",password,factor,enrol-factor" doc:"what is still to do before anything but the own session is open: change the one-time password, show the second factor, set one up"`
	SSO        bool            `json:"sso" doc:"signed in at a provider; /sso/signout ends that too"`
	Version    string          `json:"version"`
	ServerTime module.Time     `json:"serverTime"`
}

// SessionUserView is the caller.
type SessionUserView struct {
	ID          string       `json:"id"`
	Username    string       `json:"username"`
	DisplayName string       `json:"displayName"`
	Role        string       `json:"role" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor,service,ingest"`
	Unit        event.UnitID `json:"unit"`
}

// caller is embedded in inputs of operations that have no principal yet.
type caller struct {
	from From
}

// Resolve implements huma.Resolver.
func (c *caller) Resolve(hc huma.Context) []error {
	c.from = From{Addr: hostOf(hc.RemoteAddr()), Agent: hc.Header("User-Agent")}
	return nil
}

func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

func (s *Service) routes(api huma.API) {
	s.sessionRoutes(api)
	s.factorRoutes(api)
	s.passkeyRoutes(api)
	s.ownSessionRoutes(api)
	s.userRoutes(api)
	s.tokenRoutes(api)
	s.permissionRoutes(api)
}

func (s *Service) sessionView(ctx context.Context, p module.Principal) SessionView {
	return SessionView{
		User: SessionUserView{
			ID: p.ID, Username: p.Name, DisplayName: p.DisplayName, Role: string(p.Role), Unit: p.Unit,
		},
		May: module.Actions(p), Pending: string(p.Pending), SSO: s.signedInBySSO(ctx, p), Version: s.version, ServerTime: module.Time{Time: s.now()},
	}
}

// signedIn answers with the session and its new secret.
type signedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      SessionView
}

func (s *Service) sessionRoutes(api huma.API) {
	tags := []string{"session"}

	type signIn struct {
		caller
		Body struct {
			Username string `json:"username" maxLength:"64"`
			Password string `json:"password" maxLength:"1024"`
		}
	}
	huma.Register(api, module.Op(module.ActionPublic, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/session", Tags: tags,
		Summary: "Sign in", Description: "What is pending says what must follow: a second factor at /session/factor, say. 401 session.wrong-credentials; 429 session.too-many-attempts with Retry-After.",
		Errors: []int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusUnprocessableEntity},
	}), func(ctx context.Context, in *signIn) (*signedIn, error) {
		secret, p, err := s.SignIn(ctx, in.Body.Username, in.Body.Password, in.from)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return &signedIn{SetCookie: s.cookie(secret), Body: s.sessionView(ctx, p)}, nil
	})

	type session struct{ Body SessionView }
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/session", Tags: tags,
		Summary: "Who the caller is",
	}), func(ctx context.Context, _ *struct{}) (*session, error) {
		return &session{s.sessionView(ctx, module.PrincipalOf(ctx))}, nil
	})

	type signedOut struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "sign-out", Method: http.MethodDelete, Path: "/session", Tags: tags,
		Summary: "Sign out", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, _ *struct{}) (*signedOut, error) {
		if err := s.SignOut(ctx); err != nil {
			return nil, err
		}
		return &signedOut{SetCookie: s.cookie("")}, nil
	})

	type changePassword struct {
		Body struct {
			Current string `json:"current" maxLength:"1024"`
			New     string `json:"new" maxLength:"1024"`
		}
	}
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "change-password", Method: http.MethodPost, Path: "/session/password", Tags: tags,
		Summary: "Change one's own password", Description: "422 password.too-weak; 401 session.wrong-credentials if the current one is wrong. Ends the user's other sessions.",
		DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *changePassword) (*struct{}, error) {
		return nil, withRetryAfter(s.ChangePassword(ctx, in.Body.Current, in.Body.New))
	})
}
