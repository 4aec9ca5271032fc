package incident

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

var chief = as("quan-tri", module.RoleAdministrator, event.CentreUnit)

const exercise = `id: exercise
vi: Bài tập
en: Exercise
tasks:
  - id: one
    phase: detect
    of: centre
    within: 1
    vi: Việc một
    en: Task one
`

func TestWhatIsWrongInAPlaybookIsSaidWithItsLine(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for _, c := range []struct{ text, want string }{
		{strings.Replace(exercise, "phase: detect", "phase: later", 1), "playbook exercise, line 6, tasks.0.phase: no phase"},
		{strings.Replace(exercise, "of: centre", "of: nobody", 1), "line 7, tasks.0.of:"},
		{strings.Replace(exercise, "within: 1", "within: 0", 1), "line 8, tasks.0.within:"},
		{strings.Replace(exercise, "within: 1", "within: soon", 1), "line 8: cannot unmarshal"},
		{strings.Replace(exercise, "within: 1", "limit: 1", 1), "line 8: field limit not found"},
		{strings.Replace(exercise, "    en: Task one\n", "", 1), "line 5, tasks.0.en: a name"},
		{strings.Replace(exercise, "id: exercise", "id: other", 1), "line 1, id:"},
		{strings.Replace(exercise, "tasks:", "  tasks:", 1), "line 4:"},
		{exercise + "---\nid: two\n", "one document only"},
		{exercise + exercise[strings.Index(exercise, "  - id"):], "line 11, tasks.1.id:"},
		{"# nothing", "the text is empty"},
	} {
		_, err := f.SavePiece(chief, PiecePlaybook, "exercise", c.text, 0)
		if code(err) != "incident.catalogue" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\n%v", c.want, err)
		}
	}
	if len(f.book().playbooks) != 8 {
		t.Error("a playbook that is wrong is in force")
	}
}

func TestTheCatalogueIsEdited(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		for name, ctx := range map[string]context.Context{"an analyst": analyst, "a unit's administrator": as("x", module.RoleAdministrator, "so-y-te")} {
			if _, err := f.SavePiece(ctx, PiecePlaybook, "exercise", exercise, 0); code(err) != "permission.denied" {
				t.Errorf("%s: %v", name, err)
			}
		}
		p, err := f.SavePiece(chief, PiecePlaybook, "exercise", exercise, 0)
		if err != nil || p.Version != 1 || p.Shipped || !p.Changed || p.By != "QUAN-TRI" {
			t.Fatalf("added: %v %+v", err, p)
		}
		if i := f.opened(analyst, Opening{Playbook: "exercise"}); i.ID != "" {
			if tasks, _ := f.Tasks(analyst, i.ID); len(tasks) != 1 || tasks[0].Title != "Việc một" {
				t.Errorf("its tasks: %+v", tasks)
			}
		}
		if _, err := f.SavePiece(chief, PiecePlaybook, "exercise", exercise, 0); code(err) != "incident.catalogue-changed" {
			t.Errorf("over another's change: %v", err)
		}
		vn, err := f.Piece(chief, PieceScheme, "vn")
		if err != nil || !vn.Shipped || vn.Changed || vn.Version != 0 {
			t.Fatalf("as shipped: %v %+v", err, vn)
		}
		edited := strings.Replace(vn.Text, "en: Denial of service, playbook: denial-of-service}", "en: Denial of service, playbook: exercise}", 1)
		if vn, err = f.SavePiece(chief, PieceScheme, "vn", edited, 0); err != nil || vn.Version != 1 || f.book().categories["vn-a-dos"].Playbook != "exercise" {
			t.Fatalf("edited: %v %+v", err, vn)
		}
		// What is needed stays.
		if err := f.ResetPiece(chief, PiecePlaybook, "exercise"); code(err) != "incident.catalogue-needed" {
			t.Errorf("a playbook a category names: %v", err)
		}
		f.opened(analyst, Opening{})
		without := strings.Replace(edited, "{id: vn-a-ransomware,", "{id: vn-a-locked,", 1)
		if without == edited {
			t.Fatal("the taxonomy has changed; mend this test")
		}
		if _, err := f.SavePiece(chief, PieceScheme, "vn", without, 1); code(err) != "incident.category-used" {
			t.Errorf("a category that incidents have: %v", err)
		}
		if _, err := f.SavePiece(chief, PieceScheme, "enisa", "id: enisa\ndefault: true\n"+strings.SplitN(mustPiece(t, f, "enisa"), "id: enisa\n", 2)[1], 0); code(err) == "" {
			t.Error("two taxonomies are the default")
		}
		// Another start finds it.
		again := New(f.Options)
		if err := again.Load(context.Background()); err != nil || again.book().categories["vn-a-dos"].Playbook != "exercise" {
			t.Errorf("after a restart: %v", err)
		}
		for _, at := range []place{{PieceScheme, "vn"}, {PiecePlaybook, "exercise"}} {
			if err := f.ResetPiece(chief, at.kind, at.id); err != nil {
				t.Errorf("reset %v: %v", at, err)
			}
			if err := f.ResetPiece(chief, at.kind, at.id); code(err) != "incident.catalogue-unknown" {
				t.Errorf("reset %v again: %v", at, err)
			}
		}
		if _, err := f.Piece(chief, PiecePlaybook, "exercise"); code(err) != "incident.catalogue-unknown" {
			t.Errorf("what was reset: %v", err)
		}
		if f.book().categories["vn-a-dos"].Playbook != "denial-of-service" || len(f.book().playbooks) != 8 {
			t.Error("what was reset is in force still")
		}
	})
}

func mustPiece(t *testing.T, f *fixture, id string) string {
	t.Helper()
	p, err := f.Piece(chief, PieceScheme, id)
	if err != nil {
		t.Fatal(err)
	}
	return p.Text
}

func FuzzCatalogue(f *testing.F) {
	texts, err := shipped()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(exercise)
	f.Add("id: &a x\nvi: *a\ntasks: [*a]")
	f.Add("x: {y: [1, {z: }]}")
	f.Fuzz(func(t *testing.T, text string) {
		at := place{PiecePlaybook, "exercise"}
		texts := map[place]string{at: text, {PieceScheme, "vn"}: texts[place{PieceScheme, "vn"}]}
		_, err := build(texts)
		var fl *flaw
		if err != nil && (!errors.As(err, &fl) || fault.New(fault.Invalid, "%w", err).Error() == "") {
			t.Fatalf("%v", err)
		}
		var p Playbook
		if err := read(at, text, &p, func() error { return p.check(at.id) }); err == nil && (p.ID != "exercise" || len(p.Tasks) == 0) {
			t.Fatalf("%+v is sound", p)
		}
	})
}
