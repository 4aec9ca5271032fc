package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type unitNames struct{}

func (unitNames) Name(id event.UnitID) string { return "Đơn vị " + string(id) }

type people struct{}

func (people) Person(_ context.Context, id string, unit event.UnitID) (module.PersonView, error) {
	if id == "lan" || unit == "so-y-te" && id == "minh" {
		return module.PersonView{ID: id, DisplayName: strings.ToUpper(id)}, nil
	}
	return module.PersonView{}, fault.New(fault.NotFound, "no such user")
}

func (people) DisplayNames(_ context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = strings.ToUpper(id)
	}
	return names, nil
}

type noRules struct{}

func (noRules) Rule(string) *detect.Rule { return nil }

type askedLake struct {
	scope  lake.Scope
	search lake.Search
}

func (l *askedLake) Search(_ context.Context, sc lake.Scope, s lake.Search, _ func(*lake.Row) error) (lake.Stats, error) {
	l.scope, l.search = sc, s
	return lake.Stats{}, nil
}

type fixture struct {
	*Service
	t    testing.TB
	db   *bun.DB
	now  time.Time
	lake *askedLake
}

func newFixture(t testing.TB, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, now: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC), lake: &askedLake{}}
	f.Service = New(Options{
		DB: db, Trail: module.NewTrail(db), Hub: module.NewHub(), Units: unitNames{}, People: people{}, Rules: noRules{},
		Events: f.lake, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.now },
	})
	ctx := context.Background()
	if err := sqldb.Migrate(ctx, db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "alert", f.Module().Migrations); err != nil {
		t.Fatal(err)
	}
	return f
}

// at makes a finding that arrived and happened the given time after the start.
func (f *fixture) at(after time.Duration, change ...func(*detect.Finding)) detect.Finding {
	x := detect.Finding{
		RuleID: "rule-1", Title: "Failed logins", TitleVi: "Đăng nhập sai", Level: "high", Tags: []string{"attack.t1110"},
		Unit: "so-y-te", EntityField: "host", EntityValue: "web01", Time: f.now.Add(after), Received: f.now.Add(after),
	}
	for _, c := range change {
		c(&x)
	}
	return x
}

// record does what the process loop does: it tells of what was committed.
func (f *fixture) record(findings ...detect.Finding) []Recorded {
	f.t.Helper()
	rec, err := f.tryRecord(findings)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Committed(rec)
	return rec
}

func (f *fixture) tryRecord(findings []detect.Finding) (rec []Recorded, err error) {
	err = f.db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		rec, err = f.Record(ctx, tx, findings)
		return err
	})
	return rec, err
}

func as(role module.Role, unit event.UnitID, name string) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var centre = as(module.RoleAnalyst, event.CentreUnit, "lan")

func (f *fixture) all() []Alert {
	f.t.Helper()
	p, err := f.List(centre, Filter{Sort: "createdAt", Limit: 500})
	if err != nil {
		f.t.Fatal(err)
	}
	return p.Items
}

func TestFindingsOfOneEntityAreOneAlert(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		first := f.record(f.at(0), f.at(2*time.Second), f.at(time.Second))
		second := f.record(f.at(10 * time.Minute))
		if len(first) != 1 || !first[0].Created || len(second) != 1 || second[0].Created || first[0].ID != second[0].ID {
			t.Fatalf("first %v, second %v", first, second)
		}
		a := f.all()
		if len(a) != 1 || a[0].Count != 4 || !a[0].FirstSeen.Equal(f.now) || !a[0].LastSeen.Equal(f.now.Add(10*time.Minute)) ||
			a[0].Version != 1 || a[0].Status != StatusNew || a[0].Tags[0] != "attack.t1110" {
			t.Fatalf("%+v", a)
		}
	})
}

func TestAlertsAreToldApartByRuleUnitAndEntity(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		rec := f.record(
			f.at(0),
			f.at(0, func(x *detect.Finding) { x.RuleID = "rule-2" }),
			f.at(0, func(x *detect.Finding) { x.Unit = "so-noi-vu" }),
			f.at(0, func(x *detect.Finding) { x.EntityField = "peer" }),
			f.at(0, func(x *detect.Finding) { x.EntityValue = "web02" }),
			f.at(0),
		)
		if len(rec) != 5 || len(f.all()) != 5 {
			t.Fatalf("%d alerts", len(rec))
		}
	})
}

