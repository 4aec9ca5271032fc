package alert

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Reason is why an alert was closed: the id of a [CloseReason].
type Reason string

// The reasons the product brings that the code knows by name.
const (
	ReasonTruePositive  Reason = "true_positive"
	ReasonFalsePositive Reason = "false_positive"
	ReasonBenign        Reason = "benign"
	ReasonDuplicate     Reason = "duplicate"
	ReasonOther         Reason = "other"
)

// ReasonKind is what reasons come to in figures. Each kind is also the id of a
// reason the product brings.
type ReasonKind string

// The kinds of reasons.
const (
	KindTruePositive  ReasonKind = "true_positive"
	KindFalsePositive ReasonKind = "false_positive"
	KindBenign        ReasonKind = "benign"
	KindDuplicate     ReasonKind = "duplicate"
	KindOther         ReasonKind = "other"
	KindSettled       ReasonKind = "settled"
)

// reasonKinds are those an administrator may add reasons of.
var reasonKinds = []ReasonKind{KindTruePositive, KindFalsePositive, KindBenign, KindDuplicate, KindOther}

// CloseReason is one reason for closing an alert. It is never deleted: an alert
// closed with it says so for ever. One that is retired closes no more alerts.
type CloseReason struct {
	ID         Reason     `yaml:"id"`
	Kind       ReasonKind `yaml:"kind"`
	Vi         string     `yaml:"vi"`
	En         string     `yaml:"en"`
	ForSignals bool       `yaml:"signals"`

	Builtin  bool      `yaml:"-"`
	Retired  time.Time `yaml:"-"` // zero: it is in use
	Position int       `yaml:"-"`
	Version  int64     `yaml:"-"` // 0: as the product brings it
}

//go:embed reasons.yaml
var reasonsText []byte

var builtinReasons = sync.OnceValue(func() []CloseReason {
	var list []CloseReason
	if err := yaml.Unmarshal(reasonsText, &list); err != nil {
		panic(err) // embedded, and tested
	}
	for i := range list {
		list[i].Builtin, list[i].Position = true, (i+1)*positionStep
	}
	return list
})

// Limits of reasons.
const (
	maxReasons    = 100
	maxReasonText = 100 // characters
	maxPosition   = 100_000
	positionStep  = 10
	maxReasonID   = 40
)

// Reasons are all reasons, retired ones too, in the order they are offered in.
type Reasons []CloseReason

func (list Reasons) find(id Reason) *CloseReason {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// kind is what a reason comes to; what is unknown is as good as other.
func (list Reasons) kind(id Reason) ReasonKind {
	if r := list.find(id); r != nil {
		return r.Kind
	}
	return KindOther
}

// ofKind returns the ids of the reasons of a kind.
func (list Reasons) ofKind(kind ReasonKind) (ids []string) {
	for i := range list {
		if list[i].Kind == kind {
			ids = append(ids, string(list[i].ID))
		}
	}
	return ids
}

// check refuses a reason that may not close the alert.
func (list Reasons) check(id Reason, a *Alert) error {
	r := list.find(id)
	switch {
	case r == nil:
		return fault.New(fault.Invalid, "reason: there is none of this id; choose one of the list of reasons").WithCode("alert.reason-unknown").OnField("body.reason")
	case r.ForSignals && a.Signal == nil:
		return fault.New(fault.Invalid, "reason: only a signal settles by itself; say what the alert was").WithCode("alert.not-a-signal").OnField("body.reason")
	case !r.Retired.IsZero() && a.Reason != id:
		return fault.New(fault.Invalid, "reason: %q is not in use any more; choose another one", r.En).WithCode("alert.reason-retired").OnField("body.reason")
	}
	return nil
}

// sorted puts them in the order they are offered in.
func (list Reasons) sorted() Reasons {
	slices.SortStableFunc(list, func(a, b CloseReason) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// closers counts those that may close an alert of a rule.
func (list Reasons) closers() (n int) {
	for i := range list {
		if list[i].Retired.IsZero() && !list[i].ForSignals {
			n++
		}
	}
	return n
}

// reasonID makes an id from words: small letters without marks, joined by "_".
func reasonID(words ...string) Reason {
	for _, w := range words {
		parts := strings.FieldsFunc(module.Fold(w), func(r rune) bool {
			return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		id := strings.Join(parts, "_")
		if id != "" {
			return Reason(strings.Trim(id[:min(len(id), maxReasonID)], "_"))
		}
	}
	return ""
}

func checkReasonText(text, field string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > maxReasonText || strings.ContainsFunc(text, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "%s: 1 to %d characters on one line", field, maxReasonText).WithCode("alert.reason-text").OnField("body." + field)
	}
	return text, nil
}

// ReasonChange is an edit of a reason; nil leaves a part.
type ReasonChange struct {
	Vi, En   *string
	Retired  *bool
	Position *int
}

// apply returns the reason changed. Errors: Invalid.
func (c ReasonChange) apply(r CloseReason, now time.Time) (CloseReason, error) {
	var err error
	if c.Vi != nil {
		if r.Vi, err = checkReasonText(*c.Vi, "textVi"); err != nil {
			return r, err
		}
	}
	if c.En != nil {
		if r.En, err = checkReasonText(*c.En, "text"); err != nil {
			return r, err
		}
	}
	if c.Position != nil {
		if *c.Position < 0 || *c.Position > maxPosition {
			return r, fault.New(fault.Invalid, "position: 0 to %d", maxPosition).OnField("body.position")
		}
		r.Position = *c.Position
	}
	switch {
	case c.Retired == nil:
	case *c.Retired && r.ForSignals:
		return r, fault.New(fault.Invalid, "retired: the centre itself closes signals with this reason").WithCode("alert.reason-last").OnField("body.retired")
	case *c.Retired && r.Retired.IsZero():
		r.Retired = now
	case !*c.Retired:
		r.Retired = time.Time{}
	}
	r.Version++
	return r, nil
}
