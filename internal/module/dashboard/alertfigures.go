package dashboard

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// AlertCounts counts alerts over time. See alert.Service for each method.
type AlertCounts interface {
	Flow(ctx context.Context, b module.Buckets) (module.AlertFlow, error)
	ClosedFor(ctx context.Context, from, to time.Time) (map[string]int64, error)
	Tactics(ctx context.Context, from, to time.Time) (map[string]int64, error)
}

// AlertRanks ranks what alerts are about.
type AlertRanks interface {
	RankRules(ctx context.Context, from, to time.Time, n int) ([]module.AlertRank, error)
	RankEntities(ctx context.Context, from, to time.Time, n int) ([]module.AlertRank, error)
	RankUnits(ctx context.Context, n int) ([]module.AlertRank, error)
}

// AlertWork tells how alerts are worked on.
type AlertWork interface {
	Speed(ctx context.Context, from, to time.Time) (taken, closed map[string]module.Durations, err error)
	Work(ctx context.Context, from, to time.Time) (module.TeamWork, error)
	Waiting(ctx context.Context, levels []string, n int) ([]module.AlertView, int64, error)
}

// Alerts is all of it.
type Alerts interface {
	AlertCounts
	AlertRanks
	AlertWork
}

// ask is one figure to make.
type ask struct {
	Period
	unit   event.UnitID // "" or the unit whose figures the reader asked for
	limit  int
	levels []string // never empty
}

func (a *ask) allLevels() bool { return len(a.levels) == len(levels) }

// alertsLink opens the queue in the state a figure counts.
func (a *ask) alertsLink(state ...string) string {
	l := append([]string{"unit", string(a.unit)}, state...)
	if !a.allLevels() && !slices.Contains(state, "level") {
		l = append(l, "level", strings.Join(a.levels, ","))
	}
	return link("/alerts", l...)
}

const (
	stateOpen = "new,in_progress"
	stateAny  = "new,in_progress,closed"
)

// openedLink opens the alerts opened between two times.
func (a *ask) openedLink(from, to time.Time, state ...string) string {
	return a.alertsLink(append([]string{"status", stateAny, "sort", "-createdAt", "from", point(from), "to", point(to)}, state...)...)
}

var (
	colAlerts = FigureColumn{"alerts", Words{"Cảnh báo", "Alerts"}, ColumnKind(Count)}
	colEvents = FigureColumn{"events", Words{"Sự kiện", "Events"}, ColumnKind(Count)}
	colLevel  = FigureColumn{"level", Words{"Mức độ", "Level"}, Level}
	colUnit   = FigureColumn{"unit", Words{"Đơn vị", "Unit"}, Text}
)

func openAlerts(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	flow, err := s.Alerts.Flow(ctx, module.Buckets{From: a.From, Width: a.To.Sub(a.From), N: 1})
	if err != nil {
		return nil, err
	}
	before, err := s.Alerts.Flow(ctx, module.Buckets{From: a.Before(), Width: a.To.Sub(a.From), N: 1})
	if err != nil {
		return nil, err
	}
	now, then := flow.Open[0], before.Open[0]
	f := &Figure{
		Measure: Count, Value: number(float64(sum(now, a.levels))), Previous: number(float64(sum(then, a.levels))), Better: "less",
		Columns: []FigureColumn{colLevel, {"alerts", Words{"Đang mở", "Open"}, ColumnKind(Count)}, {"before", Words{"Đầu kỳ", "At the beginning"}, ColumnKind(Count)}},
		Link:    a.alertsLink("status", stateOpen),
	}
	for _, l := range a.levels {
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{{Text: l}, num(now[l]), num(then[l])}, a.alertsLink("status", stateOpen, "level", l)})
	}
	return f, nil
}

func openOverTime(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	flow, err := s.Alerts.Flow(ctx, a.Buckets)
	if err != nil {
		return nil, err
	}
	var columns []FigureColumn
	for _, l := range a.levels {
		columns = append(columns, levelColumn(l))
	}
	f := overTime(a.Buckets, columns, func(i int) ([]FigureCell, string) {
		return levelCells(flow.Open[i], a.levels), a.openedLink(a.Buckets.At(i), a.Buckets.At(i+1))
	})
	f.Measure, f.Better, f.Link = Count, "less", a.alertsLink("status", stateOpen)
	f.Value = number(float64(sum(flow.Open[a.Buckets.N-1], a.levels)))
	f.Previous = number(float64(sum(flow.Open[0], a.levels)))
	return f, nil
}

