// Package parse turns records into events: bytes as received into named
// fields, a time, a host and a log source that detection rules select on.
//
// It is pure: no clock, no I/O, no goroutine. It never fails and never drops
// anything: what no format understands becomes an event without a format
// (Format ""), with its text in Raw, stored and searchable like any other and
// counted as "needs a parser".
//
// How a record is read: JSON first, where it begins like an object; else a
// syslog envelope, where there is one; then the content, by the first format
// of [Formats] that understands it. A well-formed envelope with content nobody
// knows is Format "syslog", and that is parsed: it has a time, a host and a
// program. Fields are named as Sigma rules expect them; docs/format/fields.md
// lists them all.
//
// A JSON object is told by its members (jsonkinds.go, cloudkinds.go): what it is,
// or that it is a shipper's, which brings the record in a text of its own. Then
// that text is read as if it had come alone (unwrap.go).
//
// Invariants: Raw is the record, byte for byte. Field values are valid UTF-8;
// where the record is not, U+FFFD stands for what is broken and the field
// _invalid_utf8 says so. Values alias the record or memory that is not reused
// before [Parser.Recycle]: they stay valid as long as the record's bytes do. The
// limits of one event are in sink.go. Common records cost no allocation.
//
// Start reading at [Parser.Parse], then formats.go.
package parse

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
)

// Options say how to read what a record leaves open.
type Options struct {
	// Zone is the zone of times that name none. Nil: Asia/Ho_Chi_Minh.
	Zone *time.Location
}

// Parser parses the records of one goroutine. It holds scratch memory only:
// nothing it saw in one record changes how it reads the next.
type Parser struct {
	zone     *time.Location
	order    *order
	sink     fieldSink
	arena    arena
	json     scanner
	channels [4]channel // last seen, by the length of their names
	marks    marks
	scratch  []byte
	cells    [maxCells]string // of split, the first used ones
	used     int
	record   record
}

// New returns a parser.
func New(o Options) *Parser {
	p := &Parser{zone: o.Zone, order: theOrder}
	if p.zone == nil {
		// Vietnam has had no other offset since 1975, so the zone's name is all
		// that a system without a time zone database could not give.
		p.zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)
	}
	p.sink.names = names{}
	p.json.sink = &p.sink
	p.json.arena = &p.arena
	p.json.vectors = haveUnescape()
	return p
}

// record is what the stages of one Parse call share.
type record struct {
	event    *event.Event
	ref      time.Time // dates text that lacks a year
	imported bool      // old events are expected
	claimed  bool      // the record says when it happened
	envelope bool      // a syslog envelope was read
	program  string    // of the envelope, in lower case letters as a rule
	facility int       // -1: unknown
	text     string    // what the envelope holds, or the whole record
	wrapped  wrapping  // the record came inside another one, see unwrap
	origin   string    // the file it was read from, if the wrapper tells
}

// setTime takes the time the record claims.
func (r *record) setTime(t time.Time) {
	// The year is not worked out where it is clear enough.
	if sec := t.Unix(); sec < clearlyAfter || sec >= clearlyBefore {
		if y := t.Year(); y < minYear || y > maxYear {
			r.event.Skewed = true
			return
		}
	}
	r.event.Time = t
	r.claimed = true
}

// Parse reads record i of b into ev, which it empties first. It never fails:
// see the package documentation for what becomes of a record nobody
// understands. Strings of ev may alias the record.
func (p *Parser) Parse(b *event.Batch, i int, ev *event.Event) {
	r := p.begin(b, i, ev)
	p.sink.start(ev)
	p.guarded(b.Records[i].Data, b.Records[i].Hint, r)
	p.end(r)
}

// begin fills in what the batch says of record i.
func (p *Parser) begin(b *event.Batch, i int, ev *event.Event) *record {
	ev.Reset()
	ev.ID = b.ID.At(i)
	ev.Unit = b.Unit
	ev.Input = b.Input
	ev.Peer = b.Peer
	ev.Credential = b.Credential
	ev.Received = b.Received
	ev.Raw = aliasString(b.Records[i].Data)

	r := &p.record // a local one would escape to the heap
	*r = record{event: ev, ref: b.Received, facility: -1}
	r.imported = b.Input == "import" || !b.DateHint.IsZero()
	if !b.DateHint.IsZero() {
		r.ref = b.DateHint
	}
	return r
}

