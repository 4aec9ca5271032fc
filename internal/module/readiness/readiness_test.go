package readiness

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
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// register is a small register of systems.
type register struct {
	systems []module.Registered
	papers  map[string]Papers
}

func (r *register) Refs(ctx context.Context) (out []module.Registered, err error) {
	for _, s := range r.systems {
		if p := module.PrincipalOf(ctx); p.Sees(s.Unit) || p.Sees(s.Operator) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (r *register) Ref(ctx context.Context, id string) (module.Registered, error) {
	list, err := r.Refs(ctx)
	for _, s := range list {
		if s.ID == id {
			return s, err
		}
	}
	return module.Registered{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
}

func (r *register) SetCritical(_ context.Context, _ bun.Tx, id string, critical bool, _ string) error {
	for i := range r.systems {
		if r.systems[i].ID == id {
			r.systems[i].Critical = critical
		}
	}
	return nil
}

func (r *register) Papers(_ context.Context, id string) (Papers, error) { return r.papers[id], nil }

func (r *register) WithPapers(ctx context.Context) (out []Papered, err error) {
	list, err := r.Refs(ctx)
	for _, s := range list {
		out = append(out, Papered{s, r.papers[s.ID]})
	}
	return out, err
}

type tree struct{}

func (tree) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (tree) Active(event.UnitID) bool    { return true }

type fixture struct {
	*Service
	t        *testing.T
	register *register
	clock    time.Time
	feeds    map[event.UnitID]Feeds
}

func (f *fixture) Heard(context.Context, []event.UnitID) (map[event.UnitID]Feeds, error) {
	return f.feeds, nil
}

var zone = time.FixedZone("+07", 7*3600)

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: time.Date(2026, 11, 2, 8, 0, 0, 0, zone), register: &register{papers: map[string]Papers{}}}
	f.register.systems = []module.Registered{
		{ID: "s1", Code: "HT-0001", Name: "Một cửa điện tử", Unit: "so-y-te", OperatorName: "Công ty Vận hành", Level: 3, State: module.SystemPlanned},
		{ID: "s2", Code: "HT-0002", Name: "Thư điện tử", Unit: "so-noi-vu", State: module.SystemOperating},
	}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Systems: f.register, Heard: f, Zone: zone,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }, Wake: func() {}})
	for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "readiness": f.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	leader   = as("lan", module.RoleLeader, event.CentreUnit)
	officer  = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	system   = module.WithPrincipal(context.Background(), module.System())
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

func (f *fixture) missing(layer int) string {
	f.t.Helper()
	x, err := f.Of(officer, "s1")
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.Join(x.Missing[layer-1], " ")
}

func (f *fixture) write(kind, subject string, layer int, facts LayerFacts, version int64) {
	f.t.Helper()
	if err := f.Write(officer, kind, subject, layer, facts, version); err != nil {
		f.t.Fatal(err)
	}
}

func TestWhenALayerIsDone(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		expect := func(layer int, want string) {
			t.Helper()
			if got := f.missing(layer); got != want {
				t.Errorf("layer %d lacks %q, not %q", layer, got, want)
			}
		}
		for layer, want := range []string{"decision contacts", "monitor contract share", "report", "monitoring-feed malware-feed"} {
			expect(layer+1, want)
		}

		force := LayerFacts{Number: "12/QĐ-SYT", Day: "2026-01-05", Contacts: []Contact{{Name: "Nguyễn Văn An", Phone: "0912345678"}}}
		f.write(OfUnit, "so-y-te", 1, force, 0)
		expect(1, "") // what is written of the unit holds for its systems
		f.write(OfSystem, "s1", 1, LayerFacts{Number: "15/QĐ-SYT", Day: "2026-02-01"}, 0)
		expect(1, "contacts") // unless something is written of the system

		watch := LayerFacts{Organisation: "Công ty Giám sát", Number: "HĐ-07", Day: "2026-01-01", Until: "2026-12-31", Assets: 10, Monitored: 7}
		f.write(OfSystem, "s1", 2, watch, 0)
		expect(2, "share")
		watch.Monitored = 8
		f.write(OfSystem, "s1", 2, watch, 1)
		expect(2, "")

		for _, same := range []string{"CÔNG TY GIÁM SÁT", "Công ty Vận hành", "Đơn vị so-y-te"} {
			x, err := f.Of(officer, "s1")
			if err != nil {
				t.Fatal(err)
			}
			var version int64
			if x.Own[2] != nil {
				version = x.Own[2].Version
			}
			f.write(OfSystem, "s1", 3, LayerFacts{Organisation: same, Number: "BC-1", Day: "2026-03-01"}, version)
			expect(3, "independent")
		}
		f.write(OfSystem, "s1", 3, LayerFacts{Organisation: "Trung tâm Kiểm định", Number: "BC-1", Day: "2026-03-01"}, 3)
		expect(3, "")

		f.feeds = map[event.UnitID]Feeds{"so-y-te": {Monitoring: f.clock.Add(-23 * time.Hour), Malware: f.clock.Add(-6 * 24 * time.Hour)}}
		if err := f.listen(system); err != nil {
			t.Fatal(err)
		}
		expect(4, "")
		f.clock = f.clock.Add(2 * time.Hour)
		expect(4, "monitoring-feed")

		f.clock = time.Date(2027, 3, 2, 8, 0, 0, 0, zone)
		expect(2, "contract-over")
		expect(3, "cycle")
	})
}

