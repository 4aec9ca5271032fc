package attack

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// The data is whole: every technique has its tactics, every sub-technique its
// parent, every old number a new one, every Vietnamese name its technique.
func TestData(t *testing.T) {
	c, err := Enterprise()
	if err != nil {
		t.Fatal(err)
	}
	tactics := map[string]bool{}
	for _, x := range c.Tactics {
		if tactics[x.ShortName] = true; x.NameVi == "" {
			t.Errorf("tactic %s has no Vietnamese name", x.ID)
		}
	}
	if len(c.Tactics) < 14 || len(c.Techniques) < 600 || !strings.Contains(c.Notice, "MITRE") || c.Version == "" {
		t.Errorf("%d tactics, %d techniques, version %q, notice %q", len(c.Tactics), len(c.Techniques), c.Version, c.Notice)
	}
	number := regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	translated := 0
	for i := range c.Techniques {
		x := &c.Techniques[i]
		if !number.MatchString(x.ID) || x.Name == "" || len(x.Tactics) == 0 {
			t.Errorf("%+v", x)
		}
		for _, name := range x.Tactics {
			if !tactics[name] {
				t.Errorf("%s is of the unknown tactic %s", x.ID, name)
			}
		}
		if p := x.Parent(); p != "" && c.Technique(p) == nil {
			t.Errorf("%s has no parent", x.ID)
		}
		if x.NameVi != "" {
			translated++
		}
	}
	if names := bytes.Count(vietnamese, []byte(`": "`)); translated+len(c.Tactics) != names {
		t.Errorf("%d of %d Vietnamese names are those of a tactic or technique", translated+len(c.Tactics), names)
	}
	for old, now := range c.Replaced {
		if c.byID[now] == nil || c.byID[old] != nil {
			t.Errorf("%s is replaced by %s", old, now)
		}
	}
}

func TestTagged(t *testing.T) {
	c, err := Enterprise()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ tags, want string }{
		{"attack.t1059.001", "T1059.001"},
		{"attack.T1059.001 attack.t1059.001", "T1059.001"},
		{"attack.execution attack.g0016 cve.2021.44228 attack.t9999", ""},
		{"attack.t1562.001", "T1685"}, // its number before version 19
		{"attack.t1110 attack.t1003", "T1003 T1110"},
	} {
		if got := strings.Join(c.Tagged(strings.Fields(tc.tags)), " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.tags, got, tc.want)
		}
	}
}

func rulesOf(t *testing.T) *detect.Set {
	t.Helper()
	rule := func(id, level, product, service, tags string) detect.File {
		return detect.File{Name: id + ".yml", Pack: "local", Data: []byte("title: Rule " + id + "\nid: " + id + "\nlevel: " + level +
			"\ntags: [" + tags + "]\nlogsource: {product: " + product + ", service: " + service + "}\ndetection:\n  a: {x: y}\n  condition: a\n")}
	}
	set := detect.Compile([]detect.File{
		rule("ssh", "high", "linux", "sshd", "attack.t1110.001"),
		rule("sudo", "critical", "linux", "sudo", "attack.t1110, attack.t1548.003"),
		rule("web", "low", "nginx", "access", "attack.t1190"),
		rule("plain", "low", "linux", "cron", "attack.execution"),
	}, detect.Options{})
	if len(set.Rules()) != 4 {
		t.Fatal(set.Problems())
	}
	return set
}

func TestCoverage(t *testing.T) {
	c, err := Enterprise()
	if err != nil {
		t.Fatal(err)
	}
	set := rulesOf(t)
	set.Switch(map[string]*detect.Off{"web": {Everywhere: true}, "sudo": {Units: map[event.UnitID]bool{"so-y-te": true}}})
	fed := func(r *detect.Rule) bool { return r.ID == "ssh" }
	hits := []RuleHits{
		{RuleID: "ssh", Tags: []string{"attack.t1110.001"}, Alerts: 2, Findings: 40, Last: time.Unix(50, 0)},
		{RuleID: "gone", Tags: []string{"attack.t1110"}, Alerts: 1, Findings: 1, Last: time.Unix(90, 0)},
	}
	got := c.coverage(set.Rules(), hits, fed)
	if got.Rules != 3 || got.Untagged != 1 {
		t.Errorf("%d rules, %d untagged", got.Rules, got.Untagged)
	}
	for id, want := range map[string]Figures{
		"T1110":     {Rules: 2, Fed: 1, Own: 1, Level: "critical", Alerts: 3, Findings: 41, Last: time.Unix(90, 0)},
		"T1110.001": {Rules: 1, Fed: 1, Own: 1, Level: "high", Alerts: 2, Findings: 40, Last: time.Unix(50, 0)},
		"T1548.003": {Rules: 1, Own: 1, Level: "critical"},
		"T1548":     {Rules: 1, Level: "critical"},
		"T1190":     {Off: 1},
	} {
		if f := got.Techniques[id]; f == nil || *f != want {
			t.Errorf("%s: %+v, want %+v", id, f, want)
		}
	}
	for id, want := range map[string]State{"T1110": StateCovered, "T1548": StateWaiting, "T1190": StateNone} {
		if s := got.Techniques[id].State(true); s != want {
			t.Errorf("%s is %s, want %s", id, s, want)
		}
	}
	if s := got.Techniques["T1548"].State(false); s != StateCovered {
		t.Errorf("where it is not known what arrives, rules count: %s", s)
	}
	if len(got.Wanted) != 1 || got.Wanted[0] != (Wanted{Product: "linux", Service: "sudo", Rules: 1, Techniques: 2}) {
		t.Errorf("wanted: %+v", got.Wanted)
	}
}

