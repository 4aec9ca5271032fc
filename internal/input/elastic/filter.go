package elastic

import (
	"path"
	"strings"
)

// Limits of a filter_path; a longer one filters nothing.
const (
	maxFilterBytes    = 1 << 10
	maxFilterPatterns = 32
)

// filter is a filter_path: which members of a reply the client wants. The zero
// filter keeps all. A pattern is dotted, * stands for any part of a name, ** for
// any run of names, a - before it leaves out what it matches. Arrays have no
// name of their own: items.*.status reaches into the elements of items.
type filter struct {
	include, exclude [][]string
}

func parseFilter(text string) filter {
	var f filter
	if text == "" || len(text) > maxFilterBytes {
		return f
	}
	for n, pattern := range strings.Split(text, ",") {
		if n == maxFilterPatterns {
			return filter{}
		}
		pattern, out := strings.CutPrefix(strings.TrimSpace(pattern), "-")
		if pattern == "" {
			continue
		}
		names := strings.Split(pattern, ".")
		if out {
			f.exclude = append(f.exclude, names)
		} else {
			f.include = append(f.include, names)
		}
	}
	return f
}

// keeps says whether the value at the end of these names stays.
func (f filter) keeps(names ...string) bool {
	for _, p := range f.exclude {
		if covers(p, names) {
			return false
		}
	}
	for _, p := range f.include {
		if covers(p, names) {
			return true
		}
	}
	return len(f.include) == 0
}

// covers says whether the pattern matches names, or the beginning of them: who
// asks for an object gets all that is in it.
func covers(pattern, names []string) bool {
	if len(pattern) == 0 {
		return true
	}
	if pattern[0] == "**" {
		for i := range len(names) + 1 {
			if covers(pattern[1:], names[i:]) {
				return true
			}
		}
		return false
	}
	if len(names) == 0 {
		return false
	}
	ok, err := path.Match(pattern[0], names[0])
	return ok && err == nil && covers(pattern[1:], names[1:])
}