func levelCells(counts map[string]int64, of []string) []FigureCell {
	cells := make([]FigureCell, len(of))
	for i, l := range of {
		cells[i] = num(counts[l])
	}
	return cells
}

func alertFlow(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	flow, err := s.Alerts.Flow(ctx, a.Buckets)
	if err != nil {
		return nil, err
	}
	before, err := s.Alerts.Flow(ctx, module.Buckets{From: a.Before(), Width: a.From.Sub(a.Before()), N: 1})
	if err != nil {
		return nil, err
	}
	var total int64
	f := overTime(a.Buckets, []FigureColumn{
		{"opened", Words{"Mới", "Opened"}, ColumnKind(Count)}, {"closed", Words{"Đã đóng", "Closed"}, ColumnKind(Count)},
	}, func(i int) ([]FigureCell, string) {
		opened := sum(flow.Opened[i], a.levels)
		total += opened
		return []FigureCell{num(opened), num(sum(flow.Closed[i], a.levels))}, a.openedLink(a.Buckets.At(i), a.Buckets.At(i+1))
	})
	f.Measure, f.Value, f.Previous, f.Better = Count, number(float64(total)), number(float64(sum(before.Opened[0], a.levels))), "less"
	f.Link = a.openedLink(a.From, a.To)
	return f, nil
}

// durationsFigure shows the median of all and a line for each level.
func durationsFigure(a *ask, now, before map[string]module.Durations, to string) *Figure {
	f := &Figure{Measure: Seconds, Better: "less", Link: to, Columns: []FigureColumn{
		colLevel, {"median", Words{"Trung vị", "Median"}, ColumnKind(Seconds)},
		{"p90", Words{"90 % trong vòng", "90 % within"}, ColumnKind(Seconds)}, colAlerts,
	}}
	if d := now[""]; d.Count > 0 {
		f.Value = number(d.Median.Seconds())
	}
	if d := before[""]; d.Count > 0 {
		f.Previous = number(d.Median.Seconds())
	}
	for _, l := range levels {
		if d := now[l]; d.Count > 0 {
			f.Rows = append(f.Rows, FigureRow{[]FigureCell{{Text: l}, num(d.Median.Seconds()), num(d.P90.Seconds()), num(d.Count)}, a.alertsLink("status", stateAny, "level", l)})
		}
	}
	return f
}

func takeTime(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	now, _, err := s.Alerts.Speed(ctx, a.From, a.To)
	if err != nil {
		return nil, err
	}
	before, _, err := s.Alerts.Speed(ctx, a.Before(), a.From)
	return durationsFigure(a, now, before, a.alertsLink("status", "in_progress,closed")), err
}

func closeTime(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	_, now, err := s.Alerts.Speed(ctx, a.From, a.To)
	if err != nil {
		return nil, err
	}
	_, before, err := s.Alerts.Speed(ctx, a.Before(), a.From)
	return durationsFigure(a, now, before, a.alertsLink("status", "closed")), err
}

func topRules(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	list, err := s.Alerts.RankRules(ctx, a.From, a.To, a.limit)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Count, Link: a.openedLink(a.From, a.To), Columns: []FigureColumn{
		{"rule", Words{"Luật", "Rule"}, Text}, colAlerts, colEvents, colLevel,
	}}
	for _, r := range list {
		title := Words{r.TitleVi, r.Title}
		if title.Vi == "" {
			title.Vi = title.En
		}
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{both(title), num(r.Alerts), num(r.Events), {Text: r.Level}}, a.openedLink(a.From, a.To, "ruleId", r.RuleID)})
	}
	return f, nil
}

