package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module/agenda"
)

// lawDir writes shipped tables with words replaced: file, old, new.
func lawDir(t *testing.T, changes ...[3]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, c := range changes {
		text, err := (*Law)(nil).Table(c[0])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), c[1]) {
			t.Fatalf("%s does not hold %q", c[0], c[1])
		}
		putTable(t, filepath.Join(dir, filepath.FromSlash(c[0])), strings.ReplaceAll(string(text), c[1], c[2]))
	}
	return dir
}

func putTable(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTablesOfAnAdministratorStandInPlaceOfTheShippedOnes(t *testing.T) {
	dir := lawDir(t,
		[3]string{"readiness/layers.yaml", "minShare: 80", "minShare: 95"},
		[3]string{"agenda/reminders.yaml", "kind: cycle", "kind: certificate"})
	putTable(t, filepath.Join(dir, "README.txt"), "decided on 1/10")
	putTable(t, filepath.Join(dir, "readiness", ".layers.yaml.swp"), "x")
	l, err := ReadLaw(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"agenda/reminders.yaml", "readiness/layers.yaml"}; !slices.Equal(l.Replaced, want) {
		t.Errorf("%v, want %v", l.Replaced, want)
	}
	if l.layers.MinShare != 95 || l.layers.CycleMonths[3] == 0 {
		t.Errorf("%+v", l.layers)
	}
	if l.levels.Of(level.Current) == nil || l.dossiers == nil || l.visits == nil || l.asked == nil {
		t.Error("what has no file of its own is not the shipped one")
	}
	if l, err = ReadLaw(""); err != nil || len(l.Replaced) != 0 || l.layers.MinShare != 80 {
		t.Errorf("without a folder: %+v, %v", l, err)
	}
}

func TestWhatIsWrongWithAnAdministratorsTablesIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		change [3]string
		said   string
	}{
		"a field there is not":         {[3]string{"readiness/layers.yaml", "minShare:", "minShares:"}, `did you mean`},
		"a number out of range":        {[3]string{"readiness/layers.yaml", "minShare: 80", "minShare: 180"}, "percent"},
		"the line of a slip":           {[3]string{"dossier/procedure.yaml", "check: 5", "check: five"}, "procedure.yaml:12"},
		"a question that is gone":      {[3]string{"level/nd331-2026.yaml", "{id: personal, level: 2", "{id: person, level: 2"}, "answer personal of question info is gone"},
		"a part that is gone":          {[3]string{"dossier/parts.yaml", "id: plan", "id: plans"}, "plan"},
		"a need there is not":          {[3]string{"dossier/parts.yaml", "dossier.scale,", "dossier.scales,"}, `no field "dossier.scales"`},
		"a form there is not":          {[3]string{"dossier/procedure.yaml", "level-form-01", "level-form-99"}, `no "level-form-99"`},
		"an item that is gone":         {[3]string{"assessment/checklists.yaml", "id: trained", "id: learned"}, "trained is gone"},
		"a requirement that is gone":   {[3]string{"requirement/catalogues/tcvn14423-2026.yaml", "id: suppliers-list", "id: suppliers-record"}, "suppliers-list is gone"},
		"a reminder of what never was": {[3]string{"agenda/reminders.yaml", "kind: cycle", "kind: cycles"}, `no "cycles"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadLaw(lawDir(t, c.change))
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.said) || !strings.Contains(err.Error(), strings.Split(c.change[0], "/")[1]) {
				t.Errorf("want Invalid that says %q of %s, got %v", c.said, c.change[0], err)
			}
		})
	}
	t.Run("a file that replaces nothing", func(t *testing.T) {
		dir := t.TempDir()
		putTable(t, filepath.Join(dir, "readiness", "layer.yaml"), "minShare: 1\n")
		if _, err := ReadLaw(dir); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "layer.yaml replaces no table") {
			t.Error(err)
		}
	})
	t.Run("a folder there is not", func(t *testing.T) {
		if _, err := ReadLaw(filepath.Join(t.TempDir(), "x")); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
	})
}

func TestEveryShippedTableReplacesItself(t *testing.T) {
	names, err := (*Law)(nil).Shipped()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range names {
		text, err := (*Law)(nil).Table(name)
		if err != nil {
			t.Fatal(err)
		}
		putTable(t, filepath.Join(dir, filepath.FromSlash(name)), string(text))
	}
	l, err := ReadLaw(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 15 || !slices.Equal(l.Replaced, names) {
		t.Errorf("%v of %v", l.Replaced, names)
	}
}

func TestANodeCountsByTheTablesOfItsAdministrator(t *testing.T) {
	dir := lawDir(t,
		[3]string{"level/nd331-2026.yaml", "Bí mật nhà nước", "Thông tin bí mật nhà nước"},
		[3]string{"dossier/procedure.yaml", "check: 5", "check: 4"},
		[3]string{"assessment/rules.yaml", "hours: 72", "hours: 96"},
		[3]string{"readiness/layers.yaml", "3: 12", "3: 9"},
		[3]string{"requirement/groups.yaml", "Quản lý rủi ro", "Rủi ro"},
		[3]string{"agenda/reminders.yaml", "kind: cycle", "kind: certificate"})
	n, err := openNode(t, t.TempDir(), func(c *Config) { c.Law.Dir = dir })
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	m := n.modules
	for what, used := range map[string]bool{
		"dossiers, with criteria": m.levels.Law == n.law.dossiers,
		"inspections":             m.visits.Tables == n.law.visits && m.visits.Cycles.Months[3] == 9,
		"layers":                  m.ready.Model.CycleMonths[3] == 9,
		"requirements":            m.asked.Catalogues == n.law.asked,
		"reminders":               slices.ContainsFunc(m.agenda.Reminders, func(r agenda.Reminder) bool { return r.Kind == "certificate" }),
	} {
		if !used {
			t.Errorf("%s: not the administrator's table", what)
		}
	}
}

func TestAWrongTableTouchesNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new")
	dir := lawDir(t, [3]string{"readiness/layers.yaml", "minShare: 80", "minShare: 0"})
	if _, err := openNode(t, data, func(c *Config) { c.Law.Dir = dir }); fault.KindOf(err) != fault.Invalid {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Error("a data folder was made for a table that cannot be read")
	}
}
