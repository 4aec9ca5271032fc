package notification

import (
	"context"
	"testing"
	"time"
)

func TestAConsoleThatIsToldFindsWhatItWasToldOf(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		plan, err := f.SavePlan(as("admin"), Plan{Setting: Setting{Name: "Ca trực", Enabled: true}, Steps: []Step{
			{AfterMinutes: 15, Recipients: []Recipient{{Who: WhoRole, ID: "analyst"}}},
		}})
		f.must(err)
		f.rule(func(r *Rule) { r.Plan = plan.ID })
		unread := make(chan int64, 10)
		f.live.told = func(user string) {
			// Another connection than the one that writes, as a console's request has.
			ctx, cancel := context.WithTimeout(as(user), time.Minute)
			defer cancel()
			n, err := f.Unread(ctx)
			if err != nil {
				t.Error(err)
			}
			unread <- n
		}
		f.tell(opened("so-y-te", "a1", "high"))
		if n := <-unread; n != 1 {
			t.Errorf("a console that was told of an alert finds %d unread", n)
		}
		f.after(16 * time.Minute)
		if n := <-unread; n != 2 {
			t.Errorf("a console that was told of a step finds %d unread", n)
		}
	})
}

func TestWhatWaitsGoesByWhatAPersonChoosesNow(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		mail := f.channel("mail")
		f.rule(func(r *Rule) { r.Channels = []string{mail} })
		choose := func(change func(*Preferences)) {
			t.Helper()
			p, err := f.Preferences(as("an"))
			f.must(err)
			p.Address["mail"] = "an@tinh.example"
			change(&p)
			_, err = f.SetPreferences(as("an"), p)
			f.must(err)
		}
		for name, wait := range map[string]func(*Preferences){
			"quiet hours":    func(p *Preferences) { p.Quiet = Quiet{From: "09:00", To: "20:00"} }, // it is after 10:00
			"a daily digest": func(p *Preferences) { p.Digest = "daily" },
		} {
			choose(wait)
			f.tell(opened("so-y-te", "a-"+name, "high"))
			if sent := f.after(10 * time.Minute); len(sent) != 0 {
				t.Errorf("%s: told all the same: %s", name, receivers(sent))
			}
			choose(func(p *Preferences) { p.Quiet, p.Digest = Quiet{}, "" })
			if sent := f.after(time.Minute); receivers(sent) != "an@tinh.example" {
				t.Errorf("%s given up: got %q within a minute", name, receivers(sent))
			}
			f.after(10 * time.Minute)
		}
	})
}
