package dossier

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/paper"
)

// forms draws a paper that says which form it is and for whom, unless a file stands in
// its place.
type forms struct{ own map[string]string }

func (x forms) Form(_ context.Context, id string) (FormName, error) {
	if !strings.HasPrefix(id, "level-") {
		return FormName{}, fault.New(fault.NotFound, "no template")
	}
	return FormName{Words: level.Words{Vi: "Mẫu " + id, En: id}, Verify: x.own[id] == "", Own: x.own[id]}, nil
}

func (x forms) Word(_ context.Context, id string, _ event.UnitID, _ *Dossier, v paper.Values) (Worded, bool, error) {
	if x.own[id] == "" {
		return Worded{}, false, nil
	}
	return Worded{[]byte("PK " + x.own[id] + " " + v["dossier.approver"].(string)), []Gap{{"dossier.owner", "Chủ quản", "system"}}}, true, nil
}

func (forms) Fill(_ context.Context, id string, issuer event.UnitID, _ *Dossier, v paper.Values) (Filled, error) {
	body, _ := paper.ParseBody(id + " " + v["dossier.approver"].(string))
	out := Filled{Paper: paper.Document{Agency: string(issuer), Symbol: "S", Kind: "Văn bản", Abstract: v["dossier.subject"].(string), Body: body}}
	if v["dossier.purpose"] == "" {
		out.Missing = append(out.Missing, Gap{"dossier.purpose", "Mục đích", "system"})
	}
	return out, nil
}

func names(list []Offered) (ids []string) {
	for _, f := range list {
		id := strings.TrimPrefix(f.ID, "level-")
		if f.Now {
			id += "!"
		}
		ids = append(ids, id)
	}
	return ids
}

func TestThePapersOfAStepComeFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Papers = forms{}
		d := f.ready(officer, "s2", level3())
		offers := func(want string) {
			t.Helper()
			list := must[[]Offered](f)(f.Forms(officer, d.ID))
			if got := strings.Join(names(list), " "); got != want {
				t.Errorf("%s: %s", d.State, got)
			}
			if len(list[0].Missing) != 1 || list[0].Missing[0].Where != "system" {
				t.Errorf("%+v", list[0])
			}
		}
		offers("dossier! form-02! form-03 form-04 form-05 form-06 form-07")
		f.regulate("s2")
		d = f.take(officer, d, Send)
		d = f.take(appraiser, d, Accept)
		offers("form-03! form-04! dossier form-02 form-05 form-06 form-07")
		d = f.take(appraiser, d, Judge)
		offers("form-05! form-06! form-07! dossier form-02 form-03 form-04")
		_, err := f.Forms(stranger, d.ID)
		f.is(err, "dossier.unknown")
		_, _, err = f.FormFile(stranger, d.ID, "level-form-02", "docx")
		f.is(err, "dossier.unknown")
		_, _, err = f.FormFile(officer, d.ID, "level-form-01", "docx")
		f.is(err, "dossier.form") // of levels 1 and 2
		for format, begins := range map[string]string{"docx": "PK", "pdf": "%PDF"} {
			name, data, err := f.FormFile(officer, d.ID, "level-form-06", format)
			if err != nil || !strings.HasPrefix(string(data), begins) || name != d.Code+"-level-form-06."+format {
				t.Errorf("%s, %v, %.8s", name, err, data)
			}
		}
	})
}

func TestTheLowestLevelsAskForBothAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Papers = forms{}
		d := must[Dossier](f)(f.Create(officer, Begin{System: "s1"}))
		if got := strings.Join(names(must[[]Offered](f)(f.Forms(officer, d.ID))), " "); got != "dossier! form-01! form-03 form-04 form-06 form-07" {
			t.Error(got)
		}
	})
}

func TestEveryFormOfTheProcedureIsAsked(t *testing.T) {
	l, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	for n, p := range l.procedures {
		if p.Address.Appraiser == "" || len(p.Forms) < 5 {
			t.Errorf("level %d: %+v", n, p.Forms)
		}
	}
}

