package parse

import "strings"

var ciscoFields = []string{"cisco_facility", "cisco_severity", "mnemonic"}

// parseCisco reads the message of IOS and its kin, %FACILITY-SEVERITY-MNEMONIC:
// text. The facility, in small letters, is the service that Sigma's rules for
// Cisco select on (aaa, bgp, ldp).
func (p *Parser) parseCisco(r *record) bool {
	i := strings.IndexByte(r.text, '%')
	// Before the percent sign there may be a sequence number and the device's
	// own time, nothing longer.
	if i < 0 || i > 64 {
		return false
	}
	code, _, ok := strings.Cut(r.text[i+1:], ": ")
	if !ok || len(code) > 64 {
		return false
	}
	facility, rest, ok := strings.Cut(code, "-")
	if !ok || !isMethod(facility) {
		return false
	}
	// Between facility and severity a sub-facility may stand.
	severity, mnemonic, ok := strings.Cut(rest, "-")
	for ok && !isNumber(severity) {
		severity, mnemonic, ok = strings.Cut(mnemonic, "-")
	}
	if !ok || len(severity) != 1 || severity[0] > '7' || mnemonic == "" || strings.IndexByte(mnemonic, ' ') >= 0 {
		return false
	}
	p.sink.text("cisco_facility", facility)
	p.sink.text("cisco_severity", severity)
	p.sink.text("mnemonic", mnemonic)
	b := append(p.scratch[:0], facility...)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	p.scratch = b
	src := &r.event.Source
	src.Product, src.Service, src.Category = "cisco", p.sink.names.intern(b), ""
	return true
}
