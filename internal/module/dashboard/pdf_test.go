package dashboard

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func wholeBoard() Board {
	b := Board{Name: Words{"Mọi số liệu", "Every figure"}, Range: "30d", Visibility: Private}
	for _, w := range allKinds() {
		if w.Kind != "exclusions-expiring" {
			b.Widgets = append(b.Widgets, w)
		}
	}
	b.Widgets = b.Widgets[:min(len(b.Widgets), maxWidgets)]
	return b
}

// textOf reads a PDF as a person would select it; "" where the tool is not there.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("the text is not checked: pdftotext is not installed")
		return ""
	}
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestAReportHasEveryFigureAndItsTable(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.broken = errors.New("secret of the database")
	b, err := f.Create(centre, wholeBoard())
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string][]string{
		"vi": {"Mọi số liệu", "Kỳ báo cáo: 23/10/2026 00:00 – 22/11/2026 12:00", "bởi LAN", "Tóm tắt bằng lời", "1.234.567 sự kiện", "Sở Y tế", "Phụ lục: bảng số liệu", "Nghiêm trọng", "Không tính được số liệu này", "Trang 1/"},
		"en": {"Every figure", "Period: 23/10/2026 00:00", "by LAN", "1,234,567 events", "Appendix: data tables", "Critical", "This figure could not be made", "Page 1/"},
	} {
		if language == "en" {
			want[0] = "Mọi số liệu" // a saved board has one name
		}
		pdf, name, err := f.Report(centre, ReportRequest{Board: b.ID, Language: language})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(pdf, []byte("%PDF-1.")) || !bytes.Contains(pdf, []byte("/ToUnicode")) || name != "moi-so-lieu-20261122-1200.pdf" {
			t.Errorf("%s: %d bytes begin %q", name, len(pdf), pdf[:8])
		}
		if len(pdf) > 400<<10 {
			t.Errorf("%s: %d bytes: the fonts are not cut to what is used", language, len(pdf))
		}
		if pages := len(regexp.MustCompile(`/Type /Page\b`).FindAll(pdf, -1)); pages < 3 || pages > 12 {
			t.Errorf("%s: %d pages", language, pages)
		}
		if keep := os.Getenv("LACHAN_KEEP_PDF"); keep != "" {
			if err := os.WriteFile(filepath.Join(keep, "report-"+language+".pdf"), pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text := textOf(t, pdf)
		if text == "" {
			continue
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q cannot be selected in\n%s", language, w, text)
			}
		}
		if strings.Contains(text, "secret") {
			t.Error("the report tells why a figure failed")
		}
	}
}

func TestReportsAreNotedAndScoped(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	if _, _, err := f.Report(clinic, ReportRequest{Board: "unit", Unit: "so-y-te", Language: "vi"}); code(err) != "unit.unknown" {
		t.Errorf("the clinic reports of the department: %v", err)
	}
	if _, _, err := f.Report(clinic, ReportRequest{Board: "no-such", Language: "vi"}); code(err) != "dashboard.unknown" {
		t.Errorf("%v", err)
	}
	if _, _, err := f.Report(health, ReportRequest{Board: "unit", Unit: "phong-kham", Language: "vi"}); err != nil {
		t.Fatal(err)
	}
	records, err := f.Trail.Find(as(module.RoleAdministrator, event.CentreUnit, "root"), module.RecordFilter{}, false, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 1 || records[0].Action != "dashboard.export" || records[0].Object != "dashboard:unit" || records[0].Actor != "minh" ||
		records[0].Detail["unit"] != "phong-kham" || len(records[0].Detail["sha256"]) != 64 {
		t.Errorf("the trail: %+v; want the one report that was made", records)
	}
}

func TestPlacesKeepWidgetsOnOnePage(t *testing.T) {
	var list []Widget
	for i := range 20 {
		list = append(list, Widget{W: 3 + i%4*3, H: 1 + i%maxRows})
	}
	taken := map[[3]int]bool{}
	for i, x := range places(list) {
		if x.row+x.h > rowsOnPage || x.col+x.w > columns {
			t.Errorf("widget %d at %+v leaves its page", i, x)
		}
		for r := x.row; r < x.row+x.h; r++ {
			for c := x.col; c < x.col+x.w; c++ {
				if taken[[3]int{x.page, r, c}] {
					t.Fatalf("widget %d at %+v lies on another", i, x)
				}
				taken[[3]int{x.page, r, c}] = true
			}
		}
	}
}

// What clean lets through must be in both fonts, else paper shows empty boxes.
func TestTheFontsHaveWhatIsLetThrough(t *testing.T) {
	for name, data := range map[string][]byte{"regular": fontRegular, "bold": fontBold} {
		font, err := sfnt.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var b sfnt.Buffer
		for r := rune(0x20); r < 0x3000; r++ {
			if clean(string(r)) != string(r) {
				continue
			}
			if i, err := font.GlyphIndex(&b, r); err != nil || i == 0 {
				t.Errorf("%s: %q (%U) is missing", name, r, r)
			}
		}
	}
	if got := clean("Tấn công\n\x00\u200b日🙂 e\u0301"); got != "Tấn công \ufffd\ufffd\ufffd é" {
		t.Errorf("%q", got)
	}
}

// A log line can be anything, and so can a title a person writes.
func FuzzReportText(f *testing.F) {
	f.Add("Sở Y tế", "powershell -enc …")
	f.Add("\x00\xff\u202e日本🙂", strings.Repeat("ă", 5000))
	f.Fuzz(func(t *testing.T, title, entity string) {
		r := Report{Language: "vi", Unit: entity, By: title, Board: Board{Name: Words{title, title}, Widgets: []Widget{{ID: "a", Kind: "top-entities", W: 6, H: 2, Title: title}}}}
		p, err := periodOf("now-7d", "now", noon)
		if err != nil {
			t.Fatal(err)
		}
		fig := &Figure{Measure: Count, Value: number(1), Note: Words{entity, entity}, Columns: []FigureColumn{{"e", Words{title, title}, Text}, colAlerts, colLevel}}
		fig.Rows = []FigureRow{{[]FigureCell{text(entity), num(3), {Text: title}}, ""}}
		r.Answer = &Answer{Period: p, Figures: []Made{{ID: "a", Kind: "top-entities", Figure: fig}}}
		var out bytes.Buffer
		if err := r.WritePDF(&out); err != nil || out.Len() == 0 {
			t.Fatal(err)
		}
	})
}
