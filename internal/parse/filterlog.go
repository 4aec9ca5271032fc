package parse

import "strings"

var filterlogFields = []string{
	"rule", "sub_rule", "anchor", "tracker", "interface", "reason", "action", "blocked", "direction", "ip_version",
	"tos", "ecn", "ttl", "packet_id", "offset", "flags", "traffic_class", "flow_label", "protocol_id", "protocol", "length",
	"src_ip", "dst_ip", "src_port", "dst_port", "data_length", "tcp_flags", "sequence", "ack", "window", "urg", "tcp_options",
	"icmp_type", "icmp_data", "carp_type", "carp_ttl", "vhid", "carp_version", "advskew", "advbase",
}

// The columns of filterlog: of any packet, then of its IP version, then of its
// protocol.
var (
	filterlogHead = [...]string{"rule", "sub_rule", "anchor", "tracker", "interface", "reason", "action", "direction", "ip_version"}
	filterlogV4   = [...]string{"tos", "ecn", "ttl", "packet_id", "offset", "flags", "protocol_id", "protocol", "length", "src_ip", "dst_ip"}
	filterlogV6   = [...]string{"traffic_class", "flow_label", "ttl", "protocol", "protocol_id", "length", "src_ip", "dst_ip"}
	filterlogTCP  = [...]string{"src_port", "dst_port", "data_length", "tcp_flags", "sequence", "ack", "window", "urg", "tcp_options"}
	filterlogUDP  = [...]string{"src_port", "dst_port", "data_length"}
	filterlogCARP = [...]string{"carp_type", "carp_ttl", "vhid", "carp_version", "advskew", "advbase"}
)

// parseFilterlog reads the packet filter's log of pfSense and OPNsense:
//
//	5,,,1000000103,em0,match,block,in,4,0x0,,64,12345,0,DF,6,tcp,60,203.0.113.7,192.0.2.10,51000,22,0,S,1,,64240,,mss
func (p *Parser) parseFilterlog(r *record) bool {
	cells := p.split(r.text, ',')
	if len(cells) < len(filterlogHead) || !isNumber(cells[0]) {
		return false
	}
	action, version := cells[6], cells[8]
	if version != "4" && version != "6" || action == "" {
		return false
	}
	p.columns(filterlogHead[:], cells)
	switch action {
	case "pass":
		p.sink.text("blocked", "false")
	case "block", "reject":
		p.sink.text("blocked", "true")
	}
	src := &r.event.Source
	src.Product, src.Category, src.Service = "pfsense", "firewall", "filterlog"
	if isHash(cells[3]) { // OPNsense writes the hash of the rule here
		src.Product = "opnsense"
	}
	ip := filterlogV4[:]
	if version == "6" {
		ip = filterlogV6[:]
	}
	cells = cells[len(filterlogHead):]
	protocol := p.columns(ip, cells)
	if len(cells) <= len(ip) {
		return true
	}
	cells = cells[len(ip):]
	switch {
	case strings.EqualFold(protocol, "tcp"):
		p.columns(filterlogTCP[:], cells)
	case strings.EqualFold(protocol, "udp"):
		p.columns(filterlogUDP[:], cells)
	case strings.EqualFold(protocol, "carp"):
		p.columns(filterlogCARP[:], cells)
	case strings.HasPrefix(strings.ToLower(protocol), "icmp"):
		p.optional("icmp_type", cells[0])
		for _, c := range cells[1:] {
			p.optional("icmp_data", c)
		}
	}
	return true
}

// columns adds the cells that are not empty under their names, and returns the
// one named protocol.
func (p *Parser) columns(names []string, cells []string) (protocol string) {
	for i, name := range names {
		if i == len(cells) {
			break
		}
		p.optional(name, cells[i])
		if name == "protocol" {
			protocol = cells[i]
		}
	}
	return protocol
}

// isHash tells an MD5 or SHA sum in hexadecimal.
func isHash(s string) bool {
	if len(s) != 32 && len(s) != 40 && len(s) != 64 {
		return false
	}
	for _, c := range []byte(s) {
		if _, ok := hexValue(c); !ok {
			return false
		}
	}
	return true
}
