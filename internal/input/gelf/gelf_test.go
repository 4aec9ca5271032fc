package gelf

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hello = `{"version":"1.1","host":"may-1","short_message":"xin chào"}`

var busy = fault.New(fault.Busy, "full")

type running struct {
	*Input
	*inputtest.Shelf
	reg  *prometheus.Registry
	stop func() // ends Run and waits
}

const udp, tcp, secure = 0, 1, 2

// start runs an input with one listener of each kind on loopback.
func start(t testing.TB, change func(*Config, *input.Env)) *running {
	t.Helper()
	c := DefaultConfig()
	c.UDP, c.TCP, c.TLS.Listen = []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}
	c.Unit = "so-noi-vu"
	r := &running{Shelf: &inputtest.Shelf{}, reg: prometheus.NewRegistry()}
	env := input.Env{Metrics: input.NewMetrics(r.reg), Authority: inputtest.NewIssuer(t), Credentials: inputtest.Credentials{}}
	if change != nil {
		change(&c, &env)
	}
	in, err := New(c, env)
	if err != nil {
		t.Fatal(err)
	}
	r.Input = in
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

func (r *running) dial(t testing.TB, i int) net.Conn {
	t.Helper()
	a := r.Bound()[i]
	c, err := net.Dial(a.Network(), a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (r *running) wait(t testing.TB, n int) []string {
	t.Helper()
	inputtest.Eventually(t, func() bool { return len(r.Records()) >= n })
	return r.Records()
}

func (r *running) count(t testing.TB, metric, reason string) float64 {
	t.Helper()
	labels := map[string]string{"input": "gelf"}
	if reason != "" {
		labels["reason"] = reason
	}
	return inputtest.Count(t, r.reg, "lachan_input_"+metric, labels)
}

func write(t testing.TB, w io.Writer, b []byte) {
	t.Helper()
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
}

func zip(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

func deflate(text string, level int) []byte {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, level)
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

// chunks cuts a message into n datagrams.
func chunks(id uint64, message []byte, n int) (list [][]byte) {
	size := (len(message) + n - 1) / n
	for i := range n {
		b := append(binary.BigEndian.AppendUint64([]byte{0x1e, 0x0f}, id), byte(i), byte(n))
		list = append(list, append(b, message[min(i*size, len(message)):min((i+1)*size, len(message))]...))
	}
	return list
}

func TestDatagrams(t *testing.T) {
	long := `{"version":"1.1","host":"may-1","short_message":"dài","full_message":"` + strings.Repeat("ă", 20_000) + `"}`
	backwards := chunks(2, []byte(long), 5)
	for i, j := 0, len(backwards)-1; i < j; i, j = i+1, j-1 {
		backwards[i], backwards[j] = backwards[j], backwards[i]
	}
	for name, c := range map[string]struct {
		packets [][]byte
		want    string
	}{
		"plain":                   {[][]byte{[]byte(hello)}, hello},
		"plain with NUL":          {[][]byte{[]byte(hello + "\x00")}, hello},
		"gzip":                    {[][]byte{zip(hello)}, hello},
		"zlib":                    {[][]byte{deflate(hello, zlib.DefaultCompression)}, hello},
		"zlib, fastest":           {[][]byte{deflate(hello, zlib.BestSpeed)}, hello},
		"zlib, best":              {[][]byte{deflate(hello, zlib.BestCompression)}, hello},
		"in chunks":               {chunks(1, []byte(long), 3), long},
		"in chunks, last first":   {backwards, long},
		"in 128 chunks of gzip":   {chunks(3, zip(long), 128), long},
		"in one chunk":            {chunks(4, []byte(hello), 1), hello},
		"text that is not JSON":   {[][]byte{[]byte("xin chào")}, "xin chào"},
		"text like a zlib header": {[][]byte{[]byte("x is not zlib")}, "x is not zlib"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(c *Config, _ *input.Env) { c.Units = map[string]event.UnitID{"127.0.0.1": "so-y-te"} })
			conn := r.dial(t, udp)
			for _, p := range c.packets {
				write(t, conn, p)
			}
			if got := r.wait(t, 1); got[0] != c.want {
				t.Errorf("stored %.100q", got[0])
			}
			b := r.Batches()[0]
			if b.Unit != "so-y-te" || b.Input != "gelf" || b.Peer != "127.0.0.1" || b.Records[0].Hint != event.HintJSON {
				t.Errorf("batch %+v", b)
			}
			if n := r.count(t, "dropped_total", ""); n != 0 {
				t.Errorf("%v dropped", n)
			}
		})
	}
}

func TestEveryDropHasItsReason(t *testing.T) {
	two := chunks(1, []byte(hello), 2)
	wrong := func(sequence, count byte) []byte {
		b := bytes.Clone(two[0])
		b[10], b[11] = sequence, count
		return b
	}
	big := chunks(9, make([]byte, maxMessage+1), 40)
	for name, c := range map[string]struct {
		packets [][]byte
		reason  string
		stored  int
	}{
		"duplicate":            {[][]byte{two[0], two[0], two[1]}, dropDuplicate, 1},
		"too short":            {[][]byte{two[0][:11]}, dropBadChunk, 0},
		"no chunks":            {[][]byte{wrong(0, 0)}, dropBadChunk, 0},
		"129 chunks":           {[][]byte{wrong(0, 129)}, dropBadChunk, 0},
		"past the last":        {[][]byte{wrong(2, 2)}, dropBadChunk, 0},
		"another count":        {[][]byte{two[0], wrong(1, 3), two[1]}, dropBadChunk, 1},
		"too large":            {big, dropTooLarge, 0},
		"gzip cut short":       {[][]byte{zip(hello)[:30]}, dropUnfold, 0},
		"gzip altered":         {[][]byte{append(zip(hello)[:40], 1, 2, 3, 4, 5, 6, 7, 8)}, dropUnfold, 0},
		"zlib without the end": {[][]byte{deflate(hello, 9)[:40]}, dropUnfold, 0},
		"chunks of half gzip":  {chunks(5, zip(hello)[:40], 2), dropUnfold, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, nil)
			conn := r.dial(t, udp)
			for _, p := range c.packets {
				write(t, conn, p)
				if len(p) > 1<<10 {
					time.Sleep(2 * time.Millisecond) // the kernel's buffer may be small
				}
			}
			inputtest.Eventually(t, func() bool { return r.count(t, "dropped_total", c.reason) == 1 })
			write(t, conn, []byte(hello))
			if got := r.wait(t, c.stored+1); len(got) != c.stored+1 {
				t.Errorf("stored %q", got)
			}
			if c.reason != dropTooLarge { // its last chunks begin anew
				if n := r.count(t, "dropped_total", ""); n != 1 {
					t.Errorf("%v dropped", n)
				}
			}
		})
	}
}

