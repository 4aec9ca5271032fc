package parse

import (
	"strings"
	"time"
)

var postgresFields = []string{
	"level", "process_id", "user", "database", "src_ip", "src_port", "action", "outcome", "statement", "duration_ms",
	"application", "session_id", "error_code", "command", "object_type", "object", "detail", "*",
}

// parsePostgres reads PostgreSQL's log as Debian sets it up, as csvlog, and as it
// comes by syslog:
//
//	2026-03-02 11:59:50.123 +07 [4242] postgres@app LOG:  statement: SELECT 1
//	2026-03-02 11:59:50.123 +07,"postgres","app",4242,"10.0.0.7:51234",65e2.1092,1,"SELECT",…
//	[3-1] postgres@app LOG:  statement: SELECT 1
//
// The prefix may also be pgBadger's, "[4242]: user=postgres,db=app,app=psql,client=10.0.0.7 LOG: …".
func (p *Parser) parsePostgres(r *record) bool {
	s := r.text
	tagged := r.program != ""
	if tagged {
		if mark, rest, ok := strings.Cut(s, "] "); ok && len(mark) < 24 && strings.HasPrefix(mark, "[") {
			s = rest
		}
	}
	t, n := postgresTime(s, p.zone)
	if n > 0 && n < len(s) && s[n] == ',' {
		return p.postgresCSV(s[n+1:], t, r)
	}
	prefix, level, message, ok := postgresLevel(s[n:])
	if !ok || n == 0 && !tagged {
		if !tagged {
			return false
		}
		postgresSource(r) // a line that goes on
		return true
	}
	if n > 0 {
		r.setTime(t)
	}
	p.sink.text("level", level)
	p.postgresPrefix(prefix)
	if level == "STATEMENT" || level == "QUERY" {
		p.sink.text("statement", message)
	} else {
		p.postgresMessage(message)
	}
	postgresSource(r)
	return true
}

func postgresSource(r *record) {
	src := &r.event.Source
	src.Product, src.Category, src.Service = "postgresql", "database", "postgresql"
}

// postgresTime reads the time of %m and %t: the zone is a name or an offset of
// hours behind a blank.
func postgresTime(s string, zone *time.Location) (time.Time, int) {
	t, n := dateTime(s, time.UTC)
	if n < 19 || s[10] != ' ' {
		return time.Time{}, 0
	}
	if n == len(s) || s[n] != ' ' {
		return t, 0
	}
	rest := s[n+1:]
	if offset, zn := zoneOffset(rest); zn > 1 {
		return t.Add(-time.Duration(offset) * time.Second), n + 1 + zn
	}
	end := 0
	for end < len(rest) && end < 6 && rest[end]-'A' < 26 {
		end++
	}
	if end < 2 {
		return t, 0
	}
	if name := rest[:end]; name != "UTC" && name != "GMT" {
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
	}
	return t, n + 1 + end
}

// postgresLevel takes "prefix LEVEL:  message" apart.
func postgresLevel(s string) (prefix, level, message string, ok bool) {
	i := strings.Index(s, ":  ")
	if i < 3 || i > 512 {
		return "", "", "", false
	}
	start := strings.LastIndexByte(s[:i], ' ') + 1
	switch level = s[start:i]; level {
	case "LOG", "INFO", "NOTICE", "WARNING", "ERROR", "FATAL", "PANIC", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5",
		"STATEMENT", "DETAIL", "HINT", "CONTEXT", "QUERY", "LOCATION":
		return strings.Trim(s[:start], " "), level, strings.TrimLeft(s[i+3:], " "), true
	}
	return "", "", "", false
}

func (p *Parser) postgresPrefix(s string) {
	if rest, ok := strings.CutPrefix(s, "["); ok {
		if id, after, ok := strings.Cut(rest, "]"); ok {
			id, _, _ = strings.Cut(id, "-")
			if isNumber(id) {
				p.sink.number("process_id", id)
			}
			s = strings.TrimLeft(after, ": ")
		}
	}
	if strings.Contains(s, "user=") {
		for s != "" {
			var pair string
			pair, s, _ = strings.Cut(s, ",")
			name, value, _ := strings.Cut(strings.Trim(pair, " "), "=")
			switch name {
			case "user":
				p.optional("user", value)
			case "db":
				p.optional("database", value)
			case "app":
				p.optional("application", value)
			case "client", "host":
				ip, port, _ := strings.Cut(value, "(")
				p.postgresAddress(ip, strings.TrimSuffix(port, ")"))
			}
		}
		return
	}
	if user, database, ok := strings.Cut(s, "@"); ok && user != "[unknown]" && strings.IndexByte(s, ' ') < 0 {
		p.optional("user", user)
		p.optional("database", database)
	}
}

func (p *Parser) postgresAddress(ip, port string) {
	if ip != "[local]" {
		p.once("src_ip", ip)
	}
	if isNumber(port) {
		p.sink.number("src_port", port)
	}
}

