package drill

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
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

type tree struct{}

func (tree) Name(id event.UnitID) string  { return "Đơn vị " + string(id) }
func (tree) Active(id event.UnitID) bool  { return id != "bo-cu" }
func as(role module.Role) context.Context { return in(role, event.CentreUnit) }

func in(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "an", Name: "an", DisplayName: "An", Role: role, Unit: unit})
}

var (
	day         = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	coordinator = as(module.RoleCoordinator)
	leader      = as(module.RoleLeader)
)

// fixture is an exercise service with a clock in its hand; it is its own Tasks.
type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
	tasks map[string][]Task
	fed   File
}

// Put implements Feed.
func (f *fixture) Put(_ context.Context, file File) (Fed, error) {
	f.fed = file
	n, err := io.Copy(io.Discard, file.Body)
	return Fed{Upload: "u1", Name: file.Name, Bytes: n, Kind: "ndjson"}, err
}

func (f *fixture) Tasks(_ context.Context, of module.Subject) ([]Task, error) {
	return f.tasks[of.ID], nil
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: day, tasks: map[string][]Task{}}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Tasks: f, Feed: f, Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }})
	for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "drill": f.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// tells the service of a fact at the clock's time, twice, as the outbox may.
func (f *fixture) tells(kind module.FactKind, body any) {
	f.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		f.t.Fatal(err)
	}
	fact := module.Fact{ID: module.NewID(), Kind: kind, Body: text, At: f.clock}
	for range 2 {
		if err := f.on()[kind](context.Background(), fact); err != nil {
			f.t.Fatal(err)
		}
	}
}

func plan(units ...event.UnitID) Plan {
	return Plan{
		Name: "Diễn tập mã độc tống tiền", Units: units, Targets: []string{"may-chu-01"}, From: day, To: day.Add(3 * time.Hour),
		Goals: Goals{Detect: 10, Acknowledge: 30, Contain: 60},
		Injects: []Inject{
			{Minute: 20, Text: "Báo chí gọi điện"},
			{Minute: 0, Text: "Mã hóa tệp trên máy chủ", Detect: true},
			{Minute: 40, Text: "Rò rỉ dữ liệu", Detect: true},
		},
	}
}

func (f *fixture) started(p Plan) Exercise {
	f.t.Helper()
	x, err := f.Add(coordinator, p)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.takes(x, Do{Verb: Start})
}

