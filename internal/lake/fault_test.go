package lake

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
)

var errPowerCut = errors.New("power cut")

// faultyDisk is the disk with faults. After cutAt operations everything fails,
// as for a process that was killed: nothing is cleaned up either. With space set,
// writes beyond it fail as on a full disk.
type faultyDisk struct {
	disk
	mu    sync.Mutex
	ops   int
	cutAt int // 0: never
	full  bool
	space int
}

func (d *faultyDisk) op() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ops++
	if d.cutAt > 0 && d.ops >= d.cutAt {
		return errPowerCut
	}
	return nil
}

func (d *faultyDisk) Create(path string) (writableFile, error) {
	if err := d.op(); err != nil {
		return nil, err
	}
	f, err := d.disk.Create(path)
	return &faultyFile{f, d}, err
}

func (d *faultyDisk) Rename(from, to string) error {
	if err := d.op(); err != nil {
		return err
	}
	return d.disk.Rename(from, to)
}

func (d *faultyDisk) Remove(path string) error {
	if err := d.op(); err != nil {
		return err
	}
	return d.disk.Remove(path)
}

func (d *faultyDisk) SyncDir(dir string) error {
	if err := d.op(); err != nil {
		return err
	}
	return d.disk.SyncDir(dir)
}

type faultyFile struct {
	writableFile
	d *faultyDisk
}

func (f *faultyFile) Write(b []byte) (int, error) {
	if err := f.d.op(); err != nil {
		n, _ := f.writableFile.Write(b[:len(b)/2]) // torn
		return n, err
	}
	f.d.mu.Lock()
	full, n := f.d.full, min(len(b), f.d.space)
	if full {
		f.d.space -= n
	}
	f.d.mu.Unlock()
	if full && n < len(b) {
		n, _ = f.writableFile.Write(b[:n])
		return n, &fs.PathError{Op: "write", Path: "segment", Err: syscall.ENOSPC}
	}
	return f.writableFile.Write(b)
}

func (f *faultyFile) Sync() error {
	if err := f.d.op(); err != nil {
		return err
	}
	return f.writableFile.Sync()
}

// Whatever step of a commit or merge is the last before the process dies, a
// fresh start shows every commit that succeeded, wholly, and no other.
func TestKilledAtAnyStep(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 11))
	events := randomEvents(r, 300, 5*time.Hour)
	for cut := 1; ; cut += 1 + r.IntN(8) { // all steps, over some runs
		dir, dbPath := t.TempDir(), filepath.Join(t.TempDir(), "manifest.db")
		d := &faultyDisk{}
		o := Options{Dir: dir, DB: openSQLiteFile(t, dbPath), Config: DefaultConfig(), files: d}
		later(&o)
		l, err := Open(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		d.mu.Lock()
		d.ops, d.cutAt = 0, cut
		d.mu.Unlock()
		var done []stored
		cutOff := false
		for i := 0; i < len(events) && !cutOff; i += 50 {
			s := l.NewSegment()
			for _, e := range events[i : i+50] {
				s.Add(&e.ev, e.rules)
			}
			err := l.Commit(context.Background(), s, []Block{{Stream: "a", Seq: uint64(i/50 + 1), Events: 50}}, nil)
			switch {
			case err == nil:
				done = append(done, events[i:i+50]...)
			case errors.Is(err, errPowerCut):
				cutOff = true
			default:
				t.Fatal(err)
			}
			if i%100 == 50 && !cutOff {
				for {
					merged, err := l.compactOnce(context.Background())
					if err != nil && !errors.Is(err, errPowerCut) {
						t.Fatal(err)
					}
					if err != nil || !merged {
						break
					}
				}
			}
			d.mu.Lock()
			cutOff = cutOff || d.ops >= cut
			d.mu.Unlock()
		}
		l.Close()

		o.files, o.DB = nil, openSQLiteFile(t, dbPath)
		l, err = Open(context.Background(), o)
		if err != nil {
			t.Fatalf("cut at step %d: %v", cut, err)
		}
		rows, stats := search(t, l, ScopeAll(), Search{})
		if len(stats.Warnings) > 0 {
			t.Fatalf("cut at step %d: %v", cut, stats.Warnings)
		}
		checkRows(t, rows, done)
		seqs, err := l.Registered(context.Background(), "a", 1, 100)
		if err != nil || len(seqs) != len(done)/50 {
			t.Fatalf("cut at step %d: %d blocks registered, %v; want %d", cut, len(seqs), err, len(done)/50)
		}
		checkNoStrayFiles(t, l)
		l.Close()
		if !cutOff {
			t.Logf("%d steps", cut)
			break
		}
	}
}

