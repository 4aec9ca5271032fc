//go:build clients

package clients

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const installRsyslog = "run test/clients/tools.sh, or apt-get install rsyslog rsyslog-gnutls rsyslog-elasticsearch"

// needs skips a test whose part of rsyslog is not installed.
func needs(t *testing.T, module string) {
	t.Helper()
	folder := "/usr/lib/x86_64-linux-gnu/rsyslog"
	if strings.HasPrefix(program(t, "rsyslogd", installRsyslog), root()) {
		folder = root() + folder
	}
	if _, err := os.Stat(filepath.Join(folder, module)); err != nil {
		t.Skipf("rsyslog lacks %s; %s", module, installRsyslog)
	}
}

// rsyslog starts rsyslogd with an action and returns its own listener.
func rsyslog(c *centre, action string) net.Conn {
	c.t.Helper()
	daemonPath := program(c.t, "rsyslogd", installRsyslog)
	in := freeAddress(c.t)
	_, port, _ := net.SplitHostPort(in)
	conf := filepath.Join(c.dir, "rsyslog.conf")
	write(c.t, conf, fmt.Sprintf("module(load=\"imptcp\")\nmain_queue(queue.size=\"20000\")\ninput(type=\"imptcp\" address=\"127.0.0.1\" port=\"%s\")\n%s\n", port, action))
	args := []string{"-n", "-f", conf, "-i", filepath.Join(c.dir, "rsyslog.pid")}
	if strings.HasPrefix(daemonPath, root()) {
		args = append(args, "-M", root()+"/usr/lib/x86_64-linux-gnu/rsyslog")
	}
	daemon(c.t, daemonPath, args...)
	return dial(c.t, in)
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr)
	return p
}

func TestRsyslogTCP(t *testing.T) {
	c := newCentre(t)
	c.start()
	in := rsyslog(c, fmt.Sprintf(`action(type="omfwd" target="127.0.0.1" port="%s" protocol="tcp"
  template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted" queue.type="LinkedList" queue.size="20000"
  action.resumeRetryCount="-1" action.resumeInterval="1")`, port(c.syslog)))
	feed(c, 100, lines(t, in))
	c.settle(events)
	c.check("rsyslog, omfwd TCP", events, nil, false)
}

// The configuration is the one that enrolment makes, with its client certificate.
func TestRsyslogTLS(t *testing.T) {
	needs(t, "lmnsd_gtls.so")
	c := newCentre(t)
	action := c.enrol("rsyslog-tls", "90-lachan.conf")
	action = strings.Replace(action, `action.resumeRetryCount="-1"`, `action.resumeRetryCount="-1" action.resumeInterval="1"`, 1)
	c.start()
	in := rsyslog(c, action)
	feed(c, 100, lines(t, in))
	c.settle(events)
	c.check("rsyslog, omfwd TLS, client certificate", events, nil, false)
}

func TestRsyslogElasticsearch(t *testing.T) {
	needs(t, "omelasticsearch.so")
	c := newCentre(t)
	c.start()
	in := rsyslog(c, fmt.Sprintf(`module(load="omelasticsearch")
template(name="lachan" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="hostname" name="hostname" format="jsonf")
  property(outname="programname" name="programname" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
template(name="lachan-id" type="string" string="%%uuid%%")
action(type="omelasticsearch" server="http://%s" uid="gui" pwd="%s"
  template="lachan" searchIndex="logs" searchType="" bulkmode="on" writeoperation="create" dynbulkid="on" bulkid="lachan-id"
  queue.type="LinkedList" queue.size="20000" action.resumeRetryCount="-1" action.resumeInterval="1")`, c.elastic, c.token))
	feed(c, 100, lines(t, in))
	c.settle(events)
	// A batch whose answer the kill took comes again, and the names that the server
	// remembers are gone with it.
	c.check("rsyslog, omelasticsearch", events, all(), true)
}

// syslogNG starts syslog-ng with a destination d_lachan and returns its own listener.
func syslogNG(c *centre, destination string) net.Conn {
	c.t.Helper()
	path := program(c.t, "syslog-ng", "run test/clients/tools.sh, or apt-get install syslog-ng-core syslog-ng-scl syslog-ng-mod-http")
	in := freeAddress(c.t)
	conf := filepath.Join(c.dir, "syslog-ng.conf")
	if !strings.Contains(destination, "log {") {
		destination += "\nlog { source(s_src); destination(d_lachan); flags(flow-control); };"
	}
	write(c.t, conf, fmt.Sprintf("@version: 3.38\noptions { time-reopen(1); keep-hostname(yes); };\nsource s_src { network(ip(127.0.0.1) port(%s) transport(tcp) log-iw-size(20000)); };\n%s\n", port(in), destination))
	args := []string{"-F", "--no-caps"}
	if strings.HasPrefix(path, root()) {
		args = append(args, "--module-path="+root()+"/usr/lib/syslog-ng/3.38")
	}
	daemon(c.t, path, append(args, "-f", conf, "-R", filepath.Join(c.dir, "persist"), "-c", filepath.Join(c.dir, "ctl"), "-p", filepath.Join(c.dir, "pid"))...)
	return dial(c.t, in)
}

