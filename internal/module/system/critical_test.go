package system

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
)

// list puts a system on the list of critical ones, or takes it off.
func (f *fixture) list(id string, on bool) {
	f.t.Helper()
	err := f.DB.RunInTx(centre, nil, func(ctx context.Context, tx bun.Tx) error { return f.SetCritical(ctx, tx, id, on, "QĐ 1632/QĐ-TTg") })
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestASystemIsCriticalByTheListOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		refused := func(err error) {
			t.Helper()
			is(t, err, fault.Invalid, "system.critical-list")
			var e *fault.Error
			if errors.As(err, &e) && e.Field != "body.critical" {
				t.Errorf("on the field %q", e.Field)
			}
		}
		facts := portal()
		facts.Critical = true
		_, err := f.Add(centre, facts)
		refused(err)

		x := f.add(portal())
		_, err = f.Edit(centre, x.ID, facts, x.Version)
		refused(err)

		f.list(x.ID, true)
		facts.Purpose = "Tiếp nhận hồ sơ"
		if x, err = f.Edit(centre, x.ID, facts, x.Version+1); err != nil || !x.Critical || x.Purpose != "Tiếp nhận hồ sơ" {
			t.Fatalf("as the list has it: %+v %v", x, err)
		}
		facts.Critical = false
		_, err = f.Edit(centre, x.ID, facts, x.Version)
		refused(err)
	})
}

func TestAWorkbookDoesNotChangeTheListOfCriticalSystems(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		on, off := f.add(portal()), f.add(portal())
		f.list(on.ID, true)
		book := func(lines ...string) []byte {
			return bookOf(t, "Hệ thống\nMã hệ thống|Tên hệ thống|Quan trọng về an ninh quốc gia\n"+strings.Join(lines, "\n"))
		}
		im := f.try(centre, book("HT-0001|A|Không", "HT-0002|B|Có", "|C|x"))
		if got, want := problemsOf(im), "Hệ thống C2 critical-list\nHệ thống C3 critical-list\nHệ thống C4 critical-list"; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if len(im.Problems) > 0 && !strings.Contains(im.Problems[0].Vi, "danh mục") {
			t.Errorf("%+v", im.Problems[0])
		}
		f.commit(centre, book("HT-0001|A|Có", "HT-0002|B|", "|C|Không"), false)
		for id, want := range map[string]bool{on.ID: true, off.ID: false} {
			if x, err := f.Get(centre, id); err != nil || x.Critical != want || len(x.Name) != 1 {
				t.Errorf("%s: %v, want %v (%v)", x.Name, x.Critical, want, err)
			}
		}
	})
}
