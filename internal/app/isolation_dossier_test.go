package app

import "net/url"

// dossier gives the tenant the level dossier of its system, with a file.
func (tn *tenant) dossier() {
	w := tn.w
	w.t.Helper()
	systems := w.admin.get("GET", apiPath+"/systems?unit="+tn.unit, nil)["items"].([]any)
	of := systems[0].(map[string]any)["id"].(string)
	made := w.admin.get("POST", apiPath+"/dossiers", map[string]any{"system": of, "reason": tn.mark})
	at := apiPath + "/dossiers/" + made["id"].(string)
	file := w.admin.get("POST", at+"/files?"+url.Values{"name": {tn.mark + ".pdf"}, "part": {"design"}}.Encode(), "a design of "+tn.mark+"\n")
	tn.add(apiPath+"/dossiers", made["id"].(string))
	tn.add(apiPath+"/dossiers/{id}/files", file["id"].(string))
	tn.ship(apiPath+"/dossiers/{id}/forms", "level-dossier")
	tn.add(apiPath+"/form-08/systems", of)
	called := w.admin.get("POST", apiPath+"/level-calls", map[string]any{"system": of, "reason": "Công văn của cấp trên về " + tn.mark})
	tn.add(apiPath+"/level-calls", called["id"].(string))
}
