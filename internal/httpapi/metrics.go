package httpapi

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	panics   prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lachan_httpapi_requests_total", Help: "Requests answered, by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lachan_httpapi_request_seconds", Help: "Time to answer, by route pattern; streams count until they end.",
			Buckets: []float64{.005, .025, .1, .5, 2, 10, 60},
		}, []string{"route"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lachan_httpapi_panics_total", Help: "Requests that ended in a panic.",
		}),
	}
	reg.MustRegister(m.requests, m.seconds, m.panics)
	return m
}
