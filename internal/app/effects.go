package app

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/pipeline"
)

// effects tells alerts, sources and enrolments what a commit found and saw, inside
// its transaction.
type effects struct {
	alerts     *alert.Service
	exclusions *exclusion.Service
	sources    *source.Service
	enrol      *enrol.Service
	rates      *rates
	fair       *input.Fair
}

// applied is what Apply hands on to Committed.
type applied struct {
	alerts []alert.Recorded
	heard  []string // enrolments
}

func (e effects) Apply(ctx context.Context, tx bun.Tx, b *pipeline.Effect) error {
	recorded, err := e.alerts.Record(ctx, tx, b.Findings)
	if err != nil {
		return err
	}
	if err := e.exclusions.Count(ctx, tx, leftOut(b)); err != nil {
		return err
	}
	came, seen := make([]enrol.Observation, 0, len(b.Seen)), make([]source.Observation, 0, len(b.Seen))
	for _, o := range b.Seen {
		if event.DrillOf(o.Credential) != "" {
			continue // what an exercise puts in is of no device: none falls silent after it
		}
		came = append(came, enrol.Observation{Unit: o.Unit, Credential: o.Credential, Peer: o.Peer, Events: int64(o.Events), Unparsed: int64(o.Unparsed), Last: o.Last})
		x := source.Observation{
			Unit: o.Unit, Input: o.Input, Peer: o.Peer, Host: o.Host, Format: o.Format, Product: o.Product, Service: o.Service,
			Events: int64(o.Events), Unparsed: int64(o.Unparsed), FirstReceived: o.First, LastReceived: o.Last, Samples: o.Samples,
		}
		x.Skew, x.Timed = o.Skew()
		seen = append(seen, x)
	}
	heard, err := e.enrol.Seen(ctx, tx, came)
	if err != nil {
		return err
	}
	b.State = applied{alerts: recorded, heard: heard}
	return e.sources.Observe(ctx, tx, seen)
}

func (e effects) Committed(b *pipeline.Effect) {
	for _, o := range b.Seen {
		e.rates.add(o.Unit, o.Events)
		e.fair.Done(o.Unit, o.Events, o.Bytes)
	}
	if a, ok := b.State.(applied); ok {
		e.alerts.Committed(a.alerts)
		e.enrol.Heard(a.heard)
	}
}
