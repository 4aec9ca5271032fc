package document

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func code(err error) string {
	var e *fault.Error
	if errors.As(err, &e) && e.Code != "" {
		return e.Code
	}
	if err == nil {
		return ""
	}
	return fault.KindOf(err).String()
}

// world is what the service sees of its siblings.
type world struct {
	addresses map[string]string
	cases     map[string]Case
}

func (*world) Name(id event.UnitID) string {
	if id == event.CentreUnit {
		return "Trung tâm An ninh mạng tỉnh"
	}
	return "Sở " + string(id)
}
func (w *world) Below(event.UnitID) []event.UnitID { return nil }
func (w *world) Reached(id event.UnitID) string    { return w.addresses[string(id)] }

func (w *world) Case(ctx context.Context, kind, id string) (Case, error) {
	if kind == "date" {
		return Case{Subject: module.Subject{Kind: "date", ID: id}, Unit: module.PrincipalOf(ctx).Unit, Fields: paper.Values{"year.number": id[:4], "year.incidents": "of " + string(module.PrincipalOf(ctx).Unit)}}, nil
	}
	c, ok := w.cases[id]
	if !ok || !module.PrincipalOf(ctx).Sees(c.Unit) {
		return c, fault.New(fault.NotFound, "no such incident").WithCode("incident.unknown")
	}
	return c, nil
}

func (w *world) Owed(_ context.Context, id string) (Owed, error) {
	if id == "y1" {
		return Owed{ID: "y1", Form: "yearly-report", Subject: module.Subject{Kind: "date", ID: "2026-11-15", Code: "2026-11-15"}, Unit: "so-y-te", Title: "Báo cáo năm"}, nil
	}
	if id != "o1" {
		return Owed{}, fault.New(fault.NotFound, "no such obligation")
	}
	return Owed{ID: "o1", Form: "initial-notice", Recipient: "mps", Subject: w.cases["i1"].Subject, Unit: "so-y-te", Title: "Thông báo ban đầu trong 24 giờ"}, nil
}

func (w *world) Addressees(context.Context) ([]Addressee, error) {
	return []Addressee{{ID: "mps", Vi: "Lực lượng chuyên trách, Bộ Công an", Address: w.addresses["mps"]}}, nil
}

type fixture struct {
	*Service
	*world
	t     *testing.T
	clock time.Time
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	zone := time.FixedZone("ICT", 7*3600)
	w := &world{addresses: map[string]string{}, cases: map[string]Case{
		"i1": {Subject: module.Subject{Kind: "incident", ID: "i1", Code: "SC-2026-0012", Title: "Mã hóa dữ liệu"}, Unit: "so-y-te", Fields: paper.Values{
			"incident.code": "SC-2026-0012", "incident.title": "Mã hóa dữ liệu", "incident.unit": "Sở Y tế", "incident.category": "Mã hóa dữ liệu", "incident.severity": "cao",
			"incident.detectedAt": "08 giờ 15 phút, ngày 03 tháng 02 năm 2026", "incident.summary": "Máy chủ bị mã hóa.",
		}},
		"d1": {Subject: module.Subject{Kind: "incident", ID: "d1", Code: "DT-2026-0001", Title: "Diễn tập"}, Unit: "so-y-te", Drill: true, Fields: paper.Values{}},
		"w1": {Subject: module.Subject{Kind: "warning", ID: "w1", Code: "CB-2026-0001", Title: "Lỗ hổng"}, Unit: event.CentreUnit, Fields: paper.Values{"warning.code": "CB-2026-0001"},
			To: []SentTo{{Kind: ToUnit, ID: "so-y-te", Name: "Sở Y tế"}, {Kind: ToUnit, ID: "so-noi-vu", Name: "Sở Nội vụ"}}, Greeting: "Các cơ quan, đơn vị nhận cảnh báo", Internal: true},
		"s1": {Subject: module.Subject{Kind: "incident", ID: "s1", Code: "SC-2026-0099"}, Unit: "so-y-te", Secrecy: "mat"},
	}}
	f := &fixture{t: t, world: w, clock: time.Date(2026, 2, 3, 9, 0, 0, 0, zone)}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: w, Cases: w, Duties: w, Zone: zone, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }})
	for name, files := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "document": f.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, files.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	analyst  = as("an", module.RoleAnalyst, event.CentreUnit)
	leader   = as("giam-doc", module.RoleLeader, event.CentreUnit)
	admin    = as("qt", module.RoleAdministrator, event.CentreUnit)
	auditor  = as("kt", module.RoleAuditor, event.CentreUnit)
	officer  = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
)

