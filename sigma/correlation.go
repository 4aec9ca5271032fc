package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

type correlationType string

const (
	eventCount      correlationType = "event_count"
	valueCount      correlationType = "value_count"
	valueSum        correlationType = "value_sum"
	valueAvg        correlationType = "value_avg"
	valueMedian     correlationType = "value_median"
	valuePercentile correlationType = "value_percentile"
	temporal        correlationType = "temporal"
	temporalOrdered correlationType = "temporal_ordered"
)

var correlationTypes = []string{string(eventCount), string(valueCount), string(valueSum), string(valueAvg),
	string(valueMedian), string(valuePercentile), string(temporal), string(temporalOrdered)}

// correlation is the correlation section of a rule, as written.
type correlation struct {
	at         position
	kind       correlationType
	rules      []ruleRef
	groupBy    []string
	timespan   time.Duration
	aliases    map[string]map[string]string // alias, then rule as written, to field
	aliasAt    map[string]position
	bounds     []bound
	fields     []string // what the value types look at
	percentile float64
	generate   bool
}

// bound is one criterion of the condition. All must hold.
type bound struct {
	op    string
	value float64
}

var boundOps = []string{"gt", "gte", "lt", "lte", "eq", "neq"}

func (b bound) holds(v float64) bool {
	switch b.op {
	case "gt":
		return v > b.value
	case "gte":
		return v >= b.value
	case "lt":
		return v < b.value
	case "lte":
		return v <= b.value
	case "eq":
		return v == b.value
	}
	return v != b.value
}

func (c *correlation) holds(v float64) bool {
	return !slices.ContainsFunc(c.bounds, func(b bound) bool { return !b.holds(v) })
}

// grows reports whether the condition stays true once it is: then it is tested
// at each event, and otherwise when the time is over.
func (c *correlation) grows() bool {
	switch c.kind {
	case valueSum, valueAvg, valueMedian, valuePercentile:
		return false
	}
	return !slices.ContainsFunc(c.bounds, func(b bound) bool { return b.op != "gt" && b.op != "gte" })
}

// IsCorrelation reports whether the document is a correlation rule, which
// matches series of events: see Ruleset.NewCorrelator.
func (r *Rule) IsCorrelation() bool { return r.correlation != nil }

func (b *ruleBuilder) parseCorrelation() *fail {
	n := b.correlation
	if n.Kind != yaml.MappingNode {
		return failf(at(n), "write type, rules, timespan and condition under it", "correlation is not a map")
	}
	pairs, f := b.tree.pairs(n)
	if f != nil {
		return f
	}
	c := &correlation{at: at(n)}
	b.rule.correlation = c
	var condition *pair
	for i, p := range pairs {
		switch p.key {
		case "type":
			if !slices.Contains(correlationTypes, p.value.Value) {
				return failf(at(p.value), "use one of: "+strings.Join(correlationTypes, ", "), "unknown correlation type %q", p.value.Value)
			}
			c.kind = correlationType(p.value.Value)
		case "rules":
			c.rules, f = b.ruleRefs(p.value)
		case "group-by":
			c.groupBy, f = b.texts(p)
		case "timespan":
			c.timespan, f = parseTimespan(p.value)
		case "condition":
			condition = &pairs[i]
		case "aliases":
			f = b.correlationAliases(p)
		case "generate":
			c.generate, f = boolean(p)
		default:
			f = failf(p.at, "remove it", "unknown key %q in correlation", p.key)
		}
		if f != nil {
			return f
		}
	}
	switch {
	case c.kind == "":
		return failf(c.at, "add type: with one of "+strings.Join(correlationTypes, ", "), "the correlation has no type")
	case len(c.rules) == 0:
		return failf(c.at, "list ids or names of rules", "the correlation names no rules")
	case len(c.rules) > MaxCorrelatedRules:
		return failf(c.at, "chain correlations", "the correlation names more than %d rules", MaxCorrelatedRules)
	case len(c.groupBy) > MaxCorrelatedFields:
		return failf(c.at, "group by fewer", "the correlation groups by more than %d fields", MaxCorrelatedFields)
	case c.timespan == 0:
		return failf(c.at, "add timespan: for example 10m", "the correlation has no timespan")
	}
	if f := b.correlationCondition(c, condition); f != nil {
		return f
	}
	return b.checkAliases(c)
}

