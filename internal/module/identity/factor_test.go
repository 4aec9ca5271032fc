package identity

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity/identitytest"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// in is a context in which the holder of a cookie acts.
func (f *fixture) in(cookie string) context.Context {
	f.t.Helper()
	p, err := f.who(cookie)
	if err != nil {
		f.t.Fatal(err)
	}
	return module.WithPrincipal(context.Background(), p)
}

// enrol signs an account in and sets up an app; it returns the session's cookie.
func (f *fixture) enrol(name string) (string, *identitytest.App, []string) {
	f.t.Helper()
	cookie, err := f.signIn(name, good)
	if err != nil {
		f.t.Fatal(err)
	}
	setup, err := f.OfferTOTP(f.in(cookie))
	if err != nil {
		f.t.Fatal(err)
	}
	app := identitytest.NewApp(setup.Secret)
	e, err := f.AcceptTOTP(f.in(cookie), app.Next(f.t, f.clock()))
	if err != nil {
		f.t.Fatal(err)
	}
	return e.Secret, app, e.RecoveryCodes
}

func (f *fixture) pending(cookie string) module.Pending {
	f.t.Helper()
	p, err := f.who(cookie)
	if err != nil {
		f.t.Fatal(err)
	}
	return p.Pending
}

// prove shows a proof in the session of a cookie.
func (f *fixture) prove(cookie string, proof Proof) (string, error) {
	f.t.Helper()
	secret, _, err := f.Prove(f.in(cookie), proof)
	return secret, err
}

func TestAnAdministratorSetsUpASecondFactorBeforeAnythingElse(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAdministrator, event.CentreUnit)
		other, _ := f.signIn("lan", good)
		first, err := f.signIn("lan", good)
		if err != nil || f.pending(first) != module.PendingEnrol {
			t.Fatalf("%s %v", f.pending(first), err)
		}
		setup, err := f.OfferTOTP(f.in(first))
		if err != nil || !strings.HasPrefix(setup.QR, "data:image/png;base64,") || !strings.Contains(setup.URI, "secret="+setup.Secret) || len(setup.Secret) != 32 {
			t.Fatalf("%+v %v", setup, err)
		}
		if _, err := f.AcceptTOTP(f.in(first), "000000"); code(err) != "factor.wrong-code" || f.pending(first) != module.PendingEnrol {
			t.Errorf("a wrong first code: %v", err)
		}
		app := identitytest.NewApp(setup.Secret)
		e, err := f.AcceptTOTP(f.in(first), app.Next(t, f.clock()))
		if err != nil || len(e.RecoveryCodes) != recoveryCodes {
			t.Fatalf("%+v %v", e, err)
		}
		if f.pending(e.Secret) != "" {
			t.Error("something is pending after the set-up")
		}
		for name, cookie := range map[string]string{"the secret before": first, "a session without a factor": other} {
			if _, err := f.who(cookie); err == nil {
				t.Errorf("%s still opens the account", name)
			}
		}
		var stored []string
		if err := db.NewRaw("SELECT secret || next_secret FROM totp UNION ALL SELECT hash FROM recovery_codes UNION ALL SELECT detail FROM audit_log").Scan(context.Background(), &stored); err != nil {
			t.Fatal(err)
		}
		for _, secret := range append(e.RecoveryCodes, setup.Secret, normalRecovery(e.RecoveryCodes[0])) {
			if strings.Contains(strings.Join(stored, "\n"), secret) {
				t.Errorf("%q can be read in the database", secret)
			}
		}
		if err := f.RemoveTOTP(f.in(e.Secret)); code(err) != "factor.needed" {
			t.Errorf("an administrator without a factor: %v", err)
		}
	})
}

