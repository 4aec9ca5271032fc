package input

import (
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
)

// ReceiverConfig is the "ingest" section: limits of all HTTP inputs.
type ReceiverConfig struct {
	// MaxBody bounds a request as sent, MaxDecoded what it unfolds to.
	MaxBody    config.Size `yaml:"maxBody"`
	MaxDecoded config.Size `yaml:"maxDecoded"`
	// MaxMemory bounds all requests being read together; past it, 429.
	MaxMemory config.Size `yaml:"maxMemory"`
	// ReadTimeout ends a request that brings nothing for so long.
	ReadTimeout time.Duration `yaml:"readTimeout"`
	// BusyWait is how long a request waits for a full spool before 429.
	BusyWait time.Duration `yaml:"busyWait"`
}

// DefaultReceiverConfig suits shippers that send up to 32 MiB at once.
func DefaultReceiverConfig() ReceiverConfig {
	return ReceiverConfig{
		MaxBody: 32 << 20, MaxDecoded: 64 << 20, MaxMemory: 256 << 20,
		ReadTimeout: 30 * time.Second, BusyWait: 5 * time.Second,
	}
}

// Validate names the key at fault.
func (c ReceiverConfig) Validate() error {
	switch {
	case c.MaxBody < 1<<10:
		return fault.New(fault.Invalid, "ingest.maxBody is %v; set 1KiB or more", c.MaxBody).OnField("ingest.maxBody")
	case c.MaxDecoded < c.MaxBody:
		return fault.New(fault.Invalid, "ingest.maxDecoded is %v, less than maxBody %v", c.MaxDecoded, c.MaxBody).OnField("ingest.maxDecoded")
	case c.MaxMemory < c.MaxBody+c.MaxDecoded:
		return fault.New(fault.Invalid, "ingest.maxMemory is %v; one request may take maxBody + maxDecoded = %v", c.MaxMemory, c.MaxBody+c.MaxDecoded).OnField("ingest.maxMemory")
	case c.ReadTimeout <= 0:
		return fault.New(fault.Invalid, "ingest.readTimeout must be positive").OnField("ingest.readTimeout")
	case c.BusyWait < 0:
		return fault.New(fault.Invalid, "ingest.busyWait must not be negative").OnField("ingest.busyWait")
	}
	return nil
}
