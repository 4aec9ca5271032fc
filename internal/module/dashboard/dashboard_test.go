package dashboard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// province stands for everything figures are made from. It notes for whom it was
// asked, and may be slow or broken.
type province struct {
	mu     sync.Mutex
	asked  []module.Principal
	flows  atomic.Int64
	hold   chan struct{} // Flow waits for it, if not nil
	broken error         // of RankRules
	scopes []lake.Scope
}

func (p *province) note(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, module.PrincipalOf(ctx))
}

func (p *province) Flow(ctx context.Context, b module.Buckets) (module.AlertFlow, error) {
	p.note(ctx)
	p.flows.Add(1)
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-ctx.Done():
			return module.AlertFlow{}, ctx.Err()
		}
	}
	f := module.AlertFlow{}
	for i := range b.N {
		f.Opened = append(f.Opened, map[string]int64{"high": int64(i + 1), "low": 1})
		f.Closed = append(f.Closed, map[string]int64{"high": 1})
		f.Open = append(f.Open, map[string]int64{"critical": 2, "high": int64(i)})
	}
	return f, nil
}

func (p *province) ClosedFor(context.Context, time.Time, time.Time) (map[string]int64, error) {
	return map[string]int64{"true_positive": 6, "false_positive": 3, "benign": 1, "duplicate": 5, "settled": 9}, nil
}

func (p *province) Tactics(context.Context, time.Time, time.Time) (map[string]int64, error) {
	return map[string]int64{"execution": 4, "": 2}, nil
}

func (p *province) RankRules(context.Context, time.Time, time.Time, int) ([]module.AlertRank, error) {
	return []module.AlertRank{{RuleID: "r1", Title: "Brute force", TitleVi: "Dò mật khẩu", Level: "high", Alerts: 3, Events: 40}}, p.broken
}

func (p *province) RankEntities(context.Context, time.Time, time.Time, int) ([]module.AlertRank, error) {
	return []module.AlertRank{{Unit: "so-y-te", EntityField: "host", EntityValue: "máy-01", Level: "high", Alerts: 2}}, nil
}

func (p *province) RankUnits(ctx context.Context, _ int) ([]module.AlertRank, error) {
	p.note(ctx)
	return []module.AlertRank{{Unit: "so-y-te", Alerts: 3, ByLevel: map[string]int64{"high": 2, "low": 1}}}, nil
}

func (p *province) Speed(context.Context, time.Time, time.Time) (map[string]module.Durations, map[string]module.Durations, error) {
	d := map[string]module.Durations{"": {Count: 4, Median: 14 * time.Minute, P90: time.Hour}, "high": {Count: 4, Median: 14 * time.Minute, P90: time.Hour}}
	return d, d, nil
}

func (p *province) Work(context.Context, time.Time, time.Time) (module.TeamWork, error) {
	return module.TeamWork{Taken: 4, Closed: 3, Notes: 2}, nil
}

func (p *province) Waiting(context.Context, []string, int) ([]module.AlertView, int64, error) {
	return []module.AlertView{{ID: "x1", Title: "Brute force", TitleVi: "Dò mật khẩu", Level: "high", UnitName: "Sở Y tế", EntityValue: "máy-01", CreatedAt: module.Time{Time: noon.Add(-time.Hour)}}}, 7, nil
}

func (p *province) ByUnit(context.Context) ([]module.UnitSources, error) {
	return []module.UnitSources{
		{Unit: "so-y-te", ByStatus: map[string]int64{"ok": 3, "silent": 1}},
		{Unit: "xa-tan-phu", ByStatus: map[string]int64{"silent": 2}},
	}, nil
}

func (p *province) SilentNow(context.Context, int) ([]module.SourceView, int64, error) {
	return []module.SourceView{{ID: "s1", Unit: "so-y-te", Host: "máy-01", Product: "windows", LastSeen: module.Time{Time: noon.Add(-2 * time.Hour)}}}, 3, nil
}

func (p *province) UnparsedOver(_ context.Context, b module.Buckets) ([]int64, error) {
	out := make([]int64, b.N)
	out[0] = 5
	return out, nil
}

