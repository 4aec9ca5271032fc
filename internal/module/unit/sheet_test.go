package unit

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// workbookOf makes a workbook of sheets as somebody types them: the rows of a
// sheet are lines, their cells between bars.
func workbookOf(t testing.TB, sheets ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, text := range sheets {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		name := strings.TrimSpace(lines[0])
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, line := range lines[1:] {
			for j, cell := range strings.Split(line, "|") {
				if err := f.SetCellStr(name, sheet.CellName(j, i+1), strings.TrimSpace(cell)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return bytesOf(t, f)
}

func bytesOf(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (f *fixture) try(data []byte) Imported {
	f.t.Helper()
	im, err := f.Import(admin, data, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return im
}

func (f *fixture) commit(data []byte) Imported {
	f.t.Helper()
	im := f.try(data)
	im, err := f.Import(admin, data, &Confirmation{im.SHA256, im.Tree})
	if err != nil {
		f.t.Fatalf("%v; problems %v", err, im.Problems)
	}
	return im
}

func summary(im Imported) string {
	var lines []string
	for _, r := range im.Rows {
		line := fmt.Sprintf("%s %s", r.What, r.ID)
		if r.What == OutcomeChanged {
			for _, c := range r.Changes {
				line += fmt.Sprintf(" %s=%q", c.Field, c.To)
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func problemsOf(im Imported) string {
	var lines []string
	for _, p := range im.Problems {
		line := p.Cell + " " + p.Code
		if p.Warning {
			line += " (warning)"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const someUnits = `
Đơn vị
Mã đơn vị | Tên đơn vị | Loại đơn vị | Thuộc đơn vị | Mã tỉnh | Hiệu lực từ | Điện thoại trực 24/7 | Người đứng đầu | Thư điện tử người đứng đầu
tinh-ld | Tỉnh Lâm Đồng | | | 68 | 01/07/2025 | | |
 | Sở Y tế | Sở, ban, ngành | tinh-ld | Lâm Đồng | 2025-07-01 | 0263 3822 777 | Trần Thị B | giamdoc@syt.example
 | Phường Xuân Hương | | Tỉnh Lâm Đồng | 68 | | +84 263 3821 111 | |
bv-tinh | Bệnh viện đa khoa tỉnh | Cơ sở y tế | Sở Y tế | | | | |
`

const somePeople = `
Đầu mối
Mã đơn vị | Họ và tên | Chức vụ | Điện thoại | Thư điện tử
so-y-te | Nguyễn Văn A | Chuyên viên | 0912 345 678 | a@syt.example
Phường Xuân Hương | Lê C | | |
`

func TestAWorkbookIsTriedThenStored(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		data := workbookOf(t, someUnits, somePeople)
		im := f.try(data)
		if got := problemsOf(im); got != "" {
			t.Fatalf("problems %s", got)
		}
		if got, want := summary(im), "new bv-tinh\nnew phuong-xuan-huong\nnew so-y-te\nnew tinh-ld"; got != want {
			t.Errorf("trial:\n%s\nwant:\n%s", got, want)
		}
		if f.Exists("so-y-te") {
			t.Fatal("a trial stored something")
		}
		f.commit(data)
		wantIDs(t, "below the province", f.Below("tinh-ld"), "bv-tinh", "phuong-xuan-huong", "so-y-te")
		u := f.get("so-y-te")
		if u.Kind != KindDepartment || u.Province != "68" || u.ValidFrom != "2025-07-01" || u.Contacts.Head.Mail != "giamdoc@syt.example" ||
			len(u.Contacts.FocalPoints) != 1 || u.Contacts.FocalPoints[0].Phone != "0912 345 678" {
			t.Errorf("stored %+v", u)
		}
		if k := f.get("phuong-xuan-huong").Kind; k != "ward" {
			t.Errorf("the type of a ward is %s", k)
		}
		if got, want := summary(f.try(data)), "unchanged bv-tinh\nunchanged phuong-xuan-huong\nunchanged so-y-te\nunchanged tinh-ld"; got != want {
			t.Errorf("the same once more:\n%s", got)
		}
		records := must[[]module.Record](t)(f.trail.Find(admin, module.RecordFilter{}, false, 1))
		if r := records[0]; r.Action != "unit.import" || r.Detail["new"] != "4" || r.Object != "workbook:"+im.SHA256 {
			t.Errorf("audited %+v", r)
		}
	})
}

func TestAnExportComesBackUnchanged(t *testing.T) {
	for _, lang := range []Language{"vi", "en"} {
		t.Run(string(lang), func(t *testing.T) {
			f := newFixture(t, sqldbtest.SQLite(t))
			f.commit(workbookOf(t, someUnits, somePeople))
			f.plant("cu-1", "cu-2")
			must[string](t)(f.mergeInto("2026-11-01", "so-y-te", "cu-1"))
			must[string](t)(f.mergeInto("2027-01-01", "so-y-te", "cu-2"))
			if _, err := f.SetContacts(admin, "bv-tinh", 1, "số 1, “Hùng Vương”", Contacts{DutyPhone: "0263 3821 115", DutyMail: "truc@bv.example",
				Head: Person{"Lê D", "Giám đốc", "0912345678", "d@bv.example"}, FocalPoints: []Person{{Name: "E"}, {"G", "Trưởng phòng", "115", "g@bv.example"}}}); err != nil {
				t.Fatal(err)
			}
			data, err := f.Export(admin, Filter{}, lang)
			if err != nil {
				t.Fatal(err)
			}
			if again := must[[]byte](t)(f.Export(admin, Filter{}, lang)); !bytes.Equal(again, data) {
				t.Error("the same units give other bytes")
			}
			im := f.try(data)
			if got := problemsOf(im); got != "" {
				t.Errorf("problems:\n%s", got)
			}
			for _, r := range im.Rows {
				if r.What != OutcomeUnchanged {
					t.Errorf("%s is %s: %v", r.ID, r.What, r.Changes)
				}
			}
			if len(im.Rows) != 7 {
				t.Errorf("%d rows, want 7", len(im.Rows))
			}
		})
	}
}

func TestTheTemplateHasWordsAndNoUnits(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for lang, first := range map[Language]string{"vi": "Đơn vị", "en": "Units"} {
		data := must[[]byte](t)(f.Template(admin, lang))
		book, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if list := book.GetSheetList(); len(list) != 5 || list[0] != first {
			t.Errorf("sheets %v", list)
		}
		rows, err := book.GetRows(sheetWords().Sheets["help"].In(string(lang)))
		if err != nil || len(rows) != len(sheetWords().Help)+1 {
			t.Errorf("instructions: %d rows, %v", len(rows), err)
		}
		book.Close()
		if im := f.try(data); len(im.Rows) != 0 || len(im.Problems) != 0 {
			t.Errorf("an empty template gives %+v", im)
		}
	}
}

func TestEachProblemNamesItsCell(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("so-cu", "trung-ten-1", "trung-ten-2", "het")
	must[string](t)(f.mergeInto("2026-11-01", "so-cu", "het"))
	name := "Trùng tên"
	for _, id := range []event.UnitID{"trung-ten-1", "trung-ten-2"} {
		if _, err := f.Update(admin, id, Change{Version: 1, Name: &name}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, sheet, want string }{
		{"no name", "Đơn vị\nMã đơn vị|Tên đơn vị\na|", "B2 name-missing"},
		{"no sheet", "Danh sách\nTên đơn vị\nA", " sheet-missing"},
		{"no column of names", "Units\nUnit id\na", "A1 column-missing\nA2 bad-name"},
		{"a column twice", "Units\nName|Name\nA|B", "B1 column-twice"},
		{"a column nobody knows", "Units\nName|Màu\nA|đỏ", "B1 column-unknown (warning)"},
		{"an id with marks", "Units\nUnit id|Name\nSở A|A", "A2 bad-id"},
		{"an id twice", "Units\nUnit id|Name\na|A\na|B", "A3 id-twice"},
		{"a name that is a formula", "Units\nUnit id|Name\na|=1+1", "B2 bad-name"},
		{"a type nobody knows", "Units\nName|Type\nA|Vương quốc", "B2 bad-kind"},
		{"a second centre", "Units\nName|Type\nA|centre", "B2 centre-fixed"},
		{"a parent nobody knows", "Units\nName|Parent\nA|Bộ X", "B2 parent-unknown"},
		{"a parent of a name two have", "Units\nName|Parent\nA|Trùng tên", "B2 parent-ambiguous"},
		{"a parent that has ended", "Units\nName|Parent\nA|het", "B2 parent-ended"},
		{"a circle", "Units\nUnit id|Name|Parent\na|A|b\nb|B|a", "C2 circle\nC3 circle"},
		{"the centre under another", "Units\nUnit id|Name|Parent\ntrung-tam|T|so-cu", "C2 centre-fixed"},
		{"a province nobody knows", "Units\nName|Province code\nA|Atlantis", "B2 bad-province"},
		{"a code", "Units\nName|Administrative code\nA|x y", "B2 bad-code"},
		{"a date", "Units\nName|Valid from\nA|hôm qua", "B2 bad-date"},
		{"dates upside down", "Units\nName|Valid from|Valid to\nA|01/07/2025|01/06/2024", "C2 date-order"},
		{"a telephone", "Units\nName|Duty phone (24/7)|Phone of the head\nA|gọi tôi|\nB||số 5", "B2 bad-phone\nC3 bad-phone"},
		{"a mail", "Units\nName|Duty mail|Mail of the head\nA|a at b|\nB||b", "B2 bad-mail\nC3 bad-mail"},
		{"a long note", "Units\nName|Note\nA|" + strings.Repeat("x", 1001), "B2 too-long"},
		{"a telephone without its zero", "Units\nName|Duty phone (24/7)\nA|912345678", "B2 phone-zero (warning)"},
		{"the end of a unit that exists", "Units\nUnit id|Name|Valid to\nso-cu|Đơn vị so-cu|01/01/2027", "C2 end-ignored (warning)"},
		{"a successor nobody knows", "Units\nName|Valid to|Successors\nA|01/01/2025|không có", "C2 successor-unknown"},
		{"a successor without an end", "Units\nName|Valid to|Successors\nA||so-cu", "C2 successor-unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			im := f.try(workbookOf(t, c.sheet))
			if got := problemsOf(im); got != c.want {
				t.Errorf("problems:\n%s\nwant:\n%s", got, c.want)
			}
			for _, p := range im.Problems {
				if p.Vi == "" || p.En == "" || p.Vi == p.En || strings.Contains(p.Vi+p.En, "{") {
					t.Errorf("words of %s: %q, %q", p.Code, p.Vi, p.En)
				}
			}
		})
	}
	for _, c := range []struct{ name, people, want string }{
		{"of no unit", "Focal points\nUnit id|Name\nkhong-co|A", "A2 person-without-unit"},
		{"without a name", "Focal points\nUnit id|Name|Phone\nso-cu||0912 345 678", "B2 person-without-name"},
		{"with a bad phone", "Focal points\nUnit id|Name|Phone|Mail\nso-cu|A|x|\nso-cu|B||x", "C2 bad-phone\nD3 bad-mail"},
		{"too many", "Focal points\nUnit id|Name" + strings.Repeat("\nso-cu|A", 22), "A22 too-many-people"},
		{"no column of units", "Focal points\nName\nA", "A1 column-missing"},
	} {
		t.Run("a focal point "+c.name, func(t *testing.T) {
			if got := problemsOf(f.try(workbookOf(t, "Units\nName", c.people))); got != c.want {
				t.Errorf("problems:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestAnImportIsOfWhatWasChecked(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	data := workbookOf(t, someUnits)
	im := f.try(data)
	_, err := f.Import(admin, workbookOf(t, someUnits, somePeople), &Confirmation{im.SHA256, im.Tree})
	wantCode(t, err, "unit.import-changed")
	f.plant("moi")
	_, err = f.Import(admin, data, &Confirmation{im.SHA256, im.Tree})
	wantCode(t, err, "unit.import-changed")
	bad := workbookOf(t, "Units\nName|Type\nSở A|\nSở B|Vương quốc")
	im = f.try(bad)
	_, err = f.Import(admin, bad, &Confirmation{im.SHA256, im.Tree})
	wantCode(t, err, "unit.import-problems")
	if f.Exists("so-a") || f.Exists("so-y-te") {
		t.Error("something of a refused import was stored")
	}
}

func TestWhatAColumnLeavesOutStays(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.commit(workbookOf(t, someUnits, somePeople))
	im := f.commit(workbookOf(t, "Units\nUnit id|Name|Duty phone (24/7)\nso-y-te|Sở Y tế tỉnh|"))
	if got, want := summary(im), `changed so-y-te name="Sở Y tế tỉnh" dutyPhone=""`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	u := f.get("so-y-te")
	if u.Contacts.Head.Name != "Trần Thị B" || len(u.Contacts.FocalPoints) != 1 || u.Parent != "tinh-ld" || u.ValidFrom == "" {
		t.Errorf("what the file does not speak of has changed: %+v", u)
	}
}

func TestHistoricUnitsComeWithTheirSuccessors(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.commit(workbookOf(t, "Units\nUnit id|Name|Valid to|Successors\nso-tttt|Sở Thông tin và Truyền thông|28/02/2025|so-khcn\nso-khcn|Sở Khoa học và Công nghệ||"))
	wantIDs(t, "below the successor", f.Below("so-khcn"), "so-tttt")
	if f.Active("so-tttt") || f.Current("so-tttt") != "so-khcn" {
		t.Error("the old department has ended")
	}
}

func TestNothingInAnExportIsAFormula(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("so-a")
	evil := `=HYPERLINK("http://example.com","x")`
	if _, err := f.Update(admin, "so-a", Change{Version: 1, Note: &evil, ShortName: &evil}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(must[[]byte](t)(f.Export(admin, Filter{}, "vi"))))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	found := 0
	for _, name := range book.GetSheetList() {
		rows := must[[][]string](t)(book.GetRows(name))
		for i, row := range rows {
			for j, value := range row {
				cell := sheet.CellName(j, i+1)
				formula := must[string](t)(book.GetCellFormula(name, cell))
				kind := must[excelize.CellType](t)(book.GetCellType(name, cell))
				style := must[*excelize.Style](t)(book.GetStyle(must[int](t)(book.GetCellStyle(name, cell))))
				if formula != "" || value != "" && kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString || style.NumFmt != 49 {
					t.Fatalf("%s %s: formula %q, type %d, format %d", name, cell, formula, kind, style.NumFmt)
				}
				if value == evil {
					found++
				}
			}
		}
	}
	if found != 2 {
		t.Errorf("the text was found %d times, want 2, as it was written", found)
	}
}

func TestAWorkbookThatUnpacksToTooMuchIsRefused(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeros{}, 30<<20); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"a bomb": b.Bytes(), "a text": []byte("id,name\na,A\n"), "nothing": nil, "the old format": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "half a workbook": workbookOf(t, someUnits)[:2000],
	} {
		_, err := f.Import(admin, data, nil)
		if codeOf(err) != "unit.bad-workbook" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := f.Import(admin, make([]byte, maxSheetBytes+1), nil)
	wantCode(t, err, "unit.workbook-too-large")
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestCellsAsSpreadsheetsHoldThem(t *testing.T) {
	for text, want := range map[string]string{"912345678": "0912345678", "0912345678": "0912345678", "113": "113", "1900123456": "1900123456", "8.4912345678E+10": "84912345678", "2633822777": "02633822777"} {
		if got, _ := phoneOfCell(text); got != want {
			t.Errorf("telephone %q = %q, want %q", text, got, want)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(workbookOf(f, someUnits, somePeople))
	data, err := writeBook([]Unit{{ID: "a", Name: "A", Kind: "ward"}}, "en")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readSheets(data)
		if err != nil {
			return
		}
		centre := Centre()
		d := &draft{old: newTree([]Unit{centre}, 1, "2026-11-22"), changed: map[event.UnitID]*Unit{}}
		s.draw(d)
		if err := d.tree(2).check(); err != nil && !s.Failed() {
			t.Errorf("no problem is told, but the tree is bad: %v", err)
		}
	})
}

// FuzzCells reads cells without the workbook around them, which the fuzzer would
// seldom get right.
func FuzzCells(f *testing.F) {
	f.Add("a|Sở A|department|b|01|01/07/2025||\nb|Sở B|||||0912345678|x@y.z")
	f.Add("trung-tam|Trung tâm|centre||||\n|Xã A||Sở B||45839|01/01/2027|a,b")
	f.Fuzz(func(t *testing.T, text string) {
		keys := []string{"id", "name", "kind", "parent", "province", "validFrom", "validTo", "successors", "dutyPhone", "dutyMail", "code", "note"}
		s := &sheets{&sheet.Problems{Words: sheetWords().Problems}, sheet.NewTable("Units", keys...), &sheet.Table{}}
		for i, line := range strings.Split(text, "\n") {
			s.units.Add(i+2, strings.Split(line, "|"))
		}
		d := &draft{old: newTree([]Unit{Centre()}, 1, "2026-11-22"), changed: map[event.UnitID]*Unit{}}
		s.draw(d)
		if err := d.tree(2).check(); err != nil && !s.Failed() {
			t.Errorf("no problem is told, but the tree is bad: %v", err)
		}
	})
}
