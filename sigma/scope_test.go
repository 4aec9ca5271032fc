package sigma

import (
	"testing"
	"unsafe"
)

// The strings of an event may lie in memory that its reader writes over for the
// next one. The scopes a matcher remembers must not change with it.
func TestScopesOutliveTheEventTheyWereMadeFor(t *testing.T) {
	rule := func(category string) string {
		return "title: " + category + "\nlogsource: {product: test, category: " + category + "}\ndetection:\n    s:\n        a: b\n    condition: s\n"
	}
	rs := mustCompile(t, Options{}, rule("first"), rule("other"))
	m := rs.NewMatcher()
	buffer := []byte("first")
	ev := &Event{Source: LogSource{Product: "test", Category: unsafe.String(&buffer[0], len(buffer))}, Fields: []Field{{Name: "a", Value: "b"}}}
	for range 3 {
		for _, want := range []string{"first", "other"} {
			copy(buffer, want)
			got := ""
			m.Match(ev, func(r *Rule) { got += r.Title })
			if got != want {
				t.Fatalf("an event of category %s hits %q", want, got)
			}
		}
	}
}
