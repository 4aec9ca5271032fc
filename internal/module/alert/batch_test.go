package alert

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

var closeBenign = Change{Status: ptr(StatusClosed), Reason: ptr(ReasonBenign), Note: ptr("đã rà soát")}

func (f *fixture) asOf() AsOf {
	f.t.Helper()
	at, err := f.store.latest(centre, module.PrincipalOf(centre), f.Service.now())
	if err != nil {
		f.t.Fatal(err)
	}
	f.now = f.now.Add(time.Second) // what follows is later
	return at
}

func (f *fixture) batch(ctx context.Context, in BatchChange) Batch {
	f.t.Helper()
	b, err := f.ChangeSelected(ctx, in)
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

// flood records n alerts of one rule in one unit.
func (f *fixture) flood(rule string, unit event.UnitID, n int) []Recorded {
	f.t.Helper()
	findings := make([]detect.Finding, n)
	for i := range findings {
		findings[i] = f.at(0, foundBy(rule, unit, fmt.Sprintf("host-%s-%d", rule, i)))
	}
	return f.record(findings...)
}

func (f *fixture) byStatus() map[string]int64 {
	f.t.Helper()
	p, err := f.List(centre, Filter{Sort: "createdAt", Limit: 1})
	if err != nil {
		f.t.Fatal(err)
	}
	return p.ByStatus
}

func TestAWholeCampaignIsClosedAndWhatCameAfterTheLookIsNot(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.flood("r1", "so-y-te", 450)
		f.record(f.at(0, foundBy("r2", "so-noi-vu", "another")))
		q, err := f.Groups(centre, Filter{}, KindCampaign)
		if err != nil || q.Sums[0].Total != 450 {
			t.Fatalf("%d groups, %v", q.Total, err)
		}
		asOf := f.asOf()
		f.record(f.at(0, foundBy("r1", "so-y-te", "late-1")), f.at(0, foundBy("r1", "so-y-te", "late-2")))
		b := f.batch(centre, BatchChange{Selection: Selection{Group: q.Groups[0].ID, By: KindCampaign}, AsOf: asOf, Expect: 450, Change: closeBenign})
		if b.Matched != 450 || b.Changed != 450 || b.Left != 0 || len(b.Skipped) != 0 || b.Action != "close" {
			t.Fatalf("%+v", b)
		}
		if n := f.byStatus(); n["closed"] != 450 || n["new"] != 3 {
			t.Errorf("%v", n)
		}
		d, err := f.Get(centre, q.Groups[0].Alerts[0].ID)
		if err != nil || d.Reason != ReasonBenign || d.Note != "đã rà soát" || len(d.History) != 1 || d.History[0].By != "LAN" || d.Version != 2 {
			t.Errorf("%+v, %v", d, err)
		}
		if _, err := module.NewTrail(f.db).Verify(context.Background()); err != nil {
			t.Error(err)
		}
		kinds, _ := f.told()
		if n := len(slices.DeleteFunc(kinds, func(k string) bool { return k != string(FactClosed) })); n != 450 {
			t.Errorf("%d facts of closing", n)
		}
	})
}

func TestABatchTakesWhatAListAGroupOrThingsOfTodayShowed(t *testing.T) {
	for name, sel := range map[string]func(*fixture) Selection{
		"filter": func(*fixture) Selection { return Selection{Filter: Filter{RuleID: "r1", Statuses: []string{"new"}}} },
		"unit": func(*fixture) Selection {
			return Selection{Group: "so-y-te", By: KindUnit, Filter: Filter{Levels: []string{"high"}}}
		},
		"campaign in a filter": func(f *fixture) Selection {
			q, err := f.Groups(centre, Filter{}, KindCampaign)
			if err != nil {
				t.Fatal(err)
			}
			return Selection{Filter: Filter{Campaign: q.Groups[0].ID}}
		},
		"today": func(f *fixture) Selection {
			d, err := f.Today(centre)
			if err != nil {
				t.Fatal(err)
			}
			return Selection{Group: d.Things[0].ID, By: KindToday}
		},
		"ids": func(f *fixture) Selection {
			var ids []string
			for _, a := range f.all() {
				if a.RuleID == "r1" {
					ids = append(ids, a.ID, a.ID)
				}
			}
			return Selection{IDs: ids}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sqldbtest.SQLite(t))
			f.flood("r1", "so-y-te", 5)
			f.record(f.at(0, foundBy("r2", "so-noi-vu", "another"), func(x *detect.Finding) { x.Level = "low" }))
			s := sel(f)
			b := f.batch(centre, BatchChange{Selection: s, AsOf: f.asOf(), Change: Change{Assignee: ptr("lan"), Status: ptr(StatusInProgress)}})
			if b.Changed != 5 || b.Action != "take" || f.byStatus()["new"] != 1 {
				t.Errorf("%+v, %v", b, f.byStatus())
			}
		})
	}
}

