package lake

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

const day = 24 * time.Hour

// The most particular rule holds, and no age is shorter than its minimum.
func TestWhichRetentionRuleHolds(t *testing.T) {
	p := newRetentionPolicy(100*day, []RetentionRule{
		{Age: 90 * day},
		{Unit: "a", Age: 30 * day, Minimum: 30 * day},
		{Unit: "b", Minimum: 365 * day},
		{Format: "dns", Age: 7 * day},
		{Unit: "a", Format: "dns", Age: 400 * day},
		{Unit: "a", Input: "netflow", Age: 10 * day, Minimum: 20 * day},
	})
	for _, c := range []struct {
		unit                event.UnitID
		format, input, note string
		want                kept
	}{
		{"x", "syslog", "syslog", "the rule for all", kept{90 * day, 0}},
		{"x", "dns", "syslog", "a format", kept{7 * day, 0}},
		{"a", "syslog", "syslog", "a unit", kept{30 * day, 30 * day}},
		{"a", "dns", "netflow", "unit and format before unit and input", kept{400 * day, 0}},
		{"a", "syslog", "netflow", "never shorter than the minimum", kept{20 * day, 20 * day}},
		{"b", "dns", "syslog", "a unit goes before a format; lake.maxAge is shorter than the minimum", kept{365 * day, 365 * day}},
	} {
		if got := p.of(c.unit, c.format, c.input); got != c.want {
			t.Errorf("%s: unit %s, format %s, input %s: %v, want %v", c.note, c.unit, c.format, c.input, got, c.want)
		}
	}
	for _, c := range []struct {
		units                      []event.UnitID
		shortest, longest, minimum time.Duration
	}{
		{[]event.UnitID{"x"}, 7 * day, 90 * day, 0},
		{[]event.UnitID{"a"}, 20 * day, 400 * day, 30 * day},
		{[]event.UnitID{"b"}, 365 * day, 365 * day, 365 * day},
		{[]event.UnitID{"b", "x"}, 7 * day, 365 * day, 365 * day},
	} {
		if s, l, m := p.bounds(c.units); s != c.shortest || l != c.longest || m != c.minimum {
			t.Errorf("bounds of %v: %v %v %v", c.units, s, l, m)
		}
	}
	if s, l, _ := newRetentionPolicy(0, nil).bounds([]event.UnitID{"x"}); s != forever || l != forever {
		t.Errorf("without any rule: %v %v", s, l)
	}
}

// arrived makes events of the units in turn that arrive at regular times.
func arrived(n int, from time.Time, step time.Duration, units ...event.UnitID) []stored {
	events := randomEvents(rand.New(rand.NewPCG(8, 8)), n, time.Hour)
	for i := range events {
		at := from.Add(time.Duration(i) * step)
		events[i].ev.Time, events[i].ev.Received, events[i].ev.Skewed = at, at, false
		events[i].ev.Unit = units[i%len(units)]
	}
	return events
}

// setMaxBytes changes the limit of an open lake.
func setMaxBytes(l *Lake, n int64) { l.config.MaxBytes = config.Size(n) }

func ofUnit(events []stored, u event.UnitID) (out []stored) {
	for _, e := range events {
		if e.ev.Unit == u {
			out = append(out, e)
		}
	}
	return out
}

// Each unit's events go when its own time is over, out of segments that hold
// several units; the others stay, exactly, and the chain tells it all.
func TestRetentionByUnit(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		ctx := context.Background()
		events := arrived(600, epoch, time.Minute, "a", "b", "c")
		clock := epoch.Add(day)
		l := openLake(t, open(t), func(o *Options) { o.Now = func() time.Time { return clock } })
		fill(t, l, events, 200)
		compactAll(t, l)
		l.SetRetention([]RetentionRule{{Unit: "a", Age: 30 * day}, {Unit: "b", Age: 90 * day}})
		step := func(after time.Duration, want []stored) {
			t.Helper()
			clock = epoch.Add(after)
			if err := l.retain(ctx); err != nil {
				t.Fatal(err)
			}
			rows, _ := search(t, l, ScopeAll(), Search{})
			checkRows(t, rows, want)
			if r := verify(t, l); len(r.Findings) > 0 {
				t.Fatalf("after %v: %v", after, r.Findings)
			}
		}
		step(29*day, events)
		left := append(ofUnit(events, "b"), ofUnit(events, "c")...)
		step(31*day, left)
		step(60*day, left)
		step(91*day, ofUnit(events, "c"))
		step(9999*day, ofUnit(events, "c"))
		gone, err := l.Deletions(ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		sum := map[event.UnitID]int64{}
		for _, d := range gone {
			if d.Reason != "age" || !slices.Equal(d.Units, []event.UnitID{"a"}) && !slices.Equal(d.Units, []event.UnitID{"b"}) {
				t.Errorf("%+v", d)
			}
			for u, n := range d.UnitEvents {
				sum[u] += n
			}
		}
		if sum["a"] != 200 || sum["b"] != 200 || len(sum) != 2 {
			t.Errorf("deleted by unit: %v", sum)
		}
		checkNoStrayFiles(t, l)
	})
}

