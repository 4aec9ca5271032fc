package parse

import "strings"

var keyvalueFields = []string{"src_ip", "src_port", "dst_ip", "dst_port", "protocol", "*"}

// parseKeyValue is the last resort: text that consists of name=value pairs, with
// or without quotes. It takes three or more different names that cover three
// quarters of the text, so that prose with an equals sign in it stays prose.
func (p *Parser) parseKeyValue(r *record) bool {
	s := r.text
	if strings.Count(s, "=") < 3 {
		return false
	}
	var sep byte
	if i := strings.IndexAny(s, ", "); i >= 0 && s[i] == ',' {
		if name, _, ok := strings.Cut(s[i+1:], "="); ok && isPlainName(name) {
			sep = ','
		}
	}
	covered, names := p.countPairs(s, sep)
	if names < 3 || covered*4 < len(s)*3 {
		return false
	}
	var e endpoints
	k := pairs{p: p, rest: s, sep: sep}
	for k.next() {
		if !isPlainName(k.name) {
			continue
		}
		name, value := k.name, k.value
		if !k.quoted {
			value = strings.TrimRight(value, ",;")
		}
		p.sink.text(clipName(name), value)
		switch name {
		case "src", "srcip", "source_ip", "saddr", "SRC", "sip":
			if isAddress(value) {
				e.srcIP = value
			}
		case "dst", "dstip", "dest_ip", "destination_ip", "daddr", "DST", "dip":
			if isAddress(value) {
				e.dstIP = value
			}
		case "sport", "spt", "srcport", "SPT":
			e.srcPort = value
		case "dport", "dpt", "dstport", "DPT":
			e.dstPort = value
		case "proto", "PROTO":
			e.protocol = value
		case "time", "timestamp", "ts", "@timestamp":
			if !r.claimed {
				if t, ok := anyTime(value, p.zone); ok {
					r.setTime(t)
				}
			}
		}
	}
	p.addEndpoints(&e)
	if r.envelope {
		p.unknownProgram(r)
	}
	return true
}

// countPairs measures how much of s is pairs, and how many there are whose name
// is not that of the pair before.
func (p *Parser) countPairs(s string, sep byte) (covered, names int) {
	last := ""
	k := pairs{p: p, rest: s, sep: sep}
	for k.next() {
		if !isPlainName(k.name) || !k.quoted && k.value == "" && k.rest == "" {
			continue
		}
		covered += len(k.name) + 1 + len(k.value) + 1
		if k.quoted {
			covered += 2
		}
		if k.name != last {
			names++
		}
		last = k.name
	}
	return covered, names
}

// isPlainName reports whether s is written as names are: a letter, then letters,
// digits, points, dashes and underscores.
func isPlainName(s string) bool {
	if s == "" || len(s) > 64 || s[0]|0x20 < 'a' || s[0]|0x20 > 'z' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c-'0' <= 9 || c == '_' || c == '.' || c == '-' || c == '@' {
			continue
		}
		return false
	}
	return true
}
