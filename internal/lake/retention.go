package lake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
)

const retainEvery = time.Minute

// Reasons of deletions.
const (
	deletedAge   = "age"
	deletedSize  = "size"
	deletedEarly = "size-below-minimum" // sooner than the rules' minimum allows
)

// Deletion is what retention deleted of one segment.
type Deletion struct {
	SegmentID, Reason string // "age", "size" or "size-below-minimum"
	Events, Bytes     int64
	From, To          time.Time // of the segment's events
	Units             []event.UnitID
	UnitEvents        map[event.UnitID]int64 // how many of each; nil if that is not known
	At                time.Time
}

type deletionRow struct {
	bun.BaseModel `bun:"table:lake_deletion"`

	SegmentID  string `bun:"segment_id,pk"`
	Reason     string `bun:"reason"`
	Rows       int64  `bun:"row_count"`
	Bytes      int64  `bun:"byte_count"`
	MinTime    int64  `bun:"min_time"`
	MaxTime    int64  `bun:"max_time"`
	Units      string `bun:"units"`
	UnitCounts string `bun:"unit_counts"` // JSON object; "" if not known
	DeletedAt  int64  `bun:"deleted_at"`
}

func deletionRowOf(s *segment, reason string, v *expiry, bytes int64, now time.Time) *deletionRow {
	row := &deletionRow{
		SegmentID: s.id, Reason: reason, Rows: v.dropped, Bytes: bytes,
		MinTime: s.minTime, MaxTime: s.maxTime, DeletedAt: now.UnixMicro(),
	}
	units := s.units
	if v.units != nil {
		units = units[:0:0]
		for u := range v.units {
			units = append(units, u)
		}
		slices.Sort(units)
		if text, err := json.Marshal(v.units); err == nil { // it is a map of texts and numbers
			row.UnitCounts = string(text)
		}
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = string(u)
	}
	row.Units = strings.Join(names, "\x1f")
	return row
}

// RunRetention deletes what is too old or too much until ctx ends. What it
// deletes is logged, listed by Deletions and an entry of the evidence chain.
func (l *Lake) RunRetention(ctx context.Context) error {
	ticker := time.NewTicker(retainEvery)
	defer ticker.Stop()
	begun, clock := time.Now(), clockWatch{newest: l.newest()}
	for {
		retain := l.retain
		if why := clock.trust(l.now(), time.Since(begun)); why != "" {
			l.raise(l.now(), why)
			retain = func(ctx context.Context) error { return l.retainSize(ctx, l.now()) }
		}
		if err := retain(ctx); err != nil && ctx.Err() == nil {
			l.log.Warn("deleting old segments failed; it will be tried again", "error", err)
		}
		if _, err := l.archiveChain(ctx); err != nil && ctx.Err() == nil {
			l.log.Warn("it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// retain deletes once: first what is due, by age; then, over lake.maxBytes, the
// oldest. Age is that of arrival: a sender's clock decides over nothing. What is
// held stays in both cases.
func (l *Lake) retain(ctx context.Context) error {
	now := l.now()
	for _, s := range l.byArrival() {
		if err := l.retainAge(ctx, s, now); err != nil {
			return err
		}
	}
	return l.retainSize(ctx, now)
}

// byArrival lists the segments, the oldest first.
func (l *Lake) byArrival() []*segment {
	l.mu.Lock()
	all := make([]*segment, 0, len(l.segments))
	for _, s := range l.segments {
		all = append(all, s)
	}
	for id := range l.judged {
		if l.segments[id] == nil {
			delete(l.judged, id)
		}
	}
	l.mu.Unlock()
	slices.SortFunc(all, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(a.maxReceived, b.maxReceived), strings.Compare(a.id, b.id))
	})
	return all
}

// retainAge deletes what is due of one segment.
func (l *Lake) retainAge(ctx context.Context, s *segment, now time.Time) error {
	p := l.policy.Load()
	shortest, longest, _ := p.bounds(s.units)
	whole := s.maxReceived < before(now, longest)
	if !whole && (shortest == longest || s.minReceived >= before(now, shortest)) {
		return nil
	}
	holds := l.holds.Load()
	return l.retainRows(ctx, s, now, deletedAge, whole, holds, func(k kept, received int64) (bool, bool) {
		limit := before(now, k.age)
		return received < limit, received < limit-mostOverdue.Microseconds()
	})
}

// retainRows deletes the rows of s that are due. whole says that all are, if
// none is held.
func (l *Lake) retainRows(ctx context.Context, s *segment, now time.Time, reason string, whole bool, holds *[]Hold, due func(kept, int64) (bool, bool)) error {
	l.mu.Lock()
	broken, wait := s.broken != "" || s.dead, l.judged[s.id]
	l.mu.Unlock()
	touching := l.holding(s)
	if whole && len(touching) == 0 {
		return l.dropRows(ctx, s, l.wholeExpiry(ctx, s, broken), reason, holds)
	}
	if broken || now.Before(wait) {
		return nil // what cannot be read cannot be rewritten
	}
	v, err := l.judge(ctx, s, touching, due)
	if err != nil {
		return err
	}
	if !v.worth(s) {
		l.mu.Lock()
		l.judged[s.id] = now.Add(judgeAgain)
		l.mu.Unlock()
		return nil
	}
	return l.dropRows(ctx, s, v, reason, holds)
}

// wholeExpiry is that every row goes, counted by unit if the file can be read.
func (l *Lake) wholeExpiry(ctx context.Context, s *segment, broken bool) *expiry {
	if !broken {
		v, err := l.judge(ctx, s, nil, func(kept, int64) (bool, bool) { return true, true })
		if err == nil && v.dropped == s.rows {
			return v
		}
	}
	return &expiry{dropped: s.rows}
}

// retainSize deletes the oldest while there is more than lake.maxBytes: first
// what no minimum keeps; then, with an alarm, what one does.
func (l *Lake) retainSize(ctx context.Context, now time.Time) error {
	limit := int64(l.config.MaxBytes)
	if limit <= 0 {
		return nil
	}
	p := l.policy.Load()
	early := int64(0)
	for _, reason := range []string{deletedSize, deletedEarly} {
		for _, s := range l.byArrival() {
			if l.size() <= limit {
				break
			}
			_, _, minimum := p.bounds(s.units)
			if reason == deletedSize && minimum > 0 && s.maxReceived >= before(now, minimum) {
				continue
			}
			holds, size := l.holds.Load(), l.size()
			err := l.retainRows(ctx, s, now, reason, true, holds, func(kept, int64) (bool, bool) { return true, false })
			if err != nil {
				return err
			}
			if reason == deletedEarly {
				early += size - l.size()
			}
		}
	}
	switch over := l.size() - limit; {
	case early > 0:
		l.raise(now, fmt.Sprintf("lake.maxBytes (%v) is too small: events were deleted before the shortest time that the rules of retention allow", l.config.MaxBytes))
	case over > 0:
		l.raise(now, fmt.Sprintf("the lake is %d MiB over lake.maxBytes (%v), and legal holds keep what is left", over>>20, l.config.MaxBytes))
	}
	return nil
}

// newest is when the newest event arrived; zero if there is
// none.
func (l *Lake) newest() (at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		if t := time.UnixMicro(s.maxReceived); t.After(at) {
			at = t
		}
	}
	return at
}

// size is that of all segments.
func (l *Lake) size() (bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		bytes += s.bytes
	}
	return bytes
}

