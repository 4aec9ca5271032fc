package evtx

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"unicode/utf16"
)

// A small writer of event logs, so that the tests need no recordings: chunks,
// names shared within a chunk, templates defined at their first use, nested
// fragments, checksums.

// element is XML; content is made of *element, string, hole, cdata, charRef
// and entityRef.
type element struct {
	name    string
	attrs   []attribute
	content []any
}

type attribute struct {
	name  string
	value any // string or hole
}

type (
	hole struct {
		n        uint16
		optional bool
	}
	cdata     string
	charRef   uint16
	entityRef string
	tokens    []byte // put into the body as they are
)

// typed is a value for a hole: data, or a fragment for typeBinXML.
type typed struct {
	typ      uint8
	data     []byte
	fragment *fragment
}

// fragment is a template instance, or with inline set the template's XML
// written out.
type fragment struct {
	template *element
	values   []typed
	inline   bool
}

type testRecord struct {
	id   uint64
	time uint64
	body fragment
}

type chunkWriter struct {
	buf       []byte
	names     map[string]uint32
	templates map[*element]uint32
	bare      bool // element starts without a dependency identifier
}

func (w *chunkWriter) u8(v uint8)   { w.buf = append(w.buf, v) }
func (w *chunkWriter) u16(v uint16) { w.buf = binary.LittleEndian.AppendUint16(w.buf, v) }
func (w *chunkWriter) u32(v uint32) { w.buf = binary.LittleEndian.AppendUint32(w.buf, v) }
func (w *chunkWriter) u64(v uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }

// later reserves a 32-bit size that the returned function fills in with the
// number of bytes written since.
func (w *chunkWriter) later() func() {
	at := len(w.buf)
	w.u32(0)
	return func() { binary.LittleEndian.PutUint32(w.buf[at:], uint32(len(w.buf)-at-4)) }
}

func (w *chunkWriter) counted(s string) {
	units := utf16.Encode([]rune(s))
	w.u16(uint16(len(units)))
	for _, u := range units {
		w.u16(u)
	}
}

func (w *chunkWriter) name(s string) {
	if at, ok := w.names[s]; ok {
		w.u32(at)
		return
	}
	at := uint32(len(w.buf) + 4)
	w.names[s] = at
	w.u32(at)
	w.u32(0)
	w.u16(0)
	w.counted(s)
	w.u16(0)
}

func (w *chunkWriter) piece(v any) {
	switch v := v.(type) {
	case *element:
		w.element(v)
	case string:
		w.u8(tokValue)
		w.u8(typeString)
		w.counted(v)
	case hole:
		w.u8(tokSubstitution)
		if v.optional {
			w.buf[len(w.buf)-1] = tokOptional
		}
		w.u16(v.n)
		w.u8(typeString)
	case cdata:
		w.u8(tokCDATA)
		w.counted(string(v))
	case charRef:
		w.u8(tokCharRef)
		w.u16(uint16(v))
	case entityRef:
		w.u8(tokEntityRef)
		w.name(string(v))
	case tokens:
		w.buf = append(w.buf, v...)
	default:
		panic("unknown piece of XML")
	}
}

func (w *chunkWriter) element(e *element) {
	tok := uint8(tokOpen)
	if len(e.attrs) > 0 {
		tok |= more
	}
	w.u8(tok)
	if !w.bare {
		w.u16(0xFFFF)
	}
	done := w.later()
	w.name(e.name)
	if len(e.attrs) > 0 {
		attrsDone := w.later()
		for i, a := range e.attrs {
			tok := uint8(tokAttribute)
			if i < len(e.attrs)-1 {
				tok |= more
			}
			w.u8(tok)
			w.name(a.name)
			w.piece(a.value)
		}
		attrsDone()
	}
	if len(e.content) == 0 {
		w.u8(tokCloseEmpty)
	} else {
		w.u8(tokCloseStart)
		for _, c := range e.content {
			w.piece(c)
		}
		w.u8(tokCloseElement)
	}
	done()
}

func (w *chunkWriter) fragment(f *fragment) {
	w.buf = append(w.buf, tokFragmentStart, 1, 1, 0)
	if f.inline {
		w.element(f.template)
		w.u8(tokEnd)
		return
	}
	w.u8(tokInstance)
	w.u8(1)
	w.u32(0xC0FFEE)
	at, ok := w.templates[f.template]
	if !ok {
		at = uint32(len(w.buf) + 4)
		w.templates[f.template] = at
	}
	w.u32(at)
	if !ok {
		w.u32(0)
		w.buf = append(w.buf, make([]byte, 16)...)
		done := w.later()
		w.buf = append(w.buf, tokFragmentStart, 1, 1, 0)
		bare := w.bare
		w.bare = false
		w.element(f.template)
		w.bare = bare
		w.u8(tokEnd)
		done()
	}
	w.u32(uint32(len(f.values)))
	table := len(w.buf)
	w.buf = append(w.buf, make([]byte, 4*len(f.values))...)
	for i, v := range f.values {
		start := len(w.buf)
		if v.fragment != nil {
			bare := w.bare
			w.bare = true
			w.fragment(v.fragment)
			w.bare = bare
		} else {
			w.buf = append(w.buf, v.data...)
		}
		binary.LittleEndian.PutUint16(w.buf[table+4*i:], uint16(len(w.buf)-start))
		w.buf[table+4*i+2] = v.typ
	}
	w.u8(tokEnd)
}

