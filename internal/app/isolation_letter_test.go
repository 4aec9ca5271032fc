package app

// letter gives the tenant an official document about its incident.
func (tn *tenant) letter() {
	tn.w.t.Helper()
	analyst := tn.as("analyst")
	of := analyst.get("GET", apiPath+"/incidents", nil)["items"].([]any)[0].(map[string]any)
	d := analyst.get("POST", apiPath+"/documents", map[string]any{"template": "initial-notice", "subjectKind": "incident", "subject": of["id"]})
	c := d["content"].(map[string]any)
	c["body"] = "Nội dung của " + tn.mark
	analyst.must("PUT", apiPath+"/documents/"+d["id"].(string), map[string]any{"version": 1, "content": c})
	tn.add(apiPath+"/document-letterheads", tn.unit)
}
