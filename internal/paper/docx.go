package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Twentieths of a point on A4, which is what Word counts in.
const (
	pageWidth   = 11906
	pageHeight  = 16838
	marginTop   = 1134 // 20 mm
	marginSide  = 1701 // 30 mm, left
	marginRight = 851  // 15 mm
	textWidth   = pageWidth - marginSide - marginRight
	leftWidth   = textWidth * 45 / 100 // the agency's column of the head
	rightWidth  = textWidth - leftWidth
)

// Sizes in half points.
const (
	sizeHead   = 26 // 13
	sizeNation = 24 // 12: thirteen would not fit its column in one line
	sizeBody   = 28 // 14
	sizeTable  = 26 // 13
	sizeCopies = 22 // 11
)

// WriteDOCX draws the document for Word, byte for byte the same each time.
func WriteDOCX(w io.Writer, d *Document) error {
	z := zip.NewWriter(w)
	made := d.Date
	if made.IsZero() {
		made = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRels},
		{"docProps/core.xml", fmt.Sprintf(coreProps, escapeXML(d.Title()), escapeXML(d.Agency), made.UTC().Format(time.RFC3339))},
		{"word/_rels/document.xml.rels", documentRels},
		{"word/styles.xml", styles},
		{"word/settings.xml", settings},
		{"word/header1.xml", pageHead(d.Watermark, "")},
		{"word/header2.xml", pageHead(d.Watermark, pageNumber)},
		{"word/document.xml", documentXML(d)},
	} {
		// The zero time is written as no time at all, which is the same everywhere.
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate})
		if err == nil {
			_, err = io.WriteString(f, part.text)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

func escapeXML(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(clean(s))) // a Buffer takes everything
	return b.String()
}

// look is how a paragraph stands.
type look struct {
	align         string // left, center, both
	first         int    // indent of the first line
	left, right   int
	before, after int
	line          int // of 240; 0: one line
	keep          bool
	extra         string // more of w:pPr, before w:spacing
}

func (l look) xml() string {
	var b strings.Builder
	b.WriteString("<w:pPr>")
	if l.keep {
		b.WriteString(`<w:keepNext/>`)
	}
	b.WriteString(l.extra)
	line := l.line
	if line == 0 {
		line = 240
	}
	fmt.Fprintf(&b, `<w:spacing w:before="%d" w:after="%d" w:line="%d" w:lineRule="auto"/>`, l.before, l.after, line)
	if l.first != 0 || l.left != 0 || l.right != 0 {
		fmt.Fprintf(&b, `<w:ind w:left="%d" w:right="%d" w:firstLine="%d"/>`, l.left, l.right, l.first)
	}
	if l.align != "" {
		fmt.Fprintf(&b, `<w:jc w:val="%s"/>`, l.align)
	}
	b.WriteString("</w:pPr>")
	return b.String()
}

func para(l look, runs ...string) string {
	return "<w:p>" + l.xml() + strings.Join(runs, "") + "</w:p>"
}

func text(s string, halfPoints int, bold, italic bool) string {
	var b strings.Builder
	b.WriteString("<w:r><w:rPr>")
	if bold {
		b.WriteString("<w:b/>")
	}
	if italic {
		b.WriteString("<w:i/>")
	}
	fmt.Fprintf(&b, `<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r>`, halfPoints, halfPoints, escapeXML(s))
	return b.String()
}

func texts(list []Run, halfPoints int, bold bool) string {
	var b strings.Builder
	for _, r := range list {
		b.WriteString(text(r.Text, halfPoints, bold || r.Bold, r.Italic))
	}
	return b.String()
}

// rule is a line of that width in the middle of a column: the lower border of a
// paragraph without height.
func rule(column, width int) string {
	side := max(0, (column-width)/2)
	return fmt.Sprintf(`<w:p><w:pPr><w:pBdr><w:top w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:pBdr>`+
		`<w:spacing w:before="90" w:after="0" w:line="80" w:lineRule="exact"/><w:ind w:left="%d" w:right="%d"/></w:pPr></w:p>`, side, side)
}

// apart is a paragraph of nothing but height: Word wants one behind a table.
func apart(height int, keep bool) string {
	next := ""
	if keep {
		next = "<w:keepNext/>"
	}
	return fmt.Sprintf(`<w:p><w:pPr>%s<w:spacing w:before="0" w:after="0" w:line="%d" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>`, next, height)
}

// stamp is a word in a frame, in the middle of a column.
func stamp(word string, column int) string {
	side := max(0, (column-len([]rune(word))*185-240)/2)
	frame := `<w:pBdr>`
	for _, edge := range []string{"top", "left", "bottom", "right"} {
		frame += `<w:` + edge + ` w:val="single" w:sz="8" w:space="3" w:color="000000"/>`
	}
	return para(look{align: "center", left: side, right: side, before: 140, after: 60, extra: frame + `</w:pBdr>`}, text(word, sizeHead, true, false))
}

