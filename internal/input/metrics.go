package input

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the lachan_input_* series, one set for all inputs of a node.
type Metrics struct {
	records, bytes, batches, cut, busy, restarts *prometheus.CounterVec // input
	dropped, refused, irregular                  *prometheus.CounterVec // input, reason
	connections, up                              *prometheus.GaugeVec   // input
}

// NewMetrics registers the series; with a nil registerer they count unseen. It
// panics if they are registered already: a node makes them once.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "lachan", Subsystem: "input", Name: name, Help: help}, append([]string{"input"}, labels...))
		if reg != nil {
			reg.MustRegister(c)
		}
		return c
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "lachan", Subsystem: "input", Name: name, Help: help}, []string{"input"})
		if reg != nil {
			reg.MustRegister(g)
		}
		return g
	}
	return &Metrics{
		records:     counter("records_total", "Records stored in the spool."),
		bytes:       counter("bytes_total", "Raw bytes of records stored in the spool."),
		batches:     counter("batches_total", "Batches stored in the spool."),
		cut:         counter("cut_records_total", "Records longer than the limit, stored without their end."),
		busy:        counter("pushed_back_total", "Times the spool was full and the sender was made to wait."),
		restarts:    counter("restarts_total", "Restarts after the source broke."),
		dropped:     counter("dropped_total", "Records that were not stored, by reason.", "reason"),
		refused:     counter("refused_total", "Connections or requests that were refused, by reason.", "reason"),
		irregular:   counter("irregular_records_total", "Records stored though they are not what their protocol asks for, by reason.", "reason"),
		connections: gauge("connections", "Open connections."),
		up:          gauge("up", "1 while the input runs, 0 while it waits to be restarted."),
	}
}

// Meter counts for one input; its counters are resolved once, for the hot path.
type Meter struct {
	Records, Bytes, Batches, Cut, Busy, Restarts prometheus.Counter
	Connections, Up                              prometheus.Gauge

	name                        string
	dropped, refused, irregular *prometheus.CounterVec
}

// For returns the meter of the named input.
func (m *Metrics) For(name string) *Meter {
	return &Meter{
		Records: m.records.WithLabelValues(name), Bytes: m.bytes.WithLabelValues(name),
		Batches: m.batches.WithLabelValues(name), Cut: m.cut.WithLabelValues(name),
		Busy: m.busy.WithLabelValues(name), Restarts: m.restarts.WithLabelValues(name),
		Connections: m.connections.WithLabelValues(name), Up: m.up.WithLabelValues(name),
		name: name, dropped: m.dropped, refused: m.refused, irregular: m.irregular,
	}
}

// Dropped returns the counter of records not stored for this reason.
func (m *Meter) Dropped(reason string) prometheus.Counter {
	return m.dropped.WithLabelValues(m.name, reason)
}

// Refused returns the counter of connections or requests refused for this reason.
func (m *Meter) Refused(reason string) prometheus.Counter {
	return m.refused.WithLabelValues(m.name, reason)
}

// Irregular returns the counter of records that are stored though they are not what
// their protocol asks for.
func (m *Meter) Irregular(reason string) prometheus.Counter {
	return m.irregular.WithLabelValues(m.name, reason)
}
