package lake

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// Levels of a segment: how far it has been merged.
const (
	levelFlush  = iota // as committed
	levelMinute        // several flushes
	levelHour          // one hour of event time
	levelDay           // one day of event time
	levels
)

var levelNames = [levels]string{"flush", "minute", "hour", "day"}

// States of a segment in the manifest.
const (
	stateLive   = "live"
	stateBroken = "broken" // cannot be read; kept for rebuilding and as evidence
)

// segment is one segment as readers see it. Everything but the last block is
// immutable; that is guarded by Lake.mu.
type segment struct {
	id                       string
	level                    int
	skewed                   bool // holds the events whose clocks are wrong, and only those
	minTime, maxTime         int64
	minReceived, maxReceived int64
	minID, maxID             event.ID
	rows, bytes              int64
	sum                      string // SHA-256, hex
	units                    []event.UnitID
	fields                   []fieldColumn // sorted by folded
	text, overflow           bool          // some row has _text, _overflow
	createdAt                int64
	chainSeq                 int64 // of the chain's entry that added it

	arrived bool // its events are new ones: see Tail

	broken string // why it cannot be read; "" if it can
	refs   int    // readers
	dead   bool   // no longer in the manifest; its file goes with the last reader
}

// fieldColumn is a field's column of one segment.
type fieldColumn struct {
	folded, name string
	multi, null  bool
}

func (s *segment) field(folded string) (fieldColumn, bool) {
	i, ok := slices.BinarySearchFunc(s.fields, folded, func(f fieldColumn, n string) int { return strings.Compare(f.folded, n) })
	if !ok {
		return fieldColumn{}, false
	}
	return s.fields[i], true
}

func (l *Lake) path(s *segment) string {
	return filepath.Join(l.dir, levelNames[s.level], s.id+segmentSuffix)
}

const (
	segmentSuffix = ".parquet"
	tempSuffix    = ".tmp"
)

func newSegmentID(now time.Time) string {
	id := event.NewBatchID(now)
	return hex.EncodeToString(id[:])
}

// segmentRow is a segment in SQL.
type segmentRow struct {
	bun.BaseModel `bun:"table:lake_segment"`

	ID          string `bun:"id,pk"`
	Level       int    `bun:"level"`
	Skewed      bool   `bun:"skewed"`
	State       string `bun:"state"`
	Reason      string `bun:"reason"`
	MinTime     int64  `bun:"min_time"`
	MaxTime     int64  `bun:"max_time"`
	MinReceived int64  `bun:"min_received"`
	MaxReceived int64  `bun:"max_received"`
	MinID       string `bun:"min_id"`
	MaxID       string `bun:"max_id"`
	Rows        int64  `bun:"row_count"`
	Bytes       int64  `bun:"byte_count"`
	SHA256      string `bun:"sha256"`
	Units       string `bun:"units"`
	Fields      string `bun:"field_list"`
	CreatedAt   int64  `bun:"created_at"`
	ChainSeq    int64  `bun:"chain_seq"`
}

// field_list holds one line per field column, "flags\tname": m for several
// values, n for null. The first line has the flags of the core: t, o.
func (s *segment) row() *segmentRow {
	var f strings.Builder
	if s.text {
		f.WriteByte('t')
	}
	if s.overflow {
		f.WriteByte('o')
	}
	for _, c := range s.fields {
		f.WriteByte('\x1f')
		if c.multi {
			f.WriteByte('m')
		}
		if c.null {
			f.WriteByte('n')
		}
		f.WriteByte('\t')
		f.WriteString(c.name)
	}
	units := make([]string, len(s.units))
	for i, u := range s.units {
		units[i] = string(u)
	}
	return &segmentRow{
		ID: s.id, Level: s.level, Skewed: s.skewed, State: stateLive,
		MinTime: s.minTime, MaxTime: s.maxTime, MinReceived: s.minReceived, MaxReceived: s.maxReceived,
		MinID: s.minID.String(), MaxID: s.maxID.String(), Rows: s.rows, Bytes: s.bytes, SHA256: s.sum,
		Units: strings.Join(units, "\x1f"), Fields: f.String(), CreatedAt: s.createdAt, ChainSeq: s.chainSeq,
	}
}

