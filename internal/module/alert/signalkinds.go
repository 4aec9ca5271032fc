package alert

// signalKind is what the centre says about one sort of signal: in Vietnamese for
// the people who work here, in English for the others. In a title, {about} and
// the names of details in braces stand for what the signal brings.
type signalKind struct {
	level              string
	titleVi, title     string
	explainVi, explain string
	checksVi, checks   []string
}

// SignalKinds lists the sorts of signals the catalogue knows.
func SignalKinds() []string {
	kinds := make([]string, 0, len(signalKinds))
	for k := range signalKinds {
		kinds = append(kinds, k)
	}
	return kinds
}

// signalKinds is the catalogue. A signal that is not in it is refused: an alert
// without an explanation helps nobody at night.
var signalKinds = map[string]signalKind{
	"source.silent": {
		level:   "medium",
		titleVi: "Nguồn log im lặng: {about}", title: "A source fell silent: {about}",
		explainVi: "Nguồn này không gửi log trong thời gian dài hơn hẳn nhịp gửi thường ngày của nó vào giờ này trong tuần. Máy có thể đã tắt, mất mạng, dịch vụ gửi log đã dừng, hoặc có người cố ý tắt ghi log để che giấu hành vi.",
		explain:   "This source has sent nothing for clearly longer than it usually pauses at this hour of the week. The machine may be off or cut off, its shipper may have stopped, or somebody switched logging off to hide.",
		checksVi: []string{
			"Máy còn hoạt động và còn kết nối mạng tới trung tâm không?",
			"Dịch vụ gửi log trên máy (rsyslog, Winlogbeat, Fluent Bit…) có đang chạy, có báo lỗi chứng thư hoặc mã truy cập hết hạn không?",
			"Ngay trước khi im lặng, log của máy có dấu hiệu xóa nhật ký, dừng dịch vụ ghi log hoặc đăng nhập lạ không?",
			"Nếu là ngừng có kế hoạch, đặt «tạm ngừng theo dõi» cho nguồn này kèm lý do và thời hạn.",
		},
		checks: []string{
			"Is the machine running, and can it reach the centre?",
			"Does its shipper (rsyslog, Winlogbeat, Fluent Bit…) run, or complain of an expired certificate or token?",
			"Just before the silence, do its logs tell of cleared logs, a stopped logging service or an unusual sign-in?",
			"If this is planned, mute the source with a reason and an end.",
		},
	},
	"source.silent.many": {
		level:   "high",
		titleVi: "Nhiều nguồn log cùng im lặng: {about}", title: "Many sources fell silent together: {about}",
		explainVi: "Nhiều nguồn cùng ngừng gửi gần như một lúc. Nguyên nhân thường nằm ở chỗ chung của chúng: đường truyền, tường lửa, máy chuyển tiếp, cổng nhận log của trung tâm hoặc nguồn điện.",
		explain:   "Several sources stopped at nearly the same time. The cause is usually what they share: the line, a firewall, a relay, an input of the centre, or power.",
		checksVi: []string{
			"Đường truyền từ đơn vị về trung tâm, tường lửa và VPN có hoạt động không?",
			"Máy chuyển tiếp log của đơn vị và cổng nhận tương ứng ở trung tâm có đang chạy không?",
			"Đơn vị có mất điện, bảo trì hoặc thay đổi cấu hình mạng vào lúc đó không?",
			"Xem danh sách nguồn của đơn vị ở trang Nguồn log để biết nguồn nào đã trở lại.",
		},
		checks: []string{
			"Do the line from the unit, its firewall and VPN work?",
			"Do the unit's relay and the input of the centre run?",
			"Was there a power cut, maintenance or a change of the network at that time?",
			"See the unit's sources to learn which are back.",
		},
	},
	"source.volume": {
		level:   "medium",
		titleVi: "Lượng log bất thường: {about}", title: "Unusual volume of logs: {about}",
		explainVi: "Hai giờ liền, lượng log của nguồn này lệch xa mức thường thấy vào cùng giờ của các tuần trước. Tăng vọt có thể là dò quét, tấn công hoặc lỗi lặp; giảm mạnh có thể là mất một phần log hoặc cấu hình ghi log bị thay đổi.",
		explain:   "For two hours in a row this source sent far more or far less than at the same hours of earlier weeks. A surge may be a scan, an attack or an error that repeats; a slump may be logs lost on the way or logging reconfigured.",
		checksVi: []string{
			"So biểu đồ 24 giờ của nguồn với mức thường ngày ở trang Nguồn log.",
			"Loại sự kiện, địa chỉ hoặc tài khoản nào chiếm phần tăng thêm hoặc biến mất?",
			"Gần đây có thay đổi cấu hình ghi log, nâng cấp hoặc triển khai dịch vụ mới không?",
		},
		checks: []string{
			"Compare the last 24 hours with the usual ones on the page of sources.",
			"Which events, addresses or accounts make up what was added, or are missing?",
			"Was logging reconfigured, or something upgraded or deployed?",
		},
	},
	"source.skew": {
		level:   "low",
		titleVi: "Đồng hồ lệch: {about}", title: "Clock is off: {about}",
		explainVi: "Thời điểm ghi trong log lệch hẳn so với lúc trung tâm nhận được, kéo dài. Đồng hồ sai làm sai diễn biến sự việc và khiến luật tương quan bỏ sót; cũng có thể máy gửi log bị ùn hoặc sai múi giờ.",
		explain:   "For a while now, the times in this source's logs have been off from when they arrived. A wrong clock spoils the course of events and makes correlation miss; the sender may also be late, or use a wrong time zone.",
		checksVi: []string{
			"Dịch vụ đồng bộ thời gian (NTP/chrony) của máy có chạy và tới được máy chủ giờ không?",
			"Múi giờ của máy và của chương trình gửi log có đúng không? Lệch tròn giờ thường là sai múi giờ.",
			"Máy gửi log có bị ùn (hàng đợi đầy, mạng chậm) khiến log tới muộn không?",
		},
		checks: []string{
			"Does time synchronisation (NTP/chrony) run and reach its server?",
			"Are the time zones of the machine and its shipper right? A whole number of hours is usually a zone.",
			"Is the shipper behind (full queue, slow line), so that logs come late?",
		},
	},
	"source.unparsed": {
		level:   "low",
		titleVi: "Tỷ lệ log không đọc được tăng: {about}", title: "More lines are not understood: {about}",
		explainVi: "Phần log mà hệ thống không nhận ra định dạng tăng rõ rệt. Log vẫn được lưu và tìm được, nhưng luật phát hiện gần như không dùng được những dòng đó. Thường do thiết bị đổi phiên bản, đổi mẫu log hoặc cấu hình gửi.",
		explain:   "The share of lines that no format understands has clearly risen. They are stored and searchable, but hardly any rule can use them. Usually the device was upgraded, or its log template or shipper changed.",
		checksVi: []string{
			"Xem mẫu dòng ở thẻ «Cần bộ đọc» của trang Nguồn log.",
			"Thiết bị hoặc chương trình gửi log vừa được nâng cấp hay đổi cấu hình không?",
		},
		checks: []string{
			"See sample lines in the inbox of unparsed lines on the page of sources.",
			"Was the device or its shipper upgraded or reconfigured?",
		},
	},
	"source.unexpected": {
		level:   "low",
		titleVi: "Nguồn tạm ngừng vẫn gửi log: {about}", title: "A source that should be silent sends: {about}",
		explainVi: "Nguồn này được đánh dấu ngừng theo kế hoạch nhưng vẫn gửi log. Máy có thể đã hoạt động lại sớm hơn dự kiến, hoặc có máy khác dùng địa chỉ hay tên của nó.",
		explain:   "This source was marked as stopped on purpose, and yet it sends. The machine may be back early, or another one uses its address or name.",
		checksVi: []string{
			"Máy có được bật lại theo kế hoạch không? Nếu có, bỏ «tạm ngừng theo dõi».",
			"Log mới có đúng là của máy này không (địa chỉ, tên máy, mã truy cập)?",
		},
		checks: []string{
			"Is the machine back on purpose? Then end the mute.",
			"Are the new logs really of this machine (address, name, credential)?",
		},
	},
	"input.quota": {
		level:   "medium",
		titleVi: "Đơn vị gửi quá phần của mình: {about}", title: "A unit sends more than its share: {about}",
		explainVi: "Trung tâm đang nhận nhiều log hơn mức xử lý kịp, và đơn vị này gửi nhiều hơn phần chia cho nó. Máy gửi qua HTTP và TCP phải chờ nên log tới muộn chứ không mất; log gửi qua UDP bị mất phần vượt. Các đơn vị khác không bị ảnh hưởng.",
		explain:   "The centre receives more than it can process, and this unit sends more than its share of it. Senders over HTTP and TCP have to wait: their logs come late and are not lost; over UDP the excess is lost. Other units are not affected.",
		checksVi: []string{
			"Nguồn nào của đơn vị tăng đột biến? Xem trang Nguồn log.",
			"Đây là sự cố (lặp lỗi, tấn công, gửi lại log cũ) hay nhu cầu thật? Nếu là sự cố, nhờ đơn vị dừng hoặc lọc tại nguồn.",
			"Nếu là nhu cầu thật, máy chủ của trung tâm cần thêm lõi xử lý.",
		},
		checks: []string{
			"Which of the unit's sources surged? See the page of sources.",
			"Is it a fault (a loop, an attack, old logs sent again) or real need? If a fault, have the unit stop or filter at the source.",
			"If it is need, the centre's server wants more cores.",
		},
	},
	"relay.disk": {
		level:   "high",
		titleVi: "Đĩa của máy chuyển tiếp sắp đầy: {about}", title: "A relay's disk is filling up: {about}",
		explainVi: "Máy chuyển tiếp tại đơn vị đang giữ log chưa gửi được về trung tâm và sắp hết chỗ. Khi đầy, nó yêu cầu các máy gửi chờ; nguồn UDP sẽ mất log.",
		explain:   "The relay at the unit keeps logs that have not reached the centre and is running out of room. When it is full it makes senders wait; what comes over UDP is lost.",
		checksVi: []string{
			"Đường truyền từ máy chuyển tiếp về trung tâm có hoạt động không?",
			"Còn bao lâu thì đầy? Giải phóng hoặc mở rộng đĩa, hoặc chuyển log bằng gói ngoại tuyến.",
		},
		checks: []string{
			"Does the line from the relay to the centre work?",
			"How long until it is full? Free or add disk, or carry the logs over in an offline bundle.",
		},
	},
	"relay.gap": {
		level:   "high",
		titleVi: "Máy chuyển tiếp đã bỏ log: {about}", title: "A relay dropped logs: {about}",
		explainVi: "Máy chuyển tiếp đã nhận {events} sự kiện nhưng sẽ không bao giờ gửi về trung tâm: vùng đệm đầy và được cấu hình bỏ phần cũ nhất, hoặc trung tâm từ chối khối dữ liệu hỏng. Trong khoảng thời gian này, không tìm thấy sự kiện không có nghĩa là không có gì xảy ra.",
		explain:   "The relay had taken events that it will never send: its spool was full and is configured to drop the oldest, or the centre refused a broken block. For that time, finding nothing does not mean that nothing happened.",
		checksVi: []string{
			"Khoảng thời gian bị thiếu (từ, đến) có trùng với sự việc nào đang điều tra không? Lấy log gốc từ máy nguồn nếu còn.",
			"Đường truyền vì sao gián đoạn lâu; vùng đệm (spool.maxBytes) có đủ cho lần sau không?",
			"Với lý do «refused»: xem thư mục refused trong thư mục dữ liệu của máy chuyển tiếp.",
		},
		checks: []string{
			"Does the missing time (from, to) touch anything under investigation? Fetch the original logs from the machines while they last.",
			"Why was the link down so long, and is the spool (spool.maxBytes) large enough for the next time?",
			"For the reason \"refused\": see the folder refused in the relay's data folder.",
		},
	},
	"relay.clock": {
		level:   "low",
		titleVi: "Đồng hồ máy chuyển tiếp lệch: {about}", title: "A relay's clock is off: {about}",
		explainVi: "Đồng hồ của máy chuyển tiếp lệch hơn 5 phút so với trung tâm. Trung tâm tự hiệu chỉnh thời điểm nhận, nhưng log không ghi rõ giờ và việc kiểm tra chứng thư vẫn bị ảnh hưởng.",
		explain:   "The relay's clock is more than 5 minutes from the centre's. The centre corrects times of receipt, but logs without a time of their own and the checking of certificates still suffer.",
		checksVi: []string{
			"Máy chuyển tiếp có đồng bộ giờ (NTP) không, và có kết nối được tới máy chủ giờ không?",
			"Nếu là máy ảo, kiểm tra giờ của máy vật lý.",
		},
		checks: []string{
			"Does the relay synchronise its clock (NTP), and can it reach the time server?",
			"If it is a virtual machine, check the clock of its host.",
		},
	},
	"relay.silent": {
		level:   "high",
		titleVi: "Mất liên lạc với máy chuyển tiếp: {about}", title: "A relay cannot be heard: {about}",
		explainVi: "Máy chuyển tiếp tại đơn vị không liên lạc với trung tâm. Nó vẫn nhận và giữ log trên đĩa, nhưng trung tâm không thấy gì từ đơn vị cho tới khi nối lại.",
		explain:   "The relay at the unit is not in touch with the centre. It still takes logs and keeps them on disk, but the centre sees nothing of the unit until it is back.",
		checksVi: []string{
			"Máy chuyển tiếp có đang chạy và có kết nối mạng ra ngoài không?",
			"Chứng thư của máy chuyển tiếp còn hạn và chưa bị thu hồi không?",
		},
		checks: []string{
			"Does the relay run, and can it reach the network?",
			"Is its certificate still valid and not revoked?",
		},
	},
	"cert.expiry": {
		level:   "medium",
		titleVi: "Chứng thư sắp hết hạn: {about}", title: "A certificate is about to expire: {about}",
		explainVi: "Sau thời điểm hết hạn, máy dùng chứng thư này không kết nối được nữa: log ngừng tới hoặc trình duyệt báo không an toàn.",
		explain:   "Once it has expired, whoever uses this certificate cannot connect any more: logs stop coming, or browsers warn.",
		checksVi: []string{
			"Gia hạn hoặc cấp chứng thư mới trước thời điểm hết hạn.",
			"Sau khi thay, xác nhận nguồn tương ứng vẫn gửi log.",
		},
		checks: []string{
			"Renew it, or issue a new one, before it expires.",
			"Afterwards make sure that the source still sends.",
		},
	},
	"disk.full": {
		level:   "high",
		titleVi: "Đĩa sắp đầy: {about}", title: "A disk is filling up: {about}",
		explainVi: "Theo đà tăng của những ngày gần đây, đĩa sẽ đầy vào ngày nêu dưới đây. Khi còn quá ít chỗ, trung tâm ngừng nhận log mới và yêu cầu các máy gửi chờ.",
		explain:   "At the rate of the last days the disk will be full on the date below. When too little is free the centre takes no more logs and makes senders wait.",
		checksVi: []string{
			"Phần nào tăng nhanh nhất: kho nhật ký, vùng đệm hay cơ sở dữ liệu?",
			"Mở rộng đĩa, hoặc rút ngắn thời hạn lưu nếu quy định cho phép.",
			"Có lệnh giữ chứng cứ hoặc gói xuất dữ liệu cũ nào không còn cần không?",
		},
		checks: []string{
			"What grows fastest: the lake, the spool or the database?",
			"Add disk, or shorten the retention as far as the rules allow.",
			"Are there holds or exports that nobody needs any more?",
		},
	},
	"identity.break-glass": {
		level:   "critical",
		titleVi: "Tài khoản khẩn cấp vừa được dùng từ {about}", title: "The account for emergencies was used from {about}",
		explainVi: "Có người đăng nhập bằng tài khoản khẩn cấp, tức phong bì niêm phong đã được mở. Tài khoản này có toàn quyền và không qua xác thực hai bước. Nếu không có sự cố nào cần đến nó, hãy coi đây là một vụ xâm nhập.",
		explain:   "Somebody signed in with the account for emergencies: the sealed envelope was opened. It may do everything and shows no second factor. Unless there is an emergency, treat this as a break-in.",
		checksVi: []string{
			"Ai mở phong bì, lúc nào, theo lệnh của ai? Đối chiếu với sổ bàn giao.",
			"Nếu không ai nhận: thu hồi mọi phiên của tài khoản này ngay, rồi xem nhật ký kiểm toán từ lúc đăng nhập.",
			"Xong việc, tạo bí mật mới bằng «lachan user break-glass» và niêm phong lại: bí mật cũ đã hết giá trị.",
		},
		checks: []string{
			"Who opened the envelope, when, and by whose order? Compare with the register.",
			"If nobody did: end all sessions of the account at once, then read the audit trail from the sign-in on.",
			"Afterwards make a new secret with `lachan user break-glass` and seal it: the old one is worthless.",
		},
	},
	"lake.retention": {
		level:   "high",
		titleVi: "Lưu giữ log không đạt yêu cầu: {about}", title: "Logs are not kept as required: {about}",
		explainVi: "Log đã bị xóa trước thời hạn lưu tối thiểu, hoặc log quá hạn không xóa được. Việc nhận và tìm kiếm log không bị ảnh hưởng.",
		explain:   "Logs were deleted before their minimum time, or could not be deleted when due. Taking and searching logs are not affected.",
		checksVi: []string{
			"Dung lượng tối đa của kho (lake.maxBytes) có đủ cho thời hạn lưu tối thiểu không?",
			"Đĩa có lỗi hoặc thiếu quyền ghi không? Xem nhật ký của dịch vụ.",
		},
		checks: []string{
			"Is the lake's size limit (lake.maxBytes) large enough for the minimum time?",
			"Does the disk fail, or is it not writable? See the log of the service.",
		},
	},
}
