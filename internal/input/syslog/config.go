package syslog

import (
	"net"
	"net/netip"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
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
	Listen []string `yaml:"listen"`
	// Cert and Key are PEM files. Cert "auto" makes an issuer and a certificate
	// of its own in the data folder; senders then trust tls/ca.pem.
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// Names are the DNS names and addresses of an automatic certificate, besides
	// the host's own.
	Names []string `yaml:"names"`
	// ClientCA, a PEM file, makes senders show a certificate of this issuer.
	ClientCA string `yaml:"clientCA"`
}

// DefaultConfig listens nowhere and gives everything to the centre.
func DefaultConfig() Config {
	return Config{
		Unit: event.CentreUnit, MaxConnections: 10_000, IdleTimeout: 24 * time.Hour,
		TLS: TLS{Cert: "auto"},
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
	case len(c.TLS.Listen) > 0 && c.TLS.Cert != "auto" && (c.TLS.Cert == "" || c.TLS.Key == ""):
		return fault.New(fault.Invalid, `syslog: tls needs cert and key files, or cert: auto`).OnField("tls.cert")
	}
	_, err := newUnitTable(c.Unit, c.Units)
	return err
}

// unitTable finds the unit of an address.
type unitTable struct {
	byPrefix map[netip.Prefix]event.UnitID
	lengths  []int // prefix lengths in use, longest first
	fallback event.UnitID
}

func newUnitTable(fallback event.UnitID, units map[string]event.UnitID) (*unitTable, error) {
	t := &unitTable{byPrefix: map[netip.Prefix]event.UnitID{}, fallback: fallback}
	seen := map[int]bool{}
	for text, unit := range units {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, aerr := netip.ParseAddr(text)
			if aerr != nil {
				return nil, fault.New(fault.Invalid, "syslog: units: %q is not an address or network; write 10.1.2.3 or 10.1.0.0/16", text).OnField("units")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if unit == "" {
			return nil, fault.New(fault.Invalid, "syslog: units: %q has no unit", text).OnField("units")
		}
		t.byPrefix[p.Masked()] = unit
		seen[p.Bits()] = true
	}
	for bits := 128; bits >= 0; bits-- {
		if seen[bits] {
			t.lengths = append(t.lengths, bits)
		}
	}
	return t, nil
}

// find returns the unit the configuration gives to addr, and whether it names it.
func (t *unitTable) find(addr netip.Addr) (event.UnitID, bool) {
	for _, bits := range t.lengths {
		if p, err := addr.Prefix(bits); err == nil {
			if u, ok := t.byPrefix[p]; ok {
				return u, true
			}
		}
	}
	return t.fallback, false
}
