package parse

import "strings"

// accessFields carry the W3C names that Sigma's category webserver uses.
// cs-uri-query holds the query, then the whole target and its decoded form
// where they differ: rules of this category are written against all three.
var accessFields = []string{
	"c-ip", "cs-username", "cs-method", "cs-uri", "cs-uri-stem", "cs-uri-query", "cs-version",
	"sc-status", "sc-bytes", "cs-referer", "cs-user-agent", "cs-host", "request",
}

// parseAccess reads the common and the combined log format of Apache and nginx:
//
//	192.0.2.1 - alice [02/Jan/2006:15:04:05 +0700] "GET /a?b HTTP/1.1" 200 612 "referer" "agent"
//
// also with a virtual host before the address, and with more after the agent.
func (p *Parser) parseAccess(r *record) bool {
	s := r.text
	open := strings.Index(s, " [")
	if open < 0 || open > 512 || len(s)-open < 30 || s[open+28] != ']' {
		return false
	}
	t, ok := clfTime(s[open+2 : open+28])
	if !ok {
		return false
	}
	rest, ok := strings.CutPrefix(s[open+29:], ` "`)
	if !ok {
		return false
	}
	host, client, user, ok := accessClient(s[:open])
	if !ok {
		return false
	}
	request, rest, ok := p.quotedRaw(rest)
	if !ok {
		return false
	}
	status, rest := word(strings.TrimPrefix(rest, " "))
	if len(status) != 3 || !isNumber(status) {
		return false
	}
	size, rest := word(rest)

	r.setTime(t)
	p.sink.text("c-ip", client)
	if user != "-" && user != "" {
		p.sink.text("cs-username", user)
	}
	if host != "" {
		p.sink.text("cs-host", host)
	}
	p.accessRequest(request)
	p.sink.number("sc-status", status)
	if isNumber(size) {
		p.sink.number("sc-bytes", size)
	}
	for _, name := range [...]string{"cs-referer", "cs-user-agent"} {
		quoted, ok := strings.CutPrefix(rest, `"`)
		if !ok {
			break
		}
		var value string
		if value, rest, ok = p.quoted(quoted, '"'); !ok {
			break
		}
		rest = strings.TrimPrefix(rest, " ")
		p.sink.text(name, value)
	}
	p.accessSource(r)
	return true
}

// accessClient takes "[vhost[:port] ]client ident user" apart. A user name may
// hold blanks.
func accessClient(s string) (host, client, user string, ok bool) {
	client, rest := word(s)
	ident, user := word(rest)
	if client == "" || ident == "" || user == "" {
		return "", "", "", false
	}
	if isAddress(ident) && !isAddress(client) && strings.IndexByte(user, ' ') >= 0 {
		host, client = client, ident
		if i := strings.LastIndexByte(host, ':'); i > 0 && isNumber(host[i+1:]) {
			host = host[:i]
		}
		_, user = word(user)
	}
	return host, client, user, true
}

// isAddress tells an IP address from a name or a dash, roughly.
func isAddress(s string) bool {
	dots, colons := 0, 0
	for _, c := range []byte(s) {
		switch {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c-'0' <= 9:
		default:
			if _, ok := hexValue(c); !ok {
				return false
			}
		}
	}
	return dots == 3 && colons == 0 || colons >= 2
}

// word cuts the first blank-separated word off.
func word(s string) (first, rest string) {
	first, rest, _ = strings.Cut(s, " ")
	return first, rest
}

// quotedRaw reads up to the closing quote and leaves escapes as they are: the
// target of a request is compared as it was sent.
func (p *Parser) quotedRaw(s string) (value, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

// accessRequest adds the parts of the request line. What is not one (a scanner
// speaking TLS to a plain port) stays whole in request.
func (p *Parser) accessRequest(request string) {
	method, rest, ok := strings.Cut(request, " ")
	if !ok || !isMethod(method) {
		p.sink.text("request", request)
		return
	}
	target, version := rest, ""
	if i := strings.LastIndex(rest, " HTTP/"); i >= 0 {
		target, version = rest[:i], rest[i+1:]
	}
	stem, query, hasQuery := strings.Cut(target, "?")
	p.sink.text("cs-method", method)
	p.sink.text("cs-uri", target)
	p.sink.text("cs-uri-stem", stem)
	if hasQuery {
		p.sink.text("cs-uri-query", query)
	}
	p.sink.text("cs-uri-query", target)
	if decoded := p.percentDecoded(target); decoded != target {
		p.sink.text("cs-uri-query", decoded)
	}
	if version != "" {
		p.sink.text("cs-version", version)
	}
}

func isMethod(s string) bool {
	if s == "" || len(s) > 24 {
		return false
	}
	for _, c := range []byte(s) {
		if c-'A' > 25 && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// percentDecoded undoes %XX and, in the query, + once. A result that is not
// UTF-8 is made so.
func (p *Parser) percentDecoded(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	out := p.arena.room(len(s))
	query, ascii := false, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '?':
			query = true
		case c == '+' && query:
			c = ' '
		case c == '%' && i+2 < len(s):
			hi, ok1 := hexValue(s[i+1])
			lo, ok2 := hexValue(s[i+2])
			if ok1 && ok2 {
				c = hi<<4 | lo
				i += 2
				ascii = ascii && c < 0x80
			}
		}
		out = append(out, c)
	}
	if !ascii {
		return strings.ToValidUTF8(string(out), "\uFFFD")
	}
	return p.arena.keep(out)
}

// accessSource names the server where the record tells it: by its syslog tag or
// the path of the file it was imported from.
func (p *Parser) accessSource(r *record) {
	src := &r.event.Source
	src.Category, src.Product, src.Service = "webserver", "", ""
	name := r.program
	if name == "" {
		name = r.origin
	}
	if name == "" {
		name = r.event.Peer
	}
	switch {
	case strings.Contains(name, "nginx"):
		src.Product, src.Service = "nginx", "nginx"
	case strings.Contains(name, "apache"), strings.Contains(name, "httpd"):
		src.Product, src.Service = "apache", "apache"
	}
}
