package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// requestInfo is what the access log says about a request; inner layers fill it.
type requestInfo struct {
	id    string
	route string // pattern, for metrics: bounded in number
	user  string
	err   string
	cause error // what an operation answered, nil if it did what it was asked
}

type infoKey struct{}

func infoOf(ctx context.Context) *requestInfo {
	info, _ := ctx.Value(infoKey{}).(*requestInfo)
	return info
}

// statusLeft is logged and counted for a client that closed the connection before the
// answer, as nginx calls it.
const statusLeft = 499

// withRequest numbers, logs and counts each request. It is the outermost layer.
func withRequest(log *slog.Logger, m *metrics) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			info := &requestInfo{id: rand.Text()[:16]}
			r = r.WithContext(context.WithValue(r.Context(), infoKey{}, info))
			w.Header().Set("X-Request-Id", info.id)
			ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			defer func() {
				status := ww.Status()
				if status == 0 {
					status = http.StatusOK
				}
				// Whoever left has no answer; what that interrupted is no failure of ours.
				if status >= http.StatusInternalServerError && r.Context().Err() != nil {
					status = statusLeft
				}
				if info.route == "" {
					info.route = chi.RouteContext(r.Context()).RoutePattern()
				}
				took := time.Since(start)
				m.requests.WithLabelValues(info.route, methodLabel(r.Method), strconv.Itoa(status)).Inc()
				m.seconds.WithLabelValues(info.route).Observe(took.Seconds())
				level := slog.LevelDebug
				switch {
				case status >= 500 && status != http.StatusServiceUnavailable: // "not yet" is an answer, no failure
					level = slog.LevelError
				case strings.HasPrefix(r.URL.Path, Prefix):
					level = slog.LevelInfo
				}
				attrs := []slog.Attr{
					slog.String("id", info.id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
					slog.Int("status", status), slog.Int("bytes", ww.BytesWritten()),
					slog.Duration("took", took), slog.String("peer", r.RemoteAddr),
				}
				if info.user != "" {
					attrs = append(attrs, slog.String("user", info.user))
				}
				if info.err != "" {
					attrs = append(attrs, slog.String("error", info.err))
				}
				log.LogAttrs(r.Context(), level, "request", attrs...)
			}()
			next.ServeHTTP(ww, r)
		})
	}
}

// methodLabel bounds the number of series: a client may send any word.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// recoverPanic turns a panic into a 500 and a counter. A panic is a broken
// invariant of ours; the process goes on serving the others.
func recoverPanic(m *metrics) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				v := recover()
				if v == nil {
					return
				}
				if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(v) // the agreed way to cut a connection
				}
				m.panics.Inc()
				if info := infoOf(r.Context()); info != nil {
					info.err = "panic: " + toText(v) + "\n" + string(debug.Stack())
				}
				writeProblem(w, r, problemOf(errPanic))
			}()
			next.ServeHTTP(w, r)
		})
	}
}

var errPanic = errors.New("panic")

func toText(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case string:
		return v
	}
	return "of another type"
}

// deadlines gives every request a time to be read and answered. Handlers of
// streams move their own write deadline on.
//
// Without a body there is nothing to read and no read deadline: net/http already
// reads in the background to notice a client that left, and would take the
// deadline for that and end the context of a healthy stream.
func deadlines(limit time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(w)
			end := time.Now().Add(limit)
			// A writer without deadlines (in a test) simply has none.
			_ = rc.SetWriteDeadline(end)
			if r.ContentLength != 0 {
				_ = rc.SetReadDeadline(end)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// limitBody bounds the body of a request to an operation: as the operation says,
// where it says more than most; not at all, where it says -1 and bounds it itself.
func limitBody(w http.ResponseWriter, r *http.Request, ofOperation int64) {
	if ofOperation >= 0 {
		r.Body = http.MaxBytesReader(w, r.Body, max(ofOperation, maxBodyBytes))
	}
}
