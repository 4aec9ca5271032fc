package exclusion

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
	"github.com/lachan-vn/lachan/sigma"
)

const rootLogin = `title: Root logs in
id: 6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e
logsource: {product: linux, service: sshd}
detection:
  selection: {user: root}
  condition: selection
level: high
lachan: {entity: src_ip}
`

const scan = `title: Many logins
id: aaaaaaaa-0000-4000-8000-000000000002
correlation:
  type: event_count
  rules: [6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e]
  group-by: [src_ip]
  timespan: 10m
  condition: {gte: 2}
level: high
`

const filter = `title: The backup server
logsource: {product: linux, service: sshd}
filter:
  rules: [6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e]
  selection: {src_ip: 10.1.1.5}
  condition: not selection
`

// tree: the centre, so-y-te with tram-1 below it, so-noi-vu.
type tree struct{}

func (tree) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (tree) Exists(id event.UnitID) bool {
	return slices.Contains([]event.UnitID{event.CentreUnit, "so-y-te", "tram-1", "so-noi-vu"}, id)
}
func (tree) Below(id event.UnitID) []event.UnitID {
	if id == "so-y-te" {
		return []event.UnitID{"tram-1"}
	}
	return nil
}
func (tree) Path(id event.UnitID) []event.UnitID {
	if id == "tram-1" {
		return []event.UnitID{event.CentreUnit, "so-y-te", id}
	}
	return []event.UnitID{event.CentreUnit, id}
}

type book struct {
	set    *detect.Set
	handed []detect.Exclusion
}

func (b *book) Current() (*detect.Set, time.Time) { return b.set, time.Time{} }
func (b *book) Exclude(list []detect.Exclusion) map[string][]sigma.Problem {
	b.handed = list
	var p map[string][]sigma.Problem
	b.set, p = b.set.Excluding(list)
	return p
}

type alerts map[string]Subject

func (a alerts) Subject(ctx context.Context, id string) (Subject, error) {
	x, ok := a[id]
	if !ok || !module.PrincipalOf(ctx).Sees(x.Unit) {
		return Subject{}, fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
	}
	return x, nil
}

func (a alerts) Close(context.Context, bun.Tx, string, string, string) error { return nil }

func (a alerts) Closed(string) {}

func (a alerts) OfRules(ctx context.Context, rules []string, units []event.UnitID, _ time.Time, _ int) (out []Subject, err error) {
	for _, x := range a {
		if slices.Contains(rules, x.RuleID) && (units == nil || slices.Contains(units, x.Unit)) && module.PrincipalOf(ctx).Sees(x.Unit) {
			out = append(out, x)
		}
	}
	return out, nil
}

type rows struct {
	list  []lake.Row
	scope lake.Scope
}

func (r *rows) Search(_ context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error) {
	r.scope = sc
	for i := range min(len(r.list), s.Limit) {
		if err := each(&r.list[i]); err != nil {
			return lake.Stats{}, err
		}
	}
	return lake.Stats{}, nil
}

type fixture struct {
	*Service
	t     *testing.T
	book  *book
	rows  *rows
	clock time.Time
}

