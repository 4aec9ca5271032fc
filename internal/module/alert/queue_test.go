package alert

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func foundBy(rule string, unit event.UnitID, entity string) func(*detect.Finding) {
	return func(x *detect.Finding) {
		x.RuleID, x.Unit, x.EntityField, x.EntityValue = rule, unit, "src_ip", entity
	}
}

func TestTheQueueInGroups(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.record(f.at(0, foundBy("r1", "so-y-te", "8.8.8.8")), f.at(0, foundBy("r2", "so-noi-vu", "8.8.8.8")), f.at(0, foundBy("r3", "so-y-te", "10.0.0.1")))
		q, err := f.Groups(centre, Filter{}, "campaign")
		if err != nil || q.Total != 2 || q.Groups[0].Kind != KindIndicator || q.Sums[0].Total != 2 || len(q.Sums[0].Units) != 2 || q.Alerts != 3 {
			t.Fatalf("%+v, %v", q, err)
		}
		page, err := f.List(centre, Filter{Campaign: q.Groups[0].ID, Sort: "-lastSeen", Limit: 10})
		if err != nil || len(page.Items) != 2 || page.Total != 2 {
			t.Errorf("the campaign's list: %+v, %v", page, err)
		}
		if page, err = f.List(centre, Filter{Campaign: "another", Sort: "-lastSeen", Limit: 10}); err != nil || len(page.Items) != 0 {
			t.Errorf("a campaign that is none: %+v, %v", page, err)
		}
		// Under a filter a campaign may begin later, and is another; its list is still found.
		under := Filter{Text: "10.9.9"}
		f.record(f.at(0, foundBy("r4", "so-y-te", "10.1.1.1")), f.at(time.Minute, foundBy("r4", "so-y-te", "10.9.9.1")), f.at(2*time.Minute, foundBy("r4", "so-y-te", "10.9.9.2")))
		narrowed, err := f.Groups(centre, under, "campaign")
		if err != nil || narrowed.Total != 1 || narrowed.Sums[0].Total != 2 {
			t.Fatalf("narrowed: %+v, %v", narrowed, err)
		}
		under.Campaign, under.Sort, under.Limit = narrowed.Groups[0].ID, "-lastSeen", 10
		if page, err = f.List(centre, under); err != nil || len(page.Items) != 2 {
			t.Errorf("the list of a campaign shown under a filter: %+v, %v", page, err)
		}
		if q, err = f.Groups(centre, Filter{}, KindUnit); err != nil || q.Total != 2 || q.Groups[0].Value != "so-y-te" {
			t.Errorf("by unit: %+v, %v", q, err)
		}
		// A unit's officer sees its own part of the campaign, and nothing of the other's.
		if q, err = f.Groups(as(module.RoleSecurityOfficer, "so-y-te", "minh"), Filter{}, "campaign"); err != nil || q.Alerts != 5 || q.Groups[0].Kind == KindIndicator {
			t.Errorf("a unit: %+v, %v", q, err)
		}
	})
}

func TestTodayLeavesOutWhatIsPutOffOrSomebodyElses(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		rec := f.record(f.at(0, foundBy("r1", "so-y-te", "a")), f.at(0, foundBy("r2", "so-y-te", "b")), f.at(0, foundBy("r3", "so-y-te", "c")), f.at(0, foundBy("r4", "so-y-te", "d")))
		until := f.now.Add(2 * time.Hour)
		for i, c := range []Change{
			{Postpone: &Postponement{Until: until, Note: "chờ đơn vị trả lời"}},
			{Assignee: ptr("minh"), Status: ptr(StatusInProgress)},
			{Status: ptr(StatusClosed), Reason: ptr(ReasonBenign)},
		} {
			if _, err := f.Change(centre, rec[i].ID, 1, c); err != nil {
				t.Fatal(err)
			}
		}
		d, err := f.Today(centre)
		if err != nil || len(d.Things) != 1 || d.Things[0].Worst.ID != rec[3].ID || d.Postponed != 1 || d.Others != 1 || d.Done != 1 || d.Left != 0 {
			t.Fatalf("%+v, %v", d, err)
		}
		f.now = until
		if d, err = f.Today(centre); err != nil || len(d.Things) != 2 || d.Postponed != 0 {
			t.Errorf("when the time is over: %+v, %v", d, err)
		}
		for i := range 12 {
			f.record(f.at(0, foundBy(fmt.Sprint("x", i), "so-y-te", fmt.Sprint("e", i))))
		}
		if d, err = f.Today(centre); err != nil || len(d.Things) != 10 || d.Left != 4 {
			t.Errorf("%d things, %d left, %v", len(d.Things), d.Left, err)
		}
	})
}

