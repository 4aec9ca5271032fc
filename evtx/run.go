package evtx

import (
	"encoding/binary"
	"fmt"
	"strings"
)

const templateHeader = 24 // next template in its hash chain, GUID, size

// decoder turns the fragments of one chunk into fields.
type decoder struct {
	buf []byte // the chunk

	// Per chunk.
	progs map[progKey]*program
	quick [64]quickProg  // in front of progs
	known [256]knownName // names by where they are stored
	kept  int            // slots in progs
	steps int
	texts int

	spare []*program      // of earlier chunks, to be written over
	page  strings.Builder // texts of the last records, back to back

	// Per record.
	text   []byte // all values, back to back
	subs   []sub  // stack of substitution arrays
	sys    [sysCount]cell
	data   []cell
	extra  []cell
	check  bool // names of data fields may not be distinct
	makers int  // programs that made data fields

	names   map[string]string
	scratch []byte
	tmp     []slot           // of the compiler
	parts   []part           // of the compiler
	first   map[string]int32 // of unique
	tails   []int32
}

type quickProg struct {
	offset uint32
	at     place
	prefix string
	prog   *program
}

type knownName struct {
	offset uint32
	name   string
}

// sub is a value of a substitution array, by its place in the chunk.
type sub struct {
	off  uint32
	size uint16
	typ  uint8
}

// cell is a field whose value is still a range of text.
type cell struct {
	name      string
	off, end  uint32
	kind      Kind
	set       bool
	displaced bool  // of System: the event data has taken the name
	next      int32 // of data: the next cell of this name, 0 if none
}

var (
	errRecordText   = fmt.Errorf("the values of the record exceed %d bytes", maxRecordText)
	errRecordFields = fmt.Errorf("the record has more than %d fields", maxRecordField)
)

func (d *decoder) init() {
	d.buf = make([]byte, chunkSize)
	d.progs = make(map[progKey]*program)
	d.names = make(map[string]string)
	d.first = make(map[string]int32)
	for _, s := range sysNames {
		d.names[s] = s
	}
}

// reset forgets what belonged to the previous chunk.
func (d *decoder) reset() {
	for _, p := range d.progs {
		if len(d.spare) < maxSpare && cap(p.slots) <= maxFreshSlots {
			d.spare = append(d.spare, p)
		}
	}
	clear(d.progs)
	clear(d.quick[:])
	clear(d.known[:])
	d.kept, d.steps, d.texts = 0, 0, 0
}

func (d *decoder) step() bool {
	d.steps++
	return d.steps <= maxChunkSteps
}

func (d *decoder) intern(s string) string {
	if n, ok := d.names[s]; ok {
		return n
	}
	if len(s) <= maxInternedLen && len(d.names) < maxInterned {
		d.names[s] = s
	}
	return s
}

func (d *decoder) internBytes(b []byte) string {
	if n, ok := d.names[string(b)]; ok {
		return n
	}
	return d.intern(string(b))
}

// decode fills rec from the fragment at [pos, end).
func (d *decoder) decode(rec *Record, pos, end int) error {
	d.text = d.text[:0]
	d.subs = d.subs[:0]
	d.data = d.data[:0]
	d.extra = d.extra[:0]
	d.sys = [sysCount]cell{}
	d.check, d.makers = false, 0
	if err := d.fragment(pos, end, atRoot, "", true, 0); err != nil {
		return err
	}
	if d.check || d.makers > 1 {
		if err := d.unique(); err != nil {
			return err
		}
	}
	if d.texts += len(d.text); d.texts > maxChunkText {
		return errWork
	}
	text := d.keep()
	rec.Fields, rec.Extra = rec.Fields[:0], rec.Extra[:0]
	for i := range d.sys {
		c := &d.sys[i]
		switch {
		case c.set:
			rec.Fields = append(rec.Fields, Field{sysNames[i], text[c.off:c.end], c.kind})
		case i != sysUserID && !c.displaced:
			rec.Fields = append(rec.Fields, Field{sysNames[i], "", Null})
		}
	}
	for i := range d.data {
		c := &d.data[i]
		rec.Fields = append(rec.Fields, Field{c.name, text[c.off:c.end], c.kind})
	}
	for i := range d.extra {
		c := &d.extra[i]
		rec.Extra = append(rec.Extra, Field{c.name, text[c.off:c.end], c.kind})
	}
	return nil
}

