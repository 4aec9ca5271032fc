package parse

import (
	"strings"
	"time"
)

var haproxyFields = append([]string{"frontend", "backend", "server", "c-port", "timers", "termination_state"}, accessFields...)

// parseHAProxy reads HAProxy's HTTP and TCP log formats:
//
//	203.0.113.7:51234 [02/Mar/2026:11:59:50.123] web app/srv1 0/0/1/2/3 200 1234 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
//	203.0.113.7:51234 [02/Mar/2026:11:59:50.123] sql db/pg1 1/0/5000 2712 -- 2/2/0/0/0 0/0
func (p *Parser) parseHAProxy(r *record) bool {
	src := &r.event.Source
	src.Product, src.Category, src.Service = "haproxy", "", "haproxy"
	client, rest, ok := strings.Cut(r.text, " [")
	i := strings.LastIndexByte(client, ':')
	if !ok || i < 1 || !isAddress(client[:i]) || !isNumber(client[i+1:]) {
		return true // it speaks of itself
	}
	stamp, rest, ok := strings.Cut(rest, "] ")
	if !ok {
		return true
	}
	c := p.split(rest, ' ')
	if len(c) < 7 {
		return true
	}
	if t, ok := haproxyTime(stamp, p.zone); ok {
		r.setTime(t)
	}
	p.sink.text("c-ip", client[:i])
	p.sink.number("c-port", client[i+1:])
	p.sink.text("frontend", strings.TrimSuffix(c[0], "~"))
	backend, server, _ := strings.Cut(c[1], "/")
	p.optional("backend", backend)
	p.optional("server", server)
	p.optional("timers", c[2])
	if len(c) < 11 || len(c[3]) != 3 && c[3] != "-1" || strings.IndexByte(rest, '"') < 0 {
		p.decimal("sc-bytes", c[3])
		p.optional("termination_state", c[4])
		return true
	}
	status, size, state := c[3], c[4], c[7]
	_, quoted, _ := strings.Cut(rest, `"`)
	request, _, _ := p.quotedRaw(quoted)
	p.accessRequest(request)
	p.decimal("sc-status", status)
	p.decimal("sc-bytes", size)
	p.optional("termination_state", state)
	src.Category = "webserver"
	return true
}

// haproxyTime reads "02/Mar/2026:11:59:50.123", which names no zone.
func haproxyTime(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < 20 || s[2] != '/' || s[6] != '/' || s[11] != ':' {
		return time.Time{}, false
	}
	d, ok1 := digits(s, 0, 2)
	mo := month(s[3:])
	y, ok2 := digits(s, 7, 4)
	h, m, sec, nsec, n := clockTime(s[12:])
	if !ok1 || !ok2 || mo == 0 || n == 0 || d < 1 || d > 31 {
		return time.Time{}, false
	}
	return time.Date(y, mo, d, h, m, sec, nsec, zone), true
}
