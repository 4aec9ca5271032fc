package advisory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

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

type tree struct{}

func (tree) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (tree) Active(id event.UnitID) bool { return id == "so-y-te" || id == "so-noi-vu" }
func (tree) Working() []event.UnitID     { return []event.UnitID{"so-y-te", "so-noi-vu"} }

type fixture struct {
	*Service
	t     *testing.T
	db    *bun.DB
	clock time.Time
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, clock: time.Date(2026, 5, 8, 9, 0, 0, 0, time.UTC)}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Config: DefaultConfig(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }})
	for name, files := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "advisory": f.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, files.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	officer  = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	analyst  = as("an", module.RoleAnalyst, event.CentreUnit)
	admin    = as("qt", module.RoleAdministrator, event.CentreUnit)
)

// sample is a file of package internal/advisory's tests.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../advisory/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (f *fixture) imports(name string) Outcome {
	f.t.Helper()
	return f.imported(name, sample(f.t, name))
}

func (f *fixture) imported(name string, data []byte) Outcome {
	f.t.Helper()
	o, err := f.Import(analyst, name, data)
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

func (f *fixture) declares(ctx context.Context, unit event.UnitID, vendor, product, release string) Software {
	f.t.Helper()
	x, err := f.Declare(ctx, Software{Unit: unit, Product: advisory.Product{Vendor: vendor, Name: product}, Release: release})
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

// matching lists the matches that somebody sees.
func (f *fixture) matching(ctx context.Context, filter MatchFilter) []string {
	f.t.Helper()
	list, _, err := f.Matches(ctx, filter)
	if err != nil {
		f.t.Fatal(err)
	}
	out := []string{}
	for _, m := range list {
		how := "có thể"
		if m.Certain {
			how = "chắc chắn"
		}
		out = append(out, fmt.Sprintf("%s %s: %s, %s (%s)", m.Software.Unit, m.Software.Name(), m.Vulnerability, how, m.Reason))
	}
	return out
}

func (f *fixture) wants(got []string, want ...string) {
	f.t.Helper()
	if !slices.Equal(got, want) {
		f.t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// facts are the bodies of a kind of fact, in order.
func (f *fixture) facts(kind module.FactKind) []string {
	f.t.Helper()
	var bodies []string
	if err := f.db.NewRaw("SELECT body FROM facts WHERE kind = ? ORDER BY id", string(kind)).Scan(context.Background(), &bodies); err != nil {
		f.t.Fatal(err)
	}
	return bodies
}

func TestAnImportTellsWhoIsConcerned(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.declares(officer, "so-y-te", "Example Networks", "Gate OS", "7.2.4")
		f.declares(stranger, "so-noi-vu", "", "Gate OS", "7.2.9")
		f.declares(stranger, "so-noi-vu", "Example Networks Inc.", "Gate OS", "")
		o := f.imports("firewall.csaf.json")
		if o.What != WhatNew || o.New != 1 || o.Units != 2 || len(o.Problems) != 1 {
			t.Errorf("%+v", o)
		}
		certain, possible := "so-y-te Example Networks Gate OS 7.2.4: CVE-2026-10007, chắc chắn (version)", "so-noi-vu Example Networks Inc. Gate OS: CVE-2026-10007, có thể (missing)"
		f.wants(f.matching(analyst, MatchFilter{}), certain, possible)
		f.wants(f.matching(officer, MatchFilter{}), certain)
		f.wants(f.matching(stranger, MatchFilter{}), possible)
		f.wants(f.matching(officer, MatchFilter{Unit: "so-noi-vu"}))
		f.wants(f.matching(analyst, MatchFilter{Advisory: o.ID, Certain: true}), certain)
		for who, want := range map[context.Context][2]int64{analyst: {1, 1}, officer: {1, 0}, stranger: {0, 1}} {
			list, _, err := f.List(who, AdvisoryFilter{})
			if err != nil || len(list) != 1 || [2]int64{list[0].Units, list[0].Possible} != want {
				t.Errorf("the list: %+v, %v, want %v units", list, err, want)
			}
			a, err := f.Get(who, o.ID)
			if err != nil || [2]int64{a.Units, a.Possible} != want || a.Document.Summary == "" || a.CVSS != 9.8 {
				t.Errorf("the advisory: %+v, %v, want %v units", a, err, want)
			}
		}
		if told := f.facts(FactMatched); len(told) != 0 {
			t.Errorf("nobody knows of an exploit, and it was told: %v", told)
		}
		// Now it is exploited: the centre is told once, of both units.
		if o := f.imports("kev.json"); o.What != WhatNew || o.New != 1 || o.Changed != 1 {
			t.Errorf("%+v", o)
		}
		told := f.facts(FactMatched)
		var m Matched
		if len(told) != 1 || json.Unmarshal([]byte(told[0]), &m) != nil || !m.Certain || !slices.Equal(m.Units, []event.UnitID{"so-noi-vu", "so-y-te"}) || !slices.Equal(m.Vulnerabilities, []string{"CVE-2026-10007"}) {
			t.Errorf("%v", told)
		}
		if n := f.facts(module.FactNotice); len(n) != 1 || !strings.Contains(n[0], "liên quan 2 đơn vị") || !strings.Contains(n[0], `"level":"critical"`) {
			t.Errorf("%v", n)
		}
		// The catalogue names no versions: what the publisher says stands.
		f.wants(f.matching(analyst, MatchFilter{KEV: true}), certain, possible)
		f.imports("kev.json")
		if told := f.facts(FactMatched); len(told) != 1 {
			t.Errorf("told again: %v", told)
		}
		// Whoever declares an exploited product later is told of, too.
		f.declares(stranger, "so-noi-vu", "Other", "Webmail", "1.4")
		if told := f.facts(FactMatched); len(told) != 2 || !strings.Contains(told[1], "CVE-2019-0001") {
			t.Errorf("%v", told)
		}
	})
}

func TestWhatIsHereAlreadyChangesOnlyForNews(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		first := f.imports("firewall.csaf.json")
		x := f.declares(officer, "so-y-te", "Example Networks", "Gate OS", "7.2.9")
		text := string(sample(t, "firewall.csaf.json"))
		replace := func(pairs ...string) []byte { return []byte(strings.NewReplacer(pairs...).Replace(text)) }
		if o := f.imported("again.json", []byte(text)); o.What != WhatUnchanged || o.ID != first.ID {
			t.Errorf("the same again: %+v", o)
		}
		if o := f.imported("old.json", replace("2026-05-06T10:30:00", "2026-05-05T10:30:00", "Command injection", "Old")); o.What != WhatOlder {
			t.Errorf("an older edition: %+v", o)
		}
		f.wants(f.matching(officer, MatchFilter{}))
		f.clock = f.clock.Add(time.Hour)
		o := f.imported("new.json", replace("2026-05-06T10:30:00", "2026-05-07T10:30:00", ">=7.2.0|<7.2.9", ">=7.2.0|<7.2.10", `"fixed": ["P2"],`, ""))
		if o.What != WhatChanged || o.ID != first.ID || o.Units != 1 {
			t.Errorf("a newer edition: %+v", o)
		}
		f.wants(f.matching(officer, MatchFilter{}), "so-y-te Example Networks Gate OS 7.2.9: CVE-2026-10007, chắc chắn (version)")
		if a, err := f.Get(analyst, first.ID); err != nil || !a.ChangedAt.Equal(f.clock) || a.ImportedAt.Equal(f.clock) {
			t.Errorf("%+v, %v", a, err)
		}
		// Updated, the match goes.
		x.Release = "7.2.10"
		if _, err := f.Change(officer, x.ID, x); err != nil {
			t.Fatal(err)
		}
		f.wants(f.matching(officer, MatchFilter{}))
		if err := f.Delete(analyst, first.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Get(analyst, first.ID); code(err) != "advisory.unknown" {
			t.Errorf("deleted: %v", err)
		}
		if _, err := f.Trail.Verify(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestARejectedNumberMatchesNobody(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.imports("mail.cve.json")
		f.declares(officer, "so-y-te", "Other", "Webmail", "1.2")
		f.wants(f.matching(officer, MatchFilter{}), "so-y-te Other Webmail 1.2: CVE-2026-30002, chắc chắn (version)")
		f.imported("r.json", bytes.ReplaceAll(sample(t, "mail.cve.json"), []byte(`"PUBLISHED"`), []byte(`"REJECTED"`)))
		f.wants(f.matching(officer, MatchFilter{}))
		f.declares(officer, "so-y-te", "Other", "Webmail", "1.3")
		f.wants(f.matching(officer, MatchFilter{}))
	})
}

func TestScoresAndTheOrderOfVulnerabilities(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.imports("mail.cve.json")
		if o := f.imports("epss.csv"); o.What != WhatNew || o.New != 2 || o.Entries != 2 || o.Number != "2026-05-07" {
			t.Errorf("%+v", o)
		}
		f.imports("firewall.csaf.json") // after the scores, and scored all the same
		f.imports("kev.json")
		order := func(ctx context.Context, filter Filter) []string {
			t.Helper()
			ids := []string{}
			for {
				list, next, err := f.Vulnerabilities(ctx, filter)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range list {
					ids = append(ids, v.ID)
				}
				if filter.After = next; next == "" {
					return ids
				}
			}
		}
		all := []string{"CVE-2026-10007", "CVE-2019-0001", "CVE-2026-30002"}
		f.wants(order(officer, Filter{}), all...)
		f.wants(order(officer, Filter{Limit: 1}), all...)
		f.wants(order(officer, Filter{KEV: true}), all[:2]...)
		f.wants(order(officer, Filter{EPSS: 0.5}), all[:1]...)
		f.wants(order(officer, Filter{Severity: "high"}), all[2:]...)
		f.wants(order(officer, Filter{Text: "traversal"}), "CVE-2019-0001")
		f.wants(order(officer, Filter{Concerned: true}))
		f.declares(officer, "so-y-te", "Example", "Mail", "8.1")
		f.wants(order(officer, Filter{Concerned: true}), "CVE-2026-30002")
		f.wants(order(analyst, Filter{Unit: "so-y-te"}), "CVE-2026-30002")
		f.wants(order(stranger, Filter{Concerned: true}))
		f.wants(order(stranger, Filter{Unit: "so-y-te"}))
		v, affected, about, err := f.Vulnerability(analyst, "CVE-2026-10007")
		if err != nil || v.EPSS == nil || v.EPSS.Score != 0.94321 || v.KEV == nil || !v.KEV.Ransomware || v.CVSS.Score != 9.8 || len(affected) != 4 || len(about) != 1 {
			t.Errorf("%+v %v %v, %v", v, affected, about, err)
		}
		next := strings.NewReplacer("2026-05-07T", "2026-05-08T", "0.94321", "0.5").Replace(string(sample(t, "epss.csv")))
		if o := f.imported("next.csv", []byte(next)); o.What != WhatChanged || o.New != 0 || o.Changed != 1 {
			t.Errorf("the next day: %+v", o)
		}
		if v, _, _, err := f.Vulnerability(analyst, "CVE-2026-10007"); err != nil || v.EPSS.Score != 0.5 || v.EPSS.At.Day() != 8 {
			t.Errorf("%+v, %v", v.EPSS, err)
		}
		if o := f.imports("epss.csv"); o.What != WhatOlder {
			t.Errorf("yesterday's scores: %+v", o)
		}
		// What is only in the catalogue can be warned of as well.
		a, err := f.Get(analyst, "CVE-2019-0001")
		if err != nil || a.Document.Format != advisory.FormatKEV || a.Document.Vulnerabilities[0].Affected[0].Name != "Webmail" || a.Document.Vulnerabilities[0].Remedies[0].Text != "Update." {
			t.Errorf("%+v, %v", a, err)
		}
		if a, err := f.Get(analyst, "CVE-2026-30002"); err != nil || a.Document.Format != advisory.FormatCVE {
			t.Errorf("%+v, %v", a, err)
		}
		if _, err := f.Get(analyst, "CVE-2000-9999"); code(err) != "advisory.unknown" {
			t.Error(err)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		x := f.declares(officer, "so-y-te", "Other", "Webmail", "1.2")
		line := Software{Unit: "so-y-te", Product: advisory.Product{Name: "x"}}
		for name, c := range map[string]struct {
			do   func() error
			want string
		}{
			"an officer imports":            {func() error { _, err := f.Import(officer, "x", nil); return err }, "permission.denied"},
			"an officer deletes":            {func() error { return f.Delete(officer, "x") }, "permission.denied"},
			"an officer reads the sources":  {func() error { _, err := f.Sources(officer); return err }, "permission.denied"},
			"an analyst enters a source":    {func() error { _, err := f.AddSource(analyst, Source{}); return err }, "permission.denied"},
			"nobody reads":                  {func() error { _, _, err := f.List(context.Background(), AdvisoryFilter{}); return err }, "session.required"},
			"for another unit":              {func() error { _, err := f.Declare(stranger, line); return err }, "unit.unknown"},
			"for no unit":                   {func() error { _, err := f.Declare(admin, Software{Unit: "khong-co"}); return err }, "unit.unknown"},
			"another's line":                {func() error { _, err := f.Change(stranger, x.ID, x); return err }, "advisory.unknown"},
			"another's line goes":           {func() error { return f.Remove(stranger, x.ID) }, "advisory.unknown"},
			"a line that changed meanwhile": {func() error { y := x; y.Version = 7; _, err := f.Change(officer, x.ID, y); return err }, "advisory.changed"},
			"the same line twice": {func() error {
				_, err := f.Declare(officer, Software{Unit: "so-y-te", Product: advisory.Product{Vendor: "OTHER inc", Name: "webmail"}, Release: "1.2"})
				return err
			}, "advisory.declared"},
			"an unnamed product": {func() error { _, err := f.Declare(officer, Software{Unit: "so-y-te"}); return err }, "advisory.bad-field"},
			"no CPE name":        {func() error { y := line; y.Product.CPE = "cpe:x"; _, err := f.Declare(officer, y); return err }, "advisory.bad-field"},
			"a broken file":      {func() error { _, err := f.Import(analyst, "x.json", []byte("{")); return err }, "advisory.bad-file"},
		} {
			if err := c.do(); code(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if err := f.Remove(officer, x.ID); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoRunsWhatAWarningNames(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.declares(officer, "so-y-te", "Microsoft", "Exchange Server", "15.2.1118.7")
		f.declares(stranger, "so-noi-vu", "Microsoft Corporation", "Microsoft Exchange Server", "15.2.1544.4")
		f.declares(stranger, "so-noi-vu", "", "Exchange Server", "")
		found, err := f.Running(analyst, []Asked{
			{Product: advisory.Product{Vendor: "Microsoft", Name: "Exchange Server"}, Versions: "< 15.2.1544.4"},
			{Product: advisory.Product{Vendor: "Microsoft", Name: "Exchange Server"}, Versions: "< 15.1"}, // told once
		})
		if err != nil {
			t.Fatal(err)
		}
		f.wants(found["so-y-te"], "Microsoft Exchange Server 15.2.1118.7")
		f.wants(found["so-noi-vu"], "Exchange Server · cần kiểm tra")
		if found, err := f.Running(officer, []Asked{{Product: advisory.Product{Name: "Exchange Server", Vendor: "Microsoft"}}}); err != nil || len(found) != 1 {
			t.Errorf("an officer is told of others: %v, %v", found, err)
		}
	})
}