// encodeChunk returns 64 KiB, and where its records end.
func encodeChunk(records []testRecord) ([]byte, int) {
	w := &chunkWriter{
		buf:       make([]byte, chunkHeaderSize, chunkSize),
		names:     map[string]uint32{},
		templates: map[*element]uint32{},
	}
	last := 0
	for _, r := range records {
		last = len(w.buf)
		w.u32(recordSignature)
		w.u32(0)
		w.u64(r.id)
		w.u64(r.time)
		w.fragment(&r.body)
		size := uint32(len(w.buf) - last + 4)
		w.u32(size)
		binary.LittleEndian.PutUint32(w.buf[last+4:], size)
	}
	free := len(w.buf)
	if free > chunkSize {
		panic("the records do not fit a chunk")
	}
	le := binary.LittleEndian
	b := append(w.buf, make([]byte, chunkSize-free)...)
	copy(b, chunkSignature)
	first, end := ^uint64(0), ^uint64(0)
	if len(records) > 0 {
		first, end = records[0].id, records[len(records)-1].id
	}
	for i, v := range []uint64{first, end, first, end} {
		le.PutUint64(b[8+8*i:], v)
	}
	le.PutUint32(b[40:], 128)
	le.PutUint32(b[44:], uint32(last))
	le.PutUint32(b[48:], uint32(free))
	sealChunk(b)
	return b, free
}

// sealChunk makes the checksums hold again.
func sealChunk(b []byte) {
	le := binary.LittleEndian
	free := min(int(le.Uint32(b[48:])), len(b))
	le.PutUint32(b[52:], crc32.ChecksumIEEE(b[min(chunkHeaderSize, free):free]))
	sealHeader(b)
}

func sealHeader(b []byte) {
	sum := crc32.Update(crc32.ChecksumIEEE(b[:120]), crc32.IEEETable, b[128:chunkHeaderSize])
	binary.LittleEndian.PutUint32(b[124:], sum)
}

func encodeFile(chunks ...[]byte) []byte {
	le := binary.LittleEndian
	h := make([]byte, fileHeaderSize)
	copy(h, fileSignature)
	le.PutUint64(h[16:], uint64(max(0, len(chunks)-1)))
	le.PutUint32(h[32:], 128)
	le.PutUint16(h[36:], 1)
	le.PutUint16(h[38:], 3)
	le.PutUint16(h[40:], fileHeaderSize)
	le.PutUint16(h[42:], uint16(len(chunks)))
	sealFile(h)
	return slices.Concat(append([][]byte{h}, chunks...)...)
}

func sealFile(b []byte) {
	binary.LittleEndian.PutUint32(b[124:], crc32.ChecksumIEEE(b[:120]))
}

// The values below are how the format stores them.

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func le16(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
func le32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
func le64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }

func str(s string) typed { return typed{typ: typeString, data: wide(s)} }

// el shortens an element whose attributes come first, as name, value pairs.
func el(name string, parts ...any) *element {
	e := &element{name: name}
	for _, p := range parts {
		if a, ok := p.(attribute); ok {
			e.attrs = append(e.attrs, a)
		} else {
			e.content = append(e.content, p)
		}
	}
	return e
}

// Two templates as Windows writes them: the event with its System part, and
// the event data as a fragment of its own.
var (
	systemTemplate = el("Event", attribute{"xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"},
		el("System",
			el("Provider", attribute{"Name", "Test-Provider"}, attribute{"Guid", "{00112233-4455-6677-8899-AABBCCDDEEFF}"}),
			el("EventID", attribute{"Qualifiers", hole{1, true}}, hole{0, true}),
			el("Version", hole{2, true}),
			el("Level", hole{3, true}),
			el("Task", hole{4, true}),
			el("Opcode", hole{5, true}),
			el("Keywords", hole{6, true}),
			el("TimeCreated", attribute{"SystemTime", hole{7, true}}),
			el("EventRecordID", hole{8, true}),
			el("Correlation", attribute{"ActivityID", hole{9, true}}),
			el("Execution", attribute{"ProcessID", hole{10, true}}, attribute{"ThreadID", hole{11, true}}),
			el("Channel", "Test/Operational"),
			el("Computer", "host.example"),
			el("Security", attribute{"UserID", hole{12, true}})),
		hole{13, true})

	dataTemplate = el("EventData",
		el("Data", attribute{"Name", "Image"}, hole{0, false}),
		el("Data", attribute{"Name", "LogonId"}, hole{1, false}))
)

const testTime = 132_000_000_000_000_000 + 1_234_567 // 2019-04-17T18:40:00.1234567Z

// systemValues fills systemTemplate around event data.
func systemValues(id uint64, data typed) []typed {
	return []typed{
		{typ: typeUint16, data: le16(4624)}, {}, {typ: typeUint8, data: []byte{2}}, {typ: typeUint8, data: []byte{4}},
		{typ: typeUint16, data: le16(12544)}, {typ: typeUint8, data: []byte{0}}, {typ: typeHex64, data: le64(0x8020000000000000)},
		{typ: typeFileTime, data: le64(testTime)}, {typ: typeUint64, data: le64(id)}, {},
		{typ: typeUint32, data: le32(504)}, {typ: typeUint32, data: le32(5500)},
		{typ: typeSID, data: []byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}}, data,
	}
}

// logon is a complete ordinary record.
func logon(id uint64, image string) testRecord {
	data := &fragment{template: dataTemplate, values: []typed{str(image), {typ: typeHex64, data: le64(0x3e7)}}}
	return withData(id, data)
}

func withData(id uint64, data *fragment) testRecord {
	return testRecord{id: id, time: testTime, body: fragment{
		template: systemTemplate,
		values:   systemValues(id, typed{typ: typeBinXML, fragment: data}),
	}}
}
