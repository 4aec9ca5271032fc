package syslog

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// certificateName is by which senders pin the server where they have no host name
// for it. It holds no space: rsyslog refuses one in StreamDriverPermittedPeers.
const certificateName = "lachan-syslog"

// serverTLS reads or makes the certificate of the listener.
func serverTLS(c TLS, dataDir string, now time.Time) (*tls.Config, error) {
	certFile, keyFile := c.Cert, c.Key
	if c.Cert == "auto" {
		own := input.OwnCertificate{Dir: filepath.Join(dataDir, "tls"), File: "syslog", Name: certificateName, Names: c.Names}
		var err error
		if certFile, keyFile, err = own.Ensure(now); err != nil {
			return nil, fmt.Errorf("syslog: automatic certificate: %w", err)
		}
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fault.New(fault.Invalid, "syslog: tls.cert: %w", err).OnField("tls.cert")
	}
	conf := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if c.ClientCA != "" {
		text, err := os.ReadFile(c.ClientCA)
		if err != nil {
			return nil, fault.New(fault.Invalid, "syslog: tls.clientCA: %w", err).OnField("tls.clientCA")
		}
		conf.ClientCAs = x509.NewCertPool()
		if !conf.ClientCAs.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "syslog: tls.clientCA: no certificate in %s", c.ClientCA).OnField("tls.clientCA")
		}
		conf.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return conf, nil
}
