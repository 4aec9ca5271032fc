package notification

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// The people and units of the tests: the centre, a department with a hospital
// below it, and another department.
var everybody = []module.Principal{
	{ID: "an", Name: "an", DisplayName: "An", Role: module.RoleAnalyst, Unit: event.CentreUnit},
	{ID: "binh", Name: "binh", DisplayName: "Bình", Role: module.RoleCoordinator, Unit: event.CentreUnit},
	{ID: "lan", Name: "lan", DisplayName: "Lan", Role: module.RoleSecurityOfficer, Unit: "so-y-te", Below: []event.UnitID{"benh-vien"}},
	{ID: "hoa", Name: "hoa", DisplayName: "Hòa", Role: module.RoleSecurityOfficer, Unit: "so-noi-vu"},
	{ID: "admin", Name: "admin", DisplayName: "Quản trị", Role: module.RoleAdministrator, Unit: event.CentreUnit},
}

type fakePeople struct{}

func (fakePeople) Everyone(context.Context) ([]module.Principal, error) { return everybody, nil }

type fakeUnits struct{}

func (fakeUnits) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (fakeUnits) Exists(id event.UnitID) bool {
	return slices.Contains([]event.UnitID{event.CentreUnit, "so-y-te", "benh-vien", "so-noi-vu"}, id)
}
func (fakeUnits) Below(id event.UnitID) []event.UnitID {
	if id == "so-y-te" {
		return []event.UnitID{"benh-vien"}
	}
	return nil
}
func (fakeUnits) DutyMail(_ context.Context, id event.UnitID) string {
	return "truc@" + string(id) + ".example"
}

// fakeLive calls what a test wants done when a console is told.
type fakeLive struct{ told func(user string) }

func (l *fakeLive) PublishTo(user, _ string, _ any) error {
	if l.told != nil {
		l.told(user)
	}
	return nil
}

// wire is where the messages of the tests go.
type wire struct {
	mu       sync.Mutex
	sent     []notify.Message
	attempts int
	failure  *notify.Failure // nil: every message is taken
	secret   string          // of the last channel opened
}

type wireSender struct {
	w      *wire
	target string
}

func (s wireSender) Target() string { return s.target }

func (s wireSender) Send(_ context.Context, m notify.Message) error {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.attempts++
	if s.w.failure != nil {
		return s.w.failure
	}
	s.w.sent = append(s.w.sent, m)
	return nil
}

func (w *wire) kind(name string, personal bool) notify.Kind {
	return notify.Kind{
		Name: name, Personal: personal,
		CheckTo: func(to string) error {
			if to == "" {
				return fmt.Errorf("no address")
			}
			return nil
		},
		Open: func(text json.RawMessage, secret string, _ notify.Env) (notify.Sender, error) {
			var s struct {
				Host string `json:"host"`
			}
			if err := notify.Settings(text, &s); err != nil {
				return nil, err
			}
			w.mu.Lock()
			w.secret = secret
			w.mu.Unlock()
			return wireSender{w, s.Host}, nil
		},
	}
}

// take returns what was sent since the last call.
func (w *wire) take() []notify.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.sent
	w.sent = nil
	return sent
}

type fixture struct {
	*Service

	t    *testing.T
	db   *bun.DB
	wire *wire
	live fakeLive
	now  time.Time
	dir  string
	n    int

	kinds []notify.Kind
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, wire: &wire{}, now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), dir: t.TempDir()} // a Monday, 10:00 in Vietnam
	f.kinds = []notify.Kind{f.wire.kind("mail", true), f.wire.kind("webhook", false)}
	f.start()
	ctx := context.Background()
	for name, fsys := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "notification": f.Module()} {
		if err := sqldb.Migrate(ctx, db, name, fsys.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// start makes the service, as after a restart of the node.
func (f *fixture) start() {
	f.t.Helper()
	vault, err := notify.OpenVault(filepath.Join(f.dir, "key"), "")
	if err != nil {
		f.t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		f.t.Fatal(err)
	}
	f.Service = New(Options{
		DB: f.db, Trail: module.NewTrail(f.db), People: fakePeople{}, Units: fakeUnits{}, Live: &f.live,
		Kinds: f.kinds, Env: loopback(), Vault: vault, Config: DefaultConfig(),
		Console: "https://lachan.example", Zone: zone, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.now },
	})
	f.jitter = func() float64 { return 0.5 }
}

func as(id string) context.Context {
	for _, p := range everybody {
		if p.ID == id {
			p.Session = "s"
			return module.WithPrincipal(context.Background(), p)
		}
	}
	return context.Background()
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// addresses gives everybody a mail address, and lets change the rest.
func (f *fixture) addresses(change func(id string, p *Preferences)) {
	f.t.Helper()
	for _, who := range everybody {
		p := defaultPreferences()
		p.Address["mail"] = who.ID + "@tinh.example"
		if change != nil {
			change(who.ID, &p)
		}
		_, err := f.SetPreferences(as(who.ID), p)
		f.must(err)
	}
}

func (f *fixture) channel(kind string) string {
	f.t.Helper()
	secret := "tres-secret"
	c, err := f.SaveChannel(as("admin"), Channel{
		Setting: Setting{Name: kind, Enabled: true}, Kind: kind, Settings: json.RawMessage(`{"host":"a"}`), Detail: DetailFull, Language: "vi", Shared: true, PerMinute: 600,
	}, &secret)
	f.must(err)
	return c.ID
}

func (f *fixture) rule(change func(*Rule)) Rule {
	f.t.Helper()
	f.n++
	r := Rule{Setting: Setting{Name: fmt.Sprint("luật ", f.n), Enabled: true}, MinLevel: "high", Recipients: []Recipient{{Who: WhoRole, ID: "analyst"}}}
	change(&r)
	r, err := f.SaveRule(as("admin"), r)
	f.must(err)
	return r
}

// tell writes facts as module alert does and delivers them.
func (f *fixture) tell(facts ...module.Fact) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	f.must(f.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return module.Emit(ctx, tx, facts) }))
	f.deliver()
}

// deliver runs the outbox until everything is delivered.
func (f *fixture) deliver() {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	done := make(chan error, 1)
	o := module.NewOutbox(f.db, slog.New(slog.DiscardHandler), []module.Module{f.Module()})
	go func() { done <- o.Run(ctx) }()
	for {
		n, err := f.db.NewSelect().Table("facts").Where("delivered = 0").Count(ctx)
		f.must(err)
		if n == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	f.must(<-done)
}

func opened(unit event.UnitID, id, level string, change ...func(*told)) module.Fact {
	b := told{ID: id, RuleID: "r1", Title: "Suspicious sign-in", TitleVi: "Đăng nhập đáng ngờ", Level: level, Unit: unit, Tags: []string{"attack.t1078"}}
	b.Entity.Value = "SRV-01"
	for _, c := range change {
		c(&b)
	}
	return fact(factOpened, unit, b)
}

func fact(kind module.FactKind, unit event.UnitID, body any) module.Fact {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return module.Fact{Kind: kind, Unit: unit, Body: text}
}

// after moves the clock on, a second at a time while something may be due, and
// returns what was sent.
func (f *fixture) after(d time.Duration) []notify.Message {
	f.t.Helper()
	step := max(time.Second, d/60)
	for end := f.now.Add(d); f.now.Before(end); {
		f.now = f.now.Add(step)
		f.must(f.round(context.Background()))
	}
	return f.wire.take()
}

func quietLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
