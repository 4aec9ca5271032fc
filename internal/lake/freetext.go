package lake

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/query"
)

// freeText searches the raw record and every value, where records are kept as
// shapes ([shapePart]), and is exact without putting every record together.
//
// A text that is part of a record or value of a row
//
//   - is part of a value: the dictionaries of the columns tell; or
//   - is part of a record in _raw; or
//   - is part of the text between the values, which few shapes tell of many rows; or
//   - crosses the border of a value. Then some part at its front ends the text
//     before the value and the rest begins the value, or the other way round.
//     Which shapes allow for that is known from their texts alone, mostly none;
//     for those that do, the values are asked, and what is left is put together
//     and looked at; or
//   - lies in a value as the record writes it, but not in the value, which takes
//     an escape such as \n or \u00e9. Those are put together, too.
//
// A pattern or regular expression that is more than one text is looked for in
// values and whole records; only records are put together that hold its longest
// text.
type freeText struct {
	needle  string              // folded; "": nothing a record must hold
	whole   bool                // holding the needle is all
	values  *matcher            // of cells; nil: only the record counts
	raw     *matcher            // of records
	escapes [2]bool             // the needle may be written with escapes: at its front, inside one
	bytes   [utf8.RuneSelf]bool // that the needle has

	shapes sync.Map // text of a shape -> *textShape
}

func newFreeText(values, raw *matcher) *freeText {
	t := &freeText{values: values, raw: raw, needle: string(raw.needle)}
	switch raw.kind {
	case matchWhole, matchPrefix, matchSuffix:
		t.needle = string(raw.lit)
	case matchContains:
		t.whole = true
	}
	if strings.Contains(t.needle, cellSeparator) { // values have another sign for it
		t.needle, t.whole, t.raw.needs = "", false, nil
	}
	for _, c := range []byte(t.needle) {
		if c < utf8.RuneSelf {
			t.bytes[c] = true
		}
	}
	t.escapes = [2]bool{couldBeEscaped(t.needle), strings.HasPrefix(t.needle, `\`) && couldBeEscaped(t.needle[1:])}
	return t
}

// couldBeEscaped reports whether a text with escapes may begin like s and s has
// one.
func couldBeEscaped(s string) bool {
	found := false
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		if i+1 < len(s) && strings.IndexByte(`"\/bfnrtu`, s[i+1]) < 0 {
			return false
		}
		found = true
		i++
	}
	return found
}

// textShape is what a needle means for the rows of one shape.
type textShape struct {
	holds   bool // it stands in the text between the values
	borders []border
	written []valuePlace // values that are not written as they are
}

// valuePlace is a value's place in a shape.
type valuePlace struct {
	field  string
	escape escape
}

// border is one way for the needle to cross the border of a value.
type border struct {
	valuePlace
	text  string
	exits bool // the value ends with text; else it begins with it, or it with the value
}

func (b *border) allows(written []byte) bool {
	if b.exits {
		return bytes.HasSuffix(written, []byte(b.text))
	}
	n := min(len(b.text), len(written))
	return string(written[:n]) == b.text[:n]
}

func (t *freeText) shape(s string) (*textShape, error) {
	if known, ok := t.shapes.Load(s); ok {
		return known.(*textShape), nil
	}
	parts, err := parseShape(strings.Clone(s))
	if err != nil {
		return nil, err
	}
	out := t.lookAt(parts)
	t.shapes.Store(strings.Clone(s), out)
	return out, nil
}

func (t *freeText) lookAt(parts []shapePart) *textShape {
	out := &textShape{}
	literals := make([]string, len(parts))
	for i, p := range parts {
		if p.field == "" {
			literals[i] = query.Fold(p.literal)
			out.holds = out.holds || strings.Contains(literals[i], t.needle)
		}
	}
	neighbour := func(i int) (text string, open bool) {
		if i < 0 || i >= len(parts) {
			return "", false
		}
		return literals[i], true
	}
	for i, p := range parts {
		if p.field == "" {
			continue
		}
		at := valuePlace{p.field, p.escape}
		if p.escape != verbatim {
			out.written = appendNew(out.written, at)
		}
		before, beforeThere := neighbour(i - 1)
		after, afterThere := neighbour(i + 1)
		for k := 1; k < len(t.needle); k++ {
			front, back := t.needle[:k], t.needle[k:]
			// A text that is used up may be followed by another value.
			if beforeThere && (strings.HasSuffix(before, front) || i > 1 && strings.HasSuffix(front, before)) {
				out.borders = appendNew(out.borders, border{valuePlace: at, text: back})
			}
			if afterThere && (strings.HasPrefix(after, back) || i+2 < len(parts) && strings.HasPrefix(back, after)) {
				out.borders = appendNew(out.borders, border{valuePlace: at, text: front, exits: true})
			}
		}
	}
	return out
}

