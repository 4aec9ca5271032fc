package parse

import (
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// cefFields: the extension keeps its keys (src, act, cs1 …). A value that has a
// label comes again under it, blanks written as underscores.
var cefFields = []string{
	"cef_version", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "deviceSeverity",
	"src_ip", "src_port", "dst_ip", "dst_port", "protocol", "action", "blocked", "user", "target_user",
	"Signature", "Filename", "cs-method", "c-uri", "cs-uri", "cs-uri-stem", "c-uri-stem", "c-uri-query", "c-uri-extension",
	"cs-host", "c-useragent", "cs-referrer", "cs-version", "sc-status", "cs-uri-query", "cs-user-agent", "*",
}

// parseCEF reads the Common Event Format, with or without an envelope:
//
//	CEF:0|Vendor|Product|1.0|100|Name|5|src=192.0.2.1 msg=text with blanks cs1Label=Rule Name cs1=x
func (p *Parser) parseCEF(r *record) bool {
	s, ok := strings.CutPrefix(r.text, "CEF:")
	if !ok && r.program != "CEF" { // "CEF: 0|": the envelope took it for a tag
		return false
	}
	s = strings.TrimLeft(s, " ")
	var head [7]string
	for i := range head {
		if head[i], s, ok = p.cefHead(s); !ok && i < 5 {
			return false
		}
	}
	if !isNumber(head[0]) || len(head[0]) > 2 {
		return false
	}
	for i, name := range [...]string{"cef_version", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "deviceSeverity"} {
		p.optional(name, head[i])
	}
	first, _ := p.sink.mark()
	p.cefExtension(s)
	d := device{vendor: head[1], product: head[2], class: head[5]}
	p.deviceEvent(r, first, &d)
	return true
}

// cefHead reads a part of the header up to its pipe, where \| and \\ are escaped.
func (p *Parser) cefHead(s string) (part, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '|':
			return s[:i], s[i+1:], true
		case '\\':
			out := append(p.arena.room(len(s)), s[:i]...)
			for ; i < len(s); i++ {
				c := s[i]
				if c == '|' {
					return p.arena.keep(out), s[i+1:], true
				}
				if c == '\\' && i+1 < len(s) && (s[i+1] == '|' || s[i+1] == '\\') {
					i++
					c = s[i]
				}
				out = append(out, c)
			}
			return p.arena.keep(out), "", false
		}
	}
	return s, "", false
}

// cefExtension adds the pairs of the extension. A value runs to the blank before
// the next key; what is no key (a word with other than name characters before an
// equals sign, as in a URL) belongs to the value.
func (p *Parser) cefExtension(s string) {
	s = strings.TrimLeft(s, " ")
	key, at := cefKey(s, 0)
	for key != "" {
		next, after := cefKey(s, at)
		value := s[at:]
		if next != "" {
			value = s[at : after-len(next)-1]
		}
		p.sink.text(clipName(key), p.cefValue(strings.TrimRight(value, " ")))
		key, at = next, after
	}
}

// cefKey finds the next key at or after from and where its value begins.
func cefKey(s string, from int) (key string, value int) {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '=':
			start := i
			for start > from && isKeyByte(s[start-1]) {
				start--
			}
			if start < i && (start == 0 || s[start-1] == ' ') {
				return s[start:i], i + 1
			}
		}
	}
	return "", len(s)
}

func isKeyByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c-'0' <= 9 || c == '_' || c == '.' || c == '-' || c == '[' || c == ']'
}

// cefValue undoes \= \\ \| \n and \r.
func (p *Parser) cefValue(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := p.arena.room(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			switch s[i+1] {
			case '=', '\\', '|':
				i++
				c = s[i]
			case 'n':
				i++
				c = '\n'
			case 'r':
				i++
				c = '\r'
			}
		}
		out = append(out, c)
	}
	return p.arena.keep(out)
}

// device is what the header of CEF or LEEF says of the sender; class is how it
// calls the sort of event.
type device struct{ vendor, product, class string }

// deviceEvent gives a CEF or LEEF event, whose pairs are the fields from first
// on, its time, its log source and the names that all formats share.
func (p *Parser) deviceEvent(r *record, first int, d *device) {
	var (
		ends                              endpoints
		web                               webRequest
		action, user, target, virus       string
		path, file, zone, cat, sourceTime string
	)
	fields := p.sink.fields[first:]
	for i := range fields {
		f := &fields[i]
		switch f.Name {
		case "src", "srcip":
			ends.srcIP = f.Value
		case "c6a2":
			if ends.srcIP == "" {
				ends.srcIP = f.Value
			}
		case "c6a3":
			if ends.dstIP == "" {
				ends.dstIP = f.Value
			}
		case "dst", "dstip":
			ends.dstIP = f.Value
		case "spt", "srcPort", "srcport":
			ends.srcPort = f.Value
		case "dpt", "dstPort", "dstport":
			ends.dstPort = f.Value
		case "proto":
			ends.protocol = f.Value
		case "act", "deviceAction":
			action = f.Value
		case "action":
			p.optional("blocked", isBlocked(f.Value))
		case "suser", "usrName":
			user = f.Value
		case "duser":
			target = f.Value
		case "request", "url":
			web.target = f.Value
		case "requestMethod", "method":
			web.method = f.Value
		case "requestClientApplication", "userAgent":
			web.agent = f.Value
		case "outcome":
			if len(f.Value) == 3 {
				web.status = f.Value
			}
		case "requestContext":
			web.referer = f.Value
		case "dhost":
			web.host = f.Value
		case "filePath":
			path = f.Value
		case "fname", "fileName":
			file = f.Value
		case "cat":
			cat = f.Value
		case "rt", "devTime", "deviceReceiptTime":
			sourceTime = f.Value
		case "end", "start":
			if sourceTime == "" {
				sourceTime = f.Value
			}
		case "dtz":
			zone = f.Value
		case "dvchost", "identHostName":
			if f.Value != "" {
				r.event.Host = f.Value
			}
		case "virusName", "VirusName", "malwareName", "threatName", "FTNTFGTvirus":
			virus = f.Value
		default:
			if name, ok := strings.CutSuffix(f.Name, "Label"); ok && f.Value != "" && f.Value != name {
				value := fieldValue(fields, name)
				p.labelled(f.Value, value)
				if isVirusLabel(f.Value) {
					virus = value
				}
			} else if name, ok := strings.CutPrefix(f.Name, "FTNTFGT"); ok && name != "" {
				p.sink.text(name, f.Value)
			}
		}
	}
	if path != "" && file != "" && !strings.HasSuffix(path, file) {
		path = file
	} else if path == "" {
		path = file
	}
	p.addEndpoints(&ends)
	p.optional("user", user)
	p.optional("target_user", target)
	p.addDeviceAction(action)
	var uri string
	if web.target != "" {
		uri = p.addWebRequest(&web)
	}
	p.optional("Signature", virus)
	p.optional("Filename", path)
	if t, ok := deviceTime(sourceTime, zone, p.zone, r.ref); ok {
		r.setTime(t)
	}
	r.event.Source = p.deviceSource(d, cat, virus != "", web.target != "")
	if r.event.Source.Category == "webserver" {
		p.addServerNames(uri, web.agent)
	}
}

// addDeviceAction adds action, and blocked where the word is clear.
func (p *Parser) addDeviceAction(action string) {
	if action == "" {
		return
	}
	p.sink.text("action", action)
	if blocked := isBlocked(action); blocked != "" {
		p.sink.text("blocked", blocked)
	}
}

// isBlocked says what became of a connection, "true" or "false", by the words of
// many vendors; "" if the word says nothing of it.
func isBlocked(action string) string {
	switch {
	case len(action) > 32:
	case hasFold(action, "allow"), hasFold(action, "accept"), hasFold(action, "permit"), hasFold(action, "pass"),
		hasFold(action, "forward"), hasFold(action, "not blocked"):
		return "false"
	case hasFold(action, "block"), hasFold(action, "deny"), hasFold(action, "denied"), hasFold(action, "drop"),
		hasFold(action, "reject"), hasFold(action, "prevent"), hasFold(action, "reset-"):
		return "true"
	}
	return ""
}

// hasFold reports whether s begins with the prefix, in whatever case.
func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// addServerNames adds the names of Sigma's category webserver to a request that
// an application firewall saw.
func (p *Parser) addServerNames(uri, agent string) {
	if _, query, ok := strings.Cut(uri, "?"); ok {
		p.sink.text("cs-uri-query", query)
	}
	p.optional("cs-uri-query", uri)
	if decoded := p.percentDecoded(uri); decoded != uri {
		p.sink.text("cs-uri-query", decoded)
	}
	p.optional("cs-user-agent", agent)
}

// labelled adds a value under its label.
func (p *Parser) labelled(label, value string) {
	if value == "" || len(label) > 64 || strings.Trim(label, `"`) == "" {
		return
	}
	b := append(p.scratch[:0], strings.Trim(label, `"`)...)
	for i, c := range b {
		if c == ' ' {
			b[i] = '_'
		}
	}
	p.scratch = b
	p.sink.text(p.sink.names.intern(b), value)
}

