package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestATableOfTheLawIsExportedChangedAndChecked(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "readiness", "layers.yaml")
	lachan := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := Main(append([]string{"law"}, args...), nil, &out, &errs); code != want {
			t.Fatalf("lachan law %v: exit code %d, want %d\n%s%s", args, code, want, &out, &errs)
		}
		return out.String() + errs.String()
	}
	if said := lachan(exitDone, "export", dir, "readiness/layers.yaml"); !strings.Contains(said, file) {
		t.Error(said)
	}
	if said := lachan(exitInvalid, "export", dir, "readiness/layers.yaml"); !strings.Contains(said, "is there already") {
		t.Error(said)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for share, code := range map[string]int{"101": exitInvalid, "90": exitDone} {
		changed := strings.Replace(string(text), "minShare: 80", "minShare: "+share, 1)
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if said := lachan(code, "check", dir); !strings.Contains(said, "readiness/layers.yaml") {
			t.Errorf("a share of %s: %s", share, said)
		}
	}
	config := filepath.Join(t.TempDir(), "lachan.yaml")
	if err := os.WriteFile(config, []byte("law:\n  dir: "+dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := lachan(exitDone, "list", "--config", config); !strings.Contains(said, file) || !strings.Contains(said, "shipped") {
		t.Error(said)
	}
	lachan(exitFailed, "export", dir, "readiness/no.yaml")
}
