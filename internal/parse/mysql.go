package parse

import (
	"strings"
	"time"
)

var mysqlFields = []string{
	"level", "thread_id", "error_code", "subsystem", "user", "src_ip", "database", "action", "outcome", "statement", "command",
	"return_code", "query_time", "lock_time", "rows_sent", "rows_examined",
}

// parseMySQL reads the logs of MySQL and MariaDB: the error log, the general
// query log, the header lines of the slow query log, and MariaDB's audit plugin:
//
//	2026-03-02T04:59:50.123456Z 8 [Warning] [MY-010055] [Server] IP address '203.0.113.7' could not be resolved
//	2026-03-02 11:59:50 8 [Warning] Access denied for user 'root'@'203.0.113.7' (using password: YES)
//	2026-03-02T04:59:50.123456Z	    8 Query	SELECT 1
//	# User@Host: root[root] @ web01 [10.0.0.7]  Id:     8
//	20260302 11:59:50,db01,root,10.0.0.7,8,42,QUERY,app,'SELECT 1',0
func (p *Parser) parseMySQL(r *record) bool {
	s := r.text
	if r.program == "mysql-server_auditing" {
		return p.mysqlAudit(s, time.Time{}, r)
	}
	if strings.HasPrefix(s, "# ") {
		return p.mysqlSlow(s[2:], r)
	}
	if t, n := mysqlAuditTime(s, p.zone); n > 0 {
		return p.mysqlAudit(s[n+1:], t, r)
	}
	t, n := mysqlTime(s, p.zone)
	if len(s) < 5 || n == len(s) || n == 0 && r.program == "" {
		return false
	}
	rest := s[n:]
	switch {
	case n > 0 && rest[0] == '\t':
		if !p.mysqlGeneral(rest[1:]) {
			return false
		}
	case s[4] != '/' && p.mysqlError(rest, n < 16):
	case r.program == "":
		return false
	}
	if n > 0 {
		r.setTime(t)
	}
	mysqlSource(r)
	return true
}

func mysqlSource(r *record) {
	src := &r.event.Source
	src.Product, src.Category, src.Service = "mysql", "database", "mysql"
}

// mysqlTime reads the times of all versions: RFC 3339, the same with a blank and
// a clock of one or two digits, and "260302 11:59:50".
func mysqlTime(s string, zone *time.Location) (time.Time, int) {
	if t, n := dateTime(s, zone); n > 0 {
		return t, n
	}
	if len(s) > 18 && s[10] == ' ' && s[11] == ' ' { // "2026-03-02  9:05:01"
		return shortClock(s[:10], s[12:], 12, zone)
	}
	if len(s) > 15 && s[6] == ' ' && isNumber(s[:6]) {
		y, m, d := twoDigits(s, 0), twoDigits(s, 2), twoDigits(s, 4)
		if m < 1 || m > 12 || d < 1 || d > 31 {
			return time.Time{}, 0
		}
		clock, skipped := s[7:], 7
		if clock[0] == ' ' {
			clock, skipped = clock[1:], 8
		}
		h, mi, sec, n := oneDigitClock(clock)
		if n == 0 {
			return time.Time{}, 0
		}
		return time.Date(2000+y, time.Month(m), d, h, mi, sec, 0, zone), skipped + n
	}
	return time.Time{}, 0
}

func shortClock(date, clock string, skipped int, zone *time.Location) (time.Time, int) {
	y, ok1 := digits(date, 0, 4)
	m, ok2 := digits(date, 5, 2)
	d, ok3 := digits(date, 8, 2)
	h, mi, sec, n := oneDigitClock(clock)
	if !ok1 || !ok2 || !ok3 || date[4] != '-' || n == 0 || m < 1 || m > 12 || d < 1 || d > 31 {
		return time.Time{}, 0
	}
	return time.Date(y, time.Month(m), d, h, mi, sec, 0, zone), skipped + n
}

// oneDigitClock reads a clock whose hour may have one digit.
func oneDigitClock(s string) (h, m, sec, n int) {
	if len(s) >= 8 && s[1] != ':' {
		h, m, sec, _, n = clockTime(s)
		return h, m, sec, n
	}
	if len(s) < 7 || s[0]-'0' > 9 || s[4] != ':' {
		return 0, 0, 0, 0
	}
	m, sec = twoDigits(s, 2), twoDigits(s, 5)
	if m|sec < 0 || m > 59 || sec > 60 {
		return 0, 0, 0, 0
	}
	return int(s[0] - '0'), m, sec, 7
}

// mysqlAuditTime reads "20260302 11:59:50,".
func mysqlAuditTime(s string, zone *time.Location) (time.Time, int) {
	if len(s) < 19 || s[8] != ' ' || s[17] != ',' || !isNumber(s[:8]) {
		return time.Time{}, 0
	}
	y, m, d := twoDigits(s, 0)*100+twoDigits(s, 2), twoDigits(s, 4), twoDigits(s, 6)
	h, mi, sec, _, n := clockTime(s[9:17])
	if n == 0 || m < 1 || m > 12 || d < 1 || d > 31 {
		return time.Time{}, 0
	}
	return time.Date(y, time.Month(m), d, h, mi, sec, 0, zone), 17
}

