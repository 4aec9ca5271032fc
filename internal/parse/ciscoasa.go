package parse

import "strings"

// ciscoFirewall reads the text of an ASA or FTD message, which its number names.
func (p *Parser) ciscoFirewall(r *record, facility, number, body string) {
	src := &r.event.Source
	src.Service = "asa"
	if facility == "FTD" {
		src.Service = "ftd"
	}
	if len(number) != 6 || !isNumber(number) {
		p.ciscoText(body, true)
		return
	}
	switch number[:3] {
	case "106", "302", "305", "313", "710", "419", "338", "400":
		src.Category = "firewall"
	case "430":
		p.threatDefense(r, body)
		return
	case "111":
		if p.ciscoCommand(body) {
			src.Service = "aaa"
			return
		}
	case "304":
		if p.accessedURL(body) {
			src.Category = "proxy"
			return
		}
	}
	p.ciscoText(body, true)
}

// accessedURL reads messages 304001 and 304002:
//
//	alice@192.0.2.40 Accessed URL 198.51.100.5:http://tai.example/a.exe
//	Access denied URL http://tai.example/a SRC 192.0.2.40 DEST 198.51.100.5 on interface inside
func (p *Parser) accessedURL(body string) bool {
	var ends endpoints
	var web webRequest
	client, rest, ok := strings.Cut(body, " Accessed ")
	switch {
	case ok:
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "JAVA "), "URL ")
		if at := strings.LastIndexByte(client, '@'); at >= 0 {
			p.optional("user", client[:at])
			client = client[at+1:]
		}
		ends.srcIP = client
		if scheme := strings.Index(rest, ":http"); scheme >= 0 {
			ends.dstIP, rest = rest[:scheme], rest[scheme+1:]
		} else {
			ends.dstIP, rest, _ = strings.Cut(rest, ":")
		}
		web.target = rest
		p.sink.text("action", "permit")
		p.sink.text("blocked", "false")
	case strings.HasPrefix(body, "Access denied URL "):
		web.target, rest, _ = strings.Cut(body[len("Access denied URL "):], " SRC ")
		ends.srcIP, rest, _ = strings.Cut(rest, " DEST ")
		ends.dstIP, _ = word(rest)
		p.sink.text("action", "deny")
		p.sink.text("blocked", "true")
	default:
		return false
	}
	p.addEndpoints(&ends)
	p.addWebRequest(&web)
	return true
}

// threatDefense reads the security events of FTD, 430001 to 430005: "Name: value,
// Name: value". A value may hold commas: it runs to the comma before the next
// name.
func (p *Parser) threatDefense(r *record, body string) {
	var ends endpoints
	var web webRequest
	r.event.Source.Category = "firewall"
	for body != "" {
		name, rest, ok := strings.Cut(body, ": ")
		if !ok || len(name) > 64 || strings.IndexByte(name, ' ') >= 0 {
			break
		}
		end := len(rest)
		for i := 0; i+2 < len(rest); i++ {
			if rest[i] == ',' && rest[i+1] == ' ' && isPairName(rest[i+2:]) {
				end = i
				break
			}
		}
		value := rest[:end]
		body = strings.TrimPrefix(rest[end:], ", ")
		p.sink.text(clipName(name), value)
		switch name {
		case "SrcIP":
			ends.srcIP = value
		case "SrcPort":
			ends.srcPort = value
		case "DstIP":
			ends.dstIP = value
		case "DstPort":
			ends.dstPort = value
		case "Protocol":
			ends.protocol = value
		case "AccessControlRuleAction", "InlineResult", "FileAction":
			p.addDeviceAction(value)
		case "User":
			p.optional("user", value)
		case "URL":
			web.target = value
		case "SHA_Disposition":
			if value == "Malware" {
				r.event.Source.Category = "antivirus"
			}
		case "ThreatName":
			p.optional("Signature", value)
		case "FileName":
			p.optional("Filename", value)
		}
	}
	p.addEndpoints(&ends)
	if web.target != "" {
		p.addWebRequest(&web)
	}
}

// isPairName reports whether s begins with "Name: ".
func isPairName(s string) bool {
	for i := 0; i < len(s) && i < 64; i++ {
		if !isKeyByte(s[i]) {
			return i > 0 && s[i] == ':' && i+1 < len(s) && s[i+1] == ' '
		}
	}
	return false
}
