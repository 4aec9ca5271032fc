package identity

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// metrics count what happens at the door. No label names a person, an address or
// a token.
type metrics struct {
	signIns  *prometheus.CounterVec
	factors  *prometheus.CounterVec
	lockouts *prometheus.CounterVec
	sessions *prometheus.GaugeVec
}

// The results of an attempt.
const (
	resultOK      = "ok"
	resultRefused = "refused"
	resultWait    = "wait"  // turned away: too many before it were wrong
	resultError   = "error" // the node's own fault
)

var signInMethods = []Method{MethodPassword, MethodPasskey, MethodSSO, MethodBreakGlass}

func newMetrics(r prometheus.Registerer, t *Tokens) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_identity_" + name, Help: help}, labels)
	}
	m := &metrics{
		signIns:  counter("sign_ins_total", "Attempts to sign in, by way and result.", "way", "result"),
		factors:  counter("factor_attempts_total", "Attempts to show a second factor, by result.", "result"),
		lockouts: counter("lockouts_total", "Attempts turned away because too many before them were wrong, by what has to wait.", "of"),
		sessions: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "lachan_identity_sessions", Help: "Open sessions, by how they began; counted once a minute."}, []string{"way"}),
	}
	results := []string{resultOK, resultRefused, resultWait, resultError}
	for _, way := range signInMethods {
		m.sessions.WithLabelValues(string(way))
		for _, result := range results {
			m.signIns.WithLabelValues(string(way), result)
		}
	}
	for _, result := range results {
		m.factors.WithLabelValues(result)
	}
	if r == nil {
		return m
	}
	r.MustRegister(m.signIns, m.factors, m.lockouts, m.sessions)
	for _, status := range []TokenStatus{TokenActive, TokenExpiring, TokenExpired} {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "lachan_identity_tokens", Help: "Tokens that are not revoked, by status; expiring: within 14 days.", ConstLabels: prometheus.Labels{"status": string(status)},
		}, func() float64 { return float64(t.count(status)) }))
	}
	return m
}

// resultOf is what an attempt came to.
func resultOf(err error) string {
	if err == nil {
		return resultOK
	}
	switch fault.KindOf(err) {
	case fault.Busy:
		return resultWait
	case fault.Invalid, fault.Denied, fault.Unauthenticated, fault.Conflict, fault.NotFound:
		return resultRefused
	}
	return resultError
}

func (m *metrics) signedIn(way Method, err error) {
	m.signIns.WithLabelValues(string(way), resultOf(err)).Inc()
}

func (m *metrics) factorShown(err error) { m.factors.WithLabelValues(resultOf(err)).Inc() }

// lockout counts for one of the things that can have to wait.
func (m *metrics) lockout(of string) func() { return m.lockouts.WithLabelValues(of).Inc }

// countSessions tells how many sessions are open.
func (s *Service) countSessions(ctx context.Context, now time.Time) error {
	n, err := s.store.countSessions(ctx, sqldb.MicrosOf(now.Add(-sessionIdle)), sqldb.MicrosOf(now.Add(-sessionLife)))
	if err != nil {
		return err
	}
	for _, way := range signInMethods {
		s.metrics.sessions.WithLabelValues(string(way)).Set(float64(n[string(way)]))
	}
	return nil
}

// count counts the tokens of a status that are not revoked.
func (t *Tokens) count(status TokenStatus) int {
	n, now := 0, t.now()
	for _, lt := range *t.valid.Load() {
		if lt.Status(now) == status {
			n++
		}
	}
	return n
}
