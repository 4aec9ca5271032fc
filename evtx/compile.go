package evtx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A program is a compiled fragment: what to do, in the order of the XML.
type program struct {
	slots []slot
	// fresh means that its data fields have distinct, fixed names, none of
	// which System has, so that a record made by it alone needs no check.
	fresh bool
	data  bool // it makes data fields itself
}

type slotOp uint8

const (
	opValue    slotOp = iota // one substitution is the value
	opLiteral                // the value is lit
	opText                   // parts make up the value
	opEmbed                  // a substitution between elements: a fragment or text
	opInstance               // a template instance written out at offset
)

type slot struct {
	op      slotOp
	dest    uint8
	at      place // opEmbed, opInstance
	sparse  bool  // opValue: without a value there is no field
	sub     uint16
	nameSub int32 // the substitution that holds the name, -1 if fixed
	offset  uint32
	name    string // with opEmbed and opInstance the prefix
	lit     string
	parts   []part
}

// part is a piece of text: literal, or the value of a substitution.
type part struct {
	lit string
	sub int32 // -1 for a literal
}

type progKey struct {
	offset uint32
	at     place
	prefix string
}

var (
	errTruncated = errors.New("binary XML ends early")
	errDepth     = fmt.Errorf("more than %d elements or fragments inside each other", maxDepth)
	errName      = fmt.Errorf("a name is longer than %d characters", maxName)
	errWork      = errors.New("the chunk takes more work than any real one")
)

// program returns the compiled template defined at offset.
func (d *decoder) program(offset uint32, at place, prefix string) (*program, error) {
	quick := &d.quick[offset%uint32(len(d.quick))]
	if quick.prog != nil && quick.offset == offset && quick.at == at && quick.prefix == prefix {
		return quick.prog, nil
	}
	key := progKey{offset, at, prefix}
	if p := d.progs[key]; p != nil {
		*quick = quickProg{offset, at, prefix, p}
		return p, nil
	}
	if int64(offset)+templateHeader > chunkSize || offset < chunkHeaderSize {
		return nil, fmt.Errorf("template at offset %d: outside the chunk's records", offset)
	}
	size := binary.LittleEndian.Uint32(d.buf[offset+20:])
	start := int(offset) + templateHeader
	if int64(size) > int64(chunkSize-start) {
		return nil, fmt.Errorf("template at offset %d: its size %d goes beyond the chunk", offset, size)
	}
	c := compiler{d: d, pos: start, end: start + int(size), depends: true}
	p, err := c.fragment(at, prefix)
	if err != nil {
		return nil, fmt.Errorf("template at offset %d: %w", offset, err)
	}
	for i := range p.slots {
		d.kept += 1 + len(p.slots[i].parts)
	}
	if d.kept > maxChunkSlots {
		return nil, errWork
	}
	d.progs[key] = p
	*quick = quickProg{offset, at, prefix, p}
	return p, nil
}

// compiler turns binary XML into slots. It works on offsets in the chunk and
// never looks beyond end.
type compiler struct {
	d        *decoder
	pos, end int
	// depends tells whether element starts carry a dependency identifier:
	// they do, except directly in a value of type binary XML.
	depends bool
	slots   []slot
}

// fragment compiles everything up to the end token.
func (c *compiler) fragment(at place, prefix string) (*program, error) {
	c.slots = c.d.tmp[:0]
	err := c.content(at, prefix, nil, 0)
	c.d.tmp = c.slots
	if err != nil {
		return nil, err
	}
	// Whether names are distinct is only asked where asking is cheap.
	p := c.d.newProgram()
	p.slots = append(p.slots[:0], c.slots...)
	p.fresh, p.data = len(c.slots) <= maxFreshSlots, false
	for i := range p.slots {
		s := &p.slots[i]
		if s.op >= opEmbed || s.dest != destData {
			continue
		}
		p.data = true
		if s.nameSub >= 0 || sysIndex(s.name) >= 0 {
			p.fresh = false
		}
		for j := 0; j < i && p.fresh; j++ {
			if o := &p.slots[j]; o.op < opEmbed && o.dest == destData && o.name == s.name {
				p.fresh = false
			}
		}
	}
	return p, nil
}

// newProgram returns a program to fill in: one of an earlier chunk, if there is.
func (d *decoder) newProgram() *program {
	n := len(d.spare)
	if n == 0 {
		return new(program)
	}
	p := d.spare[n-1]
	d.spare = d.spare[:n-1]
	return p
}

