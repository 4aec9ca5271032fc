//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// relayNode is one data folder of a relay and the process on it, across restarts.
type relayNode struct {
	t      testing.TB
	bin    string
	data   string
	config string
	ingest string // host:port of its HTTP input
	status string
	cmd    *exec.Cmd
	log    *syncBuffer
}

const relayToken = "a-token-of-the-relay-alone"

// newRelay prepares a relay that sends to the address; extra is YAML of the
// section link.
func newRelay(t testing.TB, centre, token, extra string) *relayNode {
	t.Helper()
	r := &relayNode{t: t, bin: binary(t), data: t.TempDir(), log: &syncBuffer{}}
	r.ingest = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	r.status = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	r.config = filepath.Join(r.data, "relay.yaml")
	text := fmt.Sprintf("link: {centre: '%s', token: '%s', contactEvery: 1s%s}\nstatus: {listen: '%s'}\ntokens: {test: '%s'}\ninputs:\n  - {kind: http, listen: ['%s'], protocols: [http], plain: true}\n",
		centre, token, extra, r.status, relayToken, r.ingest)
	if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.kill()
		if t.Failed() {
			t.Logf("relay log:\n%s", tail(r.log.String(), 8000))
		}
	})
	return r
}

func (r *relayNode) start() {
	r.t.Helper()
	r.cmd = exec.Command(r.bin, "relay", "--data", r.data)
	r.cmd.Stdout, r.cmd.Stderr = r.log, r.log
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + r.status + "/healthz"); err == nil {
			res.Body.Close()
			if c, err := net.Dial("tcp", r.ingest); err == nil {
				c.Close()
				return
			}
		}
	}
	r.t.Fatalf("the relay does not listen after 30 s:\n%s", tail(r.log.String(), 8000))
}

func (r *relayNode) kill() {
	if r.cmd == nil {
		return
	}
	r.cmd.Process.Signal(syscall.SIGKILL)
	r.cmd.Wait()
	r.cmd = nil
}

// relayState is the part of /status that the tests look at.
type relayState struct {
	Link          string `json:"link"`
	LastError     string `json:"lastError"`
	BacklogBlocks int    `json:"backlogBlocks"`
}

func (r *relayNode) state() (s relayState, err error) {
	res, err := http.Get("http://" + r.status + "/status")
	if err != nil {
		return s, err
	}
	defer res.Body.Close()
	return s, json.NewDecoder(res.Body).Decode(&s)
}

// empty waits until everything is at the centre.
func (r *relayNode) empty() {
	r.t.Helper()
	var last relayState
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if s, err := r.state(); err == nil {
			if last = s; s.BacklogBlocks == 0 && s.Link == "up" {
				return
			}
		}
	}
	r.t.Fatalf("the relay still holds blocks: %+v", last)
}

func (r *relayNode) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.ingest+"/ingest/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+relayToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}

// send sends numbered events one after the other until want are acknowledged. A
// number whose outcome is not known is not sent again.
func (r *relayNode) send(ctx context.Context, l *ledger, run string, want, each int) {
	for ctx.Err() == nil && l.count() < want {
		first := l.take(each)
		if r.post(ctx, numbered(run, first, each)) == nil {
			l.ack(first, each)
		}
		time.Sleep(200 * time.Millisecond) // so that it lasts
	}
}

// unruly is a line between relay and centre: it cuts connections in the middle,
// gives them little, or nothing at all.
type unruly struct {
	l        net.Listener
	target   string
	down     atomic.Bool
	cutAfter atomic.Int64 // bytes a connection may carry; 0: all
	perSec   atomic.Int64 // bytes a second and connection; 0: all
	wg       sync.WaitGroup
	mu       sync.Mutex
	open     map[net.Conn]bool
	cuts     atomic.Int64
}

func newUnruly(t testing.TB, target string) *unruly {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &unruly{l: l, target: target, open: map[net.Conn]bool{}}
	u.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			u.wg.Go(func() { u.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		u.sever()
		u.wg.Wait()
	})
	return u
}

func (u *unruly) url() string { return "http://" + u.l.Addr().String() }

// sever cuts what is open.
func (u *unruly) sever() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.open {
		c.Close()
	}
}

