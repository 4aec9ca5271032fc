//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

type drillItem struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Version int64  `json:"version"`
	Injects []struct {
		ID string `json:"id"`
	} `json:"injects"`
}

type drillAlerts struct {
	Total int `json:"total"`
	Items []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Drill string `json:"drill"`
	} `json:"items"`
}

func (a *drillAlerts) ids() (ids []string) {
	for _, x := range a.Items {
		ids = append(ids, x.ID)
	}
	return ids
}

type drillReport struct {
	Verdict string `json:"verdict"`
	Final   bool   `json:"final"`
	Matters []struct {
		Subject party `json:"subject"`
		Times   []struct {
			Moment string     `json:"moment"`
			At     *time.Time `json:"at"`
			Result string     `json:"result"`
		} `json:"times"`
	} `json:"matters"`
	Duties []any `json:"duties"`
	Calls  []struct {
		Person string `json:"person"`
		Result string `json:"result"`
	} `json:"calls"`
	Missed []struct {
		Vi string `json:"vi"`
	} `json:"missed"`
	Log []struct {
		Kind string `json:"kind"`
	} `json:"log"`
}

// feed sends the bytes of a file as they are.
func (p *person) feed(path string, body []byte) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		p.t.Fatalf("%s: %s", path, res.Status)
	}
}

func guessed(host, address string) (lines []string) {
	for range 12 {
		lines = append(lines, sshd(host, "Failed password for root from %s port 40022 ssh2", address))
	}
	return append(lines, sshd(host, "Accepted password for root from %s port 40022 ssh2", address))
}

// lastGuessed is the alert that what is guessed raises last: it waits for what is late.
const lastGuessed = "SSH Login After Guessing"

func (a *drillAlerts) has(title string) bool {
	for _, x := range a.Items {
		if x.Title == title {
			return true
		}
	}
	return false
}

// counts are the figures of the start page that an exercise must not move.
func counts(p *person) map[string]any {
	p.t.Helper()
	var o map[string]any
	p.must("GET", "/overview?from="+url.QueryEscape(time.Now().Add(-24*time.Hour).UTC().Format(time.RFC3339))+"&to="+url.QueryEscape(time.Now().UTC().Format(time.RFC3339)), nil, &o)
	var today map[string]any
	p.must("GET", "/alerts/today", nil, &today)
	return map[string]any{"byLevel": o["alertsByLevel"], "new": o["alertsNew"], "recent": len(o["recentAlerts"].([]any)),
		"today": len(today["items"].([]any)), "left": today["left"]}
}

