package advisory

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// SheetImport is what an import of software did, or would do.
type SheetImport struct {
	SHA256    string // of the file
	Stored    bool
	New       int
	Changed   int
	Unchanged int
	Problems  []Problem
}

// ImportSoftware reads an XLSX workbook or a CSV file of software. dry only tells
// what would happen; else all rows are stored or none. Lines that the file does not
// name stay. Errors: Denied, Invalid (not such a file, or with problems), TooLarge,
// Busy.
func (s *Service) ImportSoftware(ctx context.Context, data []byte, dry bool) (SheetImport, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareDeclare); err != nil {
		return SheetImport{}, err
	}
	if !s.importing.TryLock() {
		return SheetImport{}, fault.New(fault.Busy, "another file is being imported; try again in a moment").WithCode("advisory.busy")
	}
	defer s.importing.Unlock()
	sum := sha256.Sum256(data)
	out := SheetImport{SHA256: hex.EncodeToString(sum[:])}
	read, err := readSheet(data)
	if err != nil {
		return out, err
	}
	lines := s.linesOf(p, read)
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		put, err := s.compare(ctx, tx, read, lines, &out)
		if err != nil {
			return err
		}
		out.Problems = read.problems
		if read.failed() {
			if dry {
				return nil
			}
			return fault.New(fault.Invalid, "the file has problems; mend them and check it again").WithCode("advisory.sheet-problems")
		}
		if dry {
			return nil
		}
		if err := s.store.putSoftware(ctx, tx, put); err != nil {
			return err
		}
		if len(put) > 0 {
			if err := s.declared(ctx, tx, "", put); err != nil {
				return err
			}
		}
		out.Stored = true
		return s.Trail.Append(ctx, tx, module.Entry{Action: "software.import", Object: "sheet:" + out.SHA256, Detail: map[string]string{
			"unit": string(p.Unit), "new": strconv.Itoa(out.New), "changed": strconv.Itoa(out.Changed), "unchanged": strconv.Itoa(out.Unchanged),
		}})
	})
	if err == nil && out.Stored {
		s.Wake()
	}
	return out, err
}

// linesOf makes lines of rows and notes what is wrong with them.
func (s *Service) linesOf(p module.Principal, read *sheet) []Software {
	var lines []Software
	seen := map[string]int{}
	for _, r := range read.rows {
		fail := func(key, code, value string) { read.problem(read.cell(key, r.number), code, value, false) }
		x := Software{Unit: event.UnitID(strings.ToLower(r.cells["unit"])), Release: r.cells["release"], Place: r.cells["place"], Note: r.cells["note"]}
		x.Product.Vendor, x.Product.Name, x.Product.CPE = r.cells["vendor"], r.cells["product"], r.cells["cpe"]
		if x.Unit == "" {
			x.Unit = p.Unit
		}
		if s.mayHave(p, x.Unit) != nil {
			fail("unit", "unit-unknown", r.cells["unit"])
			continue
		}
		if text := r.cells["count"]; text != "" {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil || !(n >= 1 && n <= maxCount) || n != float64(int64(n)) {
				fail("count", "count", text)
				continue
			}
			x.Count = int64(n)
		}
		if err := x.check(); err != nil {
			key := "product"
			var e *fault.Error
			if errors.As(err, &e) {
				key = strings.TrimPrefix(e.Field, "body.")
			}
			fail(key, key, r.cells[key])
			continue
		}
		key := string(x.Unit) + "\x1e" + x.identity()
		if first, ok := seen[key]; ok {
			fail("product", "twice", strconv.Itoa(first))
			continue
		}
		seen[key] = r.number
		if x.Release == "" {
			read.problem(read.cell("release", r.number), "no-version", "", true)
		}
		lines = append(lines, x)
	}
	return lines
}

