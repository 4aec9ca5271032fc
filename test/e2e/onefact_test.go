//go:build e2e

package e2e

import (
	"testing"
	"time"
)

type item struct {
	ID       string    `json:"id"`
	Code     string    `json:"code"`
	Version  int64     `json:"version"`
	State    string    `json:"state"`
	Duty     string    `json:"duty"`
	Form     string    `json:"form"`
	DueAt    time.Time `json:"dueAt"`
	Group    string    `json:"group"`
	Level    any       `json:"level"` // of an alert a word, of a system a number
	Unit     string    `json:"unit"`
	Rule     string    `json:"ruleId"`
	Recip    party     `json:"recipient"`
	Subject  party     `json:"subject"`
	Steps    []step    `json:"steps"`
	Detected time.Time `json:"detectedAt"`
}

type party struct {
	ID   string `json:"id"`
	Code string `json:"code"`
}

type step struct {
	Verb  string `json:"verb"`
	Proof struct {
		Number, Hash, Receiver, Receipt string
	} `json:"proof"`
}

type items struct {
	Items []item `json:"items"`
}

// One fact, many duties: an attack on a system of level 3 is noticed once, and
// what the law asks follows by itself, from the alert to the unit's record. The
// modules that follow know nothing of one another: they hear facts.
func TestOneFactManyDuties(t *testing.T) {
	n := newNode(t, t.TempDir(), "")
	n.start()
	admin := n.administrator()
	admin.must("POST", "/units", map[string]string{"id": "so-y-te", "name": "Sở Y tế", "kind": "department"}, nil)
	admin.must("POST", "/units", map[string]string{"id": "so-noi-vu", "name": "Sở Nội vụ", "kind": "department"}, nil)
	analyst := admin.engage(n, "truc.ban", "analyst", "trung-tam")
	head := admin.engage(n, "dieu.phoi", "coordinator", "trung-tam")
	officer := admin.engage(n, "can.bo", "security-officer", "so-y-te")
	stranger := admin.engage(n, "noi.vu", "security-officer", "so-noi-vu")
	var token struct {
		Token string `json:"token"`
	}
	admin.must("POST", "/tokens", map[string]string{"name": "may chu mot cua", "unit": "so-y-te", "scope": "ingest"}, &token)

	// The attack: passwords guessed from one address until one is right.
	var attack []string
	for range 12 {
		attack = append(attack, sshd("motcua-web1", "Failed password for root from 203.0.113.66 port 40022 ssh2"))
	}
	n.lines(token.Token, append(attack, sshd("motcua-web1", "Accepted password for root from 203.0.113.66 port 40022 ssh2"))...)
	alerts := until(analyst, "/alerts?unit=so-y-te", "an alert", func(l *items) bool { return len(l.Items) > 0 })

	// The analyst opens an incident from it, and confirms.
	now := time.Now().Truncate(time.Second)
	var ids []string
	for _, a := range alerts.Items {
		ids = append(ids, a.ID)
	}
	var incident item
	analyst.must("POST", "/incidents", map[string]any{"origin": "alert", "alerts": ids, "facts": map[string]any{
		"title": "Chiếm quyền máy chủ một cửa", "unit": "so-y-te", "category": "vn-a-intrusion", "severity": "high", "grave": true,
		"detectedAt": now.Add(-time.Minute), "systems": []any{map[string]any{"name": "Một cửa điện tử", "level": 3}},
	}}, &incident)
	of := "subjectKind=incident&subject=" + incident.ID

	// The clocks of that level run.
	clocks := until(officer, "/obligations?"+of, "the clocks", func(l *items) bool { return len(l.Items) > 1 })
	due := map[string]item{}
	for _, o := range clocks.Items {
		due[o.Duty] = o
	}
	notice := due["nd331-d31-initial"]
	if want := now.Add(-time.Minute).Add(24 * time.Hour); !notice.DueAt.Equal(want) || notice.Subject.Code != incident.Code {
		t.Fatalf("the notice is due %s, want %s: %+v", notice.DueAt, want, clocks.Items)
	}
	if want := now.Add(-time.Minute).Add(72 * time.Hour); !due["nd331-d31-report"].DueAt.Equal(want) {
		t.Errorf("the report is due %s, want %s", due["nd331-d31-report"].DueAt, want)
	}
	if l := until(stranger, "/obligations?"+of, "an answer", func(*items) bool { return true }); len(l.Items) != 0 {
		t.Errorf("another unit sees %+v", l.Items)
	}

	// Nothing speaks against the unit before somebody confirmed.
	if l := until(officer, "/requirement-findings?unit=so-y-te", "an answer", func(*items) bool { return true }); len(l.Items) != 0 {
		t.Errorf("not confirmed, and yet %+v", l.Items)
	}
	analyst.must("PATCH", "/incidents/"+incident.ID, map[string]any{"version": incident.Version, "facts": map[string]any{"confirmedAt": now}}, &incident)
	found := until(officer, "/requirement-findings?unit=so-y-te", "a finding in the unit's record", func(l *items) bool { return len(l.Items) > 0 })
	if f := found.Items[0]; f.Group != "accounts" || f.Level != 3.0 || f.State != "failing" || f.Subject.Code != incident.Code {
		t.Errorf("in the unit's record: %+v", f)
	}

	// The 24 h notice is written from the case, approved by another, sent and
	// acknowledged; the obligation follows the paper.
	sent := sendNotice(t, admin, analyst, head, &incident, &notice)
	last := until(officer, "/obligations/"+notice.ID, "the acknowledgement", func(o *item) bool { return o.State == "acknowledged" })
	var verbs []string
	for _, s := range last.Steps {
		verbs = append(verbs, s.Verb)
		if s.Proof.Number != sent.number || s.Proof.Hash != sent.hash {
			t.Errorf("%s has the proof %+v, want number %s and sum %s", s.Verb, s.Proof, sent.number, sent.hash)
		}
	}
	if len(verbs) != 3 || verbs[0] != "prepare" || verbs[1] != "send" || verbs[2] != "acknowledge" {
		t.Errorf("steps %v", verbs)
	}

	// All of it is still there after the server was killed, and the centre verifies.
	n.kill()
	n.start()
	f := until(analyst, "/requirement-findings?unit=so-y-te", "the finding", func(l *items) bool { return len(l.Items) == 1 }).Items[0]
	if status, _ := officer.try("POST", "/requirement-findings/"+f.ID+"/steps", map[string]any{"verb": "verify", "note": "Đã bật xác thực hai bước", "version": f.Version}); status != 403 {
		t.Errorf("the unit verified itself: %d", status)
	}
	analyst.must("POST", "/requirement-findings/"+f.ID+"/steps", map[string]any{"verb": "verify", "note": "Đã xem: khóa mật khẩu cho SSH", "version": f.Version}, &f)
	if f.State != "met" {
		t.Errorf("verified: %+v", f)
	}
}
