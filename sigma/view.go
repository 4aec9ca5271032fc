package sigma

import (
	"encoding/binary"
	"strings"
)

// eventView gives the predicates access to one event: values by field number
// and their folded text, each value folded at most once. Its memory is reused
// from event to event; stamps instead of clearing tell old entries from new.
type eventView struct {
	ev *Event
	// Fields with the same name form a chain of bindings. A binding beyond
	// the event's own fields is an alias, which the log source mapping makes.
	heads    []head
	bindings []bindingEntry
	stamp    uint32

	foldState []foldEntry
	arena     []byte
	names     nameMemory
}

type head struct {
	stamp       uint32
	first, last int32
}

type bindingEntry struct {
	fid, field, next int32
}

type foldEntry struct {
	done  bool
	plain bool // the value is known to be ASCII
	text  string
}

// load makes v show ev. lookup numbers the fields the rules know.
func (v *eventView) load(ev *Event, names *fieldTable) {
	v.ev = ev
	if v.stamp++; v.stamp == 0 {
		clear(v.heads)
		v.stamp = 1
	}
	v.bindings = v.bindings[:0]
	if cap(v.foldState) < len(ev.Fields) {
		v.foldState = make([]foldEntry, len(ev.Fields)*2)
	}
	v.foldState = v.foldState[:len(ev.Fields)]
	clear(v.foldState)
	v.arena = v.arena[:0]
	last := int32(0)
	for i := range ev.Fields {
		name := ev.Fields[i].Name
		n := v.names.after(last, name)
		if n < 0 {
			if len(name) > maxKnownName {
				v.bindName(&knownName{fid: names.lookup(name), dotted: true}, name, int32(i), names)
				continue
			}
			n = v.names.learn(last, name, names)
		}
		v.bindName(&v.names.known[n], name, int32(i), names)
		last = n
	}
}

func (v *eventView) bindName(k *knownName, name string, field int32, names *fieldTable) {
	if k.fid >= 0 {
		v.bind(k.fid, field)
	}
	if k.dotted {
		v.bindParents(name, names)
	}
}

// nameMemory remembers the field names of past events and which came after
// which. Events of one kind have their fields in the same order, so the next
// name is mostly known before it is read, and a comparison replaces the look-up.
type nameMemory struct {
	known []knownName // the first stands for the beginning of an event
	index map[string]int32
}

type knownName struct {
	name   string
	fid    int32
	dotted bool
	next   [2]int32 // the names that came after it last; 0 is none
}

const (
	maxKnownNames = 4096
	maxKnownName  = 128 // bytes
)

// after returns the number of name if it is expected after last, else -1.
func (k *nameMemory) after(last int32, name string) int32 {
	if len(k.known) == 0 {
		return -1
	}
	e := &k.known[last]
	if n := e.next[0]; k.known[n].name == name {
		return n
	}
	if n := e.next[1]; k.known[n].name == name {
		return n
	}
	return -1
}

// learn notes that name comes after last. What an event calls its fields is up
// to its sender, so the memory is bounded: full, it starts again.
func (k *nameMemory) learn(last int32, name string, names *fieldTable) int32 {
	if len(k.known) == 0 || len(k.known) >= maxKnownNames {
		k.known = append(k.known[:0], knownName{fid: -1})
		k.index = map[string]int32{}
		last = 0
	}
	n, ok := k.index[name]
	if !ok {
		n = int32(len(k.known))
		e := knownName{name: strings.Clone(name), fid: names.lookup(name), dotted: strings.IndexByte(name, '.') > 0}
		k.known = append(k.known, e)
		k.index[e.name] = n
	}
	e := &k.known[last]
	e.next[0], e.next[1] = n, e.next[0]
	return n
}

// object is the field of a binding that stands for an object: "a" is there
// when the event has "a.b", but has no value of its own.
const object = -1

func (v *eventView) bindParents(name string, names *fieldTable) {
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '.' {
			continue
		}
		if fid := names.lookup(name[:i]); fid >= 0 && v.first(fid) < 0 {
			v.bind(fid, object)
		}
	}
}

func (v *eventView) bind(fid, field int32) {
	n := int32(len(v.bindings))
	v.bindings = append(v.bindings, bindingEntry{fid, field, -1})
	h := &v.heads[fid]
	if h.stamp != v.stamp {
		*h = head{v.stamp, n, n}
		return
	}
	v.bindings[h.last].next = n
	h.last = n
}

// unbind removes all bindings from the n-th on; they must be the only ones of
// their fields.
func (v *eventView) unbind(n int) {
	for _, b := range v.bindings[n:] {
		v.heads[b.fid].stamp = 0
	}
	v.bindings = v.bindings[:n]
}