func newFixture(t *testing.T, db *bun.DB, c Config) *fixture {
	t.Helper()
	set := detect.Compile([]detect.File{{Name: "a.yml", Data: []byte(rootLogin)}, {Name: "b.yml", Data: []byte(scan)}}, detect.Options{Mapping: sigma.DefaultMapping()})
	if len(set.Rules()) != 2 {
		t.Fatal(set.Problems())
	}
	f := &fixture{t: t, book: &book{set: set}, rows: &rows{}, clock: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	f.Service = New(Options{
		DB: db, Trail: module.NewTrail(db), Units: tree{}, Rules: f.book, Events: f.rows, Config: c, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return f.clock },
		Alerts: alerts{
			"a1": {ID: "a1", RuleID: "6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e", Title: "Root logs in", Unit: "tram-1", EntityField: "src_ip", EntityValue: "10.1.1.5", Query: `rule:"x"`},
			"a2": {ID: "a2", RuleID: "6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e", Title: "Root logs in", Unit: "so-y-te", EntityField: "src_ip", EntityValue: "203.0.113.9"},
			"s1": {ID: "s1", RuleID: "source.silent", Unit: "so-y-te", Signal: true},
			"c1": {ID: "c1", RuleID: "aaaaaaaa-0000-4000-8000-000000000002", Title: "Many logins", Unit: "so-y-te", Series: true, Group: []event.Field{{Name: "src_ip", Value: "10.1.1.5"}}},
			"g1": {ID: "g1", RuleID: "gone", Unit: "so-y-te"},
		},
	})
	ctx := context.Background()
	if err := sqldb.Migrate(ctx, db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "exclusion", f.Module().Migrations); err != nil {
		t.Fatal(err)
	}
	return f
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit, Below: tree{}.Below(unit)})
}

var (
	officer     = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger    = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	analyst     = as("lan", module.RoleAnalyst, event.CentreUnit)
	coordinator = as("an", module.RoleCoordinator, event.CentreUnit)
	second      = as("binh", module.RoleCoordinator, event.CentreUnit)
	auditor     = as("kt", module.RoleAuditor, event.CentreUnit)
)

func some(unit event.UnitID) Proposal {
	return Proposal{Unit: unit, Filter: filter, Reason: "Máy sao lưu đăng nhập hằng đêm", Alert: "a1"}
}

func (f *fixture) proposed(ctx context.Context, in Proposal) Exclusion {
	f.t.Helper()
	x, err := f.Propose(ctx, in)
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

func (f *fixture) decided(ctx context.Context, x Exclusion, v Verb) Exclusion {
	f.t.Helper()
	x, err := f.Decide(ctx, x.ID, Decision{Verb: v, Version: x.Version, Note: "đã xem xét kỹ"})
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

// excludes tells whether a root login of the unit from the address is left out now.
func (f *fixture) excludes(unit event.UnitID, address string) bool {
	ev := loginOf(unit, address)
	ev.Received = f.clock
	w := f.book.set.NewWorker()
	w.Match(&ev)
	return len(w.Excluded()) == 1
}

func loginOf(unit event.UnitID, address string) event.Event {
	return event.Event{Unit: unit, Host: "web01", Source: event.Source{Product: "linux", Service: "sshd"},
		Fields: []event.Field{{Name: "user", Value: "root"}, {Name: "src_ip", Value: address}}}
}

func code(err error) string {
	var e *fault.Error
	if errors.As(err, &e) && e.Code != "" {
		return e.Code
	}
	if err == nil {
		return ""
	}
	return fault.KindOf(err).String()
}

func TestTheLifeOfAnExclusion(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, Config{})
		x := f.proposed(officer, some("so-y-te"))
		if x.State != Proposed || f.excludes("so-y-te", "10.1.1.5") {
			t.Fatalf("a proposal acts: %+v", x)
		}
		x = f.decided(coordinator, x, Approve)
		for _, c := range []struct {
			unit event.UnitID
			from string
			left bool
		}{{"so-y-te", "10.1.1.5", true}, {"tram-1", "10.1.1.5", true}, {"so-noi-vu", "10.1.1.5", false}, {event.CentreUnit, "10.1.1.5", false}, {"so-y-te", "10.1.1.6", false}} {
			if f.excludes(c.unit, c.from) != c.left {
				t.Errorf("%s %s: left out %v", c.unit, c.from, !c.left)
			}
		}
		if want := f.clock.Add(DefaultDays * 24 * time.Hour); !x.ExpiresAt.Equal(want) {
			t.Errorf("expires %v, want %v", x.ExpiresAt, want)
		}
		f.clock = x.ExpiresAt.Add(-time.Second)
		if !f.excludes("so-y-te", "10.1.1.5") {
			t.Error("it ended too soon")
		}
		f.clock = x.ExpiresAt
		if f.excludes("so-y-te", "10.1.1.5") {
			t.Error("it acts beyond its end, before anybody looked")
		}
		if err := f.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
		if x, _ = f.Get(officer, x.ID); x.State != Expired || len(f.book.handed) != 0 {
			t.Errorf("after its end: %s, %d handed over", x.State, len(f.book.handed))
		}
		x = f.decided(coordinator, x, Extend)
		if !f.excludes("tram-1", "10.1.1.5") {
			t.Error("extended, it does not act")
		}
		x = f.decided(coordinator, x, Revoke)
		if f.excludes("tram-1", "10.1.1.5") || x.EndedAt.IsZero() {
			t.Error("revoked, it acts")
		}
	})
}

