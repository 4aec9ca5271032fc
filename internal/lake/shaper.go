package lake

import (
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// slot is a value found in a raw record.
type slot struct {
	start, end int
	field      string // folded name of its column
	index      int
	escape     escape
}

// shaper finds the shape of one record after the other: begin, value for each
// value, end.
//
// Values mostly alias the record, so their places are known; one that a parser
// unescaped is looked for behind the value before it. Shapes are kept as a tree
// of (text up to a slot, the slot): a record of a known shape costs the
// comparison of the texts and builds nothing.
type shaper struct {
	raw   string
	pos   int // end of the last slot
	slots []slot
	tree  []shapeNode
	more  map[shapeEdge]uint32 // children beyond a node's few
	bytes int                  // of literals in tree
	round uint32               // flush
	fresh int                  // shapes that were new in this flush
	hits  int                  // records whose shape was known
	text  []byte
}

// shapeEdge is a step in the tree.
type shapeEdge struct {
	from    uint32
	literal string
	field   string // folded name of the column; "" at the end of the record
	index   int
	escape  escape
}

type shapeNode struct {
	edge  shapeEdge
	kids  [4]uint32 // those asked for last
	shape string    // at the end of a record
	round uint32    // when id was given
	id    uint32
}

// Limits of the tree. Free text has about as many shapes as records: it is left
// as it is, by allowing few new shapes unless known ones are found.
const (
	maxShapeNodes  = 1 << 16
	maxShapeBytes  = 8 << 20
	freeShapes     = 256
	hitsPerShape   = 8
	seekQuotes     = 32   // quotes looked at to find an unescaped value
	seekBytes      = 2048 // how far
	maxShapeValues = 4096 // in one record
)

// reset begins a flush.
func (s *shaper) reset() {
	s.round++
	s.fresh, s.hits = 0, 0
	if len(s.tree) >= maxShapeNodes || s.bytes >= maxShapeBytes {
		clear(s.tree)
		s.tree, s.bytes = s.tree[:0], 0
		clear(s.more)
	}
}

func (s *shaper) begin(raw string) {
	s.raw, s.pos, s.slots = raw, 0, s.slots[:0]
}

// value tells of the value at index of the row's cell in c.
func (s *shaper) value(v string, c *column, index int) {
	if c.unnamed || len(s.slots) >= maxShapeValues {
		return
	}
	at := offset(s.raw, v)
	end, how := at+len(v), verbatim
	if at < 0 {
		if at, end, how = s.seek(v); at < 0 {
			return
		}
	}
	sl := slot{at, end, c.folded, index, how}
	if at >= s.pos {
		s.slots = append(s.slots, sl)
		s.pos = end
	} else {
		s.insert(sl)
	}
}

// insert puts a slot before others. It must not overlap them, unless it covers
// them wholly: then it takes their place, for fewer slots are fewer shapes.
func (s *shaper) insert(sl slot) {
	from, _ := slices.BinarySearchFunc(s.slots, sl.start, func(a slot, start int) int { return a.start - start })
	if from > 0 && s.slots[from-1].end > sl.start || from < len(s.slots) && s.slots[from].start == sl.start && s.slots[from].end >= sl.end {
		return
	}
	to := from
	for to < len(s.slots) && s.slots[to].end <= sl.end {
		to++
	}
	if to < len(s.slots) && s.slots[to].start < sl.end {
		return
	}
	s.slots = slices.Replace(s.slots, from, to, sl)
	s.pos = s.slots[len(s.slots)-1].end
}

// seek looks behind the last slot for a JSON string that stands for v.
func (s *shaper) seek(v string) (at, end int, how escape) {
	if v == "" || len(v) > len(s.raw) {
		return -1, 0, 0
	}
	raw := s.raw[:min(len(s.raw), s.pos+seekBytes)]
	n := unescapedLen(v)
	for i, at := 0, s.pos; i < seekQuotes; i++ {
		q := strings.IndexByte(raw[at:], '"')
		if q < 0 {
			break
		}
		at += q + 1
		if end, ok := escapedEnd(s.raw, at, v, n); ok && end < len(s.raw) && s.raw[end] == '"' {
			return at, end, jsonPlain
		}
	}
	// Other writers escape more.
	rest := s.raw[s.pos:min(len(s.raw), s.pos+seekBytes+len(v))]
	if !strings.Contains(rest, `\u`) && !strings.Contains(rest, `\/`) {
		return -1, 0, 0
	}
	rest = s.raw[s.pos:min(len(s.raw), s.pos+seekBytes+6*len(v))]
	for _, how := range []escape{jsonHTML, jsonASCII, jsonSlash} {
		s.text = append(how.append(append(s.text[:0], '"'), v), '"')
		if i := strings.Index(rest, bytesAsString(s.text)); i >= 0 {
			at = s.pos + i + 1
			return at, at + len(s.text) - 2, how
		}
	}
	return -1, 0, 0
}

// offset returns where part's bytes lie inside whole's, or -1.
func offset(whole, part string) int {
	at := uintptr(unsafe.Pointer(unsafe.StringData(part))) - uintptr(unsafe.Pointer(unsafe.StringData(whole)))
	if n := uintptr(len(whole)); at > n || uintptr(len(part)) > n-at || unsafe.StringData(part) == nil {
		return -1
	}
	return int(at)
}

// end numbers the shape of the record in d; false means that it has none that
// pays, or cannot have one.
func (s *shaper) end(d *dict) (id uint32, ok bool) {
	if len(s.slots) == 0 || len(s.raw) > maxShaped {
		return 0, false
	}
	if len(s.tree) == 0 {
		s.tree = append(s.tree, shapeNode{})
		if s.more == nil {
			s.more = map[shapeEdge]uint32{}
		}
	}
	node, pos := uint32(0), 0
	for i := range s.slots {
		sl := &s.slots[i]
		e := shapeEdge{node, s.raw[pos:sl.start], sl.field, sl.index, sl.escape}
		if node = s.child(&e); node == 0 {
			return 0, false
		}
		pos = sl.end
	}
	if node = s.child(&shapeEdge{from: node, literal: s.raw[pos:]}); node == 0 {
		return 0, false
	}
	n := &s.tree[node]
	if n.shape == "" {
		s.text = s.append(s.text[:0])
		n.shape = string(s.text)
		s.fresh++
	} else {
		s.hits++
	}
	if n.round != s.round {
		n.round, n.id = s.round, d.intern(n.shape)
	}
	return n.id, true
}

// append writes the shape of the record.
func (s *shaper) append(dst []byte) []byte {
	pos := 0
	for i := range s.slots {
		sl := &s.slots[i]
		dst = append(dst, s.raw[pos:sl.start]...)
		dst = appendSlot(dst, sl.escape, sl.field, sl.index)
		pos = sl.end
	}
	return append(dst, s.raw[pos:]...)
}

// child follows an edge, which it makes if there is none and it may; 0 if not.
func (s *shaper) child(e *shapeEdge) uint32 {
	kids := &s.tree[e.from].kids
	for i, k := range kids {
		if k == 0 {
			break
		}
		if t := &s.tree[k].edge; t.field == e.field && t.index == e.index && t.escape == e.escape && t.literal == e.literal {
			if i > 0 {
				kids[i], kids[i-1] = kids[i-1], kids[i]
			}
			return k
		}
	}
	k, ok := s.more[*e]
	if !ok {
		if k = s.grow(*e); k == 0 {
			return 0
		}
		kids = &s.tree[e.from].kids
	}
	copy(kids[1:], kids[:])
	kids[0] = k
	return k
}

func (s *shaper) grow(e shapeEdge) uint32 {
	if s.fresh >= freeShapes+s.hits/hitsPerShape || len(s.tree) >= maxShapeNodes || s.bytes >= maxShapeBytes ||
		strings.Contains(e.literal, slotMark) || !utf8.ValidString(e.literal) {
		return 0
	}
	e.literal = strings.Clone(e.literal)
	s.bytes += len(e.literal)
	k := uint32(len(s.tree))
	s.tree = append(s.tree, shapeNode{edge: e})
	s.more[e] = k
	return k
}
