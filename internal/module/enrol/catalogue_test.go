package enrol

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

var update = flag.Bool("update", false, "write the golden files")

// everyWay is a node that listens on all there is.
func everyWay() []Listener {
	list := []Listener{
		{Protocol: "ingest", Transport: "https", Port: 8443, Path: "/ingest/json", Main: true},
		{Protocol: "splunk", Transport: "https", Port: 8443, Path: "/services/collector/event", Main: true},
		{Protocol: "loki", Transport: "https", Port: 8443, Path: "/loki/api/v1/push", Main: true},
		{Protocol: "otlp", Transport: "https", Port: 8443, Path: "/v1/logs", Main: true},
		{Protocol: "elastic", Transport: "https", Port: 8443, Path: "/es", Main: true},
		{Protocol: "elastic", Transport: "https", Port: 9200},
	}
	for _, way := range []string{"syslog/udp", "syslog/tcp", "syslog/tls", "gelf/udp", "gelf/tcp", "lumberjack/tls", "netflow/udp"} {
		protocol, transport, _ := strings.Cut(way, "/")
		l := Listener{Protocol: protocol, Transport: transport, Port: standardPorts[way]}
		if transport == "tls" {
			l.Pin = "lachan-" + protocol
		}
		list = append(list, l)
	}
	return list
}

// kits renders every device with every credential, with secrets that do not change
// from run to run.
func kits(t *testing.T) map[string]Kit {
	t.Helper()
	f := newFixture(t, sqldbtest.SQLite(t))
	f.listeners = everyWay()
	out := map[string]Kit{}
	for i := range f.catalogue.devices {
		d := &f.catalogue.devices[i]
		for _, c := range d.Credentials {
			e := Enrolment{ID: "00064c9e2b1a7c0f1122334455", Unit: "so-y-te", Name: "máy", Device: d.ID, Credential: c, LifeDays: DefaultLifeDays}
			if c == KindAddress {
				e.LifeDays, e.Networks = 0, []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32")}
			}
			if err := e.check(d); err != nil {
				t.Errorf("%s: %v", d.ID, err)
			}
			token := ""
			if c == KindToken {
				token = "lc_abcdefghijklmnopqrstuvwxyz234567"
			}
			k, err := f.kit(&e, d, token, nil)
			if err != nil {
				t.Fatalf("%s by %s: %v", d.ID, c, err)
			}
			out[d.ID+"."+string(c)] = k
		}
	}
	return out
}

var fingerprint = regexp.MustCompile(`([0-9A-F]{2}:){31}[0-9A-F]{2}`)

func TestEveryDeviceGetsItsConfiguration(t *testing.T) {
	for name, k := range kits(t) {
		t.Run(name, func(t *testing.T) {
			if !k.Way.Configured || len(k.Files) == 0 || len(k.Steps) == 0 {
				t.Errorf("way %+v, %d files, %d steps", k.Way, len(k.Files), len(k.Steps))
			}
			var b bytes.Buffer
			secret := false
			for _, file := range k.Files {
				fmt.Fprintf(&b, "=== %s (secret: %v)\n%s", file.Name, file.Secret, file.Content)
				secret = secret || file.Secret
				if strings.Contains(file.Content, "<no value>") || !strings.HasSuffix(file.Content, "\n") {
					t.Errorf("%s is not complete", file.Name)
				}
			}
			if secret != strings.HasSuffix(name, ".token") {
				t.Errorf("holds the token: %v", secret)
			}
			for i, s := range k.Steps {
				if s.Vi == "" || s.En == "" {
					t.Errorf("step %d is missing in one language: %+v", i+1, s)
				}
				if !strings.ContainsFunc(s.Vi, func(r rune) bool { return r > unicode.MaxASCII }) {
					t.Errorf("step %d is not Vietnamese: %s", i+1, s.Vi)
				}
				fmt.Fprintf(&b, "--- %d\n%s\n%s\n", i+1, s.Vi, s.En)
			}
			for _, w := range k.Warnings {
				fmt.Fprintf(&b, "!!! %s\n", w.Code)
			}
			golden(t, filepath.Join("testdata", "kits", name+".txt"), fingerprint.ReplaceAll(b.Bytes(), []byte("FINGERPRINT")))
		})
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test with -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; if that is meant, run go test with -update:\n%s", path, diff)
	}
}

func TestConfigurationIsWellFormed(t *testing.T) {
	for name, k := range kits(t) {
		for _, f := range k.Files {
			switch filepath.Ext(f.Name) {
			case ".yml", ".yaml":
				var v map[string]any
				dec := yaml.NewDecoder(strings.NewReader(f.Content))
				if err := dec.Decode(&v); err != nil || len(v) == 0 {
					t.Errorf("%s: %s: %v", name, f.Name, err)
				}
			case ".json":
				if !json.Valid([]byte(f.Content)) {
					t.Errorf("%s: %s is no JSON", name, f.Name)
				}
			}
		}
	}
}

// checker is a program that checks configuration without running it.
type checker struct {
	program string
	// wrap makes a whole configuration of the piece; dir is for its files.
	wrap func(dir, piece string) string
	args func(file, dir string) []string
}

