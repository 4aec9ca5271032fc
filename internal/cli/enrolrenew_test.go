package cli

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/enrol"
)

func TestADeviceRenewsItsCertificate(t *testing.T) {
	c := app.DefaultConfig()
	c.HTTP.Listen, c.HTTP.TLS, c.Inputs = "127.0.0.1:0", "auto", nil
	n, err := app.Open(context.Background(), app.Options{Data: t.TempDir(), Config: c, Command: "serve", Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	admin := module.WithPrincipal(t.Context(), module.System())
	e, kit, err := n.Enrolments().Create(admin, enrol.NewEnrolment{Unit: event.CentreUnit, Name: "máy", Device: "rsyslog-tls", Days: 5})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := []string{"enrol", "renew", "--server", n.Address()}
	for flag, text := range map[string]string{"ca": kit.CA.PEM, "cert": kit.Certificate.ChainPEM, "key": kit.Certificate.KeyPEM} {
		file := filepath.Join(dir, flag+".pem")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--"+flag, file)
	}
	renew := func(want int, text string) {
		t.Helper()
		var out, problems bytes.Buffer
		if code := run(t.Context(), args, std{in: strings.NewReader(""), out: &out, err: &problems}); code != want || !strings.Contains(out.String()+problems.String(), text) {
			t.Fatalf("exit code %d, want %d with %q:\n%s%s", code, want, text, out.String(), problems.String())
		}
	}
	renew(exitDone, "is renewed")
	chain, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
	if err != nil || string(chain) == kit.Certificate.ChainPEM {
		t.Fatalf("the certificate is the old one, %v", err)
	}
	renew(exitDone, "is renewed") // by the renewed one
	if _, err := n.Enrolments().Revoke(admin, e.ID, "thử"); err != nil {
		t.Fatal(err)
	}
	renew(exitFailed, "revoked")
}
