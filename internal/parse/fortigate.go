package parse

import (
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// fortigateFields: every field keeps FortiOS's own name; what other formats and
// Sigma's categories have comes again under their names.
var fortigateFields = slices.Concat([]string{
	"src_ip", "src_port", "dst_ip", "dst_port", "protocol", "blocked", "hostname",
	"query", "record_type", "answer", "Signature", "Filename", "cs-uri-query", "cs-user-agent",
}, webRequestFields, []string{"*"})

// fortinet is what parseFortigate collects of a record.
type fortinet struct {
	date, clock, zone, eventTime string
	kind, subtype, action        string
	device                       string
	web                          webRequest
}

// parseFortigate reads FortiOS's default log format, for instance
//
//	date=2024-05-01 time=10:00:00 devname="FW1" devid="FG100" logid="0000000013" type="traffic" subtype="forward" …
//
// its CSV form, which has commas between the pairs, and the same of FortiWeb and
// FortiMail.
func (p *Parser) parseFortigate(r *record) bool {
	s := r.text
	if len(s) < 24 || !strings.HasPrefix(s, "date=") && !strings.HasPrefix(s, "devname=") &&
		!strings.HasPrefix(s, "logver=") && !strings.HasPrefix(s, "timestamp=") && !strings.HasPrefix(s, "time=") {
		return false
	}
	if !strings.Contains(s, "logid=") && !strings.Contains(s, "devid=") && !strings.Contains(s, "log_id=") {
		return false
	}
	f := fortinet{}
	k := pairs{p: p, rest: s}
	if comma := strings.IndexByte(s, ','); comma > 0 && strings.IndexByte(s[:comma], ' ') < 0 {
		k.sep = ','
	}
	for k.next() {
		value := k.value
		p.sink.text(clipName(k.name), value)
		p.fortinetPair(r, &f, k.name, value)
	}
	if t, ok := p.fortigateTime(f.date, f.clock, f.zone, f.eventTime); ok {
		r.setTime(t)
	}
	src := &r.event.Source
	*src = event.Source{Product: "fortigate", Service: f.kind}
	switch {
	case strings.HasPrefix(f.device, "FV"):
		src.Product = "fortiweb"
	case strings.HasPrefix(f.device, "FE"):
		src.Product = "fortimail"
	}
	p.fortinetCategory(src, &f)
	return true
}

// fortinetPair takes note of one pair.
func (p *Parser) fortinetPair(r *record, f *fortinet, name, value string) {
	switch name {
	case "date":
		f.date = value
	case "time":
		f.clock = value
	case "tz", "timezone":
		f.zone = value
	case "eventtime":
		f.eventTime = value
	case "timestamp":
		if f.eventTime == "" {
			f.eventTime = value
		}
	case "type":
		f.kind = value
	case "subtype":
		f.subtype = value
	case "action":
		f.action = value
	case "devname":
		if value != "" {
			r.event.Host = value
		}
	case "devid", "device_id":
		f.device = value
	case "srcip", "src":
		p.sink.text("src_ip", value)
	case "dstip", "dst":
		p.sink.text("dst_ip", value)
	case "srcport", "src_port":
		if name != "src_port" {
			p.sink.text("src_port", value)
		}
	case "dstport", "dst_port":
		if name != "dst_port" {
			p.sink.text("dst_port", value)
		}
	case "proto":
		p.sink.text("protocol", value)
	case "qname":
		p.sink.text("query", value)
	case "qtype":
		p.sink.text("record_type", value)
	case "ipaddr":
		for more := value != ""; more; {
			var address string
			if address, value, more = strings.Cut(value, ", "); address != "" {
				p.sink.text("answer", address)
			}
		}
	case "virus":
		p.optional("Signature", value)
	case "filename":
		p.optional("Filename", value)
	case "url", "http_url":
		f.web.target = value
	case "hostname", "http_host":
		f.web.host = value
	case "agent", "http_agent":
		f.web.agent = value
	case "httpmethod", "http_method":
		f.web.method = value
	case "referralurl", "http_refer":
		f.web.referer = value
	}
}

// fortinetCategory settles the category: it is that of Sigma whose fields are
// there.
func (p *Parser) fortinetCategory(src *event.Source, f *fortinet) {
	switch {
	case f.kind == "traffic":
		src.Category = "firewall"
		// A session that ended, however it did, was let through.
		switch f.action {
		case "":
		case "deny", "blocked", "dropped":
			p.sink.text("blocked", "true")
		default:
			p.sink.text("blocked", "false")
		}
	case src.Product == "fortiweb" && f.web.target != "":
		src.Category = "webserver"
		p.addServerNames(p.addWebRequest(&f.web), f.web.agent)
	case f.web.target != "" && (f.subtype == "webfilter" || f.kind == "webfilter"):
		src.Category = "proxy"
		p.addWebRequest(&f.web)
		p.optional("blocked", isBlocked(f.action))
	case f.subtype == "virus" || f.kind == "virus":
		src.Category = "antivirus"
	case f.subtype == "dns" || f.kind == "dns":
		src.Category = "dns"
	}
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
	if _, offset, ok := strings.Cut(zone, "GMT"); ok { // (GMT+7:00)Bangkok, GMT+0
		zone = offset
	}
	zone = strings.TrimPrefix(zone, "UTC")
	if len(zone) > 1 && (zone[0] == '+' || zone[0] == '-') {
		b = append(b, zone[0])
		if len(zone) == 2 || zone[2]-'0' > 9 {
			b = append(b, '0')
		}
		b = append(b, zone[1:]...)
	}
	p.scratch = b
	t, n := dateTime(aliasString(b), p.zone)
	return t, n > 0
}
