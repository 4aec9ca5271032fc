package incident

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestWhoATextMentions(t *testing.T) {
	for text, want := range map[string][]string{
		"Nhờ @lan xem giúp, @an duyệt.": {"lan", "an"},
		"@Lan @lan @LAN":                {"lan"},
		"gửi tới a@lan.vn và b@an":      nil,
		"(@le.minh) -- @hoa_b.":         {"le.minh", "hoa_b"},
		"không có ai @ đây":             nil,
		"@@lan":                         nil,
		"ờ@lan":                         nil,
	} {
		if got := mentioned(text); !slices.Equal(got, want) {
			t.Errorf("%q mentions %v, want %v", text, got, want)
		}
	}
}

func FuzzMentioned(f *testing.F) {
	f.Add("@lan @an. x@y")
	f.Fuzz(func(t *testing.T, text string) {
		names := mentioned(text)
		for _, n := range names {
			if n == "" || len(n) > 63 {
				t.Fatalf("%q mentions %q", text, n)
			}
		}
		if len(names) > maxMentions {
			t.Fatalf("%d mentions", len(names))
		}
	})
}

func TestMentions(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(officer, Opening{Facts: Facts{TLP: Green}})
		start := len(f.notices())
		e, err := f.Write(officer, i.ID, Entry{Kind: "comment", Text: "@lan và @an xem giúp; @hoa, @minh và @khong-co thì không"})
		if err != nil || e.Detail["mentions"] != "lan an" {
			t.Fatalf("written: %v %v", err, e.Detail)
		}
		if got, want := f.notices()[start:], []string{"incident.mention to lan", "incident.mention to an"}; !slices.Equal(got, want) {
			t.Errorf("told: %v", got)
		}
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Amber}); err != nil {
			t.Fatal(err)
		}
		// Now the other unit sees it; its people are known to the centre, not to the officer.
		for _, c := range []struct {
			by   context.Context
			mark TLP
			want string
		}{{analyst, Green, "hoa"}, {analyst, Red, ""}, {officer, Green, ""}} {
			e, err := f.Write(c.by, i.ID, Entry{Kind: "comment", Text: "Nhờ @hoa kiểm tra", TLP: c.mark})
			if err != nil || e.Detail["mentions"] != c.want {
				t.Errorf("%+v: %v %v", c, err, e.Detail)
			}
		}
		people, err := f.Audience(stranger, i.ID)
		var names []string
		for _, p := range people {
			names = append(names, p.Name)
		}
		if want := []string{"an", "hoa", "kt", "lan"}; err != nil || !slices.Equal(names, want) {
			t.Errorf("whom a stranger may mention: %v %v", err, names)
		}
		if _, err := f.Audience(auditor, i.ID); code(err) != "permission.denied" {
			t.Errorf("an auditor: %v", err)
		}
	})
}

func TestWhoIsTold(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	i := f.opened(officer, Opening{Facts: Facts{TLP: Green}})
	i = f.changed(officer, i, `{"lead": "lan"}`)
	f.changed(officer, i, `{"lead": "minh"}`)
	if _, err := f.AddTask(officer, i.ID, Task{Title: "Giữ nhật ký", Phase: Preserve, Owner: "lan"}); err != nil {
		t.Fatal(err)
	}
	mine, err := f.AddTask(officer, i.ID, Task{Title: "Khóa tài khoản", Phase: Isolate, Owner: "minh"})
	if err != nil {
		t.Fatal(err)
	}
	lan := "lan"
	if _, err := f.ChangeTask(officer, i.ID, mine.ID, TaskChange{Version: 1, Owner: &lan}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartSummary, TLP: Amber}); err != nil {
		t.Fatal(err)
	}
	want := []string{"incident.opened", "incident.assigned to lan", "incident.task to lan", "incident.task to lan", "incident.shared"}
	if got := f.notices(); !slices.Equal(got, want) {
		t.Errorf("told: %v", got)
	}
	drill := f.opened(officer, Opening{Drill: true})
	if n := openedNotice(&drill); !n.Drill || len(n.Told) == 0 {
		t.Errorf("of a drill: %+v", n)
	}
	i.Secrecy = "mat"
	if n := openedNotice(&i); n.TitleVi != "Sự cố mới: "+i.Code {
		t.Errorf("of a secret: %+v", n)
	}
}

