package parse

import (
	"slices"

	"github.com/lachan-vn/lachan/internal/event"
)

// suricataFields: every member keeps its dotted name (alert.signature,
// dns.rrname, flow_id, community_id …); what Sigma's categories ask for comes
// again under their names.
var suricataFields = slices.Concat(endpointFields, webRequestFields, []string{"action", "query", "record_type", "answer", "*"})

// suricataTypes are the values of event_type.
var suricataTypes = map[string]string{ // and Sigma's category, where there is one
	"alert": "", "anomaly": "", "arp": "", "bittorrent_dht": "", "dcerpc": "", "dhcp": "", "dnp3": "", "dns": "dns",
	"drop": "firewall", "engine": "", "enip": "", "fileinfo": "", "files": "", "flow": "firewall", "frame": "", "ftp": "",
	"ftp_data": "", "http": "proxy", "http2": "proxy", "ike": "", "ikev2": "", "krb5": "", "ldap": "", "mdns": "dns",
	"metadata": "", "modbus": "", "mqtt": "", "netflow": "firewall", "nfs": "", "packet": "", "pgsql": "", "pop3": "",
	"quic": "", "rdp": "", "rfb": "", "sip": "", "smb": "", "smtp": "", "snmp": "", "ssh": "", "stats": "",
	"telnet": "", "tftp": "", "tls": "", "websocket": "",
}

// parseSuricata reads an event of Suricata's EVE log:
//
//	{"timestamp":"…","flow_id":1,"event_type":"alert","src_ip":"…","alert":{"signature":…}}
//
// Its service is the type of the event.
func (p *Parser) parseSuricata(r *record, first int) bool {
	k := &p.json.keys
	if !k.has(keyEventType) || !k.has(keyTimestamp) {
		return false
	}
	kind := k.value(keyEventType)
	category, ok := suricataTypes[kind]
	if !ok || !k.has(keyFlowID) && kind != "stats" && kind != "engine" && kind != "arp" {
		return false
	}
	var (
		ends         endpoints
		web          webRequest
		action, flow string
		query, qtype bool
		answered     bool // answers are listed one by one
	)
	for i := first; i < len(k.fields); i++ {
		f := &k.fields[i]
		switch f.Name {
		case "dest_ip":
			ends.dstIP = f.Value
		case "dest_port":
			ends.dstPort = f.Value
		case "proto":
			ends.protocol = f.Value
		case "alert.action", "verdict.action", "flow.action":
			action = f.Value
		case "flow.state":
			flow = f.Value
		case "http.hostname":
			web.host = f.Value
		case "http.url":
			web.target = f.Value
		case "http.http_method":
			web.method = f.Value
		case "http.http_user_agent":
			web.agent = f.Value
		case "http.http_refer":
			web.referer = f.Value
		case "http.status":
			web.status = f.Value
		case "http.protocol":
			web.version = f.Value
		case "dns.rrname", "dns.queries.rrname", "dns.query.rrname":
			if !query && f.Kind == event.String {
				p.sink.text("query", f.Value)
				query = true
			}
		case "dns.rrtype", "dns.queries.rrtype", "dns.query.rrtype":
			if !qtype {
				p.sink.text("record_type", f.Value)
				qtype = true
			}
		case "dns.rdata", "dns.answers.rdata", "dns.answer.rdata":
			p.sink.text("answer", f.Value)
			answered = true
		case "dns.grouped.A", "dns.grouped.AAAA", "dns.grouped.CNAME", "dns.grouped.TXT", "dns.grouped.MX", "dns.grouped.NS", "dns.grouped.PTR":
			if !answered {
				p.sink.text("answer", f.Value)
			}
		}
	}
	p.addEndpoints(&ends)
	p.addWebRequest(&web)
	if kind == "flow" && action == "" && (flow == "established" || flow == "closed") {
		action = "accept" // both sides have spoken
	}
	if kind == "drop" {
		action = "drop"
	}
	p.optional("action", action)
	p.jsonTime(r, k)
	jsonHost(r.event, k)
	r.event.Source = event.Source{Product: "suricata", Category: category, Service: kind}
	return true
}
