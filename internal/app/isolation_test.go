package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What follows is made from the OpenAPI description: a new operation is tested
// without a line here. Where the suite cannot do that by itself it fails and says
// what it needs: an object in furnish, an example below, or a reason why something
// is shared.

// request is one call of an operation.
type request struct {
	op     *operation
	bound  map[string]string
	query  url.Values
	header []string
	body   any
}

// request makes the smallest proper request in the tenant's name, on the object bound.
func (w *world) request(op *operation, tn *tenant, bound map[string]string) request {
	r := request{op: op, bound: bound, query: url.Values{}}
	example, _ := w.example(op, tn).(map[string]any)
	for _, p := range op.params {
		if p.in != "query" {
			continue
		}
		if v, ok := example[p.name]; ok {
			r.query.Set(p.name, asText(v))
		} else if p.required {
			r.query.Set(p.name, asText(w.doc.value(p.name, p.schema, 0, w.now, tn.unit)))
		}
	}
	switch {
	case op.body != nil:
		r.body = w.doc.value("", op.body, 0, w.now, tn.unit)
		if object, ok := r.body.(map[string]any); ok {
			maps.Copy(object, example)
		}
	case op.plain:
		r.body = "a line of " + tn.mark + "\n"
		if file, ok := plainBodies[op.id]; ok {
			r.body = file
		}
	}
	return r
}

func (w *world) example(op *operation, tn *tenant) any {
	text, ok := examples[op.id]
	if !ok {
		return nil
	}
	text = strings.NewReplacer("$unit", tn.unit, "$mark", tn.mark, "$soon", tn.w.now.AddDate(0, 1, 0).Format(time.DateOnly)).Replace(text)
	text = regexp.MustCompile(`\$(/[\w/-]+)`).ReplaceAllStringFunc(text, func(m string) string {
		ids := tn.collection(m[1:], nil)
		if len(ids) == 0 {
			w.t.Errorf("the example of %s needs an object of %s in %s", op.id, tn.unit, m[1:])
			return "nothing"
		}
		return ids[0]
	})
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		w.t.Fatalf("the example of %s: %v", op.id, err)
	}
	return v
}

// with returns r with v at the leaf.
func (r request) with(l leaf, v string) request {
	switch l.in {
	case "query":
		r.query = maps.Clone(r.query)
		r.query.Set(l.path[0], v)
	case "header":
		r.header = []string{l.path[0], v}
	case "body":
		r.body = setAt(r.body, l.path, v)
	}
	return r
}

// send waits where the caller is told to: that other requests are under way is not
// what is asked here.
func (c *caller) send(r request) answer {
	path := fill(r.op.path, r.bound)
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		a := c.do(r.op.method, path, r.body, r.header...)
		if a.status != http.StatusTooManyRequests || time.Now().After(deadline) {
			return a
		}
		time.Sleep(10 * time.Millisecond)
	}
}

var (
	instant  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)
	minute   = regexp.MustCompile(`\d\d:\d\d \d\d/\d\d/\d{4}`)
	duration = regexp.MustCompile(`"(took\w*|\w*Seconds|\w*Ms)":[\d.e+-]+`)
	fresh    = regexp.MustCompile(`[0-9a-f]{26}`)
	named    = regexp.MustCompile(`\d{8}-\d{6}\.`) // a file by the second it was asked for in
	secret   = regexp.MustCompile(`"(oneTimePassword|token)":"[^"]*"`)
)

// plainly is an answer without what differs from request to request, and without
// what the caller sent.
func (a answer) plainly(sent ...string) string {
	h := a.header.Clone()
	for _, name := range []string{"X-Request-Id", "Date"} {
		h.Del(name)
	}
	var b strings.Builder
	fmt.Fprintln(&b, a.status)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		fmt.Fprintln(&b, name, h[name])
	}
	b.WriteString(a.body)
	text := without(b.String(), sent...)
	text = instant.ReplaceAllString(text, "‹time›")
	text = minute.ReplaceAllString(text, "‹time›")
	text = fresh.ReplaceAllString(text, "‹id›")
	text = named.ReplaceAllString(text, "‹time›.")
	text = secret.ReplaceAllString(text, `"$1":‹secret›`)
	return duration.ReplaceAllString(text, `"$1":‹n›`)
}

func without(text string, sent ...string) string {
	for _, s := range sent {
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			text = strings.ReplaceAll(text, form, "‹sent›")
		}
	}
	return text
}

// twin is something of the same shape as id that does not exist.
func twin(id string) string {
	b := []byte(id)
	changed := 0
	for i := len(b) - 1; i >= 0 && changed < 6; i-- {
		c := b[i]
		switch {
		case c >= '0' && c <= '9':
			b[i] = '0' + (c-'0'+3)%10
		case c >= 'a' && c <= 'f':
			b[i] = 'a' + (c-'a'+3)%6
		case c >= 'g' && c <= 'z':
			b[i] = 'g' + (c-'g'+3)%20
		default:
			continue
		}
		changed++
	}
	return string(b)
}

