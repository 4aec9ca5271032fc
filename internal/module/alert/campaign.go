package alert

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// GroupKind says what the alerts of a group have in common.
type GroupKind string

// The kinds of groups. All but unit and alert are campaigns, in the order in which
// they take alerts: the more an element says about who is behind it, the earlier.
const (
	KindIndicator GroupKind = "indicator" // a public address, a hash, an account of the network: in any unit
	KindSpread    GroupKind = "spread"    // one rule in several units
	KindEntity    GroupKind = "entity"    // several rules about one machine or person of a unit
	KindRule      GroupKind = "rule"      // one rule about several entities of a unit
	KindTechnique GroupKind = "technique" // one ATT&CK technique, by several rules in several units
	KindAlert     GroupKind = "alert"     // one alert by itself
	KindUnit      GroupKind = "unit"      // all of a unit, where one asks for units
)

// campaignGap is how long a campaign may pause: alerts of one element that are
// further apart are two campaigns.
const campaignGap = 24 * time.Hour

// Brief is an open alert, as far as grouping and ranking look at it.
type Brief struct {
	ID             string
	RuleID         string
	Title, TitleVi string
	Level          string
	Status         Status
	Unit           event.UnitID
	Field, Value   string       // the entity
	Elements       []GroupValue // more of them: the fields a correlation rule groups by
	Techniques     []string     // ATT&CK ids in small letters, without sub-techniques
	Signal         string
	Count          int64
	First, Last    time.Time
	Created        time.Time
	Assignee       string
	Until          time.Time // put off until then
	Drill          string    // the exercise it belongs to
}

// Group is alerts that belong together, with the one reason why.
type Group struct {
	ID     string
	Kind   GroupKind
	Value  string // what they share: an address, a rule's id, a technique, a unit
	Field  string // of an entity or indicator
	Drill  string // the exercise all of them belong to
	Alerts []*Brief
}

func (g *Group) ids() []string {
	ids := make([]string, len(g.Alerts))
	for i, a := range g.Alerts {
		ids[i] = a.ID
	}
	return ids
}

// key is an element by which alerts may belong together.
type campaignKey struct {
	kind  GroupKind
	unit  event.UnitID // "" where units do not matter
	value string
	drill string // an exercise makes groups of its own
}

// Campaigns puts each alert into exactly one group. It goes by kinds, from the
// strongest; within a kind the largest group takes its alerts first, and of two as
// large the one whose element sorts first. So the same alerts always make the same
// groups, and each group has one reason a person can check.
//
// Chains are not followed: two alerts that share nothing are never together because
// a third shares something with each.
func Campaigns(alerts []Brief) []Group {
	taken := make([]bool, len(alerts))
	var groups []Group
	for _, kind := range []GroupKind{KindIndicator, KindSpread, KindEntity, KindRule, KindTechnique} {
		for _, c := range candidates(alerts, taken, kind) {
			var members []*Brief
			for _, i := range c.members {
				if !taken[i] {
					members = append(members, &alerts[i])
				}
			}
			if !enough(kind, members) {
				continue
			}
			for _, i := range c.members {
				taken[i] = true
			}
			groups = append(groups, newGroup(kind, c.key.value, c.field, members))
		}
	}
	for i := range alerts {
		if !taken[i] {
			groups = append(groups, newGroup(KindAlert, alerts[i].ID, "", []*Brief{&alerts[i]}))
		}
	}
	return groups
}

type candidate struct {
	key     campaignKey
	field   string
	members []int
}

func candidates(alerts []Brief, taken []bool, kind GroupKind) []candidate {
	by := map[campaignKey][]int{}
	fields := map[campaignKey]string{}
	for i := range alerts {
		if taken[i] {
			continue
		}
		for _, e := range alerts[i].keys(kind) {
			if n := len(by[e.key]); n > 0 && by[e.key][n-1] == i {
				continue
			}
			by[e.key] = append(by[e.key], i)
			if fields[e.key] == "" {
				fields[e.key] = e.field
			}
		}
	}
	var out []candidate
	for key, members := range by {
		if len(members) < 2 {
			continue
		}
		slices.SortFunc(members, func(a, b int) int {
			return cmp.Or(alerts[a].First.Compare(alerts[b].First), cmp.Compare(alerts[a].ID, alerts[b].ID))
		})
		from, last := 0, alerts[members[0]].Last
		for n, i := range members {
			if alerts[i].First.Sub(last) > campaignGap {
				out = append(out, candidate{key, fields[key], members[from:n]})
				from = n
			}
			if alerts[i].Last.After(last) || n == from {
				last = alerts[i].Last
			}
		}
		out = append(out, candidate{key, fields[key], members[from:]})
	}
	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), cmp.Compare(a.key.value, b.key.value), cmp.Compare(a.key.unit, b.key.unit), cmp.Compare(a.key.drill, b.key.drill),
			cmp.Compare(alerts[a.members[0]].ID, alerts[b.members[0]].ID))
	})
	return out
}

type element struct {
	key   campaignKey
	field string
}

