package coordination

import (
	"context"
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
func (tree) Active(id event.UnitID) bool { return id != "" && id != "da-giai-the" }

type accounts struct{}

func (accounts) Person(_ context.Context, id string, _ event.UnitID) (module.PersonView, error) {
	if id == "khong-co" {
		return module.PersonView{}, fault.New(fault.NotFound, "no such user")
	}
	return module.PersonView{ID: id}, nil
}

// matters has one incident of so-y-te, which its own people and the centre see.
type matters struct{ drill bool }

func (m *matters) Matter(ctx context.Context, kind, id string) (Matter, error) {
	if p := module.PrincipalOf(ctx); kind != "incident" || id != "i1" || !p.Sees("so-y-te") {
		return Matter{}, fault.New(fault.NotFound, "no such incident")
	}
	return Matter{Subject: incident, Unit: "so-y-te", Drill: m.drill}, nil
}

var incident = module.Subject{Kind: "incident", ID: "i1", Code: "SC-2026-0001", Title: "Mã hóa dữ liệu"}

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
	of    *matters
}

func onBoth(t *testing.T, test func(t *testing.T, f *fixture)) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := &fixture{t: t, clock: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC), of: &matters{}}
		f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Matters: f.of, People: accounts{}, Zone: time.UTC,
			Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }})
		for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "coordination": f.Module()} {
			if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
				t.Fatal(err)
			}
		}
		test(t, f)
	})
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	officer     = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger    = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	coordinator = as("an", module.RoleCoordinator, event.CentreUnit)
	auditor     = as("kt", module.RoleAuditor, event.CentreUnit)
)

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) person(name, user string) string {
	f.t.Helper()
	r, err := f.SaveResponder(coordinator, Responder{Unit: event.CentreUnit, Name: name, User: user, Reach: Reach{Phone: "0912 345 678"}})
	f.must(err)
	return r.ID
}

// told lists what people were told of, and clears it.
func (f *fixture) told() []string {
	f.t.Helper()
	var bodies []string
	f.must(f.DB.NewRaw("SELECT body FROM facts WHERE kind LIKE 'notice%' ORDER BY id").Scan(context.Background(), &bodies))
	_, err := f.DB.NewRaw("DELETE FROM facts WHERE kind LIKE 'notice%'").Exec(context.Background())
	f.must(err)
	return bodies
}

func mentions(bodies []string, words ...string) bool {
	return slices.ContainsFunc(bodies, func(b string) bool {
		for _, w := range words {
			if !strings.Contains(b, w) {
				return false
			}
		}
		return true
	})
}

func TestACallUpGoesDownItsLine(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		line := []string{f.person("Một", "u1"), f.person("Hai", "u2"), f.person("Ba", "")}
		c, err := f.CallUp(coordinator, Calling{Subject: incident, Message: "Có mặt tại trung tâm", By: f.clock.Add(2 * time.Hour), People: line, Needed: 1, Minutes: 10})
		f.must(err)
		if told := f.told(); !mentions(told, "coordination.called", `"user":"u1"`) || mentions(told, `"user":"u2"`) {
			t.Fatalf("told at first: %v", told)
		}
		f.clock = f.clock.Add(9 * time.Minute)
		f.must(f.Tick(context.Background()))
		if told := f.told(); len(told) != 0 {
			t.Fatalf("told before the time is over: %v", told)
		}
		f.clock = f.clock.Add(time.Minute)
		f.must(f.Tick(context.Background()))
		if !mentions(f.told(), "coordination.called", `"user":"u2"`) {
			t.Fatal("the next in line was not called")
		}
		if _, err := f.Reply(as("u2", module.RoleAnalyst, event.CentreUnit), c.ID, Replying{Answer: Declines, Note: "đang ốm"}); err != nil {
			t.Fatal(err)
		}
		// The third has no account: somebody has him on the telephone.
		c, err = f.Reply(coordinator, c.ID, Replying{Person: line[2], Answer: Comes})
		f.must(err)
		if x := c.Line[2]; x.Answer != Comes || x.Via != "phone" || x.Noted != "AN" {
			t.Errorf("by telephone: %+v", x)
		}
		f.clock = f.clock.Add(time.Hour)
		f.must(f.Tick(context.Background()))
		c, err = f.GetCallUp(auditor, c.ID)
		f.must(err)
		if !c.Line[0].Passed || c.short() {
			t.Errorf("in the end: %+v", c.Line)
		}
		c, err = f.CloseCallUp(coordinator, c.ID)
		f.must(err)
		if _, err := f.Reply(coordinator, c.ID, Replying{Person: line[0], Answer: Comes}); code(err) != "coordination.closed" {
			t.Errorf("a reply to a closed one: %v", err)
		}
	})
}

func TestAnEmptyLineIsSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.of.drill = true
		_, err := f.CallUp(coordinator, Calling{Subject: incident, Message: "Đến ngay", By: f.clock.Add(time.Hour), People: []string{f.person("Một", "u1")}, Minutes: 5})
		f.must(err)
		if !mentions(f.told(), `"drill":true`) {
			t.Error("the call-up of a drill does not say so")
		}
		f.clock = f.clock.Add(5 * time.Minute)
		f.must(f.Tick(context.Background()))
		if !mentions(f.told(), "coordination.short", `"drill":true`) {
			t.Error("nobody hears that too few come")
		}
	})
}

func TestAnAskShowsItselfAndNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		by := f.clock.Add(10 * time.Hour)
		a, err := f.Ask(officer, incident, Side{Kind: SideUnit, ID: "so-noi-vu"}, "Có kết nối nào tới máy chủ này không?", by)
		f.must(err)
		if !mentions(f.told(), "coordination.ask", "security-officer") {
			t.Error("the unit that is asked does not hear of it")
		}
		got, err := f.Asks(stranger, Filter{})
		f.must(err)
		if len(got) != 1 || got[0].Subject.Title != "" || got[0].Subject.ID != "" || got[0].Subject.Code != "SC-2026-0001" {
			t.Fatalf("who is asked sees: %+v", got)
		}
		if got, err := f.Asks(as("x", module.RoleSecurityOfficer, "so-khac"), Filter{}); err != nil || len(got) != 0 {
			t.Errorf("a third unit sees: %v %v", got, err)
		}
		if _, err := f.GetAsk(as("x", module.RoleSecurityOfficer, "so-khac"), a.ID); code(err) != "coordination.unknown" {
			t.Errorf("a third unit reads it: %v", err)
		}
		if _, err := f.StepAsk(officer, a.ID, AskAnswered, "tự trả lời", a.Version); code(err) != "coordination.other-side" {
			t.Errorf("the asker answers himself: %v", err)
		}
		f.clock = f.clock.Add(5 * time.Hour)
		f.must(f.Tick(context.Background()))
		if !mentions(f.told(), "coordination.ask-remind") {
			t.Error("nobody is reminded at half the time")
		}
		a, err = f.StepAsk(stranger, a.ID, AskSeen, "", a.Version+1)
		f.must(err)
		if _, err := f.StepAsk(stranger, a.ID, AskAnswered, " ", a.Version); code(err) != "coordination.needed" {
			t.Errorf("an empty answer: %v", err)
		}
		a, err = f.StepAsk(stranger, a.ID, AskAnswered, "Không có kết nối nào", a.Version)
		f.must(err)
		if !mentions(f.told(), "coordination.answered", `"user":"minh"`) {
			t.Error("the asker does not hear the answer")
		}
		if _, err := f.StepAsk(stranger, a.ID, AskRefused, "đổi ý", a.Version); code(err) != "coordination.state" {
			t.Errorf("after the answer: %v", err)
		}
		f.clock = f.clock.Add(20 * time.Hour)
		f.must(f.Tick(context.Background()))
		if told := f.told(); len(told) != 0 {
			t.Errorf("reminded of what was answered: %v", told)
		}
	})
}

