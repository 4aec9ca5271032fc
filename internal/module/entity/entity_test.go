package entity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// Whatever a value is made of, the search for it means it and nothing else.
func TestQueryFindsTheEntityOnly(t *testing.T) {
	for _, tc := range []struct {
		kind, value string
		field, has  string
		want        bool
	}{
		{"host", "web01", "host", "WEB01", true},
		{"host", "web0*", "host", "web01", false},
		{"host", `a"b\c OR x:y`, "host", `a"b\c OR x:y`, true},
		{"host", "máy-chủ 1/2", "host", "máy-chủ 1/2", true},
		{"user", `SYT\an`, "User", `syt\an`, true},
		{"user", `SYT\an`, "TargetUserName", "an", false}, // without its domain
		{"user", "an", "user", "lan", false},
		{"address", "10.0.0.1", "src_ip", "10.0.0.1", true},
		{"address", "10.0.0.1", "IpAddress", "::ffff:10.0.0.1", true},
		{"address", "10.0.0.1", "src_ip", "10.0.0.11", false},
		{"address", "2001:db8::1", "dst_ip", "2001:0db8:0000:0000:0000:0000:0000:0001", true},
		{"address", "[2001:DB8:0::1]", "dst_ip", "2001:db8::1", true},
		{"domain", "xấu.example", "query", "xấu.example", true},
		{"hash", "92f44e405db16ac55d97e3bfe3b132fa", "Hashes", "SHA1=04C5,MD5=92F44E405DB16AC55D97E3BFE3B132FA", true},
		{"process", "cmd.exe", "Image", `C:\Windows\System32\cmd.exe`, true},
		{"process", "cmd.exe", "Image", `C:\x\notcmd.exe`, false},
		{"process", "sh", "exe", "/usr/bin/sh", true},
		{"process", `C:\a (b)\x.exe`, "Image", `C:\a (b)\x.exe`, true},
	} {
		e, err := Parse(tc.kind, tc.value)
		if err != nil {
			t.Fatal(err)
		}
		q, err := query.Parse(e.Query())
		if err != nil {
			t.Errorf("%s %q: %q: %v", tc.kind, tc.value, e.Query(), err)
			continue
		}
		ev := event.Event{Fields: []event.Field{{Name: tc.field, Value: tc.has}}}
		if tc.field == "host" {
			ev = event.Event{Host: tc.has}
		}
		if got := q.Match(&ev, nil); got != tc.want {
			t.Errorf("%s %q finds %s=%q: %v, want %v", tc.kind, tc.value, tc.field, tc.has, got, tc.want)
		}
	}
	pair := event.Event{Fields: []event.Field{{Name: "TargetUserName", Value: "an"}, {Name: "TargetDomainName", Value: "SYT"}}}
	e, _ := Parse("user", `SYT\an`)
	if q, err := query.Parse(e.Query()); err != nil || !q.Match(&pair, nil) {
		t.Errorf("an account in two fields is not found: %v", err)
	}
}

func TestValuesThatAreRefused(t *testing.T) {
	for _, tc := range []struct{ kind, value string }{
		{"person", "an"}, {"host", " "}, {"host", strings.Repeat("x", 600)}, {"host", "a\x00b"}, {"host", "a\xff"},
	} {
		if _, err := Parse(tc.kind, tc.value); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s %q: %v", tc.kind, tc.value, err)
		}
	}
}

// FuzzQuery: the search for any value can be read, and finds that value.
func FuzzQuery(f *testing.F) {
	for _, v := range []string{"web01", `a"b\`, "*", "?", "a OR b", "-x", `\`, "|", "nguyễn"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range Types {
			e, err := Parse(string(kind), value)
			if err != nil {
				continue
			}
			q, err := query.Parse(e.Query())
			if err != nil {
				t.Fatalf("%s %q: %v", kind, value, err)
			}
			if ev := (event.Event{Host: e.Value, Fields: []event.Field{{Name: fields[kind][0], Value: e.Value}}}); !q.Match(&ev, nil) {
				t.Fatalf("%s %q does not find itself", kind, value)
			}
		}
	})
}

// logs is a lake of one event a minute.
type logs struct {
	rows []lake.Row
	fail error
}

func (l *logs) within(sc lake.Scope, s lake.Search) []lake.Row {
	var out []lake.Row
	for _, r := range l.rows {
		ev := r.Event()
		if sc.Sees(r.Unit) && !r.Time.Before(s.From) && r.Time.Before(s.To) && s.Query.Match(&ev, r.Rules) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b lake.Row) int { return b.Time.Compare(a.Time) })
	return out
}

func (l *logs) Search(_ context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error) {
	for i, r := range l.within(sc, s) {
		if i == s.Limit {
			return lake.Stats{Cursor: "more"}, nil
		}
		if err := each(&r); err != nil {
			return lake.Stats{}, err
		}
	}
	return lake.Stats{}, l.fail
}

func (l *logs) Histogram(_ context.Context, sc lake.Scope, s lake.Search, _ int) ([]lake.Bucket, time.Duration, lake.Stats, error) {
	return []lake.Bucket{{Time: s.From, Count: int64(len(l.within(sc, s)))}}, time.Hour, lake.Stats{}, l.fail
}

func (l *logs) Aggregate(_ context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error) {
	rows := l.within(sc, lake.Search{Query: p.Query, From: from, To: to})
	return p.Evaluate(func(yield func(*event.Event, []string) bool) {
		for _, r := range rows {
			if ev := r.Event(); !yield(&ev, r.Rules) {
				return
			}
		}
	}, 100), lake.Stats{}, l.fail
}

func (l *logs) FieldStats(_ context.Context, sc lake.Scope, s lake.Search, _ int) ([]lake.FieldStats, int, lake.Stats, error) {
	rows := l.within(sc, s)
	counts := map[string]map[string]int64{}
	add := func(name, value string) {
		if counts[name] == nil {
			counts[name] = map[string]int64{}
		}
		counts[name][value]++
	}
	for _, r := range rows {
		add("_host", r.Host)
		for _, f := range r.Fields {
			add(f.Name, f.Value)
		}
	}
	var out []lake.FieldStats
	for name, values := range counts {
		fs := lake.FieldStats{Name: name}
		for v, n := range values {
			fs.Top = append(fs.Top, lake.ValueCount{Value: v, Count: n})
		}
		out = append(out, fs)
	}
	return out, len(rows), lake.Stats{}, l.fail
}

type alerts struct{ unit event.UnitID }

func (a alerts) About(ctx context.Context, fields, values []string, _, _ time.Time, _ int) ([]module.AlertView, Counts, error) {
	if !module.PrincipalOf(ctx).Sees(a.unit) || !slices.Contains(fields, "host") && !slices.Contains(fields, "user") || !slices.Contains(values, "web01") {
		return nil, Counts{}, nil
	}
	at := module.Time{Time: noon.Add(-30 * time.Minute)}
	return []module.AlertView{{ID: "a1", Unit: a.unit, EntityValue: "web01", FirstSeen: at, LastSeen: at}}, Counts{Total: 1}, nil
}

func (a alerts) Steps(_ context.Context, ids []string, _ int) ([]Step, error) {
	if !slices.Contains(ids, "a1") {
		return nil, nil
	}
	return []Step{{AlertID: "a1", At: noon.Add(-10 * time.Minute), By: "hoa", Action: "status", To: "closed"}}, nil
}

type names struct{}

func (names) Name(u event.UnitID) string { return "Đơn vị " + string(u) }
func (names) Titles(id string) (title, titleVi, level string) {
	return "Rule " + id, "Quy tắc " + id, "high"
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type fixture struct {
	*Service
	t   *testing.T
	now time.Time
	log *logs
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	if err := sqldb.Migrate(context.Background(), db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, now: noon, log: &logs{}}
	row := func(minutes int, unit event.UnitID, host, user, ip string, rules ...string) {
		f.log.rows = append(f.log.rows, lake.Row{
			ID: event.ID{byte(len(f.log.rows))}, Time: noon.Add(-time.Duration(minutes) * time.Minute), Unit: unit, Host: host, Rules: rules, Raw: "raw",
			Fields: []event.Field{{Name: "user", Value: user}, {Name: "src_ip", Value: ip}},
		})
	}
	row(5, "so-y-te", "web01", "an", "198.51.100.7", "r1")
	row(8, "so-y-te", "web01", "an", "198.51.100.7", "r1")
	row(40, "so-y-te", "web01", "binh", "-", "r2")
	row(50, "so-noi-vu", "web01", "chi", "203.0.113.9")
	row(60, "so-y-te", "web02", "an", "127.0.0.1")
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Alerts: alerts{"so-y-te"}, Lake: f.log, Units: names{}, Rules: names{}, Now: func() time.Time { return f.now }})
	return f
}

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "hoa", Name: "hoa", Role: role, Unit: unit})
}

var (
	centre  = as(module.RoleAnalyst, event.CentreUnit)
	officer = as(module.RoleSecurityOfficer, "so-y-te")
	foreign = as(module.RoleSecurityOfficer, "so-noi-vu")
)

func week() Range { return Range{noon.AddDate(0, 0, -7), noon} }

var web01 = Entity{Host, "web01"}

func TestPageIsOfTheCallersUnits(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for name, tc := range map[string]struct {
		ctx     context.Context
		events  int64
		units   int
		users   string
		moments string
	}{
		"the centre":      {centre, 4, 2, "an binh chi", "events:2 step alert events:1"},
		"a unit":          {officer, 3, 1, "an binh", "events:2 step alert events:1"},
		"another unit":    {foreign, 1, 1, "chi", ""},
		"one without any": {as(module.RoleAnalyst, "xa-an-phu"), 0, 0, "", ""},
	} {
		p, err := f.Presence(tc.ctx, web01, week())
		if err != nil || p.Total != tc.events || len(p.Units) != tc.units {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		r, err := f.Related(tc.ctx, web01, week())
		if err != nil {
			t.Fatal(err)
		}
		var users []string
		for _, x := range r.Types {
			if x.Type == User {
				for _, c := range x.Items {
					users = append(users, c.Value)
				}
			}
			for _, c := range x.Items {
				if c.Value == "web01" || c.Value == "-" {
					t.Errorf("%s: %q stands beside the machine", name, c.Value)
				}
			}
		}
		if got := strings.Join(users, " "); got != tc.users {
			t.Errorf("%s: users %q, want %q", name, got, tc.users)
		}
		line, err := f.Timeline(tc.ctx, web01, week())
		if err != nil {
			t.Fatal(err)
		}
		var moments []string
		for _, m := range line.Moments {
			switch {
			case m.Event != nil:
				moments = append(moments, fmt.Sprintf("events:%d", m.Count))
			case m.Step != nil:
				moments = append(moments, "step")
			default:
				moments = append(moments, "alert")
			}
		}
		if got := strings.Join(moments, " "); got != tc.moments {
			t.Errorf("%s: %q, want %q", name, got, tc.moments)
		}
	}
}

func TestFirstAndLastSeen(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	p, err := f.Presence(officer, web01, week())
	if err != nil || !p.First.Equal(noon.Add(-40*time.Minute)) || !p.Last.Equal(noon.Add(-5*time.Minute)) {
		t.Errorf("%v to %v, %v", p.First, p.Last, err)
	}
}

// A look at an account is recorded, once for a page that asks four things; a look
// at a machine is not.
func TestLookAtAnAccountIsRecorded(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		an := Entity{User, `SYT\an`}
		look := func(ctx context.Context, e Entity) {
			t.Helper()
			if _, err := f.Look(ctx, e, week()); err != nil {
				t.Fatal(err)
			}
			for _, err := range []error{second(f.Presence(ctx, e, week())), second(f.Related(ctx, e, week())), second(f.Timeline(ctx, e, week()))} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		look(officer, web01)
		look(officer, an)
		look(officer, Entity{User, `syt\AN`}) // the same account
		f.now = f.now.Add(lookAgain)
		look(officer, an)
		look(module.WithPrincipal(context.Background(), module.Principal{ID: "lan", Name: "lan", Role: module.RoleAuditor, Unit: event.CentreUnit}), an)
		var got []string
		err := db.NewRaw("SELECT actor || ' ' || action || ' ' || object FROM audit_log ORDER BY seq").Scan(context.Background(), &got)
		want := []string{`hoa entity.read entity:user/SYT\an`, `hoa entity.read entity:user/SYT\an`, `lan entity.read entity:user/SYT\an`}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestLooksThatAreRefused(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	long := Range{noon.AddDate(-1, 0, 0), noon}
	for name, tc := range map[string]struct {
		ctx  context.Context
		r    Range
		want fault.Kind
	}{
		"by nobody":         {context.Background(), week(), fault.Unauthenticated},
		"by a sender":       {as(module.RoleIngest, "so-y-te"), week(), fault.Denied},
		"by a leader":       {as(module.RoleLeader, event.CentreUnit), week(), fault.Denied}, // figures, no events
		"of a whole year":   {officer, long, fault.Invalid},
		"of a broken range": {officer, Range{noon, noon}, fault.Invalid},
	} {
		for what, err := range map[string]error{
			"look":     second(f.Look(tc.ctx, web01, tc.r)),
			"presence": second(f.Presence(tc.ctx, web01, tc.r)),
			"related":  second(f.Related(tc.ctx, web01, tc.r)),
			"timeline": second(f.Timeline(tc.ctx, web01, tc.r)),
		} {
			if fault.KindOf(err) != tc.want {
				t.Errorf("%s %s: %v, want %v", what, name, err, tc.want)
			}
		}
	}
}

func TestSlowLakeIsSaidToBeBusy(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.log.fail = context.DeadlineExceeded
	if _, err := f.Presence(officer, web01, week()); fault.KindOf(err) != fault.Busy {
		t.Errorf("%v", err)
	}
	f.log.fail = errors.New("broken")
	if _, err := f.Related(officer, web01, week()); err == nil || fault.KindOf(err) == fault.Busy {
		t.Errorf("%v", err)
	}
	if len(f.turns) != 0 {
		t.Error("a turn was not given back")
	}
}
