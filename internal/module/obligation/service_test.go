package obligation

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
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

type tree struct{}

func (tree) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (tree) Working() []event.UnitID     { return []event.UnitID{"so-y-te", "so-noi-vu"} }

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
}

func newFixture(t *testing.T, db *bun.DB, now string) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: at(t, now)}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Zone: hanoi, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }})
	ctx := context.Background()
	for name, files := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "obligation": f.Module()} {
		if err := sqldb.Migrate(ctx, db, name, files.Migrations); err != nil {
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
	officer     = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger    = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	coordinator = as("an", module.RoleCoordinator, event.CentreUnit)
	leader      = as("lanhdao", module.RoleLeader, event.CentreUnit)
	auditor     = as("kt", module.RoleAuditor, event.CentreUnit)
	admin       = as("qt", module.RoleAdministrator, event.CentreUnit)
)

// tells the service of a matter, twice, as the outbox may.
func (f *fixture) tells(m module.Matter) {
	f.t.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		f.t.Fatal(err)
	}
	for range 2 {
		if err := f.hear(context.Background(), module.Fact{ID: module.NewID(), Kind: module.FactMatter, At: f.clock, Unit: m.Unit, Body: body}); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *fixture) incident(traits map[string]any) module.Matter {
	return module.Matter{
		Subject: module.Subject{Kind: "incident", ID: "i1", Code: "SC-2026-0001", Title: "Mã hóa dữ liệu tại Sở Y tế"}, Unit: "so-y-te",
		At: map[string]time.Time{"detectedAt": f.clock}, Traits: traits,
	}
}

func (f *fixture) list(ctx context.Context, q Filter) []Obligation {
	f.t.Helper()
	list, _, err := f.List(ctx, q)
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

func duties(list []Obligation) []string {
	var ids []string
	for _, o := range list {
		ids = append(ids, o.Duty)
	}
	return ids
}

func (f *fixture) do(ctx context.Context, o Obligation, d Do) Obligation {
	f.t.Helper()
	d.Version = o.Version
	o, _, err := f.Take(ctx, o.ID, d)
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

// facts returns the kinds of what was told about obligations, in order.
func (f *fixture) facts() []string {
	f.t.Helper()
	var kinds []string
	if err := f.DB.NewRaw("SELECT kind FROM facts WHERE kind LIKE 'obligation.%' ORDER BY id").Scan(context.Background(), &kinds); err != nil {
		f.t.Fatal(err)
	}
	return kinds
}

var mail = ProofOfSending{Channel: "document-system", Receiver: "Văn thư Cục A05", Number: "05/BC-TTANM", Hash: strings.Repeat("ab", 32), File: "bao-cao.pdf", Size: 1234}

func TestTheClocksOfAnIncident(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-20 22:15")
		m := f.incident(map[string]any{"grave": true, "severity": "critical"})
		f.tells(m)
		list := f.list(officer, Filter{})
		if got := duties(list); !slices.Equal(got, []string{"nd331-d31-initial", "nd331-d31-report"}) {
			t.Fatalf("clocks: %v", got)
		}
		if want := at(t, "2026-11-21 22:15"); !list[0].DueAt.Equal(want) {
			t.Errorf("the initial notice is due %v, want %v, over a weekend or not", list[0].DueAt, want)
		}
		if len(f.list(stranger, Filter{})) != 0 {
			t.Error("another unit sees what this one owes")
		}

		// The matter gets worse: another clock starts, from the same moment.
		f.clock = f.clock.Add(5 * time.Hour)
		m.Traits["personalData"] = true
		m.At["recoveredAt"] = at(t, "2026-11-21 02:00") // Saturday
		f.tells(m)
		list = f.list(officer, Filter{})
		if got := duties(list); !slices.Equal(got, []string{"nd331-d31-initial", "nd331-d31-report", "nd356-personal-data", "nd331-d31-final"}) {
			t.Fatalf("clocks: %v", got)
		}
		// 23, 25, 26, 27 and 30 November: the 24th is a holiday.
		if want := at(t, "2026-12-01 00:00"); !list[3].DueAt.Equal(want) {
			t.Errorf("the final report is due %v, want %v", list[3].DueAt, want)
		}

		// It was not grave after all: nothing goes away by itself.
		m.Traits["grave"] = false
		f.tells(m)
		for _, o := range f.list(officer, Filter{}) {
			if o.Doubtful != (o.Duty != "nd356-personal-data") {
				t.Errorf("%s: doubtful %v", o.Duty, o.Doubtful)
			}
		}
	})
}

func TestTheStepsOfAnObligation(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-16 08:00")
		f.tells(f.incident(map[string]any{"grave": true}))
		o := f.list(officer, Filter{})[0]
		f.clock = f.clock.Add(time.Hour)
		o = f.do(officer, o, Do{Verb: Prepare})
		o = f.do(officer, o, Do{Verb: Send, Proof: mail})
		if o.State != Sent || o.Late(f.clock) {
			t.Fatalf("sent in time: %+v", o)
		}
		o = f.do(officer, o, Do{Verb: Acknowledge, Proof: ProofOfSending{Receipt: "Công văn đến số 812"}})
		o = f.do(coordinator, o, Do{Verb: Back, Note: "Biên nhận của văn bản khác"})
		if o.State != Sent || o.DoneAt.IsZero() {
			t.Fatalf("taken back: %+v", o)
		}
		o = f.do(coordinator, o, Do{Verb: Back, Note: "Gửi nhầm văn bản, gửi lại sau"})
		if o.State != Prepared || !o.DoneAt.IsZero() {
			t.Fatalf("taken back twice: %+v", o)
		}
		f.clock = o.DueAt.Add(time.Hour)
		if !o.Late(f.clock) {
			t.Error("nothing was sent and it is not late")
		}
		o = f.do(officer, o, Do{Verb: Send, Proof: mail, At: o.DueAt.Add(30 * time.Minute)})
		if !o.Late(f.clock.Add(time.Hour)) {
			t.Error("sent late, it is in time")
		}
		_, steps, err := f.Get(auditor, o.ID)
		if err != nil || len(steps) != 6 || steps[1].Proof != mail || steps[1].By != "MINH" {
			t.Errorf("steps: %v %+v", err, steps)
		}
		for _, c := range []struct {
			name string
			ctx  context.Context
			do   Do
			want string
		}{
			{"nobody", context.Background(), Do{Verb: Note, Note: "x"}, "session.required"},
			{"an auditor", auditor, Do{Verb: Note, Note: "x"}, "permission.denied"},
			{"another unit", stranger, Do{Verb: Note, Note: "x", Version: o.Version}, "obligation.unknown"},
			{"an old version", officer, Do{Verb: Note, Note: "x", Version: o.Version - 1}, "obligation.changed"},
			{"again", officer, Do{Verb: Send, Proof: mail, Version: o.Version}, "obligation.state"},
			{"a receipt without a receipt", officer, Do{Verb: Acknowledge, Version: o.Version}, "obligation.receipt"},
			{"in the future", officer, Do{Verb: Note, Note: "x", At: f.clock.Add(time.Hour), Version: o.Version}, "obligation.future"},
			{"an empty note", officer, Do{Verb: Note, Version: o.Version}, "obligation.note"},
			{"another verb", officer, Do{Verb: "delete", Version: o.Version}, "obligation.verb"},
		} {
			if _, _, err := f.Take(c.ctx, o.ID, c.do); code(err) != c.want {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		}
		second := f.list(officer, Filter{})[0]
		for _, c := range []struct {
			name string
			do   Do
			want string
		}{
			{"sent, nobody knows how", Do{Verb: Send}, "obligation.proof"},
			{"sent to nobody", Do{Verb: Send, Proof: ProofOfSending{Channel: "fax"}}, "obligation.proof"},
			{"sent, nobody knows what", Do{Verb: Send, Proof: ProofOfSending{Channel: "fax", Receiver: "A05"}}, "obligation.proof"},
			{"a sum that is none", Do{Verb: Send, Proof: ProofOfSending{Channel: "fax", Receiver: "A05", Hash: "abc"}}, "obligation.hash"},
			{"withdrawn without a reason", Do{Verb: Withdraw, Note: "sai"}, "obligation.reason"},
			{"before it began", Do{Verb: Prepare, At: second.StartedAt.Add(-time.Hour)}, "obligation.before"},
			{"acknowledged before it was sent", Do{Verb: Acknowledge}, "obligation.state"},
		} {
			c.do.Version = second.Version
			if _, _, err := f.Take(officer, second.ID, c.do); code(err) != c.want {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		}
		second = f.do(officer, second, Do{Verb: Withdraw, Note: "Xác minh lại: không phải sự cố nghiêm trọng"})
		if second.Late(second.DueAt.Add(time.Hour)) || len(f.list(officer, Filter{})) != 0 {
			t.Error("withdrawn, it is still owed")
		}
	})
}

func TestRemindersComeOnceAndTheLastOneCounts(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-10-01 08:00")
		f.tells(f.incident(map[string]any{"grave": true}))
		begun := f.clock
		for _, x := range []struct {
			after time.Duration
			want  []string
		}{
			{11 * time.Hour, nil},
			{12 * time.Hour, []string{"obligation.remind"}},
			{13 * time.Hour, nil},
			{24 * time.Hour, []string{"obligation.late"}}, // the centre slept through 80 %
			{48 * time.Hour, []string{"obligation.remind"}},
			{72 * time.Hour, []string{"obligation.late"}},
			{90 * time.Hour, nil},
		} {
			before := len(f.facts())
			f.clock = begun.Add(x.after)
			if err := f.Tick(context.Background()); err != nil {
				t.Fatal(err)
			}
			got := slices.DeleteFunc(f.facts()[before:], func(k string) bool { return k == string(FactArose) })
			if len(got) == 0 {
				got = nil
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("after %v: %v, want %v", x.after, got, x.want)
			}
		}
	})
}

