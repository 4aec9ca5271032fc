package app

import (
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

// A duty "before 25/12" stands on the 24th, as the last whole day for it; a certificate on
// the day it ends, and leads to its system.
func TestTheCalendarHoldsWhatFallsDue(t *testing.T) {
	w := newWorld(t)
	w.admin.must("POST", apiPath+"/units", map[string]any{"id": "so-y-te", "name": "Sở Y tế"})
	today := module.DateOf(time.Now())
	made := w.admin.get("POST", apiPath+"/systems", map[string]any{"name": "Cổng", "purpose": "", "serves": "", "type": "public", "unit": "so-y-te", "operatorUnit": "",
		"operator": map[string]any{"name": "", "mandate": "", "head": "", "title": "", "address": "", "phone": "", "mail": ""},
		"extent":   "", "scale": "", "zones": []any{}, "domains": []any{}, "services": []any{}, "dataCentre": "",
		"staff":      []any{map[string]any{"name": "Nguyễn An", "title": "", "phone": "", "mail": "", "certificate": "CISSP", "issued": "", "ends": today.Add(10)}},
		"data":       map[string]any{"basic": 0, "sensitive": 0, "important": false, "core": false, "secret": false},
		"regulation": map[string]any{"number": "", "date": "", "issuer": ""}, "deployment": "none", "plannedApproval": "", "plannedDeployment": "",
		"critical": false, "transition": "none"})
	if err := w.n.modules.duties.Tick(module.WithPrincipal(t.Context(), module.System())); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{} // kind: days and objects
	for _, x := range w.admin.get("GET", apiPath+"/agenda?from="+string(today)+"&to="+string(today.Add(380)), nil)["items"].([]any) {
		one := x.(map[string]any)
		if _, hour := one["at"]; !hour {
			found[one["kind"].(string)] += " " + one["day"].(string)[5:] + " " + one["object"].(string)
		}
	}
	if want := " " + string(today.Add(10))[5:] + " system:" + made["id"].(string); found["certificate"] != want {
		t.Errorf("certificates that end:%s, want%s", found["certificate"], want)
	}
	if !strings.Contains(found["obligation"], " 12-24 ") || strings.Contains(found["obligation"], " 12-25 ") {
		t.Errorf("duties of a day:%s", found["obligation"])
	}
}