// mysqlAudit reads serverhost,username,host,connectionid,queryid,operation,database,object,retcode.
func (p *Parser) mysqlAudit(s string, t time.Time, r *record) bool {
	// The statement is quoted, and only there backslashes escape.
	c := p.splitCSV(s, '\'', true)
	if len(c) < 8 || !isNumber(c[3]) {
		return false
	}
	if !t.IsZero() {
		r.setTime(t)
	}
	if isHost(c[0]) {
		r.event.Host = c[0]
	}
	p.optional("user", c[1])
	if c[2] != "localhost" {
		p.optional("src_ip", c[2])
	}
	p.sink.number("thread_id", c[3])
	p.sink.text("command", c[5])
	p.optional("database", c[6])
	code := c[len(c)-1]
	switch c[5] {
	case "QUERY":
		p.sink.text("action", "statement")
		p.optional("statement", c[7])
	case "CONNECT":
		p.sink.text("action", "login")
		p.mysqlOutcome(code)
	case "FAILED_CONNECT":
		p.sink.text("action", "login")
		p.sink.text("outcome", "failure")
	case "DISCONNECT":
		p.sink.text("action", "disconnect")
	}
	if isNumber(code) {
		p.sink.number("return_code", code)
	}
	mysqlSource(r)
	return true
}

func (p *Parser) mysqlOutcome(code string) {
	if code == "0" {
		p.sink.text("outcome", "success")
	} else {
		p.sink.text("outcome", "failure")
	}
}

// mysqlGeneral reads "    8 Query	SELECT 1".
func (p *Parser) mysqlGeneral(s string) bool {
	id, rest := word(strings.TrimLeft(s, " \t"))
	command, argument, ok := strings.Cut(rest, "\t")
	if !ok && command != "Quit" || !isNumber(id) || command == "" || len(command) > 24 {
		return false
	}
	p.sink.number("thread_id", id)
	p.sink.text("command", command)
	switch command {
	case "Query", "Execute", "Prepare":
		p.sink.text("action", "statement")
		p.sink.text("statement", argument)
	case "Connect":
		p.sink.text("action", "login")
		if p.mysqlDenied(argument) {
			break
		}
		// "root@localhost on app using Socket"
		who, rest, _ := strings.Cut(argument, " on ")
		user, host, _ := strings.Cut(who, "@")
		p.mysqlAccount(user, host)
		database, _ := word(rest)
		p.optional("database", database)
	case "Quit":
		p.sink.text("action", "disconnect")
	case "Init DB":
		p.sink.text("database", argument)
	}
	return true
}

// mysqlError reads " 8 [Warning] [MY-010055] [Server] message". Only old versions
// and syslog leave out the number of the thread.
func (p *Parser) mysqlError(s string, old bool) bool {
	rest := strings.TrimLeft(s, " ")
	id := ""
	if first, after := word(rest); isNumber(first) {
		id, rest = first, strings.TrimLeft(after, " ")
	}
	level, rest, ok := bracket(rest)
	if !ok || id == "" && !old {
		return false
	}
	switch strings.ToLower(level) {
	case "note", "warning", "error", "system":
	default:
		return false
	}
	if id != "" {
		p.sink.number("thread_id", id)
	}
	p.sink.text("level", level)
	if code, after, ok := bracket(rest); ok && strings.HasPrefix(code, "MY-") {
		p.sink.text("error_code", code)
		rest = after
		if system, after, ok := bracket(rest); ok {
			p.sink.text("subsystem", system)
			rest = after
		}
	}
	p.mysqlDenied(rest)
	return true
}

// mysqlDenied reads "Access denied for user 'root'@'203.0.113.7'".
func (p *Parser) mysqlDenied(s string) bool {
	_, rest, ok := strings.Cut(s, "Access denied for user '")
	if !ok {
		return false
	}
	user, rest, _ := strings.Cut(rest, "'@'")
	host, _, _ := strings.Cut(rest, "'")
	p.mysqlAccount(user, host)
	p.sink.text("outcome", "failure")
	return true
}

func (p *Parser) mysqlAccount(user, host string) {
	p.optional("user", user)
	if host != "localhost" {
		p.optional("src_ip", host)
	}
}

// mysqlSlow reads one header line of the slow query log, behind the "# ".
func (p *Parser) mysqlSlow(s string, r *record) bool {
	if rest, ok := strings.CutPrefix(s, "Time: "); ok {
		t, n := mysqlTime(rest, p.zone)
		if n == 0 {
			return false
		}
		r.setTime(t)
	} else if rest, ok := strings.CutPrefix(s, "User@Host: "); ok {
		user, rest, ok := strings.Cut(rest, "[")
		host, rest, ok2 := strings.Cut(rest, " @ ")
		if !ok || !ok2 || host == "" {
			return false
		}
		name, rest, _ := strings.Cut(rest, "[")
		ip, rest, _ := strings.Cut(rest, "]")
		if ip == "" {
			ip = strings.Trim(name, " ")
		}
		p.mysqlAccount(user, ip)
		if _, id, ok := strings.Cut(rest, "Id:"); ok {
			if id = strings.Trim(id, " "); isNumber(id) {
				p.sink.number("thread_id", id)
			}
		}
	} else if rest, ok := strings.CutPrefix(s, "Query_time: "); ok {
		p.mysqlFigures("query_time", rest)
	} else {
		return false
	}
	mysqlSource(r)
	return true
}

// mysqlFigures reads "2.000123  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 0".
func (p *Parser) mysqlFigures(name, s string) {
	for {
		value, rest := word(strings.TrimLeft(s, " "))
		if value == "" || value[0]-'0' > 9 {
			return
		}
		p.decimal(name, value)
		label, rest := word(strings.TrimLeft(rest, " "))
		switch label {
		case "Lock_time:":
			name = "lock_time"
		case "Rows_sent:":
			name = "rows_sent"
		case "Rows_examined:":
			name = "rows_examined"
		default:
			return
		}
		s = rest
	}
}
