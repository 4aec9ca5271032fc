//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
)

type paperSent struct{ number, hash string }

type paper struct {
	ID      string `json:"id"`
	Code    string `json:"code"`
	State   string `json:"state"`
	Hash    string `json:"hash"`
	Title   string `json:"title"`
	Version int64  `json:"version"`
	Content struct {
		Body string `json:"body"`
	} `json:"content"`
}

// sendNotice takes the notice an obligation asks for from the draft to the
// receipt, as people do: who writes does not approve, and nothing goes to a
// recipient without an address.
func sendNotice(t *testing.T, admin, author, approver *person, incident, notice *item) paperSent {
	t.Helper()
	var p paper
	author.must("POST", "/documents", map[string]any{"template": notice.Form, "subjectKind": "incident", "subject": incident.ID, "obligation": notice.ID}, &p)
	at := "/documents/" + p.ID
	_, preview := author.try("GET", at+"/preview", nil)
	for _, known := range []string{incident.Code, "Một cửa điện tử", "Sở Y tế"} {
		if !strings.Contains(string(preview), known) {
			t.Errorf("the notice does not say %q, which the case knows: %s", known, tail(string(preview), 3000))
		}
	}
	step := func(who *person, verb string, more map[string]any) (int, []byte) {
		body := map[string]any{"verb": verb, "version": p.Version}
		for k, v := range more {
			body[k] = v
		}
		return who.try("POST", at+"/steps", body)
	}
	must := func(who *person, verb string, more map[string]any) {
		t.Helper()
		if status, text := step(who, verb, more); status != http.StatusOK {
			t.Fatalf("%s as %s: %d %s", verb, who.name, status, text)
		}
		who.must("GET", at, nil, &p)
	}
	must(author, "submit", nil)
	if status, _ := step(author, "approve", map[string]any{"gaps": true}); status < 400 {
		t.Errorf("who wrote it approved it")
	}
	must(approver, "approve", map[string]any{"gaps": true})
	if p.Code == "" || len(p.Hash) != 64 {
		t.Fatalf("approved without number or sum: %+v", p)
	}
	sending := map[string]any{"channel": "portal", "receiver": "Cổng tiếp nhận của lực lượng chuyên trách"}
	if status, text := step(author, "send", sending); status < 400 || !strings.Contains(string(text), notice.Recip.ID) && !strings.Contains(string(text), "address") {
		t.Errorf("sent to a recipient without an address, or not saying so: %d %s", status, text)
	}
	var recipients struct {
		Items []struct {
			ID      string `json:"id"`
			Version int64  `json:"version"`
		} `json:"items"`
	}
	admin.must("GET", "/recipients", nil, &recipients)
	for _, r := range recipients.Items {
		if r.ID == notice.Recip.ID {
			admin.must("PUT", "/recipients/"+r.ID, map[string]any{"address": "tiep-nhan@vi-du.example", "channel": "portal", "contact": "", "note": "", "version": r.Version}, nil)
		}
	}
	must(author, "send", sending)
	must(author, "acknowledge", map[string]any{"receipt": "Số đến 12"})
	status, file := author.try("GET", at+"/file?format=docx", nil)
	if sum := sha256.Sum256(file); status != http.StatusOK || hex.EncodeToString(sum[:]) != p.Hash {
		t.Errorf("the Word file is not the one that was approved: %d, %d bytes", status, len(file))
	}
	return paperSent{p.Code, p.Hash}
}
