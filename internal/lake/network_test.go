package lake

import (
	"context"
	"database/sql"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/query"
)

// ask evaluates a condition on the value x in the search engine.
func ask(t testing.TB, e *engine, x string, write func(*where)) bool {
	t.Helper()
	w := &where{b: &strings.Builder{}}
	write(w)
	var got bool
	err := e.query(context.Background(), "SELECT ("+w.b.String()+") FROM (SELECT CAST(? AS VARCHAR) AS x)", append(w.args, x), func(r *sql.Rows) error { return r.Scan(&got) })
	if err != nil {
		t.Fatalf("%q: %v", x, err)
	}
	return got
}

func testEngine(t testing.TB) *engine {
	t.Helper()
	e, err := openEngine(context.Background(), t.TempDir(), DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.close() })
	return e
}

// A regular expression fits in the search engine what it fits in query.Match,
// whatever the expression and the value.
func FuzzRegexEqualsEngine(f *testing.F) {
	for _, p := range randomRegexes {
		for _, v := range []string{"root", "line1\nline2", "Nguyễn Văn Ắnh", "KELVIN kel\u212ain ſ", `C:\Windows\System32\cmd.exe`, "a\x00b", ""} {
			f.Add(strings.Trim(p, `"`), v)
		}
	}
	e := testEngine(f)
	f.Fuzz(func(t *testing.T, pattern, value string) {
		value = cleanValue(value)
		q, err := query.Parse("x:~" + query.Quote(pattern))
		if err != nil {
			return
		}
		term := q.Root.(query.Term)
		want := term.Regex.MatchString(value)
		if got := ask(t, e, value, func(w *where) { w.value("x", term, false) }); got != want {
			t.Fatalf("%q (%q) in %q: the engine says %v, Match %v", pattern, term.Regex.Portable, value, got, want)
		}
	})
}

// A network holds in the search engine what it holds in query.Match.
func FuzzNetworkEqualsEngine(f *testing.F) {
	for _, b := range []string{"10.0.0.0/8", "10.1.2.128/25", "0.0.0.0/0", "192.168.7.9/32", "::/0", "2001:db8::/33", "::ffff:10.0.0.0/100", "fe80::/10", "::/95"} {
		for _, v := range []string{"10.1.2.3", "10.1.2.200", "::ffff:10.1.2.3", "2001:DB8::1", "fe80::1%eth0", "192.168.7.9", "192.168.007.9", "10.1.2.3 ", "256.1.1.1", ":", "1.2.3", "", "::10.1.2.3"} {
			f.Add(b, v)
		}
	}
	e := testEngine(f)
	f.Fuzz(func(t *testing.T, block, value string) {
		q, err := query.Parse("x:" + block)
		if err != nil || !utf8.ValidString(value) {
			return
		}
		term, ok := q.Root.(query.Term)
		if !ok || term.Op != query.Within {
			return
		}
		want := query.InNetwork(term.Network, value)
		if got := ask(t, e, value, func(w *where) { w.within("x", term.Network) }); got != want {
			t.Fatalf("%s in %q: the engine says %v, Match %v", term.Network, value, got, want)
		}
	})
}

// Every address at the edges of a block of every size is told right.
func TestNetworkEdges(t *testing.T) {
	e := testEngine(t)
	for _, base := range []string{"10.85.170.129", "255.255.255.255", "0.0.0.0", "192.168.100.10"} {
		addr := netip.MustParseAddr(base)
		for bits := range 33 {
			block := netip.PrefixFrom(addr, bits).Masked()
			first := block.Addr()
			last := first.As4()
			for i := bits; i < 32; i++ {
				last[i/8] |= 0x80 >> (i % 8)
			}
			end := netip.AddrFrom4(last)
			for _, a := range []netip.Addr{first, first.Prev(), end, end.Next()} {
				if !a.IsValid() {
					continue
				}
				want := block.Contains(a)
				for _, s := range []string{a.String(), "::ffff:" + a.String()} {
					if got := ask(t, e, s, func(w *where) { w.within("x", block) }); got != want {
						t.Errorf("%s holds %s: %v, want %v", block, s, got, want)
					}
				}
			}
		}
	}
}
