package warning

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// proofSum is the SHA-256 sum of "proof".
const proofSum = "c1cda26362828b69266512052b97cb3729e3b052e4ade47c0a1e3383defe73c7"

const done = "Đã cập nhật bản vá trên 2 máy chủ"

func both(x *WarningFacts) { x.Choice.Under = []event.UnitID{"so-y-te", "so-noi-vu"} }

func TestAUnitSeesItsOwnCopyOnly(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.published(facts(both))
		mine, _, err := f.Mine(officer, CopyFilter{})
		if err != nil || len(mine) != 1 || mine[0].Unit != "so-y-te" {
			t.Errorf("mine: %v %+v", err, mine)
		}
		if all, _, err := f.Mine(auditor, CopyFilter{}); err != nil || len(all) != 3 {
			t.Errorf("the centre sees %d copies: %v", len(all), err)
		}
		if _, _, _, err := f.Copy(officer, w.ID, "so-noi-vu"); code(err) != "warning.unknown" {
			t.Errorf("another unit's copy: %v", err)
		}
		_, _, _, there := f.Copy(officer, w.ID, "so-noi-vu")
		_, _, _, gone := f.Copy(officer, w.ID, "no-such-unit")
		if there.Error() != gone.Error() {
			t.Errorf("that another unit has a copy can be told: %v, %v", there, gone)
		}
		if _, err := f.Acknowledge(officer, w.ID, "so-noi-vu"); code(err) != "warning.unknown" {
			t.Errorf("another unit's copy is acknowledged: %v", err)
		}
		for name, ask := range map[string]func() error{
			"the warning":  func() error { _, err := f.Get(officer, w.ID); return err },
			"the audience": func() error { _, _, _, err := f.Audience(officer, w.ID); return err },
			"the copies":   func() error { _, err := f.Copies(officer, w.ID); return err },
			"the list":     func() error { _, _, err := f.List(officer, Filter{}); return err },
		} {
			if err := ask(); code(err) != "permission.denied" {
				t.Errorf("%s is shown to a unit: %v", name, err)
			}
		}
		for _, line := range f.told(FactSent) {
			unit, body, _ := strings.Cut(line, ": ")
			for _, other := range []string{"so-y-te", "so-noi-vu", "xa-an-phu"} {
				if other != unit && strings.Contains(body, other) {
					t.Errorf("the fact for %s names %s: %s", unit, other, body)
				}
			}
		}
	})
}

func TestAUnitAnswersWithEvidence(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.published(facts())
		f.pass(time.Hour)
		r := must[Received](f)(f.Acknowledge(officer, w.ID, "so-y-te"))
		if !r.AckAt.Equal(f.clock) || r.AckName != "MINH" {
			t.Errorf("acknowledged: %+v", r.Copy)
		}
		if _, err := f.Acknowledge(officer, w.ID, "so-y-te"); code(err) != "warning.acknowledged" {
			t.Errorf("twice: %v", err)
		}
		if _, err := f.Answer(officer, w.ID, "so-y-te", Fixed, "ok"); code(err) != "warning.evidence" {
			t.Errorf("without evidence: %v", err)
		}
		if _, err := f.Answer(officer, w.ID, "so-y-te", "maybe", done); code(err) != "warning.answer" {
			t.Errorf("another answer: %v", err)
		}
		if _, err := f.Answer(auditor, w.ID, "so-y-te", Fixed, done); code(err) != "permission.denied" {
			t.Errorf("an auditor answers: %v", err)
		}
		before := len(f.notices())
		must[Received](f)(f.Answer(officer, w.ID, "so-y-te", NeedHelp, "Chưa có bản vá cho phiên bản này"))
		must[Received](f)(f.Reply(analyst, w.ID, "so-y-te", "Trung tâm cử cán bộ xuống ngày mai"))
		r = must[Received](f)(f.Answer(officer, w.ID, "so-y-te", Fixed, done))
		if want := []string{"centre warning.help coordinator+analyst", "so-y-te warning.answer security-officer", "centre warning.answer analyst"}; !slices.Equal(after(f.notices(), before), want) {
			t.Errorf("told: %v", after(f.notices(), before))
		}
		if !r.Open || r.Recheck.State != "waiting" || !r.Recheck.At.Equal(f.clock.Add(24*time.Hour)) {
			t.Errorf("said to be fixed: %+v", r.Copy)
		}
		_, steps, _, err := f.Copy(officer, w.ID, "so-y-te")
		var kinds []string
		for _, x := range steps {
			kinds = append(kinds, string(x.Kind))
		}
		if want := []string{"sent", "acknowledge", "answer", "reply", "answer"}; err != nil || !slices.Equal(kinds, want) || steps[4].Text != done || steps[4].By != "MINH" {
			t.Errorf("history: %v %v", err, kinds)
		}
	})
}

