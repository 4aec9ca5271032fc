package sigma

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// groupIndex answers for the rules of one group which of them an event can
// match at all, so that only those are evaluated.
//
// Every predicate about text is put into a structure of its field that finds
// all predicates holding for a value at once: tables for equality, beginnings
// and endings (ends.go), a finder for texts anywhere (finder.go); tries and an
// automaton stand behind them, so that no set of rules makes them slow. Left out
// are texts so short that looking for them everywhere costs more than asking
// the few times a rule wants to know. What the structures report is either the
// truth (sure) or only possible and checked when a rule asks; what
// they do not report is false. Of each rule, a set of predicates is chosen one
// of which must hold whenever the rule matches, its witnesses: the rule is a
// candidate when one is reported. Rules without witnesses (they match on what
// an event lacks) are always candidates.
//
// The one property all rests on: a predicate that holds and is not open is
// reported. It may be reported without holding. Tests compare with the plain
// evaluation in expr.holds.
type groupIndex struct {
	predicates []*predicate
	sure       []bool // reported means true
	open       []bool // never reported: ask the predicate itself

	rules    []indexedRule
	nodes    []evalNode
	kids     []int32
	always   []int32 // rules without witnesses
	watchers outputs // by predicate: the rules it is a witness of

	fields   []*fieldIndex // by field number
	keywords *finder
	needles  int // number of texts of all finders
}

type indexedRule struct {
	rule *Rule
	root int32
}

// evalNode is an expr with its predicates numbered within the group.
type evalNode struct {
	kind        exprKind
	count       int32 // exprAtLeast
	pred        int32 // exprLeaf
	first, last int32 // kids
}

// fieldIndex finds the predicates that hold for a value of one field.
type fieldIndex struct {
	present  []int32 // hit by any value but null
	exists   []int32 // hit by any value
	equal    *equals
	number   *equals
	prefix   *affixes
	suffix   *affixes
	contains *finder
}

type indexBuilder struct {
	ix       *groupIndex
	numbers  map[*predicate]int32
	fields   map[int32]*fieldNeedles
	keywords needleSet
}

type fieldNeedles struct {
	present, exists                         []int32
	equal, number, prefix, suffix, contains needleSet
}

func newGroupIndex(rules []compiledRule, fieldCount int) *groupIndex {
	b := &indexBuilder{ix: &groupIndex{}, numbers: map[*predicate]int32{}, fields: map[int32]*fieldNeedles{}, keywords: needleSet{}}
	for _, r := range rules {
		r.expr.walk(func(e *expr) {
			if e.kind == exprLeaf {
				b.addPredicate(e.pred)
			}
		})
	}
	watch := make([][]int32, len(b.ix.predicates))
	for i, r := range rules {
		w := b.witnesses(r.expr)
		if w.preds == nil {
			b.ix.always = append(b.ix.always, int32(i))
		}
		slices.Sort(w.preds)
		for _, p := range slices.Compact(w.preds) {
			watch[p] = append(watch[p], int32(i))
		}
	}
	for n, list := range watch {
		b.ix.watchers.add(list)
		b.file(int32(n), len(list) > 0)
	}
	for _, r := range rules {
		b.ix.rules = append(b.ix.rules, indexedRule{r.rule, b.flatten(r.expr)})
	}
	b.finish(fieldCount)
	return b.ix
}

func (b *indexBuilder) addPredicate(p *predicate) {
	if _, ok := b.numbers[p]; !ok {
		b.numbers[p] = int32(len(b.ix.predicates))
		b.ix.predicates = append(b.ix.predicates, p)
		b.ix.sure = append(b.ix.sure, false)
		b.ix.open = append(b.ix.open, !p.indexable())
	}
}

// indexable reports whether the index can report p when it holds.
func (p *predicate) indexable() bool {
	if p.kind == predNull {
		return false
	}
	_, gated := p.gate()
	return gated || p.fid != anyField
}

