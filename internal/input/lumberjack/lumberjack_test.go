package lumberjack

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/elastic/go-lumber/client/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var busy = fault.New(fault.Busy, "full")

type running struct {
	*Input
	*inputtest.Shelf
	reg  *prometheus.Registry
	stop func() // ends Run and waits
}

// start runs an input on loopback: plain first, TLS second.
func start(t testing.TB, change func(*Config, *Input)) *running {
	t.Helper()
	r := &running{Shelf: &inputtest.Shelf{}, reg: prometheus.NewRegistry()}
	c := DefaultConfig()
	c.TCP, c.TLS.Listen = []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}
	c.Unit = "so-noi-vu"
	r.Input = &Input{every: 50 * time.Millisecond, unfold: 4 << 20}
	if change != nil {
		change(&c, r.Input)
	}
	every, unfold := r.every, r.unfold
	in, err := New(c, input.Env{Metrics: input.NewMetrics(r.reg), Authority: inputtest.NewIssuer(t), Credentials: inputtest.Credentials{}})
	if err != nil {
		t.Fatal(err)
	}
	in.every, in.unfold, r.Input = every, unfold, in
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx, r.Shelf) }()
	select {
	case <-in.Ready():
	case err := <-done:
		t.Fatalf("Run: %v", err)
	}
	r.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(input.DrainTime + 10*time.Second):
			t.Error("Run does not end")
		}
	})
	t.Cleanup(r.stop)
	return r
}

func (r *running) address() string { return r.Bound()[0].String() }

func (r *running) dial(t testing.TB) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", r.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func (r *running) refused(t testing.TB, reason string) float64 {
	t.Helper()
	return inputtest.Count(t, r.reg, "lachan_input_refused_total", map[string]string{"input": "lumberjack", "reason": reason})
}

func events(from, n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = map[string]any{"message": fmt.Sprintf("xin chào %d", from+i)}
	}
	return list
}

func wantRecords(t testing.TB, got []string, n int) {
	t.Helper()
	if len(got) != n {
		t.Fatalf("%d records, want %d", len(got), n)
	}
	for i, r := range got {
		if want := fmt.Sprintf(`{"message":"xin chào %d"}`, i); r != want {
			t.Fatalf("record %d is %q, want %q", i, r, want)
		}
	}
}

func TestTheSyncClientOfBeats(t *testing.T) {
	for name, level := range map[string]int{"plain": 0, "compressed": 3} {
		t.Run(name, func(t *testing.T) {
			r := start(t, nil)
			c, err := client.SyncDial(r.address(), client.CompressionLevel(level))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			sent := 0
			for _, n := range []int{1, 2048, 3, 9000} { // 9000: more than one batch
				acked, err := c.Send(events(sent, n))
				if err != nil || acked != n {
					t.Fatalf("Send(%d) = %d, %v", n, acked, err)
				}
				sent += n
				if got := len(r.Records()); got != sent {
					t.Fatalf("%d acknowledged, %d stored", sent, got)
				}
			}
			wantRecords(t, r.Records(), sent)
			for _, b := range r.Batches() {
				if b.Unit != "so-noi-vu" || b.Input != "lumberjack" || b.Peer != "127.0.0.1" || b.Credential != "" {
					t.Errorf("batch %+v", b)
				}
			}
		})
	}
}

func TestTheAsyncClientOfBeats(t *testing.T) {
	r := start(t, nil)
	c, err := client.AsyncDial(r.address(), 8, client.CompressionLevel(1))
	if err != nil {
		t.Fatal(err)
	}
	const windows, size = 60, 200
	var acked atomic.Int64
	answered := make(chan struct{}, windows)
	for w := range windows {
		err := c.Send(func(seq uint32, err error) {
			if err != nil {
				t.Errorf("window %d: %v", w, err)
			}
			acked.Add(int64(seq))
			answered <- struct{}{}
		}, events(w*size, size))
		if err != nil {
			t.Fatal(err)
		}
	}
	for range windows {
		select {
		case <-answered:
		case <-time.After(30 * time.Second):
			t.Fatal("not all windows are answered")
		}
	}
	c.Close()
	if acked.Load() != windows*size {
		t.Errorf("%d acknowledged, want %d", acked.Load(), windows*size)
	}
	wantRecords(t, r.Records(), windows*size)
}

