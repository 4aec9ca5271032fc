package system

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

func TestSystemsAreToldAsTheyWere(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		f.clock = f.clock.Add(time.Hour)
		cutOff := f.clock
		later := portal()
		later.Name, later.Deployment, later.PlannedApproval = "Entered later", "partly", "2027-01-01"
		f.add(later)
		at := func(end time.Time) []System {
			t.Helper()
			list, err := f.AllAt(centre, end)
			if err != nil || len(list) != 2 {
				t.Fatal(list, err)
			}
			return list
		}
		edited := x.Facts
		edited.Deployment, edited.PlannedApproval = "full", "2026-12-30"
		x, err := f.Edit(centre, x.ID, edited, x.Version)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.DB.RunInTx(centre, nil, func(ctx context.Context, tx bun.Tx) error { return f.SetLevel(ctx, tx, x.ID, 3, 3) }); err != nil {
			t.Fatal(err)
		}
		f.clock = f.clock.Add(time.Hour)
		if x, err = f.Get(centre, x.ID); err != nil {
			t.Fatal(err)
		}
		if x, err = f.SetState(centre, x.ID, module.SystemOperating, "đưa vào vận hành", x.Version); err != nil {
			t.Fatal(err)
		}
		f.clock = f.clock.Add(time.Hour)
		if _, err = f.SetState(centre, x.ID, module.SystemRetired, "dừng", x.Version); err != nil {
			t.Fatal(err)
		}
		for end, want := range map[time.Time]string{cutOff: "planned none  0 0", cutOff.Add(time.Minute): "planned full 2026-12-30 3 3", cutOff.Add(90 * time.Minute): "operating full 2026-12-30 3 3", f.clock.Add(time.Second): "retired full 2026-12-30 3 3"} {
			if got := told(&at(end)[0]); got != want {
				t.Errorf("at %s: %q, want %q", end, got, want)
			}
		}
		if got := told(&at(cutOff)[1]); got != "planned partly 2027-01-01 0 0" {
			t.Errorf("one that was entered later: %q", got)
		}
		if list, err := f.AllAt(stranger, cutOff); err != nil || len(list) != 0 {
			t.Errorf("somebody else is told %v, %v", list, err)
		}
	})
}

func told(x *System) string {
	return x.State + " " + x.Deployment + " " + string(x.PlannedApproval) + " " + string(rune('0'+x.Level)) + " " + string(rune('0'+x.Proposed))
}
