package sample

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// window is how many events are made at a time: a batch holds those of one
// agency and one input among them.
const window = 8192

// Stream makes the events of a province in the order of their times. It is not
// safe for concurrent use.
type Stream struct {
	p       *Province
	r       *random
	hosts   []host // with the record numbers reached
	minute  int
	made    int
	clock   clock
	plan    *planting
	truth   Truth
	planted []int
	domains []int32 // events by domain
	sources []int32 // and by address
	batches []event.Batch
	buffers [][]byte // of the batches: unit, then JSON or text
	ends    [][]int32
	hints   [][]event.Hint
	draw    draw
}

// draw is what is drawn for one event.
type draw struct {
	unit   *unit
	host   *host
	words  [4]uint64
	needle int
}

// Stream starts over: every stream of a province makes the same events.
func (p *Province) Stream() *Stream {
	s := &Stream{p: p, r: newRandom(p.options.Seed, 2), hosts: append([]host(nil), p.hosts...), plan: newPlanting(p.options.Events, p.options.Mix), planted: make([]int, len(needles)), domains: make([]int32, domainCount), sources: make([]int32, addressCount)}
	n := 2 * len(p.units)
	s.buffers, s.ends, s.hints = make([][]byte, n), make([][]int32, n), make([][]event.Hint, n)
	return s
}

// Next makes the next batches, nil at the end. They, and what their records
// hold, are valid until the call after. Their Received is the time of their last
// event.
func (s *Stream) Next() []event.Batch {
	left := min(window, s.p.options.Events-s.made)
	if left == 0 {
		return nil
	}
	for i := range s.buffers {
		s.buffers[i], s.ends[i], s.hints[i] = s.buffers[i][:0], s.ends[i][:0], s.hints[i][:0]
	}
	for range left {
		s.one()
	}
	return s.pack()
}

// one makes one event.
func (s *Stream) one() {
	p, d := s.p, &s.draw
	for i := range d.words {
		d.words[i] = s.r.next()
	}
	s.clock.set(s.when())
	d.needle = s.plan.take(s.made)
	k := kind(p.kinds.at(d.words[0]))
	if d.needle >= 0 {
		switch needles[d.needle].at {
		case inSource:
			k = kindFirewall
		case inLinuxMessage:
			k = kindLinux
		default:
			k = kindWindows
		}
		s.planted[d.needle]++
	}
	u := p.byUnit.at(mix(d.words[0]))
	d.unit = &p.units[u]
	d.host = &s.hosts[d.unit.first+d.unit.busy.at(d.words[1])]
	at, hint := 2*u, event.HintJSON
	if k != kindWindows {
		at, hint = at+1, event.HintSyslog
	}
	buf := s.buffers[at]
	begun := len(buf)
	switch k {
	case kindWindows:
		buf = s.windows(buf)
		s.truth.Windows++
	case kindFirewall:
		buf = s.firewall(buf)
	case kindDNS:
		buf = s.dns(buf)
	case kindWeb:
		buf, hint = s.web(buf), event.HintText
	default:
		buf = s.linux(buf)
	}
	s.truth.RawBytes += int64(len(buf)-begun) + 1
	s.buffers[at], s.ends[at], s.hints[at] = buf, append(s.ends[at], int32(len(buf))), append(s.hints[at], hint)
	s.made++
}

// when is the time of the next event: those of a minute are spread over it.
func (s *Stream) when() time.Time {
	r, n := s.p.rhythm, s.p.options.Events
	for s.made >= r.until(s.minute, n) {
		s.minute++
	}
	first := 0
	if s.minute > 0 {
		first = r.until(s.minute-1, n)
	}
	count := r.until(s.minute, n) - first
	share := (float64(s.made-first) + float64(uint32(s.draw.words[2]))/(1<<32)) / float64(count)
	return r.start.Add(time.Duration(s.minute)*time.Minute + time.Duration(share*float64(time.Minute))).Truncate(time.Microsecond)
}

func (s *Stream) pack() []event.Batch {
	s.batches = s.batches[:min(len(s.batches), cap(s.batches))]
	used := 0
	for i, ends := range s.ends {
		if len(ends) == 0 {
			continue
		}
		if used == len(s.batches) {
			s.batches = append(s.batches, event.Batch{})
		}
		b := &s.batches[used]
		used++
		u := &s.p.units[i/2]
		records := b.Records[:0]
		*b = event.Batch{Unit: u.id, Input: "http", Peer: u.peer, Received: s.clock.at}
		if i%2 == 1 {
			b.Input = "syslog"
		}
		b.ID = s.batchID(i)
		from := int32(0)
		for j, end := range ends {
			records = append(records, event.Record{Data: s.buffers[i][from:end:end], Hint: s.hints[i][j]})
			from = end
		}
		b.Records = records
	}
	return s.batches[:used]
}

// batchID is like those of [event.NewBatchID], but the same each time.
func (s *Stream) batchID(i int) (id event.BatchID) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(s.clock.at.UnixMilli()))
	copy(id[:6], b[2:])
	binary.BigEndian.PutUint64(b[:], mix(s.p.options.Seed^uint64(s.made)<<8^uint64(i)))
	copy(id[6:], b[2:])
	return id
}

// Truth tells what was made so far.
func (s *Stream) Truth() Truth {
	t := s.truth
	t.Events = s.made
	t.Planted = map[string]int{}
	for i, n := range s.planted {
		t.Planted[needles[i].Name] = n
	}
	t.Queries, t.Distinct.Query = topOf(s.p.domains, s.domains)
	t.Sources, t.Distinct.Source = topOf(s.p.addresses, s.sources)
	return t
}

func appendInt(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }

// account numbers who is meant by a recorded account: as a rule the one who works
// at the host, else one of few others.
func (s *Stream) account(of uint32) int {
	d := &s.draw
	x := mix(d.host.seed + uint64(of))
	if x&3 != 0 {
		return d.host.accounts
	}
	return d.unit.accounts + scale(uint32(x>>32), d.unit.people)
}

func appendAccount(dst []byte, n int) []byte {
	dst = append(dst, 'c', 'b')
	for div := 10_000; div > 0; div /= 10 {
		dst = append(dst, byte('0'+n/div%10))
	}
	return dst
}
