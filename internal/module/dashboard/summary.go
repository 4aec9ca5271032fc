package dashboard

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

func itoa[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// quote writes a value as one that the query language takes literally.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// formatNumber writes a number as people of a language do, with at most so many
// decimals.
func formatNumber(v float64, decimals int, language string) string {
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, part, _ := strings.Cut(text, ".")
	part = strings.TrimRight(part, "0")
	group, point := ".", ","
	if language == "en" {
		group, point = ",", "."
	}
	var b strings.Builder
	if v < 0 && strings.Trim(text, "0.") != "" {
		b.WriteString("-")
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(d)
	}
	if part != "" {
		b.WriteString(point + part)
	}
	return b.String()
}

var durationWords = []struct {
	seconds float64
	Words
	one string
}{
	{86400, Words{"ngày", "days"}, "day"}, {3600, Words{"giờ", "hours"}, "hour"}, {60, Words{"phút", "minutes"}, "minute"}, {1, Words{"giây", "seconds"}, "second"},
}

// formatSeconds writes a time in its two greatest units: "3 giờ 20 phút".
func formatSeconds(v float64, language string) string {
	v = math.Round(math.Max(v, 0))
	for i, w := range durationWords {
		if v < w.seconds && i < len(durationWords)-1 {
			continue
		}
		out := countOf(math.Floor(v/w.seconds), w.Words, w.one, language)
		if i+1 < len(durationWords) {
			if next := durationWords[i+1]; math.Floor(math.Mod(v, w.seconds)/next.seconds) > 0 {
				out += " " + countOf(math.Floor(math.Mod(v, w.seconds)/next.seconds), next.Words, next.one, language)
			}
		}
		return out
	}
	return ""
}

func countOf(n float64, many Words, one, language string) string {
	if language == "en" && n == 1 {
		return "1 " + one
	}
	return formatNumber(n, 0, language) + " " + many.In(language)
}

// facts are what the summary tells of.
type facts struct {
	events         float64
	units, sources int
	opened, before int64
	critical, high int64
	closed, open   int64
	taken, solved  module.Durations
	silent         int64
	length         time.Duration
}

func summary(ctx context.Context, s *Service, a *ask) (*Figure, error) {
	var x facts
	var err error
	x.length = a.To.Sub(a.From)
	flow, err := s.Alerts.Flow(ctx, module.Buckets{From: a.From, Width: x.length, N: 1})
	if err != nil {
		return nil, err
	}
	before, err := s.Alerts.Flow(ctx, module.Buckets{From: a.Before(), Width: x.length, N: 1})
	if err != nil {
		return nil, err
	}
	x.opened, x.before = sum(flow.Opened[0], levels), sum(before.Opened[0], levels)
	x.critical, x.high = flow.Opened[0]["critical"], flow.Opened[0]["high"]
	x.closed, x.open = sum(flow.Closed[0], levels), sum(flow.Open[0], levels)
	taken, solved, err := s.Alerts.Speed(ctx, a.From, a.To)
	if err != nil {
		return nil, err
	}
	x.taken, x.solved = taken[""], solved[""]
	list, err := s.Sources.ByUnit(ctx)
	if err != nil {
		return nil, err
	}
	by := totals(list)
	x.units, x.silent = len(list), by["silent"]
	for _, w := range statusWords {
		x.sources += int(by[w.id])
	}
	if x.events, err = s.countEvents(ctx, a.From, a.To); err != nil {
		return nil, err
	}
	return &Figure{Text: Words{x.sentence("vi"), x.sentence("en")}, Link: a.openedLink(a.From, a.To)}, nil
}

// sentence says the facts to somebody who does not read charts.
func (x *facts) sentence(language string) string {
	n := func(v int64) string { return formatNumber(float64(v), 0, language) }
	length := formatSeconds(math.Round(x.length.Hours())*3600, language)
	if x.length >= 48*time.Hour {
		length = countOf(math.Floor(x.length.Hours()/24), durationWords[0].Words, "day", language)
	}
	var b strings.Builder
	if language == "en" {
		b.WriteString("In " + length + " " + formatNumber(x.events, 0, language) + " events came from " + n(int64(x.sources)) + " sources of " + n(int64(x.units)) + " units. ")
		b.WriteString(n(x.opened) + " alerts were opened" + x.change(language) + ", " + n(x.critical) + " of them critical and " + n(x.high) + " high; ")
		b.WriteString(n(x.closed) + " were closed, " + n(x.open) + " stand open.")
		if x.taken.Count > 0 {
			b.WriteString(" Half of the alerts were taken up within " + formatSeconds(x.taken.Median.Seconds(), language))
			if x.solved.Count > 0 {
				b.WriteString(" and closed within " + formatSeconds(x.solved.Median.Seconds(), language))
			}
			b.WriteString(".")
		}
		if x.silent > 0 {
			b.WriteString(" Sources that are silent now: " + n(x.silent) + ".")
		} else {
			b.WriteString(" No source is silent.")
		}
		return b.String()
	}
	b.WriteString("Trong " + length + ", hệ thống tiếp nhận " + formatNumber(x.events, 0, language) + " sự kiện từ " + n(int64(x.sources)) + " nguồn log của " + n(int64(x.units)) + " đơn vị. ")
	b.WriteString("Có " + n(x.opened) + " cảnh báo mới" + x.change(language) + ", trong đó " + n(x.critical) + " nghiêm trọng và " + n(x.high) + " mức cao; ")
	b.WriteString("đã đóng " + n(x.closed) + ", còn " + n(x.open) + " đang mở.")
	if x.taken.Count > 0 {
		b.WriteString(" Một nửa số cảnh báo được tiếp nhận trong vòng " + formatSeconds(x.taken.Median.Seconds(), language))
		if x.solved.Count > 0 {
			b.WriteString(" và được đóng trong vòng " + formatSeconds(x.solved.Median.Seconds(), language))
		}
		b.WriteString(".")
	}
	if x.silent > 0 {
		b.WriteString(" Hiện có " + n(x.silent) + " nguồn log đang im lặng.")
	} else {
		b.WriteString(" Không có nguồn log nào im lặng.")
	}
	return b.String()
}

// change compares with the period before.
func (x *facts) change(language string) string {
	if x.before == 0 {
		return ""
	}
	percent := math.Round(100 * (float64(x.opened)/float64(x.before) - 1))
	p := formatNumber(math.Abs(percent), 0, language)
	switch {
	case language == "en" && percent == 0:
		return " (as many as in the period before)"
	case language == "en" && percent > 0:
		return " (" + p + " % more than in the period before)"
	case language == "en":
		return " (" + p + " % fewer than in the period before)"
	case percent == 0:
		return " (bằng kỳ trước)"
	case percent > 0:
		return " (tăng " + p + " % so với kỳ trước)"
	}
	return " (giảm " + p + " % so với kỳ trước)"
}
