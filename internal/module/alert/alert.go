// Package alert turns findings into alerts a person can work through.
//
// Findings of one rule about one entity of one unit that keep coming belong to
// one alert; the alert counts them and remembers when the first and the last
// happened. A person takes it, and closes it with a reason.
//
// It does not detect (internal/detect) and does not store events (the lake):
// an alert finds its events again by a query.
//
// What is done to a whole selection at once is a batch (batch.go), which can be taken
// back for a while. The reasons for closing are data (reason.go).
//
// Invariants. Record runs in the transaction that registers the events, so an
// alert's count is exact after any crash. A closed alert is never reopened by
// findings, only by a person. Version counts changes of what people decide;
// findings do not make an analyst's edit fail. Every such change leaves a history
// row and an audit record.
//
// Alerts that no rule raises (a silent source, a full disk) are signals: signal.go,
// with their words in signalkinds.go. They stand in the same lists.
//
// Start reading at Service.Record, Service.Signal and Service.Change.
package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Status is where an alert stands.
type Status string

// The states of an alert.
const (
	StatusNew        Status = "new"
	StatusInProgress Status = "in_progress"
	StatusClosed     Status = "closed"
)

// Levels from the worst to the mildest, as Sigma names them.
var Levels = []string{"critical", "high", "medium", "low", "informational"}

// levelRank sorts levels in SQL: the worse, the higher. What is no level is
// treated as medium, like a rule without one.
func levelRank(level string) int {
	for i, l := range Levels {
		if l == level {
			return len(Levels) - i
		}
	}
	return levelRank("medium")
}

func knownLevel(level string) string { return Levels[len(Levels)-levelRank(level)] }

// Alert is one alert.
type Alert struct {
	ID          string
	RuleID      string
	RuleHash    string // version of the rule that raised it; "" of a signal, and where it was not kept
	Title       string
	TitleVi     string
	Level       string
	Status      Status
	Unit        event.UnitID
	EntityField string
	EntityValue string
	Count       int64
	FirstSeen   time.Time // event time
	LastSeen    time.Time // event time
	LastArrival time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Assignee    string // user id, "" for nobody
	Reason      Reason // "" unless closed
	Note        string
	Tags        []string
	Version     int64
	Series      *Series     // of a correlation rule, the newest; else nil
	Signal      *SignalInfo // nil for an alert of a rule; RuleID is then a rule's

	Drill string // id of the exercise it belongs to, "": it is real

	PostponedUntil time.Time // zero: it is not put off
	PostponedNote  string
	closed         closure

	eventQuery string // stored where it does not follow from the rest
}

// closure is when and by whom an alert was closed.
type closure struct {
	at time.Time
	by string // user id
}

// Limits of what is stored about an entity; the events keep the whole value.
const (
	maxEntityBytes = 512
	maxHashBytes   = 64
	maxTitleBytes  = 1000
	maxTagsBytes   = 4000
	maxNote        = 4000 // characters
)

// groupKey says which findings belong together, apart from time.
func groupKey(f *detect.Finding) string {
	var text []byte
	for _, s := range []string{f.RuleID, string(f.Unit), f.EntityField, f.EntityValue} {
		text = append(append(strconv.AppendInt(text, int64(len(s)), 10), ':'), s...)
	}
	sum := sha256.Sum256(text)
	return markedKey(hex.EncodeToString(sum[:16]), f.Drill)
}

// group is the findings of one key that follow one another within the gap.
type group struct {
	key                       string
	sample                    *detect.Finding
	count                     int64
	firstSeen, lastSeen       time.Time
	firstArrival, lastArrival time.Time
	series                    *detect.Series // the newest; nil for single events
}

func groupOf(key string, f *detect.Finding) *group {
	g := &group{key: key, sample: f, count: 1, firstSeen: f.Time, lastSeen: f.Time, firstArrival: f.Received, lastArrival: f.Received}
	if f.Series != nil {
		g.series, g.firstSeen = f.Series, f.Series.First
	}
	return g
}

func (g *group) merge(o *group) {
	g.count += o.count
	if o.firstSeen.Before(g.firstSeen) {
		g.firstSeen = o.firstSeen
	}
	if !o.lastSeen.Before(g.lastSeen) {
		g.lastSeen, g.series = o.lastSeen, o.series
	}
	if o.firstArrival.Before(g.firstArrival) {
		g.firstArrival = o.firstArrival
	}
	if o.lastArrival.After(g.lastArrival) {
		g.lastArrival = o.lastArrival
	}
}

