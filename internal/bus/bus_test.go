package bus_test

import (
	"net/url"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/bus/bustest"
	"github.com/lachan-vn/lachan/internal/fault"
)

func TestMain(m *testing.M) {
	if maybeChild() {
		return
	}
	goleak.VerifyTestMain(m)
}

func config() bus.Config {
	c := bus.DefaultConfig()
	c.MinFree = 1 << 20
	return c
}

type embedded struct{ dir string }

func (e embedded) Open(t *testing.T, change func(*bus.Config)) *bus.Bus {
	return open(t, e.dir, config(), change)
}

func open(t *testing.T, dir string, c bus.Config, change func(*bus.Config)) *bus.Bus {
	t.Helper()
	if change != nil {
		change(&c)
	}
	b, err := bus.Open(t.Context(), bus.Options{Dir: dir, Config: c, Log: testLog(t)})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestEmbedded(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bustest.Spool { return embedded{t.TempDir()} })
}

type external struct{ url string }

func (e external) Open(t *testing.T, change func(*bus.Config)) *bus.Bus {
	c := config()
	c.NATS.URL, c.NATS.User, c.NATS.Password = e.url, "lachan", "not-a-real-secret"
	return open(t, "", c, change)
}

// outside starts a NATS server on loopback, as an administrator would run one.
func outside(t *testing.T, change func(*natsserver.Options)) string {
	t.Helper()
	o := &natsserver.Options{
		Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), MaxPayload: 8 << 20,
		Username: "lachan", Password: "not-a-real-secret",
	}
	if change != nil {
		change(o)
	}
	s, err := natsserver.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the test's NATS server does not start")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	u := url.URL{Scheme: "nats", Host: s.Addr().String()}
	return u.String()
}

func TestExternal(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bustest.Spool { return external{outside(t, nil)} })
}

func TestExternalServerThatCannotServeIsRefused(t *testing.T) {
	c := config()
	c.NATS.User, c.NATS.Password = "lachan", "not-a-real-secret"
	c.NATS.URL = outside(t, func(o *natsserver.Options) { o.MaxPayload = 1 << 20 })
	if _, err := bus.Open(t.Context(), bus.Options{Config: c, Log: testLog(t)}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("small max_payload: %v, want invalid", err)
	}
	c.NATS.URL = "nats://127.0.0.1:1"
	if _, err := bus.Open(t.Context(), bus.Options{Config: c, Log: testLog(t)}); fault.KindOf(err) != fault.Busy {
		t.Errorf("nobody there: %v, want busy", err)
	}
	c.NATS.URL, c.NATS.Password = outside(t, nil), "wrong"
	if _, err := bus.Open(t.Context(), bus.Options{Config: c, Log: testLog(t)}); err == nil {
		t.Error("a wrong password is accepted")
	}
}

func TestFolderInUseIsRefused(t *testing.T) {
	dir := t.TempDir()
	b := embedded{dir}.Open(t, nil)
	if _, err := bus.Open(t.Context(), bus.Options{Dir: dir, Config: config()}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("second open: %v, want conflict", err)
	}
	b.Close()
	embedded{dir}.Open(t, nil)
}

func TestAWipedSpoolIsAnotherStream(t *testing.T) {
	a := embedded{t.TempDir()}.Open(t, nil)
	b := embedded{t.TempDir()}.Open(t, nil)
	if a.Stream() == b.Stream() || a.Stream() == "" {
		t.Errorf("two spools, identities %q and %q", a.Stream(), b.Stream())
	}
}
