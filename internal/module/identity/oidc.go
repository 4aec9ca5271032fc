package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/uptrace/bun"
	"golang.org/x/oauth2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Where single sign-on begins, comes back to, and ends.
const (
	ssoStart    = "/sso/start"
	ssoCallback = "/sso/callback"
	ssoSignOut  = "/sso/signout"
	// ssoCookie ties the way to the provider and back to one browser. It must be
	// sent along when the provider's page leads back here, which a strict cookie
	// is not; it lives minutes and opens nothing.
	ssoCookie  = "lachan_sso"
	ssoLife    = 10 * time.Minute
	ssoTimeout = 10 * time.Second
	maxSSO     = 1000
	ssoByOne   = 30
)

// sso is the side of single sign-on that talks to the provider.
type sso struct {
	config   OIDCConfig
	redirect string
	client   *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // nil until the provider could be asked
	flows    map[string]flow
}

// flow is one way to the provider and back.
type flow struct {
	browser, nonce, verifier, to, addr string
	until                              time.Time
}

func newSSO(c OIDCConfig, redirect string) *sso {
	if c.Issuer == "" {
		return nil
	}
	if c.RedirectURL != "" {
		redirect = c.RedirectURL
	}
	return &sso{config: c, redirect: redirect, client: &http.Client{Timeout: ssoTimeout}, flows: map[string]flow{}}
}

// discover asks the provider about itself, the first time it is needed: a node
// starts, and local accounts sign in, while it is down.
func (o *sso) discover(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	o.mu.Lock()
	provider := o.provider
	o.mu.Unlock()
	if provider == nil {
		var err error
		// The provider keeps this context for fetching keys later.
		lasting := oidc.ClientContext(context.WithoutCancel(ctx), o.client)
		if provider, err = oidc.NewProvider(lasting, o.config.Issuer); err != nil {
			return nil, nil, fault.New(fault.Busy, "the provider of single sign-on cannot be reached: %w", err).WithCode("session.sso-unreachable")
		}
		o.mu.Lock()
		o.provider = provider
		o.mu.Unlock()
	}
	conf := &oauth2.Config{
		ClientID: o.config.ClientID, Endpoint: provider.Endpoint(), RedirectURL: o.redirect,
		Scopes: append([]string{oidc.ScopeOpenID}, o.config.Scopes...),
	}
	if o.config.ClientSecretFile != "" {
		secret, err := os.ReadFile(o.config.ClientSecretFile)
		if err != nil {
			return nil, nil, fmt.Errorf("identity.oidc.clientSecretFile: %w", err)
		}
		conf.ClientSecret = strings.TrimSpace(string(secret))
	}
	return provider, conf, nil
}

func (o *sso) begin(f flow, now time.Time) (state string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	mine := 0
	for key, one := range o.flows {
		switch {
		case now.After(one.until):
			delete(o.flows, key)
		case one.addr == f.addr:
			mine++
		}
	}
	if mine >= ssoByOne || len(o.flows) >= maxSSO {
		return "", tooManyAttempts(ssoLife)
	}
	state = rand.Text()
	f.until = now.Add(ssoLife)
	o.flows[state] = f
	return state, nil
}

// end gives the flow of a state, once, to the browser it began in.
func (o *sso) end(state, browser string, now time.Time) (flow, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f, ok := o.flows[state]
	if !ok || now.After(f.until) || subtle.ConstantTimeCompare([]byte(f.browser), []byte(browser)) != 1 {
		return flow{}, false
	}
	delete(o.flows, state)
	return f, true
}

// Raw are the addresses of single sign-on. They are opened by the browser itself,
// not by the console, and answer with where to go next.
func (s *Service) Raw() map[string]http.Handler {
	if s.sso == nil {
		return nil
	}
	return map[string]http.Handler{
		ssoStart: http.HandlerFunc(s.startSSO), ssoCallback: http.HandlerFunc(s.finishSSO), ssoSignOut: http.HandlerFunc(s.leaveSSO),
	}
}

