package httpapi_test

import (
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
)

type figure struct {
	ID, Kind string
	Problem  *struct{ Code string }
	Value    *float64
	Rows     []struct {
		Cells []struct {
			Text   string
			Number *float64
		}
		Link string
	}
}

func TestDashboardsOverHTTP(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	lan, hoa := n.analyst(admin, "lan", "so-y-te"), n.analyst(admin, "hoa", "so-noi-vu")
	type board struct {
		ID             string
		Name           struct{ Vi, En string }
		BuiltIn        bool
		Widgets        []map[string]any
		Mine, Editable bool
		Version        int
	}
	var l struct{ Items []board }
	hoa.want(200, "GET", "/api/v1/dashboards", nil, &l)
	if len(l.Items) != 3 || !l.Items[0].BuiltIn || l.Items[0].ID != "leadership" || l.Items[0].Name.Vi != "Lãnh đạo" || l.Items[0].Editable {
		t.Errorf("built in: %+v", l.Items)
	}
	var made board
	widgets := []map[string]any{{"id": "a", "kind": "open-alerts", "w": 3, "h": 2, "levels": []string{"high"}}}
	lan.want(200, "POST", "/api/v1/dashboards", map[string]any{"name": "Ca đêm", "widgets": widgets}, &made)
	if !made.Mine || !made.Editable || made.Version != 1 || len(made.Widgets) != 1 || made.Widgets[0]["kind"] != "open-alerts" {
		t.Errorf("%+v", made)
	}
	for who, c := range map[string]*client{"another unit": hoa, "the administrator": admin} {
		c.refused(404, "dashboard.unknown", "GET", "/api/v1/dashboards/"+made.ID, nil)
		c.refused(404, "dashboard.unknown", "PATCH", "/api/v1/dashboards/"+made.ID, map[string]any{"version": 1, "name": who})
		c.refused(404, "dashboard.unknown", "DELETE", "/api/v1/dashboards/"+made.ID+"?version=1", nil)
	}
	lan.want(200, "PATCH", "/api/v1/dashboards/"+made.ID, map[string]any{"version": 1, "visibility": "everyone"}, &made)
	hoa.refused(403, "dashboard.not-yours", "PATCH", "/api/v1/dashboards/"+made.ID, map[string]any{"version": 2, "name": "x"})
	lan.refused(409, "dashboard.changed", "PATCH", "/api/v1/dashboards/"+made.ID, map[string]any{"version": 1, "name": "x"})
	lan.refused(422, "dashboard.unknown-kind", "POST", "/api/v1/dashboards", map[string]any{"name": "x", "widgets": []map[string]any{{"id": "a", "kind": "nope", "w": 3, "h": 2}}})
	lan.refused(403, "dashboard.not-yours", "DELETE", "/api/v1/dashboards/wall?version=0", nil)
	lan.want(204, "DELETE", "/api/v1/dashboards/"+made.ID+"?version=2", nil, nil)
}

func TestFiguresOverHTTPCountTheCallersUnitOnly(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	lan, hoa := n.analyst(admin, "lan", "so-y-te"), n.analyst(admin, "hoa", "so-noi-vu")
	for i, unit := range []event.UnitID{"so-y-te", "so-y-te", "so-noi-vu"} {
		n.lake.add(lake.Row{ID: event.NewBatchID(time.Now()).At(i), Unit: unit, Time: n.clock.now().Add(-time.Minute), Raw: "x"})
	}
	question := map[string]any{"from": "now-24h", "to": "now", "widgets": []map[string]any{
		{"id": "e", "kind": "events-over-time", "w": 6, "h": 2}, {"id": "o", "kind": "open-alerts", "w": 3, "h": 2}, {"id": "d", "kind": "disk-forecast", "w": 3, "h": 2},
	}}
	for who, c := range map[string]struct {
		*client
		events float64
		disk   string
	}{"lan": {lan, 2, "dashboard.centre-only"}, "hoa": {hoa, 1, "dashboard.centre-only"}, "admin": {admin, 3, ""}} {
		var a struct{ Figures []figure }
		c.want(200, "POST", "/api/v1/dashboards/figures", question, &a)
		if len(a.Figures) != 3 || a.Figures[0].Value == nil || *a.Figures[0].Value != c.events {
			t.Errorf("%s: %+v, want %v events", who, a.Figures, c.events)
			continue
		}
		if a.Figures[1].Problem != nil || len(a.Figures[1].Rows) != 5 {
			t.Errorf("%s: open alerts: %+v", who, a.Figures[1])
		}
		if p := a.Figures[2].Problem; (p == nil) != (c.disk == "") || p != nil && p.Code != c.disk {
			t.Errorf("%s: disks: %+v", who, p)
		}
	}
	question["unit"] = "so-y-te"
	hoa.refused(404, "unit.unknown", "POST", "/api/v1/dashboards/figures", question)
	question["unit"] = "no-such-unit"
	hoa.refused(404, "unit.unknown", "POST", "/api/v1/dashboards/figures", question)
	n.anonymous().refused(401, "session.required", "POST", "/api/v1/dashboards/figures", question)
}
