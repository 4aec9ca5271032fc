// Package sheet reads the tables that people bring, as XLSX workbooks or CSV files, and
// writes workbooks that it reads again.
//
// A [Reader] holds the bounds of a file. What it is asked for are [Wanted] sheets: their
// name and columns in Vietnamese and English. A heading is found in either language, by
// the key of its column, with or without marks; it may stand below a title. Nothing of
// what a person wrote is an error: what is wrong becomes a [Problem] that names the cell
// and says in both languages what to do, and reading goes on so that all are told at
// once. Only a file that is no table at all is an error, and a file that makes the
// library panic is such a one.
//
// [Write] makes every cell text in a cell of the format Text: a name such as "=1+1" is
// shown and never computed, also after somebody has edited the cell; 7.10 stays 7.10 and
// telephone numbers keep their zero. The same rows always give the same bytes.
//
// What the cells mean is the caller's; so are the words of problems it finds. Start at
// [Reader.Read] and [Write].
package sheet

import (
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/text"
)

// Phrase is text in both languages.
type Phrase struct {
	Vi string `yaml:"vi"`
	En string `yaml:"en"`
}

// In is the phrase in a language, "vi" or "en"; any other is Vietnamese.
func (p Phrase) In(language string) string {
	if language == "en" {
		return p.En
	}
	return p.Vi
}

// Is tells whether what a person wrote is one of the two.
func (p Phrase) Is(written string) bool {
	folded := fold(written)
	return folded == fold(p.Vi) || folded == fold(p.En)
}

func fold(s string) string { return text.Fold(text.OneLine(s)) }

// Column is one column of a sheet.
type Column struct {
	Key    string  `yaml:"key"`
	Width  float64 `yaml:"width"` // in letters, about
	Phrase `yaml:",inline"`
}

// Problem is something wrong in a cell.
type Problem struct {
	Sheet   string // "" for the whole file, and in a CSV file
	Cell    string // B12; "" for the whole sheet
	Warning bool   // does not keep the rest from being stored
	Code    string
	Vi, En  string
}

const (
	// MaxProblems is how many problems of a file are told.
	MaxProblems     = 500
	maxProblemValue = 80 // letters of a cell that are repeated
)

// Problems gathers what is wrong with a file. Words are the texts of problems by their
// code; {value} in them stands for what the cell holds. Those the reader itself finds
// are sheet-missing, column-missing, column-twice, column-unknown, too-many-rows,
// too-wide and too-many-problems.
type Problems struct {
	Words map[string]Phrase
	List  []Problem
}

// Fail adds a problem that keeps the file from being stored.
func (p *Problems) Fail(sheet, cell, code, value string) { p.add(sheet, cell, code, value, false) }

// Warn adds a problem that does not.
func (p *Problems) Warn(sheet, cell, code, value string) { p.add(sheet, cell, code, value, true) }

func (p *Problems) add(sheet, cell, code, value string, warning bool) {
	if len(p.List) > MaxProblems {
		return
	}
	if len(p.List) == MaxProblems {
		sheet, cell, code, value, warning = "", "", "too-many-problems", strconv.Itoa(MaxProblems), false
	}
	if letters := []rune(value); len(letters) > maxProblemValue {
		value = string(letters[:maxProblemValue]) + "…"
	}
	w, ok := p.Words[code]
	if !ok {
		w = Phrase{code, code}
	}
	fill := strings.NewReplacer("{value}", value)
	p.List = append(p.List, Problem{Sheet: sheet, Cell: cell, Warning: warning, Code: code, Vi: fill.Replace(w.Vi), En: fill.Replace(w.En)})
}

// Failed tells whether any of the problems is more than a warning.
func (p *Problems) Failed() bool {
	for i := range p.List {
		if !p.List[i].Warning {
			return true
		}
	}
	return false
}

// CellName names a cell as a spreadsheet does; the first column is 0, the first row 1.
func CellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		return strconv.Itoa(row)
	}
	return name
}