func TestAPackageHoldsEveryPartAndItsHash(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Papers = forms{}
		d := f.ready(officer, "s2", level3())
		must[File](f)(f.AddFile(officer, d.ID, FileFacts{"Design.pdf", "design", ""}, strings.NewReader("một bản khác")))
		must[File](f)(f.AddFile(officer, d.ID, FileFacts{"..", "other", ""}, strings.NewReader("tên lạ")))
		_, err := f.Package(stranger, d.ID)
		f.is(err, "dossier.unknown")
		p := must[*Pack](f)(f.Package(officer, d.ID))
		var out bytes.Buffer
		if err := p.Write(&out); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		sums, order := map[string]string{}, []string{}
		var m Manifest
		for _, part := range z.File {
			in, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			if part.Name == "manifest.json" {
				if err := json.Unmarshal(text, &m); err != nil {
					t.Fatal(err)
				}
				continue
			}
			sum := sha256.Sum256(text)
			sums[part.Name], order = hex.EncodeToString(sum[:]), append(order, part.Name)
		}
		want := []string{"00-ho-so.docx", "01-tong-quan.docx", "03-thuyet-minh-cap-do.docx", "04-phuong-an.docx", "02-thiet-ke/design.pdf", "04-phuong-an/plan.pdf", "02-thiet-ke/Design-2.pdf"}
		if !slices.Equal(order[:len(want)], want) || len(order) != len(want)+1 || !strings.HasPrefix(order[len(want)], "07-tai-lieu-khac/") {
			t.Errorf("%q", order)
		}
		if len(m.Files) != len(order) || m.Dossier != d.Code || m.Level != 3 {
			t.Errorf("%+v", m)
		}
		for _, x := range m.Files {
			if sums[x.Path] != x.SHA256 || x.Size == 0 {
				t.Errorf("%s: %s, the manifest says %s", x.Path, sums[x.Path], x.SHA256)
			}
		}
	})
}

func TestAWordFileInPlaceOfAFormIsHandedOut(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Papers = forms{map[string]string{"level-form-02": "Mẫu của tỉnh", paperOverview: "Tổng quan của tỉnh"}}
		d := f.ready(officer, "s2", level3())
		_, values, err := f.PaperValues(officer, d.ID)
		if err != nil || !strings.Contains(values["dossier.becauseText"].(string), " (") || !strings.Contains(values["dossier.fileNames"].(string), ": design.pdf") {
			t.Errorf("%v, %q, %q", err, values["dossier.becauseText"], values["dossier.fileNames"])
		}
		for _, o := range must[[]Offered](f)(f.Forms(officer, d.ID)) {
			want := Offered{ID: o.ID, FormName: FormName{o.Words, true, ""}, Now: o.Now, Missing: []Gap{{"dossier.purpose", "Mục đích", "system"}}}
			if o.ID == "level-form-02" {
				want.Verify, want.Own, want.Missing = false, "Mẫu của tỉnh", []Gap{{"dossier.owner", "Chủ quản", "system"}}
			}
			if !reflect.DeepEqual(o, want) {
				t.Errorf("%+v", o)
			}
		}
		_, data, err := f.FormFile(officer, d.ID, "level-form-02", "docx")
		if want := "PK Mẫu của tỉnh " + values["dossier.approver"].(string); err != nil || string(data) != want {
			t.Errorf("%v, %q", err, data)
		}
		_, _, err = f.FormFile(officer, d.ID, "level-form-02", "pdf")
		f.is(err, "dossier.no-pdf")
		if _, data, err := f.FormFile(officer, d.ID, paperDossier, "pdf"); err != nil || !strings.HasPrefix(string(data), "%PDF") {
			t.Errorf("a file in place of a part is none in place of the whole: %v", err)
		}
		made := map[string]bool{}
		for _, m := range must[*Pack](f)(f.Package(officer, d.ID)).made {
			made[m.name] = strings.HasPrefix(string(m.data), "PK Tổng quan của tỉnh ")
		}
		if len(made) != 4 || !made["01-tong-quan.docx"] || made["00-ho-so.docx"] || made["04-phuong-an.docx"] {
			t.Errorf("%v", made)
		}
	})
}