// The window goes by arrival: what happened a year ago and arrives together
// belongs together; what arrives after the gap is a new alert.
func TestWindowGoesByArrival(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		old := func(x *detect.Finding) { x.Time = x.Time.AddDate(-1, 0, 0) }
		f.record(f.at(0, old), f.at(time.Minute))
		f.record(f.at(time.Minute+time.Hour, old)) // exactly the gap: still the same
		if a := f.all(); len(a) != 1 || a[0].Count != 3 || !a[0].FirstSeen.Equal(f.now.AddDate(-1, 0, 0)) {
			t.Fatalf("%+v", a)
		}
		rec := f.record(f.at(2*time.Hour + time.Minute + time.Microsecond))
		if len(rec) != 1 || !rec[0].Created || len(f.all()) != 2 {
			t.Fatalf("after the gap: %v, %d alerts", rec, len(f.all()))
		}
	})
}

// Blocks held back by an outage come in one call with arrivals hours apart.
func TestOneCallMayHoldSeveralWindows(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		rec := f.record(f.at(0), f.at(30*time.Minute), f.at(5*time.Hour), f.at(5*time.Hour+time.Minute))
		if len(rec) != 2 {
			t.Fatalf("%v", rec)
		}
		// A late block between them touches neither; one near the first does.
		rec = f.record(f.at(45 * time.Minute))
		if len(rec) != 1 || rec[0].Created {
			t.Fatalf("%v", rec)
		}
		var counts []int64
		for _, a := range f.all() {
			counts = append(counts, a.Count)
		}
		if len(counts) != 2 || counts[0]+counts[1] != 5 {
			t.Fatalf("counts %v", counts)
		}
	})
}

// Two groups of one call may turn out to be the same alert: the open one lies
// between them in time.
func TestGroupsThatMeetInAnOpenAlertAreCountedOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.record(f.at(time.Hour))
		rec := f.record(f.at(10*time.Minute), f.at(100*time.Minute))
		if len(rec) != 1 || rec[0].Created {
			t.Fatalf("%v", rec)
		}
		if a := f.all(); len(a) != 1 || a[0].Count != 3 {
			t.Fatalf("%+v", a)
		}
	})
}

func TestClosedAlertIsNotReopenedByFindings(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		id := f.record(f.at(0))[0].ID
		if _, err := f.Change(centre, id, 1, Change{Status: ptr(StatusClosed), Reason: ptr(ReasonBenign)}); err != nil {
			t.Fatal(err)
		}
		rec := f.record(f.at(time.Minute))
		if !rec[0].Created || rec[0].ID == id {
			t.Fatalf("%v", rec)
		}
		d, err := f.Get(centre, id)
		if err != nil || d.Status != StatusClosed || d.Count != 1 {
			t.Fatalf("%+v %v", d, err)
		}
	})
}

func TestRecordIsUndoneWithItsTransaction(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		boom := errors.New("disk full")
		err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := f.Record(ctx, tx, []detect.Finding{f.at(0)}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || len(f.all()) != 0 {
			t.Fatalf("%v, %d alerts", err, len(f.all()))
		}
	})
}

