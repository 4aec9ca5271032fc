package parse

import "github.com/lachan-vn/lachan/internal/event"

// ParseFields makes an event of a record that comes in fields already, as those
// of a Windows event log do. The caller puts them into ev.Fields: one a value, in
// the order of the record, names and values in valid UTF-8. What comes of them is
// what Parse makes of a JSON object that has them as its members, without the
// text in between; docs/format/fields.md tells them. b.Records[i] gives the event
// its identity and its Raw, which may be empty.
//
// Strings stay the caller's: they must not change as long as ev is used.
func (p *Parser) ParseFields(b *event.Batch, i int, ev *event.Event) {
	fields := ev.Fields
	r := p.begin(b, i, ev)
	ev.Fields = fields
	p.sink.take(ev)
	p.guardedFields(r)
	p.end(r)
}

func (p *Parser) guardedFields(r *record) {
	defer p.mend(r)
	p.json.adopt(p.sink.fields)
	p.fieldsEvent(0, r)
}

// take starts with the fields that ev has, and holds the limits for them.
func (f *fieldSink) take(ev *event.Event) {
	f.fields = ev.Fields
	f.overflow = f.overflow[:0]
	for i := range f.fields {
		if n := len(f.fields[i].Name); n == 0 || n > MaxNameBytes {
			f.fields[i].Name = clipName(f.fields[i].Name)
		}
	}
	if len(f.fields) < MaxFields {
		return
	}
	for _, rest := range f.fields[MaxFields-1:] {
		f.spill(rest.Name, rest.Value)
	}
	f.fields = f.fields[:MaxFields-1]
}
