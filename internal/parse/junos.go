package parse

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

var junosFields = slices.Concat(endpointFields, []string{"tag", "user", "command", "action", "blocked", "outcome", "policy", "src_interface"})

// parseJunos reads what Juniper's daemons say, in plain or structured syslog:
//
//	RT_FLOW: RT_FLOW_SESSION_CREATE: session created 192.0.2.40/50000->198.51.100.5/443 …
//	mgd[1]: UI_CMDLINE_READ_LINE: User 'ops', command 'show configuration '
//	rpd[1]: bgp_…: NOTIFICATION sent to 198.51.100.30 …
//
// The service is bgp for what concerns its sessions, else the daemon.
func (p *Parser) parseJunos(r *record) bool {
	s := r.text
	if r.program == "kernel" && !strings.HasPrefix(s, "tcp_auth_ok") {
		return false
	}
	src := event.Source{Product: "juniper", Service: p.plainName(r.program)}
	tag, rest, ok := strings.Cut(s, ": ")
	if ok && isFacility(tag) {
		p.sink.text("tag", tag)
	} else {
		tag, rest = "", s
		for i := range p.sink.fields {
			if f := &p.sink.fields[i]; f.Name == "msgid" && isFacility(f.Value) {
				tag = f.Value
				p.sink.text("tag", tag)
				break
			}
		}
	}
	switch {
	case r.program == "rpd" && (strings.Contains(s, "bgp") || strings.Contains(s, "BGP")), strings.Contains(s, "missing MD5 digest"):
		src.Service = "bgp"
		p.ciscoText(rest, false)
	case strings.HasPrefix(tag, "RT_"):
		p.junosFlow(rest)
		if strings.HasPrefix(tag, "RT_FLOW") || strings.HasPrefix(tag, "RT_SCREEN") {
			src.Category = "firewall"
		}
		switch {
		case strings.HasSuffix(tag, "_DENY"):
			p.sink.text("action", "deny")
			p.sink.text("blocked", "true")
		case strings.HasSuffix(tag, "_CREATE"):
			p.sink.text("action", "permit")
			p.sink.text("blocked", "false")
		}
	default:
		if user, after, ok := strings.Cut(rest, "User '"); ok && len(user) < 32 {
			user, after, _ = strings.Cut(after, "'")
			p.optional("user", user)
			if _, command, ok := strings.Cut(after, "command '"); ok {
				p.optional("command", strings.TrimRight(strings.TrimSuffix(command, "'"), " "))
			}
			if _, from, ok := strings.Cut(after, "ssh-connection '"); ok {
				if from, _ = word(from); isAddress(from) {
					p.sink.text("src_ip", from)
				}
			}
		}
		switch tag {
		case "UI_LOGIN_EVENT":
			p.sink.text("outcome", "success")
		case "SSHD_LOGIN_FAILED", "LOGIN_FAILED", "UI_AUTH_INVALID_CHALLENGE":
			p.sink.text("outcome", "failure")
		}
	}
	r.event.Source = src
	return true
}

// junosFlow finds the ends of a session: in the structured data of the envelope,
// or as address/port->address/port in the text.
func (p *Parser) junosFlow(s string) {
	var e endpoints
	policy := ""
	for _, f := range p.sink.fields {
		name, ok := strings.CutPrefix(f.Name, "sd.junos@")
		if !ok {
			continue
		}
		switch name[strings.LastIndexByte(name, '.')+1:] {
		case "source-address":
			e.srcIP = f.Value
		case "source-port":
			e.srcPort = f.Value
		case "destination-address":
			e.dstIP = f.Value
		case "destination-port":
			e.dstPort = f.Value
		case "protocol-id":
			e.protocol = f.Value
		case "policy-name":
			policy = f.Value
		}
	}
	if e.srcIP == "" {
		if from, to, ok := strings.Cut(s, "->"); ok {
			from = from[strings.LastIndexByte(from, ' ')+1:]
			to, _ = word(to)
			e.srcIP, e.srcPort, _ = strings.Cut(from, "/")
			e.dstIP, e.dstPort, _ = strings.Cut(to, "/")
		} else if _, from, ok := strings.Cut(s, "source: "); ok {
			from, rest, _ := strings.Cut(from, ", ")
			e.srcIP, e.srcPort = hostPort(from)
			if to, ok := strings.CutPrefix(rest, "destination: "); ok {
				to, _, _ = strings.Cut(to, ",")
				e.dstIP, e.dstPort = hostPort(to)
			}
		}
	}
	if isAddress(e.srcIP) {
		p.addEndpoints(&e)
	}
	p.optional("policy", policy)
}
