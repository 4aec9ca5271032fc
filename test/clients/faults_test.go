//go:build clients

package clients

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	client "github.com/elastic/go-lumber/client/v2"
)

// link is a network between a client and the server that can fail.
type link struct {
	addr   string
	to     string
	mu     sync.Mutex
	conns  map[net.Conn]bool
	budget int64         // bytes towards the server after which every connection is cut; 0: never
	pause  time.Duration // before every 4 KiB towards the server
	deaf   bool          // answers do not come back, and nobody is told
}

func newLink(t *testing.T, to string) *link {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &link{addr: l.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		l.Close()
		k.cut()
	})
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			k.mu.Lock()
			k.conns[in], k.conns[out] = true, true
			k.mu.Unlock()
			go k.carry(out, in, true)
			go k.carry(in, out, false)
		}
	}()
	return k
}

// cut ends every connection, in the middle of whatever it carries.
func (k *link) cut() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for c := range k.conns {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	clear(k.conns)
}

func (k *link) set(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

func (k *link) carry(to, from net.Conn, up bool) {
	buf := make([]byte, 4<<10)
	for left := int64(-1); ; {
		n, err := from.Read(buf)
		k.mu.Lock()
		pause, budget, deaf := k.pause, k.budget, k.deaf
		k.mu.Unlock()
		if up && pause > 0 {
			time.Sleep(pause)
		}
		if up && budget > 0 {
			if left < 0 {
				left = budget
			}
			if left -= int64(n); left <= 0 {
				k.cut()
				return
			}
		}
		if !(deaf && !up) {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if !deaf {
				to.Close()
			}
			return
		}
	}
}

// post sends a batch as a careful sender does: again until it is acknowledged.
func post(t *testing.T, addr, token string, client *http.Client, first, count int, told *acks) (tries int) {
	t.Helper()
	body := documents(first, count)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		tries++
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/ingest/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := client.Do(req)
		if err != nil {
			continue
		}
		_, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if err == nil && res.StatusCode == http.StatusOK {
			told.add(first, count)
			return tries
		}
	}
	t.Error("not acknowledged within a minute")
	return tries
}

func batches(batch int, send func(first, count int)) {
	for i := 0; i < events; i += batch {
		send(i, batch)
	}
}

// A request that is cut in its middle stores nothing: the second try is the only one.
func TestLinkCutMidBatch(t *testing.T) {
	c := newCentre(t)
	c.start()
	k := newLink(t, c.http)
	told := &acks{}
	hc := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tries := 0
	batches(500, func(first, count int) {
		k.set(func() { k.budget = 20_000 }) // a batch is about 45 kB
		var wait sync.WaitGroup
		wait.Go(func() {
			time.Sleep(150 * time.Millisecond)
			k.set(func() { k.budget = 0 })
		})
		tries += post(t, k.addr, c.token, hc, first, count, told)
		wait.Wait()
	})
	if tries <= events/500 {
		t.Error("no request was cut")
	}
	t.Logf("%d tries for %d requests", tries, events/500)
	c.check("link cut mid-batch, HTTP", events, told, false)
}

func TestLinkCutMidWindow(t *testing.T) {
	c := newCentre(t)
	c.start()
	k := newLink(t, c.beats)
	k.budget = 30_000
	told := &acks{}
	cuts := 0
	batches(500, func(first, count int) {
		for sent, deadline := 0, time.Now().Add(time.Minute); sent < count; {
			if time.Now().After(deadline) {
				t.Fatal("not acknowledged within a minute")
			}
			// A window gets smaller after a cut, as that of a Beat does.
			size := min(count-sent, 500>>min(cuts%4, 3))
			batch := make([]any, size)
			for i := range batch {
				batch[i] = map[string]string{"message": "numbered event " + event(first+sent+i), "pad": "012345678901234567890123456789"}
			}
			conn, err := client.SyncDial(k.addr, client.Timeout(5*time.Second))
			if err != nil {
				continue
			}
			n, err := conn.Send(batch)
			told.add(first+sent, n)
			sent += n
			conn.Close()
			if err != nil {
				cuts++
			}
		}
	})
	if cuts == 0 {
		t.Error("no window was cut")
	}
	t.Logf("%d windows cut", cuts)
	// A part of a window that the server stored before the cut may come again.
	c.check("link cut mid-window, Lumberjack", events, told, true)
}

// A slow link is served, and does not hold up a sender on a good one.
func TestSlowLink(t *testing.T) {
	c := newCentre(t)
	c.start()
	k := newLink(t, c.http)
	k.pause = 100 * time.Millisecond // 40 kB/s
	told := &acks{}
	hc := &http.Client{Timeout: time.Minute}
	var slow sync.WaitGroup
	slow.Go(func() {
		for i := 0; i < events/10; i += 100 {
			post(t, k.addr, c.token, hc, i, 100, told)
		}
	})
	for i := events / 10; i < events; i += 500 {
		post(t, c.http, c.token, hc, i, 500, told)
	}
	slow.Wait()
	c.check("slow link, 40 kB/s", events, told, false)
}

// A whole request that arrives twice: documents with an _id are stored once.
func TestDuplicateDelivery(t *testing.T) {
	c := newCentre(t)
	c.start()
	told := &acks{}
	hc := &http.Client{Timeout: 10 * time.Second}
	batches(500, func(first, count int) {
		var b bytes.Buffer
		for i := range count {
			fmt.Fprintf(&b, `{"create":{"_index":"logs","_id":%q}}`+"\n", event(first+i))
			b.Write(documents(first+i, 1))
		}
		for range 2 {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+c.elastic+"/_bulk", bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth("gui", c.token)
			req.Header.Set("Content-Type", "application/x-ndjson")
			res, err := hc.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Fatalf("status %d", res.StatusCode)
			}
		}
		told.add(first, count)
	})
	c.check("every request delivered twice, _bulk with _id", events, told, false)
}

// The answers stop coming and the connection stays: the sender gives up by its own
// clock and sends again. Connections that hang so do not hold up others.
func TestHalfOpen(t *testing.T) {
	c := newCentre(t)
	c.start()
	k := newLink(t, c.http)
	k.deaf = true
	var hanging sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for range 50 {
		hanging.Go(func() {
			var d net.Dialer
			conn, err := d.DialContext(ctx, "tcp", k.addr)
			if err != nil {
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /ingest/json HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100000\r\n\r\n{", c.token)
			<-ctx.Done()
		})
	}
	told := &acks{}
	impatient := &http.Client{Timeout: 500 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	batches(500, func(first, count int) {
		if first == events/2 {
			var wait sync.WaitGroup
			wait.Go(func() {
				time.Sleep(1200 * time.Millisecond)
				k.set(func() { k.deaf = false })
			})
			tries := post(t, k.addr, c.token, impatient, first, count, told)
			wait.Wait()
			t.Logf("%d tries over the half-open link", tries)
			return
		}
		post(t, c.http, c.token, http.DefaultClient, first, count, told)
	})
	cancel()
	hanging.Wait()
	// The batch whose answers did not come back was stored each time it arrived.
	c.check("half-open connections", events, told, true)
}
