package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type anyUnit struct{}

func (anyUnit) Exists(id event.UnitID) bool {
	return id == event.CentreUnit || strings.HasPrefix(string(id), "so-")
}

func (u anyUnit) Active(id event.UnitID) bool { return u.Exists(id) }

func (anyUnit) Below(id event.UnitID) []event.UnitID {
	if id == "so-y-te" {
		return []event.UnitID{"so-y-te-benh-vien"}
	}
	return nil
}

type fixture struct {
	*Service
	t   testing.TB
	db  *bun.DB
	log *strings.Builder
	mu  sync.Mutex
	at  time.Time
}

func (f *fixture) clock() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.at }
func (f *fixture) wait(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.at.Add(d)
}

var cheap = Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

func newFixture(t testing.TB, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, log: &strings.Builder{}, at: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	f.Service = New(Options{
		DB: db, Trail: module.NewTrail(db), Units: anyUnit{}, Log: slog.New(slog.NewTextHandler(f.log, nil)), Now: f.clock, Cost: cheap,
		Passkeys: RelyingParty{Host: consoleHost, Origins: []string{consoleOrigin}},
	})
	ctx := context.Background()
	if err := sqldb.Migrate(ctx, db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "identity", f.Module().Migrations); err != nil {
		t.Fatal(err)
	}
	if err := f.Load(ctx); err != nil {
		t.Fatal(err)
	}
	return f
}

const (
	addr = "203.0.113.7"
	good = "con trâu đen 47 gặm cỏ"
)

var admin = module.WithPrincipal(context.Background(), module.Principal{ID: "a", Name: "root", Role: module.RoleAdministrator, Unit: event.CentreUnit})

// account makes a user with a password of its own.
func (f *fixture) account(name string, role module.Role, unit event.UnitID) User {
	f.t.Helper()
	u, pw, err := f.CreateUser(admin, User{Username: name, Role: role, Unit: unit})
	if err != nil {
		f.t.Fatal(err)
	}
	_, p, err := f.SignIn(context.Background(), name, pw, From{Addr: addr})
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.ChangePassword(module.WithPrincipal(context.Background(), p), pw, good); err != nil {
		f.t.Fatal(err)
	}
	return u
}

func (f *fixture) signIn(name, password string) (string, error) {
	secret, _, err := f.SignIn(context.Background(), name, password, From{Addr: addr})
	return secret, err
}

func (f *fixture) who(cookie string) (module.Principal, error) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = addr + ":4711"
	r.Header.Set("Cookie", CookieName+"="+cookie)
	ctx, _, err := f.Authenticate(r)
	if err != nil {
		return module.Principal{}, err
	}
	return module.PrincipalOf(ctx), nil
}

func code(err error) string {
	fe, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return fmt.Sprint(err)
	}
	return fe.Code
}

func TestFirstStartMakesOneAdministratorOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		name, pw, created, err := f.Bootstrap(context.Background())
		if err != nil || !created || name != "admin" || len(pw) != 23 {
			t.Fatalf("%q %q %v %v", name, pw, created, err)
		}
		if _, again, created, err := f.Bootstrap(context.Background()); err != nil || created || again != "" {
			t.Fatalf("second start: %q %v %v", again, created, err)
		}
		secret, err := f.signIn("ADMIN ", pw)
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.who(secret)
		if err != nil || p.Pending != module.PendingPassword || p.Require(module.ActionAlertRead) == nil {
			t.Fatalf("%+v %v", p, err)
		}
		ctx := module.WithPrincipal(context.Background(), p)
		for _, weak := range []string{"short", "123456789012", "aaaaaaaaaaaaaa", "my-admin-password", "Password@1234", pw} {
			if err := f.ChangePassword(ctx, pw, weak); code(err) != "password.too-weak" {
				t.Errorf("%q: %v", weak, err)
			}
		}
		if err := f.ChangePassword(ctx, "wrong", good); code(err) != "session.wrong-credentials" {
			t.Error(err)
		}
		if err := f.ChangePassword(ctx, pw, good); err != nil {
			t.Fatal(err)
		}
		if p, err = f.who(secret); err != nil || p.Pending != module.PendingEnrol {
			t.Fatalf("%+v %v", p, err)
		}
		if strings.Contains(f.log.String(), pw) {
			t.Error("the one-time password is in the log")
		}
		var dump []string
		if err := db.NewRaw("SELECT detail FROM audit_log").Scan(context.Background(), &dump); err != nil || strings.Contains(strings.Join(dump, ""), pw) {
			t.Errorf("audit: %v %v", dump, err)
		}
	})
}

