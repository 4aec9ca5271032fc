package alert

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// asRead compares what the copy in memory selects with what the database does.
func (f *fixture) asRead(note string) {
	f.t.Helper()
	officer := module.PrincipalOf(as(module.RoleSecurityOfficer, "so-1", "minh"))
	for _, filter := range []Filter{
		{principal: module.PrincipalOf(centre)},
		{principal: officer},
		{principal: module.Principal{}},
		{principal: module.PrincipalOf(centre), Statuses: []string{"new"}, Levels: []string{"high", "low"}},
		{principal: module.PrincipalOf(centre), Assignee: Nobody, Unit: "so-2"},
		{principal: module.PrincipalOf(centre), Assignee: "lan", RuleID: "r1"},
		{principal: module.PrincipalOf(centre), From: f.now.Add(-time.Minute), To: f.now},
		{principal: module.PrincipalOf(centre), Text: "r2"},
	} {
		fast, err := f.briefs(context.Background(), filter)
		if err != nil {
			f.t.Fatal(err)
		}
		slow, err := f.store.briefs(context.Background(), filter)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(fast)+len(slow) > 0 && !cmp.Equal(fast, slow) {
			f.t.Fatalf("%s, %+v: the copy differs (-copy +database)\n%s", note, filter, cmp.Diff(fast, slow))
		}
	}
}

func (f *fixture) keep(findings []detect.Finding) error {
	rec, err := f.tryRecord(findings)
	if err == nil {
		f.Committed(rec)
	}
	return err
}

func TestTheCopyOfOpenAlertsIsWhatTheDatabaseHas(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		r := rand.New(rand.NewPCG(3, 4))
		var batches []string
		ctx := context.Background()
		finding := func() detect.Finding {
			return f.at(0, foundBy(fmt.Sprint("r", r.IntN(4)), event.UnitID(fmt.Sprint("so-", r.IntN(4))), fmt.Sprint("host-", r.IntN(12))), func(x *detect.Finding) { x.Level = Levels[r.IntN(5)] })
		}
		for step := range 120 {
			f.now = f.now.Add(time.Duration(r.IntN(40)) * time.Second)
			var err error
			what := ""
			switch r.IntN(8) {
			case 0, 1, 2:
				what = "findings"
				err = f.keep([]detect.Finding{finding(), finding(), finding()})
			case 3, 4:
				what = "a change"
				if all := f.all(); len(all) > 0 {
					a := all[r.IntN(len(all))]
					c := []Change{{Assignee: ptr("lan")}, {Assignee: ptr("")}, {Status: ptr(StatusNew)}, closeBenign,
						{Postpone: &Postponement{Until: f.now.Add(time.Hour), Note: "chờ"}}}[r.IntN(5)]
					_, _ = f.Change(centre, a.ID, a.Version, c)
				}
			case 5:
				what = "a batch"
				at := f.asOf()
				var b Batch
				b, err = f.ChangeSelected(centre, BatchChange{Selection: Selection{Filter: Filter{RuleID: fmt.Sprint("r", r.IntN(4))}}, AsOf: at, Change: closeBenign})
				batches = append(batches, b.ID)
			case 6:
				what = "an undo"
				if len(batches) > 0 {
					_, _ = f.UndoBatch(centre, batches[len(batches)-1])
				}
			case 7:
				what = "a signal"
				if err = f.Signal(ctx, Signal{Kind: "source.silent", Unit: "so-1", About: fmt.Sprint("x", r.IntN(2))}); err == nil && r.IntN(2) == 0 {
					err = f.Settle(ctx, "source.silent", "so-1", "x0")
				}
			}
			if err != nil {
				t.Fatal(what, err)
			}
			f.asRead(fmt.Sprintf("step %d, after %s", step, what))
		}
	})
}

// While findings come, people work and others look; once it is quiet the copy is
// what the database has.
func TestTheCopyOfOpenAlertsUnderWork(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.flood("r1", "so-1", 100)
		var wg sync.WaitGroup
		for w := range 2 {
			wg.Go(func() {
				for i := range 15 {
					if err := f.keep([]detect.Finding{f.at(0, foundBy("r2", "so-2", fmt.Sprint(w, "-", i))), f.at(0, foundBy("r1", "so-1", "host-r1-3"))}); err != nil && w == 0 && !f.store.postgres() {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			for _, a := range f.all()[:20] {
				_, _ = f.Change(centre, a.ID, a.Version, closeBenign)
			}
		})
		wg.Go(func() {
			for range 20 {
				if _, err := f.Groups(centre, Filter{}, KindCampaign); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Wait()
		f.asRead("when all is quiet")
	})
}

func TestMoreChangesThanAreWorthNotingReadEverythingAgain(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.flood("r1", "so-1", 5)
	f.asRead("at first")
	many := make([]Recorded, maxOpenChanged)
	for i := range many {
		many[i].ID = fmt.Sprint(i)
	}
	f.Committed([]Recorded{{ID: "x"}})
	if _, err := f.tryRecord([]detect.Finding{f.at(0, foundBy("r2", "so-2", "x"))}); err != nil { // nobody tells of it
		t.Fatal(err)
	}
	f.Committed(many)
	f.asRead("after a flood")
}

func BenchmarkQueue(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *bun.DB{"sqlite": sqldbtest.SQLite, "postgres": sqldbtest.Postgres} {
		for _, n := range []int{10_000, 100_000} {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				f := newFixture(b, open(b))
				f.fill(n)
				for what, do := range map[string]func() error{
					"campaigns": func() error { _, err := f.Groups(centre, Filter{}, KindCampaign); return err },
					"today":     func() error { _, err := f.Today(centre); return err },
					"database": func() error {
						_, err := f.store.briefs(context.Background(), Filter{principal: module.PrincipalOf(centre)})
						return err
					},
				} {
					b.Run(what, func(b *testing.B) {
						if err := do(); err != nil { // the copy is made once
							b.Fatal(err)
						}
						i := 0
						for b.Loop() {
							b.StopTimer()
							i++
							// As at load: fifty alerts have moved since the last look.
							moved := make([]detect.Finding, 50)
							for k := range moved {
								moved[k] = f.nth((i*50+k)%n, n)
							}
							if err := f.keep(moved); err != nil {
								b.Fatal(err)
							}
							b.StartTimer()
							if err := do(); err != nil {
								b.Fatal(err)
							}
						}
					})
				}
			})
		}
	}
}

func (f *fixture) nth(i, n int) detect.Finding {
	return f.at(time.Duration(i)*time.Millisecond, foundBy(fmt.Sprint("r", i%300), event.UnitID(fmt.Sprint("so-", i%200)), fmt.Sprintf("203.%d.%d.%d", i/50_000, i%7+113, i%200)), func(x *detect.Finding) {
		x.EntityField = fmt.Sprint("src_ip", i*7/n) // told apart
		x.EntityValue += fmt.Sprint(".", i/200)
	})
}

// fill records n open alerts.
func (f *fixture) fill(n int) {
	f.t.Helper()
	for from := 0; from < n; from += 5_000 {
		findings := make([]detect.Finding, 5_000)
		for i := range findings {
			findings[i] = f.nth(from+i, n)
		}
		if err := f.keep(findings); err != nil {
			f.t.Fatal(err)
		}
	}
}