// content compiles what stands between tags. Text goes to text; where text is
// nil only elements belong, and a substitution can be a fragment. Text that is
// there all the same gets the name of what holds it.
func (c *compiler) content(at place, prefix string, text *[]part, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	for {
		if c.pos >= c.end {
			if depth == 0 {
				return nil
			}
			return errTruncated
		}
		if !c.d.step() {
			return errWork
		}
		tok := c.d.buf[c.pos]
		switch tok &^ more {
		case tokEnd:
			if tok == tokEnd {
				c.pos++
				if depth == 0 {
					return nil
				}
				return errTruncated
			}
		case tokFragmentStart:
			if err := c.skip(4); err != nil {
				return err
			}
			continue
		case tokOpen:
			if err := c.element(at, prefix, depth); err != nil {
				return err
			}
			continue
		case tokCloseElement:
			if depth == 0 {
				return errors.New("an end tag without its start")
			}
			c.pos++
			return nil
		case tokInstance:
			start := c.pos
			_, end, err := c.d.instance(c.pos, c.end)
			if err != nil {
				return err
			}
			c.pos = end
			c.slots = append(c.slots, slot{op: opInstance, at: at, name: prefix, offset: uint32(start), nameSub: -1})
			continue
		case tokPITarget:
			c.pos++
			if _, err := c.name(); err != nil {
				return err
			}
			continue
		case tokPIData:
			c.pos++
			if _, err := c.counted(); err != nil {
				return err
			}
			continue
		}
		p, ok, err := c.piece()
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("unknown token 0x%02x", tok)
		}
		switch {
		case text != nil:
			*text = append(*text, p)
		case p.sub >= 0:
			c.slots = append(c.slots, slot{op: opEmbed, at: at, name: prefix, sub: uint16(p.sub), nameSub: -1})
		case prefix != "" && strings.TrimSpace(p.lit) != "":
			c.slots = append(c.slots, slot{op: opLiteral, dest: looseDest(at), name: prefix, lit: p.lit, nameSub: -1})
		}
	}
}

// looseDest is where text goes that stands between elements.
func looseDest(at place) uint8 {
	if at == inSystem || at == inExtra {
		return destExtra
	}
	return destData
}

// element compiles one element from its start token to its end.
func (c *compiler) element(at place, prefix string, depth int) error {
	if depth >= maxDepth {
		return errDepth
	}
	hasAttrs := c.d.buf[c.pos]&more != 0
	head := 1 + 4
	if c.depends {
		head += 2
	}
	if err := c.skip(head); err != nil {
		return err
	}
	name, err := c.name()
	if err != nil {
		return err
	}
	if hasAttrs {
		if err := c.skip(4); err != nil {
			return err
		}
	}
	sh, err := c.d.shapeOf(at, prefix, name)
	if err != nil {
		return err
	}
	nameSub := int32(-1)
	for {
		if c.pos >= c.end {
			return errTruncated
		}
		if !c.d.step() {
			return errWork
		}
		tok := c.d.buf[c.pos]
		if tok&^more != tokAttribute {
			break
		}
		c.pos++
		attr, err := c.name()
		if err != nil {
			return err
		}
		parts := c.d.parts[:0]
		err = c.text(&parts)
		c.d.parts = parts
		if err != nil {
			return err
		}
		if sh.data && attr == "Name" {
			switch {
			case len(parts) == 1 && parts[0].sub >= 0:
				nameSub = parts[0].sub
			case len(parts) > 0 && literal(parts) != "":
				if sh.name = literal(parts); len(sh.name) > maxName {
					return errName
				}
				sh.prefix = sh.name
			}
			continue
		}
		if attr == "xmlns" || strings.HasPrefix(attr, "xmlns:") {
			continue
		}
		dest := sh.attrs
		if at == inSystem {
			dest = sysAttr(name, attr)
		}
		full, err := c.d.below(sh.prefix, attr)
		if err != nil {
			return err
		}
		c.emit(dest, full, -1, parts)
	}
	switch c.d.buf[c.pos] &^ more {
	case tokCloseEmpty:
		c.pos++
		if sh.field && sh.dest == destData && !sh.sparse {
			c.emit(sh.dest, sh.name, nameSub, nil)
		}
		return nil
	case tokCloseStart:
		c.pos++
	default:
		return fmt.Errorf("token 0x%02x inside the start tag of %q", c.d.buf[c.pos], name)
	}
	if !sh.field {
		return c.content(sh.child, sh.prefix, nil, depth+1)
	}
	return c.fieldContent(sh, nameSub, depth+1)
}

// fieldContent compiles the content of an element whose text is a value.
func (c *compiler) fieldContent(sh shape, nameSub int32, depth int) error {
	before := len(c.slots)
	// By far the commonest content is one substitution.
	if c.pos+4 < c.end && c.d.buf[c.pos+4] == tokCloseElement {
		if tok := c.d.buf[c.pos] &^ more; tok == tokSubstitution || tok == tokOptional {
			p, _, err := c.piece()
			if err != nil {
				return err
			}
			c.pos++
			c.slots = append(c.slots, slot{op: opValue, dest: sh.dest, sparse: sh.sparse, sub: uint16(p.sub), nameSub: nameSub, name: sh.name})
			return nil
		}
	}
	var parts []part
	if err := c.content(sh.child, sh.prefix, &parts, depth); err != nil {
		return err
	}
	hasChildren := len(c.slots) > before
	if hasChildren && strings.TrimSpace(literal(parts)) == "" && !hasSub(parts) {
		return nil
	}
	if len(parts) > 0 || sh.dest == destData {
		c.emit(sh.dest, sh.name, nameSub, parts)
	}
	return nil
}

// emit adds the slot of a field made of parts.
func (c *compiler) emit(dest uint8, name string, nameSub int32, parts []part) {
	s := slot{op: opLiteral, dest: dest, name: name, nameSub: nameSub}
	switch {
	case len(parts) == 1 && parts[0].sub >= 0:
		s.op, s.sub = opValue, uint16(parts[0].sub)
	case hasSub(parts):
		s.op, s.parts = opText, slices.Clone(parts)
	default:
		s.lit = literal(parts)
	}
	c.slots = append(c.slots, s)
}

func literal(parts []part) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0].lit
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.lit)
	}
	return b.String()
}

func hasSub(parts []part) bool {
	for _, p := range parts {
		if p.sub >= 0 {
			return true
		}
	}
	return false
}
