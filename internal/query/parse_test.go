package query

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
)

// show writes a tree in brackets.
func show(n Node) string {
	list := func(op string, parts []Node) string {
		s := make([]string, len(parts))
		for i, p := range parts {
			s[i] = show(p)
		}
		return "(" + strings.Join(s, " "+op+" ") + ")"
	}
	switch n := n.(type) {
	case nil:
		return "everything"
	case And:
		return list("&", n.Parts)
	case Or:
		return list("|", n.Parts)
	case Not:
		return "!" + show(n.Part)
	case Term:
		switch n.Op {
		case Text:
			return fmt.Sprintf("text<%s>", showPattern(n.Pattern))
		case Exists:
			return "exists<" + n.Field + ">"
		case IsNull:
			return "null<" + n.Field + ">"
		case Equal:
			return n.Field + "=" + showPattern(n.Pattern)
		}
		switch n.Op {
		case Matches:
			return n.Field + "~" + n.Regex.Source
		case Within:
			return n.Field + " within " + n.Network.String()
		}
		return n.Field + " in " + showBound(n.Low, "[", "(") + ".." + showBound(n.High, "]", ")")
	}
	return "?"
}

func showPattern(p Pattern) string {
	var b strings.Builder
	for i, s := range p.Parts {
		if i > 0 {
			fmt.Fprintf(&b, "{%c}", p.Wild[i-1])
		}
		b.WriteString(s)
	}
	return b.String()
}

