package paper

import (
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/text/unicode/norm"
)

// Millimetres, the same page as in Word.
const (
	mmWidth  = 210.0
	mmHeight = 297.0
	mmTop    = 20.0
	mmBottom = 20.0
	mmLeft   = 30.0
	mmRight  = 15.0
	mmText   = mmWidth - mmLeft - mmRight
	mmColumn = mmText * leftWidth / textWidth // of the agency
	mmIndent = 12.7
	cellPad  = 1.5 // at both sides of a table's cell
	mmPoint  = 25.4 / 72
	single   = 1.15 * mmPoint // height of a line by point of its letters
	spaced   = 1.1 * single
)

// sheet draws on pages, from the top down.
type sheet struct {
	*fpdf.Fpdf
	y float64
	d *Document
}

// WritePDF draws the document as PDF, with a typeface of the metrics of Times New
// Roman, byte for byte the same each time.
func WritePDF(w io.Writer, d *Document) error {
	s := &sheet{Fpdf: fpdf.New("P", "mm", "A4", ""), d: d}
	s.SetCatalogSort(true)
	for style, ttf := range map[string][]byte{"": liberationserifregular.TTF, "B": liberationserifbold.TTF, "I": liberationserifitalic.TTF, "BI": liberationserifbolditalic.TTF} {
		s.AddUTF8FontFromBytes("serif", style, ttf)
	}
	s.SetMargins(mmLeft, mmTop, mmRight)
	s.SetAutoPageBreak(false, 0)
	s.SetTitle(clean(d.Title()), true)
	s.SetAuthor(clean(d.Agency), true)
	s.SetCreator("Lá Chắn", true)
	s.SetProducer("Lá Chắn", true)
	s.SetLang("vi-VN")
	made := d.Date
	if made.IsZero() {
		made = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	s.SetCreationDate(made)
	s.SetModificationDate(made)
	s.page()
	s.head()
	s.title()
	for _, line := range d.basisLines() {
		s.flow([]Run{{Text: line, Italic: true}}, flow{size: 14, indent: mmIndent, width: mmText, justify: true, after: 6, line: spaced})
	}
	s.blocks(d.Body, true)
	s.foot()
	for i, a := range d.Appendices {
		s.page()
		s.centred(mmLeft, mmText, d.appendixName(i), 14, "B", 2)
		s.centred(mmLeft, mmText, strings.ToUpper(a.Title), 14, "B", 2)
		s.centred(mmLeft, mmText, d.attached(), 13, "I", 1)
		s.rule(mmLeft, mmText, mmText/3)
		s.y += 4
		s.blocks(a.Body, false)
	}
	return s.Output(w)
}

func (s *sheet) page() {
	s.AddPage()
	s.y = mmTop
	s.SetTextColor(0, 0, 0)
	if n := s.PageNo(); n > 1 {
		s.face(13, "")
		text := itoa(n)
		s.Text(mmLeft+(mmText-s.GetStringWidth(text))/2, 14, text)
	}
	if s.d.Watermark != "" {
		s.face(96, "B")
		text := printable(s.d.Watermark)
		width := s.GetStringWidth(text)
		s.SetAlpha(0.35, "Normal")
		s.SetTextColor(190, 190, 190)
		s.TransformBegin()
		s.TransformRotate(45, mmWidth/2, mmHeight/2)
		s.Text((mmWidth-width)/2, mmHeight/2+12, text)
		s.TransformEnd()
		s.SetAlpha(1, "Normal")
		s.SetTextColor(0, 0, 0)
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func (s *sheet) face(size float64, style string) { s.SetFont("serif", style, size) }

// printable is text as the typeface has it: whole letters, nothing beyond the
// first plane.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xffff {
			return '\ufffd'
		}
		return r
	}, norm.NFC.String(clean(text)))
}

// room goes to the next page unless so much of this one is free.
func (s *sheet) room(height float64) {
	if s.y+height > mmHeight-mmBottom {
		s.page()
	}
}

