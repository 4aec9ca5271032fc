package advisory

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// shelf lists what a test puts on it, and counts how often it is asked for lines.
type shelf struct {
	origin Origin
	stamp  int
	lines  map[event.UnitID][]Software
	asked  int
}

func (x *shelf) Origin() Origin { return x.origin }

func (x *shelf) Stamps(context.Context) (map[event.UnitID]string, error) {
	stamps := map[event.UnitID]string{}
	for unit := range x.lines {
		stamps[unit] = fmt.Sprint(x.stamp)
	}
	return stamps, nil
}

func (x *shelf) Lines(_ context.Context, unit event.UnitID) ([]Software, error) {
	x.asked++
	return x.lines[unit], nil
}

func runs(part, vendor, name, release string) Software {
	return Software{Part: part, Place: part, Count: 1, Release: release, Product: advisory.Product{Vendor: vendor, Name: name}}
}

func packageOf(purl, vendor, name, cpe string) Software {
	x := runs("ung-dung", vendor, name, "1.5")
	x.Product.PURL, x.Product.CPE = purl, cpe
	return x
}

func (f *fixture) relists(list ...Lister) {
	f.t.Helper()
	f.Listers = list
	if err := f.relistAll(module.WithPrincipal(context.Background(), module.System())); err != nil {
		f.t.Fatal(err)
	}
}

// lines are what somebody sees of an origin: unit, name, place, count.
func (f *fixture) lines(ctx context.Context, origin Origin) []string {
	f.t.Helper()
	list, _, err := f.Software(ctx, SoftwareFilter{Origin: origin})
	if err != nil {
		f.t.Fatal(err)
	}
	out := []string{}
	for i := range list {
		out = append(out, fmt.Sprintf("%s %s, %s × %d", list[i].Unit, list[i].Name(), list[i].Place, list[i].Count))
	}
	return out
}

func TestTheInventoryIsComparedWithAdvisories(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.imports("firewall.csaf.json")
		mine := f.declares(officer, "so-y-te", "Example Networks", "Gate OS", "7.2.4")
		inventory := &shelf{origin: OriginInventory, lines: map[event.UnitID][]Software{
			"so-y-te":   {runs("HT-1", "Example Networks", "Gate OS", "7.2.4"), runs("HT-1", "Example Networks", "Gate OS", "7.2.4"), runs("HT-2", "", "", "1")},
			"so-noi-vu": {runs("", "Example Networks", "Gate OS", "7.2.9"), runs("", "Khác", strings.Repeat("Dài ", 200), "1")},
		}}
		f.relists(inventory)
		f.wants(f.lines(officer, OriginInventory), "so-y-te Example Networks Gate OS 7.2.4, HT-1 × 2")
		f.wants(f.matching(officer, MatchFilter{}), "so-y-te Example Networks Gate OS 7.2.4: CVE-2026-10007, chắc chắn (version)", "so-y-te Example Networks Gate OS 7.2.4: CVE-2026-10007, chắc chắn (version)")
		if n := len(f.lines(stranger, OriginInventory)); n != 2 {
			t.Errorf("a name that is too long is cut, not left out: %d lines", n)
		}
		// A warning asks who runs what it names.
		found, err := f.Running(analyst, []Asked{{Product: advisory.Product{Vendor: "Example Networks", Name: "Gate OS"}, Versions: "<= 7.2.9"}})
		if err != nil || len(found["so-noi-vu"]) != 1 || len(found["so-y-te"]) != 2 {
			t.Errorf("%v, %v", found, err)
		}

		// Nothing changed, nothing is read.
		asked := inventory.asked
		if f.relists(inventory); inventory.asked != asked {
			t.Errorf("asked %d times for what did not change", inventory.asked-asked)
		}
		// One was mended, one is gone with its unit.
		inventory.stamp++
		inventory.lines = map[event.UnitID][]Software{"so-y-te": {runs("HT-1", "Example Networks", "Gate OS", "7.2.9")}}
		f.relists(inventory)
		f.wants(f.lines(analyst, OriginInventory), "so-y-te Example Networks Gate OS 7.2.9, HT-1 × 1")
		f.wants(f.matching(analyst, MatchFilter{}), "so-y-te Example Networks Gate OS 7.2.4: CVE-2026-10007, chắc chắn (version)")
		// What was declared is nobody else's.
		f.wants(f.lines(analyst, OriginDeclared), "so-y-te Example Networks Gate OS 7.2.4,  × 1")

		list, _, err := f.Software(officer, SoftwareFilter{Origin: OriginInventory})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if err := f.Remove(officer, list[0].ID); code(err) != "advisory.listed" {
			t.Errorf("a line of the inventory is removed here: %v", err)
		}
		if _, err := f.Change(officer, list[0].ID, list[0].Software); code(err) != "advisory.listed" {
			t.Errorf("a line of the inventory is changed here: %v", err)
		}
		// The sheet holds what was declared, and is compared with that alone.
		data, err := f.ExportSoftware(officer, "", false, "vi")
		if err != nil {
			t.Fatal(err)
		}
		if im, err := f.ImportSoftware(officer, data, true); err != nil || im.Unchanged != 1 || im.New != 0 || im.Changed != 0 {
			t.Errorf("%+v, %v", im, err)
		}
		if err := f.Remove(officer, mine.ID); err != nil {
			t.Error(err)
		}
	})
}

