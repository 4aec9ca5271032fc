package unit

import (
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestTheProvincesAreThirtyFour(t *testing.T) {
	codes, merged, cities := map[string]bool{}, 0, 0
	var before []string
	for _, p := range provinces() {
		if codes[p.Code] || !provincePattern.MatchString(p.Code) || len(p.From) == 0 || p.From[0] != p.Name {
			t.Errorf("%+v", p)
		}
		codes[p.Code] = true
		before = append(before, p.From...)
		if len(p.From) > 1 {
			merged++
		}
		if p.City {
			cities++
		}
	}
	slices.Sort(before)
	if len(codes) != 34 || merged != 23 || cities != 6 || len(slices.Compact(before)) != 63 {
		t.Errorf("%d provinces, %d of them merged, %d cities, of %d before; want 34, 23, 6, 63", len(codes), merged, cities, len(before))
	}
}

func TestTheDataFilesFitTogether(t *testing.T) {
	for _, id := range []Kind{KindCentre, KindDepartment, "commune", "enterprise", KindOther, KindProvince} {
		if typeOf(id) == nil {
			t.Errorf("type %s is missing; units of it are stored", id)
		}
	}
	for _, ty := range types() {
		if ty.Vi == "" || ty.En == "" || ty.Group == "" {
			t.Errorf("%+v", ty)
		}
	}
	for _, d := range departments() {
		if typeOf(d.Kind) == nil || !idPattern.MatchString(string(d.ID)) || len(d.ID) > maxIDLength {
			t.Errorf("%+v", d)
		}
	}
}

func TestATreeIsMadeOfTheTemplate(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for _, p := range provinces() {
		list, err := f.Proposals(admin, p.Code)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			u := Unit{ID: x.ID, Name: x.Name, ShortName: x.Short, Kind: x.Kind, Parent: event.CentreUnit, Province: p.Code}
			if err := u.check(); err != nil || strings.ContainsAny(x.Name, "{}") {
				t.Errorf("%s: %s %q: %v", p.Name, x.ID, x.Name, err)
			}
		}
	}
	made := must[[]Unit](t)(f.Plant(admin, "68", []Chosen{{ID: "so-y-te"}, {ID: "cong-an-tinh"}, {ID: "so-du-lich", Name: "Sở Du lịch tỉnh"}}))
	var got []string
	for _, u := range made {
		got = append(got, string(u.ID)+"/"+u.Name)
	}
	if want := "tinh-lam-dong/Tỉnh Lâm Đồng, so-y-te/Sở Y tế, cong-an-tinh/Công an tỉnh Lâm Đồng, so-du-lich/Sở Du lịch tỉnh"; strings.Join(got, ", ") != want {
		t.Errorf("made %v", got)
	}
	wantIDs(t, "below the province", f.Below("tinh-lam-dong"), "cong-an-tinh", "so-du-lich", "so-y-te")
	again := must[[]Unit](t)(f.Plant(admin, "68", []Chosen{{ID: "so-y-te"}, {ID: "so-noi-vu"}}))
	if len(again) != 1 || again[0].ID != "so-noi-vu" {
		t.Errorf("a second time made %v", again)
	}
	list := must[[]Proposal](t)(f.Proposals(admin, "01"))
	if names := list; !slices.ContainsFunc(names, func(p Proposal) bool { return p.Name == "Bộ Tư lệnh Thủ đô Hà Nội" }) || names[0].ID != "thanh-pho-ha-noi" {
		t.Error("Hà Nội has agencies of its own")
	}
	_, err := f.Plant(admin, "99", nil)
	wantCode(t, err, "unit.province-unknown")
	_, err = f.Plant(admin, "68", []Chosen{{ID: "so-la"}})
	wantCode(t, err, "unit.bad-field")
}

func TestTheTypeFollowsFromTheName(t *testing.T) {
	for name, kind := range map[string]Kind{
		"Phường Xuân Hương - Đà Lạt": "ward", "Xã Đức Trọng": "rural-commune", "Đặc khu Phú Quý": "special-zone", "Sở Nội vụ": "department",
		"Công an tỉnh Lâm Đồng": "forces", "Công ty Điện lực": "enterprise", "VNPT Lâm Đồng": "telecom", "Trung tâm Y tế Bảo Lộc": "health",
		"Trung tâm Tin học": "subordinate", "Ủy ban nhân dân xã Đơn Dương": "rural-commune", "Xăng dầu": KindOther, "": KindOther,
	} {
		if got := kindOfName(name); got != kind {
			t.Errorf("%q is %s, want %s", name, got, kind)
		}
	}
}
