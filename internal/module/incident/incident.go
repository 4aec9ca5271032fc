// Package incident keeps the incidents (sự cố) the centre and its units respond
// to, from detection to the lessons.
//
// An incident belongs to a unit, is of one category of a taxonomy, passes through
// phases, and gathers alerts, tasks from a playbook, observables, files, comments
// and a timeline. Taxonomies and playbooks are data. Whoever answers for the unit
// sees it; other units see what was shared with them, under the Traffic Light
// Protocol. It is told to other modules as a module.Matter, which is how legal
// clocks start; this package knows none.
//
// Invariants. Numbers have no gaps and no doubles: SC-2026-0001, DT- for drills.
// Nothing is deleted: what was wrong is struck or withdrawn, and says so. Two who
// edit at once lose nothing: fields are merged one by one, and only the same field
// changed twice is a conflict. What is marked as a state secret holds no content
// here. A drill never meets what is real.
//
// Start reading at Incident and Service.
package incident

import (
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Phase is how far the response is: NĐ 333/2026 Điều 9, whose order is a good one
// for every incident.
type Phase string

// The phases, in their order. One may go back.
const (
	Detect    Phase = "detect"     // phát hiện, xác minh
	Preserve  Phase = "preserve"   // bảo vệ hiện trường, thu giữ chứng cứ
	Isolate   Phase = "isolate"    // cô lập
	Analyse   Phase = "analyse"    // phân tích, phân loại, đánh giá mức độ
	Recover   Phase = "recover"    // ứng phó, khắc phục, khôi phục
	RootCause Phase = "root-cause" // xác định nguyên nhân gốc, bài học
	Closed    Phase = "closed"
)

// Phases lists them in their order.
func Phases() []Phase {
	return []Phase{Detect, Preserve, Isolate, Analyse, Recover, RootCause, Closed}
}

// TLP is a mark of the Traffic Light Protocol 2.0, from the freest.
type TLP string

// The marks.
const (
	Clear       TLP = "CLEAR"
	Green       TLP = "GREEN"
	Amber       TLP = "AMBER"
	AmberStrict TLP = "AMBER+STRICT"
	Red         TLP = "RED"
)

var marks = []TLP{Clear, Green, Amber, AmberStrict, Red}

// Within tells whether what is marked t may be shown to whom max is the most.
func (t TLP) Within(limit TLP) bool {
	return slices.Contains(marks, t) && slices.Index(marks, t) <= slices.Index(marks, limit)
}

// Origin is where an incident came from.
type Origin string

// The origins.
const (
	FromAlert   Origin = "alert"
	FromUnit    Origin = "unit"    // its own report
	FromCitizen Origin = "citizen" // a report of the public
	ByHand      Origin = "manual"
	ByAPI       Origin = "api"
)

var (
	origins    = []Origin{FromAlert, FromUnit, FromCitizen, ByHand, ByAPI}
	severities = []string{"critical", "high", "medium", "low"}
	paps       = []string{"CLEAR", "GREEN", "AMBER", "RED"}
	secrecies  = []string{"", "mat", "toi-mat", "tuyet-mat"}
)

// AffectedSystem is an information system that is affected: one of the register, or
// one that is known by name only.
type AffectedSystem struct {
	ID       string `json:"id,omitempty"`   // in the register; what it says of the system goes before what was entered
	Code     string `json:"code,omitempty"` // in the register
	Name     string `json:"name"`
	Level    int    `json:"level"`    // security level 1 to 5; 0: not known
	Critical bool   `json:"critical"` // on the list of systems critical to national security
	Military bool   `json:"military"`
}

// Facts are what is known and decided of an incident: everything people edit.
type Facts struct {
	Title    string           `json:"title"`
	Summary  string           `json:"summary"`
	Unit     event.UnitID     `json:"unit"`
	Units    []event.UnitID   `json:"units"` // affected besides it
	Systems  []AffectedSystem `json:"systems"`
	Category string           `json:"category"`
	Severity string           `json:"severity"`
	TLP      TLP              `json:"tlp"`
	PAP      string           `json:"pap"`
	// Secrecy says that papers of the matter bear a state-secrecy mark. Such papers
	// are kept elsewhere (Luật Bảo vệ bí mật nhà nước); nothing is entered here.
	Secrecy string `json:"secrecy"`
	Lead    string `json:"lead"` // user id; "" nobody yet

	Grave               bool `json:"grave"`
	NationalSecurity    bool `json:"nationalSecurity"`
	SevereDisruption    bool `json:"severeDisruption"`
	PersonalData        bool `json:"personalData"`
	SpecialPersonalData bool `json:"specialPersonalData"`
	Complex             bool `json:"complex"`
	EmergencyMonitoring bool `json:"emergencyMonitoring"`

	DetectedAt  time.Time `json:"detectedAt"`
	ConfirmedAt time.Time `json:"confirmedAt"`
	ContainedAt time.Time `json:"containedAt"`
	RecoveredAt time.Time `json:"recoveredAt"`

	Cause   string `json:"cause"`
	Measure string `json:"measure"` // what was done
	Lessons string `json:"lessons"`
}

// Incident is one incident.
type Incident struct {
	ID        string
	Code      string
	Drill     bool
	Origin    Origin
	Reference string // what it came from, by its origin: an alert's id, a report's code
	Facts
	Phase      Phase
	OpenedAt   time.Time
	OpenedBy   string // user id
	OpenedName string
	ClosedAt   time.Time
	MergedInto string  // id; "" it stands by itself
	Leading    Leading // zero: its own unit, or the centre, as it opened
	ChangedAt  time.Time
	Version    int64
	changed    map[string]int64 // by field of Facts, the version that changed it last
}

// Open tells whether it is being worked on.
func (i *Incident) Open() bool { return i.Phase != Closed && i.MergedInto == "" }

// Limits of what an incident holds.
const (
	maxTitle   = 200
	maxText    = 20_000
	maxUnits   = 200
	maxSystems = 200
)

func bad(field, code, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("incident." + code).OnField("body." + field)
}

// check returns what is wrong with the facts, naming the field. Errors: Invalid.
func (f *Facts) check(c *Catalogue, now time.Time) error {
	if n := len([]rune(strings.TrimSpace(f.Title))); n == 0 || n > maxTitle {
		return bad("title", "title", "an incident needs a title of at most %d letters", maxTitle)
	}
	for field, text := range map[string]string{"summary": f.Summary, "cause": f.Cause, "measure": f.Measure, "lessons": f.Lessons} {
		if len([]rune(text)) > maxText {
			return bad(field, "long", "at most %d letters; put the rest into a file", maxText)
		}
	}
	if _, ok := c.categories[f.Category]; !ok {
		return bad("category", "category", "no category %q in the taxonomies", f.Category)
	}
	if !slices.Contains(severities, f.Severity) {
		return bad("severity", "severity", "no severity %q; one of %v", f.Severity, severities)
	}
	if !slices.Contains(marks, f.TLP) {
		return bad("tlp", "tlp", "no mark %q; one of %v", f.TLP, marks)
	}
	if !slices.Contains(paps, f.PAP) {
		return bad("pap", "pap", "no mark %q; one of %v", f.PAP, paps)
	}
	if !slices.Contains(secrecies, f.Secrecy) {
		return bad("secrecy", "secrecy", "no mark %q", f.Secrecy)
	}
	if len(f.Units) > maxUnits || len(f.Systems) > maxSystems {
		return bad("systems", "too-many", "at most %d units and %d systems", maxUnits, maxSystems)
	}
	for _, s := range f.Systems {
		if n := len([]rune(strings.TrimSpace(s.Name))); n == 0 && s.ID == "" || n > maxTitle {
			return bad("systems", "system", "a system needs a name of at most %d letters", maxTitle)
		}
		if s.Level < 0 || s.Level > 5 {
			return bad("systems", "level", "%s: a security level is 1 to 5, or 0 where it is not known", s.Name)
		}
	}
	return f.checkTimes(now)
}

// skew is how far a person's clock may be ahead of ours.
const skew = 2 * time.Minute

// checkTimes holds the moments to their order: nothing is contained before it was
// detected.
func (f *Facts) checkTimes(now time.Time) error {
	if f.DetectedAt.IsZero() {
		return bad("detectedAt", "detected", "say when it was detected: legal clocks run from then")
	}
	before, name := time.Time{}, ""
	for _, x := range []struct {
		field string
		at    time.Time
	}{{"detectedAt", f.DetectedAt}, {"confirmedAt", f.ConfirmedAt}, {"containedAt", f.ContainedAt}, {"recoveredAt", f.RecoveredAt}} {
		switch {
		case x.at.IsZero():
			continue
		case x.at.After(now.Add(skew)):
			return bad(x.field, "future", "%s lies in the future", x.field)
		case x.at.Before(before):
			return bad(x.field, "order", "%s is before %s", x.field, name)
		}
		before, name = x.at, x.field
	}
	return nil
}

// move returns the incident in another phase. Errors: Conflict with
// incident.phase, Invalid where closing lacks something.
func (i Incident) move(to Phase, now time.Time) (Incident, error) {
	if i.MergedInto != "" {
		return i, fault.New(fault.Conflict, "the incident was merged into another; work on that one").WithCode("incident.merged")
	}
	if !slices.Contains(Phases(), to) || to == i.Phase {
		return i, fault.New(fault.Conflict, "an incident in %s cannot go to %q", i.Phase, to).WithCode("incident.phase").OnField("body.phase")
	}
	if to == Closed {
		switch {
		case strings.TrimSpace(i.Cause) == "":
			return i, bad("cause", "cause", "before it is closed, write the root cause; if it could not be found, say so and why")
		case strings.TrimSpace(i.Measure) == "":
			return i, bad("measure", "measure", "before it is closed, write what was done")
		}
		i.ClosedAt = now
	} else {
		i.ClosedAt = time.Time{}
	}
	i.Phase = to
	return i, nil
}
