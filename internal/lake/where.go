package lake

import (
	"strings"

	"github.com/lachan-vn/lachan/internal/query"
)

// shape is what a query's SQL depends on in a segment: which of the query's
// fields have a column there, and of what sort. Segments of one shape are read
// by one read_parquet, which binds one schema.
type shape struct {
	columns        map[string]fieldColumn // by folded column name; only those there
	text, overflow bool
}

// queryFields lists the folded column names a query speaks of, in order of
// appearance.
func queryFields(n query.Node, into []string) []string {
	switch n := n.(type) {
	case query.And:
		for _, p := range n.Parts {
			into = queryFields(p, into)
		}
	case query.Or:
		for _, p := range n.Parts {
			into = queryFields(p, into)
		}
	case query.Not:
		into = queryFields(n.Part, into)
	case query.Term:
		if _, field := query.Resolve(n.Field); n.Op != query.Text && field != "" {
			into = append(into, query.Fold(columnName(field)))
		}
	}
	return into
}

// shapeOf returns the shape of a segment and a key that equal shapes share.
func shapeOf(s *segment, fields []string) (shape, string) {
	sh := shape{columns: map[string]fieldColumn{}, text: s.text, overflow: s.overflow}
	var key strings.Builder
	flag := func(b bool) {
		if b {
			key.WriteByte('1')
		} else {
			key.WriteByte('0')
		}
	}
	flag(s.text)
	flag(s.overflow)
	for _, f := range fields {
		c, ok := s.field(f)
		flag(ok)
		flag(c.multi)
		flag(c.null)
		if ok {
			sh.columns[f] = c
		}
	}
	return sh, key.String()
}

// where writes a query as an SQL condition over the columns of one shape. Every
// text of the user's goes through a parameter; names come from the manifest and
// are quoted.
type where struct {
	shape
	b    *strings.Builder
	args []any
}

func (w *where) sql(parts ...string) {
	for _, p := range parts {
		w.b.WriteString(p)
	}
}

func (w *where) arg(v any) {
	w.b.WriteByte('?')
	w.args = append(w.args, v)
}

// node writes n. Under a NOT a condition must be false, not NULL, where a column
// is absent; elsewhere both mean no, and the bare form is the faster one.
func (w *where) node(n query.Node, negated bool) {
	switch n := n.(type) {
	case query.And:
		w.list(n.Parts, " AND ", negated)
	case query.Or:
		w.list(n.Parts, " OR ", negated)
	case query.Not:
		w.sql("(NOT ")
		w.node(n.Part, true)
		w.sql(")")
	case query.Term:
		if negated {
			w.sql("coalesce(")
			w.term(n)
			w.sql(", false)")
		} else {
			w.term(n)
		}
	}
}

func (w *where) list(parts []query.Node, op string, negated bool) {
	w.sql("(")
	for i, p := range parts {
		if i > 0 {
			w.sql(op)
		}
		w.node(p, negated)
	}
	w.sql(")")
}

func (w *where) term(t query.Term) {
	switch {
	case t.Op == query.Text:
		w.text(t.Pattern)
		return
	case t.Field == "":
		w.textMatches(t)
		return
	}
	core, field := query.Resolve(t.Field)
	w.sql("(")
	if core != query.NoCore {
		w.core(core, t)
	}
	if field != "" {
		if core != query.NoCore {
			w.sql(" OR ")
		}
		w.field(query.Fold(columnName(field)), t)
	}
	w.sql(")")
}

var coreSQL = map[query.Core]string{
	query.Unit: "_unit", query.Host: "_host", query.Input: "_input", query.Peer: "_peer", query.Format: "_format",
	query.Product: "_product", query.Category: "_category", query.Service: "_service", query.Rule: "_rules", query.Raw: "_raw",
	query.Skewed: "CASE WHEN _skewed THEN 'true' ELSE 'false' END",
	query.ID:     "replace(CAST(_id AS VARCHAR), '-', '')",
}

func (w *where) core(c query.Core, t query.Term) {
	switch c {
	case query.Time:
		w.time("_time", t)
	case query.Received:
		w.time("_received", t)
	case query.ID:
		if lit, ok := t.Pattern.Literal(); ok && t.Op == query.Equal && len(lit) == 32 && strings.Trim(lit, "0123456789abcdef") == "" {
			w.sql("_id = CAST(")
			w.arg(lit)
			w.sql(" AS UUID)")
			return
		}
		w.cell(coreSQL[c], t, false, false)
	default:
		w.cell(coreSQL[c], t, c == query.Rule, false)
	}
}

func (w *where) time(col string, t query.Term) {
	switch t.Op {
	case query.Exists:
		w.sql("true")
	case query.Range:
		w.sql("true")
		if t.Low != nil {
			w.sql(" AND ", col, pick(t.Low.Inclusive, " >= ", " > "), "make_timestamptz(")
			w.arg(t.Low.Time.UnixMicro())
			w.sql(")")
		}
		if t.High != nil {
			w.sql(" AND ", col, pick(t.High.Inclusive, " <= ", " < "), "make_timestamptz(")
			w.arg(t.High.Time.UnixMicro())
			w.sql(")")
		}
	default:
		w.sql("false")
	}
}

func (w *where) field(folded string, t query.Term) {
	c, ok := w.columns[folded]
	if !ok && !w.overflow {
		w.sql("false")
		return
	}
	if ok {
		w.cell(sqlName(c.name), t, c.multi, c.null)
	}
	if w.overflow {
		w.sql(pick(ok, " OR ", ""))
		w.cell(overflowSQL(folded), t, true, true)
	}
}

