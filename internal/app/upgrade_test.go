package app

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/module/identity/identitytest"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// olderState is what test/upgrade/make.py wrote down of a state that it made with
// the program of that time.
type olderState struct {
	Password string
	TOTP     *string
	Events   int64
	Sources  int
	Units    map[string]string // id -> name
	Users    map[string]struct {
		ID, Unit, Role string
		Disabled       bool
	}
	Tokens map[string]struct {
		ID, Secret, Unit, Scope string
		Revoked                 bool
		Until                   time.Time
	}
	Alerts map[string]struct {
		Title, TitleVi, Level, Status, Unit, Entity string
		Count                                       int64
		Reason, Assignee                            *string
		FirstSeen                                   string
		History                                     [][3]string // action, to, note
	}
	Saved     *struct{ ID, Name, Query string }
	Upload    string
	Enrolment string
}

// A node of each earlier state opens as one of today, on both databases, and means
// what it meant: people sign in, alerts keep state and history, tokens work, the
// audit trail verifies, every event is found, and work goes on.
func TestUpgrade(t *testing.T) {
	files, err := filepath.Glob("../../test/upgrade/testdata/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d states, %v", len(files), err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".json")
		t.Run(filepath.Base(base), func(t *testing.T) {
			var was olderState
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &was); err != nil {
				t.Fatal(err)
			}
			data := t.TempDir()
			var address string
			if strings.HasSuffix(base, ".postgres") {
				address = sqldbtest.PostgresDatabase(t)
				loadPostgres(t, base+".sql", address)
			} else {
				loadSQLite(t, base+".sql", filepath.Join(data, "control"))
			}
			unpack(t, base+".tar.gz", data)
			n, err := openNode(t, data, func(c *Config) { c.Database.URL = config.Secret(address) })
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := n.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := n.Start(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			was.check(t, n)
		})
	}
}

func (was *olderState) check(t *testing.T, n *Node) {
	// The trail is looked at before anything of today is added to it, and after.
	before, err := n.modules.trail.Verify(t.Context())
	if err != nil || before == 0 {
		t.Errorf("the audit trail: %d records, %v", before, err)
	}
	admin := was.signIn(t, n, "admin")
	lan := was.signIn(t, n, "lan")
	was.checkPeople(t, n, admin)
	was.checkAlerts(t, lan)
	was.checkTokens(t, n, admin)
	if was.Saved != nil {
		var saved struct{ Name, Query string }
		lan.get(t, "/search/saved/"+was.Saved.ID, &saved)
		if saved.Name != was.Saved.Name || saved.Query != was.Saved.Query {
			t.Errorf("the saved search: %+v", saved)
		}
	}
	if was.Upload != "" {
		var u struct{ Status, Name, Unit string }
		lan.get(t, "/uploads/"+was.Upload, &u)
		if u.Status != "done" || u.Name != "cu.log" || u.Unit != "so-y-te" {
			t.Errorf("the upload: %+v", u)
		}
	}
	if was.Enrolment != "" {
		var e struct{ Name, Device, Unit, Status string }
		admin.get(t, "/enrolments/"+was.Enrolment, &e)
		if e.Name != "Tường lửa" || e.Device != "filebeat" || e.Unit != "xa-an-phu" {
			t.Errorf("the connected device: %+v", e)
		}
	}
	var sources struct{ Items []any }
	lan.get(t, "/sources", &sources)
	if len(sources.Items) < was.Sources {
		t.Errorf("%d sources, there were %d", len(sources.Items), was.Sources)
	}
	was.goOn(t, n, lan)
	if after, err := n.modules.trail.Verify(t.Context()); err != nil || after <= before {
		t.Errorf("the audit trail after work went on: %d records, before %d, %v", after, before, err)
	}
}

