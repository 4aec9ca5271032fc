package savedsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

type people struct{}

func (people) DisplayNames(_ context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = strings.ToUpper(id)
	}
	return names, nil
}

func newService(t *testing.T, db *bun.DB) *Service {
	t.Helper()
	s := New(db, module.NewTrail(db), people{}, func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) })
	ctx := context.Background()
	if err := sqldb.Migrate(ctx, db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "savedsearch", s.Module().Migrations); err != nil {
		t.Fatal(err)
	}
	return s
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, Role: role, Unit: unit, Session: "s"})
}

var (
	lan   = as("lan", module.RoleAnalyst, "so-y-te")
	minh  = as("minh", module.RoleAnalyst, "so-y-te")
	hoa   = as("hoa", module.RoleAnalyst, "so-noi-vu")
	centr = as("an", module.RoleAnalyst, event.CentreUnit)
	admin = as("admin", module.RoleAdministrator, event.CentreUnit)
)

func some(name string, v Visibility) Saved {
	return Saved{
		Name: name, Query: "EventID:4625 | top user", From: "now-24h", To: "now", Visibility: v,
		Columns: []string{"host", "đường dẫn"}, View: json.RawMessage(`{ "sort": "desc", "cỡ": [1, 2] }`), Description: "Đăng nhập sai",
	}
}

func TestWhoSeesAndWhoChangesASavedSearch(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s := newService(t, db)
		ids := map[Visibility]string{}
		for _, v := range []Visibility{Private, OfUnit, Everyone} {
			saved, err := s.Create(lan, some("của Lan "+string(v), v))
			if err != nil {
				t.Fatal(err)
			}
			ids[v] = saved.ID
		}
		for _, c := range []struct {
			who     string
			ctx     context.Context
			sees    []Visibility
			changes []Visibility
		}{
			{"the owner", lan, []Visibility{Everyone, Private, OfUnit}, []Visibility{Everyone, Private, OfUnit}},
			{"a colleague", minh, []Visibility{Everyone, OfUnit}, nil},
			{"another unit", hoa, []Visibility{Everyone}, nil},
			{"the centre", centr, []Visibility{Everyone, OfUnit}, nil},
			{"an administrator", admin, []Visibility{Everyone, OfUnit}, []Visibility{Everyone, OfUnit}},
		} {
			list, err := s.List(c.ctx, "", false)
			if err != nil {
				t.Fatal(err)
			}
			var seen []Visibility
			for _, saved := range list {
				seen = append(seen, saved.Visibility)
			}
			if fmt.Sprint(seen) != fmt.Sprint(c.sees) {
				t.Errorf("%s lists %v, want %v", c.who, seen, c.sees)
			}
			for v, id := range ids {
				sees, changes := false, false
				for _, x := range c.sees {
					sees = sees || x == v
				}
				for _, x := range c.changes {
					changes = changes || x == v
				}
				want := func(what string, err error, ok bool) {
					t.Helper()
					kind := fault.Internal
					switch {
					case !sees:
						kind = fault.NotFound
					case !ok:
						kind = fault.Denied
					}
					if (err == nil) != ok || err != nil && fault.KindOf(err) != kind {
						t.Errorf("%s, %s one: %s: %v, want ok %v or %v", c.who, v, what, err, ok, kind)
					}
				}
				got, err := s.Get(c.ctx, id)
				want("get", err, sees)
				_, err = s.Copy(c.ctx, id, "bản sao "+c.who+string(v))
				want("copy", err, sees)
				if c.who == "the owner" {
					continue
				}
				text := "sửa bởi " + c.who
				_, err = s.Update(c.ctx, id, Change{Version: got.Version, Description: &text})
				want("update", err, changes)
			}
		}
		for _, v := range []Visibility{Private, OfUnit} {
			if err := s.Remove(hoa, ids[v], 1); fault.KindOf(err) != fault.NotFound {
				t.Errorf("another unit removes: %v", err)
			}
		}
		if err := s.Remove(admin, ids[OfUnit], 2); err != nil {
			t.Errorf("an administrator removes one of a unit: %v", err)
		}
	})
}

