//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A real Grype and a real Syft look at a folder of this machine, in every form they can
// write that is read here, and what they write is followed: a package that is updated
// closes what was found in it. Grype's database is one of a few weaknesses that
// test/clients/scanners writes, since the one everybody uses cannot be fetched in a test.
func TestGrypeAndSyftAreRead(t *testing.T) {
	dir, err := filepath.Abs("../../bin/scanners")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"grype", "syft", "knowledge"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Skipf("bin/scanners/%s is not built: make scanners", name)
		}
	}
	known, app := t.TempDir(), filepath.Join(t.TempDir(), "cong-dich-vu")
	run := func(name string, args ...string) []byte {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		var out, problems bytes.Buffer
		cmd := exec.CommandContext(ctx, filepath.Join(dir, name), args...)
		cmd.Dir = filepath.Dir(app)
		cmd.Env = append(os.Environ(), "GRYPE_DB_CACHE_DIR="+known, "GRYPE_DB_AUTO_UPDATE=false", "GRYPE_DB_VALIDATE_AGE=false", "GRYPE_CHECK_FOR_APP_UPDATE=false", "SYFT_CHECK_FOR_APP_UPDATE=false")
		cmd.Stdout, cmd.Stderr = &out, &problems
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v %s", name, err, problems.String())
		}
		return out.Bytes()
	}
	run("knowledge", known)
	needs := func(minimist string) {
		t.Helper()
		lock := `{"name":"cong-dich-vu","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"cong-dich-vu","version":"1.0.0"},` +
			`"node_modules/lodash":{"version":"4.17.20"},"node_modules/minimist":{"version":"` + minimist + `"}}}`
		for name, text := range map[string]string{"package-lock.json": lock, "requirements.txt": "requests==2.25.0\n"} {
			if err := os.MkdirAll(app, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	n := newNode(t, t.TempDir(), "")
	token := n.newToken("api")
	n.start()
	call := func(method, path string, body []byte) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+n.http+"/api/v1"+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/octet-stream")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
		}
		return string(text)
	}
	bring := func(report []byte, wants ...string) {
		t.Helper()
		q := url.Values{"unit": {"trung-tam"}, "name": {"x.json"}, "target": {"cong-dich-vu"}}
		got := call("POST", "/vulnerability-imports?"+q.Encode(), report)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
	counts := func(fresh, again, gone int) string {
		return fmt.Sprintf(`"new":%d,"again":%d,"reopened":0,"gone":%d`, fresh, again, gone)
	}
	needs("1.2.5")
	folder := "dir:cong-dich-vu"
	bring(run("grype", folder, "-o", "json"), `"format":"grype"`, counts(3, 0, 0))
	list := call("GET", "/vulnerability-findings", nil)
	for _, want := range []string{`"code":"CVE-2021-44906"`, `"severity":"critical"`, `"cvss":9.8`, `"package":"minimist"`, `"release":"1.2.5"`, `"fixedIn":"1.2.6"`, `"code":"CVE-2021-23337"`, `"code":"CVE-2023-32681"`, `"host":"cong-dich-vu"`} {
		if !strings.Contains(list, want) {
			t.Errorf("%s is not in %s", want, list)
		}
	}
	// With --by-cve every form of its report names the CVE, so all are of the same findings.
	bring(run("grype", folder, "--by-cve", "-o", "cyclonedx-json"), `"format":"cyclonedx"`, counts(0, 3, 0))
	bring(run("grype", folder, "--by-cve", "-o", "sarif"), `"format":"sarif"`, `"findings":3`)
	bring(run("syft", "scan", folder, "-q", "-o", "spdx-json"), `"format":"spdx"`, `"findings":0`)
	bring(run("syft", "scan", folder, "-q", "-o", "cyclonedx-json"), `"format":"cyclonedx"`, `"findings":0`)
	// Grype says when by the second.
	time.Sleep(1100 * time.Millisecond)
	needs("1.2.8")
	bring(run("grype", folder, "-o", "json"), `"format":"grype"`, counts(0, 2, 0))
	time.Sleep(1100 * time.Millisecond)
	bring(run("grype", folder, "--by-cve", "-o", "cyclonedx-json"), counts(0, 2, 1))
}
