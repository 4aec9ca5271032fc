package notification

import (
	"maps"
	"slices"
)

// kind is one sort of thing people can be told of, in both languages.
type kind struct {
	vi, en string
	// personal kinds go to the person concerned without a rule.
	personal bool
}

// The kinds the code knows by name.
const (
	KindAlert      = "alert.opened"
	KindAssigned   = "alert.assigned"
	KindEscalation = "alert.escalated"
	KindSignal     = "signal.other"
	KindDead       = "notification.failed"
	KindTest       = "notification.test"
)

// kinds is the catalogue. A signal has its own kind, as in the catalogue of
// signals; one that is not here is signal.other.
var kinds = map[string]kind{
	KindAlert:      {vi: "Cảnh báo mới", en: "New alert"},
	KindAssigned:   {vi: "Cảnh báo được giao cho tôi", en: "An alert was given to me", personal: true},
	KindEscalation: {vi: "Cảnh báo chưa ai tiếp nhận", en: "An alert nobody has acknowledged", personal: true},
	KindSignal:     {vi: "Tình trạng hệ thống khác", en: "Another condition of the system"},
	KindDead:       {vi: "Không gửi được thông báo", en: "A notification could not be sent", personal: true},
	KindTest:       {vi: "Thông báo thử", en: "A test message", personal: true},

	"source.silent":        {vi: "Nguồn log im lặng", en: "A source fell silent"},
	"source.silent.many":   {vi: "Nhiều nguồn log cùng im lặng", en: "Many sources fell silent together"},
	"source.volume":        {vi: "Lượng log bất thường", en: "Unusual volume of logs"},
	"source.skew":          {vi: "Đồng hồ nguồn log lệch", en: "The clock of a source is off"},
	"input.quota":          {vi: "Đơn vị gửi quá phần của mình", en: "A unit sends more than its share"},
	"relay.silent":         {vi: "Mất liên lạc với máy chuyển tiếp", en: "A relay cannot be heard"},
	"relay.disk":           {vi: "Đĩa của máy chuyển tiếp sắp đầy", en: "A relay's disk is filling up"},
	"relay.gap":            {vi: "Máy chuyển tiếp đã bỏ log", en: "A relay dropped logs"},
	"cert.expiry":          {vi: "Chứng thư sắp hết hạn", en: "A certificate is about to expire"},
	"disk.full":            {vi: "Đĩa sắp đầy", en: "A disk is filling up"},
	"lake.retention":       {vi: "Lưu giữ log không đạt yêu cầu", en: "Logs are not kept as required"},
	"identity.break-glass": {vi: "Tài khoản khẩn cấp được sử dụng", en: "The break-glass account was used"},
	"exclusion.proposed":   {vi: "Đề xuất ngoại lệ chờ duyệt", en: "An exclusion awaits a decision"},
	"exclusion.decided":    {vi: "Quyết định về ngoại lệ tôi đề xuất", en: "A decision on an exclusion I proposed", personal: true},
	"exclusion.expiring":   {vi: "Ngoại lệ sắp hết hiệu lực", en: "An exclusion is about to expire"},
	"exclusion.expired":    {vi: "Ngoại lệ tôi đề xuất đã hết hiệu lực", en: "An exclusion I proposed has expired", personal: true},
	"obligation.arose":     {vi: "Phát sinh nghĩa vụ báo cáo", en: "A reporting duty arose"},
	"obligation.remind":    {vi: "Nghĩa vụ báo cáo sắp đến hạn", en: "A reporting duty falls due"},
	"obligation.late":      {vi: "Nghĩa vụ báo cáo đã trễ hạn", en: "A reporting duty is late"},
	"dossier.sent":         {vi: "Hồ sơ cấp độ chờ thẩm định", en: "A level dossier awaits its appraisal"},
	"dossier.judged":       {vi: "Hồ sơ cấp độ chờ phê duyệt", en: "A level dossier awaits the decision"},
	"dossier.returned":     {vi: "Hồ sơ cấp độ tôi gửi được trả lại", en: "A level dossier I sent was returned", personal: true},
	"dossier.approved":     {vi: "Hồ sơ cấp độ tôi gửi đã được phê duyệt", en: "A level dossier I sent was approved", personal: true},
	"dossier.late":         {vi: "Hồ sơ cấp độ quá thời hạn xử lý", en: "A level dossier is overdue"},
	"dossier.call":         {vi: "Cần xem xét xác định lại cấp độ", en: "A level is to be looked at anew"},
	"warning.review":       {vi: "Cảnh báo sớm chờ phát hành", en: "An early warning awaits publication"},
	"warning.published":    {vi: "Cảnh báo sớm gửi đơn vị", en: "An early warning for the unit"},
	"warning.reminder":     {vi: "Cảnh báo sớm sắp hết hạn", en: "An early warning falls due"},
	"warning.overdue":      {vi: "Cảnh báo sớm quá hạn", en: "An early warning is overdue"},
	"warning.answer":       {vi: "Trả lời cảnh báo sớm", en: "An answer to an early warning"},
	"warning.help":         {vi: "Đơn vị cần hỗ trợ xử lý cảnh báo sớm", en: "A unit needs help with an early warning"},
	"document.submitted":   {vi: "Văn bản chờ duyệt", en: "A document awaits approval"},
	"document.decided":     {vi: "Văn bản tôi soạn được duyệt hoặc trả lại", en: "A document I drafted was approved or returned", personal: true},
	"agenda.reminder":      {vi: "Việc trong lịch sắp hoặc đã đến hạn", en: "What is in the calendar falls due"},
	"readiness.override":   {vi: "Quyết định cho vận hành sắp hết hiệu lực", en: "A decision to operate a system is about to end"},
	"advisory.matched":     {vi: "Lỗ hổng đang bị khai thác liên quan đơn vị", en: "An exploited vulnerability concerns units"},
	"vulnerability.new":    {vi: "Lỗ hổng nghiêm trọng mới phát hiện", en: "New critical weaknesses were found"},
	"vulnerability.late":   {vi: "Lỗ hổng quá hạn khắc phục", en: "Weaknesses are past their due date"},
	"identity.new-device":  {vi: "Đăng nhập từ thiết bị mới", en: "Sign-in from a new device", personal: true},

	"incident.opened":         {vi: "Sự cố mới", en: "A new incident"},
	"incident.shared":         {vi: "Sự cố được chia sẻ với đơn vị", en: "An incident was shared with the unit"},
	"incident.assigned":       {vi: "Tôi được giao chủ trì sự cố", en: "I was given an incident to lead", personal: true},
	"incident.task":           {vi: "Tôi được giao việc của sự cố", en: "I was given a task of an incident", personal: true},
	"incident.mention":        {vi: "Tôi được nhắc đến trong sự cố", en: "I was mentioned in an incident", personal: true},
	"incident.guest":          {vi: "Khách trả lời trong sự cố", en: "A guest answered in an incident"},
	"incident.file-damaged":   {vi: "Tệp chứng cứ không còn nguyên vẹn", en: "A file of evidence is not what was received"},
	"coordination.called":     {vi: "Tôi được huy động", en: "I am called up", personal: true},
	"coordination.short":      {vi: "Huy động chưa đủ người", en: "Too few people come"},
	"coordination.ask":        {vi: "Yêu cầu phối hợp gửi đến đơn vị", en: "The unit is asked for help"},
	"coordination.ask-remind": {vi: "Yêu cầu phối hợp chờ trả lời", en: "An ask awaits an answer"},
	"coordination.answered":   {vi: "Trả lời yêu cầu phối hợp của tôi", en: "An answer to what I asked", personal: true},
	"coordination.handover":   {vi: "Đề nghị tiếp nhận chủ trì", en: "Asked to take the lead"},

	"assessment.notice":     {vi: "Thông báo kiểm tra, đánh giá gửi đơn vị", en: "The unit is told of an inspection"},
	"assessment.finding":    {vi: "Yêu cầu khắc phục sau kiểm tra", en: "To be mended after an inspection"},
	"assessment.answer":     {vi: "Đơn vị báo đã khắc phục sau kiểm tra", en: "A unit answered a finding"},
	"connection.down":       {vi: "Mất kết nối giữa các hệ thống thông tin", en: "A connection between systems is down"},
	"connection.up":         {vi: "Kết nối giữa các hệ thống đã hoạt động lại", en: "A connection between systems works again"},
	"antimalware.infection": {vi: "Phát hiện mã độc chưa xử lý", en: "Malware that is not cleaned"},
	"antimalware.campaign":  {vi: "Chiến dịch bóc gỡ mã độc của đơn vị", en: "A cleaning campaign of the unit"},
}

