package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/source"
)

type alertJSON struct {
	ID, Status, UnitName, LastSeen string
	Level, TitleVi                 string
	Count, Version                 int64
	Reason                         *string
	Assignee                       *struct{ ID, DisplayName string }
	Tags                           []string
}

func TestAnAlertFromFindingToClosed(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	lan := n.analyst(admin, "lan", "trung-tam")
	minh := n.analyst(admin, "minh", "so-y-te")
	other := n.analyst(admin, "hoa", "so-noi-vu")
	id := n.record(n.finding("so-y-te", "web01"), n.finding("so-y-te", "web01"))[0].ID

	var page struct {
		Items    []alertJSON
		Total    int
		ByStatus map[string]int
		ByLevel  map[string]int
	}
	lan.want(200, "GET", "/api/v1/alerts?status=new,in_progress&level=high&sort=-level&q=dang+nhap", nil, &page)
	a := page.Items[0]
	if page.Total != 1 || a.Count != 2 || a.UnitName != "Đơn vị so-y-te" || a.LastSeen != "2026-11-22T03:20:58.123Z" || page.ByStatus["new"] != 1 || page.ByLevel["high"] != 1 || a.Assignee != nil || a.Reason != nil {
		t.Errorf("%+v", page)
	}
	other.want(200, "GET", "/api/v1/alerts", nil, &page)
	if page.Total != 0 || len(page.Items) != 0 {
		t.Errorf("another unit sees %+v", page)
	}
	path := "/api/v1/alerts/" + id
	for _, p := range []string{path, path + "/events"} {
		other.refused(404, "alert.unknown", "GET", p, nil)
	}
	other.refused(404, "alert.unknown", "PATCH", path, map[string]any{"note": "x", "version": 1})
	other.refused(404, "alert.unknown", "POST", "/api/v1/alerts/bulk", map[string]any{"ids": []string{id}, "note": "x"})

	lan.refused(422, "alert.reason-required", "PATCH", path, map[string]any{"status": "closed", "version": 1})
	lan.want(200, "PATCH", path, map[string]any{"status": "in_progress", "assigneeId": "me", "note": "đang xem", "version": 1}, &a)
	if a.Assignee == nil || a.Assignee.DisplayName != "Người lan" || a.Version != 2 {
		t.Errorf("%+v", a)
	}
	minh.refused(409, "alert.changed", "PATCH", path, map[string]any{"note": "cũ", "version": 1})
	minh.want(200, "PATCH", path, map[string]any{"assigneeId": nil, "version": 2}, &a)
	if a.Assignee != nil || a.Status != "in_progress" {
		t.Errorf("%+v", a)
	}
	var bulk struct {
		Updated int
		Alerts  []alertJSON
	}
	lan.want(200, "POST", "/api/v1/alerts/bulk", map[string]any{"ids": []string{id}, "status": "closed", "reason": "true_positive"}, &bulk)
	if bulk.Updated != 1 || bulk.Alerts[0].Status != "closed" || *bulk.Alerts[0].Reason != "true_positive" {
		t.Errorf("%+v", bulk)
	}
	var detail struct {
		alertJSON
		Rule struct {
			Title, ExplanationVi string
			ChecksVi, Fields     []string
		}
		History []struct{ By, Action, From, To string }
	}
	minh.want(200, "GET", path, nil, &detail)
	if detail.Rule.ExplanationVi != "Có người đang dò mật khẩu." || len(detail.Rule.ChecksVi) != 3 || len(detail.History) != 4 || detail.History[1].To != "Người lan" {
		t.Errorf("%+v", detail)
	}
	var events struct {
		Query, From, To string
		Events          []map[string]any
	}
	minh.want(200, "GET", path+"/events", nil, &events)
	if events.Query != `rule:"`+ruleID+`" AND host:"web01"` || events.From != "2026-11-22T03:20:58.123Z" || events.To != "2026-11-22T03:20:58.124Z" {
		t.Errorf("%+v", events)
	}
	if records, err := n.trail.Verify(context.Background()); err != nil || records == 0 {
		t.Errorf("audit: %d %v", records, err)
	}
}

func (n *node) store(unitID event.UnitID, raw string) lake.Row {
	at := n.clock.now()
	r := lake.Row{
		ID: event.NewBatchID(at).At(0), Time: at, Received: at, Unit: unitID, Host: "web01", Raw: raw,
		Fields: []event.Field{{Name: "user", Value: "root"}, {Name: "ip", Value: "1.1.1.1"}, {Name: "ip", Value: "2.2.2.2"}},
	}
	n.lake.add(r)
	return r
}