func TestPostponingNeedsAReasonAndAnEnd(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	id := f.record(f.at(0))[0].ID
	for want, p := range map[string]Postponement{
		"alert.postpone-until": {Until: f.now, Note: "x"},
		"alert.postpone-note":  {Until: f.now.Add(time.Hour), Note: "  "},
	} {
		if _, err := f.Change(centre, id, 1, Change{Postpone: &p}); code(err) != want {
			t.Errorf("%+v: %v, want %s", p, err, want)
		}
	}
	if _, err := f.Change(centre, id, 1, Change{Postpone: &Postponement{Until: f.now.Add(31 * 24 * time.Hour), Note: "x"}}); code(err) != "alert.postpone-until" {
		t.Errorf("for a month and a day: %v", err)
	}
	a, err := f.Change(centre, id, 1, Change{Postpone: &Postponement{Until: f.now.Add(time.Hour), Note: "chờ"}})
	if err != nil || a.PostponedNote != "chờ" {
		t.Fatal(err)
	}
	if a, err = f.Change(centre, id, a.Version, Change{Postpone: &Postponement{}}); err != nil || !a.PostponedUntil.IsZero() {
		t.Errorf("taken up again: %+v, %v", a, err)
	}
	d, err := f.Get(centre, id)
	if err != nil || len(d.History) != 2 || d.History[0].Action != "postpone" || d.History[0].Note != "chờ" || d.History[1].To != "" {
		t.Errorf("history %+v, %v", d.History, err)
	}
}

func TestABulkChangeSaysWhichAlertsItLeft(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		rec := f.record(f.at(0), f.at(0, foundBy("r2", "so-noi-vu", "x")))
		officer := as(module.RoleSecurityOfficer, "so-y-te", "minh")
		closing := Change{Status: ptr(StatusClosed), Reason: ptr(ReasonBenign)}
		changed, failed, err := f.ChangeEach(officer, []string{rec[1].ID, "none", rec[0].ID, rec[0].ID}, closing)
		if err != nil || len(changed) != 1 || changed[0].ID != rec[0].ID || len(failed) != 2 || code(failed[0].Err) != "alert.unknown" {
			t.Fatalf("changed %v, failed %v, %v", changed, failed, err)
		}
		if failed[0].Err.Error() != failed[1].Err.Error() {
			t.Error("another unit's alert is answered otherwise than one that is not")
		}
		// What was refused is as it was.
		if a, err := f.Read(centre, rec[1].ID); err != nil || a.Version != 1 {
			t.Errorf("%+v, %v", a, err)
		}
		if _, failed, err = f.ChangeEach(centre, []string{rec[1].ID}, Change{Status: ptr(StatusClosed)}); err != nil || len(failed) != 1 || code(failed[0].Err) != "alert.reason-required" {
			t.Errorf("without a reason: %v, %v", failed, err)
		}
	})
}

func TestSimilarAlertsAndWhatWasDone(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		close1 := func(unit event.UnitID, entity string, reason Reason, after time.Duration, note string) {
			id := f.record(f.at(0, foundBy("r1", unit, entity)))[0].ID
			f.now = f.now.Add(after)
			if _, err := f.Change(centre, id, 1, Change{Status: ptr(StatusClosed), Reason: &reason, Note: &note}); err != nil {
				t.Fatal(err)
			}
			f.now = f.now.Add(2 * time.Hour)
		}
		close1("so-y-te", "a", ReasonBenign, 10*time.Minute, "máy sao lưu")
		close1("so-y-te", "a", ReasonBenign, 20*time.Minute, "máy sao lưu, đã hỏi")
		close1("so-y-te", "b", ReasonTruePositive, time.Hour, "")
		close1("so-noi-vu", "a", ReasonFalsePositive, time.Hour, "bí mật của sở khác")
		id := f.record(f.at(0, foundBy("r1", "so-y-te", "a")))[0].ID
		similar, s, err := f.Similar(centre, id)
		if err != nil || similar[0].Total != 2 || similar[1].Total != 1 || similar[2].Total != 1 || similar[0].Median != 20*time.Minute {
			t.Fatalf("%+v, %v", similar, err)
		}
		if s == nil || s.Reason != ReasonBenign || s.Note != "máy sao lưu, đã hỏi" || s.Count != 2 || s.Of != 2 {
			t.Errorf("suggested %+v", s)
		}
		if similar[0].Recent[0].ClosedBy != "lan" || similar[0].Recent[0].Took != 20*time.Minute {
			t.Errorf("%+v", similar[0].Recent[0])
		}
		// A unit's officer learns nothing from elsewhere.
		similar, _, err = f.Similar(as(module.RoleSecurityOfficer, "so-y-te", "minh"), id)
		if err != nil || similar[2].Total != 0 || similar[0].Total != 2 {
			t.Errorf("a unit: %+v, %v", similar, err)
		}
	})
}

