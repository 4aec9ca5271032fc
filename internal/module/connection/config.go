package connection

import "net/netip"

// Config says what checks may reach.
type Config struct {
	// AllowedNetworks are the networks inside the province that checks may connect to,
	// besides public addresses.
	AllowedNetworks []netip.Prefix `yaml:"allowedNetworks"`
}
