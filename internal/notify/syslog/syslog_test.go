package syslog_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/notify/syslog"
)

// patience is how long a test waits for what must happen, on however busy a
// machine.
const patience = time.Minute

func message(text string) *syslog.Message {
	return &syslog.Message{
		Facility: 13, Severity: 5, At: time.Date(2026, 11, 22, 3, 20, 58, 123456000, time.UTC),
		Host: "trung tâm", App: "lachan", ID: "audit", Text: text,
	}
}

// What is written has the form of RFC 5424, section 6.
func TestAMessageIsOfTheStandard(t *testing.T) {
	for text, want := range map[string]string{
		"Sở Y tế":    "<109>1 2026-11-22T03:20:58.123456Z trungtm lachan - audit - Sở Y tế",
		"two\nlines": "<109>1 2026-11-22T03:20:58.123456Z trungtm lachan - audit - two lines",
		"a\x00b\rc":  "<109>1 2026-11-22T03:20:58.123456Z trungtm lachan - audit - a b c",
		"":           "<109>1 2026-11-22T03:20:58.123456Z trungtm lachan - audit - ",
	} {
		if got := string(message(text).Append(nil)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := string((&syslog.Message{}).Append(nil)); got != "<0>1 0001-01-01T00:00:00.000000Z - - - - - " {
		t.Errorf("%q", got)
	}
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"tls://thu-thap.tinh.example":    "tls://thu-thap.tinh.example:6514",
		"tcp://10.0.0.1:1514":            "tcp://10.0.0.1:1514",
		"udp://[2001:db8::1]":            "udp://[2001:db8::1]:514",
		"tcp://host/":                    "tcp://host:514",
		"host:514":                       "",
		"tcp://":                         "",
		"tcp://user:secret@host":         "",
		"tcp://host/path":                "",
		"tcp://host:99999":               "",
		"http://host":                    "",
		"tcp://host?framing=traditional": "",
	} {
		got, err := syslog.ParseTarget(text)
		if want == "" && err == nil || want != "" && (err != nil || got.String() != want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// selfSigned makes a certificate of localhost and the file of its authority.
func selfSigned(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func dial(target string, files syslog.TLS) (*syslog.Conn, error) {
	to, err := syslog.ParseTarget(target)
	if err != nil {
		return nil, err
	}
	d, err := syslog.NewDialer(to, files)
	if err != nil {
		return nil, err
	}
	return d.Dial(context.Background())
}

// A collector is only believed with a certificate of the named authority, and its
// going away is noticed though nothing is sent.
func TestTLSAndACollectorThatGoes(t *testing.T) {
	cert, ca := selfSigned(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				b := make([]byte, 1024)
				if n, err := conn.Read(b); err == nil {
					got <- string(b[:n])
				}
			}()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_, otherCA := selfSigned(t)
	if c, err := dial("tls://localhost:"+port, syslog.TLS{CA: otherCA}); err == nil {
		c.Close()
		t.Fatal("a collector of another authority was believed")
	}
	c, err := dial("tls://localhost:"+port, syslog.TLS{CA: ca})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Send(message("xin chào")); err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-got:
		if !strings.HasPrefix(text, "82 <109>1 ") && !strings.Contains(text, " <109>1 ") || !strings.HasSuffix(text, "xin chào") {
			t.Errorf("%q", text)
		}
	case <-time.After(patience):
		t.Fatal("nothing arrived")
	}
	select {
	case <-c.Broken():
	case <-time.After(patience):
		t.Fatal("that the collector is gone was not noticed")
	}
}

func TestUDP(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := dial("udp://"+l.LocalAddr().String(), syslog.TLS{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Send(message("xin chào")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2048)
	if err := l.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	n, _, err := l.ReadFrom(b)
	if err != nil || !bytes.HasPrefix(b[:n], []byte("<109>1 ")) {
		t.Errorf("%q %v", b[:n], err)
	}
	if err := c.Send(message(strings.Repeat("x", 70<<10))); err == nil {
		t.Error("a message that no datagram holds was sent")
	}
}

// A real collector writes what it was sent, byte for byte.
func TestRsyslogReceives(t *testing.T) {
	program, err := exec.LookPath("rsyslogd")
	if err != nil {
		if program = "/usr/sbin/rsyslogd"; !exists(program) {
			t.Skip("rsyslogd is not installed")
		}
	}
	dir := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(address)
	out := filepath.Join(dir, "out.log")
	conf := filepath.Join(dir, "rsyslog.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, `
global(workDirectory=%q net.enableDNS="off" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
module(load="imtcp")
input(type="imtcp" port=%q address="127.0.0.1")
template(name="as-is" type="string" string="%%rawmsg%%\n")
action(type="omfile" file=%q template="as-is")
`, dir, port, out), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.Command(program, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	}()
	var c *syslog.Conn
	for end := time.Now().Add(patience); c == nil; time.Sleep(100 * time.Millisecond) {
		if c, err = dial("tcp://"+address, syslog.TLS{}); err != nil && time.Now().After(end) {
			t.Fatal(err)
		}
	}
	defer c.Close()
	long := strings.Repeat("Sở Y tế ", 2000)
	var want strings.Builder
	for i := range 200 {
		m := message(fmt.Sprintf(`{"seq":%d,"detail":%q}`, i, long[:i*10]))
		if err := c.Send(m); err != nil {
			t.Fatal(err)
		}
		want.Write(append(m.Append(nil), '\n'))
	}
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		got, err := os.ReadFile(out)
		if err == nil && string(got) == want.String() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d bytes of %d arrived as they were sent: %v", len(got), want.Len(), err)
		}
	}
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }
