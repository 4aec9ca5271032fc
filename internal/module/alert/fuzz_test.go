package alert

import (
	"testing"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/query"
)

// Whatever an attacker names a host, the alert's query can be read and looks
// for that very text.
func FuzzQuery(f *testing.F) {
	f.Add("host", `DOM\web "01"*`)
	f.Add("Target User", "a) OR (b")
	f.Fuzz(func(t *testing.T, field, value string) {
		row := rowOf(&counted{id: "id", group: *groupFindings(oneFinding(field, value), DefaultGap)[0]})
		a, err := row.alert()
		if err != nil {
			t.Fatal(err)
		}
		q, err := query.Parse(a.Query())
		if err != nil {
			t.Fatalf("%q: %v", a.Query(), err)
		}
		and, ok := q.Root.(query.And)
		if !ok {
			return // the entity was left out
		}
		term, ok := and.Parts[1].(query.Term)
		if !ok || term.Op != query.Equal || term.Field != a.EntityField {
			t.Fatalf("%q is read as %+v", a.Query(), and.Parts[1])
		}
		if got, literal := term.Pattern.Literal(); !literal || got != query.Fold(a.EntityValue) {
			t.Errorf("%q looks for %q", a.Query(), got)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{"-lastSeen", 5, "id"}.String())
	f.Add("bnVsbA")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCursor(text, "-lastSeen")
		if err != nil {
			return
		}
		if again, err := parseCursor(c.String(), "-lastSeen"); err != nil || again != c {
			t.Errorf("%+v came back as %+v, %v", c, again, err)
		}
	})
}

func oneFinding(field, value string) []detect.Finding {
	return []detect.Finding{{RuleID: "rule-1", Unit: "so-y-te", EntityField: field, EntityValue: value}}
}
