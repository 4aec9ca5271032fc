package alert

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Thing is one of the things to do today: a group of alerts, with the points that
// gave it its place.
type Thing struct {
	Group
	Sum
	Score int
	Why   []Point
}

// Point is one reason for a thing's place.
type Point struct {
	Code   string
	Points int
	Vi, En string
}

// thingsToday is how many things a person is asked to do: more is no list but a
// queue.
const thingsToday = 10

// dueWithin is how soon somebody should have taken an alert of the level. These are
// the centre's own aims; the law's clocks run on incidents.
var dueWithin = map[string]time.Duration{
	"critical": time.Hour, "high": 4 * time.Hour, "medium": 24 * time.Hour, "low": 72 * time.Hour, "informational": 7 * 24 * time.Hour,
}

var levelPoints = map[string]int{"critical": 50, "high": 30, "medium": 12, "low": 4, "informational": 1}

var levelWords = map[string][2]string{
	"critical": {"nghiêm trọng", "critical"}, "high": {"cao", "high"}, "medium": {"trung bình", "medium"},
	"low": {"thấp", "low"}, "informational": {"thông tin", "informational"},
}

// Past is what became of earlier alerts of the same rule in the same unit.
type Past struct{ True, False int }

// Rank says how much a thing presses, for a person at a moment. past tells of a
// rule in a unit.
func Rank(g Group, person string, now time.Time, past func(rule, unit string) Past) Thing {
	t := Thing{Group: g, Sum: g.Sum()}
	add := func(code string, points int, vi, en string) {
		t.Score += points
		t.Why = append(t.Why, Point{code, points, vi, en})
	}
	level := t.Worst.Level
	add("level", levelPoints[level], "Mức "+levelWords[level][0], "Level "+levelWords[level][1])
	if n := len(t.Units); n > 1 {
		add("units", min(4*(n-1), 20), fmt.Sprintf("Xảy ra ở %d đơn vị", n), fmt.Sprintf("In %d units", n))
	}
	if t.Rules > 1 {
		add("rules", min(3*(t.Rules-1), 9), fmt.Sprintf("%d luật khác nhau cùng phát hiện", t.Rules), fmt.Sprintf("Found by %d different rules", t.Rules))
	}
	if !t.Created.IsZero() {
		waited, due := now.Sub(t.Created), dueWithin[level]
		switch {
		case waited > 4*due:
			add("overdue", 20, "Quá hạn tiếp nhận nhiều lần: đã chờ "+spanVi(waited)+", hạn "+spanVi(due), "Long overdue: waiting "+spanEn(waited)+", due within "+spanEn(due))
		case waited > due:
			add("overdue", 12, "Quá hạn tiếp nhận: đã chờ "+spanVi(waited)+", hạn "+spanVi(due), "Overdue: waiting "+spanEn(waited)+", due within "+spanEn(due))
		case waited > due/2:
			add("soon", 5, "Sắp đến hạn tiếp nhận: còn "+spanVi(due-waited), "Due soon: in "+spanEn(due-waited))
		}
	}
	mine := slices.ContainsFunc(g.Alerts, func(a *Brief) bool { return a.Assignee == person })
	switch {
	case mine:
		add("mine", 8, "Bạn đang xử lý dở", "You have begun it")
	case t.Unassigned == t.Total:
		add("unassigned", 6, "Chưa ai tiếp nhận", "Nobody has taken it")
	}
	var hits Past
	seen := map[[2]string]bool{}
	for _, a := range g.Alerts {
		k := [2]string{a.RuleID, string(a.Unit)}
		if !seen[k] {
			seen[k] = true
			p := past(k[0], k[1])
			hits.True, hits.False = hits.True+p.True, hits.False+p.False
		}
	}
	switch {
	case hits.True > 0:
		add("recurring", 10, fmt.Sprintf("Tái diễn: %d lần trước trong 30 ngày là tấn công thật", hits.True), fmt.Sprintf("Recurring: real %d times in the last 30 days", hits.True))
	case hits.False >= 3:
		add("often-false", -12, fmt.Sprintf("Thường là báo nhầm: %d lần trong 30 ngày, nên đề xuất ngoại lệ", hits.False), fmt.Sprintf("Usually false: %d times in the last 30 days; consider an exclusion", hits.False))
	}
	if t.Events >= 10 {
		add("many", min(2*int(math.Log10(float64(t.Events))), 8), fmt.Sprintf("Lặp lại %d lần", t.Events), fmt.Sprintf("Seen %d times", t.Events))
	}
	switch t.Worst.Signal {
	case "source.silent", "source.silent.many", "relay.silent":
		add("blind", 6, "Trung tâm đang không nhìn thấy hệ thống này", "The centre does not see this system now")
	}
	return t
}

// Today ranks things: the highest score first, of two as high the worse, then the
// one that waits longest.
func Today(things []Thing) []Thing {
	slices.SortFunc(things, func(a, b Thing) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(levelRank(b.Worst.Level), levelRank(a.Worst.Level)),
			a.First.Compare(b.First), cmp.Compare(a.ID, b.ID))
	})
	return things
}

func spanVi(d time.Duration) string { return span(d, "phút", "giờ", "ngày") }

func spanEn(d time.Duration) string { return span(d, "min", "h", "d") }

func span(d time.Duration, minutes, hours, days string) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d %s", max(1, int(d/time.Minute)), minutes)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d %s", int(d/time.Hour), hours)
	}
	return fmt.Sprintf("%d %s", int(d/(24*time.Hour)), days)
}
