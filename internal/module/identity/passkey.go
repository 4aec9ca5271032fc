package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Passkey is a key of a phone, a computer or a token, that proves possession and,
// because user verification is asked for always, that its owner is there: it is
// enough to sign in by itself.
type Passkey struct {
	ID        string
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time // zero: never
}

const (
	maxPasskeys    = 20
	maxPasskeyName = 60
)

// RelyingParty is what passkeys are bound to: the host in the browser's address
// bar. A passkey made for one host works for no other.
type RelyingParty struct {
	// Host is a DNS name, or localhost; "": no passkeys. An address has none.
	Host string
	// Origins are the addresses the console may be opened at, "https://host:port".
	Origins []string
}

func newWebAuthn(rp RelyingParty) *webauthn.WebAuthn {
	if rp.Host == "" {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: rp.Host, RPDisplayName: totpIssuer, RPOrigins: rp.Origins,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil // a host that browsers refuse too
	}
	return w
}

func noPasskeys() error {
	return fault.New(fault.Conflict, "passkeys need the console to be opened by a host name over TLS: set publicAddress").WithCode("passkey.unavailable")
}

// webUser is an account as the WebAuthn library wants it.
type webUser struct {
	userRow
	keys []webauthn.Credential
}

func (u *webUser) WebAuthnID() []byte                         { return []byte(u.ID) }
func (u *webUser) WebAuthnName() string                       { return u.Username }
func (u *webUser) WebAuthnDisplayName() string                { return u.DisplayName }
func (u *webUser) WebAuthnCredentials() []webauthn.Credential { return u.keys }

func (s *Service) webUser(ctx context.Context, db bun.IDB, id string) (*webUser, error) {
	row, err := s.store.userByID(ctx, db, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.passkeys(ctx, db, id)
	if err != nil {
		return nil, err
	}
	u := &webUser{userRow: row}
	for _, r := range rows {
		var key webauthn.Credential
		if err := json.Unmarshal([]byte(r.Data), &key); err != nil {
			return nil, err
		}
		u.keys = append(u.keys, key)
	}
	return u, nil
}

// Ceremony is one exchange with a browser about a passkey.
type Ceremony struct {
	Handle  string          // to be sent back with the answer
	Options json.RawMessage // for navigator.credentials
}

// OfferPasskey begins to make a passkey for the caller.
// Errors: Conflict passkey.unavailable or passkey.too-many, Denied.
func (s *Service) OfferPasskey(ctx context.Context) (Ceremony, error) {
	p, err := s.changing(ctx, module.PendingEnrol)
	if err != nil {
		return Ceremony{}, err
	}
	if s.web == nil {
		return Ceremony{}, noPasskeys()
	}
	u, err := s.webUser(ctx, s.store.db, p.ID)
	if err != nil {
		return Ceremony{}, err
	}
	if len(u.keys) >= maxPasskeys {
		return Ceremony{}, fault.New(fault.Conflict, "at most %d passkeys; remove one first", maxPasskeys).WithCode("passkey.too-many")
	}
	options, data, err := s.web.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.keys).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return s.ceremonies.begin("enrol:"+p.Session, p.Address, data, options, s.now())
}

// AcceptPasskey keeps the passkey that the browser made.
// Errors: Invalid factor.wrong-passkey, Denied.
func (s *Service) AcceptPasskey(ctx context.Context, handle, name string, answer []byte) (Enrolled, error) {
	p, err := s.changing(ctx, module.PendingEnrol)
	if err != nil {
		return Enrolled{}, err
	}
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > maxPasskeyName {
		return Enrolled{}, fault.New(fault.Invalid, "name: 1 to %d characters", maxPasskeyName).OnField("body.name")
	}
	data := s.ceremonies.end("enrol:"+p.Session, handle, s.now())
	if data == nil || s.web == nil {
		return Enrolled{}, wrongPasskey()
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Enrolled{}, wrongPasskey()
	}
	var out Enrolled
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		u, err := s.webUser(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		key, err := s.web.CreateCredential(u, *data, parsed)
		if err != nil {
			return wrongPasskey()
		}
		text, err := json.Marshal(key)
		if err != nil {
			return err
		}
		row := passkeyRow{
			ID: module.NewID(), UserID: p.ID, Credential: credentialName(key.ID), Name: name, Data: string(text), CreatedAt: sqldb.MicrosOf(s.now()),
		}
		if err := s.store.insertPasskey(ctx, tx, row); err != nil {
			return err
		}
		out, err = s.enrolled(ctx, tx, p, "passkey")
		return err
	})
	if sqldb.IsUnique(err) {
		return Enrolled{}, wrongPasskey()
	}
	if err == nil {
		s.endOthers(p)
	}
	return out, err
}

// RemovePasskey takes one of the caller's passkeys away. Errors: as RemoveTOTP.
func (s *Service) RemovePasskey(ctx context.Context, id string) error {
	p, err := s.changing(ctx)
	if err != nil {
		return err
	}
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.store.deletePasskey(ctx, tx, p.ID, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "no such passkey").WithCode("factor.unknown")
		}
		return s.removed(ctx, tx, p, "passkey")
	})
}

// AskPasskey begins a sign-in by passkey alone; the browser offers those it has.
func (s *Service) AskPasskey(from From) (Ceremony, error) {
	if s.web == nil {
		return Ceremony{}, noPasskeys()
	}
	options, data, err := s.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.ceremonies.begin("sign-in", from.Addr, data, options, s.now())
}

