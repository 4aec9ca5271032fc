package query

import (
	"errors"
	"regexp"
	"testing"
)

// What is read as a number is what the syntax says, to its last byte.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"", "0", "-0", "+7", "007", "1.5", "1.", ".5", "1e5", "1E-7", "1e", "1e+", "-1.25e+10", "1e999", "123456789012345", "1234567890123456", "0x10", " 1", "1 ", "1_000", "nan", "inf", "--1", "1e5.0", "१"} {
		f.Add(s)
	}
	syntax := regexp.MustCompile(`^(?:` + NumberSyntax + `)$`)
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := number(s)
		if want := syntax.MatchString(s); ok != want {
			t.Fatalf("%q: %v, want %v", s, ok, want)
		}
		if ok && n != n {
			t.Fatalf("%q is no number", s)
		}
	})
}

// An open end is one of an interval; a comparison needs something to compare with.
func TestNothingIsComparedWithAStar(t *testing.T) {
	for _, text := range []string{"x:>*", "x:<= *", "time:<*", "x:(a OR >=*)"} {
		var se *SyntaxError
		if _, err := Parse(text); !errors.As(err, &se) || se.Code != "query.bound-missing" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func BenchmarkNumber(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		number("4625")
		number("-10.25")
		number("svchost.exe")
	}
}
