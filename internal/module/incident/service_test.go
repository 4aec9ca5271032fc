package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
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
func (tree) Active(id event.UnitID) bool {
	return slices.Contains([]event.UnitID{event.CentreUnit, "so-y-te", "so-noi-vu"}, id)
}

type people struct{}

func (people) Person(_ context.Context, id string, _ event.UnitID) (module.PersonView, error) {
	if id == "nobody" {
		return module.PersonView{}, fault.New(fault.NotFound, "no such user").WithCode("user.unknown")
	}
	return module.PersonView{ID: id, DisplayName: strings.ToUpper(id)}, nil
}

func (people) DisplayNames(_ context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = strings.ToUpper(id)
	}
	return names, nil
}

func (people) Everyone(context.Context) ([]module.Principal, error) {
	var all []module.Principal
	for _, ctx := range []context.Context{officer, stranger, analyst, coordinator, auditor} {
		all = append(all, module.PrincipalOf(ctx))
	}
	return all, nil
}

type alerts map[string]Alert

func (a alerts) Alert(ctx context.Context, id string) (Alert, error) {
	x, ok := a[id]
	if !ok || !module.PrincipalOf(ctx).Sees(x.Unit) {
		return Alert{}, fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
	}
	return x, nil
}

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
	free  int64 // of the disk
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC), free: 1 << 40}
	f.Service = New(Options{
		DB: db, Trail: module.NewTrail(db), Units: tree{}, People: people{}, Zone: time.FixedZone("+07", 7*3600), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return f.clock }, Dir: t.TempDir(), MaxFile: 1 << 20, DiskFree: func() (int64, error) { return f.free, nil },
		Alerts: alerts{
			"a1": {ID: "a1", TitleVi: "Mã hóa hàng loạt tệp", Title: "Mass encryption", Level: "critical", Rule: "r1", Unit: "so-y-te", Entity: Observable{Type: "hostname", Value: "may-01"}},
			"a2": {ID: "a2", Title: "Shadow copies deleted", Level: "high", Rule: "r2", Unit: "so-y-te", Entity: Observable{Type: "hostname", Value: "may-01"}},
			"a3": {ID: "a3", Title: "Login from abroad", Level: "medium", Rule: "r3", Unit: "so-noi-vu", Entity: Observable{Type: "ipv4-addr", Value: "203.0.113.9"}},
			"a9": {ID: "a9", Title: "Real", Level: "high", Unit: "so-y-te"},
			"d1": {ID: "d1", Title: "Drill", Level: "high", Unit: "so-y-te", Drill: true},
		},
	})
	ctx := context.Background()
	for _, m := range []struct {
		name string
		module.Module
	}{{"module", module.Module{Migrations: module.Migrations()}}, {"incident", f.Module()}} {
		if err := sqldb.Migrate(ctx, db, m.name, m.Migrations); err != nil {
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
	analyst     = as("lan", module.RoleAnalyst, event.CentreUnit)
	coordinator = as("an", module.RoleCoordinator, event.CentreUnit)
	auditor     = as("kt", module.RoleAuditor, event.CentreUnit)
)

func (f *fixture) opened(ctx context.Context, n Opening) Incident {
	f.t.Helper()
	if n.Unit == "" {
		n.Unit = "so-y-te"
	}
	if n.Origin == "" {
		n.Origin = ByHand
	}
	if n.Title == "" && len(n.Alerts) == 0 {
		n.Title = "Máy chủ văn thư bị mã hóa"
	}
	if n.Severity == "" && len(n.Alerts) == 0 {
		n.Severity = "high"
	}
	if n.DetectedAt.IsZero() {
		n.DetectedAt = f.clock.Add(-time.Hour)
	}
	if n.Category == "" {
		n.Category = "vn-a-ransomware"
	}
	i, err := f.Open(ctx, n)
	if err != nil {
		f.t.Fatal(err)
	}
	return i
}

func (f *fixture) changed(ctx context.Context, i Incident, patch string) Incident {
	f.t.Helper()
	i, err := f.Change(ctx, i.ID, patchOf(f.t, patch), i.Version)
	if err != nil {
		f.t.Fatal(err)
	}
	return i
}

func patchOf(t *testing.T, text string) Patch {
	t.Helper()
	var p Patch
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// matters returns what was told to other modules about incidents, in order.
func (f *fixture) read(ctx context.Context, id string) Incident {
	f.t.Helper()
	i, _, err := f.Get(ctx, id)
	if err != nil {
		f.t.Fatal(err)
	}
	return i
}

func (f *fixture) matters() []module.Matter {
	f.t.Helper()
	var bodies []string
	if err := f.DB.NewRaw("SELECT body FROM facts WHERE kind = 'matter' ORDER BY id").Scan(context.Background(), &bodies); err != nil {
		f.t.Fatal(err)
	}
	list := make([]module.Matter, len(bodies))
	for n, b := range bodies {
		if err := json.Unmarshal([]byte(b), &list[n]); err != nil {
			f.t.Fatal(err)
		}
	}
	return list
}

func kinds(list []Entry) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Kind)
	}
	return out
}

