package sigma

type detection struct{}

// Mapping says which events belong to which log source.
type Mapping struct{}

// Matcher is the scratch memory of one goroutine.
type Matcher struct{ rs *Ruleset }

// Parse reads the rules of a YAML file of one or more documents.
func Parse(src []byte, file string) ([]*Rule, []Problem) { return nil, nil }

// ParseMapping reads a log source mapping.
func ParseMapping(src []byte) (Mapping, error) { return Mapping{}, nil }

// DefaultMapping is the built-in mapping.
func DefaultMapping() Mapping { return Mapping{} }

// Compile builds a ruleset.
func Compile(rules []*Rule, m Mapping, o Options) (*Ruleset, []Problem) {
	return &Ruleset{rules: rules}, nil
}

// NewMatcher returns scratch memory for one goroutine.
func (rs *Ruleset) NewMatcher() *Matcher { return &Matcher{rs: rs} }

// Match calls hit for each rule that matches ev.
func (m *Matcher) Match(ev *Event, hit func(*Rule)) {}

// Match is Matcher.Match with pooled scratch memory.
func (rs *Ruleset) Match(ev *Event, hit func(*Rule)) {}
