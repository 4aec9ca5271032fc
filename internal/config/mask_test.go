package config

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestMaskHidesSecretsAndKeepsTheRest(t *testing.T) {
	type database struct {
		URL Secret `yaml:"url"`
	}
	type tree struct {
		Database database    `yaml:"database"`
		Listen   string      `yaml:"listen"`
		Names    []string    `yaml:"names"`
		Inputs   []yaml.Node `yaml:"inputs"`
	}
	const src = `# our centre
database:
  url: postgres://u:hunter2@db/lachan # the database
listen: 0.0.0.0:8443
names: [a, b]
inputs:
  - kind: splunk
    token: abc123
    tls: {key: /etc/k.pem, listen: [":8088"]}
    accounts:
      - {user: an, password: hunter3}
`
	out, n, err := Mask([]byte(src), tree{})
	if err != nil || n != 4 {
		t.Fatalf("masked %d, %v; want 4", n, err)
	}
	text := string(out)
	for _, secret := range []string{"hunter2", "hunter3", "abc123"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is still there:\n%s", secret, text)
		}
	}
	for _, kept := range []string{"# our centre", "# the database", "0.0.0.0:8443", "kind: splunk", "user: an", "[a, b]", ":8088"} {
		if !strings.Contains(text, kept) {
			t.Errorf("%q is gone:\n%s", kept, text)
		}
	}
	if _, _, err := Mask([]byte("a: [1"), tree{}); err == nil {
		t.Error("broken YAML was masked")
	}
	plain := []byte("listen: x\n")
	if out, n, err := Mask(plain, tree{}); err != nil || n != 0 || string(out) != string(plain) {
		t.Errorf("a configuration without secrets changed: %q %d %v", out, n, err)
	}
}
