package parse

import "strings"

var postfixFields = []string{
	"queue_id", "action", "outcome", "client", "src_ip", "user", "auth_method", "from", "to", "orig_to", "helo", "protocol",
	"relay", "dst_ip", "dst_port", "status", "dsn", "delay", "size", "recipients", "message_id", "reason",
}

// postfixPrograms are the daemons of Postfix by the last part of their tag,
// "postfix/submission/smtpd". Others have programs called local or error, too, so
// the whole tag must say Postfix.
var postfixPrograms = []string{
	"smtpd", "smtp", "lmtp", "cleanup", "qmgr", "pickup", "local", "virtual", "pipe", "bounce", "error", "discard", "anvil", "scache",
	"postscreen", "tlsproxy", "dnsblog", "trivial-rewrite", "verify", "postfix-script", "postsuper", "master", "postfix",
}

// parsePostfix reads the messages of Postfix: connections, rejections, failed
// logins, and what becomes of each message in its queue.
func (p *Parser) parsePostfix(r *record) bool {
	if i := named(p.sink.fields, "program"); i < 0 || !strings.HasPrefix(p.sink.fields[i].Value, "postfix") {
		return false
	}
	src := &r.event.Source
	src.Product, src.Category, src.Service = "linux", "mail", "postfix"
	m := r.text
	switch {
	case strings.HasPrefix(m, "connect from "):
		p.sink.text("action", "connect")
		p.postfixClient(m[len("connect from "):])
		return true
	case strings.HasPrefix(m, "disconnect from "):
		p.sink.text("action", "disconnect")
		p.postfixClient(m[len("disconnect from "):])
		return true
	case strings.HasPrefix(m, "lost connection after "):
		p.sink.text("action", "lost")
		if _, client, ok := strings.Cut(m, " from "); ok {
			p.postfixClient(client)
		}
		return true
	case strings.HasPrefix(m, "warning: "):
		p.postfixWarning(m[len("warning: "):])
		return true
	}
	id, rest, ok := strings.Cut(m, ": ")
	if !ok || !isQueueID(id) {
		return true
	}
	if id != "NOQUEUE" {
		p.sink.text("queue_id", id)
	}
	for _, action := range [...]string{"reject", "hold", "discard", "redirect", "milter-reject", "warn"} {
		if after, ok := strings.CutPrefix(rest, action+": "); ok {
			p.postfixReject(action, after)
			return true
		}
	}
	if rest == "removed" {
		p.sink.text("action", "removed")
		return true
	}
	p.postfixPairs(rest)
	return true
}

// isQueueID: hexadecimal digits, or letters and digits without vowels where long
// queue ids are on.
func isQueueID(s string) bool {
	if len(s) < 5 || len(s) > 20 {
		return false
	}
	for _, c := range []byte(s) {
		if c-'0' > 9 && c-'A' > 25 && c-'a' > 25 {
			return false
		}
	}
	return true
}

// postfixClient reads "name[203.0.113.7]:port" and passes over what follows.
func (p *Parser) postfixClient(s string) {
	name, rest, ok := strings.Cut(s, "[")
	if !ok || len(name) > 255 || strings.IndexByte(name, ' ') >= 0 {
		return
	}
	if name != "unknown" {
		p.optional("client", name)
	}
	if ip, _, ok := strings.Cut(rest, "]"); ok && isAddress(ip) {
		p.sink.text("src_ip", ip)
	}
}

// postfixWarning reads "name[ip]: SASL LOGIN authentication failed: reason".
func (p *Parser) postfixWarning(m string) {
	who, what, ok := strings.Cut(m, ": SASL ")
	if !ok {
		return
	}
	method, rest, ok := strings.Cut(what, " authentication ")
	if !ok {
		return
	}
	p.postfixClient(who)
	p.sink.text("action", "login")
	p.sink.text("auth_method", method)
	p.sink.text("outcome", "failure")
	if _, reason, ok := strings.Cut(rest, ": "); ok {
		if reason, user, ok := strings.Cut(reason, ", sasl_username="); ok {
			p.optional("user", user)
			p.optional("reason", reason)
			return
		}
		p.optional("reason", reason)
	}
}

// postfixReject reads "RCPT from name[ip]: 554 5.7.1 <x>: Relay access denied;
// from=<a> to=<b> proto=ESMTP helo=<c>".
func (p *Parser) postfixReject(action, s string) {
	p.sink.text("action", action)
	_, s, ok := strings.Cut(s, " from ")
	if !ok {
		return
	}
	p.postfixClient(s)
	_, s, ok = strings.Cut(s, "]")
	if !ok {
		return
	}
	reason, rest := s, ""
	if i := strings.LastIndex(s, "; from=<"); i >= 0 {
		reason, rest = s[:i], s[i+2:]
	}
	p.optional("reason", strings.TrimLeft(reason, ": "))
	for rest != "" {
		var pair string
		pair, rest = word(rest)
		name, value, ok := strings.Cut(pair, "=")
		if ok {
			p.postfixPair(name, value)
		}
	}
}

// postfixPairs reads "to=<c@d>, relay=mx[192.0.2.1]:25, delay=1.2, dsn=2.0.0,
// status=sent (250 ok)". The text in brackets behind a value is the reason.
func (p *Parser) postfixPairs(s string) {
	for s != "" {
		var pair string
		if strings.HasPrefix(s, "status=") {
			pair, s = s, ""
		} else {
			pair, s, _ = strings.Cut(s, ", ")
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return
		}
		p.postfixPair(name, value)
	}
}

func (p *Parser) postfixPair(name, value string) {
	plain := strings.TrimSuffix(strings.TrimPrefix(value, "<"), ">")
	switch name {
	case "client":
		p.postfixClient(value)
	case "sasl_method":
		p.sink.text("auth_method", value)
	case "sasl_username":
		p.sink.text("user", value)
		p.sink.text("action", "login")
		p.sink.text("outcome", "success")
	case "from", "to", "orig_to", "helo":
		p.optional(name, plain)
	case "proto":
		p.optional("protocol", value)
	case "message-id":
		p.optional("message_id", plain)
	case "relay":
		p.sink.text("relay", value)
		_, rest, _ := strings.Cut(value, "[")
		ip, port, _ := strings.Cut(rest, "]:")
		if isAddress(ip) {
			p.sink.text("dst_ip", ip)
		}
		if isNumber(port) {
			p.sink.number("dst_port", port)
		}
	case "delay":
		p.decimal("delay", value)
	case "dsn":
		p.optional("dsn", value)
	case "size":
		p.decimal("size", value)
	case "nrcpt":
		n, _ := word(value)
		p.decimal("recipients", n)
	case "status":
		status, reason, _ := strings.Cut(value, " (")
		p.sink.text("action", "delivery")
		p.sink.text("status", status)
		p.optional("reason", strings.TrimSuffix(reason, ")"))
	}
}