func TestTheCatalogueIsSound(t *testing.T) {
	texts, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	c, err := build(texts)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"ransomware", "web-defacement", "phishing", "account-takeover", "data-leak", "denial-of-service", "malware-outbreak", "insider"} {
		if len(c.playbooks[id].Recommendations) < 3 {
			t.Errorf("playbook %s recommends little", id)
		}
		if len(c.playbooks[id].Tasks) < 5 {
			t.Errorf("playbook %s has %d tasks", id, len(c.playbooks[id].Tasks))
		}
	}
	if c.scheme().ID != "vn" || len(c.Schemes) != 2 {
		t.Errorf("taxonomies: %d, %s first", len(c.Schemes), c.scheme().ID)
	}
}

func TestAnIncidentFromAlerts(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(officer, Opening{Origin: FromAlert, Reference: "a1", Alerts: []string{"a1", "a2", "a1"}})
		if i.Code != "SC-2026-0001" || i.Title != "Mã hóa hàng loạt tệp" || i.Severity != "critical" || i.TLP != Amber {
			t.Errorf("opened: %+v", i)
		}
		tasks, err := f.Tasks(officer, i.ID)
		if err != nil || len(tasks) != 10 || tasks[1].Unit != "so-y-te" || !tasks[1].DueAt.Equal(i.DetectedAt.Add(time.Hour)) || len(tasks[0].Checklist) != 3 {
			t.Errorf("tasks of the playbook: %v %d %+v", err, len(tasks), tasks)
		}
		seen, err := f.Observables(officer, i.ID)
		if err != nil || len(seen) != 1 || seen[0].Value != "may-01" {
			t.Errorf("observables: %v %+v", err, seen)
		}
		entries, err := f.Timeline(officer, i.ID)
		if want := []string{"opened", "alert.joined", "alert.joined"}; err != nil || !slices.Equal(kinds(entries), want) {
			t.Errorf("timeline: %v %v", err, kinds(entries))
		}
		if m := f.matters(); len(m) != 1 || m[0].Subject.Code != i.Code || m[0].Traits["severity"] != "critical" || m[0].At["detectedAt"].IsZero() {
			t.Errorf("told: %+v", m)
		}
		for _, c := range []struct {
			name string
			ctx  context.Context
			n    Opening
			want string
		}{
			{"nobody", context.Background(), Opening{}, "session.required"},
			{"an auditor", auditor, Opening{}, "permission.denied"},
			{"an alert twice", analyst, Opening{Alerts: []string{"a1"}}, "incident.alert-taken"},
			{"an alert of another unit", officer, Opening{Alerts: []string{"a3"}}, "alert.unknown"},
			{"a drill's alert among real ones", analyst, Opening{Alerts: []string{"d1", "a9"}}, "incident.drill-mixed"},
			{"a real alert in a drill", analyst, Opening{Drill: true, Alerts: []string{"a9"}}, "incident.drill"},
			{"of another unit", stranger, Opening{}, "unit.unknown"},
			{"no title", analyst, Opening{Facts: Facts{Title: "  "}}, "incident.title"},
			{"no such category", analyst, Opening{Facts: Facts{Title: "x", Category: "war"}}, "incident.category"},
			{"in the future", analyst, Opening{Facts: Facts{Title: "x", DetectedAt: f.clock.Add(time.Hour)}}, "incident.future"},
			{"contained before it was detected", analyst, Opening{Facts: Facts{Title: "x", DetectedAt: f.clock, ContainedAt: f.clock.Add(-time.Hour)}}, "incident.order"},
			{"no such playbook", analyst, Opening{Facts: Facts{Title: "x"}, Playbook: "prayer"}, "incident.playbook"},
		} {
			n := c.n
			n.Unit, n.Origin = "so-y-te", ByHand
			if n.Severity == "" {
				n.Severity = "low"
			}
			if n.DetectedAt.IsZero() {
				n.DetectedAt = f.clock
			}
			if n.Category == "" {
				n.Category = "vn-a-other"
			}
			if n.Title == "" {
				n.Title = "Thử"
			}
			if _, err := f.Open(c.ctx, n); code(err) != c.want {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		}
		// What was refused left no gap in the numbers.
		if i := f.opened(analyst, Opening{}); i.Code != "SC-2026-0002" {
			t.Errorf("the next number is %s", i.Code)
		}
		i = f.opened(analyst, Opening{Alerts: []string{"d1"}})
		if i.Code != "DT-2026-0001" || !i.Drill {
			t.Errorf("an incident of a drill's alerts is %s", i.Code)
		}
		if _, err := f.Add(analyst, i.ID, []string{"a9"}); code(err) != "incident.drill" {
			t.Errorf("a real alert joins a drill: %v", err)
		}
	})
}

