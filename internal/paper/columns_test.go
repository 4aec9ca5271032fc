package paper

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
)

// letterOfSix is a table like that of the letters about vulnerabilities: much text in
// three of its columns, words that must stay whole in the others.
func letterOfSix() Block {
	row := func(cells ...string) (r []Cell) {
		for _, c := range cells {
			r = append(r, Cell{{Text: c}})
		}
		return r
	}
	return Block{Kind: Table, Head: true, Rows: [][]Cell{
		row("TT", "Lỗ hổng", "Mức độ", "Ở đâu", "Việc cần làm", "Hạn"),
		row("1", "CVE-2026-10001: thực thi mã từ xa trong máy chủ web nginx", "nghiêm trọng", "Cổng dịch vụ công: 10.20.1.15:443, 10.20.1.16:443", "Nâng cấp nginx lên 1.29.4 hoặc tắt mô-đun HTTP/3", "15/12/2026"),
		row("12", "OpenSSH 8.2 không còn được hỗ trợ", "cao", "10.20.1.15", "Thay thế", "20/12/2026 (quá hạn)"),
	}}
}

func TestNoWordOfANarrowColumnIsCut(t *testing.T) {
	d := report()
	d.Body = []Block{letterOfSix()}
	var pdf bytes.Buffer
	if err := WritePDF(&pdf, d); err != nil {
		t.Fatal(err)
	}
	text := pdftotext(t, pdf.Bytes())
	for _, word := range []string{"15/12/2026", "20/12/2026", "nghiêm", "CVE-2026-10001:", "10.20.1.15:443,", "mô-đun"} {
		if !strings.Contains(text, word) {
			t.Errorf("%s is cut:\n%s", word, text)
		}
	}
}

// Scanners write long words in the columns that have most text; those beside them keep theirs.
func TestLongWordsTakeNothingFromDatesAndCommonWords(t *testing.T) {
	b := letterOfSix()
	for _, i := range []int{1, 3, 4} {
		b.Rows[1][i] = Cell{{Text: strings.Repeat("MMMMMMMMM ", 8)}}
	}
	b.Rows[1][5] = Cell{{Text: "trước 30/11/2026"}}
	d := report()
	d.Body = []Block{b}
	var pdf bytes.Buffer
	if err := WritePDF(&pdf, d); err != nil {
		t.Fatal(err)
	}
	text := pdftotext(t, pdf.Bytes())
	for _, word := range []string{"30/11/2026", "20/12/2026", "nghiêm", "trọng"} {
		if !strings.Contains(text, word) {
			t.Errorf("%s is cut:\n%s", word, text)
		}
	}
}

func TestAColumnIsAsWideAsItsLongestWord(t *testing.T) {
	b := letterOfSix()
	const ems, padding = 36.0, 0.33
	shares := b.shares(ems, padding)
	total := 0.0
	for i, need := range b.needs(ems, padding) {
		total += shares[i]
		if shares[i] < need-1e-9 {
			t.Errorf("column %d has %.3f and needs %.3f", i+1, shares[i], need)
		}
	}
	if math.Abs(total-1) > 1e-9 {
		t.Errorf("together they are %.3f", total)
	}
}

// A sum of 64 letters is cut; that takes nothing from the columns beside it.
func TestAWordThatFitsNowhereGetsNoColumn(t *testing.T) {
	b := Block{Kind: Table, Rows: [][]Cell{{{{Text: strings.Repeat("a", 64)}}, {{Text: "ngắn"}}}}}
	if need := b.needs(36, 0.33)[0]; need > 0.05 {
		t.Errorf("it asks for %.2f of the table", need)
	}
}

func TestColumnsThatNeedMoreThanThereIsShareIt(t *testing.T) {
	for _, c := range []struct{ shares, needs, want []float64 }{
		{[]float64{0.1, 0.9}, []float64{0.05, 0.2}, []float64{0.1, 0.9}},                 // nobody lacks
		{[]float64{0.1, 0.9}, []float64{0.2, 0.2}, []float64{0.2, 0.8}},                  // there is room
		{[]float64{0.1, 0.4, 0.5}, []float64{0.3, 0.4, 0.4}, []float64{0.3, 0.35, 0.35}}, // the widest lack something
		{[]float64{0.5, 0.5}, []float64{0.7, 0.8}, []float64{0.5, 0.5}},                  // nobody has more than he needs
	} {
		if got := widened(c.shares, c.needs); fmt.Sprintf("%.3f", got) != fmt.Sprintf("%.3f", c.want) {
			t.Errorf("needs %v: %.3f, want %.3f", c.needs, got, c.want)
		}
	}
}

// The widths that are reckoned with are those of the typeface, or a little more.
func TestWordsAreReckonedNoNarrowerThanTheyAre(t *testing.T) {
	f := fpdf.New("P", "pt", "A4", "")
	f.AddUTF8FontFromBytes("serif", "", liberationserifregular.TTF)
	f.AddUTF8FontFromBytes("serif", "B", liberationserifbold.TTF)
	for _, word := range []string{"15/12/2026", "10.20.1.15:443,", "CVE-2026-10001:", "nghiêm", "trọng", "Mức", "TT", "SRV-HIS-01", "OpenSSH", "mô-đun", "08:15", "THƯỢNG", "Windows"} {
		for style, times := range map[string]float64{"": 1, "B": bolder} {
			f.SetFont("serif", style, 100)
			is, reckoned := f.GetStringWidth(word)/100, wordWidth(word)*times
			if reckoned < is || reckoned > 1.6*is {
				t.Errorf("%s %s: %.2f ems wide, reckoned %.2f", word, style, is, reckoned)
			}
		}
	}
}
