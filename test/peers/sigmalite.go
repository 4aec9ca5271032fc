//go:build sigmalite

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	sigmalite "github.com/runreveal/sigmalite"
)

const absent = ""

func optional() []entrant { return []entrant{{"sigmalite", loadSigmalite}} }

// lite drives runreveal/sigmalite as its documentation shows: a parsed rule's
// Detection, asked with an entry of string fields and one message, which is what
// keyword rules search; all values of the event stand in it.
type lite struct {
	scope *scoper
	all   []int
	rules []*sigmalite.Rule // nil: it did not load
	ids   []string
}

func loadSigmalite(rules []ruleFile, s *scoper) (engine, int) {
	e := &lite{scope: s}
	bad := 0
	for i, r := range rules {
		e.all = append(e.all, i)
		e.ids = append(e.ids, r.id)
		rule, err := sigmalite.ParseRule(r.text)
		if err != nil {
			bad++
			rule = nil
		}
		e.rules = append(e.rules, rule)
	}
	return e, bad
}

func (e *lite) match(line []byte, hit func(id string)) {
	var ev map[string]any
	if err := json.Unmarshal(line, &ev); err != nil {
		panic(fmt.Sprintf("an event is no JSON: %v", err))
	}
	compactNames(ev)
	entry := &sigmalite.LogEntry{Fields: make(map[string]string, len(ev))}
	var message strings.Builder
	for name, v := range ev {
		value := text(v)
		entry.Fields[name] = value
		message.WriteString(value)
		message.WriteByte(' ')
	}
	entry.Message = message.String()
	numbers := e.all
	if e.scope != nil {
		sc := e.scope.of(func(field string) string { return entry.Fields[field] })
		numbers = sc.rules
		for as, of := range sc.aliases {
			if _, ok := entry.Fields[as]; ok {
				continue
			}
			if v, ok := entry.Fields[of]; ok {
				entry.Fields[as] = v
			}
		}
	}
	for _, i := range numbers {
		if rule := e.rules[i]; rule != nil && rule.Detection.Matches(entry, nil) {
			hit(e.ids[i])
		}
	}
}

func (e *lite) errors() int { return 0 }