func TestABatchSaysWhyItLeftAlerts(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		rec := f.flood("r1", "so-y-te", 6)
		change := func(who context.Context, i int, c Change) {
			t.Helper()
			a, err := f.Read(centre, rec[i].ID)
			if err == nil {
				_, err = f.Change(who, a.ID, a.Version, c)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		minh := as(module.RoleSecurityOfficer, "so-y-te", "minh")
		change(minh, 0, Change{Assignee: ptr("minh")})
		change(centre, 1, Change{Assignee: ptr("lan")})
		asOf := f.asOf()
		change(minh, 2, Change{Note: ptr("đang hỏi đơn vị")})
		change(centre, 3, Change{Note: ptr("của mình")})
		b := f.batch(centre, BatchChange{
			Selection: Selection{Filter: Filter{RuleID: "r1"}}, AsOf: asOf, LeaveOthers: true, Change: Change{Assignee: ptr("lan")},
		})
		if b.Changed != 3 || b.Skipped["alert.others"] != 1 || b.Skipped["alert.unchanged"] != 1 || b.Skipped["alert.changed"] != 1 {
			t.Errorf("%+v", b)
		}
		// Minh sees one unit only, so he may not have alerts of another.
		f.flood("r3", "so-noi-vu", 2)
		b = f.batch(centre, BatchChange{Selection: Selection{Filter: Filter{RuleID: "r3"}}, AsOf: f.asOf(), Change: Change{Assignee: ptr("minh")}})
		if b.Changed != 0 || b.Skipped["user.unknown"] != 2 {
			t.Errorf("%+v", b)
		}
		b = f.batch(minh, BatchChange{Selection: Selection{IDs: []string{"none", rec[0].ID}}, Change: Change{Note: ptr("x")}})
		if b.Changed != 1 || b.Skipped["alert.unknown"] != 1 {
			t.Errorf("%+v", b)
		}
	})
}

func TestABatchIsRefusedWhereItIsNotWhatWasMeant(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.flood("r1", "so-y-te", 3)
	asOf := f.asOf()
	all := Selection{Filter: Filter{RuleID: "r1"}}
	for want, in := range map[string]BatchChange{
		"alert.no-change":       {Selection: all, AsOf: asOf},
		"alert.as-of":           {Selection: all, Change: closeBenign},
		"alert.reason-required": {Selection: all, AsOf: asOf, Change: Change{Status: ptr(StatusClosed)}},
		"alert.reason-unknown":  {Selection: all, AsOf: asOf, Change: Change{Status: ptr(StatusClosed), Reason: ptr(Reason("mood"))}},
		"alert.group-changed":   {Selection: Selection{Group: "gone", By: KindCampaign}, AsOf: asOf, Change: closeBenign},
		"alert.selection-grew":  {Selection: all, AsOf: asOf, Expect: 2, Change: closeBenign},
		"permission.denied":     {},
	} {
		ctx := centre
		if want == "permission.denied" {
			ctx = as(module.RoleAuditor, event.CentreUnit, "an")
		}
		if _, err := f.ChangeSelected(ctx, in); code(err) != want {
			t.Errorf("%+v: %v, want %s", in, err, want)
		}
	}
	if n := f.byStatus(); n["new"] != 3 {
		t.Errorf("%v", n)
	}
}

func TestABatchStaysInItsUnits(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.record(f.at(0, foundBy("r1", "so-y-te", "8.8.8.8")), f.at(0, foundBy("r2", "so-noi-vu", "8.8.8.8")))
		minh := as(module.RoleSecurityOfficer, "so-y-te", "minh")
		b := f.batch(minh, BatchChange{Selection: Selection{Filter: Filter{}}, AsOf: f.asOf(), Change: closeBenign})
		if b.Matched != 1 || b.Changed != 1 || f.byStatus()["new"] != 1 {
			t.Errorf("%+v, %v", b, f.byStatus())
		}
		other := as(module.RoleSecurityOfficer, "so-noi-vu", "hoa")
		if _, err := f.Batch(other, b.ID); code(err) != "alert.batch-unknown" {
			t.Errorf("another unit reads it: %v", err)
		}
		if _, err := f.UndoBatch(other, b.ID); code(err) != "alert.batch-unknown" {
			t.Errorf("another unit undoes it: %v", err)
		}
		if list, err := f.Batches(other); err != nil || len(list) != 0 {
			t.Errorf("another unit lists it: %v, %v", list, err)
		}
		if list, err := f.Batches(minh); err != nil || len(list) != 1 || list[0].ID != b.ID {
			t.Errorf("who did it: %v, %v", list, err)
		}
	})
}