// flow is how a paragraph stands.
type flow struct {
	size    float64
	x       float64 // 0: the left margin
	width   float64
	indent  float64 // of the first line
	justify bool
	centre  bool
	bold    bool
	line    float64 // height by point
	after   float64 // points
	fixed   bool    // no new page within it
}

// word is letters with no room between them, perhaps of several faces.
type word struct {
	parts []Run
	width float64
}

// flow draws a paragraph in lines.
func (s *sheet) flow(list []Run, f flow) {
	lines := s.lines(list, f)
	height := f.line * f.size
	if f.x == 0 {
		f.x = mmLeft
	}
	for i, line := range lines {
		if !f.fixed {
			s.room(height)
		}
		x, width := f.x, f.width
		if i == 0 {
			x, width = x+f.indent, width-f.indent
		}
		s.line(line, x, width, f, i == len(lines)-1)
		s.y += height
	}
	s.y += f.after * mmPoint
}

func (s *sheet) lines(list []Run, f flow) [][]word {
	var lines [][]word
	var line []word
	used := 0.0
	space := s.space(f.size)
	for _, w := range s.words(list, f) {
		limit := f.width
		if len(lines) == 0 {
			limit -= f.indent
		}
		if len(line) > 0 && used+space+w.width > limit {
			lines, line, used = append(lines, line), nil, 0
		}
		if len(line) > 0 {
			used += space
		}
		line, used = append(line, w), used+w.width
	}
	return append(lines, line)
}

func (s *sheet) space(size float64) float64 {
	s.face(size, "")
	return s.GetStringWidth(" ")
}

// words cuts runs at spaces; a word wider than the line is cut by letters.
func (s *sheet) words(list []Run, f flow) []word {
	var words []word
	open := false // the next piece goes on with the last word
	for _, r := range list {
		text := printable(r.Text)
		bold := r.Bold || f.bold
		for i, piece := range strings.Split(text, " ") {
			if i > 0 {
				open = false
			}
			if piece == "" {
				continue
			}
			s.face(f.size, style(bold, r.Italic))
			for _, part := range s.cut(piece, f.width-f.indent) {
				p := Run{part, bold, r.Italic}
				width := s.GetStringWidth(part)
				if open && words[len(words)-1].width+width <= f.width-f.indent {
					last := &words[len(words)-1]
					last.parts, last.width = append(last.parts, p), last.width+width
				} else {
					words = append(words, word{[]Run{p}, width})
				}
				open = true
			}
		}
	}
	return words
}

// cut returns a piece in parts no wider than the line.
func (s *sheet) cut(piece string, width float64) []string {
	var parts []string
	for s.GetStringWidth(piece) > width {
		r := []rune(piece)
		n := max(1, min(len(r)-1, int(float64(len(r))*width/s.GetStringWidth(piece))))
		for n > 1 && s.GetStringWidth(string(r[:n])) > width {
			n--
		}
		if n >= len(r) {
			break
		}
		parts, piece = append(parts, string(r[:n])), string(r[n:])
	}
	return append(parts, piece)
}

func style(bold, italic bool) string {
	switch {
	case bold && italic:
		return "BI"
	case bold:
		return "B"
	case italic:
		return "I"
	}
	return ""
}

// line draws words, apart from one another as the paragraph wants.
func (s *sheet) line(words []word, x, width float64, f flow, last bool) {
	space := s.space(f.size)
	used := space * float64(max(0, len(words)-1))
	for _, w := range words {
		used += w.width
	}
	switch {
	case f.centre:
		x += (width - used) / 2
	case f.justify && !last && len(words) > 1:
		space += (width - used) / float64(len(words)-1)
	}
	base := s.y + f.line*f.size*0.5 + f.size*mmPoint*0.33
	for _, w := range words {
		for _, p := range w.parts {
			s.face(f.size, style(p.Bold, p.Italic))
			s.Text(x, base, p.Text)
			x += s.GetStringWidth(p.Text)
		}
		x += space
	}
}

