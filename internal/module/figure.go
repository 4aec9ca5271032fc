package module

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Buckets cuts a time into N parts of one width, from From on.
type Buckets struct {
	From  time.Time
	Width time.Duration
	N     int
}

// At is when part i begins; part N begins where the last one ends.
func (b Buckets) At(i int) time.Time { return b.From.Add(time.Duration(i) * b.Width) }

// AlertFlow is how many alerts came, went and stood in each part of a time, by
// level.
type AlertFlow struct {
	Opened []map[string]int64
	Closed []map[string]int64
	Open   []map[string]int64 // at the end of the part
}

// Durations sums up how long something took.
type Durations struct {
	Count       int64
	Median, P90 time.Duration
}

// DurationsOf sums up; it sorts took.
func DurationsOf(took []time.Duration) Durations {
	if len(took) == 0 {
		return Durations{}
	}
	slices.Sort(took)
	return Durations{
		Count: int64(len(took)), P90: took[(len(took)*9-1)/10],
		Median: took[(len(took)-1)/2]/2 + took[len(took)/2]/2,
	}
}

// AlertRank is one line of a ranking of alerts.
type AlertRank struct {
	Unit           event.UnitID // of a ranking by unit or entity
	RuleID         string       // of a ranking by rule
	Title, TitleVi string
	Level          string
	EntityField    string // of a ranking by entity
	EntityValue    string
	Alerts         int64
	Events         int64
	ByLevel        map[string]int64 // of a ranking by unit
}

// TeamWork counts what people did to alerts, of all people together: nothing
// here can be told apart by person.
type TeamWork struct {
	Taken    int64 // alerts a person did something to for the first time
	Assigned int64 // times an alert was given to somebody
	Closed   int64
	Reopened int64
	Notes    int64
}

// UnitSources counts the sources of a unit by status.
type UnitSources struct {
	Unit     event.UnitID
	ByStatus map[string]int64
}

// DiskForecast is when a file system will be full.
type DiskForecast struct {
	Path   string
	Used   int64
	Free   int64
	PerDay float64   // growth in bytes
	Known  bool      // enough days are known
	FullOn time.Time // zero: not within a year, or not known
}

var relativePoint = regexp.MustCompile(`^now(?:-(\d{1,6})([smhdw]))?$`)

// ParsePoint reads a moment as the console's addresses hold it: "now",
// "now-15m" (s, m, h, d, w) or RFC 3339.
func ParsePoint(text string, now time.Time) (time.Time, error) {
	if m := relativePoint.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseInt("0"+m[1], 10, 64)
		if err != nil {
			return now, err
		}
		unit := map[string]time.Duration{"": 0, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[m[2]]
		if unit > 0 && n > int64(100*366*24*time.Hour/unit) {
			return now, fmt.Errorf("%q is more than 100 years back", text)
		}
		return now.Add(-time.Duration(n) * unit), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || len(text) > 40 {
		return now, fmt.Errorf("write now, now-15m (s, m, h, d, w) or 2026-11-22T03:00:00Z")
	}
	return t, nil
}
