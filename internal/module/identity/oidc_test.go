package identity

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// provider is an OpenID Connect provider on this machine that knows two people,
// and a console in front of a service that trusts it.
type provider struct {
	*fixture
	console *httptest.Server
	op      *httptest.Server
}

func newProvider(t *testing.T, db *bun.DB, mapping ...OIDCMapping) *provider {
	t.Helper()
	p := &provider{fixture: newFixture(t, db)}
	// Both addresses are needed before either side can be made.
	var console, provides http.Handler
	p.console = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { console.ServeHTTP(w, r) }))
	t.Cleanup(p.console.Close)
	p.op = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provides.ServeHTTP(w, r) }))
	t.Cleanup(p.op.Close)

	client := storage.WebClient("lachan", "secret", p.console.URL+ssoCallback)
	st := storage.NewStorageWithClients(storage.NewUserStore(p.op.URL), map[string]*storage.Client{"lachan": client})
	provides = exampleop.SetupServer(p.op.URL, st, nil, false, op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))

	secretFile := t.TempDir() + "/secret"
	writeFile(t, secretFile, "secret\n")
	p.sso = newSSO(OIDCConfig{Issuer: p.op.URL, ClientID: "lachan", ClientSecretFile: secretFile, Scopes: []string{"profile", "email"}, Mapping: mapping}, p.console.URL+ssoCallback)
	mux := http.NewServeMux()
	for path, h := range p.Raw() {
		mux.Handle(path, h)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("console")) })
	console = mux
	return p
}

// browser goes the way to the provider, signs in there and comes back; it returns
// where it ended and the session's cookie, "" if there is none.
func (p *provider) browser(user string) (*url.URL, string) {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	defer c.CloseIdleConnections()
	page := body(p.t, c, mustGet(p.t, c, p.console.URL+ssoStart+"?to=/alerts%3Fq=1"))
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if id == nil {
		p.t.Fatalf("no sign-in page of the provider: %s", page)
	}
	resp, err := c.PostForm(p.op.URL+"/login/username", url.Values{"username": {user}, "password": {"verysecure"}, "id": {id[1]}})
	if err != nil {
		p.t.Fatal(err)
	}
	body(p.t, c, resp)
	at, _ := url.Parse(p.console.URL)
	for _, ck := range jar.Cookies(at) {
		if ck.Name == CookieName {
			return resp.Request.URL, ck.Value
		}
	}
	return resp.Request.URL, ""
}

func TestSingleSignOnIsForLinkedPeopleAlone(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		p := newProvider(t, db)
		u := p.account("lan", module.RoleAnalyst, "so-y-te")
		at, cookie := p.browser("test-user2")
		if q := at.Query(); cookie != "" || q.Get("sso") != "session.sso-unlinked" || q.Get("subject") != "id2" {
			t.Fatalf("somebody nobody linked: %s %q", at, cookie)
		}
		if err := p.LinkSSO(admin, u.ID, "id2"); err != nil {
			t.Fatal(err)
		}
		at, cookie = p.browser("test-user2")
		if cookie == "" || at.Path != "/alerts" || at.Query().Get("q") != "1" {
			t.Fatalf("%s %q", at, cookie)
		}
		who, err := p.who(cookie)
		if err != nil || who.Name != "lan" || who.Pending != "" || !p.signedInBySSO(context.Background(), who) {
			t.Errorf("%+v %v", who, err)
		}
		other := p.account("minh", module.RoleAnalyst, "so-y-te")
		if err := p.LinkSSO(admin, other.ID, "id2"); code(err) != "sso.linked" {
			t.Errorf("one person, two accounts: %v", err)
		}
		if err := p.UnlinkSSO(admin, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := p.who(cookie); err == nil {
			t.Error("the session outlived the link")
		}
		if _, cookie := p.browser("test-user2"); cookie != "" {
			t.Error("signed in without the link")
		}
	})
}

