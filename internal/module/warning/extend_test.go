package warning

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

const late = "Vừa khai báo sử dụng sản phẩm này"

func TestAUnitAddedAfterPublicationHasItsOwnCopyAndItsOwnTimes(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.published(facts())
		f.pass(30 * time.Hour) // longer than the time to acknowledge
		told, noticed := len(f.told(FactSent)), len(f.notices())
		w = must[Warning](f)(f.Extend(leader, w.ID, w.Version, []event.UnitID{"xa-an-phu"}, late))
		r, steps, _, err := f.Copy(as("xa", module.RoleSecurityOfficer, "xa-an-phu"), w.ID, "xa-an-phu")
		if err != nil || !r.Open || !r.SentAt.Equal(f.clock) || !r.Copy.AckBy.Equal(f.clock.Add(10*time.Hour)) || !r.Copy.FixBy.Equal(f.clock.Add(100*time.Hour)) {
			t.Fatalf("the copy: %v %+v", err, r.Copy)
		}
		if len(steps) != 1 || steps[0].Kind != StepSent || steps[0].Text != late || steps[0].By != "LONG" {
			t.Errorf("the history: %+v", steps)
		}
		first, _, _, err := f.Copy(officer, w.ID, "so-y-te")
		if err != nil || !first.Copy.AckBy.Equal(w.AckBy) || !first.LateAck(f.clock) {
			t.Errorf("the time of who had it before moved: %v %+v", err, first.Copy)
		}
		if got := after(f.told(FactSent), told); len(got) != 1 || !strings.HasPrefix(got[0], "xa-an-phu: ") {
			t.Errorf("others are told of %v", got)
		}
		if got := after(f.notices(), noticed); len(got) != 1 || got[0] != "xa-an-phu warning.published security-officer+unit-head" {
			t.Errorf("people are told of %v", got)
		}
		noticed = len(f.notices())
		f.pass(8*time.Hour + time.Minute) // 80 % of its time to acknowledge
		f.chase()
		reminded := false
		for _, n := range after(f.notices(), noticed) {
			reminded = reminded || n == "xa-an-phu warning.reminder security-officer"
		}
		if !reminded {
			t.Errorf("its reminder does not go by its own times: %v", after(f.notices(), noticed))
		}
		_, list, _, err := f.Audience(analyst, w.ID)
		if err != nil || why(list, "xa-an-phu") != "person:"+late {
			t.Errorf("the audience: %v %+v", err, list)
		}
	})
}

func TestWhatIsClosedStandsAgainForAUnitAddedLater(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	w := f.published(facts())
	must[Received](f)(f.Settle(analyst, w.ID, "so-y-te", "Đã kiểm tra trực tiếp tại đơn vị"))
	if w = must[Warning](f)(f.Get(analyst, w.ID)); w.State != Closed {
		t.Fatalf("not closed: %s", w.State)
	}
	w = must[Warning](f)(f.Extend(leader, w.ID, w.Version, []event.UnitID{"so-noi-vu"}, late))
	if w.State != Published || !w.EndedAt.IsZero() {
		t.Errorf("%s since %v", w.State, w.EndedAt)
	}
	must[Received](f)(f.Settle(analyst, w.ID, "so-noi-vu", "Đã kiểm tra trực tiếp tại đơn vị"))
	if w = must[Warning](f)(f.Get(analyst, w.ID)); w.State != Closed {
		t.Errorf("not closed with the last copy: %s", w.State)
	}
}

func TestWhoMayNotBeAddedAfterPublicationIsNot(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	draft := must[Warning](f)(f.Create(analyst, facts(), false))
	w := f.published(facts())
	wrote := f.handedIn(facts(), false)
	wrote = must[Warning](f)(f.Adjust(coordinator, wrote.ID, wrote.Version, []event.UnitID{"xa-an-phu"}, nil, late))
	wrote = must[Warning](f)(f.Submit(analyst, wrote.ID, wrote.Version))
	wrote = must[Warning](f)(f.Publish(leader, wrote.ID, wrote.Version))
	xa := []event.UnitID{"xa-an-phu"}
	for name, c := range map[string]struct {
		ask  func() error
		want string
	}{
		"an analyst": {func() error { _, err := f.Extend(analyst, w.ID, w.Version, xa, late); return err }, "permission.denied"},
		"who wrote it": {func() error {
			_, err := f.Extend(coordinator, wrote.ID, wrote.Version, []event.UnitID{"so-noi-vu"}, late)
			return err
		}, "warning.four-eyes"},
		"a draft":           {func() error { _, err := f.Extend(leader, draft.ID, draft.Version, xa, late); return err }, "warning.state"},
		"an old version":    {func() error { _, err := f.Extend(leader, w.ID, w.Version-1, xa, late); return err }, "warning.changed"},
		"without a reason":  {func() error { _, err := f.Extend(leader, w.ID, w.Version, xa, " vì "); return err }, "warning.reason"},
		"nobody":            {func() error { _, err := f.Extend(leader, w.ID, w.Version, nil, late); return err }, "warning.too-many"},
		"who has it":        {func() error { _, err := f.Extend(leader, w.ID, w.Version, []event.UnitID{"so-y-te"}, late); return err }, "warning.had"},
		"twice":             {func() error { _, err := f.Extend(leader, w.ID, w.Version, append(xa, xa...), late); return err }, "warning.had"},
		"a unit that ended": {func() error { _, err := f.Extend(leader, w.ID, w.Version, []event.UnitID{"so-cu"}, late); return err }, "unit.unknown"},
		"the centre": {func() error {
			_, err := f.Extend(leader, w.ID, w.Version, []event.UnitID{event.CentreUnit}, late)
			return err
		}, "unit.unknown"},
		"a warning of nowhere": {func() error { _, err := f.Extend(leader, "none", 1, xa, late); return err }, "warning.unknown"},
		"one who has it, and xa": {func() error {
			_, err := f.Extend(leader, w.ID, w.Version, []event.UnitID{"xa-an-phu", "so-y-te"}, late)
			return err
		}, "warning.had"},
	} {
		if err := c.ask(); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if copies, err := f.Copies(analyst, w.ID); err != nil || len(copies) != 1 {
		t.Errorf("what was refused left copies: %v %+v", err, copies)
	}
}
