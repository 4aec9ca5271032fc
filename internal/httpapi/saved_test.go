package httpapi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module/identity"
)

func TestSavedSearchesOverHTTP(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	lan, hoa := n.analyst(admin, "lan", "so-y-te"), n.analyst(admin, "hoa", "so-noi-vu")
	type saved struct {
		ID, Name, Visibility, Unit string
		Query                      string
		Range                      struct{ From, To string }
		View                       map[string]any
		Columns                    []string
		Owner                      struct{ DisplayName string }
		Mine, Editable             bool
		Version                    int
	}
	type list struct{ Items []saved }
	var s saved
	lan.want(200, "POST", "/api/v1/search/saved", map[string]any{
		"name": "Đăng nhập sai", "query": "EventID:4625", "range": map[string]string{"from": "now-7d", "to": "now"},
		"columns": []string{"user"}, "view": map[string]any{"order": "asc", "chart": true},
	}, &s)
	if s.Visibility != "private" || s.Unit != "so-y-te" || !s.Mine || !s.Editable || s.Version != 1 || s.Owner.DisplayName != "Người lan" || s.View["order"] != "asc" {
		t.Errorf("%+v", s)
	}
	for who, c := range map[string]*client{"another unit": hoa, "the administrator": admin} {
		var l list
		c.want(200, "GET", "/api/v1/search/saved", nil, &l)
		if len(l.Items) != 0 {
			t.Errorf("%s sees a private search: %+v", who, l)
		}
		c.refused(404, "saved.unknown", "GET", "/api/v1/search/saved/"+s.ID, nil)
		c.refused(404, "saved.unknown", "POST", "/api/v1/search/saved/"+s.ID+"/copy", map[string]any{})
		c.refused(404, "saved.unknown", "DELETE", "/api/v1/search/saved/"+s.ID+"?version=1", nil)
	}
	lan.want(200, "PATCH", "/api/v1/search/saved/"+s.ID, map[string]any{"version": 1, "visibility": "everyone"}, &s)
	if s.Version != 2 || s.Query != "EventID:4625" || s.Range.From != "now-7d" || len(s.Columns) != 1 {
		t.Errorf("only the visibility was to change: %+v", s)
	}
	hoa.refused(403, "saved.not-yours", "PATCH", "/api/v1/search/saved/"+s.ID, map[string]any{"version": 2, "name": "x"})
	lan.refused(409, "saved.changed", "DELETE", "/api/v1/search/saved/"+s.ID+"?version=1", nil)
	var twin saved
	hoa.want(200, "POST", "/api/v1/search/saved/"+s.ID+"/copy", map[string]any{"name": "của tôi"}, &twin)
	if twin.Visibility != "private" || twin.Unit != "so-noi-vu" || !twin.Mine {
		t.Errorf("%+v", twin)
	}
	lan.want(204, "DELETE", "/api/v1/search/saved/"+s.ID+"?version=2", nil, nil)
	lan.refused(422, "saved.invalid", "POST", "/api/v1/search/saved", map[string]any{
		"name": "x", "query": "", "range": map[string]string{"from": "hôm qua", "to": "now"},
	})
	lan.refused(422, "query.syntax", "POST", "/api/v1/search/saved", map[string]any{
		"name": "x", "query": "(a", "range": map[string]string{"from": "now-1h", "to": "now"},
	})
}

