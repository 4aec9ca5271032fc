package hunt

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

//go:embed report.html
var reportPage string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"techniques": Techniques,
	"tactic":     func(name string) string { return tacticsVi[name] },
	"join":       strings.Join,
	"levels":     reportLevels,
	"shown":      func(v any) string { return shown(fmt.Sprint(v)) },
}).Parse(reportPage))

// ReportOptions say what the report says of itself.
type ReportOptions struct {
	Zone     *time.Location
	Made     time.Time
	Paths    []string // as given
	Rules    int      // loaded
	From, To time.Time
	MinLevel Level
}

type reportLevel struct {
	Level Level
	Count int64
}

type report struct {
	ReportOptions
	Summary    *Summary
	Stats      Stats
	Levels     []reportLevel
	Timeline   []*Finding
	Left       int64
	Histogram  []bar
	Highest    int64
	Fired      []*RuleCount
	Hosts      []*HostCount
	Techniques []*TechniqueCount
}

// reportLevels lists counts by level, the gravest first.
func reportLevels(counts [levelCount]int64) (out []reportLevel) {
	for l := Critical; l >= Informational; l-- {
		out = append(out, reportLevel{l, counts[l]})
	}
	return out
}

// bar is one of the histogram, in percent of the highest.
type bar struct {
	Count, Height int64
}

// Clock writes a time in the report's zone, as Vietnamese papers do.
func (r report) Clock(t time.Time) string { return t.In(r.Zone).Format("02/01/2006 15:04:05") }

// HTML writes the report to hand over: one page without scripts or anything to
// fetch, Vietnamese first, that also reads well printed.
func HTML(w io.Writer, s *Summary, stats Stats, o ReportOptions) error {
	r := report{ReportOptions: o, Summary: s, Stats: stats, Fired: s.Rules(), Hosts: s.Hosts(), Techniques: s.Techniques()}
	r.Timeline, r.Left = s.Timeline()
	r.Levels = reportLevels(s.Levels)
	counts := s.Histogram(spans)
	for _, n := range counts {
		r.Highest = max(r.Highest, n)
	}
	for _, n := range counts {
		r.Histogram = append(r.Histogram, bar{n, (n*100 + r.Highest - 1) / max(r.Highest, 1)})
	}
	return reportTemplate.Execute(w, r)
}
