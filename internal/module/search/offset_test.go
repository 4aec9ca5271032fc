package search

import (
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/query"
)

func TestPlacesAreInUTF16(t *testing.T) {
	for _, c := range []struct {
		query          string
		offset, length int // of the syntax error, as JavaScript counts
		text           string
	}{
		{"user:", 5, 0, ""},
		{"tài_khoản:", 10, 0, ""},
		{"máy:[1 TO", 4, 5, "[1 TO"},
		{"Đường:x )", 8, 1, ")"},
		{"\"😀\" )", 5, 1, ")"}, // outside the Basic Multilingual Plane: two units
		{"e\u0302\u0301 )", 4, 1, ")"},
	} {
		_, err := query.Parse(c.query)
		se := syntaxError(err)
		if se == nil {
			t.Errorf("%q is read", c.query)
			continue
		}
		offset, length := span16(c.query, se.Offset, se.Length)
		if offset != c.offset || length != c.length {
			t.Errorf("%q: %d+%d, want %d+%d", c.query, offset, length, c.offset, c.length)
			continue
		}
		if got := string(utf16.Decode(utf16.Encode([]rune(c.query))[offset : offset+length])); got != c.text {
			t.Errorf("%q marks %q, want %q", c.query, got, c.text)
		}
	}
}

func FuzzPlacesStayInside(f *testing.F) {
	f.Add("đường dẫn:", 3, 4)
	f.Add("😀", 1, 1)
	f.Add("\xff\xfe", -1, 99)
	f.Fuzz(func(t *testing.T, text string, offset, length int) {
		at, n := span16(text, offset, length)
		if at < 0 || n < 0 || at+n > units16(text) {
			t.Fatalf("%q %d+%d became %d+%d", text, offset, length, at, n)
		}
		if utf8.ValidString(text) && units16(text) != len(utf16.Encode([]rune(text))) {
			t.Fatalf("%q has %d units", text, units16(text))
		}
	})
}
