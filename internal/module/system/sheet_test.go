package system

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// bookOf makes a workbook as somebody types it: the name of a sheet, then its rows, the
// cells between bars; ^ is a new line in a cell.
func bookOf(t testing.TB, sheets ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, text := range sheets {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if _, err := f.NewSheet(lines[0]); err != nil {
			t.Fatal(err)
		}
		for i, line := range lines[1:] {
			for j, cell := range strings.Split(line, "|") {
				if err := f.SetCellStr(lines[0], sheet.CellName(j, i+1), strings.ReplaceAll(strings.TrimSpace(cell), "^", "\n")); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (f *fixture) try(ctx context.Context, data []byte) Imported {
	f.t.Helper()
	im, err := f.Import(ctx, data, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return im
}

func (f *fixture) commit(ctx context.Context, data []byte, skip bool) Imported {
	f.t.Helper()
	im := f.try(ctx, data)
	done, err := f.Import(ctx, data, &Confirmation{im.SHA256, im.Plan, skip})
	if err != nil {
		f.t.Fatalf("%v\n%s", err, problemsOf(im))
	}
	return done
}

func problemsOf(im Imported) string {
	var lines []string
	for _, p := range im.Problems {
		line := p.Sheet + " " + p.Cell + " " + p.Code
		if p.Warning {
			line += " (warning)"
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

func outcomes(im Imported) string {
	var lines []string
	for _, r := range im.Rows {
		line := strings.TrimSpace(fmt.Sprintf("%s %d %s %s", r.Sheet, r.Row, r.What, r.Name))
		for _, c := range r.Changes {
			line += fmt.Sprintf(" %s=%q→%q", c.Field, c.From, c.To)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const (
	someSystems = `Hệ thống
Tên hệ thống|Loại hình|Mã đơn vị chủ quản|Mã đơn vị vận hành|Tên miền|Số chủ thể dữ liệu cá nhân cơ bản|Dữ liệu quan trọng|Ngày ban hành quy chế|Triển khai phương án
Một cửa|Phục vụ người dân và doanh nghiệp|so-y-te|trung-tam-cntt|motcua.example.vn^www.example.vn|1000|Có|01/07/2026|partly
Trang tin|internal|so-y-te||a.example.vn; b.example.vn||||`
	someZones = `Zones
System|Zone|Private addresses
một cửa|DMZ|10.1.2.0/24;10.1.3.7
Một cửa|LAN|10.2.0.0/16`
	someStaff = `Người phụ trách
Hệ thống|Họ và tên|Chứng chỉ|Ngày hết hạn
Trang tin|Người A|CC-1|31/12/2027`
	someAssets = `Tài sản
Hệ thống|Mã đơn vị|Loại tài sản|Tên máy|Địa chỉ IP|Được tặng hoặc cho mượn
Một cửa||Máy|web-1|10.1.2.5|x
|so-y-te|device|fw-1||`
)

func TestAWorkbookOfTheRegisterIsTriedThenStored(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		data := bookOf(t, someSystems, someZones, someStaff, someAssets)
		im := f.try(centre, data)
		if got := problemsOf(im); got != "" {
			t.Fatal(got)
		}
		if got, want := outcomes(im), "systems 2 new Một cửa\nsystems 3 new Trang tin\nassets 2 new web-1\nassets 3 new fw-1"; got != want {
			t.Errorf("the trial:\n%s", got)
		}
		if list, err := f.All(centre); err != nil || len(list) != 0 {
			t.Fatalf("a trial stored %d systems, %v", len(list), err)
		}
		f.commit(centre, data, false)
		list, err := f.All(centre)
		if err != nil || len(list) != 2 {
			t.Fatal(len(list), err)
		}
		x := list[0]
		if x.Code() != "HT-0001" || x.Type != "public" || x.OperatorUnit != "trung-tam-cntt" || strings.Join(x.Domains, " ") != "motcua.example.vn www.example.vn" || x.Data.Basic != 1000 ||
			!x.Data.Important || x.Regulation.Date != "2026-07-01" || x.Deployment != "partly" || len(x.Zones) != 2 || strings.Join(x.Zones[0].Private, " ") != "10.1.2.0/24 10.1.3.7" {
			t.Errorf("stored %+v", x)
		}
		if y := list[1]; len(y.Domains) != 2 || len(y.Staff) != 1 || y.Staff[0].Ends != "2027-12-31" {
			t.Errorf("stored %+v", y)
		}
		found, _, err := f.Assets(centre, AssetFilter{})
		if err != nil || len(found) != 2 || found[1].System != x.ID || found[1].Operator != "trung-tam-cntt" || !found[1].Donated || found[0].Unit != "so-y-te" || found[0].System != "" {
			t.Errorf("%+v %v", found, err)
		}
		if got, want := outcomes(f.try(centre, data)), "systems 2 unchanged Một cửa\nsystems 3 unchanged Trang tin\nassets 2 unchanged web-1\nassets 3 unchanged fw-1"; got != want {
			t.Errorf("the same once more:\n%s", got)
		}
	})
}

func TestWhatAnImportChangesIsKeptAsIfChangedByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.commit(centre, bookOf(t, someSystems, someZones, someAssets), false)
		im := f.commit(officer, bookOf(t, "Systems\nCode|Name|Planned approval\nht-0001|Một cửa tỉnh|1/12/2026", "Assets\nSystem|Hostname|Version\nHT-0001|WEB-1|2.0\nHT-0001|web-2|"), false)
		want := "systems 2 changed Một cửa tỉnh name=\"Một cửa\"→\"Một cửa tỉnh\" plannedApproval=\"\"→\"2026-12-01\"\nassets 2 changed web-1 release=\"\"→\"2.0\"\nassets 3 new web-2"
		if got := outcomes(im); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		list, err := f.All(centre)
		if err != nil || len(list[0].Zones) != 2 || list[0].Version != 2 || list[0].UpdatedBy != "MINH" || list[0].OperatorUnit != "trung-tam-cntt" {
			t.Fatalf("%+v %v", list[0], err)
		}
		history, err := f.History(centre, list[0].ID)
		if err != nil || history[0].By != "MINH" || history[0].Field != "plannedApproval" && history[0].Field != "name" {
			t.Errorf("%+v %v", history, err)
		}
		var actions []string
		if err := f.DB.NewRaw("SELECT action FROM audit_log WHERE actor = 'minh' ORDER BY seq").Scan(context.Background(), &actions); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(actions, " "); got != "system.change asset.change asset.add system.import" {
			t.Errorf("audited: %s", got)
		}
	})
}

func TestAnExportOfTheRegisterComesBackUnchanged(t *testing.T) {
	for _, language := range []string{"vi", "en"} {
		t.Run(language, func(t *testing.T) {
			f := newFixture(t, sqldbtest.SQLite(t))
			facts := portal()
			facts.Purpose, facts.DataCentre, facts.Transition = "dòng một\n=1+1", "007", "kept"
			facts.Staff = []Staff{{Name: "Người A", Phone: "0912345678", Issued: "2025-01-01", Ends: "2027-12-31"}}
			facts.Services = []Served{{Name: "web", OS: "7.10"}}
			x := f.add(facts)
			f.list(x.ID, true)
			facts.Name, facts.OperatorUnit, facts.Operator = "Khác", "", Party{Name: "Công ty", Head: "B", Mandate: "QĐ 1"}
			f.add(facts)
			for i := range 3 {
				if _, err := f.AddAsset(centre, AssetFacts{System: x.ID, Kind: "software", Name: "Máy", Release: fmt.Sprint(i), LicenceEnds: "2027-01-31", Foreign: true}, ""); err != nil {
					t.Fatal(err)
				}
			}
			systems, err := f.Export(centre, Filter{}, language)
			if err != nil {
				t.Fatal(err)
			}
			assets, err := f.ExportAssets(centre, AssetFilter{}, language)
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string][]byte{"systems": systems, "assets": assets} {
				im := f.try(centre, data)
				if got := problemsOf(im); got != "" {
					t.Errorf("%s: %s", name, got)
				}
				if got := outcomes(im); strings.Count(got, " unchanged ") != len(im.Rows) || len(im.Rows) < 2 {
					t.Errorf("%s:\n%s", name, got)
				}
			}
			template, err := f.Template(officer, language)
			if err != nil {
				t.Fatal(err)
			}
			if im := f.try(officer, template); len(im.Rows)+len(im.Problems) != 0 {
				t.Errorf("the template: %+v", im)
			}
		})
	}
}

func TestAnExportHasWhatItsCallerSees(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	x := f.add(portal())
	if _, err := f.AddAsset(centre, AssetFacts{System: x.ID, Name: "web"}, ""); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]int{"officer": 1, "operating": 1, "stranger": 0} {
		ctx := map[string]context.Context{"officer": officer, "operating": operating, "stranger": stranger}[who]
		systems, err1 := f.Export(ctx, Filter{}, "vi")
		assets, err2 := f.ExportAssets(ctx, AssetFilter{}, "vi")
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for _, data := range [][]byte{systems, assets} {
			if im := f.try(centre, data); len(im.Rows) != want {
				t.Errorf("%s has %d rows, want %d", who, len(im.Rows), want)
			}
		}
	}
	if _, err := f.Import(appraiser, bookOf(t, someSystems), nil); err == nil {
		t.Error("somebody who may not manage the register imports")
	}
}

func TestEachProblemOfTheRegisterNamesItsCell(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.add(portal())
	foreign := portal()
	foreign.Name, foreign.Unit, foreign.OperatorUnit = "Của người khác", "so-noi-vu", ""
	other := f.add(foreign)
	asset, err := f.AddAsset(centre, AssetFacts{System: other.ID, Name: "máy người khác"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, sheets, want string }{
		{"no sheet", "Danh sách\nTên\nA", "sheet-missing"},
		{"no column", "Systems\nCode\nHT-0001", "Systems A1 column-missing"},
		{"a column nobody knows", "Systems\nName|Màu\nA|đỏ", "Systems B1 column-unknown (warning)"},
		{"a column twice", "Systems\nName|Name\nA|B", "Systems B1 column-twice"},
		{"no name", "Systems\nName|Purpose\n|x", "Systems A2 name-missing"},
		{"a name too long", "Systems\nName\n" + strings.Repeat("x", 301), "Systems A2 too-long"},
		{"another's system", "Systems\nCode|Name\nHT-0002|A", "Systems A2 code-unknown"},
		{"no such system", "Systems\nCode|Name\nHT-9|A", "Systems A2 code-unknown"},
		{"a system twice", "Systems\nCode|Name\nHT-0001|A\nHT-0001|B", "Systems A3 twice"},
		{"a new one twice", "Systems\nName\nA\na", "Systems A3 twice"},
		{"another's unit", "Systems\nName|Owner (unit id)\nA|so-noi-vu", "Systems B2 unit-unknown"},
		{"a unit of another as the operator", "Systems\nName|Operating unit (unit id)\nA|so-noi-vu", "Systems B2 unit-unknown"},
		{"a type", "Systems\nName|Type\nA|Vương quốc", "Systems B2 choice"},
		{"yes or no", "Systems\nName|Core data\nA|có thể", "Systems B2 choice"},
		{"a number", "Systems\nName|Persons with basic personal data\nA|nhiều\nB|-1\nC|1.5", "Systems B2 count\nSystems B3 count\nSystems B4 count"},
		{"a day", "Systems\nName|Planned approval\nA|31/02/2026", "Systems B2 date"},
		{"a domain", "Systems\nName|Domains\nA|http://x.vn/", "Systems B2 domain"},
		{"a zone of no system", "Zones\nSystem|Zone\nKhông có|DMZ\n|DMZ", "Zones A2 system-unknown\nZones A3 system-unknown"},
		{"an address of a zone", "Zones\nSystem|Zone|Public addresses\nHT-0001|DMZ|10.1.2.3\nHT-0001|LAN|10.1.2.300", "Zones C3 address"},
		{"a certificate's end", "People in charge\nSystem|Name|Ends\nHT-0001|A|mai", "People in charge C2 date"},
		{"an asset of no system", "Assets\nSystem|Name\nKhông có|A", "Assets A2 system-unknown"},
		{"an asset of another's system", "Assets\nSystem|Name\nHT-0002|A", "Assets A2 system-unknown"},
		{"another's asset", "Assets\nAsset id (leave as it is)|System|Name\n" + asset.ID + "|HT-0001|A", "Assets A2 asset-unknown"},
		{"an asset of another's unit", "Assets\nSystem|Unit id|Name\n|so-noi-vu|A", "Assets B2 unit-unknown"},
		{"an asset without a name", "Assets\nSystem|Kind\nHT-0001|host", "Assets A2 asset-nameless"},
		{"an address of an asset", "Assets\nSystem|IP address\nHT-0001|10.1", "Assets B2 ip"},
		{"a hostname", "Assets\nSystem|Hostname\nHT-0001|a b", "Assets B2 hostname"},
		{"an asset twice", "Assets\nSystem|Name\nHT-0001|A\nHT-0001|a", "Assets B3 twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			im := f.try(officer, bookOf(t, c.sheets))
			if got := problemsOf(im); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			for _, p := range im.Problems {
				if p.Vi == "" || p.Vi == p.En || strings.Contains(p.Vi+p.En, "{") {
					t.Errorf("words of %s: %q, %q", p.Code, p.Vi, p.En)
				}
			}
		})
	}
}

func TestNothingIsStoredOfAFileWithAProblemUnlessItIsLeftOut(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		data := bookOf(t, "Systems\nName|Type\nTốt|internal\nXấu|Vương quốc", "Assets\nSystem|Name\nTốt|máy 1\nXấu|máy 2\nTốt|máy 3")
		im := f.try(officer, data)
		if got, want := problemsOf(im), "Systems B3 choice\nAssets A3 system-wrong"; got != want || !im.Failed || im.Broken {
			t.Fatalf("%s", got)
		}
		_, err := f.Import(officer, data, &Confirmation{im.SHA256, im.Plan, false})
		is(t, err, fault.Invalid, "system.import-problems")
		if list, err := f.All(officer); err != nil || len(list) != 0 {
			t.Fatal(list, err)
		}
		done := f.commit(officer, data, true)
		if got, want := outcomes(done), "systems 2 new Tốt\nsystems 3 left-out Xấu\nassets 2 new máy 1\nassets 3 left-out máy 2\nassets 4 new máy 3"; got != want {
			t.Errorf("got\n%s", got)
		}
		list, err := f.All(officer)
		if err != nil || len(list) != 1 || list[0].Name != "Tốt" || list[0].Unit != "so-y-te" {
			t.Errorf("%v %v", list, err)
		}
		if found, _, err := f.Assets(officer, AssetFilter{System: list[0].ID}); err != nil || len(found) != 2 {
			t.Errorf("%v %v", found, err)
		}
		broken := bookOf(t, "Systems\nName|Name\nA|B")
		im = f.try(officer, broken)
		_, err = f.Import(officer, broken, &Confirmation{im.SHA256, im.Plan, true})
		is(t, err, fault.Invalid, "system.import-problems")
	})
}

func TestAnImportOfTheRegisterIsOfWhatWasChecked(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.add(portal())
	data := bookOf(t, "Systems\nCode|Name\nHT-0001|Tên khác")
	im := f.try(officer, data)
	_, err := f.Import(officer, bookOf(t, someSystems), &Confirmation{im.SHA256, im.Plan, false})
	is(t, err, fault.Conflict, "system.import-changed")
	list, err := f.All(centre)
	if err != nil {
		t.Fatal(err)
	}
	facts := list[0].Facts
	facts.Name = "Tên mới"
	if _, err := f.Edit(centre, list[0].ID, facts, 1); err != nil {
		t.Fatal(err)
	}
	_, err = f.Import(officer, data, &Confirmation{im.SHA256, im.Plan, false})
	is(t, err, fault.Conflict, "system.import-changed")
	for text, want := range map[string]string{"": "system.bad-workbook", "a;b\n": "system.bad-workbook", "PK\x03\x04 broken": "system.bad-workbook", strings.Repeat("x", maxSheetBytes+1): "system.workbook-too-large"} {
		if _, err := f.Import(officer, []byte(text), nil); fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.TooLarge || !strings.Contains(fmt.Sprintf("%#v", err), want) {
			t.Errorf("%.10q: %#v", text, err)
		}
	}
}

func TestEveryFactOfTheRegisterHasAColumn(t *testing.T) {
	w := sheetWords()
	for name, keys := range map[string][]string{
		"systems": append(keysOf(systemCells), "code", "unit", "operatorUnit", "level", "state"), "zones": append(keysOf(zoneCells), "system"),
		"services": append(keysOf(serviceCells), "system"), "staff": append(keysOf(staffCells), "system"), "assets": append(keysOf(assetCells), "id", "system", "unit"),
	} {
		have := map[string]bool{}
		for _, c := range w.Sheets[name] {
			have[c.Key] = true
		}
		for _, key := range keys {
			if !have[key] {
				t.Errorf("%s: no column %s", name, key)
			}
		}
		if len(have) != len(keys) {
			t.Errorf("%s: %d columns, %d cells", name, len(have), len(keys))
		}
	}
}

func keysOf[T any](cells []cell[T]) []string {
	var keys []string
	for _, c := range cells {
		keys = append(keys, c.key)
	}
	return keys
}

// FuzzRegisterCells reads cells without the workbook around them, which the fuzzer would
// seldom get right.
func FuzzRegisterCells(f *testing.F) {
	f.Add("HT-0001|A|public|so-y-te||a.vn;b.vn|5|x|1/7/2026", "HT-0001|DMZ|10.0.0.0/8|::1", "|HT-0001||host|A||10.0.0.1|1/1/2027")
	f.Add("|A|Nội bộ|||||| \n|B", "A|z|1-2|\nB|y|10.1.1.1-10.1.1.9|", "x|A||software|\n|B|so-y-te||pc")
	old := &System{ID: "s1", Number: 1, State: module.SystemPlanned, Facts: portal()}
	old.settle()
	table := func(name, text string, keys ...string) sheet.Table {
		t := sheet.NewTable(name, keys...)
		for i, line := range strings.Split(text, "\n") {
			t.Add(i+2, strings.Split(line, "|"))
		}
		return *t
	}
	f.Fuzz(func(t *testing.T, systems, zones, assets string) {
		im := &importer{Service: New(Options{Units: names{}}), p: module.PrincipalOf(officer), problems: sheet.Problems{Words: sheetWords().Problems}, tables: []sheet.Table{
			table("Systems", systems, "code", "name", "type", "unit", "operatorUnit", "domains", "basic", "core", "regulationDate"), table("Zones", zones, "system", "name", "private", "public"), {}, {},
			table("Assets", assets, "id", "system", "unit", "kind", "name", "hostname", "address", "licenceEnds")}}
		im.index([]System{*old})
		im.drawSystems()
		im.drawParts()
		im.judgeSystems()
		im.assetRows()
		im.drawAssetRows(&knownAssets{map[string]*Asset{}, map[string][]*Asset{}})
		wrong := false
		for _, x := range im.systems {
			wrong = wrong || x.wrong
			if facts := x.facts; !x.wrong && facts.check() != nil {
				t.Fatalf("nothing is said of %+v", x.facts)
			}
			x.outcome()
		}
		for _, a := range im.assets {
			wrong = wrong || a.wrong
			if facts := a.facts; !a.wrong && facts.check() != nil {
				t.Fatalf("nothing is said of %+v", a.facts)
			}
			a.outcome()
		}
		if wrong && !im.problems.Failed() {
			t.Fatal("something is wrong, and nothing is said")
		}
	})
}

func benchmarkImport(b *testing.B, db *bun.DB) {
	s := province(b, db)
	data, err := s.Export(centre, Filter{}, "vi")
	if err != nil {
		b.Fatal(err)
	}
	var rows strings.Builder
	rows.WriteString("Assets\nSystem|Kind|Hostname|IP address|Product")
	for i := range maxSheetAssets - 1 {
		fmt.Fprintf(&rows, "\nHT-%04d|host|moi-%d|10.200.%d.%d|Máy chủ", i%5000+1, i, i>>8&255, i&255)
	}
	for name, data := range map[string][]byte{"systems": data, "assets": bookOf(b, rows.String())} {
		b.Run(name+"/check", func(b *testing.B) {
			for b.Loop() {
				if im, err := s.Import(centre, data, nil); err != nil || im.Failed {
					b.Fatal(err, problemsOf(im))
				}
			}
		})
	}
	im, err := s.Import(centre, bookOf(b, rows.String()), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("assets/store", func(b *testing.B) {
		if b.N > 1 {
			b.Skip("once")
		}
		if _, err := s.Import(centre, bookOf(b, rows.String()), &Confirmation{im.SHA256, im.Plan, false}); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkImport reads the register of a province from its own export, and a file of as
// many new assets as one may have.
func BenchmarkImport(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkImport(b, sqldbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchmarkImport(b, sqldbtest.Postgres(b)) })
}
