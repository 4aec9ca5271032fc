package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

// CookieName is the session cookie's name.
const CookieName = "lachan_session"

// Units tells which units exist, and which are under one in the tree.
type Units interface {
	Exists(event.UnitID) bool
	// Active tells whether a unit may have new users and tokens: it has not ended.
	Active(event.UnitID) bool
	Below(event.UnitID) []event.UnitID
}

// Options is what the service needs. All but SecureCookie and Cost are required.
type Options struct {
	DB    *bun.DB
	Trail *module.Trail
	Units Units
	Log   *slog.Logger
	Now   func() time.Time
	// Version is shown to signed-in users.
	Version string
	// SecureCookie is set when browsers reach the node by TLS.
	SecureCookie bool
	// Cost of a password check; zero: DefaultCost.
	Cost Cost
	// Key seals the secrets of second factors: KeyBytes random bytes that are not
	// in the database. nil: one of this process, for tests.
	Key []byte
	// Passkeys say where passkeys work; a zero Host: nowhere.
	Passkeys RelyingParty
	Config   Config
	// RedirectURL is where a provider of single sign-on sends people back, if the
	// configuration does not say.
	RedirectURL string
	// Alarm tells that the account for emergencies was used; nil: nobody is told.
	Alarm func(ctx context.Context, from From) error
	// Metrics may be nil.
	Metrics prometheus.Registerer
}

// Service signs people in.
type Service struct {
	store   store
	trail   *module.Trail
	units   Units
	log     *slog.Logger
	now     func() time.Time
	version string
	secure  bool
	hasher  *hasher
	tokens  *Tokens
	// An account is never locked for long, or anybody could lock out anybody.
	perAccount *attempts
	perAddress *attempts
	perFactor  *attempts
	policy     *policy
	sealer     sealer
	running    *running
	web        *webauthn.WebAuthn // nil: no passkeys
	ceremonies *ceremonies
	sso        *sso // nil: none
	alarm      func(ctx context.Context, from From) error
	metrics    *metrics
}

// New makes the service; call Load before serving.
func New(o Options) *Service {
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost()
	}
	if o.Key == nil {
		o.Key = randomKey()
	}
	sealer, err := newSealer(o.Key)
	if err != nil {
		panic(err) // app makes the key
	}
	st := store{o.DB}
	tokens := newTokens(st, o)
	m := newMetrics(o.Metrics, tokens)
	s := &Service{
		store: st, trail: o.Trail, units: o.Units, log: o.Log, now: o.Now, version: o.Version, secure: o.SecureCookie,
		hasher:     newHasher(o.Cost),
		tokens:     tokens,
		metrics:    m,
		perAccount: newAttempts(5, 5*time.Minute),
		perAddress: newAttempts(30, 15*time.Minute),
		perFactor:  newAttempts(5, 5*time.Minute),
		policy:     newPolicy(),
		sealer:     sealer,
		running:    newRunning(),
		web:        newWebAuthn(o.Passkeys),
		ceremonies: newCeremonies(),
		sso:        newSSO(o.Config.OIDC, o.RedirectURL),
		alarm:      o.Alarm,
	}
	s.perAccount.refused, s.perAddress.refused, s.perFactor.refused = m.lockout("account"), m.lockout("address"), m.lockout("factor")
	s.perAddress.network = true
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "identity", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{
			{Name: "identity-tokens", Run: s.tokens.run},
			{Name: "identity-sessions", Run: s.runCleanup},
		},
	}
}

// Load reads the tokens, the policy and who must wait into memory.
func (s *Service) Load(ctx context.Context) error {
	failing, err := s.store.failing(ctx)
	for _, r := range failing {
		s.perAccount.restore(r.Username, failures{n: int(r.Failures), last: r.FailedAt.Time(), until: r.LockedUntil.Time()})
	}
	return errors.Join(err, s.tokens.reload(ctx), s.loadPolicy(ctx))
}

// Tokens returns the token side of the service, for the HTTP inputs.
func (s *Service) Tokens() *Tokens { return s.tokens }

// Authenticate says who sent r: by bearer token if there is one, else by
// session cookie. The returned context carries the principal.
// Errors: Unauthenticated.
func (s *Service) Authenticate(r *http.Request) (context.Context, string, error) {
	ctx := r.Context()
	var p module.Principal
	var err error
	if auth := r.Header.Get("Authorization"); auth != "" {
		scheme, secret, _ := strings.Cut(auth, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return nil, "", fault.New(fault.Unauthenticated, "Authorization: only Bearer tokens are taken").WithCode("session.required")
		}
		p, err = s.tokens.principal(strings.TrimSpace(secret), hostOf(r.RemoteAddr))
	} else if c, cookieErr := r.Cookie(s.cookieName()); cookieErr == nil && c.Value != "" {
		p, err = s.session(ctx, c.Value)
	} else {
		err = errNoSession()
	}
	if err != nil {
		return nil, "", err
	}
	p.Address = hostOf(r.RemoteAddr)
	if p.Session != "" {
		ctx = s.running.attach(ctx, p.ID, p.Session)
	}
	return module.WithPrincipal(ctx, p), p.Name, nil
}

func errNoSession() error {
	return fault.New(fault.Unauthenticated, "sign in first").WithCode("session.required")
}

