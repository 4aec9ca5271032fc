package level

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the cases come to anew")

func book(t testing.TB) *Book {
	t.Helper()
	b, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// parse reads "question=answer,answer question=answer".
func parse(text string) Answers {
	a := Answers{}
	for field := range strings.FieldsSeq(text) {
		q, answers, _ := strings.Cut(field, "=")
		a[q] = strings.Split(answers, ",")
	}
	return a
}

// told is a result as the case file has it.
func told(r Result, err error) string {
	if err != nil {
		return "  error: " + err.Error() + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  level %d", r.Level)
	if r.Complete() {
		b.WriteString(", complete")
	}
	if r.Risk {
		b.WriteString(", risk assessment")
	}
	if len(r.Missing) > 0 {
		b.WriteString(", missing " + strings.Join(r.Missing, " "))
	}
	b.WriteByte('\n')
	for i, m := range r.Matches {
		sign := " "
		if i < len(r.Because) {
			sign = "*"
		}
		fmt.Fprintf(&b, "  %s %d %s=%s: %s, %s\n", sign, m.Level, m.Question, m.Answer, m.Article, m.Vi)
	}
	return b.String()
}

// Each case of testdata/levels.txt is a line "criteria: answers" and, indented, what
// it comes to; * marks the clauses that made the level.
func TestCases(t *testing.T) {
	const path = "testdata/levels.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := book(t)
	var got strings.Builder
	n := 0
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "  "):
			continue
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, "#"):
			got.WriteString(line)
			continue
		}
		id, answers, _ := strings.Cut(strings.TrimSpace(line), ":")
		c := b.Of(id)
		if c == nil {
			t.Fatalf("no criteria %q", id)
		}
		n++
		got.WriteString(line + told(c.Judge(parse(answers))))
	}
	if n < 20 {
		t.Errorf("only %d cases", n)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got.String() != string(text) {
		t.Errorf("the cases come to something else; look at it and run with -update\n%s", got.String())
	}
}

// One more answer never lowers the level: the highest match wins.
func TestMoreAnswersNeverLowerTheLevel(t *testing.T) {
	for _, c := range book(t).Criteria {
		all := Answers{}
		last := 0
		for _, q := range c.Questions {
			switch {
			case q.Kind == Number:
				all[q.ID] = []string{"1000000"}
			case q.Kind == One:
				all[q.ID] = []string{q.Answers[len(q.Answers)-1].ID}
			default:
				for _, a := range q.Answers {
					if !a.Alone {
						all[q.ID] = append(all[q.ID], a.ID)
					}
				}
			}
			r, err := c.Judge(all)
			if err != nil {
				t.Fatal(err)
			}
			if r.Level < last {
				t.Errorf("%s: with %s the level fell from %d to %d", c.ID, q.ID, last, r.Level)
			}
			last = r.Level
		}
		if last != 5 {
			t.Errorf("%s: everything together is level %d, not 5", c.ID, last)
		}
	}
}

func TestEveryLevelCanBeReached(t *testing.T) {
	for _, c := range book(t).Criteria {
		seen := map[int]bool{}
		for _, q := range c.Questions {
			for _, a := range q.Answers {
				seen[a.Level] = true
			}
		}
		for l := 1; l <= 5; l++ {
			if !seen[l] {
				t.Errorf("%s: no answer comes to level %d", c.ID, l)
			}
		}
	}
}

func TestChangesThatCallForANewLevel(t *testing.T) {
	before := map[Aspect]string{Purpose: "Một cửa", Scope: "toàn tỉnh", Technology: "Java", Connection: "LGSP\nCSDL dân cư"}
	for _, x := range []struct {
		name   string
		aspect Aspect
		text   string
		want   string
	}{
		{"nothing changed but the spacing", Purpose, " Một  cửa ", ""},
		{"another purpose", Purpose, "Một cửa và thanh toán", "change"},
		{"another technology", Technology, "Go", "change"},
		{"a wider scope", Scope, "toàn quốc", "change"},
		{"new data", Data, "dữ liệu cá nhân nhạy cảm", "change"},
		{"a new connection", Connection, "CSDL dân cư\nLGSP\nNgân hàng", "connection"},
		{"a connection less", Connection, "LGSP", ""},
		{"a serious incident", Incident, "SC-2026-0001", "incident"},
	} {
		after := map[Aspect]string{}
		for a, text := range before {
			after[a] = text
		}
		after[x.aspect] = x.text
		var got []string
		for _, tr := range book(t).Called(before, after) {
			got = append(got, tr.ID)
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%s: %v, want %q", x.name, got, x.want)
		}
	}
}

func TestABadDataFileIsRefused(t *testing.T) {
	good := Question{ID: "q", Kind: One, Article: "Đ1", Words: Words{"v", "e"}, Answers: []Answer{{ID: "a", Clause: Clause{Words{"v", "e"}, 3, "Đ1"}}}}
	for name, change := range map[string]func(q *Question){
		"no article":     func(q *Question) { q.Answers[0].Article = "" },
		"level 6":        func(q *Question) { q.Answers[0].Level = 6 },
		"no kind":        func(q *Question) { q.Kind = "" },
		"no answers":     func(q *Question) { q.Answers = nil },
		"later question": func(q *Question) { q.When = &When{"later", []string{"x"}} },
	} {
		q := good
		q.Answers = slices.Clone(good.Answers)
		c := Criteria{Questions: []Question{q}}
		if err := c.check(); err != nil {
			t.Fatal(err)
		}
		change(&c.Questions[0])
		if c.check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// Whatever is sent, there is a level between 0 and 5 or an error that names a question.
func FuzzJudge(f *testing.F) {
	f.Add("type", "internal,citizen", "basic", "99999")
	f.Add("info", "public,secret", "central", "yes")
	b := book(f)
	f.Fuzz(func(t *testing.T, q1, a1, q2, a2 string) {
		for _, c := range b.Criteria {
			r, err := c.Judge(Answers{"type": {"citizen"}, q1: strings.Split(a1, ","), q2: strings.Split(a2, ",")})
			if err == nil && (r.Level < 0 || r.Level > 5 || r.Level > 0 && len(r.Because) == 0) {
				t.Errorf("%+v", r)
			}
		}
	})
}
