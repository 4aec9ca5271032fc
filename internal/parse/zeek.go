package parse

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// zeekFields: every member keeps Zeek's name (id.orig_h, qtype_name, mime_type
// …), as Sigma's rules for product zeek have it; what its categories dns, proxy
// and firewall ask for comes again under their names.
var zeekFields = slices.Concat(endpointFields, webRequestFields, []string{"action", "query", "record_type", "answer", "*"})

// zeekPath names the log that a member is found in and in no other.
func zeekPath(member string) string {
	switch member {
	case "conn_state":
		return "conn"
	case "rejected", "qtype_name", "rcode_name":
		return "dns"
	case "request_body_len":
		return "http"
	case "resumed", "ssl_history":
		return "ssl"
	case "seen_bytes":
		return "files"
	case "auth_attempts", "auth_success", "kex_alg":
		return "ssh"
	case "helo", "last_reply":
		return "smtp"
	case "reply_code", "cwd", "data_channel.passive":
		return "ftp"
	case "request_type":
		return "kerberos"
	case "security_protocol", "cert_count":
		return "rdp"
	case "share_type":
		return "smb_mapping"
	case "times.modified", "prev_name":
		return "smb_files"
	case "named_pipe", "operation":
		return "dce_rpc"
	case "server_nb_computer_name", "domainname":
		return "ntlm"
	case "certificate.serial":
		return "x509"
	case "suppress_for":
		return "notice"
	case "msg_types":
		return "dhcp"
	case "tunnel_type":
		return "tunnel"
	case "is_exe":
		return "pe"
	case "software_type":
		return "software"
	}
	return ""
}

// parseZeekJSON reads a Zeek log in its JSON form:
//
//	{"ts":1772427540.1,"uid":"C1","id.orig_h":"192.0.2.5","id.orig_p":51000,…,"query":"a.example"}
//
// The log is named by _path, which Corelight and json-streaming-logs add, or
// else by a member that only it has, or by the file.
func (p *Parser) parseZeekJSON(r *record, first int) bool {
	k := &p.json.keys
	if !k.has(keyTs) {
		return false
	}
	fields := k.fields[first:]
	path := k.value(keyPath)
	if !isZeekPath(path) {
		return false
	}
	if path == "" {
		for i := range fields {
			if path = zeekPath(fields[i].Name); path != "" {
				break
			}
		}
		// A member of its own is no proof for names that others may use as well.
		if !k.has(keyOrigHost) && !zeekAlone[path] {
			return false
		}
	}
	if path == "" {
		path = r.zeekLog()
	}
	if path == "" {
		if !k.has(keyUID) {
			return false
		}
		if fieldValue(fields, "peer") != "" {
			path = "weird"
		}
	}
	p.jsonTime(r, k)
	// The member host is that of a request, and service that of a connection.
	if system := fieldValue(fields, "_system_name"); system != "" {
		r.event.Host = system
	}
	p.zeekEvent(r, fields, path)
	return true
}

// zeekAlone are the logs whose records belong to no one connection.
var zeekAlone = map[string]bool{"files": true, "x509": true, "pe": true, "notice": true, "dhcp": true, "software": true}

// isZeekPath tells the name of a log from a path of the file system.
func isZeekPath(s string) bool {
	for _, c := range []byte(s) {
		if c-'a' > 25 && c-'0' > 9 && c != '_' {
			return false
		}
	}
	return len(s) <= 64
}

// zeekLog names the log by the file that the record was read from, or by its
// syslog tag.
func (r *record) zeekLog() string {
	for _, name := range [...]string{r.origin, r.event.Peer, r.program} {
		if path := zeekFile(name); path != "" {
			return path
		}
	}
	return ""
}

// zeekFile names the log that is in a file like conn.log, dns.2026-03-02.log.gz
// or under a syslog tag like zeek_http; "" if it is none that is known.
func zeekFile(name string) string {
	name = name[strings.LastIndexAny(name, "/\\")+1:]
	name = strings.TrimPrefix(strings.TrimPrefix(name, "zeek_"), "bro_")
	if end := strings.IndexByte(name, '.'); end >= 0 {
		name = name[:end]
	}
	for i := range zeekLogs {
		if zeekLogs[i].path == name {
			return zeekLogs[i].path
		}
	}
	return ""
}

// zeekEvent adds to a record of the log path, whose fields have Zeek's names,
// what rules of Sigma's categories ask for.
func (p *Parser) zeekEvent(r *record, fields []event.Field, path string) {
	var (
		ends  endpoints
		web   webRequest
		state string
	)
	dns, http := path == "dns", path == "http"
	for i := range fields {
		f := &fields[i]
		if f.Value == "" {
			continue
		}
		switch f.Name {
		case "id.orig_h":
			ends.srcIP = f.Value
		case "id.orig_p":
			ends.srcPort = f.Value
		case "id.resp_h":
			ends.dstIP = f.Value
		case "id.resp_p":
			ends.dstPort = f.Value
		case "proto":
			ends.protocol = f.Value
		case "conn_state":
			state = f.Value
		case "answers":
			if dns {
				p.sink.text("answer", f.Value)
			}
		case "qtype_name":
			p.sink.text("record_type", f.Value)
		case "method":
			web.method = f.Value
		case "host":
			web.host = f.Value
		case "uri":
			web.target = f.Value
		case "referrer":
			web.referer = f.Value
		case "version":
			web.version = f.Value
		case "user_agent":
			web.agent = f.Value
		case "status_code":
			web.status = f.Value
		}
	}
	p.addEndpoints(&ends)
	if http {
		p.addWebRequest(&web)
	}
	switch state {
	case "SF", "S1", "S2", "S3", "RSTO", "RSTR": // it was established
		p.sink.text("action", "accept")
	}
	src := event.Source{Product: "zeek", Service: path}
	switch path {
	case "dns":
		src.Category = "dns"
	case "http":
		src.Category = "proxy"
	case "conn":
		src.Category = "firewall"
	}
	r.event.Source = src
}