func TestLayersAreOfWhatOneSees(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		if _, err := f.Of(stranger, "s1"); code(err) != "system.unknown" {
			t.Errorf("another unit reads: %v", err)
		}
		for subject, kind := range map[string]string{"s1": OfSystem, "so-y-te": OfUnit} {
			if err := f.Write(stranger, kind, subject, 1, LayerFacts{}, 0); fault.KindOf(err) != fault.NotFound {
				t.Errorf("another unit writes of a %s: %v", kind, err)
			}
		}
		f.write(OfSystem, "s1", 1, LayerFacts{}, 0)
		if err := f.Write(officer, OfSystem, "s1", 1, LayerFacts{}, 0); code(err) != "readiness.changed" {
			t.Errorf("over what somebody else wrote: %v", err)
		}
		for want, facts := range map[string]LayerFacts{
			"readiness.contact":    {Contacts: []Contact{{Name: "An"}}},
			"readiness.share":      {Assets: 1, Monitored: 2},
			"readiness.day-future": {Day: "2026-11-03"},
		} {
			if err := f.Write(officer, OfSystem, "s1", 2, facts, 0); code(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if err := f.Write(officer, OfSystem, "s1", 4, LayerFacts{}, 0); code(err) != "readiness.layer" {
			t.Errorf("the fourth is heard, not written: %v", err)
		}
		all, err := f.All(leader)
		if err != nil || len(all) != 2 {
			t.Fatalf("%d %v", len(all), err)
		}
		if v := f.overviewView(all); len(v.Units) != 2 || v.Systems != 2 || len(v.Lacking) != 2 {
			t.Errorf("%+v", v)
		}
	})
}

func TestTheGateOpensWhenAllIsThereOrByADecision(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		against := func() string {
			t.Helper()
			list, err := f.MayOperate(officer, "s1")
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(list, " ")
		}
		if got := against(); got != "regulation deployment" {
			t.Errorf("nothing but a level: %s", got)
		}
		f.register.papers["s1"] = Papers{Regulation: "QC-01", RegulationDay: "2026-12-01", Deployment: "partly"}
		if got := against(); got != "regulation deployment" {
			t.Errorf("a regulation of a day to come: %s", got)
		}

		o := Override{Decider: "Giám đốc Trung tâm Lê Thị Lan", Document: "05/QĐ-TTANM", Reason: "Phục vụ kỳ tuyển sinh", Until: "2026-11-30"}
		if err := f.Decide(officer, "s1", o); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit decides: %v", err)
		}
		for want, bad := range map[string]Override{
			"readiness.decider":        {Reason: o.Reason, Until: o.Until},
			"readiness.reason":         {Decider: o.Decider, Reason: "cần", Until: o.Until},
			"readiness.override-until": {Decider: o.Decider, Reason: o.Reason, Until: "2026-11-01"},
		} {
			if err := f.Decide(leader, "s1", bad); code(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if err := f.Decide(leader, "s1", o); err != nil {
			t.Fatal(err)
		}
		if got := against(); got != "" {
			t.Errorf("decided: %s", got)
		}
		if err := f.Decide(leader, "s1", o); code(err) != "readiness.decided" {
			t.Errorf("twice: %v", err)
		}
		list, err := f.Overrides(leader)
		if err != nil || len(list) != 1 || !slices.Equal(list[0].Missing, []string{"regulation", "deployment"}) || list[0].By.Name != "LAN" {
			t.Fatalf("%+v %v", list, err)
		}
		if seen, err := f.Overrides(stranger); err != nil || len(seen) != 0 {
			t.Errorf("another unit sees %+v %v", seen, err)
		}
		if err := f.End(leader, "s1", list[0].ID, "Đã triển khai xong"); err != nil {
			t.Fatal(err)
		}
		if got := against(); got != "regulation deployment" {
			t.Errorf("ended: %s", got)
		}
		f.register.papers["s1"] = Papers{Regulation: "QC-01", RegulationDay: "2026-11-01", Deployment: DeployedFully}
		if got := against(); got != "" {
			t.Errorf("all is there: %s", got)
		}
		if err := f.Decide(leader, "s1", o); code(err) != "readiness.nothing-against" {
			t.Errorf("nothing to decide over: %v", err)
		}
	})
}

