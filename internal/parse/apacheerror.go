package parse

import "strings"

var apacheErrorFields = []string{"module", "level", "process_id", "thread_id", "c-ip", "c-port", "error_code"}

// parseApacheError reads the error log of Apache 2.2 and 2.4:
//
//	[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok
//	[Sun Dec 04 04:47:44.123456 2005] [core:error] [pid 1:tid 2] [client 192.0.2.1:5] AH00037: …
//
// The text that rules search is in message, whole.
func (p *Parser) parseApacheError(r *record) bool {
	s := r.text
	if len(s) < 28 || s[0] != '[' || s[4] != ' ' {
		return false
	}
	end := strings.IndexByte(s, ']')
	if end < 5 || end > 40 {
		return false
	}
	t, n := bsdTime(s[5:end], p.zone, r.ref)
	if n == 0 || n != end-5 {
		return false
	}
	rest := s[end+1:]
	var level string
	var ok bool
	if level, rest, ok = bracket(rest); !ok {
		return false
	}
	r.setTime(t)
	if module, name, ok := strings.Cut(level, ":"); ok {
		level = name
		if module != "" {
			p.sink.text("module", module)
		}
	}
	p.sink.text("level", level)
	for {
		part, after, ok := bracket(rest)
		if !ok {
			break
		}
		if pid, ok := strings.CutPrefix(part, "pid "); ok {
			pid, tid, _ := strings.Cut(pid, ":tid ")
			p.sink.text("process_id", pid)
			if tid != "" {
				p.sink.text("thread_id", tid)
			}
		} else if client, ok := strings.CutPrefix(part, "client "); ok {
			ip := client
			if i := strings.LastIndexByte(client, ':'); i > 0 && isNumber(client[i+1:]) && isAddress(client[:i]) {
				ip = client[:i]
				p.sink.number("c-port", client[i+1:])
			}
			p.sink.text("c-ip", ip)
		}
		rest = after
	}
	rest = strings.TrimLeft(rest, " ")
	if code, _, ok := strings.Cut(rest, ": "); ok && len(code) == 7 && strings.HasPrefix(code, "AH") && isNumber(code[2:]) {
		p.sink.text("error_code", code)
	}
	r.event.Source.Product, r.event.Source.Service = "apache", "apache"
	return true
}

// bracket reads " [text]" and returns what follows.
func bracket(s string) (text, rest string, ok bool) {
	s = strings.TrimLeft(s, " ")
	if s == "" || s[0] != '[' {
		return "", "", false
	}
	end := strings.IndexByte(s, ']')
	if end < 0 || end > 128 {
		return "", "", false
	}
	return s[1:end], s[end+1:], true
}