func TestAMessageWithoutAllItsChunksIsDroppedAfterFiveSeconds(t *testing.T) {
	var ahead atomic.Int64
	r := start(t, func(_ *Config, e *input.Env) {
		e.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	conn := r.dial(t, udp)
	two := chunks(1, []byte(hello), 2)
	write(t, conn, two[0])
	write(t, conn, []byte(hello))
	r.wait(t, 1)
	if n := r.count(t, "dropped_total", ""); n != 0 {
		t.Errorf("%v dropped at once", n)
	}
	ahead.Store(int64(chunkTime))
	// Nothing comes any more; the clock alone does it.
	inputtest.Eventually(t, func() bool { return r.count(t, "dropped_total", dropIncomplete) == 1 })
	write(t, conn, two[1]) // too late: it begins anew
	r.stop()
	if n := r.count(t, "dropped_total", dropIncomplete); n != 2 {
		t.Errorf("%v counted, want the one that was unfinished at the end, too", n)
	}
}

func TestUnfinishedMessagesTakeBoundedMemory(t *testing.T) {
	drops := map[string]int{}
	a := newAssembly(func(reason string) { drops[reason]++ })
	now := time.Unix(1_700_000_000, 0)
	victim, good := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	piece := make([]byte, 60<<10)
	for i := range 5000 {
		a.add(now, victim, chunks(uint64(i), bytes.Repeat(piece, 2), 2)[0])
	}
	if p := a.peers[victim]; p.bytes > maxHeldPeer || a.held != p.bytes || drops[dropTooMany] == 0 {
		t.Errorf("one peer holds %d of %d bytes; %v", p.bytes, a.held, drops)
	}
	// Another is not disturbed.
	for _, c := range chunks(1, []byte(hello), 3) {
		if m := a.add(now, good, c); m != nil && string(m) != hello {
			t.Errorf("got %q", m)
		}
	}
	for i := range 70_000 {
		peer := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		a.add(now, peer, chunks(1, piece, 2)[0])
	}
	if a.held > maxHeld || len(a.sets) > maxSets {
		t.Errorf("%d bytes and %d messages are held", a.held, len(a.sets))
	}
	// After their time nothing is left, not even of the books.
	a.expire(now.Add(chunkTime))
	if a.held != 0 || len(a.sets) != 0 || len(a.peers) != 0 || a.order.Len() != 0 {
		t.Errorf("left: %d bytes, %d messages, %d peers", a.held, len(a.sets), len(a.peers))
	}
	// A message takes room for its books, too.
	for i := range 2 * maxSetsPeer {
		a.add(now, victim, chunks(uint64(i), nil, 128)[0])
	}
	if p := a.peers[victim]; p.sets > maxSetsPeer || p.bytes > maxHeldPeer {
		t.Errorf("one peer holds %+v", p)
	}
}

func TestAnIDIsThatOfItsPeer(t *testing.T) {
	a := newAssembly(func(string) {})
	now := time.Unix(1_700_000_000, 0)
	one, two := chunks(7, []byte("aaaabbbb"), 2), chunks(7, []byte("ccccdddd"), 2)
	p1, p2 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	a.add(now, p1, one[0])
	a.add(now, p2, two[0])
	if m := a.add(now, p1, one[1]); string(m) != "aaaabbbb" {
		t.Errorf("got %q", m)
	}
	if m := a.add(now, p2, two[1]); string(m) != "ccccdddd" {
		t.Errorf("got %q", m)
	}
}

func TestAMessageThatUnfoldsToMuchIsCut(t *testing.T) {
	r := start(t, nil)
	conn := r.dial(t, udp)
	bomb := zip(strings.Repeat("x", 50<<20))
	for _, c := range chunks(1, bomb, 8) {
		write(t, conn, c)
		time.Sleep(2 * time.Millisecond) // the kernel's buffer may be small
	}
	if got := r.wait(t, 1); got[0] != strings.Repeat("x", event.MaxRecordBytes) {
		t.Errorf("%d bytes", len(got[0]))
	}
	inputtest.Eventually(t, func() bool { return r.count(t, "cut_records_total", "") == 1 })
}

func TestWhatIsNotGELFIsStoredAndCounted(t *testing.T) {
	for message, reason := range map[string]string{
		hello:                          "",
		"xin chào":                     oddNotJSON,
		hello + " and more":            oddNotJSON,
		`[1]`:                          oddNotJSON,
		`{"version":"1.1","host":"h"}`: oddRequired,
		`{"version":"1.1","host":"","short_message":"x"}`:       oddRequired,
		`{"version":1.1,"host":"h","short_message":"x"}`:        oddRequired,
		` {"host":"h", "short_message":"x", "version": "1.0"} `: "",
	} {
		if got := odd([]byte(message)); got != reason {
			t.Errorf("%s: %q, want %q", message, got, reason)
		}
	}
	r := start(t, nil)
	write(t, r.dial(t, udp), []byte("not JSON"))
	write(t, r.dial(t, tcp), []byte("{\"a\":1}\x00"))
	r.wait(t, 2)
	if a, b := r.count(t, "irregular_records_total", oddNotJSON), r.count(t, "irregular_records_total", oddRequired); a != 1 || b != 1 {
		t.Errorf("counted %v and %v", a, b)
	}
}

func TestStreams(t *testing.T) {
	for name, c := range map[string]struct {
		sent string
		want []string
	}{
		"NUL":                   {hello + "\x00" + hello + "\x00", []string{hello, hello}},
		"LF":                    {hello + "\n" + hello + "\r\n", []string{hello, hello}},
		"nothing between":       {hello + hello, []string{hello, hello}},
		"several lines":         {"{\n  \"a\": \"}\\\"\\\\\",\n  \"b\": {}\n}\x00", []string{"{\n  \"a\": \"}\\\"\\\\\",\n  \"b\": {}\n}"}},
		"broken, then good":     {`{"a":"x` + "\x00" + hello + "\x00", []string{`{"a":"x`, hello}},
		"not JSON":              {"one line\ntwo\x00" + hello, []string{"one line", "two", hello}},
		"an end that is no end": {`{"a":1` + "\x00\x00\n" + hello, []string{`{"a":1`, hello}},
		"unfinished at the end": {hello + "\x00" + `{"a":1`, []string{hello, `{"a":1`}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, i := range []int{tcp, secure} {
				r := start(t, nil)
				conn := r.dial(t, i)
				if i == secure {
					conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
				}
				write(t, conn, []byte(c.sent))
				conn.Close()
				if got := r.wait(t, len(c.want)); strings.Join(got, "|") != strings.Join(c.want, "|") {
					t.Errorf("got  %q\nwant %q", got, c.want)
				}
			}
		})
	}
}

func TestAClientCertificateGivesTheUnit(t *testing.T) {
	issuer := inputtest.NewIssuer(t)
	r := start(t, func(c *Config, _ *input.Env) { c.TLS.ClientCA = issuer.File })
	conn := tls.Client(r.dial(t, secure), &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{issuer.Client(t, "may-1")}})
	write(t, conn, []byte(`{"version":"1.1","host":"so-noi-vu","short_message":"x","_unit":"so-noi-vu"}`+"\x00"))
	r.wait(t, 1)
	if b := r.Batches()[0]; b.Unit != "so-y-te" || b.Credential != "cert:may-1" {
		t.Errorf("batch %+v", b)
	}
}

