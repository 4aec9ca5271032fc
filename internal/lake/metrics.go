package lake

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	committed, commitFailures prometheus.Counter
	commitSeconds             prometheus.Histogram
	segments, rows, bytes     *prometheus.GaugeVec // by level
	broken, findings          prometheus.Gauge
	holds, alarm              prometheus.Gauge
	searchSeconds             *prometheus.HistogramVec // by kind
	searchFailures            *prometheus.CounterVec   // by kind
	merged, mergeFailures     prometheus.Counter
	mergeSeconds              prometheus.Histogram
	deleted                   *prometheus.CounterVec // by reason
}

func newMetrics(r prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "lachan_lake_" + name, Help: help})
	}
	gauges := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "lachan_lake_" + name, Help: help}, []string{"level"})
	}
	seconds := prometheus.ExponentialBuckets(0.002, 2, 14)
	m := &metrics{
		committed:      counter("committed_events_total", "Events written and registered."),
		commitFailures: counter("commit_failures_total", "Commits that failed; their events come again from the spool."),
		commitSeconds:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lachan_lake_commit_seconds", Help: "Time to write and register a flush.", Buckets: seconds}),
		segments:       gauges("segments", "Segments in the manifest."),
		rows:           gauges("rows", "Events in the manifest."),
		bytes:          gauges("size_bytes", "Size of all segments."),
		broken:         prometheus.NewGauge(prometheus.GaugeOpts{Name: "lachan_lake_broken_segments", Help: "Segments that cannot be read."}),
		findings:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "lachan_lake_evidence_findings", Help: "What the last verification of the evidence chain found altered, missing or added."}),
		holds:          prometheus.NewGauge(prometheus.GaugeOpts{Name: "lachan_lake_legal_holds", Help: "Legal holds in force."}),
		alarm:          prometheus.NewGauge(prometheus.GaugeOpts{Name: "lachan_lake_retention_alarm", Help: "1 for a day after events were deleted before their minimum time, or could not be deleted."}),
		searchSeconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "lachan_lake_search_seconds", Help: "Time of searches.", Buckets: seconds}, []string{"kind"}),
		searchFailures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_lake_search_failures_total", Help: "Searches that failed, timed out ones too."}, []string{"kind"}),
		merged:         counter("merged_events_total", "Events rewritten by compaction."),
		mergeFailures:  counter("merge_failures_total", "Merges that failed and are tried again."),
		mergeSeconds:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lachan_lake_merge_seconds", Help: "Time of one merge.", Buckets: seconds}),
		deleted:        prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_lake_deleted_events_total", Help: "Events deleted by retention."}, []string{"reason"}),
	}
	if r != nil {
		r.MustRegister(m.committed, m.commitFailures, m.commitSeconds, m.segments, m.rows, m.bytes, m.broken, m.findings, m.holds, m.alarm,
			m.searchSeconds, m.searchFailures, m.merged, m.mergeFailures, m.mergeSeconds, m.deleted)
	}
	return m
}

// measure sets the gauges; l.mu is held.
func (l *Lake) measure() {
	var n, rows, bytes [levels]int64
	broken := 0
	for _, s := range l.segments {
		n[s.level]++
		rows[s.level] += s.rows
		bytes[s.level] += s.bytes
		if s.broken != "" {
			broken++
		}
	}
	for i, name := range levelNames {
		l.metrics.segments.WithLabelValues(name).Set(float64(n[i]))
		l.metrics.rows.WithLabelValues(name).Set(float64(rows[i]))
		l.metrics.bytes.WithLabelValues(name).Set(float64(bytes[i]))
	}
	l.metrics.broken.Set(float64(broken))
}
