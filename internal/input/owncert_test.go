package input

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAutomaticCertificates(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, step := range []struct {
		name    string
		names   []string
		at      time.Time
		renewed bool
	}{
		{"first start", nil, now, true},
		{"second start", nil, now.Add(time.Hour), false},
		{"a new name", []string{"log.tinh.example"}, now.Add(time.Hour), true},
		{"the same name", []string{"log.tinh.example"}, now.Add(time.Hour), false},
		{"near its end", []string{"log.tinh.example"}, now.AddDate(0, 0, serverDays-20), true},
	} {
		var ca, server string
		if step.name != "first start" {
			ca, server = read("ca.pem"), read("server.pem")
		}
		if _, _, err := (OwnCertificate{Dir: dir, File: "server", Name: "lachan", Names: step.names}).Ensure(step.at); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if ca != "" && read("ca.pem") != ca {
			t.Errorf("%s: the issuer changed; senders trust the old one", step.name)
		}
		if (read("server.pem") != server) != step.renewed {
			t.Errorf("%s: renewed = %v, want %v", step.name, !step.renewed, step.renewed)
		}
	}
	for _, key := range []string{"ca.key", "server.key"} {
		if st, err := os.Stat(filepath.Join(dir, key)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", key, st.Mode(), err)
		}
	}
}
