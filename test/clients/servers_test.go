//go:build clients

package clients

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// nginx speaks syslog by UDP and keeps nothing.
func TestNginx(t *testing.T) {
	path := program(t, "nginx", "apt-get install nginx-light")
	c := newCentre(t)
	c.start()
	web := freeAddress(t)
	conf := filepath.Join(c.dir, "nginx.conf")
	write(t, conf, fmt.Sprintf(`pid %[1]s/nginx.pid; daemon off; error_log stderr;
events {}
http {
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  access_log syslog:server=%[2]s,facility=local7,tag=nginx combined;
  server { listen %[3]s; location / { return 204; } }
}
`, c.dir, c.syslog, web))
	daemon(t, path, "-p", c.dir, "-c", conf, "-e", "stderr")
	dial(t, web)
	client := &http.Client{Timeout: 5 * time.Second}
	feed(c, 100, func(first, count int) {
		for i := range count {
			res, err := client.Get("http://" + web + "/" + event(first+i))
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
		}
	})
	c.settle(events)
	c.check("nginx, UDP", events, nil, false)
}

// PostgreSQL writes to the system log, here that of rsyslog, which sends by TCP.
func TestPostgreSQL(t *testing.T) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		t.Skip("PostgreSQL is not installed; apt-get install postgresql")
	}
	if _, err := os.Lstat("/dev/log"); err == nil {
		t.Skip("another system log listens at /dev/log, where PostgreSQL writes; run in a container")
	}
	bin := filepath.Dir(found[len(found)-1])
	c := newCentre(t)
	c.start()
	rsyslog(c, fmt.Sprintf(`module(load="imuxsock" SysSock.Name="/dev/log" SysSock.RateLimit.Interval="0" SysSock.Use="on" SysSock.UsePIDFromSystem="off")
action(type="omfwd" target="127.0.0.1" port="%s" protocol="tcp"
  template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted" queue.type="LinkedList" queue.size="20000"
  action.resumeRetryCount="-1" action.resumeInterval="1")`, port(c.syslog)))
	t.Cleanup(func() { os.Remove("/dev/log") })

	// PostgreSQL refuses to run as root.
	dir, err := os.MkdirTemp("", "clients-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := func(program string, args ...string) *exec.Cmd {
		if os.Getuid() == 0 {
			args = append([]string{"-u", "postgres", "--", filepath.Join(bin, program)}, args...)
			return command(t, "runuser", args...)
		}
		return command(t, filepath.Join(bin, program), args...)
	}
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "postgres", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	db := filepath.Join(dir, "db")
	if out, err := as("initdb", "-D", db, "-A", "trust", "-N", "-U", "postgres").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v %s", err, out)
	}
	server := as("pg_ctl", "-D", db, "-w", "-l", filepath.Join(dir, "log"), "-o",
		fmt.Sprintf("-k %s -c listen_addresses= -c fsync=off -c log_destination=syslog -c syslog_sequence_numbers=off -c log_statement=all", dir), "start")
	if out, err := server.CombinedOutput(); err != nil {
		t.Fatalf("pg_ctl: %v %s", err, out)
	}
	t.Cleanup(func() {
		stop := exec.Command(filepath.Join(bin, "pg_ctl"), "-D", db, "-m", "immediate", "stop")
		if os.Getuid() == 0 {
			stop = exec.Command("runuser", "-u", "postgres", "--", filepath.Join(bin, "pg_ctl"), "-D", db, "-m", "immediate", "stop")
		}
		stop.Run()
	})
	pipe(c, as("psql", "-h", dir, "-U", "postgres", "-q", "-A", "-t"), func(i int) string {
		return fmt.Sprintf("select 1 /* %s */;\n", event(i))
	})
	c.settle(events)
	c.check("PostgreSQL, log_destination=syslog, by rsyslog TCP", events, nil, false)
}

const flowPort = 20_000

// softflowd watches the loopback device: a number is the source port of a packet. What
// it saw is what it says it exported.
func TestSoftflowd(t *testing.T) {
	path := program(t, "softflowd", "apt-get install softflowd")
	control := program(t, "softflowctl", "apt-get install softflowd")
	if os.Getuid() != 0 {
		t.Skip("softflowd needs the right to watch a network device; run as root")
	}
	for _, version := range []string{"5", "9", "10"} {
		t.Run("version "+version, func(t *testing.T) {
			c := newCentre(t)
			c.byPort = true
			c.start()
			sink, err := net.ListenPacket("udp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer sink.Close()
			ctl := filepath.Join(c.dir, "ctl")
			daemon(t, path, "-d", "-i", "lo", "-n", c.flow, "-v", version, "-m", "20000", "-c", ctl, "-p", filepath.Join(c.dir, "pid"),
				"udp and dst port "+port(sink.LocalAddr().String()))
			time.Sleep(time.Second)
			exported := 0
			expire := func() {
				out, err := command(t, control, "-c", ctl, "expire-all").CombinedOutput()
				if err != nil {
					t.Errorf("softflowctl: %v %s", err, out)
				}
				if m := expired.FindSubmatch(out); m != nil {
					n, _ := strconv.Atoi(string(m[1]))
					exported += n
				}
			}
			feed(c, 500, func(first, count int) {
				for i := range count {
					from := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: flowPort + first + i}
					conn, err := net.DialUDP("udp4", from, sink.LocalAddr().(*net.UDPAddr))
					if err != nil {
						continue // another program has this port
					}
					conn.Write([]byte("x"))
					conn.Close()
				}
				time.Sleep(200 * time.Millisecond)
				expire()
			})
			time.Sleep(2 * time.Second) // packets come to softflowd in its own time
			expire()
			c.settle(events)
			name := map[string]string{"5": "NetFlow 5", "9": "NetFlow 9", "10": "IPFIX"}[version]
			c.check("softflowd, "+name, exported, nil, false)
		})
	}
}

var expired = regexp.MustCompile(`Expired (\d+) flows`)

// The Collector follows a file and sends by OTLP over HTTP; its queue tries again.
func TestCollector(t *testing.T) {
	path := filepath.Join(root(), "collector")
	if _, err := os.Stat(path); err != nil {
		t.Skip("the Collector is not built; go build -C test/clients/collector -o ../../../bin/clients/collector .")
	}
	c := newCentre(t)
	c.start()
	file := filepath.Join(c.dir, "app.log")
	log, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	conf := filepath.Join(c.dir, "collector.yaml")
	write(t, conf, fmt.Sprintf(`
receivers:
  filelog: {include: ['%s'], start_at: beginning}
exporters:
  otlphttp:
    endpoint: http://%s
    headers: {Authorization: "Bearer %s"}
    retry_on_failure: {enabled: true, initial_interval: 200ms, max_interval: 1s, max_elapsed_time: 0s}
    sending_queue: {enabled: true, queue_size: 20000, num_consumers: 2}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [filelog], exporters: [otlphttp]}
`, file, c.http, c.token))
	daemon(t, path, "--config", conf)
	feed(c, 100, func(first, count int) {
		var b strings.Builder
		for i := range count {
			fmt.Fprintln(&b, "numbered event", event(first+i))
		}
		if _, err := log.WriteString(b.String()); err != nil {
			t.Error(err)
		}
	})
	c.settle(events)
	c.check("OpenTelemetry Collector, otlphttp", events, all(), true)
}