func checkNoStrayFiles(t *testing.T, l *Lake) {
	t.Helper()
	for _, level := range levelNames {
		entries, err := os.ReadDir(filepath.Join(l.dir, level))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if s := l.segments[strings.TrimSuffix(e.Name(), segmentSuffix)]; s == nil || levelNames[s.level] != level {
				t.Fatalf("stray file %s/%s", level, e.Name())
			}
		}
	}
}

func segmentOf(l *Lake, events []stored) *Segment {
	s := l.NewSegment()
	for _, e := range events {
		s.Add(&e.ev, e.rules)
	}
	return s
}

func TestDiskFullIsBusyAndPasses(t *testing.T) {
	events := randomEvents(rand.New(rand.NewPCG(2, 2)), 500, time.Hour)
	d := &faultyDisk{full: true, space: 1000}
	l := openLake(t, openSQLite(t), func(o *Options) { o.files = d })
	s := segmentOf(l, events)
	err := l.Commit(context.Background(), s, []Block{{Stream: "a", Seq: 1}}, nil)
	if fault.KindOf(err) != fault.Busy || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("a full disk gives %v, want fault.Busy over ENOSPC", err)
	}
	if rows, _ := search(t, l, ScopeAll(), Search{}); len(rows) != 0 {
		t.Fatalf("%d rows of a failed commit", len(rows))
	}
	checkNoStrayFiles(t, l)
	d.mu.Lock()
	d.full = false
	d.mu.Unlock()
	if err := l.Commit(context.Background(), s, []Block{{Stream: "a", Seq: 1}}, nil); err != nil {
		t.Fatalf("with space again: %v", err)
	}
	rows, _ := search(t, l, ScopeAll(), Search{})
	checkRows(t, rows, events)
}

func TestFailedTransactionShowsNothing(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		events := randomEvents(rand.New(rand.NewPCG(2, 2)), 100, time.Hour)
		l := openLake(t, open(t))
		s := segmentOf(l, events)
		ctx := context.Background()
		why := errors.New("the alerts could not be stored")
		blocks := []Block{{Stream: "a", Seq: 1, Events: 100, Unparsed: 3}}
		if err := l.Commit(ctx, s, blocks, func(context.Context, bun.Tx) error { return why }); !errors.Is(err, why) {
			t.Fatalf("Commit = %v", err)
		}
		if n, err := l.Count(ctx, ScopeAll(), Search{}); n != 0 || err != nil {
			t.Fatalf("Count = %d, %v", n, err)
		}
		checkNoStrayFiles(t, l)
		if err := l.Commit(ctx, s, blocks, nil); err != nil {
			t.Fatal(err)
		}
		if err := l.Commit(ctx, s, blocks, nil); err == nil {
			t.Fatal("the same block was committed twice")
		}
		if n, err := l.Count(ctx, ScopeAll(), Search{}); n != 100 || err != nil {
			t.Fatalf("Count = %d, %v", n, err)
		}
		checkNoStrayFiles(t, l)
	})
}

func TestBlocks(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		ctx := context.Background()
		clock := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		l := openLake(t, open(t), func(o *Options) { o.Now = func() time.Time { return clock } })
		s := segmentOf(l, randomEvents(rand.New(rand.NewPCG(2, 2)), 10, time.Hour))
		for _, b := range [][]Block{{{"a", 1, 5, 1}, {"a", 2, 5, 0}}, {{"a", 4, 7, 2}}, {{"b", 3, 1, 1}}} {
			if err := l.Commit(ctx, s, b, nil); err != nil {
				t.Fatal(err)
			}
			clock = clock.Add(time.Hour)
		}
		got, err := l.Registered(ctx, "a", 1, 4)
		if err != nil || len(got) != 3 || !got[1] || !got[2] || got[3] || !got[4] {
			t.Errorf("Registered = %v, %v", got, err)
		}
		for _, c := range []struct {
			first, last      uint64
			done             bool
			events, unparsed int64
		}{{1, 2, true, 10, 1}, {1, 4, false, 17, 3}, {4, 4, true, 7, 2}, {5, 9, false, 0, 0}} {
			done, events, unparsed, err := l.BlockStatus(ctx, "a", c.first, c.last)
			if err != nil || done != c.done || events != c.events || unparsed != c.unparsed {
				t.Errorf("BlockStatus(%d, %d) = %v, %d, %d, %v", c.first, c.last, done, events, unparsed, err)
			}
		}
		if err := l.PruneBlocks(ctx, "a", 4, clock); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Registered(ctx, "a", 1, 9); err != nil || len(got) != 1 || !got[4] {
			t.Errorf("after pruning below 4: %v, %v", got, err)
		}
		if got, err := l.Registered(ctx, "b", 1, 9); err != nil || len(got) != 1 {
			t.Errorf("another stream was pruned: %v, %v", got, err)
		}
	})
}

