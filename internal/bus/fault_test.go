package bus_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/bus/bustest"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// TestBrokenMessagesWedgeNobody puts what nobody should into the stream, between
// good blocks.
func TestBrokenMessagesWedgeNobody(t *testing.T) {
	e := external{outside(t, nil)}
	b := e.Open(t, nil)
	nc, err := nats.Connect(e.url, nats.UserInfo("lachan", "not-a-real-secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	good, err := b.Put(t.Context(), bustest.Batch(1, 1, 10))
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{
		"empty":             {},
		"text":              []byte("hello"),
		"another version":   []byte("LCK\x02"),
		"not zstd":          []byte("LCK\x01 not zstd"),
		"a bomb":            append([]byte("LCK\x01"), enc.EncodeAll(make([]byte, 64<<20), nil)...),
		"a cut batch":       append([]byte("LCK\x01"), enc.EncodeAll([]byte("\x05LC"), nil)...),
		"garbage for batch": append([]byte("LCK\x01"), enc.EncodeAll([]byte("\x05XXXXX"), nil)...),
	}
	for name, payload := range bad {
		if _, err := nc.Request("lachan.spool.spool", payload, 5*time.Second); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	last, err := b.Put(t.Context(), bustest.Batch(2, 1, 10))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []*bus.Block
	for len(blocks) < len(bad)+2 {
		got, err := b.Fetch(t.Context(), 100, 5*time.Second)
		if err != nil || len(got) == 0 {
			t.Fatalf("after %d blocks: %d more, %v", len(blocks), len(got), err)
		}
		blocks = append(blocks, got...)
	}
	for _, blk := range blocks {
		isGood := blk.Seq == good || blk.Seq == last
		if isGood != (blk.Err == nil) || !isGood && (!errors.Is(blk.Err, bus.ErrBlockFormat) || blk.Records() != 0) {
			t.Errorf("block %d: %d records, err %v", blk.Seq, blk.Records(), blk.Err)
		}
	}
	if err := b.Ack(blocks); err != nil {
		t.Fatal(err)
	}
	if st, err := b.State(t.Context()); err != nil || st.Pending != 0 {
		t.Errorf("%d pending after acknowledging all, %v", st.Pending, err)
	}
}

// TestDiskFull fills a small disk of its own: once by somebody else, which the
// guard sees in time, and once with the guard off, so that JetStream runs into
// the end of the disk in the middle of a write.
func TestDiskFull(t *testing.T) {
	for name, minFree := range map[string]int{"seen in time": 4 << 20, "in the middle of a write": 0} {
		t.Run(name, func(t *testing.T) {
			disk := smallDisk(t, 48<<20)
			dir := filepath.Join(disk, "spool")
			reg := prometheus.NewRegistry()
			c := config()
			c.MaxBytes = 1 << 30
			c.MinFree = 0
			if minFree > 0 {
				c.MinFree = 2 << 20
			}
			b, err := bus.Open(t.Context(), bus.Options{Dir: dir, Config: c, Metrics: reg})
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			ballast := filepath.Join(disk, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 34<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			stored := map[string]bool{}
			busy := 0
			for n := 0; busy < 3; n++ {
				if n > 100 {
					t.Fatal("the disk is never full")
				}
				batch := bustest.Batch(4*n, 4, 128<<10)
				_, err := b.Put(t.Context(), batch)
				switch {
				case err == nil:
					stored[string(batch.Records[0].Data[:8])] = true
				case fault.KindOf(err) == fault.Busy:
					busy++
				default:
					t.Fatalf("Put %d: %v, want nil or busy", n, err)
				}
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			batch := bustest.Batch(1000, 4, 128<<10)
			for freed := time.Now(); ; time.Sleep(50 * time.Millisecond) {
				if _, err = b.Put(t.Context(), batch); err == nil {
					break
				}
				if fault.KindOf(err) != fault.Busy || time.Since(freed) > 10*time.Second {
					t.Fatalf("the disk is free again: %v", err)
				}
			}
			stored["00001000"] = true
			found := map[string]int{}
			for {
				blocks, err := b.Fetch(t.Context(), 10, 300*time.Millisecond)
				if err != nil {
					t.Fatal(err)
				}
				if len(blocks) == 0 {
					break
				}
				for _, blk := range blocks {
					eachRecord(blk, func(r event.Record) { found[string(r.Data[:8])]++ })
				}
				if err := b.Ack(blocks); err != nil {
					t.Fatal(err)
				}
			}
			for n := range stored {
				if found[n] != 1 {
					t.Errorf("record %s was acknowledged, found %d times", n, found[n])
				}
			}
			restarts := counter(t, reg, "lachan_bus_restarts_total")
			t.Logf("%d stored before the disk was full; %v restarts of the server", len(stored)-1, restarts)
			if minFree > 0 && restarts != 0 {
				t.Error("the guard did not see the disk fill up")
			}
		})
	}
}

func eachRecord(blk *bus.Block, f func(event.Record)) {
	for i := range blk.Batches {
		for _, r := range blk.Batches[i].Records {
			f(r)
		}
	}
}

func counter(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

func TestMetricsCountAndLetGo(t *testing.T) {
	reg := prometheus.NewRegistry()
	b, err := bus.Open(t.Context(), bus.Options{Dir: t.TempDir(), Config: config(), Metrics: reg})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(t.Context(), bustest.Batch(0, 3, 10)); err != nil {
		t.Fatal(err)
	}
	if n := counter(t, reg, "lachan_bus_records_total"); n != 3 {
		t.Errorf("%v records counted, want 3", n)
	}
	b.Close()
	again, err := bus.Open(t.Context(), bus.Options{Dir: t.TempDir(), Config: config(), Metrics: reg})
	if err != nil {
		t.Fatalf("a second bus after the first: %v", err)
	}
	again.Close()
}
