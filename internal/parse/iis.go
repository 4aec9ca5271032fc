package parse

import (
	"strings"
	"time"
)

var iisFields = append([]string{"s-ip", "s-port", "sc-substatus", "sc-win32-status", "time-taken"}, accessFields...)

// parseIIS reads the lines of IIS's W3C log with the fields it has from the start:
//
//	date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken
//	2026-03-02 04:59:50 10.0.0.5 GET /a.aspx id=1 443 - 203.0.113.7 Mozilla/5.0 - 200 0 0 15
//
// Times are UTC. IIS 6 and 7 leave out the referer. A log with other fields is
// read where its lines begin and end like these, else it needs a parser: a line
// does not know its header.
func (p *Parser) parseIIS(r *record) bool {
	t, n := dateTime(r.text, time.UTC)
	if n != 19 || len(r.text) < 40 || r.text[10] != ' ' || r.text[19] != ' ' {
		return false
	}
	c := p.split(r.text[20:], ' ')
	if len(c) != 13 && len(c) != 12 || !isScoped(c[0]) || !isMethod(c[1]) || !isNumber(c[4]) || !isScoped(c[6]) {
		return false
	}
	tail := c[len(c)-4:]
	if len(tail[0]) != 3 || !isNumber(tail[0]) || !isNumber(tail[1]) || !isNumber(tail[2]) || !isNumber(tail[3]) {
		return false
	}
	r.setTime(t)
	p.sink.text("s-ip", c[0])
	p.sink.number("s-port", c[4])
	p.sink.text("c-ip", c[6])
	p.dashed("cs-username", c[5])
	p.sink.text("cs-method", c[1])
	p.iisTarget(c[2], c[3])
	p.dashed("cs-user-agent", p.plusBlanks(c[7]))
	if len(c) == 13 {
		p.dashed("cs-referer", c[8])
	}
	p.sink.number("sc-status", tail[0])
	p.sink.number("sc-substatus", tail[1])
	p.sink.number("sc-win32-status", tail[2])
	p.sink.number("time-taken", tail[3])
	src := &r.event.Source
	src.Product, src.Category, src.Service = "windows", "webserver", "iis"
	return true
}

// dashed adds a value of the W3C format, where a dash stands for none.
func (p *Parser) dashed(name, value string) { p.optional(name, nilValue(value)) }

// iisTarget adds the target in all the forms that rules of the category webserver
// are written against.
func (p *Parser) iisTarget(stem, query string) {
	target := stem
	if query = nilValue(query); query != "" {
		b := append(p.arena.room(len(stem)+len(query)+1), stem...)
		b = append(b, '?')
		target = p.arena.keep(append(b, query...))
	}
	p.sink.text("cs-uri", target)
	p.sink.text("cs-uri-stem", stem)
	p.optional("cs-uri-query", query)
	p.sink.text("cs-uri-query", target)
	if decoded := p.percentDecoded(target); decoded != target {
		p.sink.text("cs-uri-query", decoded)
	}
}

// plusBlanks undoes the plus signs that IIS writes for blanks.
func (p *Parser) plusBlanks(s string) string {
	if strings.IndexByte(s, '+') < 0 {
		return s
	}
	out := append(p.arena.room(len(s)), s...)
	for i, c := range out {
		if c == '+' {
			out[i] = ' '
		}
	}
	return p.arena.keep(out)
}

// isScoped knows an address, also one with the interface it is for: fe80::1%12.
func isScoped(s string) bool {
	address, _, _ := strings.Cut(s, "%")
	return isAddress(address)
}
