package attack

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// Layer is a layer for MITRE's ATT&CK Navigator, format 4.5
// (https://github.com/mitre-attack/attack-navigator, layers/spec).
type Layer struct {
	Name        string           `json:"name"`
	Versions    LayerVersions    `json:"versions"`
	Domain      string           `json:"domain"`
	Description string           `json:"description"`
	Sorting     int              `json:"sorting"` // 3: by score, the highest first
	Gradient    LayerGradient    `json:"gradient"`
	Legend      []LayerLegend    `json:"legendItems" nullable:"false"`
	Metadata    []LayerMetadata  `json:"metadata" nullable:"false"`
	Techniques  []LayerTechnique `json:"techniques" nullable:"false"`
}

// LayerVersions says which versions of everything a layer is for.
type LayerVersions struct {
	Attack    string `json:"attack"`
	Navigator string `json:"navigator"`
	Layer     string `json:"layer"`
}

// LayerGradient turns scores into colours.
type LayerGradient struct {
	Colors   []string `json:"colors" nullable:"false"`
	MinValue int64    `json:"minValue"`
	MaxValue int64    `json:"maxValue"`
}

// LayerLegend explains a colour.
type LayerLegend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

// LayerMetadata is a line of text with a layer or a technique.
type LayerMetadata struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// LayerTechnique is a cell of a layer.
type LayerTechnique struct {
	TechniqueID string          `json:"techniqueID"`
	Score       *int64          `json:"score,omitempty"`
	Color       string          `json:"color,omitempty"`
	Comment     string          `json:"comment,omitempty"`
	Enabled     bool            `json:"enabled"`
	Metadata    []LayerMetadata `json:"metadata" nullable:"false"`
	ShowSubs    bool            `json:"showSubtechniques"`
}

const waitingColor = "#d9d9d9"

// layer makes a Navigator layer of the matrix, scored by hits ("hits") or by
// rules.
func (m *Matrix) layer(by string) *Layer {
	l := &Layer{
		Name: "Lá Chắn: " + map[bool]string{true: "cảnh báo / alerts", false: "luật / rules"}[by == "hits"], Domain: "enterprise-attack", Sorting: 3,
		Versions:    LayerVersions{Attack: m.Version, Navigator: "5.1.0", Layer: "4.5"},
		Description: m.Filter.From.UTC().Format(time.RFC3339) + " / " + m.Filter.To.UTC().Format(time.RFC3339),
		Gradient:    LayerGradient{Colors: []string{"#e8f1fb", "#1864ab"}, MinValue: 0, MaxValue: 1},
		Legend:      []LayerLegend{{Label: "có luật, chưa có nguồn log / rules, no logs yet", Color: waitingColor}},
		Metadata:    []LayerMetadata{}, Techniques: []LayerTechnique{},
	}
	known := !m.ArrivalsSince.IsZero()
	for i := range m.Catalogue.Techniques {
		t := &m.Catalogue.Techniques[i]
		f := m.Coverage.Techniques[t.ID]
		if f == nil {
			continue
		}
		score := int64(f.Rules)
		if by == "hits" {
			score = f.Alerts
		}
		x := LayerTechnique{TechniqueID: t.ID, Score: &score, Enabled: true, Metadata: []LayerMetadata{
			{"rules", strconv.Itoa(f.Rules)}, {"rules with logs", strconv.Itoa(f.Fed)}, {"rules off", strconv.Itoa(f.Off)},
			{"alerts", strconv.FormatInt(f.Alerts, 10)}, {"findings", strconv.FormatInt(f.Findings, 10)},
		}}
		if by != "hits" && f.State(known) == StateWaiting {
			x.Color = waitingColor
		}
		l.Gradient.MaxValue = max(l.Gradient.MaxValue, score)
		l.Techniques = append(l.Techniques, x)
	}
	return l
}

// csv writes one line for each technique of each tactic.
func (m *Matrix) csv(to io.Writer) error {
	// A byte order mark, by which spreadsheets know UTF-8.
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	known := !m.ArrivalsSince.IsZero()
	rows := [][]string{{"tactic_id", "tactic", "tactic_vi", "technique_id", "technique", "technique_vi", "state", "rules", "rules_with_logs", "rules_off", "worst_level", "alerts", "findings", "last_alert"}}
	for _, tactic := range m.Catalogue.Tactics {
		for i := range m.Catalogue.Techniques {
			t := &m.Catalogue.Techniques[i]
			if !t.in(tactic.ShortName) {
				continue
			}
			f := m.Coverage.Techniques[t.ID]
			if f == nil {
				f = &Figures{}
			}
			last, fed := "", ""
			if !f.Last.IsZero() {
				last = f.Last.UTC().Format(time.RFC3339)
			}
			if known {
				fed = strconv.Itoa(f.Fed)
			}
			rows = append(rows, []string{tactic.ID, tactic.Name, tactic.NameVi, t.ID, t.Name, t.NameVi, string(f.State(known)), strconv.Itoa(f.Rules), fed,
				strconv.Itoa(f.Off), f.Level, strconv.FormatInt(f.Alerts, 10), strconv.FormatInt(f.Findings, 10), last})
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
	}
	return w.WriteAll(rows)
}

// harmless keeps a spreadsheet from taking a cell for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func (t *Technique) in(tactic string) bool {
	for _, name := range t.Tactics {
		if name == tactic {
			return true
		}
	}
	return false
}
