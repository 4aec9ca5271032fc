package source

import (
	"errors"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Config says what is a problem of a source, of a disk, of a certificate.
type Config struct {
	SilentAfter time.Duration `yaml:"silentAfter"` // of a source whose rhythm is not known yet
	Skew        time.Duration `yaml:"skew"`        // how far a clock may be off
	Many        int           `yaml:"many"`        // senders in the same trouble that are one signal
	DiskDays    int           `yaml:"diskDays"`    // a disk that will be full sooner is a signal
}

// DefaultConfig is right for most.
func DefaultConfig() Config {
	return Config{SilentAfter: DefaultSilentAfter, Skew: DefaultSkew, Many: DefaultMany, DiskDays: 14}
}

// Validate refuses settings that cannot work.
func (c Config) Validate() error {
	var errs []error
	check := func(bad bool, field, format string, args ...any) {
		if bad {
			errs = append(errs, fault.New(fault.Invalid, format, args...).OnField(field))
		}
	}
	check(c.SilentAfter < time.Minute, "sources.silentAfter", "sources.silentAfter: %v; use 1m or more", c.SilentAfter)
	check(c.Skew < time.Second, "sources.skew", "sources.skew: %v; use 1s or more", c.Skew)
	check(c.Many < 2 || c.Many > 1000, "sources.many", "sources.many: %d; use 2 to 1000", c.Many)
	check(c.DiskDays < 1 || c.DiskDays > 365, "sources.diskDays", "sources.diskDays: %d; use 1 to 365", c.DiskDays)
	return errors.Join(errs...)
}
