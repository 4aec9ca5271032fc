package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// guest is somebody with a guest's cookie and nothing else.
func (w *world) guest(cookie string) *caller {
	c := w.nobody()
	c.name, c.guest = "guest", cookie
	return c
}

// invite gives the tenant a guest of its incident, who has used his link and may have
// one of its files.
func (tn *tenant) invite(at string) {
	w := tn.w
	w.t.Helper()
	file := w.admin.get("GET", at+"/files", nil)["items"].([]any)[0].(map[string]any)["id"].(string)
	made := w.admin.get("POST", at+"/guests", map[string]any{"name": "Khách " + tn.mark, "organisation": "Công ty " + tn.mark, "tlp": "AMBER",
		"parts": []any{"overview", "timeline", "observables"}, "files": []any{file}})
	_, secret, _ := strings.Cut(made["path"].(string), "#")
	tn.visitor = w.guest("")
	tn.visitor.must("POST", apiPath+"/guest/session", map[string]any{"secret": secret})
	// Who follows his link again where he used it goes on; nobody else does.
	tn.visitor.must("POST", apiPath+"/guest/session", map[string]any{"secret": secret})
	tn.visitor.must("GET", apiPath+"/guest/incident", nil)
	if a := w.guest("").do("POST", apiPath+"/guest/session", map[string]any{"secret": secret}); a.status != http.StatusConflict {
		w.t.Errorf("a used link: %d %s", a.status, a.body)
	}
	tn.add(apiPath+"/incidents/{id}/guests", made["guest"].(map[string]any)["id"].(string))
	tn.add(apiPath+"/guest/files", file)
}

// A guest's session reaches what he was invited to and nothing else, of whomever.
func (w *world) guestReachesOnlyHisOwn(t *testing.T, own, foreign *tenant) {
	t.Helper()
	calls := 0
	for _, op := range w.doc.operations {
		if op.stream || op.action == "public" {
			continue
		}
		bound := own.binding(op)
		if len(op.names) > 0 && bound == nil {
			continue // said elsewhere
		}
		calls++
		if op.action == "guest.own" {
			if op.method == "DELETE" {
				continue // ends the session
			}
			a := own.visitor.send(w.request(op, own, bound))
			if a.status >= 300 {
				t.Errorf("%s as a guest: %d %s", op.id, a.status, a.body)
			}
			if what := foreign.leaks(a); what != "" {
				t.Errorf("%s as a guest tells %q of %s", op.id, what, foreign.unit)
			}
			continue
		}
		got := own.visitor.send(w.request(op, own, bound))
		if got.status != http.StatusUnauthorized || own.leaks(got) != "" {
			t.Errorf("%s as a guest: %d %.300s", op.id, got.status, got.body)
		}
	}
	t.Logf("%d operations as a guest", calls)
	// A file of somebody else's incident is one that does not exist.
	for _, file := range foreign.ids[apiPath+"/guest/files"] {
		got, want := own.visitor.do("POST", apiPath+"/guest/files/"+file, nil), own.visitor.do("POST", apiPath+"/guest/files/"+twin(file), nil)
		if got.status != http.StatusNotFound || got.plainly(file) != want.plainly(twin(file)) {
			t.Errorf("a file of %s: %d %s", foreign.unit, got.status, got.body)
		}
	}
	// Nor does the session open anything as another credential.
	for name, c := range map[string]*caller{
		"a session of an account": {w: w, cookie: own.visitor.guest}, "a token": {w: w, token: own.visitor.guest},
	} {
		if a := c.do("GET", apiPath+"/incidents", nil); a.status != http.StatusUnauthorized {
			t.Errorf("as %s: %d", name, a.status)
		}
	}
	// Whoever is signed in is not a guest by that.
	for _, c := range own.callers() {
		if a := c.do("GET", apiPath+"/guest/incident", nil); !slices.Contains([]int{http.StatusForbidden, http.StatusUnauthorized}, a.status) {
			t.Errorf("%s as a guest: %d %s", c.name, a.status, a.body)
		}
	}
}
