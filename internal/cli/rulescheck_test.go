package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/sigma"
)

var update = flag.Bool("update", false, "rewrite the table of checks in the documentation")

// The page on the checks has the table of the checks.
func TestChecksAreDocumented(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "operate", "rules-check.md")
	src, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| Check | Severity | Finds |\n|---|---|---|\n")
	for _, c := range sigma.Checks() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, c.Severity, c.About)
	}
	const head = "prints this table.\n\n"
	text, got, ok := strings.Cut(string(src), head)
	if !ok {
		t.Fatal("the page has no table")
	}
	if *update {
		if err := os.WriteFile(page, []byte(text+head+b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != b.String() {
		t.Errorf("the table is not that of the checks; run the test with -update\n%s", got)
	}
}

func checkRules(t *testing.T, args ...string) (string, string, int) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run(t.Context(), append([]string{"rules", "check"}, args...), std{in: strings.NewReader(""), out: &out, err: &errOut})
	return out.String(), errOut.String(), code
}

const checkedRule = `title: Something
id: 7d9c2f6e-3f0a-4f53-9c8e-0d1f4f8f7a01
status: test
description: d
author: a
date: 2026-01-02
references: [https://example.org]
tags: [attack.execution]
falsepositives: [Unknown]
level: low
logsource: {category: application}
detection:
    selection:
        user|contains: [net, dotnet]
    filter:
        user: x
    condition: selection
`

func writeRule(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "một luật.yml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRulesCheckExitCodes(t *testing.T) {
	warned := writeRule(t, checkedRule)
	refused := writeRule(t, strings.Replace(checkedRule, "|contains", "|contain", 1))
	for _, tc := range []struct {
		args []string
		want int
	}{
		{[]string{warned}, exitDone},
		{[]string{"--strict", warned}, exitFailed},
		{[]string{"--strict", "--skip", "unused-selection", warned}, exitDone},
		{[]string{"--strict", "--min-severity", "error", warned}, exitDone},
		{[]string{"--only", "subsumed-value,filename", "--strict", warned}, exitDone},
		{[]string{refused}, exitFailed},
		{[]string{"--only", "filename", refused}, exitFailed},
		{[]string{"--only", "no-such-check", warned}, exitInvalid},
		{nil, exitInvalid},
		{[]string{"--list-checks"}, exitDone},
	} {
		if out, errOut, code := checkRules(t, tc.args...); code != tc.want {
			t.Errorf("%q: exit code %d, want %d\n%s%s", tc.args, code, tc.want, out, errOut)
		}
	}
}

func TestRulesCheckText(t *testing.T) {
	file := writeRule(t, checkedRule)
	out, _, _ := checkRules(t, file)
	want := filepath.ToSlash(file) + `
  1:1    suggestion  the file name "một luật.yml" is not in small letters and digits joined by _ or -, ending in .yml; name it for example proc_creation_win_whoami.yml  [filename]
  14:30  suggestion  the value "dotnet" is covered by "net"; remove it, or narrow the other one  [subsumed-value]
  15:5   warning     the condition does not use "filter"; use it in the condition or remove it  [unused-selection]

     1  suggestion  filename
     1  warning     unused-selection
     1  suggestion  subsumed-value
1 files: 1 rules loaded, 0 refused, 1 warnings, 2 suggestions, in `
	if !strings.HasPrefix(out, want) {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestRulesCheckJSON(t *testing.T) {
	file := writeRule(t, checkedRule)
	out, _, _ := checkRules(t, "-o", "json", "--min-severity", "warning", file)
	var got ruleReport
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Files != 1 || got.Rules != 1 || got.Refused != 0 || got.Warnings != 1 || got.Suggestions != 0 || len(got.Problems) != 1 {
		t.Fatalf("%+v", got)
	}
	want := ruleProblem{Check: "unused-selection", Severity: "warning", File: filepath.ToSlash(file), Line: 15, Column: 5,
		RuleID: "7d9c2f6e-3f0a-4f53-9c8e-0d1f4f8f7a01", Reason: `the condition does not use "filter"`, Remedy: "use it in the condition or remove it"}
	if got.Problems[0] != want {
		t.Errorf("%+v", got.Problems[0])
	}
	out, _, _ = checkRules(t, "-o", "json", "--only", "yaml", file)
	if !strings.Contains(out, `"problems": []`) {
		t.Errorf("no problem is not an empty list: %s", out)
	}
}

func TestRulesCheckSARIF(t *testing.T) {
	file := writeRule(t, checkedRule)
	out, _, _ := checkRules(t, "-o", "sarif", file)
	var got struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "2.1.0" || len(got.Runs) != 1 || len(got.Runs[0].Results) != 3 || got.Runs[0].Tool.Driver.Name != "lachan" {
		t.Fatalf("%s", out)
	}
	for _, r := range got.Runs[0].Results {
		if rules := got.Runs[0].Tool.Driver.Rules; rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s is not the rule %d", r.RuleID, r.RuleIndex)
		}
	}
	r := got.Runs[0].Results[2]
	place := r.Locations[0].PhysicalLocation
	if r.RuleID != "unused-selection" || r.Level != "warning" || !strings.Contains(r.Message.Text, "filter") ||
		place.Region.StartLine != 15 || place.Region.StartColumn != 5 ||
		!strings.HasPrefix(place.ArtifactLocation.URI, "file:///") || !strings.HasSuffix(place.ArtifactLocation.URI, "m%E1%BB%99t%20lu%E1%BA%ADt.yml") {
		t.Errorf("%+v", r)
	}
	if uri := fileURI("rules/a b.yml"); uri != "rules/a%20b.yml" {
		t.Error(uri)
	}
}

// Two rules with one id are one refusal, not one of the library and one of the
// product.
func TestRulesCheckReportsARefusalOnce(t *testing.T) {
	file := writeRule(t, checkedRule+"---\n"+strings.Replace(checkedRule, "Something", "Else", 1))
	out, _, _ := checkRules(t, "-o", "json", "--min-severity", "error", file)
	var got ruleReport
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Refused != 1 || len(got.Problems) != 1 || got.Problems[0].Check != "duplicate-id" {
		t.Errorf("%+v", got)
	}
}
