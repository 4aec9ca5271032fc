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

// splitCSV cuts a line at its commas, as RFC 4180 says: a cell may be in quotes,
// and holds quotes doubled then. It shares its memory with split.
func (p *Parser) splitCSV(s string) []string {
	n := 0
	for {
		var cell string
		rest := -1
		if strings.HasPrefix(s, `"`) {
			cell, rest = p.csvQuoted(s[1:])
		}
		if rest >= 0 {
			s = s[1+rest:]
		} else if end := strings.IndexByte(s, ','); end >= 0 && n < maxCells-1 {
			cell, s = s[:end], s[end:]
		} else {
			cell, s = s, ""
		}
		p.cells[n] = cell
		n++
		if s == "" || n == maxCells {
			p.used = max(p.used, n)
			return p.cells[:n]
		}
		s = s[1:]
	}
}

// csvQuoted reads a cell behind its opening quote and returns where what follows
// it begins: at a comma or at the end. -1: it is no such cell.
func (p *Parser) csvQuoted(s string) (cell string, rest int) {
	doubled := false
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		if i+1 < len(s) && s[i+1] != ',' {
			return "", -1
		}
		if cell = s[:i]; doubled {
			out := p.arena.room(i)
			for j := 0; j < i; j++ {
				if out = append(out, cell[j]); cell[j] == '"' {
					j++
				}
			}
			cell = p.arena.keep(out)
		}
		return cell, i + 1
	}
	return "", -1
}
