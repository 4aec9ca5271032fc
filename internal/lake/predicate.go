package lake

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/lachan-vn/lachan/internal/query"
)

// predicate is a query compiled for scanning: what does not depend on a segment
// is worked out once. The parts of an AND or OR stand in the order of what they
// cost, the cheapest first.
type predicate struct {
	op    predicateOp
	parts []*predicate
	cost  int
	term  *termPredicate
	any   *anyPredicate
}

type predicateOp uint8

const (
	allOf predicateOp = iota
	anyOf
	noneOf // of one part
	isTerm
	isAny
)

// termPredicate is one term and where its values stand.
type termPredicate struct {
	term     query.Term
	core     query.Core
	field    string // folded column name; "": no field
	key      string // of the field in _overflow
	cells    *matcher
	text     *freeText // of free text and the core's raw record
	low, top int64     // of times, both inclusive, in microseconds
}

// anyPredicate is a program's question about values.
type anyPredicate struct {
	any    query.Any
	values *matcher
	asked  sync.Map // folded field name -> whether Name accepts it
}

func (a *anyPredicate) named(folded string) bool {
	if a.any.Name == nil {
		return true
	}
	if is, ok := a.asked.Load(folded); ok {
		return is.(bool)
	}
	is := a.any.Name(folded)
	a.asked.Store(strings.Clone(folded), is)
	return is
}

func compile(n query.Node) *predicate {
	switch n := n.(type) {
	case query.And:
		return compileParts(allOf, n.Parts)
	case query.Or:
		return compileParts(anyOf, n.Parts)
	case query.Not:
		part := compile(n.Part)
		return &predicate{op: noneOf, parts: []*predicate{part}, cost: part.cost}
	case query.Term:
		t := compileTerm(n)
		return &predicate{op: isTerm, term: t, cost: t.cost()}
	case query.Any:
		return &predicate{op: isAny, any: &anyPredicate{any: n, values: &matcher{kind: matchAsked, any: &n}}, cost: pick(n.Name == nil, 5000, 30)}
	}
	return &predicate{op: anyOf} // nothing
}

func compileParts(op predicateOp, nodes []query.Node) *predicate {
	p := &predicate{op: op}
	for _, n := range nodes {
		part := compile(n)
		p.parts = append(p.parts, part)
		p.cost += part.cost
	}
	slices.SortStableFunc(p.parts, func(a, b *predicate) int { return cmp.Compare(a.cost, b.cost) })
	return p
}

func compileTerm(t query.Term) *termPredicate {
	out := &termPredicate{term: t}
	if t.Field == "" {
		out.text = newFreeText(newTextMatcher(t, true), newTextMatcher(t, false))
		return out
	}
	out.core, out.field = query.Resolve(t.Field)
	switch out.core {
	case query.Time, query.Received:
		out.times()
	case query.Raw:
		out.text = newFreeText(nil, newRawMatcher(t))
	default:
		out.cells = newMatcher(t)
	}
	if out.field != "" {
		out.key = query.Fold(clean(out.field, ""))
		out.field = query.Fold(columnName(out.field))
	}
	return out
}

// times reads the bounds of a term on a time; low > top means nothing.
func (t *termPredicate) times() {
	t.low, t.top = math.MinInt64, math.MaxInt64
	switch t.term.Op {
	case query.Exists:
	case query.Range:
		if b := t.term.Low; b != nil {
			if t.low = b.Time.UnixMicro(); !b.Inclusive {
				t.low++
			}
		}
		if b := t.term.High; b != nil {
			if t.top = b.Time.UnixMicro(); !b.Inclusive {
				t.top--
			}
		}
	default:
		t.low, t.top = 1, 0
	}
}

// cost orders terms; only which is greater matters.
func (t *termPredicate) cost() int {
	switch {
	case t.term.Field == "":
		return 1000
	case t.core == query.Raw:
		return 500
	case t.core == query.ID:
		return 50
	case t.core == query.Time, t.core == query.Received:
		return 4
	case t.core != query.NoCore && t.field == "":
		return 3
	case t.cells.kind == matchOther:
		return 30
	case t.cells.kind == matchAny, t.cells.kind == matchWhole:
		return 10
	}
	return 15
}

// verdict is what is known of all rows of a row group without reading them.
type verdict uint8

const (
	someRows verdict = iota // it must be looked at
	noRow
	everyRow
)

// verdict tells what statistics and indexes know.
func (x *groupScan) verdict(p *predicate) verdict {
	switch p.op {
	case noneOf:
		switch x.verdict(p.parts[0]) {
		case noRow:
			return everyRow
		case everyRow:
			return noRow
		}
		return someRows
	case isTerm:
		return x.termVerdict(p.term)
	case isAny:
		return x.anyVerdict(&p.any.any)
	}
	// One part that decides is enough; otherwise all must agree.
	decides, agreed := noRow, everyRow
	if p.op == anyOf {
		decides, agreed = everyRow, noRow
	}
	for _, part := range p.parts {
		switch x.verdict(part) {
		case decides:
			return decides
		case someRows:
			agreed = someRows
		}
	}
	return agreed
}

func (x *groupScan) termVerdict(t *termPredicate) verdict {
	if t.term.Field == "" {
		if !x.mayContainAll(t.text.raw.needs) && x.coversBorders() {
			return noRow
		}
		return someRows
	}
	switch t.core {
	case query.Time, query.Received:
		low, high, ok := x.timeRange(pick(t.core == query.Time, colTime, colReceived))
		switch {
		case t.low > t.top || ok && (high < t.low || low > t.top):
			return noRow
		case ok && low >= t.low && high <= t.top:
			return everyRow
		}
		return someRows
	case query.Raw:
		if !x.mayContainAll(t.text.raw.needs) && x.coversBorders() {
			return noRow
		}
		return someRows
	case query.ID, query.Skewed:
		return someRows
	}
	if col, ok := coreTexts[t.core]; ok && !x.r.empty(x.group, col) {
		return someRows
	}
	if t.field == "" || !x.mayContainAll(t.cells.needs) {
		return noRow
	}
	if col, _, ok := x.fieldColumn(t.field); ok && !x.r.empty(x.group, col) &&
		(t.cells.kind != matchWhole || x.r.mayEqual(x.group, col, t.cells.needs[0])) {
		return someRows
	}
	if x.seg.overflow && !x.r.empty(x.group, colOverflow) {
		return someRows
	}
	return noRow
}

func (x *groupScan) anyVerdict(a *query.Any) verdict {
	for _, set := range a.Needs {
		if !a.Null && !slices.ContainsFunc(set, x.mayContain) {
			return noRow
		}
	}
	return someRows
}

// coreTexts are the columns of the core's texts.
var coreTexts = map[query.Core]int{
	query.Unit: colUnit, query.Host: colHost, query.Input: colInput, query.Peer: colPeer, query.Format: colFormat,
	query.Product: colProduct, query.Category: colCategory, query.Service: colService, query.Rule: colRules,
}

func pick[T any](b bool, yes, no T) T {
	if b {
		return yes
	}
	return no
}
