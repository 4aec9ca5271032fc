package sigma_test

import (
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/sigma"
)

const whoami = `
title: Whoami Execution
id: 502b42de-4306-40b4-9596-6f590c81f073
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\whoami.exe'
    filter_admin:
        User|startswith: 'CORP\admin'
    condition: selection and not 1 of filter_*
level: medium
`

func Example() {
	rules, problems := sigma.Parse([]byte(whoami), "whoami.yml")
	set, more := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{})
	for _, p := range append(problems, more...) {
		fmt.Println(p)
	}
	event := &sigma.Event{Fields: []sigma.Field{
		{Name: "Channel", Value: "Microsoft-Windows-Sysmon/Operational"},
		{Name: "EventID", Value: "1", Kind: sigma.Number},
		{Name: "Image", Value: `C:\Windows\System32\WHOAMI.EXE`},
		{Name: "User", Value: `CORP\alice`},
	}}
	set.Match(event, func(r *sigma.Rule) {
		fmt.Println(r.Level, r.Title)
	})
	// Output: medium Whoami Execution
}

// Events that are not from Windows say themselves what they are.
func ExampleEvent() {
	rules, _ := sigma.Parse([]byte(`
title: Root Login
id: 2c7b3bd3-4b02-44f9-8a9e-4f2b7b6cfb1d
logsource: {product: linux, service: sshd}
detection:
    keywords:
        - 'Accepted password for root'
    condition: keywords
`), "")
	set, _ := sigma.Compile(rules, sigma.Mapping{}, sigma.Options{})
	set.Match(&sigma.Event{
		Source: sigma.LogSource{Product: "linux", Service: "sshd"},
		Fields: []sigma.Field{{Name: "message", Value: "Accepted password for root from 203.0.113.7"}},
	}, func(r *sigma.Rule) { fmt.Println(r.Title) })
	// Output: Root Login
}

// A rule that cannot be loaded is reported with its place and a remedy; the
// other rules load.
func ExampleCompile() {
	rules, _ := sigma.Parse([]byte(`title: Typo
id: 0b1e9a0c-6f5e-4f0f-a0d4-7b1a54b7a5a1
logsource: {product: windows}
detection:
    selection:
        Image|endwith: .exe
    condition: selection
`), "typo.yml")
	set, problems := sigma.Compile(rules, sigma.Mapping{}, sigma.Options{})
	fmt.Println(len(set.Rules()), "rules")
	p := problems[0]
	fmt.Printf("%s:%d:%d: %s\n", p.File, p.Line, p.Column, p.Reason)
	// Output:
	// 0 rules
	// typo.yml:6:15: unknown modifier "endwith"
}

// Each goroutine may keep a matcher, which saves a visit to the pool that
// Ruleset.Match uses.
func ExampleRuleset_NewMatcher() {
	rules, _ := sigma.Parse([]byte(whoami), "")
	set, _ := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{Unscoped: true})
	m := set.NewMatcher()
	for _, image := range []string{`C:\Windows\System32\whoami.exe`, `C:\Windows\System32\cmd.exe`} {
		n := 0
		m.Match(&sigma.Event{Fields: []sigma.Field{{Name: "Image", Value: image}}}, func(*sigma.Rule) { n++ })
		fmt.Println(image, n)
	}
	// Output:
	// C:\Windows\System32\whoami.exe 1
	// C:\Windows\System32\cmd.exe 0
}

// A filter keeps the known good of one place out of rules written for all.
func ExampleRule_IsFilter() {
	rules, _ := sigma.Parse([]byte(whoami+`---
title: The inventory agent runs whoami
logsource: {product: windows}
filter:
    rules: [502b42de-4306-40b4-9596-6f590c81f073]
    selection:
        ParentImage|endswith: '\inventory.exe'
    condition: not selection
`), "")
	set, _ := sigma.Compile(rules, sigma.Mapping{}, sigma.Options{})
	for _, parent := range []string{`C:\cmd.exe`, `C:\inventory.exe`} {
		n := 0
		set.Match(&sigma.Event{
			Source: sigma.LogSource{Product: "windows", Category: "process_creation"},
			Fields: []sigma.Field{{Name: "Image", Value: `C:\whoami.exe`}, {Name: "ParentImage", Value: parent}},
		}, func(*sigma.Rule) { n++ })
		fmt.Println(parent, n)
	}
	// Output:
	// C:\cmd.exe 1
	// C:\inventory.exe 0
}

// A correlation rule matches series of hits. Here it fires at the third failed
// logon of one user within a minute; the failed logons themselves are silent.
func ExampleCorrelator() {
	rules, _ := sigma.Parse([]byte(`
title: Failed logon
name: failed_logon
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 4625}
    condition: selection
---
title: Many failed logons
id: 3b1ad5b8-6c0e-4d2b-9d8c-1f2d3e4c5b6a
correlation:
    type: event_count
    rules: [failed_logon]
    group-by: [TargetUserName]
    timespan: 1m
    condition: {gte: 3}
level: high
`), "")
	set, _ := sigma.Compile(rules, sigma.Mapping{}, sigma.Options{})
	correlator := set.NewCorrelator(sigma.CorrelatorOptions{})
	start := time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC)
	for i, user := range []string{"bob", "alice", "alice", "alice"} {
		event := &sigma.Event{
			Source: sigma.LogSource{Product: "windows", Service: "security"},
			Fields: []sigma.Field{{Name: "EventID", Value: "4625", Kind: sigma.Number}, {Name: "TargetUserName", Value: user}},
		}
		set.Match(event, func(r *sigma.Rule) {
			if !set.Silent(r) {
				fmt.Println("alert:", r.Title)
			}
			hit := sigma.Hit{Rule: r, Time: start.Add(time.Duration(i) * time.Second), Event: event, Ref: fmt.Sprint("event ", i)}
			correlator.Observe(hit, func(r *sigma.Rule, m sigma.CorrelationMatch) {
				fmt.Println("alert:", r.Level, r.Title, m.Group[0].Value, m.Value, m.Refs)
			})
		})
	}
	// Output: alert: high Many failed logons alice 3 [event 1 event 2 event 3]
}

// Explain tells why a rule fired or did not, as a structure and as text.
func ExampleRuleset_Explain() {
	rules, _ := sigma.Parse([]byte(whoami), "")
	set, _ := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{})
	event := &sigma.Event{
		Source: sigma.LogSource{Product: "windows", Category: "process_creation"},
		Fields: []sigma.Field{
			{Name: "Image", Value: `C:\Windows\System32\whoami.exe`},
			{Name: "User", Value: `CORP\admin7`},
		},
	}
	fmt.Print(set.Explain(rules[0], event))
	// Output:
	// Whoami Execution: no match
	// - all of:
	//   + selection
	//     + Image|endswith: `\whoami.exe`
	//       Image = `C:\Windows\System32\whoami.exe` satisfies `\whoami.exe`
	//   - not:
	//     + any of:
	//       + filter_admin
	//         + User|startswith: `CORP\admin`
	//           User = `CORP\admin7` satisfies `CORP\admin`
}

func ExampleRule_Fields() {
	rules, _ := sigma.Parse([]byte(whoami), "")
	fmt.Println(rules[0].Fields())
	// Output: [Image User]
}
