package source

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// toldSignals remembers what is raised, by kind, unit and about.
type toldSignals struct {
	open  map[string]Signal
	calls int
}

func (s *toldSignals) Raise(_ context.Context, x Signal) error {
	if s.open == nil {
		s.open = map[string]Signal{}
	}
	s.calls++
	s.open[x.Kind+" "+string(x.Unit)+" "+x.About] = x
	return nil
}

func (s *toldSignals) Settle(_ context.Context, kind string, unit event.UnitID, about string) error {
	s.calls++
	delete(s.open, kind+" "+string(unit)+" "+about)
	return nil
}

// fakeNode is a node as the test wants it.
type fakeNode struct {
	behind       bool
	disks        []DiskUse
	certificates []Certificate
	signals      []Signal
}

func (n *fakeNode) Behind(context.Context) (bool, error)                { return n.behind, nil }
func (n *fakeNode) Disks(context.Context) ([]DiskUse, error)            { return n.disks, nil }
func (n *fakeNode) Certificates(context.Context) ([]Certificate, error) { return n.certificates, nil }
func (n *fakeNode) Signals(context.Context) []Signal                    { return n.signals }

func (f *fixture) look() {
	f.t.Helper()
	if err := f.Service.look(context.Background()); err != nil {
		f.t.Fatal(err)
	}
}

// pass lets time pass, looking every second minute, with what is sent then.
func (f *fixture) pass(d time.Duration, sends func() []Observation) {
	f.t.Helper()
	for end := f.now.Add(d); f.now.Before(end); {
		f.now = f.now.Add(2 * time.Minute)
		if sends != nil {
			f.observe(sends()...)
		}
		f.look()
	}
}

// told are the open signals, as "kind about", in order.
func (f *fixture) told() string {
	var out []string
	for _, s := range f.signals.open {
		out = append(out, s.Kind+" "+string(s.Unit)+" "+s.About)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func (f *fixture) source(host string) *health {
	f.t.Helper()
	page, err := f.List(centre, Filter{Text: host, Limit: 10})
	if err != nil || len(page.Items) != 1 {
		f.t.Fatalf("%s: %d sources, %v", host, len(page.Items), err)
	}
	return &page.Items[0]
}

func (f *fixture) hosts(n int, unit event.UnitID) func() []Observation {
	return func() []Observation {
		var out []Observation
		for i := range n {
			out = append(out, f.seen(fmt.Sprint("pc-", i), func(o *Observation) { o.Unit, o.Peer = unit, fmt.Sprint("10.0.0.", i) }))
		}
		return out
	}
}

func TestASilentSourceIsTold(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.pass(10*time.Minute, func() []Observation { return []Observation{f.seen("web01"), f.seen("db01")} })
		last := f.now
		f.pass(58*time.Minute, func() []Observation { return []Observation{f.seen("db01")} })
		if f.told() != "" {
			t.Errorf("told too soon: %s", f.told())
		}
		f.pass(time.Minute, func() []Observation { return []Observation{f.seen("db01")} })
		if got := f.told(); got != "source.silent so-y-te web01 · 10.0.0.9 · syslog" {
			t.Errorf("told %q", got)
		}
		s := f.signals.open["source.silent so-y-te web01 · 10.0.0.9 · syslog"]
		if s.Details["last"] != last.Format(time.RFC3339) || s.Details["silentAfter"] != "1h" || s.Query != `host:"web01" AND peer:"10.0.0.9"` || s.Severity != "" {
			t.Errorf("%+v", s)
		}
		if h := f.source("web01"); h.status(f.now) != "silent" || h.score(f.now) != 100 {
			t.Errorf("%s %v", h.status(f.now), h.score(f.now))
		}
		if worst, err := f.Worst(centre, 1); err != nil || worst[0].Host != "web01" || worst[0].Status != "silent" {
			t.Errorf("%+v %v", worst, err)
		}
		calls := f.signals.calls
		f.look()
		if f.signals.calls != calls {
			t.Error("told twice")
		}
		f.pass(time.Minute, func() []Observation { return []Observation{f.seen("web01"), f.seen("db01")} })
		if f.told() != "" || f.source("web01").status(f.now) == "silent" {
			t.Errorf("heard again: %q", f.told())
		}
	})
}

