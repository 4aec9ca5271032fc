package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Names and values in which something is special: folding that changes lengths
// or leaves ASCII, what cells use for themselves, what JSON and shapes escape,
// numbers at the edges.
var (
	awkwardNames  = []string{"User", "user", "USER", "K", "\u212a", "k", "İp", "i̇p", "ſ", "s", "Straße", "host", "Host", "_host", "rule", "service", "a.b", "a b", `q"q`, `b\s`, "_x", "__x", "_unit", "raw", "_raw", "_shape", "shape", "_overflow", "filename", "ab", "Đường Dẫn", "time", "skewed", "~/x"}
	awkwardValues = []string{
		"", " ", "İ", "i̇", "I", "ı", "ſ", "s", "S", "\u212a", "k", "K", "ẞ", "ß", "Σ", "ς", "σ", "ǅ", "ǆ", "Ⱥ", "ⱥ", "\u1e9e\u0130\u212a", "aİb", "ai̇b", "abc", "ABC",
		"a\x1fb", "\x1f", "\x18", "x\x18y", "\x1a", "a\x1a1b", "\x00", "a\x00b", "\xff", "a\xc3(b", "\xed\xa0\x80", "\ufffd", "\u2418", "\u241f", "\u2400", "😀", "\u2028",
		`\`, `\\`, `"`, `a"b`, `\u0041`, `<a&b>`, "a/b", "line\nline", "\t", "\r\n", "{}", "[]", "a*b", "a?b", "100%", "a_b", "~x", "(x)", "x y",
		"0", "-0", "00", "1", "1.0", "1e0", "+1", "01", "1e308", "1e309", "-1e309", "1e-400", "9007199254740993", "9007199254740992", "0.1", ".5", "5.", "0x1", "१", "NaN", "inf", "true", "false", "null", "NULL",
		"10.0.0.1", "10.0.0.01", "::1", "::ffff:10.0.0.1", "0:0::1", "fe80::1%0", "2026-11-20", "2026-11-20T01:00:00Z",
		"root", "ROOT", "Nguyễn", "NGUYỄN", "nguye\u0302\u0303n", "đ", "Đ", strings.Repeat("x", 300), strings.Repeat("É", 200),
	}
)

// awkwardEvents makes n events of awkward names and values; one in crowded has
// more fields than a segment has columns.
func awkwardEvents(r *rand.Rand, n, crowded int) []stored {
	out := make([]stored, n)
	batch := event.NewBatchID(epoch)
	word := func() string {
		if r.IntN(6) == 0 {
			return fmt.Sprint(r.IntN(2000))
		}
		v := oneOf(r, awkwardValues)
		for r.IntN(5) == 0 {
			v += oneOf(r, awkwardValues)
		}
		return v
	}
	for i := range out {
		at := epoch.Add(time.Duration(r.Int64N(int64(36 * time.Hour)))).Truncate(time.Duration(oneOf(r, []int{1000, 1e6, 3600e9})))
		s := &out[i]
		s.ev = event.Event{
			ID: batch.At(i), Unit: oneOf(r, randomUnits), Time: at, Received: at.Add(time.Duration(r.IntN(1e9)) * time.Microsecond),
			Host: oneOf(r, []string{"", "a", "A", "İ", "\u212a", word()}), Input: oneOf(r, []string{"", "http", "K"}), Peer: oneOf(r, []string{"", "192.0.2.1"}),
			Format: oneOf(r, []string{"", "json"}), Source: event.Source{Product: oneOf(r, []string{"", "windows", word()}), Service: word()},
			Skewed: r.IntN(10) == 0,
		}
		var raw strings.Builder
		fields := r.IntN(6)
		if crowded > 0 && i%crowded == 0 {
			fields = 1100
		}
		for j := range fields {
			f := event.Field{Name: oneOf(r, awkwardNames), Value: word()}
			if j >= 6 {
				f.Name = fmt.Sprintf("field-%d", j)
			}
			switch r.IntN(8) {
			case 0:
				f.Value, f.Kind = "", event.Null
			case 1:
			case 2:
				raw.WriteString(asciiJSON(strings.ToValidUTF8(f.Value, "")))
			default:
				raw.WriteString(oneOf(r, []string{" ", "", "=", `":"`}) + f.Value)
			}
			s.ev.Fields = append(s.ev.Fields, f)
			for r.IntN(4) == 0 {
				s.ev.Fields = append(s.ev.Fields, event.Field{Name: f.Name, Value: word()})
			}
		}
		s.ev.Raw = raw.String()
		for _, rule := range []string{"r1", "R1", "\u212a", "r-2"} {
			if r.IntN(8) == 0 {
				s.rules = append(s.rules, rule)
			}
		}
	}
	return out
}

// awkwardLake is a lake of awkward events, some of them merged.
type awkwardLake struct {
	l      *Lake
	events []stored
}

func awkwardLakes(t testing.TB, seed uint64) []awkwardLake {
	var out []awkwardLake
	for i, crowded := range []int{0, 0, 40, 40} {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		events := awkwardEvents(r, 240, crowded)
		l := openLake(t, openSQLite(t), func(o *Options) { o.Config.Timeout = time.Hour })
		fill(t, l, events, []int{240, 31}[i%2])
		if i%2 == 1 {
			l.now = func() time.Time { return epoch.AddDate(0, 1, 0) }
			compactAll(t, l)
		}
		out = append(out, awkwardLake{l, events})
	}
	return out
}

// check compares every way to ask a query with the query's meaning.
func (a awkwardLake) check(t *testing.T, text string, r *rand.Rand) {
	t.Helper()
	p, err := query.ParsePipeline(text)
	if err != nil {
		return
	}
	ctx := context.Background()
	sc, s := ScopeAll(), Search{Query: p.Query, Ascending: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		sc = ScopeUnits(oneOf(r, randomUnits), oneOf(r, randomUnits))
	}
	if r.IntN(3) == 0 {
		s.From = epoch.Add(time.Duration(r.Int64N(int64(36 * time.Hour)))).Truncate(time.Microsecond)
	}
	if r.IntN(3) == 0 {
		s.To = epoch.Add(time.Duration(r.Int64N(int64(36 * time.Hour)))).Truncate(time.Microsecond)
	}
	where := fmt.Sprintf("%q from %v to %v in %v", text, s.From, s.To, sc)
	if p.Aggregate != nil {
		most := oneOf(r, []int{5, query.MaxTableRows})
		got, _, err := a.l.aggregate(ctx, sc, p, s.From, s.To, most)
		if fault.KindOf(err) == fault.Busy && strings.Contains(err.Error(), "combinations") {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if d := cmp.Diff(rounded(p.Evaluate(inRange(a.events, sc, s.From, s.To), most)), rounded(got)); d != "" {
			t.Fatalf("%s (-evaluated +lake):\n%s", where, d)
		}
		return
	}
	want := expect(a.events, sc, s)
	rows, _ := search(t, a.l, sc, s)
	if got := idsOf(rows); !slices.Equal(got, want) {
		t.Fatalf("%s: %d rows, want %d\n%s", where, len(got), len(want), explainDiff(a.events, got, want))
	}
	n, err := a.l.Count(ctx, sc, s)
	if err != nil || n != int64(len(want)) {
		t.Fatalf("%s: counted %d, %v; want %d", where, n, err, len(want))
	}
	found := map[event.ID]bool{}
	_, err = a.l.Scan(ctx, sc, s, Want{Raw: r.IntN(2) == 0}, func(row *Row) error { found[row.ID] = true; return nil })
	if err != nil || len(found) != len(want) || slices.ContainsFunc(want, func(id event.ID) bool { return !found[id] }) {
		t.Fatalf("%s: scanned %d, %v; want %d", where, len(found), err, len(want))
	}
	s.Limit = 3
	rows, _ = search(t, a.l, sc, s)
	if got := idsOf(rows); !slices.Equal(got, want[:min(3, len(want))]) {
		t.Fatalf("%s, first 3: got %v, want %v", where, got, want[:min(3, len(want))])
	}
	buckets, _, _, err := a.l.Histogram(ctx, sc, s, 7)
	sum := int64(0)
	for _, b := range buckets {
		sum += b.Count
	}
	if err != nil || sum != int64(len(want)) {
		t.Fatalf("%s: the histogram holds %d, %v; want %d", where, sum, err, len(want))
	}
}

// rounded leaves of numbers what does not depend on the order of adding.
func rounded(t *query.Table) *query.Table {
	for _, row := range t.Rows {
		for i := range row {
			if c := &row[i]; t.Columns[i].Kind == query.NumberColumn && !c.Missing {
				c.Text, c.Number = fmt.Sprintf("%.11g", c.Number), 0
			}
		}
	}
	if len(t.Rows) == 0 {
		t.Rows = nil
	}
	return t
}

// awkwardQuery writes a query about awkward names and values; not every one
// parses.
func awkwardQuery(r *rand.Rand) string {
	field := func() string {
		if r.IntN(8) == 0 {
			return fmt.Sprintf("field-%d", r.IntN(1200))
		}
		return query.Quote(oneOf(r, append(awkwardNames, "unit", "_service", "_product", "rules", "id", "received", "nothere")))
	}
	value := func() string {
		v := valid(oneOf(r, awkwardValues))
		switch r.IntN(5) {
		case 0:
			v = piece(r, v, 3)
		case 1:
			return oneOf(r, []string{"*", "?", "", "*?"}) + escapeWild(v) + oneOf(r, []string{"*", "?", "", "?*"})
		}
		return query.Quote(v)
	}
	term := func() string {
		switch r.IntN(8) {
		case 0:
			return "_exists_:" + field()
		case 1:
			return "_null_:" + field()
		case 2:
			return value()
		case 3:
			return field() + ":" + oneOf(r, []string{">", ">=", "<", "<="}) + value()
		case 4:
			return field() + ":[" + query.Quote(valid(oneOf(r, awkwardValues))) + " TO " + oneOf(r, []string{"*", "9", "z", `"ÿ"`}) + oneOf(r, []string{"]", "}"})
		case 5:
			return oneOf(r, []string{"", field() + ":"}) + "~" + oneOf(r, append(randomRegexes, `\x{130}`, `(?i)i̇`, `(?i)ſ`, `(?i)ß`, `\x{1A}`, `\x{18}`, `^\x00`, `[^\x{1F}]`, `(?i)ς`))
		default:
			return field() + ":" + value()
		}
	}
	text := term()
	for r.IntN(2) == 0 {
		text = oneOf(r, []string{"NOT ", "", "("}) + text + oneOf(r, []string{" AND ", " OR ", " AND NOT "}) + term()
		if strings.HasPrefix(text, "(") {
			text += ")"
		}
	}
	if r.IntN(2) == 0 {
		return text
	}
	if r.IntN(3) == 0 {
		text = ""
	}
	calls := ""
	for i := range 1 + r.IntN(3) {
		f := oneOf(r, []string{"count", "count(%s)", "dc(%s)", "sum(%s)", "avg(%s)", "min(%s)", "max(%s)", "max(time)", "min(received)"})
		if strings.Contains(f, "%s") {
			f = fmt.Sprintf(f, field())
		}
		calls += pick(i > 0, ", ", "") + fmt.Sprintf("%s as f%d", f, i)
	}
	by := ""
	for i := range r.IntN(4) {
		by += pick(i == 0, " by ", ", ") + field()
	}
	switch r.IntN(3) {
	case 0:
		text += " | timechart " + oneOf(r, []string{"1h", "1d", "7s"}) + by
	default:
		text += " | stats " + calls + by
	}
	return text + oneOf(r, []string{"", "", " | sort f0", " | sort -f0 | head 4", " | head 3"})
}

// Whatever is asked of events in which everything is special, the lake answers
// what the query means. LACHAN_DIFFER_FOR makes this go on for a time.
func TestAwkwardEventsAreFoundAsMeant(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	long, _ := time.ParseDuration(os.Getenv("LACHAN_DIFFER_FOR"))
	end := time.Now().Add(long)
	for round := uint64(0); round == 0 || time.Now().Before(end); round++ {
		r := rand.New(rand.NewPCG(seed, 1000+round))
		parsed := 0
		for _, a := range awkwardLakes(t, seed+round) {
			rows, _ := search(t, a.l, ScopeAll(), Search{})
			checkRows(t, rows, a.events)
			for range 200 {
				text := awkwardQuery(r)
				if _, err := query.ParsePipeline(text); err == nil {
					parsed++
				} else if se := (*query.SyntaxError)(nil); !errors.As(err, &se) {
					t.Fatalf("%q: %v", text, err)
				}
				a.check(t, text, r)
			}
		}
		if parsed < 300 {
			t.Errorf("only %d of 800 queries parse: they test little", parsed)
		}
	}
}

// FuzzAwkwardQueries asks what fuzzing thinks of.
func FuzzAwkwardQueries(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		f.Add(r.Uint64(), awkwardQuery(r))
	}
	lakes := awkwardLakes(f, 77)
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		r := rand.New(rand.NewPCG(seed, 5))
		oneOf(r, lakes).check(t, text, r)
	})
}
