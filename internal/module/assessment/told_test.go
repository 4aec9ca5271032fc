package assessment

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

func TestSystemsAreToldInspectedOnceOthersHaveConcluded(t *testing.T) {
	for kind, tells := range map[Kind]bool{Inspection: true, Independent: true, Pentest: true, Self: false, Device: false} {
		t.Run(string(kind), func(t *testing.T) {
			onBoth(t, func(t *testing.T, f *fixture) {
				f.Zone = time.FixedZone("+07", 7*3600)
				x := f.facts(80)
				x.Kind = kind
				x.Systems = append(x.Systems, Target{Name: "Hệ thống ngoài sổ"})
				switch kind {
				case Independent:
					x.Assessor = "Công ty Đánh giá"
				case Pentest:
					x.Box = "black"
				case Device:
					x.Devices = []Checked{{Name: "Camera"}}
				}
				v := f.record(f.running(x))
				if told := f.told(module.FactInspected); told != nil {
					t.Fatalf("told before it ended: %v", told)
				}
				f.clock = time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC) // 01:00 of the next day there
				v = f.step(v, StepConclude, "Đạt")
				told := f.told(module.FactInspected)
				if !tells {
					if told != nil {
						t.Errorf("told: %v", told)
					}
					return
				}
				if len(told) != 1 {
					t.Fatalf("told %d times", len(told))
				}
				var got module.Inspected
				if err := json.Unmarshal([]byte(told[0]), &got); err != nil {
					t.Fatal(err)
				}
				if got.Day != "2026-12-01" || got.Inspection.Code != v.Code || got.Inspection.ID != v.ID || got.Unit != "so-y-te" || !slices.Equal(got.Systems, []string{"s1"}) {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestAVisitOfNoSystemOfTheRegisterTellsOfNone(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.facts(80)
		x.Systems = nil
		f.step(f.record(f.running(x)), StepConclude, "Đạt")
		if told := f.told(module.FactInspected); told != nil {
			t.Errorf("told: %v", told)
		}
	})
}
