package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/paper"
)

var update = flag.Bool("update", false, "write the golden files")

// sample fills every field of the templates with what could stand there.
func (b *book) sample(t *testing.T) paper.Values {
	t.Helper()
	values := paper.Values{}
	for _, f := range b.fields {
		switch {
		case f.Columns != nil:
			rows := paper.Rows{}
			for n := range 3 {
				row := map[string]string{}
				for _, c := range f.Columns {
					row[c] = fmt.Sprintf("%s của dòng %d", f.Vi, n+1)
				}
				row["number"], row["level"], row["count"] = fmt.Sprint(n+1), "3", "12"
				rows = append(rows, row)
			}
			values[f.ID] = rows
		case strings.HasSuffix(f.ID, "At") || strings.HasSuffix(f.ID, "By") || f.ID == "obligation.due":
			values[f.ID] = "08 giờ 15 phút, ngày 03 tháng 02 năm 2026"
		default:
			values[f.ID] = f.Vi + " được ghi nhận trong hồ sơ"
		}
	}
	for field, text := range map[string]string{
		"incident.code": "SC-2026-0012", "warning.code": "CB-2026-0007", "year.number": "2026", "unit.name": "Sở Y tế", "incident.unit": "Sở Y tế", "today": "ngày 03 tháng 02 năm 2026",
		"agency.name": "Trung tâm An ninh mạng tỉnh", "agency.parent": "Công an tỉnh Lâm Đồng", "agency.place": "Lâm Đồng", "drafter.name": "Lê Thị Hoa", "year.period": "từ ngày 01 tháng 01 năm 2026 đến ngày 14 tháng 11 năm 2026",
		"year.incidents": "12", "year.incidentsGrave": "4", "year.incidentsOpen": "1", "year.drills": "2", "year.warnings": "340", "year.warningsAcknowledged": "338", "year.warningsFixed": "310", "year.warningsLate": "9",
		"year.contain": "3 giờ 20 phút", "year.recover": "2 ngày", "unit.address": "36 Trần Phú, phường 3, Đà Lạt", "unit.head": "Trần Văn Nam", "incident.severity": "cao", "warning.severity": "cao",
		"incident.category": "mã hóa dữ liệu", "warning.cves": "CVE-2026-10001, CVE-2026-10007",
		"dossier.code": "HS-2026-0004", "dossier.name": "Một cửa điện tử", "dossier.subject": "hệ thống thông tin Một cửa điện tử", "dossier.systemCode": "HT-0012", "dossier.level": "3", "dossier.owner": "Ủy ban nhân dân tỉnh Lâm Đồng",
		"dossier.operator": "Sở Khoa học và Công nghệ", "dossier.appraiser": "Đơn vị chuyên trách về an ninh mạng", "dossier.approver": "Ủy ban nhân dân tỉnh Lâm Đồng",
		"dossier.opinion": "Văn bản số 15/TĐ-CAT ngày 20/11/2026 của Công an tỉnh", "dossier.regulation": "Văn bản số 12/QĐ-SKHCN ngày 01/09/2026 của Sở Khoa học và Công nghệ",
		"dossier.criteria": "Nghị định 331/2026/NĐ-CP", "dossier.designFiles": "thiet-ke.pdf", "dossier.planFiles": "phuong-an.pdf", "dossier.sentAt": "ngày 03 tháng 02 năm 2026",
		"vulnerabilities.unit": "Sở Y tế", "vulnerabilities.asOf": "ngày 03 tháng 02 năm 2026", "vulnerabilities.open": "37", "vulnerabilities.critical": "3", "vulnerabilities.high": "12", "vulnerabilities.medium": "20",
		"vulnerabilities.low": "2", "vulnerabilities.kev": "1", "vulnerabilities.late": "4", "vulnerabilities.more": "9", "vulnerabilities.contact": "điện thoại 0263 3999 111, thư điện tử truc@example.vn",
	} {
		if _, ok := values[field]; !ok {
			t.Fatalf("no field %s", field)
		}
		values[field] = text
	}
	return values
}