func TestAFullSpoolClosesTheWindowAndLosesNothing(t *testing.T) {
	r := start(t, nil)
	r.Fail(1, busy)
	conn := r.dial(t, tcp)
	const n, size = 1000, 16 << 10 // more than all buffers on the way
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() {
		for k := range n {
			if _, err := fmt.Fprintf(conn, "{\"n\":\"%06d\",\"x\":%q}\x00", k, strings.Repeat("x", size)); err != nil {
				done <- err
				return
			}
			sent.Add(1)
		}
		done <- conn.Close()
	}()
	for last := int64(-1); last != sent.Load() || last == 0; time.Sleep(300 * time.Millisecond) {
		last = sent.Load()
	}
	if sent.Load() == n {
		t.Error("the sender was never stopped")
	}
	r.Fail(0, nil)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for k, got := range r.wait(t, n) {
		if !strings.HasPrefix(got, fmt.Sprintf(`{"n":"%06d"`, k)) {
			t.Fatalf("record %d is %.30q", k, got)
		}
	}
	if d := r.count(t, "dropped_total", ""); d != 0 {
		t.Errorf("%v dropped", d)
	}
}

// holding is a sink that holds one unit back for its quota.
type holding struct {
	*inputtest.Shelf
	unit event.UnitID
}

func (h holding) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	if b.Unit == h.unit {
		return 0, fault.New(fault.Busy, "more than its share").WithCode("ingest.quota")
	}
	return h.Shelf.Put(ctx, b)
}

