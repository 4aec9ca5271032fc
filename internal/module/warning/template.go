package warning

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed data/templates.yaml
var templatesFile []byte

// WarningTemplate is what a warning of a kind begins with. Places […] are for people to
// write.
type WarningTemplate struct {
	ID         string      `yaml:"id" json:"id"`
	Kind       string      `yaml:"kind" json:"kind"`
	Vi         string      `yaml:"vi" json:"vi"`
	En         string      `yaml:"en" json:"name"`
	Severity   string      `yaml:"severity" json:"severity"`
	TLP        string      `yaml:"tlp" json:"tlp"`
	AckHours   int         `yaml:"ackHours" json:"ackHours"`
	FixHours   int         `yaml:"fixHours" json:"fixHours"`
	WatchHours int         `yaml:"watchHours" json:"watchHours"`
	Title      string      `yaml:"title" json:"title"`
	Text       WarningText `yaml:"text" json:"text"`
}

// shippedTemplates reads the file of this package, which its tests hold to be sound.
func shippedTemplates() ([]WarningTemplate, error) {
	var list []WarningTemplate
	d := yaml.NewDecoder(bytes.NewReader(templatesFile))
	d.KnownFields(true)
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("data/templates.yaml: %w", err)
	}
	for i, t := range list {
		f := t.Facts()
		if err := f.clean(); err != nil || t.Vi == "" || t.En == "" {
			return nil, fmt.Errorf("data/templates.yaml: template %q: no names, or %w", t.ID, err)
		}
		if slices.ContainsFunc(list[:i], func(o WarningTemplate) bool { return o.ID == t.ID }) {
			return nil, fmt.Errorf("data/templates.yaml: template %q is there twice", t.ID)
		}
	}
	return list, nil
}

// Facts is the warning that a template begins.
func (t *WarningTemplate) Facts() WarningFacts {
	return WarningFacts{
		Title: t.Title, Kind: t.Kind, Severity: t.Severity, TLP: t.TLP, Grade: SourceGrade{Reliability: "B", Credibility: 2}, Text: t.Text,
		AckHours: t.AckHours, FixHours: t.FixHours, WatchHours: t.WatchHours,
		Products: []AffectedProduct{}, CVEs: []string{}, Indicators: []WarningIndicator{}, Choice: AudienceChoice{Kinds: []string{}, Days: defaultDays},
	}
}
