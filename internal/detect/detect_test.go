package detect

import (
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

const rootLogin = `title: Root logs in
id: 6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e
logsource: {product: linux, service: sshd}
detection:
  selection: {user: root, outcome: success}
  condition: selection
level: high
tags: [attack.t1078]
lachan:
  title: Đăng nhập bằng tài khoản root
  explanation: Có người đăng nhập trực tiếp bằng root.
  checks: [Hỏi quản trị viên, Xem địa chỉ nguồn, Xem lệnh đã chạy]
  entity: src_ip
`

const anyFailure = `title: Failure without a level
logsource: {product: linux}
detection:
  selection: {outcome: failure}
  condition: selection
`

func sshEvent(fields ...event.Field) *event.Event {
	return &event.Event{
		Unit: "so-noi-vu", Host: "web01", Peer: "10.0.0.9", Source: event.Source{Product: "linux", Service: "sshd"},
		Time: time.Unix(1000, 0), Received: time.Unix(1001, 0), Fields: fields,
	}
}

func TestFindingSaysWhatFiredAndAboutWhom(t *testing.T) {
	set := Compile([]File{{Name: "a.yml", Pack: "lachan", Data: []byte(rootLogin)}, {Name: "b.yml", Data: []byte(anyFailure)}}, Options{})
	if len(set.Rules()) != 2 || set.Refused() != 0 {
		t.Fatalf("%d rules, problems %v", len(set.Rules()), set.Problems())
	}
	w := set.NewWorker()
	ev := sshEvent(event.Field{Name: "user", Value: "root"}, event.Field{Name: "outcome", Value: "success"}, event.Field{Name: "src_ip", Value: "203.0.113.9"})
	hits := w.Match(ev)
	if len(hits) != 1 {
		t.Fatalf("%d rules fired, want 1", len(hits))
	}
	f := Find(hits[0], ev)
	if f.EntityField != "src_ip" || f.EntityValue != "203.0.113.9" || f.Level != "high" || f.Unit != "so-noi-vu" || f.TitleVi != "Đăng nhập bằng tài khoản root" {
		t.Errorf("finding %+v", f)
	}
	if r := set.Rule(f.RuleID); r == nil || len(r.Checks) != 3 || r.Explain == "" || !strings.Contains(r.Source, "Root logs in") {
		t.Errorf("rule of the finding: %+v", r)
	}

	ev = sshEvent(event.Field{Name: "outcome", Value: "failure"})
	hits = w.Match(ev)
	if len(hits) != 1 {
		t.Fatalf("%d rules fired, want 1", len(hits))
	}
	if f := Find(hits[0], ev); f.EntityField != "host" || f.EntityValue != "web01" || f.Level != "medium" || f.RuleID == "" {
		t.Errorf("a rule without entity, level and id: %+v", f)
	}
	ev.Host = ""
	if f := Find(hits[0], ev); f.EntityField != "peer" || f.EntityValue != "10.0.0.9" {
		t.Errorf("an event without a host: %+v", f)
	}
}

func TestBrokenAndDoubleRulesDoNotKeepOthersOut(t *testing.T) {
	set := Compile([]File{
		{Name: "good.yml", Data: []byte(rootLogin)},
		{Name: "twin.yml", Data: []byte(rootLogin)},
		{Name: "broken.yml", Data: []byte("title: x\nlogsource: {product: linux}\ndetection:\n  a: {user|nosuch: 1}\n  condition: a\n")},
	}, Options{})
	if len(set.Rules()) != 1 || set.Refused() != 2 {
		t.Fatalf("%d rules, %d refused: %v", len(set.Rules()), set.Refused(), set.Problems())
	}
	var files []string
	for _, p := range set.Problems() {
		files = append(files, p.File)
		if p.Line == 0 || p.Reason == "" {
			t.Errorf("problem without place or reason: %+v", p)
		}
	}
	if got := strings.Join(files, " "); !strings.Contains(got, "twin.yml") || !strings.Contains(got, "broken.yml") {
		t.Errorf("problems name %s", got)
	}
}
