package parse

import (
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// modsecurityFields: the tags of a message keep ModSecurity's names (id, msg,
// data, tag …); a record of the audit log as JSON keeps its dotted names.
var modsecurityFields = []string{
	"id", "msg", "data", "rev", "ver", "maturity", "accuracy", "tag", "file", "line", "uri", "unique_id", "alert_severity",
	"action", "blocked", "phase", "reason", "audit_id", "audit_part",
	"src_ip", "src_port", "dst_ip", "dst_port", "c-ip", "c-port", "sc-status",
	"cs-method", "cs-uri", "cs-uri-stem", "cs-uri-query", "cs-host", "cs-user-agent", "cs-referer", "cs-version",
	"level", "module", "process_id", "thread_id", "connection", "upstream", "error_code", "*",
}

// parseModSecurity reads what ModSecurity writes into the error logs of Apache and
// nginx, which are read as such first,
//
//	[…] [client 203.0.113.7] ModSecurity: Access denied with code 403 (phase 2). … [id "942100"] [msg "SQL Injection"] [uri "/"] …
//
// and those lines of its serial audit log that can be told alone: the boundaries
// of the parts, the header of part A, and the messages of part H.
func (p *Parser) parseModSecurity(r *record) bool {
	s := r.text
	if len(s) < 12 {
		return false
	}
	switch s[0] {
	case '-':
		return p.auditBoundary(r, s)
	case 'M', 'C', 'A':
		text, ok := strings.CutPrefix(s, "Message: ")
		if !ok {
			text, ok = strings.CutPrefix(s, "ModSecurity: ")
		}
		if !ok && !strings.HasPrefix(s, "Access denied with code ") || !strings.Contains(text, ` [id "`) {
			return false
		}
		p.modsecMessage(text)
		modsecSource(r)
		return true
	case '[':
		if len(s) > 30 && s[3] == '/' && s[27] == ']' {
			return p.auditHeader(r, s)
		}
		// [Mon Mar 02 …, or [client … by syslog
		if (s[4] != ' ' || s[8] != ' ') && !strings.HasPrefix(s, "[client ") {
			return false
		}
	default:
		if s[4] != '/' { // nginx: 2026/03/02 11:59:00
			return false
		}
	}
	i := strings.Index(s, "ModSecurity: ")
	if i < 0 {
		return false
	}
	first, _ := p.sink.mark()
	switch {
	case s[0] != '[':
		if !p.parseNginxError(r) {
			return false
		}
		if client, _, ok := bracket(s[max(0, strings.LastIndex(s[:i], "[client ")):]); ok && hasFold(client, "client ") {
			p.optional("src_ip", client[len("client "):])
		} else {
			p.optional("src_ip", fieldValue(p.sink.fields[first:], "c-ip"))
		}
	case p.parseApacheError(r):
		p.optional("src_ip", fieldValue(p.sink.fields[first:], "c-ip"))
	default: // by syslog it is without its time
		client, _, _ := bracket(s)
		client, ok := strings.CutPrefix(client, "client ")
		if !ok {
			return false
		}
		p.sink.text("src_ip", client)
	}
	p.modsecMessage(s[i+len("ModSecurity: "):])
	modsecSource(r)
	return true
}

// modsecMessage reads "Access denied with code 403 (phase 2). why [name "value"]…".
func (p *Parser) modsecMessage(s string) {
	reason := s
	if end := strings.Index(s, ` [`); end >= 0 {
		reason = s[:end]
	}
	p.optional("reason", strings.TrimSpace(reason))
	switch {
	case hasFold(s, "Access denied"), hasFold(s, "Access to phase"):
		p.sink.text("action", "denied")
		p.sink.text("blocked", "true")
	case hasFold(s, "Warning"), hasFold(s, "Access allowed"):
		p.sink.text("action", "warning")
		p.sink.text("blocked", "false")
	}
	if _, code, ok := strings.Cut(reason, "with code "); ok && len(code) >= 3 && isNumber(code[:3]) {
		p.sink.number("sc-status", code[:3])
	}
	if _, phase, ok := strings.Cut(reason, "(phase "); ok && len(phase) > 1 && phase[1] == ')' {
		p.optionalNumber("phase", phase[:1])
	}
	for {
		i := strings.IndexByte(s, '[')
		if i < 0 {
			return
		}
		s = s[i+1:]
		name, rest, ok := strings.Cut(s, ` "`)
		if !ok {
			return
		}
		if !isTagName(name) {
			continue
		}
		value, rest, ok := p.quoted(rest, '"')
		if !ok {
			return
		}
		s = rest
		switch name {
		case "severity":
			name = "alert_severity" // the envelope has one, too
		case "hostname":
			p.optional("cs-host", value)
			continue // hostname is the machine that logs
		case "uri":
			p.sink.text("cs-uri-stem", value)
		case "id", "msg", "data", "rev", "ver", "maturity", "accuracy", "tag", "file", "line", "unique_id":
		default:
			continue
		}
		p.sink.text(name, value)
	}
}

func isTagName(s string) bool {
	for _, c := range []byte(s) {
		if c-'a' > 25 && c != '_' {
			return false
		}
	}
	return s != "" && len(s) < 32
}

// auditBoundary reads "--4a1b2c3d-H--".
func (p *Parser) auditBoundary(r *record, s string) bool {
	if len(s) > 64 || !strings.HasPrefix(s, "--") || !strings.HasSuffix(s, "--") {
		return false
	}
	id, part, ok := strings.Cut(s[2:len(s)-2], "-")
	if !ok || len(part) != 1 || part[0]-'A' > 25 || id == "" || !isAlphanumeric(id) {
		return false
	}
	p.sink.text("audit_id", id)
	p.sink.text("audit_part", part)
	modsecSource(r)
	return true
}

func isAlphanumeric(s string) bool {
	for _, c := range []byte(s) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if c-'0' > 9 {
				return false
			}
		}
	}
	return true
}

