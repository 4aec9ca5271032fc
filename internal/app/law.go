package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/agenda"
	"github.com/lachan-vn/lachan/internal/module/assessment"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/readiness"
	"github.com/lachan-vn/lachan/internal/module/requirement"
)

// Law is what decrees and standards say, as tables: those that are shipped, and in
// place of some of them files of an administrator, who knows a text that was not
// published when the program was made, or what his province decided.
type Law struct {
	Replaced []string // <folder>/<file> of an administrator, in order

	levels    *level.Book
	dossiers  *dossier.Law
	visits    *assessment.Tables
	layers    *readiness.Model
	asked     *requirement.Catalogues
	reminders []agenda.Reminder
}

// lawFolder is the tables of one package.
type lawFolder struct {
	name    string
	shipped fs.FS
	read    func(l *Law, files fs.FS) error
}

// lawFolders are all of them; each reads into a Law, what it needs of others after them.
func lawFolders() []lawFolder {
	return []lawFolder{
		{"level", level.Files(), func(l *Law, files fs.FS) (err error) {
			if l.levels, err = level.Read(files); err == nil {
				err = l.levels.Replaces()
			}
			return err
		}},
		{"dossier", dossier.Files(), func(l *Law, files fs.FS) (err error) {
			if l.dossiers, err = dossier.ReadLaw(files, l.levels); err == nil {
				err = l.dossiers.Replaces()
			}
			return err
		}},
		{"assessment", assessment.Files(), func(l *Law, files fs.FS) (err error) {
			if l.visits, err = assessment.ReadTables(files); err == nil {
				err = l.visits.Replaces()
			}
			return err
		}},
		{"readiness", readiness.Files(), func(l *Law, files fs.FS) (err error) {
			l.layers, err = readiness.ReadModel(files)
			return err
		}},
		{"requirement", requirement.Files(), func(l *Law, files fs.FS) (err error) {
			if l.asked, err = requirement.ReadCatalogues(files); err == nil {
				err = l.asked.Replaces()
			}
			return err
		}},
		{"agenda", agenda.Files(), func(l *Law, files fs.FS) (err error) {
			if l.reminders, err = agenda.ReadReminders(files); err != nil {
				return err
			}
			var kinds []string
			for _, s := range (&modules{}).agendaSources() {
				kinds = append(kinds, s.Kind)
			}
			for _, r := range l.reminders {
				if err := module.Known("reminders.yaml", kinds, []string{r.Kind}); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

// ReadLaw reads the tables; dir is the administrator's folder, "" none. Errors: Invalid
// naming the file and what is wrong, of all folders at once.
func ReadLaw(dir string) (*Law, error) {
	l := &Law{}
	var own fs.FS
	if dir != "" {
		names, err := lawFiles(dir)
		if err != nil {
			return nil, fault.New(fault.Invalid, "law.dir: %w", err).OnField("law.dir")
		}
		own, l.Replaced = os.DirFS(dir), names
	}
	var wrong []error
	for _, f := range lawFolders() {
		if err := f.read(l, tables{f.name, own, f.shipped}); err != nil {
			wrong = append(wrong, fmt.Errorf("%s/%w", f.name, err))
		}
		if l.levels == nil {
			break // the others speak of levels
		}
	}
	if len(wrong) > 0 {
		return nil, fault.New(fault.Invalid, "law.dir: %w; `lachan law check` reads the folder again", errors.Join(wrong...)).OnField("law.dir")
	}
	return l, nil
}

// Shipped lists the tables that may be replaced as <folder>/<file>, in order.
func (*Law) Shipped() (list []string, err error) {
	for _, f := range lawFolders() {
		err = errors.Join(err, fs.WalkDir(f.shipped, ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				list = append(list, path.Join(f.name, name))
			}
			return err
		}))
	}
	slices.Sort(list)
	return list, err
}

// maxLawFile is far above the largest table.
const maxLawFile = 1 << 20

// lawFiles lists what stands in an administrator's folder, and refuses what would
// replace nothing.
func lawFiles(dir string) (names []string, err error) {
	shipped, err := (*Law)(nil).Shipped()
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if strings.HasPrefix(path.Base(name), ".") || path.Ext(name) != ".yaml" {
			return nil // notes of people, and what editors leave
		}
		if !slices.Contains(shipped, name) {
			return fmt.Errorf("%s replaces no table; `lachan law list` names them", file)
		}
		if info, err := os.Stat(file); err != nil || info.Size() > maxLawFile {
			return errors.Join(err, fmt.Errorf("%s: at most %d bytes", file, maxLawFile))
		}
		names = append(names, name)
		return nil
	})
	return names, err
}

// tables are the files of one folder: an administrator's where he has one, else what
// is shipped.
type tables struct {
	name    string
	own     fs.FS // nil: none
	shipped fs.FS
}

// Open implements [fs.FS].
func (t tables) Open(name string) (fs.File, error) {
	if t.own != nil {
		f, err := t.own.Open(path.Join(t.name, name))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return t.shipped.Open(name)
}

// Table returns a shipped table of [Law.Shipped]. Errors: NotFound.
func (*Law) Table(name string) ([]byte, error) {
	folder, file, _ := strings.Cut(name, "/")
	for _, f := range lawFolders() {
		if f.name == folder {
			if text, err := fs.ReadFile(f.shipped, file); err == nil {
				return text, nil
			}
		}
	}
	return nil, fault.New(fault.NotFound, "no table %q; `lachan law list` names them", name)
}

// Files are the files and folders that the configuration names and a backup takes along.
func (c *Config) Files() []string {
	list := slices.Concat(c.Rules.Dirs, c.Rules.Pipelines)
	if c.Law.Dir != "" {
		list = append(list, c.Law.Dir)
	}
	return list
}
