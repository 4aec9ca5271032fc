package module

import "github.com/prometheus/client_golang/prometheus"

// Register publishes how many consoles listen and what they are sent.
func (h *Hub) Register(r prometheus.Registerer) {
	count := func(name, help string, of func() uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "lachan_live_" + name, Help: help}, func() float64 { return float64(of()) })
	}
	r.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "lachan_live_streams", Help: "Consoles that listen; all tabs of a browser are one."}, func() float64 {
			h.mu.Lock()
			defer h.mu.Unlock()
			return float64(len(h.subs))
		}),
		count("messages_total", "Messages published, however many consoles got each.", h.published.Load),
		count("dropped_total", "Consoles disconnected because they did not keep up.", h.dropped.Load),
	)
}
