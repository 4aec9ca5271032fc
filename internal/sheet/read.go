package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/text"
)

// Reader reads files within bounds. Unpacked a workbook may not be much larger than the
// largest that is of use, so a small file that unpacks to gigabytes is refused early.
type Reader struct {
	MaxBytes    int
	MaxUnpacked int64
	MaxRows     int // below the heading
	MaxColumns  int

	CSV   bool   // CSV files are read too
	Code  string // of the error for what is no table
	Large string // of the error for a file with too many bytes
	Words map[string]Phrase
}

// Wanted is a sheet to look for.
type Wanted struct {
	Name     Phrase // of the sheet; zero: the first that has such a heading
	Columns  []Column
	Must     string // key of the column that a heading has at least
	Within   int    // in how many rows the heading is looked for; 0 or 1: it is the first
	Optional bool   // the file need not have it
	// Foreign: an export of another product. Its headings are those of the columns,
	// never their keys; others are passed over; its CSV may have stray quotes.
	Foreign bool
}

// Book is a file as read.
type Book struct {
	Problems

	Tables []Table // one for each that was wanted, in that order
}

func (r *Reader) unreadable(why string) error {
	what := "an XLSX workbook"
	if r.CSV {
		what = "an XLSX workbook or a CSV file"
	}
	return fault.New(fault.Invalid, "this is not %s that can be read: %s", what, why).WithCode(r.Code)
}

// Read reads a file. A CSV file is the first of the sheets. Errors: Invalid (it is no
// table), TooLarge.
func (r *Reader) Read(data []byte, wanted ...Wanted) (*Book, error) {
	if len(data) > r.MaxBytes {
		return nil, fault.New(fault.TooLarge, "a file of at most %d MB", r.MaxBytes>>20).WithCode(r.Large)
	}
	b := &Book{Problems: Problems{Words: r.Words}, Tables: make([]Table, len(wanted))}
	for i := range wanted {
		b.Tables[i] = Table{columns: map[string]int{}, lead: wanted[i].Must}
	}
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		err = r.workbook(data, wanted, b)
	case r.CSV:
		err = r.readCSV(data, &wanted[0], b)
	default:
		err = r.unreadable("it does not begin like one; save it as .xlsx")
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (r *Reader) workbook(data []byte, wanted []Wanted, b *Book) (err error) {
	// The library reads a format of some thousand pages; a file that makes it fail must
	// not end the server.
	defer func() {
		if recover() != nil {
			err = r.unreadable("the workbook is damaged")
		}
	}()
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: r.MaxUnpacked, UnzipXMLSizeLimit: r.MaxUnpacked})
	if err != nil {
		return r.unreadable(text.Fit(err.Error(), 200))
	}
	defer func() { _ = file.Close() }() // it is in memory
	for i := range wanted {
		for _, name := range file.GetSheetList() {
			if wanted[i].Name != (Phrase{}) && !wanted[i].Name.Is(name) {
				continue
			}
			if err := r.sheet(file, name, &wanted[i], b, &b.Tables[i]); err != nil {
				return r.unreadable(text.Fit(err.Error(), 200))
			}
			if b.Tables[i].Found {
				break
			}
		}
		if !b.Tables[i].Found && !wanted[i].Optional {
			b.Fail("", "", "sheet-missing", "")
		}
	}
	return nil
}

func (r *Reader) sheet(file *excelize.File, name string, w *Wanted, b *Book, into *Table) error {
	rows, err := file.Rows(name)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	t := &taker{Reader: r, Wanted: w, book: b, table: into}
	into.Name = name
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return err
		}
		if !t.take(cells) {
			break
		}
	}
	if err := rows.Error(); err != nil {
		return err
	}
	if w.Name != (Phrase{}) {
		t.end()
	}
	return nil
}

