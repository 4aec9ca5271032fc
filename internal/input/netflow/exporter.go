package netflow

import (
	"net/netip"
	"slices"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
)

const (
	maxFields   = 512  // of a template
	maxSeries   = 256  // numbered series and domains of an exporter
	maxSamplers = 1024 // rates of an exporter
	// minRecord is the shortest flow that a template may describe: a datagram of
	// shorter ones would become thousands of records.
	minRecord = 8
	// idleAfter is when an exporter may be forgotten for a new one.
	idleAfter = 15 * time.Minute
	// resetGap is a gap that is rather a restart of the exporter.
	resetGap = 1 << 20
)

// exporters is what is remembered of those that send to one socket.
type exporters struct {
	config  Config
	byAddr  map[netip.Addr]*exporter
	waiting int // bytes that wait for templates, of all
	oldest  time.Time
}

func newExporters(c Config) exporters {
	return exporters{config: c, byAddr: map[netip.Addr]*exporter{}}
}

// exporter is one of them.
type exporter struct {
	addr      netip.Addr
	owner     *exporters
	seen      time.Time
	templates map[templateKey]any // netflow.TemplateRecord, …OptionsTemplateRecord
	fresh     []templateKey       // came with the datagram that is being taken
	series    map[seriesKey]series
	boots     map[seriesKey]uint64 // when it started, Unix milliseconds, as IPFIX options say
	rates     map[samplerKey]uint64
	waiting   []waitingSet
	refused   int // templates of the datagram that is being taken
	told      bool
}

type templateKey struct {
	version uint16
	domain  uint32
	id      uint16
}

type seriesKey struct {
	version uint16
	domain  uint32
}

type samplerKey struct {
	seriesKey
	id uint64
}

// waitingSet is data that came before its template.
type waitingSet struct {
	key   templateKey
	clock exportClock
	data  []byte
	since time.Time
}

// size is the memory it takes.
func (w *waitingSet) size() int { return len(w.data) + 128 }

// get returns what is known of an exporter, or nil if there are too many.
func (e *exporters) get(addr netip.Addr, now time.Time) *exporter {
	if x := e.byAddr[addr]; x != nil {
		x.seen = now
		return x
	}
	if len(e.byAddr) >= e.config.MaxExporters && !e.forgetIdle(now) {
		return nil
	}
	x := &exporter{addr: addr, owner: e, seen: now, templates: map[templateKey]any{}, series: map[seriesKey]series{}, boots: map[seriesKey]uint64{}, rates: map[samplerKey]uint64{}}
	e.byAddr[addr] = x
	return x
}

// forgetIdle makes room. It looks at all only now and then: a flood of forged
// addresses comes here with every datagram.
func (e *exporters) forgetIdle(now time.Time) bool {
	if now.Sub(e.oldest) < idleAfter {
		return false
	}
	e.oldest = now
	before := len(e.byAddr)
	for addr, x := range e.byAddr {
		if now.Sub(x.seen) >= idleAfter {
			x.drop(len(x.waiting))
			delete(e.byAddr, addr)
		} else if x.seen.Before(e.oldest) {
			e.oldest = x.seen
		}
	}
	return len(e.byAddr) < before
}

// expire drops what has waited too long and returns how many sets.
func (e *exporters) expire(now time.Time) (n int) {
	if e.waiting == 0 {
		return 0
	}
	for _, x := range e.byAddr {
		old := 0
		for old < len(x.waiting) && now.Sub(x.waiting[old].since) >= e.config.TemplateWait {
			old++
		}
		x.drop(old)
		n += old
	}
	return n
}

// drop forgets the first n waiting sets.
func (x *exporter) drop(n int) {
	for _, w := range x.waiting[:n] {
		x.owner.waiting -= w.size()
	}
	x.waiting = slices.Delete(x.waiting, 0, n)
}

// wait keeps data until its template comes; false: there is no room.
func (x *exporter) wait(w waitingSet) bool {
	if x.owner.config.TemplateWait == 0 || x.owner.waiting+w.size() > int(x.owner.config.MaxWaiting) || len(w.data) == 0 {
		return false
	}
	w.data = slices.Clone(w.data)
	x.owner.waiting += w.size()
	x.waiting = append(x.waiting, w)
	return true
}