// A restart in the middle changes nothing: all that matters is stored.
func TestSilenceSurvivesARestart(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.pass(10*time.Minute, func() []Observation { return []Observation{f.seen("web01")} })
		f.pass(2*time.Hour, nil)
		g := newFixture(t, db)
		g.now, g.signals = f.now.Add(time.Minute), f.signals
		g.Service.signals = f.signals
		calls := f.signals.calls
		g.look()
		if g.signals.calls != calls || g.told() == "" {
			t.Errorf("%d calls, told %q", g.signals.calls-calls, g.told())
		}
		g.observe(g.seen("web01"))
		g.look()
		if g.told() != "" {
			t.Errorf("told %q", g.told())
		}
	})
}

// After the centre was down, or while it is behind, nobody is declared silent for
// what the centre could not hear.
func TestTheCentresOwnOutageIsNobodysSilence(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		sends := f.hosts(20, "so-y-te")
		f.pass(30*time.Minute, sends)
		f.now = f.now.Add(9 * time.Hour) // the power was off
		f.look()
		f.pass(30*time.Minute, nil) // nobody has come back yet
		if f.told() != "" {
			t.Errorf("after the outage: %s", f.told())
		}
		f.pass(30*time.Minute, sends)
		f.node.behind = true // accepted, not processed
		f.pass(3*time.Hour, nil)
		f.node.behind = false
		f.pass(20*time.Minute, nil)
		if f.told() != "" {
			t.Errorf("while behind: %s", f.told())
		}
		// But it does not shield for ever.
		f.pass(time.Hour, nil)
		if !strings.HasPrefix(f.told(), "source.silent.many so-y-te syslog · ") || strings.Contains(f.told(), ";") {
			t.Errorf("told %q", f.told())
		}
		if s, err := f.Health(centre); err != nil || len(s.Outages) != 2 || s.Outages[0].From.Before(s.Outages[1].To) {
			t.Errorf("%+v %v", s.Outages, err)
		}
	})
}

// Many at once are one signal for the unit's input, in several units one for the
// input; those that stay silent after the rest came back are told one by one.
func TestManyAtOnceAreOneSignal(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	units := []event.UnitID{"so-y-te", "so-noi-vu", "xa-a", "xa-b"}
	all := func() (out []Observation) {
		for _, u := range units {
			out = append(out, f.hosts(6, u)()...)
		}
		return out
	}
	f.pass(10*time.Minute, all)
	f.pass(62*time.Minute, func() []Observation { return all()[6:] })
	if got := f.told(); !strings.HasPrefix(got, "source.silent.many so-y-te syslog · 2026-11-22 ") || strings.Contains(got, ";") {
		t.Fatalf("one unit: %q", got)
	}
	for _, s := range f.signals.open {
		if s.Details["sources"] != "6" || s.Details["examples"] != "pc-0, pc-1, pc-2, pc-3, pc-4, pc-5" {
			t.Errorf("%+v", s)
		}
	}
	// Three of six are back: it is the same story. Then one more: two are left.
	f.pass(5*time.Minute, func() []Observation { return all()[3:] })
	if got := f.told(); !strings.HasPrefix(got, "source.silent.many") || strings.Contains(got, ";") {
		t.Errorf("half of them back: %q", got)
	}
	f.pass(5*time.Minute, func() []Observation { return all()[2:] })
	if got := f.told(); got != "source.silent so-y-te pc-0 · 10.0.0.0 · syslog; source.silent so-y-te pc-1 · 10.0.0.1 · syslog" {
		t.Errorf("two left: %q", got)
	}
	f.pass(5*time.Minute, all)
	if f.told() != "" {
		t.Errorf("all back: %q", f.told())
	}
	f.pass(64*time.Minute, nil)
	if got := f.told(); !strings.HasPrefix(got, "source.silent.many trung-tam syslog · ") || strings.Contains(got, ";") {
		t.Fatalf("four units: %q", got)
	}
	for _, s := range f.signals.open {
		// The first unit has paused for an hour before: it is given longer.
		if s.Details["sources"] != "18" || s.Details["units"] != "3" {
			t.Errorf("%+v", s)
		}
	}
	f.pass(5*time.Minute, all)
	if f.told() != "" {
		t.Errorf("all back: %q", f.told())
	}
}

