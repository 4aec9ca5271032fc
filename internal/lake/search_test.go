package lake

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// fill commits events in flushes of about the given size.
func fill(t testing.TB, l *Lake, events []stored, flush int) {
	t.Helper()
	s := l.NewSegment()
	for i := 0; i < len(events); i += flush {
		for _, e := range events[i:min(i+flush, len(events))] {
			s.Add(&e.ev, e.rules)
		}
		if err := l.Commit(context.Background(), s, nil, nil); err != nil {
			t.Fatal(err)
		}
		s.Reset()
	}
}

func search(t testing.TB, l *Lake, sc Scope, s Search) ([]Row, Stats) {
	t.Helper()
	var rows []Row
	stats, err := l.Search(context.Background(), sc, s, func(r *Row) error { rows = append(rows, *r); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return rows, stats
}

func mustParse(t testing.TB, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

// expect is the slow way to search: every event, one by one.
func expect(events []stored, sc Scope, s Search) []event.ID {
	var hits []hit
	for _, e := range events {
		ev := e.asStored()
		at := ev.Time.UnixMicro()
		if !sc.Sees(ev.Unit) || !s.From.IsZero() && at < s.From.UnixMicro() || !s.To.IsZero() && at >= s.To.UnixMicro() {
			continue
		}
		if s.Query == nil || s.Query.Match(&ev, e.rules) {
			hits = append(hits, hit{place: place{at, ev.ID}})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		if s.Ascending {
			return a.compare(b.place)
		}
		return b.compare(a.place)
	})
	if s.Limit > 0 {
		hits = hits[:min(len(hits), s.Limit)]
	}
	var ids []event.ID
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return ids
}

func idsOf(rows []Row) (ids []event.ID) {
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// The search engine over columns gives the same rows, in the same order, as
// matching every event one by one.
func TestSearchEqualsMatchingEventByEvent(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	events := randomEvents(r, 3000, 36*time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 400)
	checkQueries(t, l, events, r, 400)
}

func checkQueries(t *testing.T, l *Lake, events []stored, r *rand.Rand, n int) {
	t.Helper()
	nonEmpty := 0
	for range n {
		text := randomQuery(r, 3)
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		s := Search{Query: q, Limit: oneOf(r, []int{0, 1, 10, 100}), Ascending: r.IntN(3) == 0}
		if r.IntN(2) == 0 {
			s.From = epoch.Add(time.Duration(r.Int64N(int64(36 * time.Hour))))
		}
		if r.IntN(2) == 0 {
			s.To = epoch.Add(time.Duration(r.Int64N(int64(36 * time.Hour))))
		}
		sc := ScopeAll()
		if r.IntN(2) == 0 {
			sc = ScopeUnits(oneOf(r, randomUnits), oneOf(r, randomUnits))
		}
		rows, _ := search(t, l, sc, s)
		want := expect(events, sc, s)
		if len(want) > 0 {
			nonEmpty++
		}
		if got := idsOf(rows); !slices.Equal(got, want) {
			t.Fatalf("%s\n from %v to %v limit %d asc %v: got %d rows, want %d\n%s", text, s.From, s.To, s.Limit, s.Ascending, len(got), len(want), explainDiff(events, got, want))
		}
		s.Limit = 0
		count, err := l.Count(context.Background(), sc, s)
		if all := expect(events, sc, s); err != nil || count != int64(len(all)) {
			t.Fatalf("%s: Count = %d, %v; want %d", text, count, err, len(all))
		}
	}
	if nonEmpty < n/10 {
		t.Errorf("only %d of %d random queries found anything: they test little", nonEmpty, n)
	}
}

func explainDiff(events []stored, got, want []event.ID) string {
	var b strings.Builder
	for _, e := range events {
		g, w := slices.Contains(got, e.ev.ID), slices.Contains(want, e.ev.ID)
		if g != w {
			fmt.Fprintf(&b, "got %v want %v: %+v rules %q\n", g, w, e.ev, e.rules)
			if b.Len() > 2000 {
				break
			}
		}
	}
	return b.String()
}

// Rows come back as they went in.
func TestRowsComeBackAsStored(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	events := randomEvents(r, 1500, 3*time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 500)
	rows, _ := search(t, l, ScopeAll(), Search{})
	checkRows(t, rows, events)
}

func checkRows(t *testing.T, rows []Row, events []stored) {
	t.Helper()
	if len(rows) != len(events) {
		t.Fatalf("%d rows of %d events", len(rows), len(events))
	}
	byID := map[event.ID]Row{}
	for _, row := range rows {
		byID[row.ID] = row
	}
	for _, e := range events {
		got, ok := byID[e.ev.ID]
		if !ok {
			t.Fatalf("event %s is not there", e.ev.ID)
		}
		st := e.asStored()
		want := Row{
			ID: e.ev.ID, Time: e.ev.Time.Truncate(time.Microsecond), Received: e.ev.Received.Truncate(time.Microsecond), Unit: e.ev.Unit,
			Host: st.Host, Input: st.Input, Peer: st.Peer, Format: st.Format, Source: st.Source, Skewed: e.ev.Skewed,
			Rules: e.rules, Raw: e.ev.Raw,
			Fields: inColumnOrder(st.Fields),
		}
		got.Fields = inColumnOrder(got.Fields)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("event changed in the lake (-put +got):\n%s", d)
		}
	}
}

// inColumnOrder sorts fields by folded name and folds the names, since names
// that differ in case only share a column; the order of values stays.
func inColumnOrder(fields []event.Field) []event.Field {
	var out []event.Field
	for _, f := range fields {
		out = append(out, event.Field{Name: query.Fold(f.Name), Value: f.Value, Kind: f.Kind})
	}
	slices.SortStableFunc(out, func(a, b event.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}
