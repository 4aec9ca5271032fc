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
	// Pipelines change the rules before anything else, each a copy of it: the
	// ruleset then has the copies, and Rule.AsWritten leads back.
	Pipelines []*Pipeline
	// Unscoped evaluates every rule on every event, whatever the log source.
	Unscoped bool
	// Each lets the caller give Compile more cores: it runs do(0) to do(n-1), in
	// any order or at once, and returns when all have returned. Nil runs them one
	// after the other. The result is the same.
	Each func(n int, do func(i int))
}

func (o *Options) each(n int, do func(i int)) {
	if o.Each != nil && n > 1 {
		o.Each(n, do)
		return
	}
	for i := range n {
		do(i)
	}
}

// Ruleset is a compiled, immutable set of rules, safe for any number of
// goroutines.
type Ruleset struct {
	rules   []*Rule
	fields  *fieldTable
	groups  []*group
	scoping *scoping // nil when unscoped
	pool    sync.Pool

	// What it was compiled with, for Explain.
	opts    Options
	mapping Mapping
	filters []*Rule

	correlations *correlationSet
}

// Rules returns the loaded rules in the order they were given to Compile,
// without filters and correlation rules. The slice belongs to the ruleset.
func (rs *Ruleset) Rules() []*Rule { return rs.rules }

// Filters returns the filters that were applied. The slice belongs to the
// ruleset.
func (rs *Ruleset) Filters() []*Rule { return rs.filters }

// NewMatcher returns scratch memory for matching, for one goroutine at a time.
// It belongs to rs and lives as long as its user likes.
func (rs *Ruleset) NewMatcher() *Matcher {
	m := &Matcher{rs: rs, ran: make([]uint32, len(rs.groups)), scopes: map[LogSource]*scope{}}
	m.view.heads = make([]head, len(rs.fields.names))
	predicates, rules, needles := 0, 0, 0
	for _, g := range rs.groups {
		predicates = max(predicates, len(g.index.predicates))
		rules = max(rules, len(g.index.rules))
		needles = max(needles, g.index.needles)
	}
	m.memo = make([]uint32, predicates)
	m.candidate = make([]uint32, rules)
	m.needles = make([]uint32, needles)
	return m
}

// Match calls hit once for each rule that matches ev, in an order that only the
// rules and the event decide. It
// blocks on nothing and may be called from any number of goroutines; hit runs on
// the caller's goroutine.
func (rs *Ruleset) Match(ev *Event, hit func(*Rule)) {
	m, _ := rs.pool.Get().(*Matcher)
	if m == nil {
		m = rs.NewMatcher()
	}
	m.Match(ev, hit)
	rs.pool.Put(m)
}

// Matcher is the scratch memory that matching needs. It saves the pool visit
// of Ruleset.Match and is not safe for concurrent use.
type Matcher struct {
	rs       *Ruleset
	view     eventView
	ran      []uint32 // by group: the stamp of the event it last ran for
	hit      func(*Rule)
	fullScan bool   // evaluate every rule in scope, for tests and Explain
	inspect  func() // called instead for each group in scope, of a full scan
	lenient  bool   // take conditions of log sources on fields other than EventID as met, for Reach

	scopes     map[LogSource]*scope
	lastSource LogSource
	lastScope  *scope

	// The run of one group.
	ix         *groupIndex
	epoch      uint32
	memo       []uint32 // by predicate: epoch and what is known
	candidate  []uint32 // by rule: the epoch it became a candidate in
	candidates []int32
	needles    []uint32 // by needle of the automata: the epoch it was seen in
}

// Match calls hit once for each rule that matches ev, in an order that only the
// rules and the event decide. hit
// must not use the matcher. The event is only read, and nothing of it is kept.
func (m *Matcher) Match(ev *Event, hit func(*Rule)) {
	m.hit = hit
	m.view.load(ev, m.rs.fields)
	if m.view.stamp == 1 {
		clear(m.ran)
	}
	if m.rs.scoping == nil {
		m.runOnce(m.rs.groups[0])
	} else {
		m.runScoped()
	}
	m.view.release()
	m.hit = nil
}
