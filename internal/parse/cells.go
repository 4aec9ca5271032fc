package parse

import "strings"

// maxCells is the largest number of columns of a positional record that is read;
// what is behind them is left in the last one.
const maxCells = 160

// split cuts s at each sep, into memory that the next split of p takes over.
func (p *Parser) split(s string, sep byte) []string {
	n := 0
	for n < maxCells-1 {
		end := strings.IndexByte(s, sep)
		if end < 0 {
			break
		}
		p.cells[n] = s[:end]
		n++
		s = s[end+1:]
	}
	p.cells[n] = s
	p.used = max(p.used, n+1)
	return p.cells[:n+1]
}
