package parse

import "strings"

var nginxErrorFields = []string{"level", "process_id", "thread_id", "connection", "c-ip", "cs-method", "cs-uri", "cs-host", "upstream"}

// parseNginxError reads
//
//	2024/05/01 10:00:00 [error] 123#4: *56 open() … failed (…), client: 192.0.2.1, server: _, request: "GET / HTTP/1.1", host: "a"
func (p *Parser) parseNginxError(r *record) bool {
	s := r.text
	if len(s) < 24 || s[4] != '/' {
		return false
	}
	t, n := dateTime(s, p.zone)
	if n != 19 {
		return false
	}
	level, rest, ok := bracket(s[n:])
	if !ok {
		return false
	}
	id, rest, ok := strings.Cut(strings.TrimPrefix(rest, " "), ": ")
	if !ok {
		return false
	}
	pid, tid, ok := strings.Cut(id, "#")
	if !ok || !isNumber(pid) || !isNumber(tid) {
		return false
	}
	r.setTime(t)
	p.sink.text("level", level)
	p.sink.text("process_id", pid)
	p.sink.text("thread_id", tid)
	if after, ok := strings.CutPrefix(rest, "*"); ok {
		connection, _ := word(after)
		p.sink.text("connection", connection)
	}
	r.event.Source.Product, r.event.Source.Service = "nginx", "nginx"
	// The context is at the end, and clients choose what stands before it.
	i := strings.LastIndex(rest, ", client: ")
	if i < 0 {
		return true
	}
	client, rest, _ := strings.Cut(rest[i+len(", client: "):], ",")
	p.sink.text("c-ip", client)
	for _, c := range [...]struct{ prefix, name string }{
		{` request: "`, ""}, {` upstream: "`, "upstream"}, {` host: "`, "cs-host"},
	} {
		_, after, ok := strings.Cut(rest, c.prefix)
		if !ok {
			continue
		}
		value, after, ok := p.quotedRaw(after)
		if !ok {
			break
		}
		rest = after
		if c.name != "" {
			p.sink.text(c.name, value)
			continue
		}
		if method, target, ok := strings.Cut(value, " "); ok && isMethod(method) {
			if j := strings.LastIndex(target, " HTTP/"); j >= 0 {
				target = target[:j]
			}
			p.sink.text("cs-method", method)
			p.sink.text("cs-uri", target)
		}
	}
	return true
}
