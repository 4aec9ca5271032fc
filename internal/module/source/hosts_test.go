package source

import (
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestHostsAreThoseHeardSince(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.observe(f.seen("old"))
		f.now = f.now.Add(48 * time.Hour)
		f.observe(f.seen("web1"), f.seen("web1", func(o *Observation) { o.Format = "nginx" }), f.seen("pc1", func(o *Observation) { o.Unit = "so-noi-vu" }))
		for unit, want := range map[event.UnitID]int{event.CentreUnit: 2, "so-y-te": 1, "so-tai-chinh": 0} {
			list, err := f.Hosts(as(module.RoleAnalyst, unit), f.now.Add(-time.Hour))
			if err != nil || len(list) != want {
				t.Errorf("%s: %v %v", unit, list, err)
			}
			if unit == "so-y-te" && (list[0].Host != "web1" || list[0].Peer != "10.0.0.9" || list[0].Unit != unit || !list[0].Last.Equal(f.now)) {
				t.Errorf("%+v", list[0])
			}
		}
		if _, err := f.Hosts(as(module.RoleAppraiser, event.CentreUnit), f.now); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
	})
}
