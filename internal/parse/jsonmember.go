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
	// token is the name as it stands in records: with its quotes, and the colon
	// where nothing is in between. head and tail are its first and last eight
	// bytes, or what it has of them: under mask.
	token            string
	head, mask, tail uint64

	name     string // what its fields are called
	path     string // what the names of its children begin with; "" only at the root
	key      key
	aliases  [shapeCount]alias
	children map[string]*member // by quoted name
	// first holds which of the children came first, the last time and the time
	// before; next holds which member of the same object followed.
	first, next [2]*member
}

// alias is the name of a member in a Windows event of another shape.
type alias struct {
	known bool
	name  string
	key   key
	part  part
}

// as returns the alias of m in an event of the shape s.
func (m *member) as(s shape) *alias {
	a := &m.aliases[s]
	if !a.known {
		*a = s.alias(m.name)
	}
	return a
}

// Limits of the member cache. Senders choose names; a cache that is full is
// emptied before the next record.
const (
	maxMembers      = 4096
	maxCachedMember = 256 // bytes of a quoted name; a longer one is not kept
)

// memberCache holds the members of all objects of one parser.
type memberCache struct {
	root  *member
	value *member // of a text that is not an object
	count int
}

// nobody is expected where nothing is known. Its token is in no text, being
// invalid UTF-8.
var nobody = &member{token: "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", head: ^uint64(0), mask: ^uint64(0)}

func newMember(token, name, path string) *member {
	m := &member{
		token: token, name: name, path: path, key: keyOf(name),
		first: [2]*member{nobody, nobody}, next: [2]*member{nobody, nobody},
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
	if c.root == nil || c.count >= maxMembers {
		*c = memberCache{root: newMember("", "", ""), value: newMember("", "value", "value")}
	}
}

func (c *memberCache) find(in *member, quoted []byte) *member { return in.children[string(quoted)] }

// learn makes the member of the object in that has the given name, and keeps it
// if there is room.
func (c *memberCache) learn(in *member, quoted []byte, name string) *member {
	full := clipName(name)
	if in.path != "" {
		full = in.path + "." + full
	} else {
		full = strings.Clone(full)
	}
	// Past the longest name only the fact that there is more counts: it is cut
	// off again, at a rune boundary.
	path := full[:min(len(full), MaxNameBytes+1)]
	m := newMember(string(quoted)+":", clipName(full), path)
	if c.count >= maxMembers || len(quoted) > maxCachedMember {
		return m
	}
	c.count++
	if in.children == nil {
		in.children = map[string]*member{}
	}
	in.children[m.token[:len(quoted)]] = m
	return m
}

// adopt makes scan's findings of fields that come from elsewhere.
func (s *scanner) adopt(fields []event.Field) {
	s.keys.find(fields)
	s.found = s.found[:0]
	if s.keys.has(keyWinlog) || s.keys.has(keyEventSystem) {
		for i := range fields {
			s.found = append(s.found, newMember("", fields[i].Name, ""))
		}
	}
}

// rename gives the fields, which scan added last, their names in events of the
// shape s, and finds their keys anew.
func (s *scanner) rename(fields []event.Field, to shape) {
	k := &s.keys
	k.at = [keyCount]int32{}
	first := int32(len(k.fields) - len(fields))
	for i := range fields {
		a := s.found[i].as(to)
		fields[i].Name = a.name
		if a.key != keyNone && k.at[a.key] == 0 {
			k.at[a.key] = first + int32(i) + 1
		}
	}
}