func (f *fixture) draft(ctx context.Context, n Drafting) Document {
	f.t.Helper()
	d, err := f.Create(ctx, n)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func (f *fixture) take(ctx context.Context, d Document, do Do) Document {
	f.t.Helper()
	do.Version = d.Version
	d, _, err := f.Take(ctx, d.ID, do)
	if err != nil {
		f.t.Fatal(do.Verb, err)
	}
	return d
}

func (f *fixture) papers(db *bun.DB) (states []string) {
	f.t.Helper()
	var bodies []string
	if err := db.NewRaw("SELECT body FROM facts WHERE kind = 'paper' ORDER BY id").Scan(context.Background(), &bodies); err != nil {
		f.t.Fatal(err)
	}
	for _, b := range bodies {
		var p module.Paper
		if err := json.Unmarshal([]byte(b), &p); err != nil {
			f.t.Fatal(err)
		}
		states = append(states, string(p.State)+" "+p.Number+" "+p.Obligation+" "+p.Receiver)
	}
	return states
}

func TestADocumentGoesFromDraftToReceipt(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		d := f.draft(analyst, Drafting{Obligation: "o1"})
		if d.Form != "initial-notice" || d.Content.Symbol != "BC-TTANM" || d.Content.To[0].Name != "Lực lượng chuyên trách, Bộ Công an" || !strings.Contains(d.Title, "SC-2026-0012") {
			t.Fatalf("%+v", d)
		}
		v, err := f.Look(analyst, d.ID)
		if err != nil || len(v.Missing) != 1 || v.Missing[0].Field != "incident.measure" || v.Missing[0].Name != "Biện pháp đã thực hiện" {
			t.Fatalf("what is not known: %v %+v", err, v.Missing)
		}
		if _, _, err := f.Take(analyst, d.ID, Do{Verb: Approve, Version: d.Version}); code(err) != "permission.denied" {
			t.Errorf("an analyst approved: %v", err)
		}
		if _, _, err := f.Take(leader, d.ID, Do{Verb: Approve, Version: d.Version}); code(err) != "document.gaps" || !strings.Contains(err.Error(), "Biện pháp đã thực hiện") {
			t.Errorf("approved with gaps: %v", err)
		}
		c := d.Content
		c.Fields = map[string]string{"incident.measure": "Đã cô lập máy chủ."}
		if d, err = f.Edit(analyst, d.ID, c, d.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Edit(analyst, d.ID, c, 1); code(err) != "document.changed" {
			t.Errorf("edited over another: %v", err)
		}
		d = f.take(analyst, d, Do{Verb: Submit})
		d = f.take(leader, d, Do{Verb: Approve})
		if d.Code != "01/BC-TTANM" || d.ApprovedName != "GIAM-DOC" || len(d.Hash) != 64 || d.File != "01-bc-ttanm.docx" {
			t.Fatalf("%+v", d)
		}
		name, word, err := f.File(auditor, d.ID, "docx")
		if err != nil || name != d.File || !bytes.HasPrefix(word, []byte("PK")) || int64(len(word)) != d.Size {
			t.Fatalf("%v %s %d", err, name, len(word))
		}
		one, pdf, err := f.File(auditor, d.ID, "pdf")
		if _, again, _ := f.File(auditor, d.ID, "pdf"); err != nil || one != "01-bc-ttanm.pdf" || !bytes.HasPrefix(pdf, []byte("%PDF")) || !bytes.Equal(pdf, again) {
			t.Fatalf("%v %s", err, one)
		}
		if _, err := f.Edit(analyst, d.ID, c, d.Version); code(err) != "document.state" {
			t.Errorf("changed after it was approved: %v", err)
		}
		// Without an address nothing is sent, and the remedy is said.
		if _, _, err := f.Take(analyst, d.ID, Do{Verb: Send, Version: d.Version, Channel: "official-mail"}); code(err) != "document.no-address" ||
			!strings.Contains(err.Error(), "Bộ Công an: an administrator enters it") {
			t.Errorf("sent to nowhere: %v", err)
		}
		f.addresses["mps"] = "truc@bca.example"
		d = f.take(analyst, d, Do{Verb: Send, Channel: "official-mail"})
		d = f.take(analyst, d, Do{Verb: Acknowledge, Receipt: "Số đến 812"})
		want := []string{"approved 01/BC-TTANM o1 ", "sent 01/BC-TTANM o1 truc@bca.example", "acknowledged 01/BC-TTANM o1 "}
		if got := f.papers(db); !slices.Equal(got, want) {
			t.Errorf("others were told %q", got)
		}
		_, steps, err := f.Get(auditor, d.ID)
		if err != nil || len(steps) != 4 || steps[2].Hash != d.Hash || steps[2].Receiver != "truc@bca.example" {
			t.Errorf("%v %+v", err, steps)
		}
		if versions, err := f.Versions(auditor, d.ID); err != nil || len(versions) != 2 {
			t.Errorf("%v %+v", err, versions)
		}
	})
}