// leaks says what of the tenant is in an answer to somebody else.
func (tn *tenant) leaks(a answer, sent ...string) string {
	text := fmt.Sprint(a.header) + a.body
	text = strings.ToLower(without(text, sent...))
	if strings.Contains(text, tn.mark) {
		return tn.mark
	}
	for _, ids := range tn.ids {
		for _, id := range ids {
			if !tn.shipped[id] && strings.Contains(text, strings.ToLower(id)) {
				return id
			}
		}
	}
	return ""
}

// strangers are callers who have nothing to do with the tenant's objects.
func strangers(w *world) []*caller {
	return []*caller{
		{w: w, name: "nobody"},
		{w: w, name: "somebody with a wrong cookie", cookie: strings.Repeat("0", 64)},
		{w: w, name: "somebody with a wrong token", token: "lc_wrong"},
	}
}

// refusesObjects calls every operation on an object as callers who must not see its
// unit: the answer is the one for an object that does not exist.
func (w *world) refusesObjects(t *testing.T, owner *tenant, callers []*caller, statuses ...int) {
	t.Helper()
	probes := 0
	for _, op := range w.doc.operations {
		if len(op.names) == 0 || op.stream {
			continue
		}
		collection, _, _ := strings.Cut(op.path, "/{")
		if shared[collection] != "" && !strings.Contains(op.path, "/test") {
			continue
		}
		bound := owner.binding(op)
		if bound == nil {
			t.Errorf("%s: %s has nothing in %s: make one in furnish (isolation_world_test.go)", op.id, owner.unit, op.path)
			continue
		}
		none := map[string]string{}
		var sent, other []string
		for name, v := range bound {
			none[name] = twin(v)
			sent, other = append(sent, v), append(other, twin(v))
		}
		for _, c := range callers {
			probes++
			got := c.send(w.request(op, owner, bound))
			want := c.send(w.request(op, owner, none))
			switch {
			case got.status < 400 && op.method == "DELETE" && got.body == "":
				// Told alike whatever there was; that nothing went is seen afterwards.
			case got.status < 400:
				t.Errorf("%s as %s: %d for an object of %s: %.300s", op.id, c.name, got.status, owner.unit, got.body)
			case got.plainly(sent...) != want.plainly(other...):
				t.Errorf("%s as %s tells an object of %s from none:\n%s\n---\n%s", op.id, c.name, owner.unit, got.plainly(sent...), want.plainly(other...))
			case owner.leaks(got, sent...) != "":
				t.Errorf("%s as %s: the refusal tells %q: %s", op.id, c.name, owner.leaks(got, sent...), got.body)
			case !slices.Contains(statuses, got.status):
				t.Errorf("%s as %s: %d; perhaps it needs an example (isolation_test.go): %s", op.id, c.name, got.status, got.body)
			}
		}
	}
	t.Logf("%d calls on objects of %s", probes, owner.unit)
}

// reachesObjects is the control: the same requests by those who may come to the
// object, or to a conflict with its state. Else the refusals above mean nothing.
func (w *world) reachesObjects(t *testing.T, owner *tenant) {
	t.Helper()
	order := []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	ops := slices.Clone(w.doc.operations)
	slices.SortStableFunc(ops, func(a, b *operation) int { return slices.Index(order, a.method) - slices.Index(order, b.method) })
	for _, op := range ops {
		if len(op.names) == 0 || op.stream {
			continue
		}
		bound := owner.binding(op)
		if bound == nil {
			continue // said above
		}
		var tried []string
		reached := false
		for _, c := range append(slices.Clone(owner.people), w.admin, owner.visitor) {
			a := c.send(w.request(op, owner, bound))
			if a.status < 300 || a.status == http.StatusConflict {
				reached = true
				break
			}
			tried = append(tried, fmt.Sprintf("%s: %d %.200s", c.name, a.status, a.body))
		}
		if !reached {
			t.Errorf("%s does not reach an object for those who may; perhaps it needs an example (isolation_test.go):\n%s", op.id, strings.Join(tried, "\n"))
		}
	}
}

// creates tells whether the operation makes something that lists then show.
func (d *document) creates(op *operation) bool {
	return op.method != "GET" && (len(op.names) > 0 || slices.ContainsFunc(d.operations, func(o *operation) bool {
		return strings.HasPrefix(o.path, op.path+"/{")
	}))
}

