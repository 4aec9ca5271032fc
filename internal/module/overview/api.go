package overview

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// OverviewView is the first page.
type OverviewView struct {
	Now             module.Time            `json:"now"`
	EventsPerSecond float64                `json:"eventsPerSecond" doc:"over the last 10 s"`
	EventsTotal     int64                  `json:"eventsTotal" doc:"in the range"`
	Series          []PointView            `json:"series" nullable:"false"`
	BucketSeconds   float64                `json:"bucketSeconds"`
	AlertsByLevel   module.LevelCountsView `json:"alertsByLevel" doc:"alerts that are not closed"`
	AlertsNew       int64                  `json:"alertsNew"`
	Unparsed        int64                  `json:"unparsed" doc:"lines in the range that need a parser, by whole hours"`
	Sources         []module.SourceView    `json:"sources" nullable:"false" doc:"those that most need a look first"`
	RecentAlerts    []module.AlertView     `json:"recentAlerts" nullable:"false"`
	Health          NodeHealthView         `json:"health"`
}

// PointView is one bar of the series.
type PointView struct {
	T     module.Time `json:"t"`
	Count int64       `json:"count"`
}

// NodeHealthView is how the node is.
type NodeHealthView struct {
	SpoolPending  uint64          `json:"spoolPending" doc:"blocks accepted and not yet searchable"`
	SpoolBytes    int64           `json:"spoolBytes"`
	LagSeconds    float64         `json:"lagSeconds" doc:"age of the oldest of them"`
	DiskFreeBytes int64           `json:"diskFreeBytes"`
	Rules         RulesHealthView `json:"rules"`
}

// RulesHealthView counts rules.
type RulesHealthView struct {
	Loaded  int `json:"loaded"`
	Refused int `json:"refused"`
}

func (s *Service) routes(api huma.API) {
	type span struct {
		From time.Time `query:"from" required:"true"`
		To   time.Time `query:"to" required:"true"`
	}
	type output struct{ Body OverviewView }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "overview", Method: http.MethodGet, Path: "/overview", Tags: []string{"overview"}, Summary: "The first page",
	}), func(ctx context.Context, in *span) (*output, error) {
		o, err := s.Overview(ctx, in.From, in.To)
		if err != nil {
			return nil, err
		}
		out := &output{OverviewView{
			Now: module.Time{Time: o.Now}, EventsPerSecond: o.EventsPerSecond, EventsTotal: o.EventsTotal,
			Series: make([]PointView, len(o.Series)), BucketSeconds: o.Bucket.Seconds(),
			AlertsByLevel: module.NewLevelCounts(o.ByLevel), AlertsNew: o.New, Unparsed: o.Unparsed,
			Sources: o.Sources, RecentAlerts: o.Recent,
			Health: NodeHealthView{
				SpoolPending: o.Health.SpoolPending, SpoolBytes: o.Health.SpoolBytes, LagSeconds: o.Health.Lag.Seconds(),
				DiskFreeBytes: o.Health.DiskFreeBytes, Rules: RulesHealthView{o.Health.RulesLoaded, o.Health.RulesRefused},
			},
		}}
		for i, b := range o.Series {
			out.Body.Series[i] = PointView{module.Time{Time: b.Time}, b.Count}
		}
		return out, nil
	})
}
