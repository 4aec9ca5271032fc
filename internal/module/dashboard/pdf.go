package dashboard

import (
	_ "embed"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"
)

// The fonts of the reports: Noto Sans, the characters of Vietnamese, Latin and
// some signs; fonts/README.md tells how they were cut.
var (
	//go:embed fonts/NotoSans-Regular.ttf
	fontRegular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	fontBold []byte
)

// Millimetres on A4, landscape.
const (
	pageW, pageH = 297.0, 210.0
	margin       = 12.0
	gap          = 3.0
	rowsOnPage   = 5
	headH        = 24.0 // of the first page; the others have a smaller one
	topH         = 12.0
	bodyW        = pageW - 2*margin
)

type colour struct{ r, g, b int }

var (
	ink     = colour{28, 38, 48}
	dim     = colour{92, 104, 116}
	rule    = colour{205, 212, 219}
	soft    = colour{240, 243, 246}
	accent  = colour{10, 105, 94}
	palette = []colour{{59, 139, 214}, {217, 154, 6}, {39, 160, 99}, {224, 83, 31}}
	byLevel = map[string]colour{
		"critical": {194, 24, 91}, "high": {224, 83, 31}, "medium": {217, 154, 6}, "low": {59, 139, 214}, "informational": {148, 161, 174},
	}
)

// paper draws a report.
type paper struct {
	*fpdf.Fpdf
	report   *Report
	language string
}

// WritePDF writes the report: A4 landscape, the board as it is laid out, and the
// tables behind it as an appendix.
func (r *Report) WritePDF(w io.Writer) error {
	p := &paper{Fpdf: fpdf.New("L", "mm", "A4", ""), report: r, language: r.Language}
	p.AddUTF8FontFromBytes("noto", "", fontRegular)
	p.AddUTF8FontFromBytes("noto", "B", fontBold)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(false, margin)
	p.SetTitle(clean(r.title()), true)
	p.SetAuthor(clean(r.By), true)
	p.SetCreator("Lá Chắn", true)
	p.SetLang(r.Language)
	p.SetCreationDate(r.Answer.Now)
	p.AliasNbPages("{nb}")
	p.SetFooterFunc(p.footer)
	p.board()
	p.appendix()
	return p.Output(w)
}

func (r *Report) title() string { return r.Board.Name.In(r.Language) }

func (p *paper) say(vi, en string) string { return Words{vi, en}.In(p.language) }

// clean keeps what the fonts have: log lines hold anything.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x20 && r <= 0x7e, r >= 0xa0 && r <= 0x17f, r == 0x1a0, r == 0x1a1, r == 0x1af, r == 0x1b0,
			r >= 0x1ea0 && r <= 0x1ef9, r >= 0x2010 && r <= 0x2015, r >= 0x2018 && r <= 0x201e, r >= 0x2020 && r <= 0x2022,
			r == 0x2026, r == 0x2030, r == 0x20ab, r == 0x20ac:
			return r
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r == 0x200b, r == 0xfeff:
			return -1
		}
		return 0xfffd
	}, norm.NFC.String(s))
}

func (p *paper) ink(c colour) { p.SetTextColor(c.r, c.g, c.b) }
func (p *paper) fill(c colour) {
	p.SetFillColor(c.r, c.g, c.b)
}
func (p *paper) stroke(c colour) { p.SetDrawColor(c.r, c.g, c.b) }

// font sets the size in points.
func (p *paper) font(style string, size float64) { p.SetFont("noto", style, size) }

