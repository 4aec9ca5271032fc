package parse

import (
	"strings"
	"time"
)

// The names of Sigma's category dns: query, record_type, answer.
var (
	namedFields   = []string{"query", "record_type", "record_class", "src_ip", "src_port", "dns_flags", "dst_ip", "action"}
	dnsmasqFields = []string{"query", "record_type", "answer", "src_ip", "dst_ip", "action"}
)

// parseNamed reads BIND's query log, from its own file or from syslog:
//
//	01-May-2024 10:00:00.123 queries: info: client @0x7f 192.0.2.1#5353 (a.example): query: a.example IN A +E(0)K (192.0.2.53)
//
// and the lines about a refused query, which have the same start.
func (p *Parser) parseNamed(r *record) bool {
	s := r.text
	i := strings.Index(s, "client ")
	if i < 0 || i > 128 {
		return false
	}
	head, rest := s[:i], s[i+len("client "):]
	if strings.HasPrefix(rest, "@") {
		_, rest = word(rest)
	}
	address, rest, ok := strings.Cut(rest, "#")
	if !ok || !isAddress(address) {
		return false
	}
	n := 0
	for n < len(rest) && rest[n]-'0' <= 9 {
		n++
	}
	port, rest := rest[:n], rest[n:]
	// "(name): " or ": ", then perhaps "view x: ".
	_, rest, ok = strings.Cut(rest, ": ")
	if !ok || port == "" {
		return false
	}
	if after, ok := strings.CutPrefix(rest, "view "); ok {
		if _, rest, ok = strings.Cut(after, ": "); !ok {
			return false
		}
	}
	action := "query"
	var name, class, kind, flags, server string
	if q, ok := strings.CutPrefix(rest, "query: "); ok {
		name, q = word(q)
		class, q = word(q)
		kind, q = word(q)
		flags, q = word(q)
		server = strings.Trim(q, "()")
	} else if q, ok := quotedQuery(rest); ok {
		if !strings.Contains(rest, "denied") {
			return false
		}
		action = "denied"
		// 'name/A/IN'
		name, q, _ = strings.Cut(q, "/")
		kind, class, _ = strings.Cut(q, "/")
	} else {
		return false
	}
	if t, ok := namedTime(head, p.zone); ok {
		r.setTime(t)
	}
	p.sink.text("src_ip", address)
	p.sink.number("src_port", port)
	p.sink.text("query", name)
	p.optional("record_class", class)
	p.optional("record_type", kind)
	if flags != "" {
		p.sink.text("dns_flags", flags)
	}
	if isAddress(server) {
		p.sink.text("dst_ip", server)
	}
	p.sink.text("action", action)
	src := &r.event.Source
	src.Category, src.Product, src.Service = "dns", "bind", "named"
	return true
}

// quotedQuery finds what follows "query" in single quotes: "query (cache) 'a/A/IN' denied".
func quotedQuery(s string) (string, bool) {
	if !strings.HasPrefix(s, "query ") {
		return "", false
	}
	_, s, ok := strings.Cut(s, "'")
	if !ok {
		return "", false
	}
	s, _, ok = strings.Cut(s, "'")
	return s, ok
}

// namedTime reads "01-May-2024 10:00:00.123", the stamp of BIND's own files.
func namedTime(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < 20 || s[2] != '-' || s[6] != '-' || s[11] != ' ' {
		return time.Time{}, false
	}
	d, ok1 := digits(s, 0, 2)
	y, ok2 := digits(s, 7, 4)
	mo := month(s[3:])
	h, m, sec, nsec, n := clockTime(s[12:])
	if !ok1 || !ok2 || mo == 0 || n == 0 || d < 1 || d > 31 {
		return time.Time{}, false
	}
	return time.Date(y, mo, d, h, m, sec, nsec, zone), true
}

// parseDnsmasq reads the lines of log-queries, with or without the serial
// number and address that log-queries=extra puts before them:
//
//	query[A] a.example from 192.0.2.1
//	forwarded a.example to 192.0.2.53
//	reply a.example is 192.0.2.7
func (p *Parser) parseDnsmasq(r *record) bool {
	s := r.text
	client := ""
	if first, rest := word(s); isNumber(first) {
		address, after := word(rest)
		client, _, _ = strings.Cut(address, "/")
		s = after
	}
	action, rest := word(s)
	name, rest := word(rest)
	link, value := word(rest)
	if name == "" || link == "" {
		return false
	}
	kind := ""
	if k, ok := strings.CutPrefix(action, "query["); ok {
		action, kind = "query", strings.TrimSuffix(k, "]")
	}
	answer, server := "", ""
	switch {
	case action == "query" && link == "from":
		client = value
	case action == "forwarded" && link == "to":
		server = value
	case link == "is" && (action == "reply" || action == "cached" || action == "config" || action == "gravity" || strings.HasPrefix(action, "/")):
		answer = value
	default:
		return false
	}
	p.sink.text("action", action)
	p.sink.text("query", name)
	if kind != "" {
		p.sink.text("record_type", kind)
	}
	if client != "" {
		p.sink.text("src_ip", client)
	}
	if server != "" {
		p.sink.text("dst_ip", server)
	}
	if answer != "" {
		p.sink.text("answer", answer)
	}
	src := &r.event.Source
	src.Category, src.Product, src.Service = "dns", "dnsmasq", "dnsmasq"
	return true
}
