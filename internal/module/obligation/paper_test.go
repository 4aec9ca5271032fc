package obligation

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// hears tells the service of a paper, twice, as the outbox may.
func (f *fixture) hears(p module.Paper) {
	f.t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		f.t.Fatal(err)
	}
	fact := module.Fact{ID: module.NewID(), Kind: module.FactPaper, At: f.clock, Unit: p.Unit, Body: body}
	for range 2 {
		if err := f.hearPaper(context.Background(), fact); err != nil {
			f.t.Fatal(err)
		}
	}
}

func TestADocumentMovesTheObligationItDischarges(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-10-01 08:00")
		f.tells(f.incident(map[string]any{"grave": true}))
		var initial Obligation
		for _, o := range f.list(coordinator, Filter{}) {
			if o.Form == "initial-notice" {
				initial = o
			}
		}
		paper := module.Paper{ID: "d1", Form: "initial-notice", Number: "05/BC-TTANM", Title: "Thông báo ban đầu", Subject: initial.Subject, Obligation: initial.ID,
			Unit: initial.Unit, By: "an", ByName: "An", File: "05-BC-TTANM.docx", Hash: strings.Repeat("ab", 32), Size: 12345}
		state := func() (State, []Step) {
			t.Helper()
			o, steps, err := f.Get(coordinator, initial.ID)
			if err != nil {
				t.Fatal(err)
			}
			return o.State, steps
		}
		goes := func(s module.PaperState, change func(*module.Paper)) {
			t.Helper()
			f.clock = f.clock.Add(time.Hour)
			paper.State, paper.At = s, f.clock
			if change != nil {
				change(&paper)
			}
			f.hears(paper)
		}

		goes(module.PaperApproved, nil)
		if s, steps := state(); s != Prepared || len(steps) != 1 || steps[0].By != "An" || steps[0].Proof.Number != "05/BC-TTANM" {
			t.Fatalf("approved: %s %+v", s, steps)
		}
		goes(module.PaperWithdrawn, nil)
		if s, _ := state(); s != Pending {
			t.Fatalf("withdrawn before it was sent: %s", s)
		}
		goes(module.PaperApproved, func(p *module.Paper) { p.ID, p.Number = "d2", "06/BC-TTANM" })
		goes(module.PaperSent, func(p *module.Paper) { p.Channel, p.Receiver = "official-mail", "truc@bca.example" })
		s, steps := state()
		last := steps[len(steps)-1]
		if s != Sent || last.Proof.Hash != paper.Hash || last.Proof.Receiver != "truc@bca.example" || !last.At.Equal(f.clock) {
			t.Fatalf("sent: %s %+v", s, last)
		}
		goes(module.PaperAcknowledged, func(p *module.Paper) { p.Receipt = "Số đến 812" })
		if s, _ = state(); s != Acknowledged {
			t.Fatalf("acknowledged: %s", s)
		}
		// What comes later is noted and moves nothing back.
		goes(module.PaperWithdrawn, nil)
		if s, steps = state(); s != Acknowledged || steps[len(steps)-1].Verb != Note {
			t.Fatalf("withdrawn after it was confirmed: %s %+v", s, steps[len(steps)-1])
		}
	})
}

func TestADocumentDoesNotMoveWhatIsNotItsOwn(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), "2026-10-01 08:00")
	f.tells(f.incident(map[string]any{"grave": true}))
	o := f.list(coordinator, Filter{})[0]
	paper := module.Paper{ID: "d1", Number: "1/BC", Obligation: o.ID, Unit: o.Unit, State: module.PaperSent, At: f.clock, Channel: "portal", Receiver: "x", Hash: strings.Repeat("0", 64)}
	for name, change := range map[string]func(*module.Paper){
		"of a drill":               func(p *module.Paper) { p.Drill = true },
		"of another unit":          func(p *module.Paper) { p.Unit = "so-noi-vu" },
		"of nothing":               func(p *module.Paper) { p.Obligation = "none" },
		"with no proof of sending": func(p *module.Paper) { p.Channel = "" },
	} {
		p := paper
		change(&p)
		f.hears(p)
		if got, _, _ := f.Get(coordinator, o.ID); got.State != Pending {
			t.Errorf("a paper %s made it %s", name, got.State)
		}
	}
	f.hears(paper)
	if got, _, _ := f.Get(coordinator, o.ID); got.State != Sent {
		t.Errorf("its own paper left it %s", got.State)
	}
}

func TestRecipientsHaveAddressesThatAdministratorsEnter(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-10-01 08:00")
		list, err := f.Addressees(officer)
		if err != nil || len(list) < 5 || list[0].Address != "" {
			t.Fatalf("%v %+v", err, list)
		}
		a := list[0]
		a.Address, a.Channel, a.Contact = " truc-ban@bca.example ", "official-mail", "Trực ban"
		if _, err := f.Readdress(coordinator, a); code(err) != "permission.denied" {
			t.Errorf("a coordinator: %v", err)
		}
		saved, err := f.Readdress(admin, a)
		if err != nil || saved.Address != "truc-ban@bca.example" || saved.Version != 1 {
			t.Fatalf("%v %+v", err, saved)
		}
		if _, err := f.Readdress(admin, a); code(err) != "recipient.changed" {
			t.Errorf("saved over what somebody else saved: %v", err)
		}
		if list, _ = f.Addressees(officer); list[0].Address != "truc-ban@bca.example" {
			t.Errorf("%+v", list[0])
		}
		for field, change := range map[string]func(*Addressee){
			"recipient.channel": func(a *Addressee) { a.Channel = "pigeon" },
			"recipient.address": func(a *Addressee) { a.Address = "" },
			"recipient.unknown": func(a *Addressee) { a.ID = "none" },
		} {
			b := saved
			change(&b)
			if _, err := f.Readdress(admin, b); code(err) != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}
