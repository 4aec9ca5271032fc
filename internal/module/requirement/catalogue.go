package requirement

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed data
var data embed.FS

// Files is what is shipped.
func Files() fs.FS { return module.Folder(data, "data") }

// Catalogues are the groups of requirements and the catalogues of them.
type Catalogues struct {
	catalogue *Catalogue
	standards *Standards
}

// ReadCatalogues reads a folder as it is shipped. Errors name the file and the row.
func ReadCatalogues(files fs.FS) (*Catalogues, error) {
	c, err := ReadCatalogue(files)
	if err != nil {
		return nil, err
	}
	x, err := ReadStandards(files, c)
	return &Catalogues{c, x}, err
}

// Replaces checks catalogues that are to stand in place of the shipped ones: what units
// declared refers to their groups and items. Errors: Invalid.
func (c *Catalogues) Replaces() error {
	shipped, err := ReadCatalogues(Files())
	if err != nil {
		return err
	}
	if err := module.Kept("groups.yaml", shipped.catalogue.ids(), c.catalogue.ids()); err != nil {
		return err
	}
	for i, x := range shipped.standards.All {
		if err := module.Kept("catalogues/"+x.ID+".yaml", x.ids(), c.standards.All[i].ids()); err != nil {
			return err
		}
	}
	return nil
}

func (c *Catalogue) ids() []string {
	list := make([]string, len(c.Groups))
	for i := range c.Groups {
		list[i] = c.Groups[i].ID
	}
	return list
}

func (s *Standard) ids() []string {
	list := make([]string, len(s.Items))
	for i := range s.Items {
		list[i] = s.Items[i].ID
	}
	return list
}

// Group is a group of basic requirements.
type Group struct {
	ID    string         `yaml:"id"`
	Vi    string         `yaml:"vi"`
	En    string         `yaml:"en"`
	Plan  string         `yaml:"plan"`  // the section of the security plan it is written in
	Codes map[int]string `yaml:"codes"` // item of the standard, by security level
}

// Sign says what matters of a kind speak against.
type Sign struct {
	Of         string   `yaml:"of"`
	Categories []string `yaml:"categories"`
	Groups     []string `yaml:"groups"`
}

// Catalogue is the groups of requirements and what speaks against them.
type Catalogue struct {
	Source string  `yaml:"source"`
	Verify string  `yaml:"verify"` // what is to be checked against the published text
	Groups []Group `yaml:"groups"`

	groups map[string]*Group
	signs  map[[2]string][]string // groups, by kind and category of the matter
}

// ReadCatalogue reads groups.yaml and signs.yaml of a folder. Errors name the file
// and the row.
func ReadCatalogue(files fs.FS) (*Catalogue, error) {
	c := &Catalogue{groups: map[string]*Group{}, signs: map[[2]string][]string{}}
	if err := config.LoadFS(files, "groups.yaml", c); err != nil {
		return nil, err
	}
	for i := range c.Groups {
		g := &c.Groups[i]
		switch {
		case g.ID == "" || g.Vi == "" || g.En == "":
			return nil, fmt.Errorf("groups.yaml: group %d needs id, vi and en", i+1)
		case c.groups[g.ID] != nil:
			return nil, fmt.Errorf("groups.yaml: group %s stands there twice", g.ID)
		}
		for level := range g.Codes {
			if level < 1 || level > 5 {
				return nil, fmt.Errorf("groups.yaml: group %s: no level %d", g.ID, level)
			}
		}
		c.groups[g.ID] = g
	}
	var signs []Sign
	if err := config.LoadFS(files, "signs.yaml", &signs); err != nil {
		return nil, err
	}
	for i, s := range signs {
		if s.Of == "" || len(s.Categories) == 0 || len(s.Groups) == 0 {
			return nil, fmt.Errorf("signs.yaml: row %d needs of, categories and groups", i+1)
		}
		for _, g := range s.Groups {
			if c.groups[g] == nil {
				return nil, fmt.Errorf("signs.yaml: row %d: no group %q in groups.yaml", i+1, g)
			}
		}
		for _, category := range s.Categories {
			c.signs[[2]string{s.Of, category}] = append(c.signs[[2]string{s.Of, category}], s.Groups...)
		}
	}
	return c, nil
}

// Against returns the groups that a matter of a kind and category speaks against
// at a security level; at level 0, which is not known, all of them.
func (c *Catalogue) Against(kind, category string, level int) []string {
	var out []string
	for _, g := range c.signs[[2]string{kind, category}] {
		if level == 0 || c.groups[g].Codes[level] != "" {
			out = append(out, g)
		}
	}
	return out
}
