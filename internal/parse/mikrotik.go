package parse

import "strings"

var mikrotikFields = []string{
	"topics", "chain", "log_prefix", "action", "interface_in", "interface_out", "connection_state", "src_mac", "protocol", "tcp_flags",
	"src_ip", "src_port", "dst_ip", "dst_port", "nat", "length", "user", "outcome", "via", "command", "mac", "client_name",
	"cs-method", "c-uri", "cs-uri", "cs-uri-stem", "c-uri-stem", "c-uri-query", "c-uri-extension", "cs-host", "blocked",
}

// parseMikrotik reads RouterOS's lines, which begin with their topics:
//
//	firewall,info forward: in:ether1 out:bridge, connection-state:new proto TCP (SYN), 203.0.113.7:51000->192.0.2.10:22, len 60
//	system,info,account user admin logged in from 192.0.2.3 via winbox
//
// The service is the first topic.
func (p *Parser) parseMikrotik(r *record) bool {
	topics, rest := word(r.text)
	first, others, ok := strings.Cut(topics, ",")
	if !ok || rest == "" || !isTopics(first, others) {
		return false
	}
	topics = strings.TrimSuffix(topics, ":")
	p.sink.text("topics", topics)
	src := &r.event.Source
	src.Product, src.Category, src.Service = "mikrotik", "", first
	switch first {
	case "firewall":
		if p.mikrotikPacket(rest) {
			src.Category = "firewall"
		}
	case "dhcp":
		p.mikrotikLease(rest)
	case "web-proxy":
		if p.mikrotikRequest(rest) {
			src.Category = "proxy"
		}
	default:
		p.mikrotikAccount(rest)
	}
	return true
}

// isTopics tells topics from any word with a comma in it: they end with a level,
// or one of them does.
func isTopics(first, others string) bool {
	if len(first) > 16 || first == "" {
		return false
	}
	for _, c := range []byte(first) {
		if c-'a' > 25 && c-'0' > 9 && c != '-' {
			return false
		}
	}
	for more := true; more; {
		var topic string
		topic, others, more = strings.Cut(others, ",")
		switch strings.TrimSuffix(topic, ":") {
		case "info", "error", "warning", "critical", "debug", "account", "packet":
			return true
		}
	}
	return false
}

// mikrotikPacket reads the line of a firewall rule with the action log.
func (p *Parser) mikrotikPacket(s string) bool {
	i := strings.Index(s, "in:")
	if i < 2 || i > 128 {
		return false
	}
	head, rest := strings.TrimRight(s[:i], " "), s[i+len("in:"):]
	head, ok := strings.CutSuffix(head, ":")
	if !ok {
		return false
	}
	prefix, chain := "", head
	if j := strings.LastIndexByte(head, ' '); j >= 0 {
		prefix, chain = head[:j], head[j+1:]
	}
	p.sink.text("chain", chain)
	if prefix != "" {
		p.sink.text("log_prefix", prefix)
		p.optional("action", netfilterAction(prefix))
	}
	in, rest, ok := strings.Cut(rest, " out:")
	if !ok {
		return false
	}
	p.optional("interface_in", in)
	out, rest, _ := strings.Cut(rest, ", ")
	p.optional("interface_out", out)
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, ", ")
		if state, ok := strings.CutPrefix(part, "connection-state:"); ok {
			state, more := word(state)
			p.sink.text("connection_state", state)
			part = more
		}
		if mac, ok := strings.CutPrefix(part, "src-mac "); ok {
			mac, more := word(mac)
			p.sink.text("src_mac", mac)
			part = more
		}
		switch {
		case strings.HasPrefix(part, "proto "):
			protocol, flags, _ := strings.Cut(part[len("proto "):], " (")
			p.sink.text("protocol", protocol)
			if flags, ok := strings.CutSuffix(flags, ")"); ok { // "(type 8, code 0)" is cut in two
				p.optional("tcp_flags", flags)
			}
		case strings.HasPrefix(part, "len "):
			p.optionalNumber("length", part[len("len "):])
		case strings.HasPrefix(part, "NAT "):
			p.sink.text("nat", part[len("NAT "):])
		default:
			if from, to, ok := strings.Cut(part, "->"); ok {
				var e endpoints
				e.srcIP, e.srcPort = hostPort(from)
				e.dstIP, e.dstPort = hostPort(to)
				p.addEndpoints(&e)
			}
		}
	}
	return true
}

