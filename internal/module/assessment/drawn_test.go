package assessment

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/lachan-vn/lachan/internal/module"
)

// catalogue asks one thing more at level 3.
type catalogue struct{}

func (catalogue) Asked(level int) Drawn {
	g := Group{ID: "logs", Vi: "Nhật ký", En: "Logs", Items: []Asked{{ID: "logs-clock", Article: "5.8", Vi: "Đồng bộ thời gian", En: "Keep clocks in step"}}}
	if level >= 3 {
		g.Items = append(g.Items, Asked{ID: "logs-central", Article: "5.8", Vi: "Tập trung", En: "Central"})
	}
	return Drawn{Catalogue: "x", Title: "TCVN", Groups: []Group{g}}
}

// verified is what was told of requirements: "system/item verdict", by telling.
func (f *fixture) verified() (told [][]string) {
	f.t.Helper()
	for _, body := range f.told(module.FactVerified) {
		var x module.Verified
		if err := json.Unmarshal([]byte(body), &x); err != nil {
			f.t.Fatal(err)
		}
		var found []string
		for _, i := range x.Found {
			found = append(found, fmt.Sprintf("%s/%s %s", i.System, i.Item, i.Verdict))
		}
		told = append(told, found)
	}
	return told
}

func TestTheChecklistIsDrawnFromTheRequirementsOfTheLevel(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Requirements = catalogue{}
		x := f.facts(80)
		x.Assessor = "Trung tâm An ninh mạng"
		v := f.running(x)
		d := f.detailView(v, nil)
		if len(d.Drawn) != 1 || d.Drawn[0].Level != 3 || len(d.Drawn[0].Groups[0].Items) != 2 {
			t.Fatalf("%+v", d.Drawn)
		}
		for _, item := range []string{"s2/logs-clock", "s1/no-such", "/logs-clock", "s1/"} {
			if _, err := f.SetAnswers(coordinator, v.ID, map[string]Answer{item: {Result: "yes"}}, v.Version); code(err) != "assessment.bad-field" {
				t.Errorf("%s was answered: %v", item, err)
			}
		}
		v, err := f.SetAnswers(coordinator, v.ID, map[string]Answer{"s1/logs-clock": {Result: "yes"}, "s1/logs-central": {Result: "yes"}, "logs": {Result: "no"}}, v.Version)
		if err != nil {
			t.Fatal(err)
		}
		finding, err := f.AddFinding(coordinator, v.ID, Finding{Title: "Chưa tập trung", Severity: "high", Remedy: "Đưa về SIEM", Due: "2026-12-31", Item: "s1/logs-central"})
		if err != nil {
			t.Fatal(err)
		}
		if told := f.verified(); told != nil {
			t.Errorf("told before it ended: %v", told)
		}
		f.step(v, StepConclude, "Còn tồn tại")
		if told := f.verified(); len(told) != 1 || !slices.Equal(told[0], []string{"s1/logs-central refuted", "s1/logs-clock confirmed"}) {
			t.Errorf("told at the end: %v", told)
		}
		if finding, err = f.StepFinding(officer, finding.ID, StepAnswer, "Đã đưa về", "ảnh", finding.Version); err != nil {
			t.Fatal(err)
		}
		if _, err = f.StepFinding(coordinator, finding.ID, StepClose, "Đã thấy", "", finding.Version); err != nil {
			t.Fatal(err)
		}
		if told := f.verified(); len(told) != 2 || !slices.Equal(told[1], []string{"s1/logs-central "}) {
			t.Errorf("told once it was looked at again: %v", told)
		}
	})
}

func TestAUnitThatAssessesItselfVerifiesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Requirements = catalogue{}
		x := f.facts(80)
		x.Kind = Self
		v := f.running(x)
		v, err := f.SetAnswers(coordinator, v.ID, map[string]Answer{"s1/logs-clock": {Result: "yes"}}, v.Version)
		if err != nil {
			t.Fatal(err)
		}
		f.step(v, StepConclude, "Xong")
		if told := f.verified(); told != nil {
			t.Errorf("told: %v", told)
		}
	})
}