// passes reports whether the needle certainly crosses no border of a value in
// records of a shape: none of the characters next to values is one of its own.
// It takes no memory, as there may be a shape for every other record.
func (t *freeText) passes(shape string) bool {
	inside := false
	for from := 0; ; inside = !inside {
		i := strings.Index(shape[from:], slotMark)
		if i < 0 {
			return !inside
		}
		at := from + i
		from = at + len(slotMark)
		beside := pick(inside, from, at-1)
		if beside < 0 || beside == len(shape) {
			continue // nothing is beyond the record
		}
		c := shape[beside]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c == slotMark[0] || c >= utf8.RuneSelf || t.bytes[c] {
			return false
		}
	}
}

func appendNew[T comparable](list []T, v T) []T {
	for _, old := range list {
		if old == v {
			return list
		}
	}
	return append(list, v)
}

// rows adds the rows that match, of a segment with shapes.
func (t *freeText) rows(x *groupScan, in, out bitmap) error {
	switch {
	case t.raw.kind == matchNone, t.raw.kind == matchNull:
		return nil
	case t.raw.kind == matchAny:
		copy(out, in)
		return nil
	}
	rest := x.take()
	defer x.give(rest)
	copy(rest, in)
	if err := x.column(colRaw, t.raw, false, false, rest, out); err != nil {
		return err
	}
	rest.remove(out)
	if t.values != nil && (t.needle == "" || x.mayContain(t.needle)) {
		if err := x.everyValue(t.values, func(string) bool { return true }, rest, out); err != nil {
			return err
		}
		rest.remove(out)
	}
	if x.r.empty(x.group, colShape) || !rest.any() {
		return nil
	}
	maybe := x.take()
	defer x.give(maybe)
	if err := t.candidates(x, rest, out, maybe); err != nil {
		return err
	}
	maybe.remove(out)
	return x.rebuilt(t.raw, maybe, out)
}

// candidates adds to maybe the rows whose record must be put together to tell
// whether it matches, and to out rows of which that is already certain.
func (t *freeText) candidates(x *groupScan, in, out, maybe bitmap) error {
	if t.needle == "" {
		copy(maybe, in)
		return nil
	}
	certain := maybe
	if t.whole {
		certain = out
	}
	// All shapes of the group are seen on the way, if in a dictionary; otherwise
	// those of the rows in question.
	var failed error
	var borders, written []valuePlace
	look := func(v string) *textShape {
		s, err := t.shape(v)
		if err != nil {
			failed = err
			return &textShape{}
		}
		return s
	}
	held, escaped := x.mayContain(t.needle), t.mayBeWritten(x)
	var text []byte
	err := x.column(colShape, asking(func(v string) bool {
		if !escaped && t.passes(v) {
			if !held {
				return false
			}
			if text = appendFolded(text[:0], []byte(v)); !bytes.Contains(text, []byte(t.needle)) {
				return false
			}
		}
		s := look(v)
		for _, b := range s.borders {
			borders = appendNew(borders, b.valuePlace)
		}
		for _, w := range s.written {
			written = appendNew(written, w)
		}
		return s.holds
	}), false, false, in, certain)
	if err != nil || failed != nil {
		return firstError(err, failed)
	}
	rest, shaped := x.take(), x.take()
	defer func() { x.give(rest); x.give(shaped) }()
	copy(rest, in)
	rest.remove(certain)
	if (!t.whole || t.values == nil) && x.mayContain(t.needle) {
		// That a value holds the needle does not decide yet.
		m := &matcher{kind: matchContains, lit: []byte(t.needle)}
		m.need(t.needle)
		if err := x.everyValue(m, func(string) bool { return true }, rest, maybe); err != nil {
			return err
		}
		rest.remove(maybe)
	}
	for _, at := range borders {
		clear(shaped)
		var ways []border
		err := x.column(colShape, asking(func(v string) bool {
			if t.passes(v) {
				return false
			}
			found := false
			for _, b := range look(v).borders {
				if b.valuePlace == at {
					ways, found = appendNew(ways, b), true
				}
			}
			return found
		}), false, false, rest, shaped)
		if err != nil {
			return err
		}
		var buf, folded []byte
		if err := x.slotColumn(at, asking(func(v string) bool {
			buf = at.escape.append(buf[:0], v)
			folded = appendFolded(folded[:0], buf)
			for i := range ways {
				if ways[i].allows(folded) {
					return true
				}
			}
			return false
		}), shaped, maybe); err != nil {
			return err
		}
		rest.remove(maybe)
	}
	if !escaped {
		return nil
	}
	for _, at := range written {
		m := &matcher{kind: matchWritten, lit: []byte(t.needle), escape: at.escape, always: t.escapes[0] || t.escapes[1]}
		if err := x.slotColumn(at, m, rest, maybe); err != nil {
			return err
		}
		rest.remove(maybe)
	}
	return nil
}