func TestUnknownNameAndWrongPasswordAreOneAnswer(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		u := f.account("lan", module.RoleAnalyst, "so-y-te")
		_, wrong := f.signIn("lan", "wrong")
		_, unknown := f.signIn("nobody", "wrong")
		if _, err := f.SetDisabled(admin, u.ID, true); err != nil {
			t.Fatal(err)
		}
		_, disabled := f.signIn("lan", good)
		for _, err := range []error{wrong, unknown, disabled} {
			if code(err) != "session.wrong-credentials" || err.Error() != wrong.Error() {
				t.Errorf("%v", err)
			}
		}
		if strings.Contains(f.log.String(), "nobody") {
			t.Error("a name that is no account's is in the log; it may be a password")
		}
	})
}

// An unknown name costs as much work as a known one.
func TestUnknownNameIsHashedToo(t *testing.T) {
	h := newHasher(cheap)
	encoded := h.encode("secret")
	for _, c := range []struct {
		encoded, password string
		want              bool
	}{{encoded, "secret", true}, {encoded, "Secret", false}, {"", "secret", false}, {"", "", false}} {
		if got, err := h.verify(context.Background(), c.encoded, c.password); got != c.want || err != nil {
			t.Errorf("%q: %v %v", c.password, got, err)
		}
	}
	known := testing.AllocsPerRun(5, func() { _, _ = h.verify(context.Background(), encoded, "x") })
	unknown := testing.AllocsPerRun(5, func() { _, _ = h.verify(context.Background(), "", "x") })
	if diff := known - unknown; diff < -2 || diff > 2 {
		t.Errorf("a known name makes %v allocations, an unknown one %v", known, unknown)
	}
	if _, err := h.verify(context.Background(), "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", "x"); err == nil {
		t.Error("a hash that asks for all memory was taken")
	}
}

func TestDefaultCostIsTheRecommendedOne(t *testing.T) {
	if c := DefaultCost(); c.MemoryKiB < 64<<10 || c.Passes < 3 || c.Lanes != 4 {
		t.Errorf("%+v", c)
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAnalyst, "so-y-te")
		tried, refused := 0, 0
		for range 200 {
			_, err := f.signIn("lan", "wrong")
			switch code(err) {
			case "session.wrong-credentials":
				tried++
			case "session.too-many-attempts":
				refused++
				re, ok := errors.AsType[*RetryError](err)
				if !ok || re.After <= 0 || re.After > 15*time.Minute {
					t.Fatalf("%v", err)
				}
			default:
				t.Fatal(err)
			}
			f.wait(100 * time.Millisecond)
		}
		if tried > 10 || refused == 0 {
			t.Errorf("%d guesses within 20 s", tried)
		}
		if _, err := f.signIn("lan", good); code(err) != "session.too-many-attempts" {
			t.Errorf("the right password while waiting: %v", err)
		}
		f.wait(15 * time.Minute)
		if _, err := f.signIn("lan", good); err != nil {
			t.Errorf("after waiting: %v", err)
		}
	})
}

