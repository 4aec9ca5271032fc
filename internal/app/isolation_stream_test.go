package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// quietStreams are streams on which nothing of a tenant need appear when events come
// in, with the reason.
var quietStreams = map[string]string{}

// stream is an open stream of events and what came by it.
type stream struct {
	name string
	mu   sync.Mutex
	got  bytes.Buffer
}

// Write implements io.Writer.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.Write(p)
}

func (s *stream) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.String()
}

// open opens a stream over a real connection; it is closed with ctx.
func (w *world) open(ctx context.Context, t *testing.T, wait *sync.WaitGroup, op *operation, c *caller, tn *tenant) *stream {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, op.method, w.n.Address()+op.path+w.query(op, tn), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.sign(req)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{name: op.id + " as " + c.name}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", s.name, resp.StatusCode)
		}
		return nil
	}
	wait.Go(func() {
		defer resp.Body.Close()
		_, _ = io.Copy(s, resp.Body) // ends with ctx
	})
	return s
}

// streamsCarryOnlyTheirOwn opens every stream for everybody of own, lets things
// happen to foreign and then to own, and waits for the latter.
func (w *world) streamsCarryOnlyTheirOwn(t *testing.T, own, foreign *tenant) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	defer http.DefaultClient.CloseIdleConnections()
	defer wait.Wait()
	defer cancel()
	var streams []*stream
	for _, op := range w.doc.operations {
		if !op.stream {
			continue
		}
		opened := 0
		for _, c := range own.callers() {
			if s := w.open(ctx, t, &wait, op, c, own); s != nil {
				opened++
				if quietStreams[op.id] == "" {
					streams = append(streams, s)
				}
			}
		}
		if opened == 0 {
			t.Errorf("%s opens for nobody of %s", op.id, own.unit)
		}
	}
	foreign.happen()
	own.happen()
	for deadline := time.Now().Add(60 * time.Second); ; {
		var silent []string
		for _, s := range streams {
			if !strings.Contains(s.text(), own.mark) {
				silent = append(silent, s.name)
			}
		}
		if len(silent) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("nothing of %s came by %v; if that is meant, name the stream in quietStreams", own.unit, silent)
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, s := range streams {
		if what := foreign.leaks(answer{body: s.text()}); what != "" {
			t.Errorf("%s carries %q of %s: %.600s", s.name, what, foreign.unit, s.text())
		}
	}
	t.Logf("%d streams", len(streams))
}

// What is not in the OpenAPI description: addresses that serve a machine.
func (w *world) rawTellsNothing(t *testing.T, callers []*caller, foreign *tenant) {
	t.Helper()
	for _, path := range []string{"/metrics", "/readyz", "/healthz", "/", "/api/openapi.json", "/enrol/ca.pem", "/enrol/crl.pem", "/api/v1/nothing", "/nothing"} {
		for _, c := range callers {
			a := c.do("GET", path, nil)
			if what := foreign.leaks(a); what != "" {
				t.Errorf("%s as %s tells %q: %.600s", path, c.name, what, a.body)
			}
			if path == "/metrics" && a.status != http.StatusForbidden && a.status != http.StatusUnauthorized {
				t.Errorf("%s as %s: %d", path, c.name, a.status)
			}
		}
	}
}