func TestDatesArise(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-22 08:00")
		for range 2 {
			if err := f.Tick(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := f.Load(context.Background()); err != nil { // as a restart would
				t.Fatal(err)
			}
		}
		got := map[string]int{}
		for _, o := range f.list(leader, Filter{}) {
			got[o.Duty]++
		}
		if got["nd331-form08"] != 1 || got["nd331-form08-units"] != 2 || got["law116-levels-under-construction"] != 1 || len(got) != 3 {
			t.Errorf("arose: %v", got)
		}
		if mine := f.list(officer, Filter{}); len(mine) != 1 || mine[0].Duty != "nd331-form08-units" || mine[0].Subject.Code != "2026-12-19" {
			t.Errorf("of one unit: %+v", mine)
		}
	})
}

// units are those of a province that grows.
type units struct {
	tree
	working []event.UnitID
}

func (u *units) Working() []event.UnitID { return u.working }

func TestAUnitThatIsRegisteredLaterOwesTheRunningPeriod(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-22 08:00")
		u := &units{}
		f.Units = u
		for _, x := range []struct {
			working []event.UnitID
			day     string
			want    map[event.UnitID]int
		}{
			{nil, "2026-11-22 08:00", map[event.UnitID]int{}},
			{[]event.UnitID{"so-y-te"}, "2026-11-22 08:01", map[event.UnitID]int{"so-y-te": 1}},
			{[]event.UnitID{"so-y-te", "so-noi-vu"}, "2026-12-10 08:00", map[event.UnitID]int{"so-y-te": 1, "so-noi-vu": 1}},
		} {
			u.working, f.clock = x.working, at(t, x.day)
			for range 2 {
				if err := f.Tick(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			got := map[event.UnitID]int{}
			for _, o := range f.list(leader, Filter{}) {
				if o.Duty == "nd331-form08-units" {
					got[o.Unit]++
				}
			}
			if !maps.Equal(got, x.want) {
				t.Errorf("%s: %v, want %v", x.day, got, x.want)
			}
		}
	})
}