// compare counts what lines would change, and returns those that do.
func (s *Service) compare(ctx context.Context, tx bun.Tx, read *sheet, lines []Software, out *SheetImport) ([]Software, error) {
	byUnit := map[event.UnitID]map[string]softwareRow{}
	added := map[event.UnitID]int{}
	p := module.PrincipalOf(ctx)
	var put []Software
	for i := range lines {
		x := lines[i]
		if byUnit[x.Unit] == nil {
			var rows []softwareRow
			if err := tx.NewSelect().Model(&rows).Where("unit = ?", string(x.Unit)).Scan(ctx); err != nil {
				return nil, err
			}
			byUnit[x.Unit] = map[string]softwareRow{}
			for _, r := range rows {
				byUnit[x.Unit][r.Identity] = r
			}
		}
		old, known := byUnit[x.Unit][x.identity()]
		x.UpdatedAt, x.UpdatedBy = s.Now(), p.DisplayName
		switch {
		case !known:
			x.ID, x.Version = module.NewID(), 1
			out.New++
			if added[x.Unit]++; added[x.Unit]+len(byUnit[x.Unit]) == maxPerUnit+1 {
				read.problem("", "too-many-lines", string(x.Unit), false)
			}
		case old.CPE == x.Product.CPE && old.Quantity == x.Count && old.Note == x.Note:
			out.Unchanged++
			continue
		default:
			x.ID, x.Version = old.ID, old.Version+1
			out.Changed++
		}
		put = append(put, x)
	}
	return put, nil
}

func (s store) putSoftware(ctx context.Context, tx bun.Tx, lines []Software) error {
	return inChunks(lines, 200, func(part []Software) error {
		rows := make([]*softwareRow, len(part))
		for i := range part {
			rows[i] = rowOf(&part[i])
		}
		q := tx.NewInsert().Model(&rows).On("CONFLICT (id) DO UPDATE")
		for _, column := range []string{"vendor", "product", "release", "cpe", "place", "quantity", "note", "name_key", "cpe_key", "identity", "updated_at", "updated_by", "version", "search_text"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
		}
		_, err := q.Exec(ctx)
		return err
	})
}

// ExportSoftware writes the lines the caller sees, of one unit or of all, as a
// workbook that the import reads; a template has none. Errors: Denied.
func (s *Service) ExportSoftware(ctx context.Context, unit event.UnitID, template bool, language string) ([]byte, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareRead); err != nil {
		return nil, err
	}
	var cells [][]string
	if !template {
		f := SoftwareFilter{Unit: unit}
		var rows []softwareRow
		if err := f.where(s.DB.NewSelect().TableExpr("software AS s"), p).ColumnExpr("s.*").OrderExpr("s.unit, s.name_key, s.release, s.id").Limit(maxExported).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			cells = append(cells, []string{r.Unit, r.Vendor, r.Product, r.Release, r.CPE, r.Place, strconv.FormatInt(r.Quantity, 10), r.Note})
		}
	}
	return writeSheet(cells, language)
}

const maxExported = 200_000

// writeSheet writes a workbook. Every cell is text in a cell of the format Text: a
// name such as "=1+1" is then shown, not computed, and 7.10 stays 7.10.
func writeSheet(rows [][]string, language string) (_ []byte, err error) {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }() // it is in memory
	text, err := file.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top"}})
	if err != nil {
		return nil, err
	}
	header, err := file.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3A5F"}}})
	if err != nil {
		return nil, err
	}
	w := sheetWords()
	help := make([][]string, len(w.Help))
	for i, line := range w.Help {
		help[i] = []string{line.in(language)}
	}
	for _, x := range []struct {
		name    string
		columns []column
		rows    [][]string
	}{{w.Sheet.in(language), w.Columns, rows}, {w.HelpName.in(language), []column{{Width: 120, phrase: w.HelpName}}, help}} {
		if err := addSheet(file, x.name, x.columns, x.rows, language, text, header); err != nil {
			return nil, err
		}
	}
	if err := file.DeleteSheet("Sheet1"); err != nil {
		return nil, err
	}
	file.SetActiveSheet(0)
	var out bytes.Buffer
	if err := file.Write(&out); err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
	return inOrder(out.Bytes())
}

func addSheet(file *excelize.File, name string, columns []column, rows [][]string, language string, text, header int) error {
	if _, err := file.NewSheet(name); err != nil {
		return err
	}
	w, err := file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	heading := make([]string, len(columns))
	for i, c := range columns {
		heading[i] = c.in(language)
		if err := errors.Join(w.SetColStyle(i+1, i+1, text), w.SetColWidth(i+1, i+1, c.Width)); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, row := range slices.Concat([][]string{heading}, rows) {
		style := text
		if i == 0 {
			style = header
		}
		cells := make([]any, len(row))
		for j, v := range row {
			cells[j] = excelize.Cell{StyleID: style, Value: v}
		}
		if err := w.SetRow(cellName(0, i+1), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// inOrder packs a workbook again with its parts in one order, so that the same
// lines always give the same bytes.
func inOrder(data []byte) ([]byte, error) {
	packed, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
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
