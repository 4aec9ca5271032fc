package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	consumerName = "process"
	// ackWait is how long the server waits before it thinks a block was
	// forgotten. It never decides anything here: the ledger and Rewind do.
	ackWait = 24 * time.Hour
	// maxOut is how many blocks may be handed out and unacknowledged.
	maxOut = 4096
	// dedupWindow is how long a publish may be repeated without doubling.
	dedupWindow = 2 * time.Minute
	// minPayload is what a block of incompressible bytes may take.
	minPayload = 2 << 20

	openTimeout = 15 * time.Second
)

// link is one connection to the stream, and the embedded server behind it. It is
// immutable; after a disk failure the bus makes a new one (see revive).
type link struct {
	server   *server // nil: external
	conn     *nats.Conn
	js       jetstream.JetStream
	stream   jetstream.Stream
	consumer jetstream.Consumer
	subject  string
	identity string // incarnation of the stream
	floor    uint64 // acknowledged when the link was made
}

// dial starts or reaches the server and makes sure of the stream and consumer.
func dial(ctx context.Context, dir string, c Config, forward bool, log *slog.Logger) (_ *link, err error) {
	l := &link{subject: "lachan.spool." + c.NATS.Stream}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	opts := []nats.Option{
		nats.Name("lachan"), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("spool: connection lost", "err", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("spool: connected again", "url", nc.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("spool: connection", "err", err) }),
	}
	url := c.NATS.URL
	if url == "" {
		if l.server, err = startServer(dir, c, log); err != nil {
			return nil, err
		}
		opts = append(opts, nats.InProcessServer(l.server))
	} else {
		opts = append(opts, externalOptions(c.NATS)...)
	}
	if l.conn, err = nats.Connect(url, opts...); err != nil {
		return nil, fault.New(fault.Busy, "spool: cannot reach NATS: %w", err)
	}
	if max := l.conn.MaxPayload(); max < minPayload {
		return nil, fault.New(fault.Invalid, "spool: the NATS server takes messages up to %d bytes; set max_payload: 8MB in its configuration", max)
	}
	if v := l.conn.ConnectedServerVersion(); olderThan(v, 2, 14) {
		return nil, fault.New(fault.Invalid, "spool: NATS server %s is too old; 2.14 or later is needed", v)
	}
	if l.js, err = jetstream.New(l.conn); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if err = l.prepare(ctx, c, forward); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	return l, nil
}

func externalOptions(c External) []nats.Option {
	opts := []nats.Option{nats.Timeout(5 * time.Second)}
	if c.Credentials != "" {
		opts = append(opts, nats.UserCredentials(c.Credentials))
	}
	if c.User != "" {
		opts = append(opts, nats.UserInfo(c.User, c.Password.Reveal()))
	}
	if c.CA != "" {
		opts = append(opts, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		opts = append(opts, nats.ClientCert(c.Cert, c.Key))
	}
	return opts
}

func (l *link) prepare(ctx context.Context, c Config, forward bool) (err error) {
	l.stream, err = l.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:     c.NATS.Stream,
		Subjects: []string{l.subject},
		Storage:  jetstream.FileStorage,
		// Limits, not work queue: acknowledged blocks stay until RunTrim.
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardNew,
		MaxBytes:    int64(c.MaxBytes),
		Duplicates:  dedupWindow,
		Replicas:    c.NATS.Replicas,
		AllowDirect: true,
		DenyDelete:  !forward,
	})
	if err != nil {
		return fmt.Errorf("stream %s: %w", c.NATS.Stream, err)
	}
	l.identity = c.NATS.Stream + "-" + strconv.FormatInt(l.stream.CachedInfo().Created.UnixNano(), 36)

	l.consumer, err = l.stream.Consumer(ctx, consumerName)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		l.consumer, err = l.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
			Durable:       consumerName,
			DeliverPolicy: jetstream.DeliverAllPolicy,
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       ackWait,
			MaxAckPending: maxOut,
			MaxDeliver:    -1,
			Replicas:      c.NATS.Replicas,
		})
	}
	if err != nil {
		return fmt.Errorf("consumer %s: %w", consumerName, err)
	}
	l.floor = l.consumer.CachedInfo().AckFloor.Stream
	return nil
}

// reset makes the server deliver again all that is not acknowledged.
func (l *link) reset(ctx context.Context) error {
	if _, err := l.js.ResetConsumer(ctx, l.stream.CachedInfo().Config.Name, consumerName); err != nil {
		return fmt.Errorf("spool: rewind: %w", err)
	}
	return nil
}

func (l *link) close() {
	if l.conn != nil {
		l.conn.Close()
	}
	if l.server != nil {
		l.server.stop()
	}
}

func olderThan(version string, major, minor int) bool {
	var a, b int
	if _, err := fmt.Sscanf(version, "%d.%d", &a, &b); err != nil {
		return false // a development build names no number
	}
	return a < major || a == major && b < minor
}
