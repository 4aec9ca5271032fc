package parse

import (
	"strings"
	"time"
)

// fortigateFields: every field keeps FortiOS's own name; the network ones come
// again under the names that all our formats share.
var fortigateFields = []string{"src_ip", "src_port", "dst_ip", "dst_port", "hostname", "*"}

// parseFortigate reads FortiOS's default log format, for instance
//
//	date=2024-05-01 time=10:00:00 devname="FW1" devid="FG100" logid="0000000013" type="traffic" subtype="forward" …
func (p *Parser) parseFortigate(r *record) bool {
	s := r.text
	if len(s) < 24 || !strings.HasPrefix(s, "date=") && !strings.HasPrefix(s, "devname=") &&
		!strings.HasPrefix(s, "logver=") && !strings.HasPrefix(s, "timestamp=") && !strings.HasPrefix(s, "time=") {
		return false
	}
	if !strings.Contains(s, "logid=") && !strings.Contains(s, "devid=") {
		return false
	}
	var date, clock, zone, kind, eventTime string
	k := pairs{p: p, rest: s}
	for k.next() {
		value := k.value
		p.sink.text(clipName(k.name), value)
		switch k.name {
		case "date":
			date = value
		case "time":
			clock = value
		case "tz":
			zone = value
		case "eventtime":
			eventTime = value
		case "type":
			kind = value
		case "devname":
			if value != "" {
				r.event.Host = value
			}
		case "srcip":
			p.sink.text("src_ip", value)
		case "dstip":
			p.sink.text("dst_ip", value)
		case "srcport":
			p.sink.text("src_port", value)
		case "dstport":
			p.sink.text("dst_port", value)
		}
	}
	if t, ok := p.fortigateTime(date, clock, zone, eventTime); ok {
		r.setTime(t)
	}
	src := &r.event.Source
	src.Product, src.Service, src.Category = "fortigate", kind, ""
	if kind == "traffic" {
		src.Category = "firewall"
	}
	return true
}

// fortigateTime prefers eventtime, which has no zone to be wrong about.
func (p *Parser) fortigateTime(date, clock, zone, eventTime string) (time.Time, bool) {
	if t, ok := epoch(eventTime); ok {
		return t, true
	}
	if len(date) != 10 || len(clock) < 8 {
		return time.Time{}, false
	}
	b := append(p.scratch[:0], date...)
	b = append(b, ' ')
	b = append(b, clock...)
	b = append(b, zone...)
	p.scratch = b
	t, n := dateTime(aliasString(b), p.zone)
	return t, n > 0
}