// localPath keeps a way back within this console.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return to
}

func (s *Service) startSSO(w http.ResponseWriter, r *http.Request) {
	_, conf, err := s.sso.discover(r.Context())
	if err != nil {
		s.refuseSSO(w, r, err, "")
		return
	}
	f := flow{browser: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), to: localPath(r.URL.Query().Get("to")), addr: hostOf(r.RemoteAddr)}
	state, err := s.sso.begin(f, s.now())
	if err != nil {
		s.refuseSSO(w, r, err, "")
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: ssoCookie, Value: f.browser, Path: "/sso/", HttpOnly: true, Secure: s.secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(ssoLife.Seconds()),
	})
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, conf.AuthCodeURL(state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verifier)), http.StatusSeeOther)
}

// refuseSSO leads back to the sign-in page, which says why.
func (s *Service) refuseSSO(w http.ResponseWriter, r *http.Request, err error, subject string) {
	code := "session.sso-failed"
	if fe, ok := errors.AsType[*fault.Error](err); ok && fe.Code != "" {
		code = fe.Code
	}
	s.log.WarnContext(r.Context(), "single sign-on refused", "code", code, "error", err, "peer", hostOf(r.RemoteAddr))
	q := url.Values{"sso": {code}}
	if subject != "" {
		q.Set("subject", subject)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/?"+q.Encode(), http.StatusSeeOther)
}

func (s *Service) finishSSO(w http.ResponseWriter, r *http.Request) {
	from := From{Addr: hostOf(r.RemoteAddr), Agent: r.UserAgent()}
	if wait := s.perAddress.begin(from.Addr, s.now()); wait > 0 {
		s.metrics.signedIn(MethodSSO, tooManyAttempts(wait))
		s.refuseSSO(w, r, tooManyAttempts(wait), "")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: ssoCookie, Path: "/sso/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	browser := ""
	if c, err := r.Cookie(ssoCookie); err == nil {
		browser = c.Value
	}
	q := r.URL.Query()
	f, ok := s.sso.end(q.Get("state"), browser, s.now())
	if !ok {
		s.refuseSSO(w, r, fault.New(fault.Invalid, "the way back from the provider does not belong to this browser, or took too long").WithCode("session.sso-expired"), "")
		return
	}
	if q.Get("error") != "" {
		s.metrics.signedIn(MethodSSO, errUnlinked())
		s.refuseSSO(w, r, fault.New(fault.Denied, "the provider answered %s", module.Text(q.Get("error"), 100)).WithCode("session.sso-denied"), "")
		return
	}
	claims, subject, err := s.sso.claims(r.Context(), q.Get("code"), f)
	if err != nil {
		s.metrics.signedIn(MethodSSO, err)
		s.refuseSSO(w, r, err, "")
		return
	}
	secret, err := s.signInBySSO(r.Context(), subject, claims, from)
	s.metrics.signedIn(MethodSSO, err)
	if err != nil {
		s.refuseSSO(w, r, err, subject)
		return
	}
	s.perAddress.forgive(from.Addr)
	c := s.cookie(secret)
	http.SetCookie(w, &c)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, f.to, http.StatusSeeOther)
}

// claims exchanges the code and checks what the provider says.
func (o *sso) claims(ctx context.Context, code string, f flow) (map[string]any, string, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, o.client), ssoTimeout)
	defer cancel()
	provider, conf, err := o.discover(ctx)
	if err != nil {
		return nil, "", err
	}
	failed := func(err error) error {
		return fault.New(fault.Unauthenticated, "what the provider answered was not accepted: %w", err).WithCode("session.sso-failed")
	}
	token, err := conf.Exchange(ctx, code, oauth2.VerifierOption(f.verifier))
	if err != nil {
		return nil, "", failed(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: o.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, "", failed(err)
	}
	if id.Nonce != f.nonce {
		return nil, "", failed(errors.New("the nonce differs"))
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, "", failed(err)
	}
	// Providers keep some claims out of the token.
	if info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token)); err == nil && info.Subject == id.Subject {
		more := map[string]any{}
		if info.Claims(&more) == nil {
			for name, value := range more {
				if _, known := claims[name]; !known {
					claims[name] = value
				}
			}
		}
	}
	return claims, id.Subject, nil
}