// fit shortens text to a width.
func (p *paper) fit(s string, width float64) string {
	s = clean(s)
	if p.GetStringWidth(s) <= width {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if p.GetStringWidth(string(runes[:mid])+"…") <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(runes[:low]) + "…"
}

// put writes one line whose box begins at x, y; align is L, R or C.
func (p *paper) put(x, y, w, h float64, s, align string) {
	p.SetXY(x, y)
	p.CellFormat(w, h, p.fit(s, w-0.4), "", 0, align+"M", false, 0, "")
}

// wrap writes text in at most so many lines, and returns how high it is.
func (p *paper) wrap(x, y, w, lineH float64, s string, most int) float64 {
	lines := p.SplitText(clean(s), w-1)
	for i, line := range lines {
		if i == most-1 && len(lines) > most {
			line = p.fit(line+" …", w-1)
		}
		if i == most {
			break
		}
		p.put(x, y+float64(i)*lineH, w, lineH, line, "L")
	}
	return float64(min(len(lines), most)) * lineH
}

func (p *paper) footer() {
	p.font("", 7.5)
	p.ink(dim)
	r := p.report
	p.put(margin, pageH-9, bodyW-40, 5, "Lá Chắn · "+r.title()+" · "+r.Unit+" · "+formatTime(r.Answer.From)+" – "+formatTime(r.Answer.To), "L")
	p.SetXY(pageW-margin-40, pageH-9)
	p.CellFormat(40, 5, p.say("Trang ", "Page ")+itoa(p.PageNo())+"/{nb}", "", 0, "RM", false, 0, "")
}

func (p *paper) head() {
	r := p.report
	a := r.Answer
	p.font("B", 17)
	p.ink(ink)
	p.put(margin, margin-3, bodyW, 9, r.title(), "L")
	p.font("", 9)
	p.ink(dim)
	p.put(margin, margin+6, bodyW, 4.5, p.say("Đơn vị: ", "Unit: ")+r.Unit+"   ·   "+p.say("Kỳ báo cáo: ", "Period: ")+formatTime(a.From)+" – "+formatTime(a.To)+
		p.say(" (giờ Việt Nam), so với kỳ trước bắt đầu ", " (Vietnam time), compared with the period from ")+formatTime(a.Before()), "L")
	p.put(margin, margin+10.5, bodyW, 4.5, p.say("Lập lúc ", "Made ")+formatTime(a.Now)+p.say(" bởi ", " by ")+r.By, "L")
	p.stroke(accent)
	p.SetLineWidth(0.6)
	p.Line(margin, margin+17, pageW-margin, margin+17)
}

// place is where a widget stands.
type place struct{ page, row, col, w, h int }

// places lays widgets out as the console does, row by row into twelve columns,
// except that none is cut by the end of a page.
func places(list []Widget) []place {
	taken := map[[2]int]bool{}
	free := func(row, col, w, h int) bool {
		for r := row; r < row+h; r++ {
			for c := col; c < col+w; c++ {
				if taken[[2]int{r, c}] {
					return false
				}
			}
		}
		return true
	}
	out := make([]place, len(list))
	for i, widget := range list {
		w, h := min(widget.W, columns), min(widget.H, rowsOnPage)
	search:
		for row := 0; ; row++ {
			if row%rowsOnPage+h > rowsOnPage {
				continue
			}
			for col := 0; col+w <= columns; col++ {
				if !free(row, col, w, h) {
					continue
				}
				for r := row; r < row+h; r++ {
					for c := col; c < col+w; c++ {
						taken[[2]int{r, c}] = true
					}
				}
				out[i] = place{row / rowsOnPage, row % rowsOnPage, col, w, h}
				break search
			}
		}
	}
	return out
}

func (p *paper) board() {
	list := p.report.Board.Widgets
	at := places(list)
	pages := 1
	for _, x := range at {
		pages = max(pages, x.page+1)
	}
	for page := range pages {
		p.AddPage()
		top := margin + topH - 6
		if page == 0 {
			p.head()
			top = margin + headH - 4
		}
		rows := (pageH - 11 - top + gap) / rowsOnPage
		for i := range list {
			if x := at[i]; x.page == page {
				width := bodyW / columns
				p.widget(&list[i], &p.report.Answer.Figures[i], box{
					margin + float64(x.col)*width, top + float64(x.row)*rows,
					float64(x.w)*width - gap, float64(x.h)*rows - gap,
				})
			}
		}
	}
}

// box is a part of the page.
type box struct{ x, y, w, h float64 }

func (w *Widget) name(language string) string {
	if w.Title != "" {
		return w.Title
	}
	return kinds[w.Kind].name.In(language)
}

func (p *paper) widget(w *Widget, m *Made, b box) {
	p.stroke(rule)
	p.SetLineWidth(0.2)
	p.RoundedRect(b.x, b.y, b.w, b.h, 1.5, "1234", "D")
	p.font("B", 8.5)
	p.ink(ink)
	p.put(b.x+2.5, b.y+1.5, b.w-5, 4.5, w.name(p.language), "L")
	in := box{b.x + 2.5, b.y + 6.5, b.w - 5, b.h - 8.5}
	k := kinds[w.Kind]
	if k.now || w.Range != "" {
		p.font("", 6.5)
		p.ink(dim)
		note := p.say("Tại thời điểm lập báo cáo", "When the report was made")
		if !k.now {
			note = p.say("Riêng mục này: ", "This figure only: ") + w.Range
		}
		p.put(in.x, in.y-1, in.w, 3, note, "L")
		in.y, in.h = in.y+2.5, in.h-2.5
	}
	if m.Err != nil || m.Figure == nil {
		p.font("", 8)
		p.ink(dim)
		p.wrap(in.x, in.y, in.w, 4, problemWords(m.Err).In(p.language), 4)
		return
	}
	p.figure(m.Figure, k.form, in)
}

func (p *paper) figure(f *Figure, form Form, b box) {
	if f.Text != (Words{}) {
		p.font("", 10)
		p.ink(ink)
		p.wrap(b.x, b.y, b.w, 5, f.Text.In(p.language), int(b.h/5))
		return
	}
	if f.Value != nil || form == FormNumber {
		p.headline(f, box{b.x, b.y, b.w, 8})
		b.y, b.h = b.y+8.5, b.h-8.5
	}
	if f.Note != (Words{}) {
		p.font("", 7)
		p.ink(dim)
		h := p.wrap(b.x, b.y, b.w, 3.4, f.Note.In(p.language), 3)
		b.y, b.h = b.y+h+0.5, b.h-h-0.5
	}
	if len(f.Rows) == 0 {
		if form != FormNumber {
			p.font("", 8)
			p.ink(dim)
			p.put(b.x, b.y, b.w, 5, p.say("Không có gì trong kỳ này.", "Nothing in this period."), "L")
		}
		return
	}
	switch form {
	case FormNumber, FormBars, FormStacked:
		p.bars(f, form == FormStacked, b)
	case FormLines, FormColumns, FormStack:
		p.overTime(f, form, b)
	default:
		p.table(f, b)
	}
}

func (p *paper) headline(f *Figure, b box) {
	value := p.say("Chưa có số liệu", "No figure yet")
	size := 10.0
	if f.Value != nil {
		value, size = formatMeasure(*f.Value, f.Measure, p.language), 17
	}
	p.font("B", size)
	p.ink(ink)
	if p.GetStringWidth(value) > b.w {
		p.font("B", 11)
	}
	width := min(p.GetStringWidth(value)+3, b.w)
	p.put(b.x, b.y, width, b.h, value, "L")
	if t := f.trend(p.language); t != "" && b.w-width > 15 {
		p.font("", 7)
		p.ink(dim)
		p.wrap(b.x+width, b.y+1, b.w-width, 3.2, t, 2)
	}
}