// Without a word of the provider about it, a second factor is asked for here.
func TestSingleSignOnStandsInForThePasswordOnly(t *testing.T) {
	p := newProvider(t, sqldbtest.SQLite(t))
	u := p.account("boss", module.RoleAdministrator, event.CentreUnit)
	if err := p.LinkSSO(admin, u.ID, "id1"); err != nil {
		t.Fatal(err)
	}
	name := "test-user@127.0.0.1"
	if _, cookie := p.browser(name); p.pending(cookie) != module.PendingEnrol {
		t.Errorf("pending %q", p.pending(cookie))
	}
	_, app, _ := p.enrol("boss")
	_, cookie := p.browser(name)
	if p.pending(cookie) != module.PendingFactor {
		t.Errorf("pending %q", p.pending(cookie))
	}
	if whole, err := p.prove(cookie, Proof{Code: app.Next(t, p.clock())}); err != nil || p.pending(whole) != "" {
		t.Error(err)
	}
	for text, want := range map[string]bool{`mfa`: true, `pwd`: false} {
		if got := provesFactor(map[string]any{"amr": []any{text}}); got != want {
			t.Errorf("amr %s: %v", text, got)
		}
	}
}

func TestTheMappingMakesAccounts(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		p := newProvider(t, db, OIDCMapping{Claim: "email", Value: "test-user2@zitadel.ch", Role: module.RoleAnalyst, Unit: "so-y-te"})
		if _, cookie := p.browser("test-user@127.0.0.1"); cookie != "" {
			t.Error("somebody the mapping does not name signed in")
		}
		_, cookie := p.browser("test-user2")
		who, err := p.who(cookie)
		if err != nil || who.Name != "test-user2" || who.Role != module.RoleAnalyst || who.Unit != "so-y-te" {
			t.Fatalf("%+v %v", who, err)
		}
		if _, err := p.signIn("test-user2", ""); code(err) != "session.wrong-credentials" {
			t.Errorf("an account without a password: %v", err)
		}
		p.sso.config.Mapping[0].Role, p.sso.config.Mapping[0].Unit = module.RoleAuditor, "so-noi-vu"
		_, cookie = p.browser("test-user2")
		if who, err = p.who(cookie); err != nil || who.Role != module.RoleAuditor || who.Unit != "so-noi-vu" {
			t.Errorf("the mapping changed: %+v %v", who, err)
		}
		p.sso.config.Mapping = nil
		if _, cookie := p.browser("test-user2"); cookie != "" {
			t.Error("signed in although no line names the person any more")
		}
	})
}

// A name that a local account has is not taken over.
func TestTheMappingTakesNoAccountOver(t *testing.T) {
	p := newProvider(t, sqldbtest.SQLite(t), OIDCMapping{Claim: "email", Value: "test-user2@zitadel.ch", Role: module.RoleAdministrator, Unit: event.CentreUnit})
	p.account("test-user2", module.RoleAnalyst, "so-y-te")
	if at, cookie := p.browser("test-user2"); cookie != "" || at.Query().Get("sso") != "session.sso-unlinked" {
		t.Errorf("%s %q", at, cookie)
	}
}

func TestTheWayBackBelongsToOneBrowser(t *testing.T) {
	p := newProvider(t, sqldbtest.SQLite(t))
	stop := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer stop.CloseIdleConnections()
	first := mustGet(t, stop, p.console.URL+ssoStart)
	body(t, stop, first)
	to, err := url.Parse(first.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	q := to.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" {
		t.Errorf("%s", to)
	}
	ck := first.Cookies()[0]
	if ck.Name != ssoCookie || ck.SameSite != http.SameSiteLaxMode || !ck.HttpOnly {
		t.Errorf("%+v", ck)
	}
	back := mustGet(t, stop, p.console.URL+ssoCallback+"?code=x&state="+q.Get("state"))
	body(t, stop, back)
	if !strings.Contains(back.Header.Get("Location"), "session.sso-expired") {
		t.Errorf("without the browser's cookie: %s", back.Header.Get("Location"))
	}
	for to, want := range map[string]string{"/alerts": "/alerts", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/"} {
		if got := localPath(to); got != want {
			t.Errorf("%q leads to %q", to, got)
		}
	}
}

// A provider that is down does not keep local accounts out.
func TestAProviderThatIsDown(t *testing.T) {
	p := newProvider(t, sqldbtest.SQLite(t))
	p.account("lan", module.RoleAnalyst, "so-y-te")
	p.op.Close()
	c := &http.Client{}
	defer c.CloseIdleConnections()
	resp := mustGet(t, c, p.console.URL+ssoStart)
	body(t, c, resp)
	if resp.Request.URL.Query().Get("sso") != "session.sso-unreachable" {
		t.Errorf("%s", resp.Request.URL)
	}
	if _, err := p.signIn("lan", good); err != nil {
		t.Error(err)
	}
}
