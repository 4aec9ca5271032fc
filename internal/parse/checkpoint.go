package parse

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// checkpointFields: every field keeps Check Point's name.
var checkpointFields = slices.Concat(endpointFields, webRequestFields, []string{"action", "blocked", "user", "Signature", "Filename", "*"})

// parseCheckpoint reads what Check Point's log exporter sends in its own form:
//
//	[action:"Accept"; ifdir:"inbound"; src:"192.0.2.40"; dst:"198.51.100.5"; s_port:"50000"; service:"443"; product:"VPN-1 & FireWall-1"]
func (p *Parser) parseCheckpoint(r *record) bool {
	s := r.text
	if head := s[:min(len(s), 48)]; s == "" || s[0] != '[' || !strings.Contains(head, `:"`) || strings.ContainsAny(head[1:strings.Index(head, `:"`)], " [=]") {
		return false
	}
	var (
		ends            endpoints
		web             webRequest
		product, action string
		virus, at       string
	)
	n := 0
	for s = s[1:]; ; n++ {
		s = strings.TrimLeft(s, " ;")
		name, rest, ok := strings.Cut(s, `:"`)
		if !ok || name == "" || len(name) > MaxNameBytes || strings.IndexByte(name, ' ') >= 0 {
			break
		}
		value, rest, ok := p.quoted(rest, '"')
		if !ok {
			break
		}
		s = rest
		switch name {
		case "action":
			p.addDeviceAction(value)
			action = value
			continue
		case "src":
			ends.srcIP = value
		case "dst":
			ends.dstIP = value
		case "s_port":
			ends.srcPort = value
		case "service":
			ends.dstPort = value
		case "proto":
			ends.protocol = value
		case "product":
			product = value
		case "src_user_name":
			p.optional("user", value)
		case "administrator":
			p.optional("user", value)
		case "resource":
			web.target = value
		case "method":
			web.method = value
		case "web_client_type", "user_agent":
			web.agent = value
		case "malware_family", "protection_name":
			if virus == "" {
				virus = value
			}
		case "file_name":
			p.optional("Filename", value)
		case "time":
			at = value
		}
		p.sink.text(name, value)
	}
	if n < 3 || product == "" && action == "" {
		return false
	}
	p.addEndpoints(&ends)
	if web.target != "" {
		p.addWebRequest(&web)
	}
	if t, ok := epoch(at); ok {
		r.setTime(t)
	}
	p.checkpointSource(r, product, virus, web.target != "")
	return true
}

// checkpointSource names the blade as the service.
func (p *Parser) checkpointSource(r *record, product, virus string, web bool) {
	src := event.Source{Product: "checkpoint", Service: p.plainName(product)}
	switch product {
	case "VPN-1 & FireWall-1", "Firewall":
		src.Category = "firewall"
	case "Anti Malware", "Anti-Virus", "New Anti Virus", "Threat Emulation", "Anti-Bot":
		src.Category = "antivirus"
		p.optional("Signature", virus)
	case "URL Filtering", "Application Control":
		if web {
			src.Category = "proxy"
		}
	}
	r.event.Source = src
}
