package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/identity/identitytest"
)

// client is one browser or program.
type client struct {
	n      *node
	cookie string
	token  string
}

func (n *node) anonymous() *client { return &client{n: n} }

// do sends a request and decodes a JSON answer into out, if out is not nil.
func (c *client) do(method, path string, body, out any) *http.Response {
	c.n.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.n.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req := httptest.NewRequest(method, path, r)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.cookie != "" {
		req.AddCookie(&http.Cookie{Name: identity.CookieName, Value: c.cookie})
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.RemoteAddr = "203.0.113.7:4711"
	w := httptest.NewRecorder()
	c.n.handler.ServeHTTP(w, req)
	resp := w.Result()
	for _, ck := range resp.Cookies() {
		if ck.Name == identity.CookieName {
			c.cookie = ck.Value
		}
	}
	if out != nil {
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			c.n.t.Fatal(err)
		}
		if err := json.Unmarshal(text, out); err != nil {
			c.n.t.Fatalf("%s %s: %d %s: %v", method, path, resp.StatusCode, text, err)
		}
	}
	return resp
}

// want is do with an expected status.
func (c *client) want(status int, method, path string, body, out any) *http.Response {
	c.n.t.Helper()
	var problem json.RawMessage
	target := out
	if target == nil {
		target = &problem
	}
	resp := c.doRaw(method, path, body)
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.n.t.Fatal(err)
	}
	if resp.StatusCode != status {
		c.n.t.Fatalf("%s %s: status %d, want %d: %s", method, path, resp.StatusCode, status, text)
	}
	if len(text) > 0 && out != nil {
		if err := json.Unmarshal(text, target); err != nil {
			c.n.t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
	return resp
}

func (c *client) doRaw(method, path string, body any) *http.Response {
	c.n.t.Helper()
	return c.do(method, path, body, nil)
}

type problem struct {
	Type, Title, Detail, Code string
	Status                    int
	Errors                    []struct{ Location, Message string }
}

func (c *client) refused(status int, code, method, path string, body any) problem {
	c.n.t.Helper()
	var p problem
	resp := c.want(status, method, path, body, &p)
	if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
		c.n.t.Fatalf("%s %s: content type %q", method, path, got)
	}
	if p.Code != code || p.Status != status {
		c.n.t.Fatalf("%s %s: %+v, want code %s", method, path, p, code)
	}
	return p
}

const goodPassword = "con trâu đen 47 gặm cỏ"

// administrator signs the first administrator in, with a password of its own.
func (n *node) administrator() *client {
	n.t.Helper()
	c := n.anonymous()
	pw := n.adminPW
	if pw != goodPassword {
		n.adminApp = c.firstSignIn("admin", pw)
		n.adminPW = goodPassword
		return c
	}
	c.want(200, "POST", "/api/v1/session", map[string]string{"username": "admin", "password": pw}, nil)
	code := n.adminApp.Next(n.t, n.clock.now())
	if code == "" {
		n.t.Fatal("no code of the administrator's is left at this time; move the clock")
	}
	c.want(200, "POST", "/api/v1/session/factor", map[string]string{"code": code}, nil)
	return c
}

// firstSignIn replaces a one-time password and sets up an authenticator app where
// the role needs one; nil where it does not.
func (c *client) firstSignIn(name, oneTime string) *identitytest.App {
	c.n.t.Helper()
	c.want(200, "POST", "/api/v1/session", map[string]string{"username": name, "password": oneTime}, nil)
	c.want(204, "POST", "/api/v1/session/password", map[string]string{"current": oneTime, "new": goodPassword}, nil)
	var session struct{ Pending string }
	c.want(200, "GET", "/api/v1/session", nil, &session)
	if session.Pending == "" {
		return nil
	}
	var setup struct{ Secret string }
	c.want(200, "POST", "/api/v1/me/totp", nil, &setup)
	app := identitytest.NewApp(setup.Secret)
	c.want(200, "POST", "/api/v1/me/totp/confirm", map[string]string{"code": app.Next(c.n.t, c.n.clock.now())}, nil)
	return app
}

// analyst makes an analyst of a unit and signs him in.
func (n *node) analyst(admin *client, name, unitID string) *client {
	n.t.Helper()
	return n.account(admin, name, "analyst", unitID)
}

// account makes an account of a unit (registered if need be) and signs it in.
func (n *node) account(admin *client, name, role, unitID string) *client {
	n.t.Helper()
	if !n.units.Exists(event.UnitID(unitID)) {
		admin.want(200, "POST", "/api/v1/units", map[string]string{"id": unitID, "name": "Đơn vị " + unitID}, nil)
	}
	var made struct{ OneTimePassword string }
	admin.want(200, "POST", "/api/v1/users", map[string]string{"username": name, "displayName": "Người " + name, "role": role, "unit": unitID}, &made)
	c := n.anonymous()
	c.firstSignIn(name, made.OneTimePassword)
	return c
}