// mayBeWritten reports whether the written form of some value may hold the needle
// and the value itself not. A needle without a backslash can only begin behind
// that of an escape: the value then holds the character that is written so, and
// the rest of the needle after it, which the index knows of. (What is left of
// an escaped quotation mark or slash is the character itself.)
func (t *freeText) mayBeWritten(x *groupScan) bool {
	const digits = 4 // of \uxxxx
	if len(t.needle) <= 1+digits || strings.Contains(t.needle, `\`) {
		return true
	}
	if i := strings.IndexByte("bfnrt", t.needle[0]); i >= 0 && x.mayContain("\b\f\n\r\t"[i:i+1]+t.needle[1:]) {
		return true
	}
	for k := 1; k <= 1+digits; k++ {
		tail := t.needle[:k]
		if k > digits {
			var isU bool
			if tail, isU = strings.CutPrefix(tail, "u"); !isU {
				break
			}
		}
		if strings.Trim(tail, "0123456789abcdef") == "" && x.mayContain(t.needle[k:]) {
			return true
		}
	}
	return false
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// asking makes a matcher of a function.
func asking(test func(string) bool) *matcher {
	return &matcher{kind: matchAsked, any: &query.Any{Test: test}}
}

func (x *groupScan) slotColumn(at valuePlace, m *matcher, in, out bitmap) error {
	col, c, ok := x.fieldColumn(at.field)
	if !ok {
		return errPage("a shape names a column that is not there")
	}
	return x.column(col, m, c.multi, c.null, in, out)
}

// everyValue adds the rows that have a matching value in a field named says.
func (x *groupScan) everyValue(m *matcher, named func(folded string) bool, in, out bitmap) error {
	rest := x.take()
	defer x.give(rest)
	copy(rest, in)
	for i, col := range x.open.columns {
		c := &x.seg.fields[i]
		if col < 0 || x.r.empty(x.group, int(col)) || !named(x.open.names[i]) {
			continue
		}
		if err := x.column(int(col), m, c.multi, c.null, rest, out); err != nil {
			return err
		}
		rest.remove(out)
		if err := x.breathe(); err != nil {
			return err
		}
	}
	return x.overflow(m, named, "", rest, out)
}

// rebuilt puts the records of rows together and adds those that match.
func (x *groupScan) rebuilt(m *matcher, in, out bitmap) error {
	if !in.any() {
		return nil
	}
	rows := in.appendRows(nil)
	x.cells.reset(len(rows))
	if err := x.r.texts(x.group, colRaw, rows, &x.cells); err != nil {
		return err
	}
	var b rebuilder
	if err := b.read(x.r, x.group, rows, &x.cells); err != nil {
		return err
	}
	var buf []byte
	for i, row := range b.rows {
		if i%1024 == 0 {
			if err := x.breathe(); err != nil {
				return err
			}
		}
		var err error
		if buf, err = b.append(buf[:0], i); err != nil {
			return err
		}
		if m.cell(buf, false, false, &x.match) {
			out.set(int(row))
		}
	}
	return nil
}

// raws adds the rows whose raw record matches.
func (x *groupScan) raws(t *freeText, in, out bitmap) error {
	if x.r.version() == versionText {
		return x.column(colRaw, t.raw, false, false, in, out)
	}
	return t.rows(x, in, out)
}

// text adds the rows that hold free text in the raw record or in a value.
func (x *groupScan) text(t *freeText, in, out bitmap) error {
	if x.r.version() != versionText {
		return t.rows(x, in, out)
	}
	// Values that are part of the record are not looked at again; _text has the
	// others.
	if err := x.column(colRaw, t.raw, false, false, in, out); err != nil {
		return err
	}
	rest := x.take()
	defer x.give(rest)
	copy(rest, in)
	rest.remove(out)
	return x.column(colShape, t.values, true, false, rest, out)
}

// breathe is called in long loops.
func (x *groupScan) breathe() error {
	if x.stopped == nil {
		return nil
	}
	return x.stopped()
}