// goOn works on with what came from before.
func (was *olderState) goOn(t *testing.T, n *Node, lan *upgraded) {
	if got := count(t, n, ""); got != was.Events {
		t.Errorf("%d events, there were %d", got, was.Events)
	}
	sender := &upgraded{url: n.Address(), token: was.Tokens["máy chủ web"].Secret}
	if status, body := sender.ask(t, "POST", "/ingest/json", `{"message":"after the upgrade"}`); status != http.StatusOK {
		t.Errorf("sending: %d %s", status, body)
	}
	deadline := time.Now().Add(time.Minute)
	for count(t, n, "") != was.Events+1 {
		if time.Now().After(deadline) {
			t.Fatalf("%d events after one more, want %d", count(t, n, ""), was.Events+1)
		}
		time.Sleep(50 * time.Millisecond)
	}
	for id, a := range was.Alerts {
		if a.Status != "in_progress" {
			continue
		}
		var now struct {
			Version int64
			History []any
		}
		lan.get(t, "/alerts/"+id, &now)
		status, body := lan.ask(t, "PATCH", "/api/v1/alerts/"+id, fmt.Sprintf(`{"version":%d,"status":"closed","reason":"true_positive","note":"Đã xử lý."}`, now.Version))
		if status != http.StatusOK {
			t.Errorf("closing an alert of before: %d %s", status, body)
		}
		was := len(now.History)
		lan.get(t, "/alerts/"+id, &now)
		if len(now.History) <= was {
			t.Errorf("its history has %d steps, before %d", len(now.History), was)
		}
	}
}

func (was *olderState) checkPeople(t *testing.T, n *Node, admin *upgraded) {
	var users struct {
		Items []struct {
			ID, Username, Role, Unit string
			Disabled                 bool
		}
	}
	admin.get(t, "/users", &users)
	seen := 0
	for _, u := range users.Items {
		w, ok := was.Users[u.Username]
		if !ok {
			continue
		}
		seen++
		if u.ID != w.ID || u.Role != w.Role || u.Unit != w.Unit || u.Disabled != w.Disabled {
			t.Errorf("%s: %+v, was %+v", u.Username, u, w)
		}
		if u.Disabled {
			out := &upgraded{url: n.Address()}
			if status, _ := out.ask(t, "POST", "/api/v1/session", fmt.Sprintf(`{"username":%q,"password":%q}`, u.Username, was.Password)); status != http.StatusUnauthorized {
				t.Errorf("a disabled account signs in: %d", status)
			}
			continue
		}
		was.signIn(t, n, u.Username)
	}
	if seen != len(was.Users) {
		t.Errorf("%d of %d accounts", seen, len(was.Users))
	}
	for id, name := range was.Units {
		var is struct {
			Unit struct{ Name, ValidTo string }
		}
		admin.get(t, "/units/"+id, &is)
		if is.Unit.Name != name || is.Unit.ValidTo != "" {
			t.Errorf("unit %s: %+v, was %q", id, is, name)
		}
	}
}

func (was *olderState) checkAlerts(t *testing.T, lan *upgraded) {
	for id, w := range was.Alerts {
		var a struct {
			Title, TitleVi, Level, Status, Unit, EntityValue, FirstSeen string
			Count                                                       int64
			Reason                                                      *string
			Assignee                                                    *struct{ ID string }
			History                                                     []struct{ Action, To, Note string }
		}
		lan.get(t, "/alerts/"+id, &a)
		now := w
		now.Title, now.TitleVi, now.Level, now.Status, now.Unit, now.Entity, now.FirstSeen = a.Title, a.TitleVi, a.Level, a.Status, a.Unit, a.EntityValue, a.FirstSeen
		now.Count, now.Reason, now.Assignee, now.History = a.Count, a.Reason, nil, [][3]string{}
		if a.Assignee != nil {
			now.Assignee = &a.Assignee.ID
		}
		for _, h := range a.History {
			now.History = append(now.History, [3]string{h.Action, h.To, h.Note})
		}
		if diff := cmp.Diff(w, now); diff != "" {
			t.Errorf("alert %s (-was +is):\n%s", id, diff)
		}
	}
}