func (l *Lake) fromRow(r *segmentRow) (*segment, error) {
	s := &segment{
		id: r.ID, level: r.Level, skewed: r.Skewed,
		minTime: r.MinTime, maxTime: r.MaxTime, minReceived: r.MinReceived, maxReceived: r.MaxReceived,
		rows: r.Rows, bytes: r.Bytes, sum: r.SHA256, createdAt: r.CreatedAt, chainSeq: r.ChainSeq,
	}
	if r.State == stateBroken {
		s.broken = r.Reason
	}
	var err1, err2 error
	s.minID, err1 = event.ParseID(r.MinID)
	s.maxID, err2 = event.ParseID(r.MaxID)
	if err1 != nil || err2 != nil || r.Level < 0 || r.Level >= levels || !isSegmentID(r.ID) {
		return nil, fmt.Errorf("manifest: segment %q has an impossible entry", r.ID)
	}
	for u := range strings.SplitSeq(r.Units, "\x1f") {
		s.units = append(s.units, event.UnitID(u))
	}
	for i, part := range strings.Split(r.Fields, "\x1f") {
		if i == 0 {
			s.text, s.overflow = strings.Contains(part, "t"), strings.Contains(part, "o")
			continue
		}
		flags, name, _ := strings.Cut(part, "\t")
		name = l.names.intern(name)
		s.fields = append(s.fields, fieldColumn{
			folded: l.names.intern(query.Fold(name)), name: name,
			multi: strings.Contains(flags, "m"), null: strings.Contains(flags, "n"),
		})
	}
	slices.SortFunc(s.fields, func(a, b fieldColumn) int { return strings.Compare(a.folded, b.folded) })
	return s, nil
}

func isSegmentID(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) == len(event.BatchID{})
}

// nameSet keeps one copy of each column name, because hundreds of segments have
// the same hundreds of columns.
type nameSet map[string]string

func (n nameSet) intern(s string) string {
	if old, ok := n[s]; ok {
		return old
	}
	s = strings.Clone(s)
	n[s] = s
	return s
}

// load reads the manifest.
func (l *Lake) load(ctx context.Context) error {
	var rows []segmentRow
	if err := l.db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return fmt.Errorf("lake manifest: %w", err)
	}
	for i := range rows {
		s, err := l.fromRow(&rows[i])
		if err != nil {
			return err
		}
		l.segments[s.id] = s
	}
	return nil
}

// acquire returns the segments that keep says, each held until release.
func (l *Lake) acquire(keep func(*segment) bool) []*segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*segment
	for _, s := range l.segments {
		if keep(s) {
			s.refs++
			out = append(out, s)
		}
	}
	return out
}

func (l *Lake) release(segs []*segment) {
	var gone []*segment
	l.mu.Lock()
	for _, s := range segs {
		if s.refs--; s.refs == 0 && s.dead {
			gone = append(gone, s)
		}
	}
	l.mu.Unlock()
	l.removeFiles(gone)
}

// publish makes the manifest's change visible to readers that come now.
func (l *Lake) publish(added, removed []*segment) {
	var gone []*segment
	l.mu.Lock()
	for _, s := range removed {
		delete(l.segments, s.id)
		s.dead = true
		if s.refs == 0 {
			gone = append(gone, s)
		}
	}
	for _, s := range added {
		l.segments[s.id] = s
	}
	gone = append(gone, l.arrive(added)...)
	l.measure()
	l.mu.Unlock()
	l.removeFiles(gone)
}

func (l *Lake) removeFiles(segs []*segment) {
	for _, s := range segs {
		if err := errors.Join(l.opened.drop(s), l.fs.Remove(l.path(s))); err != nil {
			// It is out of the manifest: the next Open removes it.
			l.log.Warn("a deleted segment's file stays for now", "segment", s.id, "error", err)
		}
	}
}