// SignInByPasskey starts a session; nothing else is asked for.
// Errors: Unauthenticated session.wrong-passkey, Busy.
func (s *Service) SignInByPasskey(ctx context.Context, handle string, answer []byte, from From) (_ string, _ module.Principal, err error) {
	defer func() { s.metrics.signedIn(MethodPasskey, err) }()
	if wait := s.perAddress.begin(from.Addr, s.now()); wait > 0 {
		return "", module.Principal{}, tooManyAttempts(wait)
	}
	refused := fault.New(fault.Unauthenticated, "the passkey is not known here, or its account is disabled").WithCode("session.wrong-passkey")
	data := s.ceremonies.end("sign-in", handle, s.now())
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if data == nil || err != nil || s.web == nil {
		return "", module.Principal{}, refused
	}
	var secret string
	var p module.Principal
	var known userRow
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		_, key, err := s.web.ValidatePasskeyLogin(func(_, userID []byte) (webauthn.User, error) {
			u, err := s.webUser(ctx, tx, string(userID))
			if err != nil {
				return nil, err
			}
			known = u.userRow
			return u, nil
		}, *data, parsed)
		if err != nil || known.Disabled {
			return refused
		}
		if err := s.used(ctx, tx, known.ID, key); err != nil {
			return err
		}
		user := known.user()
		secret, p, err = s.begin(ctx, tx, &user, MethodPasskey, true, from)
		return err
	})
	if errors.Is(err, error(refused)) {
		return "", module.Principal{}, errors.Join(err, s.recordRefusal(ctx, &known, "", from.Addr))
	}
	if err == nil {
		s.perAddress.forgive(from.Addr)
	}
	return secret, p, err
}

// AskOwnPasskey begins to show a passkey as the second factor, or to confirm.
func (s *Service) AskOwnPasskey(ctx context.Context) (Ceremony, error) {
	p, err := s.self(ctx, module.PendingFactor)
	if err != nil {
		return Ceremony{}, err
	}
	if s.web == nil {
		return Ceremony{}, noPasskeys()
	}
	u, err := s.webUser(ctx, s.store.db, p.ID)
	if err != nil {
		return Ceremony{}, err
	}
	if len(u.keys) == 0 {
		return Ceremony{}, fault.New(fault.Conflict, "the account has no passkey").WithCode("factor.none")
	}
	options, data, err := s.web.BeginLogin(u, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.ceremonies.begin("prove:"+p.Session, p.Address, data, options, s.now())
}

// ProveByPasskey is Prove with a passkey. Errors: Invalid factor.wrong-passkey, Busy.
func (s *Service) ProveByPasskey(ctx context.Context, handle string, answer []byte) (string, module.Principal, error) {
	p, err := s.self(ctx, module.PendingFactor)
	if err != nil {
		return "", p, err
	}
	var secret string
	err = s.guess(ctx, p, func() error {
		data := s.ceremonies.end("prove:"+p.Session, handle, s.now())
		parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
		if data == nil || err != nil || s.web == nil {
			return wrongPasskey()
		}
		secret, p, err = s.proved(ctx, p, "passkey", func(ctx context.Context, tx bun.Tx) (bool, error) {
			u, err := s.webUser(ctx, tx, p.ID)
			if err != nil {
				return false, err
			}
			key, err := s.web.ValidateLogin(u, *data, parsed)
			if err != nil {
				return false, wrongPasskey()
			}
			return true, s.used(ctx, tx, p.ID, key)
		})
		return err
	})
	return secret, p, err
}

// used writes down that a passkey was shown. One whose counter went back was
// copied; it is not believed.
func (s *Service) used(ctx context.Context, tx bun.Tx, userID string, key *webauthn.Credential) error {
	if key.Authenticator.CloneWarning {
		s.log.WarnContext(ctx, "a passkey was copied: its counter went back", "user", userID)
		return wrongPasskey()
	}
	text, err := json.Marshal(key)
	if err != nil {
		return err
	}
	return s.store.usePasskey(ctx, tx, userID, credentialName(key.ID), string(text), sqldb.MicrosOf(s.now()))
}

func credentialName(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

const codeWrongPasskey = "factor.wrong-passkey"

func wrongPasskey() error {
	return fault.New(fault.Invalid, "the passkey was not accepted; begin again").WithCode(codeWrongPasskey).OnField("body.credential")
}

// ceremonies remembers what browsers were asked until they answer. It is bounded,
// over all and per address, and forgets after a few minutes.
type ceremonies struct {
	mu sync.Mutex
	m  map[string]ceremony
}

type ceremony struct {
	purpose, addr string
	data          *webauthn.SessionData
	until         time.Time
}

const (
	ceremonyLife    = 5 * time.Minute
	maxCeremonies   = 2000
	ceremoniesByOne = 30
)

func newCeremonies() *ceremonies { return &ceremonies{m: map[string]ceremony{}} }

func (c *ceremonies) begin(purpose, addr string, data *webauthn.SessionData, options any, now time.Time) (Ceremony, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	mine := 0
	for handle, one := range c.m {
		switch {
		case now.After(one.until):
			delete(c.m, handle)
		case one.addr == addr:
			mine++
		}
	}
	if mine >= ceremoniesByOne || len(c.m) >= maxCeremonies {
		return Ceremony{}, tooManyAttempts(ceremonyLife)
	}
	handle := rand.Text()
	c.m[handle] = ceremony{purpose, addr, data, now.Add(ceremonyLife)}
	return Ceremony{Handle: handle, Options: text}, nil
}

// end gives what was asked, once; nil if nothing was, or for something else.
func (c *ceremonies) end(purpose, handle string, now time.Time) *webauthn.SessionData {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, ok := c.m[handle]
	if !ok || one.purpose != purpose || now.After(one.until) {
		return nil
	}
	delete(c.m, handle)
	return one.data
}
