package parse

import "strings"

var dovecotFields = []string{"protocol", "action", "outcome", "user", "auth_method", "src_ip", "dst_ip", "session", "secured", "reason", "attempts"}

var dovecotPrograms = []string{"dovecot", "imap-login", "pop3-login", "managesieve-login", "submission-login", "auth", "auth-worker"}

// parseDovecot reads the messages of Dovecot's login and authentication
// processes, from syslog ("dovecot: imap-login: Login: …") and from a log file of
// its own ("imap-login: Info: Login: …").
func (p *Parser) parseDovecot(r *record) bool {
	process, m := r.program, r.text
	if strings.HasPrefix(m, "pam_") {
		return false
	}
	if process == "dovecot" {
		var ok bool
		if process, m, ok = strings.Cut(m, ": "); !ok {
			process, m = "", r.text
		}
	} else if !dovecotLevel(m) {
		return false // another program of that name
	}
	src := &r.event.Source
	src.Product, src.Category, src.Service = "linux", "mail", "dovecot"
	if dovecotLevel(m) {
		_, m, _ = strings.Cut(m, ": ")
	}
	name := process
	if end := strings.IndexAny(name, "(<["); end >= 0 {
		name = name[:end]
	}
	if protocol, ok := strings.CutSuffix(name, "-login"); ok {
		p.sink.text("protocol", protocol)
		p.dovecotLogin(m)
		return true
	}
	switch name {
	case "auth", "auth-worker":
		p.dovecotAuth(m)
	case "imap", "pop3", "lmtp", "managesieve", "lda":
		p.sink.text("protocol", name)
		if user := between(process, "(", ")"); !isNumber(user) { // of lmtp it is the process
			p.optional("user", user)
		}
		if strings.HasPrefix(m, "Disconnected") || strings.HasPrefix(m, "Logged out") {
			p.sink.text("action", "disconnect")
		}
	}
	return true
}

func dovecotLevel(m string) bool {
	for _, level := range [...]string{"Info: ", "Warning: ", "Error: ", "Debug: ", "Fatal: "} {
		if strings.HasPrefix(m, level) {
			return true
		}
	}
	return false
}

// dovecotLogin reads "Login: user=<x>, method=PLAIN, rip=203.0.113.7, lip=10.0.0.1,
// mpid=1, TLS, session=<y>" and the messages about logins that came to nothing.
func (p *Parser) dovecotLogin(m string) {
	head, pairs := m, ""
	if i := strings.Index(m, "user=<"); i >= 0 {
		head, pairs = m[:i], m[i:]
	} else if i := strings.Index(m, "rip="); i >= 0 {
		head, pairs = m[:i], m[i:]
	}
	head = strings.TrimRight(head, ": ,")
	switch {
	case head == "Login":
		p.sink.text("action", "login")
		p.sink.text("outcome", "success")
	case strings.Contains(head, "auth failed"):
		p.sink.text("action", "login")
		p.sink.text("outcome", "failure")
	case strings.Contains(head, "no auth attempts"), strings.Contains(head, "Disconnected"), strings.Contains(head, "aborted"), strings.Contains(head, "Aborted"):
		p.sink.text("action", "disconnect")
	}
	if attempts := between(head, "auth failed, ", " attempts"); isNumber(attempts) {
		p.sink.number("attempts", attempts)
	}
	if head != "Login" {
		p.optional("reason", head)
	}
	for pairs != "" {
		var pair string
		pair, pairs, _ = strings.Cut(pairs, ", ")
		name, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok && (pair == "TLS" || pair == "secured"):
			p.sink.text("secured", "true")
		case !ok:
		case name == "user":
			p.optional("user", strings.Trim(value, "<>"))
		case name == "method":
			p.optional("auth_method", value)
		case name == "rip":
			p.optional("src_ip", value)
		case name == "lip":
			p.optional("dst_ip", value)
		case name == "session":
			p.optional("session", strings.Trim(value, "<>"))
		}
	}
}

// dovecotAuth reads "passwd-file(quantri,203.0.113.7,<session>): Password mismatch".
func (p *Parser) dovecotAuth(m string) {
	who, what, ok := strings.Cut(m, "): ")
	if !ok {
		return
	}
	_, who, ok = strings.Cut(who, "(")
	if !ok {
		return
	}
	user, rest, _ := strings.Cut(who, ",")
	ip, _, _ := strings.Cut(rest, ",")
	p.optional("user", user)
	if isAddress(ip) {
		p.sink.text("src_ip", ip)
	}
	p.sink.text("reason", what)
	if strings.Contains(what, "mismatch") || strings.Contains(what, "nknown user") || strings.Contains(what, "authentication failed") {
		p.sink.text("action", "login")
		p.sink.text("outcome", "failure")
	}
}
