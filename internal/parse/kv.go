package parse

import "strings"

// pairs walks over text of the form name=value name="quoted value" …, the
// common tongue of firewalls and the audit system.
type pairs struct {
	p    *Parser
	rest string
	sep  byte // what ends a value without quotes; 0: a blank

	name   string
	value  string
	quoted bool
}

// next reads one pair. Words without an equals sign are passed over, so that
// prose between pairs does no harm. An unclosed quote runs to the end.
func (k *pairs) next() bool {
	for {
		k.rest = strings.TrimLeft(k.rest, " \t,;")
		if k.rest == "" {
			return false
		}
		end := 0
		for end < len(k.rest) && k.rest[end] != '=' && k.rest[end] != ' ' {
			end++
		}
		if end == len(k.rest) {
			return false
		}
		if k.rest[end] == ' ' || end == 0 {
			k.rest = k.rest[end+1:]
			continue
		}
		k.name = k.rest[:end]
		k.rest = k.rest[end+1:]
		k.readValue()
		return true
	}
}

func (k *pairs) readValue() {
	if k.rest != "" && (k.rest[0] == '"' || k.rest[0] == '\'') {
		if value, rest, ok := k.p.quoted(k.rest[1:], k.rest[0]); ok {
			k.value, k.rest, k.quoted = value, rest, true
			return
		}
		k.value, k.rest, k.quoted = k.rest[1:], "", true
		return
	}
	k.quoted = false
	sep := byte(' ')
	if k.sep != 0 {
		sep = k.sep
	}
	end := strings.IndexByte(k.rest, sep)
	if end < 0 {
		end = len(k.rest)
	}
	k.value, k.rest = k.rest[:end], k.rest[end:]
}

// isNumber reports whether s is a run of digits.
func isNumber(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}
