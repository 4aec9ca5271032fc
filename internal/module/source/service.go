package source

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Service keeps the sources.
type Service struct {
	store       store
	blocks      Blocks
	now         func() time.Time
	silentAfter time.Duration

	mu    sync.Mutex
	known map[event.UnitID]int // sources per unit, for the bound; read lazily
}

// Options is what the service needs. Zero SilentAfter: DefaultSilentAfter.
type Options struct {
	DB          *bun.DB
	Blocks      Blocks
	Now         func() time.Time
	SilentAfter time.Duration
}

// New makes the service.
func New(o Options) *Service {
	if o.SilentAfter == 0 {
		o.SilentAfter = DefaultSilentAfter
	}
	return &Service{store: store{o.DB}, blocks: o.Blocks, now: o.Now, silentAfter: o.SilentAfter, known: map[event.UnitID]int{}}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "source", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "source-prune", Run: s.runPrune}},
	}
}

type key struct {
	unit                      event.UnitID
	input, peer, host, format string
}

// Observe counts a batch into its sources, inside the transaction that stores
// its events. Observations of one source may come in parts. It is called by the
// product itself, not for a principal.
func (s *Service) Observe(ctx context.Context, tx bun.Tx, observations []Observation) error {
	if len(observations) == 0 {
		return nil
	}
	merged, order, err := s.merge(ctx, tx, observations)
	if err != nil {
		return err
	}
	sources := make([]sourceRow, 0, len(order))
	var inbox []unparsedRow
	for _, k := range order {
		o := merged[k]
		last := sqldb.MicrosOf(o.LastReceived)
		sources = append(sources, sourceRow{
			Unit: string(k.unit), Input: k.input, Peer: k.peer, Host: k.host, Format: k.format,
			Product: module.Text(o.Product, maxNameBytes), Service: module.Text(o.Service, maxNameBytes),
			FirstSeen: last, LastSeen: last, Events: o.Events, Unparsed: o.Unparsed,
		})
		if o.Unparsed > 0 {
			samples, err := json.Marshal(o.Samples)
			if err != nil {
				return err
			}
			inbox = append(inbox, unparsedRow{
				Unit: string(k.unit), Input: k.input, Peer: k.peer, Host: k.host,
				Bucket: sqldb.MicrosOf(o.LastReceived.Truncate(bucketWidth)), Count: o.Unparsed, LastSeen: last, Samples: string(samples),
			})
		}
	}
	if err := s.store.addSources(ctx, tx, sources); err != nil {
		return err
	}
	return s.store.addUnparsed(ctx, tx, foldUnparsed(inbox))
}

// foldUnparsed puts rows of one key together: the inbox does not tell formats
// apart, and one statement must not name a row twice.
func foldUnparsed(rows []unparsedRow) []unparsedRow {
	out := rows[:0]
	for _, r := range rows {
		i := slices.IndexFunc(out, func(o unparsedRow) bool {
			return o.Unit == r.Unit && o.Input == r.Input && o.Peer == r.Peer && o.Host == r.Host && o.Bucket == r.Bucket
		})
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i].Count += r.Count
		if r.LastSeen >= out[i].LastSeen {
			out[i].LastSeen, out[i].Samples = r.LastSeen, r.Samples
		}
	}
	return out
}

// merge adds observations up by source, with names made storable and the
// number of sources of a unit bounded.
func (s *Service) merge(ctx context.Context, tx bun.Tx, observations []Observation) (map[key]*Observation, []key, error) {
	merged := make(map[key]*Observation, len(observations))
	var order []key
	for i := range observations {
		o := observations[i]
		k := key{
			unit: event.UnitID(module.Text(string(o.Unit), maxNameBytes)), input: module.Text(o.Input, maxNameBytes),
			peer: module.Text(o.Peer, maxNameBytes), host: module.Text(o.Host, maxNameBytes), format: module.Text(o.Format, maxNameBytes),
		}
		if merged[k] == nil {
			full, err := s.full(ctx, tx, k)
			if err != nil {
				return nil, nil, err
			}
			if full {
				// Peers can be as many as hosts where the sender forges them.
				k.host, k.peer = otherHosts, otherHosts
			}
		}
		samples := make([]string, 0, maxSamples)
		for _, sample := range o.Samples[:min(len(o.Samples), maxSamples)] {
			samples = append(samples, module.Text(sample, maxSampleBytes))
		}
		m := merged[k]
		if m == nil {
			o.Samples = samples
			merged[k] = &o
			order = append(order, k)
			continue
		}
		m.Events += o.Events
		m.Unparsed += o.Unparsed
		if o.LastReceived.After(m.LastReceived) {
			m.LastReceived, m.Product, m.Service = o.LastReceived, o.Product, o.Service
		}
		if len(samples) > 0 {
			m.Samples = append(samples, m.Samples...)
			m.Samples = m.Samples[:min(len(m.Samples), maxSamples)]
		}
	}
	return merged, order, nil
}