func TestFilesOfProof(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	w := f.published(facts(both))
	x, err := f.AddFile(officer, w.ID, "so-y-te", `C:\anh\man hinh.png`, strings.NewReader("proof"))
	if err != nil || x.Name != "man hinh.png" || x.Size != 5 || x.SHA256 != proofSum {
		t.Fatalf("added: %v %+v", err, x)
	}
	_, in, err := f.File(analyst, w.ID, "so-y-te", x.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil || string(text) != "proof" || in.Close() != nil {
		t.Errorf("read: %v %q", err, text)
	}
	for name, ask := range map[string]func() error{
		"by another unit":            func() error { _, _, err := f.File(stranger, w.ID, "so-y-te", x.ID); return err },
		"under another unit's copy":  func() error { _, _, err := f.File(stranger, w.ID, "so-noi-vu", x.ID); return err },
		"by a path":                  func() error { _, _, err := f.File(officer, w.ID, "so-y-te", "../"+x.ID); return err },
		"added to another unit's":    func() error { _, err := f.AddFile(officer, w.ID, "so-noi-vu", "x", strings.NewReader("x")); return err },
		"added to what is not there": func() error { _, err := f.AddFile(officer, "none", "so-y-te", "x", strings.NewReader("x")); return err },
	} {
		if err := ask(); code(err) != "warning.unknown" {
			t.Errorf("a file %s: %v", name, err)
		}
	}
	if _, err := f.AddFile(officer, w.ID, "so-y-te", "x", bytes.NewReader(make([]byte, maxFileBytes+1))); code(err) != "warning.file-large" {
		t.Errorf("too large: %v", err)
	}
	if _, err := f.AddFile(officer, w.ID, "so-y-te", "x", strings.NewReader("")); code(err) != "warning.file-empty" {
		t.Errorf("empty: %v", err)
	}
	left, err := os.ReadDir(f.Dir)
	if err != nil || len(left) != 1 {
		t.Errorf("what was refused stays on disk: %v %v", err, left)
	}
	if err := f.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(f.Dir); len(left) != 1 {
		t.Errorf("after a restart: %v", left)
	}
}

// fixed is a warning that so-y-te says it has dealt with.
func (f *fixture) fixed(change ...func(*WarningFacts)) Warning {
	f.t.Helper()
	w := f.published(facts(change...))
	f.pass(time.Hour)
	must[Received](f)(f.Answer(officer, w.ID, "so-y-te", Fixed, done))
	return w
}

func (f *fixture) chase() Received {
	f.t.Helper()
	if err := f.Chase(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	all, _, err := f.Mine(officer, CopyFilter{Status: "any"})
	if err != nil || len(all) == 0 {
		f.t.Fatalf("%v %v", err, all)
	}
	return all[0]
}

func TestWhatIsSaidToBeFixedIsCheckedAgain(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.fixed()
		f.lake.records = []stored{{"so-y-te", f.clock.Add(-30 * time.Minute), "before: 203.0.113.9"}, {"so-y-te", f.clock.Add(time.Hour), "all is well"},
			{"so-noi-vu", f.clock.Add(time.Hour), "elsewhere: 203.0.113.9"}}
		f.pass(23 * time.Hour)
		// Who is impatient settles nothing.
		r := must[Received](f)(f.Recheck(analyst, w.ID, "so-y-te"))
		if !r.Open || r.Recheck.State != "waiting" {
			t.Errorf("checked before the time is over: %+v", r.Recheck)
		}
		if r = f.chase(); !r.Open {
			t.Errorf("settled before the time is over: %+v", r.Copy)
		}
		f.pass(2 * time.Hour)
		if r = f.chase(); r.Open || r.Settled != "recheck" || r.Recheck.State != "clean" || !r.Recheck.To.Equal(f.clock) || r.Recheck.Query == "" {
			t.Errorf("clean: %+v", r.Copy)
		}
		if w := must[Warning](f)(f.Get(analyst, w.ID)); w.State != Closed {
			t.Errorf("with its last copy the warning is %s", w.State)
		}
	})
}

