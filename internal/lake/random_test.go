package lake

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// epoch is when random events begin.
var epoch = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// stored is an event as it was put in, and its rules.
type stored struct {
	ev    event.Event
	rules []string
}

var (
	randomUnits  = []event.UnitID{"so-noi-vu", "so-tai-chinh", "xa-an-phu", "trung-tam"}
	randomNames  = []string{"Image", "image", "User", "EventID", "src.ip", "host", "service", "_time", "a b", "rule", "đường dẫn", `x"y`, "file_row_number", "filename", "", "_"}
	randomValues = []string{
		`C:\Windows\System32\cmd.exe`, "powershell", "PowerShell -enc AAAA", "root", "Root", "", " ", "4625", "4688", "-3", "+5", "1e3", "1e999", "10.5",
		"0x10", " 7", "10.0.0.1", "10.0.0.23", "10.1.2.3", "172.16.5.4", "::ffff:10.0.0.1", "::FFFF:0a00:17", "0:0:0:0:0:ffff:10.0.0.9", "2001:DB8::1",
		"2001:db8:0:0::7%eth0", "fe80::1", "::", "::1", "10.0.0.01", "010.0.0.1", "10.0.0.1:443", "10.0.0.256", " 10.0.0.1", "10.0.0", "a:b:c", "10.0.0.0/8", "kel\u212ain", "KELVIN", "ſtraße", "line1\nline2", "Nguyễn Văn Ắnh", "NGUYỄN VĂN ẮNH", "100%", "a_b", `back\slash`, "it's", `say "hi"`, "x\x1fy", "\x18", "a\x00b", "bad\xffutf8", "tab\there", "2026-11-20",
	}
	randomRules = []string{"rule-1", "rule-2", "9a7f0f2c-0000-4000-8000-000000000001"}
)

func oneOf[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// randomEvents makes n events over a span of time.
func randomEvents(r *rand.Rand, n int, span time.Duration) []stored {
	out := make([]stored, n)
	batch := event.NewBatchID(epoch)
	for i := range out {
		s := &out[i]
		if i%100 == 0 {
			batch = event.NewBatchID(epoch.Add(span * time.Duration(i) / time.Duration(n)))
		}
		at := epoch.Add(time.Duration(r.Int64N(int64(span)))).Truncate(time.Duration(oneOf(r, []int{1000, 1e6, 1e9, 60e9})))
		s.ev = event.Event{
			ID: batch.At(i % 100), Unit: oneOf(r, randomUnits), Input: "syslog", Peer: "192.0.2.1",
			Host: oneOf(r, []string{"web01", "WEB02", "", "máy-chủ"}), Format: oneOf(r, []string{"", "sshd", "json"}),
			Source: event.Source{Product: oneOf(r, []string{"linux", "windows", ""}), Service: oneOf(r, []string{"sshd", ""})},
			Time:   at, Received: at.Add(time.Second), Skewed: r.IntN(20) == 0,
		}
		if s.ev.Skewed {
			s.ev.Time = s.ev.Time.AddDate(oneOf(r, []int{-30, 5, -1}), 0, 0)
		}
		var raw strings.Builder
		fmt.Fprintf(&raw, "%d ", i)
		for range r.IntN(5) {
			f := event.Field{Name: oneOf(r, randomNames), Value: oneOf(r, randomValues)}
			switch r.IntN(8) {
			case 0:
				f.Value, f.Kind = "", event.Null
			case 1, 2: // not in raw
			default:
				raw.WriteString(f.Value + " ")
			}
			s.ev.Fields = append(s.ev.Fields, f)
			for r.IntN(5) == 0 {
				s.ev.Fields = append(s.ev.Fields, event.Field{Name: f.Name, Value: oneOf(r, randomValues)})
			}
		}
		s.ev.Raw = raw.String()
		for _, rule := range randomRules {
			if r.IntN(10) == 0 {
				s.rules = append(s.rules, rule)
			}
		}
	}
	return out
}

// asStored is the event as the lake keeps it: what docs/format/segment.md says
// of characters that cannot be kept, and times to the microsecond.
func (s stored) asStored() event.Event {
	ev := s.ev
	ev.Raw = strings.ToValidUTF8(ev.Raw, "\ufffd")
	for _, v := range []*string{&ev.Host, &ev.Input, &ev.Peer, &ev.Format, &ev.Source.Product, &ev.Source.Category, &ev.Source.Service} {
		*v = cleanValue(*v)
	}
	ev.Fields = nil
	for _, f := range s.ev.Fields {
		ev.Fields = append(ev.Fields, event.Field{Name: f.Name, Value: cleanValue(f.Value), Kind: f.Kind})
	}
	return ev
}

// randomQuery writes a query that parses.
func randomQuery(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		a, b := randomQuery(r, depth-1), randomQuery(r, depth-1)
		switch r.IntN(5) {
		case 0:
			return "(" + a + " OR " + b + ")"
		case 1:
			return "NOT (" + a + ")"
		case 2:
			return "-" + randomTerm(r) + " " + b
		default:
			return "(" + a + ") AND " + b
		}
	}
	return randomTerm(r)
}

