//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	floodTime       = 10 * time.Second
	floodIdle       = 5_000
	floodMemory     = 1 << 30
	floodGoodEvents = 20_000
)

// A flood of garbage on every port does not stop good senders from being served,
// and memory stays under 1 GiB.
func TestFloodOfGarbage(t *testing.T) {
	raiseFileLimit(t)
	n := newNode(t, t.TempDir(), "")
	n.start()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()

	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	for i := range floodIdle {
		addr := n.syslog
		if i%2 == 1 {
			addr = n.http
		}
		c, err := net.DialTimeout("tcp", addr, 5*time.Second)
		if err != nil {
			break // refused at a limit: that is an answer too
		}
		if i%4 == 0 {
			c.Write([]byte("120 <34>1 half a mess")) // begun and never ended
		}
		idle = append(idle, c)
	}
	t.Logf("%d idle and half-open connections", len(idle))

	flood, stopFlood := context.WithTimeout(ctx, floodTime)
	defer stopFlood()
	var attackers sync.WaitGroup
	attack := func(f func()) {
		attackers.Go(func() {
			for flood.Err() == nil {
				f()
			}
		})
	}
	noise := make([]byte, 64<<10)
	rand.Read(noise)
	longLine := append(bytes.Repeat([]byte("x"), 10<<20), '\n')
	attack(func() { sendTCP(flood, n.syslog, noise) })
	attack(func() { sendTCP(flood, n.syslog, longLine) })
	attack(func() { sendTCP(flood, n.syslog, []byte("99999999 <34>1 a length that lies\n")) })
	attack(func() { sendTCP(flood, n.http, noise) })
	attack(func() {
		sendTCP(flood, n.http, []byte("POST /ingest/json HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"))
	})
	attack(func() {
		c, err := net.Dial("udp", n.syslog)
		if err != nil {
			return
		}
		defer c.Close()
		for i := range 100 {
			c.Write(noise[i*100 : i*100+500+i])
		}
		time.Sleep(time.Millisecond) // loopback is faster than any network
	})

	l := &ledger{acked: map[int]bool{}}
	begun := time.Now()
	n.send(ctx, l, "good", floodGoodEvents, 200)
	served := time.Since(begun)
	<-flood.Done()
	attackers.Wait()
	peak := n.peakMemory()
	t.Logf("%d good events acknowledged in %v beside the flood; peak memory %d MiB", l.count(), served.Round(time.Millisecond), peak>>20)
	if l.count() < floodGoodEvents {
		t.Errorf("good senders were not served: %d of %d", l.count(), floodGoodEvents)
	}
	if peak > floodMemory {
		t.Errorf("peak memory %d MiB, want under %d MiB", peak>>20, floodMemory>>20)
	}
	for _, c := range idle {
		c.Close()
	}
	idle = nil
	if res, err := http.Get("http://" + n.http + "/healthz"); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("not healthy after the flood: %v", err)
	} else {
		res.Body.Close()
	}
	n.drain()
	l.check(t, n.numbers("good"))
}

func sendTCP(ctx context.Context, addr string, data []byte) {
	d := net.Dialer{Timeout: 2 * time.Second}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		time.Sleep(10 * time.Millisecond)
		return
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Second))
	c.Write(data)
	time.Sleep(10 * time.Millisecond)
}

func raiseFileLimit(t *testing.T) {
	t.Helper()
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		t.Fatal(err)
	}
	r.Cur = r.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		t.Fatal(err)
	}
	if r.Cur < 3*floodIdle {
		t.Skipf("only %d open files allowed; the flood needs %d", r.Cur, 3*floodIdle)
	}
}

// Bad requests get the right 4xx with a problem document, and are counted.
func TestBadRequests(t *testing.T) {
	n := newNode(t, t.TempDir(), "")
	n.start()
	for _, c := range []struct {
		name, path, token, encoding string
		body                        []byte
		want                        int
	}{
		{"no token", "/ingest/json", "", "", []byte("{}\n"), 401},
		{"wrong token", "/ingest/json", "lc_wrong", "", []byte("{}\n"), 401},
		{"broken gzip", "/ingest/json", n.token, "gzip", []byte("\x1f\x8b\x08 not gzip"), 400},
		{"broken zstd", "/ingest/json", n.token, "zstd", []byte("\x28\xb5\x2f\xfd nonsense"), 400},
		{"unknown encoding", "/ingest/json", n.token, "lzw", []byte("{}\n"), 415},
		{"body too large", "/ingest/json", n.token, "", bytes.Repeat([]byte("x"), 40<<20), 413},
		{"a line that is no JSON is stored", "/ingest/json", n.token, "", []byte("no json at all\n"), 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, "http://"+n.http+c.path, bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if c.token != "" {
				req.Header.Set("Authorization", "Bearer "+c.token)
			}
			if c.encoding != "" {
				req.Header.Set("Content-Encoding", c.encoding)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != c.want {
				t.Errorf("status %d, want %d", res.StatusCode, c.want)
			}
			if ct := res.Header.Get("Content-Type"); c.want >= 400 && ct != "application/problem+json" {
				t.Errorf("content type %q", ct)
			}
		})
	}
	metrics := n.metrics()
	for _, want := range []string{`lachan_input_`, `reason="`} {
		if !bytes.Contains(metrics, []byte(want)) {
			t.Errorf("refusals are not counted: no %s in the metrics", want)
		}
	}
	n.drain()
	if out := n.run("query", "--data", n.data, "--count", `"no json at all"`); out != "1\n" {
		t.Errorf("the unparsed line is found %q times", out)
	}
}

func (n *node) metrics() []byte {
	n.t.Helper()
	res, err := http.Get(fmt.Sprintf("http://%s/metrics", n.http))
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	b.ReadFrom(res.Body)
	if res.StatusCode != http.StatusOK {
		n.t.Fatalf("/metrics: %d %s", res.StatusCode, b.String())
	}
	return b.Bytes()
}
