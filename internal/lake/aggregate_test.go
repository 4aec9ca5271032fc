package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// randomPipeline writes a pipeline that parses.
func randomPipeline(r *rand.Rand) string {
	field := func() string {
		for {
			if f := oneOf(r, randomFields); f != "" && f != "_time" {
				return query.Quote(f)
			}
		}
	}
	n := 0
	function := func() string {
		n++
		f := oneOf(r, []string{"count", "count()", "count(%s)", "dc(%s)", "distinct(%s)", "sum(%s)", "avg(%s)", "min(%s)", "max(%s)", "min(time)", "max(received)", "count(time)"})
		if strings.Contains(f, "%s") {
			f = fmt.Sprintf(f, field())
		}
		return fmt.Sprintf("%s as f%d", f, n)
	}
	by := func() string {
		out := " by " + field()
		if r.IntN(3) == 0 {
			if next := field(); !strings.EqualFold(out, " by "+next) {
				out += ", " + next
			}
		}
		return out
	}
	text := ""
	if r.IntN(2) == 0 {
		text = randomQuery(r, 2)
	}
	sortable := "f1"
	switch r.IntN(6) {
	case 0:
		text += " | top " + oneOf(r, []string{"", "1 ", "5 "}) + field()
		sortable = "count"
	case 1:
		text += " | rare 3 " + field()
		sortable = "count"
	case 2:
		text += " | timechart " + oneOf(r, []string{"5m", "1h", "7h", "1d", "span=90s"}) + " " + function()
		if r.IntN(2) == 0 {
			text += by()
		}
	default:
		text += " | stats " + function()
		for n < 16 && r.IntN(2) == 0 { // a stage has at most sixteen
			text += ", " + function()
		}
		if r.IntN(4) > 0 {
			text += by()
		}
	}
	for r.IntN(3) == 0 {
		text += oneOf(r, []string{" | sort " + sortable, " | sort -" + sortable, " | head 3", " | sort " + sortable + " desc | head 7"})
	}
	return text
}

// each gives the events in scope and range as they are stored.
func inRange(events []stored, sc Scope, from, to time.Time) func(func(*event.Event, []string) bool) {
	return func(yield func(*event.Event, []string) bool) {
		for _, e := range events {
			ev := e.asStored()
			if sc.Sees(ev.Unit) && (from.IsZero() || !ev.Time.Before(from)) && (to.IsZero() || ev.Time.Before(to)) && !yield(&ev, e.rules) {
				return
			}
		}
	}
}

// The table from columns is the one that query.Pipeline.Evaluate makes event by
// event.
func TestAggregateEqualsEvaluatingEventByEvent(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	events := randomEvents(r, 2000, 36*time.Hour)
	for i := range events {
		events[i].ev.Time = events[i].ev.Time.Truncate(time.Microsecond)
	}
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 300)
	checkPipelines(t, l, events, r, 400)
}

