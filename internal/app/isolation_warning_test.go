package app

import (
	"net/url"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// warning gives the tenant an early warning it has answered with a file. Who
// publishes it is somebody else of the centre than who wrote it.
func (tn *tenant) warning() {
	t, w := tn.w.t, tn.w
	t.Helper()
	facts := map[string]any{
		"title": "Cảnh báo " + tn.mark, "kind": "malware", "severity": "high", "tlp": "AMBER",
		"grade":    map[string]any{"source": "nguồn " + tn.mark, "reliability": "A", "credibility": 1},
		"text":     map[string]any{"content": tn.mark, "impact": "x", "check": "x", "measures": "x", "deadline": "x"},
		"products": []any{}, "cves": []any{}, "query": "", "ackHours": 1, "fixHours": 2, "watchHours": 3, "reference": "",
		"indicators": []any{map[string]any{"type": "other", "value": tn.mark}},
		"choice":     map[string]any{"all": false, "kinds": []any{}, "under": []any{}, "software": false, "indicators": false, "days": 1},
	}
	made := w.admin.get("POST", apiPath+"/warnings", map[string]any{"facts": facts})
	at := apiPath + "/warnings/" + made["id"].(string)
	version := func() any { return w.admin.get("GET", at, nil)["version"] }
	w.admin.must("POST", at+"/audience", map[string]any{"version": version()})
	for deadline := time.Now().Add(time.Minute); w.admin.get("GET", at+"/audience", nil)["state"] != "done"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the audience is not computed")
		}
	}
	w.admin.must("PATCH", at+"/audience", map[string]any{"version": version(), "add": []string{tn.unit}, "reason": "thuộc diện cảnh báo " + tn.mark})
	w.admin.must("POST", at+"/submit", map[string]any{"version": version()})
	leader := module.WithPrincipal(t.Context(), module.Principal{ID: "leader", Name: "leader", Role: module.RoleLeader, Unit: event.CentreUnit})
	if _, err := w.n.modules.warnings.Publish(leader, made["id"].(string), int64(version().(float64))); err != nil {
		t.Fatal(err)
	}
	mine := at + "/copies/" + tn.unit
	analyst := tn.as("analyst")
	var file string
	a := analyst.get("GET", mine, nil)
	if a["unit"] != tn.unit {
		t.Fatalf("the copy of %s: %v", tn.unit, a)
	}
	analyst.must("POST", mine+"/files?"+url.Values{"name": {tn.mark + ".log"}}.Encode(), "a proof of "+tn.mark+"\n")
	for _, f := range analyst.get("GET", mine, nil)["files"].([]any) {
		file = f.(map[string]any)["id"].(string)
	}
	tn.add(apiPath+"/warnings", made["id"].(string))
	tn.add(apiPath+"/warnings/{id}/copies", tn.unit)
	tn.add(apiPath+"/warnings/{id}/copies/{unit}/files", file)
}