// An exercise runs on the real rails: rules fire, an incident, clocks, letters and
// people follow. What comes of it bears its mark, is counted nowhere and leaves by
// no channel, and its report writes itself.
func TestAnExerciseRunsOnTheRealRails(t *testing.T) {
	var posts atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { posts.Add(1) }))
	defer hook.Close()
	n := newNode(t, t.TempDir(), "notifications: {allowedNetworks: [127.0.0.0/8], gather: 1s, pace: 1s}\n")
	n.start()
	admin := n.administrator()
	admin.must("POST", "/units", map[string]string{"id": "so-y-te", "name": "Sở Y tế", "kind": "department"}, nil)
	analyst := admin.engage(n, "truc.ban", "analyst", "trung-tam")
	head := admin.engage(n, "dieu.phoi", "coordinator", "trung-tam")
	var channel item
	admin.must("POST", "/notifications/channels", map[string]any{"kind": "webhook", "name": "Ngoài trung tâm", "enabled": true, "shared": true,
		"settings": map[string]string{"url": hook.URL}, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq="}, &channel)
	admin.must("POST", "/notifications/rules", map[string]any{"name": "Mọi cảnh báo", "enabled": true, "kinds": []string{}, "minLevel": "informational",
		"recipients": []map[string]string{{"who": "role", "id": "analyst"}, {"who": "channel"}}, "channels": []string{channel.ID}}, nil)
	var token struct {
		Token string `json:"token"`
	}
	admin.must("POST", "/tokens", map[string]string{"name": "may chu", "unit": "so-y-te", "scope": "ingest"}, &token)

	// What is real is told outside.
	n.lines(token.Token, guessed("motcua-web1", "203.0.113.66")...)
	real := until(analyst, "/alerts?drill=none&sort=createdAt", "the real alerts", func(l *drillAlerts) bool {
		return l.has(lastGuessed) && posts.Load() > 0
	})
	before := counts(analyst)

	var x drillItem
	head.must("POST", "/drills", map[string]any{"name": "Diễn tập chiếm quyền máy chủ", "scenario": "Dò mật khẩu.", "units": []string{"so-y-te"},
		"from": time.Now(), "to": time.Now().Add(time.Hour), "goals": map[string]int{"detect": 30, "acknowledge": 30, "contain": 30, "recover": 30},
		"injects": []map[string]any{{"minute": 0, "text": "Dò mật khẩu máy chủ web", "detect": true}}}, &x)
	step := func(verb, inject string) {
		t.Helper()
		head.must("POST", "/drills/"+x.ID+"/steps", map[string]any{"verb": verb, "inject": inject, "version": x.Version}, &x)
	}
	step("start", "")
	step("inject", x.Injects[0].ID)
	head.feed("/drills/"+x.ID+"/events?unit=so-y-te&name=kich-ban.log", []byte(strings.Join(guessed("motcua-web2", "203.0.113.66"), "\n")+"\n"))

	// Rules really fire; what they raise bears the mark.
	marked := until(analyst, "/alerts?drill="+x.ID, "alerts of the exercise", func(l *drillAlerts) bool { return l.Total > 0 })
	if a := marked.Items[0]; a.Drill != x.ID {
		t.Errorf("not marked: %+v", a)
	}
	opening := func(alerts []string) map[string]any {
		return map[string]any{"origin": "alert", "alerts": alerts, "facts": map[string]any{"title": "Chiếm quyền máy chủ web", "unit": "so-y-te",
			"category": "vn-a-intrusion", "severity": "high", "grave": true, "detectedAt": time.Now().Add(-time.Second), "systems": []any{map[string]any{"name": "Một cửa", "level": 3}}}}
	}
	if status, text := analyst.try("POST", "/incidents", opening(append(marked.ids(), real.ids()[0]))); status != http.StatusConflict || !strings.Contains(string(text), "incident.drill-mixed") {
		t.Errorf("a drill was mixed with what is real: %d %s", status, text)
	}
	var incident item
	analyst.must("POST", "/incidents", opening(marked.ids()), &incident)
	if !strings.HasPrefix(incident.Code, "DT-") {
		t.Errorf("the incident of an exercise is %s", incident.Code)
	}
	until(analyst, "/obligations?drill=true&subjectKind=incident&subject="+incident.ID, "the clocks", func(l *items) bool { return len(l.Items) > 0 })

	// A letter bears the watermark, and people are called.
	var letter paper
	analyst.must("POST", "/documents", map[string]any{"template": "initial-notice", "subjectKind": "incident", "subject": incident.ID}, &letter)
	if _, preview := analyst.try("GET", "/documents/"+letter.ID+"/preview", nil); !strings.Contains(string(preview), "DIỄN TẬP") {
		t.Error("the letter bears no watermark")
	}
	var responder item
	head.must("POST", "/response-team", map[string]any{"unit": "trung-tam", "name": "Nguyễn Văn Trực", "phone": "0900000001"}, &responder)
	var call item
	head.must("POST", "/call-ups", map[string]any{"subject": map[string]string{"kind": "incident", "id": incident.ID}, "message": "Có mặt tại phòng máy",
		"by": time.Now().Add(time.Hour), "people": []string{responder.ID}}, &call)
	head.must("POST", "/call-ups/"+call.ID+"/replies", map[string]any{"person": responder.ID, "answer": "comes"}, nil)
	now := time.Now()
	analyst.must("PATCH", "/incidents/"+incident.ID, map[string]any{"version": incident.Version, "facts": map[string]any{"confirmedAt": now, "containedAt": now, "recoveredAt": now}}, nil)

	live := until(head, "/drills/"+x.ID+"/report", "the times", func(r *drillReport) bool {
		return len(r.Matters) == 1 && len(r.Matters[0].Times) == 4 && r.Matters[0].Times[3].At != nil && len(r.Calls) == 1 && r.Calls[0].Result == "comes" && len(r.Duties) > 0
	})
	for _, m := range live.Matters[0].Times {
		if m.Result != "met" {
			t.Errorf("%s: %+v", m.Moment, m)
		}
	}
	step("end", "")
	var final drillReport
	head.must("GET", "/drills/"+x.ID+"/report", nil, &final)
	if !final.Final || final.Verdict == "nothing" || final.Matters[0].Subject.Code != incident.Code {
		t.Errorf("the report: %+v", final)
	}
	var official paper
	head.must("POST", "/documents", map[string]any{"template": "drill-report", "subjectKind": "drill", "subject": x.ID}, &official)
	_, preview := head.try("GET", "/documents/"+official.ID+"/preview", nil)
	for _, known := range []string{incident.Code, "Sở Y tế", "Nguyễn Văn Trực", "Diễn tập chiếm quyền máy chủ"} {
		if !strings.Contains(string(preview), known) {
			t.Errorf("the official report does not say %q: %s", known, tail(string(preview), 3000))
		}
	}

	// Nothing was counted, and nothing left; the log says so.
	if after := counts(analyst); !reflect.DeepEqual(before, after) {
		was, _ := json.Marshal(before)
		is, _ := json.Marshal(after)
		t.Errorf("an exercise moved figures: %s, then %s", was, is)
	}
	var withheld struct {
		Items []struct{ Code, Subject string }
	}
	admin.must("GET", "/notifications/deliveries?state=withheld", nil, &withheld)
	if len(withheld.Items) == 0 || withheld.Items[0].Code != "notify.drill" || strings.Count(withheld.Items[0].Subject, "[DIỄN TẬP]") != 1 {
		t.Errorf("the log of messages: %+v", withheld.Items)
	}
	told := posts.Load()
	n.lines(token.Token, guessed("motcua-web3", "203.0.113.67")...)
	until(analyst, "/alerts?drill=none", "what is real afterwards", func(l *drillAlerts) bool { return l.Total > real.Total && posts.Load() > told })
}
