package httpapi_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

func scopeText(sc lake.Scope) string { return fmt.Sprintf("%v", sc) }

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test with -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; if that is meant, run go test with -update:\n%s", path, diff)
	}
}

func (n *node) openAPI() []byte {
	n.t.Helper()
	resp := n.anonymous().doRaw("GET", "/api/openapi.json", nil)
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		n.t.Fatalf("openapi.json: %d, %v", resp.StatusCode, err)
	}
	return append(text, '\n')
}

// The console's types are made from this file: a change of the contract is seen
// in the diff.
func TestOpenAPIIsTheContract(t *testing.T) {
	golden(t, filepath.Join("..", "..", "docs", "api", "openapi.json"), newNode(t).openAPI())
}

// A path parameter that an operation does not read is empty to it, whatever the
// caller asked for.
func TestEveryPathParameterIsRead(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(newNode(t).openAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\{(\w+)\}`)
	checked := 0
	for path, methods := range doc.Paths {
		for _, name := range named.FindAllStringSubmatch(path, -1) {
			for method, op := range methods {
				checked++
				if !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.In == "path" && p.Name == name[1] }) {
					t.Errorf("%s %s does not read {%s}", strings.ToUpper(method), path, name[1])
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d path parameters seen", checked)
	}
}

type operation struct {
	id, method, path, action string
	public                   bool
	body                     bool
}

func (n *node) operations() []operation {
	n.t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string           `json:"operationId"`
			Action      string           `json:"x-action"`
			Security    []map[string]any `json:"security"`
			RequestBody any              `json:"requestBody"`
		}
	}
	if err := json.Unmarshal(n.openAPI(), &doc); err != nil {
		n.t.Fatal(err)
	}
	var ops []operation
	for path, methods := range doc.Paths {
		for method, op := range methods {
			ops = append(ops, operation{
				id: op.OperationID, method: strings.ToUpper(method), path: strings.ReplaceAll(path, "{id}", "nothing"),
				action: op.Action, public: op.Action == "public", body: op.RequestBody != nil,
			})
		}
	}
	slices.SortFunc(ops, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	if len(ops) < 25 {
		n.t.Fatalf("only %d operations in the document", len(ops))
	}
	return ops
}

// send calls the operation with a body and parameters that are wrong, so that a
// refusal cannot come from anything but the caller.
func (op operation) send(c *client) *http.Response {
	var body any
	if op.body {
		body = "{}"
	}
	return c.doRaw(op.method, op.path, body)
}

var publicOperations = []string{"get-sign-in-methods", "ask-passkey", "sign-in-by-passkey", "renew-certificate", "sign-in", "open-guest-link"}

func TestEveryOperationRefusesTheUnknown(t *testing.T) {
	n := newNode(t)
	for _, op := range n.operations() {
		if op.public {
			if !slices.Contains(publicOperations, op.id) {
				t.Errorf("%s is public and not on the list of public operations", op.id)
			}
			continue
		}
		for name, c := range map[string]*client{
			"nobody":       n.anonymous(),
			"wrong cookie": {n: n, cookie: strings.Repeat("0", 64)},
			"wrong token":  {n: n, token: "lc_wrong"},
		} {
			if got := op.send(c).StatusCode; got != http.StatusUnauthorized {
				t.Errorf("%s %s as %s: %d, want 401", op.method, op.path, name, got)
			}
		}
	}
}

// What each role may do, as HTTP shows it: docs/operate/permissions.md from
// outside.
func TestEveryOperationRefusesWhoLacksItsAction(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	callers := map[string]*client{
		"administrator":           admin,
		"analyst of the centre":   n.analyst(admin, "lan", "trung-tam"),
		"administrator of a unit": n.account(admin, "hoa", "administrator", "so-noi-vu"),
		"analyst of a unit":       n.analyst(admin, "minh", "so-noi-vu"),
		"api token of a unit":     n.makeToken(admin, "so-noi-vu", "api"),
		"ingest token":            n.makeToken(admin, "so-noi-vu", "ingest"),
	}
	roleOf := map[string]module.Role{
		"administrator": module.RoleAdministrator, "administrator of a unit": module.RoleAdministrator,
		"analyst of the centre": module.RoleAnalyst, "analyst of a unit": module.RoleAnalyst,
		"api token of a unit": module.RoleService, "ingest token": module.RoleIngest,
	}
	for _, role := range module.Roles() {
		if role.Personal() && role != module.RoleAdministrator && role != module.RoleAnalyst {
			who := string(role) + " of a unit"
			callers[who], roleOf[who] = n.account(admin, string(role), string(role), "so-noi-vu"), role
		}
	}
	may := func(who, action string) bool {
		roles, ofCentre := module.Grants(module.Action(action))
		return slices.Contains(roles, roleOf[who]) && (!ofCentre || who == "administrator" || who == "analyst of the centre")
	}
	for _, op := range n.operations() {
		// Signing out would end the test; the live streams do not end.
		if op.public || op.id == "sign-out" || op.id == "live" || op.id == "search-tail" {
			continue
		}
		for who, c := range callers {
			got := op.send(c).StatusCode
			if (got == http.StatusForbidden) == may(who, op.action) {
				t.Errorf("%s (%s) as %s: %d, allowed should be %v", op.id, op.action, who, got, may(who, op.action))
			}
			if got >= 500 || got == http.StatusUnauthorized && op.id != "change-password" {
				t.Errorf("%s as %s: %d", op.id, who, got)
			}
		}
	}
}

// Until the one-time password is changed there is nothing else to do.
func TestOneTimePasswordOpensNothingElse(t *testing.T) {
	n := newNode(t)
	c := n.anonymous()
	c.want(200, "POST", "/api/v1/session", map[string]string{"username": "admin", "password": n.adminPW}, nil)
	for _, op := range n.operations() {
		if op.public || op.action == "session.own" {
			continue
		}
		resp := op.send(c)
		var p problem
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || resp.StatusCode != http.StatusForbidden || p.Code != "session.must-change-password" {
			t.Errorf("%s: %d %+v %v", op.id, resp.StatusCode, p, err)
		}
	}
}
