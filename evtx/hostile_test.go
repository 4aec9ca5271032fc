package evtx

import (
	"strings"
	"testing"
)

// What a hostile file can ask for ends at the limits, record by record.
func TestLimits(t *testing.T) {
	deep := el("X", "end")
	for range 40 {
		deep = el("X", deep)
	}
	nested := &fragment{template: el("EventData", el("Data", name("A"), "end"))}
	for range 40 {
		nested = &fragment{template: el("W", hole{0, false}), values: []typed{{typ: typeBinXML, fragment: nested}}}
	}
	many := el("EventData")
	for range 1500 {
		many.content = append(many.content, el("Data", hole{0, false}))
	}
	for _, c := range []struct {
		name string
		data *fragment
		want string
	}{
		{"elements in elements", &fragment{template: el("EventData", deep)}, errDepth.Error()},
		{"fragments in fragments", nested, errDepth.Error()},
		{"one long value in many holes", &fragment{template: many, values: []typed{str(strings.Repeat("v", 5000))}}, errRecordText.Error()},
		{"an end tag too many", &fragment{template: el("EventData", tokens{tokCloseElement})}, "end tag without its start"},
		{"an unknown token", &fragment{template: el("EventData", tokens{0x1F})}, "unknown token 0x1f"},
		{"a name outside the chunk", &fragment{template: el("EventData", tokens{tokOpen, 0xFF, 0xFF, 0, 0, 0, 0, 0xF0, 0xFF, 0xFF, 0xFF})}, "outside the chunk"},
		{"a template outside the chunk", &fragment{template: el("EventData", tokens{tokInstance, 1, 0, 0, 0, 0, 0xF0, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0})}, "outside the chunk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, r := readAll(t, encodeFile(chunkOf(withData(1, c.data), logon(2, "after"))))
			p := r.Problems()
			if len(p) != 1 || p[0].Record != 1 || p[0].Lost != 1 || !strings.Contains(p[0].Reason, c.want) {
				t.Errorf("problems %v, want %q on record 1", p, c.want)
			}
			if len(lines) != 1 || !strings.Contains(lines[0], `"after"`) {
				t.Errorf("the record after it: %v", lines)
			}
		})
	}
}

// A template that holds an instance of itself cannot make the reader loop.
func TestTemplateInsideItself(t *testing.T) {
	// Wherever the template may be, one of these offsets hits it.
	self := el("EventData", tokens{tokInstance, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	body := self.content[0].(tokens)
	b, _ := encodeChunk([]testRecord{withData(1, &fragment{template: self})})
	at := strings.Index(string(b), string(body))
	for off := at - 1; off > chunkHeaderSize; off-- {
		copy(b[at+6:], le32(uint32(off)))
		sealChunk(b)
		drain(t, encodeFile(b))
	}
}

// A chunk full of records that all use a costly template is cut off by the
// limits of the chunk, and later chunks are read again.
func TestChunkLimits(t *testing.T) {
	many := el("EventData")
	for range 600 {
		many.content = append(many.content, el("Data", hole{0, false}))
	}
	var records []testRecord
	for id := range uint64(28) {
		records = append(records, withData(id+1, &fragment{template: many, values: []typed{str(strings.Repeat("v", 800))}}))
	}
	lines, r := readAll(t, encodeFile(chunkOf(records[:18]...), chunkOf(records[18:]...)))
	if r.Stats().Lost == 0 || len(lines) == 0 || len(lines)+r.Stats().Lost != 28 {
		t.Errorf("%d records, stats %+v; want some of both, 28 in all", len(lines), r.Stats())
	}
	if !strings.Contains(lines[len(lines)-1], `"EventRecordID":28,`) {
		t.Errorf("the last record of the second chunk is missing")
	}
}
