package warning

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
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
)

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

// tree has two departments, a commune under one of them, and one that has ended.
type tree struct{}

func (tree) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (tree) Active(id event.UnitID) bool {
	return id == event.CentreUnit || slices.Contains(tree{}.Working(), id)
}
func (tree) Working() []event.UnitID { return []event.UnitID{"so-noi-vu", "so-y-te", "xa-an-phu"} }
func (tree) Kinds() map[event.UnitID]string {
	return map[event.UnitID]string{"so-noi-vu": "department", "so-y-te": "department", "xa-an-phu": "commune", "so-cu": "department"}
}

func (tree) Below(id event.UnitID) []event.UnitID {
	if id == "so-noi-vu" {
		return []event.UnitID{"so-cu", "xa-an-phu"}
	}
	return nil
}

// stored is a record of the lake.
type stored struct {
	unit event.UnitID
	at   time.Time
	raw  string
}

// events are a lake of records that answers pipelines as the language defines.
type events struct {
	t       *testing.T
	records []stored
	fail    string // queries with this text fail
	asked   []string
}

func (e *events) Aggregate(_ context.Context, sc lake.Scope, pl *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error) {
	e.asked = append(e.asked, pl.Query.Text)
	if e.fail != "" && strings.Contains(pl.Query.Text, e.fail) {
		return nil, lake.Stats{}, fault.New(fault.Busy, "too much")
	}
	return pl.Evaluate(func(yield func(*event.Event, []string) bool) {
		for _, r := range e.records {
			if sc.Sees(r.unit) && !r.at.Before(from) && r.at.Before(to) && !yield(&event.Event{Unit: r.unit, Time: r.at, Raw: r.raw}, nil) {
				return
			}
		}
	}, query.MaxTableRows), lake.Stats{}, nil
}

type runs map[event.UnitID][]string

func (r runs) Running(_ context.Context, products []AffectedProduct) (map[event.UnitID][]string, error) {
	if len(products) == 0 {
		return nil, nil
	}
	return r, nil
}

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
	lake  *events
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), lake: &events{t: t}}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Events: f.lake, Dir: t.TempDir(), Zone: time.FixedZone("+07", 7*3600),
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock },
		Runs: runs{"so-y-te": {"Microsoft Exchange Server 2019 CU14"}, "so-cu": {"ended"}}})
	ctx := context.Background()
	for _, m := range []module.Module{{Name: "module", Migrations: module.Migrations()}, f.Module()} {
		if err := sqldb.Migrate(ctx, db, m.Name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Load(ctx); err != nil {
		t.Fatal(err)
	}
	return f
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	analyst     = as("lan", module.RoleAnalyst, event.CentreUnit)
	coordinator = as("an", module.RoleCoordinator, event.CentreUnit)
	leader      = as("long", module.RoleLeader, event.CentreUnit)
	officer     = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger    = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	auditor     = as("kt", module.RoleAuditor, event.CentreUnit)
)

// facts is a warning that lacks nothing.
func facts(change ...func(*WarningFacts)) WarningFacts {
	f := WarningFacts{Title: "Lỗ hổng trong Exchange", Kind: "vulnerability", Severity: "high", TLP: "GREEN", Grade: SourceGrade{"Trung tâm ANM quốc gia", "A", 1},
		Text:     WarningText{"Có lỗ hổng.", "Bị chiếm quyền.", "Xem phiên bản.", "Cập nhật bản vá.", "Trong 7 ngày."},
		AckHours: 10, FixHours: 100, WatchHours: 24, CVEs: []string{"cve-2026-12345"},
		Indicators: []WarningIndicator{{Type: "ipv4-addr", Value: "203[.]0.113.9"}},
		Choice:     AudienceChoice{Under: []event.UnitID{"so-y-te"}}}
	for _, c := range change {
		c(&f)
	}
	return f
}

func must[T any](f *fixture) func(T, error) T {
	return func(v T, err error) T {
		f.t.Helper()
		if err != nil {
			f.t.Fatal(err)
		}
		return v
	}
}

func (f *fixture) pass(d time.Duration) { f.clock = f.clock.Add(d) }

// computed has the audience computed now.
func (f *fixture) computed(w Warning) Warning {
	f.t.Helper()
	w = must[Warning](f)(f.Compute(analyst, w.ID, w.Version))
	waiting, ok, err := f.store.waiting(context.Background())
	if err != nil || !ok || waiting.ID != w.ID {
		f.t.Fatalf("waiting for an audience: %v %v", ok, err)
	}
	if err := f.gather(context.Background(), &waiting); err != nil {
		f.t.Fatal(err)
	}
	return must[Warning](f)(f.Get(analyst, w.ID))
}

// handedIn is a warning that waits for its publication.
func (f *fixture) handedIn(x WarningFacts, drill bool) Warning {
	f.t.Helper()
	w := f.computed(must[Warning](f)(f.Create(analyst, x, drill)))
	return must[Warning](f)(f.Submit(analyst, w.ID, w.Version))
}

func (f *fixture) published(x WarningFacts) Warning {
	f.t.Helper()
	w := f.handedIn(x, false)
	return must[Warning](f)(f.Publish(coordinator, w.ID, w.Version))
}

// told returns the bodies of the facts of a kind, in order, as "unit: body".
func (f *fixture) told(kind module.FactKind) []string {
	f.t.Helper()
	var rows []struct{ Unit, Body string }
	if err := f.DB.NewRaw("SELECT unit, body FROM facts WHERE kind = ? ORDER BY id", string(kind)).Scan(context.Background(), &rows); err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r.Unit+": "+r.Body)
	}
	return out
}

// notices returns who was told of what: "unit kind roles".
func (f *fixture) notices() []string {
	f.t.Helper()
	var out []string
	for _, line := range f.told(module.FactNotice) {
		unit, body, _ := strings.Cut(line, ": ")
		var n notice
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			f.t.Fatal(err)
		}
		var roles []string
		for _, r := range n.Told {
			if r.Who == "unit-duty" {
				continue
			}
			if (r.Who == "role") != (unit == string(event.CentreUnit)) {
				f.t.Errorf("%s is told as %s of %s", r.ID, r.Who, unit)
			}
			roles = append(roles, r.ID)
		}
		if unit == string(event.CentreUnit) {
			unit = "centre"
		}
		out = append(out, strings.TrimSpace(unit+" "+n.Kind+" "+strings.Join(roles, "+")+n.User))
	}
	return out
}

// after returns what is in list beyond the first n.
func after(list []string, n int) []string { return list[min(n, len(list)):] }
