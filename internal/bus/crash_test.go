package bus_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/bus/bustest"
)

const childEnv = "LACHAN_BUS_TEST_CHILD"

// maybeChild turns the test binary into a process that puts numbered records
// from 8 goroutines for as long as it lives, and prints each number once it is
// acknowledged.
func maybeChild() bool {
	dir := os.Getenv(childEnv)
	if dir == "" {
		return false
	}
	b, err := bus.Open(context.Background(), bus.Options{Dir: dir, Config: config(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var first int
	fmt.Sscan(os.Getenv(childEnv+"_FIRST"), &first)
	var out sync.Mutex
	for g := range 8 {
		go func() {
			for n := first + g*10_000; ; n++ {
				if _, err := b.Put(context.Background(), bustest.Batch(n, 1, 200)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println(n)
				out.Unlock()
			}
		}()
	}
	select {}
}

// TestKill holds the first promise: what Put acknowledged is there after
// SIGKILL, once, and nothing is there that was never put.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	acked := map[string]bool{}
	for round := range 6 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+dir, fmt.Sprintf("%s_FIRST=%d", childEnv, round*1_000_000))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := 200 + rand.IntN(2000)
		lines := bufio.NewReader(out)
		for n := 0; ; n++ {
			line, err := lines.ReadString('\n')
			if err == io.EOF {
				break
			}
			if strings.HasSuffix(line, "\n") {
				acked[fmt.Sprintf("%08s", strings.TrimSpace(line))] = true
			}
			if n == after {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		if stderr.Len() > 0 {
			t.Fatalf("child: %s", stderr.String())
		}
	}
	b := embedded{dir}.Open(t, nil)
	found := map[string]int{}
	for {
		blocks, err := b.Fetch(t.Context(), 100, 200*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if len(blocks) == 0 {
			break
		}
		for _, blk := range blocks {
			if blk.Err != nil {
				t.Errorf("block %d: %v", blk.Seq, blk.Err)
			}
			for i := range blk.Batches {
				for _, r := range blk.Batches[i].Records {
					found[string(r.Data[:8])]++
				}
			}
		}
		if err := b.Ack(blocks); err != nil {
			t.Fatal(err)
		}
	}
	lost := 0
	for n := range acked {
		if found[n] != 1 {
			lost++
			t.Errorf("record %s was acknowledged, found %d times", n, found[n])
			if lost > 10 {
				break
			}
		}
	}
	for n, times := range found {
		if times != 1 {
			t.Errorf("record %s found %d times", n, times)
		}
	}
	// At most one Put per goroutine and round may be stored without its answer
	// having been read; output buffered in the pipe is read to its end.
	if extra := len(found) - len(acked); extra > 6*8 {
		t.Errorf("%d records stored beyond the acknowledged", extra)
	}
	t.Logf("%d acknowledged, %d found", len(acked), len(found))
}

func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}
