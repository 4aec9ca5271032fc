package unit

import (
	_ "embed"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/sheet"
)

// Language is that of a sheet that is made: "vi" or "en". Either is read.
type Language string

//go:embed data/sheets.yaml
var sheetsFile []byte

// sheetWords are the words of the sheets.
var sheetWords = sync.OnceValue(func() (w struct {
	Sheets    map[string]sheet.Phrase `yaml:"sheets"`
	Units     []sheet.Column          `yaml:"units"`
	People    []sheet.Column          `yaml:"people"`
	Types     []sheet.Column          `yaml:"types"`
	Provinces []sheet.Column          `yaml:"provinces"`
	Help      []sheet.Phrase          `yaml:"help"`
	Problems  map[string]sheet.Phrase `yaml:"problems"`
}) {
	if err := yaml.Unmarshal(sheetsFile, &w); err != nil {
		panic(err) // the file is embedded
	}
	return w
})