func TestNumbersUnderConcurrency(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		const n = 24
		codes := make([]string, n)
		var wg sync.WaitGroup
		for k := range n {
			wg.Go(func() {
				i, err := f.Open(analyst, Opening{Origin: ByHand, Facts: Facts{Title: "x", Unit: "so-y-te", Severity: "low", Category: "vn-a-other", DetectedAt: f.clock}})
				if err != nil {
					t.Error(err)
				}
				codes[k] = i.Code
			})
		}
		wg.Wait()
		slices.Sort(codes)
		for k, c := range codes {
			if want := fmt.Sprintf("SC-2026-%04d", k+1); c != want {
				t.Fatalf("number %d is %s, want %s", k, c, want)
			}
		}
	})
}

func TestTwoPeopleWhoEditLoseNothing(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		read := f.opened(officer, Opening{})
		first := f.changed(officer, read, `{"summary": "Phát hiện lúc 8 giờ", "grave": true}`)
		// The second one read before the first one saved.
		second, err := f.Change(analyst, read.ID, patchOf(t, `{"severity": "critical", "grave": true}`), read.Version)
		if err != nil || second.Summary != first.Summary || second.Severity != "critical" || !second.Grave {
			t.Fatalf("different fields: %v %+v", err, second)
		}
		_, err = f.Change(analyst, read.ID, patchOf(t, `{"lessons": "Cập nhật bản vá", "summary": "Khác"}`), read.Version)
		var e *fault.Error
		if code(err) != "incident.changed" || !errors.As(err, &e) || e.Field != "body.summary" {
			t.Fatalf("the same field: %v", err)
		}
		now, _, err := f.Get(officer, read.ID)
		if err != nil || now.Lessons != "" || now.Version != second.Version {
			t.Errorf("a refused change was half stored: %+v", now)
		}
		same := f.changed(officer, now, `{"summary": "Phát hiện lúc 8 giờ"}`)
		if same.Version != now.Version {
			t.Error("the same value is a new version")
		}
		for _, c := range []struct{ patch, want string }{
			{`{"code": "SC-1"}`, "incident.field"}, {`{"grave": "yes"}`, "incident.value"}, {`{"tlp": "PINK"}`, "incident.tlp"},
			{`{"unit": "nowhere"}`, "unit.unknown"}, {`{"lead": "nobody"}`, "user.unknown"}, {`{"systems": [{"name": "Cổng", "level": 6}]}`, "incident.level"},
		} {
			if _, err := f.Change(analyst, read.ID, patchOf(t, c.patch), now.Version); code(err) != c.want {
				t.Errorf("%s: %v, want %q", c.patch, err, c.want)
			}
		}
		last := f.matters()
		if m := last[len(last)-1]; m.Traits["grave"] != true || m.Traits["severity"] != "critical" {
			t.Errorf("what was told last: %+v", m)
		}
	})
}

