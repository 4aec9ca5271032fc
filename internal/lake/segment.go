package lake

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// Segment is the columnar buffer of one flush. It is not safe for concurrent
// use. Values are numbered as they come ([dict]), so that writing the file only
// moves numbers.
type Segment struct {
	ids       []event.ID
	times     []int64 // Unix microseconds, as all times of the lake
	received  []int64
	skewed    []bool
	core      [coreColumns]*column // of the text columns; nil for the others
	fields    []*column
	byName    map[string]spelling // by field name as spelt
	byFolded  map[string]*column  // by folded column name
	first     *column             // guess for the first field of an event
	bytes     int
	joined    []byte
	overflow  map[string]string
	shaper    shaper
	version   string
	tidy      bool     // the record is ASCII without characters that cells give a meaning
	groupRows int      // of a row group at most
	kept      []uint32 // by row: bytes of the record that are kept as they are
}

// NewSegment makes an empty buffer; reuse it with Reset.
func (l *Lake) NewSegment() *Segment { return newSegment() }

func newSegment() *Segment {
	s := &Segment{byName: map[string]spelling{}, byFolded: map[string]*column{}, version: writtenVersion, groupRows: groupRows}
	s.shaper.reset()
	for i := range s.core {
		switch i {
		case colID, colTime, colReceived, colSkewed:
		default:
			s.core[i] = &column{name: coreName(writtenVersion, i), folded: coreNames[i]}
		}
	}
	s.core[colRaw].plain = true
	s.core[colRawBytes].plain = true
	return s
}

// Len returns the number of events.
func (s *Segment) Len() int { return len(s.ids) }

// Bytes returns about how much memory the events take.
func (s *Segment) Bytes() int { return s.bytes }

// Reset empties s and keeps its memory. Columns that the last flush did not use
// are let go, so that s does not collect every field name ever seen.
func (s *Segment) Reset() {
	s.ids, s.times, s.received, s.skewed = s.ids[:0], s.times[:0], s.received[:0], s.skewed[:0]
	for _, c := range s.core {
		if c != nil {
			c.reset()
		}
	}
	kept := s.fields[:0]
	for _, c := range s.fields {
		if len(c.rows) > 0 {
			c.reset()
			c.next = nil
			kept = append(kept, c)
		}
	}
	if len(kept) < len(s.fields) || len(s.byName) > 4*maxFields {
		clear(s.fields[len(kept):])
		clear(s.byName)
		clear(s.byFolded)
		for _, c := range kept {
			s.byFolded[c.folded] = c
		}
	}
	s.fields, s.first, s.bytes, s.kept = kept, nil, 0, s.kept[:0]
	s.shaper.reset()
}

// Times outside of years 1 to 9999 cannot be written as dates; none is real.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	latest   = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC).UnixMicro()
)

func micros(t time.Time) int64 {
	switch y := t.UTC().Year(); {
	case y < 1:
		return earliest
	case y > 9999:
		return latest
	}
	return t.UnixMicro()
}

// Add copies ev and the ids of the rules that fired on it.
func (s *Segment) Add(ev *event.Event, rules []string) {
	row := uint32(len(s.ids))
	s.ids = append(s.ids, ev.ID)
	s.times = append(s.times, micros(ev.Time))
	s.received = append(s.received, micros(ev.Received))
	s.skewed = append(s.skewed, ev.Skewed)
	s.bytes += 64

	s.core[colUnit].put(row, clean(string(ev.Unit), ""))
	s.putCore(colHost, row, ev.Host)
	s.putCore(colInput, row, ev.Input)
	s.putCore(colPeer, row, ev.Peer)
	s.putCore(colFormat, row, ev.Format)
	s.putCore(colProduct, row, ev.Source.Product)
	s.putCore(colCategory, row, ev.Source.Category)
	s.putCore(colService, row, ev.Source.Service)
	switch len(rules) {
	case 0:
	case 1:
		s.putCore(colRules, row, rules[0])
	default:
		s.joined = s.joined[:0]
		for i, r := range rules {
			if i > 0 {
				s.joined = append(s.joined, cellSeparator...)
			}
			s.joined = append(s.joined, cleanValue(r)...)
		}
		s.core[colRules].put(row, bytesAsString(s.joined))
	}

	raw := ev.Raw
	ascii := isASCII(unsafe.Slice(unsafe.StringData(raw), len(raw)))
	s.tidy = ascii && strings.IndexByte(raw, cellSeparator[0]) < 0 && strings.IndexByte(raw, cellNull[0]) < 0
	if ascii || utf8.ValidString(raw) {
		s.shaper.begin(raw)
	} else {
		s.core[colRawBytes].putOwn(row, raw)
		raw = strings.ToValidUTF8(raw, "\ufffd")
		s.shaper.begin("")
	}
	s.addFields(row, ev)
	s.addRaw(row, raw)
}

