package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

func newBook(t *testing.T, c RulesConfig) (*rulebook, string) {
	t.Helper()
	data := t.TempDir()
	return newRulebook(c, filepath.Join(data, "rules"), quiet(), time.Now), data
}

func install(t *testing.T, data, pack string, entries ...entry) {
	t.Helper()
	if _, err := InstallRules(t.Context(), folderOf(t, entries...), data, pack); err != nil {
		t.Fatal(err)
	}
}

func reload(t *testing.T, b *rulebook) *detect.Set {
	t.Helper()
	set, err := b.Reload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestABookWithoutRulesStillWorks(t *testing.T) {
	b, _ := newBook(t, RulesConfig{})
	if set, _ := b.Current(); set == nil || len(set.Rules()) != 0 {
		t.Error("a book that was never loaded has no empty set")
	}
	if set := reload(t, b); len(set.Rules()) != 0 {
		t.Errorf("%d rules from nowhere", len(set.Rules()))
	}
}

func TestAllSourcesOfRulesAreRead(t *testing.T) {
	dir := folderOf(t, entry{"local.yml", ruleText(1, "local")}, entry{"broken.yml", "title: x\n"})
	b, data := newBook(t, RulesConfig{Starter: true, Dirs: []string{dir}})
	starter := len(reload(t, b).Rules()) - 1
	if starter < 60 {
		t.Errorf("%d starter rules, want 60 or more", starter)
	}
	install(t, data, "pack", entry{"p.yml", ruleText(2, "p")})
	set := reload(t, b)
	if n := len(set.Rules()); n != starter+2 {
		t.Errorf("%d rules, want the starter's %d and 2", n, starter)
	}
	if set.Refused() != 1 {
		t.Errorf("%d refused, want the broken one alone", set.Refused())
	}
}

func TestAFailedReloadKeepsTheOldRules(t *testing.T) {
	dir := folderOf(t, entry{"a.yml", ruleText(1, "a")})
	b, _ := newBook(t, RulesConfig{Dirs: []string{dir}})
	old := reload(t, b)
	if err := os.WriteFile(filepath.Join(dir, "a.yml"), []byte("title: broken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reload(t.Context()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no rule loads: %v; want Invalid", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("the folder is gone: %v; want an error that names it", err)
	}
	if set, _ := b.Current(); set != old {
		t.Error("the old rules are no longer in force")
	}
}

func TestAnInstalledPackIsLoadedByItself(t *testing.T) {
	b, data := newBook(t, RulesConfig{})
	install(t, data, "pack", entry{"a.yml", ruleText(1, "a")})
	testReloadsByItself(t, b, func() {
		install(t, data, "pack", entry{"a.yml", ruleText(1, "a")}, entry{"b.yml", ruleText(2, "b")})
	})
}

func TestAFileInAConfiguredFolderIsLoadedByItself(t *testing.T) {
	dir := folderOf(t, entry{"a.yml", ruleText(1, "a")})
	b, _ := newBook(t, RulesConfig{Dirs: []string{dir}})
	testReloadsByItself(t, b, func() {
		if err := os.WriteFile(filepath.Join(dir, "b.yml"), []byte(ruleText(2, "b")), 0o600); err != nil {
			t.Fatal(err)
		}
	})
}

// testReloadsByItself makes a change that adds a rule to a book of one.
func testReloadsByItself(t *testing.T, b *rulebook, change func()) {
	t.Helper()
	reload(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Watch(ctx) }()
	change()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if set, _ := b.Current(); len(set.Rules()) == 2 {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if set, _ := b.Current(); len(set.Rules()) != 2 {
		t.Errorf("%d rules after the change, want 2", len(set.Rules()))
	}
}

func TestRulesAreReloadedWhileEventsFlow(t *testing.T) {
	dir := folderOf(t, entry{"a.yml", ruleText(1, "evil")})
	n, err := openNode(t, t.TempDir(), func(c *Config) { c.Rules = RulesConfig{Dirs: []string{dir}} })
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.StartProcessing(t.Context()); err != nil {
		t.Fatal(err)
	}
	const batches = 60
	for range batches {
		put(t, n, `{"product":"test","message":"plain evil"}`)
		if err := n.ReloadRules(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := count(t, n, "rule:11111111-2222-4333-8444-000000000001"); got != batches {
		t.Errorf("%d of %d events were matched by the rule that was in force all the time", got, batches)
	}
}

func TestPipelinesFitRulesToTheEvents(t *testing.T) {
	dir := folderOf(t, entry{"a.yml", ruleText(1, "a")})
	pipelines := folderOf(t, entry{"ecs.yml", "transformations:\n- {type: field_name_prefix, prefix: ecs.}\n"})
	path := filepath.Join(pipelines, "ecs.yml")
	b, _ := newBook(t, RulesConfig{Dirs: []string{dir}, Pipelines: []string{path}})
	old := reload(t, b)
	if fields := old.Rules()[0].Fields(); len(fields) == 0 || !strings.HasPrefix(fields[0], "ecs.") {
		t.Errorf("the rule reads %q, want ecs.…", fields)
	}
	if err := os.WriteFile(path, []byte("transformations:\n- {type: field_name_prefix, prefix: ecs.}\n- {type: prefix}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := b.Reload(t.Context())
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), path+`:3:10: unknown transformation "prefix"; use one of: `) {
		t.Errorf("a broken pipeline: %v; want its place, the reason and the remedy", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reload(t.Context()); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), path) {
		t.Errorf("the pipeline is gone: %v; want an error that names it", err)
	}
	if set, _ := b.Current(); set != old {
		t.Error("the old rules are no longer in force")
	}
}

func TestAPipelineThatIsTooBigIsRefused(t *testing.T) {
	path := filepath.Join(folderOf(t, entry{"big.yml", strings.Repeat("# too much\n", sigma.MaxPipelineBytes/11+1)}), "big.yml")
	if _, _, err := ReadPipelines([]string{path}); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v; want it refused for its size", err)
	}
}