// isVirusLabel tells the labels under which anti-malware products name what they
// found.
func isVirusLabel(s string) bool {
	for _, label := range [...]string{
		"Virus Name", "VirusName", "Malware Name", "MalwareName", "Threat Name", "ThreatName", "Virus/Malware Name",
		"Detection Name", "Risk Name", "VLF_VirusName",
	} {
		if strings.EqualFold(s, label) {
			return true
		}
	}
	return false
}

// deviceTime reads the stamps of CEF and LEEF: epoch, "Mar 02 2026 11:59:00.123
// ICT", or RFC 3339. Only UTC's names are sure among those of zones.
func deviceTime(s, zone string, local *time.Location, ref time.Time) (time.Time, bool) {
	if s == "" {
		return time.Time{}, false
	}
	if zone == "UTC" || zone == "GMT" {
		local = time.UTC
	}
	t, n := bsdTime(s, local, ref)
	if n == 0 {
		return anyTime(s, local)
	}
	rest := strings.TrimLeft(s[n:], " ")
	if after, ok := strings.CutPrefix(strings.TrimPrefix(rest, "UTC"), "GMT"); ok || len(after) < len(rest) {
		offset, _ := zoneOffset(after)
		t, _ = bsdTime(s, time.UTC, ref)
		t = t.Add(-time.Duration(offset) * time.Second)
	}
	return t, true
}

// deviceNames are the products of vendors as Sigma writes them.
var deviceNames = [...]struct {
	vendor, product string // what the header begins with; "" any
	source          event.Source
}{
	{"Fortinet", "Fortigate", event.Source{Product: "fortigate"}},
	{"Fortinet", "FortiWeb", event.Source{Product: "fortiweb", Category: "webserver"}},
	{"Palo Alto Networks", "PAN-OS", event.Source{Product: "paloalto"}},
	{"Palo Alto Networks", "", event.Source{Product: "paloalto"}},
	{"Check Point", "", event.Source{Product: "checkpoint"}},
	{"Checkpoint", "", event.Source{Product: "checkpoint"}},
	{"KasperskyLab", "", event.Source{Product: "kaspersky"}},
	{"Kaspersky", "", event.Source{Product: "kaspersky"}},
	{"Trend Micro", "", event.Source{Product: "trendmicro"}},
	{"TrendMicro", "", event.Source{Product: "trendmicro"}},
	{"F5", "ASM", event.Source{Product: "f5", Category: "webserver"}},
	{"Imperva", "", event.Source{Product: "imperva", Category: "webserver"}},
	{"Incapsula", "", event.Source{Product: "imperva", Category: "webserver"}},
	{"Citrix", "NetScaler", event.Source{Product: "citrix", Category: "webserver"}},
	{"Zscaler", "", event.Source{Product: "zscaler", Category: "proxy"}},
	{"Forcepoint", "", event.Source{Product: "forcepoint", Category: "proxy"}},
	{"Cisco", "ASA", event.Source{Product: "cisco", Category: "firewall"}},
	{"SonicWall", "", event.Source{Product: "sonicwall", Category: "firewall"}},
	{"WatchGuard", "", event.Source{Product: "watchguard", Category: "firewall"}},
}

// deviceSource names the log source. A vendor of whom nothing is known is his own
// name in small letters without blanks, as is his product.
func (p *Parser) deviceSource(d *device, cat string, virus, web bool) event.Source {
	var src event.Source
	for i := range deviceNames {
		n := &deviceNames[i]
		if hasFold(d.vendor, n.vendor) && hasFold(d.product, n.product) {
			src = n.source
			break
		}
	}
	if src.Product == "" {
		src.Product = p.plainName(d.vendor)
	}
	src.Service = p.plainName(d.product)
	switch src.Product {
	case "fortigate":
		// cat=traffic:forward; the service is the type, as in FortiOS's own form.
		src.Service, _, _ = strings.Cut(cat, ":")
		if src.Service == "traffic" {
			src.Category = "firewall"
		}
	case "paloalto":
		if src.Service = p.plainName(d.class); cat == "TRAFFIC" {
			src.Service = "traffic"
		}
		if src.Service == "traffic" {
			src.Category = "firewall"
		}
	case "checkpoint":
		if hasFold(d.product, "VPN-1") || hasFold(d.product, "Firewall") {
			src.Category = "firewall"
		}
	}
	switch {
	case virus:
		src.Category = "antivirus"
	case src.Category == "proxy" && !web, src.Category == "webserver" && !web:
		src.Category = ""
	}
	return src
}

// plainName writes a name in small letters, without blanks.
func (p *Parser) plainName(s string) string {
	b := p.scratch[:0]
	for _, c := range []byte(clipName(s)) {
		if c-'A' <= 25 {
			c |= 0x20
		}
		if c != ' ' {
			b = append(b, c)
		}
	}
	p.scratch = b
	return p.sink.names.intern(b)
}
