package detect

import (
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
)

// A rule that is off still fires; it is its findings that nobody is told.
func TestSwitch(t *testing.T) {
	set := Compile([]File{
		{Name: "one.yml", Data: []byte("title: One\nid: one\nlogsource: {product: linux}\ndetection:\n  a: {x: y}\n  condition: a\n")},
		{Name: "two.yml", Data: []byte("# both\ntitle: Two\nid: two\nlogsource: {product: linux}\ndetection:\n  a: {x: y}\n  condition: a\n---\ntitle: Three\nid: three\nlogsource: {product: linux}\ndetection:\n  a: {x: y}\n  condition: a\n")},
	}, Options{})
	set.Switch(map[string]*Off{"one": {Everywhere: true}, "two": {Units: map[event.UnitID]bool{"a": true}}})
	ev := event.Event{Unit: "a", Source: event.Source{Product: "linux"}, Fields: []event.Field{{Name: "x", Value: "y"}}}
	told := func(unit event.UnitID) string {
		var out []string
		hits := set.NewWorker().Match(&ev)
		if len(hits) != 3 {
			t.Errorf("%d rules fire", len(hits))
		}
		for _, id := range []string{"one", "two", "three"} {
			if set.Rule(id).Tells(unit) {
				out = append(out, id)
			}
		}
		return strings.Join(out, " ")
	}
	if got := told("a"); got != "three" {
		t.Errorf("a is told %q", got)
	}
	if got := told("b"); got != "two three" {
		t.Errorf("b is told %q", got)
	}
	if set.Rule("one").Enabled() || !set.Rule("two").Enabled() {
		t.Error("enabled is off for everybody")
	}
	if set.Switch(nil); told("a") != "one two three" {
		t.Error("not on again")
	}
	// Each rule of a file has a text and a version of its own.
	two, three := set.Rule("two"), set.Rule("three")
	if !strings.HasPrefix(two.Text, "# both\n") || strings.Contains(two.Text, "Three") || !strings.HasPrefix(three.Text, "title: Three") || two.Hash == three.Hash {
		t.Errorf("%q, %q", two.Text, three.Text)
	}
}