func TestThePhases(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	i := f.opened(officer, Opening{})
	move := func(to Phase, want string) {
		t.Helper()
		next, err := f.Move(officer, i.ID, to, i.Version)
		if code(err) != want {
			t.Fatalf("to %s: %v, want %q", to, err, want)
		}
		if err == nil {
			i = next
		}
	}
	move(Isolate, "")
	move(Preserve, "") // one may go back
	move("later", "incident.phase")
	move(Closed, "incident.cause")
	i = f.changed(officer, i, `{"cause": "Mật khẩu yếu", "measure": "Đổi mật khẩu, cài lại"}`)
	move(Closed, "")
	if i.Open() || i.ClosedAt.IsZero() {
		t.Errorf("closed: %+v", i)
	}
	move(Recover, "") // and reopen
	if !i.Open() || !i.ClosedAt.IsZero() {
		t.Errorf("reopened: %+v", i)
	}
}

func TestAnotherUnitSeesWhatWasShared(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
		if _, _, err := f.Get(stranger, i.ID); code(err) != "incident.unknown" {
			t.Fatalf("before: %v", err)
		}
		if _, err := f.Share(officer, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Amber}); code(err) != "permission.denied" {
			t.Errorf("a unit shares: %v", err)
		}
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Clear}); code(err) != "incident.tlp-below" {
			t.Errorf("below its mark: %v", err)
		}
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Amber}); err != nil {
			t.Fatal(err)
		}
		for _, e := range []Entry{{Kind: "note", Text: "Ai cũng đọc", TLP: Green}, {Kind: "note", Text: "Chỉ hai bên", TLP: Amber}, {Kind: "note", Text: "Không ra ngoài", TLP: Red}} {
			if _, err := f.Write(analyst, i.ID, e); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Observe(analyst, i.ID, []Observable{{Type: "ipv4-addr", Value: "203.0.113[.]9", TLP: Red}, {Type: "domain-name", Value: "Xau.Example", TLP: Green}}); err != nil {
			t.Fatal(err)
		}
		if _, sight, err := f.Get(stranger, i.ID); err != nil || sight.All || sight.TLP != Amber {
			t.Fatalf("after: %v %+v", err, sight)
		}
		list, err := f.Timeline(stranger, i.ID)
		for _, e := range list {
			if e.TLP == Red {
				t.Errorf("TLP:RED went out: %+v", e)
			}
		}
		if seen, _ := f.Observables(stranger, i.ID); err != nil || len(seen) != 1 || seen[0].Value != "xau.example" {
			t.Errorf("observables: %+v", seen)
		}
		if found, _, err := f.List(stranger, Filter{}); err != nil || len(found) != 1 {
			t.Errorf("its list: %v %v", found, err)
		}
		if _, err := f.Write(stranger, i.ID, Entry{Kind: "comment", Text: "Đã rõ"}); err != nil {
			t.Errorf("a comment: %v", err)
		}
		if _, err := f.Write(stranger, i.ID, Entry{Kind: "note", Text: "Sửa dòng thời gian"}); code(err) != "permission.denied" {
			t.Errorf("a note: %v", err)
		}
		if _, err := f.Change(stranger, i.ID, patchOf(t, `{"title": "x"}`), i.Version); code(err) != "permission.denied" {
			t.Errorf("a change: %v", err)
		}
		shares, _ := f.store.shares(context.Background(), f.DB, i.ID)
		if _, err := f.Unshare(coordinator, i.ID, shares[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Get(stranger, i.ID); code(err) != "incident.unknown" {
			t.Errorf("after it ended: %v", err)
		}
		// A summary shows the head and the unit's own tasks.
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartSummary, TLP: Amber}); err != nil {
			t.Fatal(err)
		}
		mine, err := f.AddTask(analyst, i.ID, Task{Title: "Kiểm tra cùng dấu hiệu", Phase: Analyse, Unit: "so-noi-vu", Checklist: []TaskLine{{Text: "Máy chủ"}, {Text: "Máy trạm"}}})
		if err != nil {
			t.Fatal(err)
		}
		tasks, err := f.Tasks(stranger, i.ID)
		entries, _ := f.Timeline(stranger, i.ID)
		if err != nil || len(tasks) != 1 || len(entries) != 0 {
			t.Errorf("of a summary: %d tasks, %d entries, %v", len(tasks), len(entries), err)
		}
		done, ticked := TaskDone, []TaskLine{{Text: "khác", Done: true}, {Text: "Máy trạm"}}
		mine, err = f.ChangeTask(stranger, i.ID, mine.ID, TaskChange{Version: mine.Version, State: &done, Checklist: &ticked})
		if err != nil || mine.State != TaskDone || mine.Checklist[0] != (TaskLine{Text: "Máy chủ", Done: true, By: "HOA", At: f.clock}) || mine.Checklist[1].Done {
			t.Errorf("its task: %v %+v", err, mine)
		}
		words := "Việc khác"
		if _, err := f.ChangeTask(stranger, i.ID, mine.ID, TaskChange{Version: mine.Version, Title: &words}); code(err) != "permission.denied" {
			t.Errorf("other words: %v", err)
		}
	})
}

