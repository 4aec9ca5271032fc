package sigma

import (
	"encoding/binary"
	"math/bits"
)

// ends is what the index asks of a value first: its length and the folded eight
// bytes at either end. Most values differ from what the rules look for in those,
// so equality, beginnings and endings are decided by a look at one table.
type ends struct {
	head uint64 // the first eight bytes, the first lowest, zeros above
	tail uint64 // the last eight bytes, the last highest, zeros below
}

// endsOf reads the ends of a text that is folded, or ASCII and not yet folded.
func endsOf(text string, folded bool) ends {
	b := bytesOf(text)
	var e ends
	if len(b) >= 8 {
		e = ends{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[len(b)-8:])}
	} else if len(b) > 0 {
		w := tail(b)
		e = ends{w, w << (8 * (8 - len(b)))}
	}
	if !folded {
		e.head |= upperBits(e.head) >> 2
		e.tail |= upperBits(e.tail) >> 2
	}
	return e
}

// endTable files texts by a key of 64 bits; what shares a key shares a bucket.
type endTable struct {
	texts   []string
	outs    outputs
	shift   uint8
	slots   []endSlot
	entries []int32 // needles
}

type endSlot struct {
	key     uint64
	entries uint32 // number of the first, and below it in slotBits bits how many; 0: the slot is empty
}

// newEndTable files the texts by their key and returns those whose bucket is full.
func newEndTable(set needleSet, key func(text string) uint64) (t *endTable, over needleSet) {
	t = &endTable{}
	over = needleSet{}
	buckets := map[uint64][]int32{}
	for _, text := range set.sorted() {
		k := key(text)
		if len(buckets[k]) >= maxSameEnds {
			over[text] = set[text]
			continue
		}
		buckets[k] = append(buckets[k], int32(len(t.texts)))
		t.texts = append(t.texts, text)
		t.outs.add(set[text])
	}
	size := 4
	for size < 2*len(buckets) {
		size *= 2
	}
	t.shift = uint8(64 - bits.Len(uint(size-1)))
	t.slots = make([]endSlot, size)
	for k, needles := range buckets {
		i := hashEnds(k) >> t.shift
		for t.slots[i].entries > 0 {
			i = (i + 1) & uint64(size-1)
		}
		t.slots[i] = endSlot{k, uint32(len(t.entries))<<slotBits | uint32(len(needles))}
		t.entries = append(t.entries, needles...)
	}
	return t, over
}

// maxSameEnds bounds the comparisons of one look-up; a trie decides between more
// texts sooner.
const maxSameEnds = 32

func hashEnds(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 }

func (t *endTable) find(key uint64) []int32 {
	mask := uint64(len(t.slots) - 1)
	for i := hashEnds(key) >> t.shift; t.slots[i].entries > 0; i = (i + 1) & mask {
		if s := t.slots[i]; s.key == key {
			first := s.entries >> slotBits
			return t.entries[first : first+s.entries&(1<<slotBits-1)]
		}
	}
	return nil
}

func (t *endTable) report(n int32, m *Matcher) {
	for _, p := range t.outs.of(n) {
		m.hitPredicate(p)
	}
}

// equals finds which of a set of texts a value is.
type equals struct {
	lengths uint64 // bit n: a text has n bytes; bit 63: or more
	table   *endTable
	over    needleSet // texts too many of which share their ends; empty as a rule
}

func newEquals(set needleSet) *equals {
	e := &equals{}
	for text := range set {
		e.lengths |= 1 << min(len(text), 63)
	}
	e.table, e.over = newEndTable(set, func(text string) uint64 { return equalKey(len(text), endsOf(text, true)) })
	return e
}

func equalKey(length int, e ends) uint64 {
	return e.head ^ bits.RotateLeft64(e.tail, 29) ^ uint64(length)<<56
}

// scan reports the text that value is. It is folded, or ASCII and folded on the
// way.
func (e *equals) scan(value string, folded bool, at ends, m *Matcher) {
	if e.lengths>>min(len(value), 63)&1 == 0 {
		return
	}
	for _, n := range e.table.find(equalKey(len(value), at)) {
		if text := e.table.texts[n]; len(text) == len(value) && same(value, text, folded) {
			e.table.report(n, m)
		}
	}
}

// scanOver reports the text that the folded value is, of those not in the table.
func (e *equals) scanOver(value string, m *Matcher) {
	for _, p := range e.over[value] {
		m.hitPredicate(p)
	}
}

// same reports whether a value is the text, which is as long.
func same(value, text string, folded bool) bool {
	return folded && value == text || !folded && equalASCIIFold(value, text)
}

// affixes finds which of a set of texts a value begins with, or ends with.
type affixes struct {
	backwards bool
	lengths   uint16 // bit n: a text has n bytes; bit 8: or more
	table     *endTable
	over      *trie // texts too many of which share their end; nil as a rule
}

func newAffixes(set needleSet, backwards bool) *affixes {
	a := &affixes{backwards: backwards}
	for text := range set {
		a.lengths |= 1 << min(len(text), 8)
	}
	var over needleSet
	a.table, over = newEndTable(set, func(text string) uint64 { return a.key(min(len(text), 8), endsOf(text, true)) })
	if len(over) > 0 {
		a.over = newTrie(over, backwards)
	}
	return a
}

// key is that of the n bytes at the end in question.
func (a *affixes) key(n int, e ends) uint64 {
	if a.backwards {
		return e.tail >> (8 * (8 - n)) * uint64(2*n+1)
	}
	return e.head << (8 * (8 - n)) * uint64(2*n+1)
}

// scan reports the texts at the end of value. It is folded, or ASCII and folded
// on the way.
func (a *affixes) scan(value string, folded bool, at ends, m *Matcher) {
	for lengths := a.lengths; lengths != 0; lengths &= lengths - 1 {
		n := bits.TrailingZeros16(lengths)
		if n > len(value) {
			break
		}
		for _, needle := range a.table.find(a.key(n, at)) {
			text := a.table.texts[needle]
			if len(text) > len(value) || min(len(text), 8) != n {
				continue
			}
			part := value[:len(text)]
			if a.backwards {
				part = value[len(value)-len(text):]
			}
			if same(part, text, folded) {
				a.table.report(needle, m)
			}
		}
	}
}

// scanOver reports the texts at the end of the folded value, of those not in the
// table.
func (a *affixes) scanOver(value string, m *Matcher) {
	if a.backwards {
		a.over.suffixes(value, m)
	} else {
		a.over.prefixes(value, m)
	}
}
