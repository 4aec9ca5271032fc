package sigma

import "time"

// Limits on what one rule may ask for. They are far above anything a rule
// written by a person needs and are enforced when the rule is loaded, so that
// a hostile rule costs its own refusal and nothing at match time.
//
// Steps are the measure of time. What the index finds costs the same however
// many rules look for it; what it does not (regular expressions, texts with
// wildcards inside, case-sensitive texts, field references) is tried value by
// value, and takes at most as many steps for a byte of the value as the
// expression has instructions, or the text has letters next to a ?, or one. So
// an event costs at most its bytes times the steps of the ruleset, in steps of
// some nanoseconds, and mostly a thousandth of that.
const (
	MaxFileBytes     = 16 << 20  // one rule file, all documents
	MaxDocuments     = 10_000    // documents in one file
	MaxYAMLNodes     = 200_000   // YAML nodes of one rule, aliases expanded
	MaxYAMLDepth     = 32        // nesting of one rule
	MaxValues        = 50_000    // values of one rule after windash, base64offset and expand
	MaxValueBytes    = 16 << 10  // one value
	MaxTextBytes     = 2 << 20   // all values of one rule, after the same modifiers
	MaxWildcards     = 32        // * and ? in one value
	MaxPatterns      = 5_000     // values of one rule with wildcards inside
	MaxWindashDashes = 4         // dashes of one value: 5 to the power of 4 variants
	MaxRegexBytes    = 8 << 10   // source text of one regular expression
	MaxRegexProgram  = 2_000     // its compiled instructions; they bound the time per byte of a value
	MaxRegexTotal    = 20_000    // instructions of all regular expressions of a processing pipeline
	MaxRegexText     = 128 << 10 // bytes of a value that a regular expression looks at
	MaxConditionLen  = 16 << 10  // bytes of one condition
	MaxConditionDeep = 64        // nesting of parentheses and "not"
	MaxExprNodes     = 60_000    // nodes of the compiled expression
	MaxSteps         = 10_000    // steps of one rule for a byte of a value

	// The whole of a ruleset. SigmaHQ's collection needs a seventh of the steps
	// and a fifteenth of the rest at most. A rule that would go beyond is
	// refused; those before it stay.
	MaxRulesetValues = 1_000_000
	MaxRulesetBytes  = 16 << 20  // text of the values
	MaxRulesetNodes  = 4_000_000 // nodes of the compiled expressions
	MaxRulesetSteps  = 100_000   // steps for a byte of an event

	MaxFilters          = 500                  // of one ruleset
	MaxCorrelations     = 1_000                // of one ruleset
	MaxCorrelationDeep  = 16                   // correlations that build on each other
	MaxCorrelatedFields = 32                   // names in group-by, and in field
	MaxCorrelatedRules  = 64                   // rules of one correlation
	MaxCorrelatedEvents = 10_000               // events, or distinct values, of one group that a correlation can count
	MaxTimespan         = 366 * 24 * time.Hour // of a correlation
)
