package parse

import (
	"slices"
	"strings"
)

var squidFields = slices.Concat(webRequestFields, []string{
	"src_ip", "dst_ip", "cs-username", "user", "action", "blocked", "sc-bytes", "duration", "hierarchy", "peer", "content_type", "request",
})

// parseSquid reads Squid's access log, in its own form or as Apache's combined one
// with the result of the cache behind:
//
//	1772427540.123    456 192.0.2.40 TCP_MISS/200 4512 GET http://a.example/x alice HIER_DIRECT/198.51.100.5 text/html
//	192.0.2.40 - alice [02/Mar/2026:11:59:00 +0700] "GET http://a.example/x HTTP/1.1" 200 4512 "-" "curl" TCP_MISS:HIER_DIRECT
func (p *Parser) parseSquid(r *record) bool {
	s := r.text
	if rest, ok := strings.CutPrefix(s, "(squid-"); ok { // the tag of one of several workers
		_, after, ok := strings.Cut(rest, ": ")
		if !ok {
			return false
		}
		s = strings.TrimLeft(after, " ")
	}
	if len(s) < 20 {
		return false
	}
	if s[10] == '.' && s[0]-'0' <= 9 {
		return p.squidNative(r, s)
	}
	return p.squidCombined(r, s)
}

func (p *Parser) squidNative(r *record, s string) bool {
	var cell [10]string
	n := 0
	for n < len(cell) && s != "" {
		if cell[n], s = word(s); cell[n] != "" {
			n++
		}
	}
	if n < 7 {
		return false
	}
	t, ok := epoch(cell[0])
	result, status, ok2 := strings.Cut(cell[3], "/")
	if !ok || !ok2 || !isNumber(status) || !isResult(result) {
		return false
	}
	r.setTime(t)
	p.optionalNumber("duration", cell[1])
	p.sink.text("src_ip", cell[2])
	p.squidResult(result)
	p.optionalNumber("sc-bytes", cell[4])
	if cell[5] == "-" {
		cell[5] = ""
	}
	p.addWebRequest(&webRequest{method: cell[5], target: cell[6], status: status})
	p.squidUser(cell[7])
	if hierarchy, peer, ok := strings.Cut(cell[8], "/"); ok {
		p.squidPeer(hierarchy, peer)
	}
	if cell[9] != "-" {
		p.optional("content_type", cell[9])
	}
	p.squidSource(r)
	return true
}

func (p *Parser) squidCombined(r *record, s string) bool {
	result, hierarchy, ok := strings.Cut(s[strings.LastIndexByte(s, ' ')+1:], ":")
	if !ok || !isResult(result) {
		return false
	}
	open := strings.Index(s, " [")
	if open < 0 || open > 512 || len(s)-open < 32 || s[open+28] != ']' {
		return false
	}
	t, ok := clfTime(s[open+2 : open+28])
	_, client, user, ok2 := accessClient(s[:open])
	rest, ok3 := strings.CutPrefix(s[open+29:], ` "`)
	if !ok || !ok2 || !ok3 {
		return false
	}
	request, rest, ok := p.quotedRaw(rest)
	if !ok {
		return false
	}
	status, rest := word(strings.TrimPrefix(rest, " "))
	size, rest := word(rest)
	if len(status) != 3 || !isNumber(status) {
		return false
	}
	var quoted [2]string // referer, agent
	for i := range quoted {
		after, ok := strings.CutPrefix(rest, `"`)
		if !ok {
			break
		}
		value, after, ok := p.quoted(after, '"')
		if !ok {
			break
		}
		if rest = strings.TrimPrefix(after, " "); value != "-" {
			quoted[i] = value
		}
	}
	r.setTime(t)
	p.sink.text("src_ip", client)
	p.squidResult(result)
	p.optionalNumber("sc-bytes", size)
	web := webRequest{status: status, referer: quoted[0], agent: quoted[1]}
	if method, target, ok := strings.Cut(request, " "); ok && isMethod(method) {
		web.method, web.target = method, target
		if i := strings.LastIndex(target, " HTTP/"); i >= 0 {
			web.target, web.version = target[:i], target[i+1:]
		}
	} else {
		p.sink.text("request", request)
	}
	p.addWebRequest(&web)
	p.squidUser(user)
	p.squidPeer(hierarchy, "")
	p.squidSource(r)
	return true
}

// isResult tells Squid's result codes: TCP_MISS, UDP_HIT, NONE_NONE, TAG_NONE.
func isResult(s string) bool {
	for _, prefix := range [...]string{"TCP_", "UDP_", "NONE", "TAG_", "ERR_"} {
		if strings.HasPrefix(s, prefix) {
			return isMethod(s)
		}
	}
	return false
}

func (p *Parser) squidResult(result string) {
	p.sink.text("action", result)
	if strings.Contains(result, "DENIED") {
		p.sink.text("blocked", "true")
	} else {
		p.sink.text("blocked", "false")
	}
}

func (p *Parser) squidUser(user string) {
	if user != "" && user != "-" {
		p.sink.text("cs-username", user)
		p.sink.text("user", user)
	}
}

func (p *Parser) squidPeer(hierarchy, peer string) {
	p.optional("hierarchy", hierarchy)
	if isAddress(peer) {
		p.sink.text("dst_ip", peer)
	} else if peer != "-" {
		p.optional("peer", peer)
	}
}

func (p *Parser) squidSource(r *record) {
	src := &r.event.Source
	src.Product, src.Category, src.Service = "squid", "proxy", "squid"
}
