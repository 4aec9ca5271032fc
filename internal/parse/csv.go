package parse

import "strings"

// splitCSV cuts s at the commas that stand outside quotes, into memory that the
// next split of p takes over. Quoted cells lose their quotes; a quote in one is
// doubled, or escaped by a backslash where escaped says so.
func (p *Parser) splitCSV(s string, quote byte, escaped bool) []string {
	n := 0
	for n < maxCells-1 {
		var cell string
		if s != "" && s[0] == quote {
			cell, s = p.csvCell(s[1:], quote, escaped)
			if s == "" || s[0] != ',' {
				p.cells[n] = cell
				p.used = max(p.used, n+1)
				return p.cells[:n+1]
			}
		} else {
			end := strings.IndexByte(s, ',')
			if end < 0 {
				break
			}
			cell, s = s[:end], s[end:]
		}
		p.cells[n] = cell
		n++
		s = s[1:]
	}
	p.cells[n] = s
	p.used = max(p.used, n+1)
	return p.cells[:n+1]
}

// csvCell reads up to the closing quote; without one, to the end.
func (p *Parser) csvCell(s string, quote byte, escaped bool) (cell, rest string) {
	from, plain := 0, true
	var out []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		double := c == quote && i+1 < len(s) && s[i+1] == quote
		switch {
		case double, escaped && c == '\\' && i+1 < len(s):
			if plain {
				out, plain = p.arena.room(len(s)), false
			}
			out = append(out, s[from:i]...)
			i++
			from = i
		case c == quote:
			if plain {
				return s[:i], s[i+1:]
			}
			return p.arena.keep(append(out, s[from:i]...)), s[i+1:]
		}
	}
	if plain {
		return s, ""
	}
	return p.arena.keep(append(out, s[from:]...)), ""
}
