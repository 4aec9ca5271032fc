package unit

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/module"
)

// words is text in both languages.
type words struct {
	Vi string `yaml:"vi"`
	En string `yaml:"en"`
}

// Language is that of a sheet that is made: "vi" or "en". Either is read.
type Language string

func (w words) in(l Language) string {
	if l == "en" {
		return w.En
	}
	return w.Vi
}

// is tells whether text, as a person wrote it, is one of the two.
func (w words) is(text string) bool {
	folded := module.Fold(module.OneLine(text))
	return folded == module.Fold(w.Vi) || folded == module.Fold(w.En)
}

type column struct {
	Key   string  `yaml:"key"`
	Width float64 `yaml:"width"`
	words `yaml:",inline"`
}

//go:embed data/sheets.yaml
var sheetsFile []byte

// sheetWords are the words of the sheets.
var sheetWords = sync.OnceValue(func() (w struct {
	Sheets    map[string]words `yaml:"sheets"`
	Units     []column         `yaml:"units"`
	People    []column         `yaml:"people"`
	Types     []column         `yaml:"types"`
	Provinces []column         `yaml:"provinces"`
	Help      []words          `yaml:"help"`
	Problems  map[string]words `yaml:"problems"`
}) {
	if err := yaml.Unmarshal(sheetsFile, &w); err != nil {
		panic(err) // the file is embedded
	}
	return w
})

// Problem is something wrong in a cell.
type Problem struct {
	Sheet   string
	Cell    string // A1; "" for the whole sheet
	Warning bool   // does not keep the rest from being stored
	Code    string
	Vi, En  string
}

const maxProblemValue = 80 // characters of a cell's content that are repeated

func newProblem(sheet, cell, code, value string) Problem {
	w, ok := sheetWords().Problems[code]
	if !ok {
		panic("no words for the problem " + code)
	}
	if chars := []rune(value); len(chars) > maxProblemValue {
		value = string(chars[:maxProblemValue]) + "…"
	}
	fill := strings.NewReplacer("{value}", value)
	return Problem{Sheet: sheet, Cell: cell, Code: code, Vi: fill.Replace(w.Vi), En: fill.Replace(w.En)}
}

func cellName(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col+1, row)
	if err != nil {
		return fmt.Sprint(row)
	}
	return name
}
