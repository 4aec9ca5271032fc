package advisory

import (
	"cmp"
	"slices"
	"strings"

	deb "github.com/knqyf263/go-deb-version"
	rpm "github.com/knqyf263/go-rpm-version"
	"golang.org/x/mod/semver"
)

// Compare orders two versions of a product: less than, equal to, greater than 0.
// scheme is how the publisher counts (a CVE versionType, a purl type); unknown
// ones are read as numbers and words between dots. It is false where the two
// cannot be compared: the train of a firmware, a commit, free text.
func Compare(scheme, a, b string) (int, bool) {
	a, b = plainVersion(a), plainVersion(b)
	if a == "" || b == "" {
		return 0, false
	}
	if strings.EqualFold(a, b) {
		return 0, true
	}
	switch strings.ToLower(scheme) {
	case "git":
		return 0, false
	case "semver", "npm", "cargo", "golang", "go":
		if x, y := "v"+a, "v"+b; semver.IsValid(x) && semver.IsValid(y) {
			return semver.Compare(x, y), true
		}
	case "rpm":
		if isPackageVersion(a) && isPackageVersion(b) {
			x, y := rpm.NewVersion(a), rpm.NewVersion(b)
			return x.Compare(y), true
		}
		return 0, false
	case "deb", "dpkg":
		x, errX := deb.NewVersion(a)
		y, errY := deb.NewVersion(b)
		return x.Compare(y), errX == nil && errY == nil
	}
	return compareTokens(a, b)
}

// isPackageVersion keeps free text from being compared as a version.
func isPackageVersion(s string) bool {
	return strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-:~^_") == "" && strings.ContainsAny(s, "0123456789")
}

// plainVersion takes off what people write around a version.
func plainVersion(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxName {
		return ""
	}
	for _, word := range []string{"version", "phiên bản", "ver.", "ver", "v."} {
		if len(s) > len(word) && strings.EqualFold(s[:len(word)], word) {
			s = strings.TrimSpace(s[len(word):])
			break
		}
	}
	if len(s) > 1 && (s[0] == 'v' || s[0] == 'V') && s[1] >= '0' && s[1] <= '9' {
		s = s[1:]
	}
	return s
}

// preRelease are words of versions that come before the one without, in order.
var preRelease = []string{"dev", "snapshot", "nightly", "alpha", "a", "beta", "b", "milestone", "m", "pre", "preview", "rc", "cr"}

// rankOf orders the words of pre-releases; those of one meaning are one.
func rankOf(word string) int {
	switch word {
	case "a":
		word = "alpha"
	case "b":
		word = "beta"
	case "m":
		word = "milestone"
	case "cr":
		word = "rc"
	case "preview":
		word = "pre"
	case "nightly", "snapshot":
		word = "dev"
	}
	return slices.Index(preRelease, word)
}

// release are words that add nothing.
var release = []string{"final", "ga", "release", "lts", "stable"}

// postRelease are words of versions that come after the one without.
var postRelease = []string{"p", "patch", "pl", "sp", "hf", "hotfix", "u", "update", "upd", "cu", "post", "build", "rev", "r"}

// token is a number or a word of a version.
type token struct {
	text   string
	number bool
}

// tokens splits a version; false if it is none.
func tokens(s string) ([]token, bool) {
	var list []token
	for i := 0; i < len(s); {
		c := lower(s[i])
		switch {
		case isDigit(c), isLetter(c):
			j := i + 1
			for j < len(s) && (isDigit(c) && isDigit(s[j]) || isLetter(c) && isLetter(lower(s[j]))) {
				j++
			}
			t := token{text: strings.ToLower(s[i:j]), number: isDigit(c)}
			if t.number {
				t.text = strings.TrimLeft(t.text, "0")
			} else if slices.Contains(release, t.text) {
				i = j
				continue
			}
			list = append(list, t)
			i = j
		case strings.IndexByte(".-_+~() :", c) >= 0:
			i++
		default:
			return nil, false
		}
	}
	return list, slices.ContainsFunc(list, func(t token) bool { return t.number })
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' }

func compareTokens(a, b string) (int, bool) {
	x, okX := tokens(a)
	y, okY := tokens(b)
	if !okX || !okY {
		return 0, false
	}
	for i := range min(len(x), len(y)) {
		s, t := x[i], y[i]
		switch {
		case s == t:
		case s.number && t.number:
			return cmp.Or(cmp.Compare(len(s.text), len(t.text)), strings.Compare(s.text, t.text)), true
		case s.number != t.number:
			if s.number {
				return compareMixed(y[i:])
			}
			c, ok := compareMixed(x[i:])
			return -c, ok
		default:
			return compareWords(s.text, t.text, i > 0 && i == len(x)-1 && i == len(y)-1)
		}
	}
	switch {
	case len(x) > len(y):
		return compareRest(x[len(y):])
	case len(y) > len(x):
		c, ok := compareRest(y[len(x):])
		return -c, ok
	}
	return 0, true
}

// compareMixed compares a number with the word at its place, which the rest begins
// with: 2.0.1 and 2.0.rc1. Only a pre-release is told from a name.
func compareMixed(rest []token) (int, bool) {
	followed := len(rest) > 1 && rest[1].number
	return 1, rankOf(rest[0].text) >= 0 && (followed || len(rest[0].text) > 1)
}

// compareWords compares two words: of pre-releases, or the letters at the end that
// OpenSSL counts with. Two other words, as the trains of a firmware, have no order.
func compareWords(s, t string, last bool) (int, bool) {
	if last && isLetters(s) && isLetters(t) {
		return cmp.Or(cmp.Compare(len(s), len(t)), strings.Compare(s, t)), true
	}
	if i, j := rankOf(s), rankOf(t); i >= 0 && j >= 0 {
		return cmp.Compare(i, j), true
	}
	return 0, false
}

// isLetters tells whether a word counts: a, b, … z, za, zb.
func isLetters(s string) bool { return len(s) == 1 || len(s) == 2 && s[0] == 'z' }

// compareRest compares a version that goes on with the same that does not.
func compareRest(rest []token) (int, bool) {
	for i, t := range rest {
		followed := i+1 < len(rest) && rest[i+1].number
		switch {
		case t.number && t.text == "":
			continue // 1.0 is 1.0.0
		case t.number, slices.Contains(postRelease, t.text):
			return 1, true
		case rankOf(t.text) >= 0 && (followed || len(t.text) > 1):
			return -1, true // 2.0b3 comes before 2.0
		case isLetters(t.text) && !followed:
			return 1, true // 1.0.2k comes after 1.0.2
		}
		return 0, false
	}
	return 0, true
}
