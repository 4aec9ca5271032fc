package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Row is one stored event. Its strings are its own.
type Row struct {
	ID             event.ID
	Time, Received time.Time // to the microsecond
	Unit           event.UnitID
	Host           string
	Input          string
	Peer           string
	Format         string
	Source         event.Source
	Skewed         bool
	Rules          []string
	Raw            string
	Fields         []event.Field // a field of several values repeats its name; Kind is String or Null
}

// open opens a segment for fetching and merging.
func (l *Lake) open(s *segment) (*segmentReader, error) {
	f, err := l.fs.Open(l.path(s))
	if err != nil {
		return nil, err
	}
	meta, err := readFooter(f, s.bytes)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &segmentReader{r: f, close: f.Close, meta: meta, zstd: l.unzstd, scratch: new(scratch)}, nil
}

// wanted is rows of one row group: their numbers in it, ascending, and where in
// the answer each belongs.
type wanted struct {
	group int
	rows  []uint32
	into  []int
}

// groups sorts rows of a file by row group.
func (r *segmentReader) groups(rows []int64, into []int) ([]wanted, error) {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(rows[a] - rows[b]) })
	var out []wanted
	group, first := 0, int64(0)
	for _, i := range order {
		for group < len(r.meta.RowGroups) && rows[i] >= first+r.meta.RowGroups[group].NumRows {
			first += r.meta.RowGroups[group].NumRows
			group++
		}
		if group == len(r.meta.RowGroups) || rows[i] < 0 {
			return nil, fmt.Errorf("%w: row %d of %d", errSegment, rows[i], r.meta.NumRows)
		}
		if len(out) == 0 || out[len(out)-1].group != group {
			out = append(out, wanted{group: group})
		}
		w := &out[len(out)-1]
		w.rows, w.into = append(w.rows, uint32(rows[i]-first)), append(w.into, into[i])
	}
	return out, nil
}

// eachGroup calls f for every row group that holds hits, several at a time, the
// worker telling them apart. Segments that turn out to be broken are skipped.
func (p *plan) eachGroup(ctx context.Context, hits []hit, f func(worker int, x *groupScan, w wanted) error) error {
	rows, into := map[*segment][]int64{}, map[*segment][]int{}
	var segs []*segment
	for i, h := range hits {
		if rows[h.seg] == nil {
			segs = append(segs, h.seg)
		}
		rows[h.seg] = append(rows[h.seg], h.row)
		into[h.seg] = append(into[h.seg], i)
	}
	type place struct {
		seg   *segment
		group int
	}
	var mu sync.Mutex
	parts := map[place]wanted{}
	choose := func(o *openSegment) (chosen []int, err error) {
		groups, err := (&segmentReader{meta: o.meta}).groups(rows[o.seg], into[o.seg])
		mu.Lock()
		defer mu.Unlock()
		for _, w := range groups {
			parts[place{o.seg, w.group}] = w
			chosen = append(chosen, w.group)
		}
		return chosen, err
	}
	return p.walk(ctx, &walk{p: p, groups: choose}, segs, func(worker int, x *groupScan) error {
		mu.Lock()
		w := parts[place{x.seg, x.group}]
		mu.Unlock()
		return f(worker, x, w)
	})
}

// appendCell takes a cell apart into fields.
func appendCell(fields []event.Field, name, cell string) []event.Field {
	for v := range strings.SplitSeq(cell, cellSeparator) {
		f := event.Field{Name: name, Value: v}
		if v == cellNull {
			f.Value, f.Kind = "", event.Null
		}
		fields = append(fields, f)
	}
	return fields
}

// Event returns one event; fault.NotFound if there is none in the scope.
func (l *Lake) Event(ctx context.Context, sc Scope, id event.ID) (row *Row, err error) {
	var stats Stats
	ctx, done := l.begin(ctx, "event", &stats, &err)
	defer done()
	p := l.newPlan(sc, Search{})
	defer p.close()
	segs := slices.DeleteFunc(slices.Clone(p.segs), func(s *segment) bool {
		return slices.Compare(id[:], s.minID[:]) < 0 || slices.Compare(id[:], s.maxID[:]) > 0
	})
	p.where = compile(literal("_id", id.String()))
	hits, err := p.findIn(ctx, segs, 1, false, nil)
	if err != nil {
		return nil, err
	}
	if len(hits) == 0 {
		return nil, fault.New(fault.NotFound, "there is no event %s", id).WithCode("event.not-found")
	}
	rows, err := p.fetch(ctx, hits)
	if err != nil {
		return nil, err
	}
	if rows[0] == nil {
		return nil, fault.New(fault.Internal, "event %s is in a broken segment: %s", id, strings.Join(p.warnings, "; ")).WithCode("event.broken")
	}
	return rows[0], nil
}

// Around returns up to limit events of the same unit and host as one event, at
// most within before or after it, by time; the event itself is among them.
func (l *Lake) Around(ctx context.Context, sc Scope, id event.ID, within time.Duration, limit int) ([]Row, error) {
	at, err := l.Event(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	q := &query.Query{Root: query.Not{Part: query.Term{Op: query.Exists, Field: "_host"}}}
	if at.Host != "" {
		q.Root = literal("_host", at.Host)
	}
	only := ScopeUnits(at.Unit)
	half := max((limit-1)/2, 0)
	collect := func(s Search) (rows []Row, err error) {
		s.Query = q
		_, err = l.Search(ctx, only, s, func(r *Row) error { rows = append(rows, *r); return nil })
		return rows, err
	}
	self := place{at.Time.UnixMicro(), at.ID}.cursor()
	// Each side may fill what the other leaves free.
	before, err := collect(Search{From: at.Time.Add(-within), Cursor: self, Limit: max(limit-1, 1)})
	if err != nil {
		return nil, err
	}
	after, err := collect(Search{To: at.Time.Add(within + time.Microsecond), Cursor: self, Ascending: true, Limit: max(limit-1, 1)})
	if err != nil {
		return nil, err
	}
	switch {
	case len(before)+len(after)+1 <= limit:
	case len(before) <= half:
		after = after[:limit-1-len(before)]
	case len(after) <= half:
		before = before[:limit-1-len(after)]
	default:
		before, after = before[:half], after[:max(limit-1-half, 0)]
	}
	slices.Reverse(before)
	return append(append(before, *at), after...), nil
}

// literal returns the term core:"value" with a core name that means only it.
func literal(field, value string) query.Term {
	return query.Term{Op: query.Equal, Field: field, Pattern: query.Pattern{Parts: []string{query.Fold(value)}}}
}