// cell compares the values in a cell: any may match.
func (w *where) cell(expr string, t query.Term, multi, null bool) {
	if t.Op == query.IsNull && !null {
		w.sql("false")
		return
	}
	if !multi {
		w.value(expr, t, null)
		return
	}
	w.sql("(CASE WHEN contains(", expr, ", chr(31)) THEN len(list_filter(string_split(", expr, ", chr(31)), lambda _v: ")
	w.value("_v", t, null)
	w.sql(")) > 0 ELSE ")
	w.value(expr, t, null)
	w.sql(" END)")
}

// value compares one value.
func (w *where) value(x string, t query.Term, null bool) {
	w.sql("(")
	if null {
		w.sql(x, pick(t.Op == query.IsNull, " = ", " <> "), "chr(24)")
		if t.Op == query.IsNull {
			w.sql(")")
			return
		}
		w.sql(" AND ")
	}
	switch t.Op {
	case query.Exists:
		w.sql(x, " IS NOT NULL")
	case query.Equal:
		w.whole("lower("+x+")", t.Pattern)
	case query.Range:
		w.inRange(x, t)
	case query.Matches:
		w.sql("regexp_matches(", x, ", ")
		w.arg(t.Regex.Portable)
		w.sql(")")
	case query.Within:
		w.within(x, t.Network)
	default:
		w.sql("false")
	}
	w.sql(")")
}

func (w *where) inRange(x string, t query.Term) {
	kind := query.NumberBound
	for _, b := range []*query.Bound{t.Low, t.High} {
		if b != nil {
			kind = b.Kind
		}
	}
	if t.Low == nil && t.High == nil {
		w.sql(x, " IS NOT NULL")
		return
	}
	of := "lower(" + x + ")"
	if kind == query.NumberBound {
		// TRY_CAST reads more than we call a number; it goes first because it is
		// cheap and mostly says no.
		of = "TRY_CAST(" + x + " AS DOUBLE)"
		w.sql("regexp_full_match(", x, ", '", query.NumberSyntax, "') AND ")
	}
	bound := func(b *query.Bound) {
		if kind == query.NumberBound {
			w.arg(b.Number)
		} else {
			w.arg(b.Text)
		}
	}
	if t.Low != nil {
		w.sql(of, pick(t.Low.Inclusive, " >= ", " > "))
		bound(t.Low)
	}
	if t.High != nil {
		if t.Low != nil {
			w.sql(" AND ")
		}
		w.sql(of, pick(t.High.Inclusive, " <= ", " < "))
		bound(t.High)
	}
}

// whole writes that the folded x fits the pattern, in the cheapest form there is
// for it.
func (w *where) whole(x string, p query.Pattern) {
	parts := make([]string, len(p.Parts))
	for i, s := range p.Parts {
		parts[i] = strings.ReplaceAll(s, cellSeparator, separatorSign)
	}
	call := func(f, lit string) {
		w.sql(f, "(", x, ", ")
		w.arg(lit)
		w.sql(")")
	}
	switch wild := string(p.Wild); {
	case wild == "":
		w.sql(x, " = ")
		w.arg(parts[0])
	case wild == "*" && parts[0] == "" && parts[1] == "":
		w.sql(x, " IS NOT NULL")
	case wild == "*" && parts[1] == "":
		call("starts_with", parts[0])
	case wild == "*" && parts[0] == "":
		call("ends_with", parts[1])
	case wild == "**" && parts[0] == "" && parts[2] == "":
		call("contains", parts[1])
	default:
		w.like(x, parts, p.Wild)
	}
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (w *where) like(x string, parts []string, wild []byte) {
	var b strings.Builder
	for i, s := range parts {
		if i > 0 {
			b.WriteString(pick(wild[i-1] == '*', "%", "_"))
		}
		b.WriteString(likeEscape.Replace(s))
	}
	w.sql(x, " LIKE ")
	w.arg(b.String())
	w.sql(` ESCAPE '\'`)
}

// text writes a search in the raw record and in the values. Values that are
// part of the raw record are not looked at again; _text has the others.
func (w *where) text(p query.Pattern) {
	lit, isLit := p.Literal()
	w.sql("(")
	if isLit {
		// lower() is most of the cost of a scan: what has no letters, an address
		// or a number, goes without.
		w.sql("contains(", pick(caseless(lit), "_raw", "lower(_raw)"), ", ")
		w.arg(lit)
		w.sql(")")
	} else {
		a := p.Anywhere()
		w.like("lower(_raw)", a.Parts, a.Wild)
	}
	if w.shape.text {
		w.sql(" OR ")
		if isLit {
			w.sql("coalesce(contains(lower(_text), ")
			w.arg(strings.ReplaceAll(lit, cellSeparator, separatorSign))
			w.sql("), false)")
		} else {
			t := query.Term{Op: query.Equal, Pattern: p.Anywhere()}
			w.sql("coalesce(")
			w.cell("_text", t, true, false)
			w.sql(", false)")
		}
	}
	w.sql(")")
}

// textMatches writes a regular expression in the raw record and in the values.
// It holds no anchors, so what fits in a part of the raw record fits in it.
func (w *where) textMatches(t query.Term) {
	w.sql("(")
	w.value("_raw", t, false)
	if w.shape.text {
		w.sql(" OR coalesce(")
		w.cell("_text", t, true, false)
		w.sql(", false)")
	}
	w.sql(")")
}

// literal returns the term core:"value" with a core name that means only it.
func literal(field, value string) query.Term {
	return query.Term{Op: query.Equal, Field: field, Pattern: query.Pattern{Parts: []string{query.Fold(value)}}}
}
