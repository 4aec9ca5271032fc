package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of one pipeline.
const (
	MaxTableRows = 10_000
	maxBy        = 8
	maxFuncs     = 16
	maxSteps     = 16
	maxSpan      = 366 * 24 * time.Hour
)

// ParsePipeline reads a query that may go on with "| stats …". The error is
// always a [*SyntaxError].
func ParsePipeline(text string) (*Pipeline, error) {
	p, q, err := begin(text)
	if err != nil {
		return nil, err
	}
	out := &Pipeline{Query: q}
	if p.done() {
		return out, nil
	}
	a, err := p.aggregate()
	if err != nil {
		return nil, err
	}
	out.Aggregate = a
	return out, nil
}

// atPipe reports whether a "|" that is no "||" follows.
func (p *parser) atPipe() bool { return p.peek() == '|' && !p.keyword("||") }

var (
	firstStages = []string{"stats", "top", "rare", "timechart"}
	laterStages = []string{"sort", "head"}
)

func (p *parser) aggregate() (*Aggregate, error) {
	a := &Aggregate{}
	p.pos++
	p.space()
	at := p.pos
	var err error
	switch name := p.identifier(); strings.ToLower(name) {
	case "stats":
		err = p.stats(a)
	case "top":
		err = p.top(a, true)
	case "rare":
		err = p.top(a, false)
	case "timechart":
		err = p.timechart(a)
	default:
		return nil, p.unknown(at, name, "query.bad-stage", "no such stage to begin with", firstStages)
	}
	if err != nil {
		return nil, err
	}
	if err := p.distinctColumns(a); err != nil {
		return nil, err
	}
	for !p.done() {
		if !p.atPipe() {
			return nil, p.fail(p.pos, 1, "query.pipe-missing", "this does not belong to the stage", "|", "the end of the query")
		}
		if len(a.Steps) > maxSteps {
			return nil, p.fail(p.pos, 1, "query.too-many-stages", "too many stages in one query")
		}
		p.pos++
		p.space()
		at := p.pos
		var s Step
		switch name := p.identifier(); strings.ToLower(name) {
		case "sort":
			s.Sort, err = p.sort(a)
		case "head", "limit":
			s.Limit, err = p.count(-1)
		default:
			return nil, p.unknown(at, name, "query.bad-stage", "no such stage here", laterStages)
		}
		if err != nil {
			return nil, err
		}
		s.place = place{at, p.pos - at}
		a.Steps = append(a.Steps, s)
	}
	return a, nil
}

// unknown is the error for a name that is none of those known.
func (p *parser) unknown(at int, name, code, message string, known []string) error {
	if name == "" {
		return p.fail(at, 1, code, message, known...)
	}
	if near := Nearest(name, known, 1); len(near) > 0 {
		message += fmt.Sprintf("; did you mean %s?", near[0])
	}
	return p.fail(at, len(name), code, message, known...)
}

// identifier reads a name of letters and "_", and the space after it.
func (p *parser) identifier() string {
	start := p.pos
	for !p.done() {
		if c := p.peek() | 0x20; (c < 'a' || c > 'z') && p.peek() != '_' {
			break
		}
		p.pos++
	}
	name := p.src[start:p.pos]
	p.space()
	return name
}

// acceptWord takes a word of a stage, in capitals or not.
func (p *parser) acceptWord(word string) bool {
	at := p.pos
	if strings.EqualFold(p.identifier(), word) {
		return true
	}
	p.pos = at
	return false
}

func (p *parser) acceptByte(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.pos++
	p.space()
	return true
}

var aField = []string{"a field name", "a \"quoted name\""}

// column reads the name of a field or column.
func (p *parser) column(expected ...string) (FieldRef, error) {
	at := p.pos
	f := FieldRef{}
	if p.peek() == '"' {
		w, err := p.phrase()
		if err != nil {
			return f, err
		}
		f.Name = w.text
	} else {
		for !p.done() && !isSpace(p.peek()) && strings.IndexByte(`,|()"`, p.peek()) < 0 {
			p.pos++
		}
		f.Name = p.src[at:p.pos]
	}
	f.place = place{at, p.pos - at}
	if f.Name == "" {
		return f, p.fail(at, max(1, f.length), "query.field-missing", "a name is missing here", expected...)
	}
	p.space()
	return f, nil
}

