package paper

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

func report() *Document {
	body, appendices := ParseBody(`Trung tâm An ninh mạng tỉnh báo cáo ban đầu về sự cố **SC-2026-0012** như sau:
# 1. Thông tin chung
- Tên sự cố: Mã hóa dữ liệu máy chủ hồ sơ bệnh án tại Sở Y tế;
- Thời điểm phát hiện: 08 giờ 15 phút, ngày 03 tháng 02 năm 2026.
# 2. Diễn biến
Lúc 08 giờ 15 phút, hệ thống giám sát ghi nhận tiến trình lạ trên máy chủ SRV-HIS-01, tiếp theo là việc xóa các bản sao lưu của hệ điều hành và đổi phần mở rộng của hàng loạt tệp tin; lực lượng tại chỗ đã *ngắt kết nối mạng* của máy chủ và giữ nguyên hiện trường.
## 2.1. Hệ thống bị ảnh hưởng
| TT | Hệ thống thông tin | Cấp độ |
|---|---|---|
| 1 | Hệ thống quản lý hồ sơ bệnh án | 3 |
| 2 | Cổng thông tin điện tử Sở Y tế | 2 |
# 3. Đề nghị
Đề nghị Lực lượng chuyên trách hỗ trợ phân tích mẫu mã độc và cung cấp thông tin về các vụ việc tương tự.
=== Danh sách dấu hiệu nhận biết
| Loại | Giá trị |
|---|---|
| Địa chỉ IP | 203.0.113.66 |
| SHA-256 | e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 |
=== Biên bản giữ hiện trường
Có biên bản riêng.`)
	return &Document{
		Parent: "Công an tỉnh Lâm Đồng", Agency: "Trung tâm An ninh mạng tỉnh", Symbol: "BC-TTANM", Number: 5, Place: "Lâm Đồng",
		Date: time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC), Kind: "Báo cáo", Abstract: "Thông báo ban đầu về sự cố an ninh mạng SC-2026-0012",
		To:    []string{"Lực lượng chuyên trách bảo vệ an ninh mạng, Bộ Công an"},
		Basis: []string{"Căn cứ Luật An ninh mạng số 116/2025/QH15", "Căn cứ Điều 31 Nghị định số 331/2026/NĐ-CP"},
		Body:  body, Appendices: appendices, Signers: []Signer{{[]string{"KT. Giám đốc", "Phó Giám đốc"}, "Trần Văn Hiếu"}},
		Copies: []string{"Như trên", "Ban Giám đốc Công an tỉnh (để báo cáo)"}, Archive: "VT, TTANM", Urgency: "HỎA TỐC",
	}
}

func letter() *Document {
	d := report()
	d.Kind, d.Symbol, d.Number, d.Abstract, d.Urgency = "", "TTANM-GS", 0, "đề nghị phối hợp ứng phó sự cố an ninh mạng tại Sở Y tế", ""
	d.To = []string{"Sở Khoa học và Công nghệ", "Bộ Chỉ huy Quân sự tỉnh", "Ban Tuyên giáo và Dân vận Tỉnh ủy"}
	d.Date, d.Internal, d.Watermark, d.Basis, d.Appendices = time.Time{}, true, "DIỄN TẬP", nil, nil
	return d
}

func minutes() *Document {
	d := report()
	d.Kind, d.Symbol, d.Abstract, d.To, d.Urgency = "Biên bản", "BB-TTANM", "Về việc thu giữ chứng cứ điện tử", nil, ""
	d.Signers = []Signer{{[]string{"Đại diện đơn vị"}, "Lê Thị Hoa"}, {[]string{"Người lập biên bản"}, "Trần Văn Hiếu"}}
	return d
}

var samples = map[string]func() *Document{"report": report, "letter": letter, "minutes": minutes}

