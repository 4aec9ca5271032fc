package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/antimalware"
	"github.com/lachan-vn/lachan/internal/module/audit"
	"github.com/lachan-vn/lachan/internal/module/connection"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/notification"
	"github.com/lachan-vn/lachan/internal/module/search"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/module/upload"
	"github.com/lachan-vn/lachan/internal/pipeline"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// Config is the whole configuration of a node. Every key has a default; a node
// without a configuration file runs on DefaultConfig.
type Config struct {
	// PublicAddress is the host, or host:port, by which agencies reach the node:
	// in the configuration made for their devices and in automatic certificates.
	// The port is that of a proxy in front of the HTTP server. "": the machine's
	// name.
	PublicAddress string `yaml:"publicAddress"`

	HTTP          HTTPConfig           `yaml:"http"`
	Log           telemetry.Config     `yaml:"log"`
	Memory        MemoryConfig         `yaml:"memory"`
	Database      DatabaseConfig       `yaml:"database"`
	Spool         bus.Config           `yaml:"spool"`
	Pipeline      pipeline.Config      `yaml:"pipeline"`
	Lake          lake.Config          `yaml:"lake"`
	Rules         RulesConfig          `yaml:"rules"`
	Alerts        AlertsConfig         `yaml:"alerts"`
	Exclusions    exclusion.Config     `yaml:"exclusions"`
	Sources       source.Config        `yaml:"sources"`
	Relays        RelaysConfig         `yaml:"relays"`
	Search        search.Config        `yaml:"search"`
	Ingest        input.ReceiverConfig `yaml:"ingest"`
	Uploads       upload.Config        `yaml:"uploads"`
	Notifications notification.Config  `yaml:"notifications"`
	Advisories    advisory.Config      `yaml:"advisories"`
	Antimalware   antimalware.Config   `yaml:"antimalware"`
	Connections   connection.Config    `yaml:"connections"`
	Signatures    SignaturesConfig     `yaml:"signatures"`
	Law           LawConfig            `yaml:"law"`
	Audit         audit.Config         `yaml:"audit"`
	// Identity is how people sign in besides their password.
	Identity identity.Config `yaml:"identity"`
	// Timezone is the zone of log times that name none.
	Timezone string `yaml:"timezone"`
	// Inputs each name their kind and bring that kind's settings; see
	// `lachan serve --help`. Absent: syslog on loopback. Empty list: none.
	Inputs []yaml.Node `yaml:"inputs"`
}

// HTTPConfig is the server of the console, the API and the HTTP inputs.
type HTTPConfig struct {
	Listen string `yaml:"listen"`
	// TLS: "off", "auto" (certificate of the node's own authority), "acme", or files. Where a
	// file does not say, it is off on loopback and auto elsewhere.
	TLS  string `yaml:"tls"`
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// Names are the DNS names and addresses of an automatic certificate, besides
	// the machine's own.
	Names []string `yaml:"names"`
	// TrustedProxies are networks whose X-Forwarded-For is believed: a reverse
	// proxy's. Without it everybody behind the proxy is one address to the lockout.
	TrustedProxies []netip.Prefix `yaml:"trustedProxies"`
	// ACME is where TLS "acme" gets the certificate from.
	ACME ACMEConfig `yaml:"acme"`
	// Failures bounds the wrong credentials of one address. A good one is always taken.
	Failures httpapi.FailuresConfig `yaml:"failures"`
}

// MemoryConfig bounds memory.
type MemoryConfig struct {
	// Limit is the soft limit of what Go allocates; near it the collector works
	// harder. What searches may take, lake.searchMemory, comes on top. The
	// environment variable GOMEMLIMIT goes before both.
	Limit config.Size `yaml:"limit"`
}

// DatabaseConfig is the control database.
type DatabaseConfig struct {
	// URL is a PostgreSQL address, postgres://user:password@host/name; "" keeps
	// control data in SQLite in the data folder.
	URL config.Secret `yaml:"url"`
}

// RulesConfig says where detection rules come from, besides installed packs.
type RulesConfig struct {
	Starter      bool                `yaml:"starter"` // the pack that comes with the program
	Dirs         []string            `yaml:"dirs"`
	Placeholders map[string][]string `yaml:"placeholders"` // values of %name% in rules
	Pipelines    []string            `yaml:"pipelines"`    // files of processing pipelines, applied to all rules
}

// SignaturesConfig says whose digital signatures of documents are trusted.
type SignaturesConfig struct {
	Trusted []string `yaml:"trusted"` // PEM files of authorities
}

// LawConfig says where an administrator keeps tables of the law of his own.
type LawConfig struct {
	Dir string `yaml:"dir"` // its files stand in place of the shipped ones; "": none
}

// AlertsConfig says how findings are grouped.
type AlertsConfig struct {
	// Window is how long after its last finding an open alert takes further ones.
	Window time.Duration `yaml:"window"`
}

