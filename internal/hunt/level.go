package hunt

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Level is how grave a finding is.
type Level int

// The levels of Sigma.
const (
	Informational Level = iota
	Low
	Medium
	High
	Critical
	levelCount
)

var (
	levelNames   = [levelCount]string{"informational", "low", "medium", "high", "critical"}
	levelNamesVi = [levelCount]string{"thông tin", "thấp", "trung bình", "cao", "nghiêm trọng"}
)

// ParseLevel reads a level's name.
func ParseLevel(name string) (Level, error) {
	if i := slices.Index(levelNames[:], strings.ToLower(name)); i >= 0 {
		return Level(i), nil
	}
	return Medium, fault.New(fault.Invalid, "level %q: write one of %s", name, strings.Join(levelNames[:], ", "))
}

// String is the level's name in Sigma.
func (l Level) String() string { return levelNames[l] }

// Vietnamese is the level's name for people.
func (l Level) Vietnamese() string { return levelNamesVi[l] }
