package requirement

import (
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// What is planned, excepted or proven until a day ends on that day, for those who see the
// system; what is met waits for nothing.
func TestDaysOfRequirementsAreFound(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.registers(portal)
		for item, d := range map[string]Declaration{
			"logs-clock":   {State: IsPlanned, Due: "2026-12-01"},
			"logs-keep":    {State: Partly, Due: "2026-12-01", Exception: Exception{"Chờ mua sắm", "2026-12-31"}},
			"logs-collect": {State: Fully, Due: "2026-12-01"},
		} {
			if err := f.Declare(officer, "s1", item, d, 0); err != nil {
				t.Fatal(item, err)
			}
		}
		if _, err := f.AddFile(officer, "s1", "logs-collect", "a.pdf", "2026-12-15", strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			kind     string
			from, to module.Date
			want     string
		}{
			{EndsDue, "2026-12-01", "2026-12-31", "2026-12-01 s1/logs-clock"}, // that of logs-keep is excepted
			{EndsDue, "2026-12-02", "2026-12-31", ""},
			{EndsException, "2026-12-31", "2026-12-31", "2026-12-31 s1/logs-keep"},
			{EndsEvidence, "2026-12-15", "2026-12-15", "2026-12-15 a.pdf"},
			{EndsEvidence, "2026-12-16", "2027-12-15", ""},
		} {
			found, err := f.Endings(officer, c.kind, c.from, c.to, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, x := range found {
				what := x.Key
				if x.What != "" {
					what = x.What
				}
				got = append(got, string(x.Day)+" "+what)
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%s from %s to %s: %q, want %q", c.kind, c.from, c.to, got, c.want)
			}
			if others, err := f.Endings(stranger, c.kind, c.from, c.to, "", 10); err != nil || len(others) != 0 {
				t.Errorf("another unit sees %v, %v", others, err)
			}
		}
	})
}