func TestSearchOverHTTP(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	minh := n.analyst(admin, "minh", "so-y-te")
	mine, foreign := n.store("so-y-te", "=line of ours"), n.store("so-noi-vu", "line of others")
	span := map[string]any{"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00+07:00"}

	var page struct {
		Events []struct {
			ID, Time, Raw string
			Fields        map[string]any
			Rules         []string
		}
	}
	minh.want(200, "POST", "/api/v1/search", span, &page)
	if len(page.Events) != 1 || page.Events[0].ID != mine.ID.String() || fmt.Sprint(page.Events[0].Fields) != "map[ip:[1.1.1.1 2.2.2.2] user:root]" || page.Events[0].Rules == nil {
		t.Errorf("%+v", page)
	}
	admin.want(200, "POST", "/api/v1/search", span, &page)
	if len(page.Events) != 2 {
		t.Errorf("the centre sees %d", len(page.Events))
	}
	var h struct {
		Total         int
		BucketSeconds float64
		Buckets       []struct{ Count int }
	}
	var table struct{ Rows [][]any }
	counted := map[string]any{"query": "* | stats count by unit", "from": span["from"], "to": span["to"]}
	minh.want(200, "POST", "/api/v1/search/table", counted, &table)
	if len(table.Rows) != 1 || fmt.Sprint(table.Rows[0][1]) != "1" {
		t.Errorf("%+v", table)
	}
	admin.want(200, "POST", "/api/v1/search/table", counted, &table)
	if len(table.Rows) != 2 {
		t.Errorf("the centre sees the events of %d units", len(table.Rows))
	}
	span["buckets"] = 10
	minh.want(200, "POST", "/api/v1/search/histogram", span, &h)
	if h.Total != 1 || len(h.Buckets) != 10 || h.BucketSeconds != 17*3600/10 {
		t.Errorf("%+v", h)
	}
	for _, path := range []string{"/api/v1/events/" + foreign.ID.String(), "/api/v1/events/" + foreign.ID.String() + "/around"} {
		minh.want(404, "GET", path, nil, nil)
		admin.want(200, "GET", path, nil, nil)
	}
	var v struct {
		OK       bool
		Offset   int
		Message  string
		Expected []string
	}
	minh.want(200, "POST", "/api/v1/search/validate", map[string]string{"query": "user:"}, &v)
	if v.OK || v.Offset != 5 || v.Message == "" || len(v.Expected) == 0 {
		t.Errorf("%+v", v)
	}
	q := url.Values{"from": {"2026-11-22T00:00:00Z"}, "to": {"2026-11-23T00:00:00Z"}, "format": {"csv"}}
	resp := minh.want(200, "GET", "/api/v1/search/export?"+q.Encode(), nil, nil)
	if resp.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(resp.Header.Get("Content-Disposition"), "events.csv") {
		t.Errorf("%v", resp.Header)
	}
	q.Set("query", "(")
	minh.refused(422, "query.syntax", "GET", "/api/v1/search/export?"+q.Encode(), nil)
}

