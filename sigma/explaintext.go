package sigma

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	shownPatterns = 6   // patterns of one test in an explanation's text
	shownValues   = 8   // values seen by one test
	shownBytes    = 200 // of one value
	shownBefore   = 60  // of these, before the first part that satisfies a pattern
)

// TextStyle says how an explanation is drawn. The zero TextStyle is plain text.
type TextStyle struct {
	Held, Failed string // before what held and what did not; "+" and "-" if empty
	// Paint returns a piece of the text with whatever it takes to stand out as
	// that role. nil: nothing stands out.
	Paint func(role TextRole, text string) string
}

// TextRole is what a piece of an explanation's text is.
type TextRole int

// The roles a TextStyle can tell apart.
const (
	TextHeld    TextRole = iota // the mark of a part that held
	TextFailed                  // the mark of a part that did not
	TextName                    // of a search identifier or field
	TextMatched                 // part of a value that satisfies a pattern
)

// String renders the explanation as plain text: the verdict, then Tree.
func (e *Explanation) String() string {
	verdict := "no match"
	if e.Matched {
		verdict = "match"
	}
	text := fmt.Sprintf("%s: %s\n", e.Rule.Title, verdict)
	if !e.InScope {
		text += fmt.Sprintf("the event is not of log source %s\n", e.Rule.LogSource)
	}
	return text + e.Tree(TextStyle{})
}

// Tree renders the condition, the filters and the matched fields as an indented
// tree, one part a line. Long values and lists are shortened, values so that what
// satisfies a pattern stays in view; the structure itself has them in full.
func (e *Explanation) Tree(style TextStyle) string {
	w := &treeWriter{style: style}
	w.part(&e.Condition)
	for i := range e.Filters {
		w.line("filter %s:", w.paint(TextName, oneLine(e.Filters[i].Title)))
		w.part(&e.Filters[i].Part)
	}
	if len(e.Fields) > 0 {
		w.line("matched fields:")
		w.depth++
		for _, f := range e.Fields {
			w.line("%s = %s (%s)", w.paint(TextName, oneLine(f.Name)), w.value(f.Value, f.Spans), shorten(f.Pattern))
		}
	}
	return w.b.String()
}

// String writes a log source as product/category/service without what it
// leaves open.
func (l LogSource) String() string {
	parts := slices.DeleteFunc([]string{l.Product, l.Category, l.Service}, func(s string) bool { return s == "" })
	return strings.Join(parts, "/")
}

type treeWriter struct {
	b     strings.Builder
	depth int
	style TextStyle
}

func (w *treeWriter) line(format string, args ...any) {
	w.b.WriteString(strings.Repeat("  ", w.depth))
	fmt.Fprintf(&w.b, format, args...)
	w.b.WriteByte('\n')
}

func (w *treeWriter) paint(role TextRole, text string) string {
	if w.style.Paint == nil || text == "" {
		return text
	}
	return w.style.Paint(role, text)
}

func (w *treeWriter) mark(held bool) string {
	if held {
		return w.paint(TextHeld, cmp.Or(w.style.Held, "+"))
	}
	return w.paint(TextFailed, cmp.Or(w.style.Failed, "-"))
}

func (w *treeWriter) part(p *Part) {
	w.line("%s %s", w.mark(p.Held), w.label(p))
	w.depth++
	defer func() { w.depth-- }()
	for i := range p.Parts {
		w.part(&p.Parts[i])
	}
	if p.Kind == PartField || p.Kind == PartKeywords {
		w.evidence(p)
	}
}

func (w *treeWriter) label(p *Part) string {
	switch p.Kind {
	case PartAll:
		return "all of:"
	case PartAny:
		return "any of:"
	case PartAtLeast:
		return fmt.Sprintf("at least %d of:", p.Count)
	case PartNot:
		return "not:"
	case PartSearch:
		return w.paint(TextName, oneLine(p.Name))
	}
	name := oneLine(p.Field)
	if p.Kind == PartKeywords {
		name = "keywords"
	}
	name = w.paint(TextName, name)
	if p.Modifier != "" {
		name += "|" + p.Modifier
	}
	return name + ": " + shortList(p.Patterns)
}

// evidence writes the values behind a test, then what is wrong with them.
func (w *treeWriter) evidence(p *Part) {
	for _, h := range p.Hits[:min(len(p.Hits), shownValues)] {
		w.line("%s = %s satisfies %s", oneLine(h.Name), w.value(h.Value, h.Spans), shorten(h.Pattern))
	}
	if more := len(p.Hits) - shownValues; more > 0 {
		w.line("and %d more values", more)
	}
	if len(p.Missing) > 0 {
		w.line("nothing satisfies %s", shortList(p.Missing))
	}
	if len(p.Hits) > 0 {
		return
	}
	if p.Kind == PartKeywords {
		if !p.Held && len(p.Missing) == 0 {
			w.line("no value contains any of them")
		}
		return
	}
	switch p.State {
	case FieldAbsent:
		w.line("the event has no field %s", oneLine(p.Field))
	case FieldObject:
		w.line("the field %s has nested fields and no value of its own", oneLine(p.Field))
	}
	for _, f := range p.Seen[:min(len(p.Seen), shownValues)] {
		if f.Null {
			w.line("%s is null", oneLine(f.Name))
		} else {
			w.line("%s = %s", oneLine(f.Name), shorten(f.Value))
		}
	}
	if more := len(p.Seen) - shownValues; more > 0 {
		w.line("and %d more values", more)
	}
}

func shortList(list []string) string {
	var b strings.Builder
	for i, s := range list {
		if i == shownPatterns {
			fmt.Fprintf(&b, " and %d more", len(list)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(shorten(s))
	}
	return b.String()
}

// shorten quotes a value so that it stays on one line, backslashes as they are.
func shorten(s string) string { return (&treeWriter{}).value(s, nil) }

// value quotes a value so that it stays on one line, backslashes as they are
// where that is safe, and makes its spans stand out.
func (w *treeWriter) value(s string, spans []Span) string {
	from, to := 0, len(s)
	if to > shownBytes {
		if len(spans) > 0 {
			from = max(0, min(spans[0].Start-shownBefore, to-shownBytes))
		}
		from = runeStart(s, from)
		to = runeStart(s, min(to, from+shownBytes))
	}
	var b strings.Builder
	escape := func(s string) string { return s }
	quote := "`"
	if !harmless(s[from:to]) {
		quote = `"`
		escape = func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] }
	}
	if from > 0 {
		b.WriteString("…")
	}
	b.WriteString(quote)
	at := from
	for _, p := range spans {
		p.Start, p.End = max(p.Start, at), min(p.End, to)
		if p.Start < p.End {
			b.WriteString(escape(s[at:p.Start]))
			b.WriteString(w.paint(TextMatched, escape(s[p.Start:p.End])))
			at = p.End
		}
	}
	b.WriteString(escape(s[at:to]))
	b.WriteString(quote)
	if to < len(s) {
		b.WriteString("…")
	}
	return b.String()
}

// harmless reports whether a terminal shows s as it is, on one line and in one
// direction of writing.
func harmless(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r == '`' || !strconv.IsPrint(r) })
}

// oneLine returns a name as it is if it is harmless, and quoted if not.
func oneLine(name string) string {
	if harmless(name) {
		return name
	}
	return strconv.Quote(name)
}

func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}
