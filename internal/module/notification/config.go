package notification

import (
	"errors"
	"net/netip"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Config bounds what is sent and where to.
type Config struct {
	// AllowedNetworks are networks, not of the public internet, that channels may
	// connect to: the mail server of the centre is usually in one.
	AllowedNetworks []netip.Prefix `yaml:"allowedNetworks"`
	// SecretsDir holds files that a secret may name as file:NAME.
	SecretsDir string `yaml:"secretsDir"`
	// MailDomains are those a person's own mail address may be in; empty: any.
	MailDomains []string      `yaml:"mailDomains"`
	Timeout     time.Duration `yaml:"timeout"`  // of one attempt
	Attempts    int           `yaml:"attempts"` // after which a message is given up
	Gather      time.Duration `yaml:"gather"`   // what comes within is one message
	Pace        time.Duration `yaml:"pace"`     // between two messages to one receiver
	Keep        time.Duration `yaml:"keep"`     // the log of what was sent, and the inbox
}

// DefaultConfig is right for most.
func DefaultConfig() Config {
	return Config{Timeout: time.Minute, Attempts: 10, Gather: 15 * time.Second, Pace: 5 * time.Minute, Keep: 90 * 24 * time.Hour}
}

// Validate refuses settings that cannot work.
func (c Config) Validate() error {
	var errs []error
	check := func(bad bool, field, format string, args ...any) {
		if bad {
			errs = append(errs, fault.New(fault.Invalid, "notifications."+field+": "+format, args...).OnField("notifications."+field))
		}
	}
	check(c.Timeout < time.Second || c.Timeout > 5*time.Minute, "timeout", "%v; use 1s to 5m", c.Timeout)
	check(c.Attempts < 1 || c.Attempts > 50, "attempts", "%d; use 1 to 50", c.Attempts)
	check(c.Gather < 0 || c.Gather > time.Hour, "gather", "%v; use 0s to 1h", c.Gather)
	check(c.Pace < 0 || c.Pace > 24*time.Hour, "pace", "%v; use 0s to 24h", c.Pace)
	check(c.Keep < 24*time.Hour, "keep", "%v; use 24h or more", c.Keep)
	return errors.Join(errs...)
}
