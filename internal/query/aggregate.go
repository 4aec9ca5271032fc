package query

import "time"

// Pipeline is a query and what is made of the events it finds.
type Pipeline struct {
	Query     *Query
	Aggregate *Aggregate // nil: the events themselves
}

// Aggregate counts and computes over events, in groups. Its table has a column
// for the span of time, if any, one for each of By, one for each of Funcs.
type Aggregate struct {
	Span  time.Duration // > 0: groups by spans of time, which begin at round times of [Zone]
	By    []FieldRef
	Funcs []Func
	Steps []Step // what is done to the table, in order; the first sorts it
}

// FieldRef is a field as written.
type FieldRef struct {
	place
	Name string
}

// FuncKind is what a [Func] computes.
type FuncKind uint8

// The functions of a group's events.
const (
	CountEvents FuncKind = iota // events; with a Field those that have it
	CountDistinct
	Sum
	Avg
	Min
	Max
)

var funcNames = map[string]FuncKind{
	"count": CountEvents, "dc": CountDistinct, "distinct": CountDistinct, "count_distinct": CountDistinct,
	"sum": Sum, "avg": Avg, "min": Min, "max": Max,
}

// Func is one computed column.
type Func struct {
	place
	Kind  FuncKind
	Field string // "" for CountEvents of all
	Name  string // of the column
}

// OverTime reports whether f computes with one of the two core times.
func (f Func) OverTime() bool { return f.Field != "" && isTime(f.Field) }

// Step sorts a table, or cuts it.
type Step struct {
	place
	Sort  []SortKey // what these leave equal is sorted by the columns of time and By, ascending
	Limit int       // without Sort: rows kept
}

// SortKey is a column to sort by; missing values come last.
type SortKey struct {
	Column     int
	Descending bool
}

// Keys returns how many columns name the group: they come first.
func (a *Aggregate) Keys() int {
	n := len(a.By)
	if a.Span > 0 {
		n++
	}
	return n
}

// ColumnKind is what the cells of a column are.
type ColumnKind string

// The kinds of columns.
const (
	TextColumn   ColumnKind = "text"
	NumberColumn ColumnKind = "number"
	TimeColumn   ColumnKind = "time"
)

// Column describes one column of a [Table].
type Column struct {
	Name string
	Kind ColumnKind
}

// Columns returns the columns of the table.
func (a *Aggregate) Columns() []Column {
	var out []Column
	if a.Span > 0 {
		out = append(out, Column{"time", TimeColumn})
	}
	for _, f := range a.By {
		out = append(out, Column{f.Name, TextColumn})
	}
	for _, f := range a.Funcs {
		kind := NumberColumn
		if f.OverTime() && f.Kind != CountEvents {
			kind = TimeColumn
		}
		out = append(out, Column{f.Name, kind})
	}
	return out
}

// Cell is one value of a table; which part of it counts, its column says.
type Cell struct {
	Missing bool // nothing to compute from
	Text    string
	Number  float64
	Time    time.Time
}

// Table is the answer of an [Aggregate].
type Table struct {
	Columns   []Column
	Rows      [][]Cell
	Truncated bool // there were more rows
}

// BucketStart returns the beginning of the span that holds a time, both in
// microseconds since 1970.
func BucketStart(us int64, span time.Duration) int64 {
	const shift = 7 * 60 * 60 * 1e6 // of Zone
	w := span.Microseconds()
	return us - ((us+shift)%w+w)%w
}
