package app

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

const gateAdvisory = `{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","title":"Hai sản phẩm","publisher":{"category":"coordinator","name":"Điều phối","namespace":"https://example.vn"},
"tracking":{"id":"HAI-1","status":"final","version":"1","initial_release_date":"2026-05-01T00:00:00Z","current_release_date":"2026-05-01T00:00:00Z","revision_history":[{"number":"1","date":"2026-05-01T00:00:00Z","summary":"x"}]}},
"product_tree":{"branches":[{"category":"vendor","name":"Example Networks","branches":[{"category":"product_name","name":"Gate OS","branches":[{"category":"product_version_range","name":"vers:generic/<7.2.9","product":{"product_id":"A","name":"Gate OS"}}]}]},
{"category":"vendor","name":"minimist","branches":[{"category":"product_name","name":"minimist","branches":[{"category":"product_version_range","name":"vers:npm/<1.2.6","product":{"product_id":"B","name":"minimist",
"product_identification_helper":{"purl":"pkg:npm/minimist"}}}]}]}]},
"vulnerabilities":[{"cve":"CVE-2026-30001","product_status":{"known_affected":["A"]}},{"cve":"CVE-2026-30002","product_status":{"known_affected":["B"]}}]}`

// What the register and a bill of materials say of a unit is compared with advisories
// without anybody declaring it a second time, and follows them.
func TestTheRegisterAndBillsOfMaterialsMeetAdvisories(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"so-y-te", "so-noi-vu"} {
		w.admin.must("POST", apiPath+"/units", map[string]any{"id": id, "name": id})
	}
	w.admin.must("POST", apiPath+"/advisories/import?name=hai.json", gateAdvisory)
	of := w.admin.get("POST", apiPath+"/systems", systemOf("so-y-te", "Cổng"))
	asset := map[string]any{"unit": "", "system": of["id"], "kind": "device", "name": "Tường lửa", "vendor": "Example Networks", "product": "Gate OS", "release": "7.2.4", "cpe": "", "hostname": "", "address": "",
		"origin": "", "foreign": false, "donated": false, "vietnamese": false, "licenceEnds": "", "place": "", "note": ""}
	added := w.admin.get("POST", apiPath+"/assets", asset)
	bill, err := os.ReadFile("../scan/testdata/cyclonedx.syft.json")
	if err != nil {
		t.Fatal(err)
	}
	w.admin.must("POST", apiPath+"/vulnerability-imports?unit=so-noi-vu&name=bill.json", string(bill))

	// wants waits until the matches are these: the lists are taken over a little later.
	wants := func(want ...string) {
		t.Helper()
		var got []string
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			got = nil
			for _, m := range w.admin.get("GET", apiPath+"/software/matches", nil)["items"].([]any) {
				m := m.(map[string]any)
				got = append(got, strings.Join([]string{m["unit"].(string), m["product"].(string), m["release"].(string), m["place"].(string), m["vulnerability"].(string)}, " | "))
			}
			if slices.Sort(got); slices.Equal(got, want) {
				return
			}
		}
		t.Fatalf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	place := of["code"].(string) + " · Cổng"
	package2 := "so-noi-vu | minimist | 1.2.5 | app | CVE-2026-30002"
	wants(package2, "so-y-te | Gate OS | 7.2.4 | "+place+" | CVE-2026-30001")

	// Mended in the inventory, it is no longer a match here.
	delete(asset, "unit")
	asset["release"], asset["version"] = "7.2.9", added["version"]
	w.admin.must("PUT", apiPath+"/assets/"+added["id"].(string), asset)
	wants(package2)
}