// arrived takes out the sets that wait for a template.
func (x *exporter) arrived(key templateKey) (sets []waitingSet) {
	rest := x.waiting[:0]
	for _, w := range x.waiting {
		if w.key == key {
			sets = append(sets, w)
			x.owner.waiting -= w.size()
		} else {
			rest = append(rest, w)
		}
	}
	clear(x.waiting[len(rest):])
	x.waiting = rest
	return sets
}

// series is the numbering of an exporter's datagrams.
type series struct{ last, next uint32 }

// sequence notes the number of a datagram that holds n of what is numbered, of
// them options of options, and returns how many are missing before it.
//
// The number is of what was sent before the datagram. Some exporters (softflowd,
// in IPFIX) count the datagram's own flows in, and no options: what fits that is
// no gap either.
func (x *exporter) sequence(key seriesKey, seq, n, options uint32) (missing uint32) {
	s, known := x.series[key]
	switch step := seq - s.last; {
	case !known && len(x.series) >= maxSeries:
		return 0
	case !known, key.version == 10 && (step == n || step == n-options):
	case seq-s.next < resetGap:
		missing = seq - s.next
	case s.next-seq < resetGap:
		return 0 // one that was overtaken: its gap was counted
	}
	x.series[key] = series{seq, seq + n}
	return missing
}

// rate is how many packets one that was sampled stands for, 0 if it is not known.
func (x *exporter) rate(key samplerKey) uint64 {
	if r, ok := x.rates[key]; ok {
		return r
	}
	key.id = 0
	return x.rates[key]
}

func (x *exporter) setRate(key samplerKey, rate uint64) {
	if _, known := x.rates[key]; rate > 0 && (known || len(x.rates) < maxSamplers) {
		x.rates[key] = rate
	}
}

// The exporter is the store of templates for the decoder. It never fails: an
// error would end the decoding of the datagram.

// AddTemplate keeps a template, or takes it back if it has no fields.
func (x *exporter) AddTemplate(version uint16, domain uint32, id uint16, template any) error {
	key := templateKey{version, domain, id}
	fields, shortest := 0, 0
	switch t := template.(type) {
	case netflow.TemplateRecord:
		fields, shortest = len(t.Fields), recordSize(t.Fields)-minRecord+1
	case netflow.NFv9OptionsTemplateRecord:
		fields, shortest = len(t.Scopes)+len(t.Options), recordSize(t.Scopes)+recordSize(t.Options)
	case netflow.IPFIXOptionsTemplateRecord:
		fields, shortest = len(t.Scopes)+len(t.Options), recordSize(t.Scopes)+recordSize(t.Options)
	}
	_, known := x.templates[key]
	switch {
	case fields == 0:
		delete(x.templates, key)
	case fields > maxFields, shortest <= 0, !known && len(x.templates) >= x.owner.config.MaxTemplates:
		x.refused++
	default:
		x.templates[key] = template
		x.fresh = append(x.fresh, key)
	}
	return nil
}

// recordSize is the fewest bytes that fields take.
func recordSize(fields []netflow.Field) int {
	n := 0
	for _, f := range fields {
		if f.Length == 0xffff { // a byte of length, at least
			n++
			continue
		}
		n += int(f.Length)
	}
	return n
}

// GetTemplate returns a template that was kept.
func (x *exporter) GetTemplate(version uint16, domain uint32, id uint16) (any, error) {
	if t, ok := x.templates[templateKey{version, domain, id}]; ok {
		return t, nil
	}
	return nil, netflow.ErrorTemplateNotFound
}

// RemoveTemplate forgets a template.
func (x *exporter) RemoveTemplate(version uint16, domain uint32, id uint16) (any, error) {
	t, err := x.GetTemplate(version, domain, id)
	delete(x.templates, templateKey{version, domain, id})
	return t, err
}

// GetTemplates is for printing, which nobody does.
func (x *exporter) GetTemplates() netflow.FlowBaseTemplateSet { return nil }
