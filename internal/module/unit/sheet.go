package unit

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/module"
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

// book writes a workbook. Every cell is text in a cell of the format Text: a name
// such as "=1+1" is then shown, not computed, also after somebody has edited the
// cell; and telephone numbers keep their zero.
type book struct {
	file         *excelize.File
	lang         Language
	text, header int // styles
}

func writeBook(units []Unit, l Language) (_ []byte, err error) {
	b := &book{file: excelize.NewFile(), lang: l}
	defer func() { _ = b.file.Close() }() // it is in memory
	if b.text, err = b.file.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
		return nil, err
	}
	if b.header, err = b.file.NewStyle(&excelize.Style{
		NumFmt: 49, Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3A5F"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	}); err != nil {
		return nil, err
	}
	w := sheetWords()
	var rows, people, types1, places [][]string
	for i := range units {
		rows = append(rows, sheetRowOf(&units[i], l))
		for _, p := range units[i].Contacts.FocalPoints {
			people = append(people, []string{string(units[i].ID), p.Name, p.Title, p.Phone, p.Mail})
		}
	}
	for _, t := range types() {
		types1 = append(types1, []string{words{t.Vi, t.En}.in(l), string(t.ID)})
	}
	for _, p := range provinces() {
		places = append(places, []string{p.Code, p.FullName(), strings.Join(p.From, ", ")})
	}
	for _, sheet := range []struct {
		name    string
		columns []column
		rows    [][]string
	}{{"units", w.Units, rows}, {"people", w.People, people}, {"types", w.Types, types1}, {"provinces", w.Provinces, places}} {
		if err := b.sheet(w.Sheets[sheet.name].in(l), sheet.columns, sheet.rows); err != nil {
			return nil, err
		}
	}
	if err := b.help(); err != nil {
		return nil, err
	}
	if err := b.file.DeleteSheet("Sheet1"); err != nil {
		return nil, err
	}
	b.file.SetActiveSheet(0)
	var out bytes.Buffer
	if err := b.file.Write(&out); err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
	return inOrder(out.Bytes())
}

// inOrder packs a workbook again with its parts in one order, so that the same
// units always give the same bytes.
func inOrder(data []byte) ([]byte, error) {
	packed, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
	// The list of parts comes first, as its readers expect; "[" sorts before letters.
	slices.SortFunc(packed.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range packed.File {
		if err := w.Copy(part); err != nil {
			return nil, fmt.Errorf("write the workbook: %w", err)
		}
	}
	err = w.Close()
	return out.Bytes(), err
}

func (b *book) sheet(name string, columns []column, rows [][]string) error {
	if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.in(b.lang)
		if err := w.SetColStyle(i+1, i+1, b.text); err != nil {
			return err
		}
		if err := w.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := b.row(w, 1, b.header, header); err != nil {
		return err
	}
	for i, row := range rows {
		if err := b.row(w, i+2, b.text, row); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (b *book) row(w *excelize.StreamWriter, number, style int, values []string) error {
	cells := make([]any, len(values))
	for i, v := range values {
		cells[i] = excelize.Cell{StyleID: style, Value: v}
	}
	return w.SetRow(cellName(0, number), cells)
}

func (b *book) help() error {
	w := sheetWords()
	rows := make([][]string, len(w.Help))
	for i, line := range w.Help {
		rows[i] = []string{line.in(b.lang)}
	}
	return b.sheet(w.Sheets["help"].in(b.lang), []column{{Width: 120, words: w.Sheets["help"]}}, rows)
}

// sheetRowOf are the cells of a unit, in the order of the columns.
func sheetRowOf(u *Unit, l Language) []string {
	kind := string(u.Kind)
	if t := typeOf(u.Kind); t != nil {
		kind = words{t.Vi, t.En}.in(l)
	}
	head := u.Contacts.Head
	return []string{
		string(u.ID), u.Name, u.ShortName, kind, string(u.Parent), u.Code, u.Province, dayForPeople(u.ValidFrom), dayForPeople(u.ValidTo),
		joinIDs(u.Successors), u.Address, u.Contacts.DutyPhone, u.Contacts.DutyMail, head.Name, head.Title, head.Phone, head.Mail, u.Note,
	}
}

const peopleLayout = "02/01/2006"

// dayForPeople writes a day as people in Vietnam do.
func dayForPeople(d module.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return t.Format(peopleLayout)
}
