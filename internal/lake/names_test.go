package lake

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// Names are those of the events in scope and range, with their counts; nothing
// of other units shows.
func TestFieldNamesAreThoseInScope(t *testing.T) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 9))
	events := randomEvents(r, 1000, 36*time.Hour)
	events[0].ev.Unit = "so-noi-vu"
	events[0].ev.Fields = append(events[0].ev.Fields, event.Field{Name: "secret_of_noi_vu", Value: "1"})
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 300)
	for _, sc := range []Scope{ScopeAll(), ScopeUnits("xa-an-phu"), ScopeUnits("nobody"), {}} {
		from, to := epoch.Add(5*time.Hour), epoch.Add(30*time.Hour)
		got, whole, _, err := l.FieldNames(context.Background(), sc, from, to)
		if err != nil || !whole {
			t.Fatal(whole, err)
		}
		want := map[string]int64{}
		for ev := range inRange(events, sc, from, to) {
			has := map[string]bool{}
			for _, f := range ev.Fields {
				if f.Kind != event.Null {
					has[query.Fold(f.Name)] = true
				}
			}
			for n := range has {
				want[n]++
			}
		}
		counts := map[string]int64{}
		for _, n := range got {
			if !slices.Contains(slices.Collect(maps.Values(coreStats)), n.Name) {
				counts[query.Fold(n.Name)] = n.Count
			}
		}
		for n, c := range counts {
			if c != want[n] {
				t.Errorf("%v: %q is in %d events, counted %d", sc, n, want[n], c)
			}
		}
		for n := range want {
			if _, ok := counts[n]; !ok {
				t.Errorf("%v: %q is missing", sc, n)
			}
		}
		if _, ok := counts["secret_of_noi_vu"]; ok && !sc.all {
			t.Errorf("%v sees a field of another unit", sc)
		}
	}
}

// Values are those that begin with what was typed, of the events in scope.
func TestFieldValues(t *testing.T) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 10))
	events := randomEvents(r, 1000, 36*time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 300)
	for _, prefix := range []string{"", "P", "ro", "10.", "ng", "it's", "nothing", "\x00", "\xff"} {
		sc := ScopeUnits("xa-an-phu", "trung-tam")
		got, _, err := l.FieldValues(context.Background(), sc, Search{Query: mustParse(t, "host:web*")}, "user", prefix, 5)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int64{}
		for ev := range inRange(events, sc, time.Time{}, time.Time{}) {
			seen := map[string]bool{}
			for _, f := range ev.Fields {
				if mustParse(t, "host:web*").Match(ev, nil) && query.Fold(f.Name) == "user" && f.Kind != event.Null && strings.HasPrefix(query.Fold(f.Value), query.Fold(prefix)) {
					seen[f.Value] = true
				}
			}
			for v := range seen {
				counts[v]++
			}
		}
		var want []ValueCount
		for v, n := range counts {
			want = append(want, ValueCount{v, n})
		}
		slices.SortFunc(want, func(a, b ValueCount) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
		})
		want = want[:min(len(want), 5)]
		if len(got) == 0 && len(want) == 0 {
			continue
		}
		if d := gocmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", prefix, d)
		}
	}
	if _, _, err := l.FieldValues(context.Background(), ScopeAll(), Search{}, "time", "", 5); err == nil {
		t.Error("times have values")
	}
}