// grid is a table; padding is at both sides of a cell, and 0 one without lines.
func grid(widths []int, padding int, rows string) string {
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="` + fmt.Sprint(sum(widths)) + `" w:type="dxa"/>`)
	if padding > 0 {
		b.WriteString(`<w:tblBorders>`)
		for _, edge := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
			b.WriteString(`<w:` + edge + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
		}
		b.WriteString(`</w:tblBorders>`)
	}
	b.WriteString(`<w:tblLayout w:type="fixed"/>`)
	fmt.Fprintf(&b, `<w:tblCellMar><w:left w:w="%d" w:type="dxa"/><w:right w:w="%d" w:type="dxa"/></w:tblCellMar>`, padding, padding)
	b.WriteString(`</w:tblPr><w:tblGrid>`)
	for _, w := range widths {
		fmt.Fprintf(&b, `<w:gridCol w:w="%d"/>`, w)
	}
	b.WriteString(`</w:tblGrid>` + rows + `</w:tbl>`)
	return b.String()
}

func sum(list []int) (n int) {
	for _, x := range list {
		n += x
	}
	return n
}

func cell(width int, paragraphs string) string {
	return fmt.Sprintf(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>%s</w:tc>`, width, paragraphs)
}

const middle = "center"

// documentXML is the text of the document.
func documentXML(d *Document) string {
	var b strings.Builder
	b.WriteString(xml.Header + `<w:document ` + namespaces + `><w:body>`)
	b.WriteString(headXML(d))
	b.WriteString(titleXML(d))
	for _, line := range d.basisLines() {
		b.WriteString(para(look{align: "both", first: 720, after: 120, line: 264}, text(line, sizeBody, false, true)))
	}
	blocksXML(&b, d.Body, true, upright)
	b.WriteString(footXML(d))
	last, titled := upright, true
	for i, a := range d.Appendices {
		now, turn := upright, `<w:pageBreakBefore/>`
		if a.Landscape {
			now = wide
		}
		if now != last {
			// What stands before ends its section, and so its page.
			b.WriteString(`<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>` + last.section(titled) + `</w:pPr></w:p>`)
			last, titled, turn = now, false, ""
		}
		b.WriteString(para(look{align: middle, after: 40, extra: turn}, text(d.appendixName(i), sizeBody, true, false)))
		b.WriteString(para(look{align: middle, after: 40}, text(strings.ToUpper(a.Title), sizeBody, true, false)))
		b.WriteString(para(look{align: middle, after: 60}, text(d.attached(), sizeHead, false, true)))
		b.WriteString(rule(now.width, now.width/3))
		b.WriteString(apart(160, true))
		blocksXML(&b, a.Body, false, now)
	}
	b.WriteString(last.section(titled))
	b.WriteString(`</w:body></w:document>`)
	return b.String()
}

// headXML is the agency beside the nation, the number beside place and date.
func headXML(d *Document) string {
	var left, right strings.Builder
	if d.Parent != "" {
		left.WriteString(para(look{align: middle}, text(strings.ToUpper(d.Parent), sizeNation, false, false)))
	}
	agency := strings.ToUpper(d.Agency)
	left.WriteString(para(look{align: middle}, text(agency, sizeNation, true, false)))
	left.WriteString(rule(leftWidth, leftWidth*2/5))
	right.WriteString(para(look{align: middle}, text(nation, sizeNation, true, false)))
	right.WriteString(para(look{align: middle}, text(motto, sizeHead, true, false)))
	right.WriteString(rule(rightWidth, mottoWidth))
	row := "<w:tr>" + cell(leftWidth, left.String()) + cell(rightWidth, right.String()) + "</w:tr>"

	var number strings.Builder
	number.WriteString(para(look{align: middle, before: 80}, text("Số: "+d.Code(), sizeHead, false, false)))
	if d.Kind == "" && d.Abstract != "" {
		number.WriteString(para(look{align: middle, before: 20, left: 120, right: 120}, text("V/v "+d.Abstract, sizeNation, false, false)))
	}
	if d.Urgency != "" {
		number.WriteString(stamp(d.Urgency, leftWidth))
	}
	if d.Internal {
		number.WriteString(stamp(within, leftWidth))
	}
	place := para(look{align: middle, before: 80}, text(d.PlaceDate(), sizeHead, false, true))
	row += "<w:tr>" + cell(leftWidth, number.String()) + cell(rightWidth, place) + "</w:tr>"
	return grid([]int{leftWidth, rightWidth}, 0, row)
}