func TestADrillStandsApart(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), "2026-10-01 08:00")
	m := f.incident(map[string]any{"grave": true})
	m.Drill = true
	f.tells(m)
	f.clock = f.clock.Add(1000 * time.Hour)
	if wall, err := f.Wall(leader, false); err != nil || len(wall) != 0 || len(f.list(leader, Filter{})) != 0 {
		t.Errorf("a drill is counted with what is real: %v %v", wall, err)
	}
	wall, err := f.Wall(leader, true)
	if err != nil || len(wall) != 1 || wall[0].Late != 2 || wall[0].Unit != "so-y-te" {
		t.Errorf("the drill's own wall: %+v %v", wall, err)
	}
}

func TestTheCatalogueIsTheAdministrators(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-10-01 08:00")
		find := func(id string) entry {
			list, err := f.Duties(leader)
			if err != nil {
				t.Fatal(err)
			}
			return list[slices.IndexFunc(list, func(e entry) bool { return e.ID == id })]
		}
		d := find("nd331-d31-initial")
		d.Hours = 12
		if _, err := f.SaveDuty(coordinator, d.Duty, 0); code(err) != "permission.denied" {
			t.Errorf("a coordinator: %v", err)
		}
		if _, err := f.SaveDuty(admin, d.Duty, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := f.SaveDuty(admin, d.Duty, 0); code(err) != "duty.changed" {
			t.Errorf("over a newer one: %v", err)
		}
		own := d.Duty
		own.ID, own.Vi, own.Recipient, own.Instead = "ke-hoach-tinh", "Báo Ủy ban nhân dân tỉnh trong 2 giờ", "provincial-committee", nil
		own.Hours = 2
		if _, err := f.SaveDuty(admin, own, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.Load(context.Background()); err != nil { // as a restart would
			t.Fatal(err)
		}
		f.tells(f.incident(map[string]any{"grave": true}))
		list := f.list(officer, Filter{})
		if got := duties(list); !slices.Equal(got, []string{"ke-hoach-tinh", "nd331-d31-initial", "nd331-d31-report"}) || !list[1].DueAt.Equal(f.clock.Add(12*time.Hour)) {
			t.Errorf("by the changed catalogue: %v, due %v", got, list[1].DueAt)
		}
		if err := f.RestoreDuty(admin, "nd331-d31-initial", 1); err != nil {
			t.Fatal(err)
		}
		if e := find("nd331-d31-initial"); e.Hours != 24 || e.Changed {
			t.Errorf("restored: %+v", e)
		}
		if o := f.list(officer, Filter{Duty: "nd331-d31-initial"})[0]; !o.DueAt.Equal(f.clock.Add(12 * time.Hour)) {
			t.Error("what had arisen changed with the catalogue")
		}
	})
}