// centred draws text in the middle of a column; after is in points.
func (s *sheet) centred(x, width float64, text string, size float64, face string, after float64) {
	s.flow([]Run{{text, strings.Contains(face, "B"), strings.Contains(face, "I")}}, flow{size: size, x: x, width: width, centre: true, line: single, after: after, fixed: true})
}

func (s *sheet) rule(x, width, length float64) {
	s.SetLineWidth(0.25)
	s.Line(x+(width-length)/2, s.y+0.9, x+(width+length)/2, s.y+0.9)
	s.y += 1.4
}

// stamp is a word in a frame.
func (s *sheet) stamp(x, width float64, word string) {
	s.y += 2.5
	s.face(13, "B")
	w := s.GetStringWidth(word) + 6
	s.SetLineWidth(0.35)
	s.Rect(x+(width-w)/2, s.y, w, 7, "D")
	s.y += 0.8
	s.centred(x, width, word, 13, "B", 0)
	s.y += 1.5
}

// head is the agency beside the nation, the number beside place and date.
func (s *sheet) head() {
	d := s.d
	right, width := mmLeft+mmColumn, mmText-mmColumn
	top := s.y
	if d.Parent != "" {
		s.centred(mmLeft, mmColumn, strings.ToUpper(d.Parent), 12, "", 0)
	}
	s.centred(mmLeft, mmColumn, strings.ToUpper(d.Agency), 12, "B", 0)
	s.rule(mmLeft, mmColumn, mmColumn*2/5)
	left := s.y
	s.y = top
	s.centred(right, width, nation, 12, "B", 0)
	s.centred(right, width, motto, 13, "B", 0)
	s.face(13, "B")
	s.rule(right, width, s.GetStringWidth(motto))
	top = max(left, s.y) + 2
	s.y = top
	s.centred(right, width, d.PlaceDate(), 13, "I", 0)
	bottom := s.y
	s.y = top
	s.centred(mmLeft, mmColumn, "Số: "+d.Code(), 13, "", 0)
	if d.Kind == "" && d.Abstract != "" {
		s.y += 0.5
		s.centred(mmLeft+2, mmColumn-4, "V/v "+d.Abstract, 12, "", 0)
	}
	if d.Urgency != "" {
		s.stamp(mmLeft, mmColumn, d.Urgency)
	}
	if d.Internal {
		s.stamp(mmLeft, mmColumn, within)
	}
	s.y = max(s.y, bottom)
}

func (s *sheet) title() {
	d := s.d
	if d.Kind != "" {
		s.y += 6
		s.centred(mmLeft, mmText, strings.ToUpper(d.Kind), 14, "B", 1)
		s.centred(mmLeft+8, mmText-16, d.Abstract, 14, "B", 0)
		s.rule(mmLeft, mmText, mmText/4)
		s.y += 2
	}
	switch len(d.To) {
	case 0:
		s.y += 3
	case 1:
		s.y += 3
		s.centred(mmLeft+8, mmText-16, "Kính gửi: "+d.To[0], 14, "", 10)
	default:
		s.y += 3
		s.flow([]Run{{Text: "Kính gửi:"}}, flow{size: 14, x: mmLeft + 30, width: mmText - 30, line: single})
		for i, t := range d.To {
			end, after := ";", 0.0
			if i == len(d.To)-1 {
				end, after = ".", 10
			}
			s.flow([]Run{{Text: "- " + t + end}}, flow{size: 14, x: mmLeft + 47, width: mmText - 47, line: single, after: after})
		}
	}
}

