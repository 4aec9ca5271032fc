package pipeline

import (
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
)

const (
	maxSamples     = 3
	maxSampleBytes = 512
)

// load is one commit in the making: a segment, the blocks in it and their effect.
type load struct {
	segment *lake.Segment
	blocks  []*bus.Block // to acknowledge, including those only skipped
	stored  []lake.Block // to register
	effect  Effect
	hits    []detect.Hit  // that correlations want, in order
	entry   *entry        // what the correlator was given; nil if nothing
	relayed []relayedStep // of blocks of other spools
	sources map[sourceKey]*Observation
	last    *Observation // of the previous event: runs of one source are the rule
	lastKey sourceKey
	ids     []string  // scratch: rule ids of one event
	oldest  time.Time // when the first block was taken up; zero if none was
	newest  time.Time // newest arrival in it
}

type sourceKey struct {
	unit                      event.UnitID
	input, peer, host, format string
	product, service          string
	credential                string
}

func newLoad(s *lake.Segment) *load {
	return &load{segment: s, sources: map[sourceKey]*Observation{}}
}

func (l *load) reset() {
	l.segment.Reset()
	*l = load{segment: l.segment, sources: l.sources, ids: l.ids}
	clear(l.sources)
}

func (l *load) empty() bool { return len(l.blocks) == 0 }

// skip takes up a block that needs nothing but its acknowledgement.
func (l *load) skip(b *bus.Block, now time.Time) {
	if l.oldest.IsZero() {
		l.oldest = now
	}
	l.blocks = append(l.blocks, b)
}

// add copies the events of a finished job into the segment.
func (l *load) add(j *job, stream string, now time.Time) {
	l.skip(j.block, now)
	unparsed, h := 0, 0
	for i := range j.events[:j.n] {
		ev := &j.events[i]
		l.ids = l.ids[:0]
		for ; h < len(j.hits) && j.hits[h].at == i; h++ {
			l.ids = append(l.ids, j.hits[h].rule.ID)
			if j.hits[h].rule.Tells(ev.Unit) {
				l.effect.Findings = append(l.effect.Findings, keep(detect.Find(j.hits[h].rule, ev)))
			}
		}
		l.segment.Add(ev, l.ids)
		if l.observe(ev) {
			unparsed++
		}
		// What another spool held for hours says nothing about how far we are behind.
		if j.block.Parts == nil && ev.Received.After(l.newest) {
			l.newest = ev.Received
		}
	}
	l.hits = append(l.hits, j.series...)
	l.effect.exclude(j.left)
	l.relayed = append(l.relayed, j.relayed...)
	l.effect.Events += j.n
	l.effect.Unparsed += unparsed
	l.stored = append(l.stored, lake.Block{Stream: stream, Seq: j.block.Seq, Events: j.n, Unparsed: unparsed})
}

// keep makes a finding independent of the block's memory.
func keep(f detect.Finding) detect.Finding {
	f.Unit = event.UnitID(strings.Clone(string(f.Unit)))
	f.EntityField = strings.Clone(f.EntityField)
	return f
}

// observe counts ev under its source and tells whether it was unparsed.
func (l *load) observe(ev *event.Event) (unparsed bool) {
	key := sourceKey{ev.Unit, ev.Input, ev.Peer, ev.Host, ev.Format, ev.Source.Product, ev.Source.Service, ev.Credential}
	o := l.last
	if o == nil || key != l.lastKey {
		if o = l.sources[key]; o == nil {
			key = key.clone()
			o = &Observation{Unit: key.unit, Input: key.input, Peer: key.peer, Host: key.host,
				Format: key.format, Product: key.product, Service: key.service, Credential: key.credential}
			l.sources[key] = o
		}
		l.last, l.lastKey = o, sourceKey{o.Unit, o.Input, o.Peer, o.Host, o.Format, o.Product, o.Service, o.Credential}
	}
	o.Events++
	o.Bytes += len(ev.Raw)
	if ev.Received.After(o.Last) {
		o.Last = ev.Received
	}
	if o.First.IsZero() || ev.Received.Before(o.First) {
		o.First = ev.Received
	}
	// What says no time was given that of its arrival, to the nanosecond.
	if o.skewed < maxSkews && ev.Time != ev.Received {
		o.skews[o.skewed] = ev.Time.Sub(ev.Received)
		o.skewed++
	}
	if ev.Format != "" {
		return false
	}
	o.Unparsed++
	if len(o.Samples) < maxSamples {
		o.Samples = append(o.Samples, strings.ToValidUTF8(ev.Raw[:min(len(ev.Raw), maxSampleBytes)], "\uFFFD"))
	}
	return true
}

func (k sourceKey) clone() sourceKey {
	return sourceKey{event.UnitID(strings.Clone(string(k.unit))), strings.Clone(k.input), strings.Clone(k.peer),
		strings.Clone(k.host), strings.Clone(k.format), strings.Clone(k.product), strings.Clone(k.service), strings.Clone(k.credential)}
}

// finish completes the effect before the commit.
func (l *load) finish() {
	l.effect.Seen = l.effect.Seen[:0]
	for _, o := range l.sources {
		l.effect.Seen = append(l.effect.Seen, *o)
	}
}
