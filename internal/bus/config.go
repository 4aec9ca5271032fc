package bus

import (
	"fmt"
	"regexp"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Config is the "spool" section.
type Config struct {
	// MaxBytes bounds the spool on disk; at this size Put answers Busy.
	MaxBytes config.Size `yaml:"maxBytes"`
	// Fsync says when an acknowledged block is safe from a power cut: "always",
	// before the acknowledgement, or an interval such as "1s", which is faster
	// and may lose that much when the machine (not just the process) dies.
	Fsync Fsync `yaml:"fsync"`
	// MinFree is left free on the spool's disk, or a twentieth of the disk where
	// that is less. Below it Put answers Busy.
	MinFree config.Size `yaml:"minFree"`
	// Keep and KeepBytes bound how long acknowledged blocks stay to rebuild
	// broken segments from; whichever is reached first. Half a full spool bounds
	// them too.
	Keep      time.Duration `yaml:"keep"`
	KeepBytes config.Size   `yaml:"keepBytes"`
	// Committers is how many blocks are compressed and written at a time.
	Committers int `yaml:"committers"`
	// NATS names an external server in place of the embedded one.
	NATS External `yaml:"nats"`
}

// External is a NATS server (2.14 or later, with JetStream) outside this process.
type External struct {
	URL         string        `yaml:"url"`         // "" = embedded; "nats://a:4222,nats://b:4222"
	Credentials string        `yaml:"credentials"` // path of a .creds file
	User        string        `yaml:"user"`
	Password    config.Secret `yaml:"password"`
	CA          string        `yaml:"ca"`   // PEM file of the server's issuer
	Cert        string        `yaml:"cert"` // client certificate and key, PEM files
	Key         string        `yaml:"key"`
	Stream      string        `yaml:"stream"`   // one per node that shares the server
	Replicas    int           `yaml:"replicas"` // of the stream in a cluster
}

// DefaultConfig is the embedded server with 8 GiB of room and an fsync before
// every acknowledgement.
func DefaultConfig() Config {
	return Config{
		MaxBytes:   8 << 30,
		MinFree:    256 << 20,
		Keep:       24 * time.Hour,
		KeepBytes:  2 << 30,
		Committers: 3,
		NATS:       External{Stream: "spool", Replicas: 1},
	}
}

var streamName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Validate refuses what could not work, naming the key.
func (c Config) Validate() error {
	switch {
	case c.MaxBytes < 4<<20:
		return fault.New(fault.Invalid, "spool.maxBytes is %v; it must hold a few blocks: 4MiB or more", c.MaxBytes).OnField("spool.maxBytes")
	case c.Keep < 0:
		return fault.New(fault.Invalid, "spool.keep must not be negative").OnField("spool.keep")
	case c.Committers < 1 || c.Committers > 64:
		return fault.New(fault.Invalid, "spool.committers is %d; choose 1 to 64", c.Committers).OnField("spool.committers")
	case !streamName.MatchString(c.NATS.Stream):
		return fault.New(fault.Invalid, "spool.nats.stream %q: use letters, digits, - and _, at most 64", c.NATS.Stream).OnField("spool.nats.stream")
	case c.NATS.Replicas < 1 || c.NATS.Replicas > 5:
		return fault.New(fault.Invalid, "spool.nats.replicas is %d; choose 1 to 5", c.NATS.Replicas).OnField("spool.nats.replicas")
	case c.NATS.URL == "" && c.NATS.Replicas != 1:
		return fault.New(fault.Invalid, "spool.nats.replicas needs spool.nats.url: the embedded server is one").OnField("spool.nats.replicas")
	case (c.NATS.Cert == "") != (c.NATS.Key == ""):
		return fault.New(fault.Invalid, "spool.nats.cert and spool.nats.key belong together").OnField("spool.nats.cert")
	}
	return nil
}

// Fsync is the sync policy: zero is "always", otherwise the interval. It binds
// the embedded server only; an external one has its own sync_interval.
type Fsync time.Duration

// UnmarshalText reads "always" or a duration from 10ms to 1m.
func (f *Fsync) UnmarshalText(text []byte) error {
	if string(text) == "always" {
		*f = 0
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 10*time.Millisecond || d > time.Minute {
		return fmt.Errorf("%q is not an fsync policy; write always, or an interval from 10ms to 1m", text)
	}
	*f = Fsync(d)
	return nil
}

// UnmarshalYAML reads what UnmarshalText does.
func (f *Fsync) UnmarshalYAML(n *yaml.Node) error {
	if err := f.UnmarshalText([]byte(n.Value)); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (f Fsync) MarshalYAML() (any, error) { return f.String(), nil }

// String writes the policy as in the configuration.
func (f Fsync) String() string {
	if f == 0 {
		return "always"
	}
	return time.Duration(f).String()
}
