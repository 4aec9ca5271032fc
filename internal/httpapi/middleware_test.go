package httpapi

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// What a client interrupted by leaving is no failure of the server; the same answer to
// one that waits is.
func TestAClientThatLeftIsNoFailure(t *testing.T) {
	for left, want := range map[bool]string{true: "level=INFO msg=request", false: "level=ERROR msg=request"} {
		var log bytes.Buffer
		r := chi.NewRouter()
		r.Use(withRequest(slog.New(slog.NewTextHandler(&log, nil)), newMetrics(prometheus.NewRegistry())))
		ctx, leave := context.WithCancel(t.Context())
		r.Get(Prefix+"/session", func(w http.ResponseWriter, _ *http.Request) {
			if left {
				leave()
			}
			w.WriteHeader(http.StatusInternalServerError)
		})
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, Prefix+"/session", nil))
		leave()
		if !strings.Contains(log.String(), want) || left != strings.Contains(log.String(), "status=499") {
			t.Errorf("left %v: %s", left, &log)
		}
	}
}
