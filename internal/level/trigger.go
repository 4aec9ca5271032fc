package level

import (
	"maps"
	"slices"
	"strings"
)

// Aspect is a side of a system whose change may call for a new level.
type Aspect string

// The aspects.
const (
	Purpose    Aspect = "purpose"
	Scope      Aspect = "scope"
	Technology Aspect = "technology"
	Data       Aspect = "data"
	Connection Aspect = "connection"
	Incident   Aspect = "incident"
)

// Trigger is something that calls for a level to be determined anew.
type Trigger struct {
	ID      string   `yaml:"id"`
	Article string   `yaml:"article"`
	Verify  bool     `yaml:"verify"`
	On      []Aspect `yaml:"on"` // none: a person says so
	Words   `yaml:",inline"`
}

// Called returns the triggers that the change of a system from one description to
// another pulls: its aspects in a text each. Connections and incidents are lines:
// only one that was not there before counts.
func (b *Book) Called(before, after map[Aspect]string) []Trigger {
	var list []Trigger
	for _, t := range b.Triggers {
		if slices.ContainsFunc(t.On, func(a Aspect) bool { return changed(a, before[a], after[a]) }) {
			list = append(list, t)
		}
	}
	return list
}

func changed(a Aspect, before, after string) bool {
	if a != Connection && a != Incident {
		return words(before) != words(after)
	}
	had := linesOf(before)
	return slices.ContainsFunc(slices.Collect(maps.Keys(linesOf(after))), func(line string) bool { return !had[line] })
}

// words is text without regard to how it is spaced.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func linesOf(s string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(s) {
		if line = words(line); line != "" {
			set[line] = true
		}
	}
	return set
}
