package app

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// An independent assessment is refused by what layer 2 of the register says of the system,
// or of its unit, and to the owner itself, whatever is written with the visit.
func TestAnIndependentAssessorIsNoneWhoKeepsTheSystem(t *testing.T) {
	w := newWorld(t)
	w.admin.must("POST", apiPath+"/units", map[string]any{"id": "so-y-te", "name": "Sở Y tế"})
	of := w.admin.get("POST", apiPath+"/systems", systemOf("so-y-te", "Cổng"))["id"].(string)
	monitored := func(path, who string) {
		w.admin.must("PUT", path+"/layers", map[string]any{"layer": 2, "number": "HĐ 1", "day": "2026-01-02", "organisation": who, "contacts": []any{}, "assets": 1, "monitored": 1,
			"until": "", "note": "", "version": 0})
	}
	assess := func(who string, systems ...any) answer {
		begins := time.Now().Add(9 * 24 * time.Hour)
		return w.admin.do("POST", apiPath+"/inspections", map[string]any{"unit": "so-y-te", "kind": "independent", "box": "", "title": "Đánh giá", "systems": append([]any{}, systems...), "scheduled": true,
			"afterIncident": false, "emergency": "", "startsAt": begins, "endsAt": begins.Add(time.Hour), "team": []any{}, "assessor": who, "monitor": "", "devices": []any{}, "minutes": ""})
	}
	one := map[string]any{"id": of, "name": "", "operator": "", "level": 0}
	monitored(apiPath+"/units/so-y-te", "Công ty B")
	for _, x := range []struct {
		who     string
		systems []any
	}{{"công ty  b", nil}, {"Công ty B", []any{one}}, {"SỞ Y TẾ", nil}} {
		if got := assess(x.who, x.systems...); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "assessment.not-independent") {
			t.Errorf("%s assesses %v: %d %s", x.who, x.systems, got.status, got.body)
		}
	}
	monitored(apiPath+"/systems/"+of, "Công ty A")
	if got := assess("CÔNG TY A", one); !strings.Contains(got.body, "assessment.not-independent") {
		t.Errorf("who monitors the system: %d %s", got.status, got.body)
	}
	if got := assess("Viện Kiểm định", one); got.status != http.StatusCreated {
		t.Errorf("an institute: %d %s", got.status, got.body)
	}
}
