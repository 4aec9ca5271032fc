package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/module/system"
)

// seenHosts tells the register of the machines that logs tell of. Who may read the
// register need not be one who may look at sources: the register leaves out what its
// reader does not see.
type seenHosts struct{ sources func() *source.Service }

// Hosts implements [system.Seen].
func (x seenHosts) Hosts(ctx context.Context, since time.Time) ([]system.SeenHost, error) {
	found, err := x.sources().Hosts(module.WithPrincipal(ctx, module.System()), since)
	if err != nil {
		return nil, err
	}
	list := make([]system.SeenHost, len(found))
	for i, h := range found {
		list[i] = system.SeenHost{Unit: h.Unit, Host: h.Host, Address: h.Address(), First: h.First, Last: h.Last}
	}
	return list, nil
}