func TestACheckThatFindsItAsksTheUnitAgain(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.fixed()
		f.lake.records = []stored{{"so-y-te", f.clock.Add(time.Hour), "still: 203.0.113.9"}}
		f.pass(24 * time.Hour)
		before := len(f.notices())
		if r := f.chase(); !r.Open || r.Recheck.State != "found" || r.Recheck.Events != 1 || r.Answer != "" {
			t.Errorf("found: %+v", r.Copy)
		}
		if got := after(f.notices(), before); !slices.Equal(got, []string{"so-y-te warning.reminder security-officer+unit-head"}) {
			t.Errorf("told: %v", got)
		}
	})
}

func TestSilenceProvesNothing(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	w := f.fixed()
	f.pass(24 * time.Hour)
	if r := f.chase(); !r.Open || r.Recheck.State != "silent" {
		t.Errorf("nothing came in at all: %+v", r.Copy)
	}
	if _, err := f.Settle(analyst, w.ID, "so-y-te", "đã xem"); code(err) != "warning.reason" {
		t.Errorf("settled without a reason: %v", err)
	}
	if _, err := f.Settle(officer, w.ID, "so-y-te", "Chúng tôi đã tự kiểm tra"); code(err) != "permission.denied" {
		t.Errorf("a unit settles its own: %v", err)
	}
	if r := must[Received](f)(f.Settle(analyst, w.ID, "so-y-te", "Đã kiểm tra tại chỗ ngày 21/11")); r.Open || r.Settled != "person" || r.SettledBy != "LAN" {
		t.Errorf("settled: %+v", r.Copy)
	}
	r := must[Received](f)(f.Reopen(analyst, w.ID, "so-y-te", "Phát hiện còn một máy chủ"))
	if !r.Open || r.Answer != "" || r.State != Published {
		t.Errorf("reopened: %+v", r)
	}
}

func TestAScanIsEnteredByHand(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	w := f.fixed()
	if _, err := f.Scan(analyst, w.ID, "so-y-te", false, w.PublishedAt.Add(-time.Hour), "Quét bằng công cụ A"); code(err) != "warning.scan-time" {
		t.Errorf("a scan from before the warning: %v", err)
	}
	if r := must[Received](f)(f.Scan(analyst, w.ID, "so-y-te", true, time.Time{}, "Quét bằng công cụ A")); !r.Open || r.Answer != "" || r.Recheck.State != "found" {
		t.Errorf("found: %+v", r.Copy)
	}
	if r := must[Received](f)(f.Scan(analyst, w.ID, "so-y-te", false, time.Time{}, "Quét bằng công cụ A")); r.Open || r.Settled != "scan" {
		t.Errorf("clean: %+v", r.Copy)
	}
}

