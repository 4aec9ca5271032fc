package alert

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

var admin = as(module.RoleAdministrator, event.CentreUnit, "root")

func TestTheReasonsTheProductBringsAreWhole(t *testing.T) {
	seen := map[Reason]bool{}
	for _, r := range builtinReasons() {
		if r.Vi == "" || r.En == "" || seen[r.ID] || string(r.ID) != string(r.Kind) || !r.Builtin {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
	for _, id := range []Reason{ReasonTruePositive, ReasonFalsePositive, ReasonBenign, ReasonDuplicate, ReasonOther, ReasonSettled} {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestAnAdministratorKeepsTheReasons(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		scan, err := f.AddReason(admin, KindFalsePositive, " Máy quét của đơn vị ", "The unit's scanner")
		if err != nil || scan.ID != "the_unit_s_scanner" || scan.Vi != "Máy quét của đơn vị" || scan.Version != 1 {
			t.Fatalf("%+v, %v", scan, err)
		}
		for want, do := range map[string]func() error{
			"alert.reason-exists":  func() error { _, err := f.AddReason(admin, KindBenign, "Khác", "the unit S scanner"); return err },
			"alert.reason-text":    func() error { _, err := f.AddReason(admin, KindBenign, "một\ndòng", "x"); return err },
			"permission.denied":    func() error { _, err := f.AddReason(centre, KindBenign, "x", "x"); return err },
			"alert.reason-unknown": func() error { _, err := f.ChangeReason(admin, "none", 0, ReasonChange{}); return err },
			"alert.reason-changed": func() error { _, err := f.ChangeReason(admin, scan.ID, 7, ReasonChange{}); return err },
			"alert.reason-last": func() error {
				_, err := f.ChangeReason(admin, ReasonSettled, 0, ReasonChange{Retired: ptr(true)})
				return err
			},
		} {
			if err := do(); code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if _, err := f.AddReason(as(module.RoleAdministrator, "so-y-te", "x"), KindBenign, "x", "x"); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit's administrator: %v", err)
		}
		// One the product brings is renamed, and keeps its kind and id.
		if r, err := f.ChangeReason(admin, ReasonBenign, 0, ReasonChange{Vi: ptr("Hoạt động hợp lệ"), Position: ptr(1)}); err != nil || r.Kind != KindBenign || r.En != "Benign" {
			t.Fatalf("%+v, %v", r, err)
		}
		list, err := f.Reasons(centre)
		if err != nil || list[0].ID != ReasonBenign || list[0].Vi != "Hoạt động hợp lệ" || list[len(list)-1].ID != scan.ID {
			t.Fatalf("%+v, %v", list, err)
		}
	})
}

func TestARetiredReasonClosesNothingMoreAndStaysWithWhatItClosed(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		scan, err := f.AddReason(admin, KindFalsePositive, "Máy quét", "Scanner")
		if err != nil {
			t.Fatal(err)
		}
		rec := f.record(f.at(0), f.at(0, foundBy("rule-1", "so-y-te", "x")), f.at(0, foundBy("rule-1", "so-y-te", "y")))
		closing := Change{Status: ptr(StatusClosed), Reason: ptr(scan.ID)}
		closed, err := f.Change(centre, rec[0].ID, 1, closing)
		if err != nil || closed.Reason != "scanner" {
			t.Fatalf("%+v, %v", closed, err)
		}
		if s, suggested, err := f.Similar(centre, rec[1].ID); err != nil || suggested == nil || suggested.Reason != "scanner" || s[1].ByReason["scanner"] != 1 {
			t.Errorf("%+v, %v", suggested, err)
		}
		if scan, err = f.ChangeReason(admin, scan.ID, 1, ReasonChange{Retired: ptr(true)}); err != nil || scan.Retired.IsZero() {
			t.Fatalf("%+v, %v", scan, err)
		}
		if _, err := f.Change(centre, rec[1].ID, 1, closing); code(err) != "alert.reason-retired" {
			t.Errorf("%v", err)
		}
		if _, suggested, err := f.Similar(centre, rec[1].ID); err != nil || suggested != nil {
			t.Errorf("a retired reason is suggested: %+v, %v", suggested, err)
		}
		d, err := f.Get(centre, rec[0].ID)
		if err != nil || d.Reason != "scanner" || d.History[0].Reason != "scanner" {
			t.Errorf("%+v, %v", d, err)
		}
		// In figures it is what its kind is.
		by, err := f.ClosedFor(centre, f.now.Add(-time.Hour), f.now.Add(time.Hour))
		if err != nil || by["false_positive"] != 1 || len(by) != 1 {
			t.Errorf("%v, %v", by, err)
		}
		n, err := f.NoiseOf(centre, "rule-1", f.now.Add(-time.Hour))
		if err != nil || n.ByReason["false_positive"] != 1 {
			t.Errorf("%+v, %v", n, err)
		}
		shares, err := f.Shares(centre, f.now.Add(-time.Hour))
		if err != nil || shares["rule-1"].FalsePositive != 1 {
			t.Errorf("%+v, %v", shares, err)
		}
		// What was closed with it may be edited otherwise.
		if _, err := f.Change(centre, rec[0].ID, 2, Change{Note: ptr("thêm"), Reason: ptr(scan.ID)}); err != nil {
			t.Error(err)
		}
	})
}

func TestOneReasonStaysInUse(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	list, err := f.Reasons(admin)
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, r := range list {
		if !r.ForSignals {
			_, last = f.ChangeReason(admin, r.ID, r.Version, ReasonChange{Retired: ptr(true)})
		}
	}
	if code(last) != "alert.reason-last" {
		t.Error(last)
	}
}

func TestReasonsGetIDsFromTheirWords(t *testing.T) {
	for in, want := range map[string]Reason{
		"The unit's scanner": "the_unit_s_scanner", "Đợt diễn tập": "dot_dien_tap", "  ": "", "监": "",
		strings.Repeat("dài ", 30): "dai_dai_dai_dai_dai_dai_dai_dai_dai_dai",
	} {
		if got := reasonID(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestANoteGoesWithAnAcknowledgement(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	id := f.record(f.at(0))[0].ID
	if _, err := f.Change(centre, id, 1, Change{Status: ptr(StatusInProgress), Note: ptr("đã gọi đơn vị")}); err != nil {
		t.Fatal(err)
	}
	d, err := f.Get(centre, id)
	if err != nil || d.Note != "đã gọi đơn vị" || len(d.History) != 1 || d.History[0].Action != "status" || d.History[0].Note != "đã gọi đơn vị" {
		t.Errorf("%+v, %v", d, err)
	}
}
