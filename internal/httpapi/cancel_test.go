package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/module/identity"
)

// A browser that leaves ends its search at once: nobody waits for the answer.
func TestAClientThatLeavesEndsItsSearch(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	for _, path := range []string{"/search", "/search/histogram", "/search/table"} {
		n.lake.begun, n.lake.ended = make(chan struct{}), make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		body := `{"query":"| stats count","from":"2026-11-22T00:00:00Z","to":"2026-11-23T00:00:00Z"}`
		if path != "/search/table" {
			body = strings.Replace(body, "| stats count", "", 1)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.server.URL+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.AddCookie(&http.Cookie{Name: identity.CookieName, Value: admin.cookie})
		done := make(chan struct{})
		go func() {
			defer close(done)
			if res, err := n.server.Client().Do(req); err == nil {
				res.Body.Close()
			}
		}()
		<-n.lake.begun
		cancel()
		<-done
		select {
		case err := <-n.lake.ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", path, err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s goes on after its client is gone", path)
		}
	}
	if strings.Contains(n.log.String(), "level=ERROR") {
		t.Errorf("a client that left is an error in the log:\n%s", n.log)
	}
}
