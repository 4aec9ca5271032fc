package dashboard

import (
	"context"

	"github.com/lachan-vn/lachan/internal/module"
)

// Form is how a figure is drawn where its table is not shown itself.
type Form string

// The forms.
const (
	FormNumber  Form = "number"  // the headline, and small bars for the rows
	FormLines   Form = "lines"   // over time
	FormColumns Form = "columns" // over time, side by side
	FormStack   Form = "stack"   // over time, on top of each other
	FormBars    Form = "bars"    // a bar for each row, of the first number
	FormStacked Form = "stacked" // a bar for each row, of all numbers
	FormTable   Form = "table"
	FormText    Form = "text"
)

// kind is one sort of figure.
type kind struct {
	id          string
	name, about Words
	form        Form
	w, h        int
	limit       int  // usual lines; 0: no setting
	levels      bool // can be narrowed to levels
	now         bool // tells of this moment, whatever the period
	centre      bool // of the centre only
	needs       []module.Action
	count       func(context.Context, *Service, *ask) (*Figure, error)
}

// What a figure is made from; counts of events alone need no more than the board.
var (
	ofAlerts  = []module.Action{module.ActionAlertRead}
	ofSources = []module.Action{module.ActionSourceRead}
	ofBoth    = []module.Action{module.ActionAlertRead, module.ActionSourceRead}
)

