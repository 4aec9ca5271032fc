package dossier

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
)

func TestADossierGoesThroughThreeHands(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.ready(officer, "s1", level3())
		if d.Code != "HS-2026-0001" || d.Level != 3 || d.State.Status() != "Đang dự thảo" {
			t.Errorf("%+v", d)
		}
		d = f.take(officer, d, Send)
		if got := f.reg.find("s1"); got.Proposed != 3 || got.Level != 0 {
			t.Errorf("the register has %+v", got)
		}
		// 5 working days from Monday 23 November: until the end of Monday the 30th.
		if d.State.Status() != "Đã gửi thẩm định" || d.Clock != ClockCheck || !d.DueAt.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s %s until %s", d.State, d.Clock, d.DueAt)
		}
		d = f.take(appraiser, d, Accept)
		if d.Clock != ClockAppraise || !d.DueAt.Equal(time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s until %s", d.Clock, d.DueAt)
		}
		d = f.take(appraiser, d, Judge)
		if d.State.Status() != "Đã thẩm định" || d.Clock != ClockApprove {
			t.Errorf("%+v", d)
		}
		_, err := f.try(leader, d, Approve)
		f.is(err, "dossier.regulation")
		f.regulate("s1")
		d = f.take(leader, d, Approve)
		if d.State.Status() != "Đã được phê duyệt" || d.Decision != paperOf("12/QĐ-UBND") || d.Clock != "" || !d.DueAt.IsZero() {
			t.Errorf("%+v", d)
		}
		if got := f.reg.find("s1").Level; got != 3 {
			t.Errorf("the register has level %d", got)
		}
		if got := f.told(FactApproved); len(got) != 1 || !strings.Contains(got[0], `"level":3`) {
			t.Errorf("told %v", got)
		}
		want := []string{"so-y-te dossier.sent +appraiser", string(event.CentreUnit) + " dossier.sent +appraiser", "so-y-te dossier.judged +unit-head+leader",
			string(event.CentreUnit) + " dossier.judged +unit-head+leader", "so-y-te dossier.approved minh"}
		if got := f.notices(); !slices.Equal(got, want) {
			t.Errorf("notices %q", got)
		}
		steps, err := f.store.steps(context.Background(), d.ID)
		if err != nil || len(steps) != 4 || steps[3].By != "LONG" || steps[3].Paper.Number != "12/QĐ-UBND" {
			t.Errorf("%+v %v", steps, err)
		}
	})
}

func TestWhoSendsDoesNotJudgeAndWhoJudgesDoesNotDecide(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.regulate("s2")
		d := f.ready(admin, "s2", level3())
		d = f.take(admin, d, Send)
		_, err := f.try(admin, d, Accept)
		f.is(err, "dossier.hands")
		d = f.take(appraiser, d, Accept)
		_, err = f.try(admin, d, Judge)
		f.is(err, "dossier.hands")
		d = f.take(as("binh2", module.RoleAdministrator, event.CentreUnit), d, Judge)
		for _, who := range []context.Context{admin, as("binh2", module.RoleAdministrator, event.CentreUnit)} {
			_, err = f.try(who, d, Approve)
			f.is(err, "dossier.hands")
		}
		f.take(leader, d, Approve)
	})
}

func TestRolesAndUnits(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.ready(operator, "s1", level3()) // the operator writes
		_, err := f.Get(stranger, d.ID)
		f.is(err, "dossier.unknown")
		_, err = f.try(stranger, d, Send)
		f.is(err, "dossier.unknown")
		_, err = f.Create(stranger, Begin{System: "s2"})
		f.is(err, "system.unknown")
		_, err = f.Create(appraiser, Begin{System: "s2"})
		f.is(err, "permission.denied")
		_, err = f.try(auditor, d, Send)
		f.is(err, "permission.denied")
		d = f.take(operator, d, Send)
		_, err = f.try(officer, d, Accept)
		f.is(err, "permission.denied")
		d = f.take(appraiser, d, Accept)
		_, err = f.try(appraiser, f.take(appraiser, d, Judge), Approve)
		f.is(err, "permission.denied")
		for who, want := range map[context.Context]int{officer: 1, operator: 1, stranger: 0, auditor: 1} {
			list, _, err := f.List(who, Filter{})
			if err != nil || len(list) != want {
				t.Errorf("%s sees %d dossiers, want %d: %v", module.PrincipalOf(who).Name, len(list), want, err)
			}
		}
		if _, _, err := f.List(context.Background(), Filter{}); err == nil {
			t.Error("nobody lists dossiers")
		}
	})
}

