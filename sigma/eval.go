package sigma

// What the matcher remembers of a predicate during one run of a group, in the
// low bits of its memo; the other bits are the run's epoch.
const (
	memoReported = iota + 1
	memoTrue
	memoFalse
	memoBits = 2
	maxEpoch = 1<<(32-memoBits) - 1
)

// runIndexed matches the rules of one group: first the index reports
// predicates, which makes rules candidates, then the candidates are evaluated.
func (m *Matcher) runIndexed(g *group) {
	ix := g.index
	if m.epoch++; m.epoch > maxEpoch {
		clear(m.memo)
		clear(m.candidate)
		clear(m.needles)
		m.epoch = 1
	}
	m.ix = ix
	m.candidates = m.candidates[:0]
	v := &m.view
	for i := range v.bindings {
		if f := ix.fields[v.bindings[i].fid]; f != nil {
			m.probe(f, int(v.bindings[i].field))
		}
	}
	if ix.keywords != nil {
		for i := range v.ev.Fields {
			m.probeKeywords(ix.keywords, i)
		}
	}
	for _, r := range ix.always {
		if m.eval(ix.rules[r].root) {
			m.hit(ix.rules[r].rule)
		}
	}
	for _, r := range m.candidates {
		if m.eval(ix.rules[r].root) {
			m.hit(ix.rules[r].rule)
		}
	}
}

// probeKeywords reports the keyword predicates about one value.
func (m *Matcher) probeKeywords(a *finder, i int) {
	f := &m.view.ev.Fields[i]
	// Folding never makes a text longer.
	if len(f.Value) < a.least || f.Kind == Null {
		return
	}
	text, folded := m.view.probeText(i)
	a.scan(text, folded, m)
}

// probe reports the predicates about one value of a field.
func (m *Matcher) probe(f *fieldIndex, i int) {
	for _, p := range f.exists {
		m.hitPredicate(p)
	}
	if i != object && m.view.ev.Fields[i].Kind == Null {
		return
	}
	for _, p := range f.present {
		m.hitPredicate(p)
	}
	if i == object {
		return
	}
	if f.number != nil {
		m.probeNumber(f.number, m.view.ev.Fields[i].Value)
	}
	if f.equal == nil && f.prefix == nil && f.suffix == nil && f.contains == nil {
		return
	}
	text, folded := m.view.probeText(i)
	at := endsOf(text, folded)
	if f.equal != nil {
		f.equal.scan(text, folded, at, m)
		if len(f.equal.over) > 0 {
			f.equal.scanOver(m.view.folded(i), m)
		}
	}
	if f.prefix != nil {
		f.prefix.scan(text, folded, at, m)
		if f.prefix.over != nil {
			f.prefix.scanOver(m.view.folded(i), m)
		}
	}
	if f.suffix != nil {
		f.suffix.scan(text, folded, at, m)
		if f.suffix.over != nil {
			f.suffix.scanOver(m.view.folded(i), m)
		}
	}
	if f.contains != nil {
		f.contains.scan(text, folded, m)
	}
}

func (m *Matcher) probeNumber(f *equals, text string) {
	if text == "" || text[0] > '9' {
		return
	}
	if isPlainInteger(text) {
		f.scan(text, true, endsOf(text, true), m)
		return
	}
	if d, ok := parseDecimal(text); ok {
		var buf [64]byte
		key := view(d.appendKey(buf[:0]))
		f.scan(key, true, endsOf(key, true), m)
	}
}

// hitPredicate notes that the index reports a predicate.
func (m *Matcher) hitPredicate(p int32) {
	if m.memo[p]>>memoBits == m.epoch {
		return
	}
	m.memo[p] = m.epoch<<memoBits | memoReported
	for _, r := range m.ix.watchers.of(p) {
		if m.candidate[r] != m.epoch {
			m.candidate[r] = m.epoch
			m.candidates = append(m.candidates, r)
		}
	}
}

func (m *Matcher) eval(node int32) bool {
	n := &m.ix.nodes[node]
	switch n.kind {
	case exprLeaf:
		return m.evalPredicate(n.pred)
	case exprAnd:
		for _, k := range m.ix.kids[n.first:n.last] {
			if !m.eval(k) {
				return false
			}
		}
		return true
	case exprOr:
		for _, k := range m.ix.kids[n.first:n.last] {
			if m.eval(k) {
				return true
			}
		}
		return false
	case exprNot:
		return !m.eval(m.ix.kids[n.first])
	}
	need := n.count
	for _, k := range m.ix.kids[n.first:n.last] {
		if m.eval(k) {
			if need--; need == 0 {
				return true
			}
		}
	}
	return false
}

func (m *Matcher) evalPredicate(p int32) bool {
	ix := m.ix
	if s := m.memo[p]; s>>memoBits == m.epoch {
		switch s & (1<<memoBits - 1) {
		case memoTrue:
			return true
		case memoFalse:
			return false
		}
		if ix.sure[p] {
			return true
		}
	} else if !ix.open[p] {
		return false
	}
	if ix.predicates[p].holds(&m.view) {
		m.memo[p] = m.epoch<<memoBits | memoTrue
		return true
	}
	m.memo[p] = m.epoch<<memoBits | memoFalse
	return false
}
