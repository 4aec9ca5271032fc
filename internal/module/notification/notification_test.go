package notification

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func onBoth(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) { test(t, newFixture(t, db)) })
}

func receivers(sent []notify.Message) string {
	var to []string
	for _, m := range sent {
		to = append(to, m.To)
	}
	slices.Sort(to)
	return strings.Join(to, " ")
}

func (f *fixture) inboxOf(id string) []inboxItem {
	f.t.Helper()
	items, err := f.Inbox(as(id), true, "", 100)
	f.must(err)
	return items
}

func TestAnAlertReachesWhomItConcernsAndNobodyElse(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		mail := f.channel("mail")
		for range 2 { // two rules about the same are one message
			f.rule(func(r *Rule) {
				r.Recipients = []Recipient{{Who: WhoRole, ID: "analyst"}, {Who: WhoUnitRole, ID: "security-officer"}, {Who: WhoUnitDuty}, {Who: WhoUser, ID: "hoa"}}
				r.Channels = []string{mail}
			})
		}
		f.tell(opened("benh-vien", "a1", "high"), opened("benh-vien", "a2", "medium"))
		sent := f.after(time.Minute)
		if got := receivers(sent); got != "an@tinh.example lan@tinh.example truc@benh-vien.example" {
			t.Errorf("told %s; want the analyst, the officer of the unit above, the unit's duty, and not Hòa, who does not see the unit", got)
		}
		m := sent[0]
		if m.Subject != "[Cao] Đăng nhập đáng ngờ" || m.Link != "https://lachan.example/alerts/a1" || m.Thread != "alert-a1" ||
			!strings.Contains(m.Text, "Đơn vị: Đơn vị benh-vien") || !strings.Contains(m.Text, "SRV-01") {
			t.Errorf("the message: %+v", m)
		}
		if in := f.inboxOf("lan"); len(in) != 1 || in[0].Object != "alert:a1" {
			t.Errorf("Lan's inbox: %+v", in)
		}
		if in := f.inboxOf("hoa"); len(in) != 0 {
			t.Errorf("Hòa's inbox: %+v", in)
		}
		if more := f.after(time.Hour); len(more) != 0 {
			t.Errorf("told again: %s", receivers(more))
		}
	})
}

func TestWhatARuleIsAbout(t *testing.T) {
	n := &notice{Item: Item{Kind: KindAlert, Level: "high", Unit: "benh-vien"}, Tags: []string{"attack.t1078"}}
	for name, c := range map[string]struct {
		change func(*Rule)
		want   bool
	}{
		"everything":        {func(*Rule) {}, true},
		"off":               {func(r *Rule) { r.Enabled = false }, false},
		"a higher level":    {func(r *Rule) { r.MinLevel = "critical" }, false},
		"its tag":           {func(r *Rule) { r.Tags = []string{"attack.t1059", "attack.t1078"} }, true},
		"another tag":       {func(r *Rule) { r.Tags = []string{"attack.t1059"} }, false},
		"its kind":          {func(r *Rule) { r.Kinds = []string{KindAlert} }, true},
		"another kind":      {func(r *Rule) { r.Kinds = []string{"source.silent"} }, false},
		"the unit above":    {func(r *Rule) { r.Unit = "so-y-te" }, true},
		"a unit beside":     {func(r *Rule) { r.Unit = "so-noi-vu" }, false},
		"the unit itself":   {func(r *Rule) { r.Unit = "benh-vien" }, true},
		"the unit, lowered": {func(r *Rule) { r.Unit, r.MinLevel = "benh-vien", "low" }, true},
	} {
		r := Rule{Setting: Setting{Unit: event.CentreUnit, Enabled: true}, MinLevel: "medium"}
		c.change(&r)
		if got := r.wants(n, fakeUnits{}.Below); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	n.Kind = KindAssigned
	all := Rule{Setting: Setting{Unit: event.CentreUnit, Enabled: true}, MinLevel: "low"}
	if all.wants(n, fakeUnits{}.Below) {
		t.Error("what is for one person alone goes to everybody")
	}
}

func TestAFloodIsOneMessage(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		mail := f.channel("mail")
		f.rule(func(r *Rule) { r.Channels = []string{mail} })
		const flood = 10_000
		facts := make([]module.Fact, flood)
		for i := range facts {
			level := "high"
			if i == flood-1 {
				level = "critical"
			}
			facts[i] = opened("so-y-te", fmt.Sprint("a", i), level, func(b *told) { b.RuleID = fmt.Sprint("r", i%1000) })
		}
		f.tell(facts...)
		sent := f.after(time.Hour)
		if len(sent) != 1 {
			t.Fatalf("%d messages for a flood", len(sent))
		}
		if m := sent[0]; m.Level != "critical" || !strings.HasPrefix(m.Subject, "[Nghiêm trọng] 10000 thông báo: ") || !strings.Contains(m.Text, "… và 9980 thông báo khác") ||
			strings.Count(m.Text, "https://lachan.example/alerts/") != itemsKept || !strings.Contains(m.Text, "/alerts/a9999") {
			t.Errorf("the message: %s\n%s", m.Subject, m.Text)
		}
		total := 0
		in := f.inboxOf("an")
		for _, it := range in {
			total += it.Total
		}
		if len(in) > 200 || total != flood {
			t.Errorf("%d items of the inbox tell of %d alerts, want all in few", len(in), total)
		}
	})
}

