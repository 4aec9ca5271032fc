package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/warning"
	"github.com/lachan-vn/lachan/internal/paper"
)

// warning is an early warning as a matter of documents: all of it, at the centre,
// for a letter to everybody who has it; or as <id>/<unit> the copy of one unit, for
// a letter to that unit, or of that unit about it.
func (x documentCases) warning(ctx context.Context, id string) (documents.Case, error) {
	id, of, one := strings.Cut(id, "/")
	if one {
		r, _, _, err := x.warnings.Copy(ctx, id, event.UnitID(of))
		if err != nil {
			return documents.Case{}, err
		}
		c := x.ofWarning(&r.Warning)
		c.Subject.ID, c.Unit = id+"/"+of, r.Unit
		c.Fields["warning.ackBy"], c.Fields["warning.fixBy"], c.Fields["warning.publishedAt"] = x.at(r.Copy.AckBy), x.at(r.Copy.FixBy), x.at(r.SentAt)
		c.Fields["warning.unit"], c.Fields["warning.answer"] = x.units.Name(r.Unit), answerWords[r.Answer]
		if module.PrincipalOf(ctx).Unit == r.Unit {
			c.To = []documents.SentTo{x.sentTo(event.CentreUnit)}
		} else {
			c.To = []documents.SentTo{x.sentTo(r.Unit)}
		}
		return c, nil
	}
	w, err := x.warnings.Get(ctx, id)
	if err != nil {
		return documents.Case{}, err
	}
	c := x.ofWarning(&w)
	if w.Code == "" {
		// The letter says what went out, and so does not run ahead of the publication.
		return documents.Case{}, fault.New(fault.Conflict, "the warning is not published; a letter is written about a published one").WithCode("document.unpublished")
	}
	copies, err := x.warnings.Copies(ctx, id)
	if err != nil {
		return documents.Case{}, err
	}
	for i := range copies {
		c.To = append(c.To, x.sentTo(copies[i].Unit))
	}
	if len(c.To) > 1 {
		// Units do not learn from the letter who else is concerned.
		c.Greeting = "Các cơ quan, đơn vị nhận cảnh báo"
	}
	return c, nil
}

func (x documentCases) sentTo(id event.UnitID) documents.SentTo {
	return documents.SentTo{Kind: documents.ToUnit, ID: string(id), Name: x.units.Name(id)}
}

var (
	warningKinds = map[string]string{
		"vulnerability": "lỗ hổng bảo mật", "campaign": "chiến dịch tấn công", "leak": "lộ lọt dữ liệu, tài khoản", "malware": "mã độc", "misconfiguration": "cấu hình không an toàn",
	}
	answerWords = map[string]string{
		"": "", warning.NotUs: "không bị ảnh hưởng", warning.Fixed: "đã khắc phục", warning.NeedHelp: "đề nghị hỗ trợ",
	}
)

func (x documentCases) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return documents.Moment(t.In(x.zone))
}

func (x documentCases) ofWarning(w *warning.Warning) documents.Case {
	products := paper.Rows{}
	for i, p := range w.Products[:min(len(w.Products), rowsInDocument)] {
		versions := p.Versions
		if versions == "" {
			versions = "theo công bố của nhà sản xuất"
		}
		name := strings.TrimSpace(p.Vendor + " " + p.Name)
		if name == "" {
			name = p.CPE
		}
		products = append(products, map[string]string{"number": strconv.Itoa(i + 1), "name": name, "versions": versions})
	}
	indicators := paper.Rows{}
	for i, o := range w.Indicators[:min(len(w.Indicators), rowsInDocument)] {
		kind, ok := observableWords[o.Type]
		if !ok {
			kind = observableWords["other"]
		}
		indicators = append(indicators, map[string]string{"number": strconv.Itoa(i + 1), "type": kind, "value": o.Value})
	}
	return documents.Case{
		Subject: module.Subject{Kind: "warning", ID: w.ID, Code: w.Code, Title: w.Title}, Unit: event.CentreUnit, Drill: w.Drill,
		Internal: w.TLP != "CLEAR" && w.TLP != "GREEN",
		Fields: paper.Values{
			"warning.code": w.Code, "warning.title": w.Title, "warning.kind": warningKinds[w.Kind], "warning.severity": severityWords[w.Severity], "warning.tlp": "TLP:" + w.TLP,
			"warning.source": w.Grade.Source, "warning.content": w.Text.Content, "warning.impact": w.Text.Impact, "warning.check": w.Text.Check,
			"warning.measures": w.Text.Measures, "warning.deadline": w.Text.Deadline, "warning.cves": strings.Join(w.CVEs, ", "),
			"warning.publishedAt": x.at(w.PublishedAt), "warning.ackBy": x.at(w.AckBy), "warning.fixBy": x.at(w.FixBy), "warning.unit": "", "warning.answer": "",
			"warning.products": products, "warning.indicators": indicators,
		},
	}
}
