package sigma_test

import (
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/sigma"
)

// A file may hold several documents: rules, correlations, filters. What is not a
// rule is reported with its place, and the rest comes back.
func ExampleParse() {
	rules, problems := sigma.Parse([]byte(`title: One
id: 7d9c2f6e-3f0a-4f53-9c8e-0d1f4f8f7a01
logsource: {product: linux}
detection:
    selection: {user: mallory}
    condition: selection
---
title: Two
id: 7d9c2f6e-3f0a-4f53-9c8e-0d1f4f8f7a02
logsource: {product: linux}
detection:
    selection: {user: mallory}
    condition: selection and not filter
`), "two.yml")
	for _, r := range rules {
		fmt.Println(r.Title, r.LogSource, r.Fields())
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// One linux [user]
	// two.yml:13:34: "filter" is not a search identifier of this rule; define it, or use one of: selection
}

// Lint looks at rules before anybody loads them, and finds what is legal and
// cannot be meant.
func ExampleLint() {
	problems := sigma.Lint([]sigma.RuleFile{{Name: "shell.yml", Data: []byte(`title: Shell From Office
id: 7d9c2f6e-3f0a-4f53-9c8e-0d1f4f8f7a03
logsource: {product: windows, category: process_creation}
detection:
    selection:
        ParentImage|endswith: '\winword.exe'
        CommandLine|contains: ['power', 'powershell']
    filter:
        ParentImage: 'C:\Windows\explorer.exe'
    condition: selection and not filter
level: high
`)}}, sigma.LintOptions{Mapping: sigma.DefaultMapping(), Skip: []string{"missing-field"}})
	for _, p := range problems {
		fmt.Printf("%d:%d %s\n    %s\n", p.Line, p.Column, p.Check, p.Reason)
	}
	// Output:
	// 7:41 subsumed-value
	//     the value "powershell" is covered by "power"
	// 10:34 idle-filter
	//     "not filter" excludes nothing that "selection" selects
}

// Placeholders stand for what every place has of its own. A rule with one that
// has no values here is refused, not loaded without it.
func ExampleOptions() {
	rules, _ := sigma.Parse([]byte(`title: Administrator Away From Their Machine
logsource: {product: windows, service: security}
detection:
    selection:
        TargetUserName|expand: '%administrators%'
    own:
        WorkstationName|expand|startswith: '%admin_machines%-'
    condition: selection and not own
`), "admin.yml")
	_, problems := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{})
	fmt.Println(problems[0])

	set, _ := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{Placeholders: map[string][]string{
		"administrators": {"adm-an", "adm-binh"},
		"admin_machines": {"QT", "PC-QT"},
	}})
	for _, machine := range []string{"PC-QT-07", "PC-VANTHU"} {
		set.Match(&sigma.Event{
			Source: sigma.LogSource{Product: "windows", Service: "security"},
			Fields: []sigma.Field{{Name: "TargetUserName", Value: "ADM-Binh"}, {Name: "WorkstationName", Value: machine}},
		}, func(r *sigma.Rule) { fmt.Println(r.Title+":", machine) })
	}
	// Output:
	// admin.yml:5:32: the placeholder %administrators% has no values here; define values for administrators in the placeholder configuration
	// Administrator Away From Their Machine: PC-VANTHU
}

