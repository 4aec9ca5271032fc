package parse

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
)

// scanFields runs the scanner alone.
func scanFields(src []byte) ([]event.Field, jsonError) { return scanWith(haveUnescape(), src) }

func scanWith(vectors bool, src []byte) ([]event.Field, jsonError) {
	p := New(Options{})
	p.json.vectors = vectors
	var ev event.Event
	p.sink.start(&ev)
	p.json.load(src)
	err := p.json.scan()
	p.sink.finish(&ev, &p.arena)
	return ev.Fields, err
}

// referenceFields flattens src the slow way, token by token with encoding/json.
func referenceFields(src []byte) []event.Field {
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	var out []event.Field
	var value func(path, key string)
	join := func(path, key string) string {
		if key == "" {
			key = "_"
		}
		if path == "" {
			return key
		}
		return path + "." + key
	}
	next := func() json.Token {
		t, err := dec.Token()
		if err != nil {
			panic(err)
		}
		return t
	}
	object := func(path string) {
		for dec.More() {
			value(path, next().(string))
		}
		next()
	}
	value = func(path, key string) {
		name := join(path, key)
		switch v := next().(type) {
		case json.Delim:
			if v == '{' {
				object(name)
				return
			}
			for dec.More() {
				value(path, key)
			}
			next()
		case string:
			out = append(out, event.Field{Name: name, Value: v})
		case json.Number:
			out = append(out, event.Field{Name: name, Value: v.String(), Kind: event.Number})
		case bool:
			out = append(out, event.Field{Name: name, Value: strconv.FormatBool(v), Kind: event.Bool})
		case nil:
			out = append(out, event.Field{Name: name, Kind: event.Null})
		}
	}
	if bytes.TrimSpace(src)[0] == '{' {
		next()
		object("")
	} else {
		value("", "value")
	}
	return out
}

func depth(src []byte) int {
	deepest, now, in := 0, 0, false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case in && c == '\\':
			i++
		case c == '"':
			in = !in
		case !in && (c == '{' || c == '['):
			now++
			deepest = max(deepest, now)
		case !in && (c == '}' || c == ']'):
			now--
		}
	}
	return deepest
}

// FuzzJSON holds the scanner against encoding/json: they must agree on what is
// JSON, and on every name and value in it.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `{"a":1}`, `{"a":{"b":[1,{"c":null}]},"d":"\u00e9\ud83d\ude00\ud800\\\"\n"}`,
		`{"a":-0.1e+5,"b":true,"c":false,"":"x"}`, `[1,[2,[3]]]`, `"text"`, `{"a":01}`, `{"a":1}x`, `{"a":"` + "\x01" + `"}`,
		`{"a":1,"a":2}`, `{"path":"C:\\Windows\\System32\\cmd.exe"}`, `{"a":"\u12"}`, ` {"a" : 1 , "b" : [ ] } `, `{"":{"":1}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if !utf8.Valid(src) || depth(src) > maxDepth-1 {
			return
		}
		before := bytes.Clone(src)
		got, err := scanFields(src)
		if !bytes.Equal(before, src) {
			t.Fatal("the scanner wrote to the record")
		}
		if plain, plainErr := scanWith(false, src); plainErr != err || !slices.Equal(plain, got) {
			t.Fatalf("%q:\n with vectors %v %v\n without      %v %v", src, got, err, plain, plainErr)
		}
		if valid := json.Valid(src); valid == err.failed() {
			t.Fatalf("encoding/json valid=%v, scanner: %q %v", valid, src, err)
		}
		if err.failed() {
			if err.offset < 0 || err.offset > len(src) {
				t.Fatalf("offset %d of %d", err.offset, len(src))
			}
			return
		}
		want := referenceFields(src)
		if len(want) >= MaxFields-1 {
			return
		}
		for i := range want {
			if len(want[i].Name) > MaxNameBytes {
				return
			}
		}
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Fatalf("%q (-encoding/json +scanner):\n%s", src, diff)
		}
	})
}

// FuzzJSONMemory: what a parser remembers of one record must not change how it
// reads the next. Each line goes to a parser that has read all lines so far and
// to a new one.
func FuzzJSONMemory(f *testing.F) {
	for _, s := range []string{
		"{\"a\":1,\"b\":2}\n{\"a\":1,\"c\":2}\n{ \"a\" : 1 , \"b\" : 2 }\n{\"a\":1,\"b\"}\n{\"a\":1,\"b\":2}",
		"{\"winlog\":{\"channel\":\"Security\"},\"event\":{\"code\":1}}\n{\"winlog.channel\":\"x\",\"event.code\":2}",
		"{\"a\":{\"b\":[{\"c\":1},{\"d\":2}]}}\n{\"a.b\":{\"c\":1}}\n{\"a\":[{\"b\":1},{\"b\":{\"b\":1}}]}",
		"{\"System\":{\"Channel\":\"x\"},\"EventData\":{\"Data\":[{\"Name\":\"EventID\",\"#text\":1}]}}\n{\"EventID\":1,\"Channel\":\"y\"}",
		"{\"k\\u0041\":1}\n{\"kA\":1}\n{\"k\\x\":1}\n{\"\\ud800\":1,\"\":{\"\":2}}",
	} {
		f.Add([]byte(s))
	}
	logs, err := filepath.Glob("testdata/*/*.log")
	if err != nil {
		f.Fatal(err)
	}
	for _, log := range logs {
		if data, err := os.ReadFile(log); err == nil && bytes.HasPrefix(data, []byte("{")) {
			f.Add(data)
		}
	}
	old := New(Options{})
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, line := range bytes.Split(src, []byte("\n")) {
			b := &event.Batch{Received: arrival, Records: []event.Record{{Data: line, Hint: event.HintJSON}}}
			var got, want event.Event
			old.Parse(b, 0, &got)
			New(Options{}).Parse(b, 0, &want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q (-new parser +old parser):\n%s", line, diff)
			}
		}
	})
}

// Escapes of every kind at every place of a block, with and without vectors.
func TestEscapes(t *testing.T) {
	for _, escape := range []string{
		`\n`, `\"`, `\\`, `\\\\`, `\/\b\f\n\r\t`, `\u00e9`, `\ud83d\ude00`, `\ud800`, `\ud800\n`, `\\\u0041`, `\\u0041`,
		`\`, `\x`, `\é`, "\\\x00", `\u12`, `\u`, `\\\`, "\x1f", `\ud83d\u`, `\N`, `\\\"\\`,
	} {
		for _, before := range []int{0, 1, 7, 31, 32, 33, 61, 62, 63, 64, 65, 126, 127, 128, 129} {
			for _, after := range []int{0, 1, 63, 64, 130} {
				src := `{"a":"` + strings.Repeat("a", before) + escape + strings.Repeat("z", after) + `"}`
				var want map[string]string
				valid := json.Unmarshal([]byte(src), &want) == nil
				for _, vectors := range []bool{false, haveUnescape()} {
					got, err := scanWith(vectors, []byte(src))
					switch {
					case valid == err.failed():
						t.Fatalf("vectors %v: %s: %v, encoding/json says valid=%v", vectors, src, err, valid)
					case valid && (len(got) != 1 || got[0].Value != want["a"]):
						t.Fatalf("vectors %v: %s\n got %q\nwant %q", vectors, src, got, want["a"])
					}
				}
				vector, vectorErr := scanFields([]byte(src))
				if plain, err := scanWith(false, []byte(src)); err != vectorErr || !slices.Equal(plain, vector) {
					t.Fatalf("%s: with vectors %v, without %v", src, vectorErr, err)
				}
			}
		}
	}
}

func TestJSONErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`{"a":1} x`, "JSON: unexpected text after the value at byte 8"},
		{`{"a":01}`, "JSON: expected a comma or a closing brace at byte 6"},
		{`{"a":1.}`, "JSON: expected a digit after the decimal point at byte 7"},
		{`{"a":+1}`, "JSON: expected a value at byte 5"},
		{`{"a":"\x"}`, "JSON: unknown escape at byte 6"},
		{"{\"a\":\"\t\"}", "JSON: control character in a string at byte 6"},
		{`{"a"`, "JSON: expected a colon at byte 4"},
		{`{"a":tru}`, "JSON: expected true at byte 5"},
		{`{"a":"b`, "JSON: string without an end at byte 7"},
		{strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70), "JSON: nested too deep at byte 64"},
	} {
		_, err := scanFields([]byte(c.src))
		if !err.failed() || err.String() != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.src, err.String(), c.want)
		}
	}
}

// A record hinted as JSON that is none keeps its text and says what is wrong.
func TestJSONHintBroken(t *testing.T) {
	p := New(Options{})
	var ev event.Event
	b := &event.Batch{Received: arrival, Records: []event.Record{{Data: []byte(`{"a":}`), Hint: event.HintJSON}}}
	p.Parse(b, 0, &ev)
	if ev.Format != "" || ev.Raw != `{"a":}` {
		t.Errorf("format %q, raw %q", ev.Format, ev.Raw)
	}
	if got, _ := ev.Get("_parse_error"); got != "JSON: expected a value at byte 5" {
		t.Errorf("_parse_error = %q", got)
	}
}

// Past the limits an event is cut, but nothing of it is out of reach: the names
// and values that no longer are fields are text in _overflow.
func TestFieldLimits(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"` + strings.Repeat("ầ", 400) + `":"long name"`)
	for i := range 3000 {
		b.WriteString(`,"k` + strconv.Itoa(i) + `":"v` + strconv.Itoa(i) + `"`)
	}
	b.WriteString(`}`)
	ev := parseLine(t, New(Options{}), b.String())
	if ev.Format != "json" || len(ev.Fields) != MaxFields {
		t.Fatalf("format %q, %d fields", ev.Format, len(ev.Fields))
	}
	if n := ev.Fields[0].Name; len(n) > MaxNameBytes || !utf8.ValidString(n) || len(n) < MaxNameBytes-3 {
		t.Errorf("long name cut to %d bytes", len(n))
	}
	last := ev.Fields[MaxFields-1]
	if last.Name != "_overflow" || !strings.HasPrefix(last.Value, "k1022=v1022 ") || !strings.HasSuffix(last.Value, " k2999=v2999") {
		t.Errorf("last field %s = %.40q…", last.Name, last.Value)
	}
}

// A key of many kilobytes over a long array must not cost their product.
func TestLongKeyOverLongArray(t *testing.T) {
	src := `{"o":{"` + strings.Repeat("k", 100<<10) + `":[` + strings.Repeat("1,", 70<<10) + `1]}}`
	ev := parseLine(t, New(Options{}), src)
	total := 0
	for _, f := range ev.Fields {
		total += len(f.Name) + len(f.Value)
	}
	if ev.Format != "json" || total > len(src)+MaxFields*MaxNameBytes+maxOverflowBytes {
		t.Errorf("format %q, %d bytes of fields", ev.Format, total)
	}
}