// A download that breaks off must not look like a whole file.
func TestBrokenExportCutsTheConnection(t *testing.T) {
	n := newNode(t)
	tok := n.makeToken(n.administrator(), "trung-tam", "api")
	n.lake.err = io.ErrUnexpectedEOF
	req, err := http.NewRequest("GET", n.server.URL+"/api/v1/search/export?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z&format=csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+tok.token)
	resp, err := n.server.Client().Do(req)
	if err == nil {
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
	}
	if err == nil {
		t.Error("the client took it for a whole file")
	}
}

func TestOverviewAndSources(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	minh := n.analyst(admin, "minh", "so-y-te")
	n.store("so-y-te", "one")
	n.store("so-noi-vu", "two")
	n.record(n.finding("so-y-te", "web01"), n.finding("so-noi-vu", "web02"))
	err := n.db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		return n.sources.Observe(ctx, tx, []source.Observation{
			{Unit: "so-y-te", Input: "syslog", Peer: "10.0.0.9", Host: "web01", Events: 5, Unparsed: 2, LastReceived: n.clock.now(), Samples: []string{"???"}},
			{Unit: "so-noi-vu", Input: "syslog", Peer: "10.0.0.8", Host: "web02", Format: "sshd", Events: 7, LastReceived: n.clock.now()},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	var o struct {
		EventsPerSecond float64
		EventsTotal     int
		Series          []any
		AlertsByLevel   map[string]int
		AlertsNew       int
		Unparsed        int
		Sources         []struct{ Host, Status string }
		RecentAlerts    []alertJSON
		Health          struct {
			SpoolPending int
			LagSeconds   float64
			Rules        struct{ Loaded, Refused int }
		}
	}
	const path = "/api/v1/overview?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z"
	admin.want(200, "GET", path, nil, &o)
	if o.EventsTotal != 2 || o.AlertsNew != 2 || o.AlertsByLevel["high"] != 2 || o.Unparsed != 2 || len(o.Sources) != 2 || o.Sources[0].Host != "web01" || len(o.RecentAlerts) != 2 || o.Health.LagSeconds != 1.5 || o.EventsPerSecond != 12.5 || len(o.Series) != 60 {
		t.Errorf("%+v", o)
	}
	minh.want(200, "GET", path, nil, &o)
	if o.EventsTotal != 1 || o.AlertsNew != 1 || len(o.Sources) != 1 || len(o.RecentAlerts) != 1 {
		t.Errorf("a unit sees %+v", o)
	}
	var inbox struct {
		Items []struct {
			Count   int
			Samples []string
		}
	}
	minh.want(200, "GET", "/api/v1/unparsed?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z", nil, &inbox)
	if len(inbox.Items) != 1 || inbox.Items[0].Count != 2 || inbox.Items[0].Samples[0] != "???" {
		t.Errorf("%+v", inbox)
	}
	var list struct{ Items []any }
	minh.want(200, "GET", "/api/v1/sources?unit=so-noi-vu", nil, &list)
	if len(list.Items) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestRulesOverHTTP(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	n.record(n.finding("so-y-te", "web01"))
	var page struct {
		Items []struct {
			ID, Title, Level, Product, Pack string
			Hits24h                         int
		}
		Total   int
		Refused []struct {
			File, Reason, Remedy string
			Line                 int
		}
	}
	admin.want(200, "GET", "/api/v1/rules?q=dang+nhap&level=high&product=linux", nil, &page)
	if page.Total != 1 || page.Items[0].ID != ruleID || page.Items[0].Hits24h != 1 || page.Items[0].Pack != "lachan" || len(page.Refused) == 0 || page.Refused[0].File != "broken.yml" || page.Refused[0].Reason == "" {
		t.Errorf("%+v", page)
	}
	admin.want(200, "GET", "/api/v1/rules?product=windows", nil, &page)
	if page.Total != 0 {
		t.Errorf("%+v", page)
	}
	var detail struct {
		Source, ExplanationVi string
		ChecksVi              []string
	}
	admin.want(200, "GET", "/api/v1/rules/"+ruleID, nil, &detail)
	if detail.Source != bruteForceRule || len(detail.ChecksVi) != 3 {
		t.Errorf("%+v", detail)
	}
	var re struct{ Loaded, Refused int }
	admin.want(200, "POST", "/api/v1/rules/reload", nil, &re)
	if re.Loaded != 2 || re.Refused != 1 {
		t.Errorf("%+v", re)
	}
}

func TestACorrelationRuleIsListedWithWhatItCounts(t *testing.T) {
	admin := newNode(t).administrator()
	var page struct {
		Items []struct {
			ID, Kind, Product, Service string
			Silent                     bool
		}
	}
	admin.want(200, "GET", "/api/v1/rules?q=row&product=linux", nil, &page)
	if len(page.Items) != 1 || page.Items[0].Kind != "correlation" || page.Items[0].Service != "sshd" || page.Items[0].Silent {
		t.Fatalf("%+v", page)
	}
	var detail struct {
		Parts  []struct{ ID, TitleVi string }
		Fields []string
	}
	admin.want(200, "GET", "/api/v1/rules/"+page.Items[0].ID, nil, &detail)
	if len(detail.Parts) != 1 || detail.Parts[0].ID != ruleID || detail.Parts[0].TitleVi == "" || strings.Join(detail.Fields, " ") != "event src_ip" {
		t.Errorf("%+v", detail)
	}
	admin.want(200, "GET", "/api/v1/rules/"+ruleID, nil, &page.Items[0])
	if page.Items[0].Kind != "detection" || page.Items[0].Silent {
		t.Errorf("%+v", page.Items[0])
	}
}

// live opens the stream over a real connection and sends what it tells of.
func (n *node) live(c *client) <-chan string {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	n.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", n.server.URL+"/api/v1/live", nil)
	if err != nil {
		n.t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: identity.CookieName, Value: c.cookie})
	resp, err := n.server.Client().Do(req)
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		n.t.Fatalf("live: %v %v", resp, err)
	}
	events := make(chan string, 100)
	go func() {
		defer close(events)
		defer resp.Body.Close()
		name := ""
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if v, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = v
			}
			if v, ok := strings.CutPrefix(lines.Text(), "data: "); ok && name != "stats" && name != "hello" && name != "ping" {
				events <- name + " " + v
			}
		}
	}()
	return events
}

