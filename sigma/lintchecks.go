package sigma

import "slices"

// CheckSpecification is the check behind every refusal that has no name of its
// own: the rule is not what the specification allows, or asks for more than
// the limits do.
const CheckSpecification = "specification"

// Check is one thing Lint looks at.
type Check struct {
	Name     string   // stable: part of the interface, used to select and to skip
	Severity Severity // of the problems it reports
	About    string   // what it finds, in a sentence
}

// checks is the table of all checks, in the order they are documented. The
// first ones are those of Parse and Compile.
var checks = []Check{
	{"yaml", Error, "The file is not YAML, or not UTF-8."},
	{CheckSpecification, Error, "The rule breaks the specification or a limit and is not loaded."},
	{"unknown-modifier", Error, "A field has a modifier that does not exist."},
	{"undefined-placeholder", Error, "A %placeholder% has no values."},
	{"duplicate-id", Error, "Two rules have the same id."},

	{"missing-id", Warning, "The rule has no id, so nothing can refer to it and an alert cannot name it for good."},
	{"id-format", Warning, "The id is not a UUID."},
	{"unknown-status", Warning, "The status is none of those of the specification."},
	{"inactive-status", Warning, "The status is deprecated or unsupported; the rule is loaded all the same."},
	{"missing-level", Warning, "The rule has no level, so its alerts count as medium."},
	{"missing-field", Suggestion, "One of status, description, author, date, references, tags or falsepositives is missing."},
	{"title-length", Warning, "The title is longer than the specification's 256 characters."},
	{"title-style", Suggestion, "The title is long, ends with a full stop or begins with \"Detects\"."},
	{"duplicate-title", Warning, "Two rules have the same title."},
	{"duplicate-name", Warning, "Two rules have the same name, by which correlations and filters refer to them."},
	{"date-format", Warning, "A date is not a day of the calendar written YYYY-MM-DD."},
	{"date-order", Warning, "The rule was modified before it was written."},
	{"tag-format", Warning, "A tag is not namespace.value in small letters, or not of the form its namespace has."},
	{"tag-namespace", Suggestion, "The namespace of a tag is not one of the specification."},
	{"unknown-tactic", Suggestion, "A tag names a tactic that ATT&CK does not have."},
	{"duplicate-entry", Warning, "An entry stands twice in tags, references, falsepositives or related."},
	{"reference-format", Suggestion, "A reference is a web address with something else, or without its https://."},
	{"related-format", Warning, "An entry of related lacks id or type, has an unknown type, or names the rule itself."},
	{"misspelled-key", Warning, "A key is nearly one of the specification."},
	{"filename", Suggestion, "The file name is not in small letters and digits joined by _ or -, or does not end in .yml."},

	{"empty-log-source", Warning, "The log source names nothing, so the rule is tried on every event."},
	{"unselected-log-source", Warning, "No event can be of the rule's log source: the mapping gives none its product, category and service."},
	{"field-spelling", Warning, "A field is spelled like another one but for its case; names are told apart by case."},
	{"field-characters", Warning, "A field name has characters that no log has, such as a trailing blank or a zero-width space."},

	{"unused-selection", Warning, "A search identifier is defined and not used by the condition."},
	{"contradiction", Warning, "Parts that must hold together cannot, so the condition, or a branch of it, never holds."},
	{"always-true", Warning, "A part of the condition holds for every event."},
	{"matches-absence", Warning, "The condition holds for an event that has none of the rule's fields."},
	{"idle-filter", Warning, "What a not excludes cannot be among what the rest of the condition selects, or is excluded already."},
	{"redundant-part", Suggestion, "A part holds whenever another one does that must hold with it, so it adds nothing."},
	{"subsumed-branch", Suggestion, "An alternative is covered by another one, so it adds nothing."},
	{"quantifier-of-one", Suggestion, "1 of, all of or N of is over a single search identifier."},
	{"duplicate-logic", Warning, "Two rules of one log source have the same detection."},

	{"duplicate-value", Warning, "A value stands twice in a list, as written or but for its case."},
	{"subsumed-value", Suggestion, "A value is covered by another one of the same list."},
	{"matches-anything", Warning, "A value holds for every value of the field, such as contains with an empty text."},
	{"useless-wildcard", Suggestion, "A * at the end of a value that the modifier leaves open there anyway."},
	{"wildcard-for-modifier", Suggestion, "A * at the end of a value where contains, startswith or endswith says the same more clearly."},
	{"escaped-wildcard", Warning, "A backslash between two parts of a path makes the * or ? after it literal."},
	{"control-character", Warning, "A value holds a tab or another control character, probably from \"C:\\temp\" in double quotes."},
	{"invisible-character", Warning, "A value holds a character that cannot be seen, such as a zero-width space."},
	{"all-single-value", Warning, "The modifier all stands on a single value."},
	{"idle-modifier", Suggestion, "A modifier changes nothing: windash without a dash, cased without a letter, expand without a placeholder."},
	{"base64-offset", Warning, "base64 with contains finds the text only where it was encoded from its first byte; base64offset finds it anywhere."},
	{"base64-anchor", Warning, "base64offset without contains compares a fragment with the whole value."},
	{"base64-short", Warning, "The text is so short that its encoding is found by chance."},
	{"wide-alone", Suggestion, "A UTF-16 modifier without base64 after it looks for zero bytes, which logs seldom hold."},
	{"cidr-host-bits", Warning, "A network has host bits set."},
	{"regex-literal", Suggestion, "A regular expression is a plain text, which a modifier finds faster and more readably."},
	{"regex-open-end", Suggestion, "A regular expression begins or ends with .*, which changes nothing: it is searched for anywhere."},
	{"regex-anything", Warning, "A regular expression matches the empty text, so it matches every value."},

	{"unused-alias", Warning, "An alias of a correlation is not used."},
	{"filter-without-not", Warning, "A filter excludes nothing: its condition has no not."},
	{"filter-target", Warning, "A filter names a rule that is not there or of another log source."},
}

// Checks lists what Lint looks at.
func Checks() []Check { return slices.Clone(checks) }

func severityOf(check string) Severity {
	for i := range checks {
		if checks[i].Name == check {
			return checks[i].Severity
		}
	}
	panic("sigma: no check " + check)
}