func TestWhoMayProposeAndDecide(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), Config{})
	for _, c := range []struct {
		name string
		ctx  context.Context
		in   Proposal
		want string
	}{
		{"nobody", context.Background(), some("so-y-te"), "session.required"},
		{"an auditor", auditor, some("so-y-te"), "permission.denied"},
		{"another unit", stranger, some("so-y-te"), "unit.unknown"},
		{"another unit, from an alert it does not see", stranger, some("so-noi-vu"), "alert.unknown"},
		{"a unit, for everybody", officer, some(event.CentreUnit), "unit.unknown"},
		{"a unit that is not", analyst, some("nowhere"), "unit.unknown"},
		{"an officer, at once", officer, Proposal{Unit: "so-y-te", Filter: filter, Reason: "Máy sao lưu", Act: true}, "permission.denied"},
		{"without a reason", officer, Proposal{Unit: "so-y-te", Filter: filter, Reason: "  ok  "}, "exclusion.reason"},
		{"for two years", officer, Proposal{Unit: "so-y-te", Filter: filter, Reason: "Máy sao lưu", Days: 730}, "exclusion.days"},
		{"any rule", officer, Proposal{Unit: "so-y-te", Filter: strings.Replace(filter, "[6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e]", "any", 1), Reason: "Máy sao lưu"}, "exclusion.filter"},
		{"a coordinator, at once", coordinator, Proposal{Unit: event.CentreUnit, Filter: filter, Reason: "Máy sao lưu", Act: true}, ""},
	} {
		if _, err := f.Propose(c.ctx, c.in); code(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if !f.excludes("so-noi-vu", "10.1.1.5") {
		t.Error("approved at once for everybody, it does not act")
	}
	x := f.proposed(officer, some("so-y-te"))
	for _, c := range []struct {
		name string
		ctx  context.Context
		verb Verb
		want string
	}{
		{"an officer", officer, Approve, "permission.denied"}, {"an analyst", analyst, Approve, "permission.denied"},
		{"another unit", stranger, Approve, "exclusion.unknown"}, {"a coordinator who revokes a proposal", coordinator, Revoke, "exclusion.state"},
		{"another verb", coordinator, "delete", "invalid"},
		{"its proposer takes it back", officer, Reject, ""}, {"a coordinator, too late", coordinator, Approve, "exclusion.changed"},
	} {
		if _, err := f.Decide(c.ctx, x.ID, Decision{Verb: c.verb, Version: x.Version, Note: "không cần nữa"}); code(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if list, _, err := f.List(stranger, Filter{}); err != nil || len(list) != 0 {
		t.Errorf("another unit lists %v, %v", list, err)
	}
	if _, err := f.Get(stranger, x.ID); code(err) != "exclusion.unknown" {
		t.Errorf("another unit reads: %v", err)
	}
}

func TestFourEyes(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), Config{FourEyes: true})
	in := some("so-y-te")
	in.Act = true
	if _, err := f.Propose(coordinator, in); code(err) != "exclusion.four-eyes" {
		t.Errorf("at once: %v", err)
	}
	x := f.proposed(coordinator, some("so-y-te"))
	if _, err := f.Decide(coordinator, x.ID, Decision{Verb: Approve, Version: x.Version}); code(err) != "exclusion.four-eyes" {
		t.Errorf("his own: %v", err)
	}
	x = f.decided(second, x, Approve)
	wider := strings.Replace(filter, "10.1.1.5", "10.1.1.*", 1)
	x, err := f.Edit(second, x.ID, Change{Version: x.Version, Filter: &wider})
	if err != nil || x.State != Proposed || f.excludes("so-y-te", "10.1.1.5") {
		t.Errorf("edited, it acts: %s %v", x.State, err)
	}
	if _, err := f.Decide(second, x.ID, Decision{Verb: Approve, Version: x.Version}); code(err) != "exclusion.four-eyes" {
		t.Errorf("who edited approves: %v", err)
	}
}

func TestWhatIsLeftOutIsCounted(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, Config{})
		x := f.decided(coordinator, f.proposed(officer, some("so-y-te")), Approve)
		last := f.clock.Add(time.Minute)
		for _, n := range []LeftOut{{3, last, "e2"}, {2, f.clock, "e1"}} {
			err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
				return f.Count(ctx, tx, map[string]LeftOut{x.ID: n, "unknown": n})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		x, err := f.Get(officer, x.ID)
		if err != nil || x.Hits != 5 || !x.LastHit.Equal(last) || x.LastEvent != "e2" {
			t.Errorf("%+v, %v", x, err)
		}
		// Counting makes nobody's edit fail.
		f.decided(coordinator, x, Revoke)
		if x, _ = f.Get(officer, x.ID); x.Hits != 5 {
			t.Errorf("%d hits after the end", x.Hits)
		}
	})
}