func TestEscalationUntilSomebodyAcknowledges(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		mail := f.channel("mail")
		plan, err := f.SavePlan(as("admin"), Plan{Setting: Setting{Name: "Ca trực", Enabled: true}, Steps: []Step{
			{AfterMinutes: 10, Recipients: []Recipient{{Who: WhoRole, ID: "coordinator"}}, Channels: []string{mail}},
			{AfterMinutes: 20, Recipients: []Recipient{{Who: WhoUnitDuty}, {Who: WhoAssignee}}, Channels: []string{mail}},
		}})
		f.must(err)
		f.rule(func(r *Rule) { r.Channels, r.Plan = []string{mail}, plan.ID })
		f.tell(opened("so-y-te", "a1", "critical"), opened("so-y-te", "a2", "critical"))
		if got := receivers(f.after(9 * time.Minute)); got != "an@tinh.example" {
			t.Fatalf("before the first step: %s", got)
		}
		// One is taken by somebody; the node is stopped over the time of the step.
		f.tell(fact(factAcknowledged, "so-y-te", told{ID: "a2", Level: "critical"}))
		f.now = f.now.Add(10 * time.Minute)
		f.start()
		f.must(f.Load(context.Background()))
		sent := f.after(2 * time.Minute)
		if got := receivers(sent); got != "binh@tinh.example" || !strings.Contains(sent[0].Text, "/alerts/a1") || strings.Contains(sent[0].Text, "/alerts/a2") ||
			!strings.Contains(sent[0].Subject, "Cảnh báo chưa ai tiếp nhận") {
			t.Fatalf("the first step: %s %+v", got, sent)
		}
		// To be given something is not to have seen it.
		f.tell(fact(factAssigned, "so-y-te", told{ID: "a1", Level: "critical", Title: "x", Assignee: "an", By: "admin"}))
		if got := receivers(f.after(21 * time.Minute)); got != "an@tinh.example an@tinh.example truc@so-y-te.example" {
			t.Fatalf("the second step: %s; want the news of being given it, and the step", got)
		}
		if got := receivers(f.after(24 * time.Hour)); got != "" {
			t.Fatalf("after the last step: %s", got)
		}
		// Taking it oneself ends it at once.
		f.tell(opened("so-y-te", "a3", "critical"), fact(factAssigned, "so-y-te", told{ID: "a3", Level: "critical", Assignee: "an", By: "an"}))
		if got := receivers(f.after(time.Hour)); got != "an@tinh.example" {
			t.Fatalf("taken at once: %s", got)
		}
		if n, err := f.Running(as("an")); err != nil || n != 0 {
			t.Errorf("%d still running, %v", n, err)
		}
	})
}

