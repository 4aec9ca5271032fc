package httpapi_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/operate/security.md says is tested, is: every test it names exists, and
// every row names one.
func TestEveryTestOfTheSecurityPageExists(t *testing.T) {
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "operate", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err = filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range function.FindAllSubmatch(text, -1) {
			declared[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`")
	rows := 0
	for line := range strings.Lines(string(page)) {
		tests := named.FindAllStringSubmatch(line, -1)
		for _, m := range tests {
			if !declared[m[1]] {
				t.Errorf("docs/operate/security.md names %s, which is no test", m[1])
			}
		}
		if strings.HasPrefix(line, "| ") && !strings.Contains(line, "Requirement |") {
			rows++
			if len(tests) == 0 {
				t.Errorf("docs/operate/security.md: no test is named for %s", strings.TrimSpace(line))
			}
		}
	}
	if rows < 40 {
		t.Errorf("only %d requirements were read", rows)
	}
}
