package incident

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// lake holds where a value is, and shows each principal what he sees of it.
type lake map[string][]Seen

func (l lake) Seen(ctx context.Context, value string, _, _ time.Time) ([]Seen, bool, error) {
	var found []Seen
	for _, x := range l[value] {
		if module.PrincipalOf(ctx).Sees(x.Unit) {
			found = append(found, x)
		}
	}
	return found, false, nil
}

func (f *fixture) seen(ctx context.Context, id string) (lines []string) {
	f.t.Helper()
	list, err := f.Sightings(ctx, id)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, x := range list {
		lines = append(lines, fmt.Sprintf("%s %s/%s %s-%s %d by %s %q", x.Value, x.Unit, x.Host, x.First.Format("15:04"), x.Last.Format("15:04"), x.Events, x.By, x.Struck))
	}
	return lines
}

func TestSightings(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		at := func(clock string) time.Time {
			x, err := time.Parse("2006-01-02 15:04", "2026-11-20 "+clock)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		events := lake{"203.0.113.9": {{"so-y-te", "may-01", at("09:00"), at("10:00"), 7}, {"so-noi-vu", "may-09", at("11:00"), at("11:30"), 2}}}
		f.Events = events
		i := f.opened(officer, Opening{})
		if _, err := f.Observe(officer, i.ID, []Observable{{Type: "ipv4-addr", Value: "203.0.113.9"}}); err != nil {
			t.Fatal(err)
		}
		list, err := f.Observables(officer, i.ID)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		o := list[0].ID
		want := func(ctx context.Context, lines ...string) {
			t.Helper()
			if got := f.seen(ctx, i.ID); fmt.Sprint(got) != fmt.Sprint(lines) {
				t.Errorf("seen\n%q, want\n%q", got, lines)
			}
		}

		done, err := f.Search(analyst, i.ID, o, at("00:00"), at("15:00"))
		if err != nil || done != (Searched{Places: 2, Events: 9}) {
			t.Fatal(done, err)
		}
		want(analyst, `203.0.113.9 so-noi-vu/may-09 11:00-11:30 2 by LAN ""`, `203.0.113.9 so-y-te/may-01 09:00-10:00 7 by LAN ""`)
		// The unit learns only about itself, whoever looked.
		want(officer, `203.0.113.9 so-y-te/may-01 09:00-10:00 7 by LAN ""`)

		// A search of another time brings a place up to date, and adds none.
		events["203.0.113.9"] = []Seen{{"so-y-te", "may-01", at("08:00"), at("09:30"), 5}}
		if _, err := f.Search(officer, i.ID, o, at("08:00"), at("09:30")); err != nil {
			t.Fatal(err)
		}
		want(officer, `203.0.113.9 so-y-te/may-01 08:00-10:00 7 by MINH ""`)

		if _, err := f.Sight(officer, i.ID, NewSighting{Observable: o, Unit: "so-y-te", Host: "máy in", First: at("12:00")}); err != nil {
			t.Fatal(err)
		}
		want(officer, `203.0.113.9 so-y-te/máy in 12:00-12:00 0 by MINH ""`, `203.0.113.9 so-y-te/may-01 08:00-10:00 7 by MINH ""`)
		all, err := f.Sightings(analyst, i.ID)
		if err != nil || len(all) != 3 {
			t.Fatal(all, err)
		}
		for _, x := range all {
			_, err := f.StrikeSighting(officer, i.ID, x.ID, "máy này không thuộc vụ việc")
			if x.Unit == "so-noi-vu" != (fault.KindOf(err) == fault.NotFound) {
				t.Errorf("the officer struck %s/%s: %v", x.Unit, x.Host, err)
			}
		}
		want(officer, `203.0.113.9 so-y-te/máy in 12:00-12:00 0 by MINH "máy này không thuộc vụ việc"`, `203.0.113.9 so-y-te/may-01 08:00-10:00 7 by MINH "máy này không thuộc vụ việc"`)

		// They go with the incident into the one it is merged into.
		other := f.opened(officer, Opening{})
		if _, err := f.Merge(officer, i.ID, other.ID); err != nil {
			t.Fatal(err)
		}
		if got := f.seen(officer, other.ID); len(got) != 2 {
			t.Errorf("after the merge %q", got)
		}
	})
}

func TestWhatASightingMayNotBe(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.Events = lake{}
		i, secret := f.opened(officer, Opening{}), f.opened(officer, Opening{})
		for _, id := range []string{i.ID, secret.ID} {
			if _, err := f.Observe(officer, id, []Observable{{Type: "hostname", Value: "may-01"}}); err != nil {
				t.Fatal(err)
			}
		}
		list, err := f.Observables(officer, i.ID)
		if err != nil {
			t.Fatal(err)
		}
		hidden, err := f.Observables(officer, secret.ID)
		if err != nil {
			t.Fatal(err)
		}
		f.changed(officer, f.read(officer, secret.ID), `{"secrecy": "mat"}`)
		good := NewSighting{Observable: list[0].ID, Unit: "so-y-te", First: f.clock.Add(-time.Hour)}
		for name, x := range map[string]struct {
			ctx    context.Context
			id     string
			change func(*NewSighting)
			code   string
		}{
			"of nothing":         {officer, i.ID, func(n *NewSighting) { n.Observable = "x" }, "incident.observable-unknown"},
			"in another unit":    {officer, i.ID, func(n *NewSighting) { n.Unit = "so-noi-vu" }, "unit.unknown"},
			"without a time":     {officer, i.ID, func(n *NewSighting) { n.First = time.Time{} }, "incident.seen"},
			"in the future":      {officer, i.ID, func(n *NewSighting) { n.First = f.clock.Add(time.Hour) }, "incident.future"},
			"the wrong way":      {officer, i.ID, func(n *NewSighting) { n.Last = n.First.Add(-time.Hour) }, "incident.order"},
			"by a stranger":      {stranger, i.ID, func(*NewSighting) {}, "incident.unknown"},
			"by who reads":       {auditor, i.ID, func(*NewSighting) {}, "permission.denied"},
			"of a secret matter": {officer, secret.ID, func(n *NewSighting) { n.Observable = hidden[0].ID }, "incident.secret"},
		} {
			n := good
			x.change(&n)
			if _, err := f.Sight(x.ctx, x.id, n); code(err) != x.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := f.Sight(officer, i.ID, good); err != nil {
			t.Error(err)
		}
		if _, err := f.Search(stranger, i.ID, good.Observable, f.clock.Add(-time.Hour), f.clock); code(err) != "incident.unknown" {
			t.Errorf("a stranger searches: %v", err)
		}
		if _, err := f.Search(officer, secret.ID, hidden[0].ID, f.clock.Add(-time.Hour), f.clock); code(err) != "incident.secret" {
			t.Errorf("a secret matter is searched for: %v", err)
		}
	})
}