// asked is a lake that has sshd of so-y-te and a Windows log of so-noi-vu.
type asked struct {
	n    int
	fail error
}

func (l *asked) Aggregate(_ context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error) {
	l.n++
	if l.fail != nil && to.Sub(from) > time.Hour {
		return nil, lake.Stats{}, l.fail
	}
	t := p.Evaluate(func(yield func(*event.Event, []string) bool) {
		for _, ev := range []event.Event{
			{Unit: "so-y-te", Source: event.Source{Product: "linux", Service: "sshd"}, Time: to.Add(-time.Minute)},
			{Unit: "so-noi-vu", Source: event.Source{Product: "windows", Service: "sysmon"}, Time: to.Add(-time.Minute),
				Fields: []event.Field{{Name: "Channel", Value: "Microsoft-Windows-Sysmon/Operational"}, {Name: "EventID", Value: "1"}}},
		} {
			if sc.Sees(ev.Unit) && !yield(&ev, nil) {
				return
			}
		}
	}, 100)
	return t, lake.Stats{}, nil
}

type seenAlerts struct{ asked []Range }

func (a *seenAlerts) ByRule(_ context.Context, r Range) ([]RuleHits, error) {
	a.asked = append(a.asked, r)
	return []RuleHits{{RuleID: "ssh", Tags: []string{"attack.t1110.001"}, Alerts: 2, Findings: 40}}, nil
}

func (a *seenAlerts) OfRules(_ context.Context, rules []string, _ Range, _ int) ([]module.AlertView, error) {
	return []module.AlertView{{ID: strings.Join(rules, " ")}}, nil
}

type inForce struct{ *detect.Set }

func (r inForce) Current() (*detect.Set, time.Time) { return r.Set, time.Unix(1, 0) }

type tree map[event.UnitID][]event.UnitID

func (t tree) Below(u event.UnitID) []event.UnitID { return t[u] }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func serve(t *testing.T) (*Service, *asked, *seenAlerts) {
	t.Helper()
	l, a := &asked{}, &seenAlerts{}
	return New(Options{Rules: inForce{rulesOf(t)}, Alerts: a, Lake: l, Units: tree{"so-y-te": {"benh-vien"}}, Now: func() time.Time { return noon }}), l, a
}

func as(role module.Role, unit event.UnitID, below ...event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "an", Name: "an", Role: role, Unit: unit, Below: below})
}

func week() Filter { return Filter{From: noon.AddDate(0, 0, -7), To: noon} }

// A unit's officer sees what arrives from his own unit, and no rule is called fed
// by the logs of another.
func TestMatrixIsOfTheCallersUnits(t *testing.T) {
	s, _, _ := serve(t)
	for unit, want := range map[event.UnitID]State{event.CentreUnit: StateCovered, "so-y-te": StateCovered, "so-noi-vu": StateWaiting} {
		m, err := s.Matrix(as(module.RoleAnalyst, unit), week())
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Coverage.Techniques["T1110.001"].State(!m.ArrivalsSince.IsZero()); got != want {
			t.Errorf("%s sees %s, want %s", unit, got, want)
		}
	}
	f := week()
	f.Unit = "so-noi-vu"
	if _, err := s.Matrix(as(module.RoleAnalyst, "so-y-te"), f); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a unit that is not seen: %v", err)
	}
	if _, err := s.Matrix(context.Background(), week()); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
	if _, err := s.Matrix(as(module.RoleIngest, "so-y-te"), week()); fault.KindOf(err) != fault.Denied {
		t.Errorf("a sender: %v", err)
	}
}

