package warning

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestEveryKindHasATemplateThatIsNotReadyYet(t *testing.T) {
	list, err := shippedTemplates()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Kinds {
		i := slices.IndexFunc(list, func(x WarningTemplate) bool { return x.Kind == kind })
		if i < 0 {
			t.Errorf("no template of kind %s", kind)
			continue
		}
		f := list[i].Facts()
		f.Grade.Source = "x"
		if err := f.ready(); code(err) != "warning.gap" {
			t.Errorf("%s: a template nobody filled in is handed in: %v", kind, err)
		}
	}
}

func TestWhatIsWrittenIsChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*WarningFacts)
		want   string
	}{
		{"sound", func(*WarningFacts) {}, ""},
		{"no title", func(f *WarningFacts) { f.Title = " " }, "warning.title"},
		{"no such kind", func(f *WarningFacts) { f.Kind = "war" }, "warning.word"},
		{"no such TLP", func(f *WarningFacts) { f.TLP = "WHITE" }, "warning.word"},
		{"reliability", func(f *WarningFacts) { f.Grade.Reliability = "G" }, "warning.word"},
		{"credibility", func(f *WarningFacts) { f.Grade.Credibility = 7 }, "warning.word"},
		{"a CVE", func(f *WarningFacts) { f.CVEs = []string{"CVE-26-1"} }, "warning.cve"},
		{"a product without a name", func(f *WarningFacts) { f.Products = []AffectedProduct{{Vendor: "x"}} }, "warning.product"},
		{"an address that is none", func(f *WarningFacts) { f.Indicators = []WarningIndicator{{Type: "ipv4-addr", Value: "203.0.113.999"}} }, "warning.indicator"},
		{"IPv6 as IPv4", func(f *WarningFacts) { f.Indicators = []WarningIndicator{{Type: "ipv4-addr", Value: "2001:db8::1"}} }, "warning.indicator"},
		{"a hash", func(f *WarningFacts) { f.Indicators = []WarningIndicator{{Type: "file-hash", Value: "abcdef"}} }, "warning.indicator"},
		{"a domain", func(f *WarningFacts) { f.Indicators = []WarningIndicator{{Type: "domain-name", Value: "no domain"}} }, "warning.indicator"},
		{"a type", func(f *WarningFacts) { f.Indicators = []WarningIndicator{{Type: "smell", Value: "roses"}} }, "warning.indicator-type"},
		{"too short to be looked for", func(f *WarningFacts) { f.Indicators = []WarningIndicator{{Type: "other", Value: "abc"}} }, "warning.indicator"},
		{"a query", func(f *WarningFacts) { f.Query = "(" }, "warning.query"},
		{"fixed before acknowledged", func(f *WarningFacts) { f.FixHours = f.AckHours - 1 }, "warning.hours"},
	} {
		f := facts(c.change)
		if err := f.clean(); code(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestIndicatorsAreLookedForByThemselves(t *testing.T) {
	f := facts(func(f *WarningFacts) {
		f.Indicators = []WarningIndicator{{Type: "ipv4-addr", Value: "203[.]0.113.9"}, {Type: "domain-name", Value: "Evil[.]Example."}, {Type: "other", Value: `C:\a "b"`}}
	})
	if err := f.clean(); err != nil {
		t.Fatal(err)
	}
	q, err := query.Parse(f.Search())
	if err != nil {
		t.Fatalf("%s: %v", f.Search(), err)
	}
	for raw, want := range map[string]bool{
		"from 203.0.113.9 port 1": true, "203.0.113.9": true, "from 203.0.113.99": false, "1203.0.113.9": false,
		"GET http://evil.example/": true, `run C:\a "b" now`: true, "nothing": false,
	} {
		if got := q.Match(&event.Event{Raw: raw}, nil); got != want {
			t.Errorf("%q: %v", raw, got)
		}
	}
}

func TestWhoWroteAWarningDoesNotPublishIt(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.handedIn(facts(), false)
		if w.State != Review || w.Code != "" {
			t.Fatalf("handed in: %s %q", w.State, w.Code)
		}
		for _, c := range []struct {
			name string
			ctx  context.Context
			want string
		}{
			{"nobody", context.Background(), "session.required"},
			{"an analyst", analyst, "permission.denied"},
			{"a unit's officer", officer, "permission.denied"},
			{"an auditor", auditor, "permission.denied"},
		} {
			if _, err := f.Publish(c.ctx, w.ID, w.Version); code(err) != c.want {
				t.Errorf("%s publishes: %v, want %s", c.name, err, c.want)
			}
		}
		// A coordinator who mends a word is a writer, and what he mended is looked at anew.
		x := w.WarningFacts
		x.Title = "Lỗ hổng nghiêm trọng trong Exchange"
		w = must[Warning](f)(f.Change(coordinator, w.ID, x, w.Version))
		if w.State != Draft {
			t.Errorf("a text that was changed stays %s", w.State)
		}
		if _, err := f.Publish(leader, w.ID, w.Version); code(err) != "warning.state" {
			t.Errorf("a draft is published: %v", err)
		}
		w = must[Warning](f)(f.Submit(analyst, w.ID, w.Version))
		if _, err := f.Publish(coordinator, w.ID, w.Version); code(err) != "warning.four-eyes" {
			t.Errorf("who wrote publishes: %v", err)
		}
		if _, err := f.Publish(leader, w.ID, w.Version-1); code(err) != "warning.changed" {
			t.Errorf("what is published is not what was read: %v", err)
		}
		w = must[Warning](f)(f.Publish(leader, w.ID, w.Version))
		if w.State != Published || w.Code != "CB-2026-0001" || !w.AckBy.Equal(f.clock.Add(10*time.Hour)) || !w.FixBy.Equal(f.clock.Add(100*time.Hour)) {
			t.Errorf("published: %+v", w)
		}
		if _, err := f.Change(analyst, w.ID, x, w.Version); code(err) != "warning.state" {
			t.Errorf("a published text is changed: %v", err)
		}
	})
}

