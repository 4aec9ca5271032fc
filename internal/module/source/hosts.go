package source

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Host is a machine that logs tell of, or that sent them where they name none.
type Host struct {
	Unit  event.UnitID
	Host  string
	Peer  string
	First time.Time
	Last  time.Time
}

// Address is where the host's logs came from, without a port.
func (h *Host) Address() string { return withoutPort(h.Peer) }

// Hosts returns the machines heard of since then, of the units the caller sees. Errors:
// Denied.
func (s *Service) Hosts(ctx context.Context, since time.Time) ([]Host, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	var rows []struct {
		Unit, Host, Peer string
		First, Last      sqldb.Micros
	}
	q := s.store.db.NewSelect().Table("sources").ColumnExpr("unit, host, peer, min(first_seen) AS first, max(last_seen) AS last").
		Where("last_seen >= ?", sqldb.MicrosOf(since)).GroupExpr("unit, host, peer").OrderExpr("unit, host, peer")
	if err := module.Scoped(q, p, "unit").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	list := make([]Host, len(rows))
	for i, r := range rows {
		list[i] = Host{event.UnitID(r.Unit), r.Host, r.Peer, r.First.Time(), r.Last.Time()}
	}
	return list, nil
}
