package audit

import (
	"os"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/notify/syslog"
)

// Config is the section "audit" of the node's configuration.
type Config struct {
	// Syslog is where a copy of the trail goes: tls://host:6514, tcp://host:514 or
	// udp://host:514; "": nowhere.
	Syslog string `yaml:"syslog"`
	// SyslogCA is a file of authorities the collector's certificate may be of; "":
	// those of the machine.
	SyslogCA string `yaml:"syslogCA"`
	// SyslogCert and SyslogKey are what the node shows to the collector, if it
	// asks.
	SyslogCert string `yaml:"syslogCert"`
	SyslogKey  string `yaml:"syslogKey"`
}

// Validate refuses what cannot work.
func (c Config) Validate() error {
	if c.Syslog == "" {
		return nil
	}
	if (c.SyslogCert == "") != (c.SyslogKey == "") {
		return fault.New(fault.Invalid, "audit.syslogCert and audit.syslogKey belong together").OnField("audit.syslogCert")
	}
	_, err := c.dialer()
	return err
}

func (c Config) dialer() (*syslog.Dialer, error) {
	target, err := syslog.ParseTarget(c.Syslog)
	if err != nil {
		return nil, fault.New(fault.Invalid, "audit.syslog: %w", err).OnField("audit.syslog")
	}
	d, err := syslog.NewDialer(target, syslog.TLS{CA: c.SyslogCA, Cert: c.SyslogCert, Key: c.SyslogKey})
	if err != nil {
		return nil, fault.New(fault.Invalid, "audit.syslogCA, audit.syslogCert, audit.syslogKey: %w", err).OnField("audit.syslogCA")
	}
	return d, nil
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "-"
	}
	return name
}
