// Package query reads the search language: text in, a tree with byte offsets
// out. It knows nothing of SQL, segments or time ranges, and has no clock.
//
//	EventID:4625 AND NOT user:svc_* source.ip:(10.0.0.1 OR 10.0.0.2) "disk full"
//
// The grammar is docs/format/query.md. The meaning of a query is defined here,
// by [Query.Match] on one event: the lake answers from columns what Match would
// answer event by event, and its tests hold the two together.
//
// Invariants. Parse never panics and its time and depth are bounded by the
// length of the text ([MaxLength]). Every error is a [*SyntaxError] that says
// where and what was expected. A Query is immutable.
//
// Start reading at Parse, then Node, then Match.
package query

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Limits of one query.
const (
	MaxLength = 16 << 10 // bytes of text
	maxDepth  = 64       // nested parentheses and NOTs
	maxTerms  = 1000     // leaves
)

// Zone is that of times written without one.
var Zone = time.FixedZone("+07:00", 7*60*60)

// Query is one parsed query. The zero Query matches everything.
type Query struct {
	Text string // as parsed
	Root Node   // nil matches everything
}

// Node is one part of a query: [And], [Or], [Not], [Term] or [Any].
type Node interface {
	// Span returns the bytes of the text the node was read from.
	Span() (offset, length int)
}

// place is where in the text a node was read.
type place struct{ offset, length int }

// Span implements [Node].
func (p place) Span() (offset, length int) { return p.offset, p.length }

// And matches what all parts match; it has at least two.
type And struct {
	place
	Parts []Node
}

// Or matches what any part matches; it has at least two.
type Or struct {
	place
	Parts []Node
}

// Not matches what Part does not.
type Not struct {
	place
	Part Node
}

// Op says how a [Term] compares.
type Op uint8

// The comparisons of a term.
const (
	Equal   Op = iota // the whole value matches Pattern
	Text              // Pattern occurs in the raw record or in a value; Field is ""
	Exists            // the field has a value that is not null
	IsNull            // the field is present and null
	Range             // the value lies between Low and High
	Matches           // Regex fits; without a Field it may fit in the raw record or any value
	Within            // the value is an IP address in Network
)

// Term is one comparison.
type Term struct {
	place
	Op      Op
	Field   string  // as written; see [Field] for how it is resolved
	Pattern Pattern // of Equal and Text
	Low     *Bound  // of Range; nil: open
	High    *Bound
	Regex   *Regex       // of Matches
	Network netip.Prefix // of Within
}

// Any matches an event that has a value Test accepts in a field Name accepts. It
// has no written form: programs make it, for questions too large or too exact for
// terms, such as a list of ten thousand addresses.
//
// Its functions are asked once for each different value rather than for each
// event, by several goroutines at once, and always answer alike.
type Any struct {
	place
	Name func(folded string) bool // of one of the event's own fields, folded; nil: of each
	Test func(value string) bool  // of a value that is not null, as it is; nil: any
	Null bool                     // an explicit null is accepted, too
	// Needs lists sets of folded texts: each value that Test accepts contains,
	// folded, a text of each set. It is what an index can go by, and may be empty;
	// it says nothing of nulls.
	Needs [][]string
}

// Accepts reports whether a value matches that is in a field Name accepts.
func (a *Any) Accepts(value string, null bool) bool {
	if null {
		return a.Null
	}
	return a.Test == nil || a.Test(value)
}

// Pattern is a text with wildcards. Parts are folded ([Fold]) literals; between
// two of them stands the wildcard of the same index in Wild ('*' or '?'), so
// len(Parts) == len(Wild)+1. Literals may be empty.
type Pattern struct {
	Parts []string
	Wild  []byte
}

// Literal returns the pattern's text and whether it has no wildcard.
func (p Pattern) Literal() (string, bool) {
	if len(p.Wild) != 0 || len(p.Parts) != 1 {
		return "", false
	}
	return p.Parts[0], true
}

// BoundKind says how a bound compares.
type BoundKind uint8

// The kinds of bounds.
const (
	NumberBound BoundKind = iota // values that are numbers, as numbers
	TextBound                    // folded values, byte by byte
	TimeBound                    // the two core times
)

// Bound is one end of a range.
type Bound struct {
	Kind      BoundKind
	Number    float64
	Text      string // folded
	Time      time.Time
	Inclusive bool
}

// SyntaxError says where a query is wrong and what would be right there.
type SyntaxError struct {
	Offset, Length int    // bytes; Length 0 at the end of the text
	Code           string // stable, for translations: "query.value-missing"
	Message        string
	Expected       []string // what could stand there, for people
}

func (e *SyntaxError) Error() string {
	if len(e.Expected) == 0 {
		return fmt.Sprintf("query, byte %d: %s", e.Offset, e.Message)
	}
	return fmt.Sprintf("query, byte %d: %s; expected %s", e.Offset, e.Message, strings.Join(e.Expected, " or "))
}