// fieldRef reads the name of a field to group by or compute with.
func (p *parser) fieldRef(timeToo bool) (FieldRef, error) {
	quoted := p.peek() == '"'
	f, err := p.column(aField...)
	switch {
	case err != nil:
	case !quoted && strings.ContainsAny(f.Name, "*?"):
		err = p.fail(f.offset, f.length, "query.wild-field", "a field name has no wildcards", aField...)
	case !timeToo && isTime(f.Name):
		err = p.fail(f.offset, f.length, "query.time-here", "a time cannot be used here", "timechart for spans of time", "min(time)", "max(time)")
	}
	return f, err
}

func (p *parser) fields(a *Aggregate) error {
	for {
		f, err := p.fieldRef(false)
		if err != nil {
			return err
		}
		if len(a.By) == maxBy {
			return p.fail(f.offset, f.length, "query.too-many-terms", "too many fields to group by")
		}
		a.By = append(a.By, f)
		if !p.acceptByte(',') {
			return nil
		}
	}
}

func (p *parser) stats(a *Aggregate) error {
	for {
		f, err := p.function()
		if err != nil {
			return err
		}
		if len(a.Funcs) == maxFuncs {
			return p.fail(f.offset, f.length, "query.too-many-terms", "too many functions in one stage")
		}
		a.Funcs = append(a.Funcs, f)
		if !p.acceptByte(',') {
			break
		}
	}
	if p.acceptWord("by") {
		if err := p.fields(a); err != nil {
			return err
		}
	}
	a.Steps = []Step{{Sort: []SortKey{{Column: len(a.By), Descending: true}}}}
	return nil
}

// function reads count, count(f), dc(f) as name and their like.
func (p *parser) function() (Func, error) {
	at := p.pos
	name := p.identifier()
	kind, ok := funcNames[strings.ToLower(name)]
	if !ok {
		return Func{}, p.unknown(at, name, "query.bad-function", "no such function", []string{"count", "dc", "sum", "avg", "min", "max"})
	}
	f := Func{Kind: kind, Name: strings.ToLower(name)}
	if p.acceptByte('(') {
		if p.peek() != ')' {
			field, err := p.fieldRef(kind == Min || kind == Max || kind == CountEvents)
			if err != nil {
				return f, err
			}
			f.Field = field.Name
			f.Name += "(" + field.Name + ")"
		}
		if p.peek() != ')' {
			return f, p.fail(p.pos, 1, "query.unclosed", "a parenthesis is not closed", ")")
		}
		p.pos++
	}
	if f.Field == "" && kind != CountEvents {
		return f, p.fail(at, max(p.pos-at, 1), "query.field-missing", "this function needs a field", name+"(field)")
	}
	f.place = place{at, p.pos - at}
	p.space()
	if p.acceptWord("as") {
		as, err := p.column("a name for the column")
		if err != nil {
			return f, err
		}
		f.Name = as.Name
	}
	return f, nil
}

func (p *parser) top(a *Aggregate, most bool) error {
	n, err := p.count(10)
	if err != nil {
		return err
	}
	if err := p.fields(a); err != nil {
		return err
	}
	a.Funcs = []Func{{Kind: CountEvents, Name: "count"}}
	a.Steps = []Step{{Sort: []SortKey{{Column: len(a.By), Descending: most}}}, {Limit: n}}
	return nil
}