func (p *province) Disks(context.Context) ([]module.DiskForecast, error) {
	return []module.DiskForecast{{Path: "/var/lib/lachan", Used: 1 << 30, Free: 1 << 34, PerDay: 1 << 28, Known: true, FullOn: noon.Add(64 * 24 * time.Hour)}}, nil
}

func (p *province) Aggregate(_ context.Context, sc lake.Scope, pl *query.Pipeline, from, _ time.Time) (*query.Table, lake.Stats, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.scopes = append(p.scopes, sc)
	a := pl.Aggregate
	switch {
	case a.Span > 0:
		return &query.Table{Rows: [][]query.Cell{{{Time: from}, {Number: 100}}}}, lake.Stats{}, nil
	case len(a.By) > 0:
		return &query.Table{Rows: [][]query.Cell{{{Text: "so-y-te"}, {Number: 60}}, {{Text: ""}, {Number: 40}}}}, lake.Stats{}, nil
	}
	return &query.Table{Rows: [][]query.Cell{{{Number: 1234567}}}}, lake.Stats{}, nil
}

func (p *province) EventsPerSecond(u event.UnitID) float64 {
	return map[event.UnitID]float64{"": 100, "so-y-te": 10, "phong-kham": 5}[u]
}

func (p *province) Backlog(context.Context) (uint64, time.Duration, error) {
	return 3, 1500 * time.Millisecond, nil
}

// The tree: the centre over so-y-te over phong-kham, and xa-tan-phu.
type tree struct{}

func (tree) Name(id event.UnitID) string {
	return map[event.UnitID]string{"so-y-te": "Sở Y tế", "phong-kham": "Phòng khám", "xa-tan-phu": "Xã Tân Phú"}[id]
}

func (tree) Path(id event.UnitID) []event.UnitID {
	if id == "phong-kham" {
		return []event.UnitID{event.CentreUnit, "so-y-te", "phong-kham"}
	}
	return []event.UnitID{event.CentreUnit, id}
}

func (tree) Below(id event.UnitID) []event.UnitID {
	if id == "so-y-te" {
		return []event.UnitID{"phong-kham"}
	}
	return nil
}

func (tree) Within(ctx context.Context) (out []event.UnitID, _ error) {
	for _, u := range []event.UnitID{"so-y-te", "phong-kham", "xa-tan-phu"} {
		if module.PrincipalOf(ctx).Sees(u) {
			out = append(out, u)
		}
	}
	return out, nil
}

type people struct{}

func (people) DisplayNames(_ context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = strings.ToUpper(id)
	}
	return names, nil
}

var noon = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

type fixture struct {
	*Service
	*province
	db  *bun.DB
	now time.Time
}

func newFixture(t testing.TB, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{province: &province{}, db: db, now: noon}
	f.Service = New(Options{
		DB: db, Trail: module.NewTrail(db), Alerts: f.province, Sources: f.province, Lake: f.province, Node: f.province,
		Units: tree{}, People: people{}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.now },
	})
	ctx := context.Background()
	for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "dashboard": f.Module()} {
		if err := sqldb.Migrate(ctx, db, name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func as(role module.Role, unit event.UnitID, name string) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit, Below: tree{}.Below(unit)})
}

var (
	centre = as(module.RoleAnalyst, event.CentreUnit, "lan")
	health = as(module.RoleSecurityOfficer, "so-y-te", "minh")
	clinic = as(module.RoleUnitHead, "phong-kham", "hoa")
	other  = as(module.RoleUnitHead, "xa-tan-phu", "tuan")
)

func code(err error) string {
	if fe, ok := errors.AsType[*fault.Error](err); ok {
		return fe.Code
	}
	return fmt.Sprint(err)
}

func allKinds() (list []Widget) {
	for _, k := range catalogue {
		list = append(list, Widget{ID: k.id, Kind: k.id, W: k.w, H: k.h})
	}
	return list
}

