package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a Sink that keeps what it is given, or is full.
type shelf struct {
	mu      sync.Mutex
	records []kept
	batches int
	full    atomic.Bool
	refused atomic.Int64
}

type kept struct {
	data, peer string
	unit       event.UnitID
	credential string
}

func (s *shelf) Put(_ context.Context, b *event.Batch) (uint64, error) {
	if s.full.Load() {
		s.refused.Add(1)
		return 0, fault.New(fault.Busy, "full")
	}
	if len(b.Records) == 0 || len(b.Records) > event.MaxBatchRecords || b.Bytes() > event.MaxBatchBytes || b.Unit == "" || b.Input != "syslog" {
		return 0, fault.New(fault.Invalid, "batch of %d records, %d bytes, unit %q", len(b.Records), b.Bytes(), b.Unit)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches++
	for _, r := range b.Records {
		if r.Hint != event.HintSyslog || len(r.Data) > event.MaxRecordBytes {
			return 0, fault.New(fault.Invalid, "record of %d bytes, hint %d", len(r.Data), r.Hint)
		}
		s.records = append(s.records, kept{string(r.Data), b.Peer, b.Unit, b.Credential})
	}
	return 1, nil
}

func (s *shelf) all() []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]kept(nil), s.records...)
}

// wait returns the records once there are n.
func (s *shelf) wait(t testing.TB, n int) []kept {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if got := s.all(); len(got) >= n {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("%d records arrived, want %d", len(s.all()), n)
		}
	}
}

type running struct {
	*Input
	*shelf
	reg    *prometheus.Registry
	dir    string
	issuer *authority.Authority
	known  *certificates
	stop   func() // ends Run and waits
}

