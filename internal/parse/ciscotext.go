package parse

import "strings"

// Cisco's messages are English sentences, but the words before what matters are
// few and the same in all of them: from, to, src, dst, for, user, interface,
// access-group. So one walk over the words serves hundreds of messages.

// ciscoScan is what a message was found to say.
type ciscoScan struct {
	src, dst  ciscoEnd
	foreign   ciscoEnd // of faddr
	local     ciscoEnd // of laddr
	protocol  string
	direction string
	action    string
	outcome   string
	user      string
}

// ciscoEnd is one end of a connection.
type ciscoEnd struct{ ip, port, ifc, user string }

// ciscoText adds what the sentence m says of addresses, users and the outcome.
func (p *Parser) ciscoText(m string, firewall bool) {
	var (
		s           ciscoScan
		last        ciscoEnd // the end that the word before may have been
		prev, prev2 string
	)
	for rest := m; rest != ""; {
		var w string
		if w, rest = word(rest); w == "" {
			continue
		}
		key := prev
		if prev == "=" {
			key = prev2
		}
		s.named(p, bareWord(key), w, prev, firewall)
		switch w {
		case "Deny", "Denied", "denied", "deny", "Dropping":
			s.decide("deny")
		case "discarded":
			s.decide("discard")
		case "Built":
			s.decide("built")
		case "Teardown":
			s.decide("teardown")
		case "permitted", "est-allowed", "permit":
			s.decide("permit")
		case "inbound", "outbound", "Inbound", "Outbound":
			if s.direction == "" {
				s.direction = w
			}
		case "succeeded", "succeeded:", "Successful", "successful,", "Success", "Succeeded", "Succeeded.", "SUCCESS":
			s.outcome = "success"
		case "failed", "failed:", "Failed", "Rejected", "rejected,", "rejected", "failure", "locked":
			s.outcome = "failure"
		case "tcp", "udp", "icmp", "TCP", "UDP", "ICMP", "icmpv6", "gre", "GRE", "esp", "ESP", "ah", "igmp", "sctp", "ospf":
			if s.protocol == "" {
				s.protocol = w
			}
		case "->":
			s.src = last
			w, rest = word(rest)
			s.dst = parseCiscoEnd(w)
		default:
			last = s.place(prev, w, last)
		}
		prev2, prev = prev, w
	}
	if hasFold(m, "Login ") && s.outcome == "" { // to the firewall itself
		switch s.action {
		case "permit":
			s.outcome = "success"
		case "deny":
			s.outcome = "failure"
		}
	}
	p.addCisco(&s)
	p.ciscoReason(m)
}

// ciscoReason adds what follows "reason = " or "Reason: ", up to what ends it in
// one message or another.
func (p *Parser) ciscoReason(m string) {
	i := strings.Index(m, "eason")
	if i < 1 || m[i-1]|0x20 != 'r' {
		return
	}
	reason := strings.TrimLeft(m[i+len("eason"):], " :=")
	for _, end := range [...]string{" : ", "]", ", "} {
		reason, _, _ = strings.Cut(reason, end)
	}
	p.optional("reason", strings.TrimRight(reason, "."))
}

// isLine tells a terminal line from a user.
func isLine(s string) bool {
	return strings.HasPrefix(s, "vty") || strings.HasPrefix(s, "tty") || s == "console"
}

// named takes w as the value of the word before it.
func (s *ciscoScan) named(p *Parser, key, w, prev string, firewall bool) {
	switch key {
	case "interface":
		if prev != "=" {
			p.sink.text("interface", strings.Trim(w, ".,"))
		}
	case "access-group", "access-list", "list":
		p.sink.text("acl", strings.Trim(w, `",`))
	case "duration", "Duration":
		p.sink.text("duration", strings.TrimRight(w, ","))
	case "bytes":
		p.optionalNumber("bytes", w)
	case "connection":
		if isNumber(w) {
			p.sink.text("connection_id", w)
		}
	case "Group", "group":
		if prev == "=" || w[0] == '<' {
			p.optional("group", strings.Trim(w, "<>,"))
		}
	case "user", "User", "Username", "Uname", "uname":
		switch w {
		case "=", "has", "authentication", "IP", "priv", "logged":
		default:
			if s.user == "" {
				s.user = strings.Trim(w, `<>[]"',.:`)
			}
		}
	case "by":
		if s.user == "" && !firewall && isHost(w) && !isAddress(w) && !isLine(w) {
			s.user = w
		}
	case "Source":
		s.src = parseCiscoEnd(strings.Trim(w, "<>[],."))
	case "IP", "address":
		if s.src.ip == "" {
			s.src = parseCiscoEnd(strings.Trim(w, "<>[],."))
		}
	case "localport":
		s.dst.port = strings.Trim(w, "[],")
	case "faddr":
		s.foreign = parseCiscoEnd(w)
	case "laddr":
		s.local = parseCiscoEnd(w)
	default:
		switch w[0] {
		case 'U':
			if len(w) > 5 && s.user == "" && strings.HasPrefix(w, "User:") {
				s.user = w[5:]
			}
		case '(':
			if s.src.ip == "" && isLine(prev) { // "by ops on vty0 (192.0.2.3)"
				s.src = parseCiscoEnd(w)
			}
		}
	}
}