// Sources that died one by one over weeks do not hide the next one.
func TestOldSilencesAreNoCrowd(t *testing.T) {
	at := monday
	var list []trouble
	for i := range 10 {
		list = append(list, trouble{kind: kindSilent, since: at.Add(time.Duration(i) * 26 * time.Hour), sender: senderKey{"so-y-te", "syslog", "", fmt.Sprint("pc-", i)}, details: map[string]string{}})
	}
	if got := fold(list, nil, 5, time.UTC, func(u event.UnitID) string { return string(u) }); len(got) != 10 {
		t.Errorf("%d signals, want 10", len(got))
	}
}

func TestAClockThatIsOff(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		off := func(d time.Duration) func() []Observation {
			return func() []Observation {
				return []Observation{f.seen("web01", func(o *Observation) { o.Skew, o.Timed = d, true })}
			}
		}
		f.pass(14*time.Minute, off(7*time.Hour))
		if f.told() != "" {
			t.Errorf("too soon: %s", f.told())
		}
		f.pass(3*time.Minute, off(7*time.Hour))
		if f.told() != "source.skew so-y-te web01 · 10.0.0.9 · syslog" {
			t.Fatalf("told %q", f.told())
		}
		for _, s := range f.signals.open {
			if s.Details["skew"] != "7h" {
				t.Errorf("%+v", s)
			}
		}
		f.pass(time.Minute, off(-time.Minute))
		if f.told() != "" {
			t.Errorf("set right: %q", f.told())
		}
		// One late batch is no wrong clock.
		f.pass(time.Minute, off(-2*time.Hour))
		f.pass(30*time.Minute, func() []Observation { return []Observation{f.seen("web01")} })
		if f.told() != "" {
			t.Errorf("one batch: %q", f.told())
		}
	})
}

// What is not understood counts against all of the sender's lines.
func TestARisingShareOfUnparsedLines(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	hour := func(bad int64) {
		f.observe(f.seen("fw", func(o *Observation) { o.Format, o.Events = "fortigate", 100-bad }),
			f.seen("fw", unparsed(bad, "?"), func(o *Observation) { o.Events = bad }))
		f.now = f.now.Add(time.Minute)
		f.look()
		f.now = f.now.Add(time.Hour - time.Minute)
		f.look()
	}
	for range 60 {
		hour(2)
	}
	if f.told() != "" {
		t.Errorf("usual: %q", f.told())
	}
	hour(60)
	hour(60)
	hour(2)
	if f.told() != "source.unparsed so-y-te fw · 10.0.0.9 · syslog" {
		t.Fatalf("told %q", f.told())
	}
	for range 10 {
		hour(2)
	}
	if f.told() != "" {
		t.Errorf("over: %q", f.told())
	}
}

func TestMutedSourcesAreLeftAlone(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		mine, other := as(module.RoleAnalyst, "so-y-te"), as(module.RoleAnalyst, "so-noi-vu")
		f.pass(10*time.Minute, func() []Observation { return []Observation{f.seen("web01")} })
		id := f.source("web01").sourceRow.ID
		m := Mute{Until: f.now.Add(5 * time.Hour), Reason: "bảo trì", Silence: true}
		for name, c := range map[string]struct {
			ctx  context.Context
			m    Mute
			want fault.Kind
		}{
			"another unit": {other, m, fault.NotFound}, "a token": {as(module.RoleIngest, "so-y-te"), m, fault.Denied},
			"no reason": {mine, Mute{Until: m.Until, Reason: " "}, fault.Invalid}, "the past": {mine, Mute{Until: f.now, Reason: "x"}, fault.Invalid},
			"for ever": {mine, Mute{Until: f.now.AddDate(2, 0, 0), Reason: "x"}, fault.Invalid},
		} {
			if err := f.Mute(c.ctx, id, c.m); fault.KindOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := f.Mute(mine, id, m); err != nil {
			t.Fatal(err)
		}
		f.pass(2*time.Hour, nil)
		if h := f.source("web01"); f.told() != "" || h.status(f.now) != "muted" || h.healthRow.MuteReason != "bảo trì" {
			t.Errorf("%q %+v", f.told(), h.healthRow)
		}
		// It should be silent, and is not.
		f.pass(time.Minute, func() []Observation { return []Observation{f.seen("web01")} })
		if f.told() != "source.unexpected so-y-te web01 · 10.0.0.9 · syslog" {
			t.Errorf("told %q", f.told())
		}
		if err := f.Unmute(mine, id); err != nil {
			t.Fatal(err)
		}
		if err := f.Unmute(mine, id); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a second time: %v", err)
		}
		f.look()
		if f.told() != "" {
			t.Errorf("unmuted: %q", f.told())
		}
		if err := f.SetSilence(mine, id, 30*time.Minute, true); err != nil {
			t.Fatal(err)
		}
		// A mute that ends leaves the source to be judged as ever.
		if err := f.Mute(mine, id, Mute{Until: f.now.Add(3 * time.Hour), Reason: "x"}); err != nil {
			t.Fatal(err)
		}
		f.pass(3*time.Hour-2*time.Minute, nil)
		if f.told() != "" {
			t.Errorf("muted: %q", f.told())
		}
		f.pass(2*time.Minute, nil)
		if f.told() != "source.silent so-y-te web01 · 10.0.0.9 · syslog" {
			t.Errorf("after the mute: %q", f.told())
		}
		if n, err := f.trail.Verify(context.Background()); n != 4 || err != nil {
			t.Errorf("%d audit records, %v", n, err)
		}
	})
}