func TestAWarningIsReturnedWithAReason(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	w := f.handedIn(facts(), false)
	if _, err := f.Return(leader, w.ID, w.Version, "sửa"); code(err) != "warning.reason" {
		t.Errorf("returned without a reason: %v", err)
	}
	w = must[Warning](f)(f.Return(leader, w.ID, w.Version, "Bổ sung phiên bản đã vá"))
	if w.State != Draft || w.Reason == "" {
		t.Errorf("returned: %+v", w)
	}
	if n := f.notices(); n[len(n)-1] != "centre warning.review lan" {
		t.Errorf("who wrote is not told: %v", n)
	}
}

func TestNumbersHaveNeitherGapsNorDoubles(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		const n = 6
		list := make([]Warning, n)
		for i := range list {
			list[i] = f.handedIn(facts(), false)
		}
		// A draft that is dropped takes no number.
		dropped := f.handedIn(facts(), false)
		must[Warning](f)(f.Withdraw(analyst, dropped.ID, dropped.Version, "Trùng với cảnh báo khác"))
		codes := make([]string, n)
		var wait sync.WaitGroup
		for i := range list {
			wait.Go(func() {
				w, err := f.Publish(leader, list[i].ID, list[i].Version)
				if err != nil {
					t.Error(err)
				}
				codes[i] = w.Code
			})
		}
		wait.Wait()
		slices.Sort(codes)
		if want := []string{"CB-2026-0001", "CB-2026-0002", "CB-2026-0003", "CB-2026-0004", "CB-2026-0005", "CB-2026-0006"}; !slices.Equal(codes, want) {
			t.Errorf("numbers: %v", codes)
		}
		d := f.handedIn(facts(), true)
		if d = must[Warning](f)(f.Publish(leader, d.ID, d.Version)); d.Code != "DT-CB-2026-0001" {
			t.Errorf("a drill's number is %s", d.Code)
		}
	})
}

func why(list []Member, unit event.UnitID) string {
	for _, m := range list {
		if m.Unit == unit {
			var by []string
			for _, r := range m.Reasons {
				by = append(by, r.By+":"+r.Detail)
			}
			return strings.Join(by, " ") + strings.TrimSuffix(" -"+m.Removed, " -")
		}
	}
	return "not there"
}

