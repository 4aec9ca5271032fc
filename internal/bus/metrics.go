package bus

import "github.com/prometheus/client_golang/prometheus"

// metrics are the lachan_bus_* series.
type metrics struct {
	blocks, records, rawBytes, storedBytes prometheus.Counter
	refused                                *prometheus.CounterVec // reason
	retries, corrupt, revived, trimmed     prometheus.Counter
	putSeconds                             prometheus.Histogram
	pending, bytes, maxBytes, free         prometheus.Gauge

	all []prometheus.Collector
	reg prometheus.Registerer
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{reg: reg}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "lachan", Subsystem: "bus", Name: name, Help: help})
		m.all = append(m.all, c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "lachan", Subsystem: "bus", Name: name, Help: help})
		m.all = append(m.all, g)
		return g
	}
	m.blocks = counter("blocks_total", "Blocks stored in the spool.")
	m.records = counter("records_total", "Records stored in the spool.")
	m.rawBytes = counter("raw_bytes_total", "Bytes of stored blocks before compression.")
	m.storedBytes = counter("stored_bytes_total", "Bytes of stored blocks as written.")
	m.retries = counter("publish_retries_total", "Publishes repeated because their outcome was unknown.")
	m.corrupt = counter("corrupt_blocks_total", "Messages of the spool that could not be decoded.")
	m.revived = counter("restarts_total", "Restarts of the embedded server after a write error.")
	m.trimmed = counter("trimmed_blocks_total", "Acknowledged blocks deleted.")
	m.pending = gauge("pending_blocks", "Blocks not acknowledged by the process loop.")
	m.bytes = gauge("spool_bytes", "Bytes of the spool on disk.")
	m.maxBytes = gauge("spool_max_bytes", "Bytes at which the spool is full.")
	m.free = gauge("disk_free_bytes", "Bytes free on the spool's disk.")
	m.refused = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "lachan", Subsystem: "bus", Name: "refused_batches_total",
		Help: "Batches that Put did not store, by reason; the caller was told.",
	}, []string{"reason"})
	m.putSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: "lachan", Subsystem: "bus", Name: "put_seconds",
		Help: "Time from Put to its answer.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
	})
	m.all = append(m.all, m.refused, m.putSeconds)
	if reg == nil {
		return m, nil
	}
	for i, c := range m.all {
		if err := reg.Register(c); err != nil {
			m.all = m.all[:i]
			m.close()
			return nil, err
		}
	}
	return m, nil
}

// close lets a later bus of the same process register again.
func (m *metrics) close() {
	if m.reg == nil {
		return
	}
	for _, c := range m.all {
		m.reg.Unregister(c)
	}
}
