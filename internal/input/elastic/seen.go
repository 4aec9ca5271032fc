package elastic

import (
	"hash/maphash"
	"sync"

	"github.com/lachan-vn/lachan/internal/event"
)

// Bounds of what is remembered of documents with an _id.
const (
	idsPerUnit = 1 << 17 // at least half of them, the newest, are known
	idsInAll   = 1 << 20 // of all units: some 40 MiB
)

// key stands for a document by its name. It is a seeded hash of 128 bits: nobody
// can make two names meet, and by chance they do not.
type key [2]uint64

// seen remembers which named documents were stored lately, so that a sender who
// never got its answer, and sends again, has its documents once. It is in memory
// only and bounded: each unit has two generations of names; when the younger is
// full, it becomes the older and the older is forgotten. When all units together
// have too many, the one with the most pays.
type seen struct {
	seeds          [2]maphash.Seed
	perUnit, inAll int

	mu    sync.Mutex
	units map[event.UnitID]*generations
	total int
}

type generations struct {
	young, old map[key]bool // true: on disk; false: on its way there
}

func newSeen() *seen {
	return &seen{
		seeds:   [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		perUnit: idsPerUnit, inAll: idsInAll, units: map[event.UnitID]*generations{},
	}
}

// key of a document called id in the index. With content it is one of several
// versions of it: "index" replaces a document, so only the same text again is a
// repetition.
func (s *seen) key(index, id, content []byte) key {
	var k key
	for i := range k {
		var h maphash.Hash
		h.SetSeed(s.seeds[i])
		for _, part := range [][]byte{index, id, content} {
			n := len(part)
			h.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
			h.Write(part)
		}
		k[i] = h.Sum64()
	}
	return k
}

// claim takes a name for a document that is about to be stored. If fresh, the
// caller stores it and then calls settle; if not, stored says whether it is on
// disk already, or still on its way.
func (s *seen) claim(unit event.UnitID, k key) (fresh, stored bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.units[unit]
	if g == nil {
		g = &generations{young: map[key]bool{}}
		s.units[unit] = g
	}
	if stored, known := g.look(k); known {
		return false, stored
	}
	if len(g.young) >= s.perUnit/2 {
		s.total -= len(g.old)
		g.old, g.young = g.young, map[key]bool{}
	}
	g.young[k] = false
	if s.total++; s.total > s.inAll {
		s.shed()
	}
	return true, false
}

func (g *generations) look(k key) (stored, known bool) {
	if stored, known = g.young[k]; known {
		return stored, true
	}
	stored, known = g.old[k]
	return stored, known
}

// settle ends claims: those of stored documents are known from now on, the others
// are forgotten.
func (s *seen) settle(unit event.UnitID, claims []claimed, stored func(claimed) bool) {
	if len(claims) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.units[unit]
	if g == nil {
		return
	}
	for _, c := range claims {
		for _, m := range []map[key]bool{g.young, g.old} {
			if _, known := m[c.key]; !known {
				continue
			}
			if stored(c) {
				m[c.key] = true
			} else {
				delete(m, c.key)
				s.total--
			}
		}
	}
}

// stored says whether the name is that of a document on disk.
func (s *seen) stored(unit event.UnitID, k key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.units[unit]; g != nil {
		stored, _ := g.look(k)
		return stored
	}
	return false
}

// shed forgets the older generation of the unit with the most names, or all of
// them if it has no older one.
func (s *seen) shed() {
	var most *generations
	var unit event.UnitID
	for u, g := range s.units {
		if most == nil || len(g.young)+len(g.old) > len(most.young)+len(most.old) {
			most, unit = g, u
		}
	}
	if len(most.old) > 0 {
		s.total -= len(most.old)
		most.old = nil
		return
	}
	s.total -= len(most.young)
	delete(s.units, unit)
}
