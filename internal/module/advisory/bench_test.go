package advisory

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

const (
	benchScores   = 200_000
	benchKnown    = 50_000
	benchProducts = 10_000
	benchSoftware = 5_000
)

// BenchmarkImport takes made-up catalogues of full size into a database in which
// 5,000 lines of software are declared: half of the catalogue's vulnerabilities are
// in them.
func BenchmarkImport(b *testing.B) {
	product := func(n int) string { return fmt.Sprintf("Product %05d", n%benchProducts) }
	catalogue := func(version int) []byte {
		var t strings.Builder
		fmt.Fprintf(&t, `{"catalogVersion": "2026.%02d.01", "dateReleased": "2026-%02d-01T00:00:00Z", "vulnerabilities": [`, version, version)
		for n := range benchKnown {
			// With each edition one in a thousand is said otherwise.
			name, due := fmt.Sprintf("Flaw %d", n), "2026-02-02"
			if n%1000 == version {
				due = fmt.Sprintf("2026-03-%02d", version)
			}
			fmt.Fprintf(&t, `%s{"cveID": "CVE-2026-%05d", "vendorProject": "Vendor %d", "product": "%s", "vulnerabilityName": "%s", "dateAdded": "2026-01-02", "dueDate": "%s", "shortDescription": "A made-up flaw.", "requiredAction": "Update."}`,
				strings.Repeat(",", min(n, 1)), 10_000+n, n%benchProducts, product(n), name, due)
		}
		return []byte(t.String() + "]}")
	}
	scores := func(day int) []byte {
		var t strings.Builder
		fmt.Fprintf(&t, "#model_version:v2026.03.14,score_date:2026-05-%02dT00:00:00+0000\ncve,epss,percentile\n", day)
		for n := range benchScores {
			fmt.Fprintf(&t, "CVE-2026-%05d,0.%05d,0.%05d\n", 10_000+n, (n*7+day)%100_000, n%100_000)
		}
		return []byte(t.String())
	}
	for name, open := range map[string]func(testing.TB) *bun.DB{"sqlite": sqldbtest.SQLite, "postgres": sqldbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			s := New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Config: DefaultConfig(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
			ctx := context.Background()
			for _, m := range []module.Module{{Name: "module", Migrations: module.Migrations()}, s.Module()} {
				if err := sqldb.Migrate(ctx, db, m.Name, m.Migrations); err != nil {
					b.Fatal(err)
				}
			}
			var rows []*softwareRow
			for n := range benchSoftware {
				rows = append(rows, rowOf(&Software{ID: module.NewID(), Origin: OriginDeclared, Unit: []event.UnitID{"so-y-te", "so-noi-vu"}[n%2], Release: "7.2", Count: 1, UpdatedAt: time.Now(), Version: 1,
					Product: advisory.Product{Vendor: fmt.Sprintf("Vendor %d", n), Name: product(n)}}))
			}
			for len(rows) > 0 {
				n := min(len(rows), 500)
				part := rows[:n]
				if _, err := db.NewInsert().Model(&part).Exec(ctx); err != nil {
					b.Fatal(err)
				}
				rows = rows[n:]
			}
			take := func(b *testing.B, file string, data []byte) {
				o, err := s.Import(analyst, file, data)
				if err != nil || o.What == WhatUnchanged || o.What == WhatOlder {
					b.Fatalf("%s: %+v %v", file, o, err)
				}
			}
			edition, day := 0, 0
			next := map[string]func() []byte{
				"scores": func() []byte { day++; return scores(day) },
				"known":  func() []byte { edition++; return catalogue(edition) },
			}
			for _, c := range []struct{ name, file string }{
				{"first scores", "scores"}, {"first catalogue", "known"}, {"next catalogue", "known"}, {"next scores", "scores"},
			} {
				b.Run(c.name, func(b *testing.B) {
					data := next[c.file]()
					b.ResetTimer()
					for range b.N {
						take(b, c.file, data)
						b.StopTimer()
						data = next[c.file]()
						b.StartTimer()
					}
				})
			}
			if n, err := db.NewSelect().Table("software_matches").Count(ctx); err != nil || n != benchKnown/2 {
				b.Errorf("%d matches: %v", n, err)
			}
		})
	}
}

// BenchmarkListed takes over the inventory of a province, 200,000 lines of 500 units, in
// which half of a catalogue's products are, and reads the lists.
func BenchmarkListed(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { listed(b, sqldbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { listed(b, sqldbtest.Postgres(b)) })
}

func listed(b *testing.B, db *bun.DB) {
	const units, perUnit, known = 500, 400, 1_500
	s := New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Config: DefaultConfig(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	ctx := module.WithPrincipal(context.Background(), module.System())
	for _, m := range []module.Module{{Name: "module", Migrations: module.Migrations()}, s.Module()} {
		if err := sqldb.Migrate(ctx, db, m.Name, m.Migrations); err != nil {
			b.Fatal(err)
		}
	}
	var t strings.Builder
	fmt.Fprint(&t, `{"catalogVersion": "2026.01.01", "dateReleased": "2026-01-01T00:00:00Z", "vulnerabilities": [`)
	for n := range known {
		fmt.Fprintf(&t, `%s{"cveID": "CVE-2026-%05d", "vendorProject": "Vendor %d", "product": "Product %d", "vulnerabilityName": "Flaw", "dateAdded": "2026-01-02", "dueDate": "2026-02-02"}`,
			strings.Repeat(",", min(n, 1)), 10_000+n, n%1000, n%1000)
	}
	if _, err := s.Import(analyst, "kev.json", []byte(t.String()+"]}")); err != nil {
		b.Fatal(err)
	}
	inventory := &shelf{origin: OriginInventory, lines: map[event.UnitID][]Software{}}
	for u := range units {
		unit := event.UnitID(fmt.Sprint("xa-", u))
		for n := range perUnit {
			product := (u*7 + n*5) % 2000
			inventory.lines[unit] = append(inventory.lines[unit], runs(fmt.Sprint("HT-", n%10), fmt.Sprint("Vendor ", product), fmt.Sprint("Product ", product), fmt.Sprint("7.", n)))
		}
	}
	s.Listers = []Lister{inventory}
	relist := func(b *testing.B) {
		if err := s.relistAll(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for range b.N { // each time from nothing: what is there is taken away before
			b.StopTimer()
			lines := inventory.lines
			inventory.lines = nil
			relist(b)
			inventory.lines = lines
			b.StartTimer()
			relist(b)
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			relist(b)
		}
	})
	officer := as("minh", module.RoleSecurityOfficer, "xa-7")
	for who, ctx := range map[string]context.Context{"centre": analyst, "unit": officer} {
		b.Run("software/"+who, func(b *testing.B) {
			for b.Loop() {
				if list, _, err := s.Software(ctx, SoftwareFilter{}); err != nil || len(list) == 0 {
					b.Fatal(list, err)
				}
			}
		})
		b.Run("software found/"+who, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := s.Software(ctx, SoftwareFilter{Text: "product 1999"}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("matches/"+who, func(b *testing.B) {
			for b.Loop() {
				if list, _, err := s.Matches(ctx, MatchFilter{}); err != nil || len(list) == 0 {
					b.Fatal(list, err)
				}
			}
		})
		b.Run("vulnerabilities/"+who, func(b *testing.B) {
			for b.Loop() {
				if list, _, err := s.Vulnerabilities(ctx, Filter{}); err != nil || len(list) == 0 {
					b.Fatal(list, err)
				}
			}
		})
		b.Run("advisory/"+who, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Get(ctx, "CVE-2026-10007"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