// addRaw keeps the record: as its shape, if it has one.
func (s *Segment) addRaw(row uint32, raw string) {
	if s.version != versionText {
		if id, ok := s.shaper.end(&s.core[colShape].dict); ok {
			c := s.core[colShape]
			c.rows, c.ids = append(c.rows, row), append(c.ids, id)
			s.kept = append(s.kept, 0)
			return
		}
	}
	s.core[colRaw].putOwn(row, raw)
	s.bytes += len(raw)
	s.kept = append(s.kept, uint32(len(raw)))
}

func (s *Segment) putCore(i int, row uint32, v string) {
	if c := s.core[i]; v != "" && !c.repeat(row, v) { // what stands there is clean
		c.put(row, cleanValue(v))
	}
}

func (s *Segment) addFields(row uint32, ev *event.Event) {
	var prev *column
	for i := 0; i < len(ev.Fields); i++ {
		f := &ev.Fields[i]
		c := s.first
		if prev != nil {
			c = prev.next
		}
		if c == nil || c.spelt != f.Name {
			if c = s.column(f.Name); c != nil {
				if prev != nil {
					prev.next = c
				} else {
					s.first = c
				}
			}
		}
		v, null := f.Value, f.Kind == event.Null
		if null {
			v = cellNull
		} else {
			v = s.cleaned(ev.Raw, v)
		}
		s.bytes += 8 + len(v)
		if c == nil {
			s.addOverflow(f.Name, v)
			continue
		}
		prev = c
		c.null = c.null || null
		index := 0
		if c.has(row) {
			index = c.values
		}
		if !null {
			s.shaper.value(v, c, index)
		}
		if i+1 < len(ev.Fields) && ev.Fields[i+1].Name == f.Name {
			i = s.addRun(row, c, ev, i, v, index)
			continue
		}
		if index > 0 {
			c.extend(v, 1)
		} else {
			c.put(row, v)
		}
	}
	s.flushOverflow(row)
}

// cleaned is cleanValue, which has nothing to do for a part of a tidy record.
func (s *Segment) cleaned(raw, v string) string {
	if s.tidy && offset(raw, v) >= 0 {
		return v
	}
	return cleanValue(v)
}

// addRun stores the values of an array, which come next to each other, as one
// cell; first is the cleaned value at i, and index its place in the cell. It
// returns the index of the last.
func (s *Segment) addRun(row uint32, c *column, ev *event.Event, i int, first string, index int) int {
	s.joined = append(s.joined[:0], first...)
	name := ev.Fields[i].Name
	n := 1
	for ; i+1 < len(ev.Fields) && ev.Fields[i+1].Name == name; n++ {
		i++
		f := &ev.Fields[i]
		v := f.Value
		if f.Kind == event.Null {
			v, c.null = cellNull, true
		} else {
			v = s.cleaned(ev.Raw, v)
			s.shaper.value(v, c, index+n)
		}
		s.bytes += 1 + len(v)
		s.joined = append(append(s.joined, cellSeparator...), v...)
	}
	c.multi = true
	if index > 0 {
		c.extend(bytesAsString(s.joined), n)
	} else {
		c.put(row, bytesAsString(s.joined))
		c.values = n
	}
	return i
}

// spelling is a field name in memory of our own, and where it leads.
type spelling struct {
	name   string
	column *column
}

// column finds or makes the column of a field; nil if there are too many.
func (s *Segment) column(field string) *column {
	if sp, ok := s.byName[field]; ok {
		sp.column.spelt = sp.name
		return sp.column
	}
	field = strings.Clone(field)
	name := columnName(field)
	folded := query.Fold(name)
	c := s.byFolded[folded]
	if c == nil {
		if len(s.fields) >= maxFields || len(name) > maxFieldName {
			return nil
		}
		c = &column{name: strings.Clone(name), folded: folded, unnamed: strings.Contains(folded, slotMark)}
		s.byFolded[folded] = c
		s.fields = append(s.fields, c)
	}
	if len(s.byName) < 8*maxFields {
		s.byName[field] = spelling{field, c}
	}
	c.spelt = field
	return c
}

func (s *Segment) addOverflow(field, v string) {
	if s.overflow == nil {
		s.overflow = map[string]string{}
	}
	key := query.Fold(clean(field, ""))
	if old, ok := s.overflow[key]; ok {
		v = old + cellSeparator + v
	}
	s.overflow[key] = strings.Clone(v)
}

func (s *Segment) flushOverflow(row uint32) {
	if len(s.overflow) == 0 {
		return
	}
	j, err := json.Marshal(s.overflow)
	if err != nil {
		panic(err) // a map of strings always marshals
	}
	s.core[colOverflow].putOwn(row, string(j))
	clear(s.overflow)
}

// sortedFields returns the field columns in file order.
func (s *Segment) sortedFields() []*column {
	fields := slices.Clone(s.fields)
	fields = slices.DeleteFunc(fields, func(c *column) bool { return len(c.rows) == 0 })
	slices.SortFunc(fields, func(a, b *column) int { return strings.Compare(a.folded, b.folded) })
	return fields
}
