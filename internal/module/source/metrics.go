package source

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	sources     *prometheus.GaugeVec
	problems    *prometheus.GaugeVec
	raised      *prometheus.CounterVec
	diskUsed    *prometheus.GaugeVec
	diskDays    *prometheus.GaugeVec
	certificate *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "lachan_source_" + name, Help: help}, labels)
	}
	m := &metrics{
		sources:  gauge("sources", "Sources by status, each counted once.", "status"),
		problems: gauge("problems", "Sources that have a problem, by problem; one may have several.", "problem"),
		raised: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_source_signals_total",
			Help: "Signals raised about sources, disks and certificates, by kind."}, []string{"kind"}),
		diskUsed:    gauge("disk_used_bytes", "Bytes a part of the data folder takes.", "part"),
		diskDays:    gauge("disk_full_days", "Days until the disk is full at the rate of the last days; absent while unknown or not within a year.", "path"),
		certificate: gauge("certificate_expiry_seconds", "Unix time at which a certificate expires.", "name", "kind"),
	}
	for _, s := range statuses {
		m.sources.WithLabelValues(s)
	}
	for p := range weight {
		m.problems.WithLabelValues(p)
	}
	if r != nil {
		r.MustRegister(m.sources, m.problems, m.raised, m.diskUsed, m.diskDays, m.certificate)
	}
	return m
}

func (m *metrics) own(disks []Forecast, certificates []Certificate, now time.Time) {
	m.diskDays.Reset()
	for _, f := range disks {
		for _, p := range f.Parts {
			m.diskUsed.WithLabelValues(p.Part).Set(float64(p.Used))
		}
		if !f.FullOn.IsZero() {
			m.diskDays.WithLabelValues(f.Path).Set(f.FullOn.Sub(now).Hours() / 24)
		}
	}
	m.certificate.Reset()
	for _, c := range certificates {
		if c.Kind != "client" { // there may be thousands
			m.certificate.WithLabelValues(c.Name, c.Kind).Set(float64(c.Expires.Unix()))
		}
	}
}
