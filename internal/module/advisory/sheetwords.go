package advisory

import (
	_ "embed"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/sheet"
)

//go:embed data/sheet.yaml
var sheetFile []byte

// sheetWords are the words of the sheet of software.
var sheetWords = sync.OnceValue(func() (w struct {
	Sheet    sheet.Phrase            `yaml:"sheet"`
	HelpName sheet.Phrase            `yaml:"helpName"`
	Columns  []sheet.Column          `yaml:"columns"`
	Help     []sheet.Phrase          `yaml:"help"`
	Problems map[string]sheet.Phrase `yaml:"problems"`
}) {
	if err := yaml.Unmarshal(sheetFile, &w); err != nil {
		panic(err) // the file is embedded
	}
	return w
})