func TestWhatAnIncidentIsFoundBy(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Alerts: []string{"a1"}, Facts: Facts{TLP: Amber}})
		f.opened(analyst, Opening{})
		found := func(ctx context.Context, by Filter) string {
			list, _, err := f.List(ctx, by)
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, x := range list {
				codes = append(codes, x.Code)
			}
			return strings.Join(codes, " ")
		}
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartSummary, TLP: Amber}); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			ctx  context.Context
			by   Filter
			want string
		}{
			"its alert":                                   {officer, Filter{Alert: "a1"}, i.Code},
			"another alert":                               {officer, Filter{Alert: "a2"}, ""},
			"what it saw":                                 {officer, Filter{Value: "may-01"}, i.Code},
			"an alert, by whom it was shared with":        {stranger, Filter{Alert: "a1"}, ""},
			"what it saw, by whom it was shared with":     {stranger, Filter{Value: "may-01"}, ""},
			"what was shared, by whom it was shared with": {stranger, Filter{Shared: true}, i.Code},
			"what was shared, by its own unit":            {officer, Filter{Shared: true}, ""},
			"what was shared, by the centre":              {analyst, Filter{Shared: true}, i.Code},
		} {
			if got := found(c.ctx, c.by); got != c.want {
				t.Errorf("found by %s: %q, want %q", name, got, c.want)
			}
		}
	})
}

func TestMergeAndSplit(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		whole := f.opened(officer, Opening{Alerts: []string{"a1", "a2"}})
		part, err := f.Split(officer, whole.ID, []string{"a2"}, "Xóa bản sao lưu")
		if err != nil || part.Code != "SC-2026-0002" {
			t.Fatalf("split: %v %+v", err, part)
		}
		if left, _ := f.store.alerts(context.Background(), db, whole.ID); len(left) != 1 || left[0].Alert != "a1" {
			t.Errorf("left: %+v", left)
		}
		if _, err := f.Split(officer, whole.ID, []string{"a1"}, "Tất cả"); code(err) != "incident.split" {
			t.Errorf("all of it: %v", err)
		}
		part = f.changed(officer, part, fmt.Sprintf(`{"detectedAt": %q}`, f.clock.Add(-5*time.Hour).Format(time.RFC3339)))
		merged, err := f.Merge(officer, part.ID, whole.ID)
		if err != nil || merged.MergedInto != whole.ID || merged.Open() {
			t.Fatalf("merge: %v %+v", err, merged)
		}
		now, _, _ := f.Get(officer, whole.ID)
		if !now.DetectedAt.Equal(f.clock.Add(-5 * time.Hour)) {
			t.Error("the clock does not run from the first detection of the two")
		}
		if all, _ := f.store.alerts(context.Background(), db, whole.ID); len(all) != 2 {
			t.Errorf("alerts: %+v", all)
		}
		m := f.matters()
		if last := m[len(m)-1]; !last.Ended || last.Subject.ID != part.ID {
			t.Errorf("told last: %+v", last)
		}
		if _, err := f.Change(officer, part.ID, patchOf(t, `{"title": "x"}`), merged.Version); code(err) != "incident.merged" {
			t.Errorf("a change of what was merged: %v", err)
		}
		if _, err := f.Merge(officer, whole.ID, whole.ID); code(err) != "incident.merge" {
			t.Errorf("with itself: %v", err)
		}
	})
}

