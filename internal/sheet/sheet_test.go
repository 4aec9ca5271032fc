package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/fault"
)

var words = map[string]Phrase{
	"sheet-missing": {"thiếu trang", "no sheet"}, "column-missing": {"thiếu cột {value}", "no column {value}"}, "column-twice": {"hai lần {value}", "twice {value}"},
	"column-unknown": {"lạ {value}", "unknown {value}"}, "too-many-rows": {"quá {value} dòng", "over {value} rows"}, "too-wide": {"quá {value} cột", "over {value} columns"},
	"too-many-problems": {"quá {value} lỗi", "over {value} problems"},
}

var machines = Wanted{
	Name: Phrase{"Máy", "Machines"}, Must: "host",
	Columns: []Column{{"host", 20, Phrase{"Tên máy", "Machine name"}}, {"address", 20, Phrase{"Địa chỉ", "Address"}}, {"note", 20, Phrase{"Ghi chú", "Note"}}},
}

func reader() *Reader {
	return &Reader{MaxBytes: 1 << 20, MaxUnpacked: 8 << 20, MaxRows: 5, MaxColumns: 6, CSV: true, Code: "x.bad", Large: "x.large", Words: words}
}

// said is what was read: each row as its cells, and each problem.
func said(b *Book) string {
	var lines []string
	for i := range b.Tables {
		for _, r := range b.Tables[i].Rows {
			lines = append(lines, fmt.Sprintf("%d %s|%s|%s", r.Number, r.Text("host"), r.Text("address"), r.Text("note")))
		}
	}
	for _, p := range b.List {
		how := "fail"
		if p.Warning {
			how = "warn"
		}
		lines = append(lines, strings.Join(strings.Fields(how+" "+p.Sheet+" "+p.Cell+" "+p.En), " "))
	}
	return strings.Join(lines, "\n")
}

