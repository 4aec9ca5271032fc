package syslog

import "github.com/lachan-vn/lachan/internal/input"

// Config is the section of one syslog input.
type Config struct {
	UDP                []string `yaml:"udp"` // addresses to listen on, "0.0.0.0:514"
	input.ListenConfig `yaml:",inline"`
}

// DefaultConfig listens nowhere and gives everything to the centre.
func DefaultConfig() Config { return Config{ListenConfig: input.DefaultListenConfig()} }

// Validate names the key at fault.
func (c Config) Validate() error { return c.ValidateListen(inputName, c.UDP, "0.0.0.0:514") }
