// Package paper lays out official Vietnamese documents as Appendix I of Nghị định
// 30/2020/NĐ-CP asks: a [Document] is what one says, [WriteDOCX] and [WritePDF]
// are two drawings of it.
//
// Text comes from templates: [Fill] puts data into fields such as
// {{incident.code}} and names a field that does not exist with its line and the
// nearest ones; [ParseBody] reads the few marks a body may have (headings, lists,
// tables, bold, italic, appendices). [FillDOCX] does the same in a Word file that
// somebody else laid out.
//
// The package is pure: the same Document gives the same bytes. It knows nothing
// of numbers, states or recipients; module document does.
//
// Start reading at Document.
package paper

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Document is one official document.
type Document struct {
	Parent   string    `json:"parent"`   // the agency above, "" none
	Agency   string    `json:"agency"`   // who issues it
	Symbol   string    `json:"symbol"`   // BC-TTANM; the number goes before it
	Number   int       `json:"number"`   // 0: not numbered yet
	Place    string    `json:"place"`    // Lâm Đồng
	Date     time.Time `json:"date"`     // zero: not dated yet
	Kind     string    `json:"kind"`     // BÁO CÁO; "" a letter (công văn)
	Abstract string    `json:"abstract"` // trích yếu; of a letter what follows "V/v"
	To       []string  `json:"to"`       // Kính gửi
	Basis    []string  `json:"basis"`    // căn cứ
	Body     []Block   `json:"body"`
	Signers  []Signer  `json:"signers"`  // one, or for minutes two
	Copies   []string  `json:"copies"`   // nơi nhận, without the last line
	Archive  string    `json:"archive"`  // VT, TTANM
	Urgency  string    `json:"urgency"`  // KHẨN, THƯỢNG KHẨN, HỎA TỐC; "" none
	Internal bool      `json:"internal"` // LƯU HÀNH NỘI BỘ
	// Watermark stands across every page: DIỄN TẬP.
	Watermark  string     `json:"watermark"`
	Appendices []Appendix `json:"appendices"`
}

// Signer is one who signs.
type Signer struct {
	Lines []string `json:"lines"` // KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC
	Name  string   `json:"name"`
}

// Appendix is one phụ lục.
type Appendix struct {
	Title string  `json:"title"`
	Body  []Block `json:"body"`
	// Landscape lays it on its side, with small tables, in the Word file: a form of many
	// columns. A PDF keeps it upright.
	Landscape bool `json:"landscape,omitempty"`
}

// BlockKind is what a block is.
type BlockKind string

// The kinds of blocks.
const (
	Paragraph BlockKind = "paragraph"
	Heading   BlockKind = "heading" // bold, numbered by who writes it
	Bullet    BlockKind = "bullet"
	Table     BlockKind = "table"
)

// Block is one piece of a body.
type Block struct {
	Kind  BlockKind `json:"kind"`
	Level int       `json:"level,omitempty"` // of a heading: 1, 2 or Centred
	Runs  []Run     `json:"runs,omitempty"`
	Rows  [][]Cell  `json:"rows,omitempty"`
	Head  bool      `json:"head,omitempty"` // the first row is the head of the table
	// Widths are those of the table's columns beside one another; none: by their text.
	Widths []float64 `json:"widths,omitempty"`
}

// Centred is the level of a heading in the middle of the page.
const Centred = 3

// Cell is one cell of a table.
type Cell []Run

// Run is text of one face.
type Run struct {
	Text   string `json:"text"`
	Bold   bool   `json:"bold,omitempty"`
	Italic bool   `json:"italic,omitempty"`
}

// What every document says.
const (
	nation = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto  = "Độc lập - Tự do - Hạnh phúc"
	within = "LƯU HÀNH NỘI BỘ"
)

// Urgencies are the stamps of urgency, from none to the most urgent.
func Urgencies() []string { return []string{"", "KHẨN", "THƯỢNG KHẨN", "HỎA TỐC"} }

// Code is the number and symbol as they are written: 05/BC-TTANM; before it is
// numbered there is room for the number.
func (d *Document) Code() string {
	if d.Number == 0 {
		return "…/" + d.Symbol
	}
	return fmt.Sprintf("%02d/%s", d.Number, d.Symbol)
}

// Day is the date as it is written: days below ten and the months 1 and 2 have a
// zero before them.
func Day(t time.Time) string {
	month := fmt.Sprint(int(t.Month()))
	if t.Month() <= 2 {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", t.Day(), month, t.Year())
}

// PlaceDate is where and when, as it is written; before it is dated there is room.
func (d *Document) PlaceDate() string {
	if d.Date.IsZero() {
		return d.Place + ", ngày … tháng … năm …"
	}
	return d.Place + ", " + Day(d.Date)
}

// Title is the document in one line, for properties and file lists.
func (d *Document) Title() string {
	if d.Kind == "" {
		return "V/v " + d.Abstract
	}
	return strings.TrimSpace(sentence(d.Kind) + " " + continued(d.Abstract))
}

// continued writes a sentence as the rest of another: Về việc as về việc. A name of
// several words, Sở Y tế, stays as it is.
func continued(s string) string {
	first, rest, _ := strings.Cut(s, " ")
	r := []rune(first)
	next, _ := utf8.DecodeRuneInString(rest)
	if len(r) < 2 || !unicode.IsLower(r[1]) || unicode.IsUpper(next) {
		return s
	}
	r[0] = unicode.ToLower(r[0])
	return strings.TrimSpace(string(r) + " " + rest)
}

// attached is the line below the title of an appendix.
func (d *Document) attached() string {
	kind := "Công văn"
	if d.Kind != "" {
		kind = sentence(d.Kind)
	}
	when := "ngày … tháng … năm …"
	if !d.Date.IsZero() {
		when = Day(d.Date)
	}
	return "(Kèm theo " + kind + " số " + d.Code() + " " + when + " của " + d.Agency + ")"
}

// sentence writes BÁO CÁO as Báo cáo.
func sentence(s string) string {
	r := []rune(strings.ToLower(s))
	if len(r) > 0 {
		r[0] = []rune(strings.ToUpper(string(r[:1])))[0]
	}
	return string(r)
}

// appendixName is PHỤ LỤC, with a Roman number where there are several.
func (d *Document) appendixName(i int) string {
	if len(d.Appendices) < 2 {
		return "Phụ lục"
	}
	return "Phụ lục " + Roman(i+1)
}

// Roman writes a number from 1 to 399 in Roman digits.
func Roman(n int) string {
	var b strings.Builder
	for _, x := range []struct {
		n int
		s string
	}{{100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= x.n {
			b.WriteString(x.s)
			n -= x.n
		}
	}
	return b.String()
}

// basisLines end each with ";", the last with ".".
func (d *Document) basisLines() []string {
	lines := make([]string, len(d.Basis))
	for i, b := range d.Basis {
		end := ";"
		if i == len(d.Basis)-1 {
			end = "."
		}
		lines[i] = strings.TrimRight(strings.TrimSpace(b), ";.") + end
	}
	return lines
}

// copyLines are the lines below "Nơi nhận:".
func (d *Document) copyLines() []string {
	var lines []string
	for _, c := range d.Copies {
		lines = append(lines, "- "+strings.TrimRight(strings.TrimSpace(c), ";.")+";")
	}
	archive := "VT"
	if d.Archive != "" {
		archive = d.Archive
	}
	return append(lines, "- Lưu: "+archive+".")
}

// clean keeps text that both drawings can hold: no control characters but those
// the model itself uses.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff || 0xd800 <= r && r <= 0xdfff:
			return -1
		}
		return r
	}, s)
}