// A thousand guesses sent at once are not a thousand guesses.
func TestGuessingAtOnceIsSlowed(t *testing.T) {
	a := newAttempts(5, time.Minute)
	now := time.Unix(1_790_000_000, 0)
	var mu sync.Mutex
	admitted := 0
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() {
			if a.begin("lan", now) == 0 {
				mu.Lock()
				admitted++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if admitted != 5 {
		t.Errorf("%d attempts at once, want 5", admitted)
	}
}

// A province may be one address to the centre. What one there does wrong makes
// nobody wait who signed in from there before; who guesses at their accounts gets
// one guess at each.
func TestAGuesserDoesNotLockOutHisNeighbours(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for i := range 40 {
		f.account(fmt.Sprintf("nv%d", i), module.RoleAnalyst, "so-y-te")
	}
	for i := range 60 {
		_, _ = f.signIn(fmt.Sprintf("nobody%d", i), "wrong")
	}
	if _, err := f.signIn("nobody", "wrong"); code(err) != "session.too-many-attempts" {
		t.Fatalf("the address does not wait: %v", err)
	}
	for i := range 40 {
		if _, err := f.signIn(fmt.Sprintf("nv%d", i), good); err != nil {
			t.Fatalf("nv%d at his own desk: %v", i, err)
		}
	}
	for _, want := range []string{"session.wrong-credentials", "session.too-many-attempts"} {
		if _, err := f.signIn("nv7", "wrong"); code(err) != want {
			t.Errorf("a guess at an account: %v, want %s", err, want)
		}
	}
}

// Whoever has one address of an IPv6 network has all of them.
func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	a := newAttempts(5, time.Minute)
	a.network = true
	now := time.Unix(1_790_000_000, 0)
	admitted := 0
	for i := range 100 {
		if a.begin(fmt.Sprintf("2001:db8:0:7::%x", i), now) == 0 {
			admitted++
		}
	}
	if admitted != 5 {
		t.Errorf("%d attempts from one network, want 5", admitted)
	}
	if a.begin("2001:db8:0:8::1", now) != 0 || a.begin("192.0.2.1", now) != 0 {
		t.Error("another network waits as well")
	}
}

func TestAttemptsAreBoundedInMemory(t *testing.T) {
	a := newAttempts(5, time.Minute)
	a.keys = 100
	now := time.Unix(1_790_000_000, 0)
	for i := range 10_000 {
		a.begin(fmt.Sprint(i), now)
	}
	if len(a.m) > 100 {
		t.Errorf("%d keys remembered", len(a.m))
	}
}

func TestSessionEnds(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		u := f.account("lan", module.RoleAnalyst, "so-y-te")
		alive := func(cookie string) bool {
			_, err := f.who(cookie)
			if err != nil && fault.KindOf(err) != fault.Unauthenticated {
				t.Fatal(err)
			}
			return err == nil
		}
		begin := func() string {
			secret, err := f.signIn("lan", good)
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}

		idle := begin()
		f.wait(sessionIdle - time.Second)
		if !alive(idle) {
			t.Error("ended before its idle time")
		}
		f.wait(sessionIdle - time.Second)
		if !alive(idle) {
			t.Error("use did not keep it alive")
		}
		f.wait(sessionIdle + time.Second)
		if alive(idle) {
			t.Error("alive after its idle time")
		}

		busy := begin()
		for range 7 * 24 / 6 {
			if !alive(busy) {
				t.Fatal("ended although in use")
			}
			f.wait(6 * time.Hour)
		}
		f.wait(time.Second)
		if alive(busy) {
			t.Error("alive after a week")
		}

		out := begin()
		p, err := f.who(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SignOut(module.WithPrincipal(context.Background(), p)); err != nil || alive(out) {
			t.Errorf("signed out and alive: %v", err)
		}

		mine, other := begin(), begin()
		if p, err = f.who(mine); err != nil {
			t.Fatal(err)
		}
		if err := f.ChangePassword(module.WithPrincipal(context.Background(), p), good, good+" 2"); err != nil {
			t.Fatal(err)
		}
		if !alive(mine) || alive(other) {
			t.Error("a new password ends the other sessions, and only those")
		}
		if _, err := f.ResetPassword(admin, u.ID); err != nil || alive(mine) {
			t.Errorf("a reset password ends all sessions: %v", err)
		}
		var stored int
		if err := db.NewRaw("SELECT count(*) FROM sessions WHERE hash = ?", mine).Scan(context.Background(), &stored); err != nil || stored != 0 {
			t.Errorf("the secret itself is stored: %v", err)
		}
	})
}

