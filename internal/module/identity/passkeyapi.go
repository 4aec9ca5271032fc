package identity

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// CeremonyView is what a browser is asked about a passkey.
type CeremonyView struct {
	Handle  string          `json:"handle" doc:"to be sent back with the browser's answer"`
	Options json.RawMessage `json:"options" doc:"{publicKey}, for navigator.credentials; WebAuthn level 3 JSON"`
}

// PasskeyView is a passkey of the caller.
type PasskeyView struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	CreatedAt  module.Time  `json:"createdAt"`
	LastUsedAt *module.Time `json:"lastUsedAt,omitempty"`
}

func (s *Service) passkeyRoutes(api huma.API) {
	session, own := []string{"session"}, []string{"own account"}
	type asked struct{ Body CeremonyView }
	// PasskeyAnswer is what the browser answered.
	type passkeyAnswer struct {
		Body struct {
			Handle     string          `json:"handle" maxLength:"64"`
			Credential json.RawMessage `json:"credential" doc:"what navigator.credentials gave, as toJSON writes it"`
		}
	}

	type askPasskey struct{ caller }
	huma.Register(api, module.Op(module.ActionPublic, huma.Operation{
		OperationID: "ask-passkey", Method: http.MethodPost, Path: "/session/passkey/begin", Tags: session,
		Summary: "Begin to sign in by passkey", Description: "409 passkey.unavailable where the console has no host name.",
		Errors: []int{http.StatusConflict, http.StatusTooManyRequests},
	}), func(_ context.Context, in *askPasskey) (*asked, error) {
		c, err := s.AskPasskey(in.from)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return &asked{CeremonyView(c)}, nil
	})

	type signInByPasskey struct {
		caller
		Body struct {
			Handle     string          `json:"handle" maxLength:"64"`
			Credential json.RawMessage `json:"credential" doc:"what navigator.credentials.get gave, as toJSON writes it"`
		}
	}
	huma.Register(api, module.Op(module.ActionPublic, huma.Operation{
		OperationID: "sign-in-by-passkey", Method: http.MethodPost, Path: "/session/passkey", Tags: session,
		Summary: "Sign in by passkey", Description: "A passkey verifies its owner, so nothing else is asked for. 401 session.wrong-passkey; 429 session.too-many-attempts.",
		Errors: []int{http.StatusUnauthorized, http.StatusTooManyRequests},
	}), func(ctx context.Context, in *signInByPasskey) (*signedIn, error) {
		secret, p, err := s.SignInByPasskey(ctx, in.Body.Handle, in.Body.Credential, in.from)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return &signedIn{SetCookie: s.cookie(secret), Body: s.sessionView(ctx, p)}, nil
	})

	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "ask-own-passkey", Method: http.MethodPost, Path: "/session/factor/passkey/begin", Tags: session,
		Summary: "Begin to show a passkey as the second factor",
	}), func(ctx context.Context, _ *struct{}) (*asked, error) {
		c, err := s.AskOwnPasskey(ctx)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return &asked{CeremonyView(c)}, nil
	})

	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "prove-by-passkey", Method: http.MethodPost, Path: "/session/factor/passkey", Tags: session,
		Summary: "Show a passkey as the second factor", Description: "As /session/factor. 422 factor.wrong-passkey.",
	}), func(ctx context.Context, in *passkeyAnswer) (*signedIn, error) {
		secret, p, err := s.ProveByPasskey(ctx, in.Body.Handle, in.Body.Credential)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return &signedIn{SetCookie: s.cookie(secret), Body: s.sessionView(ctx, p)}, nil
	})

	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "offer-passkey", Method: http.MethodPost, Path: "/me/passkeys/begin", Tags: own,
		Summary: "Begin to make a passkey", Description: "409 passkey.unavailable where the console has no host name.",
	}), func(ctx context.Context, _ *struct{}) (*asked, error) {
		c, err := s.OfferPasskey(ctx)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return &asked{CeremonyView(c)}, nil
	})

	type newPasskey struct {
		Body struct {
			Handle     string          `json:"handle" maxLength:"64"`
			Name       string          `json:"name" minLength:"1" maxLength:"120" doc:"by which the person knows it"`
			Credential json.RawMessage `json:"credential" doc:"what navigator.credentials.create gave, as toJSON writes it"`
		}
	}
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "accept-passkey", Method: http.MethodPost, Path: "/me/passkeys", Tags: own,
		Summary: "Keep a passkey", Description: "As /me/totp/confirm. 422 factor.wrong-passkey.",
	}), func(ctx context.Context, in *newPasskey) (*enrolledOutput, error) {
		e, err := s.AcceptPasskey(ctx, in.Body.Handle, in.Body.Name, in.Body.Credential)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return s.enrolledOutput(ctx, e), nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "remove-passkey", Method: http.MethodDelete, Path: "/me/passkeys/{id}", Tags: own,
		Summary: "Take a passkey away", Description: "409 factor.needed for the last factor of a role that needs one.",
		DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *byID) (*struct{}, error) {
		return nil, s.RemovePasskey(ctx, in.ID)
	})
}
