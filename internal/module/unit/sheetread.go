package unit

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Limits of an uploaded workbook. Unpacked it may not be much larger than the
// largest register, so a small file that unpacks to gigabytes is refused early.
const (
	maxSheetBytes    = 8 << 20
	maxSheetUnpacked = 48 << 20
	maxSheetRows     = 20_000
	maxSheetColumns  = 64
	maxProblems      = 500
)

// sheetRow is one row of a sheet: the cells by the key of their column.
type sheetRow struct {
	number int
	cells  map[string]string
}

// sheetRows is one sheet as read.
type sheetRows struct {
	name    string
	columns map[string]int // key -> index of the column
	rows    []sheetRow
}

func (s *sheetRows) cell(key string, row int) string { return cellName(s.columns[key], row) }

func (s *sheetRows) has(key string) bool { _, ok := s.columns[key]; return ok }

// sheets is a workbook as read.
type sheets struct {
	units    sheetRows
	people   sheetRows // without columns if the workbook has no such sheet
	problems []Problem
}

func (s *sheets) problem(p Problem) {
	switch {
	case len(s.problems) < maxProblems:
		s.problems = append(s.problems, p)
	case len(s.problems) == maxProblems:
		s.problems = append(s.problems, newProblem("", "", "too-many-problems", strconv.Itoa(maxProblems)))
	}
}

func (s *sheets) failed() bool {
	for _, p := range s.problems {
		if !p.Warning {
			return true
		}
	}
	return false
}

func unreadable(why string) error {
	return fault.New(fault.Invalid, "this is not an XLSX workbook that can be read: %s", why).WithCode("unit.bad-workbook")
}

// readSheets reads a workbook. What is wrong in it becomes problems; an error is
// for what is no workbook. Errors: Invalid, TooLarge.
func readSheets(data []byte) (_ *sheets, err error) {
	if len(data) > maxSheetBytes {
		return nil, fault.New(fault.TooLarge, "a workbook of at most %d MB", maxSheetBytes>>20).WithCode("unit.workbook-too-large")
	}
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return nil, unreadable("it does not begin like one; save it as .xlsx")
	}
	// The library reads a format of some thousand pages; a file that makes it fail
	// must not end the server.
	defer func() {
		if r := recover(); r != nil {
			err = unreadable("it is damaged")
		}
	}()
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxSheetUnpacked, UnzipXMLSizeLimit: maxSheetUnpacked,
	})
	if err != nil {
		return nil, unreadable(module.Text(err.Error(), 200))
	}
	defer func() { _ = file.Close() }() // it is in memory
	w, s := sheetWords(), &sheets{}
	for _, name := range file.GetSheetList() {
		switch {
		case w.Sheets["units"].is(name) && s.units.name == "":
			err = s.read(file, name, w.Units, &s.units)
		case w.Sheets["people"].is(name) && s.people.name == "":
			err = s.read(file, name, w.People, &s.people)
		}
		if err != nil {
			return nil, unreadable(module.Text(err.Error(), 200))
		}
	}
	if s.units.name == "" {
		s.problem(newProblem("", "", "sheet-missing", ""))
	} else if !s.units.has("name") {
		s.problem(newProblem(s.units.name, "A1", "column-missing", w.Units[1].Vi))
	}
	if s.people.name != "" && !s.people.has("id") {
		s.problem(newProblem(s.people.name, "A1", "column-missing", w.People[0].Vi))
		s.people.rows = nil
	}
	return s, nil
}

func (s *sheets) read(file *excelize.File, name string, columns []column, into *sheetRows) error {
	into.name, into.columns = name, map[string]int{}
	rows, err := file.Rows(name)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	keys := map[int]string{}
	for number := 1; rows.Next(); number++ {
		if number > maxSheetRows {
			s.problem(newProblem(name, cellName(0, number), "too-many-rows", strconv.Itoa(maxSheetRows)))
			return nil
		}
		cells, err := rows.Columns()
		if err != nil {
			return err
		}
		if len(cells) > maxSheetColumns {
			s.problem(newProblem(name, cellName(maxSheetColumns, number), "too-wide", strconv.Itoa(maxSheetColumns)))
			return nil
		}
		if number == 1 {
			s.header(into, columns, cells, keys)
			continue
		}
		row := sheetRow{number: number, cells: map[string]string{}}
		for i, text := range cells {
			if key := keys[i]; key != "" {
				if text = strings.TrimSpace(text); text != "" {
					row.cells[key] = text
				}
			}
		}
		if len(row.cells) > 0 {
			into.rows = append(into.rows, row)
		}
	}
	return rows.Error()
}

func (s *sheets) header(into *sheetRows, columns []column, cells []string, keys map[int]string) {
	for i, text := range cells {
		if text = module.OneLine(text); text == "" {
			continue
		}
		key := ""
		for _, c := range columns {
			if c.is(text) || text == c.Key {
				key = c.Key
				break
			}
		}
		switch {
		case key == "":
			p := newProblem(into.name, cellName(i, 1), "column-unknown", text)
			p.Warning = true
			s.problem(p)
		case into.has(key):
			s.problem(newProblem(into.name, cellName(i, 1), "column-twice", text))
		default:
			into.columns[key], keys[i] = i, key
		}
	}
}

// dateOfCell reads a day as a spreadsheet holds it: its serial number, dd/mm/yyyy
// or yyyy-mm-dd.
func dateOfCell(text string) (module.Date, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		const first, last = 1, 110_000 // 1900 to 2201
		if !(n >= first && n <= last) {
			return "", false
		}
		t, err := excelize.ExcelDateToTime(n, false)
		return module.Date(t.Format(time.DateOnly)), err == nil
	}
	for _, layout := range []string{"2/1/2006", "2-1-2006", "2.1.2006", time.DateOnly, "2006-01-02T15:04:05Z"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1900 && t.Year() <= 2200 {
			return module.Date(t.Format(time.DateOnly)), true
		}
	}
	return "", text == ""
}

// phoneOfCell mends what a spreadsheet does to telephone numbers: the leading zero
// goes, and large numbers become powers of ten. mended: people should look at it.
func phoneOfCell(text string) (phone string, mended bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 && n < 1e15 && strings.ContainsAny(text, "eE.") {
		text = strconv.FormatFloat(n, 'f', 0, 64)
	}
	if (len(text) == 9 || len(text) == 10) && text[0] >= '1' && text[0] <= '9' && strings.Trim(text, "0123456789") == "" && !strings.HasPrefix(text, "1") {
		return "0" + text, true
	}
	return text, false
}