func (r *Reader) readCSV(data []byte, w *Wanted, b *Book) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return r.unreadable("its text is not in UTF-8; save it as “CSV UTF-8”")
	}
	if bytes.IndexByte(data, 0) >= 0 || len(bytes.TrimSpace(data)) == 0 {
		return r.unreadable("it holds no text")
	}
	lines := csv.NewReader(bytes.NewReader(data))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, c := range []rune{';', '\t'} {
		if bytes.Count(first, []byte(string(c))) > bytes.Count(first, []byte(string(lines.Comma))) {
			lines.Comma = c
		}
	}
	lines.FieldsPerRecord, lines.LazyQuotes = -1, w.Foreign
	t := &taker{Reader: r, Wanted: w, book: b, table: &b.Tables[0]}
	for from, line := int64(0), 1; ; {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.unreadable(text.Fit(err.Error(), 200))
		}
		// Empty lines, which the library passes over, are rows to a spreadsheet.
		begins, _ := lines.FieldPos(0)
		t.number += begins - line
		if !t.take(cells) {
			break
		}
		line += bytes.Count(data[from:lines.InputOffset()], []byte("\n"))
		from = lines.InputOffset()
	}
	t.end()
	return nil
}

// taker takes the rows of a sheet one after the other.
type taker struct {
	*Reader
	*Wanted

	book    *Book
	table   *Table
	number  int
	heading int // row of it; 0: not found yet
	refused bool
}

// take takes a row; it is false when there are enough.
func (t *taker) take(cells []string) bool {
	t.number++
	switch {
	case t.heading > 0 && t.number-t.heading > t.MaxRows:
		t.refuse(CellName(0, t.number), "too-many-rows", t.MaxRows)
		return false
	case len(cells) > t.MaxColumns:
		t.refuse(CellName(t.MaxColumns, t.number), "too-wide", t.MaxColumns)
		return false
	case t.heading > 0:
		t.table.Add(t.number, cells)
		return true
	}
	t.head(cells)
	return t.heading > 0 || t.number < t.Within
}

func (t *taker) refuse(cell, code string, most int) {
	t.refused = true
	t.book.Fail(t.table.Name, cell, code, strconv.Itoa(most))
}

// end tells what is missing of a sheet that has to be there.
func (t *taker) end() {
	t.table.Found = true
	if t.table.Has(t.Must) || t.refused {
		return
	}
	missing := t.Must
	for i := range t.Columns {
		if t.Columns[i].Key == t.Must {
			missing = t.Columns[i].Vi
		}
	}
	t.book.Fail(t.table.Name, "A1", "column-missing", missing)
}

// head reads a heading. One that may stand below a title is only one if it has the
// column that it must have.
func (t *taker) head(cells []string) {
	keys := make([]string, len(cells))
	found := map[string]int{}
	for i, heading := range cells {
		key := t.keyOf(heading)
		if _, twice := found[key]; key != "" && !twice {
			found[key], keys[i] = i, key
		}
	}
	if _, ok := found[t.Must]; !ok && t.Within > 1 {
		return
	}
	t.heading, t.table.columns, t.table.Found = t.number, found, true
	for i, heading := range cells {
		heading = text.OneLine(heading)
		switch cell := CellName(i, t.number); {
		case heading == "" || keys[i] != "":
		case t.keyOf(heading) != "":
			t.book.Fail(t.table.Name, cell, "column-twice", heading)
		case !t.Foreign:
			t.book.Warn(t.table.Name, cell, "column-unknown", heading)
		}
	}
}

// keyOf is the key of the column that a heading names, "" if none.
func (t *taker) keyOf(heading string) string {
	if heading = text.OneLine(heading); heading == "" {
		return ""
	}
	for i := range t.Columns {
		if t.Columns[i].Is(heading) {
			return t.Columns[i].Key
		}
	}
	for i := range t.Columns {
		if !t.Foreign && fold(heading) == fold(t.Columns[i].Key) {
			return t.Columns[i].Key
		}
	}
	return ""
}
