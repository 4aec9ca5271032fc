package incident

import (
	"context"
	"fmt"

	"github.com/lachan-vn/lachan/internal/sheet"
)

const maxSheetRows = 10_000

var sheetColumns = map[string][]string{
	"vi": {"Số", "Tiêu đề", "Đơn vị", "Loại", "Mức độ", "Diện báo cáo NĐ 331", "Giai đoạn", "TLP", "Chủ trì", "Phát hiện", "Mở", "Thay đổi", "Kết thúc", "Diễn tập", "Được chia sẻ"},
	"en": {"Number", "Title", "Unit", "Category", "Severity", "Reportable (Decree 331)", "Phase", "TLP", "Lead", "Detected", "Opened", "Changed", "Closed", "Drill", "Shared"},
}

// Words of values, as the console has them.
var sheetWords = map[string]map[string]string{
	"vi": {"critical": "Nghiêm trọng", "high": "Cao", "medium": "Trung bình", "low": "Thấp", "detect": "Phát hiện", "preserve": "Bảo vệ hiện trường", "isolate": "Cô lập",
		"analyse": "Phân tích", "recover": "Khắc phục", "root-cause": "Nguyên nhân gốc", "closed": "Đã đóng", "true": "Có", "false": ""},
	"en": {"true": "yes", "false": ""},
}

// Sheet writes the incidents a list shows as an XLSX workbook, the first 10,000 of
// them. Errors: Denied, Invalid.
func (s *Service) Sheet(ctx context.Context, f Filter, lang string) ([]byte, error) {
	if sheetColumns[lang] == nil {
		lang = "vi"
	}
	f.Limit = maxPage
	var columns []sheet.Column
	for _, name := range sheetColumns[lang] {
		columns = append(columns, sheet.Column{Width: 18, Phrase: sheet.Phrase{Vi: name, En: name}})
	}
	var rows [][]string
	for {
		list, next, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		views, err := s.views(ctx, list)
		if err != nil {
			return nil, err
		}
		for i := range views {
			rows = append(rows, s.sheetRow(&views[i], lang))
		}
		if f.After = next; next == "" || len(rows) >= maxSheetRows {
			return sheet.Write(lang, sheet.Sheet{Name: "Sheet1", Columns: columns, Rows: rows[:min(len(rows), maxSheetRows)], Wrap: true})
		}
	}
}

func (s *Service) sheetRow(v *IncidentView, lang string) []string {
	word := func(x any) string {
		text := fmt.Sprint(x)
		if w, ok := sheetWords[lang][text]; ok {
			return w
		}
		return text
	}
	const clock = "15:04 02/01/2006"
	lead, closed := "", ""
	if v.Lead != nil {
		lead = v.Lead.DisplayName
	}
	if v.ClosedAt != nil {
		closed = v.ClosedAt.In(s.Zone).Format(clock)
	}
	category := s.book().categories[v.Category].Vi
	if lang == "en" {
		category = s.book().categories[v.Category].En
	}
	return []string{v.Code, v.Title, v.UnitName, category, word(v.Severity), word(v.Grave), word(v.Phase), v.TLP, lead, v.DetectedAt.In(s.Zone).Format(clock),
		v.OpenedAt.In(s.Zone).Format(clock), v.ChangedAt.In(s.Zone).Format(clock), closed, word(v.Drill), word(v.Shared)}
}
