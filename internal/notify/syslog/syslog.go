// Package syslog sends messages to a syslog collector (RFC 5424) by TLS (RFC
// 5425), TCP with octet counting (RFC 6587) or UDP (RFC 5426).
//
// Syslog acknowledges nothing: what was written to a connection that then broke
// may or may not have arrived. A [Conn] therefore notices a collector that went
// away even while nothing is sent ([Conn.Broken]), and the caller sends again
// what it wrote shortly before.
package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Target is where messages go.
type Target struct {
	Scheme string // tls, tcp, udp
	Host   string // host:port
}

// ParseTarget reads tls://host:6514, tcp://host:514 or udp://host:514; the ports
// named here may be left out.
func ParseTarget(text string) (Target, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return Target{}, fmt.Errorf("%q; write tls://host:6514, tcp://host:514 or udp://host:514", text)
	}
	ports := map[string]string{"tls": "6514", "tcp": "514", "udp": "514"}
	port := u.Port()
	if port == "" {
		port = ports[u.Scheme]
	}
	if ports[u.Scheme] == "" {
		return Target{}, fmt.Errorf("%q: scheme %q; use tls, tcp or udp", text, u.Scheme)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Target{}, fmt.Errorf("%q: port %q; use 1 to 65535", text, port)
	}
	return Target{Scheme: u.Scheme, Host: net.JoinHostPort(u.Hostname(), port)}, nil
}

// String is the target as it is written in a configuration.
func (t Target) String() string { return t.Scheme + "://" + t.Host }

// Message is one message. Its text is sent as UTF-8.
type Message struct {
	Facility, Severity int
	At                 time.Time
	Host, App, ID      string
	Text               string
}

// Append writes m in the format of RFC 5424 to b.
func (m *Message) Append(b []byte) []byte {
	b = fmt.Appendf(b, "<%d>1 %s %s %s - %s - ", m.Facility*8+m.Severity, m.At.UTC().Format("2006-01-02T15:04:05.000000Z"),
		name(m.Host, 255), name(m.App, 48), name(m.ID, 32))
	// A line end would be the end of the message to collectors that go by lines.
	return append(b, strings.NewReplacer("\n", " ", "\r", " ", "\x00", " ").Replace(m.Text)...)
}

// name makes a header field: printable ASCII without blanks.
func name(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), limit)]
}

// TLS names the files of a TLS connection; "" is the machine's own authorities,
// and no certificate of ours.
type TLS struct{ CA, Cert, Key string }

// Dialer opens connections to a target.
type Dialer struct {
	Target Target
	tls    *tls.Config
}

// NewDialer reads the files.
func NewDialer(t Target, files TLS) (*Dialer, error) {
	d := &Dialer{Target: t}
	if t.Scheme != "tls" {
		return d, nil
	}
	host, _, err := net.SplitHostPort(t.Host)
	if err != nil {
		return nil, err
	}
	d.tls = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if files.CA != "" {
		pem, err := os.ReadFile(files.CA)
		if err != nil {
			return nil, err
		}
		d.tls.RootCAs = x509.NewCertPool()
		if !d.tls.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", files.CA)
		}
	}
	if files.Cert != "" {
		cert, err := tls.LoadX509KeyPair(files.Cert, files.Key)
		if err != nil {
			return nil, err
		}
		d.tls.Certificates = []tls.Certificate{cert}
	}
	return d, nil
}

const (
	dialTime  = 15 * time.Second
	writeTime = 15 * time.Second
	maxUDP    = 60 << 10
)

// Conn is a connection to a collector, for one goroutine.
type Conn struct {
	conn   net.Conn
	udp    bool
	broken chan struct{}
	buf    []byte
}

// Dial connects.
func (d *Dialer) Dial(ctx context.Context) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	var conn net.Conn
	var err error
	switch d.Target.Scheme {
	case "tls":
		conn, err = (&tls.Dialer{Config: d.tls}).DialContext(ctx, "tcp", d.Target.Host)
	case "tcp":
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", d.Target.Host)
	default:
		conn, err = (&net.Dialer{}).DialContext(ctx, "udp", d.Target.Host)
	}
	if err != nil {
		return nil, err
	}
	c := &Conn{conn: conn, udp: d.Target.Scheme == "udp", broken: make(chan struct{})}
	if !c.udp {
		go c.watch()
	}
	return c, nil
}

// watch notices the end of a connection on which nothing is ever received.
func (c *Conn) watch() {
	defer close(c.broken)
	var b [64]byte
	for {
		if _, err := c.conn.Read(b[:]); err != nil {
			return
		}
	}
}

// Broken is closed once the collector has gone; never for UDP.
func (c *Conn) Broken() <-chan struct{} { return c.broken }

// errTooLong is a message that no datagram holds.
var errTooLong = errors.New("the message is longer than a datagram; send by tcp or tls")

// Send writes m.
func (c *Conn) Send(m *Message) error {
	text := m.Append(c.buf[:0])
	c.buf = text
	if c.udp && len(text) > maxUDP {
		return errTooLong
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	if c.udp {
		_, err := c.conn.Write(text)
		return err
	}
	framed := net.Buffers{strconv.AppendInt(nil, int64(len(text)), 10), []byte{' '}, text}
	if _, isTLS := c.conn.(*tls.Conn); isTLS {
		_, err := c.conn.Write(append(append(framed[0], ' '), text...))
		return err
	}
	_, err := framed.WriteTo(c.conn)
	return err
}

// Close ends the connection and what watches it.
func (c *Conn) Close() error {
	err := c.conn.Close()
	if !c.udp {
		<-c.broken
	}
	return err
}
