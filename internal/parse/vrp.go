package parse

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

var vrpFields = slices.Concat(endpointFields, []string{"module", "level", "mnemonic", "log_class", "user", "command", "outcome", "action", "blocked", "*"})

// parseVRP reads the messages of Huawei's VRP and H3C's Comware:
//
//	%%01SHELL/5/CMDRECORD(s)[12]:Recorded command information. (Ip=192.0.2.3, User=ops, Command="display version")
//	%%10SHELL/5/SHELL_LOGIN: VTY logged in from 192.0.2.3.
//
// The service is the module in small letters (bgp, shell, ssh …).
func (p *Parser) parseVRP(r *record) bool {
	s, ok := strings.CutPrefix(r.text, "%%")
	if !ok || len(s) < 8 || s[0]-'0' > 9 || s[1]-'0' > 9 {
		return false
	}
	product := "huawei"
	if s[:2] == "10" {
		product = "h3c"
	}
	module, rest, ok := strings.Cut(s[2:], "/")
	level, rest, ok2 := strings.Cut(rest, "/")
	code, body, ok3 := strings.Cut(rest, ":")
	if !ok || !ok2 || !ok3 || !isFacility(module) || len(level) != 1 || level[0] > '7' {
		return false
	}
	mnemonic, class, _ := strings.Cut(code, "(")
	if mnemonic == "" || strings.IndexByte(mnemonic, ' ') >= 0 || len(mnemonic) > 128 {
		return false
	}
	class, _, _ = strings.Cut(class, ")")
	p.sink.text("module", module)
	p.sink.text("level", level)
	p.sink.text("mnemonic", mnemonic)
	p.optional("log_class", class)
	p.vrpBody(strings.TrimLeft(body, " "))
	src := event.Source{Product: product, Service: p.plainName(module)}
	if module == "SECLOG" || module == "POLICY" || module == "FILTER" || module == "ACL" || module == "PACKETFILTER" {
		src.Category = "firewall"
	}
	switch {
	case strings.Contains(mnemonic, "LOGIN_FAIL"), strings.Contains(mnemonic, "LOGINFAIL"), strings.Contains(mnemonic, "AUTH_FAIL"), strings.Contains(mnemonic, "LOGINFAILED"):
		p.sink.text("outcome", "failure")
	case mnemonic == "LOGIN", mnemonic == "SHELL_LOGIN", strings.Contains(mnemonic, "LOGIN_SUCC"):
		p.sink.text("outcome", "success")
	case strings.Contains(mnemonic, "PERMIT"):
		p.sink.text("action", "permit")
		p.sink.text("blocked", "false")
	case strings.Contains(mnemonic, "DENY"):
		p.sink.text("action", "deny")
		p.sink.text("blocked", "true")
	}
	r.event.Source = src
	return true
}

// vrpBody adds the pairs in brackets at the end, or those that are the whole
// text, and looks for an address behind "from" where there are none.
func (p *Parser) vrpBody(s string) {
	// -Line=vty0-IPAddr=192.0.2.3-User=ops; Command is display version
	if who, command, ok := strings.Cut(s, "; Command is "); ok && strings.HasPrefix(who, "-") {
		p.sink.text("command", command)
		for part := range strings.SplitSeq(who[1:], "-") {
			name, value, _ := strings.Cut(part, "=")
			switch name {
			case "IPAddr":
				p.optional("src_ip", value)
			case "User":
				p.optional("user", value)
			}
		}
		return
	}
	text, list := s, ""
	if open := strings.LastIndex(s, " ("); open >= 0 && strings.Contains(s[open:], "=") {
		text, list = s[:open], strings.TrimRight(s[open+2:], ").")
	} else if strings.Contains(s, "=") && strings.Contains(s, ",") || strings.Contains(s, "(1001)=") {
		list = strings.TrimRight(s, ".;")
	}
	var e endpoints
	user := ""
	for list != "" {
		name, rest, ok := strings.Cut(list, "=")
		if !ok {
			break
		}
		name = strings.TrimLeft(name, " ;,")
		name = name[strings.LastIndexByte(name, ' ')+1:]
		name, _, _ = strings.Cut(name, "(") // Comware numbers its names: Protocol(1001)
		var value string
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			if value, rest, ok = p.quoted(quoted, '"'); !ok {
				value, rest = quoted, ""
			}
			list = rest
		} else {
			end := strings.IndexAny(rest, ",;")
			if end < 0 {
				end = len(rest)
			}
			value, list = rest[:end], rest[end:]
		}
		if name == "" {
			continue
		}
		p.sink.text(clipName(name), value)
		switch name {
		case "Ip", "IpAddress", "IPAddress", "SourceIP", "SrcIPAddr", "UserIP", "IPAddr", "source-ip":
			e.srcIP = value
		case "SourcePort", "SrcPort", "source-port":
			e.srcPort = value
		case "DestinationIP", "DstIPAddr", "destination-ip":
			e.dstIP = value
		case "DestinationPort", "DstPort", "destination-port":
			e.dstPort = value
		case "Protocol", "protocol":
			e.protocol = value
		case "Event":
			p.addDeviceAction(value)
		case "User", "UserName":
			user = value
		case "Command":
			p.optional("command", value)
		}
	}
	if e.srcIP == "" {
		if _, from, ok := strings.Cut(text, " from "); ok {
			from = strings.TrimPrefix(strings.TrimPrefix(from, "IP "), "host ")
			from, _ = word(from)
			if from = strings.TrimRight(from, ".,;"); isAddress(from) {
				e.srcIP = from
			}
		}
	}
	p.addEndpoints(&e)
	p.optional("user", user)
}