// hostPort takes address:port or [address]:port apart; a port need not be there.
func hostPort(s string) (host, port string) {
	if strings.HasPrefix(s, "[") {
		if end := strings.IndexByte(s, ']'); end > 0 {
			return s[1:end], strings.TrimPrefix(s[end+1:], ":")
		}
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.IndexByte(s, '.') < 0 && strings.IndexByte(s, ':') < i {
		return s, ""
	}
	return s[:i], s[i+1:]
}

// mikrotikLease reads "dhcp1 assigned 192.0.2.40 for 00:11:22:33:44:55 pc01".
func (p *Parser) mikrotikLease(s string) {
	_, rest := word(s)
	action, rest := word(rest)
	address, rest := word(rest)
	link, rest := word(rest)
	if action != "assigned" && action != "deassigned" || !isAddress(address) {
		return
	}
	p.sink.text("action", action)
	p.sink.text("src_ip", address)
	if link == "to" || link == "for" || link == "from" {
		mac, name := word(rest)
		p.optional("mac", mac)
		p.optional("client_name", name)
	}
}

// mikrotikRequest reads "192.0.2.40 GET http://a.example/ action=allow cache=MISS".
func (p *Parser) mikrotikRequest(s string) bool {
	client, rest := word(s)
	method, rest := word(rest)
	target, rest := word(rest)
	if !isAddress(client) || !isMethod(method) || target == "" {
		return false
	}
	p.sink.text("src_ip", client)
	p.addWebRequest(&webRequest{method: method, target: target})
	if _, action, ok := strings.Cut(rest, "action="); ok {
		action, _ = word(action)
		p.addDeviceAction(action)
	}
	return true
}

// mikrotikAccount reads who came, went or failed to come, and who changed what:
//
//	user admin logged in from 192.0.2.3 via winbox
//	login failure for user root from 203.0.113.5 via ssh
//	alice logged in, 192.0.2.200 from 203.0.113.5
//	filter rule added by winbox-3.40/tcp-msg(winbox):admin@192.0.2.3 (/ip firewall filter add chain=input)
func (p *Parser) mikrotikAccount(s string) {
	if rest, ok := strings.CutPrefix(s, "login failure for user "); ok {
		p.sink.text("outcome", "failure")
		p.mikrotikFrom(rest)
		return
	}
	user, rest, ok := strings.Cut(s, " logged ")
	if ok && len(user) < 128 {
		user = strings.TrimPrefix(user, "user ")
		state, rest := word(rest)
		state = strings.TrimSuffix(state, ",")
		switch state {
		case "in":
			p.sink.text("outcome", "success")
			p.sink.text("action", "login")
		case "out":
			p.sink.text("action", "logout")
		default:
			return
		}
		p.optional("user", user)
		if _, from, ok := strings.Cut(" "+rest, " from "); ok {
			p.mikrotikOrigin(from)
		} else if via, ok := strings.CutPrefix(rest, "via "); ok {
			p.optional("via", via)
		}
		return
	}
	what, by, ok := strings.Cut(s, " by ")
	if !ok {
		return
	}
	for _, action := range [...]string{"added", "changed", "removed", "moved"} {
		if strings.HasSuffix(what, action) {
			p.sink.text("action", action)
			by, command, _ := strings.Cut(by, " (")
			by = by[strings.LastIndexByte(by, ':')+1:]
			if user, address, ok := strings.Cut(by, "@"); ok {
				by = user
				if isAddress(address) {
					p.sink.text("src_ip", address)
				}
			}
			p.optional("user", by)
			p.optional("command", strings.TrimSuffix(command, ")"))
			return
		}
	}
}

// mikrotikFrom reads "user from address via service". A user may be anything, so
// the last words count.
func (p *Parser) mikrotikFrom(s string) {
	i := strings.LastIndex(s, " from ")
	if i < 0 {
		user, _, _ := strings.Cut(s, " via ")
		p.optional("user", user)
		return
	}
	p.optional("user", s[:i])
	p.mikrotikOrigin(s[i+len(" from "):])
}

func (p *Parser) mikrotikOrigin(s string) {
	address, rest := word(s)
	if isAddress(address) {
		p.sink.text("src_ip", address)
	}
	if via, ok := strings.CutPrefix(rest, "via "); ok {
		p.optional("via", via)
	}
}
