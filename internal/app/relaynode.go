package app

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/relay"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// RelayConfig is the whole configuration of a relay.
type RelayConfig struct {
	Link   relay.Config         `yaml:"link"`
	Status RelayStatusConfig    `yaml:"status"`
	Log    telemetry.Config     `yaml:"log"`
	Memory MemoryConfig         `yaml:"memory"`
	Spool  bus.Config           `yaml:"spool"`
	Ingest input.ReceiverConfig `yaml:"ingest"`
	// Timezone is the zone of times that name none.
	Timezone string `yaml:"timezone"`
	// Tokens are what senders over HTTP show this relay, by a name for each. The
	// centre never sees them.
	Tokens map[string]config.Secret `yaml:"tokens"`
	// Inputs are those of a centre. Absent: syslog on loopback.
	Inputs []yaml.Node `yaml:"inputs"`
}

// RelayStatusConfig is where a relay says how it is: /status, /healthz, /readyz
// and /metrics, on loopback only.
type RelayStatusConfig struct {
	Listen string `yaml:"listen"`
}

// DefaultRelayConfig takes syslog on loopback and has no centre.
func DefaultRelayConfig() RelayConfig {
	spool := bus.DefaultConfig()
	spool.KeepBytes, spool.Keep = 0, 0 // nothing stays that is at the centre
	return RelayConfig{
		Link: relay.DefaultConfig(), Status: RelayStatusConfig{Listen: "127.0.0.1:8086"}, Log: telemetry.DefaultConfig(),
		Memory: MemoryConfig{Limit: 256 << 20}, Spool: spool, Ingest: input.DefaultReceiverConfig(),
		Timezone: "Asia/Ho_Chi_Minh", Inputs: defaultInputs(),
	}
}

// LoadRelayConfig reads the file over the defaults.
func LoadRelayConfig(path string) (RelayConfig, error) {
	c := DefaultRelayConfig()
	if path != "" {
		if err := config.Load(path, &c); err != nil {
			return c, err
		}
	}
	return c, c.Validate()
}

// Validate refuses what cannot work, all of it at once.
func (c RelayConfig) Validate() error {
	var errs []error
	host, _, err := net.SplitHostPort(c.Status.Listen)
	if err != nil || !isLoopback(host) {
		errs = append(errs, fault.New(fault.Invalid, "status.listen: %q; write an address of this machine alone, for example 127.0.0.1:8086", c.Status.Listen).OnField("status.listen"))
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		errs = append(errs, fault.New(fault.Invalid, "timezone: %q is not known; write for example Asia/Ho_Chi_Minh", c.Timezone).OnField("timezone"))
	}
	if c.Memory.Limit < 64<<20 {
		errs = append(errs, fault.New(fault.Invalid, "memory.limit: %v; use 64MiB or more", c.Memory.Limit).OnField("memory.limit"))
	}
	if c.Spool.NATS.URL != "" {
		errs = append(errs, fault.New(fault.Invalid, "spool.nats.url: a relay keeps its spool on its own disk").OnField("spool.nats.url"))
	}
	for name, token := range c.Tokens {
		if len(token) < minRelayToken {
			errs = append(errs, fault.New(fault.Invalid, "tokens.%s: %d characters; use %d or more, for example from `openssl rand -hex 16`", name, len(token), minRelayToken).OnField("tokens."+name))
		}
	}
	errs = append(errs, c.Link.Validate(), c.Spool.Validate(), c.Ingest.Validate())
	return errors.Join(errs...)
}

// minRelayToken is the fewest characters of a token in the configuration.
const minRelayToken = 16

// RelayOptions open a relay.
type RelayOptions struct {
	Data       string
	Config     RelayConfig
	ConfigFile string
	Version    string
	Log        *slog.Logger
}

// Relay is one relay on one data folder:
//
//	lock       held while a process uses the folder
//	spool/     JetStream file store: what is not at the centre yet
//	tls/       certificates of its listeners, and its client certificate
//	bundle/    key that signs bundles, and how far bundles went
//	refused/   blocks that the centre refused
//	gaps.json  gaps it was not told of yet
type Relay struct {
	o        RelayOptions
	log      *slog.Logger
	registry *prometheus.Registry
	dir      *DataDir
	bus      *bus.Bus
	link     *relay.Link // nil: no centre
	forward  *relay.Forwarder
	inputs   []inputSection
	life     lifecycle
	status   net.Listener
}

