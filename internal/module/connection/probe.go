package connection

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/notify"
)

const (
	probeWithin = 15 * time.Second
	maxAnswer   = 64 << 10 // bytes of an answer that are read before it is left
)

// codeStatus tells that the other side answered with an error.
const codeStatus = "connection.status"

// prober opens connections, where its guard lets it.
type prober struct {
	guard notify.Guard
	roots *x509.CertPool // nil: the system's
	now   func() time.Time
}

// probe opens the target of a check once and closes it again.
func (p prober) probe(ctx context.Context, c ConnectionCheck) reading {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	host, address, err := c.host()
	if err != nil {
		return reading{failure: notify.FailureOf(err)}
	}
	start := p.now()
	var r reading
	switch c.Kind {
	case checkTCP:
		var conn net.Conn
		if conn, err = p.guard.Dial(ctx, "tcp", address); err == nil {
			err = conn.Close()
		}
	case checkTLS:
		var conn *tls.Conn
		if conn, err = p.secure(ctx, host, address); err == nil {
			r.ends = endOf(conn.ConnectionState())
			err = conn.Close()
		}
	case checkHTTP:
		r.ends, err = p.get(ctx, c.Target)
	}
	r.took = p.now().Sub(start)
	if err != nil {
		r.failure = notify.Network(err)
	}
	return r
}

func (p prober) secure(ctx context.Context, host, address string) (*tls.Conn, error) {
	conn, err := p.guard.Dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: p.roots})
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the error that matters is the handshake's
		return nil, err
	}
	return secure, nil
}

// get asks for an address. Where it leads on to is not followed: that it answers is what
// was asked.
func (p prober) get(ctx context.Context, target string) (ends time.Time, err error) {
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            p.guard.Dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: p.roots},
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxAnswer,
		},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return time.Time{}, err
	}
	req.Header.Set("User-Agent", "LaChan-connection-check")
	answer, err := client.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.TLS != nil {
		ends = endOf(*answer.TLS)
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer)); err != nil {
		return ends, err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return ends, notify.Failed(codeStatus, false, "it answers "+strconv.Itoa(answer.StatusCode)+" "+http.StatusText(answer.StatusCode))
	}
	return ends, nil
}

func endOf(s tls.ConnectionState) time.Time {
	if len(s.PeerCertificates) == 0 {
		return time.Time{}
	}
	return s.PeerCertificates[0].NotAfter
}