var randomFields = append([]string{"unit", "host", "_host", "format", "product", "service", "_service", "rule", "_rules", "skewed", "raw", "input", "nothere", "IMAGE", "USER", "eventid"}, randomNames...)

func randomTerm(r *rand.Rand) string {
	name := oneOf(r, randomFields)
	if name == "" || name == "_time" { // the one has no name in a query, the other means the core's
		name = "Image"
	}
	field := query.Quote(name)
	value := oneOf(r, randomValues)
	switch r.IntN(15) {
	case 12:
		return field + ":" + oneOf(r, []string{"10.0.0.0/8", "10.0.0.0/30", "10.0.0.0/27", "10.0.0.1/32", "172.16.0.0/12", "0.0.0.0/0", "::/0", "2001:db8::/32", "::ffff:10.0.0.0/120", "::/96", "fe80::/10", "8.0.0.0/5", "::ffff:0:0/90"})
	case 13:
		return field + ":~" + oneOf(r, randomRegexes)
	case 14:
		return oneOf(r, []string{`~adm|root`, `~[0-9]{4}`, `~(?i)nguyễn`, `~"r..t\s"`, `~\x{1F}`, `~\\System32\\`, `~[^\x00-\x7f]+`, `~(?s).`, `~"a\x00b"`, `~(?i)k`, `~5a*?4`, "raw:~^[0-9]+0", "raw:~$", `_host:~(?i)^web\d+$`, "rule:~1$", `id:~^0`, "skewed:~^t"})
	case 0:
		return "_exists_:" + field
	case 1:
		return "_null_:" + field
	case 2:
		return field + ":>=" + oneOf(r, []string{"10", "-3", "4625", "1e3", "root", "z"})
	case 3:
		return field + ":[" + oneOf(r, []string{"0", "*", "10.0.0.0", "a"}) + " TO " + oneOf(r, []string{"5000", "*", "10.0.0.9", "z"}) + oneOf(r, []string{"]", "}"})
	case 4:
		return field + ":" + oneOf(r, []string{"*", "?", "*o*", "*.exe", "power*", "1*3", "r??t", "*0?0*", `*\\*`, "100%*", "a_?", "*ắnh", "WEB*", "rule-?", "?*"})
	case 5:
		return query.Quote(valid(value)) // free phrase
	case 6:
		return oneOf(r, []string{"cmd.exe", "POWERSHELL", "ắnh", "wer*enc", "10.0.?.1", "4625", "utf8", "%", "root*root", "y"})
	case 7:
		return oneOf(r, []string{"time", "received", "_time"}) + ":" + oneOf(r, []string{"2026-11-20", ">2026-11-20T12:00", "[2026-11-20T01:00 TO 2026-11-20T09:30:15.5Z}", "<=2026-11-21", "*", "2026-11-20T10:30"})
	case 8:
		return oneOf(r, []string{"skewed:true", "skewed:false", "unit:SO-*", "rule:rule-1", "_rules:*000001", "id:*7", "host:web0?", "unit:trung-tam"})
	default:
		return field + ":" + query.Quote(valid(value))
	}
}

var randomRegexes = []string{
	`^r`, `t$`, `^root$`, `(?i)^ROOT$`, `o`, `^$`, `.`, `^.$`, `^[[:alpha:]]+$`, `\bexe\b`, `\d+`, `^\d+$`, `(?i)ắnh`, `(?i)^nguyễn\pZ`, `\p{Lu}`, `^\p{Greek}`, `(?m)^line2$`, `^line2`, `line1.line2`,
	`(?s)line1.line2`, `(?i)kelvin`, `(?i)STRASSE|(?i)SSE`, `(?i)s`, `(?i)[k]el`, `[^a-z]`, `x{0}`, `(?:a|b)_?`, `^10\.0\.0\.(1|23)$`, `C:\\\\Win`, `C:\\Win.*\.exe$`, `\x00`, `%`, `^a_b$`,
	`"it's"`, `"say \"hi\""`, `^\s`, `\S$`, `(?U)r.*o`, `(?P<n>ro+t)`, `(?<n>ro+t)`, `\Q100%\E`, `[\d.]+$`, `^(10|172)`, `\W`, `\z`, `\A1`, `[]a]`, `[^]a]$`, `(?i:PoWer)SHELL`, `^(?:[01]+|)$`, `\x{212a}`, `[[:^ascii:]]`,
}

func valid(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x1f", "\u241f"), "\ufffd")
}