func TestAPastThatDoesNotAgreeSuggestsNothing(t *testing.T) {
	for _, c := range []struct {
		by   map[Reason]int
		want Reason
	}{
		{map[Reason]int{ReasonBenign: 3, ReasonTruePositive: 2}, ReasonBenign},
		{map[Reason]int{ReasonBenign: 1, ReasonTruePositive: 1}, ""},
		{map[Reason]int{ReasonDuplicate: 9, ReasonBenign: 1}, ""},
		{map[Reason]int{ReasonSettled: 9, ReasonOther: 1}, ""},
	} {
		total := 0
		for _, n := range c.by {
			total += n
		}
		got := suggestion([]Similar{{Closeness: SameEntity}, {Closeness: SameUnit, Total: total, ByReason: c.by}}, builtinReasons())
		if (got == nil) != (c.want == "") || got != nil && got.Reason != c.want {
			t.Errorf("%v: %+v, want %q", c.by, got, c.want)
		}
	}
}

func TestTheGuidanceIsWhole(t *testing.T) {
	g := readGuidance()
	if len(g.Techniques) < 60 {
		t.Errorf("%d techniques", len(g.Techniques))
	}
	for _, name := range []string{"reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion",
		"stealth", "defense-impairment", "credential-access", "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact"} {
		if len(g.Tactics[name]) != checksShown {
			t.Errorf("tactic %s has %d checks", name, len(g.Tactics[name]))
		}
	}
	if len(g.Any) != checksShown {
		t.Errorf("%d checks that always help", len(g.Any))
	}
	each := func(where string, list []check, least int) {
		if len(list) < least {
			t.Errorf("%s has %d checks", where, len(list))
		}
		for _, c := range list {
			if c.Vi == "" || c.En == "" || strings.TrimSpace(c.Vi) != c.Vi {
				t.Errorf("%s: %+v", where, c)
			}
			for _, about := range []string{`src_ip:"10.0.0.1"`, `"c-ip":"a b"`, ""} {
				if _, err := query.Parse(fillQuery(c.Query, about)); err != nil {
					t.Errorf("%s: %q: %v", where, fillQuery(c.Query, about), err)
				}
			}
		}
	}
	for name, list := range g.Techniques {
		each(name, list, 2)
	}
	for name, list := range g.Sources {
		each(name, list, 1)
	}
	for name, list := range g.Tactics {
		each(name, list, 3)
	}
	each("any", g.Any, 3)
}

func TestEveryAlertHasThreeChecksAndANotice(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	rec := f.record(f.at(0), f.at(0, foundBy("r2", "so-y-te", "203.0.113.9"), func(x *detect.Finding) { x.Tags = nil }))
	for _, r := range rec {
		v, err := f.Guidance(centre, r.ID)
		if err != nil || len(v.Checks) != 3 {
			t.Fatalf("%+v, %v", v, err)
		}
		if !v.From.Equal(f.now.Add(-5 * time.Minute)) {
			t.Errorf("searches begin at %v", v.From)
		}
		for _, want := range []string{"Kính gửi: Đơn vị so-y-te", "giờ Việt Nam", r.ID} {
			if !strings.Contains(v.NoticeVi.Body, want) {
				t.Errorf("%q is not in\n%s", want, v.NoticeVi.Body)
			}
		}
		for _, c := range v.Checks {
			if _, err := query.Parse(c.Query); err != nil || strings.Contains(c.Query, "{") {
				t.Errorf("%q: %v", c.Query, err)
			}
		}
	}
	f.raised(silent())
	for _, a := range f.all() {
		if v, err := f.Guidance(centre, a.ID); err != nil || len(v.Checks) < 3 {
			t.Errorf("%s: %d checks, %v", a.RuleID, len(v.Checks), err)
		}
	}
	if _, err := f.Guidance(as(module.RoleSecurityOfficer, "so-noi-vu", "hoa"), rec[0].ID); code(err) != "alert.unknown" {
		t.Errorf("another unit: %v", err)
	}
}

func BenchmarkQueueOf10000(b *testing.B) {
	f := newFixture(b, sqldbtest.SQLite(b))
	var findings []detect.Finding
	for i := range 10_000 {
		findings = append(findings, f.at(time.Duration(i)*time.Second, foundBy(fmt.Sprint("r", i%300), event.UnitID(fmt.Sprint("so-", i%200)), fmt.Sprintf("203.0.%d.%d", i%7+113, i%200))))
	}
	if _, err := f.tryRecord(findings); err != nil {
		b.Fatal(err)
	}
	for name, do := range map[string]func() error{
		"campaigns": func() error { _, err := f.Groups(centre, Filter{}, "campaign"); return err },
		"units":     func() error { _, err := f.Groups(centre, Filter{}, KindUnit); return err },
		"today":     func() error { _, err := f.Today(centre); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