func TestEveryKindMakesAFigureWithATableBehindIt(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	list := allKinds()
	for start := 0; start < len(list); start += maxWidgets {
		a, err := f.Figures(centre, Question{From: "now-30d", To: "now", Widgets: list[start:min(start+maxWidgets, len(list))]})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range a.Figures {
			if m.Err != nil {
				t.Errorf("%s: %v", m.Kind, m.Err)
				continue
			}
			x := m.Figure
			if x.Link == "" || !strings.HasPrefix(x.Link, "/") {
				t.Errorf("%s opens no list: %q", m.Kind, x.Link)
			}
			if x.Value == nil && x.Rows == nil && x.Text == (Words{}) {
				t.Errorf("%s says nothing", m.Kind)
			}
			for i, r := range x.Rows {
				if len(r.Cells) != len(x.Columns) {
					t.Errorf("%s: row %d has %d cells for %d columns", m.Kind, i, len(r.Cells), len(x.Columns))
				}
				if r.Link == "" {
					t.Errorf("%s: row %d opens nothing", m.Kind, i)
				}
			}
			for _, c := range x.Columns {
				if c.Name.Vi == "" || c.Name.En == "" {
					t.Errorf("%s: column %s has no name in one of the languages", m.Kind, c.Key)
				}
			}
		}
	}
}

func TestTheCatalogueAndTheBuiltInBoardsHold(t *testing.T) {
	for _, k := range catalogue {
		if k.name.Vi == "" || k.name.En == "" || k.about.Vi == "" || k.about.En == "" || k.w < 2 || k.w > columns || k.h < 1 || k.h > maxRows || k.count == nil || k.limit > maxLimit {
			t.Errorf("%s is not complete", k.id)
		}
	}
	if len(kinds) != len(catalogue) {
		t.Error("two kinds have one id")
	}
	for _, b := range builtIn {
		if err := checkWidgets(slices.Clone(b.Widgets)); err != nil || ranges[b.Range] == 0 || b.Name.Vi == "" || b.Name.En == "" {
			t.Errorf("%s: %v", b.ID, err)
		}
	}
}

func TestFiguresCountForTheReaderAndTheUnitHeAskedFor(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	ask := func(ctx context.Context, unit event.UnitID) module.Principal {
		t.Helper()
		f.asked = nil
		if _, err := f.Figures(ctx, Question{From: "now-7d", To: "now", Unit: unit, Widgets: []Widget{{ID: "u", Kind: "top-units", W: 6, H: 2}}}); err != nil {
			t.Fatal(err)
		}
		if len(f.asked) != 1 {
			t.Fatalf("asked %d times", len(f.asked))
		}
		return f.asked[0]
	}
	if p := ask(centre, ""); !p.AllUnits() {
		t.Errorf("the centre: %+v", p)
	}
	if p := ask(centre, "so-y-te"); p.AllUnits() || !slices.Equal(p.Reach(), []event.UnitID{"so-y-te", "phong-kham"}) {
		t.Errorf("the centre about a unit counts %v", p.Reach())
	}
	if p := ask(clinic, ""); !slices.Equal(p.Reach(), []event.UnitID{"phong-kham"}) {
		t.Errorf("the clinic counts %v", p.Reach())
	}
	for _, unit := range []event.UnitID{"so-y-te", "no-such", event.CentreUnit} {
		if _, err := f.Figures(clinic, Question{From: "now-7d", To: "now", Unit: unit}); fault.KindOf(err) != fault.NotFound || code(err) != "unit.unknown" {
			t.Errorf("the clinic about %s: %v, want not found", unit, err)
		}
	}
	// The same question of the same scope is answered from the cache; another scope is not.
	f.asked = nil
	q := Question{From: "now-7d", To: "now", Widgets: []Widget{{ID: "u", Kind: "top-units", W: 6, H: 2}}}
	for _, ctx := range []context.Context{centre, clinic, other} {
		if _, err := f.Figures(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.asked) != 1 || !slices.Equal(f.asked[0].Reach(), []event.UnitID{"xa-tan-phu"}) {
		t.Errorf("asked again for %d; want for xa-tan-phu alone, the others are kept", len(f.asked))
	}
}

func TestOneFigureThatFailsKeepsNoOther(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.broken = errors.New("secret of the database")
	a, err := f.Figures(health, Question{From: "now-24h", To: "now", Widgets: []Widget{
		{ID: "rules", Kind: "top-rules", W: 6, H: 2}, {ID: "units", Kind: "top-units", W: 6, H: 2}, {ID: "disk", Kind: "disk-forecast", W: 6, H: 2},
	}})
	if err != nil {
		t.Fatal(err)
	}
	view := a.Figures[0].view()
	if view.Problem == nil || view.Problem.Code != "dashboard.failed" || strings.Contains(view.Problem.Detail, "secret") {
		t.Errorf("the broken one: %+v", view.Problem)
	}
	if a.Figures[1].Err != nil || len(a.Figures[1].Figure.Rows) != 1 {
		t.Errorf("its neighbour: %+v", a.Figures[1])
	}
	if view := a.Figures[2].view(); view.Problem == nil || view.Problem.Code != "dashboard.centre-only" {
		t.Errorf("the centre's disks, for a unit: %+v", view)
	}
}

func TestManyConsolesCostAsMuchAsOne(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.hold = make(chan struct{})
	q := Question{From: "now-24h", To: "now", Widgets: []Widget{{ID: "o", Kind: "open-over-time", W: 6, H: 2}}}
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if a, err := f.Figures(centre, q); err != nil || a.Figures[0].Err != nil {
				t.Errorf("%v %v", err, a)
			}
		})
	}
	for f.flows.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	close(f.hold)
	all.Wait()
	if n := f.flows.Load(); n != 1 {
		t.Errorf("counted %d times for 200 consoles", n)
	}
	f.now = f.now.Add(29 * time.Second)
	if _, err := f.Figures(centre, q); err != nil || f.flows.Load() != 1 {
		t.Errorf("29 s later: counted %d times, %v", f.flows.Load(), err)
	}
	q.Fresh = true
	if _, err := f.Figures(centre, q); err != nil || f.flows.Load() != 2 {
		t.Errorf("asked for afresh: counted %d times, %v", f.flows.Load(), err)
	}
	q.Fresh = false
	f.now = f.now.Add(31 * time.Second)
	if _, err := f.Figures(centre, q); err != nil || f.flows.Load() != 3 {
		t.Errorf("when it is old: counted %d times, %v", f.flows.Load(), err)
	}
}

