package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// recordValues have what JSON escapes in each way there is, and what folding
// changes.
var recordValues = []string{
	`C:\Windows\System32\cmd.exe`, `C:\new\unit`, `say "hi"`, "line1\nline2", "tab\tend", "nul\x00e", "é", "Đường", "<b>&amp;</b>", "a/b/c", "root", "ROOT",
	"4625", "10.0.0.1", "", "x", `\`, `"`, "u00e9", "nn", "\u2028", "😀", "Nguyễn Văn Ắnh", "kel\u212ain", "key=value",
	"tab\tendless river", "line\nnorthern lights", "caf\u00e9toile verte", "bell\abcde fghij",
}

// recordEvents makes events whose records hold their values in the way of
// several sources.
func recordEvents(r *rand.Rand, n int) []stored {
	out := make([]stored, n)
	batch := event.NewBatchID(epoch)
	for i := range out {
		at := epoch.Add(time.Duration(i) * time.Second)
		ev := event.Event{ID: batch.At(i), Unit: oneOf(r, randomUnits), Time: at, Received: at}
		var raw strings.Builder
		style := r.IntN(5)
		for j, name := range []string{"Image", "User", "note", "port"}[:1+r.IntN(4)] {
			v := oneOf(r, recordValues)
			if r.IntN(3) == 0 {
				v = fmt.Sprint(r.IntN(3000))
			}
			ev.Fields = append(ev.Fields, event.Field{Name: name, Value: v})
			switch {
			case style < 3:
				b, _ := json.Marshal(v)
				if style == 1 {
					b = []byte(asciiJSON(v))
				}
				raw.WriteString(pick(j == 0, "{", ",") + `"` + name + `":` + string(b))
			case style == 3:
				raw.WriteString(" " + name + "=" + v)
			default:
				raw.WriteString(v) // next to each other
			}
		}
		if style < 3 {
			raw.WriteString("}")
		}
		if r.IntN(4) == 0 {
			ev.Fields = append(ev.Fields, event.Field{Name: "derived", Value: oneOf(r, recordValues)})
		}
		ev.Raw = raw.String()
		out[i] = stored{ev: ev}
	}
	return out
}

func asciiJSON(s string) string {
	var b strings.Builder
	quoted, _ := json.Marshal(s)
	for _, c := range string(quoted) {
		switch {
		case c > 0xffff:
			b.WriteString(string(c))
		case c >= 0x80:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// piece cuts a random part out of s.
func piece(r *rand.Rand, s string, most int) string {
	runes := []rune(s)
	if len(runes) == 0 {
		return ""
	}
	from := r.IntN(len(runes))
	out := runes[from:min(len(runes), from+1+r.IntN(most))]
	for i, c := range out {
		if r.IntN(3) == 0 {
			if up := unicode.ToUpper(c); unicode.ToLower(up) == unicode.ToLower(c) {
				out[i] = up
			}
		}
	}
	return string(out)
}

// A needle may begin in the middle of an escape.
func TestFreeTextThatBeginsInAnEscape(t *testing.T) {
	events := recordEvents(rand.New(rand.NewPCG(1, 3)), 20_000)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 5000)
	l.now = func() time.Time { return epoch.AddDate(0, 1, 0) }
	compactAll(t, l)
	for _, needle := range []string{"tendless", "nnorthern", "u00e9toile", "00e9toile", "9toile v", "0007bcde f", "7bcde f", "u0007bcde", `\tendless`, "xtendless", "u00eatoile"} {
		s := Search{Query: mustParse(t, query.Quote(needle))}
		got, _ := search(t, l, ScopeAll(), s)
		if want := expect(events, ScopeAll(), s); !slices.Equal(idsOf(got), want) {
			t.Errorf("%q: %d rows, want %d", needle, len(got), len(want))
		}
	}
}

// Free text is found wherever it stands: in values, between them and across
// their borders, as it is and as the record escapes it.
func TestFreeTextEqualsMatching(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	events := recordEvents(r, 2000)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 1000)
	checkFreeText(t, l, events, r, 300)
	l.now = func() time.Time { return epoch.AddDate(0, 1, 0) }
	compactAll(t, l)
	checkFreeText(t, l, events, r, 300)
}

func checkFreeText(t *testing.T, l *Lake, events []stored, r *rand.Rand, n int) {
	t.Helper()
	rebuilt, found := false, 0
	for _, s := range l.acquire(func(*segment) bool { return true }) {
		o, err := l.opened.get(s)
		if err != nil {
			t.Fatal(err)
		}
		rd := &segmentReader{meta: o.meta}
		rebuilt = rebuilt || rd.version() != versionText && !rd.empty(0, colShape)
	}
	if !rebuilt && writtenVersion != versionText {
		t.Error("no record was kept as a shape: this tests little")
	}
	for range n {
		ev := oneOf(r, events).ev
		from := ev.Raw
		if r.IntN(4) == 0 {
			from = oneOf(r, ev.Fields).Value
		}
		text := piece(r, from, 12)
		if !utf8.ValidString(text) || strings.TrimSpace(text) == "" {
			continue
		}
		q := query.Quote(text)
		switch r.IntN(8) {
		case 0:
			more := piece(r, from, 6)
			if strings.TrimSpace(more) == "" {
				continue
			}
			q = escapeWild(text) + oneOf(r, []string{"*", "?"}) + escapeWild(more)
		case 1:
			q = "~" + query.Quote(regexp.QuoteMeta(text)+oneOf(r, []string{"", ".", "[^,]*n"}))
		case 2:
			q = "raw:*" + escapeWild(text) + "*"
		case 3:
			q = "NOT " + q
		case 4:
			q = "raw:" + query.Quote(ev.Raw)
		}
		parsed, err := query.Parse(q)
		if err != nil {
			continue // a pattern of blanks, an expression that is none
		}
		s := Search{Query: parsed}
		got, _ := search(t, l, ScopeAll(), s)
		want := expect(events, ScopeAll(), s)
		if !slices.Equal(idsOf(got), want) {
			t.Fatalf("%s\n%d rows, want %d\n%s", q, len(got), len(want), explainDiff(events, idsOf(got), want))
		}
		if len(want) > 0 {
			found++
		}
		if n, err := l.Count(context.Background(), ScopeAll(), s); err != nil || n != int64(len(want)) {
			t.Fatalf("%s: Count = %d, %v; want %d", q, n, err, len(want))
		}
	}
	if found < n/3 {
		t.Errorf("only %d of %d texts were found anywhere", found, n)
	}
}

// escapeWild writes a text as part of a word.
func escapeWild(s string) string {
	var b strings.Builder
	for _, c := range s {
		if strings.ContainsRune(`\*?"():[]{}<>!-+&|~ `, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
