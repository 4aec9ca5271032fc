package alert

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed guidance.yaml
var guidanceText []byte

// check is one thing to look at: in Vietnamese, in English, and the search that
// helps, "" where none does. In a search, {about} is the alert's entity.
type check struct {
	Vi    string `yaml:"vi"`
	En    string `yaml:"en"`
	Query string `yaml:"q"`
}

// guidance is what guidance.yaml holds: checks by ATT&CK technique ("t1110"),
// tactic ("credential-access"), and product or service of a log source.
type guidance struct {
	Techniques map[string][]check `yaml:"techniques"`
	Tactics    map[string][]check `yaml:"tactics"`
	Sources    map[string][]check `yaml:"sources"`
	Any        []check            `yaml:"any"`
}

var readGuidance = sync.OnceValue(func() *guidance {
	var g guidance
	if err := yaml.Unmarshal(guidanceText, &g); err != nil {
		panic(err) // embedded, and tested
	}
	return &g
})

// checksShown is how many things one is asked to check: three are done, ten are not.
const checksShown = 3

// checksFor picks three checks: first those of the techniques, then of the log
// source, then of the tactics, then those that always help. No check twice.
func (g *guidance) checksFor(techniques, tactics, sources []string) []check {
	var out []check
	add := func(from []check, most int) {
		for _, c := range from {
			if len(out) >= checksShown || most == 0 {
				return
			}
			dup := false
			for _, o := range out {
				dup = dup || o.Vi == c.Vi
			}
			if !dup {
				out, most = append(out, c), most-1
			}
		}
	}
	for _, t := range techniques {
		add(g.Techniques[t], 2)
	}
	for _, t := range sources {
		add(g.Sources[t], 1)
	}
	for _, t := range tactics {
		add(g.Tactics[t], checksShown)
	}
	add(g.Any, checksShown)
	return out
}

// tacticsOf reads the tactics out of an alert's tags.
func tacticsOf(tags []string) (out []string) {
	for _, t := range tags {
		if name, ok := strings.CutPrefix(strings.ToLower(t), "attack."); ok && !techniqueTag(name) {
			out = append(out, strings.ReplaceAll(name, "_", "-"))
		}
	}
	return out
}

func techniqueTag(name string) bool {
	return len(name) > 1 && strings.ContainsRune("tsg", rune(name[0])) && name[1] >= '0' && name[1] <= '9'
}

// AlertGuidanceView helps with an alert.
type AlertGuidanceView struct {
	Checks   []AlertCheckView `json:"checks" nullable:"false" doc:"three, or those of a signal"`
	From     module.Time      `json:"from" doc:"of the searches: five minutes before the first event"`
	To       module.Time      `json:"to"`
	NoticeVi AlertNoticeView  `json:"noticeVi" doc:"a text to send to the unit"`
	Notice   AlertNoticeView  `json:"notice"`
}

// AlertCheckView is one thing to check.
type AlertCheckView struct {
	TextVi string `json:"textVi"`
	Text   string `json:"text"`
	Query  string `json:"query" doc:"a search that helps; empty where none does"`
}

// AlertNoticeView is a text to send.
type AlertNoticeView struct {
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

// aroundAlert is how far around an alert one looks.
const aroundAlert = 5 * time.Minute

// Guidance says what to check about an alert, and words a notice to its unit.
// Errors: Denied, NotFound.
func (s *Service) Guidance(ctx context.Context, id string) (AlertGuidanceView, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return AlertGuidanceView{}, err
	}
	a, err := s.get(ctx, s.store.db, p, id)
	if err != nil {
		return AlertGuidanceView{}, err
	}
	v := AlertGuidanceView{
		Checks: []AlertCheckView{},
		From:   module.Time{Time: a.FirstSeen.Add(-aroundAlert).Truncate(time.Millisecond)},
		To:     module.Time{Time: a.LastSeen.Add(aroundAlert).Truncate(time.Millisecond)},
	}
	for _, c := range s.checks(&a) {
		v.Checks = append(v.Checks, AlertCheckView{c.Vi, c.En, c.Query})
	}
	v.NoticeVi, v.Notice = s.notice(&a, v.Checks)
	return v, nil
}

