package sigma

import "slices"

// Rule is one parsed Sigma document: a detection rule, a correlation rule or a
// filter. It is immutable after Parse and may be shared by any number of
// rulesets.
type Rule struct {
	ID             string // UUID; may be empty
	Name           string
	Title          string
	Description    string
	Status         string
	Level          string
	Author         string
	Date           string // as written
	Modified       string // as written
	License        string
	Taxonomy       string
	Tags           []string
	FalsePositives []string
	References     []string
	Related        []Related
	LogSource      LogSource // lower case
	Definition     string    // logsource.definition: what the log must be configured to contain

	// Custom holds every top-level key the specification does not define.
	Custom map[string]any

	File string // as given to Parse
	Line int    // where the rule's document begins in File

	detection detection
	fields    []string

	// Nil for a detection rule.
	filter      *filter
	correlation *correlation

	// Of the copy that pipelines make: the rule it is a copy of, and the
	// conditions of the filters for it, nil where the pipelines left nothing.
	origin   *Rule
	filtered map[*Rule]*detection
}

// Related is a link from a rule to another one (derived, obsolete, merged,
// renamed, similar).
type Related struct{ ID, Type string }

// Fields returns the names of the event fields the detection reads, sorted.
// Keyword searches, which read every field, name none.
func (r *Rule) Fields() []string { return slices.Clone(r.fields) }