func TestACodeCountsOnceAndOnlyNearItsTime(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAnalyst, "so-y-te")
		_, app, _ := f.enrol("lan")
		half, err := f.signIn("lan", good)
		if err != nil || f.pending(half) != module.PendingFactor {
			t.Fatalf("%v", err)
		}
		for _, refused := range []func() error{
			func() error { return f.ChangePassword(f.in(half), good, good+" 2") },
			func() error { _, err := f.OfferTOTP(f.in(half)); return err },
			func() error { _, err := f.Factors(f.in(half)); return err },
			func() error { return f.RemoveTOTP(f.in(half)) },
			func() error { _, err := f.RenewRecoveryCodes(f.in(half)); return err },
		} {
			if err := refused(); code(err) != "session.second-factor-required" {
				t.Errorf("with the password alone: %v", err)
			}
		}
		if _, err := f.prove(half, Proof{Password: good}); code(err) != "factor.needed" {
			t.Errorf("the password in place of the factor: %v", err)
		}
		used := app.Next(t, f.clock())
		whole, err := f.prove(half, Proof{Code: used[:3] + " " + used[3:]})
		if err != nil || f.pending(whole) != "" {
			t.Fatalf("%v", err)
		}
		if _, err := f.who(half); err == nil {
			t.Error("the secret from before the factor still opens the session")
		}
		again, _ := f.signIn("lan", good)
		if _, err := f.prove(again, Proof{Code: used}); code(err) != "factor.wrong-code" {
			t.Errorf("the same code a second time: %v", err)
		}
		next := app.Next(t, f.clock()) // that of the step to come: a clock that is fast
		f.wait(3 * time.Minute)
		if _, err := f.prove(again, Proof{Code: next}); code(err) != "factor.wrong-code" {
			t.Errorf("a code three minutes old: %v", err)
		}
		if _, err := f.prove(again, Proof{Code: app.Next(t, f.clock())}); err != nil {
			t.Errorf("a code of now: %v", err)
		}
	})
}

func TestARecoveryCodeStandsInOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAnalyst, "so-y-te")
		f.account("minh", module.RoleAnalyst, "so-y-te")
		_, _, codes := f.enrol("lan")
		_, _, foreign := f.enrol("minh")
		half, _ := f.signIn("lan", good)
		if _, err := f.prove(half, Proof{Recovery: foreign[0]}); code(err) != "factor.wrong-code" {
			t.Errorf("somebody else's code: %v", err)
		}
		typed := strings.ToUpper(strings.ReplaceAll(codes[0], "-", " "))
		whole, err := f.prove(half, Proof{Recovery: typed})
		if err != nil {
			t.Fatal(err)
		}
		if factors, err := f.Factors(f.in(whole)); err != nil || factors.RecoveryLeft != recoveryCodes-1 {
			t.Errorf("%+v %v", factors, err)
		}
		half, _ = f.signIn("lan", good)
		if _, err := f.prove(half, Proof{Recovery: codes[0]}); code(err) != "factor.wrong-code" {
			t.Errorf("a second time: %v", err)
		}
		renewed, err := f.RenewRecoveryCodes(f.in(whole))
		if err != nil || len(renewed) != recoveryCodes {
			t.Fatal(err)
		}
		if _, err := f.prove(half, Proof{Recovery: codes[1]}); code(err) != "factor.wrong-code" {
			t.Errorf("a code that was replaced: %v", err)
		}
		if _, err := f.prove(half, Proof{Recovery: renewed[1]}); err != nil {
			t.Error(err)
		}
	})
}

func TestGuessingCodesIsSlowed(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.account("lan", module.RoleAnalyst, "so-y-te")
	_, app, _ := f.enrol("lan")
	half, _ := f.signIn("lan", good)
	tried := 0
	for range 100 {
		if _, err := f.prove(half, Proof{Code: "000000"}); code(err) == "factor.wrong-code" {
			tried++
		}
		f.wait(100 * time.Millisecond)
	}
	if tried > 10 {
		t.Errorf("%d guesses within 10 s", tried)
	}
	if _, err := f.prove(half, Proof{Code: app.Next(t, f.clock())}); fault.KindOf(err) != fault.Busy {
		t.Errorf("the right code while waiting: %v", err)
	}
	f.wait(10 * time.Minute)
	if _, err := f.prove(half, Proof{Code: app.Next(t, f.clock())}); err != nil {
		t.Errorf("after waiting: %v", err)
	}
}