func TestHistoryOverHTTP(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	lan := n.analyst(admin, "lan", "so-y-te")
	n.lake.add(lake.Row{ID: event.NewBatchID(time.Now()).At(0), Unit: "so-y-te", Time: n.clock.now(), Raw: "đăng nhập"})
	ask := map[string]any{
		"query": "đăng", "from": n.clock.now().Add(-time.Hour), "to": n.clock.now().Add(time.Hour),
		"remember": true, "range": map[string]string{"from": "now-1h", "to": "now"},
	}
	for _, path := range []string{"/search", "/search/histogram"} {
		lan.want(200, "POST", "/api/v1"+path, ask, nil)
	}
	ask["query"], ask["remember"] = "khác", false
	lan.want(200, "POST", "/api/v1/search", ask, nil)
	type list struct {
		Items []struct {
			ID, Query string
			Range     struct{ From, To string }
			Hits      *int
		}
	}
	var l list
	lan.want(200, "GET", "/api/v1/search/history", nil, &l)
	if len(l.Items) != 1 || l.Items[0].Query != "đăng" || l.Items[0].Range.From != "now-1h" || l.Items[0].Hits == nil || *l.Items[0].Hits != 1 {
		t.Fatalf("%+v", l)
	}
	id := l.Items[0].ID
	l = list{}
	admin.want(200, "GET", "/api/v1/search/history", nil, &l)
	if len(l.Items) != 0 {
		t.Errorf("the administrator sees another's history: %+v", l)
	}
	admin.want(http.StatusNoContent, "DELETE", "/api/v1/search/history/"+id, nil, nil)
	admin.want(http.StatusNoContent, "DELETE", "/api/v1/search/history", nil, nil)
	lan.want(200, "GET", "/api/v1/search/history", nil, &l)
	if len(l.Items) != 1 {
		t.Error("the administrator removed another's history")
	}
	lan.want(http.StatusNoContent, "DELETE", "/api/v1/search/history/"+id, nil, nil)
	l = list{}
	if lan.want(200, "GET", "/api/v1/search/history", nil, &l); len(l.Items) != 0 {
		t.Errorf("%+v", l)
	}
}

// What a live tail says besides events.
func TestLiveTailOverHTTP(t *testing.T) {
	n := newNode(t)
	lan := n.analyst(n.administrator(), "lan", "so-y-te")
	large := make([]*lake.Row, 50)
	for i := range large {
		large[i] = &lake.Row{ID: event.NewBatchID(time.Now()).At(i), Unit: "so-y-te", Raw: strings.Repeat("x", 200<<10)}
	}
	n.lake.tail = []func() (lake.Tail, error){
		func() (lake.Tail, error) { return lake.Tail{Gap: true, Next: 7}, nil },
		func() (lake.Tail, error) { return lake.Tail{Next: 8}, nil },
		func() (lake.Tail, error) {
			return lake.Tail{Next: 9, Skipped: 40, Rows: []*lake.Row{{Unit: "so-y-te", Raw: "đăng nhập\nsai"}}, Warnings: []string{"a segment is broken"}}, nil
		},
		func() (lake.Tail, error) { return lake.Tail{Next: 10, Skipped: 1, Rows: large}, nil },
		func() (lake.Tail, error) {
			return lake.Tail{}, fault.New(fault.Busy, "too broad").WithCode("search.memory")
		},
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", n.server.URL+"/api/v1/search/tail?query=x&cursor=3", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: identity.CookieName, Value: lan.cookie})
	req.Header.Set("Last-Event-ID", "5") // what a browser sends when it comes back
	res, err := n.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body) // it ends by itself
	if err != nil {
		t.Fatal(err)
	}
	messages := strings.Split(strings.TrimSuffix(string(text), "\n\n"), "\n\n")
	if len(messages) != 6 {
		t.Fatalf("%d messages: %.2000q", len(messages), messages)
	}
	for i, want := range []string{
		"retry: 2000",
		"id: 5\nevent: ready\ndata: {\"cursor\":\"5\"}",
		"id: 7\nevent: gap\ndata: {\"cursor\":\"7\"}",
		"id: 9\nevent: events\ndata: {\"events\":[{",
		"id: 10\nevent: events\ndata: {\"events\":[{",
		"id: 10\nevent: problem\ndata: {\"status\":429,\"code\":\"search.memory\",\"detail\":\"too broad\"}",
	} {
		if !strings.HasPrefix(messages[i], want) {
			t.Errorf("message %d is %.200q, want %q", i, messages[i], want)
		}
	}
	if !strings.HasSuffix(messages[3], `"skipped":40,"cursor":"9","partial":"a segment is broken"}`) || !strings.Contains(messages[3], `đăng nhập\nsai`) {
		t.Errorf("%.500q", messages[3])
	}
	if len(messages[4]) > 2<<20 || !strings.HasSuffix(messages[4], `"skipped":45,"cursor":"10"}`) {
		t.Errorf("a message of %d bytes ends with %q", len(messages[4]), messages[4][len(messages[4])-40:])
	}
	lan.refused(422, "search.cursor", "GET", "/api/v1/search/tail?cursor=x", nil)
	lan.refused(422, "query.syntax", "GET", "/api/v1/search/tail?query=user:", nil)
}
