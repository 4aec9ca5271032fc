package notification

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

func TestThoseResponsibleAreToldWithoutARule(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		f.channel("mail")
		of := func(drill bool) module.Notice {
			return module.Notice{Kind: "obligation.late", Level: "critical", Title: "Late: report", TitleVi: "Trễ hạn: báo cáo", Object: "obligation:o1",
				Told: []Recipient{{Who: WhoRole, ID: "analyst"}}, Drill: drill}
		}
		f.tell(fact(module.FactNotice, "so-y-te", of(false)))
		if sent := f.after(2 * time.Minute); len(sent) == 0 || sent[0].Link != "https://lachan.example/obligations?id=o1" {
			t.Errorf("sent: %+v", sent)
		}
	})
}

func TestADrillIsToldInTheConsoleAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		mail := f.channel("mail")
		f.rule(func(r *Rule) { r.Kinds, r.Channels = []string{"obligation.late"}, []string{mail} })
		f.tell(fact(module.FactNotice, "so-y-te", module.Notice{Kind: "obligation.late", Level: "critical", Title: "Late", TitleVi: "Trễ hạn", Object: "obligation:o1",
			Told: []Recipient{{Who: WhoRole, ID: "analyst"}}, Drill: true}))
		if sent := f.after(2 * time.Minute); len(sent) != 0 {
			t.Errorf("a drill left by a channel: %+v", sent)
		}
		f.withheld(mail)
		var told []string
		f.must(f.db.NewRaw("SELECT title_vi FROM notification_inbox").Scan(t.Context(), &told))
		if len(told) == 0 || told[0] != "[DIỄN TẬP] Trễ hạn" {
			t.Errorf("the console: %q", told)
		}
	})
}

// withheld is what the log says of a channel that an exercise would have left by.
func (f *fixture) withheld(channel string) {
	f.t.Helper()
	log, err := f.store.list(f.t.Context(), module.System(), DeliveryFilter{State: stateWithheld, Limit: 50})
	f.must(err)
	if len(log) == 0 {
		f.t.Error("the log does not say that anything was withheld")
	}
	for _, d := range log {
		if d.Channel != channel || d.Code != codeDrill || d.Reason == "" || !strings.Contains(d.Subject, "[DIỄN TẬP]") {
			f.t.Errorf("withheld: %+v", d)
		}
		if ok, err := f.resendable(d.ID); ok || err != nil {
			f.t.Errorf("what was withheld can be sent again: %v", err)
		}
	}
}

// An alert of an exercise is told by the rules that tell of real ones, in the console.
func TestAnAlertOfAnExerciseIsToldInTheConsoleAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		mail := f.channel("mail")
		f.rule(func(r *Rule) { r.Channels = []string{mail} })
		f.tell(fact(factOpened, "so-y-te", map[string]any{"id": "a1", "ruleId": "r1", "title": "Failed logins", "titleVi": "Đăng nhập sai", "level": "critical",
			"unit": "so-y-te", "drill": true}))
		if sent := f.after(2 * time.Minute); len(sent) != 0 {
			t.Errorf("an exercise left by a channel: %+v", sent)
		}
		f.withheld(mail)
		var told []string
		f.must(f.db.NewRaw("SELECT title_vi FROM notification_inbox").Scan(t.Context(), &told))
		if len(told) == 0 || told[0] != "[DIỄN TẬP] Đăng nhập sai" {
			t.Errorf("the console: %q", told)
		}
	})
}

// What a notice is about may bear the mark in its own title.
func TestTheMarkOfAnExerciseStandsOnce(t *testing.T) {
	for _, c := range []struct{ vi, en string }{
		{"Trễ hạn: báo cáo", "Late: report"},
		{"[DIỄN TẬP] Trễ hạn: báo cáo", "[DRILL] Late: report"},
		{"Trễ hạn: [DIỄN TẬP] báo cáo", "Late: [DIỄN TẬP] report"},
	} {
		n := notice{Item: Item{TitleVi: c.vi, Title: c.en}}
		n.mark(true)
		n.mark(true)
		if n.TitleVi != "[DIỄN TẬP] Trễ hạn: báo cáo" || n.Title != "[DRILL] Late: report" || !n.Drill {
			t.Errorf("%q, %q: %q, %q", c.vi, c.en, n.TitleVi, n.Title)
		}
	}
}

func (f *fixture) resendable(id string) (ok bool, err error) {
	err = f.db.RunInTx(f.t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		ok, err = f.store.again(ctx, tx, id, f.now)
		return err
	})
	return ok, err
}