func (u *unruly) serve(c net.Conn) {
	defer c.Close()
	if u.down.Load() {
		return
	}
	up, err := net.DialTimeout("tcp", u.target, 5*time.Second)
	if err != nil {
		return
	}
	defer up.Close()
	u.mu.Lock()
	u.open[c], u.open[up] = true, true
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.open, c)
		delete(u.open, up)
	}()
	left := u.cutAfter.Load()
	var wg sync.WaitGroup
	wg.Go(func() {
		io.Copy(c, up)
		c.Close()
	})
	buf := make([]byte, 4<<10)
	for {
		n, err := c.Read(buf)
		if n > 0 {
			if left > 0 && int64(n) >= left {
				up.Write(buf[:left])
				u.cuts.Add(1)
				break
			}
			if left > 0 {
				left -= int64(n)
			}
			if rate := u.perSec.Load(); rate > 0 {
				time.Sleep(time.Duration(n) * time.Second / time.Duration(rate))
			}
			if _, err := up.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	up.Close()
	c.Close()
	wg.Wait()
}

// Nothing lost, nothing double over a relay, whatever is killed or cut, and
// whenever: 20,000 numbered events.
func TestRelayLosesNothingAndDoublesNothing(t *testing.T) {
	const want = 20_000
	n := newNode(t, t.TempDir(), "")
	n.start()
	line := newUnruly(t, n.http)
	r := newRelay(t, line.url(), n.token, "")
	r.start()
	l := &ledger{acked: map[int]bool{}}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() { r.send(ctx, l, "relay", want, 50) })
	}
	calm := func() { time.Sleep(time.Duration(100+rand.IntN(700)) * time.Millisecond) }
	for round := 0; l.count() < want || round < 12; round++ {
		if ctx.Err() != nil {
			t.Fatalf("%d of %d acknowledged after %d rounds", l.count(), want, round)
		}
		calm()
		switch round % 6 {
		case 0: // the centre dies, also between its disk and its answer
			n.kill()
			calm()
			n.start()
		case 1: // the relay dies, also between the answer and its own deleting
			r.kill()
			r.start()
		case 2: // bodies are cut in the middle
			line.cutAfter.Store(int64(200 + rand.IntN(700)))
			before := line.cuts.Load()
			line.sever()
			for end := time.Now().Add(10 * time.Second); line.cuts.Load() < before+2 && time.Now().Before(end); {
				time.Sleep(50 * time.Millisecond)
			}
			line.cutAfter.Store(0)
		case 3: // the line is down
			line.down.Store(true)
			line.sever()
			calm()
			line.down.Store(false)
		case 4: // the line is slow
			line.perSec.Store(64 << 10)
			line.sever()
			time.Sleep(3 * time.Second)
			line.perSec.Store(0)
		case 5:
			line.sever()
		}
	}
	senders.Wait()
	r.empty()
	r.kill()
	n.drain()
	l.check(t, n.numbers("relay"))
	if line.cuts.Load() == 0 {
		t.Error("no request was cut in the middle")
	}
	t.Logf("%d connections cut", line.cuts.Load())
}

// A relay that the centre does not know says why in words, keeps everything, and
// sends it once it may. Status and health tell.
func TestRelayStatusAndRecovery(t *testing.T) {
	n := newNode(t, t.TempDir(), "")
	n.start()
	r := newRelay(t, "http://"+n.http, "lc_nobody", "")
	r.start()
	l := &ledger{acked: map[int]bool{}}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	r.send(ctx, l, "late", 1000, 100)
	var out string
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		var code int
		out, _, code = n.try("relay", "status", "--data", r.data)
		if code == 1 && strings.Contains(out, "does not accept the credential") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("exit code %d, want 1 and the reason:\n%s", code, out)
		}
	}
	if !strings.Contains(out, "down") || strings.Contains(out, " 0 blocks") {
		t.Errorf("status:\n%s", out)
	}
	r.kill()
	text, err := os.ReadFile(r.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.config, bytes.Replace(text, []byte("lc_nobody"), []byte(n.token), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.empty()
	if out, errOut, code := n.try("relay", "status", "--data", r.data); code != 0 || !strings.Contains(out, "up") {
		t.Errorf("exit code %d:\n%s%s", code, out, errOut)
	}
	r.kill()
	n.drain()
	l.check(t, n.numbers("late"))
}
