package bus

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/lachan-vn/lachan/internal/fault"
)

// server is the embedded NATS server: no listener, one in-process client.
type server struct {
	nats   *natsserver.Server
	unlock func()
	stream string
}

// unreserved is more than any disk holds.
const unreserved = 1 << 60

func startServer(dir string, c Config, log *slog.Logger) (*server, error) {
	if dir == "" {
		return nil, fault.New(fault.Invalid, "spool: no folder given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	// Two servers on one folder would each believe in its own copy of the state.
	unlock, err := lockFile(filepath.Join(dir, "LOCK"))
	if err != nil {
		return nil, fault.New(fault.Conflict, "spool: %s is in use by another process: %w", dir, err)
	}
	opts := &natsserver.Options{
		ServerName:      "lachan",
		DontListen:      true,
		NoSigs:          true,
		NoSystemAccount: true,
		MaxPayload:      8 << 20,
		JetStream:       true,
		StoreDir:        dir,
		// Named, since the default takes three quarters of the free disk. The
		// stream has its own bound; this one must never be met first, also not by
		// a stream recovered with a larger bound than the configuration has now.
		JetStreamMaxStore:      unreserved,
		JetStreamMaxMemory:     16 << 20,
		SyncAlways:             c.Fsync == 0,
		SyncInterval:           time.Duration(c.Fsync),
		DisableJetStreamBanner: true,
	}
	ns, err := natsserver.NewServer(opts)
	if err != nil {
		unlock()
		return nil, fmt.Errorf("spool: embedded server: %w", err)
	}
	s := &server{nats: ns, unlock: unlock, stream: c.NATS.Stream}
	ns.SetLoggerV2(natsLog{log}, false, false, false)
	ns.Start()
	if !ns.ReadyForConnections(openTimeout) || !ns.JetStreamEnabled() {
		s.stop()
		return nil, fmt.Errorf("spool: embedded server did not start; see the log lines above, most often %s cannot be written", dir)
	}
	return s, nil
}

// InProcessConn lets the client connect without a network.
func (s *server) InProcessConn() (net.Conn, error) { return s.nats.InProcessConn() }

// broken says why the stream takes no more writes until a restart: JetStream
// keeps to the first write error it meets, and then answers no publisher.
func (s *server) broken() string {
	h := s.nats.Healthz(&natsserver.HealthzOptions{Account: natsserver.DEFAULT_GLOBAL_ACCOUNT, Stream: s.stream})
	if h.Status == "ok" {
		return ""
	}
	return h.Error
}

func (s *server) stop() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
	s.unlock()
}

// natsLog routes the server's log to slog. Its notices are about itself, so they
// are of interest only to somebody who debugs it.
type natsLog struct{ log *slog.Logger }

func (l natsLog) Noticef(format string, v ...any) { l.log.Debug(natsText(format, v)) }
func (l natsLog) Warnf(format string, v ...any)   { l.log.Warn(natsText(format, v)) }
func (l natsLog) Errorf(format string, v ...any)  { l.log.Error(natsText(format, v)) }
func (l natsLog) Fatalf(format string, v ...any)  { l.log.Error(natsText(format, v)) }
func (l natsLog) Debugf(string, ...any)           {}
func (l natsLog) Tracef(string, ...any)           {}

func natsText(format string, v []any) string {
	return "nats: " + strings.TrimSpace(fmt.Sprintf(format, v...))
}
