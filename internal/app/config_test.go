package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
)

func TestTheDefaultsAreValid(t *testing.T) {
	if _, err := LoadConfig(""); err != nil {
		t.Error(err)
	}
}

func TestConfigurationIsRefusedWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"htpp: {listen: x}":                                ":1",
		"http:\n  lisen: 127.0.0.1:1":                      ":2",
		"http: {listen: '0.0.0.0:8080', tls: off}":         "http.tls: auto",
		"http: {listen: ':8080', tls: off}":                "http.tls: auto",
		"http: {listen: '8080'}":                           "host:port",
		"http: {tls: files}":                               "http.cert and http.key",
		"http: {tls: maybe}":                               "off, auto, acme or files",
		"timezone: Asia/Hanoi2":                            "Asia/Ho_Chi_Minh",
		"memory: {limit: 1MiB}":                            "128MiB",
		"alerts: {window: 1s}":                             "alerts.window",
		"sources: {silentAfter: 1s}":                       "sources.silentAfter",
		"spool: {maxBytes: 1KiB}":                          "spool.maxBytes",
		"spool: {fsync: never}":                            "always",
		"pipeline: {workers: 1000}":                        "pipeline.workers",
		"ingest: {readTimeout: 0s}":                        "ingest.readTimeout",
		"connections: {cert: own.pem}":                     "connections.key",
		"alerts: {window: 1s}\nsources: {silentAfter: 0s}": "sources.silentAfter",
	} {
		file := filepath.Join(t.TempDir(), "lachan.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadConfig(file)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want Invalid that says %q", text, err, want)
		}
	}
}

func TestANodeDoesNotStartWithoutAFileItWasTold(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "internal-ca.pem")
	_, err := openNode(t, t.TempDir(), func(c *Config) { c.Connections.CA = missing })
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "connections.ca") || !strings.Contains(err.Error(), missing) {
		t.Errorf("%v; want Invalid that names the key and the file", err)
	}
}

func TestThePasswordOfTheDatabaseIsNotShown(t *testing.T) {
	_, err := openNode(t, t.TempDir(), func(c *Config) { c.Database.URL = "postgres://lachan:hunter2@127.0.0.1:1/none" })
	if err == nil {
		t.Fatal("a database that is not there was opened")
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the password is in the error: %v", err)
	}
}