// keep copies text into the page: the values can be kept by whoever got them,
// and an allocation serves many records.
func (d *decoder) keep() string {
	if len(d.text) > pageBytes/4 {
		return string(d.text)
	}
	if d.page.Cap()-d.page.Len() < len(d.text) {
		d.page.Reset()
		d.page.Grow(pageBytes)
	}
	start := d.page.Len()
	d.page.Write(d.text)
	return d.page.String()[start:]
}

// fragment reads a sequence of template instances and elements.
func (d *decoder) fragment(pos, end int, at place, prefix string, depends bool, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	for pos < end {
		if !d.step() {
			return errWork
		}
		switch d.buf[pos] {
		case tokEnd:
			return nil
		case tokFragmentStart:
			pos += 4
		case tokInstance:
			inst, next, err := d.instance(pos, end)
			if err != nil {
				return err
			}
			if err := d.run(inst, at, prefix, depth); err != nil {
				return err
			}
			pos = next
		default:
			// Written out without a template: compiled for this once.
			c := compiler{d: d, pos: pos, end: end, depends: depends}
			prog, err := c.fragment(at, prefix)
			if err != nil {
				return err
			}
			return d.exec(prog, nil, depth)
		}
	}
	return nil
}

// instance is a template instance before its values are read.
type instance struct {
	template uint32
	count    int
	table    int // size, type and a zero byte of each value
	values   int // the values
}

// instance reads the head of a template instance and finds its end.
func (d *decoder) instance(pos, end int) (in instance, next int, err error) {
	le := binary.LittleEndian
	const head = 1 + 1 + 4 + 4
	if end-pos < head {
		return in, 0, errTruncated
	}
	in.template = le.Uint32(d.buf[pos+6:])
	pos += head
	if int64(in.template) == int64(pos) { // its first use: the definition is here
		if end-pos < templateHeader {
			return in, 0, errTruncated
		}
		size := int64(le.Uint32(d.buf[pos+20:]))
		if size > int64(end-pos-templateHeader) {
			return in, 0, errTruncated
		}
		pos += templateHeader + int(size)
	}
	if end-pos < 4 {
		return in, 0, errTruncated
	}
	n := le.Uint32(d.buf[pos:])
	pos += 4
	if int64(n) > int64(end-pos)/4 {
		return in, 0, errTruncated
	}
	in.count, in.table = int(n), pos
	in.values = pos + 4*in.count
	next = in.values
	for i := pos; i < in.values; i += 4 {
		next += int(le.Uint16(d.buf[i:]))
	}
	d.steps += in.count / 4
	if next > end {
		return in, 0, errTruncated
	}
	return in, next, nil
}

// run executes a template instance.
func (d *decoder) run(in instance, at place, prefix string, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	prog, err := d.program(in.template, at, prefix)
	if err != nil {
		return err
	}
	base := len(d.subs)
	off := in.values
	for i := in.table; i < in.values; i += 4 {
		size := binary.LittleEndian.Uint16(d.buf[i:])
		d.subs = append(d.subs, sub{uint32(off), size, d.buf[i+2]})
		off += int(size)
	}
	err = d.exec(prog, d.subs[base:len(d.subs):len(d.subs)], depth)
	d.subs = d.subs[:base]
	return err
}

