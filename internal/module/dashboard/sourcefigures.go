package dashboard

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Sources tells of senders. See source.Service for each method.
type Sources interface {
	ByUnit(ctx context.Context) ([]module.UnitSources, error)
	SilentNow(ctx context.Context, n int) ([]module.SourceView, int64, error)
	UnparsedOver(ctx context.Context, b module.Buckets) ([]int64, error)
	Disks(ctx context.Context) ([]module.DiskForecast, error)
}

// Lake counts events. See lake.Lake.Aggregate.
type Lake interface {
	Aggregate(ctx context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error)
}

// Node tells how the node is; unit "" stands for all.
type Node interface {
	EventsPerSecond(unit event.UnitID) float64
	// Backlog is how many accepted blocks wait to be searchable, and the age of
	// the oldest.
	Backlog(ctx context.Context) (blocks uint64, lag time.Duration, err error)
}

// Exclusions tells which exclusions end soon. Nil: there are none.
type Exclusions interface {
	Expiring(ctx context.Context, before time.Time, n int) ([]Exclusion, int64, error)
}

// Exclusion is a rule's exception that ends by itself.
type Exclusion struct {
	ID      string
	Title   string
	Unit    event.UnitID
	Expires time.Time
}

// aggregate asks the lake. Turns are few, so that boards never take the disk and
// the processors away from the process loop.
func (s *Service) aggregate(ctx context.Context, text string, from, to time.Time) (*query.Table, error) {
	pl, err := query.ParsePipeline(text)
	if err != nil {
		return nil, fault.New(fault.Internal, "the query %q of a figure: %w", text, err)
	}
	if err := s.lakeTurns.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer s.lakeTurns.Release(1)
	t, _, err := s.Lake.Aggregate(ctx, module.PrincipalOf(ctx).Scope(), pl, from, to)
	return t, err
}

func (s *Service) countEvents(ctx context.Context, from, to time.Time) (float64, error) {
	t, err := s.aggregate(ctx, "| stats count", from, to)
	if err != nil || len(t.Rows) == 0 {
		return 0, err
	}
	return t.Rows[0][0].Number, nil
}

// eventsOver counts events by parts.
func (s *Service) eventsOver(ctx context.Context, p *Period) ([]float64, error) {
	t, err := s.aggregate(ctx, "| timechart "+itoa(int64(p.Buckets.Width/time.Second))+"s", p.From, p.To)
	if err != nil {
		return nil, err
	}
	out := make([]float64, p.Buckets.N)
	for _, r := range t.Rows {
		if i := int(r[0].Time.Sub(p.From) / p.Buckets.Width); i >= 0 && i < len(out) {
			out[i] += r[1].Number
		}
	}
	return out, nil
}

func (a *ask) searchLink(q string, from, to time.Time) string {
	if a.unit != "" {
		if q != "" {
			q += " AND "
		}
		q += "unit:" + quote(string(a.unit))
	}
	return link("/search", "q", q, "from", point(from), "to", point(to))
}

func eventRate(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	p := module.PrincipalOf(ctx)
	var rate float64
	if p.AllUnits() {
		rate = s.Node.EventsPerSecond("")
	} else {
		for _, u := range p.Reach() {
			rate += s.Node.EventsPerSecond(u)
		}
	}
	return &Figure{Measure: PerSecond, Value: number(rate), Link: a.searchLink("", a.Now.Add(-15*time.Minute), a.Now)}, nil
}

func eventsOverTime(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	counts, err := s.eventsOver(ctx, &a.Period)
	if err != nil {
		return nil, err
	}
	before, err := s.countEvents(ctx, a.Before(), a.From)
	if err != nil {
		return nil, err
	}
	total := 0.0
	f := overTime(a.Buckets, []FigureColumn{colEvents}, func(i int) ([]FigureCell, string) {
		total += counts[i]
		return []FigureCell{num(counts[i])}, a.searchLink("", a.Buckets.At(i), a.Buckets.At(i+1))
	})
	f.Measure, f.Value, f.Previous, f.Link = Count, number(total), number(before), a.searchLink("", a.From, a.To)
	return f, nil
}

// eventsBy counts events by a field of the core.
func eventsBy(field string, name func(*Service, string) FigureCell, column FigureColumn) func(context.Context, *Service, *ask) (*Figure, error) {
	return func(ctx context.Context, s *Service, a *ask) (*Figure, error) {
		t, err := s.aggregate(ctx, "| stats count by _"+field+" | sort -count | head "+itoa(a.limit), a.From, a.To)
		if err != nil {
			return nil, err
		}
		f := &Figure{Measure: Count, Link: a.searchLink("", a.From, a.To), Columns: []FigureColumn{
			column, colEvents, {"rate", Words{"Mỗi giây (trung bình)", "Per second (mean)"}, ColumnKind(PerSecond)},
		}}
		for _, r := range t.Rows {
			f.Rows = append(f.Rows, FigureRow{
				[]FigureCell{name(s, r[0].Text), num(r[1].Number), num(r[1].Number / a.To.Sub(a.From).Seconds())},
				a.searchLink(field+":"+quote(r[0].Text), a.From, a.To),
			})
		}
		return f, nil
	}
}

