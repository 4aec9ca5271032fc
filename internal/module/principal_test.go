package module

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
)

func unitsNamed(n int) (ids []event.UnitID) {
	for i := range n {
		ids = append(ids, event.UnitID(fmt.Sprint("xa-", i)))
	}
	return ids
}

func TestAPrincipalSeesTheUnitsBelowItsOwnHoweverMany(t *testing.T) {
	for _, n := range []int{0, 1, fewBelow, fewBelow + 1, 500} {
		p := Principal{Role: RoleAnalyst, Unit: "so-y-te", Below: unitsNamed(n)}
		with := PrincipalOf(WithPrincipal(context.Background(), p))
		for _, unit := range append(unitsNamed(n+2), "so-y-te", "so-noi-vu", "", event.CentreUnit) {
			want := unit == "so-y-te" || slices.Contains(p.Below, unit)
			if p.Sees(unit) != want || with.Sees(unit) != want {
				t.Errorf("%d below, %q: %v and %v, want %v", n, unit, p.Sees(unit), with.Sees(unit), want)
			}
		}
	}
}

// Who is shown a part only must not see the rest by what was worked out before.
func TestANarrowedPrincipalSeesLess(t *testing.T) {
	p := PrincipalOf(WithPrincipal(context.Background(), Principal{Role: RoleAnalyst, Unit: "so-y-te", Below: unitsNamed(100)}))
	p.Unit, p.Below = "xa-1", []event.UnitID{"xa-2"}
	for _, q := range []Principal{p, PrincipalOf(WithPrincipal(context.Background(), p))} {
		if q.Sees("xa-50") || q.Sees("so-y-te") || !q.Sees("xa-1") || !q.Sees("xa-2") {
			t.Errorf("sees %v", q.Reach())
		}
	}
	p.Below = unitsNamed(100)[:50]
	if p.Sees("xa-70") || !p.Sees("xa-7") {
		t.Error("another list of units is taken for the first")
	}
}

func BenchmarkSees(b *testing.B) {
	p := PrincipalOf(WithPrincipal(context.Background(), Principal{Role: RoleAnalyst, Unit: "so-y-te", Below: unitsNamed(1000)}))
	for b.Loop() {
		if !p.Sees("xa-999") {
			b.Fatal("not seen")
		}
	}
}
