package identity

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

const consoleHost, consoleOrigin = "lachan.tinh.example", "https://lachan.tinh.example"

// device holds passkeys and answers as a browser does.
type device struct {
	t  *testing.T
	rp virtualwebauthn.RelyingParty
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func newDevice(t *testing.T, origin string) *device {
	return &device{
		t: t, rp: virtualwebauthn.RelyingParty{Name: "Lá Chắn", ID: consoleHost, Origin: origin},
		Authenticator: virtualwebauthn.NewAuthenticator(), key: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
}

// make answers navigator.credentials.create.
func (d *device) make(c Ceremony) []byte {
	d.t.Helper()
	options, err := virtualwebauthn.ParseAttestationOptions(string(c.Options))
	if err != nil {
		d.t.Fatal(err)
	}
	answer := virtualwebauthn.CreateAttestationResponse(d.rp, d.Authenticator, d.key, *options)
	d.AddCredential(d.key)
	return []byte(answer)
}

// get answers navigator.credentials.get; owner is whose passkey it is.
func (d *device) get(c Ceremony, owner string) []byte {
	d.t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(string(c.Options))
	if err != nil {
		d.t.Fatal(err)
	}
	d.Options.UserHandle = []byte(owner)
	d.key.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.Authenticator, d.key, *options))
}

// withPasskey signs an account in and makes a passkey for it.
func (f *fixture) withPasskey(t *testing.T, name string) (*device, User, Enrolled) {
	t.Helper()
	u := f.account(name, module.RoleAdministrator, event.CentreUnit)
	cookie, err := f.signIn(name, good)
	if err != nil {
		t.Fatal(err)
	}
	d := newDevice(t, consoleOrigin)
	c, err := f.OfferPasskey(f.in(cookie))
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.AcceptPasskey(f.in(cookie), c.Handle, "Máy tính cơ quan", d.make(c))
	if err != nil {
		t.Fatal(err)
	}
	return d, u, e
}

func TestAPasskeyAloneSignsIn(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		d, u, e := f.withPasskey(t, "lan")
		if f.pending(e.Secret) != "" || len(e.RecoveryCodes) != recoveryCodes {
			t.Fatalf("%+v", e)
		}
		from := From{Addr: addr}
		c, err := f.AskPasskey(from)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.get(c, u.ID)
		cookie, _, err := f.SignInByPasskey(context.Background(), c.Handle, answer, from)
		if err != nil || f.pending(cookie) != "" {
			t.Fatalf("%v", err)
		}
		if _, _, err := f.SignInByPasskey(context.Background(), c.Handle, answer, from); code(err) != "session.wrong-passkey" {
			t.Errorf("the same answer twice: %v", err)
		}
		for name, wrong := range map[string]func(Ceremony) []byte{
			"another site's page": func(c Ceremony) []byte {
				phished := *d
				phished.rp.Origin = "https://lachan.tinh.example.evil.example"
				return phished.get(c, u.ID)
			},
			"without its owner": func(c Ceremony) []byte {
				alone := *d
				alone.Options.UserNotVerified = true
				return alone.get(c, u.ID)
			},
			"an unknown key":  func(c Ceremony) []byte { return newDevice(t, consoleOrigin).get(c, u.ID) },
			"another account": func(c Ceremony) []byte { return d.get(c, "somebody") },
			"no answer":       func(Ceremony) []byte { return []byte("{}") },
		} {
			c, err := f.AskPasskey(from)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := f.SignInByPasskey(context.Background(), c.Handle, wrong(c), from); code(err) != "session.wrong-passkey" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := f.SetDisabled(admin, f.account("khac", module.RoleAdministrator, event.CentreUnit).ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := f.SetDisabled(admin, u.ID, true); err != nil {
			t.Fatal(err)
		}
		c, _ = f.AskPasskey(from)
		if _, _, err := f.SignInByPasskey(context.Background(), c.Handle, d.get(c, u.ID), from); code(err) != "session.wrong-passkey" {
			t.Errorf("a disabled account: %v", err)
		}
	})
}

