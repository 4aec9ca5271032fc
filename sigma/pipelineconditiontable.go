package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The conditions of pySigma. To add one, add a row and a case in testdata.

var ruleConditions = []conditionRow[ruleTest]{
	{"logsource", parseLogSourceTest},
	{"contains_detection_item", func(a *arguments) (ruleTest, *fail) {
		field, f := a.text("field", true)
		if f != nil {
			return nil, f
		}
		value, f := a.value("value")
		if f != nil {
			return nil, f
		}
		return func(p *processing) bool {
			return p.anyItem(func(it *item) bool {
				return it.field == field && slices.ContainsFunc(p.look(it).values, func(v lookValue) bool { return v.is(value) })
			})
		}, nil
	}},
	{"contains_field", func(a *arguments) (ruleTest, *fail) {
		field, f := a.text("field", true)
		return func(p *processing) bool {
			return p.anyItem(func(it *item) bool { return it.field == field })
		}, f
	}},
	{"processing_item_applied", func(a *arguments) (ruleTest, *fail) {
		id, f := a.text("processing_item_id", true)
		return func(p *processing) bool { return p.applied[id] }, f
	}},
	{"processing_state", func(a *arguments) (ruleTest, *fail) {
		return parseStateTest(a)
	}},
	{"is_sigma_rule", func(*arguments) (ruleTest, *fail) {
		return func(p *processing) bool { return !p.rule.IsCorrelation() }, nil
	}},
	{"is_sigma_correlation_rule", func(*arguments) (ruleTest, *fail) {
		return func(p *processing) bool { return p.rule.IsCorrelation() }, nil
	}},
	{"rule_attribute", parseAttributeTest},
	{"tag", func(a *arguments) (ruleTest, *fail) {
		tag, f := a.text("tag", true)
		return func(p *processing) bool { return slices.Contains(p.rule.Tags, tag) }, f
	}},
}

var itemConditions = []conditionRow[itemTest]{
	{"match_string", func(a *arguments) (itemTest, *fail) {
		re, f := a.regex("pattern", true)
		if f != nil {
			return nil, f
		}
		negate, f := a.flag("negate")
		if f != nil {
			return nil, f
		}
		return valueTest(a, func(p *processing, v lookValue) bool {
			return negate != (v.isText && slices.ContainsFunc(v.alts, func(x pattern) bool { return p.matches(re, x.shown()) }))
		})
	}},
	{"match_value", func(a *arguments) (itemTest, *fail) {
		value, f := a.value("value")
		if f != nil {
			return nil, f
		}
		return valueTest(a, func(_ *processing, v lookValue) bool { return v.is(value) })
	}},
	{"contains_wildcard", func(a *arguments) (itemTest, *fail) {
		return valueTest(a, func(_ *processing, v lookValue) bool {
			return v.isText && slices.ContainsFunc(v.alts, pattern.wild)
		})
	}},
	{"is_null", func(a *arguments) (itemTest, *fail) {
		return valueTest(a, func(_ *processing, v lookValue) bool { return v.kind == Null })
	}},
	{"processing_item_applied", func(a *arguments) (itemTest, *fail) {
		id, f := a.text("processing_item_id", true)
		return func(p *processing, it *item) bool { return p.itemApplied(it, id) }, f
	}},
	{"processing_state", func(a *arguments) (itemTest, *fail) {
		test, f := parseStateTest(a)
		return func(p *processing, _ *item) bool { return test(p) }, f
	}},
}

var fieldConditions = []conditionRow[fieldTest]{
	{"include_fields", func(a *arguments) (fieldTest, *fail) { return parseFieldTest(a, true) }},
	{"exclude_fields", func(a *arguments) (fieldTest, *fail) { return parseFieldTest(a, false) }},
	{"processing_item_applied", func(a *arguments) (fieldTest, *fail) {
		id, f := a.text("processing_item_id", true)
		return fieldTest{
			name: func(p *processing, name string) bool { return p.nameApplied[name][id] },
			item: func(p *processing, it *item) bool { return p.itemApplied(it, id) },
		}, f
	}},
	{"processing_state", func(a *arguments) (fieldTest, *fail) {
		test, f := parseStateTest(a)
		return fieldTest{name: func(p *processing, _ string) bool { return test(p) }}, f
	}},
}

// valueTest is a condition on the values of an item: any or all of them, as the
// parameter cond says.
func valueTest(a *arguments, test func(*processing, lookValue) bool) (itemTest, *fail) {
	cond, f := a.word("cond", true, "any", "all")
	if f != nil {
		return nil, f
	}
	want := cond == "any"
	return func(p *processing, it *item) bool {
		for _, v := range p.look(it).values {
			if test(p, v) == want {
				return want
			}
		}
		return !want
	}, nil
}

func parseLogSourceTest(a *arguments) (ruleTest, *fail) {
	ls, f := a.logSource()
	if f != nil {
		return nil, f
	}
	return func(p *processing) bool {
		return slices.ContainsFunc(p.logSources(), ls.covers)
	}, nil
}

// logSource takes category, product and service, of which one must be there.
func (a *arguments) logSource() (LogSource, *fail) {
	var ls LogSource
	for key, dst := range map[string]*string{"category": &ls.Category, "product": &ls.Product, "service": &ls.Service} {
		var f *fail
		if *dst, f = a.text(key, false); f != nil {
			return ls, f
		}
	}
	if ls == (LogSource{}) {
		return ls, failf(a.at, "add category, product or service", "%s names no log source", a.kind)
	}
	return ls.lower(), nil
}

