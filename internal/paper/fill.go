package paper

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Values are what the fields of a template stand for: by name a text, a truth, or
// a list of rows with texts by name. A field that is not a key does not exist; an
// empty text is one that is not known yet.
type Values map[string]any

// Rows is a list that a template goes through with {{#each}}.
type Rows []map[string]string

// Gap is what stands where something is not known yet.
const Gap = "…"

// Problem is something wrong with a template.
type Problem struct {
	Template string   `json:"template"`
	Line     int      `json:"line"` // of a Word file, the paragraph
	Field    string   `json:"field"`
	Nearest  []string `json:"nearest"` // fields that exist and look like it
	Text     string   `json:"text"`
}

func (p Problem) String() string { return fmt.Sprintf("%s, line %d: %s", p.Template, p.Line, p.Text) }

// Bounds of a template and of what comes of it.
const (
	maxDepth  = 6
	maxRows   = 2_000
	maxFilled = 2 << 20
)

// Template is text with fields, read and checked.
//
//	{{incident.code}}                       a text
//	{{#if incident.grave}}..{{else}}..{{/if}}   text not empty, truth, or rows there are
//	{{#each incident.systems}}{{.name}}{{/each}}
//
// A line with nothing but such a mark of a block does not become a line.
type Template struct {
	name  string
	nodes []node
}

type node struct {
	text  string // as it is
	field string // or a field
	verb  string // or "if", "each"
	line  int
	yes   []node
	no    []node
}

var tag = regexp.MustCompile(`\{\{([^{}\n]{0,100})\}\}`)

// ParseTemplate reads text with fields; known says which exist and rows which
// fields the rows of a list have (nil: no lists). Problems are all there are.
func ParseTemplate(name, text string, known Fields) (*Template, []Problem) {
	r := &reader{name: name, text: alone.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "$1\x01"), known: known}
	nodes, _ := r.block("", "", 0)
	return &Template{name, nodes}, r.problems
}

// alone is a mark of a block that has a line to itself; \x01 stands for the end
// of that line, so that lines are still counted.
var alone = regexp.MustCompile(`(?m)^[ \t]*(\{\{(?:#if [^{}\n]*|#each [^{}\n]*|else|/if|/each)\}\})[ \t]*(?:\n|\z)`)

// Fields tells which fields exist: a text or truth with no columns, or a list
// with the columns of its rows.
type Fields map[string][]string

