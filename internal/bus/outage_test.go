package bus_test

import (
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/lachan-vn/lachan/internal/bus/bustest"
	"github.com/lachan-vn/lachan/internal/event"
)

// TestAnOutageOfTheExternalServerLosesAndDoublesNothing restarts the server under
// four senders; Put waits for it.
func TestAnOutageOfTheExternalServerLosesAndDoublesNothing(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	run := func() *natsserver.Server {
		s, err := natsserver.NewServer(&natsserver.Options{
			Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir,
			MaxPayload: 8 << 20, Username: "lachan", Password: "not-a-real-secret",
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		if !s.ReadyForConnections(10 * time.Second) {
			t.Fatal("the test's NATS server does not start")
		}
		return s
	}
	server := run()
	defer func() { server.Shutdown(); server.WaitForShutdown() }()
	b := external{"nats://127.0.0.1:" + strconv.Itoa(port)}.Open(t, nil)

	var stop atomic.Bool
	var acked atomic.Int64
	errs := make(chan error, 4)
	for g := range 4 {
		go func() {
			for n := g * 1_000_000; !stop.Load(); n++ {
				if _, err := b.Put(t.Context(), bustest.Batch(n, 1, 10)); err != nil {
					errs <- err
					return
				}
				acked.Add(1)
			}
			errs <- nil
		}()
	}
	for round := range 3 {
		before := acked.Load()
		for end := time.Now().Add(20 * time.Second); acked.Load() < before+50; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("no batch is stored")
			}
		}
		if round < 2 {
			server.Shutdown()
			server.WaitForShutdown()
			server = run()
		}
	}
	stop.Store(true)
	for range 4 {
		if err := <-errs; err != nil {
			t.Fatalf("Put: %v", err)
		}
	}
	found := map[string]int{}
	for {
		blocks, err := b.Fetch(t.Context(), 100, time.Second)
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
	for n, times := range found {
		if times != 1 {
			t.Errorf("record %s found %d times", n, times)
		}
	}
	if int64(len(found)) != acked.Load() {
		t.Errorf("%d acknowledged, %d found", acked.Load(), len(found))
	}
	t.Logf("%d records through two outages", len(found))
}
