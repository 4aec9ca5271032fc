// Package attack shows the rules in force and what they found on the ATT&CK
// matrix: which techniques are covered, for which of them logs arrive at all, and
// which were seen.
//
// The matrix itself is data (data/enterprise.json, written by gen), with
// Vietnamese names beside it (data/vi.json). A rule belongs to the techniques its
// tags name; a number that a later release of ATT&CK replaced counts as the new
// one.
//
// A technique is covered when a rule that is switched on names it and events of
// the rule's log source arrive; where they do not, the rule is waiting: a coverage
// that counts such rules promises what nobody watches. What arrives is asked of
// the lake, for the units the caller sees, and remembered for some minutes
// (arrivals.go).
//
// Invariants. Counts of alerts are of the units the caller sees. The package owns
// no table. A cell of a CSV file never begins like a formula.
//
// Start reading at Service.Matrix.
package attack

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Tactic is a column of the matrix: what an attacker wants.
type Tactic struct {
	ID        string `json:"id"`
	ShortName string `json:"shortName"`
	Name      string `json:"name"`
	NameVi    string `json:"-"`
}

// Technique is a cell: how he gets it. A sub-technique has a dot in its ID.
type Technique struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	NameVi    string   `json:"-"` // "" where the English name is the usual one
	Tactics   []string `json:"tactics"`
	Platforms []string `json:"platforms"`
}

// Parent returns the technique a sub-technique belongs to, else "".
func (t *Technique) Parent() string { return parentOf(t.ID) }

func parentOf(id string) string {
	if i := strings.IndexByte(id, '.'); i > 0 {
		return id[:i]
	}
	return ""
}

// Catalogue is a release of ATT&CK.
type Catalogue struct {
	Version    string            `json:"version"`
	Released   string            `json:"released"` // a date
	Notice     string            `json:"notice"`   // that its licence asks to be shown
	Tactics    []Tactic          `json:"tactics"`
	Techniques []Technique       `json:"techniques"`
	Replaced   map[string]string `json:"replaced"` // old number to new

	byID map[string]*Technique
}

//go:embed data/enterprise.json
var enterprise []byte

//go:embed data/vi.json
var vietnamese []byte

// Enterprise returns the release that comes with the package.
func Enterprise() (*Catalogue, error) {
	c := &Catalogue{}
	if err := json.Unmarshal(enterprise, c); err != nil {
		return nil, fmt.Errorf("ATT&CK: %w", err)
	}
	names := map[string]string{}
	if err := json.Unmarshal(vietnamese, &names); err != nil {
		return nil, fmt.Errorf("ATT&CK, Vietnamese names: %w", err)
	}
	for i := range c.Tactics {
		c.Tactics[i].NameVi = names[c.Tactics[i].ID]
	}
	c.byID = make(map[string]*Technique, len(c.Techniques))
	for i := range c.Techniques {
		t := &c.Techniques[i]
		t.NameVi = names[t.ID]
		c.byID[t.ID] = t
	}
	return c, nil
}

// Technique returns a technique by its present or an older number, nil for none.
func (c *Catalogue) Technique(id string) *Technique {
	id = strings.ToUpper(id)
	if now := c.Replaced[id]; now != "" {
		id = now
	}
	return c.byID[id]
}

var techniqueTag = regexp.MustCompile(`^attack\.(t\d{4}(?:\.\d{3})?)$`)

// Tagged returns the techniques that the tags of a rule or an alert name, each
// once, in the order of their numbers.
func (c *Catalogue) Tagged(tags []string) []string {
	var out []string
	for _, tag := range tags {
		m := techniqueTag.FindStringSubmatch(strings.ToLower(tag))
		if m == nil {
			continue
		}
		if t := c.Technique(m[1]); t != nil {
			out = append(out, t.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// withParents adds to sub-techniques the techniques they belong to.
func withParents(ids []string) []string {
	out := slices.Clone(ids)
	for _, id := range ids {
		if p := parentOf(id); p != "" {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
