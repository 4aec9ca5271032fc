package relay

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/bus"
)

// metrics are the lachan_relay_* series of a relay.
type metrics struct {
	up                         prometheus.Gauge
	blocks, bytes              *prometheus.CounterVec
	failures, refused, dropped prometheus.Counter
	aside                      prometheus.Counter
	backlogBlocks, backlogByte prometheus.Gauge
	oldest                     prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	var all []prometheus.Collector
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "lachan_relay_" + name, Help: help})
		all = append(all, c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "lachan_relay_" + name, Help: help})
		all = append(all, g)
		return g
	}
	vec := func(name, help string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_relay_" + name, Help: help}, []string{"lane"})
		all = append(all, c)
		return c
	}
	m := &metrics{
		up:            gauge("link_up", "1: the centre takes blocks."),
		blocks:        vec("sent_blocks_total", "Blocks that the centre has on its disk, by lane."),
		bytes:         vec("sent_bytes_total", "Bytes of requests that went through, by lane."),
		failures:      counter("send_failures_total", "Requests that did not go through; their blocks are sent again."),
		refused:       counter("pushed_back_total", "Batches refused to senders since the spool was full."),
		dropped:       counter("dropped_events_total", "Events dropped to make room, reported to the centre as gaps."),
		aside:         counter("set_aside_blocks_total", "Blocks that the centre refused for good; they are in the folder refused."),
		backlogBlocks: gauge("backlog_blocks", "Blocks that are not at the centre yet."),
		backlogByte:   gauge("backlog_bytes", "Bytes of them."),
		oldest:        gauge("backlog_oldest_seconds", "Age of the oldest of them."),
	}
	if reg != nil {
		reg.MustRegister(all...)
	}
	return m
}

func (m *metrics) observe(c bus.Contents, now time.Time) {
	m.backlogBlocks.Set(float64(c.Blocks))
	m.backlogByte.Set(float64(c.Bytes))
	age := 0.0
	if !c.Oldest.IsZero() {
		age = max(now.Sub(c.Oldest), 0).Seconds()
	}
	m.oldest.Set(age)
}
