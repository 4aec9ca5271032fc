package parse

import "strings"

// parse5424 reads what follows PRI of an RFC 5424 message: version, time, host,
// application, process, message id, structured data, text. On false nothing was
// touched.
func (p *Parser) parse5424(r *record, s string, pri int) bool {
	s = s[2:]
	var head [5]string
	for i := range head {
		token, after, ok := strings.Cut(s, " ")
		if !ok && i < 4 || token == "" {
			return false
		}
		head[i], s = token, after
	}
	stampText, host, program, pid, msgid := head[0], nilValue(head[1]), nilValue(head[2]), nilValue(head[3]), nilValue(head[4])
	if stampText != "-" {
		t, n := dateTime(stampText, p.zone)
		if n == 0 || n != len(stampText) {
			return false
		}
		r.setTime(t)
	}
	p.addPriority(r, pri)
	p.addProgram(r, host, program, pid)
	if msgid != "" {
		p.sink.text("msgid", msgid)
	}
	rest := p.structuredData(s)
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, " "), "\uFEFF")
	// rsyslog's own template leaves the blank that followed the tag: the message
	// begins behind it, as in RFC 3164.
	r.text = strings.TrimLeft(rest, " ")
	return true
}

func nilValue(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// structuredData adds the parameters of every element as sd.<id>.<name> and
// returns the text behind. Broken structured data is left as text: the message
// must not vanish for a device's mistake in it.
func (p *Parser) structuredData(s string) string {
	if s == "" || s == "-" {
		return ""
	}
	if strings.HasPrefix(s, "- ") {
		return s[1:]
	}
	fields, overflow := p.sink.mark()
	rest := s
	for strings.HasPrefix(rest, "[") {
		end := strings.IndexAny(rest, " ]")
		if end < 2 || end > 256 {
			p.sink.cut(fields, overflow)
			return s
		}
		id := rest[1:end]
		rest = rest[end:]
		for rest[0] == ' ' {
			var ok bool
			if rest, ok = p.sdParam(id, strings.TrimLeft(rest, " ")); !ok || rest == "" {
				p.sink.cut(fields, overflow)
				return s
			}
		}
		if rest[0] != ']' {
			p.sink.cut(fields, overflow)
			return s
		}
		rest = rest[1:]
	}
	return rest
}

// sdParam reads name="value" and returns what follows. An element may end with
// a blank before its bracket.
func (p *Parser) sdParam(id, s string) (rest string, ok bool) {
	if s != "" && s[0] == ']' {
		return s, true
	}
	name, quoted, ok := strings.Cut(s, `="`)
	if !ok || name == "" || len(name) > 255 {
		return "", false
	}
	value, rest, ok := p.quoted(quoted, '"')
	if !ok {
		return "", false
	}
	b := append(p.scratch[:0], "sd."...)
	b = append(b, id...)
	b = append(b, '.')
	b = append(b, name...)
	p.scratch = b
	p.sink.text(p.sink.names.intern(clipNameBytes(b)), value)
	return rest, true
}

// quoted reads up to the closing quote, undoing \" \\ and \], and returns what
// follows the quote. Other backslashes stay: Windows paths are full of them.
func (p *Parser) quoted(s string, quote byte) (value, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case quote:
			return s[:i], s[i+1:], true
		case '\\':
			return p.unquote(s, i, quote)
		}
	}
	return "", "", false
}

func (p *Parser) unquote(s string, i int, quote byte) (value, rest string, ok bool) {
	out := append(p.arena.room(len(s)), s[:i]...)
	for ; i < len(s); i++ {
		c := s[i]
		if c == quote {
			return p.arena.keep(out), s[i+1:], true
		}
		if c == '\\' && i+1 < len(s) && (s[i+1] == quote || s[i+1] == '\\' || s[i+1] == ']') {
			i++
			c = s[i]
		}
		out = append(out, c)
	}
	return "", "", false
}