func topUnits(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	list, err := s.Alerts.RankUnits(ctx, a.limit)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Count, Link: a.alertsLink("status", stateOpen), Columns: []FigureColumn{colUnit}}
	for _, l := range a.levels {
		f.Columns = append(f.Columns, levelColumn(l))
	}
	for _, r := range list {
		if sum(r.ByLevel, a.levels) == 0 {
			continue
		}
		cells := append([]FigureCell{text(s.Units.Name(r.Unit))}, levelCells(r.ByLevel, a.levels)...)
		f.Rows = append(f.Rows, FigureRow{cells, a.alertsLink("status", stateOpen, "unit", string(r.Unit))})
	}
	return f, nil
}

func topEntities(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	list, err := s.Alerts.RankEntities(ctx, a.From, a.To, a.limit)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Count, Link: a.openedLink(a.From, a.To), Columns: []FigureColumn{
		{"entity", Words{"Đối tượng", "Entity"}, Text}, colAlerts, colEvents, colLevel, colUnit,
		{"field", Words{"Trường", "Field"}, Text},
	}}
	for _, r := range list {
		f.Rows = append(f.Rows, FigureRow{
			[]FigureCell{text(r.EntityValue), num(r.Alerts), num(r.Events), {Text: r.Level}, text(s.Units.Name(r.Unit)), text(r.EntityField)},
			a.openedLink(a.From, a.To, "q", r.EntityValue, "unit", string(r.Unit)),
		})
	}
	return f, nil
}

// tacticWords are the tactics in the order of an attack.
var tacticWords = []struct {
	id string
	Words
}{
	{"reconnaissance", Words{"Trinh sát", "Reconnaissance"}},
	{"resource-development", Words{"Chuẩn bị nguồn lực", "Resource development"}},
	{"initial-access", Words{"Xâm nhập ban đầu", "Initial access"}},
	{"execution", Words{"Thực thi mã", "Execution"}},
	{"persistence", Words{"Duy trì hiện diện", "Persistence"}},
	{"privilege-escalation", Words{"Leo thang đặc quyền", "Privilege escalation"}},
	{"defense-evasion", Words{"Né tránh phòng thủ", "Defense evasion"}},
	{"stealth", Words{"Ẩn mình", "Stealth"}},
	{"defense-impairment", Words{"Vô hiệu hóa phòng thủ", "Defense impairment"}},
	{"credential-access", Words{"Đánh cắp thông tin xác thực", "Credential access"}},
	{"discovery", Words{"Dò tìm bên trong", "Discovery"}},
	{"lateral-movement", Words{"Di chuyển ngang", "Lateral movement"}},
	{"collection", Words{"Thu thập dữ liệu", "Collection"}},
	{"command-and-control", Words{"Điều khiển từ xa", "Command and control"}},
	{"exfiltration", Words{"Đưa dữ liệu ra ngoài", "Exfiltration"}},
	{"impact", Words{"Gây tác động", "Impact"}},
	{"", Words{"Không gắn chiến thuật", "No tactic"}},
}

func byTactic(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	now, err := s.Alerts.Tactics(ctx, a.From, a.To)
	if err != nil {
		return nil, err
	}
	before, err := s.Alerts.Tactics(ctx, a.Before(), a.From)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Count, Link: link("/attack", "from", point(a.From), "to", point(a.To), "unit", string(a.unit)), Columns: []FigureColumn{
		{"tactic", Words{"Chiến thuật ATT&CK", "ATT&CK tactic"}, Text}, colAlerts, {"before", Words{"Kỳ trước", "Period before"}, ColumnKind(Count)},
	}}
	for _, t := range tacticWords {
		if now[t.id] == 0 && before[t.id] == 0 {
			continue
		}
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{both(t.Words), num(now[t.id]), num(before[t.id])}, f.Link})
	}
	return f, nil
}

var reasonWords = []struct {
	id string
	Words
}{
	{"true_positive", Words{"Đúng là tấn công", "True positive"}},
	{"false_positive", Words{"Cảnh báo sai", "False positive"}},
	{"benign", Words{"Đúng nhưng vô hại", "Benign"}},
	{"duplicate", Words{"Trùng lặp", "Duplicate"}},
	{"other", Words{"Lý do khác", "Other"}},
	{"settled", Words{"Tự hết", "Settled by itself"}},
}