// TestAUnitThatIsHeldBackDelaysNobody floods from many addresses and over many
// connections of one unit, and sends a little from another.
func TestAUnitThatIsHeldBackDelaysNobody(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs all of 127.0.0.0/8")
	}
	flood := func(c *Config, _ *input.Env) {
		c.Units = map[string]event.UnitID{"127.0.0.0/8": "flood", "127.0.0.1": "calm"}
	}
	r := start(t, flood)
	shelf := r.Shelf
	in, err := New(r.config, r.feed.Env)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx, holding{shelf, "flood"}) }()
	defer func() { cancel(); <-done }()
	<-in.Ready()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	defer func() { close(stop); wg.Wait() }()
	dial := func(from, network string, i int) net.Conn {
		d := net.Dialer{Timeout: 10 * time.Second}
		if network == "udp" {
			d.LocalAddr = &net.UDPAddr{IP: net.ParseIP(from)}
		} else {
			d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
		}
		c, err := d.Dial(network, in.Bound()[i].String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	long := []byte(strings.Repeat(hello+"\x00", 100))
	for i := range 120 {
		u, s := dial(fmt.Sprintf("127.0.1.%d", i+1), "udp", udp), dial(fmt.Sprintf("127.0.1.%d", i+1), "tcp", tcp)
		wg.Go(func() {
			_ = s.SetWriteDeadline(time.Now().Add(time.Second))
			for range 100 {
				if _, err := s.Write(long); err != nil {
					break
				}
			}
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					u.Write([]byte(hello))
				}
			}
		})
	}
	inputtest.Eventually(t, func() bool { return r.count(t, "dropped_total", "quota") > 0 })
	u, s := dial("127.0.0.1", "udp", udp), dial("127.0.0.1", "tcp", tcp)
	write(t, s, long)
	write(t, u, []byte(hello))
	started := time.Now()
	inputtest.Eventually(t, func() bool { return len(shelf.Records()) >= 101 })
	t.Logf("the calm unit's messages took %v", time.Since(started).Round(time.Millisecond))
	if d := r.count(t, "dropped_total", "spool-full"); d != 0 {
		t.Errorf("%v dropped that are not the flood's quota", d)
	}
}