// start runs an input with one listener of each kind on loopback.
func start(t testing.TB, change func(*Config)) *running {
	t.Helper()
	c := DefaultConfig()
	c.UDP, c.TCP = []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}
	c.TLS.Listen = []string{"127.0.0.1:0"}
	if change != nil {
		change(&c)
	}
	r := &running{shelf: &shelf{}, reg: prometheus.NewRegistry(), dir: t.TempDir(), known: &certificates{}}
	issuer, err := authority.Open(authority.Options{Dir: filepath.Join(r.dir, "tls"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	r.issuer = issuer
	in, err := New(c, input.Env{Metrics: input.NewMetrics(r.reg), DataDir: r.dir, Authority: issuer, Credentials: r.known})
	if err != nil {
		t.Fatal(err)
	}
	r.Input = in
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx, r.shelf) }()
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
		case <-time.After(input.DrainTime + 3*time.Second):
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

const udp, tcp, secure = 0, 1, 2

// count sums a metric over its labels, or those with the given reason.
func (r *running) count(t testing.TB, name, reason string) float64 {
	t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			ok := reason == ""
			for _, l := range m.GetLabel() {
				ok = ok || l.GetName() == "reason" && l.GetValue() == reason
			}
			if ok {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func write(t testing.TB, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func TestASingleMessageIsStoredAtOnce(t *testing.T) {
	r := start(t, func(c *Config) { c.Units = map[string]event.UnitID{"127.0.0.0/8": "so-y-te", "127.0.0.1": "so-noi-vu"} })
	pool := x509.NewCertPool()
	ca, err := os.ReadFile(filepath.Join(r.dir, "tls", "ca.pem"))
	if err != nil || !pool.AppendCertsFromPEM(ca) {
		t.Fatalf("ca.pem: %v", err)
	}
	sec, err := tls.Dial("tcp", r.Bound()[secure].String(), &tls.Config{RootCAs: pool, ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer sec.Close()
	n := 0
	for name, c := range map[string]net.Conn{"udp": r.dial(t, udp), "tcp": r.dial(t, tcp), "tls": sec} {
		started := time.Now()
		write(t, c, "<13>hello "+name+"\n")
		n++
		got := r.wait(t, n)[n-1]
		if want := (kept{"<13>hello " + name, "127.0.0.1", "so-noi-vu", ""}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if took := time.Since(started); took > time.Second {
			t.Errorf("%s: stored after %v", name, took)
		}
	}
}

func TestManyMessagesKeepTheirOrderAndShareBatches(t *testing.T) {
	r := start(t, nil)
	const n = 50_000
	for _, i := range []int{tcp, secure} {
		before := len(r.all())
		c := r.dial(t, i)
		if i == secure {
			c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		}
		var text strings.Builder
		for k := range n {
			m := fmt.Sprintf("<13>message %d", k)
			if k%3 == 0 {
				fmt.Fprintf(&text, "%d %s", len(m), m)
			} else {
				text.WriteString(m + "\n")
			}
		}
		write(t, c, text.String())
		c.Close()
		got := r.wait(t, before+n)[before:]
		for k := range n {
			if want := fmt.Sprintf("<13>message %d", k); got[k].data != want {
				t.Fatalf("listener %d: record %d is %q", i, k, got[k].data)
			}
		}
	}
	if r.batches > 2*n/50 {
		t.Errorf("%d batches for %d records", r.batches, 2*n)
	}
}

func TestAFullSpoolClosesTheWindowAndLosesNothing(t *testing.T) {
	r := start(t, nil)
	r.full.Store(true)
	c := r.dial(t, tcp)
	const n, size = 2000, 16 << 10 // more than all buffers on the way
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() {
		for k := range n {
			if _, err := fmt.Fprintf(c, "<13>%06d %s\n", k, strings.Repeat("x", size)); err != nil {
				done <- err
				return
			}
			sent.Add(1)
		}
		done <- nil
	}()
	for last := int64(-1); last != sent.Load() || last == 0; time.Sleep(300 * time.Millisecond) {
		last = sent.Load()
	}
	if got := sent.Load(); got == n {
		t.Error("the sender was never stopped")
	}
	if r.refused.Load() == 0 || len(r.all()) != 0 {
		t.Error("the sink was not tried")
	}
	r.full.Store(false)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.Close()
	for k, got := range r.wait(t, n) {
		if !strings.HasPrefix(got.data, fmt.Sprintf("<13>%06d ", k)) {
			t.Fatalf("record %d is %.20q", k, got.data)
		}
	}
	if d := r.count(t, "lachan_input_dropped_total", ""); d != 0 {
		t.Errorf("%v dropped", d)
	}
}

func TestEveryDatagramIsStoredOrCounted(t *testing.T) {
	r := start(t, nil)
	r.full.Store(true)
	c := r.dial(t, udp)
	const n = 60_000
	line := strings.Repeat("x", 1000)
	for k := range n {
		fmt.Fprintf(c, "<13>%06d %s", k, line)
		if k%200 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(200 * time.Millisecond)
	r.full.Store(false)
	write(t, c, "<13>last") // carries the kernel's count
	var stored, dropped float64
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		stored, dropped = float64(len(r.all())), r.count(t, "lachan_input_dropped_total", "")
		if stored+dropped >= n+1 {
			break
		}
	}
	if stored+dropped != n+1 {
		t.Errorf("%v stored and %v counted as dropped, of %d sent", stored, dropped, n+1)
	}
	if dropped == 0 || stored == 0 {
		t.Errorf("stored %v, dropped %v: the test does not overrun the queue", stored, dropped)
	}
}

func TestShutdownStoresWhatWasRead(t *testing.T) {
	r := start(t, nil)
	var cs []net.Conn
	for range 20 {
		c := r.dial(t, tcp)
		write(t, c, "<13>whole\n<13>without an end")
		cs = append(cs, c)
	}
	u := r.dial(t, udp)
	for k := range 100 {
		write(t, u, fmt.Sprintf("<13>datagram %d", k))
	}
	r.wait(t, 20) // every connection is accepted
	r.stop()
	if got := len(r.all()); got != 140 {
		t.Errorf("%d records after shutdown, want 140", got)
	}
	for _, c := range cs {
		c.Close()
	}
}

func TestShutdownEndsThoughTheSpoolStaysFull(t *testing.T) {
	r := start(t, nil)
	r.full.Store(true)
	write(t, r.dial(t, tcp), "<13>a\n")
	write(t, r.dial(t, udp), "<13>b")
	for r.refused.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	r.stop()
	if d := r.count(t, "lachan_input_dropped_total", "shutdown"); d != 2 {
		t.Errorf("%v counted as dropped at shutdown, want 2", d)
	}
}

// TestFlood holds that garbage on every port does not stop a good sender and
// does not take memory without bound.
func TestFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("opens thousands of connections")
	}
	idle := 5000
	if fds := openFileLimit(); fds < 2*idle+500 {
		idle = fds/2 - 500
	}
	r := start(t, nil)
	var m0, m1 runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m0)
	conns := make([]net.Conn, 0, idle)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for k := range idle {
		c := r.dial(t, tcp)
		if k%2 == 0 {
			write(t, c, "<13>never finished") // half a message
		}
		conns = append(conns, c)
	}
	runtime.GC()
	runtime.ReadMemStats(&m1)
	per := float64(m1.HeapAlloc+m1.StackInuse-m0.HeapAlloc-m0.StackInuse) / float64(idle)
	t.Logf("%d idle connections, %.1f KiB each", idle, per/1024)
	if per > 16<<10 { // the client's half is in this process too
		t.Errorf("an idle connection costs %.0f bytes", per)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			noise := make([]byte, 256<<10)
			rng := rand.NewChaCha8([32]byte{byte(g)})
			for {
				select {
				case <-stop:
					return
				default:
				}
				rng.Read(noise)
				c, err := net.Dial("tcp", r.Bound()[tcp+g%2].String())
				if err != nil {
					continue
				}
				if g < 3 { // 10 MB without an end
					for i := range noise {
						noise[i] = 'x'
					}
					for range 40 {
						c.Write(noise)
					}
				} else {
					c.Write(noise)
				}
				c.Close()
			}
		})
	}
	good := r.dial(t, tcp)
	const n = 100
	var worst time.Duration
	for k := range n {
		started := time.Now()
		want := fmt.Sprintf("<13>good %d", k)
		write(t, good, want+"\n")
		for found := false; !found; {
			for _, got := range r.take() {
				found = found || got.data == want
			}
			if time.Since(started) > 10*time.Second {
				t.Fatalf("good message %d is not stored", k)
			}
			time.Sleep(time.Millisecond)
		}
		worst = max(worst, time.Since(started))
	}
	close(stop)
	wg.Wait()
	var m2 runtime.MemStats
	runtime.ReadMemStats(&m2)
	t.Logf("slowest good message %v; %d MiB from the system", worst.Round(time.Millisecond), m2.Sys>>20)
	if m2.Sys > 512<<20 {
		t.Errorf("%d MiB taken from the system", m2.Sys>>20)
	}
	if cut := r.count(t, "lachan_input_cut_records_total", ""); cut == 0 {
		t.Error("no long line was counted as cut")
	}
	t.Log("cut:", r.count(t, "lachan_input_cut_records_total", ""))
}

// take returns what came since the last take.
func (s *shelf) take() []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.records
	s.records = nil
	return got
}

func TestTheSilentGiveWayAtTheLimit(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxConnections = 3; c.TLS.Listen = nil })
	speaker := r.dial(t, tcp)
	write(t, speaker, "<13>one\n")
	r.wait(t, 1)
	silent := r.dial(t, tcp)
	r.dial(t, tcp)
	eventually(t, func() bool { return r.count(t, "lachan_input_connections", "") == 3 })
	late := r.dial(t, tcp)
	write(t, late, "<13>two\n")
	r.wait(t, 2)
	write(t, speaker, "<13>three\n")
	r.wait(t, 3)
	silent.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the oldest silent connection got %v, want EOF", err)
	}
	if n := r.count(t, "lachan_input_refused_total", "silent"); n != 1 {
		t.Errorf("%v silent connections gave way, want 1", n)
	}
	if n := r.count(t, "lachan_input_connections", ""); n != 3 {
		t.Errorf("%v open, want 3", n)
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never happens")
		}
	}
}

