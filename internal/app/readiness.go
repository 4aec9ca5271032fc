package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module/readiness"
	"github.com/lachan-vn/lachan/internal/module/system"
)

// goLiveGate has module system ask what stands against a system's operation.
type goLiveGate struct{ m *modules }

// MayOperate implements [system.Gate].
func (g goLiveGate) MayOperate(ctx context.Context, id string) ([]string, error) {
	return g.m.ready.MayOperate(ctx, id)
}

// readinessSystems tells module readiness of the register.
type readinessSystems struct{ *system.Service }

// Papers implements [readiness.Systems].
func (s readinessSystems) Papers(ctx context.Context, id string) (readiness.Papers, error) {
	x, err := s.Get(ctx, id)
	return papersOf(&x), err
}

// WithPapers implements [readiness.Systems].
func (s readinessSystems) WithPapers(ctx context.Context) ([]readiness.Papered, error) {
	list, err := s.All(ctx)
	out := make([]readiness.Papered, len(list))
	for i := range list {
		out[i] = readiness.Papered{Registered: list[i].Registered(s.Units), Papers: papersOf(&list[i])}
	}
	return out, err
}

func papersOf(x *system.System) readiness.Papers {
	return readiness.Papers{Regulation: x.Regulation.Number, RegulationDay: x.Regulation.Date, Deployment: x.Deployment}
}

// readinessFeeds tells module readiness when the feeds of units were last heard.
type readinessFeeds struct {
	lake *lake.Lake
	now  func() time.Time
}

// feedSpan is how far back a feed is looked for; what was silent longer counts as
// never heard.
const feedSpan = 14 * 24 * time.Hour

// Heard implements [readiness.Heard].
func (f readinessFeeds) Heard(ctx context.Context, units []event.UnitID) (map[event.UnitID]readiness.Feeds, error) {
	from := f.now().Add(-feedSpan)
	asks := requirementMeasures{lake: f.lake, now: f.now}
	monitoring, err := asks.byUnit(ctx, units, "*", "max(received)", from)
	if err != nil {
		return nil, err
	}
	malware, err := asks.byUnit(ctx, units, searchAntivirus, "max(received)", from)
	if err != nil {
		return nil, err
	}
	out := make(map[event.UnitID]readiness.Feeds, len(units))
	for _, u := range units {
		out[u] = readiness.Feeds{Monitoring: monitoring[u].Time, Malware: malware[u].Time}
	}
	return out, nil
}
