package app

// readiness gives the tenant's system and unit what is written of their layers, a
// decision of the gate, and a place towards the list of critical systems.
func (tn *tenant) readiness() {
	tn.w.t.Helper()
	admin, at := tn.w.admin, apiPath+"/systems/"+tn.ids[apiPath+"/systems"][0]
	facts := map[string]any{"layer": 1, "number": "QĐ " + tn.mark, "day": "2026-01-02", "organisation": "Tổ " + tn.mark, "contacts": []any{}, "assets": 0, "monitored": 0,
		"until": "", "note": tn.mark, "version": 0}
	admin.must("PUT", at+"/layers", facts)
	admin.must("PUT", apiPath+"/units/"+tn.unit+"/layers", facts)
	today := tn.w.now.Format("2006-01-02")
	gate := admin.get("POST", at+"/overrides", map[string]any{"decider": "Giám đốc " + tn.mark, "document": "", "reason": "Phục vụ nhân dân " + tn.mark,
		"until": tn.w.now.AddDate(0, 1, 0).Format("2006-01-02")})
	tn.add(apiPath+"/systems/{id}/overrides", gate["overrides"].([]any)[0].(map[string]any)["id"].(string))
	admin.must("POST", at+"/critical", map[string]any{"state": "nominated", "document": "TTr " + tn.mark, "day": today[:8] + "01", "note": "", "version": 0})
}
