package app

import (
	"testing"
	"time"
)

// Who revokes the token of a device where tokens are kept ends the device's enrolment.
func TestRevokingATokenEndsItsEnrolment(t *testing.T) {
	w := newWorld(t)
	made := w.admin.get("POST", apiPath+"/enrolments", map[string]any{"unit": "trung-tam", "name": "web01", "device": "rsyslog-elastic"})
	id := made["enrolment"].(map[string]any)["id"].(string)
	status := func() string {
		e := w.admin.get("GET", apiPath+"/enrolments/"+id, nil)
		if inner, ok := e["enrolment"].(map[string]any); ok {
			e = inner
		}
		s, _ := e["status"].(string)
		return s
	}
	if s := status(); s == "revoked" {
		t.Fatal("revoked from the beginning")
	}
	tokens := w.admin.get("GET", apiPath+"/tokens?q=web01", nil)["items"].([]any)
	if len(tokens) != 1 {
		t.Fatalf("%v", tokens)
	}
	w.admin.must("POST", apiPath+"/tokens/revoke", map[string]any{"ids": []any{tokens[0].(map[string]any)["id"]}})
	for deadline := time.Now().Add(60 * time.Second); status() != "revoked"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("a minute later it is %q", status())
		}
	}
}
