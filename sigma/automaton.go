package sigma

import (
	"slices"
	"strings"
)

// automaton finds all of a set of texts in one pass over a value: Aho-Corasick
// with a table for the states near the root and short edge lists for the rest.
//
// The obvious design, a full transition table over compressed byte classes, is
// a little faster while it fits the cache, but 70,000 states of 64 classes are
// 18 MB. Logs rarely lead further from the root than three letters, so only
// the first states in breadth-first order get a row; deeper ones keep their
// children next to each other and fall back along failure links.
//
// Invariants: states are numbered breadth-first, so the children of a state
// are consecutive and sorted by label, and a failure link leads to a smaller
// number. Hence every state reached by failing from a dense state is dense.
type automaton struct {
	class  [256]uint8
	shift  uint8
	dense  uint32
	rows   []uint32 // dense states x classes; next state, flagged if it has output
	nodes  []acNode // all states
	labels []byte   // by state: the byte on the edge to it
	outs   outputs
	gate   *gate // nil if it would let too much through
	least  int   // length of the shortest needle
}

type acNode struct {
	first uint32 // first child
	count uint16
	fail  uint32
	// output is the nearest state on the way along the failure links,
	// itself included, at which a needle ends; -1 if there is none.
	output int32
	// needle is the number of the needle ending here, or -1.
	needle int32
}

// outputs lists the targets of each needle.
type outputs struct {
	base    int // number of the first needle among all of the group
	offsets []int32
	targets []int32
}

func (o *outputs) add(targets []int32) {
	if len(o.offsets) == 0 {
		o.offsets = append(o.offsets, 0)
	}
	o.targets = append(o.targets, targets...)
	o.offsets = append(o.offsets, int32(len(o.targets)))
}

func (o *outputs) of(needle int32) []int32 {
	return o.targets[o.offsets[needle]:o.offsets[needle+1]]
}

const (
	outputFlag     = 1 << 31
	maxDenseStates = 512 // their rows fit a first-level cache or nearly so
)

// needleSet collects texts with the predicates they are for.
type needleSet map[string][]int32

func (n needleSet) add(text string, pred int32) {
	if list := n[text]; len(list) == 0 || list[len(list)-1] != pred {
		n[text] = append(list, pred)
	}
}

func (n needleSet) sorted() []string {
	texts := make([]string, 0, len(n))
	for t := range n {
		texts = append(texts, t)
	}
	slices.Sort(texts)
	return texts
}

// trieNode is a node while a trie is being built.
type trieNode struct {
	child, last, sibling int32
	needle               int32
	label                byte
}

// buildTrie makes a trie of sorted, distinct, non-empty texts. The children of
// each node come in the order of their labels.
func buildTrie(texts []string) []trieNode {
	size := 1
	for _, t := range texts {
		size += len(t)
	}
	nodes := make([]trieNode, 1, size)
	nodes[0] = trieNode{child: -1, last: -1, sibling: -1, needle: -1}
	path := []int32{0}
	prev := ""
	for n, text := range texts {
		same := 0
		for same < len(prev) && same < len(text) && prev[same] == text[same] {
			same++
		}
		path = path[:same+1]
		for i := same; i < len(text); i++ {
			parent := path[i]
			id := int32(len(nodes))
			nodes = append(nodes, trieNode{child: -1, last: -1, sibling: -1, needle: -1, label: text[i]})
			if nodes[parent].child < 0 {
				nodes[parent].child = id
			} else {
				nodes[nodes[parent].last].sibling = id
			}
			nodes[parent].last = id
			path = append(path, id)
		}
		nodes[path[len(text)]].needle = int32(n)
		prev = text
	}
	return nodes
}

// layOut renumbers a trie breadth-first.
func layOut(trie []trieNode) (nodes []acNode, labels []byte) {
	nodes = make([]acNode, len(trie))
	labels = make([]byte, len(trie))
	order := make([]int32, 1, len(trie))
	for s := 0; s < len(order); s++ {
		t := &trie[order[s]]
		nodes[s] = acNode{first: uint32(len(order)), needle: t.needle, output: -1}
		for c := t.child; c >= 0; c = trie[c].sibling {
			labels[len(order)] = trie[c].label
			order = append(order, c)
			nodes[s].count++
		}
	}
	return nodes, labels
}

func newAutomaton(set needleSet, base int) *automaton {
	texts := set.sorted()
	a := &automaton{outs: outputs{base: base}, gate: newGate(texts), least: shortest(texts)}
	for _, t := range texts {
		a.outs.add(set[t])
	}
	a.nodes, a.labels = layOut(buildTrie(texts))
	a.link()
	a.fillRows()
	return a
}

// link sets the failure links and outputs, parents before children.
func (a *automaton) link() {
	if a.nodes[0].needle >= 0 {
		a.nodes[0].output = 0
	}
	for s := range a.nodes {
		n := &a.nodes[s]
		for k := range uint32(n.count) {
			c := n.first + k
			child := &a.nodes[c]
			if s > 0 {
				child.fail = a.step(n.fail, a.labels[c])
			}
			if child.needle >= 0 {
				child.output = int32(c)
			} else {
				child.output = a.nodes[child.fail].output
			}
		}
	}
}

func (a *automaton) child(s uint32, b byte) (uint32, bool) {
	n := &a.nodes[s]
	for k := range uint32(n.count) {
		if a.labels[n.first+k] == b {
			return n.first + k, true
		}
	}
	return 0, false
}

