package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Compaction keeps the number of files small, as an LSM tree does, in levels:
// flushes are merged within about a minute, the segments of an hour when the
// hour is over, those of a day when the day is over. An output never crosses the
// border of its bucket, so that a range of time touches few files.
const (
	flushAge    = time.Minute      // a flush waits no longer for others
	flushCount  = 32               // so many flushes do not wait at all
	flushMost   = 128              // merged at once
	hourGrace   = 10 * time.Minute // for what comes late
	dayGrace    = 2 * time.Hour
	quiet       = 30 * time.Minute // without a new segment, a bucket is tidied up whatever it costs
	mergeRows   = 1 << 20          // of one merge, whose keys are held in memory
	mergeInputs = 256              // files open in one merge
	skewCount   = 16
)

const (
	hourMicros = int64(time.Hour / time.Microsecond)
	dayMicros  = 24 * hourMicros
)

// mergeTask is a set of segments to be replaced by their merger.
type mergeTask struct {
	level  int
	bucket int64 // micros; outputs are cut at its multiples; 0: not cut
	inputs []*segment
	drop   []bool // by row of a single input: rows that are left out
}

// nextMerge picks what to merge now; nil if nothing is worth it. It only looks
// at the manifest.
func nextMerge(segs []*segment, now time.Time) *mergeTask {
	var normal []*segment
	var skewed [levels][]*segment
	for _, s := range segs {
		switch {
		case s.broken != "" || s.rows >= mergeRows/2:
		case s.skewed:
			skewed[s.level] = append(skewed[s.level], s)
		default:
			normal = append(normal, s)
		}
	}
	at := now.UnixMicro()
	if t := mergeFlushes(normal, at); t != nil {
		return t
	}
	for _, b := range []struct {
		level         int
		bucket, grace int64
	}{{levelHour, hourMicros, hourGrace.Microseconds()}, {levelDay, dayMicros, dayGrace.Microseconds()}} {
		if t := mergeBucket(normal, b.level, b.bucket, b.grace, at); t != nil {
			return t
		}
	}
	// Wrong clocks are spread over the centuries: they are merged by arrival.
	for level, group := range skewed {
		if len(group) >= skewCount && level < levelDay {
			return limitMerge(&mergeTask{level: level + 1, inputs: byAge(group)})
		}
	}
	return nil
}

func byAge(segs []*segment) []*segment {
	slices.SortFunc(segs, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(a.createdAt, b.createdAt), strings.Compare(a.id, b.id))
	})
	return segs
}

func mergeFlushes(segs []*segment, now int64) *mergeTask {
	var flushes []*segment
	for _, s := range segs {
		if s.level == levelFlush {
			flushes = append(flushes, s)
		}
	}
	byAge(flushes)
	if len(flushes) < 2 || len(flushes) < flushCount && flushes[0].createdAt > now-flushAge.Microseconds() {
		return nil
	}
	flushes = flushes[:min(len(flushes), flushMost)]
	low, high := flushes[0].minTime, flushes[0].maxTime
	for _, s := range flushes {
		low, high = min(low, s.minTime), max(high, s.maxTime)
	}
	t := &mergeTask{level: levelMinute, bucket: hourMicros, inputs: flushes}
	if high-low > 2*dayMicros {
		t.bucket = dayMicros // an import of old logs: hours would be too many files
	}
	return limitMerge(t)
}

// mergeBucket finds the oldest bucket that is over and has segments to merge.
func mergeBucket(segs []*segment, level int, bucket, grace, now int64) *mergeTask {
	buckets := map[int64][]*segment{}
	var order []int64
	for _, s := range segs {
		b := floorDiv(s.minTime, bucket)
		switch {
		case s.level > level, s.level == levelFlush && s.createdAt > now-flushAge.Microseconds():
			continue
		case floorDiv(s.maxTime, bucket) != b || (b+1)*bucket+grace > now:
			continue
		}
		if buckets[b] == nil {
			order = append(order, b)
		}
		buckets[b] = append(buckets[b], s)
	}
	slices.Sort(order)
	for _, b := range order {
		if inputs := worthMerging(buckets[b], now); len(inputs) > 1 {
			if t := limitMerge(&mergeTask{level: level, bucket: bucket, inputs: inputs}); t != nil {
				return t
			}
		}
	}
	return nil
}

// worthMerging leaves out segments so large that rewriting them for the sake of
// small ones costs more than it brings, unless the bucket has come to rest.
func worthMerging(segs []*segment, now int64) []*segment {
	newest, sum := int64(0), int64(0)
	for _, s := range segs {
		newest = max(newest, s.createdAt)
		sum += s.rows
	}
	slices.SortFunc(segs, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(a.rows, b.rows), strings.Compare(a.id, b.id))
	})
	if newest <= now-quiet.Microseconds() {
		return segs
	}
	for len(segs) > 1 {
		last := segs[len(segs)-1]
		if sum -= last.rows; last.rows <= 3*sum {
			return segs
		}
		segs = segs[:len(segs)-1]
	}
	return nil
}

