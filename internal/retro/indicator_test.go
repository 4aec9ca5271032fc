package retro

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

func parseList(t testing.TB, text string) *Indicators {
	t.Helper()
	l, problems, err := ParseIndicators([]byte(text))
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v, problems %v", err, problems)
	}
	return l
}

func kinds(l *Indicators) []string {
	var out []string
	for _, in := range l.All() {
		out = append(out, fmt.Sprintf("%d %s %s", in.Line, in.Kind, in.Value))
	}
	return out
}

func TestListOfLines(t *testing.T) {
	l := parseList(t, `# a report
203.0.113.7
203[.]0[.]113[.]8:443   # with a port
2001:DB8::1
198.51.100.0/24
198.51.100.9/32
Evil[.]Example(.)COM
*.xấu.vn
hxxps://User@Evil.example/Pay/Load.exe?x=1#top
hxxp[://]evil.example:8080
example.net/download/
44D88612FEA8A8F36DE82E1278ABB02F
3395856CE81F2B7382DEE72602F798B642F14140 // test file
"275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F"
; also a comment
// and this
payload.PS1
file:run.sh
C:\Users\Public\Evil Tool\a.exe
/tmp/.x/miner
203.0.113.7
`)
	want := []string{
		"2 address 203.0.113.7", "3 address 203.0.113.8", "4 address 2001:db8::1", "5 network 198.51.100.0/24", "6 address 198.51.100.9",
		"7 domain evil.example.com", "8 domain xấu.vn", "9 url evil.example/Pay/Load.exe?x=1", "10 url evil.example:8080", "11 url example.net/download/",
		"12 hash 44d88612fea8a8f36de82e1278abb02f", "13 hash 3395856ce81f2b7382dee72602f798b642f14140",
		"14 hash 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
		"17 file payload.ps1", "18 file run.sh", `19 path c:\users\public\evil tool\a.exe`, `20 path \tmp\.x\miner`,
	}
	if diff := cmp.Diff(want, kinds(l)); diff != "" {
		t.Error(diff)
	}
	if got := l.All()[1].Note; got != "with a port" {
		t.Errorf("note %q", got)
	}
}

func TestListAsTable(t *testing.T) {
	l := parseList(t, "\ufeffType;IOC;Comment\nhostname;c2[.]example;\"beacon; daily\"\nsha256;;none\nip-dst;192.0.2.1;\n# left out\nfilename;readme;note\n")
	want := []string{"2 domain c2.example", "4 address 192.0.2.1", "6 file readme"}
	if diff := cmp.Diff(want, kinds(l)); diff != "" {
		t.Error(diff)
	}
	if got := l.All()[0].Note; got != "beacon; daily" {
		t.Errorf("note %q", got)
	}
}

func TestListAsBundle(t *testing.T) {
	l := parseList(t, `{"type": "bundle", "objects": [
		{"type": "malware", "name": "x"},
		{"type": "indicator", "name": "C2", "pattern_type": "stix", "pattern": "[ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'c2.example']"},
		{"type": "indicator", "pattern": "[file:hashes.'SHA-256' = '275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F' AND file:size = '5']"},
		{"type": "indicator", "pattern": "[url:value = 'http://c2.example/a'] FOLLOWEDBY [file:name = 'o\\'x.exe']"}]}`)
	want := []string{"2 address 192.0.2.1", "2 domain c2.example", "3 hash 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f", "4 url c2.example/a", "4 file o'x.exe"}
	if diff := cmp.Diff(want, kinds(l)); diff != "" {
		t.Error(diff)
	}
	l = parseList(t, "[domain-name:value = 'a.example']\n1.2.3.4\n")
	if diff := cmp.Diff([]string{"1 domain a.example", "2 address 1.2.3.4"}, kinds(l)); diff != "" {
		t.Error(diff)
	}
}

func TestBadLinesAreNamed(t *testing.T) {
	l, problems, err := ParseIndicators([]byte("1.2.3.4\n\nnot an indicator\n999.1.1.1\nhash:abc\nhttp://\n[file:size > '5'] = \nlocalhost\n"))
	if err != nil || l.Len() != 1 {
		t.Fatal(err, l)
	}
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
		if p.Reason == "" || p.Remedy == "" || !strings.HasPrefix(p.Error(), fmt.Sprintf("line %d: ", p.Line)) {
			t.Errorf("a problem without reason or remedy: %+v", p)
		}
	}
	if !slices.Equal(lines, []int{3, 4, 5, 6, 7, 8}) {
		t.Errorf("problems of lines %v: %v", lines, problems)
	}
}

