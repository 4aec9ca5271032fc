package paper

import (
	"slices"
	"strings"
	"testing"
)

var fields = Fields{"incident.code": nil, "incident.title": nil, "incident.grave": nil, "incident.systems": {"name", "level"}, "agency.name": nil}

func TestFieldsAreFilled(t *testing.T) {
	text := "Sự cố {{incident.code}}: {{ incident.title }}.\n{{#if incident.grave}}\nNghiêm trọng.\n{{else}}\nThường.\n{{/if}}\n{{#each incident.systems}}\n- {{.name}}, cấp độ {{.level}};\n{{/each}}\nHết."
	tpl, problems := ParseTemplate("x", text, fields)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got, err := tpl.Fill(Values{"incident.code": "SC-1", "incident.title": "a *b*", "incident.grave": true,
		"incident.systems": Rows{{"name": "Cổng", "level": "3"}, {"name": "Thư", "level": ""}}}, true)
	want := "Sự cố SC-1: a \\*b\\*.\nNghiêm trọng.\n- Cổng, cấp độ 3;\n- Thư, cấp độ …;\nHết."
	if err != nil || got.Text != want || !slices.Equal(got.Missing, []string{"incident.systems"}) {
		t.Errorf("%v\n%s\n%v", err, got.Text, got.Missing)
	}
	got, _ = tpl.Fill(Values{"incident.code": "SC-1"}, false)
	if want := "Sự cố SC-1: ….\nThường.\nHết."; got.Text != want || !slices.Equal(got.Missing, []string{"incident.title"}) {
		t.Errorf("%s\n%v", got.Text, got.Missing)
	}
}

func TestWhatIsWrongWithATemplateIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"a\n{{incident.cod}}": `x, line 2: no field "incident.cod"; nearest: incident.code`,
		"{{code}}":            `x, line 1: no field "code"; nearest: incident.code`,
		"{{#if incident.grave}}\nb\n{{incident.titel}}{{/if}}": `x, line 3: no field "incident.titel"; nearest: incident.title, incident.code`,
		"{{#each incident.systems}}\n{{.nam}}\n{{/each}}":      `x, line 2: no field ".nam" in the rows of incident.systems; nearest: name`,
		"{{.name}}":                        `x, line 1: {{.name}} stands in no {{#each}}`,
		"{{incident.systems}}":             `x, line 1: "incident.systems" is a list; go through it with {{#each incident.systems}}`,
		"{{#each incident.code}}{{/each}}": `x, line 1: "incident.code" is no list; write {{incident.code}}`,
		"\n\n{{#if incident.grave}} b":     `x, line 3: {{#if}} has no {{/if}}`,
		"{{/if}}":                          `x, line 1: {{/if}} closes or opens nothing here`,
		"a {{incident.code\n}}":            `x, line 2: "{{incident.code" is not closed by }} in its line`,
	} {
		_, problems := ParseTemplate("x", text, fields)
		if len(problems) == 0 || problems[0].String() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, problems, want)
		}
	}
}

func TestABodyIsRead(t *testing.T) {
	body, appendices := ParseBody("# 1. Một\n\nđoạn **đậm** và *nghiêng*, 2 * 3 \\*\n- mục\n| a | b |\n|---|---|\n| c | d |\n=== Danh sách\nx")
	if len(body) != 4 || body[0].Kind != Heading || body[2].Kind != Bullet || !body[3].Head || len(body[3].Rows) != 2 {
		t.Fatalf("%+v", body)
	}
	if got := Plain(body[1].Runs); got != "đoạn đậm và nghiêng, 2 * 3 *" || !body[1].Runs[1].Bold || !body[1].Runs[3].Italic {
		t.Errorf("%q %+v", got, body[1].Runs)
	}
	if len(appendices) != 1 || appendices[0].Title != "Danh sách" || len(appendices[0].Body) != 1 {
		t.Errorf("%+v", appendices)
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("{{#if incident.grave}}a{{else}}b{{/if}} {{incident.code}}\n{{#each incident.systems}}\n{{.name}}\n{{/each}}")
	f.Add(strings.Repeat("{{#if incident.grave}}", 20))
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			t.Skip()
		}
		tpl, _ := ParseTemplate("x", text, fields)
		got, err := tpl.Fill(Values{"incident.grave": true, "incident.systems": Rows{{"name": "a"}, {"name": "b"}}}, true)
		if err == nil {
			ParseBody(got.Text)
		}
	})
}
