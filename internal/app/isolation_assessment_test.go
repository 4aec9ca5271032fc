package app

import "time"

// visitBody is an inspection of a tenant.
const visitBody = `{"unit": "$unit", "kind": "inspection", "box": "", "title": "Kiểm tra $mark", "systems": [{"name": "Cổng $mark", "operator": "", "level": 3}], "scheduled": true, "afterIncident": false,
	"emergency": "", "startsAt": "2099-01-02T03:04:05Z", "endsAt": "2099-01-02T06:04:05Z", "team": [], "assessor": "", "monitor": "", "devices": [], "minutes": ""}`

// inspected gives the tenant a visit with a finding, and a line in the plan of a year of
// its own, which it may not see.
func (tn *tenant) inspected() {
	tn.w.t.Helper()
	admin := tn.w.admin
	tn.w.years++
	plan := admin.get("POST", apiPath+"/assessment-plans", map[string]any{"year": 2100 + tn.w.years, "items": []any{
		map[string]any{"unit": tn.unit, "system": "Cổng " + tn.mark, "kind": "inspection", "month": 3, "note": ""}}})
	tn.add(apiPath+"/assessment-plans", plan["id"].(string))
	v := admin.get("POST", apiPath+"/inspections", map[string]any{"unit": tn.unit, "kind": "inspection", "box": "", "title": "Kiểm tra " + tn.mark, "systems": []any{}, "scheduled": true,
		"afterIncident": false, "emergency": "x", "startsAt": time.Now().Add(-time.Minute), "endsAt": tn.w.now.AddDate(0, 0, 11), "team": []any{}, "assessor": "", "monitor": "", "devices": []any{}, "minutes": ""})
	at := apiPath + "/inspections/" + v["id"].(string)
	for _, verb := range []string{"notify", "start"} {
		v = admin.get("POST", at+"/step", map[string]any{"verb": verb, "version": v["version"]})
	}
	admin.must("POST", at+"/findings", map[string]any{"title": "Tồn tại " + tn.mark, "text": "", "item": "logs", "severity": "high", "remedy": "x", "due": "2099-01-01"})
}
