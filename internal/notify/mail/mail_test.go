package mail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net"
	stdmail "net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/emersion/go-smtp"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/mail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var message = notify.Message{
	ID: "0193abc", Thread: "alert-7", To: "truc@so-noi-vu.example", Name: "Cán bộ trực", Level: "critical",
	Subject: "[Nghiêm trọng] Đăng nhập bất thường vào máy chủ thư của Sở Nội vụ, cần kiểm tra ngay trong ca trực",
	Text:    "Phát hiện đăng nhập bất thường.\n.một dòng bắt đầu bằng dấu chấm\n",
	HTML:    "<p>Phát hiện đăng nhập <b>bất thường</b>.</p>",
	At:      time.Date(2026, 11, 22, 3, 20, 0, 0, time.UTC),
}

// channel makes a sender to addr.
func channel(t *testing.T, addr, ca, secret string, change func(*mail.Settings)) notify.Sender {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	s := mail.Settings{Host: host, Port: n, Security: "starttls", Username: "canhbao", From: "canhbao@tinh.example", FromName: "Trung tâm An ninh mạng tỉnh", CA: ca}
	if change != nil {
		change(&s)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.Kind().Open(text, secret, env(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestAMailIsWhatAMailProgramReads(t *testing.T) {
	for _, security := range []string{"starttls", "tls"} {
		for _, mechanism := range []string{"PLAIN", "LOGIN"} {
			t.Run(security+" "+mechanism, func(t *testing.T) {
				s := startServer(t, behaviour{implicit: security == "tls", mechanism: mechanism})
				c := channel(t, s.addr, s.ca, password, func(m *mail.Settings) { m.Security = security })
				if err := c.Send(t.Context(), message); err != nil {
					t.Fatal(err)
				}
				got := s.one(t)
				if got.user != "canhbao" || got.from != "canhbao@tinh.example" || got.to != "truc@so-noi-vu.example" {
					t.Errorf("the envelope: %+v", got)
				}
				checkMail(t, got.data)
			})
		}
	}
}

// checkMail reads a mail as a program would.
func checkMail(t *testing.T, data []byte) {
	t.Helper()
	m, err := stdmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line that old servers break: %q", line)
		}
	}
	var words mime.WordDecoder
	header := func(name string) string {
		text, err := words.DecodeHeader(m.Header.Get(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return text
	}
	for name, want := range map[string]string{
		"Subject": message.Subject, "Message-ID": "<0193abc@tinh.example>", "References": "<alert-7@tinh.example>", "Auto-Submitted": "auto-generated",
		"Importance": "high", "MIME-Version": "1.0",
	} {
		if got := header(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Trung tâm An ninh mạng tỉnh" {
		t.Errorf("From: %v %v", from, err)
	}
	if at, err := m.Header.Date(); err != nil || !at.Equal(message.At) {
		t.Errorf("Date: %v %v", at, err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type: %s %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for i, want := range []string{message.Text, message.HTML} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if e := p.Header.Get("Content-Transfer-Encoding"); e != "quoted-printable" || !strings.Contains(p.Header.Get("Content-Type"), "UTF-8") {
			t.Errorf("part %d: %s, %s", i, e, p.Header.Get("Content-Type"))
		}
		text := decodeQP(t, p)
		if strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("part %d: %q, want %q", i, text, want)
		}
	}
}

func TestWhatTheServerSaysDecidesWhetherItIsTriedAgain(t *testing.T) {
	refuse := func(code int, text string) *smtp.SMTPError {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
	}
	for name, c := range map[string]struct {
		b     behaviour
		code  string
		final bool
	}{
		"a mailbox that is not there":      {behaviour{rcpt: refuse(550, "no such user")}, notify.CodeAddress, true},
		"greylisted":                       {behaviour{rcpt: refuse(451, "come later")}, notify.CodeBusy, false},
		"a sender nobody wants":            {behaviour{mail: refuse(553, "not allowed")}, notify.CodeRefused, true},
		"taken for spam":                   {behaviour{data: refuse(554, "spam")}, notify.CodeRefused, true},
		"the server's disk is full":        {behaviour{data: refuse(452, "insufficient storage")}, notify.CodeBusy, false},
		"a wrong password":                 {behaviour{password: "another"}, notify.CodeSignIn, false},
		"sign-in not offered":              {behaviour{mechanism: "none"}, notify.CodeSignIn, false},
		"the connection falls mid-DATA":    {behaviour{dropInData: true}, notify.CodeDropped, false},
		"STARTTLS taken away on the way":   {behaviour{noTLS: true}, notify.CodeCertificate, false},
		"a certificate of somebody else":   {behaviour{wrongName: true}, notify.CodeCertificate, false},
		"a certificate nobody vouches for": {behaviour{unknownCA: true}, notify.CodeCertificate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, c.b)
			f := notify.FailureOf(channel(t, s.addr, s.ca, password, nil).Send(t.Context(), message))
			if f == nil || f.Code != c.code || f.Final != c.final {
				t.Errorf("got %+v, want %s, final %v", f, c.code, c.final)
			}
			if f != nil && strings.Contains(f.Reason, password) {
				t.Errorf("the reason tells the password: %s", f.Reason)
			}
			if n := s.count(); n != 0 {
				t.Errorf("%d mails were taken", n)
			}
		})
	}
}

func TestASlowServerIsLeftWhenTheTimeIsUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Write([]byte("220-wait\r\n"))
		_, _ = io.Copy(io.Discard, conn) // until the sender leaves
	}()
	text, err := json.Marshal(mail.Settings{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: "none", From: "a@b.example"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := mail.Kind().Open(text, "", env(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	f := notify.FailureOf(c.Send(t.Context(), message))
	if f.Final || f.Code != notify.CodeTimeout && f.Code != notify.CodeDropped {
		t.Errorf("%+v", f)
	}
	l.Close()
	<-ended
}

func TestASendEndsWithItsContext(t *testing.T) {
	s := startServer(t, behaviour{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := channel(t, s.addr, s.ca, password, nil).Send(ctx, message); err == nil || s.count() != 0 {
		t.Errorf("%v, %d mails", err, s.count())
	}
}

func TestNoHeaderIsMadeOfWhatALogSays(t *testing.T) {
	s := startServer(t, behaviour{})
	evil := message
	evil.Subject = "a\r\nBcc: x@y.example\r\n\r\nbody"
	evil.Name = "x\r\nBcc: x@y.example"
	if err := channel(t, s.addr, s.ca, password, nil).Send(t.Context(), evil); err != nil {
		t.Fatal(err)
	}
	m, err := stdmail.ReadMessage(bytes.NewReader(s.one(t).data))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || !strings.HasPrefix(m.Header.Get("Subject"), "a Bcc: x@y.example") {
		t.Errorf("headers: %v", m.Header)
	}
	for _, to := range []string{"a@b.example\r\nDATA", "a@b.example, c@d.example", "Tên <a@b.example>", "", "root"} {
		evil.To = to
		if f := notify.FailureOf(channel(t, s.addr, s.ca, password, nil).Send(t.Context(), evil)); !f.Final || f.Code != notify.CodeAddress {
			t.Errorf("to %q: %+v", to, f)
		}
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	good := mail.Settings{Host: "mail.example", From: "a@b.example"}
	for name, change := range map[string]func(*mail.Settings){
		"no host":             func(s *mail.Settings) { s.Host = "" },
		"a host with a port":  func(s *mail.Settings) { s.Host = "mail.example:25" },
		"a port":              func(s *mail.Settings) { s.Port = 70000 },
		"security":            func(s *mail.Settings) { s.Security = "ssl3" },
		"no sender":           func(s *mail.Settings) { s.From = "canhbao" },
		"a name of two lines": func(s *mail.Settings) { s.FromName = "a\r\nb" },
		"a password in clear": func(s *mail.Settings) { s.Security, s.Username = "none", "u" },
		"no certificate":      func(s *mail.Settings) { s.CA = "-----BEGIN" },
	} {
		s := good
		change(&s)
		text, _ := json.Marshal(s)
		if _, err := mail.Kind().Open(text, "", env(time.Minute)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