func TestAStateSecretHoldsNoContent(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	i := f.changed(officer, f.opened(officer, Opening{}), `{"secrecy": "mat"}`)
	if _, err := f.Write(officer, i.ID, Entry{Kind: "comment", Text: "x"}); code(err) != "incident.secret" {
		t.Errorf("a comment: %v", err)
	}
	if _, err := f.Observe(officer, i.ID, []Observable{{Type: "other", Value: "x"}}); code(err) != "incident.secret" {
		t.Errorf("an observable: %v", err)
	}
	if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Red}); code(err) != "incident.secret" {
		t.Errorf("a share: %v", err)
	}
}

func TestIncidentsThatSawTheSame(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		first, second, other := f.opened(analyst, Opening{}), f.opened(analyst, Opening{}), f.opened(analyst, Opening{Facts: Facts{Unit: "so-noi-vu"}})
		for _, i := range []Incident{first, second, other} {
			if _, err := f.Observe(analyst, i.ID, []Observable{{Type: "file-hash", Value: strings.Repeat("AB", 32)}, {Type: "ipv4-addr", Value: "203.0.113.9"}}); err != nil {
				t.Fatal(err)
			}
		}
		list, err := f.Similar(analyst, first.ID)
		if err != nil || len(list) != 2 || len(list[0].Values) != 2 {
			t.Errorf("for the centre: %v %+v", err, list)
		}
		if list, err = f.Similar(officer, first.ID); err != nil || len(list) != 1 || list[0].ID != second.ID {
			t.Errorf("for a unit: %v %+v", err, list)
		}
	})
}

func TestObservables(t *testing.T) {
	for _, c := range []struct{ kind, value, want string }{
		{"ipv4-addr", "203.0.113[.]9", "203.0.113.9"}, {"ipv4-addr", "::ffff:203.0.113.9", "203.0.113.9"}, {"ipv4-addr", "203.0.113", ""}, {"ipv4-addr", "2001:db8::1", ""},
		{"ipv6-addr", "2001:DB8:0::1", "2001:db8::1"}, {"domain-name", "Xau[.]Example.", "xau.example"}, {"domain-name", "localhost", ""},
		{"url", "hxxps://xau[.]example/a", "https://xau.example/a"}, {"url", "xau.example/a", ""}, {"file-hash", strings.Repeat("A", 64), strings.Repeat("a", 64)}, {"file-hash", "abc", ""},
		{"email-addr", "Ai[@]xau.example", "ai@xau.example"}, {"email-addr", "ai", ""}, {"other", "  gì đó ", "gì đó"}, {"person", "x", ""}, {"other", "", ""},
	} {
		o := Observable{Type: c.kind, Value: c.value}
		if err := o.clean(); (err == nil) != (c.want != "") || err == nil && o.Value != c.want {
			t.Errorf("%s %q: %q %v, want %q", c.kind, c.value, o.Value, err, c.want)
		}
	}
}

func FuzzObservable(f *testing.F) {
	f.Add("url", "hxxp://a[.]b/%zz")
	f.Add("ipv6-addr", "fe80::1%eth0")
	f.Fuzz(func(t *testing.T, kind, value string) {
		o := Observable{Type: kind, Value: value}
		if o.clean() != nil {
			return
		}
		again := o
		if err := again.clean(); err != nil || again != o {
			t.Fatalf("%q of %s is %q, and that is %q %v", value, kind, o.Value, again.Value, err)
		}
	})
}
