package parse

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// panosFields: the columns have the names of PAN-OS's documentation; what other
// formats and Sigma's categories have comes again under their names.
var panosFields = slices.Concat(endpointFields, webRequestFields, []string{
	"serial", "type", "subtype", "natsrc", "natdst", "rule", "srcuser", "dstuser", "app", "vsys", "from", "to", "inbound_if", "outbound_if",
	"logset", "sessionid", "repeatcnt", "natsport", "natdport", "flags", "action", "blocked", "bytes", "bytes_sent", "bytes_received", "packets",
	"start", "elapsed", "category", "seqno", "pkts_sent", "pkts_received", "session_end_reason", "vsys_name", "device_name",
	"misc", "threatid", "threat_severity", "direction", "contenttype", "filedigest", "user_agent", "filetype", "xff", "referer", "http_method",
	"eventid", "object", "module", "opaque", "host", "cmd", "admin", "client", "result", "path",
	"stage", "auth_method", "tunnel_type", "srcregion", "machinename", "public_ip", "private_ip", "client_ver", "client_os", "reason", "error", "status",
	"user", "command", "Signature", "Filename",
})

// The columns of PAN-OS's logs after the time of generation. "" is a column that is
// not kept: reserved, or said elsewhere.
var (
	panosSession = []string{"src_ip", "dst_ip", "natsrc", "natdst", "rule", "srcuser", "dstuser", "app", "vsys", "from", "to", "inbound_if", "outbound_if", "logset", "", "sessionid", "repeatcnt", "src_port", "dst_port", "natsport", "natdport", "flags", "protocol", "action"}
	panosTraffic = []string{"bytes", "bytes_sent", "bytes_received", "packets", "start", "elapsed", "category", "", "seqno", "", "", "", "", "pkts_sent", "pkts_received", "session_end_reason", "", "", "", "", "vsys_name", "device_name"}
	panosThreat  = []string{"misc", "threatid", "category", "threat_severity", "direction", "seqno", "", "", "", "", "contenttype", "", "filedigest", "", "", "user_agent", "filetype", "xff", "referer", "", "", "", "", "", "", "", "", "vsys_name", "device_name", "", "", "", "http_method"}
	panosSystem  = []string{"vsys", "eventid", "object", "", "", "module", "threat_severity", "opaque", "seqno", "", "", "", "", "", "vsys_name", "device_name"}
	panosConfig  = []string{"host", "vsys", "cmd", "admin", "client", "result", "path", "seqno", "", "", "", "", "", "vsys_name", "device_name"}
	panosVPN     = []string{"vsys", "eventid", "stage", "auth_method", "tunnel_type", "srcuser", "srcregion", "machinename", "public_ip", "", "private_ip", "", "", "", "client_ver", "client_os", "", "repeatcnt", "reason", "error", "opaque", "status"}
)

// parsePanos reads the logs of Palo Alto's firewalls, which are CSV:
//
//	1,2026/03/02 11:59:00,0011C1,TRAFFIC,end,2561,2026/03/02 11:59:00,192.0.2.40,198.51.100.5,…
//
// The service is the type, globalprotect as Sigma writes it.
func (p *Parser) parsePanos(r *record) bool {
	s := r.text
	comma := strings.IndexByte(s[:min(len(s), 4)], ',')
	if comma < 1 || len(s) < comma+40 || s[comma+5] != '/' || s[comma+20] != ',' {
		return false
	}
	cells := p.splitCSV(s, '"', false)
	if len(cells) < 8 {
		return false
	}
	var service string
	var parts [2][]string
	switch kind := cells[3]; kind {
	case "TRAFFIC":
		service, parts = "traffic", [2][]string{panosSession, panosTraffic}
	case "THREAT", "URL", "WILDFIRE":
		service, parts = "threat", [2][]string{panosSession, panosThreat}
	case "SYSTEM":
		service, parts[0] = "system", panosSystem
	case "CONFIG":
		service, parts[0] = "config", panosConfig
	case "GLOBALPROTECT":
		service, parts[0] = "globalprotect", panosVPN
	case "HIPMATCH", "HIP-MATCH", "USERID", "AUTHENTICATION", "DECRYPTION", "CORRELATION", "SCTP", "GTP", "TUNNEL", "IPTAG", "AUDIT", "AUTH":
		service = strings.ToLower(kind)
	default:
		return false
	}
	t, n := dateTime(cells[6], p.zone)
	if n == 0 {
		t, n = dateTime(cells[1], p.zone)
	}
	if n == 0 {
		return false
	}
	r.setTime(t)
	first, _ := p.sink.mark()
	p.sink.text("serial", cells[2])
	p.sink.text("type", cells[3])
	p.optional("subtype", cells[4])
	rest := cells[7:]
	for _, names := range parts {
		p.panosColumns(names, rest)
		rest = rest[min(len(rest), len(names)):]
	}
	p.panosEvent(r, first, service)
	return true
}

// panosColumns adds the cells that have a name and a value.
func (p *Parser) panosColumns(names, cells []string) {
	for i, name := range names {
		if i == len(cells) {
			return
		}
		switch {
		case name == "" || cells[i] == "":
		case strings.HasSuffix(name, "_port"):
			p.optionalNumber(name, cells[i])
		default:
			p.sink.text(name, cells[i])
		}
	}
}

// panosEvent adds the names that rules use for the fields from first on, and
// settles the source.
func (p *Parser) panosEvent(r *record, first int, service string) {
	fields := p.sink.fields[first:]
	src := event.Source{Product: "paloalto", Service: service}
	subtype, misc := fieldValue(fields, "subtype"), fieldValue(fields, "misc")
	p.optional("user", fieldValue(fields, "srcuser"))
	action := fieldValue(fields, "action")
	switch {
	case service == "traffic":
		src.Category = "firewall"
	case service == "threat" && subtype == "url" || fieldValue(fields, "type") == "URL":
		src.Category = "proxy"
		web := webRequest{target: misc, agent: fieldValue(fields, "user_agent"), referer: fieldValue(fields, "referer"), method: fieldValue(fields, "http_method")}
		if web.method != "" {
			web.method = p.upper(web.method)
		}
		p.addWebRequest(&web)
	case service == "threat" && (subtype == "virus" || subtype == "wildfire-virus" || subtype == "wildfire" || subtype == "ml-virus"):
		src.Category = "antivirus"
		p.optional("Signature", fieldValue(fields, "threatid"))
		p.optional("Filename", misc)
	case service == "config":
		p.optional("user", fieldValue(fields, "admin"))
		p.optional("command", fieldValue(fields, "cmd"))
		if host := fieldValue(fields, "host"); isAddress(host) {
			p.sink.text("src_ip", host)
		}
	case service == "globalprotect":
		src.Category = "appliance"
		p.optional("src_ip", fieldValue(fields, "public_ip"))
	}
	if action != "" {
		p.optional("blocked", isBlocked(action))
	}
	if device := fieldValue(fields, "device_name"); device != "" {
		r.event.Host = device
	}
	r.event.Source = src
}

// upper writes a word in capitals.
func (p *Parser) upper(s string) string {
	b := append(p.scratch[:0], clipName(s)...)
	for i, c := range b {
		if c-'a' <= 25 {
			b[i] = c &^ 0x20
		}
	}
	p.scratch = b
	return p.sink.names.intern(b)
}