// facts returns what was told, by kind.
func (f *fixture) facts(kind module.FactKind) (bodies []string) {
	f.t.Helper()
	if err := f.DB.NewSelect().Table("facts").Column("body").Where("kind = ?", string(kind)).OrderExpr("id").Scan(context.Background(), &bodies); err != nil {
		f.t.Fatal(err)
	}
	return bodies
}

func TestADecisionThatEndsIsToldTwice(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		o := Override{Decider: "Giám đốc Trung tâm", Reason: "Phục vụ kỳ tuyển sinh", Until: "2026-12-01"}
		if err := f.Decide(leader, "s1", o); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			day  time.Time
			told int
		}{
			{time.Date(2026, 11, 10, 8, 0, 0, 0, zone), 0}, {time.Date(2026, 11, 20, 8, 0, 0, 0, zone), 1}, {time.Date(2026, 12, 1, 8, 0, 0, 0, zone), 1},
			{time.Date(2026, 12, 2, 8, 0, 0, 0, zone), 2}, {time.Date(2026, 12, 20, 8, 0, 0, 0, zone), 2},
		} {
			f.clock = x.day
			if err := f.remind(system); err != nil {
				t.Fatal(err)
			}
			if got := f.facts(module.FactNotice); len(got) != x.told {
				t.Errorf("on %s: %v", x.day.Format(time.DateOnly), got)
			}
		}
		if got, err := f.MayOperate(leader, "s1"); err != nil || len(got) == 0 {
			t.Errorf("the decision has ended: %v %v", got, err)
		}
	})
}

func TestWhatIsRemovedIsNotCritical(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.register.systems[0].Critical = true // by hand, when that could be
		for version, state := range []string{Nominated, Removed} {
			if !f.register.systems[0].Critical {
				t.Errorf("not critical before it is %s", state)
			}
			if err := f.Step(leader, "s1", CriticalStep{State: state, Document: "45/TTr-SYT", Day: "2026-08-01"}, int64(version)); err != nil {
				t.Fatal(err)
			}
		}
		if f.register.systems[0].Critical {
			t.Error("removed, and still critical")
		}
	})
}

func TestTheListOfCriticalSystems(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		step := func(ctx context.Context, state string, version int64) error {
			return f.Step(ctx, "s1", CriticalStep{State: state, Document: "45/TTr-SYT", Day: "2026-08-01"}, version)
		}
		f.clock = time.Date(2026, 8, 20, 8, 0, 0, 0, zone)
		if err := step(officer, Listed, 0); code(err) != "readiness.centre" {
			t.Errorf("a unit lists: %v", err)
		}
		if err := step(leader, Listed, 0); code(err) != "readiness.step" {
			t.Errorf("listed before it was nominated: %v", err)
		}
		if err := f.Step(officer, "s1", CriticalStep{State: Nominated, Day: "2026-08-01"}, 0); code(err) != "readiness.document" {
			t.Errorf("without a document: %v", err)
		}
		if err := step(officer, Nominated, 0); err != nil {
			t.Fatal(err)
		}
		if f.register.systems[0].Critical {
			t.Error("the register holds a nominated system for a critical one")
		}
		if err := step(leader, Listed, 1); err != nil {
			t.Fatal(err)
		}
		if !f.register.systems[0].Critical {
			t.Error("the register does not know that the system is on the list")
		}
		if list, err := f.Criticals(stranger); err != nil || len(list) != 0 {
			t.Errorf("another unit sees %+v %v", list, err)
		}
		asked := func() (out []module.Matter) {
			t.Helper()
			if err := f.askSelfChecks(system); err != nil {
				t.Fatal(err)
			}
			for _, body := range f.facts(module.FactMatter) {
				var m module.Matter
				if err := json.Unmarshal([]byte(body), &m); err != nil {
					t.Fatal(err)
				}
				out = append(out, m)
			}
			return out
		}
		if got := asked(); len(got) != 0 {
			t.Errorf("before 1 September: %+v", got)
		}
		f.clock = time.Date(2026, 9, 2, 8, 0, 0, 0, zone)
		asked()
		got := asked()
		if len(got) != 1 || got[0].Subject.Code != "HT-0001/2026" || got[0].Unit != "so-y-te" || got[0].Ended {
			t.Fatalf("once a year: %+v", got)
		}
		if due := got[0].At["selfCheckFrom"].Add(720 * time.Hour).In(zone); due.Format("2006-01-02 15:04") != "2026-10-01 00:00" {
			t.Errorf("due %s", due)
		}
		list, err := f.Criticals(officer)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		if err := step(leader, Removed, list[0].Version); err != nil {
			t.Fatal(err)
		}
		if f.register.systems[0].Critical {
			t.Error("the register still holds it for a critical one")
		}
		if got = asked(); len(got) != 2 || !got[1].Ended {
			t.Errorf("off the list: %+v", got)
		}
	})
}