func TestRelations(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		a, b, foreign := f.opened(officer, Opening{}), f.opened(officer, Opening{}), f.opened(stranger, Opening{Facts: Facts{Unit: "so-noi-vu"}})
		if _, err := f.Relate(officer, a.ID, b.ID, CausedBy, "Cùng máy chủ trung gian"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Relate(analyst, a.ID, foreign.ID, Related, "Cùng nhóm tấn công"); err != nil {
			t.Fatal(err)
		}
		list, err := f.Relations(officer, b.ID)
		if err != nil || len(list) != 1 || !list[0].Inverse || list[0].Other.ID != a.ID || list[0].Reason == "" {
			t.Fatalf("seen from the other: %v %+v", err, list)
		}
		if list, err := f.Relations(officer, a.ID); err != nil || len(list) != 1 {
			t.Errorf("a unit sees what it may not: %v %+v", err, list)
		}
		all, err := f.Relations(analyst, a.ID)
		if err != nil || len(all) != 2 {
			t.Fatalf("the centre: %v %+v", err, all)
		}
		for _, c := range []struct {
			other, kind, why, want string
		}{
			{b.ID, CausedBy, "x", "incident.related"}, {a.ID, Related, "x", "incident.relation-self"}, {foreign.ID, Related, "x", "incident.unknown"},
			{b.ID, "split", "x", "incident.relation"}, {b.ID, Related, " ", "incident.reason"},
			{f.opened(officer, Opening{Drill: true}).ID, Related, "x", "incident.drill"},
		} {
			if _, err := f.Relate(officer, a.ID, c.other, c.kind, c.why); code(err) != c.want {
				t.Errorf("%+v: %v", c, err)
			}
		}
		for _, r := range all {
			want := ""
			if r.Other.ID == foreign.ID {
				want = "incident.relation-unknown"
			}
			if _, err := f.Unrelate(officer, a.ID, r.ID, "Không phải"); code(err) != want {
				t.Errorf("%s: %v, want %q", r.Kind, err, want)
			}
		}
		if _, err := f.Relate(officer, a.ID, b.ID, CausedBy, "Xác minh lại"); err != nil {
			t.Errorf("stated again: %v", err)
		}
	})
}

func TestTheQueue(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		at := func(hours int) time.Time { return f.clock.Add(-time.Duration(hours) * time.Hour) }
		for _, o := range []Opening{
			{Facts: Facts{Title: "4", Severity: "low", DetectedAt: at(90)}}, {Facts: Facts{Title: "2", Severity: "critical", DetectedAt: at(2)}},
			{Facts: Facts{Title: "1", Severity: "medium", Grave: true, DetectedAt: at(1)}}, {Facts: Facts{Title: "3", Severity: "critical", DetectedAt: at(1)}},
			{Facts: Facts{Title: "0", Severity: "medium", Grave: true, DetectedAt: at(5)}},
		} {
			f.opened(analyst, o)
		}
		got, next := "", ""
		for {
			page, after, err := f.List(analyst, Filter{Sort: "urgent", Limit: 2, After: next})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page {
				got += i.Title
			}
			if next = after; next == "" {
				break
			}
		}
		if got != "01234" {
			t.Errorf("in the order %s", got)
		}
		list, _, err := f.List(analyst, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, i := range list {
			ids = append(ids, i.ID)
		}
		if n, err := f.LeadAll(analyst, ids, "an"); err != nil || n != 5 {
			t.Errorf("led: %d %v", n, err)
		}
		if n, err := f.LeadAll(analyst, ids, "an"); err != nil || n != 0 {
			t.Errorf("again: %d %v", n, err)
		}
		foreign := f.opened(stranger, Opening{Facts: Facts{Unit: "so-noi-vu"}})
		if _, err := f.LeadAll(officer, []string{ids[0], foreign.ID}, "minh"); code(err) != "incident.unknown" {
			t.Errorf("with one he does not see: %v", err)
		}
		if now, _, _ := f.Get(officer, ids[0]); now.Lead != "an" {
			t.Error("half of it was done")
		}
	})
}

