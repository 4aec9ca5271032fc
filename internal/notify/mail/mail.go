// Package mail sends notifications by SMTP: with STARTTLS or TLS from the first
// byte, the server's certificate checked, and AUTH PLAIN or LOGIN.
//
// A mail is text and a simple HTML part of the same words, both UTF-8 in
// quoted-printable, says that a machine wrote it (RFC 3834), and keeps its
// Message-ID over all attempts: a server that took the mail and could not say so
// before the connection fell may show it once all the same.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	stdmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/lachan-vn/lachan/internal/notify"
)

// Name of the kind.
const Name = "mail"

// Kind returns the kind.
func Kind() notify.Kind {
	return notify.Kind{Name: Name, Personal: true, CheckTo: CheckAddress, Open: open}
}

// Settings of a channel.
type Settings struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`     // 0: 587 for starttls, 465 for tls, 25 for none
	Security string `json:"security"` // starttls, tls, none
	Username string `json:"username"` // "": no sign-in
	From     string `json:"from"`     // address
	FromName string `json:"fromName"`
	CA       string `json:"ca"` // PEM of an authority trusted besides the system's
}

type sender struct {
	s        Settings
	from     string
	domain   string
	password string
	roots    *x509.CertPool
	env      notify.Env
}

// CheckAddress refuses what is no single mail address.
func CheckAddress(to string) error {
	a, err := stdmail.ParseAddress(to)
	if err != nil || a.Address != to || a.Name != "" || len(to) > 254 || strings.ContainsAny(to, "\r\n\x00") {
		return fmt.Errorf("%q is not a mail address like ten@coquan.gov.vn", notify.Line(to, 100))
	}
	return nil
}

var ports = map[string]int{"starttls": 587, "tls": 465, "none": 25}

func open(text json.RawMessage, secret string, env notify.Env) (notify.Sender, error) {
	var s Settings
	if err := notify.Settings(text, &s); err != nil {
		return nil, err
	}
	if s.Security == "" {
		s.Security = "starttls"
	}
	port, known := ports[s.Security]
	if s.Port == 0 {
		s.Port = port
	}
	switch {
	case !known:
		return nil, notify.Bad("security", "security: use starttls, tls or none")
	case s.Host == "" || len(s.Host) > 253 || strings.ContainsAny(s.Host, "/@: \r\n\t[]"):
		return nil, notify.Bad("host", "host: the name of the mail server, like mail.tinh.gov.vn")
	case s.Port < 1 || s.Port > 65535:
		return nil, notify.Bad("port", "port: 1 to 65535")
	case CheckAddress(s.From) != nil:
		return nil, notify.Bad("from", "from: a mail address, like canhbao@tinh.gov.vn")
	case len(s.FromName) > 200 || notify.Line(s.FromName, 200) != strings.TrimSpace(s.FromName):
		return nil, notify.Bad("fromName", "fromName: at most 200 bytes on one line")
	case s.Security == "none" && s.Username != "":
		return nil, notify.Bad("security", "security: a password is never sent without encryption; use starttls or tls")
	case len(s.Username) > 254:
		return nil, notify.Bad("username", "username: at most 254 bytes")
	}
	roots, err := notify.Roots(env, s.CA)
	if err != nil {
		return nil, err
	}
	return &sender{s: s, from: s.From, domain: s.From[strings.LastIndexByte(s.From, '@')+1:], password: secret, roots: roots, env: env}, nil
}

func (m *sender) Target() string {
	return "smtp://" + net.JoinHostPort(m.s.Host, strconv.Itoa(m.s.Port))
}

func (m *sender) Send(ctx context.Context, n notify.Message) error {
	if err := CheckAddress(n.To); err != nil {
		return notify.Failed(notify.CodeAddress, true, err.Error())
	}
	msg, err := m.compose(n)
	if err != nil {
		return notify.Failed(notify.CodeSettings, true, err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, m.env.Timeout)
	defer cancel()
	line := &line{m: m, ctx: ctx}
	defer line.close()
	client, err := m.client(line, n.To)
	if err != nil {
		return notify.Failed(notify.CodeSettings, false, err.Error())
	}
	smtp, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return m.beforeMail(err)
	}
	err = client.SendWithSMTPClient(smtp, msg)
	if msg.IsDelivered() {
		// Taken; that the farewell failed is nobody's loss.
		_ = client.CloseWithSMTPClient(smtp)
		return nil
	}
	return m.duringMail(err)
}

// line is the connection of one attempt. The library leaves one open whose
// greeting or sign-in failed.
type line struct {
	m    *sender
	ctx  context.Context //nolint:containedctx // the attempt's own, ends with it
	conn net.Conn
	stop func() bool
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := l.m.env.Guard.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	l.stop = context.AfterFunc(l.ctx, func() { conn.Close() })
	if l.m.s.Security != "tls" {
		return conn, nil
	}
	t := tls.Client(conn, l.m.tls())
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

func (l *line) close() {
	if l.conn != nil {
		l.stop()
		l.conn.Close()
	}
}

func (m *sender) tls() *tls.Config {
	return &tls.Config{ServerName: m.s.Host, RootCAs: m.roots, MinVersion: tls.VersionTLS12}
}

func (m *sender) client(l *line, to string) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(m.s.Port), gomail.WithTimeout(m.env.Timeout), gomail.WithDialContextFunc(l.dial),
		gomail.WithTLSConfig(m.tls()), gomail.WithTLSPolicy(gomail.NoTLS),
	}
	if m.env.Hello != "" {
		options = append(options, gomail.WithHELO(m.env.Hello))
	}
	if isASCII(m.from) && isASCII(to) {
		// A mail that is said to need SMTPUTF8 is returned where a later server does
		// not know it (RFC 6531, 3.5); ours need it for the addresses alone.
		options = append(options, gomail.WithoutSMTPUTF8())
	}
	if m.s.Security == "starttls" {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.s.Username != "" {
		options = append(options, gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin),
			gomail.WithUsername(m.s.Username), gomail.WithPassword(m.password))
	}
	return gomail.NewClient(m.s.Host, options...)
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

func (m *sender) compose(n notify.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP))
	if err := msg.FromFormat(m.s.FromName, m.from); err != nil {
		return nil, err
	}
	if err := msg.AddToFormat(notify.Line(n.Name, 200), n.To); err != nil {
		return nil, err
	}
	msg.Subject(notify.Line(n.Subject, 500))
	msg.SetMessageIDWithValue(n.ID + "@" + m.domain)
	msg.SetDateWithValue(n.At)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: do not answer
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetUserAgent("Lá Chắn")
	if n.Thread != "" {
		msg.SetGenHeader("References", "<"+n.Thread+"@"+m.domain+">")
	}
	if n.Level == "critical" {
		msg.SetImportance(gomail.ImportanceHigh)
	}
	msg.SetBodyString(gomail.TypeTextPlain, n.Text)
	if n.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, n.HTML)
	}
	return msg, nil
}

// beforeMail judges an error before the message was offered: the settings of the
// channel or the server are at fault, and both can be mended.
func (m *sender) beforeMail(err error) error {
	reason := notify.Hide(err.Error(), m.password)
	if code := replyCode(err); code != 0 {
		kind := notify.CodeBusy
		if code == 530 || code == 534 || code == 535 || code == 538 {
			kind = notify.CodeSignIn
		} else if code >= 500 {
			kind = notify.CodeRefused
		}
		return notify.Failed(kind, false, reason)
	}
	switch {
	case strings.Contains(reason, "STARTTLS"):
		return notify.Failed(notify.CodeCertificate, false, "the server offers no encryption: "+reason)
	case errors.Is(err, gomail.ErrPlainAuthNotSupported), errors.Is(err, gomail.ErrLoginAuthNotSupported), strings.Contains(reason, "AUTH"):
		return notify.Failed(notify.CodeSignIn, false, reason)
	}
	f := notify.Network(err)
	f.Reason = notify.Hide(f.Reason, m.password)
	return f
}

// duringMail judges an error after the sign-in. A reply of 5xx is the server's
// last word on this mail, everything else may go away (RFC 5321, 4.2.1).
func (m *sender) duringMail(err error) error {
	if err == nil {
		return notify.Failed(notify.CodeDropped, false, "the server did not say that it took the mail")
	}
	reason := notify.Hide(err.Error(), m.password)
	se, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return notify.Network(err)
	}
	code := se.ErrorCode()
	switch {
	case code >= 500 && se.Reason == gomail.ErrSMTPRcptTo:
		return notify.Failed(notify.CodeAddress, true, reason)
	case code >= 500:
		return notify.Failed(notify.CodeRefused, true, reason)
	case code >= 400:
		return notify.Failed(notify.CodeBusy, false, reason)
	case strings.Contains(reason, "timeout"):
		return notify.Failed(notify.CodeTimeout, false, reason)
	}
	return notify.Failed(notify.CodeDropped, false, reason)
}

func replyCode(err error) int {
	if te, ok := errors.AsType[*textproto.Error](err); ok {
		return te.Code
	}
	return 0
}
