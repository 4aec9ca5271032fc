// Package coordination brings people and forces together about a matter.
//
// It keeps the four forces of the province and whom to reach there, the response
// team with its on-call calendar, the members of the response network and the
// owners and operators of systems. About a matter somebody calls people up
// ([CallUp]), asks a unit, a force or a member of the network for help ([Ask]), or
// hands the leadership over ([Handover]).
//
// Invariants. Whoever is asked sees the ask and nothing else of the matter: what
// the matter shares is decided where the matter is kept. A call-up goes down its
// line by itself while nobody acknowledges; who was called and when is never
// rewritten. A hand-over changes nothing until the other side accepts it. What
// comes of a drill says so and never leaves the console.
//
// It does not know what a matter is: it asks [Matters], in the name of who acts,
// and tells of hand-overs by [FactHandover].
//
// Start reading at Service (service.go), then call.go, ask.go and handover.go.
package coordination

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Matter is what people are brought together about.
type Matter struct {
	Subject module.Subject
	Unit    event.UnitID
	Drill   bool
}

// Limits of what people write.
const (
	maxName   = 200
	maxText   = 4000
	maxSkills = 20
	maxLine   = 50 // people of one call-up
)

func bad(field, code, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("coordination." + code).OnField("body." + field)
}

// text trims *s and holds it to its bounds.
func text(field string, s *string, most int, required bool) error {
	*s = strings.TrimSpace(*s)
	switch n := len([]rune(*s)); {
	case n == 0 && required:
		return bad(field, "needed", "%s: write something", field)
	case n > most:
		return bad(field, "long", "%s: at most %d letters", field, most)
	}
	return nil
}

var phoneShape = regexp.MustCompile(`^[+0-9(][0-9 .()/-]{2,29}$`)

// Reach is how to reach somebody.
type Reach struct {
	Phone string `json:"phone" maxLength:"30"`
	Mail  string `json:"mail" maxLength:"200"`
}

func (r *Reach) check() error {
	r.Phone, r.Mail = strings.TrimSpace(r.Phone), strings.TrimSpace(r.Mail)
	if r.Phone != "" && !phoneShape.MatchString(r.Phone) {
		return bad("phone", "phone", "%q is no telephone number", r.Phone)
	}
	if r.Mail != "" {
		if a, err := mail.ParseAddress(r.Mail); err != nil || a.Address != r.Mail || len(r.Mail) > maxName {
			return bad("mail", "mail", "%q is no mail address", r.Mail)
		}
	}
	return nil
}

// Responder is somebody of the response team.
type Responder struct {
	ID           string       `json:"id"`
	Unit         event.UnitID `json:"unit"`
	Name         string       `json:"name"`
	Organisation string       `json:"organisation"`
	Title        string       `json:"title"`
	Skills       []string     `json:"skills"`
	Reach
	User    string `json:"user"` // account, "" none
	Note    string `json:"note"`
	Version int64  `json:"version"`
}

func (p *Responder) check() error {
	for _, f := range []struct {
		name     string
		text     *string
		most     int
		required bool
	}{{"name", &p.Name, maxName, true}, {"organisation", &p.Organisation, maxName, false}, {"title", &p.Title, maxName, false}, {"note", &p.Note, maxText, false}} {
		if err := text(f.name, f.text, f.most, f.required); err != nil {
			return err
		}
	}
	if len(p.Skills) > maxSkills {
		return bad("skills", "skills", "at most %d skills", maxSkills)
	}
	skills := []string{}
	for _, s := range p.Skills {
		if err := text("skills", &s, 100, false); err != nil {
			return err
		}
		if s != "" && !slices.Contains(skills, s) {
			skills = append(skills, s)
		}
	}
	p.Skills = skills
	if err := p.Reach.check(); err != nil {
		return err
	}
	if p.Phone == "" && p.Mail == "" && p.User == "" {
		return bad("phone", "reach", "give a telephone number, a mail address or an account: nobody could reach this person")
	}
	return nil
}

// Contact is somebody outside the team: of a force, of the response network, the
// owner or operator of a system.
type Contact struct {
	ID      string       `json:"id"`
	Unit    event.UnitID `json:"unit"`
	Kind    ContactKind  `json:"kind"`
	Force   string       `json:"force"` // of a force: its id
	Name    string       `json:"name"`  // of the organisation
	Person  string       `json:"person"`
	System  string       `json:"system"` // of an owner or operator: which system
	Address string       `json:"address"`
	Reach
	Note    string `json:"note"`
	Version int64  `json:"version"`
}

// ContactKind says what a contact is.
type ContactKind string

// The kinds of contacts.
const (
	OfForce  ContactKind = "force"
	Member   ContactKind = "member"
	Owner    ContactKind = "owner"
	Operator ContactKind = "operator"
)

func (c *Contact) check() error {
	for _, f := range []struct {
		name     string
		text     *string
		most     int
		required bool
	}{{"name", &c.Name, maxName, true}, {"person", &c.Person, maxName, false}, {"system", &c.System, maxName, c.Kind == Owner || c.Kind == Operator},
		{"address", &c.Address, maxName, false}, {"note", &c.Note, maxText, false}} {
		if err := text(f.name, f.text, f.most, f.required); err != nil {
			return err
		}
	}
	return c.Reach.check()
}

// Shift is who is on call for a while.
type Shift struct {
	ID      string       `json:"id"`
	Unit    event.UnitID `json:"unit"`
	From    time.Time    `json:"from"`
	Until   time.Time    `json:"until"`
	Primary string       `json:"primary"` // ids of responders
	Backup  string       `json:"backup"`
	Note    string       `json:"note"`
	Version int64        `json:"version"`
}

const maxShift = 31 * 24 * time.Hour

func (s *Shift) check() error {
	if !s.Until.After(s.From) {
		return bad("until", "shift", "a shift ends after it begins")
	}
	if s.Until.Sub(s.From) > maxShift {
		return bad("until", "shift", "a shift has at most 31 days; make several")
	}
	if s.Primary == "" {
		return bad("primary", "needed", "say who is on call")
	}
	if s.Primary == s.Backup {
		return bad("backup", "backup", "the backup is somebody else")
	}
	return text("note", &s.Note, maxText, false)
}

// Span is a time without anybody on call.
type Span struct {
	From  time.Time
	Until time.Time
}

// gaps returns when between from and until no shift holds.
func gaps(shifts []Shift, from, until time.Time) []Span {
	sorted := slices.Clone(shifts)
	slices.SortFunc(sorted, func(a, b Shift) int { return a.From.Compare(b.From) })
	open := []Span{}
	for _, s := range sorted {
		if s.From.After(until) {
			break
		}
		if s.From.After(from) {
			open = append(open, Span{from, s.From})
		}
		if s.Until.After(from) {
			from = s.Until
		}
	}
	if from.Before(until) {
		open = append(open, Span{from, until})
	}
	return open
}
