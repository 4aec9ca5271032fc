package advisory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Bounds of a sheet.
const (
	maxSheetBytes    = 8 << 20
	maxSheetUnpacked = 48 << 20
	maxSheetRows     = 20_001
	maxSheetColumns  = 64
	maxSheetProblems = 500
)

// Problem is something wrong in a cell.
type Problem struct {
	Cell    string // B12; "" for the whole sheet
	Warning bool   // does not keep the rest from being stored
	Code    string
	Vi, En  string
}

// sheet is what was read of a file.
type sheet struct {
	columns  map[string]int // key -> index
	rows     []sheetRow
	problems []Problem
}

type sheetRow struct {
	number int
	cells  map[string]string
}

const maxProblemValue = 80 // letters of a cell that are repeated

func (s *sheet) problem(cell, code, value string, warning bool) {
	if len(s.problems) > maxSheetProblems {
		return
	}
	if len(s.problems) == maxSheetProblems {
		cell, code, value, warning = "", "too-many-problems", strconv.Itoa(maxSheetProblems), false
	}
	if letters := []rune(value); len(letters) > maxProblemValue {
		value = string(letters[:maxProblemValue]) + "…"
	}
	w := sheetWords().Problems[code]
	fill := strings.NewReplacer("{value}", value)
	s.problems = append(s.problems, Problem{Cell: cell, Warning: warning, Code: code, Vi: fill.Replace(w.Vi), En: fill.Replace(w.En)})
}

func (s *sheet) failed() bool {
	for _, p := range s.problems {
		if !p.Warning {
			return true
		}
	}
	return false
}

// cell names a cell as a spreadsheet does.
func (s *sheet) cell(key string, row int) string {
	i, ok := s.columns[key]
	if !ok {
		i = s.columns["product"]
	}
	return cellName(i, row)
}

func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		return strconv.Itoa(row)
	}
	return name
}

func unreadable(why string) error {
	return fault.New(fault.Invalid, "neither an XLSX workbook nor a CSV file that can be read: %s", why).WithCode("advisory.bad-sheet")
}

// readSheet reads an XLSX workbook or a CSV file. What is wrong in it becomes
// problems; an error is for what is neither. Errors: Invalid, TooLarge.
func readSheet(data []byte) (_ *sheet, err error) {
	if len(data) > maxSheetBytes {
		return nil, fault.New(fault.TooLarge, "a file of at most %d MB", maxSheetBytes>>20).WithCode("advisory.sheet-too-large")
	}
	s := &sheet{columns: map[string]int{}}
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return s, s.readCSV(data)
	}
	// The library reads a format of some thousand pages; a file that makes it fail
	// must not end the server.
	defer func() {
		if r := recover(); r != nil {
			err = unreadable("it is damaged")
		}
	}()
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxSheetUnpacked, UnzipXMLSizeLimit: maxSheetUnpacked})
	if err != nil {
		return nil, unreadable(module.Text(err.Error(), 200))
	}
	defer func() { _ = file.Close() }() // it is in memory
	for _, name := range file.GetSheetList() {
		if !sheetWords().Sheet.is(name) {
			continue
		}
		rows, err := file.Rows(name)
		if err != nil {
			return nil, unreadable(module.Text(err.Error(), 200))
		}
		defer func() { _ = rows.Close() }()
		take := s.taker()
		for rows.Next() {
			cells, err := rows.Columns()
			if err != nil {
				return nil, unreadable(module.Text(err.Error(), 200))
			}
			if !take(cells) {
				break
			}
		}
		if err := rows.Error(); err != nil {
			return nil, unreadable(module.Text(err.Error(), 200))
		}
		return s, nil
	}
	s.problem("", "sheet-missing", "", false)
	return s, nil
}

func (s *sheet) readCSV(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return unreadable("its text is not in UTF-8; save it as “CSV UTF-8”")
	}
	if bytes.IndexByte(data, 0) >= 0 || len(bytes.TrimSpace(data)) == 0 {
		return unreadable("it holds no text")
	}
	r := csv.NewReader(bytes.NewReader(data))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, c := range []rune{';', '\t'} {
		if bytes.Count(first, []byte(string(c))) > bytes.Count(first, []byte(string(r.Comma))) {
			r.Comma = c
		}
	}
	r.FieldsPerRecord = -1
	take := s.taker()
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(module.Text(err.Error(), 200))
		}
		if !take(cells) {
			return nil
		}
	}
}

// taker takes one row after the other, the heading first; it is false when there
// are enough.
func (s *sheet) taker() func(cells []string) bool {
	number := 0
	keys := map[int]string{}
	return func(cells []string) bool {
		number++
		switch {
		case number > maxSheetRows:
			s.problem(cellName(0, number), "too-many-rows", strconv.Itoa(maxSheetRows-1), false)
			return false
		case len(cells) > maxSheetColumns:
			s.problem(cellName(maxSheetColumns, number), "too-wide", strconv.Itoa(maxSheetColumns), false)
			return false
		case number == 1:
			s.heading(cells, keys)
			return true
		}
		row := sheetRow{number: number, cells: map[string]string{}}
		for i, text := range cells {
			if text = strings.TrimSpace(text); keys[i] != "" && text != "" {
				row.cells[keys[i]] = text
			}
		}
		if len(row.cells) > 0 {
			s.rows = append(s.rows, row)
		}
		return true
	}
}

func (s *sheet) heading(cells []string, keys map[int]string) {
	w := sheetWords()
	for i, text := range cells {
		if text = module.OneLine(text); text == "" {
			continue
		}
		key := ""
		for _, c := range w.Columns {
			if c.is(text) || text == c.Key {
				key = c.Key
			}
		}
		_, twice := s.columns[key]
		switch {
		case key == "":
			s.problem(cellName(i, 1), "column-unknown", text, true)
		case twice:
			s.problem(cellName(i, 1), "column-twice", text, false)
		default:
			s.columns[key], keys[i] = i, key
		}
	}
	if _, ok := s.columns["product"]; !ok {
		s.problem("A1", "column-missing", w.Columns[2].Vi, false)
	}
}