func TestAUnitThatOperatesTheSystemNeedsACouncil(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.take(admin, f.ready(admin, "s3", level3()), Send) // operated by the centre
		d = f.take(appraiser, d, Accept)
		_, err := f.try(appraiser, d, Judge)
		f.is(err, "dossier.council")
		d = f.take(appraiser, d, Council)
		if d.State != Appraising || d.Council.Number == "" {
			t.Errorf("%+v", d)
		}
		f.take(appraiser, d, Judge)
	})
}

func TestAnOwnerThatOperatesItsSystemNeedsACouncil(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		own := f.reg.find("s3")
		own.Unit, own.Operator, own.OperatorName = event.CentreUnit, "", "" // nobody else is named
		d := f.take(appraiser, f.take(admin, f.ready(admin, "s3", level3()), Send), Accept)
		_, err := f.try(appraiser, d, Judge)
		f.is(err, "dossier.council")

		// An outside party operates s2, another unit's.
		d = f.take(appraiser, f.take(officer, f.ready(officer, "s2", level3()), Send), Accept)
		f.take(appraiser, d, Judge)
	})
}

func TestWhoOnlyOperatesASystemDoesNotDecideOnIt(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.regulate("s1")
		d := f.take(appraiser, f.take(operator, f.ready(operator, "s1", level3()), Send), Accept)
		d = f.take(appraiser, d, Judge)
		for _, v := range []Verb{Approve, Return} {
			_, err := f.try(as("giam-doc", module.RoleUnitHead, "tt-yte"), d, v)
			f.is(err, "dossier.owner")
		}
		if verbs := d.verbs(module.PrincipalOf(as("giam-doc", module.RoleUnitHead, "tt-yte"))); slices.Contains(verbs, string(Approve)) {
			t.Errorf("the operator's head is offered %v", verbs)
		}
		f.take(as("giam-doc-so", module.RoleUnitHead, "so-y-te", "tt-yte"), d, Approve)
	})
}

func TestAPaperIsNotOlderThanWhatItRestsOn(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.regulate("s3")
		d := f.take(appraiser, f.take(admin, f.ready(admin, "s3", level3()), Send), Accept)
		of := func(day module.Date) Decision { return Decision{"9/QĐ", day, "UBND tỉnh"} }
		d = must[Dossier](f)(f.Take(appraiser, d.ID, Do{Verb: Council, Paper: of("2026-11-10"), Version: d.Version}))
		_, err := f.Take(appraiser, d.ID, Do{Verb: Judge, Paper: of("2026-11-09"), Version: d.Version})
		f.is(err, "dossier.order")
		d = must[Dossier](f)(f.Take(appraiser, d.ID, Do{Verb: Judge, Paper: of("2026-11-20"), Version: d.Version}))
		_, err = f.Take(leader, d.ID, Do{Verb: Approve, Paper: of("2026-11-19"), Version: d.Version})
		f.is(err, "dossier.order")
		must[Dossier](f)(f.Take(leader, d.ID, Do{Verb: Approve, Paper: of("2026-11-20"), Version: d.Version}))
	})
}

func TestADossierThatLacksSomethingIsNotSent(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := must[Dossier](f)(f.Create(officer, Begin{System: "s1"}))
		_, err := f.try(officer, d, Send)
		f.is(err, "dossier.incomplete")
		for _, text := range []string{"design (missing)", "plan (missing)", "justification (open)"} {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%q does not name %s", err, text)
			}
		}
		d = must[Dossier](f)(f.Answer(officer, d.ID, level.Current, level3(), d.Version))
		f.file(officer, &d, "design", "2026-11-22")
		f.file(officer, &d, "plan", "2026-11-23")
		d = must[Dossier](f)(f.Get(officer, d.ID))
		_, err = f.try(officer, d, Send)
		if f.is(err, "dossier.incomplete"); err != nil && (!strings.Contains(err.Error(), "design (expired)") || strings.Contains(err.Error(), "plan")) {
			t.Error(err)
		}
		f.file(officer, &d, "design", "")
		d = f.take(officer, must[Dossier](f)(f.Get(officer, d.ID)), Send)
		_, err = f.AddFile(officer, d.ID, FileFacts{"x", "other", ""}, strings.NewReader("x"))
		f.is(err, "dossier.state")
		_, err = f.Answer(officer, d.ID, level.Current, level3(), d.Version)
		f.is(err, "dossier.state")
	})
}

