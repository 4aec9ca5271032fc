package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
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
