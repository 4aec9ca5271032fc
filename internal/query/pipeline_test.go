package query

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// showPipeline writes a pipeline the long way.
func showPipeline(p *Pipeline) string {
	out := show(p.Query.Root)
	a := p.Aggregate
	if a == nil {
		return out
	}
	out += " |"
	if a.Span > 0 {
		out += " each " + a.Span.String()
	}
	for _, f := range a.By {
		out += " by " + f.Name
	}
	for _, f := range a.Funcs {
		out += fmt.Sprintf(" %d(%s)=%s", f.Kind, f.Field, f.Name)
	}
	for _, s := range a.Steps {
		if s.Sort == nil {
			out += fmt.Sprintf(" head %d", s.Limit)
			continue
		}
		out += " sort"
		for _, k := range s.Sort {
			if out += fmt.Sprintf(" %d", k.Column); k.Descending {
				out += "-"
			}
		}
	}
	return out
}

func TestParsePipeline(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a b", "(text<a> & text<b>)"},
		{"", "everything"},
		{"| stats count", "everything | 0()=count sort 0-"},
		{"a:1 OR b | stats count() by user", "(a=1 | text<b>) | by user 0()=count sort 1-"},
		{"a || b |stats count", "(text<a> | text<b>) | 0()=count sort 0-"},
		{"~a|b | stats count", "~a|b | 0()=count sort 0-"},
		{`a\|b \| c`, "(text<a|b> & text<|> & text<c>)"},
		{`* | STATS Count(user) AS "số người", dc( src.ip ), sum(x), avg(x), min(time), max(x) BY host, "a b"`, "text<{*}> | by host by a b 0(user)=số người 1(src.ip)=dc(src.ip) 2(x)=sum(x) 3(x)=avg(x) 4(time)=min(time) 5(x)=max(x) sort 2-"},
		{"| top user", "everything | by user 0()=count sort 1- head 10"},
		{"| top 3 user, host | sort user", "everything | by user by host 0()=count sort 2- head 3 sort 0"},
		{"| rare 5 user", "everything | by user 0()=count sort 1 head 5"},
		{"| timechart 5m", "everything | each 5m0s 0()=count sort 0 1-"},
		{"| timechart span=1d dc(user) as n by host", "everything | each 24h0m0s by host 1(user)=n sort 0 2-"},
		{"| timechart 5m by f", "everything | each 5m0s by f 0()=count sort 0 2-"},
		{"| stats count, dc(x) by u | sort -dc(x), +u, count() | head 3 | sort u desc, count asc | limit 2", "everything | by u 0()=count 1(x)=dc(x) sort 1- sort 2- 0 1 head 3 sort 0- 1 head 2"},
	} {
		p, err := ParsePipeline(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := showPipeline(p); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestPipelineErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		code   string
		says   string
	}{
		{"a |", 3, "query.bad-stage", "stats"},
		{"a | stat count", 4, "query.bad-stage", "did you mean stats?"},
		{"a | sort x", 4, "query.bad-stage", ""},
		{"a | stats", 9, "query.bad-function", "count"},
		{"a | stats cuont by x", 10, "query.bad-function", "did you mean count?"},
		{"a | stats sum", 10, "query.field-missing", ""},
		{"a | stats sum(x", 15, "query.unclosed", ""},
		{"a | stats count by", 18, "query.field-missing", ""},
		{"a | stats count by x,", 21, "query.field-missing", ""},
		{"a | stats count by time", 19, "query.time-here", "timechart"},
		{"a | stats sum(time)", 14, "query.time-here", ""},
		{"a | stats count by x*", 19, "query.wild-field", ""},
		{"a | stats count, count", 17, "query.same-column", "as"},
		{"a | stats count by x x", 21, "query.pipe-missing", ""},
		{"a | stats count by x | srot x", 23, "query.bad-stage", "did you mean sort?"},
		{"a | stats count by user | sort -uesr", 32, "query.bad-column", "did you mean user?"},
		{"a | stats count by user | head 0", 31, "query.bad-count", ""},
		{"a | stats count by user | head 10001", 31, "query.bad-count", ""},
		{"a | top 0 x", 8, "query.bad-count", ""},
		{"a | timechart", 13, "query.bad-span", "5m"},
		{"a | timechart 5x", 14, "query.bad-span", ""},
		{"a | timechart 0m", 14, "query.bad-span", ""},
		{"a | timechart 9999999999999h", 14, "query.bad-span", ""},
		{`a | stats count by "x`, 19, "query.unclosed-quote", ""},
		{"(a | stats count)", 3, "query.unclosed", ""},
		{"a OR | stats count", 5, "query.term-missing", `\|`},
		{"| stats count" + strings.Repeat("| head 1", 20), 13 + 16*8, "query.too-many-stages", ""},
	} {
		_, err := ParsePipeline(c.text)
		se, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%.60q: %v, want a syntax error", c.text, err)
			continue
		}
		if se.Offset != c.offset || se.Code != c.code || !strings.Contains(se.Error(), c.says) || se.Offset+se.Length > len(c.text) {
			t.Errorf("%.60q: byte %d, %s; want byte %d, %s saying %q: %v", c.text, se.Offset, se.Code, c.offset, c.code, c.says, se)
		}
	}
	if _, err := Parse("a | stats count"); err == nil || !strings.Contains(err.Error(), "byte 2") {
		t.Errorf("Parse takes a pipeline for a search: %v", err)
	}
}

