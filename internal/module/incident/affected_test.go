package incident

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// register holds two systems of the department of health, one of them not levelled.
type register map[string]module.Registered

func (r register) Ref(ctx context.Context, id string) (module.Registered, error) {
	if x, ok := r[id]; ok && module.PrincipalOf(ctx).Sees(x.Unit) {
		return x, nil
	}
	return module.Registered{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
}

func TestTheRegisterSaysWhatAnAffectedSystemIs(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.Systems = register{
			"s1": {ID: "s1", Code: "HT-0001", Name: "Hồ sơ bệnh án", Unit: "so-y-te", Level: 3, Critical: true},
			"s2": {ID: "s2", Code: "HT-0002", Name: "Trang tin", Unit: "so-y-te"},
		}
		i := f.opened(officer, Opening{Facts: Facts{Systems: []AffectedSystem{{ID: "s1", Name: "tên cũ", Level: 1}, {ID: "s2", Level: 2}, {Name: "Máy in", Code: "HT-0009"}}}})
		want := []AffectedSystem{{ID: "s1", Code: "HT-0001", Name: "Hồ sơ bệnh án", Level: 3, Critical: true}, {ID: "s2", Code: "HT-0002", Name: "Trang tin", Level: 2}, {Name: "Máy in"}}
		for n, x := range f.read(officer, i.ID).Systems {
			if x != want[n] {
				t.Errorf("system %d: %+v, want %+v", n, x, want[n])
			}
		}
		if m := f.matters(); m[len(m)-1].Traits["level"] != 3.0 || m[len(m)-1].Traits["critical"] != true {
			t.Errorf("the clocks hear of %v", m[len(m)-1].Traits)
		}

		listed := func(system string) int {
			t.Helper()
			list, _, err := f.List(officer, Filter{System: system})
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if listed("s1") != 1 || listed("s2") != 1 || listed("s3") != 0 {
			t.Errorf("listed by system: %d, %d, %d", listed("s1"), listed("s2"), listed("s3"))
		}

		_, err := f.Change(officer, i.ID, patchOf(t, `{"systems": [{"id": "s3", "name": "Của người khác"}]}`), i.Version)
		if code(err) != "system.unknown" {
			t.Errorf("a system that is not there: %v", err)
		}
		f.Systems = register{}
		i = f.changed(officer, i, `{"systems": [{"id": "s1", "name": "đổi tên", "level": 1}]}`)
		if i.Systems[0] != want[0] {
			t.Errorf("a system that is not seen any more became %+v", i.Systems[0])
		}
		if listed("s1") != 1 || listed("s2") != 0 {
			t.Error("the list does not follow the change")
		}
	})
}