// count reads how many rows; absent > 0 is the answer where there is no number.
func (p *parser) count(absent int) (int, error) {
	at := p.pos
	for !p.done() && p.peek() >= '0' && p.peek() <= '9' {
		p.pos++
	}
	digits := p.src[at:p.pos]
	if absent > 0 && (digits == "" || !p.done() && !isSpace(p.peek())) { // a field may begin with a digit
		p.pos = at
		return absent, nil
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > MaxTableRows {
		return 0, p.fail(at, max(len(digits), 1), "query.bad-count", "not a number of rows", fmt.Sprintf("1 to %d", MaxTableRows))
	}
	p.space()
	return n, nil
}

var spanUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

func (p *parser) timechart(a *Aggregate) error {
	if p.acceptWord("span") && !p.acceptByte('=') {
		return p.fail(p.pos, 1, "query.bad-span", "a span of time is missing", "=5m")
	}
	at := p.pos
	for !p.done() && !isSpace(p.peek()) && p.peek() != '|' {
		p.pos++
	}
	text := p.src[at:p.pos]
	digits := strings.TrimRight(text, "smhd")
	n, err := strconv.Atoi(digits)
	unit, ok := spanUnits[text[len(digits):]]
	if err != nil || !ok || n < 1 || n > int(maxSpan/unit) {
		return p.fail(at, max(len(text), 1), "query.bad-span", "not a span of time", "30s", "5m", "1h", "1d")
	}
	a.Span = time.Duration(n) * unit
	p.space()
	f := Func{Kind: CountEvents, Name: "count"}
	if start := p.pos; !p.done() && !p.atPipe() && !p.acceptWord("by") {
		if f, err = p.function(); err != nil {
			return err
		}
	} else {
		p.pos = start
	}
	a.Funcs = []Func{f}
	if p.acceptWord("by") {
		if err := p.fields(a); err != nil {
			return err
		}
	}
	a.Steps = []Step{{Sort: []SortKey{{Column: 0}, {Column: a.Keys(), Descending: true}}}}
	return nil
}

func (p *parser) distinctColumns(a *Aggregate) error {
	seen := map[string]bool{}
	if a.Span > 0 {
		seen["time"] = true
	}
	check := func(pl place, name string) error {
		if seen[Fold(name)] {
			return p.fail(pl.offset, pl.length, "query.same-column", "there are two columns of this name", "f(field) as another_name")
		}
		seen[Fold(name)] = true
		return nil
	}
	for _, f := range a.By {
		if err := check(f.place, f.Name); err != nil {
			return err
		}
	}
	for _, f := range a.Funcs {
		if err := check(f.place, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// sort reads columns: -count, user or count desc, user asc.
func (p *parser) sort(a *Aggregate) ([]SortKey, error) {
	columns := a.Columns()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	var out []SortKey
	for {
		k := SortKey{}
		if p.peek() == '-' || p.peek() == '+' {
			k.Descending = p.peek() == '-'
			p.pos++
		}
		f, err := p.column(names...)
		if err != nil {
			return nil, err
		}
		if p.peek() == '(' { // a column called count(f)
			end := strings.IndexByte(p.src[p.pos:], ')')
			if end < 0 {
				return nil, p.fail(p.pos, 1, "query.unclosed", "a parenthesis is not closed", ")")
			}
			inside := strings.Trim(p.src[p.pos+1:p.pos+end], " \t\r\n")
			if f.Name += "(" + inside + ")"; inside == "" {
				f.Name = strings.TrimSuffix(f.Name, "()")
			}
			p.pos += end + 1
			f.length = p.pos - f.offset
			p.space()
		}
		k.Column = slices.IndexFunc(names, func(n string) bool { return Fold(n) == Fold(f.Name) })
		if k.Column < 0 {
			message := "the table has no such column"
			if near := Nearest(f.Name, names, 1); len(near) > 0 {
				message += fmt.Sprintf("; did you mean %s?", near[0])
			}
			return nil, p.fail(f.offset, f.length, "query.bad-column", message, names...)
		}
		if p.acceptWord("desc") {
			k.Descending = true
		} else {
			p.acceptWord("asc")
		}
		if len(out) == len(columns) {
			return nil, p.fail(f.offset, f.length, "query.too-many-terms", "more columns to sort by than there are")
		}
		out = append(out, k)
		if !p.acceptByte(',') {
			return out, nil
		}
	}
}