// A mapping says which events are of which log source, where they do not say so
// themselves, and under which names rules may ask for their fields.
func ExampleParseMapping() {
	own, err := sigma.ParseMapping([]byte(`
logsources:
    our-agent:
        product: linux
        category: process_creation
        conditions:
            event_type: [exec, fork]
        rewrite: {product: linux, service: our-agent}
        fieldmappings:
            Image: exe
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, _ := sigma.Parse([]byte(`title: Netcat
logsource: {product: linux, category: process_creation}
detection:
    selection:
        Image|endswith: /nc
    condition: selection
`), "")
	set, _ := sigma.Compile(rules, sigma.DefaultMapping().Join(own), sigma.Options{})
	for _, kind := range []string{"exec", "connect"} {
		n := 0
		set.Match(&sigma.Event{
			Source: sigma.LogSource{Product: "linux", Service: "our-agent"},
			Fields: []sigma.Field{{Name: "event_type", Value: kind}, {Name: "exe", Value: "/usr/bin/nc"}},
		}, func(*sigma.Rule) { n++ })
		fmt.Println(kind, n)
	}
	// Output:
	// exec 1
	// connect 0
}

// Match is told about one event at a time and calls back for each rule. Arrays
// are fields of one name, nested fields have dots.
func ExampleRuleset_Match() {
	rules, _ := sigma.Parse([]byte(`title: Privileged Container
logsource: {product: kubernetes, service: audit}
detection:
    selection:
        verb: create
        requestObject.spec.containers.securityContext.privileged: true
        user.groups: 'system:authenticated'
    condition: selection
`), "")
	set, _ := sigma.Compile(rules, sigma.Mapping{}, sigma.Options{})
	event := &sigma.Event{
		Source: sigma.LogSource{Product: "kubernetes", Service: "audit"},
		Fields: []sigma.Field{
			{Name: "verb", Value: "create"},
			{Name: "requestObject.spec.containers.securityContext.privileged", Value: "true", Kind: sigma.Bool},
			{Name: "user.groups", Value: "developers"},
			{Name: "user.groups", Value: "system:authenticated"},
		},
	}
	set.Match(event, func(r *sigma.Rule) { fmt.Println(r.Title) })
	// Output: Privileged Container
}

// The state of correlations survives a restart: what Snapshot gives, Restore
// takes, and a series goes on where it was.
func ExampleCorrelator_Snapshot() {
	rules, _ := sigma.Parse([]byte(`title: Failed logon
name: failed_logon
logsource: {product: linux, service: sshd}
detection:
    selection: {outcome: failure}
    condition: selection
---
title: Guessing
id: 3b1ad5b8-6c0e-4d2b-9d8c-1f2d3e4c5b6b
correlation:
    type: event_count
    rules: [failed_logon]
    group-by: [src_ip]
    timespan: 5m
    condition: {gte: 3}
`), "")
	set, _ := sigma.Compile(rules, sigma.Mapping{}, sigma.Options{})
	event := &sigma.Event{
		Source: sigma.LogSource{Product: "linux", Service: "sshd"},
		Fields: []sigma.Field{{Name: "outcome", Value: "failure"}, {Name: "src_ip", Value: "203.0.113.7"}},
	}
	start := time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC)
	feed := func(c *sigma.Correlator, after time.Duration) {
		set.Match(event, func(r *sigma.Rule) {
			c.Observe(sigma.Hit{Rule: r, Time: start.Add(after), Event: event}, func(r *sigma.Rule, m sigma.CorrelationMatch) {
				fmt.Println(r.Title, "from", m.Group[0].Value, "times", m.Value)
			})
		})
	}
	before := set.NewCorrelator(sigma.CorrelatorOptions{})
	feed(before, 0)
	feed(before, time.Minute)
	state, err := before.Snapshot()
	if err != nil {
		fmt.Println(err)
		return
	}

	after := set.NewCorrelator(sigma.CorrelatorOptions{})
	if err := after.Restore(state); err != nil {
		fmt.Println(err)
		return
	}
	feed(after, 2*time.Minute)
	// Output: Guessing from 203.0.113.7 times 3
}

// A FieldFinder says which fields made a rule match, for every hit and not only
// for the few that somebody wants explained.
func ExampleFieldFinder() {
	rules, _ := sigma.Parse([]byte(whoami), "")
	set, _ := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{Unscoped: true})
	finder := set.NewFieldFinder()
	event := &sigma.Event{Fields: []sigma.Field{
		{Name: "Computer", Value: "PC-07"},
		{Name: "Image", Value: `C:\Windows\System32\whoami.exe`},
	}}
	set.Match(event, func(r *sigma.Rule) {
		for _, i := range finder.Find(r, event) {
			fmt.Println(event.Fields[i].Name, event.Fields[i].Value)
		}
	})
	// Output: Image C:\Windows\System32\whoami.exe
}
