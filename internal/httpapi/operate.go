package httpapi

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// ready answers 200 while every check passes, else 503 with the names of those
// that do not. Why a check fails is in the log and the metrics: this address is
// open to everyone.
func ready(checks func(context.Context) map[string]error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if checks != nil {
			if failed := checks(r.Context()); len(failed) > 0 {
				names := slices.Sorted(maps.Keys(failed))
				writeText(w, http.StatusServiceUnavailable, "not ready: "+strings.Join(names, ", ")+"\n")
				return
			}
		}
		writeText(w, http.StatusOK, "ready\n")
	}
}

// metricsHandler serves the registry to callers on this machine and to those
// who may read metrics.
func metricsHandler(o Options) http.Handler {
	h := promhttp.HandlerFor(o.Registry, promhttp.HandlerOpts{Registry: o.Registry})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromThisMachine(r) {
			ctx, _, err := o.Authenticate(r)
			if err == nil {
				err = o.Authorize(ctx, actionMetrics)
			}
			if err != nil {
				writeProblem(w, r, problemOf(err))
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}