func TestWhoWroteADocumentDoesNotApproveIt(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	d := f.draft(leader, Drafting{Template: "letter"})
	if _, _, err := f.Take(leader, d.ID, Do{Verb: Approve, Version: d.Version, Gaps: true}); code(err) != "document.own" {
		t.Errorf("%v", err)
	}
	// Nor does who changed one word of it.
	d = f.draft(analyst, Drafting{Template: "letter"})
	d, err := f.Edit(leader, d.ID, d.Content, d.Version)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Take(leader, d.ID, Do{Verb: Approve, Version: d.Version, Gaps: true}); code(err) != "document.own" {
		t.Errorf("%v", err)
	}
	f.take(admin, d, Do{Verb: Approve, Gaps: true})
}

func TestNumbersHaveNoGapsAndNoDoubles(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		const n = 50
		drafts := make([]Document, n)
		for i := range drafts {
			drafts[i] = f.draft(analyst, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "i1"}})
		}
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range drafts {
			wg.Go(func() {
				// Some fail after the number was taken: who wrote may not approve.
				if i%5 == 0 {
					if _, _, err := f.Take(as("an", module.RoleLeader, event.CentreUnit), drafts[i].ID, Do{Verb: Approve, Version: 1, Gaps: true}); code(err) != "document.own" {
						errs[i] = fmt.Errorf("own: %w", err)
						return
					}
				}
				_, _, errs[i] = f.Take(leader, drafts[i].ID, Do{Verb: Approve, Version: 1, Gaps: true})
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		first := f.draft(analyst, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "i1"}})
		first = f.take(leader, first, Do{Verb: Approve, Gaps: true})
		f.take(leader, first, Do{Verb: Withdraw, Note: "Ban hành nhầm nội dung."})
		books, err := f.Numbers(auditor, 2026)
		if err != nil || len(books) != 1 || len(books[0].Gaps) != 0 || len(books[0].Documents) != n+1 {
			t.Fatalf("%v %d", err, len(books))
		}
		for i, d := range books[0].Documents {
			if d.Number != int64(n+1-i) {
				t.Fatalf("number %d stands at place %d", d.Number, i)
			}
		}
		if d := books[0].Documents[0]; d.State != Withdrawn || d.Code != "51/BC-TTANM" {
			t.Errorf("a withdrawn document kept no number: %+v", d)
		}
		// Another kind, and a drill, count for themselves.
		other := f.take(leader, f.draft(analyst, Drafting{Template: "letter"}), Do{Verb: Approve, Gaps: true})
		drill := f.take(leader, f.draft(analyst, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "d1"}}), Do{Verb: Approve, Gaps: true})
		if other.Code != "01/TTANM" || drill.Number != 1 {
			t.Errorf("%s %d", other.Code, drill.Number)
		}
	})
}