// alarmFor is how long an alarm is raised after its last cause.
const alarmFor = 24 * time.Hour

// retentionAlarm is what people must know of retention.
type retentionAlarm struct {
	text string
	at   time.Time
}

func (l *Lake) raise(now time.Time, text string) {
	if old := l.alarm.Swap(&retentionAlarm{text, now}); old == nil || old.text != text || now.Sub(old.at) > time.Hour {
		l.log.Error("retention cannot keep its rules", "problem", text)
	}
	l.metrics.alarm.Set(1)
}

// RetentionAlarm says, for a day after it happened, why retention could not keep
// its rules; "" if it could.
func (l *Lake) RetentionAlarm() string {
	a := l.alarm.Load()
	if a == nil || l.now().Sub(a.at) > alarmFor {
		l.metrics.alarm.Set(0)
		return ""
	}
	return a.text
}

// Deletions lists what retention deleted, newest first.
func (l *Lake) Deletions(ctx context.Context, limit int) ([]Deletion, error) {
	var rows []deletionRow
	if err := l.db.NewSelect().Model(&rows).Order("deleted_at DESC", "segment_id").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("lake: deletions: %w", err)
	}
	out := make([]Deletion, len(rows))
	for i, r := range rows {
		out[i] = Deletion{
			SegmentID: r.SegmentID, Reason: r.Reason, Events: r.Rows, Bytes: r.Bytes,
			From: time.UnixMicro(r.MinTime).UTC(), To: time.UnixMicro(r.MaxTime).UTC(), At: time.UnixMicro(r.DeletedAt).UTC(),
		}
		for u := range strings.SplitSeq(r.Units, "\x1f") {
			out[i].Units = append(out[i].Units, event.UnitID(u))
		}
		if r.UnitCounts != "" {
			if err := json.Unmarshal([]byte(r.UnitCounts), &out[i].UnitEvents); err != nil {
				return nil, fmt.Errorf("lake: deletion of segment %s: %w", r.SegmentID, err)
			}
		}
	}
	return out, nil
}