// Findings carry text an attacker wrote.
func TestHostileTextIsStoredAndDoesNotStopTheCommit(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		for i, text := range []string{"a\x00b", "\xff\xfe", "'; DROP TABLE alerts; --", `\`, "?", "%", strings.Repeat("ạ", 5000), ""} {
			f.record(f.at(time.Duration(i), func(x *detect.Finding) {
				x.EntityValue, x.Title, x.Level, x.Tags = text, text, text, []string{text}
			}))
		}
		for _, a := range f.all() {
			if a.Level != "medium" || len(a.EntityValue) > 2*maxEntityBytes {
				t.Errorf("%+v", a)
			}
			if _, err := query.Parse(a.Query()); err != nil {
				t.Errorf("%q: %v", a.Query(), err)
			}
		}
	})
}

func TestQueryFindsTheEntityLiterally(t *testing.T) {
	for _, c := range []struct{ field, value, want string }{
		{"host", "web01", `rule:"r" AND host:"web01"`},
		{"host", `DOM\web "01"*`, `rule:"r" AND host:"DOM\\web \"01\"*"`},
		{"Target User", "x", `rule:"r" AND "Target User":"x"`},
		{"host", "", `rule:"r"`},
		{"host", strings.Repeat("x", maxEntityBytes), `rule:"r"`},
	} {
		a := Alert{RuleID: "r", EntityField: c.field, EntityValue: c.value}
		if got := a.Query(); got != c.want {
			t.Errorf("%q: got %s, want %s", c.value, got, c.want)
		}
		if _, err := query.Parse(a.Query()); err != nil {
			t.Errorf("%s: %v", a.Query(), err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestChange(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		id := f.record(f.at(0))[0].ID

		if _, err := f.Change(centre, id, 1, Change{Status: ptr(StatusClosed)}); code(err) != "alert.reason-required" {
			t.Fatalf("closing without a reason: %v", err)
		}
		if _, err := f.Change(centre, id, 1, Change{Assignee: ptr("nobody")}); code(err) != "user.unknown" {
			t.Fatalf("an unknown assignee: %v", err)
		}
		a, err := f.Change(centre, id, 1, Change{Status: ptr(StatusInProgress), Assignee: ptr("lan"), Note: ptr("đang xem")})
		if err != nil || a.Version != 2 || a.Assignee != "lan" {
			t.Fatalf("%+v %v", a, err)
		}
		if _, err := f.Change(centre, id, 1, Change{Note: ptr("x")}); code(err) != "alert.changed" {
			t.Fatalf("an old version: %v", err)
		}
		if a, err = f.Change(centre, id, 2, Change{Note: ptr("đang xem")}); err != nil || a.Version != 2 {
			t.Fatalf("a change that changes nothing: %+v %v", a, err)
		}
		// New findings do not make an edit fail.
		f.record(f.at(time.Minute))
		if a, err = f.Change(centre, id, 2, Change{Status: ptr(StatusClosed), Reason: ptr(ReasonFalsePositive)}); err != nil || a.Reason != ReasonFalsePositive {
			t.Fatalf("%+v %v", a, err)
		}
		if a, err = f.Change(centre, id, 3, Change{Status: ptr(StatusNew), Assignee: ptr("")}); err != nil || a.Reason != "" || a.Assignee != "" {
			t.Fatalf("reopened: %+v %v", a, err)
		}
		d, err := f.Get(centre, id)
		if err != nil {
			t.Fatal(err)
		}
		var history []string
		for _, h := range d.History {
			history = append(history, fmt.Sprintf("%s %s %s>%s %s %s", h.By, h.Action, h.From, h.To, h.Reason, h.Note))
		}
		want := []string{
			"LAN status new>in_progress  đang xem", "LAN assign >lan  ",
			"LAN status in_progress>closed false_positive ",
			"LAN status closed>new  ", "LAN assign lan>  ",
		}
		if strings.Join(history, "\n") != strings.Join(want, "\n") {
			t.Errorf("history:\n%s\nwant:\n%s", strings.Join(history, "\n"), strings.Join(want, "\n"))
		}
		records, err := f.trail.Find(as(module.RoleAdministrator, event.CentreUnit, "admin"), module.RecordFilter{}, false, 100)
		if err != nil || len(records) != 3 {
			t.Errorf("%d audit records, want one per change: %v", len(records), err)
		}
	})
}

func code(err error) string {
	fe, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return ""
	}
	return fe.Code
}

func TestChangeAllIsAllOrNothing(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		a := f.record(f.at(0))[0].ID
		b := f.record(f.at(0, func(x *detect.Finding) { x.EntityValue = "web02" }))[0].ID
		closing := Change{Status: ptr(StatusClosed), Reason: ptr(ReasonDuplicate)}
		if _, err := f.ChangeAll(centre, []string{a, "nothing", b}, closing); fault.KindOf(err) != fault.NotFound {
			t.Fatal(err)
		}
		for _, x := range f.all() {
			if x.Status != StatusNew {
				t.Errorf("%s changed although another failed", x.ID)
			}
		}
		changed, err := f.ChangeAll(centre, []string{a, b, a}, closing)
		if err != nil || len(changed) != 2 {
			t.Fatalf("%v %v", changed, err)
		}
	})
}

// What belongs to another unit is as if it did not exist.
func TestOtherUnitsAlertsDoNotExist(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		id := f.record(f.at(0))[0].ID
		for name, ctx := range map[string]context.Context{
			"nobody":       context.Background(),
			"other unit":   as(module.RoleAnalyst, "so-noi-vu", "minh"),
			"ingest token": as(module.RoleIngest, "so-y-te", "t"),
			"no unit":      as(module.RoleAnalyst, "", "x"),
		} {
			if p, err := f.List(ctx, Filter{Sort: "-lastSeen", Limit: 10}); err == nil && (len(p.Items) > 0 || p.Total > 0 || len(p.ByLevel) > 0) {
				t.Errorf("%s lists %+v", name, p)
			}
			if _, err := f.Get(ctx, id); err == nil {
				t.Errorf("%s reads it", name)
			}
			if _, err := f.Change(ctx, id, 1, Change{Note: ptr("x")}); err == nil {
				t.Errorf("%s changes it", name)
			}
			if _, _, _, err := f.Events(ctx, id, 10, nil); err == nil {
				t.Errorf("%s reads its events", name)
			}
			if n, _, err := f.Open(ctx); err == nil && len(n) > 0 {
				t.Errorf("%s counts it", name)
			}
			if hits, err := f.HitsSince(ctx, time.Time{}); err == nil && len(hits) > 0 {
				t.Errorf("%s counts its hits", name)
			}
		}
		if _, err := f.Get(as(module.RoleAnalyst, "so-y-te", "minh"), id); err != nil {
			t.Errorf("its own unit: %v", err)
		}
	})
}

func TestEventsAreSearchedInTheAlertsUnitAndTime(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	id := f.record(f.at(1500*time.Microsecond), f.at(2*time.Second))[0].ID
	text, from, to, err := f.Events(centre, id, 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text != `rule:"rule-1" AND host:"web01"` || !from.Equal(f.now.Add(time.Millisecond)) || !to.Equal(f.now.Add(2001*time.Millisecond)) {
		t.Errorf("%s from %v to %v", text, from, to)
	}
	if fmt.Sprint(f.lake.scope) != fmt.Sprint(lake.ScopeUnits("so-y-te")) || !f.lake.search.From.Equal(from) || !f.lake.search.To.Equal(to) {
		t.Errorf("asked the lake for %+v in %v", f.lake.search, f.lake.scope)
	}
}

func TestListPagesThroughEverythingOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		var findings []detect.Finding
		for i := range 57 {
			findings = append(findings, f.at(time.Duration(i%5)*time.Second, func(x *detect.Finding) {
				x.EntityValue = fmt.Sprintf("h%02d", i)
				x.Level = Levels[i%len(Levels)]
			}))
		}
		f.record(findings...)
		for sort := range sorts {
			seen := map[string]bool{}
			filter := Filter{Sort: sort, Limit: 10}
			for range 10 {
				p, err := f.List(centre, filter)
				if err != nil {
					t.Fatal(err)
				}
				if p.Total != 57 {
					t.Fatalf("total %d", p.Total)
				}
				for _, a := range p.Items {
					if seen[a.ID] {
						t.Fatalf("%s: %s comes twice", sort, a.ID)
					}
					seen[a.ID] = true
				}
				if filter.Cursor = p.Next; p.Next == "" {
					break
				}
			}
			if len(seen) != 57 {
				t.Errorf("%s: %d of 57", sort, len(seen))
			}
		}
		if _, err := f.List(centre, Filter{Sort: "-level", Limit: 10, Cursor: "rubbish"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a made-up cursor: %v", err)
		}
	})
}

func TestListFiltersAndCounts(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.record(
			f.at(0),
			f.at(0, func(x *detect.Finding) { x.EntityValue = "web02"; x.Level = "critical" }),
			f.at(0, func(x *detect.Finding) { x.EntityValue = "100%_db"; x.Level = "low"; x.Unit = "so-noi-vu" }),
		)
		for _, c := range []struct {
			filter Filter
			want   int64
		}{
			{Filter{}, 3},
			{Filter{Levels: []string{"critical", "low"}}, 2},
			{Filter{Statuses: []string{"closed"}}, 0},
			{Filter{Unit: "so-noi-vu"}, 1},
			{Filter{RuleID: "rule-1"}, 3},
			{Filter{Text: "WEB0"}, 2},
			{Filter{Text: "dang nhap"}, 3}, // without marks
			{Filter{Text: "ĐĂNG"}, 3},
			{Filter{Text: "0%_d"}, 1}, // no wildcards
			{Filter{Text: "%"}, 1},
			{Filter{Text: "' OR 1=1 --"}, 0},
		} {
			c.filter.Sort, c.filter.Limit = "-level", 10
			p, err := f.List(centre, c.filter)
			if err != nil || p.Total != c.want || int64(len(p.Items)) != c.want {
				t.Errorf("%+v: total %d, %d items, %v; want %d", c.filter, p.Total, len(p.Items), err, c.want)
			}
		}
		p, err := f.List(centre, Filter{Sort: "-level", Limit: 1, Levels: []string{"critical"}})
		if err != nil || p.ByLevel["high"] != 1 || p.ByLevel["low"] != 1 || p.ByStatus["new"] != 1 {
			t.Errorf("%+v %v", p, err)
		}
	})
}

// Of very many, the oldest that are closed are listed and neither counted nor
// searched, and the list says from when on they are.
func TestOldClosedAlertsAreListedAndNotCounted(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.store.looked = 4
		now := f.now
		for i := range 10 { // one a day; h0, h5 and h9 stay open
			f.now = now.AddDate(0, 0, i-10)
			id := f.record(f.at(0, func(x *detect.Finding) { x.EntityValue = fmt.Sprint("h", i) }))[0].ID
			if i%5 != 0 && i != 9 {
				if _, err := f.Change(centre, id, 1, Change{Status: ptr(StatusClosed), Reason: ptr(ReasonFalsePositive)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, c := range []struct {
			name   string
			filter Filter
			items  int // on the page
			total  int64
			since  int // day of CountedFrom; 0: all are counted
		}{
			{"all, by time", Filter{Sort: "-lastSeen"}, 10, 6, 5},
			{"all, in another order", Filter{Sort: "-count"}, 6, 6, 5},
			{"by text", Filter{Sort: "-lastSeen", Text: "h"}, 6, 6, 5},
			{"an old one that is open", Filter{Sort: "-lastSeen", Text: "h0"}, 1, 1, 5},
			{"an old one that is closed", Filter{Sort: "-lastSeen", Text: "h2"}, 0, 0, 5},
			{"the same, at its time", Filter{Sort: "-lastSeen", Text: "h2", To: now.AddDate(0, 0, 4-10)}, 1, 1, 0},
			{"in a time within", Filter{Sort: "-lastSeen", From: now.AddDate(0, 0, 7-10)}, 3, 3, 0},
			{"open", Filter{Sort: "-lastSeen", Statuses: []string{"new"}}, 3, 3, 5},
		} {
			c.filter.Limit = 50
			p, err := f.List(centre, c.filter)
			since := 0
			if !p.CountedFrom.IsZero() {
				since = 10 - int(now.Sub(p.CountedFrom).Hours()/24)
			}
			if err != nil || len(p.Items) != c.items || p.Total != c.total || since != c.since {
				t.Errorf("%s: %d items, total %d, counted from day %d, %v; want %d, %d, %d", c.name, len(p.Items), p.Total, since, err, c.items, c.total, c.since)
			}
		}
	})
}

// The counts are exact however findings are cut into calls.
func TestAnyCutOfFindingsGivesTheSameAlerts(t *testing.T) {
	var findings []detect.Finding
	base := newFixture(t, sqldbtest.SQLite(t))
	for i := range 300 {
		findings = append(findings, base.at(time.Duration(i)*time.Minute*time.Duration(1+i%3), func(x *detect.Finding) {
			x.EntityValue = fmt.Sprint("h", i%7)
		}))
	}
	count := func(step int) string {
		f := newFixture(t, sqldbtest.SQLite(t))
		for i := 0; i < len(findings); i += step {
			f.record(findings[i:min(i+step, len(findings))]...)
		}
		total := int64(0)
		for _, a := range f.all() {
			total += a.Count
		}
		return fmt.Sprint(total)
	}
	for _, step := range []int{1, 7, 300} {
		if got := count(step); got != "300" {
			t.Errorf("in steps of %d: %s findings counted", step, got)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	for _, c := range []struct {
		name     string
		entities int
		fresh    bool
	}{{"one-entity", 1, false}, {"100-entities", 100, false}, {"10000-entities", 10_000, false}, {"10000-new-entities", 10_000, true}} {
		b.Run(c.name, func(b *testing.B) {
			f := newFixture(b, sqldbtest.SQLite(b))
			findings := make([]detect.Finding, 10_000)
			for i := range findings {
				findings[i] = f.at(time.Duration(i)*time.Microsecond, func(x *detect.Finding) { x.EntityValue = fmt.Sprint("host-", i%c.entities) })
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				for i := range findings {
					if c.fresh {
						findings[i].EntityValue = fmt.Sprint("host-", n, "-", i)
					}
				}
				if _, err := f.tryRecord(findings); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(findings)*b.N)/b.Elapsed().Seconds(), "findings/s")
		})
	}
}
