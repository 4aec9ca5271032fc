package assessment

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func TestAVisitBeginsNoSoonerThanItsUnitWasTold(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		v := f.step(f.added(f.facts(30*24)), StepNotify, "")
		for _, wait := range []time.Duration{time.Second, 73 * time.Hour, 30*24*time.Hour - time.Second} {
			f.clock = v.NoticedAt.Add(wait)
			if _, err := f.Step(coordinator, v.ID, StepStart, "", v.Version); code(err) != "assessment.before-start" {
				t.Errorf("begun %s after the unit was told: %v", wait, err)
			}
		}
		// The plan is changed: the notice is judged anew, and then it may begin.
		f.clock = v.NoticedAt.Add(time.Hour)
		x := v.Facts
		x.StartsAt = v.NoticedAt.Add(71 * time.Hour)
		if _, err := f.Change(coordinator, v.ID, x, v.Version); code(err) != "assessment.too-early" {
			t.Errorf("brought forward: %v", err)
		}
		x.StartsAt = v.NoticedAt.Add(72 * time.Hour)
		v, err := f.Change(coordinator, v.ID, x, v.Version)
		if err != nil {
			t.Fatal(err)
		}
		f.clock = x.StartsAt
		f.step(v, StepStart, "")
	})
}

func TestAnEmergencyBeginsAtOnceOncePlannedSo(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.facts(2)
		x.Emergency = "đang bị tấn công"
		v := f.step(f.added(x), StepNotify, "")
		if _, err := f.Step(coordinator, v.ID, StepStart, "", v.Version); code(err) != "assessment.before-start" {
			t.Errorf("before it was planned: %v", err)
		}
		f.clock = v.StartsAt
		f.step(v, StepStart, "")
	})
}

func TestWhatNeedsNoNoticeBeginsAtAnyTimeAndStaysWhatItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.facts(80)
		x.Kind = Self
		v := f.step(f.step(f.added(x), StepNotify, ""), StepStart, "")
		x.Kind = Inspection
		if _, err := f.Change(coordinator, v.ID, x, v.Version); code(err) != "assessment.bad-field" {
			t.Errorf("a self-assessment became an inspection without notice: %v", err)
		}
	})
}

func TestAVisitIsConcludedWithWhoWasThereAndWhatWasFound(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		v := f.running(f.facts(80))
		conclude := func(want string) {
			t.Helper()
			if _, err := f.Step(coordinator, v.ID, StepConclude, "Đạt", v.Version); code(err) != want {
				t.Errorf("%v, want %q", err, want)
			}
		}
		change := func(do func(*Facts)) {
			t.Helper()
			x := v.Facts
			do(&x)
			var err error
			if v, err = f.Change(coordinator, v.ID, x, v.Version); err != nil {
				t.Fatal(err)
			}
		}
		conclude("assessment.no-team")
		change(func(x *Facts) { x.Minutes = "05/BB-KT" })
		conclude("assessment.no-team")
		change(func(x *Facts) { x.Minutes, x.Team = "", []Member{{Name: "Trần Lan"}} })
		conclude("assessment.nothing-recorded")
		if told := f.told(module.FactInspected); told != nil {
			t.Errorf("counted as inspected: %v", told)
		}
		var err error
		if v, err = f.SetAnswers(coordinator, v.ID, map[string]Answer{"logs": {Result: "yes"}}, v.Version); err != nil {
			t.Fatal(err)
		}
		conclude("")
	})
}

// kept are the keepers of the unit and of s1.
type kept struct{ list []Keeper }

func (k *kept) Keepers(_ context.Context, unit event.UnitID, systems []string) ([]Keeper, error) {
	if unit != "so-y-te" || !slices.Equal(systems, []string{"s1"}) {
		return nil, nil
	}
	return k.list, nil
}

func TestAnAssessorIsIndependentOfWhomTheRegisterKnows(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		k := &kept{[]Keeper{{Monitors, " Công ty  A ", "Cổng dịch vụ công"}, {Operates, "Công ty Vận hành", "Cổng dịch vụ công"}}}
		f.Keepers = k
		x := f.facts(100)
		x.Kind = Independent
		for assessor, want := range map[string]string{"CÔNG TY A": "assessment.not-independent", "công ty vận hành": "assessment.not-independent",
			"đơn vị so-y-te": "assessment.not-independent", "Viện Kiểm định": ""} {
			x.Assessor = assessor
			if _, err := f.Add(coordinator, x); code(err) != want {
				t.Errorf("%q: %v, want %q", assessor, err, want)
			}
		}
		// Who comes to monitor what he was to assess does not conclude it either.
		x.Assessor = "Viện Kiểm định"
		v := f.record(f.running(x))
		k.list = append(k.list, Keeper{Monitors, "viện kiểm định", "Cổng dịch vụ công"})
		if _, err := f.Step(coordinator, v.ID, StepConclude, "Đạt", v.Version); code(err) != "assessment.not-independent" {
			t.Errorf("concluded by who monitors by now: %v", err)
		}
	})
}

func TestAUnitKnowsWhatAnApprovedPlanHasOfIt(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		p, err := f.AddPlan(coordinator, 2026, []Item{{Unit: "so-y-te", System: "cổng dịch vụ công", Kind: Inspection, Month: 11}, {Unit: "so-noi-vu", Kind: Pentest, Month: 12}})
		if err != nil {
			t.Fatal(err)
		}
		planned := func(ctx context.Context) (days []string) {
			t.Helper()
			list, err := f.PlannedItems(ctx, "2026-11-30", "2026-12-31", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				days = append(days, string(x.Unit)+" "+string(x.Day))
				if x.Held {
					days[len(days)-1] += " held"
				}
			}
			return days
		}
		if got := planned(coordinator); got != nil {
			t.Errorf("a draft: %v", got)
		}
		if _, err := f.ApprovePlan(leader, p.ID, "12/QĐ", p.Version); err != nil {
			t.Fatal(err)
		}
		if got := planned(coordinator); !slices.Equal(got, []string{"so-y-te 2026-11-30", "so-noi-vu 2026-12-31"}) {
			t.Errorf("at the centre: %v", got)
		}
		if got := planned(stranger); !slices.Equal(got, []string{"so-noi-vu 2026-12-31"}) {
			t.Errorf("at a unit: %v", got)
		}
		f.step(f.record(f.running(f.facts(80))), StepConclude, "Đạt")
		if got := planned(officer); !slices.Equal(got, []string{"so-y-te 2026-11-30 held"}) {
			t.Errorf("once it was held: %v", got)
		}
	})
}
