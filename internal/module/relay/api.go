package relay

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func unitOf(s string) event.UnitID { return event.UnitID(s) }

// RelayView is a relay on the wire.
type RelayView struct {
	ID            string       `json:"id" doc:"its credential: token:ID or cert:ID of the enrolment"`
	Unit          event.UnitID `json:"unit"`
	UnitName      string       `json:"unitName"`
	Host          string       `json:"host" doc:"as it names itself"`
	Version       string       `json:"version"`
	Peer          string       `json:"peer" doc:"address it came from last"`
	FirstContact  module.Time  `json:"firstContact"`
	LastContact   module.Time  `json:"lastContact"`
	ClockOffset   int64        `json:"clockOffsetMs" doc:"milliseconds its clock is behind the centre's; times of receipt are corrected by it from 10 s on"`
	BacklogBlocks int64        `json:"backlogBlocks" doc:"not at the centre yet"`
	BacklogBytes  int64        `json:"backlogBytes"`
	Oldest        *module.Time `json:"oldest" doc:"when the oldest of them came in, by its clock"`
	SpoolMaxBytes int64        `json:"spoolMaxBytes"`
	DiskFree      int64        `json:"diskFree"`
	DiskTotal     int64        `json:"diskTotal"`
	WhenFull      string       `json:"whenFull" doc:"refuse: senders wait; dropOldest: the oldest are dropped, and told as gaps"`
	Refusing      bool         `json:"refusing" doc:"senders are being pushed back"`
	Blocks        int64        `json:"blocks" doc:"that came from it, doubles among them"`
	Events        int64        `json:"events"`
	Retired       bool         `json:"retired"`
	Troubles      []string     `json:"troubles" nullable:"false" enum:"silent,disk,clock"`
}

// RelayGapView is a run of events that a relay had taken and dropped.
type RelayGapView struct {
	ID     string       `json:"id"`
	Reason string       `json:"reason" doc:"dropOldest, or refused by the centre"`
	From   *module.Time `json:"from" doc:"receipt of the oldest, by the relay's clock"`
	To     *module.Time `json:"to"`
	Blocks int64        `json:"blocks"`
	Events int64        `json:"events"`
	Bytes  int64        `json:"bytes" doc:"compressed"`
	Noted  module.Time  `json:"notedAt"`
}

// BundleView is a bundle that was imported, or is being.
type BundleView struct {
	ID         string       `json:"id"`
	Relay      string       `json:"relay" doc:"credential of the signer"`
	Unit       event.UnitID `json:"unit"`
	UnitName   string       `json:"unitName"`
	ImportedBy string       `json:"importedBy"`
	StartedAt  module.Time  `json:"startedAt"`
	DoneAt     *module.Time `json:"doneAt" doc:"null: not to the end yet"`
	Blocks     int64        `json:"blocks"`
	Events     int64        `json:"events"`
	From       *module.Time `json:"from" doc:"receipt of the oldest event"`
	To         *module.Time `json:"to"`
}

func (s *Service) view(r Relay) RelayView {
	v := RelayView{
		ID: r.ID, Unit: r.Unit, UnitName: s.Units.Name(r.Unit), Host: r.Host, Version: r.Version, Peer: r.Peer,
		FirstContact: module.Time{Time: r.FirstContact}, LastContact: module.Time{Time: r.LastContact}, ClockOffset: r.Offset.Milliseconds(),
		BacklogBlocks: r.BacklogBlocks, BacklogBytes: r.BacklogBytes, Oldest: module.TimeOrNil(r.Oldest),
		SpoolMaxBytes: r.SpoolMax, DiskFree: r.DiskFree, DiskTotal: r.DiskTotal, WhenFull: r.WhenFull, Refusing: r.Refusing,
		Blocks: r.Blocks, Events: r.Events, Retired: r.Retired, Troubles: []string{},
	}
	for _, t := range r.troubles(s.Now(), s.SilentAfter) {
		v.Troubles = append(v.Troubles, string(t))
	}
	return v
}

func (s *Service) routes(api huma.API) {
	tags := []string{"relays"}
	type filter struct {
		Unit event.UnitID `query:"unit" maxLength:"48"`
	}
	type list struct{ Body module.List[RelayView] }
	huma.Register(api, module.Op(module.ActionSourceRead, huma.Operation{
		OperationID: "list-relays", Method: http.MethodGet, Path: "/relays", Tags: tags,
		Summary: "Relays the caller sees: last contact, backlog, disk, clock; those in trouble first",
	}), func(ctx context.Context, in *filter) (*list, error) {
		relays, err := s.List(ctx, in.Unit)
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(relays, s.view)}, nil
	})
	type byID struct {
		ID string `path:"id" maxLength:"100"`
	}
	type gaps struct{ Body module.List[RelayGapView] }
	huma.Register(api, module.Op(module.ActionSourceRead, huma.Operation{
		OperationID: "list-relay-gaps", Method: http.MethodGet, Path: "/relays/{id}/gaps", Tags: tags,
		Summary: "Events that a relay had taken and dropped, newest first; at most 1,000",
	}), func(ctx context.Context, in *byID) (*gaps, error) {
		found, err := s.GapsOf(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &gaps{module.ListOf(found, func(g Gap) RelayGapView {
			return RelayGapView{ID: g.ID, Reason: g.Reason, From: module.TimeOrNil(g.From), To: module.TimeOrNil(g.To),
				Blocks: g.Blocks, Events: g.Events, Bytes: g.Bytes, Noted: module.Time{Time: g.NotedAt}}
		})}, nil
	})
	type one struct{ Body RelayView }
	huma.Register(api, module.Op(module.ActionRelayManage, huma.Operation{
		OperationID: "retire-relay", Method: http.MethodPost, Path: "/relays/{id}/retire", Tags: tags,
		Summary:     "Watch a relay no more and refuse the bundles it signs",
		Description: "Its credential goes on: revoke it where it was made.",
	}), func(ctx context.Context, in *byID) (*one, error) {
		r, err := s.Retire(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &one{s.view(r)}, nil
	})
	type bundles struct{ Body module.List[BundleView] }
	huma.Register(api, module.Op(module.ActionSourceRead, huma.Operation{
		OperationID: "list-bundles", Method: http.MethodGet, Path: "/bundles", Tags: tags, Summary: "Bundles that were imported, newest first; at most 1,000",
	}), func(ctx context.Context, _ *struct{}) (*bundles, error) {
		found, err := s.Bundles(ctx)
		if err != nil {
			return nil, err
		}
		return &bundles{module.ListOf(found, func(b Bundle) BundleView {
			return BundleView{ID: b.ID, Relay: b.Relay, Unit: b.Unit, UnitName: s.Units.Name(b.Unit), ImportedBy: b.ImportedBy,
				StartedAt: module.Time{Time: b.StartedAt}, DoneAt: module.TimeOrNil(b.DoneAt), Blocks: b.Blocks, Events: b.Events,
				From: module.TimeOrNil(b.From), To: module.TimeOrNil(b.To)}
		})}, nil
	})
}
