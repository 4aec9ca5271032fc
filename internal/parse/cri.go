package parse

import (
	"strings"
	"time"
)

// parseCRI reads a line of the logs that Kubernetes keeps of its containers:
//
//	2026-03-02T11:59:50.123456789+07:00 stderr F Failed password for root from 203.0.113.7 port 22 ssh2
//
// It is a wrapper of one line of text. On false nothing was touched.
func (p *Parser) parseCRI(text string, r *record) bool {
	rest, ok := p.cutCRI(text, r)
	if !ok {
		return false
	}
	r.wrapped, r.ref = wrappedText, r.event.Time
	p.unwrapText(rest, &wrapped{}, r)
	if r.event.Format == "" {
		r.event.Format = "cri"
		p.sink.text("message", rest)
		return true
	}
	p.sink.text("_wrapper", "cri")
	return true
}

// cutCRI reads what stands before the line and returns the line.
func (p *Parser) cutCRI(text string, r *record) (rest string, ok bool) {
	if len(text) < 32 || text[10] != 'T' || text[19] != '.' {
		return "", false
	}
	stamp, rest := word(text)
	stream, rest := word(rest)
	tags, rest := word(rest)
	if stream != "stdout" && stream != "stderr" || tags == "" || tags[0] != 'F' && tags[0] != 'P' {
		return "", false
	}
	t, n := dateTime(stamp, time.UTC)
	if n != len(stamp) {
		return "", false
	}
	r.setTime(t)
	p.sink.text("stream", stream)
	p.sink.text("logtag", tags)
	return strings.TrimRight(rest, " \t"), true
}