func TestABoundAndForgetting(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.pass(10*time.Minute, func() []Observation { return []Observation{f.seen("web01")} })
		id := f.source("web01").sourceRow.ID
		if err := f.SetSilence(centre, id, time.Second, false); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		if err := f.SetSilence(centre, id, 5*time.Minute, true); err != nil {
			t.Fatal(err)
		}
		if err := f.Forget(centre, id); fault.KindOf(err) != fault.Conflict {
			t.Errorf("forgotten while it sends: %v", err)
		}
		f.pass(7*time.Minute, nil)
		if f.told() == "" {
			t.Error("the bound does not go")
		}
		f.pass(time.Hour, nil)
		if err := f.Forget(centre, id); err != nil {
			t.Fatal(err)
		}
		f.look()
		if _, err := f.Get(centre, id); f.told() != "" || fault.KindOf(err) != fault.NotFound {
			t.Errorf("forgotten: told %q, %v", f.told(), err)
		}
		// It comes back as a new one, found by its name.
		f.observe(f.seen("web01"))
		f.look()
		if h := f.source("web01"); h.sourceRow.ID != id || h.status(f.now) != "new" || h.healthRow.SilentAfter != 0 {
			t.Errorf("%+v", h.healthRow)
		}
	})
}

// Hours are counted exactly, in whatever parts and order they come.
func TestHoursAreExact(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.now = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
		f.look()
		at := func(after time.Duration, n int64) {
			f.observe(f.seen("web01", func(o *Observation) { o.LastReceived, o.Events = f.now.Add(after), n }))
		}
		at(10*time.Minute, 5)
		at(50*time.Minute, 7)
		at(70*time.Minute, 1)
		at(55*time.Minute, 2) // late, of the hour before
		at(110*time.Minute, 4)
		f.pass(2*time.Hour+6*time.Minute, nil)
		f.now = f.now.Add(-6 * time.Minute)
		at(61*time.Minute, 9)
		f.pass(2*time.Hour+6*time.Minute, nil)
		h := f.source("web01")
		events, _ := h.hours(4, f.now.Truncate(time.Hour))
		// The first hour of a source is not whole and is shown while its slot lasts.
		if got := fmt.Sprint(events); got != "[0 5 0 9]" {
			t.Errorf("hours %s", got)
		}
		if h.Events != 28 || h.rhythm.longest < 65*time.Minute || h.rhythm.longest > 71*time.Minute {
			t.Errorf("%d events, longest pause %v", h.Events, h.rhythm.longest)
		}
	})
}

