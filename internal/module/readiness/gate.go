package readiness

import (
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Papers is what the register has of a system beyond [module.Registered].
type Papers struct {
	Regulation    string      // number of the internal regulation; "" none
	RegulationDay module.Date // when it was issued
	Deployment    string      // of the security plan: none, partly, full
}

// Papered is a system with its papers.
type Papered struct {
	module.Registered

	Papers Papers
}

// DeployedFully is the plan's state that the law asks for before operation.
const DeployedFully = "full"

// Condition is one thing a system needs before it goes into operation.
type Condition struct {
	Code  string // level, regulation, deployment
	Basis string
	Met   bool
	Value string // what the register says
}

// conditions are those of the law, as they stand.
func conditions(r *module.Registered, p Papers, today module.Date) []Condition {
	level := ""
	if r.Level > 0 {
		level = string(rune('0' + r.Level))
	}
	issued := p.Regulation != "" && p.RegulationDay != "" && p.RegulationDay <= today
	return []Condition{
		{"level", "NĐ 331/2026/NĐ-CP Điều 18, Điều 30", level != "", level},
		{"regulation", "NĐ 331/2026/NĐ-CP Điều 30 khoản 7", issued, p.Regulation},
		{"deployment", "NĐ 331/2026/NĐ-CP Điều 30 khoản 6", p.Deployment == DeployedFully, p.Deployment},
	}
}

// Override is a decision that lets a system into operation though something stands
// against it.
type Override struct {
	ID             string
	System         string
	Code, Title    string // of the system
	Unit, Operator event.UnitID
	Missing        []string
	Decider        string // who decided, by name and office
	Document       string // its number
	Reason         string
	Until          module.Date // the last day
	By             Mark        // who wrote it down
	Ended          Mark        // who ended it early; zero: nobody
	EndReason      string
	Told           int
}

// Holds tells whether the decision is in force.
func (o *Override) Holds(today module.Date) bool { return o.Ended.At.IsZero() && o.Until >= today }

// Soon tells whether it ends within so many days.
func (o *Override) soon(today module.Date) bool {
	return o.Holds(today) && o.Until <= today.Add(soonDays)
}

const (
	soonDays    = 14
	maxOverride = 366 // days
	maxReason   = 4000
)

// tidy cleans a decision. Errors: Invalid naming the field.
func (o *Override) tidy(today module.Date) error {
	o.Decider, o.Document, o.Reason = module.OneLine(o.Decider), module.OneLine(o.Document), strings.TrimSpace(o.Reason)
	bad := func(field, code, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).WithCode("readiness." + code).OnField("body." + field)
	}
	switch {
	case o.Decider == "" || !module.IsText(o.Decider, maxLine):
		return bad("decider", "decider", "say who decides, by name and office")
	case !module.IsText(o.Document, maxLine):
		return bad("document", "long", "write at most %d letters", maxLine)
	case len([]rune(o.Reason)) < 10 || !module.IsText(o.Reason, maxReason):
		return bad("reason", "reason", "say why, in 10 to %d letters", maxReason)
	case o.Until < today || o.Until > today.Add(maxOverride):
		return bad("until", "override-until", "the decision ends on a day from today on, within a year")
	}
	return nil
}

// told is the stage of the notices of a decision that is due: 1 it ends soon, 2 it
// ended; 0 none.
func (o *Override) due(today module.Date) int {
	switch {
	case !o.Ended.At.IsZero():
		return 0
	case o.Until < today && o.Told < 2:
		return 2
	case o.soon(today) && o.Told < 1:
		return 1
	}
	return 0
}

// Critical is a system on the way to the list of systems critical to national
// security, or on it.
type Critical struct {
	System         string
	Code, Title    string
	Unit, Operator event.UnitID
	State          string
	Steps          []CriticalStep
	Year           int
	Version        int64
}

// CriticalStep is one thing that happened to it.
type CriticalStep struct {
	State    string      `json:"state"`
	Document string      `json:"document"`
	Day      module.Date `json:"day"`
	Note     string      `json:"note"`
	By       Mark        `json:"by"`
}

// The states of a system towards the list.
const (
	Nominated = "nominated"
	Listed    = "listed"
	Removed   = "removed"
)

var criticalSteps = map[string][]string{
	"":        {Nominated},
	Nominated: {Listed, Removed},
	Listed:    {Removed},
	Removed:   {Nominated},
}

// selfCheck returns the year whose self-check is to be asked for now, and when its
// time begins: thirty days before 1 October, when it is due.
func selfCheck(now time.Time, zone *time.Location) (year int, from time.Time) {
	year = now.In(zone).Year()
	return year, time.Date(year, time.September, 1, 0, 0, 0, 0, zone)
}
