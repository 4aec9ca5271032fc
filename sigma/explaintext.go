package sigma

import (
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
)

// String renders the explanation as an indented tree, one part a line, with a
// plus before what held and a minus before what did not. Long values and lists
// are shortened; the structure itself has them in full.
func (e *Explanation) String() string {
	w := &treeWriter{}
	verdict := "no match"
	if e.Matched {
		verdict = "match"
	}
	w.line("%s: %s", e.Rule.Title, verdict)
	if !e.InScope {
		w.line("the event is not of log source %s", e.Rule.LogSource.describe())
	}
	w.part(&e.Condition)
	for i := range e.Filters {
		w.line("filter %s:", e.Filters[i].Title)
		w.part(&e.Filters[i].Part)
	}
	if len(e.Fields) > 0 {
		w.line("matched fields:")
		w.depth++
		for _, f := range e.Fields {
			w.line("%s = %s (%s)", f.Name, shorten(f.Value), shorten(f.Pattern))
		}
	}
	return w.b.String()
}

func (l LogSource) describe() string {
	parts := slices.DeleteFunc([]string{l.Product, l.Category, l.Service}, func(s string) bool { return s == "" })
	return strings.Join(parts, "/")
}

type treeWriter struct {
	b     strings.Builder
	depth int
}

func (w *treeWriter) line(format string, args ...any) {
	w.b.WriteString(strings.Repeat("  ", w.depth))
	fmt.Fprintf(&w.b, format, args...)
	w.b.WriteByte('\n')
}

func (w *treeWriter) part(p *Part) {
	mark := "-"
	if p.Held {
		mark = "+"
	}
	w.line("%s %s", mark, p.label())
	w.depth++
	defer func() { w.depth-- }()
	for i := range p.Parts {
		w.part(&p.Parts[i])
	}
	if p.Kind == PartField || p.Kind == PartKeywords {
		w.evidence(p)
	}
}

func (p *Part) label() string {
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
		return p.Name
	}
	name := p.Field
	if p.Kind == PartKeywords {
		name = "keywords"
	}
	if p.Modifier != "" {
		name += "|" + p.Modifier
	}
	return name + ": " + shortList(p.Patterns)
}

// evidence writes the values behind a test, then what is wrong with them.
func (w *treeWriter) evidence(p *Part) {
	for _, h := range p.Hits[:min(len(p.Hits), shownValues)] {
		w.line("%s = %s satisfies %s", h.Name, shorten(h.Value), shorten(h.Pattern))
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
		w.line("the event has no field %s", p.Field)
	case FieldObject:
		w.line("the field %s has nested fields and no value of its own", p.Field)
	}
	for _, f := range p.Seen[:min(len(p.Seen), shownValues)] {
		if f.Null {
			w.line("%s is null", f.Name)
		} else {
			w.line("%s = %s", f.Name, shorten(f.Value))
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
func shorten(s string) string {
	cut := ""
	if len(s) > shownBytes {
		n := shownBytes
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s, cut = s[:n], "…"
	}
	if strconv.CanBackquote(s) {
		return "`" + s + "`" + cut
	}
	return strconv.Quote(s) + cut
}
