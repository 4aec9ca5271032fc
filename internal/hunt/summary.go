package hunt

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
)

// Summary counts findings by rule, host and ATT&CK technique, and keeps the
// gravest for a timeline.
type Summary struct {
	Levels      [levelCount]int64
	First, Last time.Time // of the findings

	rules      map[*detect.Rule]*RuleCount
	hosts      map[string]*HostCount
	techniques map[string]*TechniqueCount
	keep       int
	kept       []*Finding // in the order found
}

// RuleCount is how often a rule fired.
type RuleCount struct {
	Rule        *detect.Rule
	Level       Level
	Findings    int64
	Hosts       int
	First, Last time.Time

	hosts map[string]bool
}

// HostCount is what was found about a host.
type HostCount struct {
	Host        string
	Levels      [levelCount]int64
	Findings    int64
	First, Last time.Time
}

// TechniqueCount is how often rules of an ATT&CK technique fired.
type TechniqueCount struct {
	ID       string // "T1059.001"
	Tactics  []string
	Findings int64
	Worst    Level
}

// maxNames bounds the hosts that are counted apart: logs choose their names.
const maxNames = 100_000

// otherHosts counts those beyond maxNames.
const otherHosts = "(other hosts)"

// NewSummary returns an empty summary that keeps the given number of findings.
func NewSummary(keep int) *Summary {
	return &Summary{rules: map[*detect.Rule]*RuleCount{}, hosts: map[string]*HostCount{}, techniques: map[string]*TechniqueCount{}, keep: keep}
}

// Add counts a finding.
func (s *Summary) Add(f *Finding) {
	s.Levels[f.Level]++
	widen(&s.First, &s.Last, f.Time)
	r := s.rules[f.Rule]
	if r == nil {
		r = &RuleCount{Rule: f.Rule, Level: f.Level, hosts: map[string]bool{}}
		s.rules[f.Rule] = r
	}
	r.Findings++
	widen(&r.First, &r.Last, f.Time)
	name := f.Host
	if _, known := s.hosts[name]; !known && len(s.hosts) >= maxNames {
		name = otherHosts
	}
	r.hosts[name] = true
	r.Hosts = len(r.hosts)
	h := s.hosts[name]
	if h == nil {
		h = &HostCount{Host: name}
		s.hosts[name] = h
	}
	h.Findings++
	h.Levels[f.Level]++
	widen(&h.First, &h.Last, f.Time)
	tactics := Tactics(f.Rule.Tags)
	for _, id := range Techniques(f.Rule.Tags) {
		t := s.techniques[id]
		if t == nil {
			t = &TechniqueCount{ID: id}
			s.techniques[id] = t
		}
		t.Findings++
		t.Worst = max(t.Worst, f.Level)
		for _, tactic := range tactics {
			if !slices.Contains(t.Tactics, tactic) {
				t.Tactics = append(t.Tactics, tactic)
			}
		}
	}
	if s.keep > 0 {
		s.kept = append(s.kept, f)
		if len(s.kept) >= 2*s.keep {
			s.thin()
		}
	}
}

// thin leaves the gravest findings, of equal ones those found first.
func (s *Summary) thin() {
	slices.SortStableFunc(s.kept, func(a, b *Finding) int { return cmp.Compare(b.Level, a.Level) })
	clear(s.kept[s.keep:])
	s.kept = s.kept[:s.keep]
}

func widen(first, last *time.Time, t time.Time) {
	if first.IsZero() || t.Before(*first) {
		*first = t
	}
	if t.After(*last) {
		*last = t
	}
}

// Total is how many findings there are.
func (s *Summary) Total() (n int64) {
	for _, c := range s.Levels {
		n += c
	}
	return n
}

// Timeline returns the findings that were kept, by time, and how many were not.
func (s *Summary) Timeline() (findings []*Finding, left int64) {
	if len(s.kept) > s.keep {
		s.thin()
	}
	out := slices.Clone(s.kept)
	slices.SortStableFunc(out, func(a, b *Finding) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out, s.Total() - int64(len(out))
}

// Rules lists the rules that fired, the gravest and then the most frequent first.
func (s *Summary) Rules() []*RuleCount {
	return slices.SortedFunc(maps.Values(s.rules), func(a, b *RuleCount) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.Rule.Title, b.Rule.Title), cmp.Compare(a.Rule.ID, b.Rule.ID))
	})
}

// Hosts lists the hosts, those with the gravest findings first.
func (s *Summary) Hosts() []*HostCount {
	return slices.SortedFunc(maps.Values(s.hosts), func(a, b *HostCount) int {
		for l := Critical; l >= Informational; l-- {
			if c := cmp.Compare(b.Levels[l], a.Levels[l]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.Host, b.Host)
	})
}

// Techniques lists the ATT&CK techniques, the most frequent first.
func (s *Summary) Techniques() []*TechniqueCount {
	return slices.SortedFunc(maps.Values(s.techniques), func(a, b *TechniqueCount) int {
		return cmp.Or(cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.ID, b.ID))
	})
}

// Histogram counts the findings that were kept in equal spans from First to Last.
func (s *Summary) Histogram(spans int) []int64 {
	counts := make([]int64, spans)
	whole := s.Last.Sub(s.First)
	for _, f := range s.kept {
		i := 0
		if whole > 0 {
			i = min(int(float64(f.Time.Sub(s.First))/float64(whole)*float64(spans)), spans-1)
		}
		counts[i]++
	}
	return counts
}

var techniqueTag = regexp.MustCompile(`^attack\.t\d{4}(\.\d{3})?$`)

// Techniques are the ATT&CK techniques among a rule's tags: "T1059.001".
func Techniques(tags []string) []string {
	var out []string
	for _, tag := range tags {
		if tag = strings.ToLower(tag); techniqueTag.MatchString(tag) {
			out = append(out, strings.ToUpper(strings.TrimPrefix(tag, "attack.")))
		}
	}
	return out
}

// tacticsVi names the ATT&CK tactics in Vietnamese.
var tacticsVi = map[string]string{
	"reconnaissance":       "trinh sát",
	"resource-development": "chuẩn bị nguồn lực",
	"initial-access":       "xâm nhập ban đầu",
	"execution":            "thực thi",
	"persistence":          "duy trì hiện diện",
	"privilege-escalation": "leo thang đặc quyền",
	"defense-evasion":      "né tránh phòng vệ",
	"stealth":              "ẩn mình",
	"defense-impairment":   "làm suy yếu phòng vệ",
	"credential-access":    "đánh cắp thông tin xác thực",
	"discovery":            "dò tìm thông tin",
	"lateral-movement":     "di chuyển ngang",
	"collection":           "thu thập dữ liệu",
	"command-and-control":  "điều khiển từ xa",
	"exfiltration":         "đánh cắp dữ liệu ra ngoài",
	"impact":               "gây thiệt hại",
}

// Tactics are the ATT&CK tactics among a rule's tags: "lateral-movement".
func Tactics(tags []string) []string {
	var out []string
	for _, tag := range tags {
		name := strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(tag), "attack."), "_", "-")
		if _, ok := tacticsVi[name]; ok {
			out = append(out, name)
		}
	}
	return out
}
