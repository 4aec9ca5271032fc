package lake

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Search says what to look for. Rows come newest first, by time and then ID,
// unless Ascending.
type Search struct {
	Query     *query.Query // nil matches everything
	From, To  time.Time    // From <= time < To; zero: open
	Limit     int          // at most this many rows; 0: all
	Ascending bool
	Cursor    string // Stats.Cursor of the page before; "" for the first
}

// Stats tells how an answer came about.
type Stats struct {
	Segments int // read
	Took     time.Duration
	Cursor   string   // of the next page; "" if this was the last
	Warnings []string // what is missing from the answer, for people
}

// A long answer is found at once and read some rows at a time, behind the
// caller's back; a very long one is also found in parts.
const (
	pageLimit = 5000
	maxHits   = 1 << 20
)

// place orders events: by time, then ID. It stays the same while events come and
// segments are merged, which makes it a cursor.
type place struct {
	time int64
	id   event.ID
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.time, q.time), slices.Compare(p.id[:], q.id[:]))
}

func (p place) cursor() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.time))
	return base64.RawURLEncoding.EncodeToString(append(b, p.id[:]...))
}

func parseCursor(s string) (place, error) {
	foreign := fault.New(fault.Invalid, "the cursor is not one this server gave; start the search again").OnField("cursor").WithCode("search.cursor")
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 24 {
		return place{}, foreign
	}
	p := place{time: int64(binary.BigEndian.Uint64(b)), id: event.ID(b[8:])}
	if p.time < earliest || p.time > latest {
		return place{}, foreign
	}
	return p, nil
}

// hit is where an event was found.
type hit struct {
	place
	seg *segment
	row int64
}

// Search calls each with every matching row, in order, until each fails or Limit
// is reached. The Row is each's to keep. Errors: fault.Invalid for a cursor that
// is none, fault.Busy for a search that takes too long or too much memory, and
// what each returns.
func (l *Lake) Search(ctx context.Context, sc Scope, s Search, each func(*Row) error) (stats Stats, err error) {
	ctx, done := l.begin(ctx, "search", &stats, &err)
	defer done()
	var after *place
	if s.Cursor != "" {
		at, err := parseCursor(s.Cursor)
		if err != nil {
			return stats, err
		}
		after = &at
	}
	for left := s.Limit; ; {
		n := maxHits
		if s.Limit > 0 {
			n = min(left, maxHits)
		}
		last, found, err := l.stretch(ctx, sc, s, after, n, &stats, each)
		if err != nil {
			return stats, err
		}
		left -= found
		more := found == n
		if more {
			after = &last
		}
		if !more || s.Limit > 0 && left == 0 {
			if more {
				stats.Cursor = last.cursor()
			}
			return stats, nil
		}
	}
}

// begin bounds a search in time and measures it. A Search is bounded step by
// step instead, so that a long export to a slow reader is not cut off, and a Scan
// by its caller.
func (l *Lake) begin(ctx context.Context, kind string, stats *Stats, err *error) (context.Context, func()) {
	cancel := func() {}
	if kind != "search" && kind != "scan" {
		ctx, cancel = context.WithTimeout(ctx, l.config.Timeout)
	}
	start := time.Now()
	return ctx, func() {
		cancel()
		stats.Took = time.Since(start)
		l.metrics.searchSeconds.WithLabelValues(kind).Observe(stats.Took.Seconds())
		if *err != nil {
			l.metrics.searchFailures.WithLabelValues(kind).Inc()
		}
	}
}

// stretch finds up to n rows after a place, and then fetches them in order, some
// at a time.
func (l *Lake) stretch(ctx context.Context, sc Scope, s Search, after *place, n int, stats *Stats, each func(*Row) error) (last place, found int, err error) {
	if after != nil {
		// The cursor also narrows the range of time, which leaves out segments.
		if at := time.UnixMicro(after.time); s.Ascending && (s.From.IsZero() || s.From.Before(at)) {
			s.From = at
		} else if next := at.Add(time.Microsecond); !s.Ascending && (s.To.IsZero() || s.To.After(next)) {
			s.To = next
		}
	}
	p := l.newPlan(sc, s)
	defer p.close()
	defer func() {
		stats.Segments += len(p.read)
		for _, w := range p.warnings {
			if !slices.Contains(stats.Warnings, w) {
				stats.Warnings = append(stats.Warnings, w)
			}
		}
	}()
	bounded := func(f func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, l.config.Timeout)
		defer cancel()
		return f(ctx)
	}
	var hits []hit
	if err := bounded(func(ctx context.Context) error {
		hits, err = p.find(ctx, n, s.Ascending, after)
		return err
	}); err != nil || len(hits) == 0 {
		return last, 0, err
	}
	for part := range slices.Chunk(hits, pageLimit) {
		var rows []*Row
		if err := bounded(func(ctx context.Context) error {
			rows, err = p.fetch(ctx, part)
			return err
		}); err != nil {
			return last, 0, err
		}
		for _, r := range rows {
			if r == nil {
				continue // its segment broke between finding and fetching; there is a warning
			}
			if err := each(r); err != nil {
				return last, 0, err
			}
		}
	}
	return hits[len(hits)-1].place, len(hits), nil
}

