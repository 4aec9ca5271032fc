package parse

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// unwrap reads the record that a shipper's object brings, as if it had come
// alone: its format, log source, host and time are the event's, and what it does
// not say is taken from the wrapper. The wrapper's own fields stay beside those
// of the record, and _wrapper says what it was. What no format understands stays
// an event of the wrapper. A wrapper inside is not opened again.
func (p *Parser) unwrap(s *jsonKind, first int, r *record) {
	in := s.inner
	fields := p.sink.fields[first:]
	at := -1
	for _, name := range in.text {
		if i := named(fields, name); i >= 0 && fields[i].Kind == event.String && fields[i].Value != "" {
			at = first + i
			break
		}
	}
	if at < 0 {
		if in.object != "" && r.wrapped == notWrapped {
			p.unwrapObject(s, first, r)
		}
		return
	}
	text := aliasString(trimLine(aliasBytes(p.sink.fields[at].Value)))
	if text == "" {
		return
	}
	w := wrapped{
		program: nilValue(programName(valueOf(fields, in.program))),
		pid:     nilValue(valueOf(fields, in.pid)),
		source:  r.event.Source,
		bare:    in.bare,
	}
	r.wrapped = wrappedText
	r.origin = valueOf(fields, in.path)
	claimed := r.claimed // by the wrapper; formats ask whether their record claims a time
	if claimed {
		r.ref = r.event.Time
	}
	r.claimed = false
	understood := p.unwrapText(text, &w, r)
	r.claimed = r.claimed || claimed
	if !understood {
		r.event.Format, r.event.Source = s.format, w.source
		p.sink.fields[at].Name, p.sink.fields[at].Value = "message", text
		return
	}
	p.sink.fields = slices.Delete(p.sink.fields, at, at+1)
	if s.by != nil && r.event.Format == "json" && r.event.Source == (event.Source{}) {
		r.event.Source = w.source
	}
	if r.event.Format == "" {
		r.event.Format = s.format // only the program is known, and it was the wrapper that told
		return
	}
	p.sink.text("_wrapper", s.format)
}

// wrapping tells how far a record was opened: of a wrapper the object, of that
// object or of the wrapper the text, and that is all.
type wrapping uint8

const (
	notWrapped wrapping = iota
	wrappedObject
	wrappedText
)

// wrapped is what a wrapper knows of the text in it.
type wrapped struct {
	program, pid string
	source       event.Source
	bare         bool
}

// unwrapText reads the text inside. It reports whether anything was made of it
// that has the text under the name message, or as JSON.
func (p *Parser) unwrapText(text string, w *wrapped, r *record) bool {
	if line, ok := p.cutCRI(text, r); ok { // a shipper that reads containers' logs as any file
		text = line
	}
	if body, ok := jsonBody(text); ok {
		p.json.load(body)
		if p.parseJSON(r) {
			return true
		}
	}
	ev := r.event
	ev.Format, ev.Source = "", event.Source{}
	r.text, r.program, r.envelope = text, "", false
	if !w.bare && p.parseEnvelope(r) {
		r.envelope = true
		ev.Format, ev.Source.Service = "syslog", "syslog"
		if body, ok := jsonBody(r.text); ok {
			p.json.load(body)
			if p.parseJSON(r) {
				return true
			}
		}
	} else if w.program != "" {
		p.addProgram(r, "", w.program, w.pid)
		r.envelope = true
		ev.Source.Service = "syslog"
	}
	p.parseContent(r)
	return r.envelope || ev.Format != ""
}

// unwrapObject reads the members of the object inside as if they were the record.
func (p *Parser) unwrapObject(s *jsonKind, first int, r *record) {
	inside := 0
	for i := first; i < len(p.sink.fields); i++ {
		f := &p.sink.fields[i]
		if rest, ok := strings.CutPrefix(f.Name, s.inner.object); ok && rest != "" {
			f.Name = rest
			p.json.found[i] = passing
			inside++
		}
	}
	if inside == 0 {
		return
	}
	r.wrapped = wrappedObject
	source := r.event.Source
	p.json.keys.find(p.sink.fields, first)
	p.fieldsEvent(first, r)
	if r.event.Format == "json" || r.event.Format == s.format {
		r.event.Format = s.format
		if r.event.Source == (event.Source{}) {
			r.event.Source = source
		}
		return
	}
	p.sink.text("_wrapper", s.format)
}

// programName cuts off what stands behind a program: its arguments, or the process
// of a syslog tag.
func programName(s string) string {
	if end := strings.IndexAny(s, " [:"); end >= 0 {
		s = s[:end]
	}
	return s
}
