package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// ReportRequest asks for a board on paper.
type ReportRequest struct {
	Board    string // its id
	From, To string // module.ParsePoint; "" for both: the board's own time
	Unit     event.UnitID
	Language string // "vi" or "en"
}

// Report is a board with its figures, made for paper.
type Report struct {
	Board    Board
	Answer   *Answer
	Language string
	Unit     string // whose figures they are, for people
	By       string // for whom it was made
}

// maxReports bounds the reports made at one time: each holds its pages in memory.
const maxReports = 2

// Report makes a board's figures for paper and notes in the audit trail who takes
// them. It is also how a report is made for a principal that is nobody's session,
// as of a mail each month. Errors: Denied, NotFound, Invalid, Busy.
func (s *Service) Report(ctx context.Context, r ReportRequest) (pdf []byte, name string, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDashboardExport); err != nil {
		return nil, "", err
	}
	b, err := s.Get(ctx, r.Board)
	if err != nil {
		return nil, "", err
	}
	if r.From == "" && r.To == "" {
		r.From, r.To = "now-"+b.Range, "now"
	}
	if !s.reports.TryAcquire(1) {
		return nil, "", fault.New(fault.Busy, "%d reports are being made; try again in a moment", maxReports).WithCode("dashboard.busy")
	}
	defer s.reports.Release(1)
	a, err := s.Figures(ctx, Question{From: r.From, To: r.To, Unit: r.Unit, Widgets: b.Widgets})
	if err != nil {
		return nil, "", err
	}
	unit := r.Unit
	if unit == "" {
		unit = p.Unit
	}
	report := Report{Board: b, Answer: a, Language: r.Language, Unit: s.Units.Name(unit), By: p.DisplayName}
	if report.By == "" {
		report.By = p.Name
	}
	var out bytes.Buffer
	if err := report.WritePDF(&out); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(out.Bytes())
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		e := entry("dashboard.export", &b)
		e.Detail["from"], e.Detail["to"], e.Detail["unit"] = point(a.From), point(a.To), string(unit)
		e.Detail["sha256"] = hex.EncodeToString(sum[:])
		return s.Trail.Append(ctx, tx, e)
	})
	return out.Bytes(), fileName(b.Name.In(r.Language)) + "-" + a.Now.In(query.Zone).Format("20060102-1504") + ".pdf", err
}

// fileName makes a name that every file system and header takes.
func fileName(name string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, module.Fold(name))
	out = strings.Join(strings.FieldsFunc(out, func(r rune) bool { return r == '-' }), "-")
	if out == "" {
		out = "dashboard"
	}
	return out[:min(len(out), 60)]
}

func formatTime(t time.Time) string { return t.In(query.Zone).Format("02/01/2006 15:04") }

// formatMeasure writes a number with what it measures.
func formatMeasure(v float64, m Measure, language string) string {
	switch m {
	case Seconds:
		return formatSeconds(v, language)
	case Bytes:
		sizes := []string{"B", "KB", "MB", "GB", "TB", "PB"}
		i := 0
		for math.Abs(v) >= 1024 && i < len(sizes)-1 {
			v /= 1024
			i++
		}
		return formatNumber(v, min(i, 1), language) + " " + sizes[i]
	case Share:
		decimals := 0
		if v < 0.1 {
			decimals = 1
		}
		return formatNumber(100*v, decimals, language) + " %"
	case PerSecond:
		return formatNumber(v, 1, language) + Words{"/giây", "/s"}.In(language)
	}
	if math.Abs(v) < 10 {
		return formatNumber(v, 1, language)
	}
	return formatNumber(v, 0, language)
}

func (k ColumnKind) isNumber() bool { return k != Time && k != Text && k != Level }

// write is a cell as people read it.
func (c *FigureCell) write(kind ColumnKind, language string) string {
	switch {
	case kind.isNumber() && c.Number == nil:
		return ""
	case kind.isNumber():
		return formatMeasure(*c.Number, Measure(kind), language)
	case kind == Level && levelWords[c.Text] != (Words{}):
		return levelWords[c.Text].In(language)
	case kind == Time && c.Text != "":
		if t, err := time.Parse(time.RFC3339, c.Text); err == nil {
			return formatTime(t)
		}
	}
	return c.In(language)
}

// trend compares a figure with the period before, in words.
func (f *Figure) trend(language string) string {
	if f.Value == nil || f.Previous == nil || f.Measure != Share && *f.Previous == 0 && *f.Value != 0 {
		return ""
	}
	by, what := 0.0, " %"
	switch {
	case f.Measure == Share:
		by, what = math.Round(1000*(*f.Value-*f.Previous))/10, Words{" điểm %", " points"}.In(language)
	case *f.Previous != 0:
		by = math.Round(100 * (*f.Value - *f.Previous) / *f.Previous)
	}
	if by == 0 {
		return Words{"bằng kỳ trước", "as before"}.In(language)
	}
	n := formatNumber(math.Abs(by), 1, language) + what
	out := Words{"giảm " + n + " so với kỳ trước", n + " less than before"}
	if by > 0 {
		out = Words{"tăng " + n + " so với kỳ trước", n + " more than before"}
	}
	text := out.In(language)
	if f.Better != "" {
		good := Words{" (xấu hơn)", " (worse)"}
		if (by > 0) == (f.Better == "more") {
			good = Words{" (tốt hơn)", " (better)"}
		}
		text += good.In(language)
	}
	return text
}

// problemWords says on paper why there is no figure.
func problemWords(err error) Words {
	switch p := problemOf(err); p.Code {
	case "dashboard.slow":
		return Words{"Tính quá lâu; chọn khoảng thời gian ngắn hơn.", "It took too long; choose a shorter time."}
	case "dashboard.centre-only":
		return Words{"Số liệu này chỉ dành cho trung tâm.", "This figure is for the centre only."}
	case "permission.denied":
		return Words{"Người lập báo cáo không có quyền xem số liệu này.", "Whoever made the report may not see this figure."}
	}
	return Words{"Không tính được số liệu này.", "This figure could not be made."}
}
