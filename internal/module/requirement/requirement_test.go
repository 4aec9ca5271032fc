package requirement

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type names struct{}

func (names) Name(id event.UnitID) string { return "Đơn vị " + string(id) }

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
	seen  map[string][]Reading // what measuring gives, by system
}

// Measure implements [Measures].
func (f *fixture) Measure(_ context.Context, systems []System) (map[string][]Reading, error) {
	found := map[string][]Reading{}
	for _, s := range systems {
		found[s.ID] = f.seen[s.ID]
	}
	return found, nil
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}
	log := slog.New(slog.DiscardHandler)
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: names{}, Measures: f, Dir: t.TempDir(),
		Signatures: module.NewSignatures(nil, log), Log: log, Now: func() time.Time { return f.clock }})
	for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "requirement": f.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// tells the service of a matter, twice, as the outbox may.
func (f *fixture) tells(m module.Matter) {
	f.t.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		f.t.Fatal(err)
	}
	for range 2 {
		if err := f.hear(context.Background(), module.Fact{ID: module.NewID(), Kind: module.FactMatter, Unit: m.Unit, Body: body}); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *fixture) ransomware(level int) module.Matter {
	return module.Matter{
		Subject: module.Subject{Kind: "incident", ID: "i1", Code: "SC-2026-0001", Title: "Mã hóa dữ liệu"}, Unit: "so-y-te",
		At:     map[string]time.Time{"detectedAt": f.clock.Add(-2 * time.Hour), "confirmedAt": f.clock.Add(-time.Hour)},
		Traits: map[string]any{"category": "vn-a-ransomware", "level": level, "systems": []string{"Một cửa điện tử"}},
	}
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	analyst  = as("an", module.RoleAnalyst, event.CentreUnit)
	officer  = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
)

func (f *fixture) list(ctx context.Context, q Filter) []Finding {
	f.t.Helper()
	list, total, err := f.List(ctx, q)
	if err != nil {
		f.t.Fatal(err)
	}
	if int(total) != len(list) {
		f.t.Errorf("%d of %d findings", len(list), total)
	}
	slices.SortFunc(list, func(a, b Finding) int { return strings.Compare(a.Group, b.Group) })
	return list
}

func states(list []Finding) string {
	var out []string
	for _, x := range list {
		out = append(out, x.Group+"="+string(x.State))
	}
	return strings.Join(out, " ")
}

func code(err error) string {
	var e *fault.Error
	if errors.As(err, &e) && e.Code != "" {
		return e.Code
	}
	if err == nil {
		return ""
	}
	return fault.KindOf(err).String()
}

func TestAConfirmedMatterSpeaksAgainstRequirements(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		m := f.ransomware(3)
		confirmed := m.At["confirmedAt"]
		delete(m.At, "confirmedAt")
		f.tells(m)
		if got := f.list(officer, Filter{}); len(got) != 0 {
			t.Fatalf("not confirmed: %s", states(got))
		}
		m.At["confirmedAt"] = confirmed
		f.tells(m)
		got := f.list(officer, Filter{Unit: "so-y-te"})
		if states(got) != "backup=failing malware=failing" {
			t.Fatalf("confirmed: %s", states(got))
		}
		if x := got[1]; x.Code != "5.10" || x.Level != 3 || !slices.Equal(x.Systems, []string{"Một cửa điện tử"}) || !x.Since.Equal(confirmed) || x.Subject != m.Subject {
			t.Errorf("%+v", x)
		}
		if got := f.list(stranger, Filter{State: "any"}); len(got) != 0 {
			t.Errorf("another unit sees %s", states(got))
		}
		if _, _, err := f.Get(stranger, got[0].ID); code(err) != "requirement.unknown" {
			t.Errorf("another unit reads: %v", err)
		}

		m.At["closedAt"] = f.clock
		f.tells(m)
		if got := f.list(officer, Filter{}); states(got) != "backup=recheck malware=recheck" {
			t.Errorf("closed: %s", states(got))
		}
		delete(m.At, "closedAt")
		f.tells(m)
		if got := f.list(officer, Filter{}); states(got) != "backup=failing malware=failing" {
			t.Errorf("opened again: %s", states(got))
		}
		m.Traits["category"] = "vn-a-malware"
		f.tells(m)
		if got := f.list(officer, Filter{State: "any"}); states(got) != "backup=withdrawn malware=failing" {
			t.Errorf("sorted otherwise: %s", states(got))
		}
		m.Ended = true
		f.tells(m)
		if got := f.list(officer, Filter{State: "any"}); states(got) != "backup=withdrawn malware=withdrawn" {
			t.Errorf("it was none: %s", states(got))
		}
	})
}

