package sigma

import "time"

// Limits on what one rule may ask for. They are far above anything a rule
// written by a person needs and are enforced when the rule is loaded, so that
// a hostile rule costs its own refusal and nothing at match time.
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
	MaxRegexTotal    = 20_000    // instructions of all regular expressions of one rule
	MaxRegexText     = 128 << 10 // bytes of a value that a regular expression looks at
	MaxConditionLen  = 16 << 10  // bytes of one condition
	MaxConditionDeep = 64        // nesting of parentheses and "not"
	MaxExprNodes     = 60_000    // nodes of the compiled expression

	MaxFilters          = 500                  // of one ruleset
	MaxCorrelations     = 1_000                // of one ruleset
	MaxCorrelationDeep  = 16                   // correlations that build on each other
	MaxCorrelatedFields = 32                   // names in group-by, and in field
	MaxCorrelatedRules  = 64                   // rules of one correlation
	MaxCorrelatedEvents = 10_000               // events, or distinct values, of one group that a correlation can count
	MaxTimespan         = 366 * 24 * time.Hour // of a correlation
)
