package agenda

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

type names struct{}

func (names) Name(u event.UnitID) string { return strings.ToUpper(string(u)) }

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "an", Role: role, Unit: unit})
}

// of is a source of the dates given as "2026-11-23 Title".
func of(kind string, action module.Action, asked *[]Range, lines ...string) Source {
	return Source{kind, action, func(_ context.Context, r Range) (dates []Date, more bool, err error) {
		*asked = append(*asked, r)
		for _, l := range lines {
			day, title, _ := strings.Cut(l, " ")
			d := Date{Day: module.Date(day), Vi: title, Unit: "so-y-te", State: Waiting}
			if clock, rest, ok := strings.Cut(title, "@"); ok {
				at, err := time.Parse(time.RFC3339, day+"T"+clock+":00+07:00")
				if err != nil {
					return nil, false, err
				}
				d.At, d.Vi = at, rest
			}
			dates = append(dates, d)
		}
		return dates, false, nil
	}}
}

func TestDatesOfAllSourcesAreOneList(t *testing.T) {
	var asked []Range
	s := New(Options{Units: names{}, Sources: []Source{
		of("obligation", module.ActionObligationRead, &asked, "2026-11-23 14:00@Nộp báo cáo", "2026-11-24 Hết hạn"),
		of("licence", module.ActionObligationRead, &asked, "2026-11-23 Bản quyền", "2026-11-23 09:00@Kiểm tra"),
		of("secret", module.ActionUserManage, &asked, "2026-11-23 Không được thấy"),
	}})
	titles := func(kinds ...string) (out []string) {
		t.Helper()
		a, err := s.Between(as(module.RoleAuditor, event.CentreUnit), "2026-11-23", "2026-11-30", "", kinds)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Kinds, []string{"obligation", "licence"}) {
			t.Errorf("kinds offered: %v", a.Kinds)
		}
		for _, d := range a.Dates {
			out = append(out, d.Kind+" "+d.Vi)
		}
		return out
	}
	if got := titles(); !slices.Equal(got, []string{"licence Bản quyền", "licence Kiểm tra", "obligation Nộp báo cáo", "obligation Hết hạn"}) {
		t.Errorf("%q", got)
	}
	if got := titles("licence"); !slices.Equal(got, []string{"licence Bản quyền", "licence Kiểm tra"}) {
		t.Errorf("of one kind: %q", got)
	}
	if r := asked[0]; r.Start.Format(time.RFC3339) != "2026-11-23T00:00:00+07:00" || r.End.Format(time.RFC3339) != "2026-12-01T00:00:00+07:00" {
		t.Errorf("asked from %s to %s", r.Start, r.End)
	}
}

func TestASourceWithTooMuchSaysSo(t *testing.T) {
	s := New(Options{Units: names{}, Sources: []Source{{"licence", module.ActionObligationRead, func(context.Context, Range) ([]Date, bool, error) {
		return make([]Date, MaxOfSource+1), false, nil
	}}}})
	a, err := s.Between(as(module.RoleAuditor, event.CentreUnit), "2026-11-23", "2026-11-23", "", nil)
	if err != nil || len(a.Dates) != MaxOfSource || !slices.Equal(a.More, []string{"licence"}) {
		t.Errorf("%d dates, more %v, %v", len(a.Dates), a.More, err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	s := New(Options{Units: names{}})
	for _, c := range []struct {
		role     module.Role
		unit     event.UnitID
		from, to module.Date
		of       event.UnitID
		want     fault.Kind
	}{
		{module.RoleIngest, "so-y-te", "2026-11-23", "2026-11-23", "", fault.Denied},
		{module.RoleAuditor, event.CentreUnit, "2026-11-23", "2026-11-22", "", fault.Invalid},
		{module.RoleAuditor, event.CentreUnit, "2026-01-01", "2027-12-31", "", fault.Invalid},
		{module.RoleSecurityOfficer, "so-y-te", "2026-11-23", "2026-11-23", "so-noi-vu", fault.NotFound},
	} {
		if _, err := s.Between(as(c.role, c.unit), c.from, c.to, c.of, nil); fault.KindOf(err) != c.want {
			t.Errorf("%s from %s to %s of %q: %v, want %v", c.role, c.from, c.to, c.of, err, c.want)
		}
	}
}