func TestADrillDoesNotLeaveByAnOutsideChannel(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	d := f.take(leader, f.draft(analyst, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "d1"}}), Do{Verb: Approve, Gaps: true})
	if d.Final.Watermark != "DIỄN TẬP" {
		t.Error("no watermark")
	}
	if _, _, err := f.Take(analyst, d.ID, Do{Verb: Send, Version: d.Version, Channel: "official-mail"}); code(err) != "document.drill" {
		t.Errorf("%v", err)
	}
	f.take(analyst, d, Do{Verb: Send, Channel: "exercise"})
	real := f.take(leader, f.draft(analyst, Drafting{Template: "letter"}), Do{Verb: Approve, Gaps: true})
	if _, _, err := f.Take(analyst, real.ID, Do{Verb: Send, Version: real.Version, Channel: "exercise", Receiver: "x"}); code(err) != "document.not-drill" {
		t.Errorf("%v", err)
	}
}

func TestDocumentsAreSeenByWhoIssuesThem(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	mine := f.draft(officer, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "i1"}})
	centre := f.draft(analyst, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "i1"}})
	if mine.Content.Symbol != "BC-SSYT" && mine.Content.Agency != "Sở so-y-te" {
		t.Errorf("%+v", mine.Content)
	}
	for who, c := range map[string]struct {
		ctx  context.Context
		sees []string
	}{"officer": {officer, []string{mine.ID}}, "stranger": {stranger, nil}, "auditor": {auditor, []string{mine.ID, centre.ID}}} {
		list, _, err := f.List(c.ctx, Filter{})
		if err != nil || len(list) != len(c.sees) {
			t.Errorf("%s: %v %d", who, err, len(list))
		}
	}
	for _, err := range []error{
		func() error { _, _, err := f.Get(stranger, mine.ID); return err }(),
		func() error { _, err := f.Look(stranger, mine.ID); return err }(),
		func() error { _, _, err := f.File(stranger, mine.ID, "docx"); return err }(),
		func() error { _, err := f.Versions(stranger, mine.ID); return err }(),
		func() error { _, err := f.Edit(stranger, mine.ID, mine.Content, 1); return err }(),
		func() error { _, _, err := f.Take(stranger, mine.ID, Do{Verb: Submit, Version: 1}); return err }(),
	} {
		if code(err) != "document.unknown" {
			t.Errorf("%v", err)
		}
	}
	if _, err := f.Create(stranger, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "i1"}}); code(err) != "incident.unknown" {
		t.Errorf("%v", err)
	}
	if _, err := f.Create(auditor, Drafting{Template: "letter"}); code(err) != "permission.denied" {
		t.Errorf("%v", err)
	}
}

func TestNothingIsWrittenOfWhatBearsAMarkOfSecrecy(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	if _, err := f.Create(analyst, Drafting{Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "s1"}}); code(err) != "document.secret" {
		t.Errorf("%v", err)
	}
}

func TestAnUnknownFieldInADraftIsNamed(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	d := f.draft(analyst, Drafting{Template: "letter"})
	c := d.Content
	c.Body = "dòng một\n{{incident.titel}}"
	_, err := f.Edit(analyst, d.ID, c, d.Version)
	if code(err) != "document.field" || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "incident.title") {
		t.Errorf("%v", err)
	}
}