func TestACopyIsPrivateAndItsMakersOwn(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s := newService(t, db)
		orig, err := s.Create(lan, some("dò mật khẩu", Everyone))
		if err != nil {
			t.Fatal(err)
		}
		twin, err := s.Copy(hoa, orig.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		if twin.OwnerID != "hoa" || twin.Unit != "so-noi-vu" || twin.Visibility != Private || twin.Query != orig.Query || twin.Version != 1 || string(twin.View) != string(orig.View) {
			t.Errorf("%+v", twin)
		}
		if err := s.Remove(lan, orig.ID, 1); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(hoa, twin.ID); err != nil || got.Name != "dò mật khẩu" {
			t.Errorf("the copy went with its model: %v", err)
		}
	})
}

func TestWhatIsStoredComesBack(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s := newService(t, db)
		want, err := s.Create(lan, some("Máy chủ lạ", OfUnit))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Get(lan, want.ID)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%+v\n%+v\n%v", got, want, err)
		}
		if string(got.View) != `{"sort":"desc","cỡ":[1,2]}` {
			t.Errorf("view %s", got.View)
		}
		for text, n := range map[string]int{"may chu": 1, "dang nhap": 1, "MÁY": 1, "%": 0, "tường lửa": 0, "": 1} {
			if list, err := s.List(lan, text, true); err != nil || len(list) != n {
				t.Errorf("%q finds %d, want %d: %v", text, len(list), n, err)
			}
		}
	})
}

func TestTheSecondOfTwoChangesIsRefused(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s := newService(t, db)
		saved, err := s.Create(lan, some("một", OfUnit))
		if err != nil {
			t.Fatal(err)
		}
		name := "hai"
		if saved, err = s.Update(lan, saved.ID, Change{Version: 1, Name: &name}); err != nil || saved.Version != 2 || saved.Name != "hai" || saved.Query == "" {
			t.Fatalf("%+v %v", saved, err)
		}
		code := func(err error) string {
			fe, ok := errors.AsType[*fault.Error](err)
			if !ok || fe.Kind != fault.Conflict {
				return fmt.Sprint(err)
			}
			return fe.Code
		}
		if _, err := s.Update(admin, saved.ID, Change{Version: 1, Name: &name}); code(err) != "saved.changed" {
			t.Error(err)
		}
		if err := s.Remove(lan, saved.ID, 1); code(err) != "saved.changed" {
			t.Error(err)
		}
		if _, err := s.Create(lan, some("hai", Private)); code(err) != "saved.exists" {
			t.Error(err)
		}
		if _, err := s.Create(minh, some("hai", Private)); err != nil {
			t.Errorf("another person may use the name: %v", err)
		}
		private := Private
		if _, err := s.Update(admin, saved.ID, Change{Version: 2, Visibility: &private}); fault.KindOf(err) != fault.Denied {
			t.Errorf("an administrator makes another's search private, and can see it no more: %v", err)
		}
	})
}

func TestEveryChangeIsAuditedAndNoPrivateTextIs(t *testing.T) {
	db := sqldbtest.SQLite(t)
	s := newService(t, db)
	secret := some("điều tra nội bộ", Private)
	secret.Query = "user:giam-doc"
	saved, err := s.Create(lan, secret)
	if err != nil {
		t.Fatal(err)
	}
	everyone := Everyone
	if _, err := s.Create(lan, some("chung", OfUnit)); err != nil {
		t.Fatal(err)
	}
	records, err := module.NewTrail(db).Find(admin, module.RecordFilter{}, false, 10)
	if err != nil || len(records) != 2 || records[0].Action != "search.save" || records[0].Detail["query"] == "" || records[0].Actor != "lan" {
		t.Fatalf("%+v %v", records, err)
	}
	if text := fmt.Sprint(records[1]); strings.Contains(text, "giam-doc") || strings.Contains(text, "điều tra") {
		t.Errorf("the trail tells of a private search: %s", text)
	}
	if _, err := s.Update(lan, saved.ID, Change{Version: 1, Visibility: &everyone}); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(lan, saved.ID, 2); err != nil {
		t.Fatal(err)
	}
	if records, err = module.NewTrail(db).Find(admin, module.RecordFilter{}, false, 10); err != nil || len(records) != 4 || records[0].Action != "search.remove" || records[1].Action != "search.update" {
		t.Errorf("%+v %v", records, err)
	}
}

