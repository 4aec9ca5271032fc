package scan

import (
	"encoding/json"
	"strconv"
	"strings"
)

func unmarshal(b []byte, into any) error { return json.Unmarshal(b, into) }

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Short    sarifText `json:"shortDescription"`
	Full     sarifText `json:"fullDescription"`
	Help     sarifText `json:"help"`
	Defaults struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
	Properties struct {
		Score text  `json:"security-severity"`
		Tags  texts `json:"tags"`
	} `json:"properties"`
}

type sarifResult struct {
	Rule      string    `json:"ruleId"`
	Index     *int      `json:"ruleIndex"`
	Level     string    `json:"level"`
	Kind      string    `json:"kind"`
	Message   sarifText `json:"message"`
	Baseline  string    `json:"baselineState"`
	Locations []struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				Line int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	} `json:"locations"`
	Suppressions []json.RawMessage `json:"suppressions"`
}

// readSARIF reads SARIF 2.1. The rules of a run may stand behind its results, so that
// these are held until the run ends.
func readSARIF(r *reader) error {
	r.openJSON()
	return r.object(func(key string) error {
		if key == "runs" {
			return r.array(r.sarifRun)
		}
		return r.skip()
	})
}

func (r *reader) sarifRun() error {
	var rules []sarifRule
	var held []sarifResult
	tool := ""
	err := r.object(func(key string) error {
		switch key {
		case "tool":
			return r.object(func(key string) error {
				if key != "driver" {
					return r.skip()
				}
				return r.object(func(key string) error {
					switch key {
					case "name":
						return r.value((*text)(&tool))
					case "version", "semanticVersion":
						return r.value((*text)(&r.report.Release))
					case "rules":
						return r.array(func() error {
							var x sarifRule
							if err := r.value(&x); err != nil {
								return err
							}
							x.Help.Text, x.Full.Text = clip(x.Help.Text, maxText), clip(x.Full.Text, maxTitle)
							if rules = append(rules, x); len(rules) > maxHeld {
								return bad("more than %d rules", maxHeld)
							}
							return nil
						})
					}
					return r.skip()
				})
			})
		case "invocations":
			var list []struct {
				End text `json:"endTimeUtc"`
			}
			err := r.value(&list)
			if len(list) > 0 {
				r.report.Ended = stamp(string(list[0].End))
			}
			return err
		case "results":
			return r.array(func() error {
				var x sarifResult
				if err := r.value(&x); err != nil {
					return err
				}
				x.Message.Text = clip(x.Message.Text, maxText)
				if len(x.Locations) > 1 {
					x.Locations = x.Locations[:1:1]
				}
				if held = append(held, x); len(held) > MaxFindings {
					return bad("more than %d results; export the report in parts", MaxFindings)
				}
				return nil
			})
		}
		return r.skip()
	})
	if err != nil {
		return err
	}
	tool = line(tool, 60)
	r.report.Tool = tool
	check := strings.ToLower(tool)
	r.report.Checks = append(r.report.Checks, check)
	named := make(map[string]*sarifRule, len(rules))
	for i := range rules {
		named[rules[i].ID] = &rules[i]
	}
	for i := range held {
		if err := r.sarif(&held[i], check, rules, named); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) sarif(x *sarifResult, check string, rules []sarifRule, named map[string]*sarifRule) error {
	if x.Baseline == "absent" || len(x.Suppressions) > 0 || x.Kind != "" && x.Kind != "fail" && x.Kind != "open" && x.Kind != "review" {
		return nil
	}
	rule := named[x.Rule]
	if rule == nil && x.Index != nil && *x.Index >= 0 && *x.Index < len(rules) {
		rule = &rules[*x.Index]
	}
	if rule == nil {
		rule = &sarifRule{ID: x.Rule}
	}
	if rule.ID == "" {
		r.problem("a result without a rule is left out: %s", x.Message.Text)
		return nil
	}
	f := Finding{Rule: check + ":" + rule.ID, Title: rule.Short.Text, Evidence: x.Message.Text, Remedy: rule.Help.Text, Check: check}
	for _, title := range []string{rule.Full.Text, rule.Name, x.Message.Text} {
		if f.Title == "" {
			f.Title = title
		}
	}
	if len(x.Locations) > 0 {
		if l := &x.Locations[0].Physical; l.Artifact.URI != "" {
			f.Place = l.Artifact.URI
			if l.Region.Line > 0 {
				f.Place += ":" + strconv.Itoa(l.Region.Line)
			}
		}
	}
	f.CVSS, _ = strconv.ParseFloat(string(rule.Properties.Score), 64)
	level := x.Level
	if level == "" {
		level = rule.Defaults.Level
	}
	if level == "" {
		level = "warning" // as the standard has it
	}
	if f.Severity = severityOfScore(f.CVSS); f.Severity == Info {
		f.Severity = severityOf(level, 0)
	}
	ids := append([]string{rule.ID}, rule.Properties.Tags...)
	if parts := strings.SplitN(rule.ID, "-", 4); len(parts) == 4 {
		ids = append(ids, strings.Join(parts[:3], "-")) // Grype writes the package behind the CVE
	}
	return r.found(&f, ids)
}