// postgresCSV reads the columns behind the time.
func (p *Parser) postgresCSV(s string, t time.Time, r *record) bool {
	c := p.splitCSV(s, '"', false)
	if len(c) < 13 || !isNumber(c[2]) {
		return false
	}
	r.setTime(t)
	p.optional("user", c[0])
	p.optional("database", c[1])
	p.sink.number("process_id", c[2])
	if i := strings.LastIndexByte(c[3], ':'); i > 0 {
		p.postgresAddress(c[3][:i], c[3][i+1:])
	}
	p.optional("session_id", c[4])
	p.optional("command", c[6])
	p.optional("level", c[10])
	p.optional("error_code", c[11])
	statement := ""
	message := c[12]
	if len(c) > 21 {
		p.optional("detail", c[13])
		p.optional("application", c[21])
		statement = c[18]
	}
	p.postgresMessage(message)
	p.optional("statement", statement)
	postgresSource(r)
	return true
}

// postgresMessage adds what a message tells of connections, logins and statements.
func (p *Parser) postgresMessage(m string) {
	if rest, ok := strings.CutPrefix(m, "duration: "); ok {
		number, rest := word(rest)
		p.decimal("duration_ms", number)
		if m = strings.TrimLeft(strings.TrimPrefix(rest, "ms"), " "); m == "" {
			return
		}
	}
	kind, rest, _ := strings.Cut(m, ":")
	rest = strings.TrimLeft(rest, " ")
	switch {
	case kind == "statement":
		p.postgresAction("statement", "")
		p.sink.text("statement", rest)
	case strings.HasPrefix(kind, "execute "):
		p.postgresAction("execute", "")
		p.sink.text("statement", rest)
	case kind == "AUDIT":
		p.postgresAudit(rest)
	case kind == "connection received":
		p.postgresAction("connect", "")
		p.postgresPairs(rest)
	case kind == "connection authorized":
		p.postgresAction("login", "success")
		p.postgresPairs(rest)
	case kind == "disconnection":
		p.postgresAction("disconnect", "")
		p.postgresPairs(rest)
	case strings.Contains(m, "authentication failed for user "):
		p.postgresAction("login", "failure")
		p.postgresUser(m)
	case strings.HasPrefix(m, "no pg_hba.conf entry for host "):
		p.postgresAction("login", "refused")
		p.optional("src_ip", between(m, `host "`, `"`))
		p.once("user", between(m, `user "`, `"`))
		p.once("database", between(m, `database "`, `"`))
	case strings.HasPrefix(m, `role "`) && strings.HasSuffix(m, " does not exist"):
		p.postgresAction("login", "invalid_user")
		p.once("user", between(m, `role "`, `"`))
	}
}

func (p *Parser) postgresAction(action, outcome string) {
	p.sink.text("action", action)
	p.optional("outcome", outcome)
}

func (p *Parser) postgresUser(m string) { p.once("user", between(m, `user "`, `"`)) }

// postgresPairs reads "host=10.0.0.7 port=51234 user=postgres database=app …".
func (p *Parser) postgresPairs(s string) {
	k := pairs{p: p, rest: s}
	for k.next() {
		switch k.name {
		case "host":
			p.postgresAddress(k.value, "")
		case "port":
			p.postgresAddress("", k.value)
		case "user":
			p.once("user", k.value)
		case "database":
			p.once("database", k.value)
		case "application_name":
			p.optional("application", k.value)
		}
	}
}

// postgresAudit reads the message of pgAudit:
// "SESSION,1,1,READ,SELECT,TABLE,public.t,select * from t,<none>".
func (p *Parser) postgresAudit(s string) {
	c := p.splitCSV(s, '"', false)
	if len(c) < 8 {
		return
	}
	p.postgresAction("audit", "")
	p.optional("command", c[4])
	p.optional("object_type", c[5])
	p.optional("object", c[6])
	p.optional("statement", c[7])
}

// once adds what the record did not already say of itself.
func (p *Parser) once(name, value string) {
	for i := len(p.sink.fields) - 1; i >= 0; i-- {
		if p.sink.fields[i].Name == name && p.sink.fields[i].Value == value {
			return
		}
	}
	p.optional(name, value)
}

// decimal adds digits with or without a fraction as a number, and nothing else.
func (p *Parser) decimal(name, value string) {
	whole, frac, point := strings.Cut(value, ".")
	if isNumber(whole) && (!point || isNumber(frac)) {
		p.sink.number(name, value)
	}
}

// between returns what stands between two texts, "" where they are missing.
func between(s, before, after string) string {
	_, rest, ok := strings.Cut(s, before)
	if !ok {
		return ""
	}
	value, _, ok := strings.Cut(rest, after)
	if !ok {
		return ""
	}
	return value
}