func TestASystemIsNamedOnceInASentence(t *testing.T) {
	for name, want := range map[string]string{"Một cửa": "hệ thống thông tin Một cửa", "Hệ thống thông tin một cửa": "hệ thống thông tin một cửa", "": "hệ thống thông tin "} {
		if got := subject(name); got != want {
			t.Errorf("%q", got)
		}
	}
}

func TestADossierWithoutItsSystemStillHasPapers(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Papers = forms{}
		d := f.ready(officer, "s1", level3())
		f.reg.systems = slices.DeleteFunc(f.reg.systems, func(x *System) bool { return x.ID == "s1" })
		_, values, err := f.PaperValues(officer, d.ID)
		if err != nil || values["dossier.regulation"] != "" || values["dossier.level"] != "3" {
			t.Errorf("%v, %v", err, values)
		}
	})
}

// A file says what was found of signatures when it arrived, in each dossier it is in.
func TestAFileKeepsWhatWasFoundOfSignatures(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		d := must[Dossier](f)(f.Create(officer, Begin{System: "s1"}))
		var pdf bytes.Buffer
		if err := paper.WritePDF(&pdf, &paper.Document{Agency: "A", Kind: "Quyết định"}); err != nil {
			t.Fatal(err)
		}
		broken := append(bytes.Clone(pdf.Bytes()), "/ByteRange [0 10 20 5]"...)
		for name, x := range map[string]struct{ body, signed string }{
			"qd.pdf": {pdf.String(), "none"}, "ky-hong.pdf": {string(broken), "unreadable"}, "anh.png": {"\x89PNG", "other"},
		} {
			added := must[File](f)(f.AddFile(officer, d.ID, FileFacts{name, "other", ""}, strings.NewReader(x.body)))
			if v := f.fileView(&added); v.Signed != x.signed {
				t.Errorf("%s: %+v", name, v)
			}
		}
		for _, kept := range must[[]File](f)(f.Files(officer, d.ID)) {
			v := f.fileView(&kept)
			if want := map[string]string{"qd.pdf": "none", "ky-hong.pdf": "unreadable", "anh.png": "other"}[v.Name]; v.Signed != want || (want == "unreadable") != (len(v.Signatures) == 1) {
				t.Errorf("%s: %+v", v.Name, v)
			}
		}
		if v := f.fileView(&File{}); v.Signed != "" {
			t.Errorf("of a file nobody looked through: %+v", v)
		}
	})
}

func TestAFormIsThePaperOfWhoeverIssuesIt(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for level, want := range map[int]map[string]event.UnitID{
			1: {"level-dossier": "tt-yte", "level-form-01": "tt-yte", "level-form-04": event.CentreUnit, "level-form-06": event.CentreUnit},
			3: {"level-overview": "tt-yte", "level-form-02": "tt-yte", "level-form-03": event.CentreUnit, "level-form-05": event.CentreUnit, "level-form-06": "so-y-te", "level-form-07": "so-y-te"},
			4: {"level-form-03": "tt-yte", "level-form-06": "so-y-te"},
		} {
			d := Dossier{Unit: "so-y-te", Operator: "tt-yte", Level: level}
			for form, unit := range want {
				if got := f.issuer(form, &d); got != unit {
					t.Errorf("level %d, %s: of %s, want %s", level, form, got, unit)
				}
			}
		}
		if got := f.issuer("level-form-02", &Dossier{Unit: "so-y-te", OperatorName: "Công ty X", Level: 3}); got != "so-y-te" {
			t.Errorf("of a system that a company operates: %s", got)
		}
		// Whoever asks, the request is the operator's.
		f.Papers = forms{}
		d := f.ready(officer, "s1", level3())
		for _, who := range []context.Context{officer, operator, admin} {
			p := must[Filled](f)(f.fill(who, "level-form-02", &d, paper.Values{"dossier.approver": "x", "dossier.subject": "y"}))
			if p.Paper.Agency != "tt-yte" {
				t.Errorf("under the letterhead of %s", p.Paper.Agency)
			}
		}
	})
}