func TestTheAudienceIsComputedWithItsReasons(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.lake.records = []stored{
			{"xa-an-phu", f.clock.Add(-48 * time.Hour), "connect to 203.0.113.9:443"}, {"xa-an-phu", f.clock.Add(-time.Hour), "again 203.0.113.9"},
			{"so-noi-vu", f.clock.Add(-40 * 24 * time.Hour), "long ago 203.0.113.9"}, {"so-noi-vu", f.clock.Add(-time.Hour), "else 203.0.113.90"},
		}
		audience := func(c AudienceChoice) []Member {
			t.Helper()
			w := f.computed(must[Warning](f)(f.Create(analyst, facts(func(x *WarningFacts) {
				x.Choice, x.Products = c, []AffectedProduct{{Vendor: "Microsoft", Name: "Exchange Server"}}
			}), false)))
			_, list, stale, err := f.Audience(auditor, w.ID)
			if err != nil || stale || w.Audience.State != "done" {
				t.Fatalf("audience: %v %v %+v", err, stale, w.Audience)
			}
			return list
		}
		for _, c := range []struct {
			name   string
			choice AudienceChoice
			want   map[event.UnitID]string
		}{
			{"all", AudienceChoice{All: true}, map[event.UnitID]string{"so-noi-vu": "all:", "so-y-te": "all:", "xa-an-phu": "all:"}},
			{"by kind", AudienceChoice{Kinds: []string{"department"}}, map[event.UnitID]string{"so-noi-vu": "kind:department", "so-y-te": "kind:department"}},
			{"under a unit", AudienceChoice{Under: []event.UnitID{"so-noi-vu"}}, map[event.UnitID]string{"so-noi-vu": "under:so-noi-vu", "xa-an-phu": "under:so-noi-vu"}},
			{"by software", AudienceChoice{Software: true}, map[event.UnitID]string{"so-y-te": "software:Microsoft Exchange Server 2019 CU14"}},
			{"by indicator", AudienceChoice{Indicators: true, Days: 30}, map[event.UnitID]string{"xa-an-phu": "indicator:203.0.113.9"}},
			{"by both", AudienceChoice{Indicators: true, Days: 60, Kinds: []string{"department"}},
				map[event.UnitID]string{"xa-an-phu": "indicator:203.0.113.9", "so-noi-vu": "kind:department indicator:203.0.113.9", "so-y-te": "kind:department"}},
		} {
			list := audience(c.choice)
			if len(list) != len(c.want) {
				t.Errorf("%s: %+v", c.name, list)
			}
			for u, want := range c.want {
				if got := why(list, u); got != want {
					t.Errorf("%s: %s because of %q, want %q", c.name, u, got, want)
				}
			}
		}
		if list := audience(AudienceChoice{Indicators: true, Days: 30}); list[0].Reasons[0].Count != 2 {
			t.Errorf("events with the indicator: %+v", list[0].Reasons)
		}
	})
}

func TestTheAudienceIsAdjustedWithAReason(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.handedIn(facts(), false)
		if _, err := f.Adjust(coordinator, w.ID, w.Version, []event.UnitID{"xa-an-phu"}, nil, "vì"); code(err) != "warning.reason" {
			t.Errorf("without a reason: %v", err)
		}
		for _, u := range []event.UnitID{"so-cu", event.CentreUnit, "nowhere"} {
			if _, err := f.Adjust(coordinator, w.ID, w.Version, []event.UnitID{u}, nil, "Dùng chung hệ thống"); code(err) != "unit.unknown" {
				t.Errorf("%s is added: %v", u, err)
			}
		}
		w = must[Warning](f)(f.Adjust(coordinator, w.ID, w.Version, []event.UnitID{"xa-an-phu"}, []event.UnitID{"so-y-te"}, "Đã ngừng dùng máy chủ"))
		if w.State != Draft {
			t.Errorf("another audience is not looked at anew: %s", w.State)
		}
		check := func(when string) {
			t.Helper()
			_, list, _, err := f.Audience(analyst, w.ID)
			if err != nil || why(list, "xa-an-phu") != "person:Đã ngừng dùng máy chủ" || why(list, "so-y-te") != "under:so-y-te -Đã ngừng dùng máy chủ" {
				t.Errorf("%s: %v %+v", when, err, list)
			}
		}
		check("adjusted")
		w = f.computed(w)
		check("computed again")
		w = must[Warning](f)(f.Submit(analyst, w.ID, w.Version))
		if _, err := f.Publish(coordinator, w.ID, w.Version); code(err) != "warning.four-eyes" {
			t.Errorf("who chose the audience publishes: %v", err)
		}
		w = must[Warning](f)(f.Publish(leader, w.ID, w.Version))
		copies, err := f.Copies(analyst, w.ID)
		if err != nil || len(copies) != 1 || copies[0].Unit != "xa-an-phu" {
			t.Errorf("copies: %v %+v", err, copies)
		}
	})
}

