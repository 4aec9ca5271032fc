//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// manyAddresses is rules/application/login-from-many-addresses.yml: one account
// from five addresses within an hour.
const manyAddresses = "561814d9-3a32-4e7c-84d9-cfaa98f95e48"

// A series that begins before the server is killed and ends after it is one
// finding, however often the server is killed afterwards.
func TestASeriesOverKills(t *testing.T) {
	n := newNode(t, t.TempDir(), "")
	api := n.newToken("api")
	from := func(addresses ...int) {
		t.Helper()
		for _, a := range addresses {
			body := fmt.Sprintf(`{"@timestamp":%q,"category":"application","event":"login","outcome":"success","user":"tiepnhan","src_ip":"198.51.100.%d"}`+"\n",
				time.Now().UTC().Format(time.RFC3339Nano), a)
			if _, status, err := n.post(t.Context(), http.DefaultClient, []byte(body)); err != nil || status != http.StatusOK {
				t.Fatalf("login not taken: %d %v", status, err)
			}
		}
	}
	n.start()
	from(1, 2, 3)
	time.Sleep(1500 * time.Millisecond) // some committed, some not: whatever the moment
	n.kill()
	n.start()
	from(4)
	n.kill()
	n.start()
	from(5)

	var page struct {
		Items []struct {
			ID          string `json:"id"`
			Count       int    `json:"count"`
			EntityField string `json:"entityField"`
			EntityValue string `json:"entityValue"`
			TitleVi     string `json:"titleVi"`
		} `json:"items"`
	}
	alerts := func() int {
		t.Helper()
		n.get(api, "/api/v1/alerts?ruleId="+manyAddresses, &page)
		found := 0
		for _, a := range page.Items {
			found += a.Count
		}
		return found
	}
	for deadline := time.Now().Add(20 * time.Second); alerts() == 0; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the series was not found within 20 s")
		}
	}
	n.kill()
	n.start()
	from(6)
	time.Sleep(7 * time.Second) // longer than hits wait for older ones
	if found := alerts(); found != 1 || len(page.Items) != 1 {
		t.Fatalf("the series was found %d times in %d alerts, want once", found, len(page.Items))
	}
	a := page.Items[0]
	if a.EntityField != "user" || a.EntityValue != "tiepnhan" || a.TitleVi == "" {
		t.Errorf("alert %+v", a)
	}
	var events struct {
		Events []json.RawMessage `json:"events"`
	}
	n.get(api, "/api/v1/alerts/"+a.ID+"/events", &events)
	if len(events.Events) != 5 {
		t.Errorf("the alert leads to %d events, want the 5 of the series", len(events.Events))
	}
}

// get reads an answer of the API.
func (n *node) get(token, path string, into any) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodGet, "http://"+n.http+path, http.NoBody)
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		n.t.Fatalf("GET %s: %d", path, res.StatusCode)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		n.t.Fatal(err)
	}
}
