package obligation

import (
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestObligationsOfTheMattersThatConcernASystem(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-20 22:15")
		m := f.incident(map[string]any{"grave": true})
		m.Systems = []string{"s1", "s2"}
		f.tells(m)
		all := f.list(officer, Filter{})
		if len(all) == 0 {
			t.Fatal("a grave incident brings no duty")
		}
		for system, want := range map[string]int{"s1": len(all), "s2": len(all), "s3": 0} {
			if got := f.list(officer, Filter{System: system}); len(got) != want {
				t.Errorf("%s: %d, want %d", system, len(got), want)
			}
		}
		if got := f.list(stranger, Filter{System: "s1"}); len(got) != 0 {
			t.Errorf("a stranger sees %d", len(got))
		}
		// It turned out that the second is not concerned.
		m.Systems = []string{"s1"}
		f.tells(m)
		if got := f.list(officer, Filter{System: "s2"}); len(got) != 0 {
			t.Errorf("still %d", len(got))
		}
	})
}
