// Package level works out which security level (cấp độ, 1 to 5) an information
// system is to have.
//
// A [Criteria] is the criteria of a decree as a questionnaire: data files with an
// article beside each answer. [Criteria.Judge] takes answers and says which
// clauses match, the level each comes to, and which made the level: the highest.
// It also says what is still to be answered, and whether the answers ask for a risk
// assessment. Nothing is guessed: as long as a question is open, the level is the
// least it can be.
//
// [Called] tells which changes of a system call for its level to be determined
// anew.
//
// The package is pure. What an official decides, and by which dossier, is
// module/dossier's.
//
// Start reading at Criteria and Result.
package level

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Kind is how a question is answered.
type Kind string

// The kinds.
const (
	One    Kind = "one"
	Many   Kind = "many"
	Number Kind = "number"
)

// Words are a text in both languages.
type Words struct {
	Vi string `yaml:"vi"`
	En string `yaml:"en"`
}

// Rule is a rule beside the criteria, for people.
type Rule struct {
	Article string `yaml:"article"`
	Words   `yaml:",inline"`
}

// Clause is what an answer comes to.
type Clause struct {
	Words   `yaml:",inline"`
	Level   int    `yaml:"level"` // 0: nothing by itself
	Article string `yaml:"article"`
}

// Answer is one answer of a question.
type Answer struct {
	ID     string `yaml:"id"`
	Clause `yaml:",inline"`
	Alone  bool `yaml:"alone"` // excludes the others
}

// Range is a clause for numbers from a bound up to the next one's.
type Range struct {
	From   int64 `yaml:"from"`
	Clause `yaml:",inline"`
}

// When asks a question only after one of these answers to an earlier one.
type When struct {
	Question string   `yaml:"question"`
	Answers  []string `yaml:"answers"`
}

// Question is one question.
type Question struct {
	ID      string `yaml:"id"`
	Kind    Kind   `yaml:"kind"`
	When    *When  `yaml:"when"`
	Risk    bool   `yaml:"risk"` // its answer is the result of a risk assessment
	Article string `yaml:"article"`
	Words   `yaml:",inline"`
	Answers []Answer `yaml:"answers"`
	Ranges  []Range  `yaml:"ranges"`
}

// Criteria is the criteria of one decree.
type Criteria struct {
	ID        string `yaml:"id"`
	Words     `yaml:",inline"`
	Verify    bool       `yaml:"verify"` // something is to be checked; Remark says what
	Remark    Words      `yaml:"remark"`
	Rules     []Rule     `yaml:"rules"`
	Questions []Question `yaml:"questions"`
}

// Answers are what was answered, by question: ids of answers, or one number.
type Answers map[string][]string

// Match is a clause that matches.
type Match struct {
	Question string
	Answer   string // id, or the number
	Clause
}

// Result is what answers come to.
type Result struct {
	Level   int     // 0: no clause matches
	Matches []Match // those with a level, the highest first
	Because []Match // those that made the level
	Missing []string
	// Risk: a risk assessment is what is missing, or what decides where no clause
	// matches.
	Risk bool
}

// Complete tells whether the level is final: all is answered and a clause matches.
func (r *Result) Complete() bool { return len(r.Missing) == 0 && r.Level > 0 }

// maxAnswers bounds what one question can be answered with.
const maxAnswers = 50

func bad(question, format string, args ...any) error {
	return fault.New(fault.Invalid, "%s: %s", question, fmt.Sprintf(format, args...)).WithCode("level.answer").OnField("body.answers." + question)
}

// Judge works out the level. Answers to questions that are not asked are left
// aside. Errors: Invalid level.answer, naming the question.
func (c *Criteria) Judge(answers Answers) (Result, error) {
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if c.question(id) == nil {
			return Result{}, bad(clip(id), "there is no such question in %s", c.ID)
		}
	}
	var r Result
	given := Answers{}
	for i := range c.Questions {
		q := &c.Questions[i]
		if !q.asked(given) {
			continue
		}
		got := answers[q.ID]
		if len(got) == 0 {
			r.Missing = append(r.Missing, q.ID)
			r.Risk = r.Risk || q.Risk
			continue
		}
		matches, err := q.judge(got)
		if err != nil {
			return Result{}, err
		}
		given[q.ID] = got
		r.Matches = append(r.Matches, matches...)
	}
	slices.SortStableFunc(r.Matches, func(a, b Match) int { return cmp.Compare(b.Level, a.Level) })
	for _, m := range r.Matches {
		r.Level = max(r.Level, m.Level)
		if m.Level == r.Level {
			r.Because = append(r.Because, m)
		}
	}
	r.Risk = r.Risk || r.Level == 0 && len(r.Missing) == 0
	return r, nil
}

func (c *Criteria) question(id string) *Question {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Questions[i]
}

// asked tells whether the answers so far lead to the question.
func (q *Question) asked(given Answers) bool {
	return q.When == nil || slices.ContainsFunc(given[q.When.Question], func(a string) bool { return slices.Contains(q.When.Answers, a) })
}

// judge returns the clauses that answers to the question match.
func (q *Question) judge(got []string) ([]Match, error) {
	if q.Kind == Number {
		return q.count(got)
	}
	if len(got) > maxAnswers || q.Kind == One && len(got) != 1 {
		return nil, bad(q.ID, "choose one answer")
	}
	var found []Match
	seen := map[string]bool{}
	for _, id := range got {
		i := slices.IndexFunc(q.Answers, func(a Answer) bool { return a.ID == id })
		if i < 0 || seen[id] {
			return nil, bad(q.ID, "%q is not one of the answers, or stands there twice", clip(id))
		}
		seen[id] = true
		a := q.Answers[i]
		if a.Alone && len(got) > 1 {
			return nil, bad(q.ID, "%q excludes the other answers; take it or them out", id)
		}
		if a.Level > 0 {
			found = append(found, Match{q.ID, id, a.Clause})
		}
	}
	return found, nil
}

func (q *Question) count(got []string) ([]Match, error) {
	if len(got) != 1 {
		return nil, bad(q.ID, "give one number")
	}
	n, err := strconv.ParseInt(strings.TrimSpace(got[0]), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt32*1000 {
		return nil, bad(q.ID, "%q is not a whole number from 0", clip(got[0]))
	}
	for _, r := range slices.Backward(q.Ranges) {
		if n >= r.From {
			return []Match{{q.ID, strconv.FormatInt(n, 10), r.Clause}}, nil
		}
	}
	return nil, nil
}

// clip keeps what somebody sent short in an error.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
