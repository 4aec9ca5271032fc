package input

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lachan-vn/lachan/internal/fault"
)

// certificateAuto is the value of TLS.Cert for a certificate of the node's own issuer.
const certificateAuto = "auto"

// TLS is how an encrypted listener identifies itself and its senders. Inputs put
// it inline into their own section.
type TLS struct {
	// Cert and Key are PEM files. Cert "auto" makes an issuer and a certificate
	// of its own in the data folder; senders then trust tls/ca.pem.
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// Names are the DNS names and addresses of an automatic certificate, besides
	// the host's own.
	Names []string `yaml:"names"`
	// ClientCA, a PEM file, makes senders show a certificate of this issuer.
	ClientCA string `yaml:"clientCA"`
}

// DefaultTLS has an automatic certificate and asks senders for none.
func DefaultTLS() TLS { return TLS{Cert: certificateAuto} }

// Validate names the key at fault; input is the kind it belongs to.
func (c TLS) Validate(input string) error {
	if c.Cert != certificateAuto && (c.Cert == "" || c.Key == "") {
		return fault.New(fault.Invalid, "%s: tls needs cert and key files, or cert: auto", input).OnField("tls.cert")
	}
	return nil
}

// Possible refuses, before anything listens, what no data folder makes possible.
func (c TLS) Possible(env Env, input string) error {
	if c.Cert == certificateAuto && env.DataDir == "" {
		return fault.New(fault.Invalid, "%s: tls.cert: auto needs a data folder to keep the certificate in", input).OnField("tls.cert")
	}
	return nil
}

// Server reads or makes the certificate of a listener of the named input. The
// automatic one has the DNS name lachan-<input>, by which senders pin it where
// they have no host name for it.
func (c TLS) Server(env Env, input string) (*tls.Config, error) {
	certFile, keyFile := c.Cert, c.Key
	if c.Cert == certificateAuto {
		if err := c.Possible(env, input); err != nil {
			return nil, err
		}
		own := OwnCertificate{Dir: filepath.Join(env.DataDir, "tls"), File: input, Name: "lachan-" + input, Names: c.Names}
		var err error
		if certFile, keyFile, err = own.Ensure(env.Now()); err != nil {
			return nil, fmt.Errorf("%s: automatic certificate: %w", input, err)
		}
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: tls.cert: %w", input, err).OnField("tls.cert")
	}
	conf := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if c.ClientCA != "" {
		text, err := os.ReadFile(c.ClientCA)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%s: tls.clientCA: %w", input, err).OnField("tls.clientCA")
		}
		conf.ClientCAs = x509.NewCertPool()
		if !conf.ClientCAs.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "%s: tls.clientCA: no certificate in %s", input, c.ClientCA).OnField("tls.clientCA")
		}
		conf.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return conf, nil
}
