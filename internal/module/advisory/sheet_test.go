package advisory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sheet"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func problemsOf(im SheetImport) string {
	var b strings.Builder
	for _, p := range im.Problems {
		how := "lỗi"
		if p.Warning {
			how = "lưu ý"
		}
		fmt.Fprintf(&b, "%s %s %s\n", p.Cell, how, p.Code)
	}
	return b.String()
}

const goodSheet = "\ufeffMã đơn vị;Hãng;Sản phẩm;Phiên bản;Nơi dùng;Số lượng\n" +
	"so-y-te;Example Networks;Gate OS;7.2.4;Tường lửa biên;2\n" +
	";Other;Webmail;;;\n"

func TestASheetIsTriedThenStored(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.imports("firewall.csaf.json")
		trial, err := f.ImportSoftware(officer, []byte(goodSheet), true)
		if err != nil || trial.Stored || trial.New != 2 || problemsOf(trial) != "D3 lưu ý no-version\n" {
			t.Fatalf("the trial: %+v, %v", trial, err)
		}
		f.wants(f.matching(officer, MatchFilter{}))
		done, err := f.ImportSoftware(officer, []byte(goodSheet), false)
		if err != nil || !done.Stored || done.New != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		f.wants(f.matching(officer, MatchFilter{}), "so-y-te Example Networks Gate OS 7.2.4: CVE-2026-10007, chắc chắn (version)")
		again, err := f.ImportSoftware(officer, []byte(strings.Replace(goodSheet, ";2\n", ";3\n", 1)), false)
		if err != nil || again.New != 0 || again.Changed != 1 || again.Unchanged != 1 {
			t.Errorf("again: %+v, %v", again, err)
		}
		// What is exported is what is imported, in either language.
		for _, language := range []string{"vi", "en"} {
			book, err := f.ExportSoftware(officer, "", false, language)
			if err != nil {
				t.Fatal(err)
			}
			back, err := f.ImportSoftware(officer, book, true)
			if err != nil || back.Unchanged != 2 || back.New+back.Changed != 0 {
				t.Errorf("%s: %+v, %v", language, back, err)
			}
		}
		template, err := f.ExportSoftware(officer, "", true, "vi")
		if err != nil {
			t.Fatal(err)
		}
		if empty, err := f.ImportSoftware(officer, template, true); err != nil || len(empty.Problems) != 0 || empty.New != 0 {
			t.Errorf("the template: %+v, %v", empty, err)
		}
		if other, err := f.ExportSoftware(stranger, "so-y-te", false, "vi"); err != nil || len(other) >= len(template)+200 {
			t.Errorf("another's software is exported: %d bytes, %v", len(other), err)
		}
	})
}

func TestEachBadCellIsNamed(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	long := strings.Repeat("x", 400)
	bad := "unit,product,release,count,cpe,màu\n" +
		"so-noi-vu,A,1,1,,\n" + // not his
		",,1,1,,\n" +
		",B,1,0,,\n" +
		",C,1,1.5,,\n" +
		",D,1,1,cpe:nothing,\n" +
		",E,1,1,,\n" +
		",e,1,1,,\n" +
		"," + long + ",1,1,,\n"
	trial, err := f.ImportSoftware(officer, []byte(bad), true)
	if err != nil {
		t.Fatal(err)
	}
	want := "F1 lưu ý column-unknown\nA2 lỗi unit-unknown\nB3 lỗi product\nD4 lỗi count\nD5 lỗi count\nE6 lỗi cpe\nB8 lỗi twice\nB9 lỗi product\n"
	if got := problemsOf(trial); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for _, p := range trial.Problems {
		if p.Vi == "" || p.En == "" || strings.Contains(p.Vi+p.En, "{value}") {
			t.Errorf("no words for %+v", p)
		}
	}
	if _, err := f.ImportSoftware(officer, []byte(bad), false); code(err) != "advisory.sheet-problems" {
		t.Errorf("stored all the same: %v", err)
	}
	if list, n, err := f.Software(officer, SoftwareFilter{}); err != nil || n != 0 || len(list) != 0 {
		t.Errorf("%v %d %v", list, n, err)
	}
	for text, want := range map[string]string{"": "advisory.bad-sheet", "PK\x03\x04 broken": "advisory.bad-sheet", "a\x00b": "advisory.bad-sheet", "\xff\xfe": "advisory.bad-sheet", strings.Repeat("x", maxSheetBytes+1): "advisory.sheet-too-large"} {
		if _, err := f.ImportSoftware(officer, []byte(text), true); code(err) != want {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
	if none, err := f.ImportSoftware(officer, []byte("unit,vendor\n"), true); err != nil || problemsOf(none) != "A1 lỗi column-missing\n" {
		t.Errorf("%+v, %v", none, err)
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add([]byte(goodSheet))
	book, err := writeSheet([][]string{{"so-y-te", "V", "P", "1", "", "", "1", ""}}, "vi")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(book)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readSheet(data)
		if err == nil && len(s.List) > sheet.MaxProblems+1 {
			t.Fatal("the list of problems is not bounded")
		}
	})
}
