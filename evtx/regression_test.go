package evtx

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/testdata"
)

// The rule authors publish each regression log also as JSON, made by another
// reader. Both must say the same, field by field and without anything left
// over on either side.
func TestRegressionPairsAgree(t *testing.T) {
	pairs := 0
	for _, path := range logs(t, testdata.Path(t, "regression")) {
		pairs++
		want := pairJSON(t, strings.TrimSuffix(path, ".evtx")+".json")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		n := 0
		each(t, r, func(rec *Record) {
			if n < len(want) {
				comparePair(t, path, want[n], rec)
			}
			n++
		})
		if n != len(want) {
			t.Errorf("%s: %d records, the JSON has %d", path, n, len(want))
		}
		for _, p := range r.Problems() {
			t.Errorf("%s: %v", path, p)
		}
	}
	if pairs < 128 {
		t.Errorf("only %d pairs found", pairs)
	}
}

func comparePair(t *testing.T, path string, want map[string]string, rec *Record) {
	t.Helper()
	for _, f := range append(rec.Fields[:len(rec.Fields):len(rec.Fields)], rec.Extra...) {
		w, ok := want[f.Name]
		switch {
		case f.Kind == Null && !ok:
		case !ok:
			t.Errorf("%s, record %d: %s = %q is not in the JSON", path, rec.ID, f.Name, f.Value)
		case jsonForm(f) != w:
			t.Errorf("%s, record %d: %s = %s, the JSON has %s", path, rec.ID, f.Name, jsonForm(f), w)
		}
		delete(want, f.Name)
	}
	for name, w := range want {
		t.Errorf("%s, record %d: %s is missing, the JSON has %s", path, rec.ID, name, w)
	}
}

// jsonForm is the value with its JSON type, less what the JSON files leave
// out: spaces at the end, the braces and case of GUIDs that stand in the XML
// as text.
func jsonForm(f Field) string {
	if f.Name == "Provider_Guid" {
		f.Value = strings.ToUpper(strings.Trim(f.Value, "{}"))
	}
	f.Value = strings.TrimRight(f.Value, " ")
	dec := json.NewDecoder(bytes.NewReader(f.appendValue(nil)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	return asJSON(v)
}

// pairJSON reads the events of a JSON file as flat names and JSON values.
func pairJSON(t *testing.T, path string) []map[string]string {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	var events []map[string]string
	for {
		var e struct{ Event map[string]map[string]any }
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			return events
		} else if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		flat := map[string]string{}
		for name, v := range e.Event["System"] {
			switch v := v.(type) {
			case nil:
			case map[string]any:
				for attr, v := range v["#attributes"].(map[string]any) {
					full := name + "_" + attr
					switch full {
					case "TimeCreated_SystemTime", "Security_UserID":
						full = attr
					}
					flat[full] = asJSON(v)
				}
			default:
				flat[name] = asJSON(v)
			}
		}
		for name, v := range e.Event["EventData"] {
			flat[name] = asJSON(v)
		}
		for _, wrapper := range e.Event["UserData"] {
			for name, v := range wrapper.(map[string]any) {
				if name != "#attributes" {
					flat[name] = asJSON(v)
				}
			}
		}
		events = append(events, flat)
	}
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