func TestASessionWaitsForItsFactorOnlyAWhile(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.account("lan", module.RoleAnalyst, "so-y-te")
	f.enrol("lan")
	half, _ := f.signIn("lan", good)
	f.wait(halfLife + time.Second)
	if _, err := f.who(half); err == nil {
		t.Error("half a sign-in is open after a quarter of an hour")
	}
}

func TestWhatChangesFactorsAsksAgainWhoItIs(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAnalyst, "so-y-te")
		cookie, app, _ := f.enrol("lan")
		f.wait(confirmedFor + time.Second)
		for _, sensitive := range []func() error{
			func() error { _, err := f.OfferTOTP(f.in(cookie)); return err },
			func() error { _, err := f.RenewRecoveryCodes(f.in(cookie)); return err },
			func() error { return f.RemoveTOTP(f.in(cookie)) },
		} {
			if err := sensitive(); code(err) != "session.confirm-first" {
				t.Errorf("%v", err)
			}
		}
		next, err := f.prove(cookie, Proof{Code: app.Next(t, f.clock())})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.who(cookie); err == nil {
			t.Error("confirming left the old secret valid")
		}
		if err := f.RemoveTOTP(f.in(next)); err != nil {
			t.Fatal(err)
		}
		if plain, err := f.signIn("lan", good); err != nil || f.pending(plain) != "" {
			t.Errorf("without a factor the password is enough for an analyst: %v", err)
		}
		f.wait(confirmedFor + time.Second)
		plain, err := f.prove(next, Proof{Password: good})
		if err != nil {
			t.Fatalf("without a factor the password confirms: %v", err)
		}
		if _, err := f.OfferTOTP(f.in(plain)); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoLostTheFactorGetsAnother(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAdministrator, event.CentreUnit)
		cookie, _, codes := f.enrol("lan")
		if err := f.ResetFactorsByName(context.Background(), "LAN"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.who(cookie); err == nil {
			t.Error("a session outlived its factor")
		}
		again, err := f.signIn("lan", good)
		if err != nil || f.pending(again) != module.PendingEnrol {
			t.Fatalf("%v", err)
		}
		if _, err := f.prove(again, Proof{Recovery: codes[0]}); code(err) != "factor.wrong-code" {
			t.Errorf("a recovery code of before: %v", err)
		}
		analyst := module.WithPrincipal(context.Background(), module.Principal{ID: "x", Role: module.RoleAnalyst, Unit: event.CentreUnit})
		if err := f.ResetFactors(analyst, "any"); fault.KindOf(err) != fault.Denied {
			t.Errorf("%v", err)
		}
		if err := f.ResetFactors(admin, "nothing"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}

// What runs in a session ends with it; what runs in another goes on.
func TestStreamsEndWithTheirSession(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	u := f.account("lan", module.RoleAnalyst, "so-y-te")
	mine, _ := f.signIn("lan", good)
	other, _ := f.signIn("lan", good)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream := func(cookie string) context.Context {
		p, err := f.who(cookie)
		if err != nil {
			t.Fatal(err)
		}
		return f.running.attach(ctx, p.ID, p.Session)
	}
	one, two := stream(mine), stream(other)
	if err := f.SignOut(f.in(mine)); err != nil || one.Err() == nil || two.Err() != nil {
		t.Errorf("after signing out: %v %v %v", err, one.Err(), two.Err())
	}
	if _, err := f.SetDisabled(admin, u.ID, true); err != nil || two.Err() == nil {
		t.Errorf("after disabling: %v %v", err, two.Err())
	}
}

func TestSealedSecretsBelongToTheirOwner(t *testing.T) {
	s, err := newSealer(randomKey())
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.seal([]byte("secret"), "totp:a")
	if got, err := s.open(sealed, "totp:a"); err != nil || string(got) != "secret" {
		t.Errorf("%q %v", got, err)
	}
	other, _ := newSealer(randomKey())
	for name, err := range map[string]error{
		"another owner": errOf(s.open(sealed, "totp:b")), "another key": errOf(other.open(sealed, "totp:a")), "damaged": errOf(s.open("x"+sealed, "totp:a")),
	} {
		if err == nil {
			t.Errorf("opened for %s", name)
		}
	}
}

func errOf(_ []byte, err error) error { return err }
