package dossier

import (
	"context"
	"strings"
	"testing"
)

// describedSystem tells of every system the same.
type describedSystem struct{ overview Overview }

func (x *describedSystem) Overview(context.Context, string) (Overview, error) { return x.overview, nil }

func (*describedSystem) Declared(context.Context, string, int) ([]Declared, error) { return nil, nil }

// wholeOverview is all that Điều 22 khoản 3 asks for.
func wholeOverview() Overview {
	return Overview{Serves: "Người dân", Extent: "Toàn tỉnh", Scale: "20 máy chủ",
		Operator: Party{Mandate: "QĐ 1", Head: "Nguyễn Văn A", Title: "Giám đốc", Address: "1 Trần Phú", Phone: "0256", Mail: "a@example.vn"},
		Zones:    []Zone{{Name: "DMZ"}}, Services: []Served{{Name: "web"}}, Devices: []Device{{Name: "máy chủ"}}}
}

func TestAnOverviewWithGapsIsNotComplete(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := &describedSystem{}
		f.Register = x
		d := f.ready(officer, "s1", level3())
		lacks := func(d Dossier) string {
			t.Helper()
			v := must[DossierDetailView](f)(f.detail(officer, &d))
			for _, item := range v.Checklist {
				if item.Part != "overview" {
					continue
				}
				var list []string
				for _, n := range item.Lacks {
					list = append(list, n.Vi)
				}
				if item.OK != (len(list) == 0) {
					t.Errorf("%+v", item)
				}
				return strings.Join(list, "; ")
			}
			t.Error("no overview in the checklist")
			return ""
		}
		if got := lacks(d); strings.Count(got, ";") != 11 || !strings.Contains(got, "danh mục thiết bị") {
			t.Error(got)
		}
		_, err := f.try(officer, d, Send)
		f.is(err, "dossier.incomplete")
		if !strings.Contains(err.Error(), "zones and their addresses") {
			t.Errorf("what is missing is not said: %v", err)
		}

		x.overview = wholeOverview()
		x.overview.Operator.Mandate = ""
		if got := lacks(d); got != "văn bản giao đơn vị vận hành" {
			t.Errorf("%q", got)
		}
		_, err = f.try(officer, d, Send)
		f.is(err, "dossier.incomplete")
		x.overview = wholeOverview()
		if got := lacks(d); got != "" {
			t.Errorf("%q", got)
		}
		f.take(officer, d, Send)

		// An owner that operates its system was given it by nobody.
		own := f.reg.find("s3")
		own.Operator, own.OperatorName = "", ""
		x.overview.Operator.Mandate = ""
		d = f.ready(stranger, "s3", level3())
		_, values, err := f.PaperValues(stranger, d.ID)
		if err != nil || values["dossier.operator"] != "Đơn vị so-noi-vu" {
			t.Errorf("%v operates, %v", values["dossier.operator"], err)
		}
		f.take(stranger, d, Send)
	})
}