func TestHowLongItTook(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		day := f.clock.Add(-48 * time.Hour)
		for n := range 10 {
			f.opened(analyst, Opening{Origin: ByAPI, Facts: Facts{DetectedAt: day, ConfirmedAt: day.Add(time.Duration(n+1) * time.Minute), ContainedAt: day.Add(time.Hour)}})
		}
		f.opened(analyst, Opening{Facts: Facts{Unit: "so-noi-vu", Severity: "low", DetectedAt: f.clock.Add(-30 * time.Minute)}})
		f.opened(analyst, Opening{Drill: true})
		f.opened(analyst, Opening{Origin: ByAPI, Facts: Facts{DetectedAt: day.Add(-240 * time.Hour)}}) // out of the range
		all, groups, err := f.Figures(auditor, FigureAsk{From: day.Add(-time.Hour), To: f.clock, By: ByUnit})
		if err != nil || all.Incidents != 11 || len(groups) != 2 || groups[0].Key != "so-y-te" {
			t.Fatalf("%v %+v %+v", err, all, groups)
		}
		g := groups[0]
		if a := g.Acknowledge; a.Count != 10 || a.Median != 330*time.Second || a.P90 != 9*time.Minute || g.Contain.Median != time.Hour || g.Recover.Count != 0 || g.Open != 10 {
			t.Errorf("of one unit: %+v", g)
		}
		if a := groups[1].Acknowledge; a.Median != 30*time.Minute {
			t.Errorf("opened by a person: %+v", a)
		}
		if all, _, err := f.Figures(officer, FigureAsk{From: day.Add(-time.Hour), To: f.clock, By: BySeverity}); err != nil || all.Incidents != 10 {
			t.Errorf("for a unit: %v %+v", err, all)
		}
		if all, _, err := f.Figures(analyst, FigureAsk{From: day.Add(-time.Hour), To: f.clock, By: ByCategory, Drill: true}); err != nil || all.Incidents != 1 {
			t.Errorf("drills: %v %+v", err, all)
		}
		for _, by := range []By{"", "lead"} {
			if _, _, err := f.Figures(analyst, FigureAsk{From: day, To: f.clock, By: by}); code(err) != "incident.by" {
				t.Errorf("by %q: %v", by, err)
			}
		}
		if _, _, err := f.Figures(analyst, FigureAsk{From: f.clock, To: day, By: ByUnit}); code(err) != "range.empty" {
			t.Errorf("upside down: %v", err)
		}
	})
}

// What an earlier version stored is completed at the start.
func TestIncidentsOfAnEarlierVersion(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		for n := range 3 {
			f.opened(analyst, Opening{Facts: Facts{Title: fmt.Sprint(n), ConfirmedAt: f.clock, ContainedAt: f.clock}})
		}
		type derived struct{ Acknowledged, Contained, Urgency int64 }
		read := func() (list []derived) {
			if err := db.NewRaw("SELECT acknowledged_at AS acknowledged, contained_at AS contained, urgency FROM incidents ORDER BY id").Scan(context.Background(), &list); err != nil {
				t.Fatal(err)
			}
			return list
		}
		want := read()
		if _, err := db.NewRaw("UPDATE incidents SET acknowledged_at = 0, contained_at = 0, urgency = 0").Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := f.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := read(); !slices.Equal(got, want) || got[0].Acknowledged != int64(sqldb.MicrosOf(f.clock)) {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