func TestWhatFailsIsTriedAgainAndGivenUp(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		mail := f.channel("mail")
		f.rule(func(r *Rule) { r.Channels = []string{mail} })
		f.wire.failure = notify.Failed(notify.CodeBusy, false, "452 later")
		f.tell(opened("so-y-te", "a1", "high"))
		f.after(time.Minute)
		list, err := f.Deliveries(as("an"), DeliveryFilter{Limit: 10})
		f.must(err)
		if len(list) != 1 || list[0].State != stateWaiting || list[0].Code != notify.CodeBusy || list[0].Reason != "452 later" {
			t.Fatalf("the log: %+v", list)
		}
		id := list[0].Message.ID
		f.wire.failure = nil
		if sent := f.after(time.Hour); len(sent) != 1 || sent[0].ID != id {
			t.Fatalf("after it recovered: %+v", sent)
		}
		f.wire.failure = notify.Failed(notify.CodeTimeout, false, "no answer")
		before := f.wire.attempts
		f.tell(opened("so-y-te", "a2", "high"))
		f.after(24 * time.Hour)
		if n := f.wire.attempts - before; n != f.Config.Attempts {
			t.Errorf("%d attempts, want %d", n, f.Config.Attempts)
		}
		f.wire.failure = notify.Failed(notify.CodeAddress, true, "550 no such user")
		before = f.wire.attempts
		f.tell(opened("so-y-te", "a3", "high"))
		f.after(24 * time.Hour)
		if n := f.wire.attempts - before; n != 1 {
			t.Errorf("%d attempts at an address that does not exist", n)
		}
		dead, err := f.Deliveries(as("an"), DeliveryFilter{State: stateDead, Limit: 10})
		f.must(err)
		if len(dead) != 2 {
			t.Fatalf("given up: %+v", dead)
		}
		if in := f.inboxOf("admin"); len(in) == 0 || in[0].Kind != KindDead {
			t.Errorf("the administrator is not told: %+v", in)
		}
		f.wire.failure = nil
		if _, err := f.Resend(as("hoa"), dead[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody of another unit sends it again: %v", err)
		}
		_, err = f.Resend(as("admin"), dead[0].ID)
		f.must(err)
		if sent := f.after(time.Minute); len(sent) != 1 || sent[0].ID != dead[0].ID {
			t.Errorf("sent again: %+v", sent)
		}
	})
}

func TestASenderThatWasKilledHoldsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		mail := f.channel("mail")
		f.rule(func(r *Rule) { r.Channels = []string{mail} })
		f.tell(opened("so-y-te", "a1", "critical"))
		f.now = f.now.Add(time.Minute)
		ctx := context.Background()
		f.must(f.compose(ctx))
		due, err := f.store.dueDeliveries(ctx, f.now, 10)
		f.must(err)
		for range 2 { // claimed by one only, who is then killed
			got, err := f.store.claim(ctx, due[0].ID, f.now, f.now.Add(3*time.Minute))
			f.must(err)
			if got != (len(f.wire.sent) == 0 && due[0].Attempts == 0) {
				t.Fatalf("claimed: %v", got)
			}
			due[0].Attempts = 1
		}
		f.start()
		f.must(f.Load(ctx))
		if sent := f.after(2 * time.Minute); len(sent) != 0 {
			t.Fatalf("sent while another has it")
		}
		if sent := f.after(5 * time.Minute); len(sent) != 1 || sent[0].ID != due[0].ID {
			t.Fatalf("after the claim ran out: %+v", sent)
		}
	})
}

func TestFactsAreTakenOnceOrNotAtAll(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(nil)
		f.rule(func(*Rule) {})
		ctx := context.Background()
		stop := fmt.Errorf("killed")
		err := f.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			x := opened("so-y-te", "a1", "high")
			x.ID = "f1"
			if _, err := f.take(ctx, tx, []module.Fact{x}); err != nil {
				return err
			}
			return stop // before the facts are marked
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if in := f.inboxOf("an"); len(in) != 0 {
			t.Fatalf("told by a transaction that did not happen: %+v", in)
		}
		f.tell(opened("so-y-te", "a1", "high"), module.Fact{Kind: factOpened, Unit: "so-y-te", Body: []byte(`{"level":"odd"}`)})
		f.deliver()
		if in := f.inboxOf("an"); len(in) != 1 || in[0].Total != 1 {
			t.Errorf("the inbox: %+v", in)
		}
	})
}