func TestAWordTemplateOfTheAdministratorIsUsed(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		var file bytes.Buffer
		if err := paper.WriteDOCX(&file, &paper.Document{Agency: "X", Symbol: "Y", Kind: "Z", Body: []paper.Block{{Kind: paper.Paragraph, Runs: []paper.Run{
			{Text: "Số {{document.code}}: {{incident."}, {Text: "title}}, {{incident.cause}}", Bold: true}}}}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Upload(analyst, OwnTemplate{ID: "mau-rieng", Name: "Mẫu riêng", Symbol: "BC"}, file.Bytes()); code(err) != "permission.denied" {
			t.Errorf("%v", err)
		}
		kept, problems, err := f.Upload(admin, OwnTemplate{ID: "mau-rieng", Name: "Mẫu riêng", Symbol: "BC"}, file.Bytes())
		if err != nil || len(problems) > 0 || kept.Version != 1 {
			t.Fatal(err, problems)
		}
		wrong := bytes.Buffer{}
		_ = paper.WriteDOCX(&wrong, &paper.Document{Agency: "{{incident.cod}}", Symbol: "Y", Kind: "Z"})
		if kept, problems, err := f.Upload(admin, OwnTemplate{ID: "mau-sai", Name: "Sai"}, wrong.Bytes()); err != nil || len(problems) != 1 || kept.Version != 0 {
			t.Fatalf("a template with an unknown field was kept: %v %v", err, problems)
		}
		d := f.draft(analyst, Drafting{Template: "mau-rieng", Subject: module.Subject{Kind: "incident", ID: "i1"}})
		v, err := f.Look(analyst, d.ID)
		if err != nil || !slices.ContainsFunc(v.Missing, func(m Missing) bool { return m.Field == "incident.cause" }) {
			t.Fatalf("%v %+v", err, v)
		}
		d = f.take(leader, d, Do{Verb: Approve, Gaps: true})
		if _, _, err := f.File(analyst, d.ID, "pdf"); code(err) != "document.no-pdf" {
			t.Errorf("%v", err)
		}
		if v, err = f.Look(analyst, d.ID); err != nil || !slices.Contains(v.Texts, "Số 01/BC-TTANM: Mã hóa dữ liệu, …") {
			t.Errorf("%v %q", err, v.Texts)
		}
		if err := f.Drop(admin, "mau-rieng"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Create(analyst, Drafting{Template: "mau-rieng"}); code(err) != "document.template-unknown" {
			t.Errorf("%v", err)
		}
	})
}

func TestTheLetterheadIsTheUnitsOwn(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		h, version, err := f.Letterhead(admin, event.CentreUnit)
		if err != nil || version != 0 || h.Short != "TTANM" {
			t.Fatal(err, h)
		}
		h.Parent, h.Place, h.Signer = "Công an tỉnh Lâm Đồng", "Lâm Đồng", "Trần Văn Hiếu"
		if err := f.SaveLetterhead(admin, event.CentreUnit, h, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.SaveLetterhead(admin, event.CentreUnit, h, 0); code(err) != "document.changed" {
			t.Errorf("%v", err)
		}
		if d := f.draft(analyst, Drafting{Template: "letter"}); d.Content.Parent != "Công an tỉnh Lâm Đồng" || d.Content.Signer != "Trần Văn Hiếu" {
			t.Errorf("%+v", d.Content)
		}
	})
}

func TestEveryShippedTemplateCanBeDrawnOfAnEmptyCase(t *testing.T) {
	b, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, tpl := range b.templates {
		c := tpl.content(Letterhead{Agency: "Trung tâm", Short: "TTANM"})
		if err := c.check(); err != nil {
			t.Errorf("%s: %v", tpl.ID, err)
		}
		r, err := c.draw(tpl.ID, b.known, paper.Values{})
		if err != nil || strings.Contains(fmt.Sprint(r.doc), "{{") {
			t.Errorf("%s: %v", tpl.ID, err)
		}
	}
}

func TestALetterAboutAWarningGoesToWhoHasItAndDoesNotNameThemToEachOther(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		about := module.Subject{Kind: "warning", ID: "w1"}
		if _, err := f.Create(analyst, Drafting{Template: "warning-letter"}); code(err) != "document.subject" {
			t.Fatalf("a letter about no warning: %v", err)
		}
		if _, err := f.Create(analyst, Drafting{Template: "initial-notice", Subject: about}); code(err) != "document.subject" {
			t.Fatalf("a notice of an incident about a warning: %v", err)
		}
		f.cases["w1/so-y-te"] = Case{Subject: module.Subject{Kind: "warning", ID: "w1/so-y-te", Code: "CB-2026-0001"}, Unit: "so-y-te", Fields: paper.Values{}}
		f.draft(analyst, Drafting{Template: "warning-letter", Subject: module.Subject{Kind: "warning", ID: "w1/so-y-te"}})
		d := f.draft(analyst, Drafting{Template: "warning-letter", Subject: about})
		for id, want := range map[string]int{"w1": 2, "w1/so-y-te": 1, "w%": 0, "w": 0} {
			if list, _, err := f.List(analyst, Filter{Subject: module.Subject{Kind: "warning", ID: id}}); err != nil || len(list) != want {
				t.Errorf("about %s: %d documents, %v", id, len(list), err)
			}
		}
		if len(d.Content.To) != 2 || !d.Content.Internal || !strings.Contains(d.Title, "CB-2026-0001") {
			t.Fatalf("%+v", d.Content)
		}
		look, err := f.Look(analyst, d.ID)
		if err != nil || !slices.Equal(look.Paper.To, []string{"Các cơ quan, đơn vị nhận cảnh báo"}) {
			t.Fatalf("%v %v", look.Paper.To, err)
		}
		d = f.take(leader, d, Do{Verb: Approve, Gaps: true})
		f.addresses["so-y-te"] = "truc@soyte.example"
		_, _, err = f.Take(analyst, d.ID, Do{Verb: Send, Version: d.Version, Channel: "official-mail"})
		if code(err) != "document.no-address" || !strings.Contains(err.Error(), "Sở Nội vụ: enter its duty mail or address in the register of units") {
			t.Fatalf("%v", err)
		}
		f.addresses["so-noi-vu"] = "truc@sonoivu.example"
		d = f.take(analyst, d, Do{Verb: Send, Channel: "official-mail"})
		_, steps, _ := f.Get(analyst, d.ID)
		if got := steps[len(steps)-1].Receiver; got != "truc@soyte.example, truc@sonoivu.example" {
			t.Errorf("sent to %q", got)
		}
		// What is written for no matter has no recipients of its own.
		if l := f.draft(analyst, Drafting{Template: "letter", Subject: about}); len(l.Content.To) != 0 {
			t.Errorf("%+v", l.Content.To)
		}
	})
}

