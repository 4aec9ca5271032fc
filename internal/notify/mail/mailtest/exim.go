package mailtest

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// How to sign in, and whom the server does not know.
const (
	User     = "canhbao"
	Password = "tres-secret"
	Nobody   = "khong-co"
)

const (
	program = "/usr/sbin/exim4"
	ready   = time.Minute
)

// Exim is the mail server of that name, a program of others, with a configuration
// of its own in a temporary folder. Nothing of the machine's own mail is touched.
//
// It demands STARTTLS and a sign-in, knows no address whose local part is
// [Nobody], asks senders to come later while it is held, and writes each message
// it delivers into a file.
type Exim struct {
	Addr string
	CA   string // PEM of the authority of its certificate

	t    *testing.T
	dir  string
	uid  int
	gid  int
	conf string
	cmd  *exec.Cmd

	ended <-chan struct{} // when cmd has
}

// StartExim runs a server until the test ends. The test is skipped, saying so,
// where the program is not installed.
func StartExim(t *testing.T) *Exim {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		t.Skipf("%s is not installed (Debian: apt-get install exim4-daemon-light); this test needs it", program)
	}
	// The server works as an unprivileged user, who cannot enter the test's own
	// temporary folder.
	dir, err := os.MkdirTemp("", "lachan-exim-")
	if err != nil {
		t.Fatal(err)
	}
	s := &Exim{t: t, dir: dir, uid: os.Getuid(), gid: os.Getgid(), conf: filepath.Join(dir, "exim.conf")}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if s.uid == 0 {
		s.unprivileged()
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = l.Addr().String()
	l.Close()
	cert, ca := Certificate(t, "127.0.0.1")
	s.CA = ca
	s.must(os.Chmod(dir, 0o755))
	for _, sub := range []string{"spool", "log", "delivered"} {
		s.must(os.Mkdir(filepath.Join(dir, sub), 0o750))
		s.must(os.Chown(filepath.Join(dir, sub), s.uid, s.gid))
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	s.must(err)
	s.write("server.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))+
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})), 0o600)
	s.must(os.Chown(filepath.Join(dir, "server.pem"), s.uid, s.gid))
	_, port, _ := net.SplitHostPort(s.Addr)
	s.write("exim.conf", strings.NewReplacer("@dir@", dir, "@port@", port, "@uid@", strconv.Itoa(s.uid), "@gid@", strconv.Itoa(s.gid),
		"@user@", User, "@password@", Password, "@nobody@", Nobody).Replace(configuration), 0o644)
	s.Restart()
	t.Cleanup(s.Kill)
	return s
}

// unprivileged makes the server work as the user Debian made for it.
func (s *Exim) unprivileged() {
	s.t.Helper()
	u, err := user.Lookup("Debian-exim")
	if err != nil {
		s.t.Skipf("root may not run the server as itself, and there is no user for it: %v", err)
	}
	s.uid, err = strconv.Atoi(u.Uid)
	s.must(err)
	s.gid, err = strconv.Atoi(u.Gid)
	s.must(err)
}

const configuration = `
primary_hostname = mail.example
exim_user = @uid@
exim_group = @gid@
deliver_drop_privilege = true
spool_directory = @dir@/spool
log_file_path = @dir@/log/%slog
pid_file_path = @dir@/spool/exim.pid
daemon_smtp_ports = @port@
local_interfaces = 127.0.0.1
disable_ipv6 = true
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
check_spool_space = 0
check_log_space = 0
smtp_accept_max = 100
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
tls_advertise_hosts = *
tls_certificate = @dir@/server.pem
tls_privatekey = @dir@/server.pem
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
rcpt:
  deny !authenticated = *
       message = sign in first
  deny local_parts = @nobody@
       message = no such user here
  defer condition = ${if exists{@dir@/hold}{yes}{no}}
       message = greylisted, come later
  accept
data:
  deny condition = ${if match{$h_subject:}{SPAM}{yes}{no}}
       message = this is spam
  accept
begin routers
file:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  directory = @dir@/delivered
  directory_file = $message_exim_id
  create_directory = false
  message_prefix =
  message_suffix =
  check_string =
  escape_string =
  mode = 0640
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{@user@}}{eq{$auth3}{@password@}}}{yes}{no}}
  server_set_id = $auth2
`

func (s *Exim) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *Exim) write(name, text string, mode os.FileMode) {
	s.t.Helper()
	s.must(os.WriteFile(filepath.Join(s.dir, name), []byte(text), mode))
}

// Restart runs the server, after a Kill on the same address and spool.
func (s *Exim) Restart() {
	s.t.Helper()
	var said bytes.Buffer // read when the program has ended
	s.cmd = exec.CommandContext(context.WithoutCancel(s.t.Context()), program, "-C", s.conf, "-bdf", "-q1s")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.Stderr = &said
	s.must(s.cmd.Start())
	ended := make(chan struct{})
	s.ended = ended
	cmd := s.cmd
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	for end := time.Now().Add(ready); ; {
		conn, err := (&net.Dialer{}).DialContext(s.t.Context(), "tcp", s.Addr)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ended:
		case <-time.After(10 * time.Millisecond):
			if time.Now().Before(end) {
				continue
			}
		}
		s.Kill()
		s.t.Fatalf("exim does not listen on %s: %s%s", s.Addr, said.String(), s.Log())
	}
}

// Kill ends the server and all it started, in the middle of whatever they do.
func (s *Exim) Kill() {
	if s.cmd == nil {
		return
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.ended
	s.cmd = nil
}

// Hold makes the server ask senders to come later, until it is let go.
func (s *Exim) Hold(hold bool) {
	s.t.Helper()
	if hold {
		s.write("hold", "", 0o644)
		return
	}
	s.must(os.Remove(filepath.Join(s.dir, "hold")))
}

// Delivered returns the messages that arrived, as they lie in the files.
func (s *Exim) Delivered() []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "delivered", "[^t]*"))
	s.must(err)
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if os.IsNotExist(err) {
			continue // it had its temporary name
		}
		s.must(err)
		out = append(out, string(text))
	}
	return out
}

// WaitFor returns what was delivered when it is at least n messages.
func (s *Exim) WaitFor(n int) []string {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; {
		got := s.Delivered()
		if len(got) >= n {
			return got
		}
		if time.Now().After(end) {
			s.t.Fatalf("%d messages were delivered, want %d\n%s", len(got), n, s.Log())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Log is what the server wrote down.
func (s *Exim) Log() string {
	var b strings.Builder
	for _, name := range []string{"main", "reject", "panic"} {
		if text, err := os.ReadFile(filepath.Join(s.dir, "log", name+"log")); err == nil {
			fmt.Fprintf(&b, "%s:\n%s", name, text)
		}
	}
	return b.String()
}