// drawnSample is the template as a document that was approved.
func (b *book) drawnSample(t *testing.T, x *Template) *paper.Document {
	t.Helper()
	c := x.content(Letterhead{Parent: "Công an tỉnh Lâm Đồng", Agency: "Trung tâm An ninh mạng tỉnh", Short: "TTANM", Place: "Lâm Đồng", SignLines: []string{"KT. Giám đốc", "Phó Giám đốc"},
		Signer: "Trần Văn Hiếu", Archive: "VT, TTANM"})
	if x.Type != "BB" {
		c.To = []SentTo{{Name: "Sở Khoa học và Công nghệ"}}
	}
	d, err := c.draw(x.ID, b.known, b.sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.missing) > 0 {
		t.Errorf("%s: not filled: %v", x.ID, d.missing)
	}
	d.doc.Number, d.doc.Date = 5, time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)
	return &d.doc
}

// line is a line of text as it stands on a page, in points.
type line struct {
	page                     int
	text                     string
	left, top, right, bottom float64
	size                     float64
	bold, italic             bool
}

// rendered are the lines that LibreOffice makes of the Word files, and the sizes of
// the pages; one run of it draws all.
func rendered(t *testing.T, docs map[string]*paper.Document) (lines map[string][]line, sizes map[string][]string) {
	t.Helper()
	for tool, remedy := range map[string]string{"soffice": "apt install libreoffice-writer-nogui", "pdftohtml": "apt install poppler-utils", "pdftotext": "apt install poppler-utils"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (%s)", tool, remedy)
		}
	}
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to", "pdf", "--outdir", dir}
	for id, d := range docs {
		var b bytes.Buffer
		if err := paper.WriteDOCX(&b, d); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, id+".docx")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.CommandContext(t.Context(), "soffice", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines, sizes = map[string][]line{}, map[string][]string{}
	for id := range docs {
		pdf := filepath.Join(dir, id+".pdf")
		boxes, err := exec.CommandContext(t.Context(), "pdftotext", "-bbox-layout", pdf, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		// Twice as large, so that a half point is not lost.
		faces, err := exec.CommandContext(t.Context(), "pdftohtml", "-xml", "-i", "-nomerge", "-zoom", "2", "-stdout", pdf).Output()
		if err != nil {
			t.Fatal(err)
		}
		lines[id], sizes[id] = readLines(t, boxes, faces)
		if keep := os.Getenv("LACHAN_PAPER_OUT"); keep != "" {
			if out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "70", "-png", pdf, filepath.Join(keep, id)).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
	}
	return lines, sizes
}

// readLines takes the lines from where their words stand, and their faces from what
// is drawn there: a letter the font lacks is drawn of another.
func readLines(t *testing.T, boxes, faces []byte) (list []line, sizes []string) {
	t.Helper()
	var drawn struct {
		Pages []struct {
			Fonts []struct {
				ID   string  `xml:"id,attr"`
				Size float64 `xml:"size,attr"`
			} `xml:"fontspec"`
			Texts []struct {
				Left  float64 `xml:"left,attr"`
				Top   float64 `xml:"top,attr"`
				Width float64 `xml:"width,attr"`
				Font  string  `xml:"font,attr"`
				Inner string  `xml:",innerxml"`
			} `xml:"text"`
		} `xml:"page"`
	}
	decode(t, faces, &drawn)
	var laid struct {
		Pages []struct {
			Width  float64 `xml:"width,attr"`
			Height float64 `xml:"height,attr"`
			Lines  []struct {
				Left   float64  `xml:"xMin,attr"`
				Top    float64  `xml:"yMin,attr"`
				Right  float64  `xml:"xMax,attr"`
				Bottom float64  `xml:"yMax,attr"`
				Words  []string `xml:"word"`
			} `xml:"flow>block>line"`
		} `xml:"body>doc>page"`
	}
	decode(t, boxes, &laid)
	if len(laid.Pages) == 0 || len(laid.Pages) != len(drawn.Pages) {
		t.Fatalf("%d pages laid out, %d drawn", len(laid.Pages), len(drawn.Pages))
	}
	fonts := map[string]float64{}
	for n, p := range laid.Pages {
		sizes = append(sizes, fmt.Sprintf("%.0f x %.0f", p.Width, p.Height))
		for _, f := range drawn.Pages[n].Fonts {
			fonts[f.ID] = f.Size / 2
		}
		for _, x := range p.Lines {
			l := line{page: n + 1, text: unspaced(strings.Join(x.Words, "")), left: x.Left, top: x.Top, right: x.Right, bottom: x.Bottom}
			var widest float64
			for _, piece := range drawn.Pages[n].Texts {
				left, top, width := piece.Left/2, piece.Top/2, piece.Width/2
				if top+4 > x.Top && top < x.Bottom-4 && left > x.Left-2 && left < x.Right && width > widest {
					widest, l.size = width, fonts[piece.Font]
					l.bold, l.italic = strings.Contains(piece.Inner, "<b>"), strings.Contains(piece.Inner, "<i>")
				}
			}
			list = append(list, l)
		}
	}
	slices.SortStableFunc(list, func(a, b line) int {
		if a.page != b.page {
			return a.page - b.page
		}
		return int(math.Round(a.top - b.top))
	})
	return list, sizes
}

// unspaced leaves the spaces out: around a letter of another font the tools see some.
func unspaced(s string) string { return strings.Join(strings.Fields(s), "") }

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict, d.Entity = false, xml.HTMLEntity
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

// blocks are what NĐ 30/2020/NĐ-CP says of the place and face of, in the order they
// stand in; the sizes in points.
var blocks = []struct {
	name, begins  string
	of            func(x *Template) bool // nil: every document
	least, most   float64
	bold, italic  bool
	right, centre bool // in the right column; in the middle of the page
}{
	{name: "cơ quan chủ quản", begins: "CÔNG AN TỈNH LÂM ĐỒNG", least: 12, most: 13},
	{name: "quốc hiệu", begins: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", least: 12, most: 13, bold: true, right: true},
	{name: "cơ quan ban hành", begins: "TRUNG TÂM AN NINH MẠNG TỈNH", least: 12, most: 13, bold: true},
	{name: "tiêu ngữ", begins: "Độc lập - Tự do - Hạnh phúc", least: 13, most: 14, bold: true, right: true},
	{name: "số, ký hiệu", begins: "Số: 05/", least: 13, most: 13},
	{name: "địa danh, ngày tháng", begins: "Lâm Đồng, ngày 03 tháng 02 năm 2026", least: 13, most: 14, italic: true, right: true},
	{name: "trích yếu công văn", begins: "V/v ", of: letters, least: 12, most: 13},
	{name: "độ khẩn", begins: "KHẨN", of: func(x *Template) bool { return x.Urgency == "KHẨN" }, least: 13, most: 14, bold: true},
	{name: "tên loại", begins: "", of: func(x *Template) bool { return !letters(x) }, least: 13, most: 14, bold: true, centre: true},
	{name: "trích yếu", begins: "", of: func(x *Template) bool { return !letters(x) }, least: 13, most: 14, bold: true, centre: true},
	{name: "kính gửi", begins: "Kính gửi: ", of: func(x *Template) bool { return x.Type != "BB" }, least: 13, most: 14, centre: true},
	{name: "nơi nhận", begins: "Nơi nhận:", least: 12, most: 12, bold: true, italic: true},
	{name: "lưu", begins: "- Lưu: VT", least: 11, most: 11},
	{name: "người ký", begins: "Trần Văn Hiếu", least: 13, most: 14, bold: true, right: true},
}

func letters(x *Template) bool { return x.Kind == "" }

// begins is what the block begins with in a document of the template.
func begins(name, text string, x *Template, d *paper.Document) string {
	switch name {
	case "tên loại":
		return strings.ToUpper(x.Kind)
	case "trích yếu":
		return strings.Join(strings.Fields(d.Abstract)[:3], " ")
	}
	return text
}

// Margins of the decree, in millimetres.
const point = 25.4 / 72

// Of every template the whole way is gone: template, Word file, LibreOffice, PDF. Where
// the main blocks stand and how they look is held against the decree, and against
// what it was before, within what another edition of the tools may move.
func TestTheTemplatesAreLaidOutAsTheDecreeAsks(t *testing.T) {
	if testing.Short() {
		t.Skip("starts LibreOffice")
	}
	b, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]*paper.Document{}
	for i := range b.templates {
		docs[b.templates[i].ID] = b.drawnSample(t, &b.templates[i])
	}
	lines, sizes := rendered(t, docs)
	for i := range b.templates {
		x := &b.templates[i]
		t.Run(x.ID, func(t *testing.T) {
			for _, size := range sizes[x.ID] {
				if size != "595 x 842" && size != "596 x 842" {
					t.Errorf("a page of %s points is no A4", size)
				}
			}
			left, right := margins(lines[x.ID])
			if left < 29.5 || left > 35.5 || right < 14.5 || right > 20.5 {
				t.Errorf("margins of %.1f mm left and %.1f mm right", left, right)
			}
			got := fmt.Sprintf("pages %d\nmargins left %.0f right %.0f\n", len(sizes[x.ID]), left, right)
			for _, block := range blocks {
				if block.of != nil && !block.of(x) {
					continue
				}
				text := begins(block.name, block.begins, x, docs[x.ID])
				n := slices.IndexFunc(lines[x.ID], func(l line) bool { return strings.HasPrefix(l.text, unspaced(text)) })
				if n < 0 {
					t.Errorf("%s: no line that begins with %q", block.name, text)
					continue
				}
				l := lines[x.ID][n]
				if l.size < block.least || l.size > block.most || l.bold != block.bold || l.italic != block.italic {
					t.Errorf("%s: %.1f point, bold %v, italic %v", block.name, l.size, l.bold, l.italic)
				}
				mid := (l.left + l.right) / 2
				if block.right != (mid > 330) && !block.centre {
					t.Errorf("%s stands in the wrong column, around %.0f", block.name, mid)
				}
				if whole := (30/point + 595 - 15/point) / 2; block.centre && math.Abs(mid-whole) > 8 {
					t.Errorf("%s does not stand in the middle: around %.0f, not %.0f", block.name, mid, whole)
				}
				got += fmt.Sprintf("%s: page %d x %.0f y %.0f size %.1f bold %v italic %v\n", block.name, l.page, l.left, l.top, l.size, l.bold, l.italic)
			}
			held(t, filepath.Join("testdata", "layout", x.ID+".txt"), got)
		})
	}
}

// margins are where the widest lines of the text begin and end, in millimetres.
func margins(lines []line) (left, right float64) {
	least, most := 595.0, 0.0
	for _, l := range lines {
		least, most = min(least, l.left), max(most, l.right)
	}
	return least * point, (595 - most) * point
}

// How far a block may stand from where it stood, in points: in the head of the page,
// and below a text in which every line may have moved.
const (
	moved      = 6
	movedBelow = 24
)

// held compares numbers within what they may move, and the rest word by word.
func held(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	if len(w) != len(g) {
		t.Fatalf("%s has other blocks than it had; look at it and run with -update\n%s", path, got)
	}
	for i := range w {
		if !near(strings.Fields(w[i]), strings.Fields(g[i])) {
			t.Errorf("%s\nwant: %s\n got: %s", path, w[i], g[i])
		}
	}
}

func near(want, got []string) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		var a, b float64
		_, noWant := fmt.Sscanf(want[i], "%g", &a)
		_, noGot := fmt.Sscanf(got[i], "%g", &b)
		tolerance := 0.0
		switch {
		case i > 0 && (want[i-1] == "x" || want[i-1] == "y"):
			if tolerance = moved; want[i-1] == "y" && a > 250 {
				tolerance = movedBelow
			}
		case i > 0 && (want[i-1] == "left" || want[i-1] == "right"):
			tolerance = 1
		case i > 0 && want[i-1] == "size":
			tolerance = 0.5
		}
		if noWant != nil || noGot != nil {
			if want[i] != got[i] {
				return false
			}
		} else if math.Abs(a-b) > tolerance {
			return false
		}
	}
	return true
}

func TestABlockThatMovesIsSeen(t *testing.T) {
	was := strings.Fields("quốc hiệu: page 1 x 310 y 56 size 12.0 bold true italic false")
	for text, want := range map[string]bool{
		"quốc hiệu: page 1 x 314 y 51 size 12.5 bold true italic false":  true,
		"quốc hiệu: page 1 x 317 y 56 size 12.0 bold true italic false":  false,
		"quốc hiệu: page 2 x 310 y 56 size 12.0 bold true italic false":  false,
		"quốc hiệu: page 1 x 310 y 56 size 13.0 bold true italic false":  false,
		"quốc hiệu: page 1 x 310 y 56 size 12.0 bold false italic false": false,
	} {
		if near(was, strings.Fields(text)) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