func TestAMissingYearIsSaid(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), "2027-12-30 08:00")
	if got := f.missingYears(); !slices.Equal(got, []int{2028}) {
		t.Fatalf("missing: %v", got)
	}
	m := f.incident(map[string]any{"complex": true})
	m.At["recoveredAt"] = f.clock
	f.tells(m)
	o := f.list(officer, Filter{Subject: m.Subject})[0]
	if !slices.Equal(o.Missing, []int{2028}) {
		t.Errorf("the obligation does not say so: %+v", o)
	}
	if err := f.SaveYear(admin, 2028, Year{Off: []string{"01-03", "01-01"}}, 0); err != nil {
		t.Fatal(err)
	}
	years, err := f.Calendar(leader)
	if err != nil || len(f.missingYears()) != 0 {
		t.Errorf("entered, it is still missing: %v %v", f.missingYears(), err)
	}
	if last := years[len(years)-1]; last.Number != 2028 || !slices.Equal(last.Off, []string{"01-01", "01-03"}) {
		t.Errorf("the year: %+v", last)
	}
}

func TestPagesHoldEverythingOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-10-01 08:00")
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			m := f.incident(map[string]any{"grave": true})
			m.Subject.ID = id
			f.tells(m)
		}
		seen := map[string]bool{}
		for after := ""; ; {
			list, next, err := f.List(officer, Filter{Limit: 3, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list {
				if seen[o.ID] {
					t.Fatal("one came twice")
				}
				seen[o.ID] = true
			}
			if after = next; next == "" {
				break
			}
		}
		if len(seen) != 10 {
			t.Errorf("%d of 10", len(seen))
		}
		if _, _, err := f.List(officer, Filter{After: "x"}); code(err) != "obligation.cursor" {
			t.Errorf("a made-up cursor: %v", err)
		}
	})
}

// The law counts from when an incident was detected, not from when somebody first
// wrote it was.
func TestACorrectedMomentMovesTheDeadline(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-02 08:00")
		m := f.incident(map[string]any{"grave": true})
		f.tells(m)
		before := f.list(officer, Filter{Duty: "nd331-d31-initial"})[0]
		report := f.list(officer, Filter{Duty: "nd331-d31-report"})[0]
		f.do(officer, report, Do{Verb: Send, Proof: ProofOfSending{Channel: "portal", Receiver: "A05", Number: "05/BC-TTANM"}})

		m.At["detectedAt"] = m.At["detectedAt"].Add(-5 * time.Hour)
		f.tells(m)
		after, steps, err := f.Get(officer, before.ID)
		if err != nil || !after.DueAt.Equal(before.DueAt.Add(-5*time.Hour)) || !after.StartedAt.Equal(m.At["detectedAt"]) {
			t.Fatalf("due %s, was %s, %v", after.DueAt, before.DueAt, err)
		}
		if len(steps) != 1 || steps[0].Verb != Retime || steps[0].Note != "08:00 03/11/2026 → 03:00 03/11/2026" {
			t.Errorf("%+v", steps)
		}
		if sent := f.list(officer, Filter{Duty: "nd331-d31-report", State: Sent})[0]; !sent.DueAt.Equal(report.DueAt) {
			t.Errorf("what was sent is due %s, was %s", sent.DueAt, report.DueAt)
		}
		if o := f.do(officer, after, Do{Verb: Prepare}); o.State != Prepared {
			t.Errorf("%+v", o)
		}
	})
}