func docx(t testing.TB, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteDOCX(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
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
	if string(want) != got {
		t.Errorf("%s is other than it was; look at it and run with -update\n%s", name, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return "want: " + w[i] + "\n got: " + strings.Join(g[min(i, len(g)-1):min(i+1, len(g))], "")
		}
	}
	return "more lines than before"
}

func TestTheWordFileIsAsItWas(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			data := docx(t, sample())
			if !bytes.Equal(data, docx(t, sample())) {
				t.Error("two drawings differ")
			}
			z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			f, err := z.Open("word/document.xml")
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(f)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".document.xml", strings.ReplaceAll(string(text), "<w:p>", "\n<w:p>")+"\n")
		})
	}
}

// pdftotext returns the text of a PDF as it is laid out, and its number of pages.
func pdftotext(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed (apt install poppler-utils)")
	}
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-layout", "-nopgbrk", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("LACHAN_PAPER_OUT"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".pdf"), pdf, 0o600)
	}
	return string(out)
}

func TestThePDFIsAsItWas(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			var one, two bytes.Buffer
			if err := WritePDF(&one, sample()); err != nil {
				t.Fatal(err)
			}
			if err := WritePDF(&two, sample()); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one.Bytes(), two.Bytes()) {
				t.Error("two drawings differ")
			}
			golden(t, name+".pdf.txt", pdftotext(t, one.Bytes()))
		})
	}
}

// The words of what LibreOffice makes of the Word file are compared, not where
// its version breaks the lines.
func TestLibreOfficeReadsTheWordFile(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed (apt install libreoffice-writer-nogui)")
	}
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "x.docx")
			if err := os.WriteFile(in, docx(t, sample()), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "pdf", "--outdir", dir, in)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			pdf, err := os.ReadFile(filepath.Join(dir, "x.pdf"))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".office.txt", strings.Join(strings.Fields(pdftotext(t, pdf)), "\n")+"\n")
		})
	}
}

func TestADocumentOfManyPagesAndLongWordsIsDrawn(t *testing.T) {
	d := report()
	long := strings.Repeat("x", 400)
	row := []Cell{{{Text: strings.Repeat("dài ", 3000)}}, {{Text: long}}}
	d.Body = append(d.Body, Block{Kind: Paragraph, Runs: []Run{{Text: long}, {Text: "\x00\x01 \U0001F600"}}}, Block{Kind: Table, Rows: [][]Cell{row, {}}}, Block{Kind: Table})
	for range 300 {
		d.Body = append(d.Body, Block{Kind: Bullet, Runs: []Run{{Text: "một dòng"}}})
	}
	if err := WritePDF(io.Discard, d); err != nil {
		t.Fatal(err)
	}
	docx(t, d)
}

func TestDatesNumbersAndRomanDigits(t *testing.T) {
	for day, want := range map[string]string{"2026-02-03": "ngày 03 tháng 02 năm 2026", "2026-10-15": "ngày 15 tháng 10 năm 2026", "2026-03-09": "ngày 09 tháng 3 năm 2026"} {
		at, _ := time.Parse(time.DateOnly, day)
		if got := Day(at); got != want {
			t.Errorf("%s: %s", day, got)
		}
	}
	d := Document{Symbol: "BC-TTANM"}
	for n, want := range map[int]string{0: "…/BC-TTANM", 5: "05/BC-TTANM", 12: "12/BC-TTANM", 123: "123/BC-TTANM"} {
		if d.Number = n; d.Code() != want {
			t.Errorf("%d: %s", n, d.Code())
		}
	}
	for kind, c := range map[string][2]string{"BÁO CÁO": {"Kết thúc xử lý sự cố", "Báo cáo kết thúc xử lý sự cố"}, "Biên bản": {"Về việc thu giữ", "Biên bản về việc thu giữ"},
		"Thông báo": {"Sở Y tế bị tấn công", "Thông báo Sở Y tế bị tấn công"}, "Quyết định": {"SC-2026-0012", "Quyết định SC-2026-0012"}, "": {"Về việc", "V/v Về việc"}} {
		if got := (&Document{Kind: kind, Abstract: c[0]}).Title(); got != c[1] {
			t.Errorf("%q", got)
		}
	}
	for n, want := range map[int]string{1: "I", 4: "IV", 9: "IX", 14: "XIV", 40: "XL"} {
		if Roman(n) != want {
			t.Errorf("%d: %s", n, Roman(n))
		}
	}
}
