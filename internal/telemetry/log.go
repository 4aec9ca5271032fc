// Package telemetry gives a node its log, its metrics registry, its health and
// its meters. It decides how they look, not what is said.
//
// Logs are structured (log/slog) on standard error: text for people, JSON for
// collectors. Metrics are Prometheus; each package declares its own in a
// metrics.go, named lachan_<package>_<thing>_<unit>, and every drop has a
// counter with a reason. Health is a set of named checks, read by /readyz.
package telemetry

import (
	"io"
	"log/slog"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Config says how a node logs.
type Config struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text, json
}

// DefaultConfig logs text at info.
func DefaultConfig() Config { return Config{Level: "info", Format: "text"} }

// NewLog makes the node's logger.
func NewLog(w io.Writer, c Config) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return nil, fault.New(fault.Invalid, "log.level: %q; use debug, info, warn or error", c.Level).OnField("log.level")
	}
	opts := &slog.HandlerOptions{Level: level}
	switch c.Format {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, fault.New(fault.Invalid, "log.format: %q; use text or json", c.Format).OnField("log.format")
}