func TestShutdownStoresWhatWasRead(t *testing.T) {
	r := start(t, nil)
	var conns []net.Conn
	for range 20 {
		c := r.dial(t, tcp)
		write(t, c, []byte(hello+"\x00"+`{"without":"an end`))
		conns = append(conns, c)
	}
	u := r.dial(t, udp)
	for range 100 {
		write(t, u, zip(hello))
	}
	r.wait(t, 20) // every connection is accepted
	r.stop()
	if got := len(r.Records()); got != 140 {
		t.Errorf("%d records after shutdown, want 140", got)
	}
	for _, c := range conns {
		c.Close()
	}
}

func TestHTTP(t *testing.T) {
	post := func(t *testing.T, s *inputtest.Server, body []byte, header ...string) (int, string, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/gelf", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+inputtest.Good)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		res, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b), res.Header.Get("Retry-After")
	}
	other := `{"version":"1.1","host":"may-2","short_message":"b"}`
	for name, c := range map[string]struct {
		body   []byte
		header []string
		fail   error
		status int
		want   []string
	}{
		"one":            {body: []byte(hello), status: 202, want: []string{hello}},
		"lines":          {body: []byte(hello + "\n" + other + "\n"), status: 202, want: []string{hello, other}},
		"NUL":            {body: []byte(hello + "\x00" + other + "\x00"), status: 202, want: []string{hello, other}},
		"array":          {body: []byte(" [" + hello + " , " + other + "]\n"), status: 202, want: []string{hello, other}},
		"several lines":  {body: []byte("{\n\"a\":1\n}\n{\n}"), status: 202, want: []string{"{\n\"a\":1\n}", "{\n}"}},
		"not JSON":       {body: []byte("xin\nchào"), status: 202, want: []string{"xin", "chào"}},
		"gzip":           {body: zip(hello), header: []string{"Content-Encoding", "gzip"}, status: 202, want: []string{hello}},
		"nothing":        {body: []byte(" \n\x00"), status: 400},
		"no token":       {body: []byte(hello), header: []string{"Authorization", ""}, status: 401},
		"wrong token":    {body: []byte(hello), header: []string{"Authorization", "Bearer " + inputtest.API}, status: 403},
		"full spool":     {body: []byte(hello), fail: busy, status: 429},
		"broken spool":   {body: []byte(hello), fail: io.ErrShortWrite, status: 503},
		"not compressed": {body: []byte(hello), header: []string{"Content-Encoding", "gzip"}, status: 400},
	} {
		t.Run(name, func(t *testing.T) {
			s := inputtest.Serve(t, Endpoint(), nil)
			s.Shelf.Fail(1, c.fail)
			status, text, again := post(t, s, c.body, c.header...)
			if status != c.status || (again != "") != (status == 429 || status == 503) || (text == "") != (status == 202) {
				t.Errorf("%d %q, Retry-After %q; want %d", status, text, again, c.status)
			}
			if got := s.Shelf.Records(); strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("stored %q", got)
			}
			for _, b := range s.Shelf.Batches() {
				if b.Unit != inputtest.Unit || b.Credential != "token:good" || b.Input != "gelf" {
					t.Errorf("batch %+v", b)
				}
			}
		})
	}
	s := inputtest.Serve(t, Endpoint(), nil)
	res, err := s.Client().Get(s.URL + "/gelf")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 405 {
		t.Errorf("GET: %d", res.StatusCode)
	}
}

func TestBadConfigurationIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"nowhere to listen": func(c *Config) { c.UDP = nil },
		"no port":           func(c *Config) { c.TCP = []string{"0.0.0.0"} },
		"bad network":       func(c *Config) { c.Units = map[string]event.UnitID{"10.0.0.0/99": "a"} },
		"no unit":           func(c *Config) { c.Unit = "" },
		"half a key pair":   func(c *Config) { c.TLS.Listen, c.TLS.Cert = []string{":12201"}, "a.pem" },
		"no data folder":    func(c *Config) { c.TLS.Listen = []string{"127.0.0.1:0"} },
		"no connections":    func(c *Config) { c.MaxConnections = 0 },
	} {
		c := DefaultConfig()
		c.UDP = []string{"127.0.0.1:0"}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if _, err := New(c, input.Env{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

// splitAll cuts text at the given places and returns the messages.
func splitAll(text []byte, cuts func() int) []string {
	var got []string
	var s splitter
	emit := func(m []byte) { got = append(got, string(m)) }
	for len(text) > 0 {
		n := min(max(cuts(), 1), len(text))
		s.Feed(text[:n], emit)
		text = text[n:]
	}
	s.Flush(emit)
	return got
}

// FuzzSplitter holds that how a stream is cut changes nothing, that nothing but
// white space and NUL is lost, and that what begins with '{' and is JSON comes
// whole.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte(hello+"\x00"+hello+"\n{\"a\":\"\\\"}\"}text\x00{\"b"), uint64(1))
	f.Add([]byte("{{\x00}}\x00\"\\\x00"), uint64(2))
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		whole := splitAll(text, func() int { return len(text) })
		if pieces := splitAll(text, func() int { return rng.IntN(9) }); strings.Join(pieces, "\x00") != strings.Join(whole, "\x00") {
			t.Errorf("in one piece %q, in several %q", whole, pieces)
		}
		squeeze := strings.NewReplacer("\x00", "", " ", "", "\t", "", "\r", "", "\n", "")
		if len(text) <= event.MaxRecordBytes && squeeze.Replace(strings.Join(whole, "")) != squeeze.Replace(string(text)) {
			t.Errorf("of %q came %q", text, whole)
		}
	})
}

// FuzzDatagrams holds that no datagrams make the reader fail, and that it gives
// all memory back.
func FuzzDatagrams(f *testing.F) {
	for _, p := range append(chunks(1, zip(hello), 3), zip(hello), deflate(hello, 9), []byte(hello)) {
		f.Add(p, []byte{0x1e, 0x0f})
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		now := time.Unix(1_700_000_000, 0)
		p := newPackets(input.NewMetrics(nil).For("gelf"), func() time.Time { return now })
		from := netip.MustParseAddr("192.0.2.1")
		for _, packet := range [][]byte{one, two, one} {
			p.Take(from, packet, func(m []byte) {
				if len(m) == 0 || len(m) > event.MaxRecordBytes+1 && len(m) > len(one)+len(two) {
					t.Errorf("a message of %d bytes", len(m))
				}
			})
		}
		now = now.Add(chunkTime)
		if p.Tick(now) || p.chunks.held != 0 || len(p.chunks.peers) != 0 {
			t.Errorf("left: %d bytes", p.chunks.held)
		}
	})
}

func BenchmarkDatagrams(b *testing.B) {
	message := []byte(`{"version":"1.1","host":"may-1","short_message":"Accepted password for root from 203.0.113.7 port 4022 ssh2","timestamp":1700000000.123,"level":6,"_container_id":"0123456789abcdef","_image_name":"nginx:1.27"}`)
	for name, packets := range map[string][][]byte{
		"plain": {message}, "gzip": {zip(string(message))}, "4 chunks of gzip": chunks(1, zip(string(message)), 4),
	} {
		b.Run(name, func(b *testing.B) {
			p := newPackets(input.NewMetrics(nil).For("gelf"), time.Now)
			from := netip.MustParseAddr("192.0.2.1")
			got := 0
			b.ReportAllocs()
			for b.Loop() {
				for _, packet := range packets {
					p.Take(from, packet, func([]byte) { got++ })
				}
			}
			if got != b.N {
				b.Errorf("%d messages of %d", got, b.N)
			}
		})
	}
}

func BenchmarkSplitter(b *testing.B) {
	message := `{"version":"1.1","host":"may-1","short_message":"Accepted password for root from 203.0.113.7 port 4022 ssh2","timestamp":1700000000.123,"level":6,"_container_id":"0123456789abcdef"}`
	text := []byte(strings.Repeat(message+"\x00", 300))
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	var s splitter
	for b.Loop() {
		s.Feed(text, func([]byte) {})
	}
}