func TestDisabling(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		boss := f.account("boss", module.RoleAdministrator, event.CentreUnit)
		u := f.account("lan", module.RoleAnalyst, "so-y-te")
		secret, err := f.signIn("lan", good)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.SetDisabled(admin, u.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, err := f.who(secret); err == nil {
			t.Error("the session of a disabled account is alive")
		}
		if _, err := f.SetDisabled(admin, u.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := f.who(secret); err == nil {
			t.Error("enabling brought an old session back")
		}
		if _, err := f.SetDisabled(admin, boss.ID, true); code(err) != "user.last-administrator" {
			t.Errorf("the last administrator: %v", err)
		}
		for name, c := range map[string]UserChange{"another role": {Role: new(module.RoleAnalyst)}, "another unit": {Unit: new(event.UnitID("so-y-te"))}} {
			if _, err := f.ChangeUser(admin, boss.ID, c); code(err) != "user.last-administrator" {
				t.Errorf("%s for the last administrator: %v", name, err)
			}
		}
		ofUnit := f.account("lan-so-y-te", module.RoleAdministrator, "so-y-te")
		if _, err := f.SetDisabled(admin, boss.ID, true); code(err) != "user.last-administrator" {
			t.Errorf("the last administrator of the centre, beside one of a unit: %v", err)
		}
		if _, err := f.SetDisabled(admin, ofUnit.ID, true); err != nil {
			t.Errorf("the last administrator of a unit: %v", err)
		}
		if _, err := f.SetDisabled(admin, "nothing", true); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}

func TestAccountsAreChecked(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAnalyst, "so-y-te")
		for _, c := range []struct {
			u    User
			want string
		}{
			{User{Username: "LAN", Role: module.RoleAnalyst, Unit: "so-y-te"}, "user.exists"},
			{User{Username: "x", Role: module.RoleAnalyst, Unit: "so-y-te"}, "user.bad-username"},
			{User{Username: "a b", Role: module.RoleAnalyst, Unit: "so-y-te"}, "user.bad-username"},
			{User{Username: "minh", Role: module.RoleAnalyst, Unit: "nowhere"}, "unit.unknown"},
			{User{Username: "minh", Role: module.RoleIngest, Unit: "so-y-te"}, ""},
		} {
			if _, _, err := f.CreateUser(admin, c.u); err == nil || code(err) != c.want {
				t.Errorf("%+v: %v, want %s", c.u, err, c.want)
			}
		}
	})
}

func TestTokens(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		ctx := context.Background()
		tokens := f.Tokens()
		tok, secret, err := tokens.Create(admin, NewToken{Name: "fortigate", Unit: "so-y-te", Scope: ScopeIngest, Life: 24 * time.Hour})
		if err != nil || !strings.HasPrefix(secret, "lc_") || len(secret) < 40 {
			t.Fatalf("%q %v", secret, err)
		}
		if u, err := tokens.Ingest(ctx, secret, "198.51.100.4"); err != nil || u.Unit != "so-y-te" {
			t.Fatalf("%s %v", u, err)
		}
		for _, wrong := range []string{"", "lc_", secret + "x", strings.ToUpper(secret)} {
			if _, err := tokens.Ingest(ctx, wrong, "198.51.100.4"); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		_, apiSecret, err := tokens.Create(admin, NewToken{Name: "script", Unit: "so-y-te", Scope: ScopeAPI})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.Ingest(ctx, apiSecret, "198.51.100.4"); fault.KindOf(err) != fault.Denied {
			t.Errorf("an API token sends logs: %v", err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "bearer "+apiSecret)
		actx, name, err := f.Authenticate(r)
		if p := module.PrincipalOf(actx); err != nil || name != "token:script" || !p.Can(module.ActionAlertRead, "so-y-te") || p.Can(module.ActionAlertRead, "so-noi-vu") || p.Require(module.ActionUserManage) == nil {
			t.Errorf("%+v %v", p, err)
		}

		// Another process, or this one after a restart, knows them too.
		again := New(Options{DB: db, Trail: module.NewTrail(db), Units: anyUnit{}, Log: slog.New(slog.DiscardHandler), Now: f.clock, Cost: cheap})
		if err := again.Load(ctx); err != nil {
			t.Fatal(err)
		}
		if u, err := again.Tokens().Ingest(ctx, secret, "198.51.100.4"); err != nil || u.Unit != "so-y-te" {
			t.Fatalf("%s %v", u, err)
		}

		if err := tokens.flush(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := tokens.List(admin, TokenFilter{})
		if err != nil || len(list) != 2 || list[1].LastUsed.IsZero() {
			t.Errorf("%+v %v", list, err)
		}
		f.wait(24 * time.Hour)
		if _, err := tokens.Ingest(ctx, secret, "198.51.100.4"); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("an expired token: %v", err)
		}
		if err := tokens.Revoke(admin, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Authenticate(r); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("a revoked token: %v", err)
		}
		if err := tokens.Revoke(admin, tok.ID+"x"); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		var stored int
		if err := db.NewRaw("SELECT count(*) FROM tokens WHERE hash LIKE '%lc_%' OR name LIKE '%lc_%'").Scan(ctx, &stored); err != nil || stored != 0 {
			t.Errorf("a secret is stored: %v", err)
		}
	})
}

