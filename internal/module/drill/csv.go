package drill

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"
)

// headings of the table, by language.
var headings = map[string][]string{
	"vi": {"Phần", "Đối tượng", "Đơn vị", "Nội dung", "Thời điểm", "Số phút", "Mục tiêu hoặc hạn", "Kết quả"},
	"en": {"Part", "Matter", "Unit", "What", "When", "Minutes", "Goal or deadline", "Result"},
}

// csv writes the report as a table that office programs read Vietnamese from, and
// none of whose cells they take for a formula.
func (s *Service) csv(x *Exercise, r *Report, language string) ([]byte, error) {
	pick := func(t said) string {
		if language == "en" {
			return t.En
		}
		return t.Vi
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(s.Zone).Format("02/01/2006 15:04:05")
	}
	part := func(name string) string { return pick(s.words.Parts[name]) }
	result := func(name string) string { return pick(s.words.Results[name]) }
	rows := [][]string{headings[language], {part("drill"), "", "", x.Name, when(r.At), "", "", pick(s.words.Verdicts[string(r.Verdict)])}}
	for _, m := range r.Matters {
		for _, t := range m.Times {
			rows = append(rows, []string{part("matter"), m.Subject.Code, s.Units.Name(m.Unit), pick(s.words.Moments[t.Moment]), when(t.At), strconv.Itoa(t.Minutes), strconv.Itoa(t.Goal), result(t.Result)})
		}
	}
	for _, d := range r.Duties {
		rows = append(rows, []string{part("duty"), d.Subject.Code, s.Units.Name(d.Unit), pick(said{d.TitleVi, d.Title}), when(d.SentAt), strconv.Itoa(d.MinutesLate), when(d.DueAt), result(d.Result)})
	}
	for _, p := range r.Papers {
		rows = append(rows, []string{part("paper"), p.Subject.Code, s.Units.Name(p.Unit), strings.TrimSpace(p.Number + " " + p.Title), when(p.At), "", "", result(p.State)})
	}
	for _, t := range r.Tasks {
		rows = append(rows, []string{part("task"), t.Subject.Code, s.Units.Name(t.Unit), t.Title, when(t.DoneAt), strconv.Itoa(t.MinutesLate), when(t.DueAt), result(t.Result)})
	}
	for _, c := range r.Calls {
		rows = append(rows, []string{part("call"), c.Subject.Code, s.Units.Name(c.Unit), c.Person, when(c.SaidAt), strconv.Itoa(c.Minutes), when(c.AskedAt), result(c.Result)})
	}
	for i := range r.Missed {
		m := &r.Missed[i]
		rows = append(rows, []string{part("missed"), m.Texts["matter"], "", pick(s.words.missed(m)), "", "", "", ""})
	}
	var out bytes.Buffer
	out.WriteString("\uFEFF")
	w := csv.NewWriter(&out)
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}
