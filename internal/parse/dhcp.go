package parse

import (
	"strings"
	"time"
)

// What all DHCP servers say: who (mac, client_name) got which address (src_ip)
// from where (interface or relay).
var (
	dhcpFields        = []string{"action", "src_ip", "mac", "client_name", "interface", "relay", "server_ip", "reason", "lease_time", "transaction_id", "message_id", "logger", "level"}
	windowsDHCPFields = []string{"event_id", "action", "src_ip", "mac", "client_name", "user", "transaction_id", "qresult", "vendor_class", "relay", "description", "dns_error"}
)

// parseDHCP reads the lines of ISC dhcpd, dnsmasq and Kea about leases:
//
//	DHCPACK on 192.0.2.40 to 00:11:22:33:44:55 (pc01) via eth0
//	DHCPACK(eth0) 192.0.2.40 00:11:22:33:44:55 pc01
//	2026-03-02 11:59:00.123 INFO  [kea-dhcp4.leases/12] DHCP4_LEASE_ALLOC [hwtype=1 00:11:22:33:44:55], cid=[…], tid=0x1: lease 192.0.2.40 has been allocated for 3600 seconds
func (p *Parser) parseDHCP(r *record) bool {
	s := r.text
	if serial, rest := word(s); isNumber(serial) { // dnsmasq, with log-dhcp
		s = rest
	}
	if rest, ok := strings.CutPrefix(s, "DHCP"); ok && (r.program == "dhcpd" || r.program == "dnsmasq-dhcp") {
		return p.iscLease(r, rest)
	}
	return p.keaLease(r, r.text)
}

// iscLease reads what follows "DHCP" in a line of dhcpd or dnsmasq.
func (p *Parser) iscLease(r *record, s string) bool {
	kind, rest := word(s)
	kind, ifc, ok := strings.Cut(kind, "(")
	action := dhcpAction(kind)
	if action == "" {
		return false
	}
	p.sink.text("action", action)
	src := &r.event.Source
	if ok { // dnsmasq
		p.optional("interface", strings.TrimSuffix(ifc, ")"))
		for range 2 {
			w, after := word(rest)
			if isMAC(w) {
				p.sink.text("mac", w)
			} else if isAddress(w) {
				p.sink.text("src_ip", w)
			} else {
				break
			}
			rest = after
		}
		if action == "nak" {
			p.optional("reason", rest)
		} else {
			p.optional("client_name", rest)
		}
		src.Product, src.Service = "dnsmasq", "dhcp"
		return true
	}
	address, mac := "", ""
	for rest != "" {
		var w string
		w, rest = word(rest)
		switch w {
		case "via":
			via, after := word(rest)
			via, why, _ := strings.Cut(via, ":")
			if isAddress(via) {
				p.sink.text("relay", via)
			} else {
				p.optional("interface", via)
			}
			p.optional("reason", strings.TrimSpace(why+after))
			rest = ""
		case "lease-duration":
			w, rest = word(rest)
			p.optionalNumber("lease_time", w)
		default:
			inner, inBrackets := strings.CutPrefix(w, "(")
			inner = strings.TrimSuffix(strings.TrimSuffix(inner, ":"), ")")
			switch {
			case isMAC(w):
				mac = w
			case isAddress(w) && address == "":
				address = w
			case inBrackets && isMAC(inner):
				mac = inner
			case inBrackets && isAddress(inner):
				p.sink.text("server_ip", inner)
			case inBrackets:
				p.optional("client_name", inner)
			}
		}
	}
	p.optional("src_ip", address)
	p.optional("mac", mac)
	src.Product, src.Service = "isc", "dhcp"
	return true
}

func dhcpAction(kind string) string {
	switch kind {
	case "DISCOVER":
		return "discover"
	case "OFFER":
		return "offer"
	case "REQUEST":
		return "request"
	case "ACK":
		return "ack"
	case "NAK":
		return "nak"
	case "RELEASE":
		return "release"
	case "DECLINE":
		return "decline"
	case "INFORM":
		return "inform"
	case "EXPIRE":
		return "expire"
	case "LEASEQUERY":
		return "leasequery"
	case "SOLICIT":
		return "solicit"
	case "ADVERTISE":
		return "advertise"
	case "REPLY":
		return "reply"
	case "CONFIRM":
		return "confirm"
	case "RENEW":
		return "renew"
	case "REBIND":
		return "rebind"
	}
	return ""
}

// isMAC tells a hardware address, six bytes or more, by its colons.
func isMAC(s string) bool {
	if len(s) < 17 || len(s)%3 != 2 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if i%3 == 2 {
			if s[i] != ':' {
				return false
			}
		} else if _, ok := hexValue(s[i]); !ok {
			return false
		}
	}
	return true
}

