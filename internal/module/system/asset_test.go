package system

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

func (f *fixture) asset(x AssetFacts, who context.Context) Asset {
	f.t.Helper()
	a, err := f.AddAsset(who, x, module.PrincipalOf(who).Unit)
	if err != nil {
		f.t.Fatal(err)
	}
	return a
}

func TestAnAssetIsSeenByThoseOfItsSystem(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		a := f.asset(AssetFacts{System: x.ID, Hostname: "WEB1.tinh.vn.", Product: "nginx", Release: "1.26"}, officer)
		own := f.asset(AssetFacts{Kind: "device", Name: "Máy in", Address: "::ffff:10.9.9.9"}, officer)
		if a.Name != "web1.tinh.vn" || a.Unit != "so-y-te" || a.Operator != "trung-tam-cntt" || own.Address != "10.9.9.9" {
			t.Fatalf("%+v\n%+v", a, own)
		}
		for who, n := range map[context.Context]int{centre: 2, officer: 2, operating: 1, stranger: 0} {
			list, _, err := f.Assets(who, AssetFilter{})
			if err != nil || len(list) != n {
				t.Errorf("%s: %d %v", module.PrincipalOf(who).Name, len(list), err)
			}
		}
		_, err := f.Asset(stranger, a.ID)
		is(t, err, fault.NotFound, "system.asset-unknown")
		_, err = f.AddAsset(stranger, AssetFacts{System: x.ID, Name: "x"}, "so-noi-vu")
		is(t, err, fault.NotFound, "system.unknown")
		is(t, f.RemoveAsset(stranger, a.ID), fault.NotFound, "system.asset-unknown")

		// It goes where its system goes.
		facts := x.Facts
		facts.Unit, facts.OperatorUnit = "so-noi-vu", ""
		if _, err := f.Edit(centre, x.ID, facts, x.Version); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Asset(stranger, a.ID); err != nil || got.Unit != "so-noi-vu" || got.Operator != "" {
			t.Fatal(got, err)
		}
		_, err = f.Asset(operating, a.ID)
		is(t, err, fault.NotFound, "system.asset-unknown")
	})
}

func TestAnAssetIsFoundByHostAndAddress(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		f.asset(AssetFacts{Hostname: "web1"}, officer)
		a := f.asset(AssetFacts{System: x.ID, Hostname: "web1", Address: "10.1.2.7"}, officer)
		for _, who := range []context.Context{officer, operating} {
			got, err := f.FindAssets(who, module.PrincipalOf(who).Unit, []string{"WEB1", "10.1.2.7", "::ffff:10.1.2.7", "db9", ""})
			want := Found{a.ID, x.ID}
			if err != nil || len(got) != 3 || got["WEB1"] != want || got["10.1.2.7"] != want || got["::ffff:10.1.2.7"] != want {
				t.Errorf("%s: %v %v", module.PrincipalOf(who).Name, got, err)
			}
		}
		if got, err := f.FindAssets(stranger, "so-y-te", []string{"web1"}); err != nil || len(got) != 0 {
			t.Error(got, err)
		}
	})
}

// A department's report is about hosts of the units below it; of an address that several
// of them use nobody can say whose it is.
func TestAnAssetBelowIsFoundWhereOneUnitHasIt(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		a := f.asset(AssetFacts{System: x.ID, Hostname: "web1", Address: "10.1.2.7"}, officer)
		b := f.asset(AssetFacts{Hostname: "in1", Address: "10.1.2.8"}, officer)
		f.asset(AssetFacts{Hostname: "in2", Address: "10.1.2.8"}, stranger)
		units := []event.UnitID{"so-y-te", "so-noi-vu"}
		got, err := f.FindAssetsBelow(centre, units, []string{"web1", "10.1.2.7", "10.1.2.8", "in1", "db9", ""})
		of := FoundBelow{Found{a.ID, x.ID}, "so-y-te"}
		if err != nil || len(got) != 3 || got["web1"] != of || got["10.1.2.7"] != of || got["in1"] != (FoundBelow{Found{b.ID, ""}, "so-y-te"}) {
			t.Errorf("%v %v", got, err)
		}
		if got, err := f.FindAssetsBelow(stranger, units, []string{"web1", "10.1.2.8"}); err != nil || len(got) != 1 || got["10.1.2.8"].Unit != "so-noi-vu" {
			t.Errorf("what one does not see: %v %v", got, err)
		}
	})
}

func TestAssetsArePagedByName(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for i := range 5 {
			f.asset(AssetFacts{Name: fmt.Sprint("Máy chủ ", "ecdba"[i:i+1]), Foreign: i%2 == 0}, officer)
		}
		f.asset(AssetFacts{Name: "Máy chủ a", Kind: "device"}, officer)
		walk := func(q AssetFilter) string {
			t.Helper()
			var names []string
			for {
				list, next, err := f.Assets(officer, q)
				if err != nil {
					t.Fatal(err)
				}
				for i := range list {
					names = append(names, strings.TrimPrefix(list[i].Name, "Máy chủ "))
				}
				if next == "" {
					return strings.Join(names, "")
				}
				q.After = next
			}
		}
		for want, q := range map[string]AssetFilter{"aabcde": {Limit: 1}, "a": {Kind: "device"}, "ade": {Foreign: true, Limit: 2}, "c": {Text: "MAY chu c"}} {
			if got := walk(q); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		_, _, err := f.Assets(officer, AssetFilter{After: "%"})
		is(t, err, fault.Invalid, "system.cursor")
	})
}

