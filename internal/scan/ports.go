package scan

import (
	"slices"
	"strconv"
	"strings"
)

// Ports are the ports that were looked at, by protocol.
type Ports struct{ spans map[string][][2]int }

// add reads a list as nmap writes it: 1-1000,3306.
func (p *Ports) add(protocol, list string) {
	if p.spans == nil {
		p.spans = map[string][][2]int{}
	}
	for part := range strings.SplitSeq(list, ",") {
		from, to, isSpan := strings.Cut(part, "-")
		a, err := strconv.Atoi(strings.TrimSpace(from))
		b := a
		if isSpan && err == nil {
			b, err = strconv.Atoi(strings.TrimSpace(to))
		}
		if err == nil && len(p.spans[protocol]) < 1<<16 {
			p.spans[protocol] = append(p.spans[protocol], [2]int{a, b})
		}
	}
}

// Has tells whether the port was looked at. A finding without a port is at the host
// itself, which was.
func (p *Ports) Has(protocol string, port int) bool {
	if p == nil || port == 0 {
		return true
	}
	return slices.ContainsFunc(p.spans[protocol], func(s [2]int) bool { return s[0] <= port && port <= s[1] })
}
