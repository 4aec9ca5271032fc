package parse

import "strings"

// webRequest is what proxies, web gateways and network sensors know of one
// request. Empty parts are not added.
type webRequest struct {
	method, target, host, agent, referer, status, version string
}

// webRequestFields are the names of Sigma's category proxy. c-uri repeats: as it
// was logged, and without scheme and host where it was logged with them; rules
// are written against either form.
var webRequestFields = []string{
	"cs-method", "c-uri", "cs-uri", "cs-uri-stem", "c-uri-stem", "c-uri-query", "c-uri-extension", "cs-host",
	"c-useragent", "cs-referrer", "cs-version", "sc-status",
}

// addWebRequest adds the fields of w and returns the path with the query. A
// target may be a whole URL, one without its scheme, a path, or the host:port of
// a CONNECT.
func (p *Parser) addWebRequest(w *webRequest) (path string) {
	p.optional("cs-method", w.method)
	host := w.host
	if path = w.target; path != "" {
		if w.method == "CONNECT" {
			path = ""
			if host == "" {
				host = w.target
			}
		} else if i := strings.Index(path, "://"); i > 0 && i < 10 {
			authority := path[i+3:]
			if end := strings.IndexAny(authority, "/?#"); end >= 0 {
				authority, path = authority[:end], authority[end:]
			} else {
				path = "/"
			}
			if host == "" {
				host = authority[strings.LastIndexByte(authority, '@')+1:]
			}
		} else if i := strings.IndexByte(path, '/'); i > 0 && strings.IndexByte(path[:i], '.') > 0 {
			if host == "" {
				host = path[:i]
			}
			path = path[i:]
		}
		p.sink.text("c-uri", w.target)
		if path != w.target && path != "" {
			p.sink.text("c-uri", path)
		}
		if path != "" {
			p.addPath(path)
		}
	}
	p.optional("cs-host", hostOnly(host))
	p.optional("c-useragent", w.agent)
	p.optional("cs-referrer", w.referer)
	p.optional("cs-version", w.version)
	p.optionalNumber("sc-status", w.status)
	return path
}

// addPath adds the parts of a path with a query.
func (p *Parser) addPath(path string) {
	p.sink.text("cs-uri", path)
	stem, query, ok := strings.Cut(path, "?")
	p.sink.text("cs-uri-stem", stem)
	p.sink.text("c-uri-stem", stem)
	if ok {
		p.sink.text("c-uri-query", query)
	}
	file := stem[strings.LastIndexByte(stem, '/')+1:]
	if dot := strings.LastIndexByte(file, '.'); dot >= 0 && dot+1 < len(file) && len(file)-dot <= 16 {
		p.sink.text("c-uri-extension", file[dot+1:])
	}
}

// hostOnly cuts the port off host:port and the brackets off [v6]:port.
func hostOnly(s string) string {
	if strings.HasPrefix(s, "[") {
		if end := strings.IndexByte(s, ']'); end > 0 {
			return s[1:end]
		}
		return s
	}
	if i := strings.IndexByte(s, ':'); i > 0 && isNumber(s[i+1:]) {
		return s[:i]
	}
	return s
}

// optional adds a field that is not empty.
func (p *Parser) optional(name, value string) {
	if value != "" {
		p.sink.text(name, value)
	}
}

// optionalNumber adds a field if it is a number. One with leading zeros is text
// that looks like one.
func (p *Parser) optionalNumber(name, digits string) {
	switch {
	case !isNumber(digits):
	case digits[0] == '0' && len(digits) > 1:
		p.sink.text(name, digits)
	default:
		p.sink.number(name, digits)
	}
}

// endpoints are the two ends of a connection under the names that all formats
// share.
type endpoints struct{ srcIP, srcPort, dstIP, dstPort, protocol string }

var endpointFields = []string{"src_ip", "src_port", "dst_ip", "dst_port", "protocol"}

func (p *Parser) addEndpoints(e *endpoints) {
	p.optional("src_ip", e.srcIP)
	p.optionalNumber("src_port", e.srcPort)
	p.optional("dst_ip", e.dstIP)
	p.optionalNumber("dst_port", e.dstPort)
	p.optional("protocol", e.protocol)
}
