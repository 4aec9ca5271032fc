package elastic

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

var rewrite = flag.Bool("update", false, "rewrite the answers in testdata")

// What differs from run to run.
var (
	tookText = regexp.MustCompile(`"took":\d+`)
	portText = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	catText  = regexp.MustCompile(`^\d+ \d\d:\d\d:\d\d`)
)

// TestExchanges replays what clients say, from testdata/<client>.txt, and compares
// the answers. README.md there tells the form.
func TestExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no exchanges", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := inputtest.Serve(t, Endpoint(), nil)
			got := replay(t, s, string(raw))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if d := cmp.Diff(string(raw), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func replay(t *testing.T, s *inputtest.Server, text string) string {
	t.Helper()
	head, rest, found := strings.Cut(text, "\n>>> ")
	if !found {
		t.Fatal("no request")
	}
	out := head
	for found {
		var one string
		one, rest, found = strings.Cut(rest, "\n>>> ")
		request, _, _ := strings.Cut(one, "\n<<< ")
		request = strings.TrimRight(request, "\n")
		first, _, _ := strings.Cut(request, "\n")
		method, path, ok := strings.Cut(first, " ")
		if !ok {
			t.Fatalf("%q is no request", first)
		}
		top, body, _ := strings.Cut(request, "\n\n")
		headers := []string{"Connection", "keep-alive"}
		for _, line := range strings.Split(top, "\n")[1:] {
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				t.Fatalf("%q is no header", line)
			}
			headers = append(headers, name, strings.TrimSpace(value))
		}
		if body != "" {
			body += "\n"
		}
		status, answer, h := ask(t, s, method, path, []byte(body), headers...)
		if h.Get("X-Elastic-Product") != "Elasticsearch" {
			t.Errorf("%s is answered without X-Elastic-Product", first)
		}
		answer = tookText.ReplaceAllString(answer, `"took":0`)
		answer = portText.ReplaceAllString(answer, "127.0.0.1:9200")
		answer = catText.ReplaceAllString(answer, "0 00:00:00")
		out += "\n>>> " + request + fmt.Sprintf("\n<<< %d %s\n%s", status, http.StatusText(status), strings.TrimSuffix(answer, "\n"))
		if found {
			out += "\n"
		}
	}
	return strings.TrimRight(out, "\n") + "\n" + left(s)
}

// left lists what the exchange left in the spool.
func left(s *inputtest.Server) string {
	records := s.Shelf.Records()
	return fmt.Sprintf("\n=== %d records\n%s", len(records), strings.Join(append(records, ""), "\n"))
}
