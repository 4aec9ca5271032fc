package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/notify"
)

const (
	probeWithin = 15 * time.Second
	maxAnswer   = 64 << 10 // bytes of an answer that are read before it is left
	// refusalWithin is how long a server may take to say that it wants another certificate.
	refusalWithin = time.Second
)

// Why a check failed, beside the codes of package notify.
const (
	codeStatus = "connection.status"             // the other side answered with an error
	codeAsked  = "connection.client-certificate" // it asked for a certificate and did not take what it was shown
)

// prober opens connections, where its guard lets it.
type prober struct {
	guard notify.Guard
	trust *trustFiles
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
	var (
		r     reading
		asked atomic.Bool // for a certificate of ours
	)
	switch c.Kind {
	case checkTCP:
		var conn net.Conn
		if conn, err = p.guard.Dial(ctx, "tcp", address); err == nil {
			err = conn.Close()
		}
	case checkTLS:
		var conn *tls.Conn
		if conn, err = p.secure(ctx, address, p.trust.current().session(host, &asked)); err == nil {
			r.ends, r.took = endOf(conn.ConnectionState()), p.now().Sub(start)
			if asked.Load() {
				err = refusal(conn)
			}
			if closed := conn.Close(); err == nil {
				err = closed
			}
		}
	case checkHTTP:
		r.ends, err = p.get(ctx, c.Target, p.trust.current().session(host, &asked))
	}
	if r.took == 0 {
		r.took = p.now().Sub(start)
	}
	if err != nil {
		r.failure = notify.Network(err)
		if asked.Load() && ended(err, r.failure) {
			r.failure = notify.Failed(codeAsked, false, err.Error())
		}
	}
	return r
}

func (p prober) secure(ctx context.Context, address string, session *tls.Config) (*tls.Conn, error) {
	conn, err := p.guard.Dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, session)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the error that matters is the handshake's
		return nil, err
	}
	return secure, nil
}

// refusal waits for what a server says of our certificate: in TLS 1.3 it does so only
// after our side of the handshake is done and well.
func refusal(conn *tls.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(refusalWithin)); err != nil {
		return err
	}
	var ne net.Error
	if _, err := conn.Read(make([]byte, 1)); err != nil && (!errors.As(err, &ne) || !ne.Timeout()) {
		return err
	}
	return nil
}

// ended tells whether the other side ended the connection, with an alert or without.
func ended(err error, f *notify.Failure) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error" || f.Code == notify.CodeDropped
}

// get asks for an address. Where it leads on to is not followed: that it answers is what
// was asked.
func (p prober) get(ctx context.Context, target string, session *tls.Config) (ends time.Time, err error) {
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            p.guard.Dial,
			TLSClientConfig:        session,
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
