package unit

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// unit makes the unit of a row; false: it has a problem.
func (im *importer) unit(r identified, people map[event.UnitID][]Person) (Outcome, bool) {
	u, known := im.d.unit(r.id)
	if !known {
		u = Unit{ID: r.id, Parent: event.CentreUnit}
	}
	text := func(key string, to *string) {
		if im.units.Has(key) {
			*to = module.OneLine(r.Text(key))
		}
	}
	if r.Text("name") == "" && im.units.Has("name") {
		im.fail("name", r.Number, "name-missing", "")
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
	if im.units.Has("note") {
		u.Note = strings.ReplaceAll(r.Text("note"), "\r", "")
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
	return im.put(u, r.Number)
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
	if !im.units.Has(key) {
		return
	}
	phone, mended := phoneOfCell(module.OneLine(r.Text(key)))
	if mended {
		im.warn(key, r.Number, "phone-zero", phone)
	}
	*to = phone
}

func (im *importer) kind(r identified, u *Unit) bool {
	given := r.Text("kind")
	if given == "" {
		return true // a new unit's follows from its name
	}
	kind, ok := kindOfText(given)
	switch {
	case !ok:
		im.fail("kind", r.Number, "bad-kind", given)
	case (kind == KindCentre) != (u.ID == event.CentreUnit):
		im.fail("kind", r.Number, "centre-fixed", "")
		ok = false
	default:
		u.Kind = kind
	}
	return ok
}

func (im *importer) parent(r identified, u *Unit) bool {
	given := r.Text("parent")
	switch {
	case given == "":
		return true
	case u.ID == event.CentreUnit:
		im.fail("parent", r.Number, "centre-fixed", "")
		return false
	}
	id, code := im.find(given)
	if code != "" {
		im.fail("parent", r.Number, code, given)
		return false
	}
	u.Parent = id
	return true
}

func (im *importer) province(r identified, u *Unit) bool {
	if !im.units.Has("province") {
		return true
	}
	given := module.OneLine(r.Text("province"))
	if len(given) == 1 {
		given = "0" + given // a spreadsheet drops the zero
	}
	if given == "" || given == u.Province || provinceOf(given) != nil {
		u.Province = given
		return true
	}
	for _, p := range provinces() {
		if (sheet.Phrase{Vi: p.Name, En: p.FullName()}).Is(given) {
			u.Province = p.Code
			return true
		}
	}
	im.fail("province", r.Number, "bad-province", given)
	return false
}

// days reads from when to when, and who succeeds. The end of a unit that exists is
// a decision of its own, which an import does not make.
func (im *importer) days(r identified, u *Unit, known bool) bool {
	from, okFrom := sheet.ReadDay(r.Text("validFrom"))
	to, okTo := sheet.ReadDay(r.Text("validTo"))
	if !okFrom {
		im.fail("validFrom", r.Number, "bad-date", r.Text("validFrom"))
	}
	if !okTo {
		im.fail("validTo", r.Number, "bad-date", r.Text("validTo"))
	}
	if !okFrom || !okTo {
		return false
	}
	var successors []event.UnitID
	for _, text := range strings.FieldsFunc(r.Text("successors"), func(c rune) bool { return c == ',' || c == ';' }) {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		id, code := im.find(text)
		if code != "" || len(successors) == maxSuccessors {
			im.fail("successors", r.Number, "successor-unknown", text)
			return false
		}
		successors = append(successors, id)
	}
	if im.units.Has("validFrom") {
		u.ValidFrom = module.Date(from)
	}
	if !known {
		u.ValidTo, u.Successors = module.Date(to), successors
		return true
	}
	if im.units.Has("validTo") && module.Date(to) != u.ValidTo || im.units.Has("successors") && !slices.Equal(successors, u.Successors) && len(successors)+len(u.Successors) > 0 {
		key := "validTo"
		if !im.units.Has(key) {
			key = "successors"
		}
		im.warn(key, r.Number, "end-ignored", "")
	}
	return true
}

// unfit tells in which cell a unit is not as it must be.
func (im *importer) unfit(r identified, u *Unit, err error) {
	contacts := &u.Contacts
	switch codeOfErr(err) {
	case "unit.bad-name":
		im.fail("name", r.Number, "bad-name", u.Name)
	case "unit.bad-phone":
		key, value := "dutyPhone", contacts.DutyPhone
		if checkPhone(value, "") == nil {
			key, value = "headPhone", contacts.Head.Phone
		}
		im.fail(key, r.Number, "bad-phone", value)
	case "unit.bad-mail":
		key, value := "dutyMail", contacts.DutyMail
		if checkMail(value, "") == nil {
			key, value = "headMail", contacts.Head.Mail
		}
		im.fail(key, r.Number, "bad-mail", value)
	default:
		im.badField(r, u)
	}
}

func (im *importer) badField(r identified, u *Unit) {
	long := func(s string, most int) bool { return !module.IsText(s, most) }
	switch head := u.Contacts.Head; {
	case u.Code != "" && !codePattern.MatchString(u.Code):
		im.fail("code", r.Number, "bad-code", u.Code)
	case u.ValidFrom != "" && u.ValidTo != "" && u.ValidFrom > u.ValidTo.Add(1):
		im.fail("validTo", r.Number, "date-order", "")
	case long(u.ShortName, maxNameLength):
		im.fail("shortName", r.Number, "too-long", "")
	case long(u.Address, maxLongText):
		im.fail("address", r.Number, "too-long", "")
	case long(u.Note, maxLongText):
		im.fail("note", r.Number, "too-long", "")
	case long(head.Title, maxNameLength):
		im.fail("headTitle", r.Number, "too-long", "")
	case long(head.Name, maxNameLength):
		im.fail("headName", r.Number, "too-long", "")
	default:
		im.fail("name", r.Number, "too-long", "")
	}
}
