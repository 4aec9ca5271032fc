package sigma

import (
	"cmp"
	"fmt"
	"strings"
)

// Severity tells a rule that was refused from one that was loaded with a
// remark.
type Severity uint8

const (
	Error      Severity = iota // the rule is not loaded
	Warning                    // the rule is loaded; the author should look at it
	Suggestion                 // the rule is right and could be written better; only from Lint
)

func (s Severity) String() string {
	return [...]string{"error", "warning", "suggestion"}[s]
}

// Problem is one thing wrong with a rule or mapping file, with the place and
// what to do about it. Line and Column count from 1 and are 0 when unknown.
type Problem struct {
	Severity Severity
	Check    string // the name of what was checked, see Checks
	File     string
	Line     int
	Column   int
	RuleID   string
	Reason   string // what is wrong
	Remedy   string // what to write instead; may be empty
}

// Error formats the problem as "file:line:column: reason (remedy)", so that a
// Problem is usable as an error.
func (p Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		b.WriteByte(':')
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if p.Severity != Error {
		b.WriteString(p.Severity.String())
		b.WriteString(": ")
	}
	b.WriteString(p.Reason)
	if p.Remedy != "" {
		b.WriteString("; ")
		b.WriteString(p.Remedy)
	}
	return b.String()
}

// position is a place in a rule file.
type position struct{ line, column int }

// fail is how the inner layers report what is wrong; the rule's file and id
// are added at the edge of the package.
type fail struct {
	at     position
	reason string
	remedy string
	check  string // "" means CheckSpecification
}

// as names the check that found it.
func (f *fail) as(check string) *fail {
	f.check = check
	return f
}

func (f *fail) problem(r *Rule, s Severity) Problem {
	return Problem{
		Severity: s, Check: cmp.Or(f.check, CheckSpecification), File: r.File, Line: f.at.line, Column: f.at.column,
		RuleID: r.ID, Reason: f.reason, Remedy: f.remedy,
	}
}

func (f *fail) Error() string { return f.reason }

func failf(at position, remedy, format string, args ...any) *fail {
	return &fail{at: at, reason: fmt.Sprintf(format, args...), remedy: remedy}
}
