package lake

import (
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Config is the section "lake" of the configuration.
type Config struct {
	MaxAge       time.Duration `yaml:"maxAge"`       // events received longer ago are deleted; 0: kept
	MaxBytes     config.Size   `yaml:"maxBytes"`     // oldest segments beyond are deleted; 0: no limit
	SearchMemory config.Size   `yaml:"searchMemory"` // of all searches together
	Threads      int           `yaml:"threads"`      // of all searches together
	Searches     int           `yaml:"searches"`     // at a time; more wait
	Timeout      time.Duration `yaml:"timeout"`      // of one search
}

// DefaultConfig keeps everything.
func DefaultConfig() Config {
	return Config{SearchMemory: 512 << 20, Threads: 2, Searches: 4, Timeout: time.Minute}
}

// Validate names the first setting that cannot work.
func (c Config) Validate() error {
	switch {
	case c.MaxAge < 0 || (c.MaxAge > 0 && c.MaxAge < time.Hour):
		return fault.New(fault.Invalid, "lake.maxAge: %v is too short; write at least 1h, or 0 to keep everything", c.MaxAge).OnField("lake.maxAge")
	case c.SearchMemory < 64<<20:
		return fault.New(fault.Invalid, "lake.searchMemory: %v is too little; write at least 64MiB", c.SearchMemory).OnField("lake.searchMemory")
	case c.Threads < 1 || c.Threads > 256:
		return fault.New(fault.Invalid, "lake.threads: %d is not 1 to 256", c.Threads).OnField("lake.threads")
	case c.Searches < 1 || c.Searches > 64:
		return fault.New(fault.Invalid, "lake.searches: %d is not 1 to 64", c.Searches).OnField("lake.searches")
	case c.Timeout < time.Second:
		return fault.New(fault.Invalid, "lake.timeout: %v is too short; write at least 1s", c.Timeout).OnField("lake.timeout")
	}
	return nil
}