// falseShare is the share of false positives among the alerts somebody judged:
// true, false or benign. Nil where there is none.
func falseShare(by map[string]int64) *float64 {
	judged := by["true_positive"] + by["false_positive"] + by["benign"]
	if judged == 0 {
		return nil
	}
	return number(float64(by["false_positive"]) / float64(judged))
}

func closeReasons(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	now, err := s.Alerts.ClosedFor(ctx, a.From, a.To)
	if err != nil {
		return nil, err
	}
	before, err := s.Alerts.ClosedFor(ctx, a.Before(), a.From)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Share, Value: falseShare(now), Previous: falseShare(before), Better: "less", Link: a.alertsLink("status", "closed"), Columns: []FigureColumn{
		{"reason", Words{"Lý do đóng", "Reason"}, Text}, colAlerts, {"before", Words{"Kỳ trước", "Period before"}, ColumnKind(Count)},
	}}
	for _, r := range reasonWords {
		if now[r.id] == 0 && before[r.id] == 0 {
			continue
		}
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{both(r.Words), num(now[r.id]), num(before[r.id])}, a.alertsLink("status", "closed", "reason", r.id)})
	}
	return f, nil
}

func oldestAlerts(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	list, total, err := s.Alerts.Waiting(ctx, a.levels, a.limit)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Count, Value: number(float64(total)), Better: "less", Total: total, Link: a.alertsLink("status", "new", "sort", "createdAt"), Columns: []FigureColumn{
		{"alert", Words{"Cảnh báo", "Alert"}, Text}, colLevel, colUnit, {"entity", Words{"Đối tượng", "Entity"}, Text},
		{"since", Words{"Chờ từ", "Waiting since"}, Time}, {"age", Words{"Đã chờ", "Waited"}, ColumnKind(Seconds)},
	}}
	for i := range list {
		x := &list[i]
		title := Words{x.TitleVi, x.Title}
		if title.Vi == "" {
			title.Vi = title.En
		}
		f.Rows = append(f.Rows, FigureRow{
			[]FigureCell{both(title), {Text: x.Level}, text(x.UnitName), text(x.EntityValue), when(x.CreatedAt.Time), num(a.Now.Sub(x.CreatedAt.Time).Seconds())},
			link("/alerts/" + x.ID),
		})
	}
	return f, nil
}

func teamWork(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	now, err := s.Alerts.Work(ctx, a.From, a.To)
	if err != nil {
		return nil, err
	}
	before, err := s.Alerts.Work(ctx, a.Before(), a.From)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Count, Value: number(float64(now.Closed)), Previous: number(float64(before.Closed)), Better: "more", Link: a.alertsLink("status", "in_progress,closed"), Columns: []FigureColumn{
		{"work", Words{"Công việc của cả nhóm", "Work of the whole team"}, Text}, {"n", Words{"Trong kỳ", "In the period"}, ColumnKind(Count)},
		{"before", Words{"Kỳ trước", "Period before"}, ColumnKind(Count)},
	}}
	for _, r := range []struct {
		name Words
		n, b int64
		to   string
	}{
		{Words{"Tiếp nhận", "Taken up"}, now.Taken, before.Taken, a.alertsLink("status", "in_progress,closed")},
		{Words{"Phân công", "Assigned"}, now.Assigned, before.Assigned, a.alertsLink("status", stateAny)},
		{Words{"Đóng", "Closed"}, now.Closed, before.Closed, a.alertsLink("status", "closed")},
		{Words{"Mở lại", "Reopened"}, now.Reopened, before.Reopened, a.alertsLink("status", stateOpen)},
		{Words{"Ghi chú", "Notes"}, now.Notes, before.Notes, a.alertsLink("status", stateAny)},
	} {
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{both(r.name), num(r.n), num(r.b)}, r.to})
	}
	return f, nil
}

// byNumber sorts rows by the number in a column, the greatest first.
func byNumber(rows []FigureRow, column int) {
	sort.SliceStable(rows, func(i, j int) bool {
		x, y := rows[i].Cells[column].Number, rows[j].Cells[column].Number
		return x != nil && (y == nil || *x > *y)
	})
}