// limitMerge cuts a task to what one merge may hold; nil if nothing is left to
// merge.
func limitMerge(t *mergeTask) *mergeTask {
	rows := int64(0)
	names := map[string]bool{}
	for i, s := range t.inputs {
		rows += s.rows
		for _, f := range s.fields {
			names[f.folded] = true
		}
		if i > 0 && (i == mergeInputs || rows > mergeRows || len(names) > maxFields) {
			t.inputs = t.inputs[:i]
			break
		}
	}
	if len(t.inputs) < 2 {
		return nil
	}
	return t
}

const (
	compactEvery = 2 * time.Second
	compactPause = 30 * time.Second // after a failure
)

// RunCompaction merges small segments until ctx ends. One merge runs at a time,
// in bounded memory. A merge that fails, for want of disk for instance, changes
// nothing and is tried again.
func (l *Lake) RunCompaction(ctx context.Context) error {
	timer := time.NewTimer(compactEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		wait := compactEvery
		for {
			done, err := l.compactOnce(ctx)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				l.metrics.mergeFailures.Inc()
				l.log.Warn("merging segments failed; it will be tried again", "error", err)
				wait = compactPause
			}
			if err != nil || !done {
				break
			}
		}
		timer.Reset(wait)
	}
}

// Compact merges until nothing is worth merging at this moment, for a lake that
// nobody else compacts. It returns how many merges it did.
func (l *Lake) Compact(ctx context.Context) (merges int, err error) {
	for {
		done, err := l.compactOnce(ctx)
		if err != nil || !done {
			return merges, err
		}
		merges++
	}
}

// compactOnce does one merge if one is worth it.
func (l *Lake) compactOnce(ctx context.Context) (done bool, err error) {
	l.mu.Lock()
	all := make([]*segment, 0, len(l.segments))
	for _, s := range l.segments {
		all = append(all, s)
	}
	task := nextMerge(all, l.now())
	if task == nil {
		l.mu.Unlock()
		return false, nil
	}
	for _, s := range task.inputs {
		s.refs++
	}
	l.mu.Unlock()
	defer l.release(task.inputs)
	start := time.Now()
	if err := l.mergeSegments(ctx, task); err != nil {
		return false, err
	}
	l.metrics.mergeSeconds.Observe(time.Since(start).Seconds())
	return true, nil
}

// mergeSegments writes the merger of a task and swaps it in. The old files go
// when their last reader is done.
func (l *Lake) mergeSegments(ctx context.Context, t *mergeTask) error {
	// A damaged file must not be read into a new one with a fresh checksum.
	for _, s := range t.inputs {
		reason, err := l.checkSum(ctx, s)
		if err != nil {
			return fmt.Errorf("lake merge: %w", err)
		}
		if reason != "" {
			return l.markBroken(ctx, s, reason)
		}
	}
	added, err := l.writeMerged(ctx, t)
	if err != nil {
		l.removeFiles(added)
		return fmt.Errorf("lake merge: %w", err)
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	gone := slices.ContainsFunc(t.inputs, func(s *segment) bool { return s.dead })
	l.mu.Unlock()
	if gone { // retention was faster
		l.removeFiles(added)
		return nil
	}
	if err := l.register(ctx, change{kind: chainMerge}, added, t.inputs, func(ctx context.Context, tx bun.Tx) error {
		return moveBlocks(ctx, tx, added, t.inputs)
	}); err != nil {
		return fmt.Errorf("lake merge: %w", err)
	}
	for _, s := range added {
		l.metrics.merged.Add(float64(s.rows))
	}
	return nil
}

// moveBlocks lets every merged segment name all blocks of its inputs: which of
// them went where is not recorded, Replace tells by time.
func moveBlocks(ctx context.Context, tx bun.Tx, added, removed []*segment) error {
	old := make([]string, len(removed))
	for i, s := range removed {
		old[i] = s.id
	}
	for _, s := range added {
		_, err := tx.NewRaw("INSERT INTO lake_segment_block (segment_id, stream, seq) SELECT DISTINCT CAST(? AS TEXT), stream, seq FROM lake_segment_block WHERE segment_id IN (?)",
			s.id, bun.List(old)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	_, err := tx.NewDelete().Model((*segmentBlockRow)(nil)).Where("segment_id IN (?)", bun.List(old)).Exec(ctx)
	return err
}
