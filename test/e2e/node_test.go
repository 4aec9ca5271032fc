//go:build e2e

// Package e2e runs the real binary as its users do: real sockets, real disk, real
// signals. Build it first (make build); LACHAN_BIN names another binary.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func binary(t testing.TB) string {
	t.Helper()
	path := os.Getenv("LACHAN_BIN")
	if path == "" {
		path = filepath.Join("..", "..", "bin", "lachan")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(abs); err != nil {
		t.Fatalf("%v: build it first with `make build`", err)
	}
	return abs
}

// node is one data folder and the server that runs on it, across restarts.
type node struct {
	t      testing.TB
	bin    string
	data   string
	config string
	http   string // host:port
	syslog string
	token  string

	cmd *exec.Cmd
	log *syncBuffer
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// newNode prepares a folder with a token of scope ingest; extra is YAML added to
// the configuration.
func newNode(t testing.TB, data, extra string) *node {
	t.Helper()
	n := &node{t: t, bin: binary(t), data: data, log: &syncBuffer{}}
	n.http = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	n.syslog = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	n.config = filepath.Join(t.TempDir(), "lachan.yml")
	text := fmt.Sprintf("http: {listen: '%s'}\ninputs:\n  - {kind: syslog, tcp: ['%s'], udp: ['%s']}\n%s", n.http, n.syslog, n.syslog, extra)
	if err := os.WriteFile(n.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n.token = n.newToken("ingest")
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			t.Logf("server log:\n%s", tail(n.log.String(), 8000))
		}
	})
	return n
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (n *node) newToken(scope string) string {
	n.t.Helper()
	out := n.run("token", "create", "--data", n.data, "--scope", scope, "e2e-"+scope)
	return strings.TrimSpace(out)
}

// run runs a command to its end and returns its standard output.
func (n *node) run(args ...string) string {
	n.t.Helper()
	out, errOut, code := n.try(args...)
	if code != 0 {
		n.t.Fatalf("lachan %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

func (n *node) try(args ...string) (out, errOut string, code int) {
	n.t.Helper()
	cmd := exec.Command(n.bin, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		n.t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// start starts the server and waits until it is ready.
func (n *node) start() {
	n.t.Helper()
	n.cmd = exec.Command(n.bin, "serve", "--data", n.data, "--config", n.config)
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if res, err := http.Get("http://" + n.http + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	n.t.Fatalf("the server is not ready after 30 s:\n%s", tail(n.log.String(), 8000))
}

// kill ends the server as a power cut would.
func (n *node) kill() {
	if n.cmd == nil {
		return
	}
	n.cmd.Process.Signal(syscall.SIGKILL)
	n.cmd.Wait()
	n.cmd = nil
}

// stop asks the server to end and returns how long it took.
func (n *node) stop() time.Duration {
	n.t.Helper()
	begun := time.Now()
	n.cmd.Process.Signal(syscall.SIGTERM)
	if err := n.cmd.Wait(); err != nil {
		n.t.Errorf("server ended with %v", err)
	}
	n.cmd = nil
	return time.Since(begun)
}

// peakMemory returns the largest resident size of the server so far, in bytes.
func (n *node) peakMemory() int64 {
	n.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	if err != nil {
		n.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				n.t.Fatal(err)
			}
			return kb << 10
		}
	}
	n.t.Fatal("no VmHWM")
	return 0
}

// accepted is the answer to an ingest request.
type accepted struct {
	Accepted  int      `json:"accepted"`
	Sequences []uint64 `json:"sequences"`
}

// post sends lines of JSON; ok means the server acknowledged them.
func (n *node) post(ctx context.Context, client *http.Client, body []byte) (a accepted, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+n.http+"/ingest/json", bytes.NewReader(body))
	if err != nil {
		return a, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+n.token)
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := client.Do(req)
	if err != nil {
		return a, 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return a, 0, err
	}
	if res.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, &a)
	}
	return a, res.StatusCode, err
}

// numbers returns how often each number of the field n is found among stored
// events of the given run. The server must be down.
func (n *node) numbers(run string) map[int]int {
	n.t.Helper()
	out := n.run("query", "--data", n.data, "-o", "ndjson", "-n", "0", "run:"+run)
	seen := map[int]int{}
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var e struct {
			Fields map[string]string `json:"fields"`
		}
		if err := dec.Decode(&e); err == io.EOF {
			return seen
		} else if err != nil {
			n.t.Fatal(err)
		}
		i, err := strconv.Atoi(e.Fields["n"])
		if err != nil {
			n.t.Fatalf("event without a number: %v", e.Fields)
		}
		seen[i]++
	}
}