func unitCell(s *Service, id string) FigureCell { return text(s.Units.Name(event.UnitID(id))) }

func formatCell(_ *Service, format string) FigureCell {
	if format == "" {
		return both(Words{"Chưa phân tích được", "Not parsed"})
	}
	return text(format)
}

var statusWords = []struct {
	id string
	Words
}{
	{"ok", Words{"Hoạt động tốt", "Reporting"}}, {"new", Words{"Mới", "New"}}, {"problem", Words{"Có vấn đề", "Problem"}},
	{"silent", Words{"Im lặng", "Silent"}}, {"muted", Words{"Tạm bỏ qua", "Muted"}},
}

// reporting is the share of sources that send, of those that should; nil for none.
func reporting(by map[string]int64) *float64 {
	sending := by["ok"] + by["new"] + by["problem"]
	if sending+by["silent"] == 0 {
		return nil
	}
	return number(float64(sending) / float64(sending+by["silent"]))
}

func totals(list []module.UnitSources) map[string]int64 {
	by := map[string]int64{}
	for _, u := range list {
		for status, n := range u.ByStatus {
			by[status] += n
		}
	}
	return by
}

func (a *ask) sourcesLink(state ...string) string {
	return link("/sources", append([]string{"q", string(a.unit)}, state...)...)
}

func sourceStates(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	list, err := s.Sources.ByUnit(ctx)
	if err != nil {
		return nil, err
	}
	by := totals(list)
	f := &Figure{Measure: Share, Value: reporting(by), Better: "more", Link: a.sourcesLink(), Columns: []FigureColumn{
		{"status", Words{"Trạng thái", "State"}, Text}, {"sources", Words{"Nguồn log", "Sources"}, ColumnKind(Count)},
	}}
	for _, w := range statusWords {
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{both(w.Words), num(by[w.id])}, a.sourcesLink("status", w.id)})
	}
	return f, nil
}

func silentSources(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	list, total, err := s.Sources.SilentNow(ctx, a.limit)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Count, Value: number(float64(total)), Better: "less", Total: total, Link: a.sourcesLink("status", "silent"), Columns: []FigureColumn{
		{"source", Words{"Nguồn log", "Source"}, Text}, colUnit, {"kind", Words{"Loại", "Kind"}, Text},
		{"lastSeen", Words{"Log cuối cùng", "Last log"}, Time}, {"age", Words{"Im lặng đã", "Silent for"}, ColumnKind(Seconds)},
	}}
	for _, x := range list {
		name := x.Host
		if name == "" {
			name = x.Peer
		}
		kind := x.Format
		if x.Product != "" {
			kind = x.Product
		}
		f.Rows = append(f.Rows, FigureRow{
			[]FigureCell{text(name), text(s.Units.Name(x.Unit)), text(kind), when(x.LastSeen.Time), num(a.Now.Sub(x.LastSeen.Time).Seconds())},
			a.sourcesLink("id", x.ID),
		})
	}
	return f, nil
}

func unitCoverage(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	list, err := s.Sources.ByUnit(ctx)
	if err != nil {
		return nil, err
	}
	units, err := s.Units.Within(ctx)
	if err != nil {
		return nil, err
	}
	by := make(map[event.UnitID]map[string]int64, len(list))
	for _, u := range list {
		by[u.Unit] = u.ByStatus
	}
	f := &Figure{Measure: Count, Better: "less", Link: link("/sources", "q", string(a.unit)), Columns: []FigureColumn{
		colUnit, {"state", Words{"Tình trạng", "State"}, Text}, {"silent", Words{"Nguồn im lặng", "Silent sources"}, ColumnKind(Count)},
	}}
	var bare, quiet, whole int64
	for _, id := range units {
		n := by[id]
		switch active := n["ok"] + n["new"] + n["problem"]; {
		case active > 0 || n["muted"] > 0:
			whole++
			continue
		case n["silent"] > 0:
			quiet++
			f.Rows = append(f.Rows, FigureRow{[]FigureCell{text(s.Units.Name(id)), both(Words{"Mọi nguồn im lặng", "Every source is silent"}), num(n["silent"])}, link("/sources", "q", string(id), "status", "silent")})
		default:
			bare++
			f.Rows = append(f.Rows, FigureRow{[]FigureCell{text(s.Units.Name(id)), both(Words{"Chưa có nguồn log nào", "No source yet"}), num(0)}, "/sources/connect"})
		}
	}
	byNumber(f.Rows, 2)
	f.Total = int64(len(f.Rows))
	f.Value = number(float64(bare + quiet))
	f.Note = Words{
		"Trong " + itoa(len(units)) + " đơn vị: " + itoa(whole) + " đang gửi log, " + itoa(quiet) + " im lặng hoàn toàn, " + itoa(bare) + " chưa kết nối.",
		"Of " + itoa(len(units)) + " units: " + itoa(whole) + " report, " + itoa(quiet) + " are wholly silent, " + itoa(bare) + " are not connected.",
	}
	f.Rows = f.Rows[:min(len(f.Rows), a.limit)]
	return f, nil
}

