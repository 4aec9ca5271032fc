package sigma

type groupIndex struct{}

func newGroupIndex(rules []compiledRule) *groupIndex { return &groupIndex{} }

func (m *Matcher) runIndexed(g *group) {
	for i := range g.rules {
		if g.rules[i].expr.holds(&m.view) {
			m.hit(g.rules[i].rule)
		}
	}
}
