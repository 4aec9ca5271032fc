package app

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/identity/identitytest"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/relay"
)

// world is a whole node on which several agencies have something of everything.
type world struct {
	t       testing.TB
	n       *Node
	doc     *document
	handler http.Handler
	now     time.Time
	admin   *caller // of the centre
	roles   []string
	addrs   int // given to nobodies
	years   int // of plans that were made
}

// tenant is one agency of the world. Its mark is in the name of everything it has:
// found in what another agency was sent, it is a leak.
type tenant struct {
	w       *world
	mark    string
	unit    string
	people  []*caller // one of each role
	token   *caller
	visitor *caller             // a guest of its incident
	shipped map[string]bool     // ids that come with the product: they are nobody's secret
	ids     map[string][]string // by path of the collection, without its parameters filled in
	below   []string            // marks of units below: what bears them is theirs
}

// caller is somebody who sends requests.
type caller struct {
	w      *world
	name   string
	role   string
	cookie string
	token  string
	guest  string // cookie of a guest
	addr   string // "": everybody's
}

type answer struct {
	status int
	header http.Header
	body   string
}

const apiPath = "/api/v1"

func newWorld(t testing.TB) *world { return openWorld(t, quietConfig()) }

func openWorld(t testing.TB, c Config) *world {
	t.Helper()
	n, err := Open(t.Context(), Options{Data: t.TempDir(), Config: c, Command: "serve", Version: "test", Log: quiet(),
		PasswordCost: identity.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	_, password, _, err := n.Identity().Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, n: n, handler: n.server.http.Handler, now: time.Now()}
	w.doc = readDocument(t, []byte((&caller{w: w}).do("GET", "/api/openapi.json", nil).body))
	w.roles = w.rolesOfPeople()
	w.admin = w.signIn(identity.FirstAdministrator, password)
	w.admin.role = "administrator"
	return w
}

func quietConfig() Config {
	c := DefaultConfig()
	c.HTTP.Listen = "127.0.0.1:0"
	c.Inputs = nil
	// The bound on wrong credentials has tests of its own; here everybody is refused a
	// thousand times, and the suite would wait for it most of its time.
	c.HTTP.Failures.Burst = 0
	return c
}

// rolesOfPeople are those an account may be given.
func (w *world) rolesOfPeople() (roles []string) {
	for _, op := range w.doc.operations {
		if op.id == "create-user" {
			for _, e := range w.doc.schema(w.doc.schema(op.body).properties["role"]).enum {
				roles = append(roles, e.(string))
			}
		}
	}
	if len(roles) < 2 {
		w.t.Fatalf("roles: %v", roles)
	}
	return roles
}

const worldPassword = "con trâu đen 47 gặm cỏ"

func (w *world) signIn(name, password string) *caller {
	w.t.Helper()
	c := &caller{w: w, name: name}
	c.must("POST", apiPath+"/session", map[string]any{"username": name, "password": password})
	c.must("POST", apiPath+"/session/password", map[string]any{"current": password, "new": worldPassword})
	if c.get("GET", apiPath+"/session", nil)["pending"] == "enrol-factor" {
		app := identitytest.NewApp(c.get("POST", apiPath+"/me/totp", nil)["secret"].(string))
		c.must("POST", apiPath+"/me/totp/confirm", map[string]any{"code": app.Next(w.t, time.Now())})
	}
	return c
}

func (c *caller) must(method, path string, body any) answer {
	c.w.t.Helper()
	a := c.do(method, path, body)
	if a.status >= 300 {
		c.w.t.Fatalf("%s %s as %s: %d %s", method, path, c.name, a.status, a.body)
	}
	return a
}

// get decodes the answer to a request that must succeed.
func (c *caller) get(method, path string, body any) map[string]any {
	c.w.t.Helper()
	a := c.must(method, path, body)
	var out map[string]any
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		c.w.t.Fatalf("%s %s: %v: %s", method, path, err, a.body)
	}
	return out
}

