package alert

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func of(unit event.UnitID) func(*detect.Finding) { return func(x *detect.Finding) { x.Unit = unit } }
func entityIs(field, value string) func(*detect.Finding) {
	return func(x *detect.Finding) { x.EntityField, x.EntityValue = field, value }
}

func (f *fixture) closeAs(ctx context.Context, id string, reason Reason) {
	f.t.Helper()
	closed := StatusClosed
	if _, err := f.ChangeAll(ctx, []string{id}, Change{Status: &closed, Reason: &reason}); err != nil {
		f.t.Fatal(err)
	}
}

// Three alerts of one rule: two of so-y-te, of which one was a false positive, and
// one of so-noi-vu.
func figures(t *testing.T, db *bun.DB) (*fixture, []Recorded) {
	f := newFixture(t, db)
	made := f.record(f.at(0, entityIs("host", "WEB01")), f.at(0, entityIs("host", "WEB01")), f.at(time.Minute, entityIs("src_ip", "198.51.100.7")), f.at(0, of("so-noi-vu")))
	if len(made) != 3 {
		t.Fatalf("%d alerts", len(made))
	}
	f.now = f.now.Add(2 * time.Hour)
	f.closeAs(centre, made[0].ID, ReasonFalsePositive)
	return f, made
}

var officer = as(module.RoleSecurityOfficer, "so-y-te", "hoa")

func whole(f *fixture) Span { return Span{From: f.now.AddDate(0, 0, -7), To: f.now.AddDate(0, 0, 1)} }

func TestFiguresOfRules(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f, made := figures(t, db)
		for name, tc := range map[string]struct {
			ctx    context.Context
			span   Span
			alerts int64
		}{
			"the centre":               {centre, whole(f), 3},
			"a unit's officer":         {officer, whole(f), 2},
			"of one unit":              {centre, Span{From: whole(f).From, To: whole(f).To, Units: []event.UnitID{"so-noi-vu"}}, 1},
			"of a unit not seen":       {officer, Span{From: whole(f).From, To: whole(f).To, Units: []event.UnitID{"so-noi-vu"}}, 0},
			"of another level":         {centre, Span{From: whole(f).From, To: whole(f).To, Levels: []string{"low"}}, 0},
			"before anything happened": {centre, Span{From: f.now.AddDate(0, 0, -9), To: f.now.AddDate(0, 0, -8)}, 0},
		} {
			found, err := f.ByRule(tc.ctx, tc.span)
			n := int64(0)
			for _, c := range found {
				n += c.Alerts
			}
			if err != nil || n != tc.alerts {
				t.Errorf("%s: %+v, %v, want %d alerts", name, found, err, tc.alerts)
			}
		}
		shares, err := f.Shares(centre, f.now.AddDate(0, 0, -30))
		if err != nil || shares["rule-1"] != (Share{3, 1, 1}) {
			t.Errorf("shares: %+v, %v", shares, err)
		}
		if shares, err = f.Shares(officer, f.now.AddDate(0, 0, -30)); err != nil || shares["rule-1"] != (Share{2, 1, 1}) {
			t.Errorf("shares that the officer sees: %+v, %v", shares, err)
		}
		n, err := f.NoiseOf(officer, "rule-1", f.now.AddDate(0, 0, -30))
		if err != nil {
			t.Fatal(err)
		}
		day := time.Date(2026, 11, 22, 0, 0, 0, 0, vietnam)
		if n.Alerts != 2 || n.Findings != 3 || n.ByReason["false_positive"] != 1 || n.MedianToClose != 2*time.Hour || n.Judged != 1 ||
			len(n.Days) != 1 || !n.Days[0].Day.Equal(day) || n.Days[0].Count != 2 ||
			!reflect.DeepEqual(n.Units, []UnitCount{{"so-y-te", "Đơn vị so-y-te", 2}}) ||
			!reflect.DeepEqual(n.Entities, []ValueCount{{"host", "WEB01", 1, 1}, {"src_ip", "198.51.100.7", 1, 0}}) {
			t.Errorf("%+v", n)
		}
		views, err := f.NewestOf(officer, []string{"rule-1"}, whole(f), 10)
		if err != nil || len(views) != 2 {
			t.Errorf("%d alerts, %v", len(views), err)
		}
		steps, err := f.Steps(officer, []string{made[0].ID, made[2].ID}, 10)
		if err != nil || len(steps) != 1 || steps[0].To != "closed" || steps[0].Reason != "false_positive" || steps[0].AlertID != made[0].ID {
			t.Errorf("steps: %+v, %v", steps, err)
		}
		for what, err := range map[string]error{
			"rules":  second(f.ByRule(context.Background(), whole(f))),
			"shares": second(f.Shares(as(module.RoleIngest, "so-y-te", "nxlog"), f.now)),
			"steps":  second(f.Steps(context.Background(), nil, 1)),
		} {
			if k := fault.KindOf(err); k != fault.Unauthenticated && k != fault.Denied {
				t.Errorf("%s for nobody: %v", what, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestFiguresOfAnEntity(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f, _ := figures(t, db)
		f.record(f.at(0, of("so-noi-vu"), entityIs("host", "web01")), f.at(0, entityIs("user", `SYT\Nguyễn "An"`)))
		host := Entity{Fields: []string{"host", "Computer"}, Values: []string{"Web01"}}
		for name, tc := range map[string]struct {
			ctx    context.Context
			who    Entity
			values []string
		}{
			"whatever its case":      {centre, host, []string{"WEB01", "web01", "web01"}},
			"in one's own unit":      {officer, host, []string{"WEB01"}},
			"under other fields":     {centre, Entity{Fields: []string{"src_ip"}, Values: []string{"web01"}}, nil},
			"with odd characters":    {officer, Entity{Fields: []string{"user"}, Values: []string{`SYT\Nguyễn "An"`}}, []string{`SYT\Nguyễn "An"`}},
			"of which there is none": {centre, Entity{Fields: []string{"host"}, Values: []string{"%"}}, nil},
		} {
			views, counts, err := f.OfEntity(tc.ctx, tc.who, whole(f), 10)
			var got []string
			for _, v := range views {
				got = append(got, v.EntityValue)
			}
			if err != nil || len(got) != len(tc.values) || counts.Total != int64(len(tc.values)) || !strings.Contains(strings.Join(tc.values, "|"), strings.Join(got[:min(1, len(got))], "")) {
				t.Errorf("%s: %q, %+v, %v", name, got, counts, err)
			}
		}
		_, counts, err := f.OfEntity(officer, host, whole(f), 10)
		if err != nil || counts.ByStatus["closed"] != 1 || counts.ByLevel["high"] != 1 || counts.ByUnit["so-y-te"] != 1 || len(counts.ByUnit) != 1 {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}
