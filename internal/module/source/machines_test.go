package source

import (
	"context"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type register struct{}

func (register) Machines(ctx context.Context, id string) (module.Machines, error) {
	if p := module.PrincipalOf(ctx); id != "s1" || !p.Sees("so-y-te") {
		return module.Machines{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
	}
	return module.Machines{Units: []event.UnitID{"so-y-te"}, Has: func(host string) bool { return host == "web01" || host == "10.1.2.77" }}, nil
}

func TestSourcesOfTheMachinesOfASystem(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.systems = register{}
		from := func(peer string) func(*Observation) { return func(o *Observation) { o.Peer = peer } }
		f.observe(f.seen("web01"), f.seen("", from("10.1.2.77:514")), f.seen("web02", from("10.1.2.77:514")), f.seen("web01", func(o *Observation) { o.Unit = "so-noi-vu" }))
		page, err := f.List(centre, Filter{System: "s1", Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range page.Items {
			v := page.Items[i].view(f.now)
			got = append(got, string(v.Unit)+" "+v.Host+" "+v.Peer)
		}
		slices.Sort(got)
		if want := []string{"so-y-te  10.1.2.77:514", "so-y-te web01 10.0.0.9"}; !slices.Equal(got, want) || page.Total != 2 {
			t.Errorf("%q of %d", got, page.Total)
		}
		if _, err := f.List(as(module.RoleSecurityOfficer, event.UnitID("so-noi-vu")), Filter{System: "s1", Limit: 10}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a stranger: %v", err)
		}
	})
}