func errUnlinked() error {
	return fault.New(fault.Denied, "no account here belongs to this person; an administrator links it").WithCode("session.sso-unlinked")
}

// signInBySSO starts a session for the account that is linked to the subject, or
// that the mapping makes. Everybody else is refused.
func (s *Service) signInBySSO(ctx context.Context, subject string, claims map[string]any, from From) (string, error) {
	var secret, changed string
	withFactor := s.sso.config.TrustMFA && provesFactor(claims)
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		user, less, err := s.linked(ctx, tx, subject, claims)
		if err != nil {
			return err
		}
		if less {
			changed = user.ID
		}
		if user.Disabled || user.Kind != KindPerson {
			return errUnlinked()
		}
		secret, _, err = s.begin(ctx, tx, &user, MethodSSO, withFactor, from)
		return err
	})
	if err == nil && changed != "" {
		s.running.end(changed, everySession)
	}
	if fault.KindOf(err) == fault.Denied {
		ctx := module.WithPrincipal(ctx, module.Principal{Name: "anonymous", Address: from.Addr})
		err = errors.Join(err, s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			return s.trail.Append(ctx, tx, module.Entry{Action: "session.sso-refused", Object: "sso:" + module.Text(subject, 200)})
		}))
	}
	return secret, err
}

// provesFactor tells whether the provider says that more than one factor was shown.
func provesFactor(claims map[string]any) bool {
	amr, _ := claims["amr"].([]any)
	return slices.Contains(amr, any("mfa"))
}

// linked finds or makes the account of a subject. It also tells whether the mapping
// gave it another role or unit, which ended its sessions.
func (s *Service) linked(ctx context.Context, tx bun.Tx, subject string, claims map[string]any) (_ User, less bool, _ error) {
	link, err := s.store.ssoLink(ctx, tx, s.sso.config.Issuer, subject)
	if err != nil && !errors.Is(err, errNoRow) {
		return User{}, false, err
	}
	if err == nil && !link.Mapped {
		row, err := s.store.userByID(ctx, tx, link.UserID)
		return row.user(), false, err
	}
	m := s.sso.config.match(claims)
	if m == nil || !s.units.Exists(m.Unit) {
		return User{}, false, errUnlinked()
	}
	if err == nil { // made by the mapping, which says anew what he may do
		row, err := s.store.userByID(ctx, tx, link.UserID)
		if err != nil || row.Role == string(m.Role) && row.Unit == string(m.Unit) {
			return row.user(), false, err
		}
		row.Role, row.Unit = string(m.Role), string(m.Unit)
		if err := s.store.setRoleAndUnit(ctx, tx, row.ID, row.Role, row.Unit); err != nil {
			return User{}, false, err
		}
		// What was opened with the other role is closed.
		if err := s.store.deleteSessionsOf(ctx, tx, row.ID, ""); err != nil {
			return User{}, false, err
		}
		return row.user(), true, s.trail.Append(ctx, tx, module.Entry{
			Action: "user.map", Object: "user:" + row.ID, Detail: map[string]string{"username": row.Username, "role": row.Role, "unit": row.Unit},
		})
	}
	user, err := s.mapped(ctx, tx, subject, claims, m)
	return user, false, err
}

