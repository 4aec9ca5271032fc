package dossier

import (
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/paper"
)

// written is what a section of the plan says: the cells of its rows.
func written(values paper.Values, field string) []string {
	out := []string{}
	for _, r := range values[field].(paper.Rows) {
		cells := []string{}
		for _, c := range []string{"number", "text", "state", "owner", "due", "note"} {
			cells = append(cells, r[c])
		}
		out = append(out, strings.Join(cells, " | "))
	}
	return out
}

func TestASectionOfThePlanSaysWhatWasDeclared(t *testing.T) {
	values := paper.Values{}
	ofPlan([]Declared{
		{Plan: "risk", Text: "Lập danh mục rủi ro", State: "fully", Owner: "Phòng CNTT", Due: "2026-12-01"},
		{Plan: "monitoring", Text: "Giám sát bằng SIEM", State: "planned", Owner: "Ông A", Due: "2027-03-31", Note: "Đang mua sắm", Exempt: "2027-06-30"},
		{Plan: "monitoring", Text: "Giám sát 24 giờ"},
		{Plan: "risk", Text: "Vá lỗ hổng", State: "partly", Due: "2027-01-31", Exempt: "2026-11-22"}, // it has ended
		{Plan: "continuity", Text: "Sao lưu"},
	}, "2026-11-23", values)
	for field, want := range map[string][]string{
		"dossier.planRisk":       {"1 | Lập danh mục rủi ro | Đáp ứng đầy đủ | Phòng CNTT | – | –", "2 | Vá lỗ hổng | Đáp ứng một phần | – | 31/01/2027 | –"},
		"dossier.planMonitoring": {"1 | Giám sát bằng SIEM | Dự kiến | Ông A | 31/03/2027 | Ngoại lệ đến 30/06/2027. Đang mua sắm", "2 | Giám sát 24 giờ |  | – | – | –"},
		"dossier.planContinuity": {" |  |  |  |  | "}, // nothing was declared: a gap
		"dossier.planDisposal":   {},                  // nothing is asked
	} {
		if got := written(values, field); !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", field, got, want)
		}
	}
	if got := values["dossier.requirementSummary"]; got != "5 yêu cầu áp dụng: đáp ứng đầy đủ 1, đáp ứng một phần 1, dự kiến 1, chưa khai 2" {
		t.Error(got)
	}
	if got := len(values["dossier.requirements"].(paper.Rows)); got != 3 {
		t.Errorf("%d requirements were declared", got)
	}
}

func TestAPlanOfWhichNothingIsKnownIsAllGaps(t *testing.T) {
	values := paper.Values{}
	ofPlan(nil, "2026-11-23", values)
	for _, section := range planSections {
		if got := written(values, section.field); len(got) != 1 || strings.Trim(got[0], " |") != "" {
			t.Errorf("%s: %q", section.field, got)
		}
	}
	if values["dossier.requirementSummary"] != "" {
		t.Error(values["dossier.requirementSummary"])
	}
}

func TestAPaperSaysWhichInspectionsThereWere(t *testing.T) {
	for want, x := range map[string]Inspection{
		"":                          {InspectedAt: "2026-12-01"},
		"Trước khi đưa vào sử dụng": {BeforeUse: true},
		"Trước khi đưa vào sử dụng; Định kỳ, lần gần nhất ngày 20/11/2026 (đợt kiểm tra KT-2026-0001)": {BeforeUse: true, InspectedAt: "2026-11-20", Visit: Visited{"x", "KT-2026-0001"}},
	} {
		if got := x.sentence("2026-11-23"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