// OpenRelay takes the data folder and opens the spool. Nothing runs yet. The
// caller ends it with Close.
func OpenRelay(ctx context.Context, o RelayOptions) (_ *Relay, err error) {
	r := &Relay{o: o, log: o.Log, registry: prometheus.NewRegistry()}
	r.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	r.life.log = o.Log
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(o.Config.Memory.Limit))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	file := o.ConfigFile
	if file == "" {
		file = "default configuration"
	}
	if r.inputs, err = readInputs(file, o.Config.Inputs); err != nil {
		return nil, err
	}
	if r.dir, err = openDir(o.Data, []string{"", "spool", "tls", "bundle"}, Holder{Command: "relay", Server: "http://" + o.Config.Status.Listen}); err != nil {
		return nil, err
	}
	if r.bus, err = bus.Open(ctx, bus.Options{Dir: r.dir.Path("spool"), Config: o.Config.Spool, Log: o.Log, Metrics: r.registry, Forward: true}); err != nil {
		return nil, err
	}
	ro := relay.Options{Config: o.Config.Link, Store: r.bus, Dir: r.dir.Path(), Version: o.Version, Host: hostname(), Log: o.Log, Metrics: r.registry, Now: time.Now}
	if o.Config.Link.Centre != "" {
		if r.link, err = relay.NewLink(o.Config.Link, time.Now); err != nil {
			return nil, err
		}
		ro.Link = r.link
	}
	if r.forward, err = relay.New(ro); err != nil {
		return nil, err
	}
	return r, nil
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// Start runs everything.
func (r *Relay) Start(ctx context.Context) error {
	zone, err := time.LoadLocation(r.o.Config.Timezone)
	if err != nil {
		return fmt.Errorf("timezone: %w", err)
	}
	meter := input.NewMetrics(r.registry)
	sink := r.forward.Intake(r.bus)
	known := localTokens(r.o.Config.Tokens)
	own, err := authority.Open(authority.Options{Dir: r.dir.Path("tls"), Now: time.Now})
	if err != nil {
		return err
	}
	receiver, err := input.NewReceiver(input.ReceiverOptions{Config: r.o.Config.Ingest, Credentials: known, Sink: sink,
		Log: r.log, Metrics: meter, Now: time.Now, Zone: zone})
	if err != nil {
		return err
	}
	r.life.loop("link", r.forward.Run)
	r.life.loop("certificates", func(ctx context.Context) error {
		return own.Run(ctx, func(err error) { r.log.Error("a certificate is not renewed; the old one serves", "error", err) })
	})
	if c := r.o.Config.Link; r.link != nil && c.Cert != "" {
		renew := renewer{certFile: c.Cert, keyFile: c.Key, now: time.Now, ask: r.link.RenewCertificate, renewed: r.link.Renewed}
		r.life.loop("client certificate", func(ctx context.Context) error {
			return renew.run(ctx, func(err error) { r.log.Error("relay: client certificate", "err", err) })
		})
	}
	r.addStatus()
	r.life.inputs(r.o.ConfigFile, r.inputs, sink, func() input.Env {
		return input.Env{Log: r.log, Metrics: meter, DataDir: r.dir.Path(), Now: time.Now, Zone: zone, Authority: own, Credentials: known, Receiver: receiver}
	})
	return r.life.start(ctx)
}

// Address is where the relay says how it is.
func (r *Relay) Address() string { return "http://" + r.status.Addr().String() }

// Status tells how the relay is.
func (r *Relay) Status(ctx context.Context) relay.Status { return r.forward.Status(ctx) }

// Close stops what runs and gives the data folder back.
func (r *Relay) Close() error {
	r.life.stop()
	var errs []error
	if r.link != nil {
		r.link.Close()
	}
	if r.bus != nil {
		errs = append(errs, r.bus.Close())
	}
	if r.dir != nil {
		errs = append(errs, r.dir.Close())
	}
	return errors.Join(errs...)
}

func (r *Relay) addStatus() {
	var server *http.Server
	var done chan struct{}
	r.life.add(part{
		name: "status", within: 500 * time.Millisecond,
		start: func(ctx context.Context) (err error) {
			if r.status, err = (&net.ListenConfig{}).Listen(ctx, "tcp", r.o.Config.Status.Listen); err != nil {
				return fault.New(fault.Invalid, "status.listen: %w; is another relay running there?", err).OnField("status.listen")
			}
			if err := r.dir.describe(Holder{Command: "relay", Server: r.Address()}); err != nil {
				return err
			}
			handler, err := r.statusHandler()
			if err != nil {
				return err
			}
			server, done = httpapi.NewServer(handler, r.log), make(chan struct{})
			go func() {
				defer close(done)
				if err := server.Serve(r.status); !errors.Is(err, http.ErrServerClosed) {
					r.log.Error("the status server ended", "error", err)
				}
			}()
			return nil
		},
		stop: func(ctx context.Context) error {
			err := server.Shutdown(ctx)
			if err != nil {
				err = errors.Join(err, server.Close())
			}
			<-done
			return err
		},
	})
}

func (r *Relay) statusHandler() (http.Handler, error) {
	mux := http.NewServeMux()
	if err := r.local(mux); err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, req *http.Request) {
		if err := r.forward.Ready(req.Context()); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "not ready:", err)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(r.Status(req.Context()))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{Registry: r.registry}))
	// A page that somebody opened in a browser on this machine must not read it by
	// a name that it made point here.
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		host := req.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !isLoopback(strings.Trim(host, "[]")) {
			http.Error(w, "ask for this address by 127.0.0.1", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, req)
	}), nil
}

// localTokens are the tokens of a relay's configuration. Whom its senders belong to
// is for the centre to say, so all are the centre's here.
type localTokens map[string]config.Secret

// Token implements [input.Credentials].
func (t localTokens) Token(_ context.Context, secret, _ string) (input.Sender, error) {
	found := ""
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if subtle.ConstantTimeCompare([]byte(t[name].Reveal()), []byte(secret)) == 1 {
			found = name
		}
	}
	if found == "" {
		return input.Sender{}, fault.New(fault.Unauthenticated, "the token is none of this relay's; see tokens in its configuration").WithCode("token.invalid")
	}
	return input.Sender{Unit: event.CentreUnit, Credential: "token:" + found}, nil
}

// Certificate implements [input.Credentials].
func (t localTokens) Certificate(context.Context, *x509.Certificate) (input.Sender, error) {
	return input.Sender{}, fault.New(fault.Unauthenticated, "this relay knows no client certificates; use a token").WithCode("certificate.unknown")
}