// blocks draws a body; signed says that the signature stands behind it, which is
// never alone on a page.
func (s *sheet) blocks(blocks []Block, signed bool) {
	body := flow{size: 14, indent: mmIndent, width: mmText, justify: true, after: 6, line: spaced}
	for i := range blocks {
		if signed && i == len(blocks)-1 && blocks[i].Kind != Table {
			if lines := len(s.lines(blocks[i].Runs, body)); lines <= 10 {
				s.room(float64(lines)*body.line*body.size + 6*mmPoint + 2 + s.footHeight())
			}
		}
		switch b := &blocks[i]; b.Kind {
		case Heading:
			f := body
			f.bold = b.Level != 2
			if b.Level == Centred {
				f.indent, f.justify, f.centre = 0, false, true
			}
			s.room(3 * f.line * f.size) // not alone at the end of a page
			s.flow(b.Runs, f)
		case Bullet:
			s.flow(append([]Run{{Text: "- "}}, b.Runs...), body)
		case Table:
			s.table(b)
		default:
			s.flow(b.Runs, body)
		}
	}
}

func (s *sheet) table(t *Block) {
	shares := t.shares(mmText/(13*mmPoint), cellPad/(13*mmPoint))
	for i, row := range t.Rows {
		s.row(row, shares, i == 0 && t.Head, func() {
			if t.Head && i > 0 {
				s.row(t.Rows[0], shares, true, nil)
			}
		})
	}
	s.y += 6 * mmPoint
}

// row draws one row; again repeats the head after a new page.
func (s *sheet) row(row []Cell, shares []float64, head bool, again func()) {
	height := 0.0
	looks := make([]flow, len(shares))
	for i, share := range shares {
		looks[i] = flow{size: 13, width: share*mmText - 2*cellPad, line: single, bold: head, centre: head}
		if i < len(row) {
			height = max(height, float64(len(s.lines(row[i], looks[i])))*single*13)
		}
	}
	height += 2 * 0.8
	if s.y+height > mmHeight-mmBottom && s.y > mmTop+1 {
		s.page()
		if again != nil {
			again()
		}
	}
	// What is taller than a page is cut at its end.
	height = min(height, mmHeight-mmBottom-s.y)
	top, x := s.y, mmLeft
	s.SetLineWidth(0.18)
	for i, f := range looks {
		s.Rect(x, top, shares[i]*mmText, height, "D")
		if i < len(row) {
			s.y = top + 0.8
			f.x, f.fixed = x+cellPad, true
			s.ClipRect(x, top, shares[i]*mmText, height, false)
			s.flow(row[i], f)
			s.ClipEnd()
		}
		x += shares[i] * mmText
	}
	s.y = top + height
}

// footHeight is how much of a page the signature needs.
func (s *sheet) footHeight() float64 {
	tall := single * 14 * 6
	for _, x := range s.d.Signers {
		tall = max(tall, single*14*float64(len(x.Lines)+5))
	}
	if len(s.d.Signers) < 2 {
		tall = max(tall, single*11*float64(len(s.d.Copies)+3))
	}
	return min(tall, mmHeight-mmTop-mmBottom)
}

// foot is nơi nhận beside who signs, or two who sign.
func (s *sheet) foot() {
	d := s.d
	half := mmText / 2
	s.y += 2
	s.room(s.footHeight())
	top := s.y
	signers := d.Signers
	bottom := top
	if len(signers) > 1 {
		s.signer(mmLeft, half, signers[0])
		signers = signers[1:]
	} else {
		s.copies(half)
	}
	bottom = max(bottom, s.y)
	if len(signers) > 0 {
		s.y = top
		s.signer(mmLeft+half, half, signers[0])
		bottom = max(bottom, s.y)
	}
	s.y = bottom
	if len(d.Signers) > 1 {
		s.y += 3
		s.room(single * 12 * float64(len(d.Copies)+2))
		s.copies(half)
	}
}

func (s *sheet) copies(width float64) {
	s.flow([]Run{{"Nơi nhận:", true, true}}, flow{size: 12, width: width, line: single})
	for _, line := range s.d.copyLines() {
		s.flow([]Run{{Text: line}}, flow{size: 11, width: width - 3, line: single})
	}
}

func (s *sheet) signer(x, width float64, who Signer) {
	for _, line := range who.Lines {
		s.centred(x, width, strings.ToUpper(line), 14, "B", 0)
	}
	s.y += 4 * single * 14
	s.centred(x, width, who.Name, 14, "B", 0)
}
