package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// shelf is a Sink that keeps each batch once, as the process loop does, or is
// full.
type shelf struct {
	mu      sync.Mutex
	seen    map[event.BatchID]bool
	lines   []string
	peers   []string
	again   int
	full    atomic.Bool
	unknown atomic.Bool // stores, and does not say so
}

func (s *shelf) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	if s.full.Load() {
		return 0, fault.New(fault.Busy, "full")
	}
	if len(b.Records) == 0 || len(b.Records) > event.MaxBatchRecords || b.Bytes() > event.MaxBatchBytes || b.Unit != "so-y-te" || b.Input != "file" {
		return 0, fault.New(fault.Invalid, "batch of %d records, %d bytes, unit %q", len(b.Records), b.Bytes(), b.Unit)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[b.ID] {
		s.again++
	} else {
		s.seen[b.ID] = true
		for _, r := range b.Records {
			s.lines = append(s.lines, string(r.Data))
			s.peers = append(s.peers, b.Peer)
		}
	}
	if s.unknown.Load() {
		return 0, errors.New("no answer")
	}
	return 1, nil
}

func (s *shelf) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

// bench is a folder with logs, followed with a data folder of its own.
type bench struct {
	*shelf
	t    *testing.T
	logs string
	data string
	reg  *prometheus.Registry
	stop func()
	conf func(*Config)
}

func newBench(t *testing.T, change func(*Config)) *bench {
	b := &bench{shelf: &shelf{seen: map[event.BatchID]bool{}}, t: t, logs: t.TempDir(), data: t.TempDir(), conf: change, stop: func() {}}
	t.Cleanup(func() { b.stop() })
	return b
}

// start follows *.log of the folder.
func (b *bench) start() {
	b.t.Helper()
	c := DefaultConfig()
	c.Include, c.Unit = []string{filepath.Join(b.logs, "**", "*.log")}, "so-y-te"
	c.Poll, c.Rescan, c.PartialAfter = 50*time.Millisecond, 50*time.Millisecond, 300*time.Millisecond
	if b.conf != nil {
		b.conf(&c)
	}
	b.reg = prometheus.NewRegistry()
	in, err := New(c, input.Env{Metrics: input.NewMetrics(b.reg), DataDir: b.data})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx, b.shelf) }()
	select {
	case <-in.Ready():
	case err := <-done:
		b.t.Fatal(err)
	}
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	})
}

func (b *bench) path(name string) string { return filepath.Join(b.logs, name) }

