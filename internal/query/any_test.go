package query

import (
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
)

func TestAnyAsksTheEventsOwnFields(t *testing.T) {
	ev := &event.Event{Host: "may-1", Raw: "secret", Fields: []event.Field{
		{Name: "User", Value: "An"}, {Name: "Tags", Value: "a"}, {Name: "Tags", Value: "B"}, {Name: "Gone", Kind: event.Null},
	}}
	named := func(want string) func(string) bool { return func(folded string) bool { return folded == want } }
	is := func(want string) func(string) bool { return func(value string) bool { return value == want } }
	for name, tc := range map[string]struct {
		ask  Any
		want bool
	}{
		"names are folded":                {Any{Name: named("user"), Test: is("An")}, true},
		"names as spelt are not":          {Any{Name: named("User"), Test: is("An")}, false},
		"values are as they are":          {Any{Name: named("user"), Test: is("an")}, false},
		"one of several values will do":   {Any{Name: named("tags"), Test: is("B")}, true},
		"every field where none is named": {Any{Test: is("B")}, true},
		"neither record nor core":         {Any{Test: func(v string) bool { return v == "secret" || v == "may-1" }}, false},
		"without a test any value will":   {Any{Name: named("user")}, true},
		"but not a null":                  {Any{Name: named("gone")}, false},
		"unless nulls are accepted":       {Any{Name: named("gone"), Null: true}, true},
		"a null is never tested":          {Any{Name: named("gone"), Test: is("")}, false},
	} {
		if got := (&Query{Root: tc.ask}).Match(ev, nil); got != tc.want {
			t.Errorf("%s: %t, want %t", name, got, tc.want)
		}
	}
}
