package dossier

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
)

// waits are the open calls of what somebody sees: "system trigger subject".
func (f *fixture) waits(p module.Principal) (list []string) {
	f.t.Helper()
	for _, c := range must[[]Call](f)(f.Calls(module.WithPrincipal(f.t.Context(), p), CallFilter{})) {
		list = append(list, strings.TrimSpace(c.SystemCode+" "+c.Trigger+" "+c.Subject.Code))
	}
	slices.Sort(list)
	return list
}

var all = module.Principal{ID: "kt", Role: module.RoleAuditor, Unit: event.CentreUnit}

// strikes has an incident tell how it is, twice, as the outbox may.
func (f *fixture) strikes(code string, traits map[string]any, confirmed, drill bool, systems ...string) {
	f.t.Helper()
	m := map[string]any{"subject": module.Subject{Kind: "incident", ID: "id-" + code, Code: code, Title: "Mã độc tống tiền"}, "unit": "so-y-te", "systems": systems, "drill": drill, "traits": traits, "at": map[string]any{}}
	if confirmed {
		m["at"] = map[string]any{"confirmedAt": f.clock}
	}
	body, err := json.Marshal(m)
	if err != nil {
		f.t.Fatal(err)
	}
	for range 2 {
		if err := f.hearMatter(f.t.Context(), module.Fact{Kind: module.FactMatter, Body: body}); err != nil {
			f.t.Fatal(err)
		}
	}
}

// registers has the register tell of a system.
func (f *fixture) registers(system string) {
	f.t.Helper()
	fact, err := f.reg.find(system).Fact()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.hear(f.t.Context(), fact); err != nil {
		f.t.Fatal(err)
	}
}

func TestAGraveIncidentCallsForTheLevelToBeLookedAt(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		grave := func() map[string]any { return map[string]any{"grave": true} }
		f.strikes("SC-0", grave(), true, false, "s1")
		if got := f.waits(all); got != nil {
			t.Errorf("of a system whose level was never approved: %v", got)
		}
		f.approved(f.ready(officer, "s1", level3()))
		f.strikes("SC-1", map[string]any{"grave": false}, true, false, "s1")
		f.strikes("SC-2", grave(), false, false, "s1")
		f.strikes("SC-3", grave(), true, true, "s1")
		f.strikes("SC-4", grave(), true, false, "no-such")
		if got := f.waits(all); got != nil {
			t.Errorf("not grave, not confirmed, an exercise, not in the register: %v", got)
		}
		f.strikes("SC-5", grave(), true, false, "s1", "s2")
		if got := f.waits(all); !slices.Equal(got, []string{"HT-0001 incident SC-5"}) {
			t.Errorf("%v", got)
		}
		for who, want := range map[*module.Principal]int{
			{ID: "minh", Role: module.RoleSecurityOfficer, Unit: "so-y-te"}: 1, {ID: "tam", Role: module.RoleSecurityOfficer, Unit: "tt-yte"}: 1, {ID: "hoa", Role: module.RoleSecurityOfficer, Unit: "so-noi-vu"}: 0,
		} {
			if got := f.waits(*who); len(got) != want {
				t.Errorf("%s sees %v", who.Unit, got)
			}
		}
	})
}

func TestAChangedSystemCallsUntilSomebodyDecides(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.approved(f.ready(officer, "s1", level3()))
		f.registers("s1")
		if got := f.waits(all); got != nil {
			t.Errorf("unchanged: %v", got)
		}
		f.aspects = map[level.Aspect]string{level.Purpose: "một cửa, thanh toán"}
		f.registers("s1")
		f.registers("s1")
		calls := must[[]Call](f)(f.Calls(officer, CallFilter{System: "s1"}))
		if len(calls) != 1 || calls[0].Trigger != "change" || calls[0].Reason != "một cửa, thanh toán" {
			t.Fatalf("%+v", calls)
		}
		_, err := f.Dismiss(officer, calls[0].ID, "không đổi dữ liệu xử lý", calls[0].Version)
		f.is(err, "permission.denied")
		_, err = f.Dismiss(appraiser, calls[0].ID, "ngắn", calls[0].Version)
		f.is(err, "dossier.reason")
		if _, err := f.Dismiss(appraiser, calls[0].ID, "không đổi dữ liệu xử lý", calls[0].Version); err != nil {
			t.Fatal(err)
		}
		f.registers("s1")
		if got := f.waits(all); got != nil {
			t.Errorf("it was decided of: %v", got)
		}
		f.aspects = map[level.Aspect]string{level.Purpose: "một cửa, thanh toán, sổ sức khỏe"}
		f.registers("s1")
		if got := f.waits(all); len(got) != 1 {
			t.Errorf("it changed again: %v", got)
		}
	})
}

func TestADossierSeesToWhatCallsUntilItIsWithdrawn(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.approved(f.ready(officer, "s1", level3()))
		if _, err := f.Order(officer, "s1", "CV 12/CAT-ANM ngày 20/11/2026 của Công an tỉnh"); err != nil {
			t.Fatal(err)
		}
		_, err := f.Order(stranger, "s1", "CV 12/CAT-ANM ngày 20/11/2026 của Công an tỉnh")
		f.is(err, "system.unknown")
		d := must[Dossier](f)(f.Create(officer, Begin{System: "s1", Trigger: "order"}))
		calls := must[[]Call](f)(f.Calls(officer, CallFilter{Any: true}))
		if len(calls) != 1 || calls[0].State != CallStarted || calls[0].Dossier != d.ID || calls[0].Decided.Name != "MINH" {
			t.Fatalf("%+v", calls)
		}
		f.take(officer, d, Withdraw)
		if got := f.waits(all); !slices.Equal(got, []string{"HT-0001 order"}) {
			t.Errorf("after the dossier was withdrawn: %v", got)
		}
	})
}

func TestANewConnectionCallsForTheLevelOfBothSides(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.approved(f.ready(officer, "s1", level3()))
		made := module.Connected{ID: "c1", System: "s1", Partner: "Cơ sở dữ liệu quốc gia về dân cư"}
		fact, err := made.Fact("so-y-te")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // as the outbox may
			if err := f.hearConnected(t.Context(), fact); err != nil {
				t.Fatal(err)
			}
		}
		calls := must[[]Call](f)(f.Calls(officer, CallFilter{System: "s1"}))
		if len(calls) != 1 || calls[0].Trigger != Connection || calls[0].Reason != made.Partner {
			t.Fatalf("%+v", calls)
		}
	})
}
