package parse

import (
	"slices"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
)

// Limits of one event. What is beyond them is still in Raw, and so found by
// free text search.
const (
	// MaxFields is the largest number of fields of one event. The fields past
	// it are joined as "name=value" into one last field named _overflow.
	MaxFields = 1024
	// MaxNameBytes is where a longer field name is cut.
	MaxNameBytes = 512
	// maxOverflowBytes is where a longer _overflow is cut.
	maxOverflowBytes = 64 << 10
	// maxNames bounds the cache of composed names of one parser.
	maxNames = 4096
)

// fieldSink takes the fields of the event being parsed and holds the limits.
type fieldSink struct {
	fields   []event.Field // the event's, until finish gives them back
	overflow []byte
	names    names
}

func (f *fieldSink) start(ev *event.Event) {
	f.fields = ev.Fields[:0]
	f.overflow = f.overflow[:0]
}

func (f *fieldSink) add(name, value string, kind event.Kind) {
	if len(f.fields) >= MaxFields-1 {
		f.spill(name, value)
		return
	}
	f.put(name, value, kind)
}

// put adds a field within the limit. It sets the parts where they belong: a
// Field made first and appended then is written in words and read back in
// larger ones, which the processor waits for.
func (f *fieldSink) put(name, value string, kind event.Kind) {
	n := len(f.fields)
	if n == cap(f.fields) {
		f.fields = slices.Grow(f.fields, 1)
	}
	f.fields = f.fields[:n+1]
	to := &f.fields[n]
	to.Name, to.Value, to.Kind = name, value, kind
}

// text adds a string field.
func (f *fieldSink) text(name, value string) { f.add(name, value, event.String) }

// number adds a number that is known to be one.
func (f *fieldSink) number(name, digits string) { f.add(name, digits, event.Number) }

func (f *fieldSink) spill(name, value string) {
	if len(f.overflow)+len(name)+len(value)+2 > maxOverflowBytes {
		return
	}
	if len(f.overflow) > 0 {
		f.overflow = append(f.overflow, ' ')
	}
	f.overflow = append(f.overflow, name...)
	f.overflow = append(f.overflow, '=')
	f.overflow = append(f.overflow, value...)
}

// finish adds the fields that did not fit and hands all of them to ev.
func (f *fieldSink) finish(ev *event.Event, a *arena) {
	if len(f.overflow) > 0 {
		f.fields = append(f.fields, event.Field{Name: "_overflow", Value: a.copyOf(f.overflow)})
	}
	ev.Fields = f.fields
	f.fields = nil
}

// mark and cut undo what a format added before it gave up.
func (f *fieldSink) mark() (fields, overflow int) { return len(f.fields), len(f.overflow) }

func (f *fieldSink) cut(fields, overflow int) {
	f.fields = f.fields[:fields]
	f.overflow = f.overflow[:overflow]
}

// names keeps one copy of every name that had to be composed, so that nested
// records cost no allocation per field. Senders choose names; when the cache is
// full it starts anew.
type names map[string]string

func (n names) intern(b []byte) string {
	if s, ok := n[string(b)]; ok {
		return s
	}
	if len(n) >= maxNames {
		clear(n)
	}
	s := string(b)
	n[s] = s
	return s
}

// clipName makes any key fit to be a field name.
func clipName(key string) string {
	if key == "" {
		return "_"
	}
	if len(key) <= MaxNameBytes {
		return key
	}
	return key[:clipAt(aliasBytes(key))]
}

func clipNameBytes(b []byte) []byte {
	if len(b) <= MaxNameBytes {
		return b
	}
	return b[:clipAt(b)]
}

// clipAt finds the rune boundary at or below MaxNameBytes.
func clipAt(b []byte) int {
	n := MaxNameBytes
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}
