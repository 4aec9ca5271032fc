package syslog

import (
	"net"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Config is the section of one syslog input.
type Config struct {
	UDP []string `yaml:"udp"` // addresses to listen on, "0.0.0.0:514"
	TCP []string `yaml:"tcp"`
	TLS TLS      `yaml:"tls"`

	// Unit owns what no entry of Units claims. Units maps source addresses and
	// networks to units; the longest match counts. An address is a weak
	// credential: see docs/operate/syslog.md.
	Unit  event.UnitID            `yaml:"unit"`
	Units map[string]event.UnitID `yaml:"units"`

	// MaxConnections bounds open TCP and TLS connections together. At the limit
	// the oldest one that never sent a message gives way, else the new one.
	MaxConnections int `yaml:"maxConnections"`
	// IdleTimeout closes a connection without traffic; 0 = never. Plain syslog
	// senders lose a message when that happens, so it is long.
	IdleTimeout time.Duration `yaml:"idleTimeout"`
}

// TLS is the encrypted listener.
type TLS struct {
	Listen    []string `yaml:"listen"`
	input.TLS `yaml:",inline"`
}

// DefaultConfig listens nowhere and gives everything to the centre.
func DefaultConfig() Config {
	return Config{
		Unit: event.CentreUnit, MaxConnections: 10_000, IdleTimeout: 24 * time.Hour,
		TLS: TLS{TLS: input.DefaultTLS()},
	}
}

// Validate names the key at fault.
func (c Config) Validate() error {
	if len(c.UDP)+len(c.TCP)+len(c.TLS.Listen) == 0 {
		return fault.New(fault.Invalid, "syslog: no address to listen on; set udp, tcp or tls.listen").OnField("udp")
	}
	for key, list := range map[string][]string{"udp": c.UDP, "tcp": c.TCP, "tls.listen": c.TLS.Listen} {
		for _, a := range list {
			if _, _, err := net.SplitHostPort(a); err != nil {
				return fault.New(fault.Invalid, "syslog: %s: %w; write host:port, for example 0.0.0.0:514", key, err).OnField(key)
			}
		}
	}
	switch {
	case c.Unit == "":
		return fault.New(fault.Invalid, "syslog: unit must not be empty").OnField("unit")
	case c.MaxConnections < 1:
		return fault.New(fault.Invalid, "syslog: maxConnections must be 1 or more").OnField("maxConnections")
	case c.IdleTimeout < 0:
		return fault.New(fault.Invalid, "syslog: idleTimeout must not be negative").OnField("idleTimeout")
	}
	if len(c.TLS.Listen) > 0 {
		if err := c.TLS.Validate("syslog"); err != nil {
			return err
		}
	}
	_, err := input.NewUnitTable(c.Unit, c.Units)
	return err
}