func TestListsThatAreNone(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "comments": "# a\n", "nonsense": "\x00\xff\n???\n", "broken bundle": `{"type": "bundle"`, "empty bundle": `{"type": "bundle", "objects": []}`,
		"too many": func() string {
			var b strings.Builder
			for i := range MaxIndicators + 1 {
				fmt.Fprintf(&b, "h%d.example\n", i)
			}
			return b.String()
		}(),
	} {
		if _, _, err := ParseIndicators([]byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
}

func TestWhatIndicatorsAreFoundIn(t *testing.T) {
	const sum = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
	for _, tc := range []struct {
		list, value string
		want        bool
	}{
		{"203.0.113.7", "203.0.113.7", true},
		{"203.0.113.7", "::ffff:203.0.113.7", true},
		{"203.0.113.7", "203.0.113.7:443", true},
		{"203.0.113.7", "Failed password for root from 203.0.113.7 port 22.", true},
		{"203.0.113.7", "http://203.0.113.7/x", true},
		{"203.0.113.7", "[203.0.113.7]", true},
		{"203.0.113.7", "It was 203.0.113.7.", true},
		{"203.0.113.7", "203.0.113.77", false},
		{"203.0.113.7", "1203.0.113.7", false},
		{"203.0.113.7", "203.0.113.7.5", false},
		{"203.0.113.7", "v203.0.113.7", false},
		{"203.0.113.7", "203.0.113.7-beta", false},
		{"2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true},
		{"2001:db8::1", "[2001:db8::1]:443", true},
		{"2001:db8::1", "fe80::1%eth0", false},
		{"fe80::1", "fe80::1%eth0", true},
		{"198.51.100.0/24", "198.51.100.200", true},
		{"198.51.100.0/24", "198.51.101.200", false},
		{"2001:db8::/32", "2001:db8:1::5", true},
		{"0.0.0.0/0", "10:20:30", false},
		{"evil.example", "evil.example", true},
		{"evil.example", "WWW.Evil.Example.", true},
		{"evil.example", "https://a.evil.example:8443/x?y", true},
		{"evil.example", "someone@evil.example", true},
		{"evil.example", "notevil.example", false},
		{"evil.example", "evil.example.com", false},
		{"evil.example", "evil.example-x", false},
		{"evil.example", strings.Repeat("a.", 50_000) + "evil.example", true},
		{"xấu.vn", "http://www.XẤU.vn/", true},
		{"http://evil.example/a/b", "https://evil.example/a/b", true},
		{"http://evil.example/a/b", "GET HTTP://EVIL.example:80/a/b?id=1 HTTP/1.1", true},
		{"http://evil.example/a/b", "evil.example/a/b/c", true},
		{"http://evil.example/a/b", "evil.example/a/bc", false},
		{"http://evil.example/a/b", "evil.example/A/B", false},
		{"http://evil.example/a/b", "www.evil.example/a/b", false},
		{"http://evil.example/a/b", "evil.example:8080/a/b", false},
		{"http://evil.example:8080/", "http://evil.example:8080/x", true},
		{"http://evil.example:8080/", "http://evil.example/x", false},
		{"http://evil.example/", "evil.example", true},
		{"http://evil.example/", "evil.example.com", false},
		{"http://192.0.2.1/x", "http://192.0.2.1/x", true},
		{sum, strings.ToUpper(sum), true},
		{sum, "SHA1=abc,SHA256=" + sum + ",IMPHASH=0", true},
		{sum, "a" + sum, false},
		{"evil.exe", `C:\Windows\EVIL.exe`, true},
		{"evil.exe", `"c:/x/evil.exe" -k`, true},
		{"evil.exe", `cmd /c evil.exe`, true},
		{"evil.exe", `C:\Windows\notevil.exe`, false},
		{"evil.exe", `C:\Windows\evil.exe.bak`, false},
		{"evil.exe", `C:\evil.exe\x`, true},
		{"file:my tool.exe", `C:\x\my tool.exe`, true},
		{"file:my tool.exe", `C:\x\dummy tool.exe`, false},
		{`C:\x\evil.exe`, `"c:\X\Evil.exe" -k`, true},
		{`C:\x\evil.exe`, `D:\c:\x\evil.exe`, true},
		{`C:\x\evil.exe`, `C:\x\y\evil.exe`, false},
		{`C:\x\evil.exe`, `C:\x\evil.exes`, false},
		{`/tmp/.x/miner`, `/bin/sh -c /tmp/.x/miner`, true},
		{`C:\Evil Tool\a.exe`, `start C:\Evil Tool\a.exe now`, true},
		{`C:\Evil\`, `C:\evil\a.exe`, true},
		{`C:\Evil\`, `C:\evilx\a.exe`, false},
	} {
		l := parseList(t, tc.list+"\n")
		found := false
		l.scan(tc.value, func(*Indicator) { found = true })
		if found != tc.want {
			t.Errorf("%s (%s) in %q: %t, want %t", tc.list, l.All()[0].Kind, tc.value, found, tc.want)
		}
		if !found {
			continue
		}
		// What an index goes by is in every value found.
		for _, set := range l.needs() {
			if !slices.ContainsFunc(set, func(text string) bool { return strings.Contains(query.Fold(tc.value), text) }) {
				t.Errorf("%s in %q: none of %q is in the value", tc.list, tc.value, set)
			}
		}
	}
}

func TestHitsNameTheField(t *testing.T) {
	l := parseList(t, "evil.example\n203.0.113.7\n")
	ev := &event.Event{Format: "json", Raw: "203.0.113.7", Fields: []event.Field{
		{Name: "url", Value: "http://evil.example/?from=evil.example"}, {Name: "gone", Kind: event.Null}, {Name: "query", Value: "a.evil.example"},
	}}
	var got []string
	for _, h := range l.find(ev) {
		got = append(got, h.Indicator.Value+" in "+h.Field)
	}
	if want := []string{"evil.example in url", "evil.example in query"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// The record is looked at where no parser made fields of it.
	hits := l.find(&event.Event{Raw: "from 203.0.113.7 \xff"})
	if len(hits) != 1 || hits[0].Field != "" || hits[0].Indicator.Value != "203.0.113.7" {
		t.Errorf("%+v", hits)
	}
}

func FuzzParseIndicators(f *testing.F) {
	for _, seed := range []string{
		"1.2.3.4\nevil[.]example # note\n", "type,ioc\nip,1.2.3.4\n", `{"type":"bundle","objects":[{"type":"indicator","pattern":"[url:value = 'http://a.b/c']"}]}`,
		"hxxp://a.b:80/c?d#e\nC:\\x y\\z\n", "[file:name = 'a']\n", "fe80::/10\n::ffff:1.2.3.4\n", "value;kind\n\"a\n;\n", "*.a.vn\nÀ.example\nfile:a b\n",
	} {
		f.Add([]byte(seed), "http://evil.example/a 1.2.3.4 C:\\x\\evil.exe")
	}
	f.Fuzz(func(t *testing.T, text []byte, value string) {
		if len(text) > 4<<10 || len(value) > 64<<10 {
			t.Skip("each indicator is looked for by itself, which takes its time")
		}
		l, problems, err := ParseIndicators(text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		for _, p := range problems {
			if p.Reason == "" || p.Remedy == "" {
				t.Fatalf("%+v", p)
			}
		}
		found := map[*Indicator]bool{}
		l.scan(value, func(in *Indicator) { found[in] = true })
		for _, in := range l.All() {
			// Each alone is found where it is found among all, and where it is the value.
			alone := newIndicators([]*Indicator{in})
			here := false
			alone.scan(value, func(*Indicator) { here = true })
			if here != found[in] {
				t.Fatalf("%+v in %q: alone %t, among %d %t", in, value, here, l.Len(), found[in])
			}
			if here {
				for _, set := range alone.needs() {
					if !slices.ContainsFunc(set, func(s string) bool { return strings.Contains(query.Fold(value), s) }) {
						t.Fatalf("%+v in %q needs one of %q", in, value, set)
					}
				}
			}
		}
	})
}