func TestAClientCertificateGivesTheUnit(t *testing.T) {
	issuer := inputtest.NewIssuer(t)
	r := start(t, func(c *Config, _ *Input) { c.TLS.ClientCA = issuer.File })
	send := func(certificates ...tls.Certificate) error {
		conf := &tls.Config{InsecureSkipVerify: true, Certificates: certificates}
		c, err := client.SyncDialWith(func(network, address string) (net.Conn, error) {
			return tls.Dial(network, address, conf)
		}, r.Bound()[1].String(), client.Timeout(20*time.Second))
		if err != nil {
			return err
		}
		defer c.Close()
		// What an event says of its unit counts for nothing.
		_, err = c.Send([]any{map[string]string{"message": "x", "unit": "so-noi-vu", "organization": "so-noi-vu"}})
		return err
	}
	if err := send(issuer.Client(t, "may-1")); err != nil {
		t.Fatal(err)
	}
	b := r.Batches()
	if len(b) != 1 || b[0].Unit != "so-y-te" || b[0].Credential != "cert:may-1" {
		t.Errorf("batches %+v", b)
	}
	if err := send(); err == nil {
		t.Error("a client without a certificate was let in")
	}
	if n := len(r.Records()); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

// window writes the frames of one window by hand.
func window(version byte, frames ...[]byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{version, 'W'}, uint32(len(frames))), bytes.Join(frames, nil)...)
}

func jsonFrame(sequence int, text string) []byte {
	b := binary.BigEndian.AppendUint32([]byte{'2', 'J'}, uint32(sequence))
	return append(binary.BigEndian.AppendUint32(b, uint32(len(text))), text...)
}

func dataFrame(sequence int, pairs ...string) []byte {
	b := binary.BigEndian.AppendUint32([]byte{'1', 'D'}, uint32(sequence))
	b = binary.BigEndian.AppendUint32(b, uint32(len(pairs)/2))
	for _, p := range pairs {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...)
	}
	return b
}

func compressed(version byte, frames []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(frames)
	w.Close()
	return append(binary.BigEndian.AppendUint32([]byte{version, 'C'}, uint32(z.Len())), z.Bytes()...)
}

func write(t testing.TB, w io.Writer, b []byte) {
	t.Helper()
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
}

// answer reads one acknowledgement.
func answer(t testing.TB, r io.Reader) (version byte, sequence uint32) {
	t.Helper()
	var a [6]byte
	if _, err := io.ReadFull(r, a[:]); err != nil {
		t.Fatalf("no answer: %v", err)
	}
	if a[1] != 'A' {
		t.Fatalf("answer % x", a)
	}
	return a[0], binary.BigEndian.Uint32(a[2:])
}

