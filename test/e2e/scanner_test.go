//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A real nmap looks at a port of this machine, and what it writes is followed from scan
// to scan: the port is new, seen again, gone when it is closed, and back.
func TestNmapIsFollowedFromScanToScan(t *testing.T) {
	nmap, err := exec.LookPath("nmap")
	if err != nil {
		t.Skip("nmap is not installed: apt-get install nmap")
	}
	n := newNode(t, t.TempDir(), "")
	token := n.newToken("api")
	n.start()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	scan := func() []byte {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		var out, problems bytes.Buffer
		cmd := exec.CommandContext(ctx, nmap, "-Pn", "-n", "-sT", "-p", fmt.Sprint(port), "-oX", "-", "127.0.0.1")
		cmd.Stdout, cmd.Stderr = &out, &problems
		if err := cmd.Run(); err != nil {
			t.Fatalf("nmap: %v %s", err, problems.String())
		}
		return out.Bytes()
	}
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
	bring := func(report []byte, dry bool, want string) {
		t.Helper()
		q := url.Values{"unit": {"trung-tam"}, "name": {"quet.xml"}, "dry": {fmt.Sprint(dry)}}
		got := call("POST", "/vulnerability-imports?"+q.Encode(), report)
		if !strings.Contains(got, want) || !strings.Contains(got, `"format":"nmap"`) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	counts := func(fresh, again, back, gone int) string {
		return fmt.Sprintf(`"new":%d,"again":%d,"reopened":%d,"gone":%d`, fresh, again, back, gone)
	}
	report := scan()
	bring(report, true, counts(1, 0, 0, 0))
	bring(report, false, counts(1, 0, 0, 0))
	place := fmt.Sprintf(`"place":"%d/tcp"`, port)
	if got := call("GET", "/vulnerability-findings", nil); !strings.Contains(got, place) || !strings.Contains(got, `"state":"new"`) {
		t.Errorf("the open port is not listed: %s", got)
	}
	// nmap says when by the second.
	time.Sleep(1100 * time.Millisecond)
	bring(scan(), false, counts(0, 1, 0, 0))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	bring(scan(), false, counts(0, 0, 0, 1))
	if got := call("GET", "/vulnerability-findings", nil); strings.Contains(got, place) {
		t.Errorf("what was closed is still open: %s", got)
	}
	time.Sleep(1100 * time.Millisecond)
	if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	bring(scan(), false, counts(0, 0, 1, 0))
	if got := call("GET", "/vulnerability-findings?state=reopened", nil); !strings.Contains(got, place) {
		t.Errorf("what came back is not open: %s", got)
	}
}