func unparsedShare(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	unparsed, err := s.Sources.UnparsedOver(ctx, a.Buckets)
	if err != nil {
		return nil, err
	}
	events, err := s.eventsOver(ctx, &a.Period)
	if err != nil {
		return nil, err
	}
	var lines, all float64
	f := overTime(a.Buckets, []FigureColumn{
		{"share", Words{"Tỷ lệ", "Share"}, ColumnKind(Share)}, {"unparsed", Words{"Dòng chưa phân tích được", "Lines not parsed"}, ColumnKind(Count)}, colEvents,
	}, func(i int) ([]FigureCell, string) {
		n := float64(unparsed[i])
		lines, all = lines+n, all+events[i]
		cells := []FigureCell{none(), num(n), num(events[i])}
		if events[i] > 0 {
			cells[0] = num(min(n/events[i], 1))
		}
		return cells, link("/sources", "tab", "unparsed")
	})
	f.Measure, f.Better, f.Link = Share, "less", link("/sources", "tab", "unparsed")
	if all > 0 {
		f.Value = number(min(lines/all, 1))
	}
	return f, nil
}

func ingestLag(ctx context.Context, s *Service, _ *ask) (*Figure, error) {
	blocks, lag, err := s.Node.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	return &Figure{Measure: Seconds, Value: number(lag.Seconds()), Better: "less", Link: "/", Columns: []FigureColumn{
		{"what", Words{"Chỉ số", "Figure"}, Text}, {"n", Words{"Khối log", "Blocks"}, ColumnKind(Count)},
	}, Rows: []FigureRow{{[]FigureCell{both(Words{"Đang chờ xử lý", "Waiting"}), num(int64(min(blocks, 1<<53)))}, "/"}}}, nil
}

func diskForecast(ctx context.Context, s *Service, _ *ask) (*Figure, error) {
	list, err := s.Sources.Disks(ctx)
	if err != nil {
		return nil, err
	}
	f := &Figure{Measure: Seconds, Better: "more", Link: "/sources", Columns: []FigureColumn{
		{"path", Words{"Ổ đĩa", "Disk"}, Text}, {"used", Words{"Đã dùng cho dữ liệu", "Used by data"}, ColumnKind(Bytes)},
		{"free", Words{"Còn trống", "Free"}, ColumnKind(Bytes)}, {"perDay", Words{"Tăng mỗi ngày", "Growth per day"}, ColumnKind(Bytes)},
		{"fullOn", Words{"Dự kiến đầy", "Full on"}, Time},
	}}
	for _, d := range list {
		grows := none()
		if d.Known {
			grows = num(d.PerDay)
		}
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{text(d.Path), num(d.Used), num(d.Free), grows, when(d.FullOn)}, f.Link})
		if left := d.FullOn.Sub(s.Now()).Seconds(); !d.FullOn.IsZero() && (f.Value == nil || left < *f.Value) {
			f.Value = number(max(left, 0))
		}
	}
	if f.Value == nil && len(list) > 0 {
		f.Note = Words{"Không đầy trong vòng một năm, hoặc chưa đủ ba ngày số liệu.", "Not full within a year, or fewer than three days are known."}
	}
	return f, nil
}

func expiringExclusions(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	f := &Figure{Measure: Count, Link: link("/exclusions", "status", "active", "unit", string(a.unit)), Columns: []FigureColumn{
		{"exclusion", Words{"Ngoại lệ", "Exclusion"}, Text}, colUnit, {"expires", Words{"Hết hạn", "Expires"}, Time},
	}}
	if s.Exclusions == nil {
		f.Value = number(0)
		return f, nil
	}
	list, total, err := s.Exclusions.Expiring(ctx, a.Now.Add(expiresSoon), a.limit)
	if err != nil {
		return nil, err
	}
	f.Value, f.Total = number(float64(total)), total
	for _, x := range list {
		f.Rows = append(f.Rows, FigureRow{[]FigureCell{text(x.Title), text(s.Units.Name(x.Unit)), when(x.Expires)}, link("/exclusions", "id", x.ID)})
	}
	return f, nil
}

const expiresSoon = 7 * 24 * time.Hour
