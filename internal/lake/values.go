package lake

import (
	"strings"

	"github.com/lachan-vn/lachan/internal/query"
)

// valueSource is where values of a field stand in a shape's rows.
type valueSource struct {
	expr        string
	multi, null bool // as of fieldColumn
}

// valueSources lists where the values of a field that is no time stand.
func (sh shape) valueSources(name string) []valueSource {
	var out []valueSource
	core, field := query.Resolve(name)
	if core != query.NoCore {
		out = append(out, valueSource{coreSQL[core], core == query.Rule, false})
	}
	if field == "" {
		return out
	}
	folded := query.Fold(columnName(field))
	if c, ok := sh.columns[folded]; ok {
		out = append(out, valueSource{sqlName(c.name), c.multi, c.null})
	}
	if sh.overflow {
		out = append(out, valueSource{overflowSQL(folded), true, true})
	}
	return out
}

// overflowSQL is the cell of a field that has no column of its own. After a
// merge a field may be a column for some rows and overflow for others. This is a
// JSON pointer; the keys are folded field names.
func overflowSQL(folded string) string {
	key := strings.NewReplacer("~", "~0", "/", "~1").Replace(query.Fold(fieldName(folded)))
	return "json_extract_string(_overflow, " + sqlQuote("/"+key) + ")"
}

// single reports whether a row has at most one value of the field, which then is
// the cell itself.
func (sh shape) single(name string) bool {
	from := sh.valueSources(name)
	return len(from) == 0 || len(from) == 1 && !from[0].multi && !from[0].null
}

// singleSQL is the value of a field in a shape where it is single, or NULL.
func (sh shape) singleSQL(name string) string {
	if from := sh.valueSources(name); len(from) > 0 {
		return from[0].expr
	}
	return "CAST(NULL AS VARCHAR)"
}

// listSQL is the list of a row's values of a field, empty where it has none.
func (sh shape) listSQL(name string) string {
	const none = "CAST([] AS VARCHAR[])"
	out := ""
	for _, s := range sh.valueSources(name) {
		one := "CASE WHEN " + s.expr + " IS NULL THEN " + none
		switch {
		case s.multi:
			one += " ELSE list_filter(string_split(" + s.expr + ", chr(31)), lambda _v: _v <> chr(24)) END"
		case s.null:
			one += " WHEN " + s.expr + " = chr(24) THEN " + none + " ELSE [" + s.expr + "] END"
		default:
			one += " ELSE [" + s.expr + "] END"
		}
		if out == "" {
			out = one
		} else {
			out = "list_concat(" + out + ", " + one + ")"
		}
	}
	if out == "" {
		return none
	}
	return out
}

// numberSQL is the number that a text is, or NULL where query.Evaluate sees none.
func numberSQL(x string) string {
	n := "TRY_CAST(" + x + " AS DOUBLE)"
	return "CASE WHEN regexp_full_match(" + x + ", '" + query.NumberSyntax + "') AND isfinite(" + n + ") THEN " + n + " END"
}