func TestWhatIsReadOfATable(t *testing.T) {
	titled := machines
	titled.Within = 4
	foreign := titled
	foreign.Foreign = true
	for _, c := range []struct {
		name   string
		wanted Wanted
		text   string
		want   string
	}{
		{"commas", machines, "Machine name,Address\npc1,10.0.0.1\n", "2 pc1|10.0.0.1|"},
		{"semicolons and a byte order mark", machines, "\ufeffTên máy;Địa chỉ\r\npc1;10.0.0.1\r\n", "2 pc1|10.0.0.1|"},
		{"tabs", machines, "Tên máy\tĐịa chỉ\npc1\t10.0.0.1", "2 pc1|10.0.0.1|"},
		{"headings without marks, in capitals, by key", machines, "TEN  MAY,dia chi,NOTE\npc1,a,b", "2 pc1|a|b"},
		{"empty rows and cells", machines, "host,address,note\n,,\n , x ,\n\npc2,,y", "3 |x|\n5 pc2||y"},
		{"a heading below a title", titled, "Danh sách máy\n\nNgày,1/1\nTên máy,Địa chỉ\npc1,a", "5 pc1|a|"},
		{"a heading too far below", titled, "a\nb\nc\nd\nTên máy\npc1", "fail A1 no column Tên máy"},
		{"no such column", machines, "address\nx", "2 |x|\nfail A1 no column Tên máy"},
		{"columns twice and unknown", machines, "host,Màu,Tên máy\npc1,đỏ,pc2", "2 pc1||\nwarn B1 unknown Màu\nfail C1 twice Tên máy"},
		{"an export of another product", foreign, "Machine name,Colour\npc \"1\",đỏ", `2 pc "1"||`},
		{"its headings are not our keys", foreign, "host\npc1", "fail A1 no column Tên máy"},
		{"too many rows", machines, "host\n1\n2\n3\n4\n5\n6\n7", "2 1||\n3 2||\n4 3||\n5 4||\n6 5||\nfail A7 over 5 rows"},
		{"too many columns", machines, "host\n1\n2,,,,,,,", "2 1||\nfail G3 over 6 columns"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := reader().Read([]byte(c.text), c.wanted)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(b); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestWhatIsNoTable(t *testing.T) {
	book, err := Write("vi", Sheet{Name: "Máy", Columns: machines.Columns})
	if err != nil {
		t.Fatal(err)
	}
	only := reader()
	only.CSV = false
	for _, c := range []struct {
		name, text, code string
		by               *Reader
	}{
		{"nothing", "", "x.bad", reader()}, {"zeros", "a\x00b", "x.bad", reader()}, {"another encoding", "M\xe1y\n", "x.bad", reader()}, {"an open quote", "host\n\"pc", "x.bad", reader()},
		{"half a workbook", string(book[:len(book)/2]), "x.bad", reader()}, {"a text where only workbooks are read", "host\n", "x.bad", only},
		{"too many bytes", strings.Repeat("x", 1<<20+1), "x.large", reader()},
	} {
		_, err := c.by.Read([]byte(c.text), machines)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

func TestSheetsOfAWorkbook(t *testing.T) {
	rows := [][]string{{"pc1", "=1+1", "dòng một\ndòng hai"}, {"007", "7.10", "1e5"}}
	people := Wanted{Name: Phrase{"Người", "People"}, Columns: machines.Columns, Must: "host", Optional: true}
	for _, language := range []string{"vi", "en"} {
		sheets := []Sheet{{Name: "Trang bìa", Rows: [][]string{{"x"}}, Width: 20}, {Name: machines.Name.In(language), Columns: machines.Columns, Rows: rows, Choices: map[string][]string{"address": {"a", "b, c"}}}, Help(Phrase{"Hướng dẫn", "Help"}, []Phrase{{"một", "one"}}, language)}
		data, err := Write(language, sheets...)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Write(language, sheets...)
		if err != nil || !bytes.Equal(data, again) {
			t.Errorf("the same rows give other bytes: %v", err)
		}
		b, err := reader().Read(data, machines, people)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := said(b), "2 pc1|=1+1|dòng một\ndòng hai\n3 007|7.10|1e5"; got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", language, got, want)
		}
		if b.Tables[1].Found || !b.Tables[0].Found {
			t.Error("sheets that are there, and those that are not")
		}
		must := people
		must.Optional = false
		if b, err = reader().Read(data, must); err != nil || said(b) != "fail no sheet" {
			t.Errorf("%v %v", b, err)
		}
	}
}

func TestCellsAreTextThatIsNeverComputed(t *testing.T) {
	data, err := Write("vi", Sheet{Name: "Máy", Columns: machines.Columns, Rows: [][]string{{"=HYPERLINK(\"x\")", "+1", "@x"}}, Choices: map[string][]string{"note": {"có", "không"}}})
	if err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i, want := range []string{"=HYPERLINK(\"x\")", "+1", "@x"} {
		cell := CellName(i, 2)
		value, _ := file.GetCellValue("Máy", cell)
		formula, _ := file.GetCellFormula("Máy", cell)
		id, _ := file.GetCellStyle("Máy", cell)
		style, err := file.GetStyle(id)
		if err != nil || value != want || formula != "" || style.NumFmt != asText {
			t.Errorf("%s is %q, formula %q, %v", cell, value, formula, err)
		}
	}
	lists, err := file.GetDataValidations("Máy")
	if err != nil || len(lists) != 1 || !strings.HasPrefix(lists[0].Sqref, "C2:C") || lists[0].Formula1 != `"có,không"` {
		t.Errorf("drop-down lists: %+v, %v", lists, err)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	p := Problems{Words: map[string]Phrase{"x": {"sai {value}", "wrong {value}"}, "too-many-problems": words["too-many-problems"]}}
	p.Warn("Máy", "A1", "x", strings.Repeat("đ", 100))
	if p.Failed() || p.List[0].Vi != "sai "+strings.Repeat("đ", 80)+"…" {
		t.Errorf("%+v", p.List[0])
	}
	for range 2 * MaxProblems {
		p.Warn("Máy", "A1", "x", "")
	}
	if last := p.List[len(p.List)-1]; len(p.List) != MaxProblems+1 || last.En != "over 500 problems" || !p.Failed() {
		t.Errorf("%d, %+v", len(p.List), last)
	}
}

func FuzzRead(f *testing.F) {
	data, err := Write("vi", Sheet{Name: "Máy", Columns: machines.Columns, Rows: [][]string{{"pc1", "x", "y"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("\ufeffTên máy;Địa chỉ\npc1;\"a;b\"\n"))
	f.Add([]byte("title\n\nhost\taddress\npc1\tx"))
	titled := machines
	titled.Within = 3
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, w := range []Wanted{machines, titled, {Columns: machines.Columns, Must: "host", Within: 3, Foreign: true}} {
			b, err := reader().Read(data, w)
			if err != nil {
				continue
			}
			if len(b.List) > MaxProblems+1 || len(b.Tables[0].Rows) > reader().MaxRows {
				t.Fatal("not bounded")
			}
			if slices.ContainsFunc(b.Tables[0].Rows, func(r Row) bool { return r.Text("host")+r.Text("address")+r.Text("note") == "" }) {
				t.Fatal("a row without anything")
			}
			if len(b.Tables[0].Rows) > 0 && !b.Tables[0].Has("host") && !b.Failed() {
				t.Fatal("rows without the column that must be there, and nothing said")
			}
		}
	})
}

func TestDaysAsSpreadsheetsHoldThem(t *testing.T) {
	for cell, want := range map[string]string{"45839": "2025-07-01", "1/7/2025": "2025-07-01", "01-07-2025": "2025-07-01", "2025-07-01": "2025-07-01", "": ""} {
		if got, ok := ReadDay(cell); !ok || got != want {
			t.Errorf("%q is %s, %v", cell, got, ok)
		}
	}
	for _, cell := range []string{"-1", "1e9", "NaN", "31/2/2025", "x"} {
		if got, ok := ReadDay(cell); ok {
			t.Errorf("%q is %s", cell, got)
		}
	}
	if got := DayForPeople("2025-07-01") + DayForPeople(""); got != "01/07/2025" {
		t.Error(got)
	}
}
