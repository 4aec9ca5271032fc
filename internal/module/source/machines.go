package source

import (
	"context"
	"net"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Systems knows the register of information systems.
type Systems interface {
	// Machines returns what logs may know a system by. Errors: Denied, NotFound.
	Machines(ctx context.Context, id string) (module.Machines, error)
}

// ofSystem returns the ids of the sources whose logs are of a system's machines: by the
// host that they name, or by the address that they come from where they name none.
// Errors: Denied, NotFound.
func (s *Service) ofSystem(ctx context.Context, system string) ([]string, error) {
	if s.systems == nil {
		return nil, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
	}
	of, err := s.systems.Machines(ctx, system)
	if err != nil {
		return nil, err
	}
	units := make([]string, len(of.Units))
	for i, u := range of.Units {
		units[i] = string(u)
	}
	var rows []struct {
		ID   string `bun:"id"`
		Host string `bun:"host"`
		Peer string `bun:"peer"`
	}
	if err := s.store.db.NewSelect().Table("sources").Column("id", "host", "peer").Where("unit IN (?)", bun.List(units)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		name := r.Host
		if name == "" {
			name = withoutPort(r.Peer)
		}
		if r.ID != "" && of.Has(name) {
			ids = append(ids, r.ID)
		}
	}
	return ids[:min(len(ids), maxListed)], nil
}

func withoutPort(peer string) string {
	if host, _, err := net.SplitHostPort(peer); err == nil {
		return host
	}
	return peer
}
