package source

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Kinds of signals about sources. Silence of many has a kind of its own, since
// its cause lies elsewhere; of the rest, many are told as one.
const (
	kindSilent     = "source.silent"
	kindSilentMany = "source.silent.many"
	kindVolume     = "source.volume"
	kindSkew       = "source.skew"
	kindUnparsed   = "source.unparsed"
	kindUnexpected = "source.unexpected"

	kindDisk        = "disk.full"
	kindCertificate = "cert.expiry"
)

// trouble is what is wrong with one sender.
type trouble struct {
	kind    string
	sender  senderKey
	since   time.Time
	partly  bool // the sender's other formats are fine
	details map[string]string
}

const (
	// manyUnits is how many units in the same trouble on one input make it the
	// centre's.
	manyUnits = 3
	// togetherWithin is what "at the same time" means: one source is noticed in
	// minutes, another in an hour.
	togetherWithin = time.Hour
	// joinWithin is how long senders that are noticed later join.
	joinWithin = 24 * time.Hour
	// exampleMost is how many senders a signal about many names.
	exampleMost = 10
)

// crowd is senders in the same trouble since about the same time.
type crowd struct {
	kind, unit, input string
	since             time.Time
	members           []trouble
}

// takes tells whether a trouble is one of the crowd's.
func (c *crowd) takes(t *trouble) bool {
	return !t.since.Before(c.since.Add(-togetherWithin)) && !t.since.After(c.since.Add(joinWithin))
}

// fold makes signals of troubles: one for each sender, but one for a unit's input
// where many of its senders fell into the same at the same time, and one for the
// input where that is so in several units. open are the crowds that are told
// already: they stay until half of many are left, so that a signal does not
// flicker.
func fold(troubles []trouble, open []crowd, many int, zone *time.Location, name func(event.UnitID) string) []Signal {
	type place struct{ kind, input string }
	places := map[place][]trouble{}
	for _, t := range troubles {
		p := place{t.kind, t.sender.input}
		places[p] = append(places[p], t)
	}
	var out []Signal
	for _, p := range slices.SortedFunc(maps.Keys(places), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.input, b.input))
	}) {
		list := places[p]
		slices.SortFunc(list, func(a, b trouble) int {
			return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.sender.unit, b.sender.unit), cmp.Compare(a.sender.about(), b.sender.about()))
		})
		var centre, units []crowd
		for _, c := range open {
			if c.kind != p.kind || c.input != p.input {
				continue
			}
			if list = c.gather(list, (many+1)/2); len(c.members) == 0 {
				continue
			}
			if c.unit == string(event.CentreUnit) && c.spans() {
				centre = append(centre, c)
			} else {
				units = append(units, c)
			}
		}
		list, units = crowds(list, units, p.kind, p.input, many)
		units, centre = unite(units, centre)
		for _, c := range append(centre, units...) {
			out = append(out, c.signal(zone, name))
		}
		for _, t := range list {
			out = append(out, t.signal())
		}
	}
	return out
}

// spans tells whether the crowd is of several units.
func (c *crowd) spans() bool {
	return slices.ContainsFunc(c.members, func(t trouble) bool { return t.sender.unit != c.members[0].sender.unit })
}

// gather moves the crowd's own from list to it, if there are so many, and returns
// the rest.
func (c *crowd) gather(list []trouble, least int) (rest []trouble) {
	var mine []trouble
	for _, t := range list {
		if (c.unit == t.sender.unit || c.unit == string(event.CentreUnit)) && c.takes(&t) {
			mine = append(mine, t)
		} else {
			rest = append(rest, t)
		}
	}
	if len(mine) < least {
		return list
	}
	c.members = mine
	return rest
}

// crowds finds new crowds of units in list, which is in order of time.
func crowds(list []trouble, known []crowd, kind, input string, many int) ([]trouble, []crowd) {
	for again := true; again; {
		again = false
		for i := range list {
			n := 0
			for _, t := range list[i:] {
				if t.sender.unit == list[i].sender.unit && t.since.Sub(list[i].since) <= togetherWithin {
					n++
				}
			}
			if n >= many {
				c := crowd{kind: kind, unit: list[i].sender.unit, input: input, since: list[i].since}
				list = c.gather(list, many)
				known, again = append(known, c), true
				break
			}
		}
	}
	return list, known
}

// unite makes one crowd of the centre out of those of several units at one time.
func unite(units, centre []crowd) ([]crowd, []crowd) {
	for i := range units {
		var near []int
		for j := range units {
			if d := units[j].since.Sub(units[i].since); d >= 0 && d <= togetherWithin {
				near = append(near, j)
			}
		}
		if len(near) < manyUnits {
			continue
		}
		c := crowd{kind: units[i].kind, unit: string(event.CentreUnit), input: units[i].input, since: units[i].since}
		var rest []crowd
		for j := range units {
			if slices.Contains(near, j) {
				c.members = append(c.members, units[j].members...)
			} else {
				rest = append(rest, units[j])
			}
		}
		return unite(rest, append(centre, c))
	}
	return units, centre
}

// about tells the crowd apart from others of its unit and kind.
func (c *crowd) about(zone *time.Location) string {
	return c.input + " · " + c.since.In(zone).Format("2006-01-02 15:04")
}

func (c *crowd) signal(zone *time.Location, name func(event.UnitID) string) Signal {
	kind := c.kind
	if kind == kindSilent {
		kind = kindSilentMany
	}
	var names, units []string
	for _, t := range c.members {
		if u := name(event.UnitID(t.sender.unit)); !slices.Contains(units, u) {
			units = append(units, u)
		}
		names = append(names, t.sender.name())
	}
	s := Signal{Kind: kind, Unit: event.UnitID(c.unit), About: c.about(zone), At: c.since, Details: map[string]string{
		"sources": strconv.Itoa(len(c.members)), "input": c.input, "since": c.since.UTC().Format(time.RFC3339),
	}, crowd: &crowd{kind: c.kind, unit: c.unit, input: c.input, since: c.since}}
	if len(units) > 1 {
		s.Details["units"] = strconv.Itoa(len(units))
		names = units
	}
	s.Details["examples"] = strings.Join(names[:min(len(names), exampleMost)], ", ")
	return s
}

func (t *trouble) signal() Signal {
	s := Signal{Kind: t.kind, Unit: event.UnitID(t.sender.unit), About: t.sender.about(), At: t.since, Details: t.details, Query: t.sender.query()}
	if t.partly {
		s.Severity = "low"
	}
	return s
}

// name is what people call the sender.
func (k senderKey) name() string { return cmp.Or(k.host, k.peer, k.input) }

// about tells the sender apart within its unit.
func (k senderKey) about() string {
	parts := []string{k.name()}
	if k.peer != "" && k.peer != parts[0] {
		parts = append(parts, k.peer)
	}
	if k.input != parts[0] {
		parts = append(parts, k.input)
	}
	return strings.Join(parts, " · ")
}

// query is the search for the sender's events.
func (k senderKey) query() string {
	quote := func(v string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	}
	if k.host == otherHosts {
		return ""
	}
	q := "host:" + quote(k.host)
	if k.host == "" {
		return "peer:" + quote(k.peer)
	}
	if k.peer != "" && k.peer != k.host {
		q += " AND peer:" + quote(k.peer)
	}
	return q
}
