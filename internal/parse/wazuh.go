package parse

import "strings"

// parseWazuh reads an alert as Wazuh's syslog output writes it, under the names
// that the JSON alert has:
//
//	ossec: Alert Level: 5; Rule: 5710 - sshd: Attempt …; Location: (web01) 10.0.0.3->/var/log/auth.log; srcip: 203.0.113.7; user: admin; Mar  2 11:59:49 web01 sshd[1]: …
func (p *Parser) parseWazuh(r *record) bool {
	rest, ok := strings.CutPrefix(r.text, "Alert Level: ")
	if !ok {
		return false
	}
	level, rest, ok := strings.Cut(rest, "; Rule: ")
	if !ok || !isNumber(level) {
		return false
	}
	id, rest, ok := strings.Cut(rest, " - ")
	if !ok || !isNumber(id) {
		return false
	}
	description, rest, _ := strings.Cut(rest, "; Location: ")
	location, rest, _ := strings.Cut(rest, "; ")
	p.sink.number("rule.level", level)
	p.sink.text("rule.id", id)
	p.sink.text("rule.description", description)
	if agent := between(location, "(", ")"); agent != "" {
		p.sink.text("agent.name", agent)
		r.event.Host = agent
	}
	p.optional("location", location)
	for {
		pair, after, ok := strings.Cut(rest, "; ")
		name, value, named := strings.Cut(pair, ": ")
		if !ok || !named {
			break
		}
		value = strings.Trim(value, " ,")
		switch name {
		case "classification":
			p.optional("rule.groups", value)
		case "srcip":
			p.optional("src_ip", value)
		case "dstip":
			p.optional("dst_ip", value)
		case "user":
			p.optional("user", value)
		default:
			ok = false
		}
		if !ok {
			break
		}
		rest = after
	}
	p.optional("full_log", rest)
	src := &r.event.Source
	src.Product, src.Category, src.Service = "wazuh", "", "alerts"
	return true
}