func TestEvaluate(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	events := []*event.Event{
		{Time: at("2026-11-20T16:59:00Z"), Fields: []event.Field{{Name: "user", Value: "an"}, {Name: "n", Value: "5"}}},
		{Time: at("2026-11-20T17:00:00Z"), Fields: []event.Field{{Name: "user", Value: "an"}, {Name: "n", Value: "1.5"}, {Name: "n", Value: "x"}}},
		{Time: at("2026-11-20T18:00:00Z"), Fields: []event.Field{{Name: "USER", Value: "bình"}, {Name: "user", Value: "an"}, {Name: "user", Value: "an"}}},
		{Time: at("2026-11-20T19:00:00Z"), Fields: []event.Field{{Name: "user", Kind: event.Null}, {Name: "n", Value: "-1"}}},
	}
	for text, want := range map[string]string{
		"| stats count": "4",
		"nothing | stats count, sum(n), min(time)":           "0,-,-",
		"| stats count by user":                              "an,3 bình,1",
		"| stats count(user) as u, dc(user), count(n)":       "3,2,3",
		"| stats sum(n), avg(n), min(n), max(n) by user":     "an,6.5,3.25,1.5,5 bình,-,-,-,-",
		"| stats min(time) as first, max(time) as l by user": "bình,20T18,20T18 an,20T16,20T18",
		"| timechart 1d":                     "19T17,1 20T17,3",
		"| timechart 1d by user":             "19T17,an,1 20T17,an,2 20T17,bình,1",
		"| top 1 user":                       "an,3",
		"| rare user | head 1":               "bình,1",
		"| stats count by user | sort -user": "bình,1 an,3",
	} {
		p, err := ParsePipeline(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		table := p.Evaluate(func(yield func(*event.Event, []string) bool) {
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
			}
		}, 100)
		var rows []string
		for _, r := range table.Rows {
			var cells []string
			for i, c := range r {
				switch {
				case c.Missing:
					cells = append(cells, "-")
				case table.Columns[i].Kind == TimeColumn:
					cells = append(cells, c.Time.Format("02T15"))
				case table.Columns[i].Kind == NumberColumn:
					cells = append(cells, fmt.Sprint(c.Number))
				default:
					cells = append(cells, c.Text)
				}
			}
			rows = append(rows, strings.Join(cells, ","))
		}
		if got := strings.Join(rows, " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"EventID", "Image", "ParentImage", "user", "src_ip", "dst_ip"}
	for name, want := range map[string]string{
		"EvnetID": "EventID", "eventid": "", "Imgae": "Image", "usr": "user", "srcip": "src_ip", "wholly else": "", "": "", "s_ip": "", "xx": "",
	} {
		if got := strings.Join(Nearest(name, names, 1), ","); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// ParsePipeline neither panics nor hangs, its errors lie inside the text, and
// what it accepts can be evaluated.
func FuzzParsePipeline(f *testing.F) {
	for _, s := range []string{"a | stats count, dc(x) as y by f, \"g h\" | sort -y, +f desc | head 3", "| timechart span=5m avg(x) by f", "| top 3 f,x", "| rare x", "| stats min(time), max( f )", "| sort", "|||", "| stats count | sort count()"} {
		f.Add(s)
	}
	ev := &event.Event{Raw: "a b c", Fields: []event.Field{{Name: "x", Value: "7"}, {Name: "f", Value: "1e5"}, {Name: "f", Value: "b"}}}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePipeline(text)
		if err != nil {
			se, ok := errors.AsType[*SyntaxError](err)
			if !ok || se.Offset < 0 || se.Length < 0 || se.Offset+se.Length > len(text) {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		if p.Aggregate == nil {
			return
		}
		table := p.Evaluate(func(yield func(*event.Event, []string) bool) {
			for range 2 {
				if !yield(ev, nil) {
					return
				}
			}
		}, 10)
		for _, r := range table.Rows {
			if len(r) != len(table.Columns) {
				t.Fatalf("%q: %d cells in %d columns", text, len(r), len(table.Columns))
			}
		}
	})
}

func TestUnknownFields(t *testing.T) {
	text := "usr:x (EventID:1 OR NOT evnetid:2) host:a time:* free zzzzzz:1 usr:y | stats dc(src.pi) by user"
	p, err := ParsePipeline(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range p.Unknown([]string{"user", "EventID", "src.ip", "users"}) {
		o, l := u.Span()
		got = append(got, fmt.Sprintf("%s at %s: %s", u.Name, text[o:o+l], strings.Join(u.Nearest, " ")))
	}
	want := "usr at usr:x: user; evnetid at evnetid:2: EventID; zzzzzz at zzzzzz:1: ; src.pi at dc(src.pi): src.ip"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("\n got %s\nwant %s", s, want)
	}
}