func TestAReminderComesOnceBeforeTheEnd(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), Config{})
	x := f.decided(coordinator, f.proposed(officer, some("so-y-te")), Approve)
	kinds := func() string {
		var list []string
		if err := f.DB.NewSelect().Table("facts").Column("kind").OrderExpr("id").Scan(context.Background(), &list); err != nil {
			t.Fatal(err)
		}
		return strings.Join(list, " ")
	}
	for _, before := range []time.Duration{4 * 24 * time.Hour, 3 * 24 * time.Hour, time.Hour, 0, 0} {
		f.clock = x.ExpiresAt.Add(-before)
		if err := f.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if got := kinds(); got != "exclusion.proposed notice exclusion.approved notice exclusion.expiring notice[] exclusion.expired notice" {
		t.Errorf("told %s", got)
	}
}

func TestADraftOffersTheFieldsOfTheNewestEvent(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), Config{})
	ev := loginOf("tram-1", "10.1.1.5")
	f.rows.list = []lake.Row{{Unit: "tram-1", Host: "web01", Source: ev.Source, Fields: append(ev.Fields, event.Field{Name: "none", Kind: event.Null})}}
	d, err := f.Draft(officer, "a1")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Fields); got != "[{src_ip 10.1.1.5 true false true} {host web01 false false false} {user root false true false}]" {
		t.Errorf("fields %s", got)
	}
	if fmt.Sprint(d.Units) != "[tram-1 so-y-te]" || d.MayApprove || d.Days != 30 {
		t.Errorf("%+v", d)
	}
	for id, want := range map[string]string{"s1": "exclusion.signal", "g1": "exclusion.rule-gone", "none": "alert.unknown"} {
		if _, err := f.Draft(officer, id); code(err) != want {
			t.Errorf("%s: %v", id, err)
		}
	}
	if _, err := f.Draft(stranger, "a1"); code(err) != "alert.unknown" {
		t.Errorf("another unit: %v", err)
	}
}

