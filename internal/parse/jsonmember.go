package parse

import (
	"encoding/binary"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// member is what is known of one member name inside one object: its full dotted
// name, what it means for the event, what Sigma calls it. Senders repeat
// themselves, so all of it is worked out once, and the name of a member that was
// seen before is not even read: the one that followed the member before it the
// last time is compared with the bytes at hand.
type member struct {
	// What the common way needs comes first: a cache line, and one of next.
	//
	// token is the name as it stands in records: with its quotes, and the colon
	// where nothing is in between. head and tail are its first and last eight
	// bytes, or what it has of them: under mask.
	token            string
	head, mask, tail uint64
	name             string // what its fields are called
	id               int32  // its place in memberCache.kept, or passing
	key              key

	// next holds which member of the same object followed, first which of the
	// children came first. The place in the object says which guess to take: that
	// tells kinds of events apart which share the two members but not the way to
	// them, and halves the wrong guesses of events with many kinds.
	next     [8]*member
	first    *member
	path     string             // what the names of its children begin with; "" only at the root
	children map[string]*member // by quoted name
	aliases  [shapeCount]alias
	_        [32]byte // whole cache lines
}

// alias is the name of a member in a Windows event of another shape.
type alias struct {
	known bool
	name  string
	key   key
	part  part
}

// Limits of the member cache. Senders choose names: a cache that is full is
// emptied before the next record, and until then a new name is read as if it
// were the only one, into memory that the next one takes over.
const (
	maxMembers      = 4096
	maxCachedMember = 256 // bytes of a quoted name; a longer one is not kept
)

// memberCache holds the members of all objects of one parser.
type memberCache struct {
	root    *member
	value   *member   // of a text that is not an object
	kept    []*member // value and all that are reached from root
	passing [maxDepth + 1]*member
}

// passing is the id of members that are not kept. There is one for each depth.
const passing = -1

// nobody is expected where nothing is known. Its token is in no text, being
// invalid UTF-8.
var nobody = &member{token: "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", head: ^uint64(0), mask: ^uint64(0)}

func newMember(token, name, path string) *member {
	m := &member{token: token, name: name, path: path, key: keyOf(name), first: nobody}
	for i := range m.next {
		m.next[i] = nobody
	}
	var word [8]byte
	n := copy(word[:], token)
	m.head, m.mask = binary.LittleEndian.Uint64(word[:]), ^uint64(0)>>(64-8*n)
	if n == 8 {
		m.tail = binary.LittleEndian.Uint64([]byte(token[len(token)-8:]))
	}
	return m
}

// standsAt reports whether the name of m and a colon stand at src[pos:]. It is
// asked for every member of every record and right most of the time; most names
// are two words or less. Near the end of the text it may say no wrongly.
func (m *member) standsAt(src []byte, pos int) bool {
	n := len(m.token)
	if len(src)-pos < max(n, 8) {
		return false
	}
	b := src[pos:]
	if binary.LittleEndian.Uint64(b)&m.mask != m.head {
		return false
	}
	if n <= 8 {
		return true
	}
	return binary.LittleEndian.Uint64(b[n-8:]) == m.tail && (n <= 16 || string(b[8:n-8]) == m.token[8:n-8])
}

// begin makes the cache ready for one record.
func (c *memberCache) begin() {
	if c.root == nil || len(c.kept) >= maxMembers {
		c.root, c.value = newMember("", "", ""), newMember("", "value", "value")
		c.kept = append([]*member(nil), c.value)
	}
}

func (c *memberCache) find(in *member, quoted []byte) *member { return in.children[string(quoted)] }

// learn makes the member of the object in, at the given depth, that has the
// given name, and keeps it if there is room.
func (c *memberCache) learn(in *member, quoted []byte, name string, depth int) *member {
	full := clipName(name)
	if in.path != "" {
		full = in.path + "." + full
	} else {
		full = strings.Clone(full)
	}
	// Past the longest name only the fact that there is more counts: it is cut
	// off again, at a rune boundary.
	path := full[:min(len(full), MaxNameBytes+1)]
	full = clipName(full)
	if in.id == passing || len(c.kept) >= maxMembers || len(quoted) > maxCachedMember {
		m := c.passing[depth]
		if m == nil {
			m = newMember("", "", "")
			m.id = passing
			c.passing[depth] = m
		}
		m.name, m.path, m.key = full, path, keyOf(full)
		return m
	}
	m := newMember(string(quoted)+":", full, path)
	m.id = int32(len(c.kept))
	c.kept = append(c.kept, m)
	if in.children == nil {
		in.children = map[string]*member{}
	}
	in.children[m.token[:len(quoted)]] = m
	return m
}

// adopt makes scan's findings of fields that come from elsewhere.
func (s *scanner) adopt(fields []event.Field) {
	s.keys.find(fields, 0)
	for i := range fields {
		s.found[i] = passing
	}
}

// alias returns what the i-th field is in an event of the shape to.
func (s *scanner) alias(i int, to shape) alias {
	id := s.found[i]
	if id == passing {
		return to.alias(s.keys.fields[i].Name)
	}
	a := &s.members.kept[id].aliases[to]
	if !a.known {
		*a = to.alias(s.keys.fields[i].Name)
	}
	return *a
}

// rename gives the fields from first on, which scan added, their names in events
// of the shape to, and finds their keys anew.
func (s *scanner) rename(first int, to shape) {
	k := &s.keys
	k.at = [keyCount]int32{}
	for i := first; i < len(k.fields); i++ {
		a := s.alias(i, to)
		k.fields[i].Name = a.name
		if a.key != keyNone && k.at[a.key] == 0 {
			k.at[a.key] = int32(i) + 1
		}
	}
}