func (f *fixture) takes(x Exercise, do Do) Exercise {
	f.t.Helper()
	do.Version = x.Version
	x, err := f.Take(coordinator, x.ID, do)
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

func incident(at map[string]time.Time) module.Matter {
	return module.Matter{Subject: module.Subject{Kind: "incident", ID: "i1", Code: "DT-2026-0001", Title: "Mã hóa dữ liệu"}, Unit: "so-y-te", Drill: true, At: at}
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

// sentences of the missed steps, in Vietnamese.
func (f *fixture) missed(id string) string {
	f.t.Helper()
	_, _, r, err := f.Review(leader, id)
	if err != nil {
		f.t.Fatal(err)
	}
	lines := []string{string(r.Verdict)}
	for i := range r.Missed {
		lines = append(lines, f.words.missed(&r.Missed[i]).Vi)
	}
	return strings.Join(lines, "\n")
}

func TestTheReportWritesItself(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		x := f.started(plan("so-y-te"))
		if got := f.missed(x.ID); got != "nothing" {
			t.Errorf("at the start: %s", got)
		}
		f.clock = day.Add(2 * time.Minute)
		x = f.takes(x, Do{Verb: Put, Inject: x.Injects[0].ID})
		put := f.clock
		f.clock = day.Add(9 * time.Minute)
		moments := map[string]time.Time{"detectedAt": f.clock}
		f.tells(module.FactMatter, incident(moments))
		subject := incident(nil).Subject
		duty := map[string]any{"id": "o1", "title": "Initial notice", "titleVi": "Báo cáo ban đầu", "subject": subject, "unit": "so-y-te", "drill": true,
			"dueAt": day.Add(30 * time.Minute), "state": "pending"}
		f.tells("obligation.arose", duty)
		if got := f.missed(x.ID); got != "met" {
			t.Errorf("so far: %s", got)
		}
		f.clock = day.Add(45 * time.Minute)
		moments["confirmedAt"] = f.clock
		f.tells(module.FactMatter, incident(moments))
		duty["state"] = "sent"
		f.tells("obligation.step", duty)
		f.tells(module.FactPaper, module.Paper{ID: "p1", Title: "Báo cáo", Number: "01/BC-DT", Subject: subject, Unit: "so-y-te", Drill: true, State: module.PaperSent})
		f.clock = day.Add(50 * time.Minute)
		x = f.takes(x, Do{Verb: Put, Inject: x.Injects[2].ID, At: day.Add(41 * time.Minute)})
		f.clock = day.Add(2 * time.Hour)
		x = f.takes(x, Do{Verb: End})
		f.tasks["i1"] = []Task{{Title: "Cô lập máy chủ"}, {Title: "Báo lãnh đạo", DueAt: day.Add(time.Hour), DoneAt: day.Add(time.Hour)},
			{Title: "Khóa tài khoản", DueAt: day.Add(time.Hour), DoneAt: day.Add(61 * time.Minute)}, {Title: "Kiểm tra sao lưu", DoneAt: day.Add(3 * time.Hour)}, {Title: "Thông báo", Dropped: true}}

		want := strings.Join([]string{
			"unmet",
			"Tình huống 2 (phút 20) chưa được đưa ra: Báo chí gọi điện",
			"Tình huống 3 (phút 40) không được phát hiện: Rò rỉ dữ liệu",
			"DT-2026-0001: xác nhận sự cố sau 43 phút, mục tiêu là 30 phút",
			"DT-2026-0001: chưa khoanh vùng; mục tiêu là 60 phút, đã qua 118 phút",
			"DT-2026-0001: thực hiện muộn 15 phút nghĩa vụ «Báo cáo ban đầu»",
			"DT-2026-0001: chưa hoàn thành công việc «Cô lập máy chủ»",
			"DT-2026-0001: hoàn thành muộn 1 phút công việc «Khóa tài khoản»",
			"DT-2026-0001: chưa hoàn thành công việc «Kiểm tra sao lưu»",
		}, "\n")
		if got := f.missed(x.ID); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		_, log, r, err := f.Review(leader, x.ID)
		if err != nil || len(log) != 5 || len(r.Papers) != 1 || r.Truncated {
			t.Fatalf("%d lines, %+v, %v", len(log), r.Papers, err)
		}
		if m := r.Matters[0]; m.Inject != x.Injects[0].ID || !m.From.Equal(put) || m.Times[0].Minutes != 7 || m.Times[0].Result != "met" || m.Times[3].Result != "no-goal" {
			t.Errorf("%+v", m)
		}

		// What comes after the end is of no exercise.
		f.clock = day.Add(150 * time.Minute)
		moments["containedAt"] = f.clock
		f.tells(module.FactMatter, incident(moments))
		if got := f.missed(x.ID); got != want {
			t.Errorf("after the end: %s", got)
		}
		next := f.started(plan("so-y-te"))
		f.tells(module.FactMatter, incident(moments))
		if got := f.missed(next.ID); got != "nothing" {
			t.Errorf("an old matter in the next exercise: %s", got)
		}

		table, err := f.csv(&x, &r, "vi")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(table), "\uFEFF"))).ReadAll()
		if err != nil || len(rows) != 1+1+4+1+1+5+8 || rows[3][7] != "Muộn" || !strings.Contains(rows[3][3], "xác nhận") {
			t.Errorf("%d rows, %q, %v", len(rows), rows[3], err)
		}
	})
}

