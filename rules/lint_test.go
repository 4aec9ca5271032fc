package rules

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/sigma"
)

// Everything that `lachan rules check` can say about a rule, it does not say
// about these.
func TestPackIsLintClean(t *testing.T) {
	var files []sigma.RuleFile
	err := fs.WalkDir(FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".test.yml") {
			return err
		}
		src, err := FS.ReadFile(path)
		files = append(files, sigma.RuleFile{Name: path, Data: src})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 60 {
		t.Errorf("only %d rules", len(files))
	}
	for _, p := range sigma.Lint(files, sigma.LintOptions{Mapping: sigma.DefaultMapping()}) {
		t.Errorf("%s: %v", p.Check, p)
	}
}
