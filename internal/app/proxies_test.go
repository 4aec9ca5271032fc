package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTrustedProxiesAreNetworks(t *testing.T) {
	load := func(text string) (Config, error) {
		path := filepath.Join(t.TempDir(), "lachan.yml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return LoadConfig(path)
	}
	c, err := load("http: {trustedProxies: [10.0.0.5/32, 'fd00::/8']}\n")
	if err != nil || len(c.HTTP.TrustedProxies) != 2 || c.HTTP.TrustedProxies[0].String() != "10.0.0.5/32" {
		t.Errorf("%v, %v", c.HTTP.TrustedProxies, err)
	}
	if _, err := load("http:\n  trustedProxies: [proxy.example]\n"); err == nil || !strings.Contains(err.Error(), "proxy.example") {
		t.Errorf("a name is no network: %v", err)
	}
}
