package netflow

import (
	"errors"
	"net"
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Config is the section of one netflow input.
type Config struct {
	// Listen are UDP addresses. Every one takes all four protocols: NetFlow usually
	// comes to port 2055, IPFIX to 4739, sFlow to 6343.
	Listen []string `yaml:"listen"`
	// Unit owns what no entry of Units claims; Units maps the addresses of
	// exporters, or networks, to units. An address is a weak credential.
	Unit  event.UnitID            `yaml:"unit"`
	Units map[string]event.UnitID `yaml:"units"`
	// Strict drops what comes from an address that Units does not name.
	Strict bool `yaml:"strict"`
	// MaxExporters bounds the exporters that are remembered on an address,
	// MaxTemplates the templates of each.
	MaxExporters int `yaml:"maxExporters"`
	MaxTemplates int `yaml:"maxTemplates"`
	// TemplateWait is how long data waits for its template, MaxWaiting how much of
	// it on an address.
	TemplateWait time.Duration `yaml:"templateWait"`
	MaxWaiting   config.Size   `yaml:"maxWaiting"`
}

// DefaultConfig listens nowhere and gives everything to the centre.
func DefaultConfig() Config {
	return Config{
		Unit: event.CentreUnit, MaxExporters: 4096, MaxTemplates: 512,
		TemplateWait: 5 * time.Minute, MaxWaiting: 16 << 20,
	}
}

// Validate names the key at fault.
func (c Config) Validate() error {
	bad := func(field, format string, args ...any) error {
		return fault.New(fault.Invalid, "netflow: "+format, args...).OnField(field)
	}
	if len(c.Listen) == 0 {
		return bad("listen", "listen: no address to listen on; write for example [0.0.0.0:2055]")
	}
	for _, a := range c.Listen {
		if _, _, err := net.SplitHostPort(a); err != nil {
			return bad("listen", "listen: %w; write host:port, for example 0.0.0.0:2055", err)
		}
	}
	switch {
	case c.Unit == "":
		return bad("unit", "unit must not be empty")
	case c.Strict && len(c.Units) == 0:
		return bad("strict", "strict: units names no address, so everything would be dropped")
	case c.MaxExporters < 1 || c.MaxExporters > 100_000:
		return bad("maxExporters", "maxExporters: %d; use 1 to 100000", c.MaxExporters)
	case c.MaxTemplates < 1 || c.MaxTemplates > 65_536:
		return bad("maxTemplates", "maxTemplates: %d; use 1 to 65536", c.MaxTemplates)
	case c.TemplateWait < 0 || c.TemplateWait > time.Hour:
		return bad("templateWait", "templateWait: %v; use 0 to 1h", c.TemplateWait)
	case c.MaxWaiting < 0 || c.MaxWaiting > 1<<30:
		return bad("maxWaiting", "maxWaiting: %v; use 0 to 1GiB", c.MaxWaiting)
	}
	_, err := input.NewUnitTable(c.Unit, c.Units)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return bad(f.Field, "%w", err)
	}
	return err
}