func checkPipelines(t *testing.T, l *Lake, events []stored, r *rand.Rand, n int) {
	t.Helper()
	rows := 0
	for range n {
		text := randomPipeline(r)
		p, err := query.ParsePipeline(text)
		if se, ok := errors.AsType[*query.SyntaxError](err); ok && (se.Code == "query.same-column" || se.Code == "query.time-here") {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var from, to time.Time
		if r.IntN(2) == 0 {
			from = epoch.Add(time.Duration(r.Int64N(int64(36 * time.Hour)))).Truncate(time.Microsecond)
		}
		if r.IntN(2) == 0 {
			to = epoch.Add(time.Duration(r.Int64N(int64(36 * time.Hour)))).Truncate(time.Microsecond)
		}
		sc := ScopeAll()
		if r.IntN(2) == 0 {
			sc = ScopeUnits(oneOf(r, randomUnits), oneOf(r, randomUnits))
		}
		most := oneOf(r, []int{10, query.MaxTableRows})
		got, _, err := l.aggregate(context.Background(), sc, p, from, to, most)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want := p.Evaluate(inRange(events, sc, from, to), most)
		rows += len(want.Rows)
		if len(got.Rows) == 0 && len(want.Rows) == 0 {
			got.Rows, want.Rows = nil, nil
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n from %v to %v (-evaluated +lake):\n%s", text, from, to, d)
		}
	}
	if rows < n {
		t.Errorf("%d pipelines gave only %d rows: they test little", n, rows)
	}
}

// Groups that do not fit in memory at once are counted in parts, or the search is
// refused; the table is never another one.
func TestAggregateInLittleMemory(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 4))
	events := randomEvents(r, 3000, 36*time.Hour)
	for i := range events {
		ev := &events[i].ev
		ev.Time = ev.Time.Truncate(time.Microsecond)
		ev.Fields = append(ev.Fields, event.Field{Name: "many", Value: fmt.Sprint(r.IntN(2000))}, event.Field{Name: "some", Value: fmt.Sprint(r.IntN(20))})
	}
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 300)
	refused, answered := 0, 0
	for range 60 {
		text := oneOf(r, []string{"| top 5 many", "| rare 5 many", "| stats count, dc(some), sum(many) by many | sort -sum(many), many | head 7", "| stats dc(many), count by some",
			"| stats dc(many), dc(id), count, max(many)", "| timechart 1h dc(many) by some", "| stats count by many, some | head 3 | sort count", "| stats max(time) by some, many", "| timechart 1s | head 4", "| stats count by id"})
		p, err := query.ParsePipeline(text)
		if err != nil {
			t.Fatal(text, err)
		}
		l.memory.max = oneOf(r, []int64{1 << 10, 20 << 10, 40 << 10, 60 << 10, 90 << 10})
		most := oneOf(r, []int{10, query.MaxTableRows})
		got, _, err := l.aggregate(context.Background(), ScopeAll(), p, time.Time{}, time.Time{}, most)
		if l.memory.used.Load() != 0 {
			t.Fatalf("%s: %d bytes are still held", text, l.memory.used.Load())
		}
		if fault.KindOf(err) == fault.Busy {
			refused++
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		answered++
		want := p.Evaluate(inRange(events, ScopeAll(), time.Time{}, time.Time{}), most)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s, %d bytes (-evaluated +lake):\n%s", text, l.memory.max, d)
		}
	}
	if refused == 0 || answered < 20 {
		t.Errorf("%d refused, %d answered: this tests little", refused, answered)
	}
}

// Fields of many values each would multiply without end.
func TestAggregateOfTooManyCombinationsIsRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	events := randomEvents(r, 1, time.Hour)
	for i := range 5000 {
		for _, name := range []string{"a", "b", "c"} {
			events[0].ev.Fields = append(events[0].ev.Fields, event.Field{Name: name, Value: fmt.Sprint(i)})
		}
	}
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 1)
	p, err := query.ParsePipeline("| stats count by a, b, c")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Aggregate(context.Background(), ScopeAll(), p, time.Time{}, time.Time{}); fault.KindOf(err) != fault.Busy {
		t.Errorf("%v", err)
	}
}

// A table is made of the events in scope alone, and of nothing where there are none.
func TestAggregateKeepsToItsScope(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	events := randomEvents(r, 300, time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 100)
	p, err := query.ParsePipeline("| stats count by unit")
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range []Scope{{}, ScopeUnits(), ScopeUnits("nobody")} {
		table, _, err := l.Aggregate(context.Background(), sc, p, time.Time{}, time.Time{})
		if err != nil || len(table.Rows) != 0 {
			t.Errorf("%v: %d rows, %v", sc, len(table.Rows), err)
		}
	}
	table, _, err := l.Aggregate(context.Background(), ScopeUnits(randomUnits[1]), p, time.Time{}, time.Time{})
	if err != nil || len(table.Rows) != 1 || table.Rows[0][0].Text != string(randomUnits[1]) {
		t.Errorf("%+v %v", table, err)
	}
	if _, _, err := l.Aggregate(context.Background(), ScopeAll(), &query.Pipeline{Query: &query.Query{}}, time.Time{}, time.Time{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no aggregate: %v", err)
	}
}
