package unit

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// unit makes the unit of a row; false: it has a problem.
func (im *importer) unit(r identified, people map[event.UnitID][]Person) (Outcome, bool) {
	u, known := im.d.unit(r.id)
	if !known {
		u = Unit{ID: r.id, Parent: event.CentreUnit}
	}
	text := func(key string, to *string) {
		if im.units.has(key) {
			*to = module.OneLine(r.cells[key])
		}
	}
	if r.cells["name"] == "" && im.units.has("name") {
		im.fail("name", r.number, "name-missing", "")
		return Outcome{}, false
	}
	text("name", &u.Name)
	text("shortName", &u.ShortName)
	text("code", &u.Code)
	text("address", &u.Address)
	text("dutyMail", &u.Contacts.DutyMail)
	text("headName", &u.Contacts.Head.Name)
	text("headTitle", &u.Contacts.Head.Title)
	text("headMail", &u.Contacts.Head.Mail)
	if im.units.has("note") {
		u.Note = strings.ReplaceAll(r.cells["note"], "\r", "")
	}
	im.phone(r, "dutyPhone", &u.Contacts.DutyPhone)
	im.phone(r, "headPhone", &u.Contacts.Head.Phone)
	ok := im.kind(r, &u)
	ok = im.parent(r, &u) && ok
	ok = im.province(r, &u) && ok
	ok = im.days(r, &u, known) && ok
	if list, listed := people[r.id]; listed {
		u.Contacts.FocalPoints = list[:min(len(list), maxFocalPoints)]
	}
	if err := u.check(); err != nil {
		im.unfit(r, &u, err)
		return Outcome{}, false
	}
	if !ok {
		return Outcome{}, false
	}
	return im.put(u, r.number)
}

// put makes the unit part of the draft if it is new or another than before.
func (im *importer) put(u Unit, row int) (Outcome, bool) {
	o := Outcome{Row: row, ID: u.ID, Name: u.Name, What: OutcomeNew, Changes: []FieldChange{}}
	if old := im.d.old.units[u.ID]; old != nil {
		if o.What, o.Changes = OutcomeChanged, diff(old, &u); len(o.Changes) == 0 {
			o.What = OutcomeUnchanged
			return o, true
		}
	}
	im.d.put(u)
	return o, true
}

func (im *importer) phone(r identified, key string, to *string) {
	if !im.units.has(key) {
		return
	}
	phone, mended := phoneOfCell(module.OneLine(r.cells[key]))
	if mended {
		im.warn(key, r.number, "phone-zero", phone)
	}
	*to = phone
}

func (im *importer) kind(r identified, u *Unit) bool {
	given := r.cells["kind"]
	if given == "" {
		return true // a new unit's follows from its name
	}
	kind, ok := kindOfText(given)
	switch {
	case !ok:
		im.fail("kind", r.number, "bad-kind", given)
	case (kind == KindCentre) != (u.ID == event.CentreUnit):
		im.fail("kind", r.number, "centre-fixed", "")
		ok = false
	default:
		u.Kind = kind
	}
	return ok
}

func (im *importer) parent(r identified, u *Unit) bool {
	given := r.cells["parent"]
	switch {
	case given == "":
		return true
	case u.ID == event.CentreUnit:
		im.fail("parent", r.number, "centre-fixed", "")
		return false
	}
	id, code := im.find(given)
	if code != "" {
		im.fail("parent", r.number, code, given)
		return false
	}
	u.Parent = id
	return true
}

func (im *importer) province(r identified, u *Unit) bool {
	if !im.units.has("province") {
		return true
	}
	given := module.OneLine(r.cells["province"])
	if len(given) == 1 {
		given = "0" + given // a spreadsheet drops the zero
	}
	if given == "" || given == u.Province || provinceOf(given) != nil {
		u.Province = given
		return true
	}
	for _, p := range provinces() {
		if (words{p.Name, p.FullName()}).is(given) {
			u.Province = p.Code
			return true
		}
	}
	im.fail("province", r.number, "bad-province", given)
	return false
}

// days reads from when to when, and who succeeds. The end of a unit that exists is
// a decision of its own, which an import does not make.
func (im *importer) days(r identified, u *Unit, known bool) bool {
	from, okFrom := dateOfCell(r.cells["validFrom"])
	to, okTo := dateOfCell(r.cells["validTo"])
	if !okFrom {
		im.fail("validFrom", r.number, "bad-date", r.cells["validFrom"])
	}
	if !okTo {
		im.fail("validTo", r.number, "bad-date", r.cells["validTo"])
	}
	if !okFrom || !okTo {
		return false
	}
	var successors []event.UnitID
	for _, text := range strings.FieldsFunc(r.cells["successors"], func(c rune) bool { return c == ',' || c == ';' }) {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		id, code := im.find(text)
		if code != "" || len(successors) == maxSuccessors {
			im.fail("successors", r.number, "successor-unknown", text)
			return false
		}
		successors = append(successors, id)
	}
	if im.units.has("validFrom") {
		u.ValidFrom = from
	}
	if !known {
		u.ValidTo, u.Successors = to, successors
		return true
	}
	if im.units.has("validTo") && to != u.ValidTo || im.units.has("successors") && !slices.Equal(successors, u.Successors) && len(successors)+len(u.Successors) > 0 {
		key := "validTo"
		if !im.units.has(key) {
			key = "successors"
		}
		im.warn(key, r.number, "end-ignored", "")
	}
	return true
}

// unfit tells in which cell a unit is not as it must be.
func (im *importer) unfit(r identified, u *Unit, err error) {
	contacts := &u.Contacts
	switch codeOfErr(err) {
	case "unit.bad-name":
		im.fail("name", r.number, "bad-name", u.Name)
	case "unit.bad-phone":
		key, value := "dutyPhone", contacts.DutyPhone
		if checkPhone(value, "") == nil {
			key, value = "headPhone", contacts.Head.Phone
		}
		im.fail(key, r.number, "bad-phone", value)
	case "unit.bad-mail":
		key, value := "dutyMail", contacts.DutyMail
		if checkMail(value, "") == nil {
			key, value = "headMail", contacts.Head.Mail
		}
		im.fail(key, r.number, "bad-mail", value)
	default:
		im.badField(r, u)
	}
}

func (im *importer) badField(r identified, u *Unit) {
	long := func(s string, most int) bool { return !module.IsText(s, most) }
	switch head := u.Contacts.Head; {
	case u.Code != "" && !codePattern.MatchString(u.Code):
		im.fail("code", r.number, "bad-code", u.Code)
	case u.ValidFrom != "" && u.ValidTo != "" && u.ValidFrom > u.ValidTo.Add(1):
		im.fail("validTo", r.number, "date-order", "")
	case long(u.ShortName, maxNameLength):
		im.fail("shortName", r.number, "too-long", "")
	case long(u.Address, maxLongText):
		im.fail("address", r.number, "too-long", "")
	case long(u.Note, maxLongText):
		im.fail("note", r.number, "too-long", "")
	case long(head.Title, maxNameLength):
		im.fail("headTitle", r.number, "too-long", "")
	case long(head.Name, maxNameLength):
		im.fail("headName", r.number, "too-long", "")
	default:
		im.fail("name", r.number, "too-long", "")
	}
}