func TestUndoPutsBackWhatNobodyTouchedSince(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		rec := f.flood("r1", "so-y-te", 250)
		until := f.now.Add(3 * time.Hour).UTC()
		if _, err := f.Change(centre, rec[7].ID, 1, Change{Postpone: &Postponement{Until: until, Note: "chờ"}, Assignee: ptr("minh"), Note: ptr("cũ")}); err != nil {
			t.Fatal(err)
		}
		was, err := f.Read(centre, rec[7].ID)
		if err != nil {
			t.Fatal(err)
		}
		b := f.batch(centre, BatchChange{Selection: Selection{Filter: Filter{RuleID: "r1"}}, AsOf: f.asOf(), Change: closeBenign})
		if b.Changed != 250 {
			t.Fatalf("%+v", b)
		}
		// Findings touch what they count, not what people decide.
		touched, err := f.Read(centre, rec[3].ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Change(centre, touched.ID, touched.Version, Change{Reason: ptr(ReasonTruePositive)}); err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(time.Minute)
		u, err := f.UndoBatch(centre, b.ID)
		if err != nil || u.Restored != 249 || !u.UndoneAt.Equal(f.now) {
			t.Fatalf("%+v, %v", u, err)
		}
		if n := f.byStatus(); n["new"] != 249 || n["closed"] != 1 {
			t.Errorf("%v", n)
		}
		is, err := f.Read(centre, rec[7].ID)
		if err != nil {
			t.Fatal(err)
		}
		is.Version, is.UpdatedAt = was.Version, was.UpdatedAt
		if fmt.Sprintf("%+v", is) != fmt.Sprintf("%+v", was) {
			t.Errorf("put back as\n%+v, was\n%+v", is, was)
		}
		if d, err := f.Get(centre, rec[0].ID); err != nil || len(d.History) != 2 || d.History[1].To != "new" {
			t.Errorf("%+v, %v", d.History, err)
		}
		if _, err := f.UndoBatch(centre, b.ID); code(err) != "alert.undone" {
			t.Errorf("twice: %v", err)
		}
		late := f.batch(centre, BatchChange{Selection: Selection{IDs: []string{rec[0].ID}}, Change: closeBenign})
		f.now = f.now.Add(time.Hour)
		if _, err := f.UndoBatch(centre, late.ID); code(err) != "alert.undo-over" {
			t.Errorf("after an hour: %v", err)
		}
		if _, err := module.NewTrail(f.db).Verify(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// Two undo at once, findings come in and somebody works on the alerts: in the end
// each alert was put back once or not at all, and none that came later was touched.
func TestBatchesAmongOtherWork(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		const n = 600
		rec := f.flood("r1", "so-y-te", n)
		asOf := f.asOf()
		all := BatchChange{Selection: Selection{Filter: Filter{RuleID: "r1"}}, AsOf: asOf, Change: closeBenign}
		at := f.now
		var wg sync.WaitGroup
		var batch Batch
		wg.Go(func() {
			b, err := f.ChangeSelected(centre, all)
			if err != nil {
				t.Error(err)
			}
			batch = b
		})
		wg.Go(func() {
			for i := range 20 {
				findings := []detect.Finding{}
				for k := range 50 {
					x := f.at(0, foundBy("r1", "so-y-te", fmt.Sprintf("host-r1-%d", (i*37+k*11)%n)))
					x.Time, x.Received = at, at
					findings = append(findings, x)
				}
				for range 5 { // the loop has them delivered again
					if _, err := f.tryRecord(findings); err == nil {
						break
					}
				}
			}
		})
		minh := as(module.RoleSecurityOfficer, "so-y-te", "minh")
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, 2))
			for range 30 {
				id := rec[r.IntN(n)].ID
				if a, err := f.Read(minh, id); err == nil {
					_, _ = f.Change(minh, id, a.Version, Change{Note: ptr("minh xem")})
				}
			}
		})
		wg.Wait()
		if batch.Changed+batch.Skipped["alert.changed"] != n {
			t.Fatalf("%+v", batch)
		}
		for _, a := range f.all() {
			if a.ID > asOf.id && a.Status != StatusNew {
				t.Errorf("%s came later and is %s", a.ID, a.Status)
			}
		}
		restored := make([]int, 2)
		for i := range restored {
			wg.Go(func() {
				if b, err := f.UndoBatch(centre, batch.ID); err == nil {
					restored[i] = b.Restored
				} else if code(err) != "alert.undone" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b, err := f.Batch(centre, batch.ID)
		if err != nil || b.UndoneAt.IsZero() {
			t.Fatalf("%+v, %v", b, err)
		}
		// What minh noted after the batch stays closed.
		if closed := f.byStatus()["closed"]; int(closed) != batch.Changed-b.Restored {
			t.Errorf("%d closed of %d changed, %d put back", closed, batch.Changed, b.Restored)
		}
		if _, err := module.NewTrail(f.db).Verify(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func FuzzAsOf(f *testing.F) {
	f.Add("2026-11-22T03:00:00.000001Z.00066b")
	f.Add("2026-11-22T03:00:00.000001Z")
	f.Add("0000-00-00T25:00:00.000000Z.x")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAsOf(text)
		if err != nil {
			return
		}
		if a.String() != text {
			t.Errorf("%q came back as %q", text, a.String())
		}
	})
}
