package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
)

type lawCmd struct {
	List   lawListCmd   `cmd:"" help:"List the tables of the law, and which of them are the administrator's own."`
	Export lawExportCmd `cmd:"" help:"Write shipped tables into a folder, to be changed there and named as law.dir."`
	Check  lawCheckCmd  `cmd:"" help:"Read a folder of tables as the server would at its start. Exit code 2: something is wrong."`
}

type lawListCmd struct {
	Config string `help:"Configuration file." type:"path" placeholder:"FILE"`
}

// Run prints one table a line.
func (c *lawListCmd) Run(s std) error {
	config, err := app.LoadConfig(c.Config)
	if err != nil {
		return err
	}
	law, err := app.ReadLaw(config.Law.Dir)
	if err != nil {
		return err
	}
	names, err := law.Shipped()
	if err != nil {
		return err
	}
	for _, name := range names {
		of := "shipped"
		if slices.Contains(law.Replaced, name) {
			of = filepath.Join(config.Law.Dir, filepath.FromSlash(name))
		}
		fmt.Fprintf(s.out, "%-44s %s\n", name, of)
	}
	return nil
}

type lawExportCmd struct {
	Dir    string   `arg:"" help:"Folder to write into; made if missing." type:"path"`
	Tables []string `arg:"" optional:"" help:"Only these, as law list names them." placeholder:"TABLE"`
}

// Run writes files that are not there yet.
func (c *lawExportCmd) Run(s std) error {
	var law *app.Law
	names := c.Tables
	if len(names) == 0 {
		var err error
		if names, err = law.Shipped(); err != nil {
			return err
		}
	}
	for _, name := range names {
		text, err := law.Table(name)
		if err != nil {
			return err
		}
		file := filepath.Join(c.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fault.New(fault.Invalid, "%w", err)
		}
		err = writeNew(file, func(w io.Writer) error { _, err := w.Write(text); return err })
		if errors.Is(err, os.ErrExist) {
			err = fault.New(fault.Conflict, "%s is there already; move it away, or name the tables that are missing", file)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, file)
	}
	fmt.Fprintf(s.err, "Keep the files you change and delete the others: a table that stays here no longer follows updates of the program.\n")
	return nil
}

type lawCheckCmd struct {
	Dir string `arg:"" help:"Folder of tables." type:"path"`
}

// Run says which tables the folder replaces, or what is wrong with them.
func (c *lawCheckCmd) Run(s std) error {
	law, err := app.ReadLaw(c.Dir)
	if err != nil {
		return err
	}
	if len(law.Replaced) == 0 {
		fmt.Fprintf(s.out, "%s replaces nothing\n", c.Dir)
	}
	for _, name := range law.Replaced {
		fmt.Fprintf(s.out, "ok  %s\n", name)
	}
	return nil
}
