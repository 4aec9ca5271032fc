package source

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Signals takes what must become an alert. See alert.Service.
type Signals interface {
	Raise(ctx context.Context, s Signal) error
	Settle(ctx context.Context, kind string, unit event.UnitID, about string) error
}

// Signal is a trouble that somebody should look at.
type Signal struct {
	Kind     string
	Unit     event.UnitID
	About    string
	Severity string // "": as usual for the kind
	Details  map[string]string
	Query    string
	At       time.Time

	crowd *crowd // that it is about, if many
}

// Watch tells how the node is, and what it stands on.
type Watch interface {
	// Behind tells whether accepted events wait to be processed for so long that
	// nothing can be said of who is silent.
	Behind(ctx context.Context) (bool, error)
	// Disks measures what each part of the data folder takes.
	Disks(ctx context.Context) ([]DiskUse, error)
	// Certificates lists what may expire.
	Certificates(ctx context.Context) ([]Certificate, error)
	// Signals lists what else is wrong with the node now.
	Signals(ctx context.Context) []Signal
}

// Service keeps the sources.
type Service struct {
	store   store
	trail   *module.Trail
	blocks  Blocks
	signals Signals
	watch   Watch
	units   Units
	systems Systems
	log     *slog.Logger
	now     func() time.Time
	zone    *time.Location
	config  Config
	metrics *metrics

	measured time.Time // when the disks were; of the worker alone

	mu    sync.Mutex
	known map[event.UnitID]int // sources per unit, for the bound; read lazily
	named map[key]string       // ids of sources that have their search text, at most maxNamed
}

// Options is what the service needs. Nil Signals, Watch and Metrics: none. Nil
// Zone: UTC. Zero Config: DefaultConfig.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Blocks  Blocks
	Signals Signals
	Watch   Watch
	Units   Units
	Systems Systems // nil: no system is known
	Log     *slog.Logger
	Now     func() time.Time
	Zone    *time.Location
	Config  Config
	Metrics prometheus.Registerer
}

// Units names units.
type Units interface {
	Name(event.UnitID) string
}

// New makes the service; call Load before events come.
func New(o Options) *Service {
	s := &Service{
		store: store{o.DB}, trail: o.Trail, blocks: o.Blocks, signals: o.Signals, watch: o.Watch, units: o.Units, systems: o.Systems, log: o.Log,
		now: o.Now, zone: o.Zone, config: o.Config, metrics: newMetrics(o.Metrics), known: map[event.UnitID]int{}, named: map[key]string{},
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.config == (Config{}) {
		s.config = DefaultConfig()
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Load names sources that an earlier version stored.
func (s *Service) Load(ctx context.Context) error { return s.store.nameAll(ctx) }

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "source", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "source-prune", Run: s.runPrune}, {Name: "source-watch", Run: s.runWatch}},
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
		row := rowOf(k, o)
		s.name(k, &row)
		sources = append(sources, row)
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

// name gives a row its id, and its search text if it may be new. Where a
// transaction that brought a new one fails, the worker names it later.
func (s *Service) name(k key, r *sourceRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, known := s.named[k]
	if known {
		r.ID = id
		return
	}
	r.ID, r.SearchText = idOf(r.Unit, r.Input, r.Peer, r.Host, r.Format), searchText(r)
	if len(s.named) >= maxNamed {
		clear(s.named)
	}
	s.named[k] = r.ID
}

func rowOf(k key, o *Observation) sourceRow {
	last := sqldb.MicrosOf(o.LastReceived)
	r := sourceRow{
		Unit: string(k.unit), Input: k.input, Peer: k.peer, Host: k.host, Format: k.format,
		Product: module.Text(o.Product, maxNameBytes), Service: module.Text(o.Service, maxNameBytes),
		FirstSeen: last, LastSeen: last, Events: o.Events, Unparsed: o.Unparsed,
		Hour: sqldb.MicrosOf(o.LastReceived.Truncate(bucketWidth)), began: last,
	}
	if !o.FirstReceived.IsZero() {
		r.began = min(last, sqldb.MicrosOf(o.FirstReceived))
	}
	if o.Timed {
		r.Skew, r.SkewAt = o.Skew.Microseconds(), last
	}
	return r
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
		if first := o.began(); first.Before(m.began()) {
			m.FirstReceived = first
		}
		if o.Timed && (!m.Timed || !o.LastReceived.Before(m.LastReceived)) {
			m.Timed, m.Skew = true, o.Skew
		}
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
