package savedview

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	lan    = as("lan", module.RoleSecurityOfficer, "so-y-te")
	minh   = as("minh", module.RoleUnitHead, "so-y-te")
	hoa    = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	centre = as("an", module.RoleAnalyst, event.CentreUnit)
	admin  = as("qt", module.RoleAdministrator, event.CentreUnit)
)

func onBoth(t *testing.T, test func(*testing.T, *Service)) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s := New(db, module.NewTrail(db), func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) })
		for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "savedview": s.Module()} {
			if err := sqldb.Migrate(t.Context(), db, name, m.Migrations); err != nil {
				t.Fatal(err)
			}
		}
		test(t, s)
	})
}

func save(t *testing.T, s *Service, who context.Context, v View) View {
	t.Helper()
	if v.Page == "" {
		v.Page = "systems"
	}
	v, err := s.Save(who, v)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func names(t *testing.T, s *Service, who context.Context) []string {
	t.Helper()
	list, err := s.List(who, "systems")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range list {
		out = append(out, v.Name)
	}
	return out
}

func is(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || fault.KindOf(err) != kind || e.Code != code {
		t.Errorf("%v, want %v %s", err, kind, code)
	}
}

func TestViewsAreOnesOwnOrSharedWithTheUnit(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Service) {
		own := save(t, s, lan, View{Name: "Cấp 3 đang vận hành", Address: "state=operating&level=3"})
		shared := save(t, s, lan, View{Name: "Chưa phân loại", Address: "level=0", Shared: true})
		save(t, s, lan, View{Name: "Máy chủ", Page: "assets", Address: "kind=host"})
		for _, c := range []struct {
			who  context.Context
			want []string
		}{{lan, []string{"Chưa phân loại", "Cấp 3 đang vận hành"}}, {minh, []string{"Chưa phân loại"}}, {centre, []string{"Chưa phân loại"}}, {hoa, nil}} {
			got := names(t, s, c.who)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", module.PrincipalOf(c.who).Name, got, c.want)
			}
		}
		is(t, s.Remove(minh, own.ID), fault.NotFound, "view.unknown")
		is(t, s.Remove(admin, own.ID), fault.NotFound, "view.unknown")
		is(t, s.Remove(hoa, shared.ID), fault.NotFound, "view.unknown")
		is(t, s.Remove(minh, shared.ID), fault.Denied, "view.not-yours")
		if err := s.Remove(admin, shared.ID); err != nil {
			t.Error(err)
		}
		if err := s.Remove(lan, own.ID); err != nil {
			t.Error(err)
		}
		if got := names(t, s, lan); len(got) != 0 {
			t.Errorf("left: %q", got)
		}
	})
}

func TestAViewOfTheSameNameIsReplaced(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Service) {
		save(t, s, lan, View{Name: "Của tôi", Address: "level=3"})
		v := save(t, s, lan, View{Name: " Của  tôi ", Address: "type=public&level=4"})
		list, err := s.List(lan, "systems")
		if err != nil || len(list) != 1 || list[0].ID != v.ID || list[0].Address != "level=4&type=public" {
			t.Errorf("%+v %v", list, err)
		}
		for n := 1; n < maxPerOwner; n++ {
			save(t, s, lan, View{Name: strconv.Itoa(n)})
		}
		_, err = s.Save(lan, View{Page: "systems", Name: "một nữa"})
		is(t, err, fault.Conflict, "view.too-many")
		save(t, s, lan, View{Name: "Của tôi"})
	})
}

func TestWhatCannotBeAView(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Service) {
		for code, v := range map[string]View{
			"view.bad-name":    {Page: "systems", Name: " "},
			"view.bad-page":    {Page: "alerts", Name: "x"},
			"view.bad-address": {Page: "systems", Name: "x", Address: "a=%zz"},
		} {
			_, err := s.Save(lan, v)
			is(t, err, fault.Invalid, code)
		}
		_, err := s.Save(lan, View{Page: "systems", Name: "x", Address: strings.Repeat("a", maxAddress+1)})
		is(t, err, fault.Invalid, "view.bad-address")
		if _, err = s.List(context.Background(), "systems"); fault.KindOf(err) == fault.Internal || err == nil {
			t.Errorf("nobody lists: %v", err)
		}
	})
}