// hashSecret is how session and token secrets are stored. They are random, so
// a fast hash is enough.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (s *Service) principalOf(u User, session string) module.Principal {
	return module.Principal{
		ID: u.ID, Name: u.Username, DisplayName: u.DisplayName, Role: u.Role, Unit: u.Unit, Below: s.units.Below(u.Unit), Session: session,
	}
}

// SignIn starts a session by password and returns its secret. Where the account
// has a second factor the session waits for it.
// Errors: Unauthenticated session.wrong-credentials; Busy
// session.too-many-attempts, a *RetryError.
func (s *Service) SignIn(ctx context.Context, username, password string, from From) (_ string, _ module.Principal, err error) {
	way := MethodPassword
	defer func() { s.metrics.signedIn(way, err) }()
	username = normalUsername(username)
	now := s.now()
	elsewhere := s.perAddress.begin(from.Addr, now)
	row, err := s.store.userByName(ctx, username)
	if err != nil && !errors.Is(err, errNoRow) {
		return "", module.Principal{}, err
	}
	key := accountKey(&row, username, from.Addr)
	if row.Kind == string(KindBreakGlass) {
		// Nobody guesses its secret, and nobody may make it wait.
		way = MethodBreakGlass
		key = deskKey(username, from.Addr)
	}
	// Hundreds may share an address. Somebody who guesses there, or mistypes, does not
	// make those wait who signed in there before and have not failed since.
	if elsewhere > 0 && (key == username || s.perAccount.failed(key, now)) {
		return "", module.Principal{}, tooManyAttempts(elsewhere)
	}
	if wait := s.perAccount.begin(key, now); wait > 0 {
		return "", module.Principal{}, tooManyAttempts(wait)
	}
	good, err := s.hasher.verify(ctx, row.PasswordHash, password)
	if err != nil {
		return "", module.Principal{}, err
	}
	if !good || row.Disabled {
		return "", module.Principal{}, errors.Join(wrongCredentials(), s.recordRefusal(ctx, &row, key, from.Addr))
	}
	s.perAccount.succeed(key)
	if elsewhere == 0 {
		s.perAddress.forgive(from.Addr)
	}
	if row.Kind == string(KindBreakGlass) {
		return s.breakGlass(ctx, &row, from)
	}

	var secret string
	var p module.Principal
	user := row.user()
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		if row.Failures > 0 && key == username {
			if err := s.store.setFailures(ctx, tx, row.ID, failures{}); err != nil {
				return err
			}
		}
		secret, p, err = s.begin(ctx, tx, &user, MethodPassword, false, from)
		return err
	})
	return secret, p, err
}

// accountKey is what wrong attempts at an account count against: the account, and
// apart from that the account at the address its person last signed in from. Who
// guesses from elsewhere makes everybody wait but the person at his own desk.
func accountKey(row *userRow, username, addr string) string {
	if row.ID != "" && row.LastAddr == addr {
		return deskKey(username, addr)
	}
	return username
}

func deskKey(username, addr string) string { return username + "@" + addr }

// recordRefusal writes down a wrong password; row is the account's, if there is
// one of that name. The name is written only then: people type passwords into
// the name field.
func (s *Service) recordRefusal(ctx context.Context, row *userRow, key, addr string) error {
	known := "unknown"
	if row.ID != "" {
		known = row.Username
	}
	s.log.WarnContext(ctx, "sign-in refused", "user", known, "peer", addr)
	ctx = module.WithPrincipal(ctx, module.Principal{Name: "anonymous", Address: addr})
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if row.ID != "" && key == row.Username {
			if err := s.store.setFailures(ctx, tx, row.ID, s.perAccount.stored(key)); err != nil {
				return err
			}
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "session.refused", Object: "username:" + known})
	})
}

func wrongCredentials() error {
	return fault.New(fault.Unauthenticated, "user name or password is wrong").WithCode("session.wrong-credentials")
}

// RetryError is a Busy fault that says when to come back.
type RetryError struct {
	After time.Duration
	cause error
}

func (e *RetryError) Error() string { return e.cause.Error() }
func (e *RetryError) Unwrap() error { return e.cause }

func tooManyAttempts(wait time.Duration) error {
	return &RetryError{After: wait, cause: fault.New(fault.Busy, "too many attempts; wait %s", wait.Round(time.Second)).WithCode("session.too-many-attempts")}
}

func withRetryAfter(err error) error {
	re, ok := errors.AsType[*RetryError](err)
	if !ok {
		return err
	}
	seconds := strconv.Itoa(int(math.Ceil(re.After.Seconds())))
	return huma.ErrorWithHeaders(err, http.Header{"Retry-After": {seconds}})
}

// newSecret makes 256 random bits.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// cookieName begins, where browsers reach the node by TLS, with the prefix by which
// they take the cookie from this host alone.
func (s *Service) cookieName() string {
	if s.secure {
		return "__Host-" + CookieName
	}
	return CookieName
}

// cookie carries a session secret; "" takes the cookie away.
func (s *Service) cookie(secret string) http.Cookie {
	c := http.Cookie{
		Name: s.cookieName(), Value: secret, Path: "/", HttpOnly: true, Secure: s.secure,
		SameSite: http.SameSiteStrictMode, MaxAge: int(sessionLife.Seconds()),
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}
