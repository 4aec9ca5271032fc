package parse

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// sophosFields: every field keeps Sophos's name; src_ip, src_port, dst_ip and
// dst_port are those.
var sophosFields = slices.Concat(endpointFields, webRequestFields, []string{"action", "blocked", "Signature", "Filename", "user", "*"})

// parseSophos reads the logs of Sophos Firewall (SFOS, XG):
//
//	device="SFW" date=2026-03-02 time=11:59:00 timezone="+07" device_name="XG210" device_id=C1 log_id=010101600001 log_type="Firewall" …
func (p *Parser) parseSophos(r *record) bool {
	s := r.text
	if !strings.HasPrefix(s, "device=") && !strings.HasPrefix(s, "device_name=") || !strings.Contains(s, "log_type=") || !strings.Contains(s, "log_id=") {
		return false
	}
	var (
		f                 fortinet
		kind, sub, device string
		web               webRequest
	)
	k := pairs{p: p, rest: s}
	for k.next() {
		p.sink.text(clipName(k.name), k.value)
		switch k.name {
		case "date":
			f.date = k.value
		case "time":
			f.clock = k.value
		case "timezone":
			f.zone = k.value
		case "timestamp":
			if t, ok := anyTime(k.value, p.zone); ok {
				r.setTime(t)
			}
		case "log_type":
			kind = k.value
		case "log_subtype":
			sub = k.value
		case "device_name", "device_serial_id":
			if device == "" {
				device = k.value
			}
		case "url":
			web.target = k.value
		case "domain":
			web.host = k.value
		case "user_agent":
			web.agent = k.value
		case "http_status", "http_status_code", "status_code":
			web.status = k.value
		case "method", "http_method":
			web.method = k.value
		case "referer":
			web.referer = k.value
		case "virus", "malware":
			p.optional("Signature", k.value)
		case "filename", "file_name":
			p.optional("Filename", k.value)
		case "user_name":
			p.optional("user", k.value)
		}
	}
	if t, ok := p.fortigateTime(f.date, f.clock, f.zone, ""); ok {
		r.setTime(t)
	}
	if device != "" && device != "SFW" {
		r.event.Host = device
	}
	p.addDeviceAction(sub)
	src := event.Source{Product: "sophos", Service: p.plainName(kind)}
	switch kind {
	case "Firewall":
		src.Category = "firewall"
	case "Content Filtering", "Web Content Policy":
		if web.target != "" {
			src.Category = "proxy"
			p.addWebRequest(&web)
		}
	case "Anti-Virus", "Anti Virus", "Sandbox", "Sandstorm":
		src.Category = "antivirus"
	}
	r.event.Source = src
	return true
}
