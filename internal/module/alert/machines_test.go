package alert

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// register knows one system, of the health department, which the office operates.
type register struct{}

func (register) Machines(ctx context.Context, id string) (module.Machines, error) {
	if p := module.PrincipalOf(ctx); id != "s1" || !p.Sees("so-y-te") && !p.Sees("trung-tam-cntt") {
		return module.Machines{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
	}
	return module.Machines{Units: []event.UnitID{"so-y-te", "trung-tam-cntt"}, Has: func(host string) bool {
		short, _, _ := strings.Cut(strings.ToLower(host), ".")
		return short == "web01" || host == "10.1.2.77"
	}}, nil
}

func TestAlertsAboutTheMachinesOfASystem(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.systems = register{}
		of := func(unit event.UnitID, value string) func(*detect.Finding) {
			return func(x *detect.Finding) { x.Unit, x.EntityValue = unit, value }
		}
		f.record(f.at(0, of("so-y-te", "WEB01.so-y-te.example.vn")), f.at(1, of("trung-tam-cntt", "web01")), f.at(2, of("so-y-te", "10.1.2.77")),
			f.at(3, of("so-y-te", "web02")), f.at(4, of("so-noi-vu", "web01")))
		found := func(ctx context.Context, system string) []string {
			p, err := f.List(ctx, Filter{System: system, Sort: "createdAt", Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, a := range p.Items {
				out = append(out, string(a.Unit)+" "+a.EntityValue)
			}
			slices.Sort(out)
			if int(p.Total) != len(out) {
				t.Errorf("%d counted, %d listed", p.Total, len(out))
			}
			return out
		}
		want := []string{"so-y-te 10.1.2.77", "so-y-te WEB01.so-y-te.example.vn", "trung-tam-cntt web01"}
		if got := found(centre, "s1"); !slices.Equal(got, want) {
			t.Errorf("the centre: %q", got)
		}
		// The owner sees what its own logs tell, not what the operator's do.
		if got := found(as(module.RoleSecurityOfficer, "so-y-te", "minh"), "s1"); !slices.Equal(got, want[:2]) {
			t.Errorf("the owner: %q", got)
		}
		_, err := f.List(as(module.RoleSecurityOfficer, "so-noi-vu", "hoa"), Filter{System: "s1", Sort: "createdAt", Limit: 50})
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("a stranger: %v", err)
		}
	})
}
