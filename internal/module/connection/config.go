package connection

import (
	"net/netip"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Config says what checks may reach, whom they trust there and what they show.
type Config struct {
	// AllowedNetworks are the networks inside the province that checks may connect to,
	// besides public addresses.
	AllowedNetworks []netip.Prefix `yaml:"allowedNetworks"`
	// CA is a PEM file of authorities that are trusted beside the system's: services
	// behind an integration platform often have certificates of an internal one.
	CA string `yaml:"ca"`
	// Cert and Key, PEM files, are the certificate shown to services that ask for one.
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Validate names the key at fault.
func (c Config) Validate() error {
	if (c.Cert == "") != (c.Key == "") {
		return fault.New(fault.Invalid, "connections.cert and connections.key belong together: name both files, or neither").OnField("connections.cert")
	}
	return nil
}
