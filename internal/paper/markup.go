package paper

import (
	"strings"
)

// Bounds of a body.
const (
	maxBlocks  = 5_000
	maxColumns = 12
)

// ParseBody reads the text of a body. A line is a paragraph; empty lines between
// them do not count. Marks at the beginning of a line:
//
//	# heading       1. of the document
//	## heading      below it
//	^ heading       in the middle: QUYẾT ĐỊNH:
//	- item
//	| a | b |       a row; the row |---|---| makes the one before it a head
//	=== Title       begins an appendix
//
// Inside a line **bold** and *italic*; \* is a star. Nothing else has a meaning,
// and no text is an error.
func ParseBody(text string) (body []Block, appendices []Appendix) {
	into := &body
	n := 0
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line = strings.TrimSpace(clean(line))
		if line == "" {
			continue
		}
		if n++; n > maxBlocks {
			break
		}
		switch {
		case strings.HasPrefix(line, "==="):
			appendices = append(appendices, Appendix{Title: strings.TrimSpace(strings.Trim(line, "="))})
			into = &appendices[len(appendices)-1].Body
		case strings.HasPrefix(line, "## "):
			*into = append(*into, Block{Kind: Heading, Level: 2, Runs: runs(line[3:])})
		case strings.HasPrefix(line, "# "):
			*into = append(*into, Block{Kind: Heading, Level: 1, Runs: runs(line[2:])})
		case strings.HasPrefix(line, "^ "):
			*into = append(*into, Block{Kind: Heading, Level: Centred, Runs: runs(line[2:])})
		case strings.HasPrefix(line, "- "):
			*into = append(*into, Block{Kind: Bullet, Runs: runs(line[2:])})
		case strings.HasPrefix(line, "|"):
			*into = addRow(*into, line)
		default:
			*into = append(*into, Block{Kind: Paragraph, Runs: runs(line)})
		}
	}
	return body, appendices
}

func addRow(blocks []Block, line string) []Block {
	parts := strings.Split(strings.Trim(line, "|"), "|")
	parts = parts[:min(len(parts), maxColumns)]
	var table *Block
	if n := len(blocks); n > 0 && blocks[n-1].Kind == Table {
		table = &blocks[n-1]
	}
	if table != nil && len(table.Rows) == 1 && strings.Trim(line, "|-: ") == "" {
		table.Head = true
		return blocks
	}
	row := make([]Cell, len(parts))
	for i, p := range parts {
		row[i] = runs(strings.TrimSpace(p))
	}
	if table == nil {
		return append(blocks, Block{Kind: Table, Rows: [][]Cell{row}})
	}
	table.Rows = append(table.Rows, row)
	return blocks
}

// columns is how many columns a table has.
func (b *Block) columns() int {
	n := 1
	for _, r := range b.Rows {
		n = max(n, len(r))
	}
	return n
}

// shares are the widths of a table's columns, as parts of one: by how much text
// they hold, none narrower than half of an even share, nor than its longest word in a
// table that is so many ems wide, with such a padding beside each cell.
func (b *Block) shares(ems, padding float64) []float64 {
	n := b.columns()
	weight := make([]float64, n)
	total := 0.0
	if len(b.Widths) == n {
		for _, w := range b.Widths {
			total += w
		}
		for i, w := range b.Widths {
			weight[i] = w / total
		}
		return weight
	}
	for i := range weight {
		most := 4
		for _, r := range b.Rows {
			if i < len(r) {
				most = max(most, min(60, letters(r[i])))
			}
		}
		weight[i] = float64(most)
		total += weight[i]
	}
	least := total / float64(2*n)
	sum := 0.0
	for i := range weight {
		weight[i] = max(weight[i], least)
		sum += weight[i]
	}
	for i := range weight {
		weight[i] /= sum
	}
	return widened(weight, b.needs(ems, padding))
}

func letters(c Cell) int {
	n := 0
	for _, r := range c {
		n += len([]rune(r.Text))
	}
	return n
}

// runs reads **bold** and *italic*. A mark without its end is text.
func runs(line string) []Run {
	var list []Run
	var text strings.Builder
	bold, italic := false, false
	flush := func() {
		if text.Len() > 0 {
			list = append(list, Run{text.String(), bold, italic})
			text.Reset()
		}
	}
	for i := 0; i < len(line); i++ {
		rest := line[i:]
		switch {
		case strings.HasPrefix(rest, `\*`):
			text.WriteByte('*')
			i++
		case strings.HasPrefix(rest, "**") && turns(line, i, "**", bold):
			flush()
			bold = !bold
			i++
		case rest[0] == '*' && turns(line, i, "*", italic):
			flush()
			italic = !italic
		default:
			text.WriteByte(rest[0])
		}
	}
	flush()
	return list
}

// turns tells whether the mark at i ends a face that is on, or begins one that ends
// later: it begins before a letter and ends after one.
func turns(line string, i int, mark string, on bool) bool {
	if on {
		return i > 0 && line[i-1] != ' '
	}
	rest := line[i+len(mark):]
	if rest == "" || rest[0] == ' ' {
		return false
	}
	for j := 1; j < len(rest); j++ {
		if strings.HasPrefix(rest[j:], mark) && rest[j-1] != ' ' && rest[j-1] != '\\' {
			return true
		}
	}
	return false
}

// Plain is the text of runs without their faces.
func Plain(list []Run) string {
	var b strings.Builder
	for _, r := range list {
		b.WriteString(r.Text)
	}
	return b.String()
}

// Escape makes text stand for itself in a body.
func Escape(s string) string {
	s = strings.ReplaceAll(s, "*", `\*`)
	return strings.ReplaceAll(s, "|", "¦")
}