// mapped makes the account of a person nobody linked. A name that is taken is not
// taken over: an administrator links it.
func (s *Service) mapped(ctx context.Context, tx bun.Tx, subject string, claims map[string]any, m *OIDCMapping) (User, error) {
	u := User{ID: module.NewID(), Username: suggestedName(claims), Role: m.Role, Unit: m.Unit, CreatedAt: s.now()}
	u.DisplayName, _ = claims["name"].(string)
	if u.DisplayName = module.Text(strings.TrimSpace(u.DisplayName), maxDisplayName); u.DisplayName == "" {
		u.DisplayName = u.Username
	}
	taken, err := s.store.usernameTaken(ctx, tx, u.Username)
	if err != nil {
		return User{}, err
	}
	if u.Username == "" || taken {
		return User{}, errUnlinked()
	}
	ctx = module.WithPrincipal(ctx, module.System())
	// No password: nothing hashes to this.
	if err := s.insertUser(ctx, tx, u, noPassword); err != nil {
		return User{}, err
	}
	return u, s.store.insertSSOLink(ctx, tx, ssoLinkRow{Issuer: s.sso.config.Issuer, Subject: subject, UserID: u.ID, CreatedAt: sqldb.MicrosOf(s.now()), Mapped: true})
}

// leaveSSO ends the sign-in at the provider too, where it can.
func (s *Service) leaveSSO(w http.ResponseWriter, r *http.Request) {
	to := "/"
	if provider, _, err := s.sso.discover(r.Context()); err == nil {
		var more struct {
			EndSession string `json:"end_session_endpoint"`
		}
		if provider.Claims(&more) == nil && more.EndSession != "" {
			if u, err := url.Parse(more.EndSession); err == nil {
				q := u.Query()
				q.Set("client_id", s.sso.config.ClientID)
				q.Set("post_logout_redirect_uri", strings.TrimSuffix(s.sso.redirect, ssoCallback)+"/")
				u.RawQuery = q.Encode()
				to = u.String()
			}
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// LinkSSO ties an account to a person as the provider knows him.
// Errors: NotFound, Denied, Conflict sso.linked or sso.off, Invalid.
func (s *Service) LinkSSO(ctx context.Context, id, subject string) error {
	if subject = strings.TrimSpace(subject); subject == "" {
		return fault.New(fault.Invalid, "subject: what the provider calls the person").OnField("body.subject")
	}
	err := s.onAccount(ctx, id, "user.link-sso", func(ctx context.Context, tx bun.Tx, row *userRow) error {
		if s.sso == nil {
			return fault.New(fault.Conflict, "single sign-on is not configured (identity.oidc)").WithCode("sso.off")
		}
		if row.Kind != string(KindPerson) {
			return fault.New(fault.Conflict, "the account for emergencies must work without the provider").WithCode("sso.linked")
		}
		return s.store.insertSSOLink(ctx, tx, ssoLinkRow{Issuer: s.sso.config.Issuer, Subject: subject, UserID: id, CreatedAt: sqldb.MicrosOf(s.now())})
	})
	if sqldb.IsUnique(err) {
		return fault.New(fault.Conflict, "this person is linked to an account already").WithCode("sso.linked").OnField("body.subject")
	}
	return err
}

// UnlinkSSO ends what LinkSSO did, and the account's sessions.
func (s *Service) UnlinkSSO(ctx context.Context, id string) error {
	err := s.onAccount(ctx, id, "user.unlink-sso", func(ctx context.Context, tx bun.Tx, _ *userRow) error {
		if err := s.store.deleteSSOLinks(ctx, tx, id); err != nil {
			return err
		}
		return s.store.deleteSessionsOf(ctx, tx, id, "")
	})
	if err == nil {
		s.running.end(id, everySession)
	}
	return err
}

// signedInBySSO tells whether the provider knows of p's session.
func (s *Service) signedInBySSO(ctx context.Context, p module.Principal) bool {
	if s.sso == nil || p.Session == "" {
		return false
	}
	row, err := s.store.sessionByID(ctx, s.store.db, p.Session)
	return err == nil && row.Method == string(MethodSSO)
}
