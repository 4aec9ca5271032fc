package app

import (
	"net/url"
	"time"
)

// otherCase opens an incident of the tenant that has to do with the one to come.
func (tn *tenant) otherCase() (id string) {
	tn.w.t.Helper()
	facts := map[string]any{"title": "Sự cố khác của " + tn.mark, "unit": tn.unit, "severity": "low", "category": "vn-a-other", "detectedAt": tn.w.now.Add(-time.Hour)}
	id = tn.as("analyst").get("POST", apiPath+"/incidents", map[string]any{"origin": "manual", "facts": facts})["id"].(string)
	tn.add(apiPath+"/other-incidents", id)
	return id
}

// caseFiles gives the tenant's incident a file, a relation and a sighting.
func (tn *tenant) caseFiles(incident, other string) {
	tn.w.t.Helper()
	analyst, q := tn.as("analyst"), url.Values{"name": {tn.mark + ".log"}}
	analyst.must("POST", incident+"/relations", map[string]any{"with": other, "kind": "related", "reason": "cùng máy " + tn.mark})
	seen := analyst.get("GET", incident+"/observables", nil)["items"].([]any)[0].(map[string]any)["id"].(string)
	tn.add(apiPath+"/incidents/{id}/observables", seen)
	tn.add(apiPath+"/incident-observables", seen)
	analyst.must("POST", incident+"/sightings", map[string]any{"observable": seen, "unit": tn.unit, "host": "máy " + tn.mark, "first": tn.w.now.Add(-time.Hour)})
	analyst.must("POST", incident+"/files?"+q.Encode(), "a file of "+tn.mark+"\n")
}