func TestVersion1(t *testing.T) {
	r := start(t, nil)
	c := r.dial(t)
	// A client of Logstash counts on from window to window.
	write(t, c, window('1', dataFrame(41, "line", "xin \"chào\"\n", "file", "/var/log/a"), dataFrame(42)))
	if v, n := answer(t, c); v != '1' || n != 42 {
		t.Errorf("answer %c %d, want 1 42", v, n)
	}
	frames := bytes.Join([][]byte{dataFrame(43, "line", "b"), dataFrame(44, "line", "c")}, nil)
	write(t, c, append([]byte{'1', 'W', 0, 0, 0, 2}, compressed('1', frames)...))
	if v, n := answer(t, c); v != '1' || n != 44 {
		t.Errorf("answer %c %d, want 1 44", v, n)
	}
	want := []string{`{"line":"xin \"chào\"\n","file":"/var/log/a"}`, `{}`, `{"line":"b"}`, `{"line":"c"}`}
	if got := r.Records(); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAFullSpoolIsToldByTheNumberThatIsOnDisk(t *testing.T) {
	r := start(t, nil)
	r.Fail(1, busy)
	c := r.dial(t)
	write(t, c, window('2', jsonFrame(1, `{"n":1}`), jsonFrame(2, `{"n":2}`)))
	for range 3 {
		if _, n := answer(t, c); n != 0 {
			t.Fatalf("told %d while nothing is on disk", n)
		}
	}
	if n := len(r.Records()); n != 0 {
		t.Fatalf("%d records are on disk", n)
	}
	r.Fail(0, nil)
	for {
		_, n := answer(t, c)
		if n == 2 {
			break
		}
		if n != 0 {
			t.Fatalf("told %d", n)
		}
	}
	// The first batch of a long window is on disk, the second is not.
	r.Fail(3, busy)
	long := make([][]byte, event.MaxBatchRecords+1)
	for i := range long {
		long[i] = jsonFrame(i+1, `{}`)
	}
	write(t, c, window('2', long...))
	for told := 0; told < 3; {
		switch _, n := answer(t, c); n {
		case event.MaxBatchRecords:
			told++
		case 0: // before the first was on disk, where that took its time
			if told == 0 {
				continue
			}
			fallthrough
		default:
			t.Fatalf("told %d after %d times %d", n, told, event.MaxBatchRecords)
		}
	}
	r.Fail(0, nil)
	for n := uint32(event.MaxBatchRecords); n != event.MaxBatchRecords+1; {
		if _, n = answer(t, c); n < event.MaxBatchRecords {
			t.Fatalf("told %d", n)
		}
	}
	// The last number came once: what comes next is the answer to the next window.
	write(t, c, window('2', jsonFrame(1, `{"n":3}`)))
	if _, n := answer(t, c); n != 1 {
		t.Errorf("told %d, want 1", n)
	}
}

func TestAnUnfinishedWindowThatPausesIsStored(t *testing.T) {
	r := start(t, nil)
	c := r.dial(t)
	write(t, c, append([]byte{'2', 'W', 0, 0, 0, 3}, jsonFrame(1, `{"n":1}`)...))
	if _, n := answer(t, c); n != 1 || len(r.Records()) != 1 {
		t.Errorf("told %d with %d on disk, want 1", n, len(r.Records()))
	}
	write(t, c, append(jsonFrame(2, `{"n":2}`), jsonFrame(3, `{"n":3}`)...))
	if _, n := answer(t, c); n != 3 || len(r.Records()) != 3 {
		t.Errorf("told %d with %d on disk, want 3", n, len(r.Records()))
	}
}

func TestWhatWasNotAcknowledgedIsNotStoredWhenTheConnectionBreaks(t *testing.T) {
	r := start(t, nil)
	c := r.dial(t)
	write(t, c, append([]byte{'2', 'W', 0, 0, 0, 2}, jsonFrame(1, `{"n":1}`)...))
	c.Close()
	again := r.dial(t)
	write(t, again, window('2', jsonFrame(1, `{"n":1}`), jsonFrame(2, `{"n":2}`)))
	answer(t, again)
	if got := strings.Join(r.Records(), ""); got != `{"n":1}{"n":2}` {
		t.Errorf("stored %s", got)
	}
}

// TestStoppingLosesNothingAcknowledged stops the input again and again while
// clients send; what they were told is on disk must be there, once.
func TestStoppingLosesNothingAcknowledged(t *testing.T) {
	shelf := &inputtest.Shelf{}
	acked := map[int]bool{}
	var mu sync.Mutex
	next := atomic.Int64{}
	for range 5 {
		r := start(t, nil)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				c, err := client.SyncDial(r.address(), client.CompressionLevel(1), client.Timeout(20*time.Second))
				if err != nil {
					return
				}
				defer c.Close()
				for {
					const size = 100
					from := int(next.Add(size)) - size
					n, err := c.Send(events(from, size))
					mu.Lock()
					for i := range n {
						acked[from+i] = true
					}
					mu.Unlock()
					if err != nil {
						return
					}
				}
			})
		}
		for len(r.Batches()) < 50 {
			time.Sleep(time.Millisecond)
		}
		r.stop()
		wg.Wait()
		for _, b := range r.Batches() {
			if _, err := shelf.Put(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
		}
	}
	stored := map[string]int{}
	for _, rec := range shelf.Records() {
		stored[rec]++
	}
	for n := range acked {
		if c := stored[fmt.Sprintf(`{"message":"xin chào %d"}`, n)]; c != 1 {
			t.Errorf("event %d was acknowledged and is stored %d times", n, c)
		}
	}
	if len(acked) == 0 {
		t.Error("nothing was acknowledged")
	}
	t.Logf("%d acknowledged, %d stored", len(acked), len(stored))
}

func TestShutdownEndsThoughTheSpoolStaysFull(t *testing.T) {
	r := start(t, nil)
	r.Fail(1, busy)
	c := r.dial(t)
	write(t, c, window('2', jsonFrame(1, `{"n":1}`)))
	answer(t, c)
	r.stop()
	if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Logf("the client sees %v", err)
	}
	if len(r.Records()) != 0 {
		t.Error("a record was stored")
	}
}

