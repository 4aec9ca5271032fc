package dossier

import "testing"

// A clock and a file stand on their day, for those who see the dossier.
func TestClocksAndFilesThatEndAreFound(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.ready(officer, "s1", level3())
		f.file(officer, &d, "plan", "2026-12-31")
		d = must[Dossier](f)(f.Get(officer, d.ID))
		d = f.take(officer, d, Send)
		clocks := must[[]Dossier](f)(f.Due(officer, d.DueAt, d.DueAt.Add(1000), "", 10))
		if len(clocks) != 1 || clocks[0].ID != d.ID || clocks[0].Clock != ClockCheck {
			t.Errorf("%+v", clocks)
		}
		if later := must[[]Dossier](f)(f.Due(officer, d.DueAt.Add(1000), d.DueAt.AddDate(1, 0, 0), "", 10)); len(later) != 0 {
			t.Errorf("after its time: %+v", later)
		}
		files := must[[]Expiring](f)(f.Expiring(officer, "2026-12-31", "2026-12-31", "so-y-te", 10))
		if len(files) != 1 || files[0].Name != "plan.pdf" || files[0].Dossier != d.ID || files[0].Code != d.Code {
			t.Errorf("%+v", files)
		}
		if others := must[[]Expiring](f)(f.Expiring(stranger, "2026-12-01", "2027-12-31", "", 10)); len(others) != 0 {
			t.Errorf("another unit sees %+v", others)
		}
		if others := must[[]Dossier](f)(f.Due(stranger, f.clock, d.DueAt.AddDate(1, 0, 0), "", 10)); len(others) != 0 {
			t.Errorf("another unit sees %+v", others)
		}
	})
}