func (b *bench) write(name, text string) {
	b.t.Helper()
	f, err := os.OpenFile(b.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = io.WriteString(f, text)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) do(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// want waits until exactly these lines have come, in this order where they are of
// one file.
func (b *bench) want(lines ...string) {
	b.t.Helper()
	end := time.Now().Add(20 * time.Second)
	for len(b.all()) < len(lines) && time.Now().Before(end) {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(120 * time.Millisecond) // what comes too much, comes now
	got := b.all()
	slices.Sort(got)
	lines = slices.Sorted(slices.Values(lines))
	if d := cmp.Diff(lines, got); d != "" {
		b.t.Fatalf("(-want +got):\n%s", d)
	}
}

func numbered(from, to int) (text string, lines []string) {
	for i := from; i < to; i++ {
		lines = append(lines, fmt.Sprintf("2026-11-22T03:20:58Z line %06d of the log", i))
	}
	return strings.Join(lines, "\n") + "\n", lines
}

func TestMain(m *testing.M) {
	if dir := os.Getenv("LACHAN_FILE_CHILD"); dir != "" {
		child(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

func TestFilesAreReadAndFollowed(t *testing.T) {
	b := newBench(t, nil)
	b.write("a.log", "a1\na2\n")
	b.start()
	b.want("a1", "a2")
	b.write("a.log", "a3\n")
	b.write("b.log", "b1\n")
	b.do(os.MkdirAll(b.path("later/deep"), 0o700))
	b.write("later/deep/c.log", "c1\n")
	b.write("not.txt", "no\n")
	b.want("a1", "a2", "a3", "b1", "c1")
	b.stop()
	b.write("a.log", "a4\n")
	b.start()
	b.want("a1", "a2", "a3", "a4", "b1", "c1")
	if !slices.Contains(b.peers, b.path("later/deep/c.log")) {
		t.Errorf("senders: %q", b.peers)
	}
	if n := testutil.CollectAndCount(b.reg, "lachan_input_records_total"); n != 1 {
		t.Errorf("%d series", n)
	}
}

func TestALastLineWaitsForItsEnd(t *testing.T) {
	b := newBench(t, func(c *Config) { c.PartialAfter = 2 * time.Second })
	b.start()
	b.write("a.log", "one\nhal")
	b.want("one")
	b.write("a.log", "f\n")
	b.want("one", "half")
	b.write("a.log", "never ended")
	b.want("one", "half", "never ended")
}

func TestRotationByRename(t *testing.T) {
	for _, matched := range []bool{false, true} {
		t.Run(fmt.Sprintf("the old name is followed %v", matched), func(t *testing.T) {
			b := newBench(t, func(c *Config) {
				if matched {
					c.Include = append(c.Include, filepath.Join(filepath.Dir(filepath.Dir(c.Include[0])), "*.log.*"))
				}
			})
			b.write("a.log", "1\n")
			b.start()
			b.want("1")
			b.write("a.log", "2\n")
			b.do(os.Rename(b.path("a.log"), b.path("a.log.1")))
			b.write("a.log.1", "3\n") // its writer has it open still
			b.write("a.log", "4\n")
			b.want("1", "2", "3", "4")
			b.do(os.Rename(b.path("a.log.1"), b.path("a.log.2")))
			b.do(os.Rename(b.path("a.log"), b.path("a.log.1")))
			b.write("a.log", "5\n")
			b.want("1", "2", "3", "4", "5")
		})
	}
}

// What was renamed away while nothing ran is found by its inode.
func TestRotationWhileStopped(t *testing.T) {
	b := newBench(t, nil)
	b.write("a.log", "1\n")
	b.start()
	b.want("1")
	b.stop()
	b.write("a.log", "2\n")
	b.do(os.Rename(b.path("a.log"), b.path("a.log.1")))
	b.write("a.log", "3\n")
	b.start()
	b.want("1", "2", "3")
}

func TestCopyTruncate(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Include = append(c.Include, filepath.Join(filepath.Dir(filepath.Dir(c.Include[0])), "*.log.*"))
	})
	text, lines := numbered(0, 100)
	b.write("a.log", text)
	b.start()
	b.want(lines...)
	more, moreLines := numbered(100, 110)
	b.write("a.log", more)
	b.want(append(lines, moreLines...)...)
	whole, err := os.ReadFile(b.path("a.log"))
	b.do(err)
	b.write("a.log.1", string(whole))
	time.Sleep(200 * time.Millisecond) // the copy is found while the original is whole
	b.do(os.Truncate(b.path("a.log"), 0))
	b.write("a.log", "anew\n")
	b.want(append(append(lines, moreLines...), "anew")...)
}

// Lines written between the last read and the copy are in the copy alone.
func TestTheCopyHasWhatTheOriginalLost(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Include = append(c.Include, filepath.Join(filepath.Dir(filepath.Dir(c.Include[0])), "*.log-*"))
	})
	text, lines := numbered(0, 100)
	b.write("a.log", text)
	b.start()
	b.want(lines...)
	b.stop()
	more, moreLines := numbered(100, 110)
	b.write("a.log", more)
	b.write("a.log-20261122", text+more)
	b.do(os.Truncate(b.path("a.log"), 0))
	b.write("a.log", "anew\n")
	b.start()
	b.want(append(append(lines, moreLines...), "anew")...)
}

// An emptied file that has grown past the old position is known by the bytes
// before it.
func TestEmptiedAndGrownPastThePosition(t *testing.T) {
	b := newBench(t, nil)
	text, lines := numbered(0, 10)
	b.write("a.log", text)
	b.start()
	b.want(lines...)
	b.stop()
	other, otherLines := numbered(500, 520)
	b.do(os.WriteFile(b.path("a.log"), []byte(other), 0o600))
	b.start()
	b.want(append(lines, otherLines...)...)
}

func TestEncodings(t *testing.T) {
	b := newBench(t, nil)
	b.write("bom.log", "\xef\xbb\xbfmột\n")
	b.write("le.log", "\xff\xfe"+string(utf16Bytes("hai\r\nnử", utf16LE)))
	b.write("be.log", "\xfe\xff"+string(utf16Bytes("ba\r\n", utf16BE)))
	b.start()
	b.want("một", "hai", "ba", "nử")
	b.stop()
	b.write("le.log", string(utf16Bytes("bốn\r\n", utf16LE)))
	b.start()
	b.want("một", "hai", "ba", "nử", "bốn")
}

func TestCompressedFiles(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	text, lines := numbered(0, 30_000)
	io.WriteString(w, text)
	w.Close()
	b := newBench(t, nil)
	b.write("old.gz.log", z.String())
	b.write("old.xz.log", "\xfd7zXZ\x00 and more\n")
	b.write("a.log", "plain\n")
	b.start()
	b.write("later.log", "") // gzip makes the file, then writes
	time.Sleep(150 * time.Millisecond)
	b.write("later.log", z.String())
	b.want("plain")

	b = newBench(t, func(c *Config) { c.Compressed = "once" })
	b.write("old.gz.log", z.String())
	b.start()
	b.want(lines...)
	b.write("new.log", z.String())
	b.stop()
	b.start()
	b.want(lines...)
}

func TestFromTheEnd(t *testing.T) {
	b := newBench(t, func(c *Config) { c.From = "end" })
	b.write("a.log", "old\nbegun ")
	b.start()
	b.write("a.log", "before\nnew\n")
	b.write("b.log", "first\n")
	b.want("new", "first")
}

func TestPatternsThatExclude(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Exclude = []string{"debug*", filepath.Join(filepath.Dir(filepath.Dir(c.Include[0])), "private", "**")}
	})
	b.do(os.Mkdir(b.path("private"), 0o700))
	b.write("private/a.log", "no\n")
	b.write("debug.log", "no\n")
	b.write("a.log", "yes\n")
	b.start()
	b.want("yes")
}

