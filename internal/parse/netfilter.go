package parse

import "strings"

// netfilterFields: the fields keep the kernel's names (SRC, DST, PROTO, SPT,
// DPT, IN, OUT …); addresses and ports come again under the shared names.
var netfilterFields = []string{"src_ip", "src_port", "dst_ip", "dst_port", "protocol", "action", "log_prefix", "*"}

// parseNetfilter reads the LOG target of iptables and nftables:
//
//	[123.4] [UFW BLOCK] IN=eth0 OUT= MAC=… SRC=192.0.2.1 DST=192.0.2.2 LEN=60 … PROTO=TCP SPT=1 DPT=22 … SYN
//
// What stands before IN= is the prefix the administrator chose; where it says
// what became of the packet, action is accept, drop or reject.
func (p *Parser) parseNetfilter(r *record) bool {
	s := r.text
	in := strings.Index(s, "IN=")
	if in < 0 || in > 256 || in > 0 && s[in-1] != ' ' && s[in-1] != ':' && s[in-1] != ']' ||
		!strings.Contains(s[in:], " OUT=") || !strings.Contains(s[in:], " SRC=") || !strings.Contains(s[in:], " DST=") {
		return false
	}
	prefix := s[:in]
	if strings.HasPrefix(prefix, "[") { // the kernel's time since boot
		if boot, after, ok := strings.Cut(prefix[1:], "]"); ok && isNumber(strings.ReplaceAll(strings.TrimSpace(boot), ".", "")) {
			prefix = after
		}
	}
	prefix = strings.TrimSpace(prefix)
	if prefix != "" {
		p.sink.text("log_prefix", prefix)
		if action := netfilterAction(prefix); action != "" {
			p.sink.text("action", action)
		}
	}
	rest := s[in:]
	for rest != "" {
		var part string
		part, rest = word(rest)
		if strings.HasPrefix(part, "[SRC=") {
			break // of the packet that an ICMP error speaks of
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok || name == "" {
			continue // a flag: SYN, ACK, DF
		}
		p.sink.text(clipName(name), value)
		switch name {
		case "SRC":
			p.sink.text("src_ip", value)
		case "DST":
			p.sink.text("dst_ip", value)
		case "SPT":
			p.sink.text("src_port", value)
		case "DPT":
			p.sink.text("dst_port", value)
		case "PROTO":
			p.sink.text("protocol", value)
		}
	}
	src := &r.event.Source
	src.Product, src.Category, src.Service = "linux", "firewall", "netfilter"
	return true
}

func netfilterAction(prefix string) string {
	if i := len(prefix) - 3; i > 0 && prefix[i] == '-' && prefix[i+2] == ']' { // [WAN_IN-default-D] of EdgeOS and UniFi
		switch prefix[i+1] {
		case 'A':
			return "accept"
		case 'D':
			return "drop"
		case 'R':
			return "reject"
		}
	}
	for _, c := range [...]struct{ word, action string }{
		{"REJECT", "reject"}, {"reject", "reject"}, {"DROP", "drop"}, {"drop", "drop"}, {"BLOCK", "drop"},
		{"DENY", "drop"}, {"ACCEPT", "accept"}, {"accept", "accept"}, {"ALLOW", "accept"},
	} {
		if strings.Contains(prefix, c.word) {
			return c.action
		}
	}
	return ""
}
