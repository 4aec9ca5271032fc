package app

import (
	"context"
	"net/http"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/module/alert"
	relays "github.com/lachan-vn/lachan/internal/module/relay"
	"github.com/lachan-vn/lachan/internal/relay"
)

// RelaysConfig says when a relay is missed.
type RelaysConfig struct {
	SilentAfter time.Duration `yaml:"silentAfter"`
}

// Validate names the key at fault.
func (c RelaysConfig) Validate() error {
	if c.SilentAfter < time.Minute {
		return fault.New(fault.Invalid, "relays.silentAfter: %v; use 1m or more", c.SilentAfter).OnField("relays.silentAfter")
	}
	return nil
}

// relayEndpoint is where relays bring their blocks.
func (n *Node) relayEndpoint() map[string]http.Handler {
	return relay.NewEndpoint(relay.EndpointOptions{
		Sender: n.receiver.Sender, Spool: relayedSpool{n.bus, n.fair}, Contacts: relayContacts{n.modules.relays},
		Log: n.log, Metrics: n.registry, Now: time.Now, Peer: n.receiver.Peer,
	}).Routes()
}

// relayedSpool is the spool behind the quotas of the units.
type relayedSpool struct {
	bus  *bus.Bus
	fair *input.Fair
}

// PutRelayed implements [relay.Spool].
func (s relayedSpool) PutRelayed(ctx context.Context, e bus.Envelope, parts []bus.Part, events int, bytes int64) error {
	_, err := s.fair.Share(e.Unit, events, int(bytes), func() (uint64, error) { return s.bus.PutRelayed(ctx, e, parts) })
	return err
}

// relayContacts tells the register what the endpoint hears.
type relayContacts struct{ register *relays.Service }

// Contacted implements [relay.Contacts].
func (c relayContacts) Contacted(x relay.Contact) {
	r := relays.Relay{
		ID: x.Sender.Credential, Unit: x.Sender.Unit, Host: x.Report.Host, Version: x.Report.Version, Peer: x.Peer,
		LastContact: x.At, Offset: x.Offset, BacklogBlocks: int64(min(x.Report.BacklogBlocks, 1<<62)), BacklogBytes: x.Report.BacklogBytes,
		SpoolMax: x.Report.SpoolMaxBytes, DiskFree: x.Report.DiskFree, DiskTotal: x.Report.DiskTotal,
		WhenFull: x.Report.WhenFull, Refusing: x.Report.Refusing, Blocks: int64(x.Blocks), Events: int64(x.Events),
	}
	if x.Report.Oldest != nil {
		r.Oldest = *x.Report.Oldest
	}
	c.register.Contacted(r)
}

// Gaps implements [relay.Contacts].
func (c relayContacts) Gaps(ctx context.Context, x relay.Contact) error {
	gaps := make([]relays.Gap, len(x.Report.Gaps))
	for i, g := range x.Report.Gaps {
		gaps[i] = relays.Gap{ID: g.ID, Reason: g.Reason, From: g.From, To: g.To, Blocks: int64(g.Blocks), Events: int64(g.Events), Bytes: g.Bytes}
	}
	return c.register.Gaps(ctx, x.Sender.Credential, x.Report.Host, x.Sender.Unit, gaps)
}

// Enrol implements [relay.Contacts].
func (c relayContacts) Enrol(ctx context.Context, s input.Sender, peer string, r relay.EnrolRequest) (relay.EnrolAnswer, error) {
	recipient, err := c.register.Enrol(ctx, s.Credential, s.Unit, r.Host, r.Version, peer, r.BundleKey)
	return relay.EnrolAnswer{Unit: string(s.Unit), Credential: s.Credential, Recipient: recipient}, err
}

// relaySignals raises the alarms of the register as alerts.
type relaySignals struct{ alerts *alert.Service }

// Raise implements [relays.Signals].
func (s relaySignals) Raise(ctx context.Context, kind string, unit event.UnitID, about string, details map[string]string) error {
	return s.alerts.Signal(ctx, alert.Signal{Kind: kind, Unit: unit, About: about, Details: details})
}

// Settle implements [relays.Signals].
func (s relaySignals) Settle(ctx context.Context, kind string, unit event.UnitID, about string) error {
	return s.alerts.Settle(ctx, kind, unit, about)
}
