//go:build clients

// Package clients runs the shippers that agencies have against the real server: every
// one sends numbered events, the server is killed and started again in the middle, and
// the events are read back and counted. What a client was told is stored must be there.
// A client that is not installed is skipped, with the name of what to install; see
// docs/operate/clients.md.
package clients

import (
	"bufio"
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
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	events = 10_000
	away   = 700 * time.Millisecond // from the kill until the server is started again
)

// centre is one data folder and the server that runs on it, across restarts.
type centre struct {
	t                                       *testing.T
	bin, dir, data, config, token           string
	http, syslog, tls, elastic, flow, beats string
	cmd                                     *exec.Cmd
	log                                     *syncBuffer
	byPort                                  bool // the number of an event is its source port
	stored                                  int  // found in the store at the end, numbered or not
	took                                    int  // stored, as the processes that were killed said last
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

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// newCentre prepares a data folder with every input that the clients speak to.
func newCentre(t *testing.T) *centre {
	t.Helper()
	bin := os.Getenv("LACHAN_BIN")
	if bin == "" {
		bin = filepath.Join("..", "..", "bin", "lachan")
	}
	bin, err := filepath.Abs(bin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		t.Fatalf("%v: build it first with `make build`", err)
	}
	dir := t.TempDir()
	c := &centre{t: t, bin: bin, dir: dir, data: filepath.Join(dir, "data"), config: filepath.Join(dir, "lachan.yml"), log: &syncBuffer{}}
	for _, a := range []*string{&c.http, &c.syslog, &c.tls, &c.elastic, &c.flow, &c.beats} {
		*a = freeAddress(t)
	}
	write(t, c.config, fmt.Sprintf(`
publicAddress: 127.0.0.1
http: {listen: '%s'}
inputs:
  - {kind: syslog, tcp: ['%s'], udp: ['%s'], tls: {listen: ['%s'], clientCertificates: required}}
  - {kind: http, listen: ['%s'], protocols: [elastic], plain: true}
  - {kind: netflow, listen: ['%s']}
  - {kind: lumberjack, tcp: ['%s']}
`, c.http, c.syslog, c.syslog, c.tls, c.elastic, c.flow, c.beats))
	c.token = strings.TrimSpace(c.run("token", "create", "--data", c.data, "--scope", "ingest", "clients"))
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			log := c.log.String()
			t.Logf("server log:\n%s", log[max(0, len(log)-4000):])
		}
	})
	return c
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c *centre) run(args ...string) string {
	c.t.Helper()
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(c.t.Context(), c.bin, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		c.t.Fatalf("lachan %s: %v\n%s", strings.Join(args, " "), err, errOut.String())
	}
	return out.String()
}

// enrol connects a device of the catalogue and returns the folder of its credential and
// the configuration the server made for it, with the folders of this test in it.
func (c *centre) enrol(device, file string) (text string) {
	c.t.Helper()
	folder := filepath.Join(c.dir, device)
	c.run("enrol", "add", device, "--data", c.data, "--config", c.config, "--unit", "trung-tam", "--device", device, "--out", folder)
	b, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		c.t.Fatal(err)
	}
	text = string(b)
	for _, f := range []string{"/etc/lachan", "/var/spool/rsyslog", "/var/lib/syslog-ng"} {
		text = strings.ReplaceAll(text, f, folder)
	}
	return text
}

func (c *centre) start() {
	c.t.Helper()
	c.cmd = exec.Command(c.bin, "serve", "--data", c.data, "--config", c.config)
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + c.http + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	c.t.Fatal("the server is not ready after a minute")
}

func (c *centre) kill() {
	if c.cmd == nil {
		return
	}
	c.cmd.Process.Signal(syscall.SIGKILL)
	c.cmd.Wait()
	c.cmd = nil
}

// outage kills the server as a power cut would, and starts it again.
func (c *centre) outage() {
	c.t.Helper()
	c.took += c.records()
	c.kill()
	time.Sleep(away)
	c.start()
}