func TestOnlyDrillsOfThoseTakingPartAreHeard(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		x := f.started(plan("so-y-te"))
		f.clock = f.clock.Add(time.Minute)
		m := incident(map[string]time.Time{"detectedAt": f.clock})
		m.Drill = false
		f.tells(module.FactMatter, m)
		m = incident(m.At)
		m.Unit = "so-noi-vu"
		f.tells(module.FactMatter, m)
		if err := f.hearMatter(context.Background(), module.Fact{Body: []byte("{")}); err != nil {
			t.Errorf("a fact nobody can read stops the others: %v", err)
		}
		_, log, _, err := f.Review(leader, x.ID)
		if err != nil || len(log) != 0 {
			t.Errorf("heard %+v %v", log, err)
		}
		m = incident(m.At)
		f.tells(module.FactMatter, m)
		m.Ended = true
		f.tells(module.FactMatter, m)
		f.clock = f.clock.Add(2 * time.Hour)
		x = f.takes(x, Do{Verb: End})
		if got := f.missed(x.ID); strings.Contains(got, "DT-2026-0001") {
			t.Errorf("asked of a matter that was none: %s", got)
		}
	})
}

func TestStepsOfAnExercise(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		x, err := f.Add(coordinator, plan("so-y-te", "so-y-te"))
		if err != nil || len(x.Units) != 1 || x.Injects[0].Minute != 0 {
			t.Fatalf("%+v %v", x, err)
		}
		changedPlan := plan("so-y-te", "so-noi-vu")
		changedPlan.Injects = x.Injects
		x, err = f.Change(coordinator, x.ID, changedPlan, x.Version)
		if err != nil || len(x.Units) != 2 || x.Injects[1].ID != changedPlan.Injects[1].ID {
			t.Fatalf("%+v %v", x, err)
		}
		if f.Of("so-y-te", "", "may-chu-01") != "" {
			t.Error("a target before it runs")
		}
		x = f.takes(x, Do{Verb: Start})
		if f.Of("so-y-te", "", "MAY-CHU-01") != x.ID || f.Of("so-xay-dung", "", "may-chu-01") != "" || f.Of("so-y-te", "", "may-chu-02") != "" {
			t.Error("targets of the running exercise")
		}
		if f.Of("so-y-te", "d9", "may-chu-01") != "d9" {
			t.Error("what an exercise put in is of it, whatever it is about")
		}
		for unit, want := range map[event.UnitID]string{"so-y-te": "", "so-xay-dung": "drill.unit"} {
			if err := f.Joins(context.Background(), f.DB, x.ID, unit); code(err) != want {
				t.Errorf("an alert of %s joins: %v", unit, err)
			}
		}
		fed, err := f.PutIn(coordinator, x.ID, File{Unit: "so-y-te", Name: "kịch bản.ndjson", Size: 2, Body: strings.NewReader("{}")})
		if err != nil || fed.Bytes != 2 || f.fed.Drill != x.ID || f.fed.Max != maxFeed {
			t.Errorf("events put in: %+v %v", fed, err)
		}
		if log, err := f.store.lines(context.Background(), x.ID); err != nil || len(log) != 1 || log[0].Kind != LineFeed || log[0].Title != "kịch bản.ndjson" {
			t.Errorf("the log: %+v %v", log, err)
		}
		other, err := f.Add(coordinator, plan("so-noi-vu"))
		if err != nil {
			t.Fatal(err)
		}
		do := func(x Exercise, do Do) func() error {
			return func() error {
				do.Version += x.Version
				_, err := f.Take(coordinator, x.ID, do)
				return err
			}
		}
		for _, c := range []struct {
			want string
			do   func() error
		}{
			{"drill.overlap", do(other, Do{Verb: Start})},
			{"drill.state", do(other, Do{Verb: Put, Inject: other.Injects[0].ID})},
			{"drill.state", do(x, Do{Verb: Cancel})},
			{"drill.changed", do(x, Do{Verb: End, Version: 1})},
			{"drill.verb", do(x, Do{Verb: "shrug"})},
			{"drill.inject-unknown", do(x, Do{Verb: Put, Inject: "x"})},
			{"drill.at", do(x, Do{Verb: Put, Inject: x.Injects[0].ID, At: day.Add(time.Hour)})},
			{"drill.at", do(x, Do{Verb: Put, Inject: x.Injects[0].ID, At: day.Add(-time.Hour)})},
			{"drill.state", func() error { _, err := f.Change(coordinator, x.ID, plan("so-y-te"), x.Version); return err }},
			{"drill.state", func() error { return f.Joins(context.Background(), f.DB, other.ID, "so-noi-vu") }},
			{"drill.state", func() error { _, err := f.PutIn(coordinator, other.ID, File{Unit: "so-noi-vu"}); return err }},
			{"drill.unit", func() error { _, err := f.PutIn(coordinator, x.ID, File{Unit: "so-xay-dung"}); return err }},
			{"permission.denied", func() error { _, err := f.PutIn(leader, x.ID, File{Unit: "so-y-te"}); return err }},
			{"drill.unknown", func() error { _, err := f.Get(leader, "x"); return err }},
			{"permission.denied", func() error { _, err := f.Add(leader, plan("so-y-te")); return err }},
			{"permission.denied", func() error { _, err := f.Get(in(module.RoleSecurityOfficer, "so-y-te"), x.ID); return err }},
		} {
			if err := c.do(); code(err) != c.want {
				t.Errorf("%s: %v", c.want, err)
			}
		}
		x = f.takes(x, Do{Verb: Put, Inject: x.Injects[0].ID, Note: "Đã gửi"})
		if err := do(x, Do{Verb: Put, Inject: x.Injects[0].ID})(); code(err) != "drill.inject-done" {
			t.Errorf("twice: %v", err)
		}
		f.takes(x, Do{Verb: End})
		if f.Of("so-y-te", "", "may-chu-01") != "" {
			t.Error("a target after the end")
		}
		f.takes(other, Do{Verb: Cancel})
		list, next, err := f.List(leader, "", 1, "")
		if err != nil || len(list) != 1 || next == "" {
			t.Fatalf("%+v %q %v", list, next, err)
		}
		rest, next, err := f.List(leader, "", 1, next)
		if err != nil || len(rest) != 1 || next != "" || rest[0].ID == list[0].ID {
			t.Errorf("%+v %q %v", rest, next, err)
		}
		if _, _, err := f.List(leader, "", 1, "x"); code(err) != "drill.cursor" {
			t.Errorf("a cursor of nobody: %v", err)
		}
	})
}

func TestAPlanSaysWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Plan){
		"drill.name":     func(p *Plan) { p.Name = " " },
		"drill.units":    func(p *Plan) { p.Units = nil },
		"drill.span":     func(p *Plan) { p.To = p.From },
		"drill.goal":     func(p *Plan) { p.Goals.Recover = -1 },
		"drill.inject":   func(p *Plan) { p.Injects[0].Text = " " },
		"drill.minute":   func(p *Plan) { p.Injects[0].Minute = -1 },
		"unit.unknown":   func(p *Plan) { p.Units = append(p.Units, "bo-cu") },
		"drill.long":     func(p *Plan) { p.Scenario = strings.Repeat("a", maxText+1) },
		"drill.too-many": func(p *Plan) { p.Injects = make([]Inject, maxInjects+1) },
	} {
		p := plan("so-y-te")
		spoil(&p)
		if err := New(Options{Units: tree{}}).prepare(&p, nil); code(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Every sentence is there in both languages, and everything it names is filled in.
func TestEveryMissedStepHasWords(t *testing.T) {
	w, err := readWords(wordsFile)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"number": "1", "minute": "2", "text": "t", "matter": "m", "minutes": "3", "goal": "4", "duty": "d", "dutyVi": "d", "task": "t", "moment": "contain"}
	for _, c := range []string{"inject-undone", "inject-unseen", "moment-late", "moment-missing", "duty-late", "duty-never", "task-late", "task-undone"} {
		s := w.missed(&Missed{Code: c, Texts: texts})
		for _, text := range []string{s.Vi, s.En} {
			if text == "" || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: %q", c, text)
			}
		}
	}
	for _, v := range []Verdict{AllMet, Partly, Unmet, Nothing} {
		if s := w.Verdicts[string(v)]; s.Vi == "" || s.En == "" {
			t.Errorf("no words for %s", v)
		}
	}
	if s := w.missed(&Missed{Code: "task-undone", Texts: map[string]string{"task": "{matter}", "matter": "m"}}); s.En != `m: the task "{matter}" was not done` {
		t.Errorf("a text is read again: %s", s.En)
	}
}
