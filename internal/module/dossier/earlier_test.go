package dossier

import (
	"testing"

	"github.com/lachan-vn/lachan/internal/level"
)

func TestALevelThatWasApprovedBeforeIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		earlier := Earlier{System: "s1", Level: 3, Decision: Decision{Number: "123/QĐ-SYT", Date: "2024-05-20", Issuer: "Sở Y tế"}, Reason: "bản chính lưu tại văn thư"}
		_, err := f.Enter(officer, earlier)
		f.is(err, "permission.denied")
		for code, change := range map[string]func(*Earlier){
			"dossier.level":    func(e *Earlier) { e.Level = 6 },
			"dossier.decision": func(e *Earlier) { e.Decision.Number = "" },
			"dossier.date":     func(e *Earlier) { e.Decision.Date = "20/05/2024" },
			"dossier.earlier":  func(e *Earlier) { e.Decision.Date = "2026-07-01" },
		} {
			e := earlier
			change(&e)
			_, err := f.Enter(appraiser, e)
			f.is(err, code)
		}
		d := must[Dossier](f)(f.Enter(appraiser, earlier))
		if d.State != Approved || d.Level != 3 || d.Criteria != level.Transition || d.Decision != earlier.Decision {
			t.Errorf("%+v", d)
		}
		if x := f.reg.find("s1"); x.Level != 3 || x.Proposed != 3 {
			t.Errorf("the register has %d, proposed %d", x.Level, x.Proposed)
		}
		_, err = f.Enter(appraiser, earlier)
		f.is(err, "dossier.has-level")
	})
}

func TestALevelIsNotEnteredBesideAnOpenDossier(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.ready(officer, "s1", level3())
		_, err := f.Enter(appraiser, Earlier{System: "s1", Level: 3, Decision: Decision{Number: "1/QĐ", Date: "2024-05-20", Issuer: "Sở Y tế"}})
		f.is(err, "dossier.open")
	})
}
