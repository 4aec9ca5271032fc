//go:build e2e

package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Nothing lost, nothing double: numbered events are sent while the process is
// killed again and again; afterwards every acknowledged number is found once.
func TestKilledAtRandomMoments(t *testing.T) {
	const want, kills = 200_000, 20
	n := newNode(t, t.TempDir(), "")
	l := &ledger{acked: map[int]bool{}}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var senders sync.WaitGroup
	n.start()
	for range 4 {
		senders.Go(func() { n.send(ctx, l, "kill", want, 250) })
	}
	// The senders pause by themselves while the server is away; they run until
	// enough is acknowledged and the server was killed often enough.
	done := 0
	for done < kills || l.count() < want {
		time.Sleep(time.Duration(100+rand.IntN(1200)) * time.Millisecond)
		if done < kills {
			n.kill()
			done++
			n.start()
		}
		if done < kills && l.count() > want*(done+1)/kills {
			continue
		}
		if ctx.Err() != nil {
			t.Fatalf("%d of %d acknowledged after %d kills", l.count(), want, done)
		}
	}
	senders.Wait()
	n.kill()
	n.drain()
	t.Logf("killed %d times", done+1)
	l.check(t, n.numbers("kill"))
}

// SIGTERM drains in order within ten seconds and loses nothing.
func TestTerminated(t *testing.T) {
	n := newNode(t, t.TempDir(), "")
	l := &ledger{acked: map[int]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	var senders sync.WaitGroup
	n.start()
	for range 4 {
		senders.Go(func() { n.send(ctx, l, "term", 1<<30, 500) })
	}
	time.Sleep(3 * time.Second)
	took := n.stop()
	cancel()
	senders.Wait()
	t.Logf("ended in %v under load", took)
	if took > 10*time.Second {
		t.Errorf("took %v to end, want at most 10 s", took)
	}
	// Everything was drained before it ended: the folder answers without another
	// run of the server.
	l.check(t, n.numbers("term"))
}

// A disk that becomes full pushes senders back; freed, everything goes on.
func TestDiskFullAndFreed(t *testing.T) {
	dir := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", dir).Run(); err != nil {
		t.Skip("a small disk needs the right to mount a tmpfs; run as root")
	}
	t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
	data := filepath.Join(dir, "data")
	n := newNode(t, data, "spool: {maxBytes: 32MiB, minFree: 4MiB}\n")
	l := &ledger{acked: map[int]bool{}}
	n.start()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	client := &http.Client{Timeout: 20 * time.Second}

	// A refused request waits a few seconds before it is refused: few are enough.
	const enough = 5
	sendSome := func(requests int) (acked, refused int) {
		for range requests {
			if refused == enough {
				break
			}
			first := l.take(500)
			_, status, err := n.post(ctx, client, numbered("full", first, 500))
			if err == nil && status == http.StatusOK {
				l.ack(first, 500)
				acked++
				continue
			}
			refused++
			if err == nil && status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable && status != http.StatusInsufficientStorage {
				t.Fatalf("a full disk answers %d", status)
			}
			time.Sleep(20 * time.Millisecond)
		}
		return acked, refused
	}
	if acked, _ := sendSome(20); acked == 0 {
		t.Fatal("nothing accepted on an empty disk")
	}
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	_, refused := sendSome(200)
	if refused == 0 {
		t.Error("a full disk refused nothing")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		if acked, _ := sendSome(1); acked == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("still refused a minute after the disk was freed")
		}
		time.Sleep(200 * time.Millisecond)
	}
	sendSome(20)
	n.drain()
	t.Logf("%d requests refused while the disk was full", refused)
	l.check(t, n.numbers("full"))
}

// fill writes until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 1; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// A segment file cut short on disk is found by its checksum, reported, and
// rebuilt from the spool, which still holds its blocks.
func TestSegmentCutShort(t *testing.T) {
	n := newNode(t, t.TempDir(), "")
	l := &ledger{acked: map[int]bool{}}
	n.start()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n.send(ctx, l, "cut", 20_000, 500)
	n.drain()
	victim := largestSegment(t, filepath.Join(n.data, "lake"))
	info, err := os.Stat(victim)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(victim, info.Size()*2/3); err != nil {
		t.Fatal(err)
	}
	n.start()
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(n.log.String(), "rebuilt from the spool") {
		if time.Now().After(deadline) {
			t.Fatal("the broken segment was not rebuilt within 30 s")
		}
		time.Sleep(50 * time.Millisecond)
	}
	n.stop()
	l.check(t, n.numbers("cut"))
}

func largestSegment(t *testing.T, dir string) string {
	t.Helper()
	var best string
	var size int64
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err == nil && strings.HasSuffix(path, ".parquet") && info.Size() > size {
			best, size = path, info.Size()
		}
		return nil
	})
	if err = errors.Join(err); err != nil || best == "" {
		t.Fatalf("no segment below %s: %v", dir, err)
	}
	return best
}
