package pipeline

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	events        prometheus.Counter
	unparsed      prometheus.Counter
	findings      prometheus.Counter
	excluded      prometheus.Counter
	skipped       prometheus.Counter
	doubles       prometheus.Counter
	rebuilt       prometheus.Counter
	errors        *prometheus.CounterVec
	panics        *prometheus.CounterVec
	commitSeconds prometheus.Histogram
	lagSeconds    prometheus.Gauge

	correlationHeld    *prometheus.GaugeVec
	correlationLost    *prometheus.CounterVec
	correlationShifted prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "lachan_pipeline_" + name, Help: help})
	}
	m := &metrics{
		events:   counter("events_total", "Events committed to the lake."),
		unparsed: counter("unparsed_total", "Events no format understood."),
		findings: counter("findings_total", "Rules that fired on events."),
		excluded: counter("excluded_total", "Hits of rules that exclusions left out."),
		skipped:  counter("blocks_skipped_total", "Blocks delivered again although stored."),
		doubles:  counter("relayed_doubles_total", "Blocks of relays and bundles that came again and were left out."),
		rebuilt:  counter("segments_rebuilt_total", "Broken segments made anew from the spool."),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_pipeline_errors_total",
			Help: "Failed steps, each tried again, by step; block: events lost in an unreadable block."}, []string{"step"}),
		panics: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_pipeline_panics_total",
			Help: "Panics caught while parsing or matching one event."}, []string{"step"}),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lachan_pipeline_commit_seconds",
			Help: "Time to make one segment durable.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 12)}),
	}
	m.correlationHeld = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "lachan_pipeline_correlation_held",
		Help: "What correlation rules hold in memory, by what: groups, events in them, hits waiting for older ones, lanes of time."}, []string{"what"})
	m.correlationLost = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_pipeline_correlation_lost_total",
		Help: "Groups evicted, and hits that correlation rules could not count, by reason."}, []string{"reason"})
	m.correlationShifted = counter("correlation_shifted_total", "Hits that came late and were counted as of a later time.")
	m.lagSeconds = prometheus.NewGauge(prometheus.GaugeOpts{Name: "lachan_pipeline_lag_seconds", Help: "How long the newest committed events had waited since they arrived."})
	if r != nil {
		r.MustRegister(m.lagSeconds, m.correlationHeld, m.correlationLost, m.correlationShifted,
			m.events, m.unparsed, m.findings, m.excluded, m.skipped, m.doubles, m.rebuilt, m.errors, m.panics, m.commitSeconds)
	}
	return m
}
