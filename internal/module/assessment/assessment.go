// Package assessment keeps inspections and assessments: the plan of a year, the visits,
// what is asked and answered there, and what is found until it is mended.
//
// The rules of law are data: how long before a visit a unit is told, how often a system is
// due, what is asked (data/). A visit that would begin too early is refused unless the
// emergency it rests on is written down; an independent assessment is refused where the
// assessor operates or monitors what is assessed. When a visit is concluded it is told as
// a [module.Matter], so that the time for its result runs in module obligation; its paper
// is written in module document.
//
// Invariants. A unit hears of a visit once it was told of it, and then of its own alone.
// It makes and keeps none but assessments of itself, which verify nothing.
// It answers findings; only the centre closes one, after it looked again.
//
// Start reading at [Visit] and [Finding].
package assessment

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Kind is what a visit is.
type Kind string

// The kinds.
const (
	Inspection  Kind = "inspection"  // kiểm tra
	Self        Kind = "self"        // tự đánh giá
	Independent Kind = "independent" // đánh giá độc lập
	Pentest     Kind = "pentest"     // kiểm thử xâm nhập
	Device      Kind = "device"      // kiểm tra thiết bị trước khi lắp đặt
)

// State is how far a visit is.
type State string

// The states of a visit.
const (
	Planned   State = "planned" // the centre alone knows of it
	Noticed   State = "noticed" // the unit was told
	Running   State = "running"
	Concluded State = "concluded"
	Cancelled State = "cancelled"
)

// Facts are what people say of a visit.
type Facts struct {
	Unit          event.UnitID `json:"unit"`
	Kind          Kind         `json:"kind"`
	Box           string       `json:"box"` // of a penetration test: black, gray, white
	Title         string       `json:"title"`
	Systems       []Target     `json:"systems"`
	Scheduled     bool         `json:"scheduled"` // in the plan of the year
	AfterIncident bool         `json:"afterIncident"`
	Emergency     string       `json:"emergency"` // why it begins earlier than the notice allows
	StartsAt      time.Time    `json:"startsAt"`
	EndsAt        time.Time    `json:"endsAt"`
	Team          []Member     `json:"team"`
	Assessor      string       `json:"assessor"` // the organisation
	Monitor       string       `json:"monitor"`  // who monitors and protects (layer 2)
	Devices       []Checked    `json:"devices"`
	Minutes       string       `json:"minutes"` // id of the document
}

// Target is a system that is assessed.
type Target struct {
	ID       string `json:"id"` // of the register; "" where it is not in it
	Name     string `json:"name"`
	Operator string `json:"operator"`
	Level    int    `json:"level"`
	Asked    int    `json:"asked,omitempty"` // the level whose requirements are asked of it; 0: none
}

// Member is one of the team, by what he does in it.
type Member struct {
	Name         string `json:"name"`
	Duty         string `json:"duty"`
	Organisation string `json:"organisation"`
}

// Checked is a device before it is installed.
type Checked struct {
	Name    string `json:"name"`
	Origin  string `json:"origin"`
	Donated bool   `json:"donated"`
	Verdict string `json:"verdict"` // pass, condition, fail, "" not yet
	Note    string `json:"note"`
}

// Answer is what was found of one thing that is asked.
type Answer struct {
	Result string `json:"result"` // yes, partly, no, not-applicable
	Note   string `json:"note"`
}

// Visit is an inspection or assessment.
type Visit struct {
	Facts

	ID          string            `json:"-"`
	Code        string            `json:"-"` // KT-2026-0001
	State       State             `json:"-"`
	Answers     map[string]Answer `json:"answers"`
	Conclusion  string            `json:"conclusion"`
	NoticedAt   time.Time         `json:"noticedAt"`
	StartedAt   time.Time         `json:"startedAt"`
	ConcludedAt time.Time         `json:"concludedAt"`
	CreatedAt   time.Time         `json:"-"`
	By          string            `json:"by"`
	OfUnit      bool              `json:"ofUnit"` // its unit assesses itself, and made it
	Version     int64             `json:"-"`
}

// FindingState is how far a finding is.
type FindingState string

// The states of a finding.
const (
	Open     FindingState = "open"
	Answered FindingState = "answered" // the unit says that it is mended
	Closed   FindingState = "closed"   // the centre looked again
)

// Finding is something to be mended.
type Finding struct {
	ID         string       `json:"-"`
	Visit      string       `json:"-"`
	Unit       event.UnitID `json:"-"`
	State      FindingState `json:"-"`
	Due        module.Date  `json:"-"`
	Title      string       `json:"title"`
	Text       string       `json:"text"`
	Item       string       `json:"item"` // of the checklist, "" none
	Severity   string       `json:"severity"`
	Remedy     string       `json:"remedy"`
	Answer     string       `json:"answer"`
	Evidence   string       `json:"evidence"`
	AnsweredAt time.Time    `json:"answeredAt"`
	AnsweredBy string       `json:"answeredBy"`
	Recheck    string       `json:"recheck"`
	RecheckAt  time.Time    `json:"recheckAt"`
	RecheckBy  string       `json:"recheckBy"`
	CreatedAt  time.Time    `json:"-"`
	Version    int64        `json:"-"`
}

const (
	maxName  = 200
	maxText  = 20_000
	maxItems = 200
)

func bad(field, why string) error {
	return fault.New(fault.Invalid, "%s: %s", field, why).WithCode("assessment.bad-field").OnField("body." + field)
}

func isName(s string) bool { return s != "" && utf8.RuneCountInString(s) <= maxName }

// check tidies what people say of a visit and refuses what cannot be.
func (f *Facts) check() error {
	for _, s := range []*string{&f.Title, &f.Assessor, &f.Monitor} {
		*s = module.OneLine(*s)
	}
	f.Emergency = strings.TrimSpace(f.Emergency)
	switch {
	case !isName(f.Title):
		return bad("title", "a title of at most 200 letters")
	case f.StartsAt.IsZero():
		return bad("startsAt", "say when it begins")
	case f.EndsAt.Before(f.StartsAt):
		return bad("endsAt", "not before it begins")
	case (f.Kind == Pentest) != (f.Box != ""):
		return bad("box", "black, gray or white, of a penetration test only")
	case (f.Kind == Device) != (len(f.Devices) > 0):
		return bad("devices", "the devices, of a check before installation only")
	}
	for _, x := range f.Systems {
		if !isName(x.Name) {
			return bad("systems", "each has a name of at most 200 letters")
		}
	}
	for _, m := range f.Team {
		if !isName(m.Name) {
			return bad("team", "each has a name of at most 200 letters")
		}
	}
	for _, d := range f.Devices {
		if !isName(d.Name) {
			return bad("devices", "each has a name of at most 200 letters")
		}
	}
	return nil
}