func TestAReaderWhoGoesAwaySpoilsNothing(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.hold = make(chan struct{})
	q := Question{From: "now-24h", To: "now", Widgets: []Widget{{ID: "o", Kind: "open-over-time", W: 6, H: 2}}}
	ctx, leave := context.WithCancel(centre)
	var both sync.WaitGroup
	both.Go(func() { _, _ = f.Figures(ctx, q) })
	for f.flows.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	both.Go(func() {
		if a, err := f.Figures(centre, q); err != nil || a.Figures[0].Err != nil {
			t.Errorf("who stayed got %v %+v", err, a)
		}
	})
	leave()
	close(f.hold)
	both.Wait()
	if a, err := f.Figures(centre, q); err != nil || a.Figures[0].Err != nil {
		t.Errorf("who came later got %v %+v", err, a)
	}
}

func TestPeriodsBeginAtRoundTimesInVietnam(t *testing.T) {
	for _, c := range []struct{ from, to, begin, width, before string }{
		{"now-24h", "now", "2026-11-21T05:00:00Z", "30m0s", "2026-11-20T05:00:00Z"},
		{"now-30d", "now", "2026-10-22T17:00:00Z", "24h0m0s", "2026-09-22T05:00:00Z"},
		{"now-7d", "now", "2026-11-15T05:00:00Z", "3h0m0s", "2026-11-08T05:00:00Z"},
		{"2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", "30m0s", "2026-10-31T00:00:00Z"},
	} {
		p, err := periodOf(c.from, c.to, noon)
		if err != nil {
			t.Fatal(err)
		}
		if point(p.From) != c.begin || p.Buckets.Width.String() != c.width || p.Buckets.N > maxParts || p.Buckets.At(p.Buckets.N).Before(p.To) {
			t.Errorf("%s to %s: begins %s in %d parts of %v; want %s, %s", c.from, c.to, point(p.From), p.Buckets.N, p.Buckets.Width, c.begin, c.width)
		}
		if p.From.Sub(p.Before()) != p.To.Sub(p.From) {
			t.Errorf("%s to %s: compared with %v", c.from, c.to, p.From.Sub(p.Before()))
		}
	}
	for from, want := range map[string]string{"now": "range.empty", "now-5000d": "range.too-long", "yesterday": "dashboard.invalid"} {
		if _, err := periodOf(from, "now", noon); fault.KindOf(err) != fault.Invalid || code(err) != want {
			t.Errorf("%s: %v (%s), want invalid %q", from, err, code(err), want)
		}
	}
}

