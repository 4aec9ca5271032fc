package unit

import (
	"context"
	"strings"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// Export writes the units the caller sees that f selects as an XLSX workbook that
// Import reads. Errors: Denied.
func (s *Service) Export(ctx context.Context, f Filter, l Language) ([]byte, error) {
	units, err := s.List(ctx, f)
	if err != nil {
		return nil, err
	}
	return writeBook(units, l)
}

// Template is a workbook without units, to be filled in. Errors: Denied.
func (s *Service) Template(ctx context.Context, l Language) ([]byte, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitRead); err != nil {
		return nil, err
	}
	return writeBook(nil, l)
}

func writeBook(units []Unit, l Language) ([]byte, error) {
	w := sheetWords()
	var rows, people, types1, places [][]string
	for i := range units {
		rows = append(rows, sheetRowOf(&units[i], l))
		for _, p := range units[i].Contacts.FocalPoints {
			people = append(people, []string{string(units[i].ID), p.Name, p.Title, p.Phone, p.Mail})
		}
	}
	for _, t := range types() {
		types1 = append(types1, []string{sheet.Phrase{Vi: t.Vi, En: t.En}.In(string(l)), string(t.ID)})
	}
	for _, p := range provinces() {
		places = append(places, []string{p.Code, p.FullName(), strings.Join(p.From, ", ")})
	}
	name := func(key string) string { return w.Sheets[key].In(string(l)) }
	return sheet.Write(string(l), sheet.Sheet{Name: name("units"), Columns: w.Units, Rows: rows}, sheet.Sheet{Name: name("people"), Columns: w.People, Rows: people},
		sheet.Sheet{Name: name("types"), Columns: w.Types, Rows: types1}, sheet.Sheet{Name: name("provinces"), Columns: w.Provinces, Rows: places}, sheet.Help(w.Sheets["help"], w.Help, string(l)))
}

// sheetRowOf are the cells of a unit, in the order of the columns.
func sheetRowOf(u *Unit, l Language) []string {
	kind := string(u.Kind)
	if t := typeOf(u.Kind); t != nil {
		kind = sheet.Phrase{Vi: t.Vi, En: t.En}.In(string(l))
	}
	head := u.Contacts.Head
	return []string{
		string(u.ID), u.Name, u.ShortName, kind, string(u.Parent), u.Code, u.Province, sheet.DayForPeople(string(u.ValidFrom)), sheet.DayForPeople(string(u.ValidTo)),
		joinIDs(u.Successors), u.Address, u.Contacts.DutyPhone, u.Contacts.DutyMail, head.Name, head.Title, head.Phone, head.Mail, u.Note,
	}
}