// bareWord cuts what punctuation there is around a word that names the next.
func bareWord(s string) string {
	for s != "" && (s[0] == '[' || s[0] == '(') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ':' || s[len(s)-1] == ',') {
		s = s[:len(s)-1]
	}
	return s
}

// place takes w as the end that the word before it names, and returns what end it
// is.
func (s *ciscoScan) place(prev, w string, last ciscoEnd) ciscoEnd {
	to := &s.src
	switch prev {
	case "from", "src", "for", "Host", "host":
	case "to", "dst":
		to = &s.dst
	default:
		if last.ip == "" && last.ifc != "" && isAddress(strings.TrimRight(w, ".,")) { // "src outside: 192.0.2.1"
			if s.src.ip != "" {
				to = &s.dst
			}
			if to.ip == "" {
				to.ip, to.ifc = strings.TrimRight(w, ".,"), last.ifc
			}
			return *to
		}
		return parseCiscoEnd(w)
	}
	if ifc, ok := strings.CutSuffix(w, ":"); ok && ifc != "" && !isAddress(ifc) && prev != "for" {
		return ciscoEnd{ifc: ifc}
	}
	end := parseCiscoEnd(w)
	if end.ip != "" && to.ip == "" {
		*to = end
	}
	return end
}

func (s *ciscoScan) decide(action string) {
	if s.action == "" {
		s.action = action
	}
}

// parseCiscoEnd reads ifc:address/port, ifc/address(port), address(port), each
// with a user in brackets behind it, or an address alone.
func parseCiscoEnd(w string) (e ciscoEnd) {
	// Most words are none: without a point or a colon there is no address.
	if len(w) < 3 || len(w) > 256 || strings.IndexByte(w, '.') < 0 && strings.IndexByte(w, ':') < 0 {
		return e
	}
	if w = strings.Trim(strings.TrimRight(w, ".,;:"), "()<>"); w == "" {
		return e
	}
	if i := strings.IndexByte(w, '('); i > 0 {
		inner := strings.TrimSuffix(w[i+1:], ")")
		w = w[:i]
		if port, user, ok := strings.Cut(inner, ")("); ok {
			e.port, e.user = port, user
		} else if isNumber(inner) {
			e.port = inner
		} else {
			e.user = inner
		}
	}
	if ip, port, ok := strings.Cut(w, "/"); ok {
		switch {
		case isAddress(ip):
			return ciscoEnd{ip: ip, port: port, user: e.user}
		case isAddress(port): // ifc/address
			return ciscoEnd{ifc: ip, ip: port, port: e.port, user: e.user}
		}
		if ifc, address, ok := strings.Cut(ip, ":"); ok && isAddress(address) {
			return ciscoEnd{ifc: ifc, ip: address, port: port, user: e.user}
		}
		return ciscoEnd{}
	}
	if isAddress(w) {
		e.ip = w
		return e
	}
	if ifc, address, ok := strings.Cut(w, ":"); ok {
		switch {
		case isAddress(address):
			return ciscoEnd{ifc: ifc, ip: address, port: e.port, user: e.user}
		case isAddress(ifc) && isNumber(address):
			return ciscoEnd{ip: ifc, port: address}
		}
	}
	return ciscoEnd{}
}

// addCisco adds the fields. Of a connection that was built outbound, the end that
// is named last began it.
func (p *Parser) addCisco(s *ciscoScan) {
	if s.foreign.ip != "" {
		s.src, s.dst = s.foreign, s.local
	}
	if s.action == "built" && strings.EqualFold(s.direction, "outbound") {
		s.src, s.dst = s.dst, s.src
	}
	p.optional("src_ip", s.src.ip)
	p.optionalNumber("src_port", s.src.port)
	p.optional("src_interface", s.src.ifc)
	p.optional("src_user", s.src.user)
	p.optional("dst_ip", s.dst.ip)
	if port := servicePort(s.dst.port); port != "" {
		p.sink.number("dst_port", port)
	}
	if s.dst.port != "" && !isNumber(s.dst.port) {
		p.sink.text("dst_service", s.dst.port)
	}
	p.optional("dst_interface", s.dst.ifc)
	p.optional("protocol", s.protocol)
	p.optional("direction", s.direction)
	p.optional("user", s.user)
	p.optional("outcome", s.outcome)
	p.optional("action", s.action)
	switch s.action {
	case "deny", "discard":
		p.sink.text("blocked", "true")
	case "built", "permit":
		p.sink.text("blocked", "false")
	}
}

// servicePort gives the port of a service that Cisco writes by name.
func servicePort(s string) string {
	switch s {
	case "ssh":
		return "22"
	case "telnet":
		return "23"
	case "http", "www":
		return "80"
	case "https":
		return "443"
	case "snmp":
		return "161"
	case "netbios-ns":
		return "137"
	case "netbios-dgm":
		return "138"
	case "bootps":
		return "67"
	case "bootpc":
		return "68"
	case "ntp":
		return "123"
	case "syslog":
		return "514"
	case "domain":
		return "53"
	case "rip":
		return "520"
	}
	if isNumber(s) {
		return s
	}
	return ""
}