// damage changes the file of the only normal segment.
func damage(t *testing.T, l *Lake, how func(path string)) *segment {
	t.Helper()
	for _, s := range l.segments {
		if !s.skewed {
			how(l.path(s))
			return s
		}
	}
	t.Fatal("no segment")
	return nil
}

func flip(t *testing.T) func(string) {
	return func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(b) / 4; i < len(b)/2; i++ {
			b[i] ^= 0x55
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func cutShort(t *testing.T) func(string) {
	return func(path string) {
		if err := os.Truncate(path, 5000); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBrokenSegments(t *testing.T) {
	for _, c := range []struct {
		name   string
		how    func(*testing.T) func(string)
		reopen bool // found at Open, else by reading
		verify bool // only a checksum can tell
	}{
		{name: "cut short, found by a search", how: cutShort},
		{name: "cut short, found at start", how: cutShort, reopen: true},
		{name: "removed", how: func(t *testing.T) func(string) { return func(p string) { os.Remove(p) } }},
		{name: "bytes changed, found by a search", how: flip},
		{name: "bytes changed, found by Verify", how: flip, verify: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := context.Background()
			all := randomEvents(rand.New(rand.NewPCG(9, 9)), 2000, time.Hour)
			var events []stored
			for _, e := range all {
				e.ev.Skewed, e.ev.Time = false, e.ev.Received
				events = append(events, e)
			}
			db := openSQLite(t)
			l := openLake(t, db)
			blocks := []Block{{"a", 1, 1000, 0}, {"a", 2, 1000, 0}}
			s := segmentOf(l, events)
			if err := l.Commit(ctx, s, blocks, nil); err != nil {
				t.Fatal(err)
			}
			old := damage(t, l, c.how(t))
			if c.reopen {
				l = openLake(t, db, func(o *Options) { o.Dir = l.dir })
			}
			if c.verify {
				if err := l.Verify(ctx); err != nil {
					t.Fatal(err)
				}
			}
			rows, stats := search(t, l, ScopeAll(), Search{Query: mustParse(t, "root OR cmd")})
			if len(rows) != 0 || len(stats.Warnings) != 1 || !strings.Contains(stats.Warnings[0], old.id) {
				t.Errorf("%d rows and warnings %q from a broken segment", len(rows), stats.Warnings)
			}
			broken, err := l.Broken(ctx)
			if err != nil || len(broken) != 1 || broken[0].SegmentID != old.id || !slices.Equal(broken[0].Blocks, blocks) {
				t.Fatalf("Broken = %+v, %v", broken, err)
			}
			if err := l.Replace(ctx, old.id, segmentOf(l, events[1:])); fault.KindOf(err) != fault.Conflict {
				t.Errorf("replaced by fewer events: %v", err)
			}
			if err := l.Replace(ctx, old.id, s); err != nil {
				t.Fatal(err)
			}
			rows, stats = search(t, l, ScopeAll(), Search{})
			checkRows(t, rows, events)
			if broken, err := l.Broken(ctx); err != nil || len(broken) > 0 || len(stats.Warnings) > 0 {
				t.Errorf("after Replace: %v, %v, %v", broken, err, stats.Warnings)
			}
			if err := l.Replace(ctx, old.id, s); fault.KindOf(err) != fault.NotFound {
				t.Errorf("replaced twice: %v", err)
			}
		})
	}
}

// A damaged segment is never merged into one with a good checksum.
func TestCompactionLeavesDamageAlone(t *testing.T) {
	l := openLake(t, openSQLite(t), later)
	events := randomEvents(rand.New(rand.NewPCG(9, 9)), 2000, time.Hour)
	fill(t, l, events, 1000)
	s := damage(t, l, flip(t))
	compactAll(t, l)
	broken, err := l.Broken(context.Background())
	if err != nil || len(broken) != 1 || broken[0].SegmentID != s.id {
		t.Fatalf("Broken = %v, %v", broken, err)
	}
}

// A folder of segments under an empty manifest is the wrong database: nothing is
// deleted.
func TestWrongDatabaseDeletesNothing(t *testing.T) {
	l := openLake(t, openSQLite(t))
	fill(t, l, randomEvents(rand.New(rand.NewPCG(1, 1)), 200, time.Hour), 10)
	o := Options{Dir: l.dir, DB: openSQLite(t), Config: DefaultConfig()}
	if other, err := Open(context.Background(), o); err == nil {
		other.Close()
		t.Error("opened with an empty manifest")
	}
	if n, _ := filepath.Glob(filepath.Join(l.dir, "flush", "*.parquet")); len(n) < 20 {
		t.Errorf("%d files left", len(n))
	}
}

func TestRetention(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		ctx := context.Background()
		events := randomEvents(rand.New(rand.NewPCG(4, 4)), 1000, 10*time.Hour)
		for i := range events {
			at := epoch.Add(time.Duration(i) * 36 * time.Second)
			events[i].ev.Time, events[i].ev.Received, events[i].ev.Skewed = at, at, false
		}
		l := openLake(t, open(t), func(o *Options) {
			o.Config.MaxAge = 5 * time.Hour
			o.Now = func() time.Time { return epoch.Add(10 * time.Hour) }
		})
		fill(t, l, events, 100)
		if err := l.retain(ctx); err != nil {
			t.Fatal(err)
		}
		rows, _ := search(t, l, ScopeAll(), Search{})
		checkRows(t, rows, events[500:])
		gone, err := l.Deletions(ctx, 100)
		if err != nil || len(gone) != 5 || gone[0].Reason != "age" || gone[0].Events != 100 || len(gone[0].Units) != len(randomUnits) {
			t.Fatalf("Deletions = %+v, %v", gone, err)
		}
		l.config.MaxBytes = 1
		if err := l.retain(ctx); err != nil {
			t.Fatal(err)
		}
		gone, err = l.Deletions(ctx, 100)
		reasons := map[string]int{}
		for _, d := range gone {
			reasons[d.Reason]++
		}
		if err != nil || reasons["age"] != 5 || reasons["size"] != 5 {
			t.Fatalf("Deletions = %+v, %v", gone, err)
		}
		checkNoStrayFiles(t, l)
	})
}

// The scope is part of every reading method, and none shows what is outside.
func TestScope(t *testing.T) {
	ctx := context.Background()
	events := randomEvents(rand.New(rand.NewPCG(4, 4)), 500, 10*time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 100)
	mine, other := randomUnits[0], randomUnits[1]
	sc := ScopeUnits(mine)
	for name, sc := range map[string]Scope{"zero": {}, "no units": ScopeUnits(), "unknown unit": ScopeUnits("khac")} {
		if rows, _ := search(t, l, sc, Search{}); len(rows) > 0 {
			t.Errorf("%s: %d rows", name, len(rows))
		}
		if n, err := l.Count(ctx, sc, Search{}); n != 0 || err != nil {
			t.Errorf("%s: Count = %d, %v", name, n, err)
		}
		if f, n, _, err := l.FieldStats(ctx, sc, Search{}, 100); n != 0 || len(f) > 0 || err != nil {
			t.Errorf("%s: FieldStats = %v, %d, %v", name, f, n, err)
		}
	}
	for _, text := range []string{"", "unit:*", "unit:" + string(other), "NOT unit:x OR _exists_:unit", `unit:"') OR 1=1 --"`, `-unit:"' OR true"`} {
		rows, _ := search(t, l, sc, Search{Query: mustParse(t, text)})
		for _, r := range rows {
			if r.Unit != mine {
				t.Fatalf("%s shows an event of %s", text, r.Unit)
			}
		}
	}
	for _, e := range events {
		row, err := l.Event(ctx, sc, e.ev.ID)
		switch {
		case e.ev.Unit == mine && (err != nil || row.ID != e.ev.ID):
			t.Fatalf("own event: %v", err)
		case e.ev.Unit != mine && fault.KindOf(err) != fault.NotFound:
			t.Fatalf("event of %s: %v, want fault.NotFound", e.ev.Unit, err)
		}
		if e.ev.Unit != mine {
			break
		}
	}
	buckets, _, _, err := l.Histogram(ctx, sc, Search{}, 50)
	sum := int64(0)
	for _, b := range buckets {
		sum += b.Count
	}
	if n := len(expect(events, sc, Search{})); err != nil || sum != int64(n) {
		t.Errorf("histogram counts %d of %d, %v", sum, n, err)
	}
}
