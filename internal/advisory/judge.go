package advisory

import (
	"strings"
)

// Range says how some versions stand.
type Range struct {
	Status Status `json:"status"`
	Scheme string `json:"scheme,omitempty"`
	Only   string `json:"only,omitempty"` // exactly this one
	All    bool   `json:"all,omitempty"`  // every one
	Min    string `json:"min,omitempty"`  // from here on; "" from the first
	Max    string `json:"max,omitempty"`  // up to here; "" to the last; 2.* the last that begins with 2
	// MinOut and MaxIn: the lower end does not belong to it, the upper does.
	MinOut bool `json:"minOut,omitempty"`
	MaxIn  bool `json:"maxIn,omitempty"`
	// Text is what was written where nobody but a person can tell what it means.
	Text    string   `json:"text,omitempty"`
	Changes []Change `json:"changes,omitempty"`
}

// Change is from which version on, within a range, the status is another.
type Change struct {
	At     string `json:"at"`
	Status Status `json:"status"`
}

// String is the range as people read it.
func (r *Range) String() string {
	text := r.Text
	switch {
	case text != "":
	case r.All:
		text = "*"
	case r.Only != "":
		text = r.Only
	default:
		var parts []string
		if r.Min != "" {
			op := ">= "
			if r.MinOut {
				op = "> "
			}
			parts = append(parts, op+r.Min)
		}
		if r.Max != "" {
			op := "< "
			if r.MaxIn {
				op = "<= "
			}
			parts = append(parts, op+r.Max)
		}
		text = strings.Join(parts, ", ")
	}
	for _, c := range r.Changes {
		text += " (" + c.At + ": " + string(c.Status) + ")"
	}
	return text
}

// Versions is what a person reads of the affected versions, "" where nothing is
// said.
func (a *Affected) Versions() string {
	var parts []string
	for i := range a.Ranges {
		if r := &a.Ranges[i]; r.Status == StatusAffected {
			if len(parts) == maxShownRanges {
				parts = append(parts, "…")
				break
			}
			parts = append(parts, r.String())
		}
	}
	return strings.Join(parts, "; ")
}

const maxShownRanges = 20

// Reason is why a verdict is what it is.
type Reason string

// The reasons.
const (
	ReasonVersion  Reason = "version"  // the version is in a range
	ReasonAll      Reason = "all"      // every version
	ReasonOutside  Reason = "outside"  // the version is in none of the ranges
	ReasonMissing  Reason = "missing"  // which version runs was not declared
	ReasonUnclear  Reason = "unclear"  // the two versions cannot be compared
	ReasonUnstated Reason = "unstated" // the publisher does not say which versions
)

// Verdict is how one version stands.
type Verdict struct {
	Status Status
	Reason Reason
	Range  string // the range that decided, as people read it
}

// Judge tells how a version of the product stands; "" for a version that was not
// declared. Unknown is for a person to decide.
func (a *Affected) Judge(version string) Verdict {
	version = strings.TrimSpace(version)
	affects := a.Default == StatusAffected
	for i := range a.Ranges {
		affects = affects || a.Ranges[i].Status == StatusAffected
		for _, c := range a.Ranges[i].Changes {
			affects = affects || c.Status == StatusAffected
		}
	}
	if len(a.Ranges) == 0 {
		switch a.Default {
		case StatusAffected:
			return Verdict{StatusAffected, ReasonAll, ""}
		case StatusUnaffected:
			return Verdict{StatusUnaffected, ReasonAll, ""}
		}
		return Verdict{StatusUnknown, ReasonUnstated, ""}
	}
	unsure := -1
	for i := range a.Ranges {
		r := &a.Ranges[i]
		if r.All && len(r.Changes) == 0 {
			return Verdict{r.Status, ReasonAll, r.String()}
		}
		if version == "" {
			continue
		}
		in, sure := r.holds(version)
		if !sure {
			if unsure < 0 || a.Ranges[unsure].Status != StatusAffected {
				unsure = i
			}
			continue
		}
		if in {
			status, sure := r.statusAt(version)
			if !sure {
				unsure = i
				continue
			}
			return Verdict{status, ReasonVersion, r.String()}
		}
	}
	switch {
	case version == "" && !affects && a.Default == StatusUnaffected:
		return Verdict{StatusUnaffected, ReasonAll, ""}
	case version == "":
		return Verdict{StatusUnknown, ReasonMissing, a.Versions()}
	case unsure >= 0:
		return Verdict{StatusUnknown, ReasonUnclear, a.Ranges[unsure].String()}
	case a.Default == StatusUnknown:
		return Verdict{StatusUnknown, ReasonUnstated, a.Versions()}
	}
	return Verdict{a.Default, ReasonOutside, a.Versions()}
}

// holds tells whether v is in the range; sure is false where that cannot be told.
func (r *Range) holds(v string) (in, sure bool) {
	switch {
	case r.Text != "":
		return false, false
	case r.All:
		return true, true
	case r.Only != "":
		c, ok := Compare(r.Scheme, v, r.Only)
		return c == 0, ok
	}
	if r.Min != "" {
		c, ok := Compare(r.Scheme, v, r.Min)
		if !ok {
			return false, false
		}
		if c < 0 || c == 0 && r.MinOut {
			return false, true
		}
	}
	if r.Max == "" {
		return true, true
	}
	if stem, ok := strings.CutSuffix(r.Max, ".*"); ok {
		return beginsBelow(r.Scheme, v, stem)
	}
	c, ok := Compare(r.Scheme, v, r.Max)
	return ok && (c < 0 || c == 0 && r.MaxIn), ok
}

