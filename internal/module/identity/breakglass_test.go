package identity

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestTheAccountForEmergenciesOpensOnceAndRaisesAnAlarm(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		var alarms []From
		f.alarm = func(_ context.Context, from From) error {
			alarms = append(alarms, from)
			return errors.New("the alerts are down") // which keeps nobody out
		}
		secret, err := f.MakeBreakGlass(context.Background())
		if err != nil || len(secret) < 40 {
			t.Fatalf("%q %v", secret, err)
		}
		for range 50 {
			_, _, _ = f.SignIn(context.Background(), BreakGlassAccount, "wrong", From{Addr: "198.51.100.1"})
		}
		cookie, err := f.signIn(BreakGlassAccount, secret)
		if err != nil || len(alarms) != 1 || alarms[0].Addr != addr {
			t.Fatalf("%v %v", err, alarms)
		}
		p, err := f.who(cookie)
		if err != nil || p.Pending != "" || p.Require(module.ActionUserManage) != nil {
			t.Fatalf("%+v %v", p, err)
		}
		if _, err := f.signIn(BreakGlassAccount, secret); code(err) != "session.wrong-credentials" {
			t.Errorf("the secret a second time: %v", err)
		}
		ctx := module.WithPrincipal(context.Background(), p)
		if err := f.ChangePassword(ctx, secret, good); err == nil {
			t.Error("it gave itself a password")
		}
		if _, err := f.OfferTOTP(ctx); err == nil {
			t.Error("it gave itself a factor")
		}
		if _, err := f.ResetPassword(admin, p.ID); code(err) != "user.break-glass" {
			t.Errorf("an administrator gave it a password: %v", err)
		}
		f.wait(breakGlassLife + time.Second)
		if _, err := f.who(cookie); err == nil {
			t.Error("alive after its hours")
		}
		again, err := f.MakeBreakGlass(context.Background())
		if err != nil || again == secret {
			t.Fatal(err)
		}
		if _, err := f.signIn(BreakGlassAccount, again); err != nil || len(alarms) != 2 {
			t.Errorf("%v %v", err, alarms)
		}
		if strings.Contains(f.log.String(), secret) {
			t.Error("the secret is in the log")
		}
	})
}

// Of two that open the envelope at once, one gets in.
func TestTheEnvelopeOpensForOne(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	secret, err := f.MakeBreakGlass(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 4 {
		wg.Go(func() {
			if _, _, err := f.SignIn(context.Background(), BreakGlassAccount, secret, From{Addr: addr}); err == nil {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d got in", in)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustGet(t testing.TB, c *http.Client, at string) *http.Response {
	t.Helper()
	resp, err := c.Get(at) //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func body(t testing.TB, _ *http.Client, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
