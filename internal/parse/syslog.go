package parse

import (
	"strings"
	"time"
)

// parseEnvelope reads the syslog envelope at the start of r.text: RFC 5424, RFC
// 3164, or the RFC 3164 form without PRI that a log file holds. It adds the
// envelope's fields, sets time and host, and leaves the content in r.text.
// On false nothing was touched.
func (p *Parser) parseEnvelope(r *record) bool {
	s := r.text
	pri, n := priority(s)
	if n > 0 {
		s = strings.TrimLeft(s[n:], " ")
		if len(s) > 1 && s[0]-'1' <= 8 && s[1] == ' ' && p.parse5424(r, s, pri) {
			return true
		}
	}
	return p.parse3164(r, s, pri)
}

// priority reads "<PRI>" and returns its value, -1 if there is none, and its
// length.
func priority(s string) (pri, n int) {
	if len(s) < 3 || s[0] != '<' {
		return -1, 0
	}
	for i := 1; i < len(s) && i < 5; i++ {
		c := s[i]
		if c == '>' {
			if i == 1 || pri > 191 {
				return -1, 0
			}
			return pri, i + 1
		}
		if c-'0' > 9 {
			return -1, 0
		}
		pri = pri*10 + int(c-'0')
	}
	return -1, 0
}

var facilities = [24]string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
	"uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

var severities = [8]string{
	"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug",
}

// addPriority adds the names of the two halves of PRI.
func (p *Parser) addPriority(r *record, pri int) {
	if pri < 0 {
		return
	}
	r.facility = pri >> 3
	p.sink.text("facility", facilities[pri>>3])
	p.sink.text("severity", severities[pri&7])
}

// addProgram adds hostname, program and pid, where there are any.
func (p *Parser) addProgram(r *record, host, program, pid string) {
	if host != "" {
		r.event.Host = host
		p.sink.text("hostname", host)
	}
	if program != "" {
		r.program = program[strings.LastIndexByte(program, '/')+1:]
		p.sink.text("program", program)
	}
	if pid != "" {
		p.sink.text("pid", pid)
	}
}

// parse3164 reads what follows PRI. RFC 3164 only writes down what was seen in
// the wild, and the wild has moved on; all parts are optional, but without PRI
// there must be a time, or any text would be an envelope.
func (p *Parser) parse3164(r *record, s string, pri int) bool {
	rest := s
	if pri >= 0 {
		rest = skipSequence(rest)
	}
	t, n := bsdTime(rest, p.zone, r.ref)
	if n == 0 {
		t, n = dateTime(rest, p.zone)
	}
	dated := n > 0 && (n == len(rest) || rest[n] == ' ' || rest[n] == ':')
	switch {
	case dated:
		rest = strings.TrimPrefix(rest[n:], ":") // as Cisco ends its time
		if zone, n := ciscoZone(rest); n > 0 {
			if zone == "UTC" || zone == "GMT" {
				t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
			}
			rest = rest[n:]
		}
		rest = strings.TrimLeft(rest, " ")
	case pri < 0:
		return false
	}
	var host, program, pid string
	if dated {
		token, after, _ := strings.Cut(rest, " ")
		if isHost(token) && (after != "" || pri >= 0) {
			host = token
			rest = strings.TrimLeft(after, " ")
		}
	}
	program, pid, rest = tag(rest)
	if pri < 0 && program == "" && (host == "" || s[0]-'0' <= 9) {
		// An ISO date and then anything is a line of some application's log.
		return false
	}
	if dated {
		r.setTime(t)
	}
	p.addPriority(r, pri)
	p.addProgram(r, host, program, pid)
	r.text = rest
	return true
}

// skipSequence passes over what Cisco puts before the time: a message number
// ("45: ") and the mark of an unsynchronised clock ("*" or ".").
func skipSequence(s string) string {
	n := 0
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	if n > 0 && strings.HasPrefix(s[n:], ": ") {
		s = s[n+2:]
	}
	if s != "" && (s[0] == '*' || s[0] == '.') {
		s = s[1:]
	}
	return s
}

// ciscoZone reads the name of a zone between time and message, " UTC: %…". Only
// the names of UTC are sure; any other is the device's own idea of local time.
func ciscoZone(s string) (zone string, n int) {
	if len(s) < 8 || s[0] != ' ' {
		return "", 0
	}
	end := strings.IndexByte(s[:8], ':')
	if end < 4 || !strings.HasPrefix(s[end:], ": %") || !isMethod(s[1:end]) {
		return "", 0
	}
	return s[1:end], end + 1
}

// isHost tells a host name or address from a tag and from prose.
func isHost(s string) bool {
	if s == "" || len(s) > 255 || s[len(s)-1] == ':' {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c-'0' <= 9, c == '.', c == '-', c == '_', c == ':', c == '%', c >= 0x80:
		default:
			return false
		}
	}
	return true
}

// tag reads "program[pid]: " or "program: " and returns what is left. PAM's
// old form "sshd(pam_unix)[123]:" is program sshd; the module goes back to the
// front of the text, where today's form has it.
func tag(s string) (program, pid, rest string) {
	i := 0
	for i < len(s) && i < 128 && isTagByte(s[i]) {
		i++
	}
	if i == 0 || i == len(s) {
		return "", "", s
	}
	program, rest = s[:i], s[i:]
	if rest[0] == '(' {
		end := strings.IndexByte(rest, ')')
		if end < 0 || end > 64 || end+1 == len(rest) || (rest[end+1] != '[' && rest[end+1] != ':') {
			return "", "", s
		}
		rest = rest[end+1:]
	}
	if rest[0] == '[' {
		end := strings.IndexByte(rest, ']')
		if end < 0 || end > 32 {
			return "", "", s
		}
		pid, rest = rest[1:end], rest[end+1:]
		rest = strings.TrimPrefix(rest, ":")
	} else if rest[0] == ':' {
		rest = rest[1:]
		if rest != "" && rest[0] != ' ' { // "time:zone", "C:\path": not a tag
			return "", "", s
		}
	} else {
		return "", "", s
	}
	return program, pid, strings.TrimLeft(rest, " ")
}

func isTagByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c-'0' <= 9 || c == '-' || c == '_' || c == '.' || c == '/' || c == '@' || c == '+'
}

// programService names the Sigma service of programs that have no format of
// their own.
var programService = map[string]string{
	"vsftpd": "vsftpd", "guacd": "guacamole", "clamd": "clamav", "freshclam": "clamav", "clamav": "clamav",
	"auditd": "auditd", "pkexec": "auth", "polkitd": "auth", "login": "auth", "gdm": "auth", "useradd": "auth",
	"usermod": "auth", "userdel": "auth", "groupadd": "auth", "passwd": "auth", "chage": "auth",
	"nginx": "nginx", "apache2": "apache", "httpd": "apache", "apache": "apache",
}

// unknownProgram settles the source of a message whose content no format
// knows. A tag is the mark of a Unix program; devices seldom send one.
func (p *Parser) unknownProgram(r *record) {
	src := &r.event.Source
	if r.program == "" {
		return
	}
	src.Product = "linux"
	if s, ok := programService[r.program]; ok {
		src.Service = s
	} else if r.facility == 4 || r.facility == 10 {
		src.Service = "auth"
	}
}