func parseFieldTest(a *arguments, include bool) (fieldTest, *fail) {
	fields, f := a.list("fields", true)
	if f != nil {
		return fieldTest{}, f
	}
	mode, f := a.word("mode", false, "plain", "re")
	if f != nil {
		return fieldTest{}, f
	}
	if mode == "plain" {
		return fieldTest{name: func(_ *processing, name string) bool {
			return include == (name != "" && slices.Contains(fields, name))
		}}, nil
	}
	var list []pipelineRegex
	for _, text := range fields {
		re, f := a.p.regex(text, a.at, true)
		if f != nil {
			return fieldTest{}, f
		}
		list = append(list, re)
	}
	return fieldTest{name: func(p *processing, name string) bool {
		return include == (name != "" && slices.ContainsFunc(list, func(re pipelineRegex) bool { return p.matches(re, name) }))
	}}, nil
}

var orderOps = []string{"eq", "ne", "gte", "gt", "lte", "lt"}

func ordered(op string, c int) bool {
	switch op {
	case "eq":
		return c == 0
	case "ne":
		return c != 0
	case "gte":
		return c >= 0
	case "gt":
		return c > 0
	case "lte":
		return c <= 0
	}
	return c < 0
}

func parseStateTest(a *arguments) (ruleTest, *fail) {
	key, f := a.text("key", true)
	if f != nil {
		return nil, f
	}
	want, f := a.value("val")
	if f != nil {
		return nil, f
	}
	op, f := a.word("op", false, orderOps...)
	if f != nil {
		return nil, f
	}
	return func(p *processing) bool {
		have, ok := p.state[key]
		return ok && compareScalars(op, have, want)
	}, nil
}

// compareScalars compares numbers with numbers and texts with texts; values of
// different kinds are only unequal.
func compareScalars(op string, a, b scalar) bool {
	if a.kind != b.kind {
		return op == "ne"
	}
	switch a.kind {
	case Number:
		x, _ := parseDecimal(a.text)
		y, _ := parseDecimal(b.text)
		return ordered(op, x.compare(y))
	case String:
		return ordered(op, strings.Compare(a.text, b.text))
	}
	return op == "eq" && a.text == b.text || op == "ne" && a.text != b.text
}

// parseAttributeTest reads a comparison with a key of the rule. What a key can
// be compared by depends on what it holds: a text, a list, a date, or a word of
// a scale.
func parseAttributeTest(a *arguments) (ruleTest, *fail) {
	name, f := a.text("attribute", true)
	if f != nil {
		return nil, f
	}
	want, f := a.value("value")
	if f != nil {
		return nil, f
	}
	op, f := a.word("op", false, append(slices.Clone(orderOps), "in", "not_in")...)
	if f != nil {
		return nil, f
	}
	member := op == "in" || op == "not_in"
	var none Rule
	switch {
	case name == "level":
		return scaleTest(a, levels, want, op, func(r *Rule) string { return r.Level })
	case name == "status":
		return scaleTest(a, []string{"unsupported", "deprecated", "experimental", "test", "stable"}, want, op, func(r *Rule) string { return r.Status })
	case name == "date" || name == "modified":
		day, ok := ruleDate(want.text)
		if !ok || member {
			return nil, failf(a.at, "write a date such as 2026-11-22 and eq, ne, gte, gt, lte or lt", "%s cannot be compared by %s with %q", name, op, want.text)
		}
		return func(p *processing) bool {
			have, ok := ruleDate(*p.rule.text(name))
			return ok && ordered(op, have.Compare(day))
		}, nil
	case none.text(name) != nil:
		if op != "eq" && op != "ne" {
			return nil, failf(a.at, "use eq or ne", "%s cannot be compared by %s", name, op)
		}
		return func(p *processing) bool { return (*p.rule.text(name) == want.text) == (op == "eq") }, nil
	case none.list(name) != nil:
		return func(p *processing) bool { return inList(op, *p.rule.list(name), want.text) }, nil
	}
	return func(p *processing) bool { return customTest(op, p.rule.Custom[name], want) }, nil
}

func scaleTest(a *arguments, scale []string, want scalar, op string, get func(*Rule) string) (ruleTest, *fail) {
	i := slices.Index(scale, strings.ToLower(want.text))
	if i < 0 || op == "in" || op == "not_in" {
		return nil, failf(a.at, "compare by eq, ne, gte, gt, lte or lt with one of: "+strings.Join(scale, ", "), "rule_attribute cannot compare by %s with %q", op, want.text)
	}
	return func(p *processing) bool {
		have := slices.Index(scale, get(p.rule))
		return have >= 0 && ordered(op, have-i)
	}, nil
}

func ruleDate(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, strings.ReplaceAll(s, "/", "-"))
	return t, err == nil
}

func inList(op string, list []string, want string) bool {
	switch op {
	case "in":
		return slices.Contains(list, want)
	case "not_in":
		return !slices.Contains(list, want)
	}
	return op == "ne" // a list equals no single value
}

// customTest compares a key that the specification does not define, or fields.
func customTest(op string, have any, want scalar) bool {
	switch v := have.(type) {
	case nil:
		return false
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i] = fmt.Sprint(v[i])
		}
		return inList(op, list, want.text)
	case int:
		have = scalar{kind: Number, text: strconv.Itoa(v)}
	case float64:
		have = scalar{kind: Number, text: strconv.FormatFloat(v, 'g', -1, 64)}
	case bool:
		have = scalar{kind: Bool, text: strconv.FormatBool(v)}
	case string:
		have = scalar{kind: String, text: v}
	case time.Time:
		day, ok := ruleDate(want.text)
		return ok && ordered(op, v.Compare(day))
	}
	s, ok := have.(scalar)
	return ok && slices.Contains(orderOps, op) && compareScalars(op, s, want)
}
