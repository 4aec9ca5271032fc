package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

// systemOf is a system as a form sends it.
func systemOf(unit, name string) map[string]any {
	return map[string]any{"name": name, "purpose": "", "serves": "", "type": "public", "unit": unit, "operatorUnit": "",
		"operator": map[string]any{"name": "", "mandate": "", "head": "", "title": "", "address": "", "phone": "", "mail": ""},
		"extent":   "", "scale": "", "zones": []any{}, "domains": []any{}, "services": []any{}, "dataCentre": "", "staff": []any{},
		"data":       map[string]any{"basic": 0, "sensitive": 0, "important": false, "core": false, "secret": false},
		"regulation": map[string]any{"number": "", "date": "", "issuer": ""}, "deployment": "none", "plannedApproval": "", "plannedDeployment": "",
		"critical": false, "transition": "none"}
}

// until repeats a question until it is answered well: facts arrive a little later.
func (c *caller) until(path string) map[string]any {
	c.w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if c.do("GET", path, nil).status == http.StatusOK {
			return c.get("GET", path, nil)
		}
		if time.Now().After(deadline) {
			c.w.t.Fatal("no answer of", path)
		}
	}
}

// What the register, the dossiers, the inspections and the scans wait for stands in the
// calendar on its day, and leads to where it is dealt with; another unit has none of it.
func TestTheCalendarHoldsWhatTheRegisterAwaits(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"so-y-te", "so-noi-vu"} {
		w.admin.must("POST", apiPath+"/units", map[string]any{"id": id, "name": id})
	}
	today := module.DateOf(time.Now())
	day := func(n int) string { return string(today.Add(n)) }
	of := w.admin.get("POST", apiPath+"/systems", systemOf("so-y-te", "Cổng"))["id"].(string)
	at := apiPath + "/systems/" + of
	w.admin.until(at + "/requirements")
	said := map[string]any{"item": "logs-clock", "declared": "planned", "reason": "", "responsible": "", "due": day(3), "exceptionReason": "", "exceptionUntil": "", "version": 0}
	w.admin.must("PUT", at+"/requirements", said)
	said["item"], said["due"], said["declared"], said["exceptionReason"], said["exceptionUntil"] = "logs-keep", "", "partly", "Chờ mua sắm", day(4)
	w.admin.must("PUT", at+"/requirements", said)
	w.admin.must("POST", at+"/requirement-evidence?item=logs-clock&name=a.txt&expires="+day(5), "x")
	w.admin.must("POST", at+"/overrides", map[string]any{"decider": "Giám đốc", "document": "", "reason": "Phục vụ nhân dân", "until": day(6)})
	w.admin.must("PUT", at+"/layers", map[string]any{"layer": 3, "number": "BC 1", "day": string(today.Add(-700)), "organisation": "Công ty Đánh giá", "contacts": []any{}, "assets": 0, "monitored": 0,
		"until": "", "note": "", "version": 0})
	begins := time.Now().Add(9 * 24 * time.Hour)
	visit := w.admin.get("POST", apiPath+"/inspections", map[string]any{"unit": "so-y-te", "kind": "inspection", "box": "", "title": "Kiểm tra", "systems": []any{}, "scheduled": true, "afterIncident": false,
		"emergency": "", "startsAt": begins, "endsAt": begins.Add(time.Hour), "team": []any{}, "assessor": "", "monitor": "", "devices": []any{}, "minutes": ""})
	scan := `{"template-id": "x", "info": {"name": "Lỗ hổng", "severity": "critical"}, "host": "https://a.example.vn"}` + "\n" +
		`{"template-id": "y", "info": {"name": "Lỗ hổng", "severity": "critical"}, "host": "https://a.example.vn"}`
	w.admin.must("POST", apiPath+"/vulnerability-imports?unit=so-y-te&name=a.jsonl", scan)

	planned := today.Start().AddDate(0, 1, 1-today.Start().Day()) // the first of the next month in Vietnam
	last := module.DateOf(planned.AddDate(0, 1, -1))
	plan := w.admin.get("POST", apiPath+"/assessment-plans", map[string]any{"year": planned.Year(), "items": []any{
		map[string]any{"unit": "so-y-te", "system": "Cổng", "kind": "inspection", "month": int(planned.Month()), "note": ""}}})
	calendar := apiPath + "/agenda?kind=plan&from=" + string(today) + "&to=" + string(today.Add(100))
	if got := w.admin.get("GET", calendar, nil)["items"].([]any); len(got) != 0 {
		t.Errorf("before the plan was approved: %v", got)
	}
	w.admin.must("POST", apiPath+"/assessment-plans/"+plan["id"].(string)+"/approve", map[string]any{"decision": "12/QĐ", "version": plan["version"]})

	found := func(unit string) (list []string) {
		for _, x := range w.admin.get("GET", apiPath+"/agenda?from="+string(today)+"&to="+string(today.Add(100))+"&unit="+unit, nil)["items"].([]any) {
			one := x.(map[string]any)
			if kind := one["kind"].(string); kind != "obligation" && kind != "vulnerability" {
				list = append(list, one["day"].(string)+" "+kind+" "+one["object"].(string))
			} else if kind == "vulnerability" {
				list = append(list, one["vi"].(string)+" "+one["object"].(string))
			}
		}
		return list
	}
	got := found("so-y-te")
	for _, want := range []string{
		day(3) + " requirement system-requirements:" + of, day(4) + " exception system-requirements:" + of, day(5) + " evidence system-requirements:" + of,
		day(6) + " decision system-layers:" + of, day(6) + " inspection inspection:" + visit["id"].(string), day(9) + " inspection inspection:" + visit["id"].(string),
		string(last) + " plan inspection-plan:so-y-te", "2 lỗ hổng phải khắc phục unit-vulnerabilities:so-y-te",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in the calendar", want)
		}
	}
	if !strings.Contains(strings.Join(got, "\n"), " cycle system-layers:"+of) {
		t.Error("the cycle of the assessment is not in the calendar")
	}
	if t.Failed() {
		t.Log(strings.Join(got, "\n"))
	}
	if got := found("so-noi-vu"); len(got) != 0 {
		t.Errorf("of another unit: %q", got)
	}
}