func TestAPasskeyIsASecondFactorToo(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		d, u, e := f.withPasskey(t, "lan")
		half, err := f.signIn("lan", good)
		if err != nil || f.pending(half) != module.PendingFactor {
			t.Fatalf("%v", err)
		}
		c, err := f.AskOwnPasskey(f.in(half))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.SignInByPasskey(context.Background(), c.Handle, d.get(c, u.ID), From{Addr: addr}); code(err) != "session.wrong-passkey" {
			t.Errorf("an answer to something else that was asked: %v", err)
		}
		c, _ = f.AskOwnPasskey(f.in(half))
		whole, _, err := f.ProveByPasskey(f.in(half), c.Handle, d.get(c, u.ID))
		if err != nil || f.pending(whole) != "" {
			t.Fatalf("%v", err)
		}
		factors, err := f.Factors(f.in(whole))
		if err != nil || len(factors.Passkeys) != 1 || factors.Passkeys[0].UsedAt.IsZero() || factors.Passkeys[0].Name != "Máy tính cơ quan" {
			t.Errorf("%+v %v", factors, err)
		}
		if err := f.RemovePasskey(f.in(whole), factors.Passkeys[0].ID); code(err) != "factor.needed" {
			t.Errorf("an administrator's only factor: %v", err)
		}
		other := f.account("minh", module.RoleAnalyst, "so-y-te")
		cookie, _, _ := f.enrol(other.Username)
		if err := f.RemovePasskey(f.in(cookie), factors.Passkeys[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else's passkey: %v", err)
		}
		_ = e
	})
}

// A passkey whose counter goes back was copied.
func TestACopiedPasskeyIsNotBelieved(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	d, u, _ := f.withPasskey(t, "lan")
	d.key.Counter = 100
	try := func() error {
		c, err := f.AskPasskey(From{Addr: addr})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = f.SignInByPasskey(context.Background(), c.Handle, d.get(c, u.ID), From{Addr: addr})
		return err
	}
	if err := try(); err != nil {
		t.Fatal(err)
	}
	d.key.Counter = 50
	if err := try(); err == nil {
		t.Error("a counter that went back was taken")
	}
}

func TestCeremoniesAreBounded(t *testing.T) {
	c := newCeremonies()
	now := time.Unix(1_790_000_000, 0)
	for i := range ceremoniesByOne * 2 {
		if _, err := c.begin("sign-in", addr, nil, struct{}{}, now); (err == nil) != (i < ceremoniesByOne) {
			t.Fatalf("%d from one address: %v", i, err)
		}
	}
	for i := range maxCeremonies * 2 {
		_, _ = c.begin("sign-in", fmt.Sprint(i), nil, struct{}{}, now)
	}
	if len(c.m) > maxCeremonies {
		t.Errorf("%d remembered", len(c.m))
	}
	if _, err := c.begin("sign-in", addr, nil, struct{}{}, now.Add(ceremonyLife+time.Second)); err != nil || len(c.m) != 1 {
		t.Errorf("%d after their time: %v", len(c.m), err)
	}
}

func FuzzPasskeyAnswer(f *testing.F) {
	db := sqldbtest.SQLite(f)
	fx := newFixture(f, db)
	f.Add([]byte(`{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA","userHandle":"AAAA"}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		from := From{Addr: fmt.Sprintf("%x", len(answer))}
		fx.ceremonies = newCeremonies()
		c, err := fx.AskPasskey(from)
		if err != nil {
			t.Fatal(err)
		}
		fx.perAddress = newAttempts(1000, time.Second)
		if _, _, err := fx.SignInByPasskey(context.Background(), c.Handle, answer, from); code(err) != "session.wrong-passkey" {
			t.Errorf("%v", err)
		}
	})
}