func (was *olderState) checkTokens(t *testing.T, n *Node, admin *upgraded) {
	var tokens struct {
		Items []struct {
			ID, Name, Role, Scope, Unit string
			Revoked                     bool
		}
	}
	admin.get(t, "/tokens", &tokens)
	roles := map[string]string{}
	for _, one := range tokens.Items {
		roles[one.ID] = one.Role
	}
	for name, w := range was.Tokens {
		want := http.StatusOK
		if w.Revoked || time.Now().After(w.Until) {
			want = http.StatusUnauthorized
		}
		c := &upgraded{url: n.Address(), token: w.Secret}
		method, path, body := "POST", "/ingest/json", ""
		if w.Scope == "api" {
			method, path = "GET", "/api/v1/alerts"
			if role := roles[w.ID]; role != "service" {
				t.Errorf("the token %s acts as %q", name, role)
			}
		}
		if status, said := c.ask(t, method, path, body); status != want {
			t.Errorf("the token %s: %d %s, want %d", name, status, said, want)
		}
		if _, listed := roles[w.ID]; !listed {
			t.Errorf("the token %s is not listed", name)
		}
	}
}

// upgraded is somebody who talks to the upgraded node.
type upgraded struct{ url, cookie, token string }

func (u *upgraded) ask(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, u.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if u.token != "" {
		req.Header.Set("Authorization", "Bearer "+u.token)
	}
	if u.cookie != "" {
		req.Header.Set("Cookie", u.cookie)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		u.cookie = c.Name + "=" + c.Value
	}
	return res.StatusCode, string(text)
}

func (u *upgraded) get(t *testing.T, path string, into any) {
	t.Helper()
	status, body := u.ask(t, "GET", "/api/v1"+path, "")
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, status, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatal(err)
	}
}

// signIn signs in with the password of before, and the second factor of before or,
// where there was none and one is needed now, a new one.
func (was *olderState) signIn(t *testing.T, n *Node, username string) *upgraded {
	t.Helper()
	u := &upgraded{url: n.Address()}
	if status, body := u.ask(t, "POST", "/api/v1/session", fmt.Sprintf(`{"username":%q,"password":%q}`, username, was.Password)); status != http.StatusOK {
		t.Fatalf("%s signs in: %d %s", username, status, body)
	}
	var session struct {
		Pending string
		User    struct{ Username, Unit, Role string }
	}
	u.get(t, "/session", &session)
	path, secret := "", ""
	switch session.Pending {
	case "factor":
		path, secret = "/api/v1/session/factor", *was.TOTP
	case "enrol-factor":
		var setup struct{ Secret string }
		_, body := u.ask(t, "POST", "/api/v1/me/totp", "")
		if err := json.Unmarshal([]byte(body), &setup); err != nil {
			t.Fatal(err, body)
		}
		path, secret = "/api/v1/me/totp/confirm", setup.Secret
	}
	if path != "" {
		if status, body := u.ask(t, "POST", path, fmt.Sprintf(`{"code":%q}`, identitytest.NewApp(secret).Next(t, time.Now()))); status != http.StatusOK {
			t.Fatalf("%s shows a second factor: %d %s", username, status, body)
		}
		u.get(t, "/session", &session)
	}
	if w, ok := was.Users[username]; session.Pending != "" || session.User.Username != username || ok && (session.User.Unit != w.Unit || session.User.Role != w.Role) {
		t.Errorf("%s is %+v", username, session)
	}
	return u
}

func loadSQLite(t *testing.T, file, dir string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, sqldb.FileName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), string(text))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func loadPostgres(t *testing.T, file, address string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.PgConn().Exec(t.Context(), string(text)).ReadAll()
	if err := errors.Join(err, conn.Close(context.WithoutCancel(t.Context()))); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, file, dir string) {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil || !filepath.IsLocal(h.Name) {
			t.Fatal(h, err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, h.Name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, text, os.FileMode(h.Mode).Perm())); err != nil {
			t.Fatal(err)
		}
	}
}
