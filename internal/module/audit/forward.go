package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify/syslog"
)

// forwarder sends every record to a syslog collector, from the first one on, so
// that the copy is a whole chain. Syslog acknowledges nothing: a record counts as
// forwarded once its connection lived settleTime longer, and those that do not
// count yet are sent again on the next connection.
type forwarder struct {
	db     *bun.DB
	trail  *module.Trail
	config Config
	target string
	log    *slog.Logger
	host   string

	pending  prometheus.Gauge
	failures prometheus.Counter

	mu  sync.Mutex
	why string // why the last connection ended, "" while there is one
}

const (
	forwardPoll = time.Second
	forwardPage = 500
	settleTime  = 5 * time.Second
	maxBackoff  = time.Minute

	facilityAudit  = 13 // log audit
	severityNotice = 5
	severityWarn   = 4
)

func newForwarder(o Options) *forwarder {
	f := &forwarder{
		db: o.DB, trail: o.Trail, config: o.Config, target: o.Config.Syslog, log: o.Log, host: hostname(),
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lachan_audit_forward_pending", Help: "Audit records not yet forwarded to the syslog collector.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lachan_audit_forward_failures_total", Help: "Connections to the syslog collector of the audit trail that failed or broke.",
		}),
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(f.pending, f.failures)
	}
	return f
}

// run connects again and again until ctx ends.
func (f *forwarder) run(ctx context.Context) error {
	wait := time.Second
	for {
		began := time.Now()
		err := f.connected(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was asked to end
		}
		f.failures.Inc()
		f.note(err.Error())
		if time.Since(began) > maxBackoff {
			wait = time.Second
		}
		f.log.WarnContext(ctx, "the audit trail is not forwarded", "target", f.target, "error", err, "again in", wait)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, maxBackoff)
	}
}

func (f *forwarder) note(why string) {
	f.mu.Lock()
	f.why = why
	f.mu.Unlock()
}

// sent is a record that waits to count as forwarded.
type sent struct {
	seq int64
	at  time.Time
}

func (f *forwarder) connected(ctx context.Context) (err error) {
	last, err := f.position(ctx)
	if err != nil {
		return err
	}
	// Read anew for each connection, so that renewed certificates are taken up.
	dialer, err := f.config.dialer()
	if err != nil {
		return err
	}
	conn, err := dialer.Dial(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	f.note("")
	tick := time.NewTicker(forwardPoll)
	defer tick.Stop()
	var waiting []sent
	for {
		records, err := f.trail.Find(ctx, module.RecordFilter{After: last}, true, forwardPage)
		if err != nil {
			return err
		}
		for i := range records {
			if err := f.send(conn, &records[i]); err != nil {
				return err
			}
			last = records[i].Seq
		}
		if len(records) > 0 {
			waiting = append(waiting, sent{last, time.Now()})
		}
		if waiting, err = f.settle(ctx, waiting); err != nil {
			return err
		}
		if len(records) == forwardPage {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-conn.Broken():
			return errors.New("the collector closed the connection")
		case <-tick.C:
		}
	}
}

func (f *forwarder) send(conn *syslog.Conn, r *module.Record) error {
	line, err := r.Line()
	if err != nil {
		return err
	}
	m := syslog.Message{Facility: facilityAudit, Severity: severityNotice, At: r.At, Host: f.host, App: "lachan", ID: "audit", Text: string(line)}
	if refused(r.Action) {
		m.Severity = severityWarn
	}
	return conn.Send(&m)
}

// settle stores how far records count as forwarded.
func (f *forwarder) settle(ctx context.Context, waiting []sent) ([]sent, error) {
	var done int64
	for len(waiting) > 0 && time.Since(waiting[0].at) >= settleTime {
		done, waiting = waiting[0].seq, waiting[1:]
	}
	if done > 0 {
		_, err := f.db.NewRaw(`INSERT INTO audit_forward (target, seq) VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET seq = EXCLUDED.seq`,
			f.target, done).Exec(ctx)
		if err != nil {
			return waiting, err
		}
	}
	_, err := f.lag(ctx)
	return waiting, err
}

func (f *forwarder) position(ctx context.Context) (int64, error) {
	var at []int64
	err := f.db.NewRaw("SELECT seq FROM audit_forward WHERE target = ?", f.target).Scan(ctx, &at)
	if err != nil {
		return 0, fmt.Errorf("position of the audit copy: %w", err)
	}
	if len(at) == 0 {
		return 0, nil
	}
	return at[0], nil
}

func (f *forwarder) lag(ctx context.Context) (int64, error) {
	head, err := f.trail.Head(ctx)
	if err != nil {
		return 0, err
	}
	at, err := f.position(ctx)
	if err != nil {
		return 0, err
	}
	f.pending.Set(float64(head.Seq - at))
	return head.Seq - at, nil
}

func (f *forwarder) state(ctx context.Context) (*AuditForwardView, error) {
	n, err := f.lag(ctx)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return &AuditForwardView{Target: f.target, Pending: n, Error: f.why}, nil
}