// end settles what is left open and holds on to nothing of the caller's.
func (p *Parser) end(r *record) {
	ev := r.event
	p.sink.finish(ev, &p.arena)
	finishTime(r)
	if ev.Host == "" {
		ev.Host = ev.Peer
	}
	*r = record{}
	p.json.unload()
	clear(p.cells[:p.used])
	p.used = 0
}

// Recycle says that the strings of all events parsed so far are not needed any
// more, though their records may be: p writes over values that were not substrings
// of their record. Who is done with one event before the next calls it in between,
// and so spares fresh memory for all text that has escapes.
func (p *Parser) Recycle() { p.arena.reuse() }

// guarded keeps a defect of ours from becoming an outage: a record is delivered
// again until it is stored, so one that made the process panic would stop
// everything behind it for good. It becomes an unparsed event that says so, and
// the fuzz targets fail on it.
func (p *Parser) guarded(data []byte, hint event.Hint, r *record) {
	defer p.mend(r)
	p.parse(data, hint, r)
}

// mend is deferred around the parsing of a record.
func (p *Parser) mend(r *record) {
	if fault := recover(); fault != nil {
		p.sink.cut(0, 0)
		p.sink.text("_parse_error", fmt.Sprint(parserFault, fault))
		r.event.Format, r.event.Source, r.event.Host = "", event.Source{}, ""
		r.claimed = false
	}
}

// parserFault begins the _parse_error of an event that met a defect here.
const parserFault = "defect in the parser: "

func (p *Parser) parse(data []byte, hint event.Hint, r *record) {
	text := trimLine(data)
	isJSON := len(text) > 0 && (hint == event.HintJSON || text[0] == '{')
	// Marking the strings of a JSON text tells on the way whether it can be
	// anything but valid UTF-8.
	if ascii := isJSON && p.json.load(text); !ascii && !utf8.Valid(data) {
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
		p.sink.add("_invalid_utf8", "true", event.Bool)
		text = trimLine(data)
		if isJSON {
			p.json.load(text)
		}
	}
	if len(text) == 0 {
		return
	}
	var broken jsonError
	if isJSON {
		if p.parseJSON(r) {
			return
		}
		broken = p.json.err
		broken.offset += cap(data) - cap(text) // trimming moved the start
	}
	if hint != event.HintJSON {
		p.parseText(aliasString(text), r)
	}
	if r.event.Format == "" && broken.failed() {
		p.sink.text("_parse_error", broken.String())
	}
}

func (p *Parser) parseText(text string, r *record) {
	if p.parseCRI(text, r) {
		return
	}
	r.text = text
	if r.envelope = p.parseEnvelope(r); r.envelope {
		r.event.Format = "syslog"
		r.event.Source.Service = "syslog"
		if body, ok := jsonBody(r.text); ok {
			p.json.load(body)
			if p.parseJSON(r) {
				return
			}
		}
	}
	p.parseContent(r)
}

// parseContent tries the formats in their order on r.text.
func (p *Parser) parseContent(r *record) {
	var first byte
	if r.text != "" {
		first = r.text[0]
	}
	if r.program == "" {
		if p.tryFormats(p.order.bare[first], r) {
			return
		}
	} else if p.tryFormats(p.order.program[r.program], r) || p.tryFormats(p.order.tagged[first], r) {
		return
	}
	if r.envelope {
		p.unknownProgram(r)
		p.sink.text("message", r.text)
	}
}

func (p *Parser) tryFormats(formats []*Format, r *record) bool {
	fields, overflow := p.sink.mark()
	for _, f := range formats {
		if f.parse(p, r) {
			r.event.Format = f.Name
			p.sink.text("message", r.text)
			return true
		}
		p.sink.cut(fields, overflow)
	}
	return false
}

// trimLine cuts the line end, and blanks around the record.
func trimLine(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	return b
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0 }

// jsonBody finds the JSON object that a syslog message consists of, also after
// the "@cee:" cookie.
func jsonBody(text string) ([]byte, bool) {
	if len(text) > 5 && text[:5] == "@cee:" {
		text = text[5:]
	}
	b := trimLine(aliasBytes(text))
	return b, len(b) > 1 && b[0] == '{' && b[len(b)-1] == '}'
}

// finishTime gives an event without a time of its own one, and marks a time
// that cannot be.
func finishTime(r *record) {
	ev := r.event
	if !r.claimed {
		ev.Time = r.ref
		return
	}
	age := ev.Received.Sub(ev.Time)
	if age < -MaxAhead || age > MaxBehind && !r.imported {
		ev.Skewed = true
	}
}