// The configuration is the one that enrolment makes, with its client certificate.
func TestSyslogNGSyslogTLS(t *testing.T) {
	c := newCentre(t)
	destination := c.enrol("syslog-ng", "lachan.conf")
	c.start()
	in := syslogNG(c, destination)
	feed(c, 100, lines(t, in))
	c.settle(events)
	c.check("syslog-ng, syslog() TLS, client certificate", events, nil, false)
}

func TestSyslogNGNetworkTLS(t *testing.T) {
	c := newCentre(t)
	c.enrol("syslog-ng", "lachan.conf")
	c.start()
	folder := filepath.Join(c.dir, "syslog-ng")
	in := syslogNG(c, fmt.Sprintf(`destination d_lachan { network("127.0.0.1" port(%s) transport("tls")
  tls(ca-file("%s/ca.pem") peer-verify(required-trusted) cert-file("%s/client.pem") key-file("%s/client.key"))); };`, port(c.tls), folder, folder, folder))
	feed(c, 100, lines(t, in))
	c.settle(events)
	c.check("syslog-ng, network() TLS, client certificate", events, nil, false)
}

func TestSyslogNGElasticsearch(t *testing.T) {
	scl := "/usr/share/syslog-ng/include/scl/elasticsearch/elastic-http.conf"
	if _, err := os.Stat(root() + scl); err == nil {
		scl = root() + scl
	} else if _, err := os.Stat(scl); err != nil {
		t.Skip("syslog-ng lacks its Elasticsearch destination; apt-get install syslog-ng-scl syslog-ng-mod-http")
	}
	c := newCentre(t)
	c.start()
	in := syslogNG(c, fmt.Sprintf(`@include "%s"
destination d_lachan { elasticsearch-http(url("http://%s/_bulk") index("logs") type("") user("gui") password("%s")
  template("$(format-json --scope rfc5424 --key ISODATE @timestamp=${ISODATE})")
  batch-lines(500) batch-timeout(300) retries(1000) timeout(10)); };`, scl, c.elastic, c.token))
	feed(c, 100, lines(t, in))
	c.settle(events)
	c.check("syslog-ng, elasticsearch-http()", events, all(), true)
}

// logger sends what it is given and ends: a batch is a process.
func TestLogger(t *testing.T) {
	for _, protocol := range []string{"udp", "tcp"} {
		t.Run(protocol, func(t *testing.T) {
			path := program(t, "logger", "apt-get install bsdutils")
			c := newCentre(t)
			c.start()
			feed(c, 100, func(first, count int) {
				var b bytes.Buffer
				for i := range count {
					fmt.Fprintln(&b, "numbered event", event(first+i))
				}
				cmd := command(t, path, "--server", "127.0.0.1", "--port", port(c.syslog), "--"+protocol, "-t", "app")
				cmd.Stdin = &b
				cmd.Run() // fails while the server is away: it keeps nothing
			})
			c.settle(events)
			c.check("logger, "+strings.ToUpper(protocol), events, nil, false)
		})
	}
}

const pythonSyslog = `
import logging, logging.handlers, socket, sys, time
host, port, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def connected():
    h = logging.handlers.SysLogHandler((host, port), socktype=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    h.handleError = failed
    return h
broken = False
def failed(record):
    global broken
    broken = True
handler = connected()
log = logging.getLogger("app")
log.setLevel(logging.INFO)
log.addHandler(handler)
for line in sys.stdin:
    broken = False
    log.info("numbered event %s", line.strip())
    if not broken:
        continue
    # What applications do: open the handler anew. The record is gone with the old one.
    log.removeHandler(handler)
    handler.close()
    while True:
        try:
            handler = connected()
            break
        except OSError:
            time.sleep(0.1)
    log.addHandler(handler)
handler.close()
`

func TestPythonSysLogHandler(t *testing.T) {
	for _, protocol := range []string{"udp", "tcp"} {
		t.Run(protocol, func(t *testing.T) {
			path := program(t, "python3", "apt-get install python3")
			c := newCentre(t)
			c.start()
			cmd := command(t, path, "-c", pythonSyslog, "127.0.0.1", port(c.syslog), protocol)
			pipe(c, cmd, func(i int) string { return event(i) + "\n" })
			c.settle(events)
			c.check("Python SysLogHandler, "+strings.ToUpper(protocol), events, nil, false)
		})
	}
}

// pipe runs a client that takes the numbers on its standard input, and waits for its end.
func pipe(c *centre, cmd *exec.Cmd, line func(i int) string) string {
	c.t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	in, err := cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	feed(c, 100, func(first, count int) {
		for i := range count {
			fmt.Fprint(in, line(first+i))
		}
	})
	in.Close()
	if err := cmd.Wait(); err != nil {
		c.t.Errorf("%s: %v\n%s", cmd.Path, err, out.String())
	}
	return out.String()
}
