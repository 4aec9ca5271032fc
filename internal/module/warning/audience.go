package warning

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// AudienceReason is why a unit gets a warning.
type AudienceReason struct {
	By     string `json:"by" enum:"all,kind,under,software,indicator,person"`
	Detail string `json:"detail" doc:"the type, the unit above, the software, the indicator, or what the person wrote"`
	Count  int64  `json:"count,omitempty" doc:"events with the indicator"`
}

// Member is a unit a warning is for, or was taken off.
type Member struct {
	Unit    event.UnitID
	Reasons []AudienceReason
	Removed string // why a person took it off; "" it gets the warning
	By      string // who added it or took it off
}

const (
	maxReasons = 20 // of a unit; the rest is only counted
	maxDetail  = 300
)

// gathering is an audience being computed.
type gathering map[event.UnitID]*Member

func (g gathering) add(u event.UnitID, r AudienceReason) {
	m := g[u]
	if m == nil {
		m = &Member{Unit: u}
		g[u] = m
	}
	if letters(r.Detail) > maxDetail {
		r.Detail = string([]rune(r.Detail)[:maxDetail])
	}
	if len(m.Reasons) < maxReasons && !slices.Contains(m.Reasons, r) {
		m.Reasons = append(m.Reasons, r)
	}
}

// merge is what was computed together with what people decided before: who was
// added stays, who was taken off stays off and says why.
func (g gathering) merge(before []Member) []Member {
	for _, m := range before {
		if m.Removed != "" {
			if now := g[m.Unit]; now != nil {
				now.Removed, now.By = m.Removed, m.By
			}
			continue
		}
		for _, r := range m.Reasons {
			if r.By == "person" {
				g.add(m.Unit, r)
				g[m.Unit].By = m.By
			}
		}
	}
	list := make([]Member, 0, len(g))
	for _, m := range g {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(string(a.Unit), string(b.Unit)) })
	return list
}

// byRegister gathers whom the register of units alone tells.
func (g gathering) byRegister(c *AudienceChoice, units Units) {
	kinds := units.Kinds()
	for _, u := range units.Working() {
		if c.All {
			g.add(u, AudienceReason{By: "all"})
		}
		if k := kinds[u]; slices.Contains(c.Kinds, k) {
			g.add(u, AudienceReason{By: "kind", Detail: k})
		}
	}
	working := map[event.UnitID]bool{}
	for _, u := range units.Working() {
		working[u] = true
	}
	for _, top := range c.Under {
		for _, u := range append([]event.UnitID{top}, units.Below(top)...) {
			if working[u] {
				g.add(u, AudienceReason{By: "under", Detail: string(top)})
			}
		}
	}
}
