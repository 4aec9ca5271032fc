package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/unit"
)

// boardNode tells module dashboard how the node is.
type boardNode struct{ *Node }

// Backlog implements [dashboard.Node].
func (n boardNode) Backlog(ctx context.Context) (blocks uint64, lag time.Duration, err error) {
	state, err := n.bus.State(ctx)
	if err != nil {
		return 0, 0, err
	}
	if state.Pending > 0 {
		lag = n.pipeline.Lag()
	}
	return state.Pending, lag, nil
}

// boardUnits tells module dashboard of units.
type boardUnits struct{ *unit.Service }

// Within implements [dashboard.Units].
func (u boardUnits) Within(ctx context.Context) ([]event.UnitID, error) {
	list, err := u.List(ctx, unit.Filter{Status: unit.StatusActive})
	if err != nil {
		return nil, err
	}
	ids := make([]event.UnitID, 0, len(list))
	for i := range list {
		if list[i].ID != event.CentreUnit {
			ids = append(ids, list[i].ID)
		}
	}
	return ids, nil
}
