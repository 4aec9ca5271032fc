package app

import (
	"net/http"
	"net/url"
	"time"
)

// requirements has the tenant declare something of its system, with evidence.
func (tn *tenant) requirements() {
	t := tn.w.t
	t.Helper()
	analyst, at := tn.as("analyst"), apiPath+"/systems/"+tn.ids[apiPath+"/systems"][0]
	for deadline := time.Now().Add(time.Minute); analyst.do("GET", at+"/requirements", nil).status != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is asked of the system")
		}
	}
	analyst.must("PUT", at+"/requirements", map[string]any{"item": "logs-clock", "declared": "fully", "reason": "Máy chủ thời gian " + tn.mark,
		"responsible": "Người " + tn.mark, "due": "", "exceptionReason": "", "exceptionUntil": "", "version": 0})
	given := analyst.get("POST", at+"/requirement-evidence?"+url.Values{"item": {"logs-clock"}, "name": {tn.mark + ".log"}}.Encode(), "evidence of "+tn.mark+"\n")
	tn.add(apiPath+"/systems/{id}/requirement-evidence", given["evidence"].([]any)[0].(map[string]any)["id"].(string))
}
