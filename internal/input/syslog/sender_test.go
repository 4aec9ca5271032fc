package syslog

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// These tests send with the programs agencies use.

func port(a net.Addr) string {
	_, p, _ := net.SplitHostPort(a.String())
	return p
}

func TestLogger(t *testing.T) {
	logger, err := exec.LookPath("logger")
	if err != nil {
		t.Skip("logger (util-linux) is not installed")
	}
	r := start(t, nil)
	n := 0
	for name, c := range map[string]struct {
		at   int
		args []string
	}{
		"udp":        {udp, []string{"--udp"}},
		"tcp":        {tcp, []string{"--tcp"}},
		"tcp octets": {tcp, []string{"--tcp", "--octet-count"}},
		"rfc3164":    {tcp, []string{"--tcp", "--rfc3164"}},
	} {
		args := append([]string{"--server", "127.0.0.1", "--port", port(r.Bound()[c.at]), "--tag", "thu", "--"}, "xin chào "+name)
		args = append(append([]string(nil), c.args...), args...)
		if out, err := exec.Command(logger, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		n++
		got := r.wait(t, n)[n-1].data
		if !strings.HasPrefix(got, "<") || !strings.HasSuffix(got, "xin chào "+name) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestRsyslog(t *testing.T) {
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		if rsyslogd = "/usr/sbin/rsyslogd"; !exists(rsyslogd) {
			t.Skip("rsyslogd is not installed")
		}
	}
	for name, c := range map[string]struct {
		at     int
		action string
	}{
		"tcp, LF":     {tcp, `TCP_Framing="traditional"`},
		"tcp, octets": {tcp, `TCP_Framing="octet-counted"`},
		"tls":         {secure, `StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="lachan-syslog"`},
		"udp":         {udp, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.at == secure && !exists("/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so") && !exists("/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_gtls.so") {
				t.Skip("rsyslog-gnutls is not installed")
			}
			r := start(t, nil)
			dir := t.TempDir()
			proto := "tcp"
			if c.at == udp {
				proto = "udp"
			}
			const n = 500
			var lines strings.Builder
			for k := range n {
				fmt.Fprintf(&lines, "dòng nhật ký số %d\n", k)
			}
			file := func(name, text string) string {
				p := filepath.Join(dir, name)
				if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return p
			}
			input := file("in.log", lines.String())
			conf := file("rsyslog.conf", fmt.Sprintf(`
global(workDirectory=%q DefaultNetstreamDriverCAFile=%q net.enableDNS="off")
module(load="imfile" mode="polling" PollingInterval="1")
input(type="imfile" File=%q Tag="thu:")
action(type="omfwd" Target="localhost" Port=%q Protocol=%q Template="RSYSLOG_SyslogProtocol23Format"
  action.resumeRetryCount="-1" %s)
`, dir, filepath.Join(r.dir, "tls", "ca.pem"), input, port(r.Bound()[c.at]), proto, c.action))
			cmd := exec.Command(rsyslogd, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				cmd.Process.Kill()
				cmd.Wait()
				if t.Failed() {
					t.Logf("rsyslogd: %s", out.String())
				}
			}()
			seen := map[string]int{}
			eventually(t, func() bool {
				clear(seen)
				for _, k := range r.all() {
					if i := strings.Index(k.data, "dòng nhật"); i >= 0 {
						seen[k.data[i:]]++
					}
				}
				return len(seen) >= n
			})
			for k := range n {
				if m := fmt.Sprintf("dòng nhật ký số %d", k); seen[m] != 1 {
					t.Errorf("%q came %d times", m, seen[m])
				}
			}
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