func TestLevel4NeedsAnOpinion(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.ready(officer, "s1", level.Answers{"type": {"infrastructure"}, "reach": {"national"}, "central": {"no"}})
		_, err := f.try(officer, d, Send)
		f.is(err, "dossier.incomplete")
		f.file(officer, &d, "opinion", "")
		d = f.take(officer, must[Dossier](f)(f.Get(officer, d.ID)), Send)
		d = f.take(appraiser, d, Accept)
		if want := (weekdays{}).AfterWorkingDays(f.clock, 25); !d.DueAt.Equal(want) {
			t.Errorf("appraised until %s, want %s", d.DueAt, want)
		}
	})
}

func TestAReturnedDossierIsADraftWithRemarks(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.take(officer, f.ready(officer, "s1", level3()), Send)
		_, err := f.Take(appraiser, d.ID, Do{Verb: Return, Note: "thiếu", Version: d.Version})
		f.is(err, "dossier.reason")
		d = f.take(appraiser, d, Return)
		if d.State != Draft || d.Remarks != "cần bổ sung sơ đồ mạng" || !d.Sender.At.IsZero() || !d.DueAt.IsZero() {
			t.Errorf("%+v", d)
		}
		if got := f.notices(); got[len(got)-1] != "so-y-te dossier.returned minh" {
			t.Errorf("notices %q", got)
		}
		d = f.take(appraiser, f.take(appraiser, f.take(officer, d, Send), Accept), Judge)
		if d.Remarks != "" {
			t.Errorf("old remarks: %q", d.Remarks)
		}
		_, err = f.try(appraiser, d, Return)
		f.is(err, "permission.denied") // what waits for the decision is returned by who decides
		if d = f.take(leader, d, Return); d.State != Draft {
			t.Errorf("%+v", d)
		}
		_, err = f.Take(officer, d.ID, Do{Verb: Send, Version: d.Version - 1})
		f.is(err, "dossier.changed")
		if d = f.take(officer, d, Withdraw); d.State.Open() {
			t.Errorf("%+v", d)
		}
	})
}

func TestALevelIsDeterminedAnewByAnotherDossier(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.ready(officer, "s1", level3())
		_, err := f.Create(officer, Begin{System: "s1"})
		f.is(err, "dossier.open")
		d = f.approved(d)
		_, err = f.Create(officer, Begin{System: "s1"})
		f.is(err, "dossier.trigger")
		_, err = f.Create(officer, Begin{System: "s1", Trigger: "whim"})
		f.is(err, "dossier.trigger")
		if got := must[[]level.Trigger](f)(f.Triggers(officer, &d)); len(got) != 0 {
			t.Errorf("nothing changed, yet %v", got)
		}
		f.aspects = map[level.Aspect]string{level.Purpose: "một cửa và thanh toán"}
		if got := must[[]level.Trigger](f)(f.Triggers(officer, &d)); len(got) != 1 || got[0].ID != "change" {
			t.Errorf("another purpose calls for %v", got)
		}
		next := must[Dossier](f)(f.Create(officer, Begin{System: "s1", Trigger: "change", Reason: "thêm thanh toán"}))
		if next.Level != 3 || next.Answers["service"][0] != "procedure" || next.Code != "HS-2026-0002" {
			t.Errorf("it does not begin where the last one ended: %+v", next)
		}
	})
}

