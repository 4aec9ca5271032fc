package sigma

import "sync"

// Options changes how rules are compiled. The zero value is the plain
// specification.
type Options struct {
	// Placeholders gives the values of %name% placeholders of the expand
	// modifier. A rule with an undefined placeholder is refused.
	Placeholders map[string][]string
	// NullMatchesEmpty makes "field: null" also match an empty string.
	// Without it null matches only an absent field or an explicit null.
	NullMatchesEmpty bool
	// Unscoped evaluates every rule on every event, whatever the log source.
	Unscoped bool
}

// Ruleset is a compiled, immutable set of rules, safe for any number of
// goroutines.
type Ruleset struct {
	rules []*Rule
	pool  sync.Pool
}

// Rules returns the loaded rules in the order they were given to Compile.
// The slice belongs to the ruleset.
func (rs *Ruleset) Rules() []*Rule { return rs.rules }
