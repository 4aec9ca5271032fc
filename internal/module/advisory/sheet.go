package advisory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// SheetImport is what an import of software did, or would do.
type SheetImport struct {
	SHA256    string // of the file
	Stored    bool
	New       int
	Changed   int
	Unchanged int
	Problems  []sheet.Problem
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
	err = s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		put, err := s.compare(ctx, tx, read, lines, &out)
		if err != nil {
			return err
		}
		out.Problems = read.List
		if read.Failed() {
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
	return out, err
}

// linesOf makes lines of rows and notes what is wrong with them.
func (s *Service) linesOf(p module.Principal, read *sheet.Book) []Software {
	var lines []Software
	seen := map[string]int{}
	for _, r := range read.Tables[0].Rows {
		fail := func(key, code, value string) { read.Fail("", r.Cell(key), code, value) }
		x := Software{Unit: event.UnitID(strings.ToLower(r.Text("unit"))), Origin: OriginDeclared, Release: r.Text("release"), Place: r.Text("place"), Note: r.Text("note")}
		x.Product.Vendor, x.Product.Name, x.Product.CPE = r.Text("vendor"), r.Text("product"), r.Text("cpe")
		if x.Unit == "" {
			x.Unit = p.Unit
		}
		if s.mayHave(p, x.Unit) != nil {
			fail("unit", "unit-unknown", r.Text("unit"))
			continue
		}
		if text := r.Text("count"); text != "" {
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
			fail(key, key, r.Text(key))
			continue
		}
		key := string(x.Unit) + "\x1e" + x.identity()
		if first, ok := seen[key]; ok {
			fail("product", "twice", strconv.Itoa(first))
			continue
		}
		seen[key] = r.Number
		if x.Release == "" {
			read.Warn("", r.Cell("release"), "no-version", "")
		}
		lines = append(lines, x)
	}
	return lines
}

// compare counts what lines would change, and returns those that do.
func (s *Service) compare(ctx context.Context, tx bun.Tx, read *sheet.Book, lines []Software, out *SheetImport) ([]Software, error) {
	byUnit := map[event.UnitID]map[string]softwareRow{}
	added := map[event.UnitID]int{}
	p := module.PrincipalOf(ctx)
	var put []Software
	for i := range lines {
		x := lines[i]
		if byUnit[x.Unit] == nil {
			var rows []softwareRow
			if err := tx.NewSelect().Model(&rows).Where("unit = ?", string(x.Unit)).Where("origin = ?", string(OriginDeclared)).Scan(ctx); err != nil {
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
				read.Fail("", "", "too-many-lines", string(x.Unit))
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
		for _, column := range []string{"vendor", "product", "release", "cpe", "place", "quantity", "note", "name_key", "cpe_key", "purl", "purl_key", "origin", "part", "identity", "updated_at", "updated_by", "version", "search_text"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
		}
		_, err := q.Exec(ctx)
		return err
	})
}

// ExportSoftware writes the declared lines the caller sees, of one unit or of all, as a
// workbook that the import reads; a template has none. Errors: Denied.
func (s *Service) ExportSoftware(ctx context.Context, unit event.UnitID, template bool, language string) ([]byte, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareRead); err != nil {
		return nil, err
	}
	var cells [][]string
	if !template {
		f := SoftwareFilter{Unit: unit, Origin: OriginDeclared}
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

// writeSheet writes a workbook that the import reads.
func writeSheet(rows [][]string, language string) ([]byte, error) {
	w := sheetWords()
	return sheet.Write(language, sheet.Sheet{Name: w.Sheet.In(language), Columns: w.Columns, Rows: rows}, sheet.Help(w.HelpName, w.Help, language))
}
