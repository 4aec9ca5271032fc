package evtx

import (
	"encoding/binary"
	"fmt"
)

// Tokens of binary XML. The bit "more" says that attributes or more text
// follow; it changes nothing but the layout of an element's start.
const (
	tokEnd           = 0x00
	tokOpen          = 0x01
	tokCloseStart    = 0x02
	tokCloseEmpty    = 0x03
	tokCloseElement  = 0x04
	tokValue         = 0x05
	tokAttribute     = 0x06
	tokCDATA         = 0x07
	tokCharRef       = 0x08
	tokEntityRef     = 0x09
	tokPITarget      = 0x0a
	tokPIData        = 0x0b
	tokInstance      = 0x0c
	tokSubstitution  = 0x0d
	tokOptional      = 0x0e
	tokFragmentStart = 0x0f

	more = 0x40
)

// piece reads one token of text: literal, reference or substitution.
func (c *compiler) piece() (p part, ok bool, err error) {
	tok := c.d.buf[c.pos] &^ more
	p.sub = -1
	switch tok {
	case tokValue:
		c.pos++
		p.lit, err = c.literal()
	case tokCDATA:
		c.pos++
		p.lit, err = c.counted()
	case tokCharRef:
		var b []byte
		if b, err = c.take(3); err == nil {
			c.d.scratch = appendUTF16(c.d.scratch[:0], b[1:3])
			p.lit = string(c.d.scratch)
		}
	case tokEntityRef:
		c.pos++
		if p.lit, err = c.name(); err == nil {
			p.lit = entity(p.lit)
		}
	case tokSubstitution, tokOptional:
		var b []byte
		if b, err = c.take(4); err == nil {
			p.sub = int32(binary.LittleEndian.Uint16(b[1:]))
		}
	default:
		return p, false, nil
	}
	return p, true, err
}

func entity(name string) string {
	switch name {
	case "amp":
		return "&"
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "quot":
		return `"`
	case "apos":
		return "'"
	}
	return "&" + name + ";"
}

// text reads the pieces of an attribute's value.
func (c *compiler) text(parts *[]part) error {
	for c.pos < c.end {
		if !c.d.step() {
			return errWork
		}
		p, ok, err := c.piece()
		if err != nil || !ok {
			return err
		}
		*parts = append(*parts, p)
	}
	return errTruncated
}

func (c *compiler) skip(n int) error {
	if n > c.end-c.pos {
		return errTruncated
	}
	c.pos += n
	return nil
}

func (c *compiler) take(n int) ([]byte, error) {
	if n > c.end-c.pos {
		return nil, errTruncated
	}
	b := c.d.buf[c.pos : c.pos+n]
	c.pos += n
	return b, nil
}

// counted reads a number of UTF-16 units and that many units.
func (c *compiler) counted() (string, error) {
	b, err := c.take(2)
	if err != nil {
		return "", err
	}
	if b, err = c.take(2 * int(binary.LittleEndian.Uint16(b))); err != nil {
		return "", err
	}
	c.d.steps += len(b) / 32
	c.d.scratch = appendUTF16(c.d.scratch[:0], b)
	return c.d.internBytes(c.d.scratch), nil
}

// literal reads a typed value written into the XML itself. Writers only ever
// put strings there; other types are read where their type gives their size.
func (c *compiler) literal() (string, error) {
	b, err := c.take(1)
	if err != nil {
		return "", err
	}
	typ := b[0]
	if typ == typeString {
		return c.counted()
	}
	size := fixedSize(typ)
	if size < 0 {
		return "", fmt.Errorf("literal value of type 0x%02x", typ)
	}
	if b, err = c.take(size); err != nil {
		return "", err
	}
	c.d.scratch, _ = appendValue(c.d.scratch[:0], typ, b)
	return string(c.d.scratch), nil
}

// name reads a reference to a name. A name is stored where it is first used,
// that is, right behind that reference.
func (c *compiler) name() (string, error) {
	b, err := c.take(4)
	if err != nil {
		return "", err
	}
	at := int64(binary.LittleEndian.Uint32(b))
	const head = 8 // next name in its hash chain, hash, number of units
	if at+head > chunkSize || at < chunkHeaderSize {
		return "", fmt.Errorf("name at offset %d: outside the chunk's records", at)
	}
	units := int64(binary.LittleEndian.Uint16(c.d.buf[at+6:]))
	if units > maxName {
		return "", errName
	}
	if at+head+2*units > chunkSize {
		return "", fmt.Errorf("name at offset %d goes beyond the chunk", at)
	}
	if at == int64(c.pos) {
		if err := c.skip(int(head + 2*units + 2)); err != nil {
			return "", err
		}
	}
	known := &c.d.known[at%int64(len(c.d.known))]
	if int64(known.offset) != at {
		c.d.scratch = appendUTF16(c.d.scratch[:0], c.d.buf[at+head:at+head+2*units])
		*known = knownName{uint32(at), c.d.internBytes(c.d.scratch)}
	}
	return known.name, nil
}