func TestWhoDoesNotAnswerIsChased(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		w := f.published(facts()) // 10 hours to acknowledge, 100 to fix
		told := len(f.notices())
		at := func(hours float64, want ...string) {
			t.Helper()
			f.clock = w.PublishedAt.Add(time.Duration(hours * float64(time.Hour)))
			f.chase()
			f.chase() // said once
			if got := after(f.notices(), told); !slices.Equal(got, want) {
				t.Errorf("after %v hours: %v, want %v", hours, got, want)
			}
			told = len(f.notices())
		}
		at(7.9)
		at(8, "so-y-te warning.reminder security-officer")
		at(10, "so-y-te warning.overdue security-officer+unit-head")
		at(15, "centre warning.overdue coordinator")
		must[Received](f)(f.Acknowledge(officer, w.ID, "so-y-te"))
		at(79)
		// Of reminders that were missed only the last is given.
		at(150, "centre warning.overdue coordinator")
		at(1000)
	})
}

func TestADrillIsMarkedAndCountedApart(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	d := f.handedIn(facts(), true)
	must[Warning](f)(f.Publish(leader, d.ID, d.Version))
	for _, line := range f.told(module.FactNotice) {
		if !strings.Contains(line, `"drill":true`) {
			t.Errorf("a notice of a drill: %s", line)
		}
	}
	if m := f.told(module.FactMatter); !strings.Contains(m[0], `"drill":true`) {
		t.Errorf("a matter of a drill: %v", m)
	}
	from, to := f.clock.Add(-time.Hour), f.clock.Add(time.Hour)
	if x := must[Figures](f)(f.Figures(analyst, from, to, false)); x.All.Copies != 0 {
		t.Errorf("a drill is counted: %+v", x.All)
	}
	if x := must[Figures](f)(f.Figures(analyst, from, to, true)); x.All.Copies != 1 {
		t.Errorf("a drill is not counted among drills: %+v", x.All)
	}
	if list, _, err := f.Mine(officer, CopyFilter{}); err != nil || len(list) != 0 {
		t.Errorf("a drill among real ones: %v %v", err, list)
	}
}

func TestWhatIsMarkedRedIsNamedByItsNumberAlone(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.published(facts(func(x *WarningFacts) { x.TLP = "RED" }))
	for _, line := range f.told(module.FactNotice) {
		if strings.Contains(line, "Exchange") {
			t.Errorf("a message tells the title: %s", line)
		}
	}
}

func TestTheFiguresOfEachUnit(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		start := f.clock
		for _, hours := range []int{1, 2, 30} { // until so-y-te is done; acknowledged in half of it
			w := f.published(facts(both))
			f.pass(time.Duration(hours) * time.Hour / 2)
			must[Received](f)(f.Acknowledge(officer, w.ID, "so-y-te"))
			f.pass(time.Duration(hours) * time.Hour / 2)
			must[Received](f)(f.Answer(officer, w.ID, "so-y-te", Fixed, done))
			must[Received](f)(f.Settle(analyst, w.ID, "so-y-te", "Đã kiểm tra tại chỗ"))
		}
		x := must[Figures](f)(f.Figures(auditor, start, f.clock.Add(time.Hour), false))
		p := x.Units["so-y-te"]
		if p.Copies != 3 || p.Acknowledged != 3 || p.Fixed != 3 || p.AckMedian != time.Hour || p.AckP90 != 15*time.Hour || p.FixMedian != 2*time.Hour || p.FixP90 != 30*time.Hour || p.LateAck != 1 {
			t.Errorf("so-y-te: %+v", p)
		}
		if p := x.Units["so-noi-vu"]; p.Copies != 3 || p.Acknowledged != 0 || p.AckMedian != 0 || p.LateAck != 3 {
			t.Errorf("so-noi-vu: %+v", p)
		}
		if x.All.Copies != 9 || x.Order[0] == "so-y-te" {
			t.Errorf("all: %+v %v", x.All, x.Order)
		}
		if x := must[Figures](f)(f.Figures(officer, start, f.clock.Add(time.Hour), false)); len(x.Units) != 1 || x.All.Copies != 3 {
			t.Errorf("a unit counts others: %+v", x)
		}
	})
}