// auditHeader reads "[02/Mar/2026:11:59:00 +0700] unique-id 203.0.113.7 51000 192.0.2.10 443".
func (p *Parser) auditHeader(r *record, s string) bool {
	t, ok := clfTime(s[1:27])
	id, rest := word(strings.TrimLeft(s[28:], " "))
	client, rest := word(rest)
	clientPort, rest := word(rest)
	server, serverPort := word(rest)
	if !ok || !isAddress(client) || !isNumber(clientPort) || !isAddress(server) || !isNumber(serverPort) {
		return false
	}
	r.setTime(t)
	p.sink.text("unique_id", id)
	p.addEndpoints(&endpoints{srcIP: client, srcPort: clientPort, dstIP: server, dstPort: serverPort})
	modsecSource(r)
	return true
}

func modsecSource(r *record) {
	r.event.Source = event.Source{Product: "modsecurity", Category: "webserver", Service: "modsecurity"}
}

// parseModSecurityJSON reads a transaction of the audit log in its JSON form, as
// versions 2 and 3 write it.
func (p *Parser) parseModSecurityJSON(r *record, first int) bool {
	k := &p.json.keys
	if !k.has(keyTransaction) {
		return false
	}
	fields := k.fields[first:]
	stamp := fieldValue(fields, "transaction.time_stamp")
	if stamp == "" {
		stamp = fieldValue(fields, "transaction.time")
	}
	if stamp == "" {
		return false
	}
	if len(stamp) > 27 && stamp[20] == '.' { // 02/Mar/2026:11:59:08.123456 +0700
		if zone := strings.IndexByte(stamp, ' '); zone > 0 {
			p.scratch = append(append(p.scratch[:0], stamp[:20]...), stamp[zone:]...)
			stamp = aliasString(p.scratch)
		}
	}
	if t, ok := clfTime(stamp); ok {
		r.setTime(t)
	} else if len(stamp) > 20 && stamp[3] == ' ' { // Mon Mar  2 11:59:00 2026
		if t, n := bsdTime(stamp[4:], p.zone, r.ref); n > 0 {
			r.setTime(t)
		}
	}
	var (
		e           endpoints
		uri, status string
		denied      bool
	)
	for i := range fields {
		f := &fields[i]
		switch f.Name {
		case "transaction.client_ip", "transaction.remote_address":
			e.srcIP = f.Value
		case "transaction.client_port", "transaction.remote_port":
			e.srcPort = f.Value
		case "transaction.host_ip", "transaction.local_address":
			e.dstIP = f.Value
		case "transaction.host_port", "transaction.local_port":
			e.dstPort = f.Value
		case "transaction.request.method":
			p.sink.text("cs-method", f.Value)
		case "transaction.request.uri":
			uri = f.Value
		case "request.request_line":
			if method, target, ok := strings.Cut(f.Value, " "); ok && isMethod(method) {
				p.sink.text("cs-method", method)
				uri, _, _ = strings.Cut(target, " HTTP/")
			}
		case "transaction.request.headers.Host", "transaction.request.headers.host", "request.headers.Host":
			p.sink.text("cs-host", f.Value)
		case "transaction.request.headers.User-Agent", "transaction.request.headers.user-agent", "request.headers.User-Agent":
			p.sink.text("cs-user-agent", f.Value)
		case "transaction.request.headers.Referer", "transaction.request.headers.referer", "request.headers.Referer":
			p.sink.text("cs-referer", f.Value)
		case "transaction.response.http_code", "response.status":
			status = f.Value
		case "transaction.messages.message":
			p.sink.text("msg", f.Value)
		case "transaction.messages.details.ruleId":
			p.sink.text("id", f.Value)
		case "transaction.messages.details.data":
			p.sink.text("data", f.Value)
		case "transaction.messages.details.tags":
			p.sink.text("tag", f.Value)
		case "audit_data.messages":
			denied = denied || hasFold(f.Value, "Access denied")
			p.sink.text("msg", f.Value)
		case "audit_data.action.intercepted":
			denied = denied || f.Value == "true"
		}
	}
	p.addEndpoints(&e)
	if uri != "" {
		p.sink.text("cs-uri", uri)
		stem, _, _ := strings.Cut(uri, "?")
		p.sink.text("cs-uri-stem", stem)
		p.addServerNames(uri, "")
	}
	p.optionalNumber("sc-status", status)
	if denied {
		p.sink.text("blocked", "true")
	}
	modsecSource(r)
	return true
}
