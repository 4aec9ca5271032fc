package sheet

import "strings"

// Table is one sheet as read.
type Table struct {
	Name  string // as the workbook has it; "" of a CSV file
	Found bool   // false: the file has no such sheet
	Rows  []Row

	columns map[string]int // key -> index
	lead    string         // key of the column that problems without one of their own name
}

// NewTable makes a table with columns of these keys, from the first column on.
func NewTable(name string, keys ...string) *Table {
	t := &Table{Name: name, Found: true, columns: map[string]int{}}
	for i, key := range keys {
		t.columns[key] = i
	}
	return t
}

// Has tells whether the table has the column.
func (t *Table) Has(key string) bool { _, ok := t.columns[key]; return ok }

// Cell names the cell of a column in a row; that of the leading column where the table
// has no such column.
func (t *Table) Cell(key string, row int) string {
	i, ok := t.columns[key]
	if !ok {
		i = t.columns[t.lead]
	}
	return CellName(i, row)
}

// Add puts a row below the others, unless no cell of a known column holds anything.
func (t *Table) Add(number int, cells []string) {
	r := Row{Number: number, of: t, cells: make([]string, 0, len(cells))}
	for _, c := range cells {
		r.cells = append(r.cells, strings.TrimSpace(c))
	}
	for _, i := range t.columns {
		if i < len(r.cells) && r.cells[i] != "" {
			t.Rows = append(t.Rows, r)
			return
		}
	}
}

// Row is one row of a table.
type Row struct {
	Number int // as the spreadsheet counts, from 1

	of    *Table
	cells []string
}

// Text is what the row has in a column, without the white space around it; "" where it
// has nothing or there is no such column.
func (r Row) Text(key string) string {
	if i, ok := r.of.columns[key]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// Cell names the cell that Text reads.
func (r Row) Cell(key string) string { return r.of.Cell(key, r.Number) }