// full tells whether k would be one source too many for its unit. The number
// is an estimate kept in memory: a transaction that fails leaves it too high by
// a few until the next start.
func (s *Service) full(ctx context.Context, tx bun.Tx, k key) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, read := s.known[k.unit]
	if !read {
		var err error
		if n, err = s.store.countSources(ctx, tx, k.unit); err != nil {
			return false, err
		}
		s.known[k.unit] = n
	}
	if n < maxPerUnit/2 {
		// Far from the bound the count may run ahead; it is read again there.
		s.known[k.unit]++
		if n+1 == maxPerUnit/2 {
			delete(s.known, k.unit)
		}
		return false, nil
	}
	exists, err := s.store.exists(ctx, tx, k)
	if err != nil || exists {
		return false, err
	}
	if n >= maxPerUnit {
		return true, nil
	}
	s.known[k.unit]++
	return false, nil
}

// List returns the principal's sources that contain text in a name, the longest
// unheard first. Errors: Denied.
func (s *Service) List(ctx context.Context, unit event.UnitID, text string) ([]module.SourceView, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	rows, err := s.store.list(ctx, p, unit)
	if err != nil {
		return nil, err
	}
	want := module.Fold(strings.TrimSpace(text))
	out := []module.SourceView{}
	for i := range rows {
		r := &rows[i]
		if want == "" || strings.Contains(module.Fold(strings.Join([]string{r.Unit, r.Input, r.Peer, r.Host, r.Format, r.Product, r.Service}, "\n")), want) {
			out = append(out, s.view(r))
		}
	}
	return out, nil
}

// Worst returns the n sources that most need a look: silent ones first, then
// those with the largest share of unparsed lines. Errors: Denied.
func (s *Service) Worst(ctx context.Context, n int) ([]module.SourceView, error) {
	all, err := s.List(ctx, "", "")
	if err != nil {
		return nil, err
	}
	share := func(v *module.SourceView) float64 { return float64(v.Unparsed) / float64(max(v.Events, 1)) }
	slices.SortStableFunc(all, func(a, b module.SourceView) int {
		switch {
		case a.Status != b.Status && a.Status == "silent":
			return -1
		case a.Status != b.Status:
			return 1
		case a.Status == "silent":
			return b.LastSeen.Compare(a.LastSeen.Time) // the freshest silence first
		case share(&a) != share(&b):
			if share(&a) > share(&b) {
				return -1
			}
			return 1
		}
		return a.LastSeen.Compare(b.LastSeen.Time)
	})
	return all[:min(n, len(all))], nil
}

func (s *Service) view(r *sourceRow) module.SourceView {
	src := Source{LastSeen: r.LastSeen.Time()}
	return module.SourceView{
		Unit: event.UnitID(r.Unit), Input: r.Input, Peer: r.Peer, Host: r.Host, Format: r.Format, Product: r.Product, Service: r.Service,
		FirstSeen: module.Time{Time: r.FirstSeen.Time()}, LastSeen: module.Time{Time: r.LastSeen.Time()},
		Events: r.Events, Unparsed: r.Unparsed, Status: src.Status(s.now(), s.silentAfter),
	}
}

// Inbox returns what no parser understood, by sender, the most first.
// Errors: Denied, Invalid.
func (s *Service) Inbox(ctx context.Context, from, to time.Time) ([]Unparsed, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	if err := module.CheckRange(from, to, "query"); err != nil {
		return nil, err
	}
	return s.store.inbox(ctx, p, sqldb.MicrosOf(from.Truncate(bucketWidth)), sqldb.MicrosOf(to))
}

// UnparsedCount counts the lines no parser understood, by whole hours of arrival.
// Errors: Denied.
func (s *Service) UnparsedCount(ctx context.Context, from, to time.Time) (int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return 0, err
	}
	return s.store.unparsedCount(ctx, p, sqldb.MicrosOf(from.Truncate(bucketWidth)), sqldb.MicrosOf(to))
}

func (s *Service) runPrune(ctx context.Context) error {
	tick := time.NewTicker(bucketWidth)
	defer tick.Stop()
	for {
		if err := s.store.prune(ctx, sqldb.MicrosOf(s.now().Add(-unparsedKept))); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
