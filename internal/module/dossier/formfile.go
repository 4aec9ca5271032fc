package dossier

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// holds tells whether a line is found by a text.
func (l *Line) holds(text string) bool {
	return text == "" || strings.Contains(module.Fold(l.System.Code+" "+l.System.Name+" "+l.System.OperatorName+" "+l.Code), module.Fold(text))
}

// columns are the twelve of Form 08.
var columns = []string{
	"STT", "Tên hệ thống thông tin", "Chủ quản hệ thống thông tin", "Đơn vị vận hành", "Cấp độ đề xuất", "Tình trạng phê duyệt hồ sơ đề xuất cấp độ",
	"Quyết định phê duyệt (số, ngày, cơ quan ban hành)", "Quy chế bảo đảm an ninh mạng (số, ngày, cơ quan ban hành)", "Thời gian dự kiến phê duyệt",
	"Tình trạng triển khai phương án bảo đảm an ninh mạng", "Thời gian dự kiến triển khai đầy đủ", "Kiểm tra, đánh giá an ninh mạng",
}

// planWords are those of Form 08.
var planWords = map[string]string{"none": "Chưa triển khai", "partly": "Đã triển khai một số hạng mục", "full": "Đã triển khai đầy đủ"}

// vnDay is a day as an official writes it.
func vnDay(d module.Date) string {
	if len(d) != len("2026-01-02") {
		return ""
	}
	return string(d[8:]) + "/" + string(d[5:7]) + "/" + string(d[:4])
}

func (d *Decision) text() string {
	if d.IsZero() {
		return ""
	}
	return d.Number + ", " + vnDay(d.Date) + ", " + d.Issuer
}

// cells are the twelve columns of a line.
func (s *Service) cells(n int, l *Line) []string {
	level := ""
	if l.Level > 0 {
		level = strconv.Itoa(l.Level)
	}
	return []string{
		strconv.Itoa(n), l.System.Name, s.Units.Name(l.System.Unit), l.System.OperatorName, level, l.Status, l.Decision.text(), l.System.Regulation.text(),
		vnDay(l.System.PlannedApproval), planWords[l.System.Plan], vnDay(l.System.PlannedDeployment), l.Inspected,
	}
}

// counters are the seven figures with their names.
func (n *Counts) counters() [][2]string {
	figure := func(c Counter) string { return strconv.Itoa(n.Of[c]) }
	completion := vnDay(n.Completion)
	switch {
	case n.Of[CountPending] == 0:
		completion = "Đã hoàn thành"
	case n.Unplanned > 0:
		completion = strings.TrimPrefix(fmt.Sprintf("%s; %d hệ thống chưa có kế hoạch", completion, n.Unplanned), "; ")
	}
	return [][2]string{
		{"Tổng số hệ thống thông tin", figure(CountTotal)},
		{"Số hệ thống đã xác định cấp độ", figure(CountClassified)},
		{"Số hệ thống đã xây dựng hồ sơ đề xuất cấp độ", figure(CountWritten)},
		{"Số hệ thống đã được thẩm định hồ sơ", figure(CountAppraised)},
		{"Số hệ thống đã được phê duyệt cấp độ", figure(CountApproved)},
		{"Số hệ thống đã được phê duyệt và kiểm tra, đánh giá định kỳ trong kỳ", figure(CountInspected)},
		{"Thời gian dự kiến hoàn thành phê duyệt", completion},
	}
}

// rebuiltNote says what cannot be known of a day that is over.
const rebuiltNote = "Số liệu tại ngày chốt dựng lại từ lịch sử hồ sơ và sổ đăng ký; tên, chủ quản, đơn vị vận hành là của hôm nay, " +
	"mỗi hệ thống chỉ biết quy chế và lần kiểm tra, đánh giá gần nhất nên có thể thiếu quy chế, lần kiểm tra đã được thay thế"

// period is what the report tells of, in words.
func (f *Form08) period() string {
	text := "Kỳ số liệu từ " + vnDay(f.Period.From) + " đến " + vnDay(f.Period.Until)
	if f.AsOf < f.Period.Until {
		text += ", số liệu đến " + vnDay(f.AsOf)
	}
	if f.Rebuilt {
		text += ". " + rebuiltNote
	}
	return text
}

// workbook writes the report as a workbook: the counters, those of each unit, and the
// twelve columns.
func (s *Service) workbook(_ context.Context, f *Form08) ([]byte, error) {
	counters := [][]string{{"Mẫu 08. " + f.period()}, {"Chỉ tiêu", "Giá trị"}}
	for _, c := range f.All.counters() {
		counters = append(counters, []string{c[0], c[1]})
	}
	lines := [][]string{columns}
	for i := range f.Lines {
		lines = append(lines, s.cells(i+1, &f.Lines[i]))
	}
	return sheet.Write("vi", sheet.Sheet{Name: "Tổng hợp", Rows: counters, Width: 60, Wrap: true, Numbers: []int{1}},
		sheet.Sheet{Name: "Theo đơn vị", Rows: s.unitRows(f), Width: 24, Wrap: true, Numbers: []int{1, 2, 3, 4, 5, 6}},
		sheet.Sheet{Name: "Danh sách", Rows: lines, Width: 24, Wrap: true, Numbers: []int{0, 4}})
}

// unitRows are the counters of each unit, under their heading.
func (s *Service) unitRows(f *Form08) [][]string {
	head := []string{"Đơn vị"}
	for _, c := range f.All.counters() {
		head = append(head, c[0])
	}
	rows := [][]string{head}
	for _, u := range f.Order {
		row := []string{s.Units.Name(u)}
		for _, c := range f.Units[u].counters() {
			row = append(row, c[1])
		}
		rows = append(rows, row)
	}
	return rows
}
