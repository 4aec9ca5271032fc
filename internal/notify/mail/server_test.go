package mail_test

import (
	"crypto/tls"
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/mail/mailtest"
)

const password = mailtest.Password

func env(timeout time.Duration) notify.Env {
	return notify.Env{Guard: notify.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Timeout: timeout, Hello: "lachan.example", Now: time.Now}
}

// behaviour is how a mail server of the tests differs from a good one.
type behaviour struct {
	implicit, noTLS, wrongName, unknownCA, dropInData bool
	mechanism                                         string // PLAIN, LOGIN, none; "": both
	password                                          string // the one it knows, if another
	mail, rcpt, data                                  error
}

type received struct {
	user, from, to string
	data           []byte
}

type server struct {
	behaviour

	addr, ca string
	mu       sync.Mutex
	mails    []received
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

func (s *server) one(t *testing.T) received {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mails) != 1 {
		t.Fatalf("%d mails were taken, want one", len(s.mails))
	}
	return s.mails[0]
}

// startServer runs a mail server on loopback until the test ends.
func startServer(t *testing.T, b behaviour) *server {
	t.Helper()
	name := "127.0.0.1"
	if b.wrongName {
		name = "127.0.0.9"
	}
	cert, ca := mailtest.Certificate(t, name)
	if b.unknownCA {
		_, ca = mailtest.Certificate(t, name)
	}
	if b.password == "" {
		b.password = password
	}
	s := &server{behaviour: b, ca: ca}
	back := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, conn: c}, nil }))
	back.Domain, back.ReadTimeout, back.WriteTimeout = "mail.example", time.Minute, time.Minute
	back.ErrorLog = quiet{}
	if !b.noTLS {
		back.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	if b.implicit {
		l = tls.NewListener(l, back.TLSConfig)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = back.Serve(l)
	}()
	t.Cleanup(func() {
		// A server that was not yet serving does not know its listener.
		_ = errors.Join(back.Close(), l.Close())
		<-done
	})
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

type session struct {
	s    *server
	conn *smtp.Conn
	got  received
}

func (x *session) AuthMechanisms() []string {
	switch x.s.mechanism {
	case "":
		return []string{"PLAIN", "LOGIN"}
	case "none":
		return nil
	}
	return []string{x.s.mechanism}
}

func (x *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, given string) error {
		if given != x.s.password {
			return smtp.ErrAuthFailed
		}
		x.got.user = user
		return nil
	}
	if mechanism == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, given string) error { return check(user, given) }), nil
}

// loginServer asks for the name, then for the password.
type loginServer struct {
	check func(user, given string) error
	step  int
	user  string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.got.user == "" {
		return smtp.ErrAuthRequired
	}
	x.got.from = from
	return x.s.mail
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.got.to = to
	return x.s.rcpt
}

func (x *session) Data(r io.Reader) error {
	if x.s.dropInData {
		return errors.Join(x.conn.Conn().Close(), errors.New("dropped"))
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if x.s.data != nil {
		return x.s.data
	}
	x.got.data = data
	x.s.mu.Lock()
	x.s.mails = append(x.s.mails, x.got)
	x.s.mu.Unlock()
	return nil
}

func (x *session) Reset()        {}
func (x *session) Logout() error { return nil }

func decodeQP(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
