package identity

import (
	"context"
	"net"
	"net/http"
	"time"

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

// UserView is an account on the wire.
type UserView struct {
	ID                 string       `json:"id"`
	Username           string       `json:"username"`
	DisplayName        string       `json:"displayName"`
	Role               string       `json:"role" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor"`
	Unit               event.UnitID `json:"unit"`
	Disabled           bool         `json:"disabled"`
	MustChangePassword bool         `json:"mustChangePassword"`
	CreatedAt          module.Time  `json:"createdAt"`
	LastSignInAt       *module.Time `json:"lastSignInAt,omitempty"`
}

// CreatedUserView is an account just made.
type CreatedUserView struct {
	UserView
	OneTimePasswordView
}

// OneTimePasswordView is a password somebody tells the user.
type OneTimePasswordView struct {
	OneTimePassword string `json:"oneTimePassword" doc:"shown once; to be changed at the first sign-in"`
}

// CreatedTokenView is a token just made.
type CreatedTokenView struct {
	TokenView
	Token string `json:"token" doc:"the secret, shown once"`
}

// TokenView is a token on the wire, without its secret.
type TokenView struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Unit       event.UnitID `json:"unit"`
	Scope      string       `json:"scope" enum:"ingest,api"`
	CreatedAt  module.Time  `json:"createdAt"`
	ExpiresAt  *module.Time `json:"expiresAt,omitempty"`
	LastUsedAt *module.Time `json:"lastUsedAt,omitempty"`
	Revoked    bool         `json:"revoked"`
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
}

func (s *Service) sessionView(p module.Principal) SessionView {
	return SessionView{
		User: SessionUserView{
			ID: p.ID, Username: p.Name, DisplayName: p.DisplayName, Role: string(p.Role), Unit: p.Unit,
		},
		May: module.Actions(p), Pending: string(p.Pending), Version: s.version, ServerTime: module.Time{Time: s.now()},
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
		return &signedIn{SetCookie: s.cookie(secret), Body: s.sessionView(p)}, nil
	})

	type session struct{ Body SessionView }
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/session", Tags: tags,
		Summary: "Who the caller is",
	}), func(ctx context.Context, _ *struct{}) (*session, error) {
		return &session{s.sessionView(module.PrincipalOf(ctx))}, nil
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

func userView(u User) UserView {
	return UserView{
		ID: u.ID, Username: u.Username, DisplayName: u.DisplayName, Role: string(u.Role), Unit: u.Unit,
		Disabled: u.Disabled, MustChangePassword: u.MustChange, CreatedAt: module.Time{Time: u.CreatedAt},
		LastSignInAt: module.TimeOrNil(u.LastSignIn),
	}
}

func (s *Service) userRoutes(api huma.API) {
	tags := []string{"administration"}

	type list struct{ Body module.List[UserView] }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: "/users", Tags: tags, Summary: "All accounts",
	}), func(ctx context.Context, _ *struct{}) (*list, error) {
		users, err := s.ListUsers(ctx)
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(users, userView)}, nil
	})

	type createUser struct {
		Body struct {
			Username    string       `json:"username" maxLength:"64"`
			DisplayName string       `json:"displayName" maxLength:"200"`
			Role        string       `json:"role" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor"`
			Unit        event.UnitID `json:"unit" maxLength:"48"`
		}
	}
	type created struct{ Body CreatedUserView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "create-user", Method: http.MethodPost, Path: "/users", Tags: tags, Summary: "Create an account",
	}), func(ctx context.Context, in *createUser) (*created, error) {
		u, password, err := s.CreateUser(ctx, User{
			Username: in.Body.Username, DisplayName: in.Body.DisplayName, Role: module.Role(in.Body.Role), Unit: in.Body.Unit,
		})
		if err != nil {
			return nil, err
		}
		out := &created{}
		out.Body.UserView, out.Body.OneTimePassword = userView(u), password
		return out, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type reset struct{ Body OneTimePasswordView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "reset-password", Method: http.MethodPost, Path: "/users/{id}/reset-password", Tags: tags,
		Summary: "Give an account a one-time password and end its sessions",
	}), func(ctx context.Context, in *byID) (*reset, error) {
		password, err := s.ResetPassword(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &reset{}
		out.Body.OneTimePassword = password
		return out, nil
	})

	type changeUser struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Disabled bool `json:"disabled"`
		}
	}
	type changed struct{ Body UserView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "change-user", Method: http.MethodPatch, Path: "/users/{id}", Tags: tags,
		Summary: "Disable or enable an account", Description: "Disabling ends the account's sessions. The last enabled administrator cannot be disabled.",
	}), func(ctx context.Context, in *changeUser) (*changed, error) {
		u, err := s.SetDisabled(ctx, in.ID, in.Body.Disabled)
		if err != nil {
			return nil, err
		}
		return &changed{userView(u)}, nil
	})

	type people struct {
		Body module.List[module.PersonView]
	}
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "list-people", Method: http.MethodGet, Path: "/people", Tags: []string{"alerts"},
		Summary: "Users an alert can be assigned to",
	}), func(ctx context.Context, _ *struct{}) (*people, error) {
		list, err := s.People(ctx)
		if err != nil {
			return nil, err
		}
		out := &people{}
		out.Body.Items = list
		return out, nil
	})
}

func tokenView(t Token) TokenView {
	return TokenView{
		ID: t.ID, Name: t.Name, Unit: t.Unit, Scope: string(t.Scope), CreatedAt: module.Time{Time: t.CreatedAt},
		ExpiresAt: module.TimeOrNil(t.ExpiresAt), LastUsedAt: module.TimeOrNil(t.LastUsed), Revoked: !t.RevokedAt.IsZero(),
	}
}

func (s *Service) tokenRoutes(api huma.API) {
	tags := []string{"administration"}

	type list struct{ Body module.List[TokenView] }
	huma.Register(api, module.Op(module.ActionTokenManage, huma.Operation{
		OperationID: "list-tokens", Method: http.MethodGet, Path: "/tokens", Tags: tags, Summary: "All tokens, without their secrets",
	}), func(ctx context.Context, _ *struct{}) (*list, error) {
		tokens, err := s.tokens.List(ctx)
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(tokens, tokenView)}, nil
	})

	type createToken struct {
		Body struct {
			Name          string       `json:"name" minLength:"1" maxLength:"200"`
			Unit          event.UnitID `json:"unit" maxLength:"48"`
			Scope         string       `json:"scope" enum:"ingest,api"`
			ExpiresInDays int          `json:"expiresInDays,omitempty" minimum:"1" maximum:"3650" doc:"absent: never"`
		}
	}
	type created struct{ Body CreatedTokenView }
	huma.Register(api, module.Op(module.ActionTokenManage, huma.Operation{
		OperationID: "create-token", Method: http.MethodPost, Path: "/tokens", Tags: tags, Summary: "Create a token for a unit",
	}), func(ctx context.Context, in *createToken) (*created, error) {
		t, secret, err := s.tokens.Create(ctx, NewToken{
			Name: in.Body.Name, Unit: in.Body.Unit, Scope: TokenScope(in.Body.Scope),
			Life: time.Duration(in.Body.ExpiresInDays) * 24 * time.Hour,
		})
		if err != nil {
			return nil, err
		}
		out := &created{}
		out.Body.TokenView, out.Body.Token = tokenView(t), secret
		return out, nil
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
}
