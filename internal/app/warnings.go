package app

import (
	"context"

	published "github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/warning"
)

// warningUnits tells module warning of units.
type warningUnits struct{ *unit.Service }

// Kinds implements [warning.Units].
func (u warningUnits) Kinds() map[event.UnitID]string {
	list, err := u.List(module.WithPrincipal(context.Background(), module.System()), unit.Filter{})
	if err != nil {
		return nil // the tree is in memory
	}
	kinds := make(map[event.UnitID]string, len(list))
	for i := range list {
		kinds[list[i].ID] = string(list[i].Kind)
	}
	return kinds
}

// softwareLists tells module warning who declared to run what a warning names.
type softwareLists struct{ *advisory.Service }

// Running implements [warning.Runs].
func (x softwareLists) Running(ctx context.Context, products []warning.AffectedProduct) (map[event.UnitID][]string, error) {
	asked := make([]advisory.Asked, len(products))
	for i, p := range products {
		asked[i] = advisory.Asked{Product: published.Product{Vendor: p.Vendor, Name: p.Name, CPE: p.CPE}, Versions: p.Versions}
	}
	return x.Service.Running(ctx, asked)
}
