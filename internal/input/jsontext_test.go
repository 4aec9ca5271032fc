package input

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestJSONEnd(t *testing.T) {
	for text, want := range map[string]int{
		`{}`: 2, `[]`: 2, ` {"a":[1,-2.5e+3,true,null,"\"]}"]} x`: 35, `12 `: 2, `"a"{`: 3, `false,`: 5,
		``: -1, ` `: -1, `{`: -1, `[`: -1, `[1,]`: -1, `{"a":1,}`: -1, `{"a"}`: -1, `{a:1}`: -1, `[1 2]`: -1, `tru`: -1,
		`01`: -1, `-`: -1, `1.`: -1, `1e`: -1, `"a`: -1, "\"\n\"": -1, `"\x"`: -1, `"\u12g4"`: -1, `"\u12`: -1, `{"a":1]`: -1,
		strings.Repeat("[", 64) + strings.Repeat("]", 64): 128,
		strings.Repeat("[", 65) + strings.Repeat("]", 65): -1,
	} {
		end, ok := JSONEnd([]byte(text), 0)
		if ok != (want >= 0) || ok && end != want {
			t.Errorf("%q ends at %d, %v; want %d", text, end, ok, want)
		}
	}
}

func TestJSONMembersAndElements(t *testing.T) {
	var got []string
	text := []byte(` { "a" : 1 , "b\n" : { "c" : [ ] } }{"d":1}`)
	end, ok := JSONMembers(text, 0, func(key, value []byte) bool {
		got = append(got, string(key)+"="+string(value))
		return true
	})
	if want := `a=1|b\n={ "c" : [ ] }`; strings.Join(got, "|") != want || !ok || string(text[end:]) != `{"d":1}` {
		t.Errorf("members %q, end %d, %v", got, end, ok)
	}
	got = nil
	_, ok = JSONElements([]byte(`[1, "x" ,[2]]`), 0, func(v []byte) bool {
		got = append(got, string(v))
		return true
	})
	if strings.Join(got, "|") != `1|"x"|[2]` || !ok {
		t.Errorf("elements %q, %v", got, ok)
	}
	if _, ok := JSONMembers([]byte(`[]`), 0, nil); ok {
		t.Error("an array has members")
	}
	if _, ok := JSONElements([]byte(`[1,2]`), 0, func([]byte) bool { return false }); ok {
		t.Error("went on after it was ended")
	}
}

// FuzzJSONEnd: what it takes for a value is what encoding/json takes for one,
// but for depth and for numbers, which encoding/json bounds elsewhere.
func FuzzJSONEnd(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e+3,true,null,"\"]}"]}`, `[[],{}]`, `"é\u00e9"`, `-0.0E-1`, ` 1 `, `{"a":1}{"b":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		end, ok := JSONEnd(text, 0)
		if end < 0 || end > len(text) {
			t.Fatalf("end %d of %d", end, len(text))
		}
		whole := ok && SkipSpace(text, end) == len(text)
		if whole != json.Valid(text) && !(bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > maxJSONDepth) {
			t.Fatalf("%q: whole %v, encoding/json says %v", text, whole, json.Valid(text))
		}
		if ok && !json.Valid(text[:end]) {
			t.Fatalf("%q of %q is not valid", text[:end], text)
		}
		if ok {
			n := 0
			again, ok := JSONMembers(text, 0, func(k, v []byte) bool { n++; return json.Valid(v) })
			if at := SkipSpace(text, 0); text[at] == '{' && (!ok || again != end) {
				t.Fatalf("%q: members end at %d, %v", text, again, ok)
			}
		}
		quoted := AppendJSONString(nil, text)
		var back string
		if utf8.Valid(text) {
			if err := json.Unmarshal(quoted, &back); err != nil || back != string(text) {
				t.Fatalf("%q written as %s reads %q, %v", text, quoted, back, err)
			}
		} else if e, ok := JSONEnd(quoted, 0); !ok || e != len(quoted) {
			t.Fatalf("%q written as %q", text, quoted)
		}
	})
}

func BenchmarkJSONEnd(b *testing.B) {
	text := []byte(`{"@timestamp":"2026-11-22T08:30:00.000Z","message":"Failed password for root from 203.0.113.9 port 4711 ssh2","agent":{"type":"filebeat","version":"8.19.0"},"log":{"offset":123456,"file":{"path":"/var/log/auth.log"}}}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := JSONEnd(text, 0); !ok {
			b.Fatal("broken")
		}
	}
}