const (
	shortNeedle = 4
	maxLazy     = 8
)

// lazy reports whether p is better asked when a rule wants to know than looked
// for in every value: it is about a few texts that are too short to be rare.
func (p *predicate) lazy() bool {
	return p.kind == predLiterals && len(p.literals) <= maxLazy && slices.ContainsFunc(p.literals, func(l literal) bool {
		return l.shape == shapeContains && len(l.text) < shortNeedle
	})
}

// file puts what predicate n looks for into the index, unless it is open.
func (b *indexBuilder) file(n int32, witness bool) {
	p := b.ix.predicates[n]
	if !witness && p.lazy() {
		b.ix.open[n] = true
	}
	if b.ix.open[n] {
		return
	}
	gate, gated := p.gate()
	sure := p.kind == predLiterals && !p.cased
	if p.fid == anyField {
		for _, l := range gate {
			sure = b.keywords.addPart(l.text, n) && sure && l.shape == shapeContains
		}
		b.ix.sure[n] = sure
		return
	}
	f := b.fields[p.fid]
	if f == nil {
		f = &fieldNeedles{equal: needleSet{}, number: needleSet{}, prefix: needleSet{}, suffix: needleSet{}, contains: needleSet{}}
		b.fields[p.fid] = f
	}
	switch {
	case p.kind == predExists:
		f.exists = append(f.exists, n)
		sure = true
	case !gated:
		f.present = append(f.present, n)
		sure = p.kind == predPresent
	}
	for _, l := range gate {
		switch l.shape {
		case shapeEqual:
			f.equal.add(l.text, n)
		case shapeNumber:
			f.number.add(l.text, n)
		case shapePrefix:
			f.prefix.add(l.text, n)
		case shapeSuffix:
			f.suffix.add(l.text, n)
		case shapeContains:
			sure = f.contains.addPart(l.text, n) && sure
		}
	}
	b.ix.sure[n] = sure
}

// gate returns folded literals one of which the folded value must match if the
// predicate holds for it. It returns false if there are none, so that any
// value may do.
func (p *predicate) gate() ([]literal, bool) {
	switch p.kind {
	case predLiterals:
		if !p.cased {
			return p.literals, true
		}
		out := make([]literal, len(p.literals))
		for i, l := range p.literals {
			// Half a character folds differently alone and in its place.
			if !utf8.ValidString(l.text) {
				return nil, false
			}
			out[i] = literal{l.shape, fold(l.text)}
		}
		return out, true
	case predGlob:
		text := p.glob.longest()
		if text == "" || p.cased && !utf8.ValidString(text) {
			return nil, false
		}
		return []literal{{shapeContains, fold(text)}}, true
	case predRegex:
		out := make([]literal, len(p.required))
		for i, text := range p.required {
			out[i] = literal{shapeContains, text}
		}
		return out, len(out) > 0
	}
	return nil, false
}

func (b *indexBuilder) finish(fieldCount int) {
	ix := b.ix
	ix.fields = make([]*fieldIndex, fieldCount)
	rare := &rarity{}
	finderOf := func(set needleSet) *finder {
		if len(set) == 0 {
			return nil
		}
		f := newFinder(set, ix.needles, rare)
		ix.needles += len(set)
		return f
	}
	equalsOf := func(set needleSet) *equals {
		if len(set) == 0 {
			return nil
		}
		return newEquals(set)
	}
	affixesOf := func(set needleSet, backwards bool) *affixes {
		if len(set) == 0 {
			return nil
		}
		return newAffixes(set, backwards)
	}
	for fid, f := range b.fields {
		ix.fields[fid] = &fieldIndex{
			present: f.present, exists: f.exists, equal: equalsOf(f.equal), number: equalsOf(f.number),
			prefix: affixesOf(f.prefix, false), suffix: affixesOf(f.suffix, true), contains: finderOf(f.contains),
		}
	}
	ix.keywords = finderOf(b.keywords)
}

