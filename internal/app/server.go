package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/web"
)

// server is the HTTP side of a node: console, API and HTTP inputs on one port.
type server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
}

// ConsoleBuilt tells whether this binary carries the console.
func ConsoleBuilt() bool {
	_, built := web.FS()
	return built
}

// baseURL is the address at which the server is reached, for people.
func baseURL(c HTTPConfig) string {
	scheme := "https"
	if c.TLS == "off" {
		scheme = "http"
	}
	return scheme + "://" + c.Listen
}

// Address returns where the server listens, once it is started.
func (n *Node) Address() string {
	scheme, _, _ := cutScheme(baseURL(n.o.Config.HTTP))
	return scheme + "://" + n.server.listener.Addr().String()
}

func cutScheme(u string) (scheme, rest string, ok bool) {
	for i := range u {
		if u[i] == ':' {
			return u[:i], u[i+3:], true
		}
	}
	return "", u, false
}

func (n *Node) addServer() error {
	handler, err := n.handler()
	if err != nil {
		return err
	}
	n.server = &server{}
	s := n.server
	tlsConfig, err := n.serverTLS()
	if err != nil {
		return err
	}
	var certificates *acmeCertificates
	if n.o.Config.HTTP.TLS == "acme" {
		if certificates, err = newACME(&n.o.Config, n.store.Dir.Path("tls", "acme"), tlsConfig.GetCertificate, n.log); err != nil {
			return err
		}
		certificates.use(tlsConfig)
	}
	var asking sync.WaitGroup
	stopAsking := func() {}
	n.life.add(part{
		name:   "http server",
		within: 2500 * time.Millisecond, // then slow requests are cut off
		start: func(ctx context.Context) error {
			l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", n.o.Config.HTTP.Listen)
			if err != nil {
				return fault.New(fault.Invalid, "http.listen: %w; is another server running there?", err)
			}
			s.listener = l
			if tlsConfig != nil {
				l = tls.NewListener(l, tlsConfig)
			}
			if certificates != nil {
				var lasting context.Context
				lasting, stopAsking = context.WithCancel(context.WithoutCancel(ctx))
				asking.Go(func() { certificates.run(lasting) })
			}
			s.http = httpapi.NewServer(handler, n.log)
			s.done = make(chan struct{})
			go func() {
				defer close(s.done)
				if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
					n.log.Error("the HTTP server ended", "error", err)
				}
			}()
			return nil
		},
		stop: func(ctx context.Context) error {
			stopAsking()
			defer asking.Wait()
			n.modules.hub.Close() // live streams would hold the server open
			n.modules.search.CloseTails()
			err := s.http.Shutdown(ctx)
			if err != nil {
				err = errors.Join(err, s.http.Close())
			}
			<-s.done
			return err
		},
	})
	return nil
}

func (n *Node) handler() (http.Handler, error) {
	routes := []func(huma.API){n.modules.hub.Routes}
	for _, m := range n.modules.all {
		if m.Routes != nil {
			routes = append(routes, m.Routes)
		}
	}
	console, _ := web.FS()
	raw := map[string]http.Handler{}
	for _, e := range endpoints() {
		for path, h := range e.Routes(n.receiver.For(e.Name)) {
			if strings.HasSuffix(path, "/") {
				path += "*"
			}
			raw[path] = h
		}
	}
	maps.Copy(raw, n.modules.enrol.Raw())
	maps.Copy(raw, n.modules.identity.Raw())
	maps.Copy(raw, n.relayEndpoint())
	raw[BundleImportPath] = http.HandlerFunc(n.importBundle)
	return httpapi.New(httpapi.Options{
		Version: n.o.Version, Routes: routes,
		Authenticate: n.authenticate, Authorize: module.Authorize, Failed: n.modules.audit.Failed,
		Raw: raw, Console: console, Ready: n.health.Run, HSTS: n.o.Config.HTTP.TLS != "off",
		TrustedProxies: n.o.Config.HTTP.TrustedProxies, Failures: n.failures,
		Log: n.log, Registry: n.registry,
	}), nil
}

// authenticate says who sent r. A guest's cookie counts where guests look and
// nowhere else; to every other operation its holder is nobody.
func (n *Node) authenticate(r *http.Request) (context.Context, string, error) {
	if strings.HasPrefix(r.URL.Path, httpapi.Prefix+"/guest/") {
		if ctx, name, err := n.modules.cases.AuthenticateGuest(r); ctx != nil || err != nil {
			return ctx, name, err
		}
	}
	return n.modules.identity.Authenticate(r)
}

func (n *Node) serverTLS() (*tls.Config, error) {
	c := n.o.Config.HTTP
	t := input.TLS{Cert: c.Cert, Key: c.Key, Names: c.Names}
	switch c.TLS {
	case "off":
		return nil, nil
	case "auto", "acme":
		t.Cert = "auto"
	}
	conf, err := t.Named(n.inputEnv(), "console", "lachan")
	if err != nil {
		return nil, fmt.Errorf("http: %w", err)
	}
	conf.NextProtos = []string{"h2", "http/1.1"}
	return conf, nil
}