func TestAPreviewCountsWhatWouldHaveBeenLeftOut(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), Config{})
	for i, from := range []string{"10.1.1.5", "10.1.1.5", "203.0.113.9"} {
		unit := event.UnitID("tram-1")
		if i == 2 {
			unit = "so-y-te"
		}
		ev := loginOf(unit, from)
		f.rows.list = append(f.rows.list, lake.Row{Unit: unit, Host: "web01", Source: ev.Source, Fields: ev.Fields, Rules: []string{"6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e"}})
	}
	got, err := f.Preview(officer, Trial{Alert: "a1", Unit: "so-y-te", Fields: []Condition{{"src_ip", "10.1.1.5"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Events != 3 || got.EventsOut != 2 || got.Alerts != 2 || got.AlertsOut != 1 || len(got.Rest) != 1 || got.Rest[0].Value != "203.0.113.9" || len(got.Problems) != 0 {
		t.Errorf("%+v", got)
	}
	if f.excludes("tram-1", "10.1.1.5") {
		t.Error("a preview acts")
	}
	got, err = f.Preview(officer, Trial{Alert: "c1", Unit: "so-y-te", Fields: []Condition{{"src_ip", "10.1.1.5"}}})
	if err != nil || got.Alerts != 1 || got.AlertsOut != 1 || !strings.Contains(got.Filter, "category: correlation") {
		t.Errorf("of a correlation: %+v, %v", got, err)
	}
	got, err = f.Preview(officer, Trial{Unit: "so-y-te", Filter: "title: x"})
	if err != nil || len(got.Problems) == 0 {
		t.Errorf("of what is no filter: %+v, %v", got, err)
	}
	if _, err = f.Preview(stranger, Trial{Alert: "a1", Unit: "so-y-te", Fields: []Condition{{"a", "b"}}}); code(err) != "unit.unknown" {
		t.Errorf("another unit: %v", err)
	}
}

func TestAnExportSaysWhatSigmaHasNoWordsFor(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), Config{})
	x := f.decided(coordinator, f.proposed(officer, some("so-y-te")), Approve)
	text, err := x.Export()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"title: The backup server", "condition: not selection", "unit: so-y-te", `expires: "2026-12-22T03:00:00Z"`, "proposed-by: MINH", "decided-by: AN"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if parsed, problems := detect.ParseExclusion([]byte(text)); parsed == nil {
		t.Error(problems)
	}
}

// Whatever a field holds, the filter leaves out that value and no other.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{"10.1.1.5", `C:\Windows\*.exe`, `a\\b`, `\?`, "*", "", "yes", "4625", "null", "~", "- a", "x: y # z", "đăng nhập\ttab", "'\"", "%x%"} {
		f.Add("src_ip", s)
	}
	base := detect.Compile([]detect.File{{Name: "a.yml", Data: []byte(rootLogin)}}, detect.Options{Mapping: sigma.DefaultMapping()})
	f.Fuzz(func(t *testing.T, field, value string) {
		var d Draft
		d.add(DraftField{Name: field, Value: value})
		if len(d.Fields) == 0 || field == "user" || strings.ContainsFunc(field, unicode.IsSpace) || len(field) > 200 {
			t.Skip()
		}
		doc := Document{Title: "t", Date: time.Unix(0, 0), Source: sigma.LogSource{Product: "linux"}, Rules: []string{"6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e"}, Exclude: []Condition{{field, value}}}
		text, err := doc.Text()
		if err != nil {
			t.Fatal(err)
		}
		set, problems := base.Excluding([]detect.Exclusion{{ID: "x", Filter: []byte(text)}})
		if len(problems) > 0 {
			t.Skip(problems) // a name Sigma has no way to write
		}
		for _, c := range []struct {
			value string
			left  int
		}{{value, 1}, {value + "x", 0}, {"x" + value, 0}} {
			ev := event.Event{Unit: "u", Source: event.Source{Product: "linux", Service: "sshd"},
				Fields: []event.Field{{Name: "user", Value: "root"}, {Name: field, Value: c.value}}}
			w := set.NewWorker()
			if w.Match(&ev); len(w.Excluded()) != c.left {
				t.Fatalf("%q left out %d times by\n%s", c.value, len(w.Excluded()), text)
			}
		}
	})
}

