//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// person is somebody who is signed in, as a browser would have him.
type person struct {
	t    testing.TB
	base string
	name string
	http *http.Client
}

const ownPassword = "rung-bien-nui-song-2026"

var oneTime = regexp.MustCompile(`one-time password: +(\S+)`)

// administrator signs in with the password the server printed, and sets up the
// second factor that administrators need.
func (n *node) administrator() *person {
	n.t.Helper()
	var found []string
	for deadline := time.Now().Add(time.Minute); found == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			n.t.Fatal("the server printed no one-time password")
		}
		found = oneTime.FindStringSubmatch(n.log.String())
	}
	p := n.signIn("admin", found[1])
	var app struct {
		Secret string `json:"secret"`
	}
	p.must("POST", "/me/totp", struct{}{}, &app)
	code, err := totp.GenerateCode(app.Secret, time.Now())
	if err != nil {
		n.t.Fatal(err)
	}
	p.must("POST", "/me/totp/confirm", map[string]string{"code": code}, nil)
	return p
}

// signIn signs somebody in with a one-time password and gives him his own.
func (n *node) signIn(name, password string) *person {
	n.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		n.t.Fatal(err)
	}
	p := &person{t: n.t, base: "http://" + n.http + "/api/v1", name: name, http: &http.Client{Jar: jar, Timeout: time.Minute}}
	p.must("POST", "/session", map[string]string{"username": name, "password": password}, nil)
	p.must("POST", "/session/password", map[string]string{"current": password, "new": ownPassword}, nil)
	return p
}

// engage makes an account and signs in with it.
func (p *person) engage(n *node, name, role, unit string) *person {
	p.t.Helper()
	var made struct {
		OneTimePassword string `json:"oneTimePassword"`
	}
	p.must("POST", "/users", map[string]string{"username": name, "displayName": "Người " + name, "role": role, "unit": unit}, &made)
	return n.signIn(name, made.OneTimePassword)
}

// try sends a request and returns the status and the answer.
func (p *person) try(method, path string, body any) (int, []byte) {
	p.t.Helper()
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, r)
	if err != nil {
		p.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, text
}

// must sends a request that has to succeed, and reads the answer.
func (p *person) must(method, path string, body, into any) {
	p.t.Helper()
	status, text := p.try(method, path, body)
	if status >= 300 {
		p.t.Fatalf("%s %s as %s: %d %s", method, path, p.name, status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
}

// until reads a path until what it answers is as wanted.
func until[T any](p *person, path string, what string, wanted func(*T) bool) T {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var got T
		p.must("GET", path, nil, &got)
		if wanted(&got) {
			return got
		}
		if time.Now().After(deadline) {
			text, _ := json.Marshal(got)
			p.t.Fatalf("%s did not come about within a minute: %s", what, tail(string(text), 2000))
		}
	}
}

// lines sends text lines with a token, as a device of its unit does.
func (n *node) lines(token string, lines ...string) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodPost, "http://"+n.http+"/ingest/lines", strings.NewReader(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		n.t.Fatalf("lines not taken: %d %s", res.StatusCode, text)
	}
}

// sshd is a line of the SSH server of a host.
func sshd(host, format string, args ...any) string {
	return fmt.Sprintf("<86>1 %s %s sshd 812 - - %s", time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), host, fmt.Sprintf(format, args...))
}
