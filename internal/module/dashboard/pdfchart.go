package dashboard

import (
	"math"
	"time"

	"github.com/lachan-vn/lachan/internal/query"
)

// series are the columns of a figure that one axis serves: those of the measure of
// the first number, of bars without stacking and lines only that.
func (f *Figure) series(all bool) (at []int, m Measure) {
	for i, c := range f.Columns {
		switch {
		case !c.Kind.isNumber():
		case len(at) == 0:
			at, m = []int{i}, Measure(c.Kind)
		case all && Measure(c.Kind) == m:
			at = append(at, i)
		}
	}
	return at, m
}

func (f *Figure) colour(i int, column int) colour {
	if c, ok := byLevel[f.Columns[column].Key]; ok {
		return c
	}
	return palette[i%len(palette)]
}

func (r *FigureRow) number(column int) float64 {
	if n := r.Cells[column].Number; n != nil {
		return math.Max(*n, 0)
	}
	return 0
}

// legend names the series where there are several, and returns its height.
func (p *paper) legend(f *Figure, at []int, b box) float64 {
	if len(at) < 2 {
		return 0
	}
	p.font("", 6.5)
	x := b.x
	for i, column := range at {
		name := f.Columns[column].Name.In(p.language)
		width := p.GetStringWidth(name) + 6
		if x+width > b.x+b.w {
			break
		}
		p.fill(f.colour(i, column))
		p.Rect(x, b.y+1, 2.4, 2, "F")
		p.ink(dim)
		p.put(x+3, b.y, width, 4, name, "L")
		x += width + 1
	}
	return 4.5
}

// bars draws a line for each row: its name, a bar, its number.
func (p *paper) bars(f *Figure, stacked bool, b box) {
	at, m := f.series(stacked)
	if len(at) == 0 {
		p.table(f, b)
		return
	}
	h := p.legend(f, at, b)
	b.y, b.h = b.y+h, b.h-h
	most := 0.0
	for i := range f.Rows {
		total := 0.0
		for _, column := range at {
			total += f.Rows[i].number(column)
		}
		most = math.Max(most, total)
	}
	line := min(5.0, math.Max(3.2, b.h/float64(len(f.Rows))))
	n := min(len(f.Rows), int(b.h/line))
	nameW, numberW := math.Min(b.w*0.42, 62), 16.0
	for i := range n {
		r := &f.Rows[i]
		y := b.y + float64(i)*line
		p.font("", 7)
		p.ink(ink)
		p.put(b.x, y, nameW-1, line, r.Cells[0].write(f.Columns[0].Kind, p.language), "L")
		x, total := b.x+nameW, 0.0
		width := b.w - nameW - numberW
		p.fill(soft)
		p.Rect(x, y+line*0.22, width, line*0.56, "F")
		for j, column := range at {
			v := r.number(column)
			total += v
			if v == 0 || most == 0 {
				continue
			}
			c := f.colour(j, column)
			if f.Columns[0].Kind == Level {
				c = byLevel[r.Cells[0].Text]
			}
			p.fill(c)
			p.Rect(x, y+line*0.22, width*v/most, line*0.56, "F")
			x += width * v / most
		}
		p.ink(dim)
		p.put(b.x+b.w-numberW, y, numberW, line, formatMeasure(total, m, p.language), "R")
	}
}

// roundUp is a round number at or above the largest value.
func roundUp(v float64, m Measure) float64 {
	if v <= 0 {
		return 1
	}
	if m == Share {
		return math.Min(1, math.Ceil(v*20)/20)
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 2.5, 5, 10} {
		if round := factor * power; round >= v && (m != Count || round == math.Trunc(round)) {
			return round
		}
	}
	return math.Ceil(v)
}

// overTime draws lines or columns over the parts of the period.
func (p *paper) overTime(f *Figure, form Form, b box) {
	at, m := f.series(form != FormLines)
	if len(at) == 0 {
		return
	}
	h := p.legend(f, at, b)
	b.y, b.h = b.y+h, b.h-h
	most := 0.0
	for i := range f.Rows {
		total := 0.0
		for _, column := range at {
			v := f.Rows[i].number(column)
			total += v
			if form != FormStack {
				most = math.Max(most, v)
			}
		}
		if form == FormStack {
			most = math.Max(most, total)
		}
	}
	top := roundUp(most, m)
	axisW, axisH := 13.0, 4.0
	plot := box{b.x + axisW, b.y + 1, b.w - axisW, b.h - axisH - 1}
	p.SetLineWidth(0.15)
	p.stroke(rule)
	p.font("", 6)
	p.ink(dim)
	for i := range 3 {
		y := plot.y + plot.h*(1-float64(i)/2)
		p.Line(plot.x, y, plot.x+plot.w, y)
		p.put(b.x, y-1.5, axisW-1, 3, formatMeasure(top*float64(i)/2, m, p.language), "R")
	}
	part := plot.w / float64(len(f.Rows))
	p.moments(f, plot, part)
	for i := range f.Rows {
		x, base := plot.x+part*float64(i), plot.y+plot.h
		for j, column := range at {
			v := f.Rows[i].number(column)
			height := plot.h * v / top
			c := f.colour(j, column)
			p.fill(c)
			switch form {
			case FormLines:
				p.line(f, i, column, plot, part, top)
			case FormStack:
				p.Rect(x+part*0.12, base-height, part*0.76, height, "F")
				base -= height
			default:
				width := part * 0.8 / float64(len(at))
				p.Rect(x+part*0.1+width*float64(j), base-height, width, height, "F")
			}
		}
	}
}

// line joins a part with the one before it where both have a value.
func (p *paper) line(f *Figure, i, column int, plot box, part, top float64) {
	point := func(i int) (x, y float64) {
		return plot.x + part*(float64(i)+0.5), plot.y + plot.h*(1-f.Rows[i].number(column)/top)
	}
	if f.Rows[i].Cells[column].Number == nil {
		return
	}
	x, y := point(i)
	p.fill(accent)
	p.Circle(x, y, 0.5, "F")
	if i == 0 || f.Rows[i-1].Cells[column].Number == nil {
		return
	}
	fromX, fromY := point(i - 1)
	p.stroke(accent)
	p.SetLineWidth(0.4)
	p.Line(fromX, fromY, x, y)
}

// moments names some parts under the axis.
func (p *paper) moments(f *Figure, plot box, part float64) {
	layout, width := "02/01", 12.0
	if f.Width < 24*time.Hour {
		layout, width = "02/01 15:04", 18
	}
	every := max(1, int(math.Ceil(width/part)))
	for i := 0; i < len(f.Rows); i += every {
		t, err := time.Parse(time.RFC3339, f.Rows[i].Cells[0].Text)
		x := plot.x + part*float64(i)
		if err != nil || x+width > plot.x+plot.w+2 {
			continue
		}
		p.put(x, plot.y+plot.h+0.6, width, 3, t.In(query.Zone).Format(layout), "L")
	}
}
