// Package overview puts the first page together: what arrives, what is wrong
// with it, which alerts wait, how the node is.
//
// It owns nothing: all figures come from other parts through the small
// interfaces below. It also sends the figures that move to the open consoles
// every two seconds.
//
// Start reading at Service.Overview.
package overview

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// Alerts is what the overview shows of alerts.
type Alerts interface {
	Open(ctx context.Context) (byLevel map[string]int64, unseen int64, err error)
	Recent(ctx context.Context, n int) ([]module.AlertView, error)
}

// Sources is what the overview shows of senders.
type Sources interface {
	Worst(ctx context.Context, n int) ([]module.SourceView, error)
	UnparsedCount(ctx context.Context, from, to time.Time) (int64, error)
}

// Lake counts events over time. See lake.Lake.Histogram.
type Lake interface {
	Histogram(ctx context.Context, sc lake.Scope, s lake.Search, buckets int) ([]lake.Bucket, time.Duration, lake.Stats, error)
}

// Health is how the node is.
type Health struct {
	SpoolPending  uint64 // blocks accepted and not yet searchable
	SpoolBytes    int64
	Lag           time.Duration // age of the oldest of them
	DiskFreeBytes int64
	RulesLoaded   int
	RulesRefused  int
}

// Node tells how the node is. Both methods are cheap; unit "" stands for all.
type Node interface {
	Health(ctx context.Context) (Health, error)
	EventsPerSecond(unit event.UnitID) float64
}

// Options is what the service needs.
type Options struct {
	Alerts  Alerts
	Sources Sources
	Lake    Lake
	Node    Node
	Hub     *module.Hub
	Log     *slog.Logger
	Now     func() time.Time
}

// Service makes the overview.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	return module.Module{
		Name: "overview", Routes: s.routes,
		Workers: []module.Worker{{Name: "overview-live", Run: s.runLive}},
	}
}

// Overview is the first page.
type Overview struct {
	Now             time.Time
	EventsPerSecond float64
	EventsTotal     int64
	Series          []lake.Bucket
	Bucket          time.Duration
	ByLevel         map[string]int64
	New             int64
	Unparsed        int64
	Sources         []module.SourceView
	Recent          []module.AlertView
	Health          Health
}

const (
	seriesBuckets = 60
	worstSources  = 20
	recentAlerts  = 8
	overviewTime  = 50 * time.Second // inside the server's deadline for a request
)

// Overview returns the figures of what the principal sees between two times.
// Errors: Denied, Invalid.
func (s *Service) Overview(ctx context.Context, from, to time.Time) (*Overview, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	if err := module.CheckRange(from, to, "query"); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, overviewTime)
	defer cancel()
	o := &Overview{Now: s.Now(), EventsPerSecond: s.rate(p)}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		o.Series, o.Bucket, _, err = s.Lake.Histogram(ctx, p.Scope(), lake.Search{From: from, To: to}, seriesBuckets)
		for _, b := range o.Series {
			o.EventsTotal += b.Count
		}
		return err
	})
	g.Go(func() (err error) { o.ByLevel, o.New, err = s.Alerts.Open(ctx); return err })
	g.Go(func() (err error) { o.Recent, err = s.Alerts.Recent(ctx, recentAlerts); return err })
	g.Go(func() (err error) { o.Sources, err = s.Sources.Worst(ctx, worstSources); return err })
	g.Go(func() (err error) { o.Unparsed, err = s.Sources.UnparsedCount(ctx, from, to); return err })
	g.Go(func() (err error) { o.Health, err = s.Node.Health(ctx); return err })
	return o, g.Wait()
}

// rate is that of the units p sees.
func (s *Service) rate(p module.Principal) float64 {
	if p.AllUnits() {
		return s.Node.EventsPerSecond("")
	}
	sum := 0.0
	for _, unit := range p.Reach() {
		sum += s.Node.EventsPerSecond(unit)
	}
	return sum
}

// Stats is the "stats" event of the live stream.
type Stats struct {
	Now             module.Time `json:"now"`
	EventsPerSecond float64     `json:"eventsPerSecond"`
	SpoolPending    uint64      `json:"spoolPending"`
	LagSeconds      float64     `json:"lagSeconds"`
}

const liveEvery = 2 * time.Second

// runLive sends the province's figures to the consoles of the centre.
func (s *Service) runLive(ctx context.Context) error {
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if s.Hub.Subscribers() == 0 {
			continue
		}
		h, err := s.Node.Health(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.Log.WarnContext(ctx, "live figures cannot be read", "error", err)
			}
			continue
		}
		err = s.Hub.PublishNewest(event.CentreUnit, "stats", Stats{
			Now: module.Time{Time: s.Now()}, EventsPerSecond: s.Node.EventsPerSecond(""),
			SpoolPending: h.SpoolPending, LagSeconds: h.Lag.Seconds(),
		})
		if err != nil {
			return err
		}
	}
}
