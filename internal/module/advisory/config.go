package advisory

import (
	"errors"
	"net/netip"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Config bounds what is fetched and where from.
type Config struct {
	// AllowedNetworks are networks, not of the public internet, that sources may be
	// in, such as that of a mirror; only there plain HTTP is spoken.
	AllowedNetworks []netip.Prefix `yaml:"allowedNetworks"`
	Timeout         time.Duration  `yaml:"timeout"` // of fetching one source
}

// DefaultConfig is right for most.
func DefaultConfig() Config { return Config{Timeout: 5 * time.Minute} }

// Validate refuses settings that cannot work.
func (c Config) Validate() error {
	var errs []error
	if c.Timeout < 5*time.Second || c.Timeout > time.Hour {
		errs = append(errs, fault.New(fault.Invalid, "advisories.timeout: %v; use 5s to 1h", c.Timeout).OnField("advisories.timeout"))
	}
	return errors.Join(errs...)
}