func TestQuietHoursDigestAndMutedKinds(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.addresses(func(id string, p *Preferences) {
			switch id {
			case "an":
				p.Quiet = Quiet{From: "22:00", To: "06:00"}
			case "binh":
				p.Digest, p.DigestAt = "daily", "07:30"
			case "admin":
				p.Muted = []string{"source.silent"}
			}
		})
		mail := f.channel("mail")
		f.rule(func(r *Rule) {
			r.Recipients = []Recipient{{Who: WhoUser, ID: "an"}, {Who: WhoUser, ID: "binh"}, {Who: WhoUser, ID: "admin"}}
			r.Channels = []string{mail}
		})
		f.now = time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC) // 23:00 in Vietnam
		f.tell(opened("so-y-te", "a1", "high", func(b *told) { b.Signal = "source.silent" }))
		if got := receivers(f.after(6 * time.Hour)); got != "" {
			t.Errorf("at night: %s", got)
		}
		if got := receivers(f.after(90 * time.Minute)); got != "an@tinh.example" {
			t.Errorf("at 06:30: %s", got)
		}
		if got := receivers(f.after(90 * time.Minute)); got != "binh@tinh.example" {
			t.Errorf("at 08:00: %s", got)
		}
		if in := f.inboxOf("admin"); len(in) != 1 {
			t.Errorf("what is muted is in the inbox all the same: %+v", in)
		}
		f.now = time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
		f.tell(opened("so-y-te", "a2", "critical", func(b *told) { b.Signal = "source.silent" }))
		if got := receivers(f.after(2 * time.Minute)); got != "admin@tinh.example an@tinh.example binh@tinh.example" {
			t.Errorf("what is critical comes at night: %s", got)
		}
	})
}

func TestEarliest(t *testing.T) {
	zone := time.FixedZone("+07", 7*3600)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) } // the 23rd is a Monday
	for _, c := range []struct {
		p        Preferences
		at, want time.Time
	}{
		{Preferences{}, at(23, 10, 0), at(23, 10, 0)},
		{Preferences{Quiet: Quiet{From: "22:00", To: "06:00"}}, at(23, 22, 0), at(24, 6, 0)},
		{Preferences{Quiet: Quiet{From: "22:00", To: "06:00"}}, at(24, 5, 59), at(24, 6, 0)},
		{Preferences{Quiet: Quiet{From: "22:00", To: "06:00"}}, at(24, 6, 0), at(24, 6, 0)},
		{Preferences{Quiet: Quiet{From: "12:00", To: "13:00"}}, at(23, 12, 30), at(23, 13, 0)},
		{Preferences{Quiet: Quiet{Weekend: true}}, at(28, 9, 0), at(30, 0, 0)},
		{Preferences{Quiet: Quiet{From: "22:00", To: "06:00", Weekend: true}}, at(27, 23, 0), at(30, 6, 0)},
		{Preferences{Digest: "hourly"}, at(23, 10, 1), at(23, 11, 0)},
		{Preferences{Digest: "daily", DigestAt: "07:30"}, at(23, 7, 29), at(23, 7, 30)},
		{Preferences{Digest: "daily", DigestAt: "07:30"}, at(23, 7, 30), at(24, 7, 30)},
		{Preferences{Digest: "daily", DigestAt: "07:30", Quiet: Quiet{Weekend: true}}, at(27, 8, 0), at(30, 0, 0)},
	} {
		if got := c.p.earliest(c.at, zone); !got.Equal(c.want) {
			t.Errorf("%+v at %v: %v, want %v", c.p, c.at, got, c.want)
		}
	}
}

func TestWhoMaySetWhat(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		shared := f.channel("mail")
		kinds := func(want fault.Kind, what string, err error) {
			t.Helper()
			if fault.KindOf(err) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		list, err := f.Channels(as("lan"))
		f.must(err)
		if len(list) != 1 || string(list[0].Settings) != "{}" {
			t.Errorf("the centre's shared channel, as a unit sees it: %+v", list)
		}
		hers, err := f.SaveRule(as("lan"), Rule{Setting: Setting{Name: "của tôi", Enabled: true}, MinLevel: "high",
			Recipients: []Recipient{{Who: WhoUser, ID: "lan"}}, Channels: []string{shared}})
		f.must(err)
		_, err = f.SaveRule(as("lan"), Rule{Setting: Setting{Name: "x", Unit: "so-noi-vu"}, MinLevel: "high", Recipients: hers.Recipients})
		kinds(fault.NotFound, "a rule of another unit", err)
		_, err = f.SaveRule(as("lan"), Rule{Setting: Setting{Name: "x"}, MinLevel: "high", Recipients: []Recipient{{Who: WhoUser, ID: "hoa"}}})
		kinds(fault.Invalid, "a user of another unit", err)
		kinds(fault.NotFound, "removing another unit's", f.Remove(as("hoa"), SortRule, hers.ID, hers.Version))
		kinds(fault.Denied, "an analyst", f.Remove(as("an"), SortRule, hers.ID, hers.Version))
		_, err = f.Test(as("lan"), shared, "")
		kinds(fault.NotFound, "testing the centre's channel", err)
		kinds(fault.Conflict, "a channel in use", f.Remove(as("admin"), SortChannel, shared, 1))
		stale := hers
		stale.Version--
		_, err = f.SaveRule(as("lan"), stale)
		kinds(fault.Conflict, "an old version", err)
		rules, err := f.Rules(as("hoa"))
		f.must(err)
		if len(rules) != 0 {
			t.Errorf("Hòa sees %+v", rules)
		}
	})
}