// keys lists the elements of one kind that an alert has.
func (a *Brief) keys(kind GroupKind) (out []element) {
	switch kind {
	case KindIndicator, KindEntity:
		if a.Signal != "" {
			return nil
		}
		for _, e := range append([]GroupValue{{a.Field, a.Value}}, a.Elements...) {
			everywhere := isIndicator(e.Name, e.Value)
			switch {
			case e.Value == "" || e.Name == "unit" || everywhere != (kind == KindIndicator):
			case everywhere:
				out = append(out, element{campaignKey{kind, "", strings.ToLower(e.Value), a.Drill}, e.Name})
			default:
				out = append(out, element{campaignKey{kind, a.Unit, strings.ToLower(e.Value), a.Drill}, e.Name})
			}
		}
	case KindSpread:
		out = append(out, element{campaignKey{kind, "", a.RuleID, a.Drill}, ""})
	case KindRule:
		out = append(out, element{campaignKey{kind, a.Unit, a.RuleID, a.Drill}, ""})
	case KindTechnique:
		for _, t := range a.Techniques {
			out = append(out, element{campaignKey{kind, "", t, a.Drill}, ""})
		}
	}
	return out
}

// enough tells whether alerts are more than neighbours.
func enough(kind GroupKind, members []*Brief) bool {
	if len(members) < 2 {
		return false
	}
	units, rules := map[event.UnitID]bool{}, map[string]bool{}
	for _, m := range members {
		units[m.Unit], rules[m.RuleID] = true, true
	}
	switch kind {
	case KindSpread:
		return len(units) > 1
	case KindEntity:
		return len(rules) > 1
	case KindTechnique:
		return len(rules) > 1 && len(units) > 1
	}
	return true
}

var hashValue = regexp.MustCompile(`^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)

// isIndicator tells what means the same in every unit from what every unit has its
// own of: machines named PC01, private addresses, an account named admin.
func isIndicator(field, value string) bool {
	if a, err := netip.ParseAddr(value); err == nil {
		a = a.Unmap()
		return a.IsGlobalUnicast() && !a.IsPrivate()
	}
	if hashValue.MatchString(value) {
		return true
	}
	name, domain, ok := strings.Cut(value, "@")
	return ok && name != "" && strings.Contains(domain, ".") && !strings.ContainsAny(value, " \t/")
}

func newGroup(kind GroupKind, value, field string, members []*Brief) Group {
	first := members[0]
	for _, m := range members[1:] {
		if c := m.First.Compare(first.First); c < 0 || c == 0 && m.ID < first.ID {
			first = m
		}
	}
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + value + "\x00" + first.ID))
	return Group{ID: hex.EncodeToString(sum[:10]), Kind: kind, Value: value, Field: field, Drill: first.Drill, Alerts: members}
}

// ByUnit puts alerts together by unit, those of an exercise apart.
func ByUnit(alerts []Brief) []Group {
	type of struct {
		unit  event.UnitID
		drill string
	}
	at := map[of]int{}
	var groups []Group
	for i := range alerts {
		a := &alerts[i]
		n, ok := at[of{a.Unit, a.Drill}]
		if !ok {
			n = len(groups)
			at[of{a.Unit, a.Drill}] = n
			groups = append(groups, Group{ID: markedKey(string(a.Unit), a.Drill), Kind: KindUnit, Value: string(a.Unit), Drill: a.Drill})
		}
		groups[n].Alerts = append(groups[n].Alerts, a)
	}
	return groups
}

// Sum is what is shown of a group.
type Sum struct {
	Total, Unassigned int
	Events            int64
	ByLevel           map[string]int64
	Worst             *Brief // the worst, of these the one seen last
	Units             []event.UnitID
	Rules             int
	First, Last       time.Time
	Created           time.Time // of the earliest that nobody has taken; zero if there is none
}

// Sum adds a group up.
func (g *Group) Sum() Sum {
	s := Sum{ByLevel: map[string]int64{}}
	units, rules := map[event.UnitID]bool{}, map[string]bool{}
	for _, a := range g.Alerts {
		s.Total++
		s.Events += a.Count
		s.ByLevel[a.Level]++
		if a.Assignee == "" {
			s.Unassigned++
		}
		if !units[a.Unit] {
			units[a.Unit] = true
			s.Units = append(s.Units, a.Unit)
		}
		rules[a.RuleID] = true
		if s.First.IsZero() || a.First.Before(s.First) {
			s.First = a.First
		}
		if a.Last.After(s.Last) {
			s.Last = a.Last
		}
		if a.Status == StatusNew && (s.Created.IsZero() || a.Created.Before(s.Created)) {
			s.Created = a.Created
		}
		if s.Worst == nil || worse(a, s.Worst) {
			s.Worst = a
		}
	}
	s.Rules = len(rules)
	slices.Sort(s.Units)
	return s
}

func worse(a, b *Brief) bool {
	return cmp.Or(cmp.Compare(levelRank(b.Level), levelRank(a.Level)), b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID)) < 0
}

// byWorst sorts groups for a queue: the worst level first, then the most alerts,
// then the newest.
func byWorst(groups []Group) []Sum {
	type both struct {
		g Group
		s Sum
	}
	all := make([]both, len(groups))
	for i := range groups {
		all[i] = both{groups[i], groups[i].Sum()}
	}
	slices.SortFunc(all, func(a, b both) int {
		return cmp.Or(cmp.Compare(levelRank(b.s.Worst.Level), levelRank(a.s.Worst.Level)), cmp.Compare(b.s.Total, a.s.Total),
			b.s.Last.Compare(a.s.Last), cmp.Compare(a.g.ID, b.g.ID))
	})
	sums := make([]Sum, len(all))
	for i := range all {
		groups[i], sums[i] = all[i].g, all[i].s
	}
	return sums
}