func TestAYearlyReportHasTheFiguresOfTheUnitItIsAboutWhoeverLooks(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	d := f.draft(officer, Drafting{Obligation: "y1"})
	if d.Form != "yearly-report" || d.Subject.ID != "2026-11-15" || d.Title != "Báo cáo công tác bảo đảm an ninh mạng năm 2026" {
		t.Fatalf("%+v", d)
	}
	for name, who := range map[string]context.Context{"its officer": officer, "the centre": leader} {
		v, err := f.Look(who, d.ID)
		if text := fmt.Sprint(v.Paper.Body); err != nil || !strings.Contains(text, "of so-y-te") {
			t.Errorf("%s: %v %s", name, err, text)
		}
	}
	// Begun without an obligation it is about today's year.
	if d := f.draft(analyst, Drafting{Template: "yearly-report"}); d.Subject.ID != "2026-02-03" || d.Unit != event.CentreUnit {
		t.Errorf("%+v", d.Subject)
	}
}

func TestWhoMayApproveIsToldOfADraftAndItsAuthorOfTheDecision(t *testing.T) {
	db := sqldbtest.SQLite(t)
	f := newFixture(t, db)
	told := func() (list []string) {
		t.Helper()
		var rows []struct{ Unit, Body string }
		if err := db.NewRaw("SELECT unit, body FROM facts WHERE kind = 'notice' ORDER BY id").Scan(context.Background(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			var n module.Notice
			if err := json.Unmarshal([]byte(r.Body), &n); err != nil {
				t.Fatal(err)
			}
			who := n.User
			for _, x := range n.Told {
				who += " " + x.Who + ":" + x.ID
			}
			list = append(list, strings.TrimSpace(r.Unit+" "+n.Kind+" "+strings.TrimSpace(who)+" "+strings.SplitN(n.TitleVi, ":", 2)[0]))
		}
		return list
	}
	d := f.take(analyst, f.draft(analyst, Drafting{Template: "letter"}), Do{Verb: Submit})
	d = f.take(leader, d, Do{Verb: Return, Note: "Bổ sung căn cứ pháp lý"})
	d = f.take(analyst, d, Do{Verb: Submit})
	f.take(leader, d, Do{Verb: Approve, Gaps: true})
	own := f.take(officer, f.draft(officer, Drafting{Template: "letter"}), Do{Verb: Submit})
	want := []string{
		"trung-tam document.submitted role:leader role:coordinator Văn bản chờ duyệt", "trung-tam document.decided an Văn bản được trả lại để sửa",
		"trung-tam document.submitted role:leader role:coordinator Văn bản chờ duyệt", "trung-tam document.decided an Văn bản đã được duyệt",
		"so-y-te document.submitted unit-role:unit-head Văn bản chờ duyệt",
	}
	if got := told(); !slices.Equal(got, want) {
		t.Errorf("%s: %q", own.ID, got)
	}
}