func TestAFileProvesInSeveralDossiers(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		a := must[Dossier](f)(f.Create(officer, Begin{System: "s1"}))
		b := must[Dossier](f)(f.Create(officer, Begin{System: "s2"}))
		other := must[Dossier](f)(f.Create(stranger, Begin{System: "s3"}))
		x := f.file(officer, &a, "plan", "2027-01-01")
		if len(x.SHA256) != 64 || x.Size != int64(len("tệp plan")) {
			t.Error(x.SHA256)
		}
		if got := must[[]File](f)(f.Reusable(officer, b.ID)); len(got) != 1 || got[0].ID != x.ID || got[0].Part != "plan" {
			t.Errorf("%+v", got)
		}
		if err := f.Attach(officer, b.ID, x.ID, "plan"); err != nil {
			t.Fatal(err)
		}
		f.is(f.Attach(stranger, other.ID, x.ID, "plan"), "dossier.file-unknown")
		f.is(f.Attach(officer, b.ID, x.ID, "overview"), "dossier.part")
		// Who only operates a system does not see what else the owner has.
		own := must[Dossier](f)(f.Get(operator, a.ID))
		if got := must[[]File](f)(f.Reusable(operator, own.ID)); len(got) != 0 {
			t.Errorf("the operator is offered %+v", got)
		}
		if err := f.Detach(officer, a.ID, x.ID); err != nil {
			t.Fatal(err)
		}
		f.is(f.Detach(officer, a.ID, x.ID), "dossier.file-unknown")
		_, _, err := f.File(officer, a.ID, x.ID)
		f.is(err, "dossier.file-unknown")
		_, body, err := f.File(officer, b.ID, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		if text, _ := io.ReadAll(body); string(text) != "tệp plan" {
			t.Errorf("%q", text)
		}
		if err := f.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := must[[]File](f)(f.Files(officer, b.ID)); len(got) != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestALateDossierIsToldOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := f.take(officer, f.ready(officer, "s1", level3()), Send)
		before := len(f.notices())
		ctx := context.Background()
		if err := f.Tick(ctx); err != nil || len(f.notices()) != before {
			t.Fatalf("in time: %v %v", f.notices()[before:], err)
		}
		f.clock = d.DueAt
		for range 2 {
			if err := f.Tick(ctx); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"so-y-te dossier.late +appraiser+coordinator", string(event.CentreUnit) + " dossier.late +appraiser+coordinator"}
		if got := f.notices()[before:]; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if list, _, err := f.List(auditor, Filter{Late: true}); err != nil || len(list) != 1 {
			t.Errorf("%d late, %v", len(list), err)
		}
	})
}

func TestNamesFollowTheRegister(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		done := f.approved(f.ready(officer, "s1", level3()))
		open := f.ready(officer, "s2", level3())
		for _, id := range []string{"s1", "s2"} {
			r := f.reg.find(id)
			for _, name := range []string{r.Name, "Tên mới"} {
				r.Name = name
				fact, err := r.Fact()
				if err != nil {
					t.Fatal(err)
				}
				if err := f.hear(context.Background(), fact); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := must[Dossier](f)(f.Get(officer, open.ID)); got.SystemName != "Tên mới" || got.Version != open.Version+1 {
			t.Errorf("%q version %d after %d", got.SystemName, got.Version, open.Version)
		}
		if got := must[Dossier](f)(f.Get(officer, done.ID)); got.SystemName != "Một cửa điện tử" {
			t.Errorf("what was decided is renamed: %q", got.SystemName)
		}
	})
}

func TestPagesOfTheList(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for _, id := range []string{"s1", "s2", "s3"} {
			must[Dossier](f)(f.Create(admin, Begin{System: id}))
		}
		var codes []string
		for after := ""; ; {
			list, next, err := f.List(auditor, Filter{Limit: 1, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range list {
				codes = append(codes, d.Code)
			}
			if after = next; after == "" {
				break
			}
		}
		if !slices.Equal(codes, []string{"HS-2026-0003", "HS-2026-0002", "HS-2026-0001"}) {
			t.Error(codes)
		}
		for text, want := range map[string]int{"cong thong tin": 1, "HT-0003": 1, "%": 0} {
			if list, _, err := f.List(auditor, Filter{Text: text}); err != nil || len(list) != want {
				t.Errorf("%q finds %d, want %d: %v", text, len(list), want, err)
			}
		}
		_, _, err := f.List(auditor, Filter{After: "x"})
		f.is(err, "dossier.cursor")
	})
}