func TestClientsWithoutCertificateAreRefusedWhereOneIsAsked(t *testing.T) {
	dir := t.TempDir()
	if _, err := authority.Open(authority.Options{Dir: dir, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	r := start(t, func(c *Config) { c.TLS.ClientCA = filepath.Join(dir, "ca.pem") })
	c, err := tls.Dial("tcp", r.Bound()[secure].String(), &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		write(t, c, "<13>x\n")
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, err = c.Read(make([]byte, 1))
		c.Close()
	}
	if err == nil || len(r.all()) != 0 {
		t.Errorf("accepted without a certificate (%v)", err)
	}
	eventually(t, func() bool { return r.count(t, "lachan_input_refused_total", "tls") == 1 })
}

func TestBadConfigurationIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"nowhere to listen": func(c *Config) { c.UDP = nil },
		"no port":           func(c *Config) { c.UDP = []string{"0.0.0.0"} },
		"bad network":       func(c *Config) { c.Units = map[string]event.UnitID{"10.0.0.0/99": "a"} },
		"network to nobody": func(c *Config) { c.Units = map[string]event.UnitID{"10.0.0.0/8": ""} },
		"no unit":           func(c *Config) { c.Unit = "" },
		"half a key pair":   func(c *Config) { c.TLS = input.ListenTLS{Listen: []string{":6514"}, TLS: input.TLS{Cert: "a.pem"}} },
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
