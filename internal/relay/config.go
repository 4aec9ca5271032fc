package relay

import (
	"net/url"
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
)

// What to do when the spool is full.
const (
	WhenFullRefuse     = "refuse"     // push back on senders until there is room
	WhenFullDropOldest = "dropOldest" // drop what waits longest, and report the gap
)

// Config is the "link" section of a relay.
type Config struct {
	// Centre is the address of the centre's server, https://host:port. Empty: no
	// link; what comes in waits for a bundle.
	Centre string `yaml:"centre"`
	// CA is the PEM file of the authority the centre's certificate is from; it
	// alone is trusted. Empty: the authorities of the system.
	CA string `yaml:"ca"`
	// Token is the ingest token of the unit, or Cert and Key, PEM files, the
	// client certificate.
	Token config.Secret `yaml:"token"`
	Cert  string        `yaml:"cert"`
	Key   string        `yaml:"key"`
	// Proxy is the address of an HTTP proxy; empty: as the environment says;
	// "none": no proxy.
	Proxy string `yaml:"proxy"`
	// ContactEvery is how often the relay speaks up with nothing to send.
	ContactEvery time.Duration `yaml:"contactEvery"`
	// CatchUp bounds sending what waited while the link was down.
	CatchUp CatchUpConfig `yaml:"catchUp"`
	// WhenFull: "refuse" or "dropOldest".
	WhenFull string `yaml:"whenFull"`
}

// CatchUpConfig bounds the backlog lane.
type CatchUpConfig struct {
	// Share of the time that the backlog may be sending, 0.05 to 1. It falls by
	// itself while the centre is busy or live events wait.
	Share float64 `yaml:"share"`
	// MaxRate bounds it to so many bytes a second, too; 0: no bound.
	MaxRate config.Size `yaml:"maxRate"`
}

// DefaultConfig names no centre.
func DefaultConfig() Config {
	return Config{ContactEvery: 15 * time.Second, CatchUp: CatchUpConfig{Share: 0.5}, WhenFull: WhenFullRefuse}
}

// Validate names the key at fault.
func (c Config) Validate() error {
	if c.Centre != "" {
		u, err := url.Parse(c.Centre)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			return fault.New(fault.Invalid, "link.centre: %q; write an address such as https://trungtam.example:8443", c.Centre).OnField("link.centre")
		case u.Scheme == "http" && !loopback(u.Hostname()):
			return fault.New(fault.Invalid, "link.centre: %q; logs and credentials must not travel unencrypted: use https", c.Centre).OnField("link.centre")
		case c.Token == "" && c.Cert == "":
			return fault.New(fault.Invalid, "link.token: the centre asks for a token, or a client certificate in link.cert and link.key").OnField("link.token")
		}
	}
	if c.Proxy != "" && c.Proxy != "none" {
		if u, err := url.Parse(c.Proxy); err != nil || u.Host == "" {
			return fault.New(fault.Invalid, "link.proxy: %q; write an address such as http://proxy.example:3128, or none", c.Proxy).OnField("link.proxy")
		}
	}
	switch {
	case (c.Cert == "") != (c.Key == ""):
		return fault.New(fault.Invalid, "link.cert and link.key belong together").OnField("link.cert")
	case c.ContactEvery < time.Second || c.ContactEvery > 5*time.Minute:
		return fault.New(fault.Invalid, "link.contactEvery: %v; use 1s to 5m", c.ContactEvery).OnField("link.contactEvery")
	case c.CatchUp.Share < leastShare || c.CatchUp.Share > 1:
		return fault.New(fault.Invalid, "link.catchUp.share: %v; use %v to 1", c.CatchUp.Share, leastShare).OnField("link.catchUp.share")
	case c.WhenFull != WhenFullRefuse && c.WhenFull != WhenFullDropOldest:
		return fault.New(fault.Invalid, "link.whenFull: %q; use refuse or dropOldest", c.WhenFull).OnField("link.whenFull")
	}
	return nil
}

func loopback(host string) bool {
	return host == "localhost" || host == "::1" || len(host) > 4 && host[:4] == "127."
}