// do sends a request from outside this machine. A body that is a string is sent as
// it is.
func (c *caller) do(method, path string, body any, header ...string) answer {
	c.w.t.Helper()
	var r io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case string:
		r, kind = strings.NewReader(b), "application/octet-stream"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.w.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req := httptest.NewRequestWithContext(c.w.t.Context(), method, path, r)
	if r != nil {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	c.sign(req)
	req.RemoteAddr = cmp.Or(c.addr, "203.0.113.7:4711")
	rec := httptest.NewRecorder()
	c.w.handler.ServeHTTP(rec, req)
	for _, ck := range rec.Result().Cookies() {
		if ck.Name == identity.CookieName && ck.MaxAge >= 0 {
			c.cookie = ck.Value
		}
		if ck.Name == incident.GuestCookieName && ck.MaxAge >= 0 {
			c.guest = ck.Value
		}
	}
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

// nobody returns somebody unknown at an address of his own.
func (w *world) nobody() *caller {
	w.addrs++
	return &caller{w: w, name: "nobody", addr: fmt.Sprintf("198.51.100.%d:4711", w.addrs)}
}

func (c *caller) sign(req *http.Request) {
	if c.cookie != "" {
		req.AddCookie(&http.Cookie{Name: identity.CookieName, Value: c.cookie})
	}
	if c.guest != "" {
		req.AddCookie(&http.Cookie{Name: incident.GuestCookieName, Value: c.guest})
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
}

// newTenant makes an agency with one account of each role, below parent if that is
// not nil.
func (w *world) newTenant(mark string, parent *tenant, roles []string) *tenant {
	w.t.Helper()
	tn := &tenant{w: w, mark: mark, unit: "so-" + mark, ids: map[string][]string{}, shipped: map[string]bool{}}
	unit := map[string]any{"id": tn.unit, "name": "Sở " + mark}
	if parent != nil {
		unit["parent"] = parent.unit
		parent.below = append(parent.below, mark)
	}
	w.admin.must("POST", apiPath+"/units", unit)
	for _, role := range roles {
		name := mark + "-" + role
		made := w.admin.get("POST", apiPath+"/users", map[string]any{"username": name, "displayName": "Người " + mark, "role": role, "unit": tn.unit})
		c := w.signIn(name, made["oneTimePassword"].(string))
		c.role = role
		tn.people = append(tn.people, c)
	}
	tn.token = &caller{w: w, name: mark + " token", role: "analyst",
		token: w.admin.get("POST", apiPath+"/tokens", map[string]any{"name": mark + " api", "unit": tn.unit, "scope": "api"})["token"].(string)}
	return tn
}

// as returns the tenant's person of a role.
func (tn *tenant) as(role string) *caller {
	for _, c := range tn.people {
		if c.role == role {
			return c
		}
	}
	tn.w.t.Fatalf("%s has no %s", tn.unit, role)
	return nil
}

// callers are all who act for the tenant.
func (tn *tenant) callers() []*caller { return append(slices.Clone(tn.people), tn.token) }

// add notes objects of the tenant that no list shows, by the path of their
// collection.
func (tn *tenant) add(collection string, ids ...string) {
	tn.ids[collection] = append(tn.ids[collection], ids...)
}

// ship names something of the collection that every tenant has under one id.
func (tn *tenant) ship(collection, id string) {
	tn.shipped[id] = true
	tn.add(collection, id)
}

// furnish gives the tenant something of everything, through the API and the inputs.
// An operation on a collection that is empty for the tenant fails the suite: make
// one here. What a list shows is found by itself; tn.add is for the rest.
func (tn *tenant) furnish() {
	t, w := tn.w.t, tn.w
	t.Helper()
	analyst := tn.as("analyst")
	span := map[string]any{"from": w.now.Add(-2 * time.Hour), "to": w.now.Add(2 * time.Hour)}
	with := func(m map[string]any) map[string]any {
		m = maps.Clone(m)
		maps.Copy(m, span)
		return m
	}

	tn.happen()
	events := analyst.get("POST", apiPath+"/search", with(map[string]any{"query": "", "remember": true}))["events"].([]any)
	for _, e := range events {
		tn.add(apiPath+"/events", e.(map[string]any)["id"].(string))
	}
	analyst.must("POST", apiPath+"/search", with(map[string]any{"query": tn.mark, "remember": true}))
	analyst.must("POST", apiPath+"/search/saved", map[string]any{"name": tn.mark, "query": tn.mark, "range": map[string]any{"from": "now-1d", "to": "now"}, "visibility": "unit"})
	analyst.must("POST", apiPath+"/search/exports", with(map[string]any{"query": tn.mark}))
	trial := analyst.get("POST", apiPath+"/rules/test", with(map[string]any{"rule": strings.ReplaceAll(trialRule, "MARK", tn.mark)}))
	tn.add(apiPath+"/rules/test", trial["id"].(string))

	alerts := analyst.get("GET", apiPath+"/alerts", nil)["items"].([]any)
	alert := alerts[0].(map[string]any)
	batch := analyst.get("POST", apiPath+"/alerts/batches", map[string]any{"select": map[string]any{"ids": []any{alert["id"]}}, "note": tn.mark})
	tn.add(apiPath+"/alerts/batches", batch["id"].(string))
	draft := analyst.get("POST", apiPath+"/exclusions/preview", map[string]any{"alertId": alert["id"], "unit": tn.unit, "title": tn.mark,
		"fields": []any{map[string]any{"name": alert["entityField"], "value": alert["entityValue"]}}})
	analyst.must("POST", apiPath+"/exclusions", map[string]any{"unit": tn.unit, "filter": draft["filter"], "reason": "máy quét của " + tn.mark})

	w.admin.must("POST", apiPath+"/enrolments", map[string]any{"unit": tn.unit, "name": tn.mark + " device", "device": "rsyslog-elastic"})
	w.admin.must("POST", apiPath+"/holds", map[string]any{"reason": "giữ " + tn.mark, "units": []string{tn.unit}})
	q := url.Values{"unit": {tn.unit}, "name": {tn.mark + ".log"}, "kind": {"lines"}}
	analyst.must("POST", apiPath+"/uploads?"+q.Encode(), "uploaded line of "+tn.mark+"\n")
	// One of the unit would be handed down to those below.
	analyst.must("POST", apiPath+"/dashboards", map[string]any{"name": tn.mark, "visibility": "private", "widgets": []any{}})
	elsewhere := &caller{w: w, name: analyst.name}
	elsewhere.must("POST", apiPath+"/session", map[string]any{"username": analyst.name, "password": worldPassword})
	for _, s := range analyst.get("GET", apiPath+"/me/sessions", nil)["items"].([]any) {
		if session := s.(map[string]any); session["current"] == false {
			tn.add(apiPath+"/me/sessions", session["id"].(string))
		}
	}
	tok := w.admin.get("POST", apiPath+"/tokens", map[string]any{"name": tn.mark + " relay", "unit": tn.unit, "scope": "ingest"})["id"].(string)
	w.n.modules.relays.Contacted(relay.Relay{ID: "token:" + tok, Unit: event.UnitID(tn.unit), Host: tn.mark + "-relay", LastContact: time.Now()})
	renamed := w.admin.get("POST", apiPath+"/unit-reorganisations", map[string]any{"kind": "rename", "day": "2026-01-01", "name": "Sở mới " + tn.mark,
		"units": []any{map[string]any{"id": tn.unit, "version": 1}}})
	tn.add(apiPath+"/unit-reorganisations", renamed["id"].(string))
	tn.notify()
	tn.incident(alerts)
	tn.letter()
	tn.warning()
	tn.software()
	tn.system()
	tn.weakness()
	tn.malware()
	tn.dossier()
	tn.inspected()
	tn.coordinate()
	tn.drill()
	tn.requirements()
	tn.readiness()
	tn.settle()

	// What the clock would have the tenant owe within a minute, it owes now: a view that
	// changes meanwhile would look like the doing of another.
	if err := w.n.modules.duties.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// incident gives the tenant an incident with something of everything, and the
// clocks that it starts.
func (tn *tenant) incident(alerts []any) {
	t, w, analyst := tn.w.t, tn.w, tn.as("analyst")
	t.Helper()
	var ids []any
	for _, a := range alerts {
		ids = append(ids, a.(map[string]any)["id"])
	}
	facts := map[string]any{"title": "Sự cố " + tn.mark, "unit": tn.unit, "severity": "high", "category": "vn-a-ransomware", "grave": true,
		"detectedAt": w.now.Add(-time.Hour), "confirmedAt": w.now.Add(-time.Minute), "systems": []any{map[string]any{"name": "Cổng " + tn.mark, "level": 3}}}
	before := tn.otherCase()
	i := analyst.get("POST", apiPath+"/incidents", map[string]any{"origin": "alert", "facts": facts, "alerts": ids})
	at := apiPath + "/incidents/" + i["id"].(string)
	analyst.must("POST", at+"/observables", map[string]any{"items": []any{map[string]any{"type": "other", "value": tn.mark}}})
	entry := analyst.get("POST", at+"/timeline", map[string]any{"kind": "note", "text": "Ghi nhận " + tn.mark})
	tn.add(apiPath+"/incidents/{id}/timeline", entry["id"].(string))
	for _, x := range analyst.get("GET", at+"/tasks", nil)["items"].([]any) {
		tn.add(apiPath+"/incidents/{id}/tasks", x.(map[string]any)["id"].(string))
	}
	tn.caseFiles(at, before)
	tn.invite(at)
	// Another agency that has nothing else, to share with.
	other := "khach-" + tn.mark
	w.admin.must("POST", apiPath+"/units", map[string]any{"id": other, "name": "Khách của " + tn.mark, "kind": "department", "parent": tn.unit})
	w.admin.must("POST", at+"/shares", map[string]any{"unit": other, "part": "summary", "tlp": "AMBER"})
	for _, x := range w.admin.get("GET", at+"/shares", nil)["items"].([]any) {
		tn.add(apiPath+"/incidents/{id}/shares", x.(map[string]any)["id"].(string))
	}
	for _, follows := range []string{"/obligations", "/requirement-findings"} {
		tn.waitFor(follows)
	}
}

// waitFor waits until a list of what follows from the incident names it.
func (tn *tenant) waitFor(list string) {
	tn.w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		for _, x := range tn.as("analyst").get("GET", apiPath+list, nil)["items"].([]any) {
			if strings.Contains(x.(map[string]any)["subject"].(map[string]any)["title"].(string), tn.mark) {
				return
			}
		}
		if time.Now().After(deadline) {
			tn.w.t.Fatalf("nothing of the incident in %s", list)
		}
	}
}

// notify gives the tenant a channel to an address nobody answers at, a rule, a plan
// and a message in the log.
func (tn *tenant) notify() {
	t, w := tn.w.t, tn.w
	t.Helper()
	channel := w.admin.get("POST", apiPath+"/notifications/channels", map[string]any{"kind": "webhook", "name": "channel " + tn.mark, "unit": tn.unit,
		"enabled": false, "shared": false, "settings": map[string]any{"url": "https://198.51.100.7/" + tn.mark}, "secret": "0123456789abcdef " + tn.mark + tn.mark})["id"]
	told := []any{map[string]any{"who": "role", "id": "analyst"}}
	w.admin.must("POST", apiPath+"/notifications/rules", map[string]any{"name": "rule " + tn.mark, "unit": tn.unit, "enabled": true, "kinds": []string{},
		"minLevel": "critical", "recipients": told, "channels": []any{channel}})
	w.admin.must("POST", apiPath+"/notifications/plans", map[string]any{"name": "plan " + tn.mark, "unit": tn.unit, "enabled": true,
		"steps": []any{map[string]any{"afterMinutes": 5, "recipients": told, "channels": []any{channel}}}})
	_, err := w.n.store.DB.NewRaw("INSERT INTO notification_deliveries (id, bucket, channel, person, address, unit, kind, level, subject, message, total, state, attempts, next_at, claimed_until, code, reason, created_at, sent_at) "+
		"VALUES (?, '', ?, '', ?, ?, 'alert.opened', 'high', ?, '{}', 1, 'dead', 1, 0, 0, 'notify.refused', ?, 1, 0)",
		"d"+tn.mark, channel, tn.mark+"@example.vn", tn.unit, "subject "+tn.mark, "refused "+tn.mark).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

const trialRule = `title: Trial of MARK
id: 6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f99
status: test
logsource: {product: linux}
detection: {sel: ['MARK'], condition: sel}
level: low
`

// happen lets events of the tenant come in: some that a rule finds, one that nobody
// understands.
func (tn *tenant) happen() {
	t, w := tn.w.t, tn.w
	t.Helper()
	at := time.Now()
	b := &event.Batch{ID: event.NewBatchID(at), Unit: event.UnitID(tn.unit), Input: "syslog", Peer: "192.0.2.1", Received: at}
	stamp := at.UTC().Format("2006-01-02T15:04:05.000000Z")
	for i := range 3 { // an alert each, from an address each
		b.Records = append(b.Records, event.Record{Data: fmt.Appendf(nil, "<86>1 %s %s-web%d sshd 812 - - Failed password for root from 203.0.113.%d port 4%d ssh2", stamp, tn.mark, i, 66+i, i)})
	}
	b.Records = append(b.Records, event.Record{Data: []byte("?? " + tn.mark + " ??")})
	if _, err := w.n.Sink().Put(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	tn.settle()
}

func (tn *tenant) settle() {
	tn.w.t.Helper()
	if err := tn.w.n.Settle(tn.w.t.Context()); err != nil {
		tn.w.t.Fatal(err)
	}
}

// binding fills the parameters of an operation's path with an object of the
// tenant; nil if there is none.
func (tn *tenant) binding(op *operation) map[string]string {
	bound := map[string]string{}
	for _, name := range op.names {
		before, _, _ := strings.Cut(op.path, "/{"+name+"}")
		ids := tn.collection(before, bound)
		if len(ids) == 0 {
			return nil
		}
		bound[name] = ids[0]
	}
	return bound
}

func fill(path string, bound map[string]string) string {
	for name, v := range bound {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(v))
	}
	return path
}

// collection returns the ids of the tenant's objects in a collection: those of
// furnish, and those that lists show.
func (tn *tenant) collection(path string, bound map[string]string) []string {
	key := path
	if ids, ok := tn.ids[key]; ok {
		return ids
	}
	var list *operation
	for _, op := range tn.w.doc.operations {
		if op.method == "GET" && op.path == path && !op.stream {
			list = op
		}
	}
	ids := []string{}
	if list != nil {
		for _, c := range append([]*caller{tn.w.admin}, tn.people...) {
			a := c.do("GET", fill(path, bound)+tn.w.query(list, tn), nil)
			var body any
			if a.status == http.StatusOK && json.Unmarshal([]byte(a.body), &body) == nil {
				tn.pick(body, &ids)
			}
		}
	}
	tn.ids[key] = ids
	return ids
}

// pick finds the objects with an id that bear the tenant's mark.
func (tn *tenant) pick(node any, ids *[]string) {
	switch node := node.(type) {
	case []any:
		for _, e := range node {
			tn.pick(e, ids)
		}
	case map[string]any:
		if id, ok := node["id"].(string); ok && id != "" && !slices.Contains(*ids, id) {
			text, err := json.Marshal(node)
			bears := func(mark string) bool { return strings.Contains(string(text), mark) }
			if err == nil && bears(tn.mark) && !slices.ContainsFunc(tn.below, bears) {
				*ids = append(*ids, id)
			}
			return
		}
		for _, v := range node {
			tn.pick(v, ids)
		}
	}
}

// query makes the parameters that the operation requires.
func (w *world) query(op *operation, tn *tenant) string {
	q := url.Values{}
	for _, p := range op.params {
		if p.in == "query" && p.required {
			q.Set(p.name, asText(w.doc.value(p.name, p.schema, 0, w.now, tn.unit)))
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