func showBound(b *Bound, closed, open string) string {
	if b == nil {
		return "*"
	}
	mark := open
	if b.Inclusive {
		mark = closed
	}
	switch b.Kind {
	case NumberBound:
		return fmt.Sprint(mark, b.Number)
	case TimeBound:
		return mark + b.Time.UTC().Format("2006-01-02T15:04:05.999999Z")
	}
	return fmt.Sprintf("%s%q", mark, b.Text)
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "everything"},
		{"  \n", "everything"},
		{"Failed", "text<failed>"},
		{`"Failed password"`, "text<failed password>"},
		{"a b AND c && d", "(text<a> & text<b> & text<c> & text<d>)"},
		{"a b OR c || d", "((text<a> & text<b>) | text<c> | text<d>)"},
		{"NOT a -b !c ! d", "(!text<a> & !text<b> & !text<c> & !text<d>)"},
		{"a - b", "(text<a> & text<-> & text<b>)"},
		{"(a OR b) c", "((text<a> | text<b>) & text<c>)"},
		{"a(b)c", "(text<a> & text<b> & text<c>)"},
		{"ORACLE android NOTE", "(text<oracle> & text<android> & text<note>)"},
		{"EventID:4625", "EventID=4625"},
		{"EventID: 4625", "EventID=4625"},
		{"user:*adm?n*", "user={*}adm{?}n{*}"},
		{`user:"*literal?*"`, "user=*literal?*"},
		{`user:\*x\?`, "user=*x?"},
		{`Image:C:\Windows\cmd.exe`, `Image=c:\windows\cmd.exe`},
		{`Image:*\\*`, `Image={*}\{*}`},
		{`Image:"C:\Windows\\"`, `Image=c:\windows\`},
		{`x:"say \"hi\""`, `x=say "hi"`},
		{`"đường dẫn":X`, "đường dẫn=x"},
		{"x:-5", "x=-5"},
		{"x:>=10 y:<5", "(x in [10..* & y in *..)5)"},
		{"x:[1 TO 5]", "x in [1..]5"},
		{"x:{1 TO 5]", "x in (1..]5"},
		{"x:[ 1 TO * }", "x in [1..*"},
		{"x:[a TO 5]", `x in ["a"..]"5"`},
		{`x:["1" TO 5]`, `x in ["1"..]"5"`},
		{"x:(a OR -b NOT c*)", "(x=a | (x=-b & !x=c{*}))"},
		{"x:(a OR (>=5 AND <9))", "(x=a | (x in [5..* & x in *..)9))"},
		{"_exists_:x _EXISTS_:y _null_:z", "(exists<x> & exists<y> & null<z>)"},
		{"time:2026-11-22", "time in [2026-11-21T17:00:00Z..)2026-11-22T17:00:00Z"},
		{"time:2026-11-22T10:30:00Z", "time in [2026-11-22T10:30:00Z..)2026-11-22T10:30:01Z"},
		{"_received:>2026-11-22T10", "_received in (2026-11-22T03:00:00Z..*"},
		{`time:["2026-11-22 10:30" TO *]`, "time in [2026-11-22T03:30:00Z..*"},
		{"time:*", "exists<time>"},
		{"dst:10.0.0.1:443", "dst=10.0.0.1:443"},
		{`user:~^adm[0-9]+$ x`, `(user~^adm[0-9]+$ & text<x>)`},
		{`user:~"a b\d \"q\""`, `user~a b\d "q"`},
		{`user:(~a(b|c) OR ~[)(]x OR \~y)`, `(user~a(b|c) | user~[)(]x | user=~y)`},
		{`(user:~a\)b)`, `user~a\)b`},
		{`~a|b -~c`, `(~a|b & !~c)`},
		{"src_ip:10.1.2.3/8", "src_ip within 10.0.0.0/8"},
		{"src_ip:(::ffff:10.0.0.0/104 OR 2001:DB8::1/32)", "(src_ip within 10.0.0.0/8 | src_ip within 2001:db8::/32)"},
		{`src_ip:"10.0.0.0/8" path:/24 x:10/8 y:10.0.0.0/8x`, "(src_ip=10.0.0.0/8 & path=/24 & x=10/8 & y=10.0.0.0/8x)"},
		{"10.0.0.0/8", "text<10.0.0.0/8>"},
		{"Nguyễn ẮNH", "(text<nguyễn> & text<ắnh>)"},
	} {
		q, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := show(q.Root); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// Every error says where it is and what would be right there.
func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		code   string
	}{
		{"a AND", 5, "query.term-missing"},
		{"AND a", 0, "query.term-missing"},
		{"a OR OR b", 5, "query.term-missing"},
		{"(a", 2, "query.unclosed"},
		{"a)", 1, "query.unexpected-close"},
		{"()", 1, "query.term-missing"},
		{`a "b`, 2, "query.unclosed-quote"},
		{"x:", 2, "query.value-missing"},
		{"x:)", 2, "query.value-missing"},
		{"x:>=", 4, "query.bound-missing"},
		{"x:[1 5]", 5, "query.to-missing"},
		{"x:[1 TO 5", 9, "query.unclosed-range"},
		{"x:[1 TO", 2, "query.unclosed-range"},
		{"x:[ TO 5]", 7, "query.to-missing"},
		{"x:[1 TO ]", 8, "query.bound-missing"},
		{"x*:5", 0, "query.wild-field"},
		{":5", 0, "query.field-missing"},
		{"_exists_:", 9, "query.field-missing"},
		{"time:yesterday", 5, "query.bad-time"},
		{"time:[2026-11-22 TO soon]", 20, "query.bad-time"},
		{"time:~2026", 6, "query.bad-time"},
		{"time:10.0.0.0/8", 5, "query.bad-time"},
		{"x:~", 3, "query.regex-missing"},
		{"x:~(a", 3, "query.bad-regex"},
		{`x:~"a`, 3, "query.unclosed-quote"},
		{`x:~a\Bb`, 3, "query.bad-regex"},
		{"x:~a**", 3, "query.bad-regex"},
		{"x:~((.{200}){200}){200}", 3, "query.bad-regex"},
		{`x:~(\pL{50}){9}`, 3, "query.regex-too-large"},
		{"x:~" + strings.Repeat("a", 1025), 3, "query.regex-too-large"},
		{"~^a", 1, "query.regex-anchor"},
		{`a ~(x|\by)`, 3, "query.regex-anchor"},
		{"ip:10.0.0.0/33", 3, "query.bad-network"},
		{"ip:::1/129", 3, "query.bad-network"},
		{"a \xff", 2, "query.not-utf8"},
		{strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100), 65, "query.too-deep"},
		{strings.Repeat("a ", 1200), 2000, "query.too-many-terms"},
		{strings.Repeat("a", MaxLength+1), MaxLength, "query.too-long"},
	} {
		_, err := Parse(c.text)
		se, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%.40q: %v, want a syntax error", c.text, err)
			continue
		}
		if se.Offset != c.offset || se.Code != c.code {
			t.Errorf("%.40q: byte %d, %s; want byte %d, %s", c.text, se.Offset, se.Code, c.offset, c.code)
		}
		if se.Message == "" || se.Offset+se.Length > len(c.text) {
			t.Errorf("%.40q: %+v", c.text, se)
		}
	}
}

