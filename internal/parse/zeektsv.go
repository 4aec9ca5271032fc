package parse

import (
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// zeekTSVFields: those of zeek, and what a header line says.
var zeekTSVFields = append([]string{"zeek_header", "zeek_value"}, zeekFields...)

// Zeek's own form names its columns in a header line at the start of the file.
// A record is read alone, so its columns are known by those Zeek writes unless
// told otherwise: the logs below, told apart by the number of columns and by
// what stands in some of them, or by the file's name. A log with other columns
// is not understood and so shows up as such: write JSON then.

// zeekColumn is a column: its name and whether its value is T or F, or a list.
type zeekColumn struct {
	name string
	kind byte // '?' truth value, ',' list, 0 anything
}

// zeekLog is one log as some version of Zeek writes it.
type zeekLog struct {
	path    string
	columns []zeekColumn
	ok      func(cells []string) bool
}

const zeekConn = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p "

var zeekLogs = []zeekLog{
	zeek("conn", zeekConn+"proto service duration orig_bytes resp_bytes conn_state local_orig? local_resp? missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents,", isConn),
	zeek("conn", zeekConn+"proto service duration orig_bytes resp_bytes conn_state local_orig? local_resp? missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents, ip_proto", isConn),
	zeek("dns", zeekConn+"proto trans_id rtt query qclass qclass_name qtype qtype_name rcode rcode_name AA? TC? RD? RA? Z answers, TTLs, rejected?", isDNS),
	zeek("http", zeekConn+"trans_depth method host uri referrer version user_agent origin request_body_len response_body_len status_code status_msg info_code info_msg tags, username password proxied, orig_fuids, orig_filenames, orig_mime_types, resp_fuids, resp_filenames, resp_mime_types,", isHTTP),
	zeek("http", zeekConn+"trans_depth method host uri referrer version user_agent request_body_len response_body_len status_code status_msg info_code info_msg tags, username password proxied, orig_fuids, orig_filenames, orig_mime_types, resp_fuids, resp_filenames, resp_mime_types,", isHTTP),
	zeek("ssl", zeekConn+"version cipher curve server_name resumed? last_alert next_protocol established? ssl_history cert_chain_fps, client_cert_chain_fps, sni_matches_cert?", isSSL),
	zeek("ssl", zeekConn+"version cipher curve server_name resumed? last_alert next_protocol established? ssl_history cert_chain_fps, client_cert_chain_fps, sni_matches_cert? validation_status", isSSL),
	zeek("ssl", zeekConn+"version cipher curve server_name resumed? last_alert next_protocol established? cert_chain_fuids, client_cert_chain_fuids, subject issuer client_subject client_issuer", isSSL),
	zeek("ssl", zeekConn+"version cipher curve server_name resumed? last_alert next_protocol established? cert_chain_fuids, client_cert_chain_fuids, subject issuer client_subject client_issuer validation_status", isSSL),
	zeek("kerberos", zeekConn+"request_type client service success? error_msg from till cipher forwardable? renewable? client_cert_subject client_cert_fuid server_cert_subject server_cert_fuid", isKerberos),
	zeek("files", "ts fuid uid id.orig_h id.orig_p id.resp_h id.resp_p source depth analyzers, mime_type filename duration local_orig? is_orig? seen_bytes total_bytes missing_bytes overflow_bytes timedout? parent_fuid md5 sha1 sha256 extracted extracted_cutoff? extracted_size", isFiles),
	zeek("files", "ts fuid tx_hosts, rx_hosts, conn_uids, source depth analyzers, mime_type filename duration local_orig? is_orig? seen_bytes total_bytes missing_bytes overflow_bytes timedout? parent_fuid md5 sha1 sha256 extracted extracted_cutoff? extracted_size", isFiles),
	zeek("files", "ts fuid tx_hosts, rx_hosts, conn_uids, source depth analyzers, mime_type filename duration local_orig? is_orig? seen_bytes total_bytes missing_bytes overflow_bytes timedout? parent_fuid md5 sha1 sha256 extracted", isFiles),
	zeek("notice", zeekConn+"fuid file_mime_type file_desc proto note msg sub src dst p n peer_descr actions, email_dest, suppress_for remote_location.country_code remote_location.region remote_location.city remote_location.latitude remote_location.longitude", isNotice),
	zeek("smtp", zeekConn+"trans_depth helo mailfrom rcptto, date from to, cc, reply_to msg_id in_reply_to subject x_originating_ip first_received second_received last_reply path, user_agent tls? fuids,", isSMTP),
	zeek("ssh", zeekConn+"version auth_success? auth_attempts direction client server cipher_alg mac_alg compression_alg kex_alg host_key_alg host_key", isSSH),
	zeek("ssh", zeekConn+"version auth_success? auth_attempts direction client server cipher_alg mac_alg compression_alg kex_alg host_key_alg host_key remote_location.country_code remote_location.region remote_location.city remote_location.latitude remote_location.longitude", isSSH),
	zeek("ftp", zeekConn+"user password command arg mime_type file_size reply_code reply_msg data_channel.passive? data_channel.orig_h data_channel.resp_h data_channel.resp_p fuid", isFTP),
	zeek("rdp", zeekConn+"cookie result security_protocol client_channels, keyboard_layout client_build client_name client_dig_product_id desktop_width desktop_height requested_color_depth cert_type cert_count cert_permanent? encryption_level encryption_method", isRDP),
	zeek("x509", "ts fingerprint certificate.version certificate.serial certificate.subject certificate.issuer certificate.not_valid_before certificate.not_valid_after certificate.key_alg certificate.sig_alg certificate.key_type certificate.key_length certificate.exponent certificate.curve san.dns, san.uri, san.email, san.ip, basic_constraints.ca? basic_constraints.path_len host_cert? client_cert?", isX509),
	zeek("x509", "ts id certificate.version certificate.serial certificate.subject certificate.issuer certificate.not_valid_before certificate.not_valid_after certificate.key_alg certificate.sig_alg certificate.key_type certificate.key_length certificate.exponent certificate.curve san.dns, san.uri, san.email, san.ip, basic_constraints.ca? basic_constraints.path_len", isX509),
	zeek("smb_files", zeekConn+"fuid action path name size prev_name times.modified times.accessed times.created times.changed", isSMBFiles),
	zeek("smb_mapping", zeekConn+"path service native_file_system share_type", isSMBMapping),
	zeek("dce_rpc", zeekConn+"rtt named_pipe endpoint operation", isDCERPC),
	zeek("weird", zeekConn+"name addl notice? peer", isWeird),
	zeek("weird", zeekConn+"name addl notice? peer source", isWeird),
	zeek("software", "ts host host_p software_type name version.major version.minor version.minor2 version.minor3 version.addl unparsed_version", isSoftware),
	zeek("ntlm", zeekConn+"username hostname domainname server_nb_computer_name server_dns_computer_name server_tree_name success?", isNTLM),
	zeek("dhcp", "ts uids, client_addr server_addr mac host_name client_fqdn domain requested_addr assigned_addr lease_time client_message server_message msg_types, duration", isDHCP),
	zeek("pe", "ts id machine compile_ts os subsystem is_exe? is_64bit? uses_aslr? uses_dep? uses_code_integrity? uses_seh? has_import_table? has_export_table? has_cert_table? has_debug_data? section_names,", isPE),
	zeek("tunnel", zeekConn+"tunnel_type action", isTunnel),
}

func zeek(path, columns string, ok func([]string) bool) zeekLog {
	log := zeekLog{path: path, ok: ok}
	for _, name := range strings.Fields(columns) {
		c := zeekColumn{name: name}
		if last := name[len(name)-1]; last == '?' || last == ',' {
			c.name, c.kind = name[:len(name)-1], last
		}
		log.columns = append(log.columns, c)
	}
	return log
}

// The tests of the logs. Columns that two logs of one width have in common say
// nothing; these are the ones that differ.
func isConn(c []string) bool   { return zeekEnds(c) && isProto(c[6]) && zeekState(c[11]) }
func isDNS(c []string) bool    { return zeekEnds(c) && isProto(c[6]) && isTruth(c[23]) && isTruth(c[16]) }
func isHTTP(c []string) bool   { return zeekEnds(c) && isNumber(c[6]) && (c[7] == "-" || isMethod(c[7])) }
func isSSL(c []string) bool    { return zeekEnds(c) && isTruth(c[10]) && isTruth(c[13]) }
func isSSH(c []string) bool    { return zeekEnds(c) && isUnsetOrNumber(c[6]) && isTruth(c[7]) }
func isSMTP(c []string) bool   { return zeekEnds(c) && isNumber(c[6]) && isTruth(c[24]) }
func isFTP(c []string) bool    { return zeekEnds(c) && isTruth(c[14]) && isUnsetOrNumber(c[12]) }
func isRDP(c []string) bool    { return zeekEnds(c) && isUnsetOrNumber(c[18]) && isTruth(c[19]) }
func isNTLM(c []string) bool   { return zeekEnds(c) && isTruth(c[12]) }
func isWeird(c []string) bool  { return zeekEnds(c) && isTruth(c[8]) && c[8] != "-" }
func isDCERPC(c []string) bool { return zeekEnds(c) && (c[6] == "-" || c[6][0]-'0' <= 9) }
func isNotice(c []string) bool { return zeekEnds(c) && strings.Contains(c[10], "::") }
func isSMBFiles(c []string) bool {
	return zeekEnds(c) && (c[7] == "-" || strings.HasPrefix(c[7], "SMB::"))
}
func isSMBMapping(c []string) bool {
	return zeekEnds(c) && (c[9] == "DISK" || c[9] == "PIPE" || c[9] == "PRINT")
}
func isTunnel(c []string) bool   { return zeekEnds(c) && strings.HasPrefix(c[6], "Tunnel::") }
func isSoftware(c []string) bool { return isAddress(c[1]) && strings.Contains(c[3], "::") }
func isDHCP(c []string) bool {
	return isUnsetOrAddress(c[2]) && isUnsetOrAddress(c[3]) && isUnsetOrNumber(strings.Replace(c[14], ".", "", 1))
}
func isPE(c []string) bool { return c[1][0] == 'F' && isTruth(c[6]) && isTruth(c[15]) }

func isKerberos(c []string) bool {
	return zeekEnds(c) && (c[6] == "AS" || c[6] == "TGS" || c[6] == "-") && isTruth(c[9])
}

func isFiles(c []string) bool {
	return c[1][0] == 'F' && isTruth(c[len(c)-1-zeekTimedOut(len(c))])
}

// zeekTimedOut is how far the column timedout is from the last one.
func zeekTimedOut(columns int) int {
	if columns == 23 {
		return 5
	}
	return 7
}

func isX509(c []string) bool {
	return isNumber(c[2]) && isUnsetOrNumber(c[11]) && isTruth(c[18])
}

// zeekEnds tests the identity of a connection.
func zeekEnds(c []string) bool {
	return isUnsetOrAddress(c[2]) && isUnsetOrNumber(c[3]) && isUnsetOrAddress(c[4]) && isUnsetOrNumber(c[5])
}

func isTruth(s string) bool          { return s == "T" || s == "F" || s == "-" }
func isUnsetOrNumber(s string) bool  { return s == "-" || isNumber(s) }
func isUnsetOrAddress(s string) bool { return s == "-" || isAddress(s) }

func isProto(s string) bool {
	return s == "tcp" || s == "udp" || s == "icmp" || s == "unknown_transport"
}

func zeekState(s string) bool {
	switch s {
	case "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH":
		return true
	}
	return false
}

// parseZeekTSV reads a line of a Zeek log in its own form, tab-separated, and the
// header lines of such a file, which are events of no service.
func (p *Parser) parseZeekTSV(r *record) bool {
	s := r.text
	if s[0] == '#' {
		return p.zeekHeader(r)
	}
	tab := strings.IndexByte(s, '\t')
	if tab < 12 || tab > 20 || s[10] != '.' {
		return false
	}
	t, ok := epoch(s[:tab])
	if !ok {
		return false
	}
	cells := p.split(s, '\t')
	for _, cell := range cells {
		if cell == "" {
			return false // Zeek writes "-" or "(empty)"
		}
	}
	log := zeekLogOf(cells, r)
	if log == nil {
		return false
	}
	r.setTime(t)
	first, _ := p.sink.mark()
	for i, c := range log.columns {
		p.zeekCell(c, cells[i])
	}
	p.zeekEvent(r, p.sink.fields[first:], log.path)
	return true
}

// zeekLogOf finds the log that has such cells: the one that the file or the tag
// is named after first.
func zeekLogOf(cells []string, r *record) *zeekLog {
	named := r.zeekLog()
	var found *zeekLog
	for i := range zeekLogs {
		log := &zeekLogs[i]
		if len(log.columns) != len(cells) || !log.ok(cells) {
			continue
		}
		if log.path == named {
			return log
		}
		if found == nil {
			found = log
		}
	}
	return found
}

// zeekCell adds the value of one column, or nothing where it is unset.
func (p *Parser) zeekCell(c zeekColumn, cell string) {
	if cell == "-" || cell == "(empty)" {
		return
	}
	switch c.kind {
	case '?':
		switch cell {
		case "T":
			p.sink.add(c.name, "true", event.Bool)
		case "F":
			p.sink.add(c.name, "false", event.Bool)
		default:
			p.sink.text(c.name, p.zeekText(cell))
		}
	case ',':
		for more := true; more; {
			var item string
			if item, cell, more = strings.Cut(cell, ","); item != "" {
				p.sink.text(c.name, p.zeekText(item))
			}
		}
	default:
		p.sink.text(c.name, p.zeekText(cell))
	}
}

// zeekText undoes \xHH and \\. A backslash that stands for neither shows that
// the text was never escaped: an old Zeek wrote paths of shares as they are.
func (p *Parser) zeekText(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := p.arena.room(len(s))
	ascii := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' {
			switch {
			case i+1 < len(s) && s[i+1] == '\\':
				i++
			case i+3 < len(s) && s[i+1] == 'x':
				hi, ok1 := hexValue(s[i+2])
				lo, ok2 := hexValue(s[i+3])
				if !ok1 || !ok2 {
					return s
				}
				c = hi<<4 | lo
				ascii = ascii && c < 0x80
				i += 3
			default:
				return s
			}
		}
		out = append(out, c)
	}
	if !ascii {
		return strings.ToValidUTF8(string(out), "\uFFFD")
	}
	return p.arena.keep(out)
}

// zeekHeader reads "#fields\tts\tuid…" and its like.
func (p *Parser) zeekHeader(r *record) bool {
	name, value, ok := strings.Cut(r.text[1:], "\t")
	if !ok {
		if name, value, ok = strings.Cut(name, " "); !ok || name != "separator" {
			return false
		}
	}
	switch name {
	case "separator", "set_separator", "empty_field", "unset_field", "path", "open", "close", "fields", "types":
	default:
		return false
	}
	p.sink.text("zeek_header", name)
	p.optional("zeek_value", value)
	r.event.Source = event.Source{Product: "zeek"}
	return true
}