// knownKind returns the kind itself, or signal.other for one that is not here.
func knownKind(k string) string {
	if _, ok := kinds[k]; ok {
		return k
	}
	return KindSignal
}

// kindNames lists the kinds, those of alerts first.
func kindNames() []string {
	first := []string{KindAlert, KindAssigned, KindEscalation}
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(kinds)), func(k string) bool { return slices.Contains(first, k) || k == KindTest })
	return append(first, rest...)
}

// words are what messages are made of.
type words struct {
	levels                                           map[string]string
	one, many, more, open, foot, unit, about, detail string
	testSubject, testText                            string
}

var texts = map[string]words{
	"vi": {
		levels: map[string]string{"critical": "Nghiêm trọng", "high": "Cao", "medium": "Trung bình", "low": "Thấp", "informational": "Thông tin"},
		one:    "[%s] %s", many: "[%s] %d thông báo: %s", more: "và %d thông báo khác",
		open: "Mở trong Lá Chắn", unit: "Đơn vị", about: "Đối tượng", detail: "Chi tiết được xem sau khi đăng nhập.",
		foot:        "Thư này do hệ thống Lá Chắn tự động gửi; xin không trả lời. Chọn loại thông báo và giờ nhận trong mục Thông báo của hệ thống.",
		testSubject: "Thông báo thử từ Lá Chắn", testText: "Kênh «%s» hoạt động. Không cần làm gì thêm.",
	},
	"en": {
		levels: map[string]string{"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low", "informational": "Informational"},
		one:    "[%s] %s", many: "[%s] %d notifications: %s", more: "and %d more",
		open: "Open in Lá Chắn", unit: "Unit", about: "About", detail: "Details are shown after signing in.",
		foot:        "Sent by Lá Chắn; please do not reply. Choose what you are told, and when, on the page Notifications.",
		testSubject: "A test message from Lá Chắn", testText: "The channel \"%s\" works. Nothing else is to be done.",
	},
}

func wordsOf(language string) words {
	if w, ok := texts[language]; ok {
		return w
	}
	return texts["vi"]
}
