package advisory

import (
	_ "embed"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/module"
)

// phrase is text in both languages.
type phrase struct {
	Vi string `yaml:"vi"`
	En string `yaml:"en"`
}

func (w phrase) in(language string) string {
	if language == "en" {
		return w.En
	}
	return w.Vi
}

func (w phrase) is(text string) bool {
	folded := module.Fold(module.OneLine(text))
	return folded == module.Fold(w.Vi) || folded == module.Fold(w.En)
}

type column struct {
	Key    string  `yaml:"key"`
	Width  float64 `yaml:"width"`
	phrase `yaml:",inline"`
}

//go:embed data/sheet.yaml
var sheetFile []byte

// sheetWords are the words of the sheet of software.
var sheetWords = sync.OnceValue(func() (w struct {
	Sheet    phrase            `yaml:"sheet"`
	HelpName phrase            `yaml:"helpName"`
	Columns  []column          `yaml:"columns"`
	Help     []phrase          `yaml:"help"`
	Problems map[string]phrase `yaml:"problems"`
}) {
	if err := yaml.Unmarshal(sheetFile, &w); err != nil {
		panic(err) // the file is embedded
	}
	return w
})