const packagesCSAF = `{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","title":"Gói","publisher":{"category":"vendor","name":"Nhà phát hành","namespace":"https://example.vn"},
"tracking":{"id":"GOI-1","status":"final","version":"1","initial_release_date":"2026-05-01T00:00:00Z","current_release_date":"2026-05-01T00:00:00Z","revision_history":[{"number":"1","date":"2026-05-01T00:00:00Z","summary":"x"}]}},
"product_tree":{"branches":[{"category":"vendor","name":"acme","branches":[{"category":"product_name","name":"core","branches":[{"category":"product_version_range","name":"vers:npm/<2.0","product":{"product_id":"A","name":"core",
"product_identification_helper":{"purl":"pkg:npm/%40acme/core"}}}]}]},
{"category":"vendor","name":"maker","branches":[{"category":"product_name","name":"lib","branches":[{"category":"product_version_range","name":"vers:generic/<2.0","product":{"product_id":"B","name":"lib",
"product_identification_helper":{"cpe":"cpe:2.3:a:maker:lib:*:*:*:*:*:*:*:*"}}}]}]}]},
"vulnerabilities":[{"cve":"CVE-2026-20001","product_status":{"known_affected":["A"]}},{"cve":"CVE-2026-20002","product_status":{"known_affected":["B"]}}]}`

func TestBillsOfMaterialsMatchByMoreThanAName(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.imported("goi.json", []byte(packagesCSAF))
		bill := &shelf{origin: OriginComponents, lines: map[event.UnitID][]Software{"so-y-te": {
			packageOf("pkg:npm/%40acme/core@1.5", "", "@acme/core", ""),                                                   // the package
			packageOf("pkg:npm/core@1.5", "", "core", ""),                                                                 // another of its name
			packageOf("pkg:pypi/core@1.5", "acme", "core", ""),                                                            // elsewhere
			packageOf("", "", "lib", ""),                                                                                  // a name alone
			packageOf("pkg:npm/lib@1.5", "", "lib-js", "cpe:2.3:a:maker:lib:1.5:*:*:*:*:*:*:*"),                           // by CPE
			packageOf("pkg:deb/debian/lib@1.5", "", "lib-deb", "cpe:2.3:a:maker:lib:1.5:*:*:*:*:*:*:*"),                   // of Debian
			packageOf("pkg:rpm/x/"+strings.Repeat("y", 900)+"@1", "", "lib-long", "cpe:2.3:a:khac:lib:1.5:*:*:*:*:*:*:*"), // another vendor's
		}}}
		f.relists(bill)
		f.wants(f.matching(officer, MatchFilter{}),
			"so-y-te @acme/core 1.5: CVE-2026-20001, chắc chắn (version)",
			"so-y-te lib-js 1.5: CVE-2026-20002, chắc chắn (version)",
			"so-y-te lib-deb 1.5: CVE-2026-20002, có thể (packaged)")
		if n := len(f.lines(officer, OriginComponents)); n != 7 {
			t.Errorf("%d lines of 7", n)
		}
		// An advisory that comes later finds them by their package URL, too.
		id := ""
		list, _, err := f.List(analyst, AdvisoryFilter{})
		if err == nil && len(list) == 1 {
			id = list[0].ID
		}
		if err := f.Delete(admin, id); err != nil {
			t.Fatal(err)
		}
		f.wants(f.matching(officer, MatchFilter{}))
		f.imported("goi.json", []byte(packagesCSAF))
		if n := len(f.matching(officer, MatchFilter{})); n != 3 {
			t.Errorf("%d matches of 3", n)
		}
	})
}
