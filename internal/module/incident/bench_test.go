package incident

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

const benchIncidents = 100_000

// BenchmarkList asks a database of 100,000 incidents of 500 units, a fifth of them
// open, for the pages people open.
func BenchmarkList(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *bun.DB{"sqlite": sqldbtest.SQLite, "postgres": sqldbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := filled(b, open(b))
			unit := as("minh", module.RoleSecurityOfficer, "u-7")
			day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
			for _, c := range []struct {
				name string
				ctx  context.Context
				f    Filter
			}{
				{"the centre's queue", analyst, Filter{Sort: "urgent"}},
				{"newest", analyst, Filter{}},
				{"closed, too", analyst, Filter{Status: "any"}},
				{"changed", analyst, Filter{Status: "any", Sort: "changed"}},
				{"severity", analyst, Filter{Sort: "severity"}},
				{"nobody leads", analyst, Filter{Lead: "none"}},
				{"mine", analyst, Filter{Lead: "lan"}},
				{"one unit", analyst, Filter{Unit: "u-499", Status: "any"}},
				{"grave", analyst, Filter{Grave: true}},
				{"category", analyst, Filter{Category: "vn-a-phishing", Sort: "urgent"}},
				{"text", analyst, Filter{Text: "su co 99", Status: "any"}},
				{"text nobody wrote", analyst, Filter{Text: "không ai viết", Status: "any"}},
				{"a unit's queue", unit, Filter{Sort: "urgent"}},
				{"a unit's, closed, too", unit, Filter{Status: "any"}},
				{"shared with a unit", unit, Filter{Status: "any", Shared: true}},
			} {
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						if _, _, err := s.List(c.ctx, c.f); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run("figures of a year", func(b *testing.B) {
				for b.Loop() {
					if _, _, err := s.Figures(analyst, FigureAsk{From: day.AddDate(-1, 0, 0), To: day, By: ByUnit}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func filled(b *testing.B, db *bun.DB) *Service {
	b.Helper()
	ctx := context.Background()
	s := New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, People: people{}, Zone: time.UTC, Now: time.Now, Dir: b.TempDir()})
	if err := sqldb.Migrate(ctx, db, "module", module.Migrations()); err != nil {
		b.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "incident", s.Module().Migrations); err != nil {
		b.Fatal(err)
	}
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	kinds := []string{"vn-a-phishing", "vn-a-ransomware", "vn-a-other"}
	for from := 0; from < benchIncidents; from += 1000 {
		rows := make([]row, 0, 1000)
		shares := make([]shareRow, 0, 10)
		for n := from; n < from+1000; n++ {
			at := day.Add(-time.Duration(n) * 5 * time.Minute)
			i := Incident{ID: module.NewID(), Code: fmt.Sprintf("SC-2026-%06d", n), Origin: ByHand, Phase: Closed, OpenedAt: at, ChangedAt: at.Add(time.Hour), Version: 1,
				Facts: Facts{Title: fmt.Sprintf("Sự cố %d", n), Summary: "Máy chủ văn thư bị mã hóa, chưa rõ nguyên nhân", Unit: event.UnitID(fmt.Sprintf("u-%d", n%500)), Severity: severities[n%4],
					Category: kinds[n%3], TLP: Amber, Grave: n%50 == 0, DetectedAt: at.Add(-time.Minute), ContainedAt: at.Add(time.Hour)}}
			if n%5 == 0 {
				i.Phase = Analyse
			}
			if n%7 == 0 {
				i.Lead = "lan"
			}
			r, err := rowOf(&i)
			if err != nil {
				b.Fatal(err)
			}
			rows = append(rows, r)
			if n%100 == 0 {
				shares = append(shares, shareRow{ID: module.NewID(), Incident: i.ID, Unit: fmt.Sprintf("u-%d", n/100%500), Part: "all", TLP: "AMBER"})
			}
		}
		if _, err := db.NewInsert().Model(&rows).Exec(ctx); err != nil {
			b.Fatal(err)
		}
		if _, err := db.NewInsert().Model(&shares).Exec(ctx); err != nil {
			b.Fatal(err)
		}
	}
	return s
}
