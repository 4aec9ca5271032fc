package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Sheet is one sheet to write.
type Sheet struct {
	Name    string
	Columns []Column // the heading; none: the rows stand alone, each column as wide as Width
	Rows    [][]string
	Width   float64
	Wrap    bool // long cells are broken into lines
	// Numbers are the columns, from 0, whose whole numbers are written as numbers, for
	// sums; whatever else stands in them is text.
	Numbers []int
	// Choices are drop-down lists by the key of the column. What is not in a list may be
	// written all the same: the reader judges, with words of its own.
	Choices map[string][]string
}

// Help is a sheet of explanations, a line each.
func Help(name Phrase, lines []Phrase, language string) Sheet {
	rows := make([][]string, len(lines))
	for i, line := range lines {
		rows[i] = []string{line.In(language)}
	}
	return Sheet{Name: name.In(language), Columns: []Column{{Width: 120, Phrase: name}}, Rows: rows, Wrap: true}
}

// writer writes one workbook.
type writer struct {
	file               *excelize.File
	language           string
	text, wrap, header int // styles
	number             int
}

// Write writes a workbook with its headings in a language.
func Write(language string, sheets ...Sheet) (_ []byte, err error) {
	w := &writer{file: excelize.NewFile(), language: language}
	defer func() { _ = w.file.Close() }() // what is left are temporary files
	if err := w.styles(); err != nil {
		return nil, err
	}
	for i := range sheets {
		if i == 0 {
			err = w.file.SetSheetName("Sheet1", sheets[i].Name)
		} else {
			_, err = w.file.NewSheet(sheets[i].Name)
		}
		if err == nil {
			err = w.sheet(&sheets[i])
		}
		if err != nil {
			return nil, fmt.Errorf("write the sheet %s: %w", sheets[i].Name, err)
		}
	}
	var out bytes.Buffer
	if err := w.file.Write(&out); err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
	return sortedZip(out.Bytes())
}

// Formats of cells: asText holds text whatever is typed into it.
const (
	asText  = 49
	asWhole = 1
)

func (w *writer) styles() (err error) {
	if w.text, err = w.file.NewStyle(&excelize.Style{NumFmt: asText, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
		return err
	}
	if w.wrap, err = w.file.NewStyle(&excelize.Style{NumFmt: asText, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}); err != nil {
		return err
	}
	if w.number, err = w.file.NewStyle(&excelize.Style{NumFmt: asWhole, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
		return err
	}
	w.header, err = w.file.NewStyle(&excelize.Style{
		NumFmt: asText, Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3A5F"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	})
	return err
}

func (w *writer) sheet(s *Sheet) error {
	to, err := w.file.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	style, first := w.text, 1
	if s.Wrap {
		style = w.wrap
	}
	for i, c := range s.Columns {
		if err := errors.Join(to.SetColStyle(i+1, i+1, style), to.SetColWidth(i+1, i+1, c.Width), w.choices(s, i)); err != nil {
			return err
		}
	}
	if len(s.Columns) == 0 {
		wide := 1
		for _, r := range s.Rows {
			wide = max(wide, len(r))
		}
		if err := errors.Join(to.SetColStyle(1, wide, style), to.SetColWidth(1, wide, s.Width)); err != nil {
			return err
		}
	} else {
		if err := to.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return err
		}
		heading := make([]string, len(s.Columns))
		for i, c := range s.Columns {
			heading[i] = c.In(w.language)
		}
		if err := w.row(to, 1, w.header, heading, nil); err != nil {
			return err
		}
		first = 2
	}
	for i, r := range s.Rows {
		if err := w.row(to, first+i, style, r, s.Numbers); err != nil {
			return err
		}
	}
	return to.Flush()
}

// choices gives a column its drop-down list, as far down as one may fill in.
func (w *writer) choices(s *Sheet, column int) error {
	list := s.Choices[s.Columns[column].Key]
	if len(list) == 0 {
		return nil
	}
	const rows = 100_000
	d := excelize.NewDataValidation(true)
	d.SetSqref(CellName(column, 2) + ":" + CellName(column, rows))
	if err := d.SetDropList(list); err != nil {
		return err
	}
	d.ShowErrorMessage = false
	return w.file.AddDataValidation(s.Name, d)
}

func (w *writer) row(to *excelize.StreamWriter, number, style int, values []string, numbers []int) error {
	cells := make([]any, len(values))
	for i, v := range values {
		cells[i] = excelize.Cell{StyleID: style, Value: v}
		if n, err := strconv.Atoi(v); err == nil && slices.Contains(numbers, i) {
			cells[i] = excelize.Cell{StyleID: w.number, Value: n}
		}
	}
	return to.SetRow(CellName(0, number), cells)
}
