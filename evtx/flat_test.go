package evtx

import (
	"strings"
	"testing"
)

// eventData reads one record with the given event data and returns the JSON
// behind the System part.
func eventData(t *testing.T, f *fragment) string {
	t.Helper()
	lines, r := readAll(t, encodeFile(chunkOf(withData(1, f))))
	if len(lines) != 1 {
		t.Fatalf("problems: %v", r.Problems())
	}
	_, rest, ok := strings.Cut(lines[0], `"UserID":"S-1-5-18"`)
	if !ok {
		t.Fatalf("no System part: %s", lines[0])
	}
	return "{" + strings.TrimPrefix(rest, ",")
}

func name(n string) attribute { return attribute{"Name", n} }

func TestFlatNames(t *testing.T) {
	num := typed{typ: typeUint32, data: le32(7)}
	for _, c := range []struct {
		name     string
		template *element
		values   []typed
		want     string
	}{
		{"named and unnamed data", el("EventData", el("Data", name("A"), hole{0, false}), el("Data", hole{1, false})),
			[]typed{str("x"), num}, `{"A":"x","Data":7}`},
		{"several unnamed are a list", el("EventData", el("Data", hole{0, false}), el("Data", hole{1, false})),
			[]typed{str("x"), str("y")}, `{"Data":["x","y"]}`},
		{"a list of both kinds is of strings", el("EventData", el("Data", hole{0, false}), el("Data", hole{1, false})),
			[]typed{str("x"), num}, `{"Data":["x","7"]}`},
		{"the same name twice", el("EventData", el("Data", name("A"), hole{0, false}), el("Data", name("B"), hole{0, false}), el("Data", name("A"), hole{1, false})),
			[]typed{num, num}, `{"A":[7,7],"B":7}`},
		{"an array", el("EventData", el("Data", hole{0, false}), el("Binary", hole{1, true})),
			[]typed{{typ: typeString | arrayBit, data: wide("a\x00\x00b\x00\x00")}, {typ: typeBinary, data: []byte{0xAB, 1}}},
			`{"Data":["a","","b"],"Binary":"AB01"}`},
		{"nothing in Binary", el("EventData", el("Data", name("A"), hole{0, true}), el("Binary", hole{1, true})),
			[]typed{{}, {}}, `{"A":""}`},
		{"an element without content", el("EventData", el("Data", name("A")), el("Data", name("B"), "")), nil, `{"A":"","B":""}`},
		{"a name from a value", el("EventData", el("Data", attribute{"Name", hole{0, false}}, hole{1, false})),
			[]typed{str("Dynamic"), num}, `{"Dynamic":7}`},
		{"user data", el("UserData", el("Wrapper", attribute{"xmlns", "x"}, attribute{"xmlns:auto-ns2", "y"}, attribute{"Kind", "k"},
			el("Param1", hole{0, false}), el("Outer", attribute{"id", "3"}, el("Inner", hole{1, false})))),
			[]typed{str("x"), num}, `{"Kind":"k","Param1":"x","Outer_id":"3","Outer_Inner":7}`},
		{"a System name in the data wins", el("EventData", el("Data", name("Version"), hole{0, false})),
			[]typed{str("9.01")}, `{"Version":"9.01"}`},
		{"but not over what identifies the event", el("EventData", el("Data", name("Channel"), hole{0, false}), el("Data", name("EventID"), hole{1, false})),
			[]typed{str("System"), num}, `{"EventData_Channel":"System","EventData_EventID":7}`},
		{"rendering", el("RenderingInfo", attribute{"Culture", "vi-VN"}, el("Message", hole{0, false})),
			[]typed{str("Đăng nhập")}, `{"RenderingInfo_Culture":"vi-VN","RenderingInfo_Message":"Đăng nhập"}`},
		{"text in pieces", el("EventData", el("Data", name("A"), "a ", hole{0, false}, entityRef("lt"), charRef(0x1EAF), cdata("<b>"), entityRef("other"))),
			[]typed{num}, `{"A":"a 7<ắ<b>&other;"}`},
		{"text between elements", el("EventData", hole{0, false}), []typed{str("loose")}, `{"EventData":"loose"}`},
		{"text written between elements", el("EventData", " \n", el("Data", name("A"), "x"), "loose"), nil, `{"A":"x","EventData":"loose"}`},
		{"a value that is missing", el("EventData", el("Data", name("A"), hole{9, false})), nil, `{"A":""}`},
		{"a fragment inside data", el("EventData", el("Data", name("A"), hole{0, false})),
			[]typed{{typ: typeBinXML, fragment: &fragment{template: el("Point", el("X", hole{0, false})), values: []typed{num}}}},
			`{"A_Point_X":7}`},
		{"processing instruction", el("EventData", tokens("\x0b\x01\x00a\x00"), el("Data", name("A"), "x")), nil, `{"A":"x"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			got := eventData(t, &fragment{template: c.template, values: c.values})
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if len(c.values) > 0 {
				return
			}
			// The same XML written out, without a template.
			if got := eventData(t, &fragment{template: c.template, inline: true}); got != want {
				t.Errorf("inline: got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestDisplacedSystemValueIsKept(t *testing.T) {
	f := &fragment{template: el("EventData", el("Data", name("Version"), hole{0, false})), values: []typed{str("9.01")}}
	r := openBytes(t, encodeFile(chunkOf(withData(1, f))))
	rec, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rec.Extra {
		if f == (Field{"System_Version", "2", Number}) {
			return
		}
	}
	t.Errorf("System_Version is not in %v", rec.Extra)
}

// A value that System lacks is null, except UserID, and nothing moves.
func TestSparseSystem(t *testing.T) {
	tmpl := el("Event", el("System", el("Provider", name("P")), el("EventID", "11"), el("Version", hole{0, true}),
		el("Extra", attribute{"a", "b"}, el("Deep", "x")), el("Correlation"), el("Computer", "c")))
	lines, _ := readAll(t, encodeFile(chunkOf(testRecord{id: 1, body: fragment{template: tmpl, values: []typed{{}}}})))
	want := `{"Provider_Name":"P","EventID":11,"Version":null,"Level":null,"Task":null,"Opcode":null,"Keywords":null,` +
		`"EventRecordID":null,"Channel":null,"Computer":"c","SystemTime":null,"Execution_ProcessID":null,"Execution_ThreadID":null}`
	if len(lines) != 1 || lines[0] != want {
		t.Errorf("got  %s\nwant %s", lines, want)
	}
}

// One template in two places of the tree is two different things.
func TestTemplateMeansWhatItsPlaceSays(t *testing.T) {
	shared := el("Data", name("A"), hole{0, false})
	values := []typed{str("x")}
	inData := withData(1, &fragment{template: el("EventData", hole{0, false}), values: []typed{{typ: typeBinXML, fragment: &fragment{template: shared, values: values}}}})
	inOther := withData(2, &fragment{template: el("UserData", el("W", hole{0, false})), values: []typed{{typ: typeBinXML, fragment: &fragment{template: shared, values: values}}}})
	lines, _ := readAll(t, encodeFile(chunkOf(inData, inOther, inData)))
	for i, want := range []string{`"A":"x"}`, `"Data_Name":"A","Data":"x"}`, `"A":"x"}`} {
		if i >= len(lines) || !strings.HasSuffix(lines[i], `"S-1-5-18",`+want) {
			t.Errorf("record %d: %v, want the end %s", i, lines, want)
		}
	}
}
