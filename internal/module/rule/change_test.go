package rule

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// book is a catalogue that goes by what is switched.
type book struct {
	set *detect.Set
	s   *Service
}

func (b *book) Current() (*detect.Set, time.Time)           { return b.set, time.Time{} }
func (b *book) Reload(context.Context) (*detect.Set, error) { return b.set, nil }
func (b *book) Switched()                                   { b.set.Switch(b.s.Off()) }

type unitTree struct{}

func (unitTree) Name(u event.UnitID) string { return "Đơn vị " + string(u) }
func (unitTree) Exists(u event.UnitID) bool {
	return slices.Contains([]event.UnitID{event.CentreUnit, "so-y-te", "benh-vien", "so-noi-vu"}, u)
}
func (unitTree) Below(u event.UnitID) []event.UnitID {
	if u == "so-y-te" {
		return []event.UnitID{"benh-vien"}
	}
	return nil
}

type found struct{}

func (found) HitsSince(context.Context, time.Time) (map[string]int64, error) {
	return map[string]int64{"ssh": 5}, nil
}
func (found) Shares(context.Context, time.Time) (map[string]Share, error) {
	return map[string]Share{"sudo": {Alerts: 9, Closed: 8, FalsePositive: 7}}, nil
}
func (found) NoiseOf(context.Context, string, time.Time) (RuleNoise, error) { return RuleNoise{}, nil }

func compile(text map[string]string) *detect.Set {
	var files []detect.File
	for _, id := range []string{"ssh", "sudo"} {
		files = append(files, detect.File{Name: "/srv/data/rules/local/linux/" + id + ".yml", Pack: "local", Data: []byte("title: " + text[id] + "\nid: " + id +
			"\ntags: [attack.t1110.001]\nlogsource: {product: linux}\ndetection:\n  a: {x: y}\n  condition: a\n")})
	}
	return detect.Compile(files, detect.Options{})
}

func opened(t *testing.T, db *bun.DB) (*Service, *book) {
	t.Helper()
	b := &book{set: compile(map[string]string{"ssh": "SSH", "sudo": "Sudo"})}
	s := New(Options{DB: db, Trail: module.NewTrail(db), Catalogue: b, Hits: found{}, Noise: found{}, Units: unitTree{}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	b.s = s
	ctx := context.Background()
	if err := sqldb.Migrate(ctx, db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "rule", s.Module().Migrations); err != nil {
		t.Fatal(err)
	}
	return s, b
}

var (
	boss    = as("lan", module.RoleCoordinator, event.CentreUnit)
	officer = as("hoa", module.RoleCoordinator, "so-y-te")
	analyst = as("an", module.RoleAnalyst, event.CentreUnit)
)

func trail(t *testing.T, db *bun.DB) string {
	t.Helper()
	var got []string
	if err := db.NewRaw("SELECT actor || ' ' || action || ' ' || object FROM audit_log ORDER BY seq").Scan(context.Background(), &got); err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, "; ")
}

func TestSwitch(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s, b := opened(t, db)
		ssh := b.set.Rule("ssh")
		off := func(ctx context.Context, unit event.UnitID) (int, error) {
			return s.Switch(ctx, SwitchRequest{IDs: []string{"ssh"}, Unit: unit, Reason: "kiểm thử"})
		}
		// For one's own unit and those below it, and for nobody else.
		if n, err := off(officer, ""); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		if ssh.Tells("so-y-te") || ssh.Tells("benh-vien") || !ssh.Tells("so-noi-vu") || !ssh.Enabled() {
			t.Error("off for the wrong units")
		}
		if n, err := off(officer, ""); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		if n, err := off(boss, ""); n != 1 || err != nil || ssh.Tells("so-noi-vu") || ssh.Enabled() {
			t.Errorf("for everybody: %d, %v", n, err)
		}
		// What is stored is in force after a start.
		fresh := New(Options{DB: db, Units: unitTree{}})
		if err := fresh.Load(context.Background()); err != nil || !fresh.Off()["ssh"].In("so-noi-vu") || fresh.Off()["sudo"] != nil {
			t.Errorf("%v, %v", fresh.Off(), err)
		}
		if n, err := s.Switch(boss, SwitchRequest{IDs: []string{"ssh"}, Enabled: true, Reason: "xong"}); n != 1 || err != nil || !ssh.Tells("so-noi-vu") || ssh.Tells("so-y-te") {
			t.Errorf("on again: %d, %v", n, err)
		}
		if got := trail(t, db); got != "hoa rule.disable rule:ssh; lan rule.disable rule:ssh; lan rule.enable rule:ssh" {
			t.Error(got)
		}
	})
}

