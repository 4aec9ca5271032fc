package parse

import (
	"strings"
	"time"
)

var ciscoFields = []string{
	"cisco_facility", "cisco_severity", "mnemonic",
	"src_ip", "src_port", "src_interface", "dst_ip", "dst_port", "dst_interface", "dst_service", "protocol", "direction",
	"action", "blocked", "outcome", "user", "src_user", "group", "interface", "acl", "connection_id", "duration", "bytes", "reason",
	"command", "CmdSet", "c-uri", "cs-uri", "cs-uri-stem", "c-uri-stem", "c-uri-query", "c-uri-extension", "cs-host", "*",
}

// parseCisco reads the message of IOS and its kin (IOS XE, IOS XR, NX-OS, ASA,
// FTD), %FACILITY-SEVERITY-MNEMONIC: text.
//
// The service is what Sigma's rules for Cisco select on: aaa for commands and
// accounting, bgp, ldp, syslog for all else; asa or ftd for the firewalls, where
// it is no command.
func (p *Parser) parseCisco(r *record) bool {
	i := strings.IndexByte(r.text, '%')
	// Before the percent sign there may be a sequence number, the place of a
	// card and the device's own time, nothing longer.
	if i < 0 || i > 96 {
		return false
	}
	code, body, ok := strings.Cut(r.text[i+1:], ":")
	code = strings.TrimRight(code, " ") // IOS XR writes a blank before the colon
	if !ok || len(code) > 64 || body != "" && body[0] != ' ' {
		return false
	}
	facility, rest, ok := strings.Cut(code, "-")
	if !ok || !isFacility(facility) {
		return false
	}
	// Between facility and severity a sub-facility may stand.
	sub := ""
	severity, mnemonic, ok := strings.Cut(rest, "-")
	for ok && !isNumber(severity) {
		sub = severity
		severity, mnemonic, ok = strings.Cut(mnemonic, "-")
	}
	if !ok || len(severity) != 1 || severity[0] > '7' || mnemonic == "" || strings.IndexByte(mnemonic, ' ') >= 0 {
		return false
	}
	p.sink.text("cisco_facility", facility)
	p.sink.text("cisco_severity", severity)
	p.sink.text("mnemonic", mnemonic)
	if !r.claimed && i > 16 {
		p.ciscoTime(r, r.text[:i])
	}
	body = strings.TrimLeft(body, " ")
	src := &r.event.Source
	src.Product, src.Service, src.Category = "cisco", "syslog", ""
	switch facility {
	case "ASA", "FTD", "PIX", "FWSM":
		p.ciscoFirewall(r, facility, mnemonic, body)
		return true
	case "SEC", "IPV6_ACL", "FMANFP", "ACLLOG":
		if strings.Contains(mnemonic, "ACCESSLOG") || facility == "ACLLOG" {
			src.Category = "firewall"
		}
	}
	switch {
	case facility == "AAA", facility == "AAAA", strings.HasPrefix(mnemonic, "AAA_ACCOUNTING"):
		src.Service = "aaa"
	case facility == "BGP", sub == "BGP", strings.Contains(mnemonic, "BADAUTH") && (strings.Contains(body, ":179") || strings.Contains(body, "(179)")):
		src.Service = "bgp"
	case facility == "LDP", sub == "LDP", facility == "MPLS_LDP", facility == "TAGCON":
		src.Service = "ldp"
	}
	if p.ciscoCommand(body) {
		src.Service = "aaa"
		return true
	}
	p.ciscoText(body, false)
	return true
}

// isFacility reports whether s is written as facilities are: capitals, digits and
// underscores.
func isFacility(s string) bool {
	for _, c := range []byte(s) {
		if c-'A' > 25 && c-'0' > 9 && c != '_' {
			return false
		}
	}
	return s != "" && s[0]-'A' <= 25
}

// ciscoTime takes the time that stands before the message where no envelope read
// one: behind the place of a card (IOS XR), or behind the year (NX-OS).
//
//	RP/0/RSP0/CPU0:Mar  2 11:59:00.123 : bgp[1]:
//	2026 Mar  2 11:59:50 ICT:
func (p *Parser) ciscoTime(r *record, s string) {
	if year, ok := digits(s, 0, 4); ok && s[4] == ' ' {
		if t, n := bsdTime(s[5:], p.zone, r.ref); n > 0 {
			r.setTime(time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), p.zone))
		}
		return
	}
	if _, stamp, ok := strings.Cut(s, ":"); ok {
		if t, n := bsdTime(stamp, p.zone, r.ref); n > 0 {
			r.setTime(t)
		}
	}
}

// ciscoCommand reads the messages that say who typed what:
//
//	User:admin  logged command:no logging host 192.0.2.9
//	User ops executed: show running-config
//	User 'enable_15' executed the 'show version' command.
//	User 'admin', running 'CLI' from IP 192.0.2.3, executed 'write erase'
//	update:192.0.2.3@pts/0:admin:configure terminal ; no logging server (SUCCESS)
func (p *Parser) ciscoCommand(body string) bool {
	var command, who string
	if i := strings.Index(body, "logged command:"); i >= 0 {
		who, command = body[:i], strings.TrimPrefix(body[i+len("logged command:"):], "!exec: ")
	} else if i := strings.Index(body, "executed"); i >= 0 && hasFold(body, "User") {
		who, command = body[:i], body[i+len("executed"):]
		if after, ok := strings.CutPrefix(command, " the "); ok {
			command = strings.TrimSuffix(after, " command.")
		}
		command = strings.TrimPrefix(strings.TrimPrefix(command, " cmd"), ":")
		command = unquoteSingle(strings.TrimSpace(command))
	} else if rest, ok := accounting(body); ok {
		// kind:address@terminal:user:command (RESULT)
		address, rest, _ := strings.Cut(rest, "@")
		_, rest, _ = strings.Cut(rest, ":")
		user, rest, ok := strings.Cut(rest, ":")
		if !ok || rest == "" {
			return false
		}
		if end := strings.LastIndex(rest, " ("); end > 0 {
			switch rest[end:] {
			case " (SUCCESS)":
				p.sink.text("outcome", "success")
				rest = rest[:end]
			case " (FAILURE)":
				p.sink.text("outcome", "failure")
				rest = rest[:end]
			}
		}
		if isAddress(address) {
			p.sink.text("src_ip", address)
		}
		p.optional("user", user)
		p.sink.text("command", rest)
		p.sink.text("CmdSet", rest)
		return true
	}
	if command == "" {
		return false
	}
	p.ciscoText(who, false)
	p.sink.text("command", command)
	p.sink.text("CmdSet", command)
	return true
}

// accounting cuts the kind off an accounting record of NX-OS.
func accounting(s string) (string, bool) {
	for _, kind := range [...]string{"update:", "start:", "stop:"} {
		if rest, ok := strings.CutPrefix(s, kind); ok {
			return rest, true
		}
	}
	return "", false
}

func unquoteSingle(s string) string {
	if len(s) > 1 && s[0] == '\'' {
		s = s[1:]
		if end := strings.LastIndexByte(s, '\''); end >= 0 {
			s = s[:end]
		}
	}
	return s
}
