package system

import (
	"context"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// Rows of a file: what one import may hold the register for. An export has no more, so
// that it can be imported again.
const (
	maxSheetSystems = 5_000
	maxSheetAssets  = 20_000
)

// exported gathers the rows of a workbook by sheet.
type exported struct {
	language string
	rows     map[string][][]string
}

// Export writes the systems the caller sees that f selects, with their zones, services
// and staff, as a workbook that Import reads. Errors: Denied, Invalid system.export-large.
func (s *Service) Export(ctx context.Context, f Filter, language string) ([]byte, error) {
	b := exported{language, map[string][][]string{}}
	f.Limit, f.After = maxPage, ""
	for {
		found, next, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range found {
			b.system(&found[i])
		}
		if len(b.rows["systems"]) > maxSheetSystems {
			return nil, tooLarge(maxSheetSystems)
		}
		if f.After = next; next == "" {
			return b.write("systems", "zones", "services", "staff")
		}
	}
}

// ExportAssets writes the assets the caller sees that f selects as a workbook that Import
// reads. Errors: Denied, Invalid system.export-large.
func (s *Service) ExportAssets(ctx context.Context, f AssetFilter, language string) ([]byte, error) {
	b := exported{language, map[string][][]string{}}
	f.Limit, f.After = maxPage, ""
	for {
		found, next, err := s.Assets(ctx, f)
		if err != nil {
			return nil, err
		}
		ids := make([]string, 0, len(found))
		for i := range found {
			ids = append(ids, found[i].System)
		}
		names, err := s.store.named(ctx, ids)
		if err != nil {
			return nil, err
		}
		for i := range found {
			b.asset(&found[i], names)
		}
		if len(b.rows["assets"]) > maxSheetAssets {
			return nil, tooLarge(maxSheetAssets)
		}
		if f.After = next; next == "" {
			return b.write("assets")
		}
	}
}

func tooLarge(most int) error {
	return fault.New(fault.Invalid, "more than %d rows; narrow the list, for example to one unit", most).WithCode("system.export-large")
}

// Template is a workbook without rows, to be filled in. Errors: Denied.
func (s *Service) Template(ctx context.Context, language string) ([]byte, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	return (&exported{language: language}).write("systems", "zones", "services", "staff", "assets")
}

func (b *exported) system(x *System) {
	w := sheetWords().Sheets
	b.rows["systems"] = append(b.rows["systems"], shown(w["systems"], systemCells, &x.Facts, b.language, map[string]string{
		"code": x.Code(), "unit": string(x.Unit), "operatorUnit": string(x.OperatorUnit), "level": levelText(x.Level), "state": chosen("state", x.State, b.language),
	}))
	of := map[string]string{"system": x.Code()}
	for i := range x.Zones {
		b.rows["zones"] = append(b.rows["zones"], shown(w["zones"], zoneCells, &x.Zones[i], b.language, of))
	}
	for i := range x.Services {
		b.rows["services"] = append(b.rows["services"], shown(w["services"], serviceCells, &x.Services[i], b.language, of))
	}
	for i := range x.Staff {
		b.rows["staff"] = append(b.rows["staff"], shown(w["staff"], staffCells, &x.Staff[i], b.language, of))
	}
}

func (b *exported) asset(x *Asset, systems map[string]System) {
	more := map[string]string{"id": x.ID, "unit": string(x.Unit)}
	if of, ok := systems[x.System]; ok {
		more["system"] = of.Code()
	}
	b.rows["assets"] = append(b.rows["assets"], shown(sheetWords().Sheets["assets"], assetCells, &x.AssetFacts, b.language, more))
}

func (b *exported) write(names ...string) ([]byte, error) {
	w := sheetWords()
	var sheets []sheet.Sheet
	for _, name := range names {
		sheets = append(sheets, sheet.Sheet{Name: w.Names[name].In(b.language), Columns: w.Sheets[name], Rows: b.rows[name], Choices: b.choices(name)})
	}
	return sheet.Write(b.language, append(sheets, sheet.Help(w.Names["help"], w.Help, b.language))...)
}

// choices are the drop-down lists of a sheet.
func (b *exported) choices(name string) map[string][]string {
	lists := map[string]string{}
	switch name {
	case "systems":
		lists = choicesOf(systemCells)
	case "assets":
		lists = choicesOf(assetCells)
	}
	out := map[string][]string{}
	for key, list := range lists {
		for _, c := range sheetWords().Choices[list] {
			out[key] = append(out[key], c.In(b.language))
		}
	}
	return out
}

func choicesOf[T any](cells []cell[T]) map[string]string {
	out := map[string]string{}
	for _, c := range cells {
		if c.choice != "" {
			out[c.key] = c.choice
		}
	}
	return out
}
