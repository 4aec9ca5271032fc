package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	sigmago "github.com/bradleyjkemp/sigma-go"
	"github.com/bradleyjkemp/sigma-go/evaluator"
)

// sigmaGo drives bradleyjkemp/sigma-go as its documentation shows: one evaluator
// a rule, made once, asked with the event as a map. Its bundle of rules
// (evaluator.ForRules) is not used: it is slower and answers the same.
type sigmaGo struct {
	scope  *scoper
	all    []int
	rules  []*evaluator.RuleEvaluator // nil: it did not load
	ids    []string
	failed map[int]bool
}

func loadSigmaGo(rules []ruleFile, s *scoper) (engine, int) {
	e := &sigmaGo{scope: s, failed: map[int]bool{}}
	bad := 0
	for i, r := range rules {
		e.all = append(e.all, i)
		e.ids = append(e.ids, r.id)
		rule, err := sigmago.ParseRule(r.text)
		if err != nil {
			bad++
			e.rules = append(e.rules, nil)
			continue
		}
		e.rules = append(e.rules, evaluator.ForRule(rule))
	}
	return e, bad
}

func (e *sigmaGo) match(line []byte, hit func(id string)) {
	var ev map[string]any
	if err := json.Unmarshal(line, &ev); err != nil {
		panic(fmt.Sprintf("an event is no JSON: %v", err))
	}
	numbers := e.all
	if e.scope != nil {
		sc := e.scope.of(func(field string) string {
			if v, ok := ev[field]; ok {
				return text(v)
			}
			return ""
		})
		numbers = sc.rules
		for as, of := range sc.aliases {
			if _, ok := ev[as]; !ok && ev[of] != nil {
				ev[as] = ev[of]
			}
		}
	}
	compactNames(ev)
	for _, i := range numbers {
		rule := e.rules[i]
		if rule == nil {
			continue
		}
		res, err := rule.Matches(context.Background(), ev)
		if err != nil {
			e.failed[i] = true
			continue
		}
		if res.Match {
			hit(e.ids[i])
		}
	}
}

func (e *sigmaGo) errors() int { return len(e.failed) }

// text is a JSON value as rules write it.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return ""
	case float64:
		if v == float64(int64(v)) {
			return fmt.Sprint(int64(v))
		}
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = text(v[i])
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}

// compactNames gives fields whose name holds blanks, as Defender's do, the name
// without them too, under which rules look for them.
func compactNames(ev map[string]any) {
	for name, v := range ev {
		if strings.IndexByte(name, ' ') >= 0 {
			ev[strings.ReplaceAll(name, " ", "")] = v
		}
	}
}
