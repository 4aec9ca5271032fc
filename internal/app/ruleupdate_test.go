package app

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
)

// ruleText is a rule with an id of its own that fires on word.
func ruleText(n int, word string) string {
	return fmt.Sprintf("title: Rule %d\nid: 11111111-2222-4333-8444-%012d\nlogsource: {product: test}\ndetection:\n  selection: {message|contains: %s}\n  condition: selection\nlevel: high\n", n, n, word)
}

type entry struct{ name, text string }

func zipOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o777, Size: int64(len(e.text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fileOf(t *testing.T, name string, data []byte) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(at, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

func folderOf(t *testing.T, entries ...entry) string {
	t.Helper()
	dir := t.TempDir()
	for _, e := range entries {
		at := filepath.Join(dir, filepath.FromSlash(e.name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(e.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tree lists the files below dir, with slashes.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestRulesAreInstalledFromEveryKindOfSource(t *testing.T) {
	entries := []entry{
		{"sigma/rules/one.yml", ruleText(1, "one")},
		{"sigma/rules/sub/two.yaml", ruleText(2, "two")},
		{"sigma/rules/broken.yml", "title: no detection\n"},
		{"sigma/deprecated/old.yml", ruleText(3, "old")},
		{"sigma/tests/thing.yml", ruleText(4, "thing")},
		{"sigma/README.md", "read me"},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(zipOf(t, entries...)) }))
	defer server.Close()
	for kind, from := range map[string]string{
		"zip":     fileOf(t, "r.zip", zipOf(t, entries...)),
		"tar.gz":  fileOf(t, "r.tar.gz", tarOf(t, entries...)),
		"folder":  folderOf(t, entries...),
		"address": server.URL + "/r.zip",
	} {
		data := t.TempDir()
		out, err := InstallRules(t.Context(), from, data, "sigmahq")
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if out.Loaded != 2 || len(out.Refused) != 1 {
			t.Errorf("%s: %d loaded, %d refused; want 2 and 1", kind, out.Loaded, len(out.Refused))
		}
		if got, want := tree(t, data), "rules/sigmahq/sigma/rules/broken.yml rules/sigmahq/sigma/rules/one.yml rules/sigmahq/sigma/rules/sub/two.yaml"; got != want {
			t.Errorf("%s: installed %s, want %s", kind, got, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestAnUpdateReplacesThePackWhole(t *testing.T) {
	data := t.TempDir()
	for _, e := range []entry{{"a.yml", ruleText(1, "a")}, {"b.yml", ruleText(2, "b")}} {
		if _, err := InstallRules(t.Context(), folderOf(t, e), data, "pack"); err != nil {
			t.Fatal(err)
		}
	}
	if got := tree(t, data); got != "rules/pack/b.yml" {
		t.Errorf("after the second update there is %s", got)
	}
}

func TestABadSourceChangesNothing(t *testing.T) {
	good := entry{"good.yml", ruleText(1, "good")}
	huge := make([]byte, 64<<20)
	bomb := func(t *testing.T) []byte {
		var entries []entry
		for i := range maxUnpackedBytes/len(huge) + 1 {
			entries = append(entries, entry{fmt.Sprintf("%d.bin", i), string(huge)})
		}
		return tarOf(t, entries...)
	}
	data := t.TempDir()
	if _, err := InstallRules(t.Context(), folderOf(t, good), data, "pack"); err != nil {
		t.Fatal(err)
	}
	before := tree(t, data)
	for name, c := range map[string]struct {
		from string
		pack string
		kind fault.Kind
	}{
		"zip that climbs out":       {fileOf(t, "r.zip", zipOf(t, good, entry{"../../evil.yml", ruleText(2, "x")})), "pack", fault.Invalid},
		"zip that climbs, Windows":  {fileOf(t, "r.zip", zipOf(t, good, entry{`..\..\evil.yml`, ruleText(2, "x")})), "pack", fault.Invalid},
		"tar that climbs out":       {fileOf(t, "r.tgz", tarOf(t, good, entry{"../evil.yml", ruleText(2, "x")})), "pack", fault.Invalid},
		"tar with absolute names":   {fileOf(t, "r.tgz", tarOf(t, good, entry{"/tmp/evil.yml", ruleText(2, "x")})), "pack", fault.Invalid},
		"no rule at all":            {fileOf(t, "r.zip", zipOf(t, entry{"README.md", "x"})), "pack", fault.Invalid},
		"only broken rules":         {folderOf(t, entry{"broken.yml", "title: x\n"}), "pack", fault.Invalid},
		"cut zip":                   {fileOf(t, "r.zip", zipOf(t, good)[:40]), "pack", fault.Invalid},
		"cut tar":                   {fileOf(t, "r.tgz", tarOf(t, good)[:60]), "pack", fault.Invalid},
		"no archive":                {fileOf(t, "r.txt", []byte("hello")), "pack", fault.Invalid},
		"no such file":              {filepath.Join(t.TempDir(), "none.zip"), "pack", fault.Invalid},
		"plain http":                {"http://rules.example/r.zip", "pack", fault.Invalid},
		"pack name that climbs":     {folderOf(t, good), "../pack", fault.Invalid},
		"hidden pack":               {folderOf(t, good), ".pack", fault.Invalid},
		"tar that unpacks for ever": {fileOf(t, "r.tgz", bomb(t)), "pack", fault.TooLarge},
	} {
		_, err := InstallRules(t.Context(), c.from, data, c.pack)
		if fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v; want %v", name, err, c.kind)
		}
		if after := tree(t, data); after != before {
			t.Fatalf("%s: left %s, before %s", name, after, before)
		}
	}
}

func TestARedirectDoesNotLeaveHTTPS(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("http://rules.example/r.zip", http.StatusFound))
	defer server.Close()
	_, err := InstallRules(t.Context(), server.URL, t.TempDir(), "pack")
	if err == nil || !strings.Contains(err.Error(), "over https") {
		t.Errorf("a redirect to plain http: %v; want a refusal", err)
	}
}
