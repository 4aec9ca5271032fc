package httpapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/lachan-vn/lachan/internal/telemetry"
)

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// ready answers 200 while every check passes, else 503 with the names of those
// that do not, and a line for each with what to do. Why a check fails is told to
// callers on this machine, and is in the log: this address is open to everyone.
func ready(checks func(context.Context) map[string]error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if checks != nil {
			if failed := checks(r.Context()); len(failed) > 0 {
				names := slices.Sorted(maps.Keys(failed))
				var b strings.Builder
				b.WriteString("not ready: " + strings.Join(names, ", ") + "\n")
				for _, name := range names {
					if remedy, ok := errors.AsType[*telemetry.Remedy](failed[name]); ok {
						b.WriteString(name + ": " + remedy.Do + "\n")
					}
					if fromThisMachine(r) {
						b.WriteString(name + ": " + strings.ReplaceAll(failed[name].Error(), "\n", "; ") + "\n")
					}
				}
				writeText(w, http.StatusServiceUnavailable, b.String())
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
