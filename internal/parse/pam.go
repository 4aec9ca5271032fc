package parse

import "strings"

// pamFields: outcome is success, failure, unknown_user, session_opened or
// session_closed.
var pamFields = []string{"pam_module", "pam_service", "pam_type", "user", "src_ip", "tty", "ruser", "uid", "euid", "logname", "by", "outcome"}

// parsePAM reads a PAM module's line under a program that has no format of its
// own (login, gdm, vsftpd, polkit …).
func (p *Parser) parsePAM(r *record) bool {
	if r.program == "" || !p.pamLine(r.text) {
		return false
	}
	p.unknownProgram(r)
	if r.event.Source.Service == "syslog" {
		r.event.Source.Service = "auth"
	}
	return true
}

// pamLine reads "pam_unix(sshd:auth): authentication failure; …" and, without
// that prefix, the lines that old PAM wrote under the tag "sshd(pam_unix)". It
// reports whether m is one.
func (p *Parser) pamLine(m string) bool {
	rest := m
	if head, after, ok := strings.Cut(m, "): "); ok && strings.HasPrefix(m, "pam_") && len(head) < 128 {
		module, where, ok := strings.Cut(head, "(")
		if !ok {
			return false
		}
		service, kind, _ := strings.Cut(where, ":")
		p.sink.text("pam_module", module)
		p.sink.text("pam_service", service)
		if kind != "" {
			p.sink.text("pam_type", kind)
		}
		p.pamText(after)
		return true
	}
	return p.pamText(rest)
}

// pamText reads what a PAM module says.
func (p *Parser) pamText(m string) bool {
	if rest, ok := strings.CutPrefix(m, "session opened for user "); ok {
		user, by, _ := strings.Cut(rest, " by ")
		p.pamUser(user)
		if by = strings.TrimSpace(by); by != "" {
			p.sink.text("by", by)
		}
		p.sink.text("outcome", "session_opened")
		return true
	}
	if user, ok := strings.CutPrefix(m, "session closed for user "); ok {
		p.pamUser(user)
		p.sink.text("outcome", "session_closed")
		return true
	}
	if strings.HasPrefix(m, "check pass; user unknown") {
		p.sink.text("outcome", "unknown_user")
		return true
	}
	if rest, ok := strings.CutPrefix(m, "authentication failure; "); ok {
		p.pamPairs(rest)
		p.sink.text("outcome", "failure")
		return true
	}
	if rest, ok := strings.CutPrefix(m, "authentication success; "); ok {
		p.pamPairs(rest)
		p.sink.text("outcome", "success")
		return true
	}
	return false
}

// pamUser takes "root(uid=0)" apart.
func (p *Parser) pamUser(s string) {
	s = strings.TrimSpace(s)
	if name, uid, ok := strings.Cut(s, "(uid="); ok {
		p.sink.text("user", name)
		p.sink.text("uid", strings.TrimSuffix(uid, ")"))
		return
	}
	p.sink.text("user", s)
}

// pamPairs reads "logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root".
func (p *Parser) pamPairs(s string) {
	for s != "" {
		var pair string
		pair, s, _ = strings.Cut(s, " ")
		name, value, ok := strings.Cut(pair, "=")
		if !ok || value == "" {
			continue
		}
		switch name {
		case "rhost":
			p.sink.text("src_ip", value)
		case "user", "tty", "ruser", "uid", "euid", "logname":
			p.sink.text(name, value)
		}
	}
}
