package assessment

import (
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

func TestAUnitAssessesItselfAndNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Requirements = catalogue{}
		x := f.facts(0)
		for _, kind := range []Kind{Inspection, Independent, Pentest, Device} {
			x.Kind = kind
			if _, err := f.Add(officer, x); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s by a unit: %v", kind, err)
			}
		}
		x.Kind = Self
		if _, err := f.Add(stranger, x); fault.KindOf(err) != fault.Denied {
			t.Errorf("by another unit: %v", err)
		}
		v, err := f.Add(officer, x)
		if err != nil || !v.OfUnit || v.State != Noticed {
			t.Fatal(v, err)
		}
		if told := f.told(module.FactNotice); told != nil {
			t.Errorf("the unit is told of what it does itself: %v", told)
		}
		as := x
		as.Kind = Inspection
		if _, err := f.Change(officer, v.ID, as, v.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("it became an inspection: %v", err)
		}
		if _, err := f.Change(coordinator, v.ID, as, v.Version); code(err) != "assessment.bad-field" {
			t.Errorf("it became an inspection by the centre: %v", err)
		}
		if _, err := f.Step(stranger, v.ID, StepStart, "", v.Version); code(err) != "assessment.unknown" {
			t.Errorf("begun by another unit: %v", err)
		}
		if v, err = f.Step(officer, v.ID, StepStart, "", v.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Step(officer, v.ID, StepConclude, "Đạt", v.Version); code(err) != "assessment.nothing-recorded" {
			t.Errorf("nothing was written down: %v", err)
		}
		if v, err = f.SetAnswers(officer, v.ID, map[string]Answer{"s1/logs-clock": {Result: "yes"}, "logs": {Result: "no"}}, v.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Step(officer, v.ID, StepConclude, "Còn thiếu nhật ký", v.Version); err != nil {
			t.Fatal(err)
		}
		if told := f.verified(); told != nil || f.told(module.FactInspected) != nil || f.told(module.FactMatter) != nil {
			t.Errorf("a unit's own assessment counts as an inspection: %v", told)
		}
	})
}

func TestWhatTheCentrePlannedIsTheCentres(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.facts(80)
		v := f.running(x)
		if _, err := f.SetAnswers(officer, v.ID, map[string]Answer{"logs": {Result: "yes"}}, v.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit answers for who inspects it: %v", err)
		}
		if _, err := f.Step(officer, v.ID, StepCancel, "", v.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit calls an inspection off: %v", err)
		}
		x.Kind = Self
		v = f.step(f.added(x), StepNotify, "")
		if _, err := f.Step(officer, v.ID, StepCancel, "", v.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit calls off what the centre asked for: %v", err)
		}
		x.Title = "Tự làm"
		if _, err := f.Change(officer, v.ID, x, v.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit changes what the centre asked for: %v", err)
		}
		v, err := f.Step(officer, v.ID, StepStart, "", v.Version)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.SetAnswers(officer, v.ID, map[string]Answer{"logs": {Result: "yes"}}, v.Version); err != nil {
			t.Errorf("a unit fills in its assessment of itself: %v", err)
		}
	})
}
