package drill

import (
	"bytes"
	_ "embed"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed data/words.yaml
var wordsFile []byte

// said is a text in both languages.
type said struct {
	Vi string `yaml:"vi"`
	En string `yaml:"en"`
}

// words are the sentences of the report.
type words struct {
	Moments  map[string]said `yaml:"moments"`
	Verdicts map[string]said `yaml:"verdicts"`
	Missed   map[string]said `yaml:"missed"`
	Parts    map[string]said `yaml:"parts"`   // of the table
	Results  map[string]said `yaml:"results"` // of a moment, a duty, a document, a task
}

func readWords(text []byte) (*words, error) {
	w := &words{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	return w, d.Decode(w)
}

// missed is the sentence of a missed step.
func (w *words) missed(m *Missed) said {
	s, moment := w.Missed[m.Code], w.Moments[m.Texts["moment"]]
	return said{Vi: fill(s.Vi, m.Texts, moment.Vi), En: fill(s.En, m.Texts, moment.En)}
}

// fill puts texts where they are named. It goes through the sentence once, so that
// what is filled in is not read again.
func fill(sentence string, texts map[string]string, moment string) string {
	pairs := []string{"{moment}", moment}
	for name, text := range maps.All(texts) {
		if name != "moment" {
			pairs = append(pairs, "{"+name+"}", text)
		}
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}
