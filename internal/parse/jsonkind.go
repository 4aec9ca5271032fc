package parse

import (
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// jsonKind is a kind of JSON record that is told by the members it has. All of
// them stand in [jsonKinds], which is data: a new one is a few lines there, its
// corpus, and its row in docs/format/fields.md.
type jsonKind struct {
	format string
	// has tells the record: all members of one of the lists are there. "name=x"
	// is a member whose value begins with x.
	has [][]string
	// begins is how the text of the record starts, "" for any way.
	begins string
	// input is the kind of input it came by, "" for any.
	input string

	// source is the log source; where the value of one of the fields by is one of
	// sources, that one.
	source  event.Source
	by      []string
	sources []valueSource

	// time and host name the fields that tell them, the best first. The host is
	// what the record says, else the peer.
	time, host []string
	// utc says that a time without a zone is UTC.
	utc bool
	// also gives fields the names that rules use for them. The field keeps its
	// own name, too.
	also []alsoName
	// twist is what cannot be said as data.
	twist twist
	// inner tells where another record is in this one.
	inner *innerRecord
}

// valueSource is the log source that goes with a value.
type valueSource struct {
	value  string // compared without regard to case; with a * at its end, its beginning
	source event.Source
}

// alsoName says that the field of has the name as, too.
type alsoName struct{ of, as string }

// innerRecord tells where a wrapper keeps the record it brings. All lists name
// fields, the best first.
type innerRecord struct {
	text    []string // the record's text
	object  string   // what the names of its members begin with where it is an object
	program []string // the program that wrote it
	pid     []string
	path    []string // the file it was read from
	bare    bool     // the text never has a syslog envelope
}

// maxMarks bounds the number of names that tell JSON records apart: a bit each.
const maxMarks = 128

// markNumbers numbers those names. Names that are keys of their own are none.
var markNumbers = func() map[string]uint8 {
	m := map[string]uint8{}
	for i := range jsonKinds {
		for _, list := range jsonKinds[i].has {
			for _, mark := range list {
				name, _, _ := strings.Cut(mark, "=")
				if _, ok := m[name]; !ok && plainKey(name) == keyNone {
					m[name] = uint8(len(m))
				}
			}
		}
	}
	return m
}()

// marks is what the marks of one record are: a bit each for those it has, and
// where its value is.
type marks struct {
	set markSet
	at  [maxMarks]int16
}

type markSet [maxMarks / 64]uint64

func (s *markSet) add(n uint8)      { s[n/64] |= 1 << (n % 64) }
func (s *markSet) has(n uint8) bool { return s[n/64]>>(n%64)&1 != 0 }

// holds reports whether all of other is in s.
func (s *markSet) holds(other *markSet) bool {
	for i := range s {
		if s[i]&other[i] != other[i] {
			return false
		}
	}
	return true
}

// kindMarks is one list of has, ready for use.
type kindMarks struct {
	kind   *jsonKind
	set    markSet
	keys   []key        // those of the list that are keys of their own
	values []markPrefix // what values begin with
}

type markPrefix struct {
	mark   uint8
	prefix string
}

// knownKinds holds the lists of all kinds in their order.
var knownKinds = func() (out []kindMarks) {
	for i := range jsonKinds {
		for _, list := range jsonKinds[i].has {
			s := kindMarks{kind: &jsonKinds[i]}
			for _, mark := range list {
				name, prefix, valued := strings.Cut(mark, "=")
				n, ok := markNumbers[name]
				if !ok {
					s.keys = append(s.keys, plainKey(name))
					continue
				}
				s.set.add(n)
				if valued {
					s.values = append(s.values, markPrefix{n, prefix})
				}
			}
			out = append(out, s)
		}
	}
	return out
}()

// kind finds the kind of the record whose fields begin at first and whose keys
// are known, nil if it is just some JSON object.
func (p *Parser) kind(first int, r *record) *jsonKind {
	k, m := &p.json.keys, &p.marks
	if !k.has(keyMark) {
		return nil
	}
	m.set = markSet{}
	for i := first; i < len(k.fields); i++ {
		name := k.fields[i].Name
		if len(name) > 63 || watched[name[0]]&(1<<len(name)) == 0 {
			continue
		}
		if n, ok := markNumbers[name]; ok && !m.set.has(n) {
			m.set.add(n)
			m.at[n] = int16(i)
		}
	}
	for i := range knownKinds {
		s := &knownKinds[i]
		if m.set.holds(&s.set) && s.fits(k, m) && s.kind.accepts(p.json.src, r) {
			return s.kind
		}
	}
	return nil
}

func (s *kindMarks) fits(k *keys, m *marks) bool {
	for _, id := range s.keys {
		if !k.has(id) {
			return false
		}
	}
	for _, v := range s.values {
		if !strings.HasPrefix(k.fields[m.at[v.mark]].Value, v.prefix) {
			return false
		}
	}
	return true
}

func (s *jsonKind) accepts(src []byte, r *record) bool {
	return (s.input == "" || s.input == r.event.Input) && (s.begins == "" || startsWith(src, 0, s.begins))
}

// kindEvent makes the event of a record of kind s, whose fields begin at
// first.
func (p *Parser) kindEvent(s *jsonKind, first int, r *record) {
	ev := r.event
	ev.Format, ev.Source = s.format, s.source
	for _, name := range s.by {
		fields := p.sink.fields[first:]
		if i := named(fields, name); i >= 0 && s.choose(ev, fields[i].Value) {
			break
		}
	}
	if s.twist != asItIs && p.twistFields(s, first, r) {
		return
	}
	fields := p.sink.fields[first:]
	zone := p.zone
	if s.utc {
		zone = time.UTC
	}
	for _, name := range s.time {
		if i := named(fields, name); i >= 0 {
			if t, ok := anyTime(fields[i].Value, zone); ok {
				r.setTime(t)
				break
			}
		}
	}
	if host := valueOf(fields, s.host); host != "" {
		ev.Host = host
	}
	for _, also := range s.also {
		for i := range fields {
			if fields[i].Name == also.of {
				p.alsoCalled(also.as, &fields[i])
			}
		}
	}
	if s.inner != nil && r.wrapped < wrappedText {
		p.unwrap(s, first, r)
	}
}

// alsoCalled adds f under the name as. What is no address gets no address's name,
// and a port behind one, or further ones, are left out; nobody is no user.
func (p *Parser) alsoCalled(as string, f *event.Field) {
	value := f.Value
	switch as {
	case "user":
		if value == "" {
			return
		}
	case "src_ip", "dst_ip":
		value, _, _ = strings.Cut(value, ",")
		if i := strings.IndexByte(value, ':'); i > 0 && i == strings.LastIndexByte(value, ':') {
			value = value[:i]
		} else if end := strings.IndexByte(value, ']'); end > 0 && value[0] == '[' {
			value = value[1:end]
		}
		if !isAddress(value) {
			return
		}
	}
	p.sink.add(as, value, f.Kind)
}

// choose takes the log source that goes with a value, if there is one.
func (s *jsonKind) choose(ev *event.Event, value string) bool {
	for i := range s.sources {
		v := &s.sources[i]
		start, open := strings.CutSuffix(v.value, "*")
		if strings.EqualFold(value, start) || open && len(value) >= len(start) && strings.EqualFold(value[:len(start)], start) {
			ev.Source = v.source
			return true
		}
	}
	return false
}

// named finds the first field of a name, -1 if there is none.
func named(fields []event.Field, name string) int {
	for i := range fields {
		if fields[i].Name == name {
			return i
		}
	}
	return -1
}

// valueOf returns the first value that is not empty of the fields named.
func valueOf(fields []event.Field, names []string) string {
	for _, name := range names {
		if i := named(fields, name); i >= 0 && fields[i].Value != "" {
			return fields[i].Value
		}
	}
	return ""
}