// catalogue lists the kinds in the order a person chooses from.
var catalogue = []*kind{
	{id: "summary", needs: ofBoth, form: FormText, w: 12, h: 1, count: summary,
		name:  Words{"Tóm tắt bằng lời", "Summary in words"},
		about: Words{"Tình hình trong kỳ, viết thành câu cho người không đọc biểu đồ.", "The period in sentences, for those who do not read charts."}},

	{id: "open-alerts", needs: ofAlerts, form: FormNumber, w: 3, h: 2, levels: true, count: openAlerts,
		name:  Words{"Cảnh báo đang mở", "Open alerts"},
		about: Words{"Số cảnh báo chưa đóng ở cuối kỳ, theo mức độ; so với đầu kỳ.", "Alerts not closed at the end of the period, by level; compared with its beginning."}},
	{id: "open-over-time", needs: ofAlerts, form: FormStack, w: 6, h: 2, levels: true, count: openOverTime,
		name:  Words{"Cảnh báo đang mở theo thời gian", "Open alerts over time"},
		about: Words{"Số cảnh báo chưa đóng ở cuối mỗi khoảng, chồng theo mức độ.", "Alerts not closed at the end of each part, stacked by level."}},
	{id: "alert-flow", needs: ofAlerts, form: FormColumns, w: 6, h: 2, levels: true, count: alertFlow,
		name:  Words{"Cảnh báo mới và đã đóng", "Alerts opened and closed"},
		about: Words{"Mỗi khoảng có bao nhiêu cảnh báo mới và bao nhiêu cảnh báo được đóng.", "How many alerts were opened and how many closed in each part."}},
	{id: "take-time", needs: ofAlerts, form: FormNumber, w: 3, h: 2, count: takeTime,
		name:  Words{"Thời gian tiếp nhận (MTTA)", "Time to acknowledge (MTTA)"},
		about: Words{"Trung vị từ lúc cảnh báo mở đến thao tác đầu tiên của con người, với các cảnh báo được tiếp nhận trong kỳ.", "Median from opening to the first thing a person did, of alerts taken up in the period."}},
	{id: "close-time", needs: ofAlerts, form: FormNumber, w: 3, h: 2, count: closeTime,
		name:  Words{"Thời gian xử lý (MTTR)", "Time to close (MTTR)"},
		about: Words{"Trung vị từ lúc cảnh báo mở đến khi được đóng, với các cảnh báo do con người đóng trong kỳ.", "Median from opening to closing, of alerts that people closed in the period."}},
	{id: "oldest-alerts", needs: ofAlerts, form: FormTable, w: 6, h: 2, limit: 8, levels: true, now: true, count: oldestAlerts,
		name:  Words{"Cảnh báo chờ lâu nhất", "Alerts waiting longest"},
		about: Words{"Cảnh báo chưa ai nhận, cũ nhất trước.", "Alerts nobody has taken, the oldest first."}},
	{id: "top-units", needs: ofAlerts, form: FormStacked, w: 6, h: 2, limit: 10, levels: true, now: true, count: topUnits,
		name:  Words{"Đơn vị có nhiều cảnh báo mở", "Units with most open alerts"},
		about: Words{"Cảnh báo chưa đóng theo đơn vị, xếp theo mức nghiêm trọng, rồi mức cao, rồi tổng số.", "Alerts not closed by unit, by critical, then high, then all."}},
	{id: "top-rules", needs: ofAlerts, form: FormBars, w: 6, h: 2, limit: 10, count: topRules,
		name:  Words{"Luật sinh nhiều cảnh báo", "Rules with most alerts"},
		about: Words{"Cảnh báo mở trong kỳ theo luật.", "Alerts opened in the period, by rule."}},
	{id: "top-entities", needs: ofAlerts, form: FormBars, w: 6, h: 2, limit: 10, count: topEntities,
		name:  Words{"Máy và địa chỉ bị cảnh báo nhiều", "Machines and addresses with most alerts"},
		about: Words{"Cảnh báo mở trong kỳ theo máy hoặc địa chỉ, mức nặng nhất trước. Không xếp hạng tài khoản của con người.", "Alerts opened in the period by machine or address, the worst level first. People's accounts are not ranked."}},
	{id: "tactics", needs: ofAlerts, form: FormBars, w: 6, h: 2, count: byTactic,
		name:  Words{"Cảnh báo theo chiến thuật ATT&CK", "Alerts by ATT&CK tactic"},
		about: Words{"Cảnh báo mở trong kỳ theo chiến thuật gắn trên luật; một cảnh báo nhiều chiến thuật được đếm ở mỗi chiến thuật.", "Alerts opened in the period by the tactics of their rules; one of several tactics counts in each."}},
	{id: "close-reasons", needs: ofAlerts, form: FormBars, w: 3, h: 2, count: closeReasons,
		name:  Words{"Tỷ lệ cảnh báo sai", "Share of false positives"},
		about: Words{"Cảnh báo sai trên tổng số cảnh báo đã được đánh giá đúng, sai hoặc vô hại khi đóng trong kỳ.", "False positives among the alerts judged true, false or benign when closed in the period."}},
	{id: "team-work", needs: ofAlerts, form: FormTable, w: 3, h: 2, count: teamWork,
		name:  Words{"Khối lượng công việc của cả nhóm", "Work of the whole team"},
		about: Words{"Tổng số thao tác của mọi người trong kỳ. Không thống kê theo từng người.", "What all people did in the period, together. Nothing is told by person."}},
	{id: "exclusions-expiring", needs: ofAlerts, form: FormTable, w: 6, h: 2, limit: 8, now: true, count: expiringExclusions,
		name:  Words{"Ngoại lệ sắp hết hạn", "Exclusions ending soon"},
		about: Words{"Ngoại lệ của luật hết hạn trong bảy ngày tới.", "Exclusions from rules that end within seven days."}},

	{id: "event-rate", form: FormNumber, w: 3, h: 1, now: true, count: eventRate,
		name:  Words{"Sự kiện mỗi giây", "Events per second"},
		about: Words{"Sự kiện được lưu mỗi giây, trung bình 10 giây gần nhất.", "Events stored per second, over the last 10 seconds."}},
	{id: "events-over-time", form: FormColumns, w: 6, h: 2, count: eventsOverTime,
		name:  Words{"Lượng sự kiện", "Volume of events"},
		about: Words{"Số sự kiện theo thời điểm xảy ra; so với kỳ trước.", "Events by the time they happened; compared with the period before."}},
	{id: "events-by-unit", form: FormBars, w: 6, h: 2, limit: 10, count: eventsBy("unit", unitCell, colUnit),
		name:  Words{"Lượng sự kiện theo đơn vị", "Events by unit"},
		about: Words{"Đơn vị gửi nhiều sự kiện nhất trong kỳ.", "The units with most events in the period."}},
	{id: "events-by-format", form: FormBars, w: 6, h: 2, limit: 10, count: eventsBy("format", formatCell, FigureColumn{"format", Words{"Định dạng", "Format"}, Text}),
		name:  Words{"Lượng sự kiện theo định dạng", "Events by format"},
		about: Words{"Định dạng log có nhiều sự kiện nhất trong kỳ.", "The formats with most events in the period."}},
	{id: "source-states", needs: ofSources, form: FormNumber, w: 3, h: 2, now: true, count: sourceStates,
		name:  Words{"Tỷ lệ nguồn log đang gửi", "Share of sources that report"},
		about: Words{"Nguồn đang gửi trên tổng số nguồn phải gửi; nguồn tạm bỏ qua không tính.", "Sources that report among those that should; muted ones do not count."}},
	{id: "silent-sources", needs: ofSources, form: FormTable, w: 6, h: 2, limit: 8, now: true, count: silentSources,
		name:  Words{"Nguồn log im lặng", "Silent sources"},
		about: Words{"Nguồn lẽ ra phải gửi log nhưng đang không gửi, cần xem trước đứng trên.", "Sources that should send and do not, those that most need a look first."}},
	{id: "unit-coverage", needs: ofSources, form: FormTable, w: 6, h: 2, limit: 8, now: true, count: unitCoverage,
		name:  Words{"Đơn vị chưa kết nối hoặc im lặng", "Units without logs"},
		about: Words{"Đơn vị chưa có nguồn log nào, hoặc mọi nguồn đều im lặng.", "Units that have no source, or whose sources are all silent."}},
	{id: "unparsed-share", needs: ofSources, form: FormLines, w: 6, h: 2, count: unparsedShare,
		name:  Words{"Tỷ lệ log chưa phân tích được", "Share of lines not parsed"},
		about: Words{"Dòng không bộ phân tích nào hiểu (theo giờ đến) trên tổng số sự kiện (theo giờ xảy ra). Số liệu được giữ 92 ngày.", "Lines no parser understood (by arrival) among all events (by their time). Kept for 92 days."}},
	{id: "ingest-lag", form: FormNumber, w: 3, h: 1, now: true, centre: true, count: ingestLag,
		name:  Words{"Độ trễ xử lý", "Processing lag"},
		about: Words{"Tuổi của khối log cũ nhất đã nhận mà chưa tìm kiếm được.", "Age of the oldest block accepted that cannot be searched yet."}},
	{id: "disk-forecast", needs: ofSources, form: FormTable, w: 6, h: 2, now: true, centre: true, count: diskForecast,
		name:  Words{"Dự báo đầy ổ đĩa", "Disk forecast"},
		about: Words{"Còn bao lâu nữa thì ổ đĩa đầy, theo đà tăng của 14 ngày gần nhất.", "How long until the disks are full, as they grew in the last 14 days."}},
}

var kinds = func() map[string]*kind {
	m := make(map[string]*kind, len(catalogue))
	for _, k := range catalogue {
		m[k.id] = k
	}
	return m
}()
