package sigma_test

import (
	"fmt"

	"github.com/lachan-vn/lachan/sigma"
)

// A pipeline fits rules to events that have other names for their fields.
func ExampleParsePipeline() {
	ecs, problems := sigma.ParsePipeline([]byte(`
name: events under ECS names
priority: 20
transformations:
  - type: field_name_mapping
    mapping:
      Image: process.executable
      User: [user.name, user.full_name]
    rule_conditions:
      - {type: logsource, product: windows}
`), "ecs.yml")
	for _, p := range problems {
		fmt.Println(p)
	}
	rules, _ := sigma.Parse([]byte(whoami), "")
	set, _ := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{
		Unscoped: true, Pipelines: []*sigma.Pipeline{ecs},
	})
	set.Match(&sigma.Event{Fields: []sigma.Field{
		{Name: "process.executable", Value: `C:\Windows\System32\whoami.exe`},
		{Name: "user.full_name", Value: `CORP\alice`},
	}}, func(r *sigma.Rule) {
		fmt.Println(r.Title, r.Fields())
		fmt.Println("as written", r.AsWritten().Fields())
	})
	// Output:
	// Whoami Execution [process.executable user.full_name user.name]
	// as written [Image User]
}

// What is wrong with a pipeline is said with its place and what to write.
func ExampleParsePipeline_refused() {
	_, problems := sigma.ParsePipeline([]byte(`
transformations:
  - type: field_name_prefix
    prefix: winlog.
    rule_condition: [{type: logsource, product: windows}]
`), "prefix.yml")
	fmt.Printf("%s:%d:%d: %s\n", problems[0].File, problems[0].Line, problems[0].Column, problems[0].Reason)
	// Output: prefix.yml:5:5: unknown key "rule_condition" in a step of type field_name_prefix
}