// DefaultConfig serves on loopback and needs nothing.
func DefaultConfig() Config {
	return Config{
		HTTP:          HTTPConfig{Listen: "127.0.0.1:8080", TLS: "off", ACME: defaultACME(), Failures: httpapi.DefaultFailures()},
		Log:           telemetry.DefaultConfig(),
		Memory:        MemoryConfig{Limit: 640 << 20},
		Spool:         bus.DefaultConfig(),
		Pipeline:      pipeline.DefaultConfig(),
		Lake:          lake.DefaultConfig(),
		Rules:         RulesConfig{Starter: true},
		Alerts:        AlertsConfig{Window: time.Hour},
		Relays:        RelaysConfig{SilentAfter: 15 * time.Minute},
		Sources:       source.DefaultConfig(),
		Search:        search.DefaultConfig(),
		Ingest:        input.DefaultReceiverConfig(),
		Uploads:       upload.DefaultConfig(),
		Identity:      identity.DefaultConfig(),
		Notifications: notification.DefaultConfig(),
		Advisories:    advisory.DefaultConfig(),
		Antimalware:   antimalware.DefaultConfig(),
		Timezone:      "Asia/Ho_Chi_Minh",
		Inputs:        defaultInputs(),
	}
}

func defaultInputs() []yaml.Node {
	var doc yaml.Node
	const text = "{kind: syslog, udp: ['127.0.0.1:5514'], tcp: ['127.0.0.1:5514'], tls: {listen: ['127.0.0.1:6514']}}"
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		panic(err) // constant text
	}
	return []yaml.Node{*doc.Content[0]}
}

// LoadConfig reads the file over the defaults; "" means defaults alone.
func LoadConfig(path string) (Config, error) {
	c := DefaultConfig()
	if path != "" {
		c.HTTP.TLS = ""
		if err := config.Load(path, &c); err != nil {
			return c, err
		}
		if c.HTTP.TLS == "" {
			c.HTTP.TLS = defaultTLS(c.HTTP.Listen)
		}
	}
	return c, c.Validate()
}

// defaultTLS is how a server that nobody said it of is reached: in the clear by this
// machine alone.
func defaultTLS(listen string) string {
	if host, _, err := net.SplitHostPort(listen); err == nil && !isLoopback(host) {
		return "auto"
	}
	return "off"
}

// Validate refuses what cannot work, all of it at once.
func (c Config) Validate() error {
	var errs []error
	check := func(bad bool, field, format string, args ...any) {
		if bad {
			errs = append(errs, fault.New(fault.Invalid, format, args...).OnField(field))
		}
	}
	host, _, err := net.SplitHostPort(c.HTTP.Listen)
	check(err != nil, "http.listen", "http.listen: %q; write host:port, for example 127.0.0.1:8080", c.HTTP.Listen)
	switch c.HTTP.TLS {
	case "off":
		check(err == nil && !isLoopback(host), "http.tls",
			"http.listen: %q is reachable from outside, and http.tls is off; set http.tls: auto, or name a certificate", c.HTTP.Listen)
	case "auto", "acme":
	case "files":
		check(c.HTTP.Cert == "" || c.HTTP.Key == "", "http.cert", "http.tls: files needs http.cert and http.key")
	default:
		check(true, "http.tls", "http.tls: %q; use off, auto, acme or files", c.HTTP.TLS)
	}
	_, _, err = splitPublic(c.PublicAddress)
	check(err != nil, "publicAddress", "publicAddress: %q; write a host name or address, such as lachan.tinh.example, or host:port", c.PublicAddress)
	_, err = time.LoadLocation(c.Timezone)
	check(err != nil, "timezone", "timezone: %q is not known; write for example Asia/Ho_Chi_Minh", c.Timezone)
	check(c.Memory.Limit < 128<<20, "memory.limit", "memory.limit: %v; use 128MiB or more", c.Memory.Limit)
	check(c.Alerts.Window < time.Minute || c.Alerts.Window > 30*24*time.Hour, "alerts.window", "alerts.window: %v; use 1m to 720h", c.Alerts.Window)
	errs = append(errs, c.Spool.Validate(), c.Pipeline.Validate(), c.Lake.Validate(), c.Search.Validate(), c.Sources.Validate(), c.Ingest.Validate(), c.Relays.Validate(), c.Uploads.Validate(), c.Audit.Validate(), c.Identity.Validate(), c.HTTP.Failures.Validate(), c.validateACME(), c.Notifications.Validate(), c.Advisories.Validate(), c.Antimalware.Validate(), c.Connections.Validate())
	return errors.Join(errs...)
}

// splitPublic takes the port off a public address, 0 if it has none.
func splitPublic(address string) (host string, port int, err error) {
	host = address
	if h, p, err := net.SplitHostPort(address); err == nil {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return "", 0, fmt.Errorf("port %q", p)
		}
		host, port = h, int(n)
	}
	host = strings.Trim(host, "[]")
	if !enrol.GoodHost(host) {
		return "", 0, fmt.Errorf("host %q", host)
	}
	return host, port, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