// boolean reads true or false, also where older rules write it as text.
func boolean(p pair) (bool, *fail) {
	v, err := strconv.ParseBool(strings.ToLower(p.value.Value))
	if err != nil || p.value.Kind != yaml.ScalarNode {
		return false, failf(at(p.value), "write true or false", "%s is not true or false", p.key)
	}
	return v, nil
}

// timespanUnits are the specification's units, and those that pySigma adds. A
// month is the twelfth part of a mean Gregorian year.
var timespanUnits = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
	'M': 2629746 * time.Second, 'y': 31556952 * time.Second,
}

func parseTimespan(n *yaml.Node) (time.Duration, *fail) {
	const remedy = "write a number and one of s, m, h, d, w, M, y, for example 90m"
	s := n.Value
	if n.Kind != yaml.ScalarNode || len(s) < 2 || digitsLen(s) != len(s)-1 {
		return 0, failf(at(n), remedy, "%q is not a timespan", s)
	}
	unit, ok := timespanUnits[s[len(s)-1]]
	if !ok {
		return 0, failf(at(n), remedy, "unknown unit in the timespan %q", s)
	}
	count, err := strconv.ParseInt(s[:len(s)-1], 10, 32)
	if err != nil || count == 0 || time.Duration(count) > MaxTimespan/unit {
		return 0, failf(at(n), "write a timespan of at most a year", "the timespan %q is out of range", s)
	}
	return time.Duration(count) * unit, nil
}

func (b *ruleBuilder) correlationCondition(c *correlation, p *pair) *fail {
	counts := c.kind == eventCount || c.kind == valueCount
	inTime := c.kind == temporal || c.kind == temporalOrdered
	if p == nil {
		if !inTime {
			return failf(c.at, "add condition: for example {gte: 10}", "the correlation has no condition")
		}
		c.bounds = []bound{{"gte", float64(len(c.rules))}}
		return nil
	}
	if p.value.Kind != yaml.MappingNode {
		return failf(at(p.value), "write a map such as {gte: 10}; chain correlations for more", "the condition of the correlation is not a map")
	}
	pairs, f := b.tree.pairs(p.value)
	if f != nil {
		return f
	}
	hasPercentile := false
	for _, kv := range pairs {
		switch {
		case kv.key == "field":
			if c.fields, f = b.texts(kv); f != nil {
				return f
			}
			if c.kind == eventCount || inTime {
				return failf(kv.at, "remove it, or use value_count", "%s looks at no field", c.kind)
			}
			if len(c.fields) > MaxCorrelatedFields {
				return failf(kv.at, "name fewer", "the condition names more than %d fields", MaxCorrelatedFields)
			}
			if len(c.fields) > 1 && c.kind != valueCount {
				return failf(kv.at, "name one field", "%s looks at one field", c.kind)
			}
		case kv.key == "percentile" && c.kind == valuePercentile:
			if c.percentile, f = numberOf(kv); f != nil {
				return f
			}
			if hasPercentile = true; c.percentile < 0 || c.percentile > 100 {
				return failf(at(kv.value), "write a number from 0 to 100", "the percentile is out of range")
			}
		case slices.Contains(boundOps, kv.key):
			v, f := numberOf(kv)
			if f != nil {
				return f
			}
			if (counts || inTime) && (v < 0 || v != float64(int64(v))) {
				return failf(at(kv.value), "write a whole number", "a count cannot be compared with %q", kv.value.Value)
			}
			c.bounds = append(c.bounds, bound{kv.key, v})
		default:
			return failf(kv.at, "use "+strings.Join(boundOps, ", ")+" or field", "unknown criterion %q", kv.key)
		}
	}
	switch {
	case len(c.bounds) == 0:
		return failf(at(p.value), "add one of "+strings.Join(boundOps, ", "), "the condition compares with nothing")
	case len(c.fields) == 0 && c.kind != eventCount && !inTime:
		return failf(at(p.value), "add field: to the condition", "%s needs a field", c.kind)
	case c.kind == valuePercentile && !hasPercentile:
		return failf(at(p.value), "add for example percentile: 95", "value_percentile does not say which percentile")
	}
	return c.checkBounds(at(p.value))
}

