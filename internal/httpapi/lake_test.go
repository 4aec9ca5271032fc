package httpapi_test

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/query"
)

// memoryLake answers by matching every row; it is the slow truth.
type memoryLake struct {
	mu   sync.Mutex
	rows []scopedRow
	err  error

	// Where these are set, a search begins and then waits until it is cancelled.
	begun chan struct{}
	ended chan error

	tail []func() (lake.Tail, error) // what each poll of the live tail gives
}

func (l *memoryLake) wait(ctx context.Context) error {
	if l.begun == nil {
		return nil
	}
	close(l.begun)
	<-ctx.Done()
	l.ended <- context.Cause(ctx)
	return ctx.Err()
}

type scopedRow struct {
	lake.Row
}

func (l *memoryLake) add(r lake.Row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = append(l.rows, scopedRow{r})
}

func (l *memoryLake) visible(sc lake.Scope, s lake.Search) []*lake.Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*lake.Row
	for i := len(l.rows) - 1; i >= 0; i-- {
		r := &l.rows[i].Row
		if !sees(sc, r.Unit) || r.Time.Before(s.From) || (!s.To.IsZero() && !r.Time.Before(s.To)) {
			continue
		}
		if s.Query != nil && s.Query.Root != nil && !strings.Contains(strings.ToLower(r.Raw+" rule:"+strings.Join(r.Rules, " ")), firstWord(s.Query.Text)) {
			continue
		}
		out = append(out, r)
	}
	return out
}

func firstWord(q string) string {
	q = strings.TrimPrefix(q, "rule:")
	return strings.ToLower(strings.Trim(strings.Fields(q)[0], `"`))
}

// sees compares scopes as values: the lake does not tell outsiders what one holds.
func sees(sc lake.Scope, u event.UnitID) bool {
	a, b, c := scopeText(sc), scopeText(lake.ScopeAll()), scopeText(lake.ScopeUnits(u))
	return a == b || a == c
}

func (l *memoryLake) Search(ctx context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error) {
	if err := l.wait(ctx); err != nil {
		return lake.Stats{}, err
	}
	if l.err != nil {
		return lake.Stats{}, l.err
	}
	for i, r := range l.visible(sc, s) {
		if s.Limit > 0 && i == s.Limit {
			break
		}
		if err := each(r); err != nil {
			return lake.Stats{}, err
		}
	}
	return lake.Stats{Segments: 1}, nil
}

func (l *memoryLake) Histogram(ctx context.Context, sc lake.Scope, s lake.Search, buckets int) ([]lake.Bucket, time.Duration, lake.Stats, error) {
	if err := l.wait(ctx); err != nil {
		return nil, 0, lake.Stats{}, err
	}
	width := s.To.Sub(s.From) / time.Duration(buckets)
	out := make([]lake.Bucket, buckets)
	for i := range out {
		out[i].Time = s.From.Add(time.Duration(i) * width)
	}
	for _, r := range l.visible(sc, s) {
		out[min(int(r.Time.Sub(s.From)/width), buckets-1)].Count++
	}
	return out, width, lake.Stats{Segments: 1}, nil
}

func (l *memoryLake) Count(_ context.Context, sc lake.Scope, s lake.Search) (int64, error) {
	return int64(len(l.visible(sc, s))), nil
}

func (l *memoryLake) HasField(time.Time, time.Time, string) bool { return false }

func (l *memoryLake) TailEnd() int64 { return 0 }

func (l *memoryLake) TailWait(ctx context.Context, _ int64) error {
	l.mu.Lock()
	more := len(l.tail) > 0
	l.mu.Unlock()
	if more {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (l *memoryLake) Tail(_ context.Context, sc lake.Scope, _ *query.Query, after int64, limit int) (lake.Tail, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.tail) == 0 || !sees(sc, "so-y-te") || sees(sc, "so-noi-vu") || limit > 100 {
		return lake.Tail{Next: after}, nil
	}
	next := l.tail[0]
	l.tail = l.tail[1:]
	return next()
}

func (l *memoryLake) Aggregate(ctx context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error) {
	if err := l.wait(ctx); err != nil {
		return nil, lake.Stats{}, err
	}
	return p.Evaluate(func(yield func(*event.Event, []string) bool) {
		for _, r := range l.visible(sc, lake.Search{From: from, To: to}) {
			ev := &event.Event{ID: r.ID, Unit: r.Unit, Time: r.Time, Host: r.Host, Raw: r.Raw, Fields: r.Fields}
			if !yield(ev, r.Rules) {
				return
			}
		}
	}, query.MaxTableRows), lake.Stats{}, nil
}

func (l *memoryLake) FieldNames(_ context.Context, sc lake.Scope, from, to time.Time) ([]lake.NameCount, bool, lake.Stats, error) {
	counts := map[string]int64{}
	for _, r := range l.visible(sc, lake.Search{From: from, To: to}) {
		for _, f := range r.Fields {
			counts[f.Name]++
		}
	}
	var out []lake.NameCount
	for n, c := range counts {
		out = append(out, lake.NameCount{Name: n, Count: c})
	}
	return out, true, lake.Stats{}, nil
}

func (l *memoryLake) FieldValues(_ context.Context, sc lake.Scope, s lake.Search, field, prefix string, _ int) (out []lake.ValueCount, _ lake.Stats, _ error) {
	for _, r := range l.visible(sc, s) {
		for _, f := range r.Fields {
			if f.Name == field && strings.HasPrefix(f.Value, prefix) {
				out = append(out, lake.ValueCount{Value: f.Value, Count: 1})
			}
		}
	}
	return out, lake.Stats{}, nil
}

func (l *memoryLake) FieldStats(_ context.Context, sc lake.Scope, s lake.Search, _ int) ([]lake.FieldStats, int, lake.Stats, error) {
	n := len(l.visible(sc, s))
	return []lake.FieldStats{{Name: "host", Count: int64(n)}}, n, lake.Stats{}, nil
}

func (l *memoryLake) Event(_ context.Context, sc lake.Scope, id event.ID) (*lake.Row, error) {
	for _, r := range l.visible(sc, lake.Search{}) {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no such event")
}

func (l *memoryLake) Around(ctx context.Context, sc lake.Scope, id event.ID, _ time.Duration, _ int) ([]lake.Row, error) {
	r, err := l.Event(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	return []lake.Row{*r}, nil
}