func TestTheLeadershipGoesWhenTheOtherSideAccepts(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		handed := func() (n int) {
			f.must(f.DB.NewRaw("SELECT count(*) FROM facts WHERE kind = 'coordination.handover'").Scan(context.Background(), &n))
			return n
		}
		h, err := f.Propose(coordinator, incident, Side{Kind: SideUnit, ID: "so-noi-vu"}, "Hệ thống do Sở Nội vụ vận hành")
		f.must(err)
		if _, err := f.Propose(coordinator, incident, Side{Kind: SideForce, ID: "police"}, "x"); code(err) != "coordination.offered" {
			t.Errorf("a second offer: %v", err)
		}
		if _, err := f.Decide(coordinator, h.ID, HandoverAccepted, "", h.Version); code(err) != "coordination.own" || handed() != 0 {
			t.Errorf("accepted by who offered it: %v", err)
		}
		_, err = f.Decide(stranger, h.ID, HandoverAccepted, "", h.Version)
		f.must(err)
		if handed() != 1 {
			t.Error("nobody is told that another side leads")
		}
		h, err = f.Propose(coordinator, incident, Side{Kind: SideForce, ID: "police"}, "Có dấu hiệu tội phạm")
		f.must(err)
		if h.From.ID != "so-noi-vu" {
			t.Errorf("it goes from %+v", h.From)
		}
		if _, err := f.Decide(coordinator, h.ID, HandoverRefused, "", h.Version); code(err) != "coordination.needed" {
			t.Errorf("refused without a reason: %v", err)
		}
		_, err = f.Decide(coordinator, h.ID, HandoverAccepted, "Công văn 12/PA05", h.Version)
		f.must(err)
		list, err := f.Handovers(officer, Filter{Subject: incident})
		f.must(err)
		if len(list) != 2 || list[0].To.ID != "police" || list[1].State != HandoverAccepted {
			t.Errorf("the history: %+v", list)
		}
	})
}

func TestGapsOfTheCalendarAreShown(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		one, two := f.person("Một", ""), f.person("Hai", "")
		day := 24 * time.Hour
		for _, x := range []Shift{{From: f.clock.Add(-day), Until: f.clock.Add(day)}, {From: f.clock.Add(2 * day), Until: f.clock.Add(3 * day)}} {
			x.Unit, x.Primary, x.Backup = event.CentreUnit, one, two
			_, err := f.SaveShift(coordinator, x)
			f.must(err)
		}
		o, err := f.OnCall(coordinator, event.CentreUnit, f.clock, f.clock.Add(4*day))
		f.must(err)
		if len(o.Now) != 1 || o.People[o.Now[0].Primary].Name != "Một" {
			t.Errorf("on call now: %+v", o.Now)
		}
		want := []Span{{f.clock.Add(day), f.clock.Add(2 * day)}, {f.clock.Add(3 * day), f.clock.Add(4 * day)}}
		if !slices.EqualFunc(o.Gaps, want, func(a, b Span) bool { return a.From.Equal(b.From) && a.Until.Equal(b.Until) }) {
			t.Errorf("gaps: %v, want %v", o.Gaps, want)
		}
		if _, err := f.OnCall(officer, event.CentreUnit, time.Time{}, time.Time{}); code(err) != "unit.unknown" {
			t.Errorf("another unit's calendar: %v", err)
		}
		if _, err := f.SaveShift(coordinator, Shift{Unit: event.CentreUnit, From: f.clock, Until: f.clock.Add(day), Primary: one, Backup: one}); code(err) != "coordination.backup" {
			t.Errorf("the backup is the same: %v", err)
		}
	})
}

func TestEachUnitKeepsItsOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		own, err := f.SaveResponder(officer, Responder{Unit: "so-y-te", Name: "Người của Sở", Reach: Reach{Mail: "nguoi@example.vn"}, Skills: []string{" mạng ", "mạng", ""}})
		f.must(err)
		if !slices.Equal(own.Skills, []string{"mạng"}) {
			t.Errorf("skills: %q", own.Skills)
		}
		if got, err := f.Team(stranger, Filter{}); err != nil || len(got) != 0 {
			t.Errorf("another unit sees: %v %v", got, err)
		}
		own.Name = "Tên khác"
		for name, c := range map[string]struct {
			ctx  context.Context
			want string
		}{"another unit": {stranger, "coordination.unknown"}, "an auditor": {auditor, "permission.denied"}, "nobody": {context.Background(), "session.required"}} {
			if _, err := f.SaveResponder(c.ctx, own); code(err) != c.want {
				t.Errorf("%s changes it: %v, want %s", name, err, c.want)
			}
		}
		for want, r := range map[string]Responder{
			"coordination.needed": {Unit: "so-y-te", Reach: Reach{Phone: "0912345678"}},
			"coordination.reach":  {Unit: "so-y-te", Name: "x"},
			"coordination.phone":  {Unit: "so-y-te", Name: "x", Reach: Reach{Phone: "gọi tôi"}},
			"coordination.mail":   {Unit: "so-y-te", Name: "x", Reach: Reach{Mail: "không phải"}},
			"coordination.user":   {Unit: "so-y-te", Name: "x", User: "khong-co"},
			"unit.unknown":        {Unit: "so-noi-vu", Name: "x", Reach: Reach{Phone: "0912345678"}},
		} {
			if _, err := f.SaveResponder(officer, r); code(err) != want {
				t.Errorf("%+v: %v, want %s", r, err, want)
			}
		}
		if _, err := f.SaveForce(officer, "police", Contact{}); code(err) != "unit.unknown" {
			t.Errorf("a unit changes a force: %v", err)
		}
		_, err = f.SaveForce(coordinator, "police", Contact{Person: "Trực ban", Reach: Reach{Phone: "0263 113"}})
		f.must(err)
		got, err := f.Contacts(officer, OfForce, Filter{})
		f.must(err)
		if len(got) != 1 || got[0].Force != "police" {
			t.Errorf("every unit sees whom to reach: %+v", got)
		}
		f.must(f.RemoveResponder(officer, own.ID, 1))
	})
}

func TestTheFourForcesAreShipped(t *testing.T) {
	var ids []string
	for _, x := range New(Options{}).forces {
		if x.Vi == "" || x.En == "" || x.Role.Vi == "" || x.Role.En == "" {
			t.Errorf("%s: words are missing", x.ID)
		}
		ids = append(ids, x.ID)
	}
	if !slices.Equal(ids, []string{"police", "military", "science-technology", "propaganda"}) {
		t.Errorf("forces: %v", ids)
	}
}

// Who is called up from another unit sees the call and nothing else.
func TestACalledPersonOfAnotherUnitSeesTheCallAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		first, second := f.person("Lan", "lan"), f.person("Hoa", "hoa")
		c, err := f.CallUp(coordinator, Calling{Subject: incident, Message: "Có mặt tại Sở", By: f.clock.Add(time.Hour), People: []string{first, second}, Needed: 1, Minutes: 10})
		f.must(err)
		if list, err := f.CallUps(stranger, Filter{}); err != nil || len(list) != 0 {
			t.Errorf("before her turn: %v %+v", err, list)
		}
		if _, err := f.GetCallUp(stranger, c.ID); code(err) != "coordination.unknown" {
			t.Errorf("before her turn: %v", err)
		}
		f.clock = f.clock.Add(11 * time.Minute)
		f.must(f.Tick(context.Background()))
		list, err := f.CallUps(stranger, Filter{})
		if err != nil || len(list) != 1 {
			t.Fatalf("her list: %v %+v", err, list)
		}
		check := func(what string, c CallUp) {
			t.Helper()
			if c.Subject.ID != "" || c.Subject.Title != "" || c.Subject.Code != "SC-2026-0001" || c.Message != "Có mặt tại Sở" || len(c.Line) != 1 || c.Line[0].User != "hoa" {
				t.Errorf("%s: %+v", what, c)
			}
		}
		check("listed", list[0])
		got, err := f.GetCallUp(stranger, c.ID)
		f.must(err)
		check("by itself", got)
		if _, err := f.Reply(stranger, c.ID, Replying{Person: first, Answer: Declines}); code(err) != "coordination.person" {
			t.Errorf("for somebody else: %v", err)
		}
		got, err = f.Reply(stranger, c.ID, Replying{Answer: Comes})
		f.must(err)
		check("after her answer", got)
		whole, err := f.GetCallUp(coordinator, c.ID)
		f.must(err)
		if whole.Line[1].Answer != Comes || len(whole.Line) != 2 {
			t.Errorf("as who called sees it: %+v", whole)
		}
		if _, err := f.CloseCallUp(stranger, c.ID); code(err) != "coordination.unknown" {
			t.Errorf("closed from elsewhere: %v", err)
		}
	})
}