// A segment with little to delete waits until it is worth it, a week at most.
func TestALittleExpiredWaits(t *testing.T) {
	ctx := context.Background()
	events := arrived(1000, epoch, time.Second, "a", "b", "b", "b", "b", "b", "b", "b", "b", "b")
	clock := epoch
	l := openLake(t, openSQLite(t), func(o *Options) { o.Now = func() time.Time { return clock } })
	fill(t, l, events, 1000)
	l.SetRetention([]RetentionRule{{Unit: "a", Age: 30 * day}})
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{31 * day, 1000}, {36 * day, 1000}, {38 * day, 900}} {
		clock = epoch.Add(c.after)
		if err := l.retain(ctx); err != nil {
			t.Fatal(err)
		}
		if rows, _ := search(t, l, ScopeAll(), Search{}); len(rows) != c.want {
			t.Errorf("after %v %d events are left, want %d", c.after, len(rows), c.want)
		}
	}
}

func TestRetentionBySource(t *testing.T) {
	events := arrived(400, epoch, time.Minute, "a")
	var left []stored
	for i := range events {
		events[i].ev.Format = []string{"dns", "syslog"}[i%2]
		if i%2 == 1 {
			left = append(left, events[i])
		}
	}
	l := openLake(t, openSQLite(t), func(o *Options) { o.Now = func() time.Time { return epoch.Add(10 * day) } })
	fill(t, l, events, 100)
	l.SetRetention([]RetentionRule{{Unit: "a", Format: "dns", Age: 7 * day}})
	if err := l.retain(context.Background()); err != nil {
		t.Fatal(err)
	}
	rows, _ := search(t, l, ScopeAll(), Search{})
	checkRows(t, rows, left)
}

// The limit of size takes first what no minimum keeps, whatever its age; what
// one keeps goes only then, and an alarm says so.
func TestSizeGoesBelowTheMinimumOnlyWithAnAlarm(t *testing.T) {
	ctx := context.Background()
	old, young := arrived(300, epoch, time.Minute, "law"), arrived(300, epoch.Add(5*day), time.Minute, "free")
	now := epoch.Add(10 * day)
	l := openLake(t, openSQLite(t), func(o *Options) { o.Now = func() time.Time { return now } })
	fill(t, l, old, 300)
	fill(t, l, young, 300)
	l.SetRetention([]RetentionRule{{Unit: "law", Minimum: 90 * day}})
	size := l.size()
	var law int64
	for _, s := range l.segments {
		if s.units[0] == "law" {
			law = s.bytes
		}
	}
	setMaxBytes(l, law)
	if size <= law {
		t.Fatal("nothing to delete")
	}
	if err := l.retain(ctx); err != nil {
		t.Fatal(err)
	}
	rows, _ := search(t, l, ScopeAll(), Search{})
	checkRows(t, rows, old)
	if a := l.RetentionAlarm(); a != "" {
		t.Errorf("an alarm for nothing: %s", a)
	}
	setMaxBytes(l, law-1)
	if err := l.retain(ctx); err != nil {
		t.Fatal(err)
	}
	gone, err := l.Deletions(ctx, 10)
	if err != nil || len(gone) != 2 {
		t.Fatalf("%+v, %v", gone, err)
	}
	reasons := map[event.UnitID]string{}
	for _, d := range gone {
		reasons[d.Units[0]] = d.Reason
	}
	if reasons["free"] != "size" || reasons["law"] != "size-below-minimum" {
		t.Errorf("%v", reasons)
	}
	if a := l.RetentionAlarm(); !strings.Contains(a, "too small") {
		t.Errorf("alarm %q", a)
	}
	now = now.Add(25 * time.Hour)
	if a := l.RetentionAlarm(); a != "" {
		t.Errorf("the alarm does not end: %q", a)
	}
}