func TestOnlyTheCentreVerifies(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		m := f.ransomware(3)
		f.tells(m)
		x := f.list(officer, Filter{Group: "malware"})[0]
		if _, _, err := f.Take(officer, x.ID, Verify, "Đã kiểm tra máy chủ", x.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("its own unit: %v", err)
		}
		for want, do := range map[string]func() error{
			"requirement.reason": func() error { _, _, err := f.Take(analyst, x.ID, Verify, "ổn", x.Version); return err },
			"requirement.changed": func() error {
				_, _, err := f.Take(analyst, x.ID, Verify, "Đã kiểm tra máy chủ", x.Version+1)
				return err
			},
			"requirement.verb": func() error {
				_, _, err := f.Take(analyst, x.ID, "shrug", "Đã kiểm tra máy chủ", x.Version)
				return err
			},
			"requirement.state": func() error {
				_, _, err := f.Take(analyst, x.ID, Reopen, "Đã kiểm tra máy chủ", x.Version)
				return err
			},
			"requirement.unknown": func() error { _, _, err := f.Take(analyst, "x", Verify, "Đã kiểm tra máy chủ", 1); return err },
		} {
			if err := do(); code(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		met, steps, err := f.Take(analyst, x.ID, Verify, "Đã cài phần mềm phòng chống mã độc, quét lại 12 máy chủ", x.Version)
		if err != nil || met.State != Met || met.EndedAt.IsZero() || len(steps) != 1 || steps[0].By != "AN" {
			t.Fatalf("%+v %+v %v", met, steps, err)
		}
		f.tells(m) // told again, it stays verified
		if got := f.list(officer, Filter{State: "any"}); states(got) != "backup=failing malware=met" {
			t.Errorf("%s", states(got))
		}
		again, steps, err := f.Take(analyst, x.ID, Reopen, "Máy trạm kế toán chưa cài", met.Version)
		if err != nil || again.State != Failing || !again.EndedAt.IsZero() || len(steps) != 2 {
			t.Fatalf("%+v %+v %v", again, steps, err)
		}
	})
}

func TestADrillIsKeptApart(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		m := f.ransomware(3)
		m.Drill = true
		f.tells(m)
		if got := f.list(officer, Filter{State: "any"}); len(got) != 0 {
			t.Errorf("among the real ones: %s", states(got))
		}
		if got := f.list(officer, Filter{Drill: true}); states(got) != "backup=failing malware=failing" {
			t.Errorf("of drills: %s", states(got))
		}
		if rows, err := f.store.byUnit(context.Background(), module.System()); err != nil || len(rows) != 0 {
			t.Errorf("counted: %v %v", rows, err)
		}
	})
}

func TestGroupsAskWhatTheirLevelAsks(t *testing.T) {
	c := New(Options{}).catalogue
	c.signs[[2]string{"incident", "x"}] = []string{"monitoring", "malware"}
	for level, want := range map[int]string{0: "monitoring malware", 1: "malware", 2: "malware", 3: "monitoring malware", 5: "monitoring malware"} {
		if got := strings.Join(c.Against("incident", "x", level), " "); got != want {
			t.Errorf("level %d: %s", level, got)
		}
	}
	if got := c.Against("petition", "x", 3); got != nil {
		t.Errorf("of another kind of matter: %v", got)
	}
}

// Every category that is spoken of is one of the incidents' taxonomy.
func TestSignsKnowTheTaxonomy(t *testing.T) {
	var taxonomy []byte
	files, err := filepath.Glob("../incident/data/taxonomies/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no taxonomies", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		taxonomy = append(taxonomy, text...)
	}
	for key := range New(Options{}).catalogue.signs {
		if !strings.Contains(string(taxonomy), "{id: "+key[1]+",") {
			t.Errorf("no category %s", key[1])
		}
	}
}

func TestACatalogueSaysWhatIsWrong(t *testing.T) {
	groups := "groups:\n  - {id: a, vi: A, en: A, codes: {1: \"3.1\"}}\n"
	for want, files := range map[string][2]string{
		`group a stands there twice`:            {groups + "  - {id: a, vi: A, en: A}\n", "[]"},
		`group 1 needs id, vi and en`:           {"groups:\n  - {id: a}\n", "[]"},
		`group a: no level 6`:                   {"groups:\n  - {id: a, vi: A, en: A, codes: {6: x}}\n", "[]"},
		`groups.yaml:2: unknown key "colour"`:   {"groups:\n  - {id: a, vi: A, en: A, colour: red}\n", "[]"},
		`row 1: no group "b" in groups.yaml`:    {groups, "- {of: incident, categories: [x], groups: [b]}\n"},
		`row 1 needs of, categories and groups`: {groups, "- {of: incident, groups: [a]}\n"},
	} {
		_, err := ReadCatalogue(fstest.MapFS{"groups.yaml": {Data: []byte(files[0])}, "signs.yaml": {Data: []byte(files[1])}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
