package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/unit"
)

type unitCmd struct {
	List   unitListCmd   `cmd:"" help:"List the units: id, type, parent, days, name."`
	Export unitExportCmd `cmd:"" help:"Write the units as an XLSX workbook."`
	Import unitImportCmd `cmd:"" help:"Check an XLSX workbook of units, and store it with --commit."`
}

// use opens the folder in the name of the system.
func (f folder) use(ctx context.Context, s std, task string, do func(context.Context, *unit.Service) error) error {
	if err := f.mustExist(); err != nil {
		return err
	}
	err := f.with(ctx, s, "unit", func(n *app.Node) error {
		return do(module.WithPrincipal(ctx, module.System()), n.Units())
	})
	return f.offline(err, task)
}

type unitListCmd struct {
	folder
	All bool `help:"Also those that have ended."`
}

// Run prints a line for each unit.
func (c *unitListCmd) Run(ctx context.Context, s std) error {
	return c.use(ctx, s, "look at the units", func(ctx context.Context, units *unit.Service) error {
		list, err := units.List(ctx, unit.Filter{})
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
		for _, u := range list {
			if c.All || units.Active(u.ID) {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", u.ID, u.Kind, u.Parent, u.ValidFrom, u.ValidTo, u.Name)
			}
		}
		return w.Flush()
	})
}

type unitExportCmd struct {
	folder
	File     string `arg:"" help:"Workbook to write; - for standard output." type:"path"`
	Lang     string `help:"Language of the headings." enum:"vi,en" default:"vi"`
	Template bool   `help:"An empty workbook with instructions, to be filled in."`
}

// Run writes the workbook.
func (c *unitExportCmd) Run(ctx context.Context, s std) error {
	return c.use(ctx, s, "export the units", func(ctx context.Context, units *unit.Service) error {
		write := func() ([]byte, error) { return units.Export(ctx, unit.Filter{}, unit.Language(c.Lang)) }
		if c.Template {
			write = func() ([]byte, error) { return units.Template(ctx, unit.Language(c.Lang)) }
		}
		data, err := write()
		switch {
		case err != nil:
			return err
		case c.File == "-":
			_, err = s.out.Write(data)
			return err
		}
		return os.WriteFile(c.File, data, 0o600)
	})
}

type unitImportCmd struct {
	folder
	File   string `arg:"" help:"XLSX workbook." type:"existingfile"`
	Commit bool   `help:"Store it; without, it is only checked."`
}

// maxWorkbook is more than any workbook that is taken.
const maxWorkbook = 64 << 20

// Run prints what is wrong in each cell, and what was or would be stored.
func (c *unitImportCmd) Run(ctx context.Context, s std) error {
	f, err := os.Open(c.File)
	if err != nil {
		return fault.New(fault.Invalid, "%w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxWorkbook))
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return err
	}
	return c.use(ctx, s, "import the units", func(ctx context.Context, units *unit.Service) error {
		im, err := units.Import(ctx, data, nil)
		if err != nil {
			return err
		}
		failed := false
		for _, p := range im.Problems {
			word := "error"
			if failed = failed || !p.Warning; p.Warning {
				word = "warning"
			}
			fmt.Fprintf(s.err, "%s!%s: %s: %s · %s\n", p.Sheet, p.Cell, word, p.Vi, p.En)
		}
		counts := map[string]int{}
		for _, r := range im.Rows {
			counts[r.What]++
		}
		verb := "would be stored"
		switch {
		case failed:
			return errRefused
		case c.Commit:
			if _, err := units.Import(ctx, data, &unit.Confirmation{SHA256: im.SHA256, Tree: im.Tree}); err != nil {
				return err
			}
			verb = "stored"
		}
		fmt.Fprintf(s.out, "%s: %d new, %d changed, %d unchanged\n", verb, counts[unit.OutcomeNew], counts[unit.OutcomeChanged], counts[unit.OutcomeUnchanged])
		return nil
	})
}
