package system

import (
	_ "embed"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/sheet"
)

//go:embed data/sheets.yaml
var sheetsFile []byte

// choice is one of a drop-down list.
type choice struct {
	Key          string `yaml:"key"`
	sheet.Phrase `yaml:",inline"`
}

// sheetWords are the words of the workbook of the register.
var sheetWords = sync.OnceValue(func() (w struct {
	Names    map[string]sheet.Phrase   `yaml:"names"`
	Sheets   map[string][]sheet.Column `yaml:"sheets"`
	Choices  map[string][]choice       `yaml:"choices"`
	Help     []sheet.Phrase            `yaml:"help"`
	Problems map[string]sheet.Phrase   `yaml:"problems"`
}) {
	if err := yaml.Unmarshal(sheetsFile, &w); err != nil {
		panic(err) // the file is embedded
	}
	return w
})

// chosen is a choice in words; a value of none stands for itself.
func chosen(list, key, language string) string {
	for _, c := range sheetWords().Choices[list] {
		if c.Key == key {
			return c.In(language)
		}
	}
	return key
}

// choose reads a choice in either language, or its key.
func choose(list, text string) (key string, ok bool) {
	choices := sheetWords().Choices[list]
	i := slices.IndexFunc(choices, func(c choice) bool { return c.Key == text || c.Is(text) })
	if i < 0 {
		return "", false
	}
	return choices[i].Key, true
}