// Names are the names of the fields in their order.
func (f Fields) Names() []string {
	names := make([]string, 0, len(f))
	for n := range f {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

type reader struct {
	name, text string
	at         int
	line       int
	known      Fields
	problems   []Problem
}

func (r *reader) problem(field string, nearest []string, format string, args ...any) {
	if len(r.problems) < 100 {
		r.problems = append(r.problems, Problem{r.name, r.line + 1, field, nearest, fmt.Sprintf(format, args...)})
	}
}

// block reads up to the mark that closes verb; list is the list gone through.
func (r *reader) block(verb, list string, depth int) (nodes []node, end string) {
	if depth > maxDepth {
		r.problem("", nil, "blocks are at most %d deep", maxDepth)
		r.at = len(r.text)
		return nil, ""
	}
	for {
		loc := tag.FindStringSubmatchIndex(r.text[r.at:])
		if loc == nil {
			nodes = r.plain(nodes, r.text[r.at:])
			r.at = len(r.text)
			if verb != "" {
				r.problem(verb, nil, "{{#%s}} has no {{/%s}}", verb, verb)
			}
			return nodes, ""
		}
		nodes = r.plain(nodes, r.text[r.at:r.at+loc[0]])
		inner := strings.TrimSpace(r.text[r.at+loc[2] : r.at+loc[3]])
		r.at += loc[1]
		switch word, arg, _ := strings.Cut(inner, " "); {
		case word == "#if" || word == "#each":
			n := node{verb: word[1:], field: strings.TrimSpace(arg), line: r.line + 1}
			inside := list
			if n.verb == "each" {
				inside = n.field
			}
			r.check(n.field, list, n.verb)
			var closed string
			if n.yes, closed = r.block(n.verb, inside, depth+1); closed == "else" {
				n.no, _ = r.block(n.verb, list, depth+1)
			}
			nodes = append(nodes, n)
		case inner == "/"+verb && verb != "", inner == "else" && verb == "if":
			return nodes, strings.TrimPrefix(inner, "/")
		case strings.HasPrefix(inner, "/") || strings.HasPrefix(inner, "#") || inner == "else":
			r.problem(inner, nil, "{{%s}} closes or opens nothing here", inner)
		default:
			r.check(inner, list, "")
			nodes = append(nodes, node{field: inner, line: r.line + 1})
		}
	}
}

// plain adds text, and counts its lines.
func (r *reader) plain(nodes []node, text string) []node {
	r.line += strings.Count(text, "\n") + strings.Count(text, "\x01")
	if i := strings.Index(text, "{{"); i >= 0 {
		r.problem(firstWord(text[i:]), nil, "%q is not closed by }} in its line", firstWord(text[i:]))
	}
	if text = strings.ReplaceAll(text, "\x01", ""); text != "" {
		nodes = append(nodes, node{text: text})
	}
	return nodes
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \n\t"); i > 0 {
		s = s[:i]
	}
	return s[:min(len(s), 40)]
}

// check notes a field that does not exist, or is used as what it is not.
func (r *reader) check(field, list, verb string) {
	if column, ok := strings.CutPrefix(field, "."); ok {
		columns := r.known[list]
		switch {
		case list == "":
			r.problem(field, nil, "{{%s}} stands in no {{#each}}", field)
		case r.hasList(list) && !slices.Contains(columns, column):
			r.problem(field, nearest(column, columns), "no field %q in the rows of %s%s", field, list, hint(nearest(column, columns)))
		}
		return
	}
	columns, ok := r.known[field]
	switch {
	case !ok:
		near := nearest(field, r.known.Names())
		r.problem(field, near, "no field %q%s", field, hint(near))
	case verb == "each" && columns == nil:
		r.problem(field, nil, "%q is no list; write {{%s}}", field, field)
	case verb == "" && columns != nil:
		r.problem(field, nil, "%q is a list; go through it with {{#each %s}}", field, field)
	}
}

func (r *reader) hasList(list string) bool { return r.known[list] != nil }

func hint(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "; nearest: " + strings.Join(near, ", ")
}

// nearest are up to three names that look like the wrong one.
func nearest(wrong string, names []string) []string {
	type scored struct {
		name string
		d    int
	}
	var list []scored
	for _, n := range names {
		d := distance(strings.ToLower(wrong), strings.ToLower(n))
		_, tail, _ := strings.Cut(n, ".")
		if tail != "" {
			_, w, ok := strings.Cut(wrong, ".")
			if !ok {
				w = wrong
			}
			d = min(d, 1+distance(strings.ToLower(w), strings.ToLower(tail)))
		}
		if d <= max(2, len(wrong)/3) {
			list = append(list, scored{n, d})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int { return a.d - b.d })
	var out []string
	for _, s := range list[:min(3, len(list))] {
		out = append(out, s.name)
	}
	return out
}

// distance is how many letters have to change, after Levenshtein.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// Filled is what came of a template.
type Filled struct {
	Text    string
	Missing []string // fields that are not known yet, each once
}

// Fill puts values into the template. With escape, values stand for themselves in
// a body. Errors: Invalid when it becomes too large.
func (t *Template) Fill(values Values, escape bool) (Filled, error) {
	w := &writer{values: values, escape: escape}
	w.write(t.nodes, nil)
	if w.full {
		return Filled{}, fault.New(fault.Invalid, "%s: what comes of it is larger than %d MB", t.name, maxFilled>>20).WithCode("document.too-large")
	}
	return Filled{w.out.String(), w.missing}, nil
}

type writer struct {
	values  Values
	escape  bool
	out     strings.Builder
	missing []string
	full    bool
	list    string // gone through now
}

func (w *writer) write(nodes []node, row map[string]string) {
	for i := range nodes {
		if w.out.Len() > maxFilled {
			w.full = true
		}
		if w.full {
			return
		}
		switch n := &nodes[i]; n.verb {
		case "if":
			if w.holds(n.field, row) {
				w.write(n.yes, row)
			} else {
				w.write(n.no, row)
			}
		case "each":
			rows, _ := w.values[n.field].(Rows)
			outer := w.list
			w.list = n.field
			for _, r := range rows[:min(len(rows), maxRows)] {
				w.write(n.yes, r)
			}
			w.list = outer
		default:
			if n.field == "" {
				w.out.WriteString(n.text)
			} else {
				w.field(n.field, row)
			}
		}
	}
}

func (w *writer) holds(field string, row map[string]string) bool {
	if column, ok := strings.CutPrefix(field, "."); ok {
		return row[column] != ""
	}
	switch v := w.values[field].(type) {
	case bool:
		return v
	case string:
		return v != ""
	case Rows:
		return len(v) > 0
	}
	return false
}

func (w *writer) field(name string, row map[string]string) {
	text := ""
	if column, ok := strings.CutPrefix(name, "."); ok {
		text, name = row[column], w.list // people know the list by its name, not its columns
	} else {
		switch v := w.values[name].(type) {
		case string:
			text = v
		case bool:
			text = map[bool]string{true: "có", false: "không"}[v]
		}
	}
	if text = strings.TrimSpace(text); text == "" {
		text = Gap
		if !slices.Contains(w.missing, name) {
			w.missing = append(w.missing, name)
		}
	} else if w.escape {
		text = Escape(text)
	}
	w.out.WriteString(text)
}