// checks are the alert's: the signal's own, or those that its rule says itself, made
// three by the catalogue.
func (s *Service) checks(a *Alert) (out []check) {
	if a.Signal != nil {
		k := signalKinds[a.Signal.Kind]
		for i, vi := range k.checksVi {
			c := check{Vi: vi}
			if i < len(k.checks) {
				c.En = k.checks[i]
			}
			out = append(out, c)
		}
		return out
	}
	var sources []string
	if r := s.rules.Rule(a.RuleID); r != nil {
		about := r.About()
		sources = []string{about.Service, about.Category, about.Product}
		for _, text := range r.Checks[:min(len(r.Checks), checksShown)] {
			out = append(out, check{Vi: text, En: text})
		}
	}
	tags := strings.Join(a.Tags, `","`)
	found := readGuidance().checksFor(techniquesOf(`["`+tags+`"]`), tacticsOf(a.Tags), sources)
	condition := ""
	if a.EntityField != "" && a.EntityValue != "" {
		condition = strings.TrimPrefix(about("x", a.EntityField, a.EntityValue), "rule:x AND ")
		if strings.HasPrefix(condition, "rule:") {
			condition = "" // an entity that cannot be searched for whole
		}
	}
	for i := range found {
		found[i].Query = fillQuery(found[i].Query, condition)
		// The rule's own words come first, with the catalogue's searches beside them.
		if i < len(out) {
			out[i].Query = found[i].Query
		} else {
			out = append(out, found[i])
		}
	}
	return out[:min(len(out), checksShown)]
}

// fillQuery puts the entity into a search; without one the rest of it remains.
func fillQuery(q, about string) string {
	if about != "" {
		return strings.ReplaceAll(q, "{about}", about)
	}
	q = strings.ReplaceAll(q, "{about} AND ", "")
	return strings.TrimSpace(strings.ReplaceAll(q, "{about}", ""))
}

// notice words a text to the unit, as an official would send it.
func (s *Service) notice(a *Alert, checks []AlertCheckView) (vi, en AlertNoticeView) {
	zone := time.FixedZone("ICT", 7*60*60)
	at := func(t time.Time) string { return t.In(zone).Format("15:04 02/01/2006") }
	unit := s.units.Name(a.Unit)
	title := a.TitleVi
	if title == "" {
		title = a.Title
	}
	answer := s.now().Add(4 * dueWithin[a.Level])
	var b strings.Builder
	fmt.Fprintf(&b, "Kính gửi: %s\n\nTrung tâm An ninh mạng ghi nhận dấu hiệu bất thường trên hệ thống của đơn vị:\n", unit)
	fmt.Fprintf(&b, "- Nội dung: %s\n- Mức độ: %s\n", title, levelWords[a.Level][0])
	if a.EntityValue != "" {
		fmt.Fprintf(&b, "- Đối tượng: %s (%s)\n", a.EntityValue, a.EntityField)
	}
	fmt.Fprintf(&b, "- Thời gian: từ %s đến %s (giờ Việt Nam), %d lần\n- Mã cảnh báo: %s\n\nĐề nghị đơn vị kiểm tra:\n", at(a.FirstSeen), at(a.LastSeen), a.Count, a.ID)
	for i, c := range checks {
		fmt.Fprintf(&b, "%d. %s\n", i+1, c.TextVi)
	}
	fmt.Fprintf(&b, "\nĐề nghị đơn vị giữ nguyên nhật ký và hiện trạng, không khởi động lại hoặc cài lại máy khi chưa thống nhất với Trung tâm, và phản hồi kết quả trước %s.\n\nTrân trọng.\n", at(answer))
	vi = AlertNoticeView{fmt.Sprintf("[Cảnh báo an ninh mạng] %s – %s", title, unit), b.String()}

	b.Reset()
	fmt.Fprintf(&b, "To: %s\n\nThe cybersecurity centre has noticed something unusual on your systems:\n- What: %s\n- Level: %s\n", unit, a.Title, a.Level)
	if a.EntityValue != "" {
		fmt.Fprintf(&b, "- About: %s (%s)\n", a.EntityValue, a.EntityField)
	}
	fmt.Fprintf(&b, "- When: from %s to %s (Viet Nam time), %d times\n- Alert: %s\n\nPlease check:\n", at(a.FirstSeen), at(a.LastSeen), a.Count, a.ID)
	for i, c := range checks {
		fmt.Fprintf(&b, "%d. %s\n", i+1, c.Text)
	}
	fmt.Fprintf(&b, "\nPlease keep all logs and leave the machine as it is: do not restart or reinstall it before speaking with the centre. Please answer before %s.\n", at(answer))
	return vi, AlertNoticeView{fmt.Sprintf("[Cybersecurity alert] %s – %s", a.Title, unit), b.String()}
}
