package dashboard

import "math"

const lineH = 4.2

// columnWidths shares a width among columns: each takes what it needs, and where
// that is too much, texts share what numbers and times leave.
func (p *paper) columnWidths(f *Figure, width float64) []float64 {
	out := make([]float64, len(f.Columns))
	rest, texts, most := width, 0.0, 0.0
	for i, c := range f.Columns {
		need := p.GetStringWidth(clean(c.Name.In(p.language))) + 4
		for j := range f.Rows {
			need = math.Max(need, p.GetStringWidth(clean(f.Rows[j].Cells[i].write(c.Kind, p.language)))+4)
		}
		out[i] = need
		if c.Kind == Text {
			texts++
			most += need
			continue
		}
		out[i] = math.Min(need, width/3)
		rest -= out[i]
	}
	if most <= rest || texts == 0 {
		return out
	}
	for i, c := range f.Columns {
		if c.Kind == Text {
			out[i] = math.Max(rest*out[i]/most, 10)
		}
	}
	return out
}

func (p *paper) tableHead(f *Figure, widths []float64, x, y float64) {
	p.font("B", 7)
	p.ink(dim)
	for i, c := range f.Columns {
		p.put(x, y, widths[i], lineH, c.Name.In(p.language), alignOf(c.Kind))
		x += widths[i]
	}
}

func alignOf(k ColumnKind) string {
	if k.isNumber() {
		return "R"
	}
	return "L"
}

func (p *paper) tableRow(f *Figure, r *FigureRow, widths []float64, x, y float64) {
	p.font("", 7)
	p.ink(ink)
	for i, c := range f.Columns {
		p.put(x, y, widths[i], lineH, r.Cells[i].write(c.Kind, p.language), alignOf(c.Kind))
		x += widths[i]
	}
}

// table draws as many rows as fit.
func (p *paper) table(f *Figure, b box) {
	p.font("", 7)
	widths := p.columnWidths(f, b.w)
	p.tableHead(f, widths, b.x, b.y)
	p.stroke(rule)
	p.SetLineWidth(0.15)
	y := b.y + lineH
	for i := range f.Rows {
		if y+lineH > b.y+b.h+0.5 {
			break
		}
		p.Line(b.x, y, b.x+b.w, y)
		p.tableRow(f, &f.Rows[i], widths, b.x, y)
		y += lineH
	}
}

// appendix prints the table behind each figure, with what it counts.
func (p *paper) appendix() {
	y := pageH
	const bottom = pageH - 13
	next := func() {
		p.AddPage()
		y = margin - 2
	}
	first := true
	for i := range p.report.Board.Widgets {
		w, m := &p.report.Board.Widgets[i], &p.report.Answer.Figures[i]
		if m.Figure == nil || len(m.Figure.Rows) == 0 {
			continue
		}
		f := m.Figure
		if first {
			next()
			p.font("B", 14)
			p.ink(ink)
			p.put(margin, y, bodyW, 8, p.say("Phụ lục: bảng số liệu", "Appendix: data tables"), "L")
			y += 11
			first = false
		}
		if y+5*lineH > bottom {
			next()
		}
		p.font("B", 9)
		p.ink(ink)
		p.put(margin, y, bodyW, 5, w.name(p.language), "L")
		p.font("", 7)
		p.ink(dim)
		y += 5
		y += p.wrap(margin, y, bodyW, 3.6, kinds[w.Kind].about.In(p.language), 3) + 1
		p.font("", 7)
		widths := p.columnWidths(f, bodyW)
		used := 0.0
		for _, width := range widths {
			used += width
		}
		p.tableHead(f, widths, margin, y)
		y += lineH
		p.stroke(rule)
		p.SetLineWidth(0.15)
		for j := range f.Rows {
			if y+lineH > bottom {
				next()
				p.tableHead(f, widths, margin, y)
				y += lineH
				p.stroke(rule)
				p.SetLineWidth(0.15)
			}
			p.Line(margin, y, margin+used, y)
			p.tableRow(f, &f.Rows[j], widths, margin, y)
			y += lineH
		}
		y += 6
	}
}