func TestAnAssetThatSomebodyChangedIsReadAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		a := f.asset(AssetFacts{Name: "Tường lửa"}, officer)
		facts := a.AssetFacts
		facts.Donated = true
		if b, err := f.EditAsset(officer, a.ID, facts, a.Version); err != nil || !b.Donated || b.Version != 2 {
			t.Fatal(b, err)
		}
		_, err := f.EditAsset(officer, a.ID, facts, a.Version)
		is(t, err, fault.Conflict, "system.asset-changed")
		if err := f.RemoveAsset(officer, a.ID); err != nil {
			t.Fatal(err)
		}
		_, err = f.Asset(officer, a.ID)
		is(t, err, fault.NotFound, "system.asset-unknown")
	})
}

func TestAssetFactsAreChecked(t *testing.T) {
	for code, f := range map[string]AssetFacts{
		"system.asset-name":     {},
		"system.asset-kind":     {Name: "x", Kind: "person"},
		"system.asset-address":  {Name: "x", Address: "10.1.2.0/24"},
		"system.asset-hostname": {Name: "x", Hostname: "web 1"},
		"system.bad-date":       {Name: "x", LicenceEnds: "2026"},
	} {
		is(t, f.check(), fault.Invalid, code)
	}
}

type seen []SeenHost

func (s seen) Hosts(context.Context, time.Time) ([]SeenHost, error) { return s, nil }

func TestHostsNobodyDeclaredAreFound(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		f.asset(AssetFacts{System: x.ID, Hostname: "web1.tinh.vn"}, officer)
		f.asset(AssetFacts{Name: "Tường lửa", Address: "10.1.2.254"}, officer)
		at := f.clock.Add(-time.Hour)
		f.Seen = seen{
			{Unit: "so-y-te", Host: "WEB1", Address: "10.1.2.7", First: at, Last: at},
			{Unit: "so-y-te", Host: "db1", Address: "10.1.2.8", First: at, Last: at},
			{Unit: "so-y-te", Host: "db1", Address: "10.1.2.9", First: at.Add(-time.Hour), Last: at.Add(-time.Minute)},
			{Unit: "so-y-te", Host: "fw", Address: "10.1.2.254", First: at, Last: at},
			{Unit: "so-y-te", Address: "172.16.0.4", First: at, Last: at.Add(-time.Minute)},
			{Unit: "so-noi-vu", Host: "pc1", Address: "10.1.2.8", First: at, Last: at},
		}
		told := func(who context.Context, ignored bool) string {
			t.Helper()
			list, err := f.Undeclared(who, "", ignored)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, h := range list {
				out = append(out, h.name()+" "+h.System.Code)
			}
			return strings.Join(out, ", ")
		}
		if got := told(officer, false); got != "db1 HT-0001, 172.16.0.4 " {
			t.Error(got)
		}
		if got := told(stranger, false); got != "pc1 " {
			t.Error(got)
		}
		is(t, f.Ignore(stranger, "so-y-te", "db1", "máy thử"), fault.NotFound, "unit.unknown")
		is(t, f.Ignore(officer, "so-y-te", "db1", " "), fault.Invalid, "system.bad-note")
		if err := f.Ignore(officer, "so-y-te", "DB1", "máy thử"); err != nil {
			t.Fatal(err)
		}
		if got, left := told(officer, true), told(officer, false); got != "db1 HT-0001" || left != "172.16.0.4 " {
			t.Error(got, left)
		}
		is(t, f.Heed(stranger, "so-y-te", "db1"), fault.NotFound, "system.asset-unknown")
		if err := f.Heed(officer, "so-y-te", "db1"); err != nil {
			t.Fatal(err)
		}
		if got := told(officer, false); got != "db1 HT-0001, 172.16.0.4 " {
			t.Error(got)
		}
	})
}

func TestEndingsAreToldInTheirOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		facts := portal()
		facts.Staff = []Staff{{Name: "Bình", Certificate: "CISSP", Ends: "2026-12-01"}, {Name: "An", Ends: "2028-01-01"}}
		x := f.add(facts)
		f.asset(AssetFacts{System: x.ID, Name: "Tường lửa", LicenceEnds: "2026-10-01"}, officer)
		f.asset(AssetFacts{Name: "Diệt vi-rút", LicenceEnds: "2027-06-01"}, officer)
		for days, want := range map[int]string{90: "2026-10-01 2026-12-01", 0: "2026-10-01", 365: "2026-10-01 2026-12-01 2027-06-01"} {
			list, err := f.Endings(officer, "", days)
			var ends []string
			for _, e := range list {
				ends = append(ends, string(e.Ends))
			}
			if got := strings.Join(ends, " "); err != nil || got != want {
				t.Errorf("%d: %s %v, want %s", days, got, err, want)
			}
		}
		if list, err := f.Endings(stranger, "", 3000); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
	})
}
