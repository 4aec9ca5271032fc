package paper

import (
	"slices"
	"strings"
	"unicode"
)

// maxWord is how wide a word may be and still have a column for itself, in ems: a date, an
// address, the number of a vulnerability. A longer one, a sum or an address of the web, is
// cut wherever it stands.
const maxWord = 9.0

// needs are the shares of a table that is so many ems wide which its columns need so that
// no word in them is cut.
func (b *Block) needs(ems, padding float64) []float64 {
	list := make([]float64, b.columns())
	for n, r := range b.Rows {
		for i, c := range r {
			widest, bold := 0.0, n == 0 && b.Head || slices.ContainsFunc(c, func(r Run) bool { return r.Bold })
			for _, w := range strings.Fields(Plain(c)) {
				if x := wordWidth(w); x <= maxWord {
					widest = max(widest, x)
				}
			}
			if bold {
				widest *= bolder
			}
			list[i] = max(list[i], (widest+2*padding)/ems)
		}
	}
	return list
}

// bolder is how much wider bold letters are.
const bolder = 1.1

// wordWidth is about how wide a word is, in ems of Times New Roman, rather more than less.
func wordWidth(word string) (ems float64) {
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'M' || r == 'W':
			ems += 0.95
		case unicode.IsUpper(r):
			ems += 0.73
		case strings.ContainsRune("mw%@", r):
			ems += 0.8
		default:
			ems += 0.5
		}
	}
	return ems
}

// widened gives every column the share it needs, out of those that have more than they
// need. Where all together need too much, those with the longest words lack something and
// the others nothing: a number of a vulnerability or an address cut in two can be read, a
// date or a common word hardly.
func widened(shares, needs []float64) []float64 {
	lacking, spare := 0.0, 0.0
	for i, s := range shares {
		lacking += max(0, needs[i]-s)
		spare += max(0, s-needs[i])
	}
	if lacking == 0 {
		return shares
	}
	if lacking > spare {
		return capped(needs)
	}
	for i, s := range shares {
		if s < needs[i] {
			shares[i] = needs[i]
		} else {
			shares[i] -= (s - needs[i]) * lacking / spare
		}
	}
	return shares
}

// capped cuts the widest of what is needed to one width, so that all of it is one.
func capped(needs []float64) []float64 {
	sorted, room := slices.Sorted(slices.Values(needs)), 1.0
	most := 0.0
	for i, n := range sorted {
		if most = room / float64(len(sorted)-i); n >= most {
			break
		}
		room -= n
	}
	out := make([]float64, len(needs))
	for i, n := range needs {
		out[i] = min(n, most)
	}
	return out
}
