package search

import (
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func noRow(*lake.Row) error { return nil }

func TestHistoryKeepsTheLastQueriesOfEachPersonApart(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		clock := now
		s := serviceOn(t, &pagedLake{n: 3}, db)
		s.now = func() time.Time { clock = clock.Add(time.Second); return clock }
		lan := person("lan")
		ask := func(id, text string) {
			t.Helper()
			r := asked
			r.Query, r.Remember, r.RangeFrom, r.RangeTo = text, true, "now-24h", "now"
			if _, err := s.Search(person(id), r, noRow); err != nil {
				t.Fatal(err)
			}
		}
		for i := range historyKept + 20 {
			ask("lan", fmt.Sprintf("EventID:%d", i))
		}
		ask("lan", "  EventID:50 ") // the same as one 150 queries ago
		ask("minh", "tài_khoản:root")
		list, err := s.History(lan, "", historyKept)
		if err != nil || len(list) != historyKept {
			t.Fatalf("%d entries: %v", len(list), err)
		}
		if list[0].Query != "EventID:50" || list[1].Query != "EventID:219" || list[0].Hits != 3 || list[0].From != "now-24h" {
			t.Errorf("the newest: %+v, %+v", list[0], list[1])
		}
		seen := map[string]bool{}
		for _, a := range list {
			if seen[a.Query] || a.Query == "tài_khoản:root" {
				t.Errorf("%q stands there twice, or is another's", a.Query)
			}
			seen[a.Query] = true
		}
		if list, err = s.History(person("minh"), "TAI_KHOAN", 10); err != nil || len(list) != 1 {
			t.Errorf("searched without marks: %v %v", list, err)
		}
		admin := module.WithPrincipal(t.Context(), module.Principal{ID: "admin", Name: "admin", Role: module.RoleAdministrator, Unit: event.CentreUnit, Session: "s"})
		if list, err = s.History(admin, "", 10); err != nil || len(list) != 0 {
			t.Errorf("an administrator sees another's history: %v %v", list, err)
		}

		minhs, err := s.History(person("minh"), "", 10)
		if err != nil || len(minhs) != 1 {
			t.Fatal(err)
		}
		if err := s.Forget(lan, minhs[0].ID); err != nil {
			t.Fatal(err)
		}
		if list, err = s.History(person("minh"), "", 10); err != nil || len(list) != 1 {
			t.Errorf("one person removed another's entry: %v", err)
		}
		if err := s.Forget(person("minh"), minhs[0].ID); err != nil {
			t.Fatal(err)
		}
		if list, err = s.History(person("minh"), "", 10); err != nil || len(list) != 0 {
			t.Errorf("it is still there: %v", list)
		}
		if err := s.Forget(lan, ""); err != nil {
			t.Fatal(err)
		}
		if list, err = s.History(lan, "", 10); err != nil || len(list) != 0 {
			t.Errorf("after all was removed: %d", len(list))
		}
	})
}

// The page asks for events and for their number at once, in any order.
func TestHistoryTakesTheNumberFromTheHistogram(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		l := &pagedLake{n: 5000}
		s := serviceOn(t, l, db)
		hits := func() int64 {
			t.Helper()
			list, err := s.History(person("lan"), "", 10)
			if err != nil || len(list) != 1 {
				t.Fatalf("%d entries: %v", len(list), err)
			}
			return list[0].Hits
		}
		r := asked
		r.Query, r.Remember, r.RangeFrom, r.RangeTo = "user:root", true, "now-1h", "now"
		search := func() {
			t.Helper()
			if _, err := s.Search(person("lan"), r, noRow); err != nil {
				t.Fatal(err)
			}
		}
		search()
		if hits() != hitsUnknown {
			t.Errorf("a first page knows of %d", hits())
		}
		l.bars = []lake.Bucket{{Count: 4000}, {Count: 1000}}
		if _, _, _, err := s.Histogram(person("lan"), r, 10); err != nil {
			t.Fatal(err)
		}
		search()
		if hits() != 5000 {
			t.Errorf("%d, want the histogram's 5000", hits())
		}
		r.RangeFrom = "now-30d"
		search()
		if hits() != hitsUnknown {
			t.Errorf("another range has the old number %d", hits())
		}
	})
}

func TestWhatIsNotRemembered(t *testing.T) {
	s := newService(t, &pagedLake{n: 3})
	r := asked
	if _, err := s.Search(person("lan"), r, noRow); err != nil {
		t.Fatal(err)
	}
	r.Remember = true
	token := module.WithPrincipal(t.Context(), module.Principal{ID: "lan", Name: "token:x", Role: module.RoleAnalyst, Unit: "so-y-te"})
	if _, err := s.Search(token, r, noRow); err != nil {
		t.Fatal(err)
	}
	r.Query = "user:" // cannot be read
	if _, err := s.Search(person("lan"), r, noRow); fault.KindOf(err) != fault.Invalid {
		t.Fatal(err)
	}
	if list, err := s.History(person("lan"), "", 10); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}