func next(t *testing.T, events <-chan string) string {
	t.Helper()
	select {
	case e := <-events:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event within 10 s")
		return ""
	}
}

func TestAlertsAppearLive(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	lan, minh := n.live(n.analyst(admin, "lan", "trung-tam")), n.live(n.analyst(admin, "minh", "so-y-te"))
	n.record(n.finding("so-noi-vu", "other"))
	decode := func(e string) (kind, unit string, count int) {
		var m struct {
			Kind  string
			Alert struct {
				Unit  string
				Count int
			}
		}
		text, ok := strings.CutPrefix(e, "alert ")
		if err := json.Unmarshal([]byte(text), &m); !ok || err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		return m.Kind, m.Alert.Unit, m.Alert.Count
	}
	if kind, unit, _ := decode(next(t, lan)); kind != "created" || unit != "so-noi-vu" {
		t.Errorf("%s %s", kind, unit)
	}
	n.record(n.finding("so-y-te", "ours"))
	if kind, unit, n := decode(next(t, minh)); kind != "created" || unit != "so-y-te" || n != 1 {
		t.Errorf("%s %s %d", kind, unit, n)
	}
	n.record(n.finding("so-y-te", "ours"))
	if kind, _, n := decode(next(t, minh)); kind != "updated" || n != 2 {
		t.Errorf("%s %d", kind, n)
	}
	n.hub.Close()
	if e := next(t, minh); e != "resync {}" {
		t.Errorf("at shutdown: %s", e)
	}
	if _, open := <-minh; open {
		t.Error("the stream goes on after shutdown")
	}
}

func TestAFloodOfAlertsIsOneMessage(t *testing.T) {
	n := newNode(t)
	events := n.live(n.administrator())
	var findings []detect.Finding
	for i := range 500 {
		findings = append(findings, n.finding("so-y-te", fmt.Sprint("h", i)))
	}
	n.record(findings...)
	if e := next(t, events); e != "resync {}" {
		t.Errorf("%.80s", e)
	}
}

func TestTokenWorksAndStopsAtOnce(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	tok := n.makeToken(admin, "trung-tam", "ingest")
	if resp := tok.do("POST", "/ingest/json", "{}", nil); resp.StatusCode != 200 {
		t.Errorf("%d", resp.StatusCode)
	}
	var list struct {
		Items []struct {
			ID, LastUsedAt string
			Revoked        bool
		}
	}
	admin.want(200, "GET", "/api/v1/tokens", nil, &list)
	if len(list.Items) != 1 || list.Items[0].LastUsedAt != "2026-11-22T03:20:58.123Z" {
		t.Errorf("%+v", list)
	}
	admin.want(204, "DELETE", "/api/v1/tokens/"+list.Items[0].ID, nil, nil)
	if resp := tok.do("POST", "/ingest/json", "{}", nil); resp.StatusCode != 401 {
		t.Errorf("after revoking: %d", resp.StatusCode)
	}
}

// A stream lives on after the time that other requests have.
func TestStreamOutlivesTheTimeOfARequest(t *testing.T) {
	hub := module.NewHub()
	as := func(r *http.Request) (context.Context, string, error) {
		return module.WithPrincipal(r.Context(), module.Principal{ID: "x", Role: module.RoleAnalyst, Unit: event.CentreUnit}), "x", nil
	}
	srv := httptest.NewServer(httpapi.New(httpapi.Options{
		Routes: []func(huma.API){hub.Routes}, Authenticate: as, Authorize: module.Authorize,
		RequestTime: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
	}))
	defer srv.Close()
	defer hub.Close()
	resp, err := srv.Client().Get(srv.URL + "/api/v1/live")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-time.After(300 * time.Millisecond)
	if err := hub.Publish("so-y-te", "alert", 1); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if lines.Text() == "event: alert" {
			return
		}
	}
	t.Errorf("the stream ended before the message: %v", lines.Err())
}
