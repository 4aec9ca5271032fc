package sample

import (
	"cmp"
	"slices"
)

// Truth is what was made so far: what a search must find.
type Truth struct {
	Events   int            `json:"events"`
	RawBytes int64          `json:"rawBytes"` // of the records, each with its line end
	Windows  int            `json:"windows"`
	Planted  map[string]int `json:"planted"` // events of each needle, by name
	// PowerShell counts the events whose field CommandLine holds the word.
	PowerShell int           `json:"powershell"`
	Queries    []ValueCount  `json:"queries"` // most frequent values of the field query
	Sources    []ValueCount  `json:"sources"` // and of src_ip
	Distinct   DistinctCount `json:"distinct"`
}

// DistinctCount is how many values a field took.
type DistinctCount struct {
	Query  int `json:"query"`
	Source int `json:"source"`
}

// ValueCount is a value and the number of events that have it.
type ValueCount struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// topOf lists the ten most frequent; distinct is how many occur at all.
func topOf(values []string, counts []int32) (top []ValueCount, distinct int) {
	for i, c := range counts {
		if c > 0 {
			top = append(top, ValueCount{values[i], int(c)})
		}
	}
	slices.SortFunc(top, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return slices.Clip(top[:min(10, len(top))]), len(top)
}
