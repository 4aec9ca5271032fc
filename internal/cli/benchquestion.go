package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sample"
)

// question is one search of the benchmark; ask fails where the answer is not the
// one that is known.
type question struct {
	name string
	text string
	goal time.Duration // 0: none
	ask  func(ctx context.Context) error
}

// questionResult is how long the answers took.
type questionResult struct {
	Name    string  `json:"name"`
	Text    string  `json:"query"`
	Goal    float64 `json:"goalSeconds,omitempty"`
	First   float64 `json:"firstSeconds"`
	Best    float64 `json:"bestSeconds"`
	Median  float64 `json:"medianSeconds"`
	Worst   float64 `json:"worstSeconds"`
	CPU     float64 `json:"processorSeconds"` // of one answer, on average
	Problem string  `json:"problem,omitempty"`
}

// ask puts every question and returns what was answered wrongly.
func (b *lakeBench) ask(ctx context.Context) error {
	var wrong []error
	for _, q := range b.questions() {
		if !strings.Contains(q.name, b.cmd.Only) {
			continue
		}
		r := questionResult{Name: q.name, Text: q.text, Goal: q.goal.Seconds()}
		took := make([]float64, 0, b.cmd.Runs)
		cpu := processorTime(os.Getpid())
		for range b.cmd.Runs {
			begun := time.Now()
			err := q.ask(ctx)
			took = append(took, time.Since(begun).Seconds())
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				r.Problem = err.Error()
				wrong = append(wrong, fmt.Errorf("bench lake: %s: %w", q.name, err))
				break
			}
		}
		r.CPU = (processorTime(os.Getpid()) - cpu).Seconds() / float64(len(took))
		r.First = took[0]
		slices.Sort(took)
		r.Best, r.Median, r.Worst = took[0], took[len(took)/2], took[len(took)-1]
		b.report.Questions = append(b.report.Questions, r)
	}
	return errors.Join(wrong...)
}

func (b *lakeBench) questions() []question {
	truth := b.report.Truth
	const rare, wide, top = 300 * time.Millisecond, 1500 * time.Millisecond, time.Second
	qs := []question{
		{"count and histogram of everything", "", 500 * time.Millisecond, func(ctx context.Context) error {
			n, err := b.lake.Count(ctx, lake.ScopeAll(), lake.Search{})
			if err != nil || n != int64(truth.Events) {
				return errors.Join(err, differs(int(n), truth.Events))
			}
			buckets, _, _, err := b.lake.Histogram(ctx, lake.ScopeAll(), lake.Search{From: lakeStart, To: b.end()}, 100)
			sum := int64(0)
			for _, k := range buckets {
				sum += k.Count
			}
			return errors.Join(err, differs(int(sum), truth.Events))
		}},
		b.find("newest 100", "", 0, 100, 100),
	}
	for _, n := range sample.Needles() {
		planted := truth.Planted[n.Name]
		if planted == 0 {
			continue // of a kind of record that the mix does not have
		}
		goal := rare
		if strings.Contains(n.Query, "*") || !strings.Contains(n.Query, ":") {
			goal = wide
		}
		qs = append(qs, b.find(n.Name+", newest 100", n.Query, goal, 100, min(100, planted)))
		if planted > 100 {
			qs = append(qs, b.find(n.Name+", all", n.Query, 0, 0, planted))
		}
	}
	qs = append(qs,
		b.find("word that is nowhere", "khongcodauca", wide, 100, 0),
		b.find("value that is nowhere", `User:"khong co"`, rare, 100, 0),
		b.find("expression in a field", `CommandLine:~"1bachdang[a-z]{3}9"`, wide, 100, truth.Planted["part of a command line"]),
		b.sum("part of a field, frequent, counted", "CommandLine:*powershell* | stats count()", wide, truth.PowerShell),
		b.sum("events of each day", "| timechart 1d", 500*time.Millisecond, truth.Events),
		b.sum("events of each format", "| stats count() by _format", 0, truth.Events),
	)
	if len(truth.Queries) > 0 {
		qs = append(qs, b.top("query", truth.Queries, top), b.top("src_ip", truth.Sources, top))
	}
	if truth.Windows > 0 {
		qs = append(qs, b.top("EventRecordID", nil, 0))
	}
	return qs
}

// find asks for events.
func (b *lakeBench) find(name, text string, goal time.Duration, limit, want int) question {
	return question{name, text, goal, func(ctx context.Context) error {
		q, err := query.Parse(text)
		if err != nil {
			return err
		}
		n, last := 0, time.Time{}
		var disorder error
		_, err = b.lake.Search(ctx, lake.ScopeAll(), lake.Search{Query: q, Limit: limit}, func(row *lake.Row) error {
			if n > 0 && row.Time.After(last) {
				disorder = errors.New("events out of order")
			}
			if row.Raw == "" || len(row.Fields) == 0 {
				disorder = fmt.Errorf("event %s is empty", row.ID)
			}
			n, last = n+1, row.Time
			return nil
		})
		return errors.Join(err, disorder, differs(n, want))
	}}
}

// sum asks for a table whose last column adds up to want.
func (b *lakeBench) sum(name, text string, goal time.Duration, want int) question {
	return question{name, text, goal, func(ctx context.Context) error {
		t, err := b.table(ctx, text)
		if err != nil {
			return err
		}
		sum := 0.0
		for _, row := range t.Rows {
			sum += row[len(row)-1].Number
		}
		return differs(int(sum), want)
	}}
}

// top asks for the most frequent values of a field; want is nil where they are not
// known.
func (b *lakeBench) top(field string, want []sample.ValueCount, goal time.Duration) question {
	text := "| top 10 " + field
	return question{"top 10 of " + field, text, goal, func(ctx context.Context) error {
		t, err := b.table(ctx, text)
		if err != nil || want == nil {
			return err
		}
		if len(t.Rows) != len(want) {
			return differs(len(t.Rows), len(want))
		}
		for i, w := range want {
			if got := t.Rows[i]; int(got[1].Number) != w.Count {
				return fmt.Errorf("place %d is %s with %.0f, want %s with %d", i+1, got[0].Text, got[1].Number, w.Value, w.Count)
			}
		}
		return nil
	}}
}

func (b *lakeBench) table(ctx context.Context, text string) (*query.Table, error) {
	pl, err := query.ParsePipeline(text)
	if err != nil {
		return nil, err
	}
	t, _, err := b.lake.Aggregate(ctx, lake.ScopeAll(), pl, time.Time{}, time.Time{})
	return t, err
}

func differs(got, want int) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("the answer is %d, it must be %d", got, want)
}

func printQuestions(w io.Writer, results []questionResult) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "goal s\tbest\tmedian\tworst\tCPU s\t\n")
	for _, r := range results {
		goal := "-"
		if r.Goal > 0 {
			goal = fmt.Sprintf("%.1f", r.Goal)
		}
		note := ""
		switch {
		case r.Problem != "":
			note = "  WRONG: " + r.Problem
		case r.Goal > 0 && r.Median > r.Goal:
			note = "  slower than its goal"
		}
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%.2f\t  %s%s\n", goal, r.Best, r.Median, r.Worst, r.CPU, r.Name, note)
	}
	return t.Flush()
}
