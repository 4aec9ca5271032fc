package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParseBulk(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want string // verb index id document|…, or the error
	}{
		"create and index": {"{\"create\":{\"_index\":\"a\"}}\n{\"m\":1}\n{\"index\":{\"_index\":\"b\",\"_id\":\"7\"}}\n{\"m\":2}\n", `create "a"  {"m":1}|index "b" "7" {"m":2}`},
		"an empty action":  {"{\"create\":{}}\n{\"m\":1}\n{\"create\":{}}\n{\"m\":2}\n", `create   {"m":1}|create   {"m":2}`},
		"update has a document, delete has none": {"{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"2\"}}\n{\"doc\":{}}\n{\"delete\":{\"_id\":\"3\"}}\n",
			`delete  "1" |update  "2" {"doc":{}}|delete  "3" `},
		"spaces, CR LF, blank lines, no last line end": {"\n{ \"index\" : { \"_id\" : 12 , \"routing\":[1,{}] } }\r\n{\"m\":1} \r\n\r\n{\"index\":{}}\n{\"m\":2}", `index  12 {"m":1} |index   {"m":2}`},
		"null and empty names are none":                {"{\"index\":{\"_id\":null,\"_index\":\"\"}}\n{}\n", `index   {}`},
		"a document may say anything":                  {"{\"create\":{}}\nnot JSON\n{\"create\":{}}\n\n{\"create\":{}}\n{\"create\":{}}\n", `create   not JSON|create   |create   {"create":{}}`},
		"no body":                                      {"", "400 parse_exception request body is required"},
		"blank lines only":                             {"\n \r\n\n", "400 action_request_validation_exception Validation Failed: 1: no requests added;"},
		"an array":                                     {"[1]\n{}\n", "400 illegal_argument_exception Malformed action/metadata line [1], broken JSON at byte 0"},
		"not an operation":                             {"{\"create\":{}}\n{}\n{\"upsert\":{}}\n{}\n", `400 illegal_argument_exception Malformed action/metadata line [3], expected field [create], [delete], [index] or [update] but found ["upsert"]`},
		"no object":                                    {"{\"create\":1}\n{}\n", "400 illegal_argument_exception Malformed action/metadata line [1], expected an object after [create]"},
		"two operations":                               {"{\"create\":{},\"index\":{}}\n{}\n", "400 illegal_argument_exception Malformed action/metadata line [1], expected one operation but found 2"},
		"no operation":                                 {"{}\n{}\n", "400 illegal_argument_exception Malformed action/metadata line [1], expected one operation but found 0"},
		"text behind the operation":                    {"{\"create\":{}} x\n{}\n", "400 illegal_argument_exception Malformed action/metadata line [1], unexpected text at byte 13"},
		"the document is missing":                      {"{\"create\":{}}\n", "400 illegal_argument_exception Malformed action/metadata line [1], no document follows it"},
		"no document, no line end":                     {"{\"create\":{}}", "400 illegal_argument_exception Malformed action/metadata line [1], no document follows it"},
		"an _id that is an object":                     {"{\"create\":{\"_id\":{}}}\n{}\n", "400 illegal_argument_exception Malformed action/metadata line [1], [_id] must be a string"},
		"an _id that is too long":                      {"{\"create\":{\"_id\":\"" + strings.Repeat("x", 513) + "\"}}\n{}\n", "400 illegal_argument_exception Malformed action/metadata line [1], [_id] is longer than 512 bytes"},
		"too many operations":                          {strings.Repeat("{\"create\":{}}\n{}\n", maxOps+1), "413 content_too_long_exception more than 131072 operations in one request; send less at once"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bulk
			err := b.parse([]byte(c.in))
			var got []string
			for _, o := range b.ops {
				a := b.actions[o.action]
				got = append(got, fmt.Sprintf("%s %s %s %s", verbNames[a.verb], a.index, a.id, b.document(o)))
			}
			text := strings.Join(got, "|")
			if err != nil {
				r, ok := errors.AsType[*refusal](err)
				if !ok {
					t.Fatal(err)
				}
				text = fmt.Sprint(r.status, " ", r.kind, " ", r.reason)
			}
			if text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestEqualActionLinesAreReadOnce(t *testing.T) {
	var b bulk
	if err := b.parse([]byte(strings.Repeat("{\"create\":{\"_index\":\"a\"}}\n{}\n", 1000))); err != nil || len(b.ops) != 1000 || len(b.actions) != 1 {
		t.Errorf("%d operations, %d actions, %v", len(b.ops), len(b.actions), err)
	}
}

// FuzzBulk: every byte of every document found is one that was sent, the action
// lines are those that encoding/json reads, and no request breaks the parser.
func FuzzBulk(f *testing.F) {
	f.Add([]byte("{\"create\":{\"_index\":\"a\"}}\n{\"m\":1}\n{\"delete\":{\"_id\":\"3\"}}\n"))
	f.Add([]byte("\r\n{\"index\":{}}\r\n\r\n{\"update\":{\"_id\":1}}\n{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var b bulk
		if b.parse(body) != nil {
			return
		}
		// The slow way: line by line, with encoding/json.
		lines := bytes.Split(body, []byte("\n"))
		var want []string
		for i := 0; i < len(lines); i++ {
			line := bytes.TrimSpace(lines[i])
			if len(line) == 0 {
				continue
			}
			var m map[string]struct{}
			if err := json.Unmarshal(line, &m); err != nil || len(m) != 1 {
				t.Fatalf("action line %q: %v", line, err)
			}
			for v := range m {
				text := ""
				if v != "delete" {
					i++
					text = strings.TrimRight(string(lines[i]), "\r")
				}
				want = append(want, v+" "+text)
			}
		}
		if len(want) != len(b.ops) {
			t.Fatalf("%d operations, want %d", len(b.ops), len(want))
		}
		for i, o := range b.ops {
			if got := verbNames[b.actions[o.action].verb] + " " + string(b.document(o)); got != want[i] {
				t.Fatalf("operation %d is %q, want %q", i, got, want[i])
			}
		}
	})
}

// FuzzAction: an action line is taken only if it is JSON with one operation.
func FuzzAction(f *testing.F) {
	f.Add([]byte(`{"create":{"_index":"a","_id":"x"}}`))
	f.Add([]byte(`{"index":{"_id":-1.5e3,"dynamic_templates":{"a":["b"]}}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := parseAction(line)
		if err != nil {
			return
		}
		if !json.Valid(line) || a.index != nil && !json.Valid(a.index) || a.id != nil && !json.Valid(a.id) || len(a.id) > maxNameBytes+2 {
			t.Fatalf("%q taken as %+v", line, a)
		}
	})
}

// beatsBody is a bulk request as Filebeat makes it.
func beatsBody(n int, withID bool) []byte {
	var b bytes.Buffer
	for i := range n {
		if withID {
			fmt.Fprintf(&b, "{\"create\":{\"_index\":\"filebeat-8.19.0\",\"_id\":\"%032x\"}}\n", i)
		} else {
			b.WriteString("{\"create\":{\"_index\":\"filebeat-8.19.0\"}}\n")
		}
		fmt.Fprintf(&b, `{"@timestamp":"2026-11-22T08:30:00.000Z","message":"Nov 22 15:30:00 web01 sshd[%d]: Failed password for root from 203.0.113.9 port 4711 ssh2","log":{"offset":%d,"file":{"path":"/var/log/auth.log"}},"input":{"type":"filestream"},"agent":{"id":"e6c0ae1f-1f0a-4d4a-8a3a-3d1d0a8f3a55","name":"web01","type":"filebeat","version":"8.19.0"},"ecs":{"version":"8.0.0"},"host":{"name":"web01"}}`+"\n", i, 160*i)
	}
	return b.Bytes()
}

func BenchmarkParseBulk(b *testing.B) {
	for name, withID := range map[string]bool{"same action": false, "with _id": true} {
		b.Run(name, func(b *testing.B) {
			body := beatsBody(1600, withID)
			var p bulk
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				p.reset()
				if err := p.parse(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