func TestDisksAndCertificates(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		const gib = 1 << 30
		f.node.certificates = []Certificate{{Name: "tls/console", Kind: "server", Expires: f.now.Add(200 * 24 * time.Hour)},
			{Name: "relay xa-a", Kind: "client", Unit: "xa-a", Expires: f.now.Add(40 * 24 * time.Hour)}}
		for day := range 10 {
			used := int64(100+10*day) * gib
			f.node.disks = []DiskUse{{Part: "lake", Path: "/data", Disk: "1", Used: used, Free: 300*gib - used}, {Part: "database", Path: "/data", Disk: "1", Used: gib, Free: 300*gib - used}}
			f.look()
			if day == 1 && f.told() != "" {
				t.Errorf("two days say nothing: %s", f.told())
			}
			f.now = f.now.Add(24 * time.Hour)
		}
		s, err := f.Health(centre)
		if err != nil || len(s.Disks) != 1 || len(s.Disks[0].Parts) != 2 {
			t.Fatalf("%+v %v", s.Disks, err)
		}
		d := s.Disks[0]
		if left := d.FullOn.Sub(f.now); math.Abs(d.PerDay/gib-10) > 0.01 || math.Abs(left.Hours()/24-11) > 0.1 {
			t.Errorf("%.2f GiB a day, full in %v", d.PerDay/gib, left)
		}
		f.look()
		if got := f.told(); got != "disk.full trung-tam /data" {
			t.Errorf("told %q", got)
		}
		f.now = f.now.Add(24 * time.Hour) // 29 days are left of the certificate
		f.look()
		if got := f.told(); got != "cert.expiry xa-a relay xa-a; disk.full trung-tam /data" || f.signals.open["cert.expiry xa-a relay xa-a"].Severity != "low" {
			t.Errorf("told %q", got)
		}
		f.now = f.now.Add(27 * 24 * time.Hour)
		f.look()
		if got := f.signals.open["cert.expiry xa-a relay xa-a"]; got.Severity != "high" || got.Details["days"] != "2" {
			t.Errorf("%+v", got)
		}
		f.node.certificates[1].Expires = f.now.Add(90 * 24 * time.Hour)
		f.node.disks[0].Free = 100_000 * gib
		f.look()
		if f.told() != "" {
			t.Errorf("told %q", f.told())
		}
		// A unit sees its own certificates, and nothing of the centre's disks.
		if s, err := f.Health(as(module.RoleAnalyst, "xa-a")); err != nil || len(s.Disks) != 0 || len(s.Certificates) != 1 {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestListsNarrowAndCount(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.pass(4*time.Minute, func() []Observation {
			return []Observation{f.seen("web01"), f.seen("máy-đỏ"), f.seen("other", func(o *Observation) { o.Unit = "so-noi-vu" })}
		})
		f.pass(65*time.Minute, func() []Observation { return []Observation{f.seen("web01")} })
		f.now = f.now.Add(25 * time.Hour)
		for name, c := range map[string]struct {
			filter Filter
			want   string
		}{
			"all":      {Filter{Limit: 10}, "[máy-đỏ other web01] 3"},
			"silent":   {Filter{Statuses: []string{"silent"}, Limit: 10}, "[máy-đỏ other] 2"},
			"ok":       {Filter{Statuses: []string{"ok", "new"}, Limit: 10}, "[web01] 1"},
			"text":     {Filter{Text: "MAY-DO", Limit: 10}, "[máy-đỏ] 1"},
			"unit":     {Filter{Unit: "so-noi-vu", Limit: 10}, "[other] 1"},
			"a page":   {Filter{Limit: 1, Offset: 2}, "[web01] 3"},
			"nowhere":  {Filter{Text: "%", Limit: 10}, "[] 0"},
			"and both": {Filter{Text: "web", Statuses: []string{"silent"}, Limit: 10}, "[] 0"},
		} {
			page, err := f.List(centre, c.filter)
			if err != nil {
				t.Fatal(err)
			}
			hosts := []string{}
			for _, h := range page.Items {
				hosts = append(hosts, h.Host)
			}
			if c.filter.Limit > 1 {
				slices.Sort(hosts)
			}
			if got := fmt.Sprint(hosts, page.Total); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		if _, err := f.List(centre, Filter{Statuses: []string{"asleep"}}); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
	})
}

// Sources that an earlier version stored get their names, and are not declared
// silent for the time before the first look.
func TestSourcesOfAnEarlierVersion(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.observe(f.seen("old"))
	if _, err := f.db.ExecContext(context.Background(), "UPDATE sources SET id = '', search_text = ''"); err != nil {
		t.Fatal(err)
	}
	if err := f.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(30 * 24 * time.Hour)
	f.look()
	if h := f.source("old"); h.sourceRow.ID == "" || h.status(f.now) == "silent" {
		t.Errorf("%+v", h.healthRow)
	}
}

func BenchmarkLook(b *testing.B) {
	f := newFixture(b, sqldbtest.SQLite(b))
	for unit := range 100 {
		f.observe(f.hosts(15, event.UnitID(fmt.Sprint("xa-", unit)))()...)
	}
	f.look()
	b.ReportAllocs()
	for b.Loop() {
		f.look()
	}
}
