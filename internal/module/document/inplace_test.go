package document

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// ownWord is a Word file that says text, with fields.
func ownWord(t *testing.T, text string) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := paper.WriteDOCX(&file, &paper.Document{Agency: "X", Symbol: "Y", Kind: "Z", Body: []paper.Block{{Kind: paper.Paragraph, Runs: []paper.Run{{Text: text}}}}}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// says tells whether a Word file has a paragraph.
func says(t *testing.T, file []byte, paragraph string) bool {
	t.Helper()
	w, _, err := paper.ParseWord("x", file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(w.Texts(nil), paragraph)
}

func (f *fixture) upload(o OwnTemplate, text string) OwnTemplate {
	f.t.Helper()
	kept, problems, err := f.Upload(admin, o, ownWord(f.t, text))
	if err != nil || len(problems) > 0 {
		f.t.Fatal(err, problems)
	}
	return kept
}

func TestOneWordFileStandsInPlaceOfATemplate(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		refused := func(o OwnTemplate, want string, names ...string) {
			t.Helper()
			_, _, err := f.Upload(admin, o, ownWord(t, "a"))
			if code(err) != want {
				t.Errorf("%+v: %v", o, err)
			}
			for _, n := range names {
				if !strings.Contains(err.Error(), n) {
					t.Errorf("%v does not say %q", err, n)
				}
			}
		}
		refused(OwnTemplate{ID: "mau-02", Name: "Mẫu", Replaces: "level-form-99"}, "document.replaces", "level-form-99")
		if kept := f.upload(OwnTemplate{ID: "bao-cao", Name: "Báo cáo của tỉnh", Replaces: "initial-notice"}, "a"); kept.Symbol != "BC" {
			t.Errorf("not the symbol of what it replaces: %+v", kept)
		}
		refused(OwnTemplate{ID: "mau-hai", Name: "Mẫu hai", Replaces: "bao-cao"}, "document.replaces")
		refused(OwnTemplate{ID: "mau-hai", Name: "Mẫu hai", Replaces: "initial-notice"}, "document.replaced", "Báo cáo của tỉnh", "with the id bao-cao")
		f.upload(OwnTemplate{ID: "bao-cao", Name: "Báo cáo của tỉnh", Symbol: "BC", Replaces: "initial-notice"}, "b")
		list, err := f.Templates(admin)
		if err != nil || len(list) != 1 || list[0].Version != 2 || list[0].Replaces != "initial-notice" {
			t.Errorf("%v, %+v", err, list)
		}
		for _, v := range f.templatesView(list).Items {
			if v.Own && (v.Replaces != "initial-notice" || v.Subject != "incident") || !v.Own && v.Replaces != "" {
				t.Errorf("%+v", v)
			}
		}
		// A version that replaces nothing leaves the place, as one taken out of use does.
		f.upload(OwnTemplate{ID: "bao-cao", Name: "Báo cáo của tỉnh", Symbol: "BC"}, "c")
		f.upload(OwnTemplate{ID: "mau-hai", Name: "Mẫu hai", Replaces: "initial-notice"}, "a")
		refused(OwnTemplate{ID: "bao-cao", Name: "Báo cáo", Replaces: "initial-notice"}, "document.replaced", "Mẫu hai")
		if err := f.Drop(admin, "mau-hai"); err != nil {
			t.Fatal(err)
		}
		f.upload(OwnTemplate{ID: "bao-cao", Name: "Báo cáo", Replaces: "initial-notice"}, "a")
	})
}

func TestADraftIsMadeOfTheFileInPlaceOfItsTemplate(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.upload(OwnTemplate{ID: "bao-cao", Name: "Báo cáo của tỉnh", Replaces: "initial-notice"}, "Số {{document.code}}: {{incident.title}}")
		for _, n := range []Drafting{{Obligation: "o1"}, {Template: "initial-notice", Subject: module.Subject{Kind: "incident", ID: "i1"}}, {Template: "bao-cao", Subject: module.Subject{Kind: "incident", ID: "i1"}}} {
			d := f.draft(analyst, n)
			if !d.Own() || d.Template != "bao-cao" || d.Form != "initial-notice" || d.Content.Symbol != "BC-TTANM" || d.Content.Kind != "Báo cáo" || !strings.Contains(d.Title, "SC-2026-0012") {
				t.Errorf("%+v: %+v", n, d)
			}
			// The shipped text is not in the file, so what that asks for is no gap; nor is
			// the number, which comes with the approval.
			if v, err := f.Look(analyst, d.ID); err != nil || len(v.Missing) > 0 {
				t.Errorf("%+v: %v, %+v", n, err, v.Missing)
			}
		}
		if _, err := f.Create(analyst, Drafting{Template: "bao-cao"}); code(err) != "document.subject" {
			t.Errorf("begun of no incident: %v", err)
		}
		d := f.draft(analyst, Drafting{Obligation: "o1"})
		d = f.take(leader, d, Do{Verb: Approve})
		if _, data, err := f.File(analyst, d.ID, "docx"); err != nil || d.Code != "01/BC-TTANM" || !says(t, data, "Số 01/BC-TTANM: Mã hóa dữ liệu") {
			t.Errorf("%s, %v", d.Code, err)
		}
		if err := f.Drop(admin, "bao-cao"); err != nil {
			t.Fatal(err)
		}
		if d := f.draft(analyst, Drafting{Obligation: "o1"}); d.Own() || d.Template != "initial-notice" || d.Content.Body == "" {
			t.Errorf("the shipped template is not back: %+v", d)
		}
	})
}

func TestAFormIsFilledIntoTheFileInItsPlace(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		c := Case{Subject: module.Subject{Kind: "dossier", ID: "x", Code: "HS-1"}, Unit: event.CentreUnit, Fields: paper.Values{"dossier.name": "Một cửa"}}
		named := func(verify bool, own string) {
			t.Helper()
			if got, err := f.Form(officer, "level-form-02"); err != nil || got.Verify != verify || got.Own != own || !strings.HasPrefix(got.Vi, "Mẫu 02") {
				t.Errorf("%v, %+v", err, got)
			}
		}
		named(true, "")
		if _, ok, err := f.Word(officer, "level-form-02", "so-y-te", c); ok || err != nil {
			t.Errorf("%v, %v", ok, err)
		}
		f.upload(OwnTemplate{ID: "mau-02", Name: "Mẫu 02 của tỉnh", Replaces: "level-form-02"}, "{{document.code}} {{dossier.name}}, {{dossier.owner}}, {{agency.name}}")
		named(false, "Mẫu 02 của tỉnh")
		w, ok, err := f.Word(officer, "level-form-02", "so-y-te", c)
		if err != nil || !ok || !says(t, w.Data, "… Một cửa, …, Sở so-y-te") {
			t.Errorf("%v, %v", ok, err)
		}
		if len(w.Missing) != 1 || w.Missing[0] != (Missing{"dossier.owner", "Chủ quản hệ thống thông tin", "system"}) {
			t.Errorf("%+v", w.Missing)
		}
		if p, err := f.Fill(officer, "level-form-02", "so-y-te", c); err != nil || len(p.Paper.Body) == 0 {
			t.Errorf("the form as it is shipped: %v", err)
		}
		for id, want := range map[string]string{"letter": "document.subject", "mau-02": "document.template-unknown"} {
			if _, _, err := f.Word(officer, id, "so-y-te", c); code(err) != want {
				t.Errorf("%s: %v", id, err)
			}
		}
		if err := f.Drop(admin, "mau-02"); err != nil {
			t.Fatal(err)
		}
		named(true, "")
	})
}
