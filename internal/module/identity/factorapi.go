package identity

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// FactorsView is what the caller can show besides a password.
type FactorsView struct {
	Totp              module.OrNull[TotpView] `json:"totp" doc:"null: no authenticator app"`
	Passkeys          []PasskeyView           `json:"passkeys" nullable:"false"`
	RecoveryCodesLeft int64                   `json:"recoveryCodesLeft"`
	PasskeysPossible  bool                    `json:"passkeysPossible" doc:"the console has a host name"`
	Needed            bool                    `json:"needed" doc:"the role may not go without a second factor"`
}

// TotpView is an authenticator app.
type TotpView struct {
	CreatedAt  module.Time `json:"createdAt"`
	LastUsedAt module.Time `json:"lastUsedAt"`
}

// TotpSetupView is what an authenticator app needs.
type TotpSetupView struct {
	Secret string `json:"secret" doc:"base32, for typing; shown once"`
	URI    string `json:"uri" doc:"otpauth://, what the image says"`
	QR     string `json:"qr" doc:"the image, a data: address"`
}

// RecoveryCodesView are codes that are shown once.
type RecoveryCodesView struct {
	RecoveryCodes []string `json:"recoveryCodes" nullable:"false" doc:"each stands in for the second factor once; shown this once"`
}

// EnrolledView is the session after a factor was set up.
type EnrolledView struct {
	Session SessionView `json:"session"`
	RecoveryCodesView
}

// enrolledOutput carries the session's new secret.
type enrolledOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      EnrolledView
}

func (s *Service) enrolledOutput(ctx context.Context, e Enrolled) *enrolledOutput {
	out := &enrolledOutput{SetCookie: s.cookie(e.Secret)}
	out.Body.Session, out.Body.RecoveryCodes = s.sessionView(ctx, e.Principal), e.RecoveryCodes
	if out.Body.RecoveryCodes == nil {
		out.Body.RecoveryCodes = []string{}
	}
	return out
}

func (s *Service) factorRoutes(api huma.API) {
	session, own := []string{"session"}, []string{"own account"}

	type prove struct {
		Body struct {
			Code         string `json:"code,omitempty" maxLength:"16" doc:"of the authenticator app"`
			RecoveryCode string `json:"recoveryCode,omitempty" maxLength:"64"`
			Password     string `json:"password,omitempty" maxLength:"1024" doc:"only where the account has no second factor"`
		}
	}
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "prove", Method: http.MethodPost, Path: "/session/factor", Tags: session,
		Summary:     "Show the second factor",
		Description: "Completes a sign-in that waits for it, and confirms later on that the person is the same where an operation answers 403 session.confirm-first. One of the members is given. The session's cookie changes. 422 factor.wrong-code; 429 session.too-many-attempts with Retry-After.",
		Errors:      []int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusUnprocessableEntity},
	}), func(ctx context.Context, in *prove) (*signedIn, error) {
		secret, p, err := s.Prove(ctx, Proof{Code: in.Body.Code, Recovery: in.Body.RecoveryCode, Password: in.Body.Password})
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return &signedIn{SetCookie: s.cookie(secret), Body: s.sessionView(ctx, p)}, nil
	})

	type factors struct{ Body FactorsView }
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "list-factors", Method: http.MethodGet, Path: "/me/factors", Tags: own,
		Summary: "The caller's second factors",
	}), func(ctx context.Context, _ *struct{}) (*factors, error) {
		f, err := s.Factors(ctx)
		if err != nil {
			return nil, err
		}
		out := &factors{FactorsView{RecoveryCodesLeft: f.RecoveryLeft, Needed: f.Needed, PasskeysPossible: s.web != nil, Passkeys: []PasskeyView{}}}
		for _, k := range f.Passkeys {
			out.Body.Passkeys = append(out.Body.Passkeys, PasskeyView{k.ID, k.Name, module.Time{Time: k.CreatedAt}, module.TimeOrNil(k.UsedAt)})
		}
		if !f.TOTPSince.IsZero() {
			out.Body.Totp = module.OrNull[TotpView]{Value: &TotpView{module.Time{Time: f.TOTPSince}, module.Time{Time: f.TOTPUsed}}}
		}
		return out, nil
	})

	type offered struct{ Body TotpSetupView }
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "offer-totp", Method: http.MethodPost, Path: "/me/totp", Tags: own,
		Summary:     "Begin to set up an authenticator app",
		Description: "The app counts after its first code is given to /me/totp/confirm; one in force stays so until then.",
	}), func(ctx context.Context, _ *struct{}) (*offered, error) {
		setup, err := s.OfferTOTP(ctx)
		if err != nil {
			return nil, err
		}
		return &offered{TotpSetupView(setup)}, nil
	})

	type confirm struct {
		Body struct {
			Code string `json:"code" minLength:"6" maxLength:"16"`
		}
	}
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "accept-totp", Method: http.MethodPost, Path: "/me/totp/confirm", Tags: own,
		Summary:     "Set up an authenticator app by its first code",
		Description: "With the first factor come recovery codes. The caller's other sessions end. 422 factor.wrong-code; 409 factor.not-offered.",
		Errors:      []int{http.StatusTooManyRequests, http.StatusUnprocessableEntity, http.StatusConflict},
	}), func(ctx context.Context, in *confirm) (*enrolledOutput, error) {
		e, err := s.AcceptTOTP(ctx, in.Body.Code)
		if err != nil {
			return nil, withRetryAfter(err)
		}
		return s.enrolledOutput(ctx, e), nil
	})

	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "remove-totp", Method: http.MethodDelete, Path: "/me/totp", Tags: own,
		Summary: "Take the authenticator app away", Description: "409 factor.needed for the last factor of a role that needs one.",
		DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		return nil, s.RemoveTOTP(ctx)
	})

	type codes struct{ Body RecoveryCodesView }
	huma.Register(api, module.Op(module.ActionSession, huma.Operation{
		OperationID: "renew-recovery-codes", Method: http.MethodPost, Path: "/me/recovery-codes", Tags: own,
		Summary: "Replace the recovery codes", Description: "The old ones are worthless. 409 factor.none without a second factor.",
	}), func(ctx context.Context, _ *struct{}) (*codes, error) {
		list, err := s.RenewRecoveryCodes(ctx)
		if err != nil {
			return nil, err
		}
		return &codes{RecoveryCodesView{list}}, nil
	})
}