// records is how many records the inputs of the running process say they stored.
func (c *centre) records() (n int) {
	c.t.Helper()
	res, err := http.Get("http://" + c.http + "/metrics")
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "lachan_input_records_total{"); ok {
			_, value, _ := strings.Cut(rest, "} ")
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				c.t.Fatal(err)
			}
			n += int(v)
		}
	}
	return n
}

// settle waits until the server took want records, or took nothing more for a while.
func (c *centre) settle(want int) {
	c.t.Helper()
	last, since := -1, time.Now()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		n := c.took + c.records()
		if n != last {
			last, since = n, time.Now()
		}
		if quiet := time.Since(since); n >= want && quiet > time.Second || quiet > 7*time.Second {
			return
		}
	}
	c.t.Fatal("the client still sends after 90 s")
}

// The number of an event, as every client sends it.
var number = regexp.MustCompile(`lc-(\d{5})`)

var sourcePort = regexp.MustCompile(`"src_port":(\d+)`)

func event(i int) string { return fmt.Sprintf("lc-%05d", i) }

// found ends the server, which drains, and returns how often each number is stored.
func (c *centre) found() map[int]int {
	c.t.Helper()
	c.took += c.records()
	c.cmd.Process.Signal(syscall.SIGTERM)
	if err := c.cmd.Wait(); err != nil {
		c.t.Errorf("the server ended with %v", err)
	}
	c.cmd = nil
	out := c.run("query", "--data", c.data, "-o", "ndjson", "-n", "0", "*")
	seen := map[int]int{}
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var e struct {
			Raw string `json:"raw"`
		}
		if err := dec.Decode(&e); err == io.EOF {
			return seen
		} else if err != nil {
			c.t.Fatal(err)
		}
		c.stored++
		pattern, base := number, 0
		if c.byPort {
			pattern, base = sourcePort, flowPort
		}
		if m := pattern.FindStringSubmatch(e.Raw); m != nil {
			i, _ := strconv.Atoi(m[1])
			seen[i-base]++
		}
	}
}

// program finds a client, or skips the test. CLIENTS_ROOT is a folder that Debian
// packages were unpacked into: rsyslog and syslog-ng cannot be installed side by side.
func program(t *testing.T, name, install string) string {
	t.Helper()
	for _, path := range []string{filepath.Join(root(), "usr/sbin", name), name, filepath.Join("/usr/sbin", name)} {
		if path, err := exec.LookPath(path); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed; %s", name, install)
	return ""
}

func root() string {
	if r := os.Getenv("CLIENTS_ROOT"); r != "" {
		return r
	}
	abs, _ := filepath.Abs(filepath.Join("..", "..", "bin", "clients"))
	return abs
}

// command is a client that ends by itself, within its deadline.
func command(t *testing.T, path string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// daemon starts a client that runs until the test ends.
func daemon(t *testing.T, path string, args ...string) *exec.Cmd {
	t.Helper()
	log := &syncBuffer{}
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+root()+"/usr/lib/x86_64-linux-gnu:"+root()+"/usr/lib/syslog-ng")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		if t.Failed() {
			text := log.String()
			t.Logf("%s:\n%s", path, text[max(0, len(text)-3000):])
		}
	})
	return cmd
}

// dial waits until a client listens.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			t.Cleanup(func() { conn.Close() })
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// feed hands all numbers to send, in batches and not faster than a busy host, and
// takes the server away in the middle while it goes on.
func feed(c *centre, batch int, send func(first, count int)) {
	c.t.Helper()
	var outage sync.WaitGroup
	for i := 0; i < events; i += batch {
		if i == events/2 {
			outage.Go(c.outage)
		}
		send(i, batch)
		time.Sleep(time.Duration(batch) * 300 * time.Microsecond)
	}
	outage.Wait()
}

// lines writes numbered syslog lines to a shipper's own listener.
func lines(t *testing.T, w io.Writer) func(first, count int) {
	return func(first, count int) {
		var b bytes.Buffer
		for i := range count {
			fmt.Fprintf(&b, "<134>%s gate app[7]: numbered event %s\n", time.Now().Format("Jan _2 15:04:05"), event(first+i))
		}
		if _, err := w.Write(b.Bytes()); err != nil {
			t.Errorf("the client does not listen any more: %v", err)
		}
	}
}