func TestWhatIsMissingIsSaidBeforeItIsHandedIn(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	submit := func(w Warning) string {
		_, err := f.Submit(analyst, w.ID, w.Version)
		return code(err)
	}
	create := func(change func(*WarningFacts)) Warning {
		return must[Warning](f)(f.Create(analyst, facts(change), false))
	}
	if got := submit(create(func(x *WarningFacts) { x.Text.Impact = "" })); got != "warning.empty" {
		t.Errorf("an empty part: %s", got)
	}
	if got := submit(create(func(x *WarningFacts) { x.Text.Check = "Xem […cách kiểm tra]" })); got != "warning.gap" {
		t.Errorf("a gap of the template: %s", got)
	}
	if got := submit(create(func(x *WarningFacts) { x.Grade.Source = "" })); got != "warning.source" {
		t.Errorf("no source: %s", got)
	}
	w := create(func(*WarningFacts) {})
	if got := submit(w); got != "warning.audience-stale" {
		t.Errorf("no audience: %s", got)
	}
	w = must[Warning](f)(f.Compute(analyst, w.ID, w.Version))
	if got := submit(w); got != "warning.computing" {
		t.Errorf("while it is computed: %s", got)
	}
	w = f.computed(w)
	x := w.WarningFacts
	x.CVEs = nil
	w = must[Warning](f)(f.Change(analyst, w.ID, x, w.Version))
	if got := submit(w); got != "warning.audience-stale" {
		t.Errorf("an audience of what was before: %s", got)
	}
	if got := submit(f.computed(create(func(x *WarningFacts) { x.Choice = AudienceChoice{} }))); got != "warning.nobody" {
		t.Errorf("nobody to send to: %s", got)
	}
}

func TestAnIndicatorThatCannotBeLookedForIsNamed(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.lake.fail = "evil"
	f.lake.records = []stored{{"xa-an-phu", f.clock.Add(-time.Hour), "203.0.113.9"}}
	w := f.computed(must[Warning](f)(f.Create(analyst, facts(func(x *WarningFacts) {
		x.Indicators = append(x.Indicators, WarningIndicator{Type: "domain-name", Value: "evil.example"})
		x.Choice = AudienceChoice{Indicators: true}
	}), false)))
	if a := w.Audience; a.State != "done" || a.Done != 2 || a.Of != 2 || !slices.Equal(a.Missing, []string{"evil.example"}) {
		t.Errorf("computed: %+v", a)
	}
}

func TestTheBackgroundComputesAudiences(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.runAudience(ctx) }()
	w := must[Warning](f)(f.Create(analyst, facts(), false))
	w = must[Warning](f)(f.Compute(analyst, w.ID, w.Version))
	for deadline := time.Now().Add(time.Minute); w.Audience.State != "done"; w = must[Warning](f)(f.Get(analyst, w.ID)) {
		if time.Now().After(deadline) {
			t.Fatalf("not computed: %+v", w.Audience)
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAWithdrawnWarningEndsItsCopies(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.published(facts())
		if _, err := f.Withdraw(analyst, w.ID, w.Version, "Nguồn tin đã đính chính"); code(err) != "permission.denied" {
			t.Errorf("an analyst withdraws what went out: %v", err)
		}
		w = must[Warning](f)(f.Withdraw(leader, w.ID, w.Version, "Nguồn tin đã đính chính"))
		r, _, _, err := f.Copy(officer, w.ID, "so-y-te")
		if err != nil || r.Open || r.Settled != "withdrawn" {
			t.Errorf("the copy: %v %+v", err, r.Copy)
		}
		if _, err := f.Answer(officer, w.ID, "so-y-te", Fixed, "Đã cập nhật bản vá"); code(err) != "warning.state" {
			t.Errorf("it is answered: %v", err)
		}
		m := f.told(module.FactMatter)
		if last := m[len(m)-1]; !strings.Contains(last, `"ended":true`) {
			t.Errorf("duties are not told: %s", last)
		}
	})
}
