package lake

import (
	"hash/maphash"
	"unsafe"
)

var hashSeed = maphash.MakeSeed()

// dict is a set of byte strings numbered in order of arrival, in one arena.
type dict struct {
	arena  []byte
	ends   []uint32 // end of each entry in arena
	hashes []uint32 // of each entry, to compare before bytes
	table  []uint32 // open addressing, entry+1; len is a power of two or 0
}

func (d *dict) len() int { return len(d.ends) }

// get returns entry i; it aliases the arena.
func (d *dict) get(i uint32) []byte {
	from := uint32(0)
	if i > 0 {
		from = d.ends[i-1]
	}
	return d.arena[from:d.ends[i]]
}

func (d *dict) reset() {
	d.arena, d.ends, d.hashes = d.arena[:0], d.ends[:0], d.hashes[:0]
	clear(d.table)
}

// add appends an entry without looking for an equal one.
func (d *dict) add(s string) uint32 {
	d.arena = append(d.arena, s...)
	d.ends = append(d.ends, uint32(len(d.arena)))
	return uint32(len(d.ends) - 1)
}

// intern returns the number of s, adding it if it is new. It must not be mixed
// with add.
func (d *dict) intern(s string) uint32 {
	if len(d.ends)*2 >= len(d.table) {
		d.grow()
	}
	h := uint32(maphash.String(hashSeed, s))
	mask := uint32(len(d.table) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		e := d.table[at]
		if e == 0 {
			d.table[at] = uint32(len(d.ends)) + 1
			d.hashes = append(d.hashes, h)
			return d.add(s)
		}
		if d.hashes[e-1] == h && string(d.get(e-1)) == s {
			return e - 1
		}
	}
}

func (d *dict) grow() {
	size := max(16, 2*len(d.table))
	if size <= cap(d.table) {
		d.table = d.table[:size]
		clear(d.table)
	} else {
		d.table = make([]uint32, size)
	}
	mask := uint32(size - 1)
	for i, h := range d.hashes {
		at := h & mask
		for d.table[at] != 0 {
			at = (at + 1) & mask
		}
		d.table[at] = uint32(i) + 1
	}
}

// column is one column of texts under construction: for each row that has a
// value, in row order, the number of the value.
type column struct {
	name   string // of the column
	folded string
	multi  bool // some cell holds several values
	null   bool // some value is an explicit null
	dict   dict
	rows   []uint32
	ids    []uint32
	plain  bool // values are not shared: never build a dictionary
	values int  // in the cell put last

	unnamed bool // no shape can name it

	next  *column // the column that followed in the last event: a guess for the next
	spelt string  // field name that last led here
}

func (c *column) reset() {
	c.dict.reset()
	c.rows, c.ids = c.rows[:0], c.ids[:0]
	c.multi, c.null = false, false
}

// put sets the cell of a row; rows come in ascending order.
func (c *column) put(row uint32, s string) {
	if c.repeat(row, s) {
		return
	}
	c.values = 1
	c.rows, c.ids = append(c.rows, row), append(c.ids, c.dict.intern(s))
}

// repeat is put where s is the cell put last.
func (c *column) repeat(row uint32, s string) bool {
	n := len(c.ids)
	if n == 0 || string(c.dict.get(c.ids[n-1])) != s {
		return false
	}
	c.values = 1
	c.rows, c.ids = append(c.rows, row), append(c.ids, c.ids[n-1])
	return true
}

// putOwn is put for values that are hardly ever equal.
func (c *column) putOwn(row uint32, s string) {
	c.rows, c.ids = append(c.rows, row), append(c.ids, c.dict.add(s))
}

// has reports whether the row put last is row.
func (c *column) has(row uint32) bool {
	n := len(c.rows)
	return n > 0 && c.rows[n-1] == row
}

// extend adds other values, n in one text, to the cell put last.
func (c *column) extend(s string, n int) {
	c.values += n
	last := len(c.ids) - 1
	joined := string(c.dict.get(c.ids[last])) + cellSeparator + s
	c.ids[last] = c.dict.intern(joined)
	c.multi = true
}

// bytesAsString returns b as a string without copying; b must not change while
// the string is used.
func bytesAsString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
