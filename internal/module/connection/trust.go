package connection

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Trust is whom checks trust and what they show. Its zero value trusts the system's
// authorities and shows nothing.
type Trust struct {
	roots *x509.CertPool   // nil: the system's
	own   *tls.Certificate // nil: none
}

// Trust reads the files of the configuration. Errors: Invalid, on the key at fault.
func (c Config) Trust() (Trust, error) {
	var t Trust
	if err := c.Validate(); err != nil {
		return t, err
	}
	if c.CA != "" {
		text, err := os.ReadFile(c.CA)
		if err != nil {
			return t, fault.New(fault.Invalid, "connections.ca: %w; name a PEM file that the program may read", err).OnField("connections.ca")
		}
		if t.roots, err = x509.SystemCertPool(); err != nil {
			t.roots = x509.NewCertPool() // a machine without authorities of its own
		}
		if !t.roots.AppendCertsFromPEM(text) {
			return t, fault.New(fault.Invalid, "connections.ca: %s holds no certificate; give a PEM file with BEGIN CERTIFICATE", c.CA).OnField("connections.ca")
		}
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return t, fault.New(fault.Invalid, "connections.cert, connections.key: %w; name the PEM files of a certificate and of its own key", err).OnField("connections.cert")
		}
		t.own = &pair
	}
	return t, nil
}

// session is the configuration of one TLS connection. asked turns true when the other side
// wants a certificate. Ours is shown only where its issuer is one they name, as browsers do.
func (t Trust) session(host string, asked *atomic.Bool) *tls.Config {
	return &tls.Config{
		ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: t.roots,
		GetClientCertificate: func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked.Store(true)
			if t.own != nil && info.SupportsCertificate(t.own) == nil {
				return t.own, nil
			}
			return &tls.Certificate{}, nil // none
		},
	}
}

// trustFiles is a Trust that follows its files: certificates are renewed while the server
// runs.
type trustFiles struct {
	config Config
	log    *slog.Logger

	mu    sync.Mutex
	now   Trust
	stamp string // of the files that were read last
}

func newTrustFiles(c Config, first Trust, log *slog.Logger) *trustFiles {
	return &trustFiles{config: c, log: log, now: first, stamp: c.stamp()}
}

// stamp is another once a file of the configuration was written.
func (c Config) stamp() string {
	text := ""
	for _, name := range []string{c.CA, c.Cert, c.Key} {
		if info, err := os.Stat(name); err == nil {
			text += fmt.Sprintf("%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return text
}

// current returns what the files say now. While they cannot be read, what they said
// before stands: one may be half written.
func (f *trustFiles) current() Trust {
	f.mu.Lock()
	defer f.mu.Unlock()
	stamp := f.config.stamp()
	if stamp == f.stamp {
		return f.now
	}
	f.stamp = stamp
	fresh, err := f.config.Trust()
	if err != nil {
		f.log.Error("the certificates for checks of connections were changed and cannot be read; those of before stand", "error", err)
		return f.now
	}
	f.log.Info("the certificates for checks of connections were read again")
	f.now = fresh
	return fresh
}
