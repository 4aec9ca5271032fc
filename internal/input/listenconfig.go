package input

import (
	"net"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// ListenConfig is what inputs with connections of their own have in common; they
// put it inline into their section.
type ListenConfig struct {
	TCP []string  `yaml:"tcp"` // addresses to listen on, "0.0.0.0:514"
	TLS ListenTLS `yaml:"tls"`

	// Unit owns what no certificate and no entry of Units claims. Units maps source
	// addresses and networks to units; the longest match counts. An address is a
	// weak credential.
	Unit  event.UnitID            `yaml:"unit"`
	Units map[string]event.UnitID `yaml:"units"`

	// MaxConnections bounds open TCP and TLS connections together. At the limit
	// the oldest one that never sent a message gives way, else the new one.
	MaxConnections int `yaml:"maxConnections"`
	// IdleTimeout closes a connection without traffic; 0 = never. Where nothing is
	// acknowledged senders lose a message when that happens, so it is long.
	IdleTimeout time.Duration `yaml:"idleTimeout"`
}

// ListenTLS is the encrypted listener.
type ListenTLS struct {
	Listen []string `yaml:"listen"`
	TLS    `yaml:",inline"`
}

// DefaultListenConfig listens nowhere and gives everything to the centre.
func DefaultListenConfig() ListenConfig {
	return ListenConfig{
		Unit: event.CentreUnit, MaxConnections: 10_000, IdleTimeout: 24 * time.Hour,
		TLS: ListenTLS{TLS: DefaultTLS()},
	}
}

// ValidateListen names the key at fault. udp are further addresses of the input;
// usual is one that people would write.
func (c *ListenConfig) ValidateListen(input string, udp []string, usual string) error {
	if len(udp)+len(c.TCP)+len(c.TLS.Listen) == 0 {
		return fault.New(fault.Invalid, "%s: no address to listen on; set tls.listen or tcp, for example ['%s']", input, usual).OnField("tls.listen")
	}
	for key, list := range map[string][]string{"udp": udp, "tcp": c.TCP, "tls.listen": c.TLS.Listen} {
		for _, a := range list {
			if _, _, err := net.SplitHostPort(a); err != nil {
				return fault.New(fault.Invalid, "%s: %s: %w; write host:port, for example %s", input, key, err, usual).OnField(key)
			}
		}
	}
	switch {
	case c.Unit == "":
		return fault.New(fault.Invalid, "%s: unit must not be empty", input).OnField("unit")
	case c.MaxConnections < 1:
		return fault.New(fault.Invalid, "%s: maxConnections must be 1 or more", input).OnField("maxConnections")
	case c.IdleTimeout < 0:
		return fault.New(fault.Invalid, "%s: idleTimeout must not be negative", input).OnField("idleTimeout")
	}
	if len(c.TLS.Listen) > 0 {
		if err := c.TLS.Validate(input); err != nil {
			return err
		}
	}
	_, err := NewUnitTable(c.Unit, c.Units)
	return err
}

// Feed makes the way into the spool of an input that listens as c says. Errors:
// Invalid for what this node cannot do.
func (c *ListenConfig) Feed(name string, hint event.Hint, env Env) (*Feed, error) {
	if len(c.TLS.Listen) > 0 {
		if err := c.TLS.Possible(env, name); err != nil {
			return nil, err
		}
	}
	units, err := NewUnitTable(c.Unit, c.Units)
	if err != nil {
		return nil, err
	}
	return NewFeed(Feed{Name: name, Hint: hint, Env: env, Units: units}), nil
}

// Addresses are those of c and udp, with the certificate of the encrypted ones.
func (c *ListenConfig) Addresses(f *Feed, udp []string) (a Addresses, err error) {
	a = Addresses{UDP: udp, TCP: c.TCP, TLS: c.TLS.Listen}
	if len(a.TLS) > 0 {
		a.TLSConfig, err = c.TLS.Server(f.Env, f.Name)
	}
	return a, err
}