// What a hold covers outlives age and size; released, it goes.
func TestLegalHold(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		for _, c := range []struct {
			name string
			hold Hold
			held func(e *stored) bool
		}{
			{"everything", Hold{}, func(*stored) bool { return true }},
			{"a unit", Hold{Units: []event.UnitID{"a"}}, func(e *stored) bool { return e.ev.Unit == "a" }},
			{"a time", Hold{From: epoch.Add(time.Hour), To: epoch.Add(2 * time.Hour)}, func(e *stored) bool {
				return !e.ev.Time.Before(epoch.Add(time.Hour)) && e.ev.Time.Before(epoch.Add(2*time.Hour))
			}},
			{"a host", Hold{Units: []event.UnitID{"a", "b"}, Hosts: []string{"MAY-1"}}, func(e *stored) bool { return e.ev.Host == "may-1" }},
			{"a query", Hold{Query: "unit:b AND host:may-0"}, func(e *stored) bool { return e.ev.Unit == "b" && e.ev.Host == "may-0" }},
		} {
			t.Run(c.name, func(t *testing.T) {
				ctx := context.Background()
				events := arrived(300, epoch, time.Minute, "a", "b")
				var held []stored
				for i := range events {
					events[i].ev.Host = []string{"may-0", "may-1", "may-2"}[i%3]
					if c.held(&events[i]) {
						held = append(held, events[i])
					}
				}
				clock := epoch.Add(6 * time.Hour)
				l := openLake(t, open(t), func(o *Options) {
					o.Config.MaxAge = day
					o.Now = func() time.Time { return clock }
				})
				fill(t, l, events, 100)
				c.hold.Reason, c.hold.By = "vụ việc 12/2026", "an"
				h, err := l.AddHold(ctx, c.hold, nil)
				if err != nil {
					t.Fatal(err)
				}
				clock = clock.Add(9 * day)
				for range 2 {
					if err := l.retain(ctx); err != nil {
						t.Fatal(err)
					}
				}
				rows, _ := search(t, l, ScopeAll(), Search{})
				checkRows(t, rows, held)
				setMaxBytes(l, 1)
				if err := l.retain(ctx); err != nil {
					t.Fatal(err)
				}
				rows, _ = search(t, l, ScopeAll(), Search{})
				checkRows(t, rows, held)
				if a := l.RetentionAlarm(); !strings.Contains(a, "legal holds keep") {
					t.Errorf("alarm %q", a)
				}
				if _, err := l.ReleaseHold(ctx, h.ID, "ba", "đã kết thúc", nil); err != nil {
					t.Fatal(err)
				}
				if err := l.retain(ctx); err != nil {
					t.Fatal(err)
				}
				if rows, _ := search(t, l, ScopeAll(), Search{}); len(rows) > 0 {
					t.Errorf("%d events outlive the release", len(rows))
				}
				if r := verify(t, l); len(r.Findings) > 0 {
					t.Error(r.Findings)
				}
			})
		}
	})
}

func TestHoldsThatCannotBe(t *testing.T) {
	ctx := context.Background()
	l := openLake(t, openSQLite(t))
	for field, h := range map[string]Hold{
		"body.reason": {Reason: "  "},
		"body.to":     {Reason: "x", From: epoch, To: epoch},
		"body.query":  {Reason: "x", Query: "a:("},
		"body.hosts":  {Reason: "x", Hosts: []string{""}},
		"body.units":  {Reason: "x", Units: []event.UnitID{""}},
	} {
		_, err := l.AddHold(ctx, h, nil)
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.Invalid || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	h, err := l.AddHold(ctx, Hold{Reason: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.ReleaseHold(ctx, h.ID, "an", "", nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a release without a reason: %v", err)
	}
	if _, err := l.ReleaseHold(ctx, "none", "an", "x", nil); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a release of nothing: %v", err)
	}
	if _, err := l.ReleaseHold(ctx, h.ID, "an", "x", nil); err != nil {
		t.Error(err)
	}
	if _, err := l.ReleaseHold(ctx, h.ID, "an", "x", nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second release: %v", err)
	}
	if holds, err := l.Holds(ctx, false); err != nil || len(holds) > 0 {
		t.Errorf("%v, %v", holds, err)
	}
	if holds, err := l.Holds(ctx, true); err != nil || len(holds) != 1 || holds[0].ReleasedBy != "an" {
		t.Errorf("%v, %v", holds, err)
	}
}
