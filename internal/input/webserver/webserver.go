// Package webserver is the input kind "http": listeners of their own for HTTP
// protocols whose clients expect a port, such as 9200 for Elasticsearch or 4318
// for OTLP. The protocols are the node's endpoints, the same that its main server
// has; they share its limits.
//
// Listeners are encrypted, since tokens travel over them; plain: true says
// otherwise, for clients on the same machine and for closed networks.
//
// Start reading at Input.Run.
package webserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

const (
	kindName = "http"
	// closeTime is what requests under way get at the end.
	closeTime      = 5 * time.Second
	headerTime     = 10 * time.Second
	idleTime       = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// Config is the section of one such input.
type Config struct {
	Listen    []string  `yaml:"listen"`    // addresses, "0.0.0.0:9200"
	Protocols []string  `yaml:"protocols"` // names of endpoints
	TLS       input.TLS `yaml:"tls"`
	// Plain serves without TLS.
	Plain bool `yaml:"plain"`
	// MaxConnections bounds open connections; further ones wait.
	MaxConnections int `yaml:"maxConnections"`
}

// DefaultConfig listens nowhere.
func DefaultConfig() Config { return Config{TLS: input.DefaultTLS(), MaxConnections: 10_000} }

// Validate names the key at fault.
func (c Config) Validate() error {
	switch {
	case len(c.Listen) == 0:
		return fault.New(fault.Invalid, "http: no address to listen on; set listen, for example ['0.0.0.0:9200']").OnField("listen")
	case len(c.Protocols) == 0:
		return fault.New(fault.Invalid, "http: no protocol to speak; set protocols, for example [elastic]").OnField("protocols")
	case c.MaxConnections < 1:
		return fault.New(fault.Invalid, "http: maxConnections must be 1 or more").OnField("maxConnections")
	}
	for _, a := range c.Listen {
		if _, _, err := net.SplitHostPort(a); err != nil {
			return fault.New(fault.Invalid, "http: listen: %w; write host:port, for example 0.0.0.0:9200", err).OnField("listen")
		}
	}
	if c.Plain {
		return nil
	}
	return c.TLS.Validate(kindName)
}

// Kind is the input; it serves the given endpoints, by name.
func Kind(endpoints []input.Endpoint) input.Kind {
	names := make([]string, len(endpoints))
	for i, e := range endpoints {
		names[i] = e.Name
	}
	return input.NewKind(kindName, func() checked { return checked{Config: DefaultConfig(), known: names} },
		func(c checked, env input.Env) (input.Input, error) {
			chosen := slices.DeleteFunc(slices.Clone(endpoints), func(e input.Endpoint) bool { return !slices.Contains(c.Protocols, e.Name) })
			return New(c.Config, chosen, env)
		})
}

// checked is a Config that knows which protocols there are.
type checked struct {
	Config `yaml:",inline"`
	known  []string
}

// Validate implements [input.Config].
func (c checked) Validate() error {
	for _, p := range c.Protocols {
		if !slices.Contains(c.known, p) {
			return fault.New(fault.Invalid, "http: protocols: unknown protocol %q; there are: %s", p, strings.Join(c.known, ", ")).OnField("protocols")
		}
	}
	return c.Config.Validate()
}

// Input serves endpoints on its own listeners.
type Input struct {
	config    Config
	endpoints []input.Endpoint
	env       input.Env
	log       *slog.Logger

	mu    sync.Mutex
	bound []net.Addr
	ready chan struct{} // closed once Run listens
}

// New makes an Input that listens once it runs.
func New(c Config, endpoints []input.Endpoint, env input.Env) (*Input, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	env = env.WithDefaults()
	if env.Receiver == nil {
		return nil, fault.New(fault.Invalid, "http: this node receives nothing over HTTP")
	}
	if !c.Plain {
		if err := c.TLS.Possible(env, kindName); err != nil {
			return nil, err
		}
	}
	return &Input{config: c, endpoints: endpoints, env: env, log: env.Log.With("input", kindName), ready: make(chan struct{})}, nil
}

// Ready is closed when the listeners of the first Run are open.
func (in *Input) Ready() <-chan struct{} { return in.ready }

// Bound returns the addresses of the running listeners, in the order of the
// configuration.
func (in *Input) Bound() []net.Addr {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.bound
}

// handler mounts the endpoints; a route of a protocol goes before any root.
func (in *Input) handler(out input.Sink) http.Handler {
	mux := http.NewServeMux()
	rooted := ""
	for _, e := range in.endpoints {
		rc := in.env.Receiver.For(e.Name).Into(out)
		for pattern, h := range e.Routes(rc) {
			mux.Handle(pattern, h)
		}
		switch {
		case e.Root == nil:
		case rooted != "":
			in.log.Warn("two protocols want every path of a listener; the second is reached by its own paths alone", "first", rooted, "second", e.Name)
		default:
			rooted = e.Name
			mux.Handle("/", e.Root(rc))
		}
	}
	return mux
}

// Run implements [input.Input]. If one listener breaks, all end.
func (in *Input) Run(ctx context.Context, out input.Sink) (err error) {
	var conf *tls.Config
	if !in.config.Plain {
		if conf, err = in.config.TLS.Server(in.env, kindName); err != nil {
			return err
		}
		conf.NextProtos = []string{"h2", "http/1.1"}
	}
	server := &http.Server{
		Handler: in.handler(out), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:    slog.NewLogLogger(in.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ConnState:   in.count,
	}
	listeners, err := in.listen(ctx)
	if err != nil {
		return err
	}
	broke := make(chan error, len(listeners))
	for _, l := range listeners {
		l = netutil.LimitListener(l, in.config.MaxConnections)
		if conf != nil {
			l = tls.NewListener(l, conf)
		}
		go func() { broke <- server.Serve(l) }()
	}
	left := len(listeners)
	select {
	case <-ctx.Done():
	case err = <-broke:
		left--
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if server.Shutdown(last) != nil {
		server.Close()
	}
	for range left {
		if e := <-broke; err == nil {
			err = e
		}
	}
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (in *Input) listen(ctx context.Context) (listeners []net.Listener, err error) {
	defer func() {
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
		}
	}()
	var lc net.ListenConfig
	var bound []net.Addr
	for _, addr := range in.config.Listen {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			return listeners, fmt.Errorf("http: tcp %s: %w", addr, err)
		}
		listeners = append(listeners, l)
		bound = append(bound, l.Addr())
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.bound = bound
	select {
	case <-in.ready:
	default:
		close(in.ready)
	}
	return listeners, nil
}

// count keeps the gauge of open connections.
func (in *Input) count(_ net.Conn, state http.ConnState) {
	gauge := in.env.Receiver.Meter().Connections
	switch state {
	case http.StateNew:
		gauge.Inc()
	case http.StateClosed, http.StateHijacked:
		gauge.Dec()
	}
}