// step is one transition along edges and failure links.
func (a *automaton) step(s uint32, b byte) uint32 {
	for {
		if c, ok := a.child(s, b); ok {
			return c
		}
		if s == 0 {
			return 0
		}
		s = a.nodes[s].fail
	}
}

func (a *automaton) fillRows() {
	classes := 1
	for _, b := range a.labels[1:] {
		if a.class[b] == 0 {
			if classes == 256 {
				// All bytes occur; they are their own classes.
				for i := range a.class {
					a.class[i] = uint8(i)
				}
				break
			}
			a.class[b] = uint8(classes)
			classes++
		}
	}
	for 1<<a.shift < classes {
		a.shift++
	}
	a.dense = uint32(min(len(a.nodes), maxDenseStates))
	a.rows = make([]uint32, int(a.dense)<<a.shift)
	for s := range a.dense {
		row := a.rows[s<<a.shift : (s+1)<<a.shift]
		if s > 0 {
			f := a.nodes[s].fail
			copy(row, a.rows[f<<a.shift:(f+1)<<a.shift])
		}
		n := &a.nodes[s]
		for k := range uint32(n.count) {
			c := n.first + k
			to := c
			if a.nodes[c].output >= 0 {
				to |= outputFlag
			}
			row[a.class[a.labels[c]]] = to
		}
	}
}

// scan reports the needles in text, which is folded, to m.
func (a *automaton) scan(text string, m *Matcher) {
	if len(text) < a.least {
		return
	}
	if a.gate == nil {
		a.run(text, 0, len(text), m)
		return
	}
	for i := a.gate.next(text, a.gate.stride-1); i < len(text); {
		// A needle around i begins at or after start; none that begins before
		// is missed, the gate would have opened for it. The run ends where
		// nothing is under way any more.
		start := max(0, i-a.gate.reach)
		end := a.run(text, start, i+2, m)
		i = a.gate.next(text, max(end, i+1)+a.gate.stride-1)
	}
}

// run scans text from start at least up to least and on until no needle is
// under way, and returns where it stopped.
func (a *automaton) run(text string, start, least int, m *Matcher) int {
	s := uint32(0)
	dense, shift, rows := a.dense, a.shift, a.rows
	for i := start; i < len(text); i++ {
		if i >= least && s == 0 {
			return i
		}
		b := text[i]
		for s >= dense {
			if c, ok := a.child(s, b); ok {
				s = c
				if a.nodes[s].output >= 0 {
					a.report(s, m)
				}
				goto next
			}
			s = a.nodes[s].fail
		}
		s = rows[s<<shift|uint32(a.class[b])]
		if s >= outputFlag {
			s &^= outputFlag
			a.report(s, m)
		}
	next:
	}
	return len(text)
}

// report hits the targets of all needles ending at s. A needle seen before in
// this run ends it: those further along were reported with it.
func (a *automaton) report(s uint32, m *Matcher) {
	for out := a.nodes[s].output; out >= 0; {
		n := &a.nodes[out]
		seen := &m.needles[a.outs.base+int(n.needle)]
		if *seen == m.epoch {
			return
		}
		*seen = m.epoch
		for _, p := range a.outs.of(n.needle) {
			m.hitPredicate(p)
		}
		out = a.nodes[n.fail].output
	}
}

// trie finds which of a set of texts a value begins with, or ends with if it
// was built backwards.
type trie struct {
	root   [256]uint32 // child of the root, or 0
	nodes  []acNode
	labels []byte
	outs   outputs
}

func newTrie(set needleSet, backwards bool) *trie {
	t := &trie{}
	if backwards {
		turned := needleSet{}
		for text, preds := range set {
			turned[reverse(text)] = preds
		}
		set = turned
	}
	texts := set.sorted()
	for _, text := range texts {
		t.outs.add(set[text])
	}
	t.nodes, t.labels = layOut(buildTrie(texts))
	for k := range uint32(t.nodes[0].count) {
		c := t.nodes[0].first + k
		t.root[t.labels[c]] = c
	}
	return t
}

func reverse(s string) string {
	var b strings.Builder
	for i := len(s) - 1; i >= 0; i-- {
		b.WriteByte(s[i])
	}
	return b.String()
}

func (t *trie) child(s uint32, b byte) uint32 {
	n := &t.nodes[s]
	lo, hi := n.first, n.first+uint32(n.count)
	for hi-lo > 8 {
		mid := (lo + hi) / 2
		if t.labels[mid] <= b {
			lo = mid
		} else {
			hi = mid
		}
	}
	for ; lo < hi; lo++ {
		if t.labels[lo] == b {
			return lo
		}
	}
	return 0
}

func (t *trie) prefixes(text string, m *Matcher) {
	if text == "" {
		return
	}
	s := t.root[text[0]]
	for i := 1; s != 0; i++ {
		t.report(s, m)
		if i == len(text) {
			return
		}
		s = t.child(s, text[i])
	}
}

func (t *trie) suffixes(text string, m *Matcher) {
	if text == "" {
		return
	}
	s := t.root[text[len(text)-1]]
	for i := len(text) - 2; s != 0; i-- {
		t.report(s, m)
		if i < 0 {
			return
		}
		s = t.child(s, text[i])
	}
}

func (t *trie) report(s uint32, m *Matcher) {
	if n := t.nodes[s].needle; n >= 0 {
		for _, p := range t.outs.of(n) {
			m.hitPredicate(p)
		}
	}
}
