package lake

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"
)

// Options is what a lake needs to open.
type Options struct {
	Dir     string  // folder of the segments; made if missing
	DB      *bun.DB // holds the manifest; Migrations have been applied
	Log     *slog.Logger
	Metrics prometheus.Registerer
	Now     func() time.Time
	Config  Config

	// Pressure tells how far ingest is behind, from 0 (not at all) to 1: searches
	// and merges give way to it. It is asked every few milliseconds. nil: never.
	Pressure func() float64

	files files // nil: the disk
}

// Lake is an open event store; it is safe for concurrent use. One process at a
// time may open a folder; its caller makes sure of that.
type Lake struct {
	dir     string
	db      *bun.DB
	log     *slog.Logger
	now     func() time.Time
	config  Config
	fs      files
	metrics *metrics
	opened  *openSegments
	pace    *pacer
	memory  *budget
	scans   sync.Pool // of *groupScan

	fast, best *zstd.Encoder // of flushes, of merged segments
	unzstd     *zstd.Decoder
	encoders   sync.Pool

	// writing serialises changes of the manifest, so that SQL and memory change
	// in the same order. It is taken before mu.
	writing   sync.Mutex
	uncertain []*segment // of commits whose outcome the database did not tell

	policy atomic.Pointer[retentionPolicy]
	holds  atomic.Pointer[[]Hold] // in force; replaced under writing
	alarm  atomic.Pointer[retentionAlarm]

	mu       sync.Mutex
	segments map[string]*segment
	judged   map[string]time.Time // segments with too little to delete: when to look again
	names    nameSet
	arrivals arrivals
}

// Open opens the lake: it reads the manifest, removes what a killed process left
// behind and marks segments whose files are missing or cut short as broken.
func Open(ctx context.Context, o Options) (*Lake, error) {
	if err := o.Config.Validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	l := &Lake{
		dir: dir, db: o.DB, log: o.Log, now: o.Now, config: o.Config, fs: o.files,
		segments: map[string]*segment{}, names: nameSet{}, judged: map[string]time.Time{},
	}
	if l.fs == nil {
		l.fs = disk{}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.now == nil {
		l.now = time.Now
	}
	l.metrics = newMetrics(o.Metrics)
	l.encoders.New = func() any { return new(encoder) }
	for _, sub := range levelNames {
		if err := l.fs.MkdirAll(filepath.Join(dir, sub)); err != nil {
			return nil, fmt.Errorf("lake: %w", diskFault(err))
		}
	}
	if l.fast, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false)); err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	if l.best, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false)); err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	if l.unzstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(1<<30)); err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	l.opened, l.pace, l.memory = newOpenSegments(l), newPacer(o.Config, o.Pressure), &budget{max: int64(o.Config.SearchMemory)}
	l.scans.New = func() any {
		return &groupScan{chunkScan: chunkScan{r: &segmentReader{zstd: l.unzstd, scratch: new(scratch)}}}
	}
	if err := l.load(ctx); err != nil {
		return nil, err
	}
	if err := l.loadHolds(ctx); err != nil {
		return nil, err
	}
	l.SetRetention(nil)
	if err := l.adopt(ctx); err != nil {
		return nil, err
	}
	if err := l.loadArrivals(ctx); err != nil {
		return nil, err
	}
	if err := l.clearLeftovers(); err != nil {
		return nil, err
	}
	if err := l.checkAll(ctx); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.measure()
	l.mu.Unlock()
	return l, nil
}

// Close closes the files kept open. Searches must have ended.
func (l *Lake) Close() error {
	l.unzstd.Close()
	return l.opened.close()
}

// clearLeftovers removes files that a killed process left: ones being written,
// ones written and not registered, ones replaced and not yet deleted. An empty
// manifest over a folder of segments means the wrong database, not leftovers.
func (l *Lake) clearLeftovers() error {
	type leftover struct{ path, id string }
	var found []leftover
	for level, name := range levelNames {
		dir := filepath.Join(l.dir, name)
		entries, err := l.fs.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("lake: %w", err)
		}
		for _, e := range entries {
			id, ours := strings.CutSuffix(strings.TrimSuffix(e.Name(), tempSuffix), segmentSuffix)
			if !ours || !isSegmentID(id) || e.IsDir() {
				continue
			}
			s := l.segments[id]
			if s != nil && s.level == level && !strings.HasSuffix(e.Name(), tempSuffix) {
				continue
			}
			found = append(found, leftover{filepath.Join(dir, e.Name()), id})
		}
	}
	if len(l.segments) == 0 && len(found) > maxLeftovers {
		return fmt.Errorf("lake: %s holds %d segments but the manifest in the database is empty: is this the right database? Restore it, or move the segments away", l.dir, len(found))
	}
	for _, f := range found {
		l.log.Info("removing what an interrupted write left", "file", f.path)
		if err := l.fs.Remove(f.path); err != nil {
			return fmt.Errorf("lake: %w", err)
		}
	}
	return nil
}

// maxLeftovers is more than the writes that can be under way when a first
// process is killed before its first commit.
const maxLeftovers = 8
