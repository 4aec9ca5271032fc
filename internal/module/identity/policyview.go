package identity

import (
	"context"
	"errors"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// SignInRulesView is everything that governs how people sign in here. Only
// factorRoles can be changed; the rest is fixed or stands in the configuration.
type SignInRulesView struct {
	FactorRoles []module.Role                 `json:"factorRoles" nullable:"false" example:"analyst" doc:"roles that must have a second factor, besides administrator, which always must"`
	Password    PasswordRulesView             `json:"password"`
	Session     SessionRulesView              `json:"session"`
	Lockout     LockoutView                   `json:"lockout"`
	PasskeyHost string                        `json:"passkeyHost" doc:"the host at which passkeys work; empty: nowhere"`
	BreakGlass  module.OrNull[BreakGlassView] `json:"breakGlass" doc:"null: the account for emergencies was never made"`
	SSO         module.OrNull[SSORulesView]   `json:"sso" doc:"null: no provider is configured"`
}

// PasswordRulesView is what a password must be.
type PasswordRulesView struct {
	MinLength   int `json:"minLength"`
	MaxLength   int `json:"maxLength"`
	MinDistinct int `json:"minDistinct" doc:"different characters"`
}

// SessionRulesView is how long things last.
type SessionRulesView struct {
	IdleMinutes       int `json:"idleMinutes" doc:"a session ends when it was not used for so long"`
	LifeMinutes       int `json:"lifeMinutes" doc:"and in any case after this"`
	FactorMinutes     int `json:"factorMinutes" doc:"half a sign-in waits so long for its second factor"`
	ConfirmMinutes    int `json:"confirmMinutes" doc:"after this a sensitive change asks again who it is"`
	BreakGlassMinutes int `json:"breakGlassMinutes"`
}

// LockoutView is how guessing is slowed down.
type LockoutView struct {
	Account WaitView `json:"account"`
	Address WaitView `json:"address"`
	Factor  WaitView `json:"factor"`
}

// WaitView says after how many wrong attempts one waits, and how long at most.
type WaitView struct {
	Attempts       int `json:"attempts"`
	LongestMinutes int `json:"longestMinutes"`
}

// BreakGlassView is the account for emergencies.
type BreakGlassView struct {
	State      string       `json:"state" enum:"ready,used,disabled" doc:"used: its secret is spent, make another"`
	LastUsedAt *module.Time `json:"lastUsedAt,omitempty"`
}

// SSORulesView is the provider of single sign-on, as configured.
type SSORulesView struct {
	Name        string           `json:"name"`
	Issuer      string           `json:"issuer"`
	ClientID    string           `json:"clientId"`
	Public      bool             `json:"public" doc:"no client secret is configured: by PKCE alone"`
	RedirectURL string           `json:"redirectUrl" doc:"where the provider sends people back"`
	Scopes      []string         `json:"scopes" nullable:"false"`
	TrustMFA    bool             `json:"trustMfa" doc:"a second factor shown at the provider counts"`
	Mapping     []SSOMappingView `json:"mapping" nullable:"false"`
}

// SSOMappingView makes accounts of people nobody linked.
type SSOMappingView struct {
	Claim string       `json:"claim"`
	Value string       `json:"value"`
	Role  string       `json:"role"`
	Unit  event.UnitID `json:"unit"`
}

func minutes(d time.Duration) int { return int(d / time.Minute) }

// signInRules tells what governs how people sign in. Errors: Denied.
func (s *Service) signInRules(ctx context.Context) (SignInRulesView, error) {
	p, err := s.SignInPolicy(ctx)
	if err != nil {
		return SignInRulesView{}, err
	}
	v := SignInRulesView{
		FactorRoles: append([]module.Role{}, p.FactorRoles...),
		Password:    PasswordRulesView{MinLength: minPassword, MaxLength: maxPassword, MinDistinct: minDistinctRunes},
		Session: SessionRulesView{
			IdleMinutes: minutes(sessionIdle), LifeMinutes: minutes(sessionLife), FactorMinutes: minutes(halfLife),
			ConfirmMinutes: minutes(confirmedFor), BreakGlassMinutes: minutes(breakGlassLife),
		},
		Lockout:     LockoutView{Account: s.perAccount.view(), Address: s.perAddress.view(), Factor: s.perFactor.view()},
		PasskeyHost: s.passkeyHost(),
	}
	row, err := s.store.userByName(ctx, BreakGlassAccount)
	if err != nil && !errors.Is(err, errNoRow) {
		return v, err
	}
	if err == nil && row.Kind == string(KindBreakGlass) {
		b := &BreakGlassView{State: "ready", LastUsedAt: module.TimeOrNil(row.LastSignIn.Time())}
		switch {
		case row.Disabled:
			b.State = "disabled"
		case row.PasswordHash == noPassword:
			b.State = "used"
		}
		v.BreakGlass.Value = b
	}
	if s.sso != nil {
		v.SSO.Value = s.sso.view()
	}
	return v, nil
}

func (a *attempts) view() WaitView {
	return WaitView{Attempts: a.free, LongestMinutes: minutes(a.longest)}
}

func (o *sso) view() *SSORulesView {
	c := o.config
	v := &SSORulesView{
		Name: c.name(), Issuer: c.Issuer, ClientID: c.ClientID, Public: c.ClientSecretFile == "", RedirectURL: o.redirect,
		Scopes: append([]string{}, c.Scopes...), TrustMFA: c.TrustMFA, Mapping: []SSOMappingView{},
	}
	for _, m := range c.Mapping {
		v.Mapping = append(v.Mapping, SSOMappingView{Claim: m.Claim, Value: m.Value, Role: string(m.Role), Unit: m.Unit})
	}
	return v
}
