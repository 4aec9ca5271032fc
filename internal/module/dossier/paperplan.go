package dossier

import (
	"fmt"
	"strings"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

// planSections are the sections of a security plan (NĐ 331/2026 Điều 29 khoản 2), each
// with the field of papers that it is written into.
var planSections = []struct{ id, field string }{
	{"design", "dossier.planDesign"}, {"operation", "dossier.planOperation"}, {"inspection", "dossier.planInspection"}, {"risk", "dossier.planRisk"},
	{"monitoring", "dossier.planMonitoring"}, {"continuity", "dossier.planContinuity"}, {"disposal", "dossier.planDisposal"},
}

type stateWords struct{ state, vi string }

// declaredWords are what may be declared of a requirement, in the words of papers.
var declaredWords = []stateWords{
	{"fully", "Đáp ứng đầy đủ"}, {"partly", "Đáp ứng một phần"}, {"planned", "Dự kiến"}, {"not-applicable", "Không áp dụng"},
}

func (x *Declared) words() string {
	for _, w := range declaredWords {
		if w.state == x.State {
			return w.vi
		}
	}
	return ""
}

// dash stands in a cell that has nothing to say; an empty one would be a gap.
const dash = "–"

func orDash(text string) string {
	if text == "" {
		return dash
	}
	return text
}

// row is a requirement in the security plan. What nothing was declared of is a gap.
func (x *Declared) row(n int, today module.Date) map[string]string {
	note := x.Note
	if x.Exempt >= today {
		note = strings.Trim("Ngoại lệ đến "+vnDay(x.Exempt)+". "+note, " ")
	}
	due := ""
	if x.Due != "" && (x.State == "planned" || x.State == "partly") {
		due = vnDay(x.Due)
	}
	return numbered(n, map[string]string{"text": x.Text, "state": x.words(), "owner": orDash(x.Owner), "due": orDash(due), "note": orDash(note)})
}

// ofPlan writes the sections of the security plan from what was declared; nil: it is not
// known. A section of which nothing was declared has one row without a word, so that it
// is a gap; one in which the level asks nothing has none.
func ofPlan(declared []Declared, today module.Date, values paper.Values) {
	said := paper.Rows{}
	counts := map[string]int{}
	for i := range declared {
		x := &declared[i]
		counts[x.State]++
		if x.State != "" {
			said = append(said, numbered(len(said), map[string]string{"group": x.Group, "text": x.Text, "state": x.words(), "note": orNone(x.Note)}))
		}
	}
	values["dossier.requirements"] = said
	for _, section := range planSections {
		rows, known := paper.Rows{}, false
		for i := range declared {
			if x := &declared[i]; x.Plan == section.id {
				rows, known = append(rows, x.row(len(rows), today)), known || x.State != ""
			}
		}
		if !known && (len(rows) > 0 || declared == nil) {
			rows = paper.Rows{{}}
		}
		values[section.field] = rows
	}
	values["dossier.requirementSummary"] = summary(len(declared), counts)
}

// summary is how many of the requirements stand how.
func summary(all int, counts map[string]int) string {
	if all == 0 {
		return ""
	}
	parts := []string{}
	for _, w := range append(declaredWords[:len(declaredWords):len(declaredWords)], stateWords{"", "Chưa khai"}) {
		if n := counts[w.state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", inSentence(w.vi), n))
		}
	}
	return fmt.Sprintf("%d yêu cầu áp dụng: %s", all, strings.Join(parts, ", "))
}

// sentence says in a paper which inspections there were, until a day.
func (x *Inspection) sentence(until module.Date) string {
	words := x.words(until)
	if x.InspectedAt != "" && x.InspectedAt <= until {
		words += ", lần gần nhất ngày " + vnDay(x.InspectedAt)
	}
	if words != "" && x.Visit.Code != "" {
		words += " (đợt kiểm tra " + x.Visit.Code + ")"
	}
	return words
}