// Count counts matching rows.
func (l *Lake) Count(ctx context.Context, sc Scope, s Search) (n int64, err error) {
	var stats Stats
	ctx, done := l.begin(ctx, "count", &stats, &err)
	defer done()
	p := l.newPlan(sc, s)
	defer p.close()
	return p.total(ctx)
}

// total counts the matching rows of all segments.
func (p *plan) total(ctx context.Context) (n int64, err error) {
	var scanned []*segment
	for _, seg := range p.usable(p.segs) {
		// The manifest knows the count of a segment that is wanted as a whole.
		if p.where == nil && seg.minTime >= p.from && seg.maxTime < p.to && p.scope.seesEach(seg.units) {
			n += seg.rows
		} else {
			scanned = append(scanned, seg)
		}
	}
	var counted atomic.Int64
	err = p.count(ctx, scanned, func(_ *groupScan, rows bitmap, n int) error {
		counted.Add(int64(n))
		return nil
	})
	return n + counted.Load(), err
}

// count visits groups like scan, without listing their rows.
func (p *plan) count(ctx context.Context, segs []*segment, visit func(x *groupScan, rows bitmap, n int) error) error {
	return p.walk(ctx, &walk{p: p}, segs, func(_ int, x *groupScan) error {
		return x.visit(p, p.from, p.to, func(in bitmap) error { return visit(x, in, in.count()) })
	})
}

func (s Scope) seesEach(units []event.UnitID) bool {
	return s.all || !slices.ContainsFunc(units, func(u event.UnitID) bool { return !s.Sees(u) })
}

// Bucket is one bar of a histogram, starting at Time.
type Bucket struct {
	Time  time.Time
	Count int64
}

// widths of buckets that people can read an axis of.
var widths = []time.Duration{
	time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	2 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 30 * 24 * time.Hour, 90 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// Histogram counts matching rows over time, in at most the given number of
// buckets of one round width, which it returns; buckets start at round times of
// query.Zone and none is left out between the first and the last. Without From
// or To the range is that of the segments.
func (l *Lake) Histogram(ctx context.Context, sc Scope, s Search, buckets int) (out []Bucket, width time.Duration, stats Stats, err error) {
	ctx, done := l.begin(ctx, "histogram", &stats, &err)
	defer done()
	p := l.newPlan(sc, s)
	defer p.close()
	from, to := p.from, p.to
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, seg := range p.segs {
		low, high = min(low, seg.minTime), max(high, seg.maxTime+1)
	}
	if from == math.MinInt64 {
		from = min(low, to)
	}
	if to == math.MaxInt64 {
		to = max(high, from)
	}
	if len(p.segs) == 0 && (s.From.IsZero() || s.To.IsZero()) || from >= to {
		return nil, widths[3], stats, nil
	}
	_, offset := time.Now().In(query.Zone).Zone()
	shift := int64(offset) * 1e6
	buckets = max(buckets, 1)
	var start, n int64
	for _, width = range widths {
		w := width.Microseconds()
		start = floorDiv(from+shift, w)*w - shift
		if n = (to - start + w - 1) / w; n <= int64(buckets) {
			break
		}
	}
	w := width.Microseconds()
	if n > int64(buckets) { // longer than any round width serves
		w = (to - from + int64(buckets) - 1) / int64(buckets)
		width, start, n = time.Duration(min(w, math.MaxInt64/1000))*time.Microsecond, from, int64(buckets)
	}
	out = make([]Bucket, n)
	for i := range out {
		out[i] = Bucket{Time: time.UnixMicro(start + int64(i)*w).UTC()}
	}
	var mu sync.Mutex
	err = p.count(ctx, p.segs, func(x *groupScan, rows bitmap, n int) error {
		low, high, _ := x.timeRange(colTime)
		first, last := floorDiv(max(low, from)-start, w), floorDiv(min(high, to-1)-start, w)
		if first == last { // no need to look at each row's
			mu.Lock()
			defer mu.Unlock()
			out[first].Count += int64(n)
			return nil
		}
		if first < 0 || last >= int64(len(out)) || last < first {
			return errPage("statistics of times")
		}
		counts := make([]int64, last-first+1)
		if err := x.histogram(rows, start+first*w, w, counts); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for i, n := range counts {
			out[first+int64(i)].Count += n
		}
		return nil
	})
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return out, width, stats, err
}

// histogram counts rows by their time.
func (x *groupScan) histogram(rows bitmap, start, width int64, counts []int64) error {
	times, err := x.int64Column(colTime, nil)
	if err != nil {
		return err
	}
	// Rows of one machine stand in the order of time: mostly a row is in the
	// bucket of the one before.
	at, low, high := 0, start, start+width
	for i, w := range rows {
		for ; w != 0; w &= w - 1 {
			t := times[i<<6+bits.TrailingZeros64(w)]
			if t < low || t >= high {
				b := floorDiv(t-start, width)
				if b < 0 || b >= int64(len(counts)) {
					return errPage("statistics of times")
				}
				at, low = int(b), start+b*width
				high = low + width
			}
			counts[at]++
		}
	}
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
