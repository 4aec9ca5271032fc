package retro

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/parse"
)

// run is one run under way.
type run struct {
	o     *Options
	store Store
	plan  *plan

	// Guarded by mu.
	mu         sync.Mutex
	tally      *tally
	hits       []detect.Hit // that correlation rules want
	candidates int64
}

// decider judges rows; it is one goroutine's.
type decider struct {
	run    *run
	parser *parse.Parser
	rules  *detect.Worker // nil where indicators are looked for
	list   *Indicators
	batch  event.Batch // of one record
	event  event.Event
}

func newDecider(r *run) *decider {
	d := &decider{run: r, parser: parse.New(parse.Options{}), list: r.o.Indicators}
	if d.list == nil {
		d.rules = r.o.Rules.NewWorker()
	}
	d.batch.Records = make([]event.Record, 1)
	return d
}

// parse makes the event that the row's record was when it arrived. What an input
// knew of the record is not stored, but there is little to know: whether it was
// sure to be JSON. Where neither way of reading it leads to the format and the log
// source that are stored, today's parser takes the record for something else, and
// the stored fields stand; gone says that they are not there any more. The event is
// valid until the next call.
func (d *decider) parse(ctx context.Context, row *lake.Row) (ev *event.Event, gone bool, err error) {
	d.parser.Recycle()
	for _, hint := range []event.Hint{event.HintNone, event.HintJSON} {
		d.batch.Unit, d.batch.Input, d.batch.Peer, d.batch.Received = row.Unit, row.Input, row.Peer, row.Received
		d.batch.Records[0] = event.Record{Data: []byte(row.Raw), Hint: hint}
		d.parser.Parse(&d.batch, 0, &d.event)
		if ev := &d.event; ev.Format == row.Format && ev.Source == row.Source {
			// The lake knows better what the record does not say.
			ev.ID, ev.Time, ev.Host, ev.Skewed = row.ID, row.Time, row.Host, row.Skewed
			return ev, false, nil
		}
	}
	whole, err := d.run.store.Event(ctx, d.run.o.Scope, row.ID)
	if fault.KindOf(err) == fault.NotFound {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	d.event = whole.Event()
	return &d.event, false, nil
}

// clone makes an event independent of the decider.
func clone(ev *event.Event) *event.Event {
	out := *ev
	out.Fields = slices.Clone(ev.Fields)
	for i := range out.Fields {
		f := &out.Fields[i]
		f.Name, f.Value = strings.Clone(f.Name), strings.Clone(f.Value)
	}
	return &out
}

// batch judges rows and adds what is found to the tally.
func (r *run) batch(ctx context.Context, d *decider, rows []*lake.Row) error {
	var found []*Finding
	var hits []detect.Hit
	for _, row := range rows {
		if ctx.Err() != nil {
			return nil // the cause is known
		}
		ev, gone, err := d.parse(ctx, row)
		if err != nil {
			return err
		}
		if gone {
			continue
		}
		f := &Finding{Row: row}
		if d.list != nil {
			f.Indicators = d.list.find(ev)
		} else {
			for _, rule := range d.rules.Match(ev) {
				if rule.Correlated && len(hits) < r.o.MaxHits {
					hits = append(hits, d.rules.Hit(rule, ev))
				}
				if r.plan.wanted[rule] {
					f.Rules = append(f.Rules, rule)
					f.groups = append(f.groups, r.tally.group(rule, detect.Find(rule, ev)))
				}
			}
			slices.SortFunc(f.Rules, func(a, b *detect.Rule) int { return strings.Compare(a.ID, b.ID) })
		}
		if len(f.Rules)+len(f.Indicators) > 0 {
			if r.o.Found != nil || r.tally.wants(row.Time) {
				f.Event = clone(ev)
				row.Fields = f.Event.Fields
			}
			found = append(found, f)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.candidates += int64(len(rows))
	room := min(len(hits), r.o.MaxHits-len(r.hits))
	r.hits = append(r.hits, hits[:room]...)
	r.tally.uncorrelated += int64(len(hits) - room)
	for _, f := range found {
		if err := r.found(f); err != nil {
			return err
		}
	}
	return nil
}

// found counts a finding and hands it on.
func (r *run) found(f *Finding) error {
	r.tally.add(f)
	if r.o.Found != nil {
		return r.o.Found(f)
	}
	return nil
}