func TestWhatCannotBeSavedSaysWhy(t *testing.T) {
	s := newService(t, sqldbtest.SQLite(t))
	for field, change := range map[string]func(*Saved){
		"body.name":        func(s *Saved) { s.Name = "  " },
		"body.name ":       func(s *Saved) { s.Name = strings.Repeat("ặ", maxName+1) },
		"body.name  ":      func(s *Saved) { s.Name = "a\nb" },
		"body.description": func(s *Saved) { s.Description = "\x00" },
		"body.query":       func(s *Saved) { s.Query = "user:" },
		"body.range.from":  func(s *Saved) { s.From = "yesterday" },
		"body.range.from ": func(s *Saved) { s.From = "now-999999w" },
		"body.range.to":    func(s *Saved) { s.To = "now-25h" },
		"body.range.to ":   func(s *Saved) { s.To = "" },
		"body.columns":     func(s *Saved) { s.Columns = make([]string, maxColumns+1) },
		"body.columns ":    func(s *Saved) { s.Columns = []string{""} },
		"body.view":        func(s *Saved) { s.View = json.RawMessage(`[1]`) },
		"body.view ":       func(s *Saved) { s.View = json.RawMessage(`{"a":`) },
		"body.view  ":      func(s *Saved) { s.View = json.RawMessage(`{"a":"` + strings.Repeat("x", maxView) + `"}`) },
		"body.view   ": func(s *Saved) {
			s.View = json.RawMessage(`{"a":` + strings.Repeat("[", maxViewDepth) + strings.Repeat("]", maxViewDepth) + "}")
		},
		"body.visibility": func(s *Saved) { s.Visibility = "secret" },
	} {
		saved := some("x", Private)
		change(&saved)
		_, err := s.Create(lan, saved)
		if fe, ok := errors.AsType[*fault.Error](err); !ok || fe.Kind != fault.Invalid || fe.Field != strings.TrimSpace(field) {
			t.Errorf("%s: %+v", field, err)
		}
	}
	ok := some(strings.Repeat("ặ", maxName), Private)
	ok.From, ok.To, ok.View, ok.Columns = "2026-11-22T00:00:00+07:00", "now", nil, nil
	if _, err := s.Create(lan, ok); err != nil {
		t.Error(err)
	}
	if _, err := s.Create(context.Background(), some("x", Private)); fault.KindOf(err) != fault.Unauthenticated {
		t.Error(err)
	}
}

func FuzzWhatIsSavedIsWellFormed(f *testing.F) {
	f.Add("tên", "now-24h", "now", `{"a":[1,{"b":"\\\""}]}`)
	f.Add("x", "2026-11-22T00:00:00Z", "now-1s", `{"a":"}"}`)
	f.Add("\xff", "now-9w", "now", `{"a":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}`)
	f.Fuzz(func(t *testing.T, name, from, to, view string) {
		s := Saved{Name: name, From: from, To: to, View: json.RawMessage(view), Visibility: Private}
		if s.check() != nil {
			return
		}
		var object map[string]any
		if s.View != nil && (json.Unmarshal(s.View, &object) != nil || len(s.View) > maxView) {
			t.Errorf("view %q", s.View)
		}
		if strings.ContainsAny(s.Name, "\x00\r\n") || s.Name == "" {
			t.Errorf("name %q", s.Name)
		}
		again := s
		if err := again.check(); err != nil || again.Name != s.Name || string(again.View) != string(s.View) {
			t.Errorf("checked twice it is another: %v", err)
		}
	})
}