func TestMatrixOfAUnitIsAlsoOfThoseBelow(t *testing.T) {
	s, _, alerts := serve(t)
	f := week()
	f.Unit = "so-y-te"
	if _, err := s.Matrix(as(module.RoleAnalyst, event.CentreUnit), f); err != nil {
		t.Fatal(err)
	}
	if got := alerts.asked[0].Units; !slices.Equal(got, []event.UnitID{"so-y-te", "benh-vien"}) {
		t.Errorf("asked for alerts of %v", got)
	}
}

func TestMatrixByProductAndLevel(t *testing.T) {
	s, _, _ := serve(t)
	f := week()
	f.Product, f.Levels = "Linux", []string{"high"}
	m, err := s.Matrix(as(module.RoleAnalyst, event.CentreUnit), f)
	if err != nil {
		t.Fatal(err)
	}
	if m.Rules != 1 || m.Coverage.Techniques["T1548"] != nil || !slices.Equal(m.Products, []string{"linux", "nginx"}) {
		t.Errorf("%d rules, %v", m.Rules, m.Products)
	}
	f.Product = "nginx"
	if m, err = s.Matrix(as(module.RoleAnalyst, event.CentreUnit), f); err != nil || m.Coverage.Techniques["T1110"] != nil {
		t.Errorf("alerts of rules for another product count: %v", err)
	}
}

// What arrives is asked once for some minutes, and as far as it could be asked.
func TestArrivalsAreRemembered(t *testing.T) {
	s, l, _ := serve(t)
	ctx := as(module.RoleAnalyst, event.CentreUnit)
	m, err := s.Matrix(ctx, week())
	if err != nil || !m.ArrivalsSince.Equal(noon.AddDate(0, 0, -7)) {
		t.Errorf("since %v, %v", m.ArrivalsSince, err)
	}
	asked := l.n
	if _, err := s.Detail(ctx, "T1110", week()); err != nil || l.n != asked {
		t.Errorf("asked %d times more, %v", l.n-asked, err)
	}
	s, l, _ = serve(t)
	l.fail = errors.New("too slow")
	if m, err = s.Matrix(ctx, week()); err != nil || !m.ArrivalsSince.Equal(noon.Add(-time.Hour)) {
		t.Errorf("with a slow lake: since %v, %v", m.ArrivalsSince, err)
	}
}

func TestDetail(t *testing.T) {
	s, _, _ := serve(t)
	ctx := as(module.RoleAnalyst, "so-y-te")
	d, err := s.Detail(ctx, "t1110", week())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Rules) != 2 || d.Rules[0].ID != "ssh" || !d.Rules[0].Fed || d.Rules[1].Fed || len(d.Subs) < 3 || len(d.Alerts) != 1 || d.Alerts[0].ID != "ssh" {
		t.Errorf("%+v", d)
	}
	if !slices.Equal(d.Arrives, []event.Source{{Product: "linux", Service: "sshd"}}) {
		t.Errorf("arrives: %+v", d.Arrives)
	}
	if _, err := s.Detail(ctx, "T9999", week()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no technique: %v", err)
	}
}

func TestTables(t *testing.T) {
	s, _, _ := serve(t)
	m, err := s.Matrix(as(module.RoleAnalyst, "so-y-te"), week())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := m.csv(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Bytes(), []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, row := range rows {
		if row[3] == "T1110.001" {
			found = true
			if got := strings.Join(row[6:13], ","); got != "covered,1,1,0,high,2,40" {
				t.Errorf("%s", got)
			}
		}
	}
	if !found || len(rows) < len(m.Catalogue.Techniques) {
		t.Errorf("%d rows, T1110.001 among them: %v", len(rows), found)
	}
	if harmless("=1+1") != "'=1+1" || harmless("T1110") != "T1110" {
		t.Error("a cell begins like a formula")
	}
	by := func(l *Layer, id string) *LayerTechnique {
		i := slices.IndexFunc(l.Techniques, func(x LayerTechnique) bool { return x.TechniqueID == id })
		return &l.Techniques[i]
	}
	rules, hits := m.layer("rules"), m.layer("hits")
	if x := by(rules, "T1548"); *x.Score != 1 || x.Color != waitingColor {
		t.Errorf("%+v", x)
	}
	if x := by(hits, "T1110"); *x.Score != 2 || hits.Gradient.MaxValue != 2 || hits.Versions.Attack != m.Version {
		t.Errorf("%+v of %+v", x, hits.Gradient)
	}
}
