package telemetry

import (
	"context"
	"sync"
)

// Check returns nil while the thing it watches works. What it returns else is for
// the log; who may know no more is told the [Remedy] around it.
type Check func(ctx context.Context) error

// Remedy says to everybody what to do about a failure, and nothing of the node.
type Remedy struct {
	Err error
	Do  string
}

func (r *Remedy) Error() string { return r.Err.Error() }

// Unwrap returns the failure.
func (r *Remedy) Unwrap() error { return r.Err }

// Health is a set of named checks. The zero value is ready for use, and healthy.
type Health struct {
	mu     sync.Mutex
	names  []string
	checks map[string]Check
}

// Add names a check; a second one of the same name replaces the first.
func (h *Health) Add(name string, c Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.checks == nil {
		h.checks = map[string]Check{}
	}
	if _, known := h.checks[name]; !known {
		h.names = append(h.names, name)
	}
	h.checks[name] = c
}

// Run runs every check and returns the failures by name; empty means healthy.
func (h *Health) Run(ctx context.Context) map[string]error {
	h.mu.Lock()
	names := append([]string(nil), h.names...)
	checks := make(map[string]Check, len(h.checks))
	for n, c := range h.checks {
		checks[n] = c
	}
	h.mu.Unlock()
	failed := map[string]error{}
	for _, n := range names {
		if err := checks[n](ctx); err != nil {
			failed[n] = err
		}
	}
	return failed
}