// drain starts the server if need be, waits until the spool is processed, and
// stops it.
func (n *node) drain() {
	n.t.Helper()
	if n.cmd == nil {
		n.start()
	}
	// One more event: when it is searchable, everything before it is.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	a, status, err := n.post(ctx, http.DefaultClient, []byte(`{"run":"drain"}`+"\n"))
	for err == nil && status == http.StatusTooManyRequests { // what came before is being worked off: a sender tries again
		time.Sleep(200 * time.Millisecond)
		a, status, err = n.post(ctx, http.DefaultClient, []byte(`{"run":"drain"}`+"\n"))
	}
	if err != nil || status != http.StatusOK {
		n.t.Fatalf("last event: %d %v", status, err)
	}
	for {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/api/v1/ingest/status?first=%d&last=%d", n.http, a.Sequences[0], a.Sequences[1]), nil)
		req.Header.Set("Authorization", "Bearer "+n.token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			n.t.Fatal(err)
		}
		var s struct {
			Processed bool `json:"processed"`
		}
		err = json.NewDecoder(res.Body).Decode(&s)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			n.t.Fatalf("status: %d %v", res.StatusCode, err)
		}
		if s.Processed {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	n.stop()
}

// ledger remembers which numbers the server acknowledged.
type ledger struct {
	mu    sync.Mutex
	next  int
	acked map[int]bool
	sent  int
}

func (l *ledger) take(count int) (first int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first = l.next
	l.next += count
	l.sent += count
	return first
}

func (l *ledger) ack(first, count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range count {
		l.acked[first+i] = true
	}
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

// check compares what was acknowledged with what is found.
func (l *ledger) check(t testing.TB, found map[int]int) {
	t.Helper()
	missing, double, extra := 0, 0, 0
	for i := range l.acked {
		if found[i] == 0 {
			missing++
		}
	}
	for i, n := range found {
		if n > 1 {
			double++
		}
		if !l.acked[i] {
			extra++ // sent, stored, but the answer was lost with the process
		}
	}
	t.Logf("%d numbers sent, %d acknowledged, %d found, %d stored without the answer reaching us", l.sent, len(l.acked), len(found), extra)
	if missing > 0 || double > 0 {
		t.Errorf("%d acknowledged numbers are missing, %d numbers are found more than once", missing, double)
	}
}

// numbered makes a body of count numbered events.
func numbered(run string, first, count int) []byte {
	var b bytes.Buffer
	now := time.Now().UTC().Format(time.RFC3339Nano)
	for i := range count {
		fmt.Fprintf(&b, `{"@timestamp":%q,"run":%q,"n":%d,"message":"numbered event of the end to end test"}`+"\n", now, run, first+i)
	}
	return b.Bytes()
}

// send keeps sending numbered events until enough are acknowledged. A request
// whose answer did not arrive is not repeated: its numbers stay unacknowledged.
func (n *node) send(ctx context.Context, l *ledger, run string, want, perRequest int) {
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil && l.count() < want {
		first := l.take(perRequest)
		_, status, err := n.post(ctx, client, numbered(run, first, perRequest))
		switch {
		case err == nil && status == http.StatusOK:
			l.ack(first, perRequest)
		default:
			time.Sleep(20 * time.Millisecond)
		}
	}
}