// The span of a term is what the console marks.
func TestSpans(t *testing.T) {
	text := `user:root (x:[1 TO 2] OR "b c") time:2026-11-22`
	q, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var spans []string
	var walk func(Node)
	walk = func(n Node) {
		switch n := n.(type) {
		case And:
			for _, p := range n.Parts {
				walk(p)
			}
		case Or:
			for _, p := range n.Parts {
				walk(p)
			}
		case Term:
			o, l := n.Span()
			spans = append(spans, text[o:o+l])
		}
	}
	walk(q.Root)
	want := []string{"user:root", "x:[1 TO 2]", `"b c"`, "time:2026-11-22"}
	if fmt.Sprint(spans) != fmt.Sprint(want) {
		t.Errorf("spans %q, want %q", spans, want)
	}
}

func TestMatch(t *testing.T) {
	ev := &event.Event{
		Unit: "so-noi-vu", Host: "WEB01", Source: event.Source{Product: "linux"},
		Raw: "sshd: Failed password for Root from 10.0.0.1",
		Fields: []event.Field{
			{Name: "user", Value: "Root"}, {Name: "src.ip", Value: "10.0.0.1"}, {Name: "port", Value: "4711"},
			{Name: "empty"}, {Name: "none", Kind: event.Null}, {Name: "tag", Value: "a"}, {Name: "tag", Value: "b"},
			{Name: "host", Value: "inner"}, {Name: "decoded", Value: "not in raw"},
		},
	}
	for text, want := range map[string]bool{
		"": true, "failed": true, `"FAILED password"`: true, "absent": false, "fail*root": true, "root*failed": false, "in raw": true, `"not in raw"`: true,
		"user:root": true, "USER:ROOT": true, "user:roo": false, "user:ro?t": true, "user:r*": true, "src.ip:10.0.*": true,
		"port:>4710": true, "port:>=4711": true, "port:<4711": false, "port:[4000 TO 5000]": true, "user:>=5": false, "user:>=q": true,
		`empty:""`: true, "_exists_:empty": true, "_exists_:none": false, "_null_:none": true, "_null_:empty": false, "none:*": false, "_exists_:nothing": false,
		"tag:a": true, "tag:b": true, "tag:c": false, "NOT tag:c": true, "NOT nothing:x": true, "tag:(a b)": true,
		"host:web01": true, "host:inner": true, "_host:inner": false, "unit:so-*": true, "product:linux": true, "category:*": false,
		"user:~^Ro": true, "user:~^ro": false, "user:~(?i)^ro": true, "user:~oo": true, "~Fail": true, "~fail": false, `~"not in"`: true, "raw:~1$": true, "none:~.*": false, "empty:~.*": true, "tag:~^b$": true,
		"src.ip:10.0.0.0/8": true, "src.ip:10.0.0.0/31": true, "src.ip:10.0.0.2/31": false, "src.ip:::/0": false, "src.ip:::ffff:10.0.0.0/104": true, "tag:0.0.0.0/0": false, "NOT src.ip:192.168.0.0/16": true,
		"rule:r1": true, "rules:R2": true, "rule:r3": false, "skewed:false": true,
	} {
		q, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := q.Match(ev, []string{"r1", "r2"}); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestQuoteReadsBack(t *testing.T) {
	for _, s := range []string{"", "a", `a"b\c\`, "*?", `\`, "( AND ) OR", "Ắ"} {
		q, err := Parse("f:" + Quote(s))
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		if got, ok := q.Root.(Term).Pattern.Literal(); !ok || got != Fold(s) {
			t.Errorf("%q reads back as %q", s, got)
		}
	}
}

// Parse neither panics nor hangs, its errors lie inside the text, and what it
// accepts can be matched.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a AND (b OR NOT c)", `x:"q\"r" y:[1 TO 5}`, "time:>=2026-11-22 -z:*a?b*", "_exists_:x", `f:(a "b c" >=3)`, `\*\\`, "((((", "a:[* TO *]", `x:~(?i)^a[b]+$ ~"a b"`, "f:10.0.0.0/8 f:2001:db8::/32"} {
		f.Add(s)
	}
	ev := &event.Event{Raw: "a b c", Fields: []event.Field{{Name: "x", Value: "aaabbb"}, {Name: "f", Value: "1e5"}}}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			se, ok := errors.AsType[*SyntaxError](err)
			if !ok || se.Offset < 0 || se.Length < 0 || se.Offset+se.Length > len(text) {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		q.Match(ev, nil)
		if q.Root != nil {
			if o, l := q.Root.Span(); o < 0 || l <= 0 || o+l > len(text) {
				t.Fatalf("%q: span %d+%d", text, o, l)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(`EventID:4625 AND NOT user:svc_* src.ip:(10.0.0.1 OR 10.0.0.2) "disk full" time:>=2026-11-22`); err != nil {
			b.Fatal(err)
		}
	}
}
