package app

import (
	"strings"
	"time"
)

// coordinate gives the tenant a team with a shift, contacts, and a call-up, an ask
// and a hand-over of its incident.
func (tn *tenant) coordinate() {
	w, analyst := tn.w, tn.as("analyst")
	w.t.Helper()
	var incident map[string]any
	for _, x := range analyst.get("GET", apiPath+"/incidents", nil)["items"].([]any) {
		if i := x.(map[string]any); strings.Contains(i["title"].(string), tn.mark) {
			incident = i
		}
	}
	subject := map[string]any{"kind": "incident", "id": incident["id"]}
	later := time.Now().Add(24 * time.Hour)
	person := w.admin.get("POST", apiPath+"/response-team", map[string]any{"unit": tn.unit, "name": "Người " + tn.mark, "phone": "0900000000"})["id"]
	member := w.admin.get("POST", apiPath+"/network", map[string]any{"unit": tn.unit, "kind": "member", "name": "Thành viên " + tn.mark})["id"]
	shift := w.admin.get("POST", apiPath+"/on-call", map[string]any{"unit": tn.unit, "from": time.Now(), "until": later, "primary": person})["id"]
	tn.add(apiPath+"/on-call", shift.(string))
	analyst.must("POST", apiPath+"/call-ups", map[string]any{"subject": subject, "message": "Huy động " + tn.mark, "by": later, "people": []any{person}})
	to := map[string]any{"kind": "member", "id": member}
	analyst.must("POST", apiPath+"/asks", map[string]any{"subject": subject, "to": to, "question": "Hỏi " + tn.mark, "by": later})
	analyst.must("POST", apiPath+"/handovers", map[string]any{"subject": subject, "to": to, "reason": "Chuyển " + tn.mark})
}
