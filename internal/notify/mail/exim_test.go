package mail_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/mail"
	"github.com/lachan-vn/lachan/internal/notify/mail/mailtest"
)

var update = flag.Bool("update", false, "write the golden files")

// once differs from run to run: the server's own stamp and the library's boundary.
var once = regexp.MustCompile(`(?m)^Received: .*\n(\t.*\n)*|boundary=[^\n]*|^--[0-9a-f]{20,}(--)?$`)

func TestARealMailServerDeliversTheMailByteForByte(t *testing.T) {
	s := mailtest.StartExim(t)
	c := channel(t, s.Addr, s.CA, mailtest.Password, nil)
	if err := c.Send(t.Context(), message); err != nil {
		t.Fatalf("%v\n%s", err, s.Log())
	}
	raw := s.WaitFor(1)[0]
	received := regexp.MustCompile(`(?s)^Received: from .*?lachan\.example.*?\n\S`).FindString(raw)
	if !strings.Contains(received, " with esmtpsa ") || !strings.Contains(received, "TLS") {
		t.Errorf("it did not come encrypted by a sender who signed in: %q", received)
	}
	checkMail(t, []byte(strings.ReplaceAll(raw, "\n", "\r\n")))
	// Where a later server does not know SMTPUTF8, a mail that asked for it is returned.
	if log := s.Log(); strings.Contains(log, "utf8esmtp") {
		t.Errorf("the mail asks for more than it needs:\n%s", log)
	}
	got := once.ReplaceAllStringFunc(raw, func(text string) string {
		switch {
		case strings.HasPrefix(text, "Received: "):
			return ""
		case strings.HasPrefix(text, "boundary="):
			return "boundary=BOUNDARY"
		}
		return "--BOUNDARY" + strings.TrimLeft(text, "-0123456789abcdef")
	})
	golden := filepath.Join("testdata", "delivered.eml")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("delivered:\n%s\nwant:\n%s", got, want)
	}
}

func TestARealMailServerRefuses(t *testing.T) {
	s := mailtest.StartExim(t)
	good := channel(t, s.Addr, s.CA, mailtest.Password, nil)
	nobody, spam := message, message
	nobody.To = mailtest.Nobody + "@so-noi-vu.example"
	spam.Subject = "SPAM"
	for name, c := range map[string]struct {
		sender notify.Sender
		m      notify.Message
		code   string
		final  bool
		says   string
	}{
		"an address it does not know": {good, nobody, notify.CodeAddress, true, "550"},
		"what it takes for spam":      {good, spam, notify.CodeRefused, true, "550"},
		"a wrong password":            {channel(t, s.Addr, s.CA, "wrong-"+mailtest.Password, nil), message, notify.CodeSignIn, false, "535"},
		"a sender without a password": {channel(t, s.Addr, s.CA, "", func(m *mail.Settings) { m.Username = "" }), message, notify.CodeAddress, true, "550"},
		"a certificate nobody vouches for": {
			channel(t, s.Addr, "", mailtest.Password, nil), message, notify.CodeCertificate, false, "certificate",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := notify.FailureOf(c.sender.Send(t.Context(), c.m))
			if f == nil || f.Code != c.code || f.Final != c.final || !strings.Contains(f.Reason, c.says) {
				t.Errorf("got %+v, want %s, final %v, saying %s", f, c.code, c.final, c.says)
			}
			if f != nil && strings.Contains(f.Reason, mailtest.Password) {
				t.Errorf("the reason tells the password: %s", f.Reason)
			}
		})
	}
	s.Hold(true)
	if f := notify.FailureOf(good.Send(t.Context(), message)); f.Code != notify.CodeBusy || f.Final || !strings.Contains(f.Reason, "451") {
		t.Errorf("while it asks to come later: %+v", f)
	}
	s.Hold(false)
	if err := good.Send(t.Context(), message); err != nil {
		t.Errorf("the same message later: %v", err)
	}
	if got := s.WaitFor(1); len(got) != 1 {
		t.Errorf("%d messages were delivered, want the one it took", len(got))
	}
}
