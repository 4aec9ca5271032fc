package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module/enrol"
)

// ACMEConfig is how the console gets its certificate from an authority that speaks
// ACME (RFC 8555), by the challenge tls-alpn-01 (RFC 8737): the authority connects
// to port 443 of each host, which must lead to http.listen.
type ACMEConfig struct {
	// Directory is the authority's; a province may run its own.
	Directory string `yaml:"directory"`
	// Hosts are the DNS names of the certificate; empty: that of publicAddress.
	Hosts []string `yaml:"hosts"`
	// Mail is where the authority writes to.
	Mail string `yaml:"mail"`
	// AcceptTerms says that somebody read the authority's terms and agrees.
	AcceptTerms bool `yaml:"acceptTerms"`
	// CA is a PEM file with the issuer of the directory's own certificate, where the
	// system does not know it.
	CA string `yaml:"ca"`
}

func defaultACME() ACMEConfig { return ACMEConfig{Directory: acme.LetsEncryptURL} }

// hosts are those a certificate is asked for.
func (c *Config) acmeHosts() []string {
	if len(c.HTTP.ACME.Hosts) > 0 {
		return c.HTTP.ACME.Hosts
	}
	if host, _, err := splitPublic(c.PublicAddress); err == nil && host != "" {
		return []string{host}
	}
	return nil
}

func (c *Config) validateACME() error {
	if c.HTTP.TLS != "acme" {
		return nil
	}
	bad := func(key, format string, args ...any) error {
		return fault.New(fault.Invalid, "http.acme."+key+": "+format, args...).OnField("http.acme." + key)
	}
	var errs []error
	if !c.HTTP.ACME.AcceptTerms {
		errs = append(errs, bad("acceptTerms", "read the terms of the authority (%s), then set it to true", c.HTTP.ACME.Directory))
	}
	if u, err := url.Parse(c.HTTP.ACME.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		errs = append(errs, bad("directory", "%q; write an https address, such as %s", c.HTTP.ACME.Directory, acme.LetsEncryptURL))
	}
	hosts := c.acmeHosts()
	if len(hosts) == 0 {
		errs = append(errs, bad("hosts", "name the host, such as lachan.tinh.example, or set publicAddress"))
	}
	for _, h := range hosts {
		if !enrol.GoodHost(h) || net.ParseIP(h) != nil || !strings.Contains(h, ".") {
			errs = append(errs, bad("hosts", "%q; write a full DNS name, such as lachan.tinh.example", h))
		}
	}
	return errors.Join(errs...)
}

// The patience with an authority that refuses: public ones count failures, so it is
// asked less and less often.
const (
	acmeFirstWait = time.Minute
	acmeLongest   = time.Hour
	acmeLook      = 12 * time.Hour
	acmeWithin    = 5 * time.Minute
)

// acmeCertificates serves the certificates of an ACME authority. Until there is one,
// and to whoever asks by another name, fallback serves that of the node's own
// authority, so that the console is reached whatever the ACME authority says.
// Renewal is autocert's: 30 days before the end, while the old one serves.
type acmeCertificates struct {
	manager  *autocert.Manager
	client   *http.Client
	hosts    []string
	fallback func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	log      *slog.Logger
	wait     func(ctx context.Context, d time.Duration)

	mu    sync.Mutex
	ready map[string]bool
}

func newACME(c *Config, dir string, fallback func(*tls.ClientHelloInfo) (*tls.Certificate, error), log *slog.Logger) (*acmeCertificates, error) {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second}
	if file := c.HTTP.ACME.CA; file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fault.New(fault.Invalid, "http.acme.ca: %w", err).OnField("http.acme.ca")
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "http.acme.ca: no certificate in %s", file).OnField("http.acme.ca")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	hosts := c.acmeHosts()
	return &acmeCertificates{
		manager: &autocert.Manager{
			Prompt: autocert.AcceptTOS, // validateACME has seen acceptTerms
			Cache:  autocert.DirCache(dir), HostPolicy: autocert.HostWhitelist(hosts...), Email: c.HTTP.ACME.Mail,
			Client: &acme.Client{DirectoryURL: c.HTTP.ACME.Directory, HTTPClient: client, UserAgent: "lachan"},
		},
		client: client, hosts: hosts, fallback: fallback, log: log, wait: waitFor, ready: map[string]bool{},
	}, nil
}

func waitFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// use puts the certificates into the configuration of a listener.
func (a *acmeCertificates) use(conf *tls.Config) {
	conf.GetCertificate = a.get
	conf.NextProtos = append(conf.NextProtos, acme.ALPNProto)
}

func (a *acmeCertificates) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if slices.Contains(hello.SupportedProtos, acme.ALPNProto) {
		return a.manager.GetCertificate(hello) // the authority is looking whether this is the host
	}
	host := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	a.mu.Lock()
	ready := a.ready[host]
	a.mu.Unlock()
	if ready {
		if cert, err := a.manager.GetCertificate(helloFor(host)); err == nil {
			return cert, nil
		}
	}
	return a.fallback(hello)
}

// helloFor asks for the one certificate there is of a host. Whatever a client says
// of itself, it causes no order of another kind.
func helloFor(host string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
}

// run gets the certificates, and looks after them until ctx ends.
func (a *acmeCertificates) run(ctx context.Context) {
	defer a.client.CloseIdleConnections()
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, host := range a.hosts {
		wg.Go(func() { a.keep(ctx, host) })
	}
}

func (a *acmeCertificates) keep(ctx context.Context, host string) {
	next := acmeFirstWait
	for ctx.Err() == nil {
		cert, err := a.obtain(ctx, host)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.log.Error("acme: no certificate; the node's own authority's is served meanwhile. "+
				"See that the name leads to this machine, that port 443 of it leads to http.listen, and what the authority says",
				"host", host, "directory", a.manager.Client.DirectoryURL, "again", next.String(), "error", err)
			a.wait(ctx, next)
			next = min(2*next, acmeLongest)
		default:
			a.mu.Lock()
			first := !a.ready[host]
			a.ready[host] = true
			a.mu.Unlock()
			if first {
				a.log.Info("acme: the console has its certificate", "host", host, "issuer", cert.Leaf.Issuer.String(), "until", cert.Leaf.NotAfter)
			}
			next = acmeFirstWait
			a.wait(ctx, acmeLook)
		}
	}
}

// obtain waits for the certificate at most acmeWithin. autocert takes no context:
// what is under way when ctx ends is bounded by the client's timeouts and its result
// is kept in the cache.
func (a *acmeCertificates) obtain(ctx context.Context, host string) (*tls.Certificate, error) {
	type result struct {
		cert *tls.Certificate
		err  error
	}
	done := make(chan result, 1)
	go func() {
		cert, err := a.manager.GetCertificate(helloFor(host))
		done <- result{cert, err}
	}()
	ctx, cancel := context.WithTimeout(ctx, acmeWithin)
	defer cancel()
	select {
	case r := <-done:
		return r.cert, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
