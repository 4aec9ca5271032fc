package parse

import (
	"slices"
	"strings"
)

var leefFields = slices.Concat([]string{"leef_version", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId"}, cefFields[7:])

// parseLEEF reads the Log Event Extended Format of QRadar's world:
//
//	LEEF:1.0|Vendor|Product|Version|EventID|src=192.0.2.1<tab>usrName=a b
//	LEEF:2.0|Vendor|Product|Version|EventID|^|src=192.0.2.1^usrName=a b
//
// The separator that version 2 declares is a character, or its code as x5E or
// 0x5E; none means a tab.
func (p *Parser) parseLEEF(r *record) bool {
	s, ok := strings.CutPrefix(r.text, "LEEF:")
	if !ok && r.program != "LEEF" {
		return false
	}
	s = strings.TrimLeft(s, " ")
	var head [5]string
	for i := range head {
		if head[i], s, ok = p.cefHead(s); !ok {
			return false
		}
	}
	version := head[0]
	if version != "1.0" && version != "2.0" && version != "1" && version != "2" {
		return false
	}
	sep := "\t"
	if version[0] == '2' {
		if declared, rest, ok := strings.Cut(s, "|"); ok {
			if c, ok := leefSeparator(declared); ok {
				sep, s = c, rest
			}
		}
	}
	if sep == "\t" && strings.IndexByte(s, '\t') < 0 && strings.Contains(s, "#011") {
		sep = "#011" // a relay wrote the tabs as octal codes
	}
	for i, name := range [...]string{"leef_version", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId"} {
		p.optional(name, head[i])
	}
	first, _ := p.sink.mark()
	for more := true; more; {
		var pair string
		pair, s, more = strings.Cut(s, sep)
		if key, value, ok := strings.Cut(strings.TrimLeft(pair, " "), "="); ok && key != "" {
			p.sink.text(clipName(key), strings.TrimRight(value, " "))
		}
	}
	d := device{vendor: head[1], product: head[2], class: head[4]}
	p.deviceEvent(r, first, &d)
	return true
}

// leefCodes are the bytes that a separator can be, so that one is a string
// without an allocation.
var leefCodes = func() (codes [128]string) {
	for c := range codes {
		codes[c] = string(rune(c))
	}
	return codes
}()

func leefSeparator(s string) (string, bool) {
	if s == "" {
		return "\t", true
	}
	if len(s) == 1 && s[0] < 0x80 {
		return leefCodes[s[0]], true
	}
	if s == `\t` {
		return "\t", true
	}
	hex := strings.TrimPrefix(strings.TrimPrefix(s, "0"), "x")
	if len(hex) == len(s) || len(hex) == 0 || len(hex) > 2 {
		return "", false
	}
	code := byte(0)
	for _, c := range []byte(hex) {
		v, ok := hexValue(c)
		if !ok {
			return "", false
		}
		code = code<<4 | v
	}
	return leefCodes[code&0x7F], code > 0 && code < 0x80
}
