package dashboard

import (
	"net/url"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

// Measure says what a number counts.
type Measure string

// The measures.
const (
	Count     Measure = "count"
	Seconds   Measure = "seconds"
	Bytes     Measure = "bytes"
	Share     Measure = "share" // 0 to 1
	PerSecond Measure = "perSecond"
)

// ColumnKind says what the cells of a column are: a Measure, or one of these.
type ColumnKind string

// The kinds of columns that are not measures.
const (
	Time  ColumnKind = "time" // RFC 3339
	Text  ColumnKind = "text"
	Level ColumnKind = "level"
)

// FigureColumn is one column of a figure's table.
type FigureColumn struct {
	Key  string     `json:"key" doc:"a level, where the column counts those of it"`
	Name Words      `json:"name"`
	Kind ColumnKind `json:"kind" enum:"time,text,level,count,seconds,bytes,share,perSecond"`
}

// FigureCell is one value: a number, or text. TextVi is there where Vietnamese differs.
type FigureCell struct {
	Text   string   `json:"text,omitempty"`
	TextVi string   `json:"textVi,omitempty"`
	Number *float64 `json:"number,omitempty"`
}

// FigureRow is one line of the table. The first column names it.
type FigureRow struct {
	Cells []FigureCell `json:"cells" nullable:"false"`
	Link  string       `json:"link,omitempty" doc:"the list behind it: an address in the console"`
}

// Figure is what a widget shows: a headline, and the table that the chart draws.
type Figure struct {
	Measure  Measure // of Value
	Value    *float64
	Previous *float64 // of the period before; nil: nothing to compare with
	Better   string   // "less", "more", or "" where neither is
	Text     Words    // a sentence, of the summary
	Note     Words    // what a reader should know besides
	Columns  []FigureColumn
	Rows     []FigureRow
	Width    time.Duration // of the parts, where the first column is a time
	Total    int64         // lines there are in all, if rows are fewer
	Link     string
	At       time.Time
}

func number(v float64) *float64 { return &v }

func num[N ~int | ~int64 | ~float64](v N) FigureCell { return FigureCell{Number: number(float64(v))} }

func text(s string) FigureCell { return FigureCell{Text: s} }

// none is a cell without a value.
func none() FigureCell { return FigureCell{} }

func both(w Words) FigureCell {
	if w.Vi == w.En {
		return FigureCell{Text: w.En}
	}
	return FigureCell{Text: w.En, TextVi: w.Vi}
}

func when(t time.Time) FigureCell {
	if t.IsZero() {
		return FigureCell{}
	}
	return FigureCell{Text: t.UTC().Format(time.RFC3339)}
}

// In returns the cell's text in a language.
func (c FigureCell) In(language string) string {
	if language != "en" && c.TextVi != "" {
		return c.TextVi
	}
	return c.Text
}

// link is an address in the console: its path, and names and values of its state,
// without those that are empty.
func link(path string, state ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(state); i += 2 {
		if state[i+1] != "" {
			values.Set(state[i], state[i+1])
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

func point(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func levelColumn(level string) FigureColumn {
	return FigureColumn{Key: level, Name: levelWords[level], Kind: ColumnKind(Count)}
}

var levelWords = map[string]Words{
	"critical": {"Nghiêm trọng", "Critical"}, "high": {"Cao", "High"}, "medium": {"Trung bình", "Medium"},
	"low": {"Thấp", "Low"}, "informational": {"Thông tin", "Informational"},
}

func sum(counts map[string]int64, of []string) (n int64) {
	for _, k := range of {
		n += counts[k]
	}
	return n
}

// overTime makes the table of a figure over time: each row is a part of b.
func overTime(b module.Buckets, columns []FigureColumn, row func(i int) ([]FigureCell, string)) *Figure {
	f := &Figure{Columns: append([]FigureColumn{{"time", Words{"Thời gian", "Time"}, Time}}, columns...), Width: b.Width, Rows: make([]FigureRow, b.N)}
	for i := range f.Rows {
		cells, to := row(i)
		f.Rows[i] = FigureRow{Cells: append([]FigureCell{when(b.At(i))}, cells...), Link: to}
	}
	return f
}