// beginsBelow tells whether v is of the line stem, as 2.7 is of 2, or older.
func beginsBelow(scheme, v, stem string) (in, sure bool) {
	x, okX := tokens(plainVersion(v))
	y, okY := tokens(plainVersion(stem))
	if okX && okY && len(x) >= len(y) {
		same := true
		for i := range y {
			same = same && x[i] == y[i]
		}
		if same {
			return true, true
		}
	}
	c, ok := Compare(scheme, v, stem)
	return ok && c <= 0, ok
}

func (r *Range) statusAt(v string) (Status, bool) {
	status := r.Status
	for _, c := range r.Changes {
		order, ok := Compare(r.Scheme, v, c.At)
		if !ok {
			return status, false
		}
		if order >= 0 {
			status = c.Status
		}
	}
	return status, true
}

// ParseRange reads how people write versions: "7.4.1", "< 7.4.3", ">= 1.0, < 1.5",
// "vers:npm/>=1.0|<1.5", "before 4.2", "1.0 to 1.5", "*". What it cannot read is kept
// as text.
func ParseRange(text string, status Status, scheme string) Range {
	text = clip(text, maxName)
	r := Range{Status: status, Scheme: scheme}
	s := text
	if rest, ok := strings.CutPrefix(s, "vers:"); ok {
		kind, constraints, ok := strings.Cut(rest, "/")
		if !ok {
			r.Text = text
			return r
		}
		if kind != "all" && kind != "unknown" && kind != "generic" && kind != "intdot" {
			r.Scheme = kind
		}
		s = constraints
	} else {
		s = strings.TrimPrefix(s, "vls:")
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "*", "all", "all versions", "any", "n/a", "unspecified", "-", "every", "tất cả":
		r.All = true
		return r
	}
	if !strings.ContainsAny(s, "<>=") {
		return r.worded(text, strings.TrimSpace(s))
	}
	for _, part := range strings.FieldsFunc(strings.NewReplacer("<", ",<", ">", ",>", "≤", ",<=", "≥", ",>=", " and ", ",", "&&", ",").Replace(s), func(c rune) bool { return c == ',' || c == '|' }) {
		part = strings.TrimSpace(part)
		op := part[:len(part)-len(strings.TrimLeft(part, "<>="))]
		v := plainVersion(part[len(op):])
		_, ok := tokens(strings.TrimSuffix(v, ".*"))
		switch {
		case part == "":
		case !ok || strings.ContainsAny(v, " ()"):
			return unread(r, text)
		case (op == "<" || op == "<=") && r.Max == "":
			r.Max, r.MaxIn = v, op == "<="
		case (op == ">" || op == ">=") && r.Min == "":
			r.Min, r.MinOut = v, op == ">"
		case (op == "=" || op == "==") && r.Only == "":
			r.Only = v
		default:
			return unread(r, text)
		}
	}
	if r.Only != "" && (r.Min != "" || r.Max != "") || r.Only == "" && r.Min == "" && r.Max == "" {
		return unread(r, text)
	}
	return r
}

func unread(r Range, text string) Range { return Range{Status: r.Status, Scheme: r.Scheme, Text: text} }

// worded reads a range without signs.
func (r Range) worded(text, s string) Range {
	small := strings.ToLower(s)
	for _, w := range []struct {
		word string
		in   bool
	}{{"prior to ", false}, {"before ", false}, {"earlier than ", false}, {"trước ", false}, {"up to ", true}, {"through ", true}, {"đến ", true}} {
		if at := strings.Index(small, w.word); at == 0 || at > 0 && strings.TrimSpace(small[:at]) == "versions" {
			v := plainVersion(s[at+len(w.word):])
			if _, ok := tokens(v); ok && !strings.ContainsAny(v, " ()") {
				r.Max, r.MaxIn = v, w.in
				return r
			}
			return unread(r, text)
		}
	}
	for _, between := range []string{" to ", " - ", " through ", " – "} {
		if from, to, ok := strings.Cut(s, between); ok {
			_, okFrom := tokens(plainVersion(from))
			_, okTo := tokens(plainVersion(to))
			if okFrom && okTo && !strings.Contains(strings.TrimSpace(from), " ") && !strings.Contains(strings.TrimSpace(to), " ") {
				r.Min, r.Max, r.MaxIn = plainVersion(from), plainVersion(to), true
				return r
			}
			return unread(r, text)
		}
	}
	if v := plainVersion(s); strings.Trim(v, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_+~:()") == "" && strings.ContainsAny(v, "0123456789") {
		switch stem, dotted := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(v, "x"), "X"), "."); {
		case len(stem) < len(v)-1 && dotted && stem != "": // 7.4.x
			r.Min, r.Max = stem, stem+".*"
		default:
			r.Only = v
		}
		return r
	}
	return unread(r, text)
}
