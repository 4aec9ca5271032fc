// Package unit keeps the register of agencies (đơn vị) whose systems the centre
// watches. A unit is the tenant: every event, alert, token and user belongs to
// one.
//
// The units are a tree under the centre. A unit has days from and to which it
// exists. Where agencies are merged or divided, the old unit ends and names its
// successors: from then on whoever answers for a successor also answers for what
// is under the old one ([Service.Below]), while stored events and closed work
// keep the id they were stored with.
//
// Invariants: an id never changes and is never given out twice, since stored
// events carry it; no unit is ever deleted; the centre is the root, and cannot be
// moved or ended; there is no circle, and at most maxDepth levels; no unit
// outlives the one it is under. Changes come one after the
// other, each judged on the whole tree as it would become.
//
// Questions about the tree are answered from memory: they are asked with every
// request and alert.
//
// Start reading at Service; the tree itself is in tree.go, mergers are in
// reorganise.go, sheets in sheet.go.
package unit

import (
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Unit is one agency.
type Unit struct {
	ID         event.UnitID
	Parent     event.UnitID // "" for the centre alone
	Name       string
	ShortName  string
	Kind       Kind
	Code       string         // of the administrative unit or the agency, as the authorities write it
	Province   string         // code of the province, see Provinces
	ValidFrom  module.Date    // "": since ever
	ValidTo    module.Date    // the last day; "": no end known
	Successors []event.UnitID // who answers after ValidTo, the first one before the others
	Address    string
	Contacts   Contacts
	Note       string
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Contacts are whom to reach. They are work addresses of people in office.
type Contacts struct {
	DutyPhone   string   `json:"dutyPhone"` // answered at any hour
	DutyMail    string   `json:"dutyMail"`
	Head        Person   `json:"head"`        // người đứng đầu
	FocalPoints []Person `json:"focalPoints"` // đầu mối, in the order to call them
}

// Person is somebody in office.
type Person struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Phone string `json:"phone"`
	Mail  string `json:"mail"`
}

// Centre is the unit every installation begins with.
func Centre() Unit {
	return Unit{ID: event.CentreUnit, Name: "Trung tâm An ninh mạng tỉnh", Kind: KindCentre, Version: 1}
}

// Limits of one unit and of the register.
const (
	maxIDLength    = 48
	maxNameLength  = 200 // characters, of names, titles and codes
	maxLongText    = 1000
	maxPhone       = 40
	maxMail        = 254
	maxFocalPoints = 20
	maxSuccessors  = 50
	maxDepth       = 8 // levels under the centre
	maxUnits       = 20_000
)

var (
	idPattern       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	phonePattern    = regexp.MustCompile(`^\+?[0-9(][0-9 ().\-/]{1,36}[0-9)]( ?(ext|máy lẻ|-) ?[0-9]{1,6})?$`)
	codePattern     = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.\-/]{0,31}$`)
	provincePattern = regexp.MustCompile(`^[0-9]{2}$`)
)

// Ended tells whether the unit's last day lies before today.
func (u *Unit) Ended(today module.Date) bool { return u.ValidTo != "" && u.ValidTo < today }

// Planned tells whether the unit's first day is still to come.
func (u *Unit) Planned(today module.Date) bool { return u.ValidFrom != "" && u.ValidFrom > today }

// check mends harmless differences and refuses what cannot be stored, apart from
// the unit's place in the tree.
func (u *Unit) check() error {
	u.Name, u.ShortName, u.Code = module.OneLine(u.Name), module.OneLine(u.ShortName), module.OneLine(u.Code)
	u.Address, u.Note = module.OneLine(u.Address), strings.TrimSpace(u.Note)
	if len(u.ID) > maxIDLength || !idPattern.MatchString(string(u.ID)) {
		return fault.New(fault.Invalid, "id: small letters without marks, digits and single hyphens, at most %d, like so-noi-vu", maxIDLength).
			WithCode("unit.bad-id").OnField("body.id")
	}
	if u.Name == "" || !module.IsText(u.Name, maxNameLength) || strings.ContainsAny(u.Name[:1], "=@+-") {
		return fault.New(fault.Invalid, "name: 1 to %d characters, beginning with a letter or digit", maxNameLength).WithCode("unit.bad-name").OnField("body.name")
	}
	if !module.IsText(u.ShortName, maxNameLength) {
		return bad("shortName", "at most %d characters", maxNameLength)
	}
	if u.Kind == "" {
		u.Kind = kindOfName(u.Name)
	}
	if typeOf(u.Kind) == nil {
		return fault.New(fault.Invalid, "kind: there is no type of agency %q", u.Kind).WithCode("unit.bad-kind").OnField("body.kind")
	}
	if u.Code != "" && !codePattern.MatchString(u.Code) {
		return bad("code", "letters, digits, dots, hyphens and slashes, at most 32")
	}
	if u.Province != "" && !provincePattern.MatchString(u.Province) {
		return bad("province", "the two digits of the province's code")
	}
	if !module.IsText(u.Address, maxLongText) {
		return bad("address", "at most %d characters", maxLongText)
	}
	if !module.IsText(u.Note, maxLongText) {
		return bad("note", "at most %d characters", maxLongText)
	}
	if u.ValidFrom != "" && u.ValidTo != "" && u.ValidFrom > u.ValidTo.Add(1) {
		return bad("validTo", "not before validFrom")
	}
	return u.Contacts.check()
}

func (c *Contacts) check() error {
	c.DutyPhone, c.DutyMail = module.OneLine(c.DutyPhone), module.OneLine(c.DutyMail)
	if err := checkPhone(c.DutyPhone, "dutyPhone"); err != nil {
		return err
	}
	if err := checkMail(c.DutyMail, "dutyMail"); err != nil {
		return err
	}
	if err := c.Head.check("head"); err != nil {
		return err
	}
	if len(c.FocalPoints) > maxFocalPoints {
		return bad("focalPoints", "at most %d", maxFocalPoints)
	}
	for i := range c.FocalPoints {
		p := &c.FocalPoints[i]
		if err := p.check("focalPoints"); err != nil {
			return err
		}
		if p.Name == "" {
			return bad("focalPoints", "each has a name")
		}
	}
	if c.FocalPoints == nil {
		c.FocalPoints = []Person{}
	}
	return nil
}

func (p *Person) check(field string) error {
	p.Name, p.Title, p.Phone, p.Mail = module.OneLine(p.Name), module.OneLine(p.Title), module.OneLine(p.Phone), module.OneLine(p.Mail)
	if !module.IsText(p.Name, maxNameLength) || !module.IsText(p.Title, maxNameLength) {
		return bad(field, "names and titles of at most %d characters", maxNameLength)
	}
	if err := checkPhone(p.Phone, field); err != nil {
		return err
	}
	return checkMail(p.Mail, field)
}

func checkPhone(text, field string) error {
	if text == "" || len(text) <= maxPhone && phonePattern.MatchString(text) {
		return nil
	}
	return fault.New(fault.Invalid, "%s: a telephone number such as 0912 345 678 or +84 24 3123 4567", field).
		WithCode("unit.bad-phone").OnField("body." + field)
}

func checkMail(text, field string) error {
	if text == "" {
		return nil
	}
	if a, err := mail.ParseAddress(text); err == nil && a.Name == "" && a.Address == text && len(text) <= maxMail {
		return nil
	}
	return fault.New(fault.Invalid, "%s: a mail address such as truc@so.tinh.gov.vn", field).WithCode("unit.bad-mail").OnField("body." + field)
}

func bad(field, rule string, args ...any) error {
	return fault.New(fault.Invalid, field+": "+rule, args...).WithCode("unit.bad-field").OnField("body." + field)
}