// keaLease reads a line of Kea, from its file or by syslog, where the time is
// missing: "INFO  [kea-dhcp4.leases/12] DHCP4_LEASE_ALLOC …".
func (p *Parser) keaLease(r *record, s string) bool {
	t, n := dateTime(s, p.zone)
	rest := strings.TrimLeft(s[n:], " ")
	level, rest := word(rest)
	logger, rest, ok := bracket(rest)
	if !ok || !strings.HasPrefix(logger, "kea-") || !isMethod(level) {
		return false
	}
	id, rest := word(strings.TrimLeft(rest, " "))
	if !isFacility(id) {
		return false
	}
	if n > 0 {
		r.setTime(t)
	}
	p.sink.text("level", level)
	logger, _, _ = strings.Cut(logger, "/")
	p.sink.text("logger", logger)
	p.sink.text("message_id", id)
	if action := keaAction(id); action != "" {
		p.sink.text("action", action)
	}
	if hw, ok := strings.CutPrefix(rest, "[hwtype="); ok {
		hw, _, _ = strings.Cut(hw, "]")
		if _, mac := word(hw); isMAC(mac) {
			p.sink.text("mac", mac)
		}
	}
	if _, tid, ok := strings.Cut(rest, "tid="); ok {
		tid, _ = word(tid)
		p.optional("transaction_id", strings.TrimRight(tid, ":,"))
	}
	for _, before := range [...]string{"lease ", "address ", "for address "} {
		_, address, ok := strings.Cut(rest, before)
		if address, _ = word(address); ok && isAddress(strings.TrimRight(address, ",.:")) {
			p.sink.text("src_ip", strings.TrimRight(address, ",.:"))
			break
		}
	}
	if _, seconds, ok := strings.Cut(rest, " allocated for "); ok {
		seconds, _ = word(seconds)
		p.optionalNumber("lease_time", seconds)
	}
	src := &r.event.Source
	src.Product, src.Service = "kea", "dhcp"
	return true
}

func keaAction(id string) string {
	switch {
	case strings.HasSuffix(id, "_LEASE_ALLOC"):
		return "ack"
	case strings.HasSuffix(id, "_LEASE_OFFER"), strings.HasSuffix(id, "_LEASE_ADVERT"):
		return "offer"
	case strings.HasSuffix(id, "_LEASE_RENEW"):
		return "renew"
	case strings.HasSuffix(id, "_RELEASE"), strings.HasSuffix(id, "_RELEASE_NA"):
		return "release"
	case strings.Contains(id, "_DECLINE"):
		return "decline"
	}
	return ""
}

// parseWindowsDHCP reads the audit log of the Windows DHCP server:
//
//	10,03/02/26,11:59:00,Assign,192.0.2.40,pc01.tinh.example,001122334455,,1234,0,,,,…
func (p *Parser) parseWindowsDHCP(r *record) bool {
	s := r.text
	comma := strings.IndexByte(s, ',')
	if comma < 1 || comma > 5 || len(s) < comma+19 || s[comma+3] != '/' || s[comma+6] != '/' || s[comma+9] != ',' {
		return false
	}
	cells := p.split(s, ',')
	if len(cells) < 7 || !isNumber(cells[0]) {
		return false
	}
	month, ok1 := digits(cells[1], 0, 2)
	day, ok2 := digits(cells[1], 3, 2)
	year, ok3 := digits(cells[1], 6, 2)
	h, m, sec, _, n := clockTime(cells[2])
	if !ok1 || !ok2 || !ok3 || n == 0 || month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	r.setTime(time.Date(2000+year, time.Month(month), day, h, m, sec, 0, p.zone))
	p.sink.text("event_id", cells[0])
	p.sink.text("description", cells[3])
	p.optional("action", windowsDHCPAction(cells[0]))
	p.optional("src_ip", cells[4])
	p.optional("client_name", cells[5])
	p.optional("mac", cells[6])
	for i, name := range [...]string{7: "user", 8: "transaction_id", 9: "qresult", 14: "vendor_class", 17: "relay", 18: "dns_error"} {
		if name != "" && i < len(cells) {
			p.optional(name, cells[i])
		}
	}
	src := &r.event.Source
	src.Product, src.Service = "windows", "dhcp"
	return true
}

func windowsDHCPAction(id string) string {
	switch id {
	case "10", "11": // new, renewed
		return "ack"
	case "12":
		return "release"
	case "13", "14", "15", "22":
		return "denied"
	case "16", "17", "18":
		return "expire"
	case "30", "31", "32":
		return "dns_update"
	}
	return ""
}