// exec runs the slots of prog over the values. subs stays valid even if nested
// fragments make the stack grow.
func (d *decoder) exec(prog *program, subs []sub, depth int) error {
	if !prog.fresh {
		d.check = true
	}
	if d.steps += len(prog.slots); d.steps > maxChunkSteps {
		return errWork
	}
	if prog.data {
		d.makers++
	}
	for i := range prog.slots {
		s := &prog.slots[i]
		var err error
		switch s.op {
		case opValue:
			err = d.value(s, subs, depth)
		case opLiteral:
			start := len(d.text)
			d.text = append(d.text, s.lit...)
			err = d.put(s, subs, start, textKind(s.dest, s.lit))
		case opText:
			err = d.mixed(s, subs)
		case opEmbed:
			err = d.embed(s, subs, depth)
		case opInstance:
			var in instance
			if in, _, err = d.instance(int(s.offset), len(d.buf)); err == nil {
				err = d.run(in, s.at, s.name, depth+1)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) value(s *slot, subs []sub, depth int) error {
	var v sub
	if int(s.sub) < len(subs) {
		v = subs[s.sub]
	}
	if v.typ == typeBinXML {
		at := inField
		if s.dest != destData {
			at = inExtra
		}
		d.check = true
		return d.fragment(int(v.off), int(v.off)+int(v.size), at, s.name, false, depth+1)
	}
	start := len(d.text)
	if v.typ == typeNull || v.size == 0 {
		if s.dest != destData || s.sparse {
			return nil
		}
		return d.put(s, subs, start, String)
	}
	var kind Kind
	raw := d.buf[v.off : v.off+uint32(v.size)]
	if s.dest == sysTime && v.typ == typeFileTime {
		d.text, kind = appendFileTime(d.text, raw, 6)
	} else {
		d.text, kind = appendValue(d.text, v.typ, raw)
	}
	return d.put(s, subs, start, kind)
}

func (d *decoder) mixed(s *slot, subs []sub) error {
	start := len(d.text)
	for _, p := range s.parts {
		if p.sub < 0 {
			d.text = append(d.text, p.lit...)
		} else if int(p.sub) < len(subs) {
			v := subs[p.sub]
			d.text, _ = appendValue(d.text, v.typ, d.buf[v.off:v.off+uint32(v.size)])
		}
		if len(d.text) > maxRecordText {
			return errRecordText
		}
	}
	return d.put(s, subs, start, textKind(s.dest, string(d.text[start:])))
}

func (d *decoder) embed(s *slot, subs []sub, depth int) error {
	if int(s.sub) >= len(subs) {
		return nil
	}
	v := subs[s.sub]
	if v.typ == typeBinXML {
		return d.fragment(int(v.off), int(v.off)+int(v.size), s.at, s.name, false, depth+1)
	}
	if v.typ == typeNull || v.size == 0 || s.name == "" {
		return nil
	}
	start := len(d.text)
	var kind Kind
	d.text, kind = appendValue(d.text, v.typ, d.buf[v.off:v.off+uint32(v.size)])
	d.check = true
	return d.put(&slot{dest: looseDest(s.at), name: s.name, nameSub: -1}, subs, start, kind)
}

// put makes the text from start on the value of the slot's field.
func (d *decoder) put(s *slot, subs []sub, start int, kind Kind) error {
	if len(d.text) > maxRecordText {
		return errRecordText
	}
	c := cell{name: s.name, off: uint32(start), end: uint32(len(d.text)), kind: kind, set: true}
	if s.nameSub >= 0 && int(s.nameSub) < len(subs) {
		v := subs[s.nameSub]
		d.scratch, _ = appendValue(d.scratch[:0], v.typ, d.buf[v.off:v.off+uint32(v.size)])
		if len(d.scratch) > maxName {
			return errName
		}
		if len(d.scratch) > 0 {
			c.name = d.internBytes(d.scratch)
		}
	}
	switch s.dest {
	case destData:
		if len(d.data) >= maxRecordField {
			return errRecordFields
		}
		d.data = append(d.data, c)
	case destExtra:
		if len(d.extra) >= maxRecordField {
			return errRecordFields
		}
		d.extra = append(d.extra, c)
	default:
		d.sys[s.dest] = c
	}
	return nil
}