// view is everything the tenant's people see of it by reading, once what they began
// is done.
func (w *world) view(tn *tenant) map[string]string {
	last := w.glance(tn)
	for deadline := time.Now().Add(60 * time.Second); ; {
		next := w.glance(tn)
		if maps.Equal(last, next) {
			return next
		}
		if time.Now().After(deadline) {
			sameView(w.t, last, next, "changes by itself; if that is meant, name the members in volatile")
			return next
		}
		last = next
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *world) glance(tn *tenant) map[string]string {
	seen := map[string]string{}
	for _, op := range w.doc.operations {
		bound := tn.binding(op)
		if op.stream || !op.reads() || w.doc.creates(op) || op.method == "DELETE" || len(op.names) > 0 && bound == nil {
			continue
		}
		for _, c := range tn.callers() {
			a := c.send(w.request(op, tn, bound))
			if names := volatile[op.id]; names != nil {
				a.body = withoutMembers(w.t, a.body, names)
			}
			if kind := a.header.Get("Content-Type"); strings.HasPrefix(kind, "application/pdf") || strings.HasPrefix(kind, "image/") {
				continue // says in its picture when it was made
			}
			seen[op.id+" as "+c.name] = a.plainly()
		}
	}
	return seen
}

func withoutMembers(t testing.TB, body string, names []string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	items, _ := object["items"].([]any)
	for _, name := range names {
		delete(object, name)
		for _, item := range items {
			if one, ok := item.(map[string]any); ok {
				delete(one, name)
			}
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sameView(t testing.TB, before, after map[string]string, what string) {
	t.Helper()
	for name, text := range before {
		if diff := cmp.Diff(text, after[name]); diff != "" {
			t.Errorf("%s: %s:\n%s", name, what, diff)
		}
	}
}

// readsOnlyItsOwn calls every operation that reads as the caller: nothing in any
// answer is the foreign tenant's.
func (w *world) readsOnlyItsOwn(t *testing.T, own, foreign *tenant, c *caller) {
	t.Helper()
	for _, op := range w.doc.operations {
		bound := own.binding(op)
		if op.stream || !op.reads() || op.method == "DELETE" || len(op.names) > 0 && bound == nil {
			continue
		}
		if a := c.send(w.request(op, own, bound)); foreign.leaks(a) != "" {
			t.Errorf("%s as %s tells %q of %s: %.600s", op.id, c.name, foreign.leaks(a), foreign.unit, a.body)
		}
	}
}

// publicTellsNothing does so for the operations that anybody may call, each time
// from another address: how often somebody guesses is not asked here.
func (w *world) publicTellsNothing(t *testing.T, foreign *tenant) {
	t.Helper()
	for _, op := range w.doc.operations {
		if op.action != "public" || op.stream {
			continue
		}
		base := w.request(op, foreign, nil)
		for _, l := range w.doc.leaves(op) {
			if !idLike.MatchString(l.name()) {
				continue
			}
			for _, c := range foreign.people {
				got := w.nobody().send(base.with(l, c.name))
				want := w.nobody().send(base.with(l, twin(c.name)))
				if got.plainly(c.name) != want.plainly(twin(c.name)) {
					t.Errorf("%s tells %q at %s from what does not exist:\n%.800s\n---\n%.800s", op.id, c.name, l, got.plainly(c.name), want.plainly(twin(c.name)))
				}
			}
		}
	}
}

// tellsNothing puts identities and words of the foreign tenant into every place for
// text of every operation: the answer is the one for words that nobody has.
func (w *world) tellsNothing(t *testing.T, own, foreign *tenant, c *caller) {
	t.Helper()
	probes := 0
	var identities []string
	for _, ids := range foreign.ids {
		if len(ids) > 0 && !foreign.shipped[ids[0]] {
			identities = append(identities, ids[0])
		}
	}
	slices.Sort(identities)
	ops := slices.Clone(w.doc.operations)
	slices.SortStableFunc(ops, func(a, b *operation) int { return len(a.method) - len(b.method) }) // GET first
	for _, op := range ops {
		bound := own.binding(op)
		if op.stream || op.action == "public" || len(op.names) > 0 && bound == nil {
			continue
		}
		base := w.request(op, own, bound)
		tried := false
		for _, l := range w.doc.leaves(op) {
			var values []string
			if op.reads() {
				values = append(values, foreign.mark)
			}
			if idLike.MatchString(l.name()) {
				values = append(append(values, foreign.unit), identities...)
			}
			if values == nil || admitted[op.id+" "+l.String()] != "" {
				continue
			}
			if !tried {
				tried = true
				if a := c.send(base); a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity {
					t.Errorf("%s as %s needs an example (isolation_test.go): %s", op.id, c.name, a.body)
				}
			}
			for _, v := range values {
				probes++
				none := twin(v)
				got, want := c.send(base.with(l, v)), c.send(base.with(l, none))
				if got.plainly(v, none) != want.plainly(v, none) {
					t.Errorf("%s as %s tells %q at %s from what does not exist:\n%.800s\n---\n%.800s", op.id, c.name, v, l, got.plainly(v), want.plainly(none))
				} else if what := foreign.leaks(got, v); what != "" && what != foreign.mark {
					t.Errorf("%s as %s with %q at %s tells %q: %.600s", op.id, c.name, v, l, what, got.body)
				}
			}
		}
	}
	t.Logf("%d calls with words of %s", probes, foreign.unit)
}

func TestIsolation(t *testing.T) {
	w := newWorld(t)
	a := w.newTenant("nhalan4c8", nil, w.roles)
	b := w.newTenant("kylan7f3", nil, []string{"administrator", "analyst"})
	a.furnish()
	b.furnish()

	t.Run("what is read is one's own", func(t *testing.T) {
		for _, c := range a.callers() {
			w.readsOnlyItsOwn(t, a, b, c)
		}
	})
	t.Run("addresses beside the API tell nothing", func(t *testing.T) {
		w.rawTellsNothing(t, append(a.callers(), strangers(w)...), b)
	})
	t.Run("streams carry what is one's own", func(t *testing.T) {
		w.streamsCarryOnlyTheirOwn(t, a, b)
	})
	t.Run("what another unit does changes nothing", func(t *testing.T) {
		before := w.view(a)
		b.happen()
		sameView(t, before, w.view(a), "changed by what "+b.unit+" did")
	})
	t.Run("a guest reaches what he was invited to", func(t *testing.T) {
		w.guestReachesOnlyHisOwn(t, a, b)
	})
	before := w.view(b)
	t.Run("objects of another unit are as unknown as what does not exist", func(t *testing.T) {
		w.refusesObjects(t, b, a.callers(), http.StatusNotFound, http.StatusForbidden)
	})
	t.Run("nobody learns what exists", func(t *testing.T) {
		w.refusesObjects(t, b, strangers(w), http.StatusUnauthorized)
		w.publicTellsNothing(t, b)
	})
	t.Run("words of another unit tell nothing", func(t *testing.T) {
		// One of each kind: what a unit's people see of others does not depend on the role.
		for _, c := range []*caller{a.as("administrator"), a.as("analyst"), a.as("unit-head"), a.token} {
			w.tellsNothing(t, a, b, c)
		}
	})
	t.Run("nothing of the other unit was touched", func(t *testing.T) {
		sameView(t, before, w.view(b), "changed by what "+a.unit+" tried")
	})
	t.Run("those who may, reach them", func(t *testing.T) {
		w.reachesObjects(t, b)
	})
}

// Who answers for a unit sees those below it; those below do not see above.
func TestIsolationWithinTheTree(t *testing.T) {
	w := newWorld(t)
	above := w.newTenant("nhalan4c8", nil, []string{"administrator", "analyst"})
	below := w.newTenant("cucvang9d1", above, w.roles)
	above.furnish()
	below.furnish()

	t.Run("above sees what is below", func(t *testing.T) {
		seen := 0
		for _, op := range w.doc.operations {
			bound := below.binding(op)
			if op.method != "GET" || op.stream || bound == nil || len(op.names) == 0 {
				continue
			}
			r := w.request(op, below, bound)
			centre := w.admin.send(r).status
			for _, c := range above.people {
				got := c.send(r).status
				if got != centre && got != http.StatusForbidden {
					t.Errorf("%s as %s: %d for an object of the unit below, %d for the centre", op.id, c.name, got, centre)
				}
				if got == http.StatusOK {
					seen++
				}
			}
		}
		if seen < 10 {
			t.Errorf("only %d objects below were seen", seen)
		}
		for _, c := range above.people {
			a := c.must("POST", apiPath+"/search", map[string]any{"query": "", "from": w.now.Add(-time.Hour), "to": w.now.Add(time.Hour)})
			for _, mark := range []string{above.mark, below.mark} {
				if !strings.Contains(a.body, mark) {
					t.Errorf("a search as %s finds nothing of %s", c.name, mark)
				}
			}
		}
	})
	t.Run("below reads its own", func(t *testing.T) {
		for _, c := range below.callers() {
			w.readsOnlyItsOwn(t, below, above, c)
		}
	})
	t.Run("streams below", func(t *testing.T) {
		w.streamsCarryOnlyTheirOwn(t, below, above)
	})
	t.Run("objects above are unknown below", func(t *testing.T) {
		w.refusesObjects(t, above, below.callers(), http.StatusNotFound, http.StatusForbidden)
	})
	t.Run("words above tell nothing below", func(t *testing.T) {
		w.tellsNothing(t, below, above, below.as("analyst"))
		w.tellsNothing(t, below, above, below.as("administrator"))
	})
}