func TestFewOpenFilesAreEnough(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxOpen = 3 })
	var want []string
	for i := range 40 {
		b.write(fmt.Sprintf("%02d.log", i), fmt.Sprintf("%02d first\n", i))
		want = append(want, fmt.Sprintf("%02d first", i))
	}
	b.start()
	b.want(want...)
	for i := range 40 {
		b.write(fmt.Sprintf("%02d.log", i), fmt.Sprintf("%02d second\n", i))
		want = append(want, fmt.Sprintf("%02d second", i))
	}
	b.want(want...)
	if n := gauge(t, b.reg, "lachan_input_connections"); n > 3 {
		t.Errorf("%v files are open", n)
	}
}

func gauge(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no %s", name)
	return 0
}

// A full spool stops the reading; nothing is lost or doubled.
func TestAFullSpoolMakesFilesWait(t *testing.T) {
	b := newBench(t, nil)
	b.full.Store(true)
	text, lines := numbered(0, 5000)
	b.write("a.log", text)
	b.start()
	time.Sleep(100 * time.Millisecond)
	b.full.Store(false)
	b.want(lines...)
}

// A node that cannot tell gets a batch again whose outcome was not known at the
// stop, under its identity.
func TestABatchOfUnknownOutcomeIsKnownByItsIdentity(t *testing.T) {
	b := newBench(t, nil)
	b.unknown.Store(true)
	text, lines := numbered(0, 20)
	b.write("a.log", text)
	b.start()
	b.want(lines...)
	b.stop()
	more, moreLines := numbered(20, 30)
	b.write("a.log", more)
	b.unknown.Store(false)
	b.again = 0
	b.start()
	b.want(append(lines, moreLines...)...)
	if b.again == 0 {
		t.Error("the batch was not put again")
	}
}

func TestTwoInputsOfOneNameAreRefused(t *testing.T) {
	b := newBench(t, nil)
	b.start()
	c := DefaultConfig()
	c.Include = []string{"/x"}
	in, err := New(c, input.Env{DataDir: b.data})
	b.do(err)
	if err := in.Run(t.Context(), b.shelf); fault.KindOf(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
}

func TestAnEmptyPatternIsRefused(t *testing.T) {
	c := DefaultConfig()
	c.Include = []string{"/var/log/*.log", ""}
	if err := c.Validate(); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
}

func TestConfigurationIsRefusedByItsKey(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"name":               func(c *Config) { c.Name = "../x" },
		"include":            func(c *Config) { c.Include = []string{"relative/*.log"} },
		"exclude":            func(c *Config) { c.Exclude = []string{"[a"} },
		"unit":               func(c *Config) { c.Unit = "" },
		"from":               func(c *Config) { c.From = "middle" },
		"compressed":         func(c *Config) { c.Compressed = "yes" },
		"encoding":           func(c *Config) { c.Encoding = "cp1258" },
		"multiline.start":    func(c *Config) { c.Multiline.Start = "(" },
		"multiline.maxLines": func(c *Config) { c.Multiline.MaxLines = 1 },
		"poll":               func(c *Config) { c.Poll = 0 },
		"rescan":             func(c *Config) { c.Rescan = 0 },
		"partialAfter":       func(c *Config) { c.PartialAfter = 0 },
		"maxOpen":            func(c *Config) { c.MaxOpen = 0 },
		"maxFiles":           func(c *Config) { c.MaxFiles = 0 },
	} {
		c := DefaultConfig()
		c.Include = []string{"/var/log/*.log"}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if f, ok := errors.AsType[*fault.Error](c.Validate()); !ok || f.Kind != fault.Invalid || f.Field != field {
			t.Errorf("%s: %v", field, c.Validate())
		}
	}
}
