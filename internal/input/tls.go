package input

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// certificateAuto is the value of TLS.Cert for a certificate of the node's own authority.
const certificateAuto = "auto"

// Values of TLS.ClientCertificates.
const (
	ClientCertificatesOff      = "off"
	ClientCertificatesOptional = "optional"
	ClientCertificatesRequired = "required"
)

// Authority is the node's own issuer of certificates.
type Authority interface {
	// Server makes sure of a server certificate in files of the given name, with
	// these DNS names and addresses; it is renewed while in use.
	Server(file, name string, names []string) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error)
	// PEM is the authority's certificate.
	PEM() []byte
}

// TLS is how an encrypted listener identifies itself and its senders. Inputs put
// it inline into their own section.
type TLS struct {
	// Cert and Key are PEM files, read again when they change. Cert "auto" is a
	// certificate of the node's own authority; senders then trust tls/ca.pem.
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// Names are the DNS names and addresses of an automatic certificate, besides
	// the host's own.
	Names []string `yaml:"names"`
	// ClientCertificates: off, optional or required. One that a sender shows must
	// be good: of the node's own authority, which says whose the records are, or
	// of ClientCA. "": optional, with ClientCA required.
	ClientCertificates string `yaml:"clientCertificates"`
	// ClientCA, a PEM file, is a further issuer of senders' certificates. They open
	// the connection and say nothing of the unit.
	ClientCA string `yaml:"clientCA"`
}

// DefaultTLS has an automatic certificate and takes certificates of senders.
func DefaultTLS() TLS { return TLS{Cert: certificateAuto} }

// Validate names the key at fault; input is the kind it belongs to.
func (c TLS) Validate(input string) error {
	if c.Cert != certificateAuto && (c.Cert == "" || c.Key == "") {
		return fault.New(fault.Invalid, "%s: tls needs cert and key files, or cert: auto", input).OnField("tls.cert")
	}
	if !slices.Contains([]string{"", ClientCertificatesOff, ClientCertificatesOptional, ClientCertificatesRequired}, c.ClientCertificates) {
		return fault.New(fault.Invalid, "%s: tls.clientCertificates: %q; use off, optional or required", input, c.ClientCertificates).OnField("tls.clientCertificates")
	}
	if c.ClientCertificates == ClientCertificatesOff && c.ClientCA != "" {
		return fault.New(fault.Invalid, "%s: tls.clientCA is set, and tls.clientCertificates is off", input).OnField("tls.clientCA")
	}
	return nil
}

// Possible refuses, before anything listens, what this node cannot do.
func (c TLS) Possible(env Env, input string) error {
	if c.Cert == certificateAuto && env.Authority == nil {
		return fault.New(fault.Invalid, "%s: tls.cert: auto needs a data folder to keep the certificate in", input).OnField("tls.cert")
	}
	return nil
}

// Server makes the configuration of a listener of the named input. The automatic
// certificate has the DNS name lachan-<input>, by which senders pin it where they
// have no host name for it.
func (c TLS) Server(env Env, input string) (*tls.Config, error) {
	return c.Named(env, input, "lachan-"+input)
}

// Named is Server with another name for the automatic certificate in the file.
func (c TLS) Named(env Env, file, name string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.Cert == certificateAuto {
		if err := c.Possible(env, file); err != nil {
			return nil, err
		}
		get, err := env.Authority.Server(file, name, c.Names)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		conf.GetCertificate = get
	} else {
		files := &certificateFiles{cert: c.Cert, key: c.Key, now: env.Now}
		if err := files.read(); err != nil {
			return nil, fault.New(fault.Invalid, "%s: tls.cert: %w", file, err).OnField("tls.cert")
		}
		conf.GetCertificate = files.get
	}
	return conf, c.clients(env, file, conf)
}

// clients has the listener ask for certificates.
func (c TLS) clients(env Env, input string, conf *tls.Config) error {
	mode := c.ClientCertificates
	switch {
	case mode == "" && c.ClientCA != "":
		mode = ClientCertificatesRequired
	case mode == "" && env.Authority != nil && env.Credentials != nil:
		mode = ClientCertificatesOptional
	}
	if mode == "" || mode == ClientCertificatesOff {
		return nil
	}
	conf.ClientCAs = x509.NewCertPool()
	if env.Authority != nil {
		conf.ClientCAs.AppendCertsFromPEM(env.Authority.PEM())
	}
	if c.ClientCA != "" {
		text, err := os.ReadFile(c.ClientCA)
		if err != nil {
			return fault.New(fault.Invalid, "%s: tls.clientCA: %w", input, err).OnField("tls.clientCA")
		}
		if !conf.ClientCAs.AppendCertsFromPEM(text) {
			return fault.New(fault.Invalid, "%s: tls.clientCA: no certificate in %s", input, c.ClientCA).OnField("tls.clientCA")
		}
	}
	conf.ClientAuth = tls.VerifyClientCertIfGiven
	if mode == ClientCertificatesRequired {
		conf.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return nil
}

// certificateFiles is a certificate of the administrator's, who may renew it at any
// time.
type certificateFiles struct {
	cert, key string
	now       func() time.Time

	mu      sync.Mutex
	looked  time.Time
	changed [2]time.Time // of the files that were read
	current *tls.Certificate
}

// filesLook is how often the files are looked at while connections come.
const filesLook = 30 * time.Second

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now().Sub(f.looked) >= filesLook {
		// A pair that is being replaced may not fit for a moment: the old one serves.
		_ = f.readLocked()
	}
	return f.current, nil
}

func (f *certificateFiles) read() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.readLocked()
}

func (f *certificateFiles) readLocked() error {
	f.looked = f.now()
	var changed [2]time.Time
	for i, name := range []string{f.cert, f.key} {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		changed[i] = info.ModTime()
	}
	if f.current != nil && changed == f.changed {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return err
	}
	f.current, f.changed = &pair, changed
	return nil
}

// Leaf returns the client certificate of a connection that TLS has verified, nil
// for none.
func Leaf(state *tls.ConnectionState) *x509.Certificate {
	if state == nil || len(state.VerifiedChains) == 0 {
		return nil
	}
	return state.VerifiedChains[0][0]
}

// CertificateSender says whose a verified client certificate is. ok is false for
// none and for one of another issuer, which says nothing of the unit.
// Errors: Unauthenticated.
func CertificateSender(ctx context.Context, c Credentials, leaf *x509.Certificate) (s Sender, ok bool, err error) {
	if leaf == nil || c == nil {
		return Sender{}, false, nil
	}
	s, err = c.Certificate(ctx, leaf)
	switch {
	case err == nil:
		return s, true, nil
	case fault.KindOf(err) == fault.NotFound:
		err = nil
	}
	return Sender{}, false, err
}

// HandshakeRefusal says, for counters and logs, why a handshake failed: "tls", or
// what is wrong with the client's certificate. Credentials are told, so that the
// enrolment it was of shows it.
func HandshakeRefusal(ctx context.Context, c Credentials, err error) (reason string, leaf *x509.Certificate) {
	bad, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok || len(bad.UnverifiedCertificates) == 0 {
		return "tls", nil
	}
	leaf = bad.UnverifiedCertificates[0]
	reason = "certificate-unknown"
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		reason = "certificate-expired"
	}
	if c != nil {
		_, _ = c.Certificate(ctx, leaf) // only for what it notes
	}
	return reason, leaf
}