func TestAClientThatWentAwayIsNotWaitedFor(t *testing.T) {
	r := start(t, nil)
	r.Fail(1, busy)
	c := r.dial(t)
	write(t, c, window('2', jsonFrame(1, `{"n":1}`)))
	answer(t, c)
	c.Close()
	inputtest.Eventually(t, func() bool {
		return inputtest.Count(t, r.reg, "lachan_input_connections", nil) == 0
	})
	r.Fail(0, nil)
	again := r.dial(t)
	write(t, again, window('2', jsonFrame(1, `{"n":1}`)))
	if _, n := answer(t, again); n != 1 {
		t.Errorf("told %d", n)
	}
	if n := len(r.Records()); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

func TestALongEventIsCutAndCounted(t *testing.T) {
	r := start(t, nil)
	c := r.dial(t)
	long := `{"message":"` + strings.Repeat("x", event.MaxRecordBytes) + `"}`
	write(t, c, window('2', jsonFrame(1, long), jsonFrame(2, `{"n":2}`)))
	if _, n := answer(t, c); n != 2 {
		t.Errorf("told %d", n)
	}
	got := r.Records()
	if len(got) != 2 || got[0] != long[:event.MaxRecordBytes] || got[1] != `{"n":2}` {
		t.Errorf("%d records", len(got))
	}
	write(t, c, window('1', dataFrame(1, "a", "1", "long", strings.Repeat("ế", event.MaxRecordBytes), "b", "2")))
	answer(t, c)
	last := r.Records()[2]
	if !json.Valid([]byte(last)) || len(last) > event.MaxRecordBytes || !strings.HasPrefix(last, `{"a":"1","long":"ế`) {
		t.Errorf("%d bytes, valid %v: %.60s", len(last), json.Valid([]byte(last)), last)
	}
	if n := inputtest.Count(t, r.reg, "lachan_input_cut_records_total", nil); n != 2 {
		t.Errorf("%v counted as cut, want 2", n)
	}
}

func TestWhatIsNotTheProtocolIsRefused(t *testing.T) {
	endless := append(binary.BigEndian.AppendUint32([]byte{'2', 'J', 0, 0, 0, 1}, 8<<20), make([]byte, 8<<20)...)
	for name, c := range map[string]struct {
		bytes  []byte
		reason string
	}{
		"HTTP":                      {[]byte("GET / HTTP/1.1\r\n\r\n"), "protocol"},
		"unknown frame":             {[]byte("2X"), "protocol"},
		"event outside a window":    {jsonFrame(1, `{}`), "protocol"},
		"event of 4 GiB":            {append([]byte{'2', 'W', 0, 0, 0, 1, '2', 'J', 0, 0, 0, 1}, 255, 255, 255, 255), "protocol"},
		"frame of 4 GiB":            {append([]byte{'2', 'W', 0, 0, 0, 1, '2', 'C'}, 255, 255, 255, 255), "protocol"},
		"4 billion pairs":           {append([]byte{'1', 'W', 0, 0, 0, 1, '1', 'D', 0, 0, 0, 1}, 255, 255, 255, 255), "protocol"},
		"not zlib":                  {append([]byte{'2', 'W', 0, 0, 0, 1, '2', 'C', 0, 0, 0, 4}, "abcd"...), "protocol"},
		"compressed in compressed":  {append([]byte{'2', 'W', 0, 0, 0, 1}, compressed('2', compressed('2', jsonFrame(1, `{}`)))...), "protocol"},
		"a frame past its end":      {append([]byte{'2', 'W', 0, 0, 0, 1}, compressed('2', jsonFrame(1, `{"a":1}`)[:12])...), "protocol"},
		"unfolds without an end":    {append([]byte{'2', 'W', 0, 0, 0, 1}, compressed('2', endless)...), "bomb"},
		"window of 4 billion, then": {append([]byte{'2', 'W', 255, 255, 255, 255}, "xx"...), "protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, nil)
			conn := r.dial(t)
			conn.Write(c.bytes)
			rest, _ := io.ReadAll(conn)
			if len(r.Records()) != 0 || len(rest) != 0 {
				t.Errorf("stored %.100q, answered % x", r.Records(), rest)
			}
			inputtest.Eventually(t, func() bool { return r.refused(t, c.reason) == 1 })
		})
	}
}

func TestBadConfigurationIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"nowhere to listen": func(c *Config) { c.TCP = nil },
		"no port":           func(c *Config) { c.TCP = []string{"0.0.0.0"} },
		"bad network":       func(c *Config) { c.Units = map[string]event.UnitID{"10.0.0.0/99": "a"} },
		"no unit":           func(c *Config) { c.Unit = "" },
		"half a key pair":   func(c *Config) { c.TLS.Listen, c.TLS.Cert = []string{":5044"}, "a.pem" },
		"no data folder":    func(c *Config) { c.TLS.Listen = []string{"127.0.0.1:0"} },
		"no connections":    func(c *Config) { c.MaxConnections = 0 },
		"negative idleness": func(c *Config) { c.IdleTimeout = -1 },
	} {
		c := DefaultConfig()
		c.TCP = []string{"127.0.0.1:0"}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if _, err := New(c, input.Env{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}