// groupFindings puts findings together by key and arrival. Findings of one call
// arrive within seconds of each other as a rule; after a long outage they may
// not, and then a gap begins another group. Groups of a key are in order of
// arrival if findings are.
func groupFindings(findings []detect.Finding, gap time.Duration) []*group {
	var groups []*group
	type id struct {
		rule          string
		unit          event.UnitID
		field, entity string
		drill         string
	}
	current := make(map[id]*group)
	for i := range findings {
		f := &findings[i]
		k := id{f.RuleID, f.Unit, f.EntityField, f.EntityValue, f.Drill}
		g := current[k]
		if g != nil && !f.Received.After(g.lastArrival.Add(gap)) && !f.Received.Before(g.firstArrival.Add(-gap)) {
			g.merge(groupOf(g.key, f))
			continue
		}
		var key string
		if g != nil {
			key = g.key
		} else {
			key = groupKey(f)
		}
		g = groupOf(key, f)
		current[k] = g
		groups = append(groups, g)
	}
	return groups
}

// Change is what a person does to an alert; nil leaves a part as it is.
type Change struct {
	Status   *Status
	Reason   *Reason
	Note     *string
	Assignee *string // user id, "" for nobody
	Postpone *Postponement
}

// Postponement puts an alert off; the zero one takes it up again.
type Postponement struct {
	Until time.Time
	Note  string
}

// maxPostponed is how far an alert may be put off.
const maxPostponed = 30 * 24 * time.Hour

func (c *Postponement) apply(a *Alert, now time.Time) error {
	switch {
	case c.Until.IsZero():
		a.PostponedUntil, a.PostponedNote = time.Time{}, ""
		return nil
	case a.Status == StatusClosed:
		return fault.New(fault.Invalid, "postpone: the alert is closed").WithCode("alert.closed").OnField("body.postpone")
	case !c.Until.After(now) || c.Until.Sub(now) > maxPostponed:
		return fault.New(fault.Invalid, "postpone.until: a moment within the next 30 days").WithCode("alert.postpone-until").OnField("body.postpone.until")
	case strings.TrimSpace(c.Note) == "" || utf8.RuneCountInString(c.Note) > maxNote:
		return fault.New(fault.Invalid, "postpone.note: say why, in at most %d characters", maxNote).WithCode("alert.postpone-note").OnField("body.postpone.note")
	}
	a.PostponedUntil, a.PostponedNote = c.Until.UTC().Truncate(time.Microsecond), strings.TrimSpace(c.Note)
	return nil
}

// apply returns the alert changed by a person at a moment. Errors: Invalid, with
// alert.reason-required where closing lacks its reason.
func (c Change) apply(a Alert, by string, now time.Time, reasons Reasons) (Alert, error) {
	before := a.Status
	if c.Status != nil {
		switch *c.Status {
		case StatusNew, StatusInProgress, StatusClosed:
			a.Status = *c.Status
		default:
			return a, fault.New(fault.Invalid, "status: new, in_progress or closed").OnField("body.status")
		}
	}
	if c.Reason != nil {
		if err := reasons.check(*c.Reason, &a); err != nil {
			return a, err
		}
		a.Reason = *c.Reason
	}
	switch {
	case a.Status == StatusClosed && a.Reason == "":
		return a, fault.New(fault.Invalid, "reason: say why the alert is closed").WithCode("alert.reason-required").OnField("body.reason")
	case a.Status != StatusClosed && c.Reason != nil:
		return a, fault.New(fault.Invalid, "reason: only a closed alert has one").WithCode("alert.reason-not-closed").OnField("body.reason")
	case a.Status != StatusClosed:
		a.Reason = ""
	}
	if c.Note != nil {
		if utf8.RuneCountInString(*c.Note) > maxNote {
			return a, fault.New(fault.Invalid, "note: at most %d characters", maxNote).OnField("body.note")
		}
		a.Note = *c.Note
	}
	if c.Assignee != nil {
		a.Assignee = *c.Assignee
	}
	if c.Postpone != nil {
		if err := c.Postpone.apply(&a, now); err != nil {
			return a, err
		}
	}
	if a.Status != before {
		a.closed = closure{}
		if a.Status == StatusClosed {
			a.closed = closure{now, by}
			a.PostponedUntil, a.PostponedNote = time.Time{}, ""
		}
	}
	return a, nil
}

// Query returns the search that finds the alert's events within its unit.
func (a *Alert) Query() string {
	if a.eventQuery != "" || a.Signal != nil {
		return a.eventQuery
	}
	return about(quote(a.RuleID), a.EntityField, a.EntityValue)
}

var plainField = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// quote writes a value as one that the query language takes literally.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