func TestSwitchesThatAreRefused(t *testing.T) {
	s, b := opened(t, sqldbtest.SQLite(t))
	for name, tc := range map[string]struct {
		ctx  context.Context
		r    SwitchRequest
		want fault.Kind
	}{
		"by nobody":         {context.Background(), SwitchRequest{IDs: []string{"ssh"}, Reason: "vì sao"}, fault.Unauthenticated},
		"by an analyst":     {analyst, SwitchRequest{IDs: []string{"ssh"}, Reason: "vì sao"}, fault.Denied},
		"for another unit":  {officer, SwitchRequest{IDs: []string{"ssh"}, Unit: "so-noi-vu", Reason: "vì sao"}, fault.NotFound},
		"for everybody":     {officer, SwitchRequest{IDs: []string{"ssh"}, Unit: event.CentreUnit, Reason: "vì sao"}, fault.NotFound},
		"for no unit":       {boss, SwitchRequest{IDs: []string{"ssh"}, Unit: "khong-co", Reason: "vì sao"}, fault.NotFound},
		"without a reason":  {boss, SwitchRequest{IDs: []string{"ssh"}, Reason: "  "}, fault.Invalid},
		"of nothing":        {boss, SwitchRequest{Reason: "vì sao"}, fault.Invalid},
		"of one not loaded": {boss, SwitchRequest{IDs: []string{"ssh", "gone"}, Reason: "vì sao"}, fault.NotFound},
	} {
		if _, err := s.Switch(tc.ctx, tc.r); fault.KindOf(err) != tc.want {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if !b.set.Rule("ssh").Enabled() || len(*s.switches.Load()) != 0 {
		t.Error("something was switched all the same")
	}
}

// Who may not see a unit does not learn that a rule is off for it; who is below it
// does, because the rule is off for him.
func TestSwitchesAreShownToWhomTheyConcern(t *testing.T) {
	s, _ := opened(t, sqldbtest.SQLite(t))
	if _, err := s.Switch(officer, SwitchRequest{IDs: []string{"ssh"}, Reason: "kiểm thử"}); err != nil {
		t.Fatal(err)
	}
	for unit, want := range map[event.UnitID]int{event.CentreUnit: 1, "so-y-te": 1, "benh-vien": 1, "so-noi-vu": 0} {
		ctx := as("x", module.RoleAnalyst, unit)
		r, err := s.Get(ctx, "ssh")
		if err != nil || len(r.Switches) != want {
			t.Errorf("%s sees %d, %v", unit, len(r.Switches), err)
		}
		page, err := s.List(ctx, Filter{State: "off", Limit: 10})
		if err != nil || page.Total != want {
			t.Errorf("%s lists %d, %v", unit, page.Total, err)
		}
	}
}

func TestListInOrder(t *testing.T) {
	s, _ := opened(t, sqldbtest.SQLite(t))
	for sort, want := range map[string]string{"": "ssh sudo", "-noise": "sudo ssh", "title": "ssh sudo"} {
		page, err := s.List(analyst, Filter{Sort: sort, Tag: "attack.t1110", Limit: 10})
		var got []string
		for _, r := range page.Items {
			got = append(got, r.ID)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, %v", sort, got, err)
		}
	}
	if page, err := s.List(analyst, Filter{Tag: "attack.t111", Limit: 10}); err != nil || page.Total != 0 {
		t.Errorf("half a number finds %d, %v", page.Total, err)
	}
}

// A version is written when a text is new, and not when a start finds it again.
func TestVersions(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s, b := opened(t, db)
		load := func(ctx context.Context, ssh string) {
			t.Helper()
			b.set = compile(map[string]string{"ssh": ssh, "sudo": "Sudo"})
			if err := s.Loaded(ctx, b.set); err != nil {
				t.Fatal(err)
			}
		}
		load(context.Background(), "SSH")
		load(context.Background(), "SSH")
		load(as("lan", module.RoleAdministrator, event.CentreUnit), "SSH 2")
		load(context.Background(), "SSH") // back again
		got, err := s.Versions(analyst, "ssh")
		var seen []string
		for _, v := range got {
			seen = append(seen, v.By+" "+v.Title+" "+v.File)
			if v.Hash != compile(map[string]string{"ssh": v.Title}).Rule("ssh").Hash || !strings.Contains(v.Text, "title: "+v.Title) {
				t.Errorf("%+v", v)
			}
		}
		want := "system SSH linux/ssh.yml; lan SSH 2 linux/ssh.yml; system SSH linux/ssh.yml"
		if err != nil || strings.Join(seen, "; ") != want {
			t.Errorf("%q, %v", seen, err)
		}
		if got := trail(t, db); got != "system rule.version rules; lan rule.version rules; system rule.version rules" {
			t.Error(got)
		}
		for i := range versionsKept + 5 {
			load(context.Background(), "SSH "+strings.Repeat("x", i))
		}
		if got, err = s.Versions(analyst, "ssh"); err != nil || len(got) != versionsKept || !strings.HasSuffix(got[0].Title, strings.Repeat("x", versionsKept+4)) {
			t.Errorf("%d versions, %v", len(got), err)
		}
		if got, err = s.Versions(analyst, "sudo"); err != nil || len(got) != 1 {
			t.Errorf("%d versions of a rule that never changed, %v", len(got), err)
		}
		if _, err = s.Versions(analyst, "gone"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of no rule: %v", err)
		}
		if _, err = s.Versions(context.Background(), "ssh"); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("for nobody: %v", err)
		}
	})
}

func TestCondition(t *testing.T) {
	set := compile(map[string]string{"ssh": "SSH", "sudo": "Sudo"})
	v := conditionOf(set, set.Rule("ssh"))
	if v == nil || v.Kind != "search" || v.Name != "a" || len(v.Parts) != 1 || v.Parts[0].Field != "x" || !slices.Equal(v.Parts[0].Patterns, []string{"y"}) {
		t.Errorf("%+v", v)
	}
}