func TestTheSummaryReadsLikeASentence(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	a, err := f.Figures(centre, Question{From: "now-30d", To: "now", Widgets: []Widget{{ID: "s", Kind: "summary", W: 12, H: 1}}})
	if err != nil || a.Figures[0].Err != nil {
		t.Fatal(err, a.Figures[0].Err)
	}
	got := a.Figures[0].Figure.Text
	want := Words{
		"Trong 30 ngày, hệ thống tiếp nhận 1.234.567 sự kiện từ 6 nguồn log của 2 đơn vị. Có 2 cảnh báo mới (bằng kỳ trước), trong đó 0 nghiêm trọng và 1 mức cao; đã đóng 1, còn 2 đang mở. Một nửa số cảnh báo được tiếp nhận trong vòng 14 phút và được đóng trong vòng 14 phút. Hiện có 3 nguồn log đang im lặng.",
		"In 30 days 1,234,567 events came from 6 sources of 2 units. 2 alerts were opened (as many as in the period before), 0 of them critical and 1 high; 1 were closed, 2 stand open. Half of the alerts were taken up within 14 minutes and closed within 14 minutes. Sources that are silent now: 3.",
	}
	if got != want {
		t.Errorf("got\n%s\n%s\nwant\n%s\n%s", got.Vi, got.En, want.Vi, want.En)
	}
}

func TestNumbersAreWrittenAsPeopleDo(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 999: "999", 1000: "1.000", 1234567.891: "1.234.567,89", -1234: "-1.234", -0.001: "0", 0.5: "0,5"} {
		if got := formatNumber(v, 2, "vi"); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0 giây", 59.6: "1 phút", 12000: "3 giờ 20 phút", 90000: "1 ngày 1 giờ"} {
		if got := formatSeconds(v, "vi"); got != want {
			t.Errorf("%v s: %s, want %s", v, got, want)
		}
	}
	if got := formatSeconds(3661, "en"); got != "1 hour 1 minute" {
		t.Error(got)
	}
}

func board(name string, v Visibility) Board {
	return Board{Name: Words{name, name}, Range: "24h", Visibility: v, Widgets: []Widget{{ID: "a", Kind: "open-alerts", W: 3, H: 2}}}
}

func TestBoardsAreSeenByThoseTheyAreFor(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		made := map[string]Board{}
		for name, v := range map[string]Visibility{"own": Private, "unit": OfUnit, "all": Everyone} {
			b, err := f.Create(health, board(name, v))
			if err != nil {
				t.Fatal(err)
			}
			made[name] = b
		}
		for who, c := range map[string]struct {
			ctx  context.Context
			sees []string
		}{
			"owner": {health, []string{"all", "own", "unit"}}, "above": {centre, []string{"all", "unit"}},
			"below": {clinic, []string{"all", "unit"}}, "beside": {other, []string{"all"}},
		} {
			list, err := f.List(c.ctx)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, b := range list {
				if !b.BuiltIn {
					names = append(names, b.Name.Vi)
				}
			}
			if !slices.Equal(names, c.sees) || len(list) != len(names)+len(builtIn) {
				t.Errorf("%s sees %v of %d, want %v", who, names, len(list), c.sees)
			}
			for name, b := range made {
				_, err := f.Get(c.ctx, b.ID)
				if slices.Contains(c.sees, name) != (err == nil) {
					t.Errorf("%s reads %s: %v", who, name, err)
				}
				if err != nil && code(err) != "dashboard.unknown" {
					t.Errorf("%s on %s: %v, want what one that never was gives", who, name, err)
				}
				if who == "owner" {
					continue
				}
				want := "dashboard.not-yours"
				if !slices.Contains(c.sees, name) {
					want = "dashboard.unknown"
				}
				if _, err := f.Update(c.ctx, b.ID, Change{Version: 1, Range: ptr("7d")}); code(err) != want {
					t.Errorf("%s changes %s: %v, want %s", who, name, err, want)
				}
				if err := f.Remove(c.ctx, b.ID, 1); code(err) != want {
					t.Errorf("%s removes %s: %v, want %s", who, name, err, want)
				}
			}
		}
		admin := as(module.RoleAdministrator, event.CentreUnit, "root")
		if err := f.Remove(admin, made["all"].ID, 1); err != nil {
			t.Errorf("an administrator removes a shared board: %v", err)
		}
		if err := f.Remove(admin, made["own"].ID, 1); code(err) != "dashboard.unknown" {
			t.Errorf("an administrator on a private board: %v", err)
		}
	})
}