func TestASecretStaysWhereItWasGiven(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		id := f.channel("mail")
		c := *f.settings.Load().channels[id]
		var stored string
		f.must(f.db.NewSelect().Table("notification_settings").ColumnExpr("sealed || body").Where("id = ?", id).Scan(t.Context(), &stored))
		if strings.Contains(stored, "tres-secret") {
			t.Errorf("the database holds the secret: %s", stored)
		}
		c.Settings = json.RawMessage(`{"host":"b"}`)
		if _, err := f.SaveChannel(as("admin"), c, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the secret goes elsewhere: %v", err)
		}
		c.Settings, c.Name = json.RawMessage(`{"host":"a"}`), "tên khác"
		c, err := f.SaveChannel(as("admin"), c, nil)
		f.must(err)
		if failure, err := f.Test(as("admin"), id, "x@tinh.example"); err != nil || failure != nil {
			t.Fatalf("%v %v", failure, err)
		}
		if f.wire.secret != "tres-secret" {
			t.Errorf("sent with %q", f.wire.secret)
		}
		view, err := json.Marshal(f.channelView(module.PrincipalOf(as("admin")))(c))
		f.must(err)
		if strings.Contains(string(view), "tres") || !strings.Contains(string(view), `"hasSecret":true`) {
			t.Errorf("on the wire: %s", view)
		}
		var audit []string
		f.must(f.db.NewSelect().Table("audit_log").Column("detail").Scan(t.Context(), &audit))
		if strings.Contains(strings.Join(audit, " "), "tres-secret") {
			t.Errorf("the audit trail tells the secret: %v", audit)
		}
	})
}

func TestBackoff(t *testing.T) {
	for i, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour} {
		if got := backoff(i+1, 0.5); got != want {
			t.Errorf("after %d attempts %v, want %v", i+1, got, want)
		}
	}
	if low, high := backoff(1, 0), backoff(1, 1); low >= high || low < 20*time.Second || high > 40*time.Second {
		t.Errorf("%v to %v", low, high)
	}
}

func TestInboxIsOnesOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.rule(func(r *Rule) { r.Recipients = append(r.Recipients, Recipient{Who: WhoUser, ID: "binh"}) })
		f.tell(opened("so-y-te", "a1", "high"), opened("so-y-te", "a2", "high", func(b *told) { b.RuleID = "r2" }))
		mine := f.inboxOf("an")
		if len(mine) != 2 {
			t.Fatalf("%+v", mine)
		}
		f.must(f.MarkRead(as("binh"), []string{mine[0].ID}, ""))
		if n, err := f.Unread(as("an")); err != nil || n != 2 {
			t.Errorf("another reads mine: %d %v", n, err)
		}
		f.must(f.MarkRead(as("an"), nil, mine[0].ID))
		if n, err := f.Unread(as("an")); err != nil || n != 0 {
			t.Errorf("%d unread after reading all, %v", n, err)
		}
		if n, err := f.Unread(as("binh")); err != nil || n != 2 {
			t.Errorf("binh has %d unread, %v", n, err)
		}
	})
}

func FuzzNotice(f *testing.F) {
	f.Add([]byte(`{"id":"a","level":"high","titleVi":"x","entity":{"value":"y"},"tags":["t"]}`))
	f.Add([]byte(`{"kind":"exclusion.expiring","level":"low","user":"u"}`))
	s := New(Options{Log: quietLog(), Units: fakeUnits{}, Console: "https://x", Zone: time.UTC})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range factKinds {
			n, _ := s.notice(module.Fact{ID: "f", Kind: kind, Unit: "u", Body: body})
			if n == nil {
				continue
			}
			p := pile{}
			p.add(&n.Item)
			m := s.write(&p, DetailFull, "vi")
			if m.Subject == "" || !strings.Contains(m.Text, s.Console) {
				t.Errorf("%+v", m)
			}
		}
	})
}