// run checks text with the program, if that is installed.
func (c checker) run(t *testing.T, text string) {
	t.Helper()
	program, err := exec.LookPath(c.program)
	if err != nil {
		t.Skipf("%s is not installed: its configuration is checked by golden file alone", c.program)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"ca.pem": "", "client.pem": "", "client.key": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text = strings.ReplaceAll(text, "/etc/lachan/", dir+"/")
	for _, folder := range []string{"/var/spool/rsyslog", "/var/lib/syslog-ng"} {
		text = strings.ReplaceAll(text, folder, dir)
	}
	file := filepath.Join(dir, "check.conf")
	if err := os.WriteFile(file, []byte(c.wrap(dir, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, c.args(file, dir)...)
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if bytes.Contains(out, []byte("could not load module")) {
		t.Skipf("%s lacks a module that the configuration needs", c.program)
	}
	if err != nil || bytes.Contains(out, []byte("error during")) {
		t.Errorf("%s: %v\n%s\n%s", c.program, err, out, text)
	}
}

var (
	rsyslog = checker{
		program: "rsyslogd",
		wrap:    func(_, piece string) string { return piece },
		args:    func(file, _ string) []string { return []string{"-N1", "-f", file} },
	}
	syslogNG = checker{
		program: "syslog-ng",
		wrap: func(_, piece string) string {
			return "@version: 3.35\nsource s_src { internal(); };\n" + piece
		},
		args: func(file, dir string) []string {
			return []string{"-s", "--no-caps", "-f", file, "-R", filepath.Join(dir, "persist"), "-c", filepath.Join(dir, "ctl"), "-p", filepath.Join(dir, "pid")}
		},
	}
	nginx = checker{
		program: "nginx",
		wrap: func(dir, piece string) string {
			return "pid " + dir + "/pid; events {} http {\n" + piece + "\n}\n"
		},
		args: func(file, dir string) []string {
			return []string{"-t", "-q", "-e", "stderr", "-p", dir, "-c", file}
		},
	}
	shell = checker{
		program: "sh",
		wrap:    func(_, piece string) string { return piece },
		args:    func(file, _ string) []string { return []string{"-n", file} },
	}
)

// checkers says which program checks which file; a file of a device is checked by
// all whose pattern fits its template.
var checkers = map[string]checker{
	"rsyslog-tls.conf": rsyslog, "rsyslog-tcp.conf": rsyslog, "suricata-rsyslog.conf": rsyslog, "rsyslog-elastic.conf": rsyslog, "syslog-ng.conf": syslogNG, "nginx.conf": nginx,
	"curl.sh": shell, "relay.sh": shell, "renew.sh": shell,
}

func TestProgramsTakeTheirConfiguration(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.listeners = everyWay()
	// nginx looks the host up.
	f.publicHost = "127.0.0.1"
	for i := range f.catalogue.devices {
		d := &f.catalogue.devices[i]
		for _, c := range d.Credentials {
			e := Enrolment{ID: "00064c9e2b1a7c0f1122334455", Unit: "so-y-te", Device: d.ID, Credential: c}
			k, err := f.kit(&e, d, "lc_abc", nil)
			if err != nil {
				t.Fatal(err)
			}
			for n, file := range k.Files {
				template := "renew.sh"
				if n < len(d.Files) {
					template = d.Files[n].Template
				}
				if check, ok := checkers[template]; ok {
					t.Run(fmt.Sprintf("%s/%s/%s", d.ID, c, template), func(t *testing.T) { check.run(t, file.Content) })
				}
			}
		}
	}
}

func TestTheWayInThatADeviceIsShown(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	way := func(device string, credential Kind) (Way, string) {
		t.Helper()
		d := f.catalogue.byID[device]
		k, err := f.kit(&Enrolment{Device: device, Credential: credential}, d, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, w := range k.Warnings {
			if w.Vi == "" || w.En == "" {
				t.Errorf("%s: no text", w.Code)
			}
			codes = append(codes, w.Code)
		}
		return k.Way, strings.Join(codes, " ")
	}
	check := func(what, device string, credential Kind, want Way, warnings string) {
		t.Helper()
		if got, codes := way(device, credential); got != want || codes != warnings {
			t.Errorf("%s: %+v, %q; want %+v, %q", what, got, codes, want, warnings)
		}
	}
	f.listeners = []Listener{{Protocol: "ingest", Transport: "https", Port: 8443, Path: "/ingest/json", Main: true}, {Protocol: "elastic", Transport: "https", Port: 8443, Path: "/es", Main: true}}
	check("only the main server", "filebeat", KindToken, Way{"elastic", "https", "lachan.tinh.example", 8443, "https://lachan.tinh.example:8443/es", true}, "")
	check("nothing listens", "rsyslog-tls", KindCertificate, Way{"syslog", "tls", "lachan.tinh.example", 6514, "", false}, "listener.off")
	f.listeners = append(f.listeners, Listener{Protocol: "elastic", Transport: "https", Port: 9200})
	check("a port of its own goes first", "filebeat", KindToken, Way{"elastic", "https", "lachan.tinh.example", 9200, "https://lachan.tinh.example:9200", true}, "")
	f.publicPort = 443
	check("behind a proxy", "curl", KindToken, Way{"ingest", "https", "lachan.tinh.example", 443, "https://lachan.tinh.example:443/ingest/json", true}, "")
	f.publicPort, f.publicSet = 0, false
	f.listeners = []Listener{{Protocol: "ingest", Transport: "http", Port: 8080, Path: "/ingest/json", Main: true, Local: true}, {Protocol: "syslog", Transport: "udp", Port: 5514, Local: true}}
	check("a node on loopback", "curl", KindToken, Way{"ingest", "http", "lachan.tinh.example", 8080, "http://lachan.tinh.example:8080/ingest/json", true}, "listener.local address.guessed token.plain")
	check("an address", "pfsense", KindAddress, Way{"syslog", "udp", "lachan.tinh.example", 5514, "", true}, "listener.local address.guessed address.weak")
	d := f.catalogue.byID["pfsense"]
	k, err := f.kit(&Enrolment{Device: "pfsense", Credential: KindAddress, Address: "10.9.9.9"}, d, "", nil)
	if err != nil || k.Way.Host != "10.9.9.9" {
		t.Errorf("to a relay: %+v, %v", k.Way, err)
	}
}