// first returns the first binding of a field, or -1.
func (v *eventView) first(fid int32) int32 {
	if h := &v.heads[fid]; h.stamp == v.stamp {
		return h.first
	}
	return -1
}

func (v *eventView) next(i int32) int32 { return v.bindings[i].next }

// binding returns the index of the event's field behind a binding, or object.
func (v *eventView) binding(i int32) int { return int(v.bindings[i].field) }

// hasValue reports whether the value of the event's i-th field can be compared
// with anything: it is neither null nor an object.
func (v *eventView) hasValue(i int) bool { return i != object && v.ev.Fields[i].Kind != Null }

// text returns the value of the event's i-th field, folded unless cased.
func (v *eventView) text(i int, cased bool) string {
	if cased {
		return v.ev.Fields[i].Value
	}
	return v.folded(i)
}

func (v *eventView) folded(i int) string {
	if e := &v.foldState[i]; e.done {
		return e.text
	}
	return v.foldNow(i)
}

func (v *eventView) foldNow(i int) string {
	text := v.ev.Fields[i].Value
	if needsFold(text) {
		// Growth moves the arena and leaves earlier texts in the old one.
		start := len(v.arena)
		v.arena = appendFold(v.arena, text)
		text = view(v.arena[start:])
	}
	v.foldState[i].done, v.foldState[i].text = true, text
	return text
}

// probeText returns the value of the event's i-th field for the index: as it is,
// if it is ASCII, which the index folds on the way; else folded.
func (v *eventView) probeText(i int) (text string, folded bool) {
	e := &v.foldState[i]
	if e.plain {
		return v.ev.Fields[i].Value, false
	}
	if e.done {
		return e.text, true
	}
	if text := v.ev.Fields[i].Value; isASCII(text) {
		e.plain = true
		return text, false
	}
	return v.foldNow(i), true
}

const (
	maxKeptArena  = 1 << 20
	maxKeptFields = 1 << 12
)

// release drops what the view holds of the event.
func (v *eventView) release() {
	v.ev = nil
	clear(v.foldState)
	// One huge event must not cost its memory for ever.
	if cap(v.arena) > maxKeptArena {
		v.arena = nil
	}
	if cap(v.foldState) > maxKeptFields {
		v.foldState, v.bindings = nil, nil
	}
}

// fieldTable numbers the field names the rules use. It is an open hash table
// made for short strings of which most are not in it.
type fieldTable struct {
	slots []fieldSlot
	mask  uint32
	names []string
}

type fieldSlot struct {
	hash uint32
	fid  int32 // -1: empty
	name string
}

func newFieldTable(names []string) *fieldTable {
	size := 16
	for size < 4*len(names) {
		size *= 2
	}
	t := &fieldTable{slots: make([]fieldSlot, size), mask: uint32(size - 1), names: names}
	for i := range t.slots {
		t.slots[i].fid = -1
	}
	for fid, name := range names {
		h := hashName(name)
		i := h & t.mask
		for t.slots[i].fid >= 0 {
			i = (i + 1) & t.mask
		}
		t.slots[i] = fieldSlot{h, int32(fid), name}
	}
	return t
}

// hashName mixes the length and eight-byte words of a name without spaces.
func hashName(s string) uint32 {
	b := bytesOf(s)
	h := uint64(len(b)) * 0x9e3779b97f4a7c15
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
	}
	return uint32(mix(h^tail(b)) >> 32)
}

func mix(h uint64) uint64 {
	h *= 0xff51afd7ed558ccd
	return h ^ h>>32
}

// tail returns up to seven bytes as a word.
func tail(b []byte) uint64 {
	var w uint64
	for i, c := range b {
		w |= uint64(c) << (8 * i)
	}
	return w
}

// lookup returns the number of a field name as logged, or -1.
func (t *fieldTable) lookup(name string) int32 {
	if strings.IndexByte(name, ' ') >= 0 {
		return t.lookupSpaced(name)
	}
	h := hashName(name)
	for i := h & t.mask; t.slots[i].fid >= 0; i = (i + 1) & t.mask {
		if s := &t.slots[i]; s.hash == h && s.name == name {
			return s.fid
		}
	}
	return -1
}

// lookupSpaced looks up a name that has spaces, which do not count.
func (t *fieldTable) lookupSpaced(name string) int32 {
	var buf [64]byte
	compact := buf[:0]
	for i := 0; i < len(name); i++ {
		if name[i] == ' ' {
			continue
		}
		if len(compact) == len(buf) {
			return t.lookup(compactName(name))
		}
		compact = append(compact, name[i])
	}
	return t.lookup(view(compact))
}