// checkBounds refuses conditions that no count can meet or that would need
// more memory than a group may have.
func (c *correlation) checkBounds(where position) *fail {
	low, high := 0.0, float64(MaxCorrelatedEvents)
	switch c.kind {
	case temporal, temporalOrdered:
		high = float64(len(c.rules))
	case eventCount, valueCount:
	default:
		return nil
	}
	for _, b := range c.bounds {
		if (b.op == "gt" || b.op == "gte") && b.value > low {
			low = b.value
		}
	}
	if low > high || !c.holds(high) && !slices.ContainsFunc(c.bounds, func(b bound) bool { return b.op != "gt" && b.op != "gte" }) {
		return failf(where, "lower the number", "the condition can never hold: the most that is counted is %v", high)
	}
	return nil
}

func numberOf(p pair) (float64, *fail) {
	v, err := strconv.ParseFloat(p.value.Value, 64)
	if err != nil || p.value.Kind != yaml.ScalarNode || v-v != 0 {
		return 0, failf(at(p.value), "write a number", "%s is not a number", p.key)
	}
	return v, nil
}

func (b *ruleBuilder) correlationAliases(p pair) *fail {
	c := b.rule.correlation
	c.aliases, c.aliasAt = map[string]map[string]string{}, map[string]position{}
	if p.value.Kind != yaml.MappingNode {
		return failf(at(p.value), "write alias: {rule: field}", "aliases is not a map")
	}
	aliases, f := b.tree.pairs(p.value)
	if f != nil {
		return f
	}
	for _, a := range aliases {
		if a.value.Kind != yaml.MappingNode {
			return failf(at(a.value), "write rule: field under it", "the alias %q is not a map", a.key)
		}
		fields, f := b.tree.pairs(a.value)
		if f != nil {
			return f
		}
		c.aliases[a.key], c.aliasAt[a.key] = map[string]string{}, a.at
		for _, kv := range fields {
			if kv.value.Kind != yaml.ScalarNode || kv.value.Value == "" {
				return failf(at(kv.value), "write the name of a field", "the alias %q has no field for %s", a.key, kv.key)
			}
			c.aliases[a.key][kv.key] = kv.value.Value
		}
	}
	return nil
}

func (b *ruleBuilder) checkAliases(c *correlation) *fail {
	for alias, fields := range c.aliases {
		for rule := range fields {
			if !slices.ContainsFunc(c.rules, func(r ruleRef) bool { return r.text == rule }) {
				return failf(c.aliasAt[alias], "name a rule as it stands under rules", "the alias %q is for %q, which is not one of the rules", alias, rule)
			}
		}
		if !slices.Contains(c.groupBy, alias) && !slices.Contains(c.fields, alias) {
			b.warn("unused-alias", c.aliasAt[alias], "use it in group-by or remove it", "the alias %q is not used", alias)
		}
	}
	return nil
}

// field returns the event field that a name stands for in hits of the i-th rule.
func (c *correlation) field(name string, i int) string {
	if field, ok := c.aliases[name][c.rules[i].text]; ok {
		return field
	}
	return name
}

// fingerprint changes when the meaning of the state of the correlation does.
func (c *correlation) fingerprint() string {
	var refs []string
	for _, r := range c.rules {
		refs = append(refs, r.text)
	}
	return fmt.Sprintf("%s %q %q %v %v %v %q %v", c.kind, refs, c.groupBy, c.timespan, c.aliases, c.bounds, c.fields, c.percentile)
}
