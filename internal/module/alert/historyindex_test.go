package alert

import (
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// The figures of a span read its steps, not the history of years.
func TestStepsOfASpanAreFoundByTheirTime(t *testing.T) {
	db := sqldbtest.SQLite(t)
	if err := sqldb.Migrate(t.Context(), db, "alert", New(Options{DB: db}).Module().Migrations); err != nil {
		t.Fatal(err)
	}
	var plan []struct {
		ID, Parent, Notused int
		Detail              string
	}
	if err := db.NewRaw("EXPLAIN QUERY PLAN SELECT alert_id FROM alert_history WHERE at >= 1 AND at < 2").Scan(t.Context(), &plan); err != nil {
		t.Fatal(err)
	}
	if len(plan) != 1 || !strings.Contains(plan[0].Detail, "alert_history_at") {
		t.Errorf("%+v", plan)
	}
}
