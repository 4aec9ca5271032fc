package sigma

import (
	"slices"
	"strings"
)

// automaton finds all of a set of texts in one pass over a value: Aho-Corasick
// with short edge lists. A byte costs a bounded number of steps whatever the
// texts are, which is why a finder falls back on it.
//
// Invariants: states are numbered breadth-first, so the children of a state
// are consecutive and sorted by label, and a failure link leads to a smaller
// number.
type automaton struct {
	nodes   []acNode
	labels  []byte  // by state: the byte on the edge to it
	needles []int32 // what each text is reported as
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

// needleSet collects texts with the predicates they are for.
type needleSet map[string][]int32

func (n needleSet) add(text string, pred int32) {
	if list := n[text]; len(list) == 0 || list[len(list)-1] != pred {
		n[text] = append(list, pred)
	}
}

// addPart adds text to the needles of a finder, or of a long text the part the
// finder takes, and reports whether it added the whole.
func (n needleSet) addPart(text string, pred int32) (whole bool) {
	n.add(text[:min(len(text), maxNeedle)], pred)
	return len(text) <= maxNeedle
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

func newAutomaton(texts []string, needles []int32) *automaton {
	a := &automaton{needles: needles}
	mine := make([]string, len(needles)) // sorted, as texts is
	for i, n := range needles {
		mine[i] = texts[n]
	}
	a.nodes, a.labels = layOut(buildTrie(mine))
	a.link()
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

// step is one transition along edges and failure links.
func (a *automaton) step(s uint32, b byte) uint32 {
	for {
		if c := child(a.nodes, a.labels, s, b); c != 0 {
			return c
		}
		if s == 0 {
			return 0
		}
		s = a.nodes[s].fail
	}
}

// scan reports the needles in text, each as often as it occurs. The text is
// folded, or it is ASCII and folded on the way.
func (a *automaton) scan(text string, folded bool, report func(needle int32)) {
	s := uint32(0)
	for i := range len(text) {
		b := text[i]
		if !folded && b-'A' < 26 {
			b += 'a' - 'A'
		}
		s = a.step(s, b)
		for out := a.nodes[s].output; out >= 0; {
			n := &a.nodes[out]
			report(a.needles[n.needle])
			out = a.nodes[n.fail].output
		}
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

// child returns the child of state s along b, 0 if there is none.
func child(nodes []acNode, labels []byte, s uint32, b byte) uint32 {
	n := &nodes[s]
	lo, hi := n.first, n.first+uint32(n.count)
	for hi-lo > 8 {
		mid := (lo + hi) / 2
		if labels[mid] <= b {
			lo = mid
		} else {
			hi = mid
		}
	}
	for ; lo < hi; lo++ {
		if labels[lo] == b {
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
		s = child(t.nodes, t.labels, s, text[i])
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
		s = child(t.nodes, t.labels, s, text[i])
	}
}

func (t *trie) report(s uint32, m *Matcher) {
	if n := t.nodes[s].needle; n >= 0 {
		for _, p := range t.outs.of(n) {
			m.hitPredicate(p)
		}
	}
}
