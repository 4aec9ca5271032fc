package app

import (
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/module/enrol"
)

// publicAddress is where agencies reach the node: as configured, else by the first
// name of the console's certificate, else by the machine's name.
func publicAddress(c Config) (host string, port int, err error) {
	if c.PublicAddress != "" {
		return splitPublic(c.PublicAddress)
	}
	if len(c.HTTP.Names) > 0 && enrol.GoodHost(c.HTTP.Names[0]) {
		return c.HTTP.Names[0], 0, nil
	}
	if host, err := os.Hostname(); err == nil && enrol.GoodHost(host) {
		return host, 0, nil
	}
	return "localhost", 0, nil
}

// listenerSection are the keys by which the kinds of inputs say where they listen.
type listenerSection struct {
	UDP    []string `yaml:"udp"`
	TCP    []string `yaml:"tcp"`
	Listen []string `yaml:"listen"`
	TLS    struct {
		Listen []string `yaml:"listen"`
		Cert   string   `yaml:"cert"`
	} `yaml:"tls"`
	Plain     bool     `yaml:"plain"`
	Protocols []string `yaml:"protocols"`
}

// pathsOf are where clients of an HTTP protocol send to: on a port of its own, and
// on the main server.
var pathsOf = map[string][2]string{
	"elastic": {"", "/es"}, "http": {"/ingest/json", "/ingest/json"}, "otlp": {"/v1/logs", "/v1/logs"}, "gelf": {"/gelf", "/gelf"},
	"splunk": {"/services/collector/event", "/services/collector/event"}, "loki": {"/loki/api/v1/push", "/loki/api/v1/push"},
}

// listeners are the ways into the node, for those who connect devices.
func (n *Node) listeners() []enrol.Listener {
	var list []enrol.Listener
	add := func(l enrol.Listener, addresses []string) {
		for _, a := range addresses {
			host, port, err := net.SplitHostPort(a)
			if err != nil {
				continue // refused when the configuration was read
			}
			if l.Port, err = strconv.Atoi(port); err == nil {
				l.Local = isLoopback(host)
				list = append(list, l)
			}
		}
	}
	protocol := func(name string) string {
		if name == "http" {
			return "ingest"
		}
		return name
	}
	main := n.o.Config.HTTP
	for _, e := range endpoints() {
		l := enrol.Listener{Protocol: protocol(e.Name), Transport: "https", Path: pathsOf[e.Name][1], Main: true}
		if main.TLS == "off" {
			l.Transport = "http"
		}
		add(l, []string{main.Listen})
	}
	for i := range n.inputs {
		in := &n.inputs[i]
		var c listenerSection
		// A key of the same name and another shape is left out; the kind has checked
		// its section itself.
		_ = in.settings.Decode(&c)
		if in.kind.Name == "http" {
			for _, p := range c.Protocols {
				l := enrol.Listener{Protocol: protocol(p), Transport: "https", Path: pathsOf[p][0]}
				if c.Plain {
					l.Transport = "http"
				}
				add(l, c.Listen)
			}
			continue
		}
		l := enrol.Listener{Protocol: in.kind.Name}
		l.Transport = "udp"
		add(l, c.UDP)
		if in.kind.Name == "netflow" {
			add(l, c.Listen)
			continue
		}
		l.Transport = "tcp"
		add(l, c.TCP)
		l.Transport = "tls"
		if c.TLS.Cert == "" || c.TLS.Cert == "auto" {
			l.Pin = "lachan-" + in.kind.Name
		}
		add(l, c.TLS.Listen)
	}
	// Reached from outside first, then as configured.
	slices.SortStableFunc(list, func(a, b enrol.Listener) int {
		return strings.Compare(strconv.FormatBool(a.Local), strconv.FormatBool(b.Local))
	})
	return list
}