func ptr[T any](v T) *T { return &v }

func TestTwoWhoChangeABoardAtOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		b, err := f.Create(centre, board("ca trực", Private))
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.Update(centre, b.ID, Change{Version: 1, Name: ptr(" ca  đêm "), Widgets: &[]Widget{}})
		if err != nil || again.Version != 2 || again.Name.Vi != "ca  đêm" || len(again.Widgets) != 0 {
			t.Fatalf("%+v %v", again, err)
		}
		if _, err := f.Update(centre, b.ID, Change{Version: 1, Range: ptr("7d")}); code(err) != "dashboard.changed" {
			t.Errorf("the second change: %v", err)
		}
		if _, err := f.Create(centre, board("ca  đêm", Private)); code(err) != "dashboard.exists" {
			t.Errorf("the same name twice: %v", err)
		}
		if _, err := f.Update(centre, "leadership", Change{Version: 0, Range: ptr("7d")}); code(err) != "dashboard.not-yours" {
			t.Errorf("a board built in: %v", err)
		}
		records, err := f.Trail.Find(as(module.RoleAdministrator, event.CentreUnit, "root"), module.RecordFilter{}, false, 10)
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, r := range records {
			actions = append(actions, r.Action+" "+strings.Join(slices.Sorted(maps.Keys(r.Detail)), ","))
		}
		if want := []string{"dashboard.update visibility,widgets", "dashboard.create visibility,widgets"}; !slices.Equal(actions, want) {
			t.Errorf("the trail tells %v, want %v", actions, want)
		}
	})
}

func TestBoardsAreBounded(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	many := make([]Widget, maxWidgets+1)
	for i := range many {
		many[i] = Widget{ID: fmt.Sprint("w", i), Kind: "open-alerts", W: 3, H: 2}
	}
	good := board("x", Private)
	for name, change := range map[string]func(*Board){
		"no name":        func(b *Board) { b.Name = Words{} },
		"two lines":      func(b *Board) { b.Name.Vi = "a\nb" },
		"long name":      func(b *Board) { b.Name.Vi = strings.Repeat("ă", maxName+1) },
		"many widgets":   func(b *Board) { b.Widgets = many },
		"unknown kind":   func(b *Board) { b.Widgets = []Widget{{ID: "a", Kind: "nope", W: 3, H: 2}} },
		"twice":          func(b *Board) { b.Widgets = append(b.Widgets, b.Widgets[0]) },
		"too wide":       func(b *Board) { b.Widgets[0].W = 13 },
		"markup as id":   func(b *Board) { b.Widgets[0].ID = "<b>" },
		"unknown level":  func(b *Board) { b.Widgets[0].Levels = []string{"fatal"} },
		"long ranking":   func(b *Board) { b.Widgets[0].Limit = maxLimit + 1 },
		"odd range":      func(b *Board) { b.Range = "3y" },
		"odd visibility": func(b *Board) { b.Visibility = "world" },
	} {
		b := good
		b.Widgets = slices.Clone(good.Widgets)
		change(&b)
		if _, err := f.Create(centre, b); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	for i := range maxPerOwner {
		if _, err := f.Create(centre, board(fmt.Sprint("b", i), Private)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Create(centre, good); code(err) != "dashboard.too-many" {
		t.Errorf("one too many: %v", err)
	}
}
