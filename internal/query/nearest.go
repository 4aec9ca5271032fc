package query

import (
	"cmp"
	"slices"
)

// Nearest returns up to most of the names that are likely meant by one that is
// wrong, the likeliest first: those within a third of its length in edits
// (insert, delete, replace, swap two neighbours), letters compared without case.
// It suggests nothing equal to the name itself.
func Nearest(name string, names []string, most int) []string {
	type near struct {
		name     string
		distance int
	}
	want := []rune(Fold(name))
	if len(want) > 128 {
		return nil
	}
	limit := max(1, len(want)/3)
	var found []near
	for _, n := range names {
		other := []rune(Fold(n))
		if diff := len(other) - len(want); diff > limit || -diff > limit {
			continue
		}
		if d := edits(want, other); d > 0 && d <= limit {
			found = append(found, near{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	out := make([]string, 0, most)
	for _, n := range found[:min(len(found), most)] {
		out = append(out, n.name)
	}
	return out
}

// edits is the Damerau-Levenshtein distance in which no part is edited twice.
func edits(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