func TestTokensOfTheCentreSeeAllUnits(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	_, secret, err := f.Tokens().Create(admin, NewToken{Name: "soc", Unit: event.CentreUnit, Scope: ScopeAPI})
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.tokens.principal(secret, addr)
	if err != nil || !p.AllUnits() || !p.Can(module.ActionEventRead, "so-y-te") {
		t.Errorf("%+v %v", p, err)
	}
}

func TestIngestCostsNoSQL(t *testing.T) {
	db := sqldbtest.SQLite(t)
	f := newFixture(t, db)
	_, secret, err := f.Tokens().Create(admin, NewToken{Name: "x", Unit: "so-y-te", Scope: ScopeIngest})
	if err != nil {
		t.Fatal(err)
	}
	before := db.DBStats().Queries
	for range 1000 {
		if _, err := f.Tokens().Ingest(context.Background(), secret, "198.51.100.4"); err != nil {
			t.Fatal(err)
		}
	}
	if after := db.DBStats().Queries; after != before {
		t.Errorf("%d queries", after-before)
	}
}

func TestPeopleAnAlertMayBeGivenTo(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	lan := f.account("lan", module.RoleAnalyst, event.CentreUnit)
	minh := f.account("minh", module.RoleAnalyst, "so-y-te")
	for _, c := range []struct {
		id   string
		unit event.UnitID
		ok   bool
	}{{lan.ID, "so-y-te", true}, {lan.ID, "so-noi-vu", true}, {minh.ID, "so-y-te", true}, {minh.ID, "so-noi-vu", false}, {"nobody", "so-y-te", false}} {
		if _, err := f.Person(admin, c.id, c.unit); (err == nil) != c.ok {
			t.Errorf("%s for %s: %v", c.id, c.unit, err)
		}
	}
	other := module.WithPrincipal(context.Background(), module.Principal{ID: "x", Role: module.RoleAnalyst, Unit: "so-noi-vu"})
	for id, ok := range map[string]bool{lan.ID: true, minh.ID: false} {
		if _, err := f.Person(other, id, "so-noi-vu"); (err == nil) != ok {
			t.Errorf("%s as somebody of another unit: %v", id, err)
		}
	}
}

func BenchmarkIngestToken(b *testing.B) {
	f := newFixture(b, sqldbtest.SQLite(b))
	_, secret, err := f.Tokens().Create(admin, NewToken{Name: "x", Unit: "so-y-te", Scope: ScopeIngest})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Tokens().Ingest(context.Background(), secret, "198.51.100.4"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPasswordCheck(b *testing.B) {
	h := newHasher(DefaultCost())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.verify(context.Background(), "", "x"); err != nil {
			b.Fatal(err)
		}
	}
}