// flatten turns an expression into nodes, cheap parts first.
func (b *indexBuilder) flatten(e *expr) int32 {
	n := evalNode{kind: e.kind, count: int32(e.count)}
	if e.kind == exprLeaf {
		n.pred = b.numbers[e.pred]
	} else {
		order := slices.Clone(e.kids)
		slices.SortStableFunc(order, func(x, y *expr) int { return cmp.Compare(b.effort(x), b.effort(y)) })
		roots := make([]int32, len(order))
		for i, k := range order {
			roots[i] = b.flatten(k)
		}
		n.first = int32(len(b.ix.kids))
		b.ix.kids = append(b.ix.kids, roots...)
		n.last = int32(len(b.ix.kids))
	}
	b.ix.nodes = append(b.ix.nodes, n)
	return int32(len(b.ix.nodes) - 1)
}

// effort estimates what evaluating e costs once the index has run.
func (b *indexBuilder) effort(e *expr) int {
	if e.kind == exprLeaf {
		n := b.numbers[e.pred]
		switch {
		case b.ix.sure[n]:
			return 1
		case e.pred.kind == predRegex:
			return 100
		}
		return 10
	}
	sum := 1
	for _, k := range e.kids {
		sum += b.effort(k)
	}
	return sum
}

// witnessSet is a set of predicates one of which holds whenever the expression
// does, with an estimate of how often one is reported. No set: preds is nil.
type witnessSet struct {
	preds []int32
	often float64
}

var noWitness = witnessSet{often: math.Inf(1)}

func (b *indexBuilder) witnesses(e *expr) witnessSet {
	switch e.kind {
	case exprLeaf:
		n := b.numbers[e.pred]
		if b.ix.open[n] {
			return noWitness
		}
		return witnessSet{[]int32{n}, e.pred.often()}
	case exprAnd:
		best := noWitness
		for _, k := range e.kids {
			if w := b.witnesses(k); w.preds != nil && w.often < best.often {
				best = w
			}
		}
		return best
	case exprOr:
		return b.union(e.kids)
	case exprAtLeast:
		// If count of n hold, one of any n-count+1 does.
		sets := make([]witnessSet, len(e.kids))
		order := make([]int, len(e.kids))
		for i, k := range e.kids {
			sets[i], order[i] = b.witnesses(k), i
		}
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(sets[x].often, sets[y].often) })
		var kids []*expr
		for _, i := range order[:len(e.kids)-e.count+1] {
			kids = append(kids, e.kids[i])
		}
		return b.union(kids)
	}
	return noWitness
}

func (b *indexBuilder) union(kids []*expr) witnessSet {
	var u witnessSet
	for _, k := range kids {
		w := b.witnesses(k)
		if w.preds == nil {
			return noWitness
		}
		u.preds = append(u.preds, w.preds...)
		u.often += w.often
	}
	return u
}

// oftenEqual are fields of which rules name the same few values again and
// again, so that equality there says little about an event.
var oftenEqual = []string{"EventID", "Channel", "Provider_Name", "EventType", "Initiated", "LogonType", "eventSource", "type", "SYSCALL", "Level", "IntegrityLevel"}

// often estimates how often the index reports a predicate, in events of ten
// thousand. Only the order matters.
func (p *predicate) often() float64 {
	gate, ok := p.gate()
	if !ok {
		return 5000
	}
	sum := 0.0
	for _, l := range gate {
		n := float64(len(l.text))
		switch {
		case (l.shape == shapeEqual || l.shape == shapeNumber) && slices.Contains(oftenEqual, p.field):
			sum += 1000
		case l.shape == shapeEqual, l.shape == shapeNumber:
			sum += 2 + 20/(n+1)
		case l.shape == shapeContains:
			sum += 1 + 1500/(n*n*n+1)
		default:
			sum += 1 + 1000/(n*n*n+1)
		}
	}
	return min(sum, 5000)
}