// closing is what the alerts were asked to close, and refuses where it is told to.
type closing struct {
	alerts
	refuse error
	asked  []string
	closed []string
}

func (c *closing) Close(_ context.Context, _ bun.Tx, id, reason, note string) error {
	c.asked = append(c.asked, id+" "+reason+" "+note)
	return c.refuse
}

func (c *closing) Closed(id string) { c.closed = append(c.closed, id) }

func TestAProposalClosesItsAlertOrNeitherIsDone(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, Config{})
		c := &closing{alerts: f.Alerts.(alerts)}
		f.Alerts = c
		in := some("so-y-te")
		in.Close, in.CloseNote = "false_positive", "máy sao lưu"
		x := f.proposed(officer, in)
		if x.State != Proposed || len(c.asked) != 1 || c.asked[0] != "a1 false_positive máy sao lưu" || len(c.closed) != 1 {
			t.Errorf("%+v, asked %v, closed %v", x, c.asked, c.closed)
		}
		c.refuse = fault.New(fault.Invalid, "no such reason").WithCode("alert.reason-unknown")
		if _, err := f.Propose(officer, in); code(err) != "alert.reason-unknown" {
			t.Errorf("%v", err)
		}
		if list, _, err := f.List(officer, Filter{}); err != nil || len(list) != 1 || len(c.closed) != 1 {
			t.Errorf("%d exclusions, closed %v, %v", len(list), c.closed, err)
		}
		in.Alert = ""
		if _, err := f.Propose(officer, in); code(err) != "exclusion.close" {
			t.Errorf("without an alert: %v", err)
		}
	})
}

func TestWhatEndsSoonIsListedSoonestFirst(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, Config{})
		for _, days := range []int{9, 3, 6} {
			in := some("so-y-te")
			in.Days, in.Act = days, true
			f.proposed(coordinator, in)
		}
		in := some("so-y-te")
		in.Days = 1
		f.proposed(officer, in) // waits, and so does not end
		list, _, err := f.List(officer, Filter{Ends: f.clock.AddDate(0, 0, 7)})
		if err != nil || len(list) != 2 || list[0].Days != 3 || list[1].Days != 6 {
			t.Errorf("%+v, %v", list, err)
		}
		n, first, err := f.Ending(officer, f.clock.AddDate(0, 0, 7))
		if err != nil || n != 2 || !first.Equal(f.clock.AddDate(0, 0, 3)) {
			t.Errorf("%d, %v, %v", n, first, err)
		}
		if n, first, err = f.Ending(stranger, f.clock.AddDate(0, 0, 7)); err != nil || n != 0 || !first.IsZero() {
			t.Errorf("another unit: %d, %v, %v", n, first, err)
		}
	})
}

func TestWhoProposedHearsWhatBecameOfIt(t *testing.T) {
	x := &Exclusion{ID: "x", Title: "Máy sao lưu", State: Proposed, ProposedBy: "minh"}
	for _, c := range []struct {
		kind module.FactKind
		by   string
		want string
	}{
		{FactProposed, "minh", "exclusion.proposed "},
		{FactApproved, "an", "exclusion.decided minh"},
		{FactRejected, "minh", ""}, // he took it back himself
		{FactExpiring, "", "exclusion.expiring minh,exclusion.expiring "},
		{FactExpired, "", "exclusion.expired minh"},
	} {
		var got []string
		for _, n := range notices(c.kind, x, c.by) {
			got = append(got, n.Kind+" "+n.User)
			if n.Object != "exclusion:x" || !strings.Contains(n.TitleVi, "Máy sao lưu") || n.Level == "" {
				t.Errorf("%+v", n)
			}
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s by %q: %v, want %q", c.kind, c.by, got, c.want)
		}
	}
}
