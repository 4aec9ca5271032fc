package system

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func TestWhatAssetsRunIsListedByProductAndSystem(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		web := AssetFacts{System: x.ID, Hostname: "web1", Vendor: "F5", Product: "nginx", Release: "1.26"}
		a := f.asset(web, officer)
		web.Hostname = "web2"
		f.asset(web, officer)
		f.asset(AssetFacts{Kind: "device", Name: "Máy in", Vendor: "Canon", Product: "LBP"}, officer)
		f.asset(AssetFacts{Hostname: "kho"}, officer) // nobody knows what it runs

		wants := func(who context.Context, want ...string) {
			t.Helper()
			list, err := f.Products(who, "so-y-te")
			got := []string{}
			for _, p := range list {
				got = append(got, fmt.Sprintf("%s %s %s %s × %d", p.Code, p.Vendor, p.Product, p.Release, p.Count))
			}
			if slices.Sort(got); err != nil || !slices.Equal(got, want) {
				t.Errorf("got %q, want %q, %v", got, want, err)
			}
		}
		// stamped tells whether the list may have become another.
		stamp := map[event.UnitID]string{}
		stamped := func(change string, want bool) {
			t.Helper()
			now, err := f.ProductStamps(centre)
			if err != nil {
				t.Fatal(err)
			}
			if (now["so-y-te"] != stamp["so-y-te"]) != want {
				t.Errorf("%s: stamp %q, before %q", change, now["so-y-te"], stamp["so-y-te"])
			}
			stamp = now
		}
		printer := " Canon LBP  × 1"
		wants(officer, printer, "HT-0001 F5 nginx 1.26 × 2")
		wants(stranger)
		stamped("added", true)
		stamped("nothing", false)

		web.Hostname, web.Release = "web1", "1.27"
		if _, err := f.EditAsset(officer, a.ID, web, a.Version); err != nil {
			t.Fatal(err)
		}
		wants(officer, printer, "HT-0001 F5 nginx 1.26 × 1", "HT-0001 F5 nginx 1.27 × 1")
		stamped("an asset is another", true)
		if err := f.RemoveAsset(officer, a.ID); err != nil {
			t.Fatal(err)
		}
		stamped("an asset is gone", true)
		facts := x.Facts
		facts.Name = "Cổng mới"
		x, err := f.Edit(centre, x.ID, facts, x.Version)
		if err != nil {
			t.Fatal(err)
		}
		stamped("the system has another name", true)
		if _, err := f.SetState(officer, x.ID, module.SystemRetired, "dừng", x.Version); err != nil {
			t.Fatal(err)
		}
		wants(officer, printer)
		stamped("the system is retired", true)
		if _, known := stamp["trung-tam-cntt"]; known {
			t.Error("a unit without products has a list")
		}
	})
}
