package readiness

import (
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// A unit stands by what is written of it, by its feeds, and at the level of its systems.
func TestAUnitStandsToTheLayersByItself(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		stands := func(when, want string) UnitStanding {
			t.Helper()
			x, err := f.OfUnit(officer, "so-y-te")
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(x.Missing); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
			return x
		}
		if x := stands("nothing written", "[[decision contacts] [monitor contract share] [report] [monitoring-feed malware-feed]]"); x.Level != 3 || x.Systems != 1 {
			t.Errorf("%d systems, the highest of level %d", x.Systems, x.Level)
		}
		f.write(OfUnit, "so-y-te", 1, LayerFacts{Number: "12/QĐ", Day: "2026-01-05", Contacts: []Contact{{Name: "Nguyễn An", Phone: "0900"}}}, 0)
		f.write(OfUnit, "so-y-te", 2, LayerFacts{Organisation: "Công ty Giám sát", Number: "HĐ 1", Assets: 10, Monitored: 9}, 0)
		f.write(OfUnit, "so-y-te", 3, LayerFacts{Organisation: "Công ty Giám sát", Number: "BC 1", Day: "2026-03-01"}, 0)
		f.feeds = map[event.UnitID]Feeds{"so-y-te": {Monitoring: f.clock.Add(-time.Hour), Malware: f.clock.Add(-time.Hour)}}
		if err := f.listen(system); err != nil {
			t.Fatal(err)
		}
		stands("assessed by who monitors", "[[] [] [independent] []]")
		f.write(OfUnit, "so-y-te", 3, LayerFacts{Organisation: "Công ty Đánh giá", Number: "BC 2", Day: "2026-03-01"}, 1)
		stands("all written", "[[] [] [] []]")
		f.clock = time.Date(2027, 3, 2, 8, 0, 0, 0, zone)
		stands("past the cycle of level 3", "[[] [] [cycle] [monitoring-feed malware-feed]]")
		if _, err := f.OfUnit(stranger, "so-y-te"); code(err) != "unit.unknown" {
			t.Errorf("another unit: %v", err)
		}
	})
}
