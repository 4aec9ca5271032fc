package archtest

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// citing are the pages whose paths must exist: README.md, CONTRIBUTING.md and
// everything below these folders.
var citing = []string{"docs", "rules/README.md", "test/recordings/README.md", "test/e2e/testdata/script/README.md", "README.md", "CONTRIBUTING.md"}

// roots are what a path of the repository begins with.
var roots = map[string]bool{
	".ci": true, "cmd": true, "docs": true, "evtx": true, "internal": true, "rules": true, "sigma": true,
	"test": true, "tools": true, "web": true,
}

// made are paths that building makes; a fresh clone has none of them.
var made = []string{"web/dist", "web/node_modules", "bin", "release"}

var (
	codeMark = regexp.MustCompile("`([^`\n]+)`")
	linkTo   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// A path: no blanks, and nothing that stands for something else.
	plainPath = regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)
)

// A page that sends its reader to a file that is not there is worse than none.
func TestPathsInTheDocumentationExist(t *testing.T) {
	root := filepath.Join("..", "..")
	checked := 0
	for _, page := range pages(t, root) {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, cited := range citedPaths(page, string(text)) {
			checked++
			if _, err := os.Stat(filepath.Join(root, cited)); err != nil {
				t.Errorf("%s cites %s, which does not exist", page, cited)
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d paths found in the pages; is the search for them broken?", checked)
	}
}

func pages(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	for _, at := range citing {
		err := filepath.WalkDir(filepath.Join(root, at), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(path) == ".md" {
				rel, relErr := filepath.Rel(root, path)
				out, err = append(out, filepath.ToSlash(rel)), relErr
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// citedPaths returns what a page cites, from the root of the repository: targets
// of links, and code marks that look like a path. A placeholder such as <x> or *
// ends a path at the folder before it.
func citedPaths(page, text string) []string {
	var out []string
	for _, m := range linkTo.FindAllStringSubmatch(text, -1) {
		target, _, _ := strings.Cut(m[1], "#")
		if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
			continue
		}
		out = append(out, filepath.ToSlash(filepath.Join(filepath.Dir(page), target)))
	}
	for _, m := range codeMark.FindAllStringSubmatch(text, -1) {
		mark := strings.TrimPrefix(m[1], "./")
		if i := strings.IndexAny(mark, "<*{$…"); i >= 0 {
			mark = mark[:strings.LastIndex(mark[:i], "/")+1]
		}
		first, _, isPath := strings.Cut(mark, "/")
		if !roots[first] || !isPath && !strings.Contains(mark, ".") || !plainPath.MatchString(mark) || isMade(mark) {
			continue
		}
		out = append(out, strings.TrimSuffix(mark, "/"))
	}
	return out
}

func isMade(path string) bool {
	for _, m := range made {
		if path == m || strings.HasPrefix(path, m+"/") {
			return true
		}
	}
	return false
}

func TestCitedPaths(t *testing.T) {
	got := citedPaths("docs/operate/a.md", "See [b](b.md#x), [web](https://example.org), `internal/app/kinds.go`, `internal/parse/<x>.go`, `a/b`, `rule`, `sigma`, `web/dist/x`.")
	want := "docs/operate/b.md internal/app/kinds.go internal/parse"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

var (
	codeSpan    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	emphasis    = regexp.MustCompile(`(^|[^*])\*([^*\n]+)\*($|[^*])`)
	placeholder = regexp.MustCompile(`\\\{\\\{\w+\\\}\\\}`)
)

// The guide writes what stands on the screen in italics; a label that was renamed
// in the console must be renamed there too.
func TestGuideUsesTheLabelsOfTheConsole(t *testing.T) {
	root := filepath.Join("..", "..")
	guide, err := os.ReadFile(filepath.Join(root, "docs", "vi", "huong-dan.md"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	files, err := filepath.Glob(filepath.Join(root, "web", "src", "i18n", "*", "vi.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(root, "web", "src", "i18n", "vi.json")) {
		catalogue, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(catalogue, &tree); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, textsIn(tree)...)
	}
	labels := emphasis.FindAllStringSubmatch(codeSpan.ReplaceAllString(string(guide), ""), -1)
	if len(labels) < 50 {
		t.Errorf("only %d labels found in the guide; is the search for them broken?", len(labels))
	}
	for _, m := range labels {
		if !onScreen(m[2], texts) {
			t.Errorf("docs/vi/huong-dan.md speaks of %q, which the console does not show", m[2])
		}
	}
}

func textsIn(tree any) []string {
	switch v := tree.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var out []string
		for _, sub := range v {
			out = append(out, textsIn(sub)...)
		}
		return out
	}
	return nil
}

func onScreen(label string, texts []string) bool {
	for _, text := range texts {
		if strings.Contains(text, label) {
			return true
		}
		filled := placeholder.ReplaceAllString(regexp.QuoteMeta(text), `\S+`)
		if strings.Contains(text, "{{") && regexp.MustCompile("^"+filled+"$").MatchString(label) {
			return true
		}
	}
	return false
}