// titleXML is the kind and what it is about, and to whom it goes.
func titleXML(d *Document) string {
	var b strings.Builder
	if d.Kind != "" {
		b.WriteString(para(look{align: middle, before: 300, keep: true}, text(strings.ToUpper(d.Kind), sizeBody, true, false)))
		b.WriteString(para(look{align: middle, keep: true}, text(d.Abstract, sizeBody, true, false)))
		b.WriteString(rule(textWidth, textWidth/4))
	}
	b.WriteString(toXML(d.To))
	return b.String()
}

func toXML(to []string) string {
	switch len(to) {
	case 0:
		return apart(120, true)
	case 1:
		return para(look{align: middle, before: 200, after: 200}, text("Kính gửi: "+to[0], sizeBody, false, false))
	}
	var b strings.Builder
	b.WriteString(para(look{before: 200, left: 1700, keep: true}, text("Kính gửi:", sizeBody, false, false)))
	for i, t := range to {
		end, after := ";", 0
		if i == len(to)-1 {
			end, after = ".", 200
		}
		b.WriteString(para(look{left: 2700, after: after}, text("- "+t+end, sizeBody, false, false)))
	}
	return b.String()
}

// blocksXML writes a body; signed says that the signature stands behind it, which
// is never alone on a page.
func blocksXML(b *strings.Builder, blocks []Block, signed bool, on page) {
	for i := range blocks {
		last := signed && i == len(blocks)-1
		switch x := &blocks[i]; x.Kind {
		case Heading:
			if x.Level == Centred {
				b.WriteString(para(look{align: middle, before: 120, after: 120, line: 264, keep: true}, texts(x.Runs, sizeBody, true)))
				continue
			}
			b.WriteString(para(look{align: "both", first: 720, before: 60, after: 120, line: 264, keep: true}, texts(x.Runs, sizeBody, x.Level == 1)))
		case Bullet:
			b.WriteString(para(look{align: "both", first: 720, after: 120, line: 264, keep: last}, text("- ", sizeBody, false, false), texts(x.Runs, sizeBody, false)))
		case Table:
			b.WriteString(tableXML(x, last, on))
		default:
			b.WriteString(para(look{align: "both", first: 720, after: 120, line: 264, keep: last}, texts(x.Runs, sizeBody, false)))
		}
	}
}

func tableXML(t *Block, last bool, on page) string {
	em := float64(on.table) * 10 // its letters' size, in what Word counts in
	shares := t.shares(float64(on.width)/em, float64(on.padding)/em)
	widths := make([]int, len(shares))
	for i, s := range shares {
		widths[i] = int(s * float64(on.width))
	}
	var rows strings.Builder
	for i, r := range t.Rows {
		head := i == 0 && t.Head
		rows.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
		if head {
			rows.WriteString(`<w:tblHeader/>`)
		}
		rows.WriteString(`</w:trPr>`)
		keep := last && i == len(t.Rows)-1
		for j, width := range widths {
			align, body := "left", ""
			if head {
				align = middle
			}
			if j < len(r) {
				body = texts(r[j], on.table, head)
			}
			rows.WriteString(cell(width, para(look{align: align, before: 40, after: 40, keep: keep}, body)))
		}
		rows.WriteString(`</w:tr>`)
	}
	return grid(widths, on.padding, rows.String()) + apart(120, last)
}

// footXML is nơi nhận beside who signs, or two who sign.
func footXML(d *Document) string {
	half := textWidth / 2
	var left string
	signers := d.Signers
	if len(signers) > 1 {
		left, signers = signerXML(signers[0]), signers[1:]
	} else {
		left = copiesXML(d)
	}
	right := para(look{})
	if len(signers) > 0 {
		right = signerXML(signers[0])
	}
	foot := apart(120, true) +
		grid([]int{half, half}, 0, `<w:tr><w:trPr><w:cantSplit/></w:trPr>`+cell(half, left)+cell(half, right)+`</w:tr>`)
	if len(d.Signers) > 1 {
		foot += apart(120, false) + grid([]int{half, half}, 0, `<w:tr><w:trPr><w:cantSplit/></w:trPr>`+cell(half, copiesXML(d))+cell(half, para(look{}))+`</w:tr>`)
	}
	return foot + apart(20, false)
}

func copiesXML(d *Document) string {
	var b strings.Builder
	b.WriteString(para(look{}, text("Nơi nhận:", sizeNation, true, true)))
	for _, line := range d.copyLines() {
		b.WriteString(para(look{}, text(line, sizeCopies, false, false)))
	}
	return b.String()
}

func signerXML(s Signer) string {
	var b strings.Builder
	for _, line := range s.Lines {
		b.WriteString(para(look{align: middle}, text(strings.ToUpper(line), sizeBody, true, false)))
	}
	for range 4 {
		b.WriteString(para(look{align: middle}, text("", sizeBody, false, false)))
	}
	b.WriteString(para(look{align: middle}, text(s.Name, sizeBody, true, false)))
	return b.String()
}

// mottoWidth is how wide the motto is in 13 point bold.
const mottoWidth = 3240
