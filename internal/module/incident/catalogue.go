package incident

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed data
var files embed.FS

// Taxonomy is a taxonomy of incidents.
type Taxonomy struct {
	ID      string          `yaml:"id" json:"id"`
	Default bool            `yaml:"default" json:"default"`
	Vi      string          `yaml:"vi" json:"vi"`
	En      string          `yaml:"en" json:"name"`
	Source  string          `yaml:"source" json:"source"`
	Verify  string          `yaml:"verify" json:"verify"`
	Groups  []CategoryGroup `yaml:"groups" json:"groups"`
}

// CategoryGroup is a chapter of a taxonomy.
type CategoryGroup struct {
	ID         string     `yaml:"id" json:"id"`
	Vi         string     `yaml:"vi" json:"vi"`
	En         string     `yaml:"en" json:"name"`
	Categories []Category `yaml:"categories" json:"categories"`
}

// Category is a kind of incident.
type Category struct {
	ID       string `yaml:"id" json:"id"`
	Vi       string `yaml:"vi" json:"vi"`
	En       string `yaml:"en" json:"name"`
	Playbook string `yaml:"playbook" json:"playbook"` // that it is answered by; "" none
}

// Playbook is what is to be done about a kind of incident.
type Playbook struct {
	ID    string         `yaml:"id" json:"id"`
	Vi    string         `yaml:"vi" json:"vi"`
	En    string         `yaml:"en" json:"name"`
	Tasks []PlaybookTask `yaml:"tasks" json:"tasks"`
	// Recommendations are what the lessons of such an incident often come to.
	Recommendations []Recommendation `yaml:"recommendations" json:"recommendations" nullable:"false"`
}

// Recommendation is a measure a unit is recommended to take.
type Recommendation struct {
	Vi string `yaml:"vi" json:"vi"`
	En string `yaml:"en" json:"name"`
}

// PlaybookTask is a task of a playbook.
type PlaybookTask struct {
	ID        string   `yaml:"id" json:"id"`
	Phase     Phase    `yaml:"phase" json:"phase"`
	Of        string   `yaml:"of" json:"of"`         // who does it: centre, unit, leader
	Within    int      `yaml:"within" json:"within"` // hours from detection
	Vi        string   `yaml:"vi" json:"vi"`
	En        string   `yaml:"en" json:"name"`
	Checklist []string `yaml:"checklist" json:"checklist"`
}

// Catalogue is the taxonomies and playbooks.
type Catalogue struct {
	Schemes    []Taxonomy
	Playbooks  []Playbook
	categories map[string]Category
	playbooks  map[string]Playbook
}

// CategoryVi is what a category is called in Vietnamese; "" for one that is none.
func (s *Service) CategoryVi(id string) string { return s.book().categories[id].Vi }

// The kinds of pieces a catalogue is made of.
const (
	PiecePlaybook = "playbook"
	PieceScheme   = "scheme"
)

// place names a piece of a catalogue.
type place struct{ kind, id string }

// shipped returns the texts of the pieces the product comes with.
func shipped() (map[place]string, error) {
	out := map[place]string{}
	for kind, folder := range map[string]string{PiecePlaybook: "data/playbooks", PieceScheme: "data/taxonomies"} {
		list, err := fs.ReadDir(files, folder)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			text, err := files.ReadFile(path.Join(folder, f.Name()))
			if err != nil {
				return nil, err
			}
			out[place{kind, strings.TrimSuffix(f.Name(), ".yaml")}] = string(text)
		}
	}
	return out, nil
}

// build makes a catalogue of the texts of its pieces. Errors: *flaw.
func build(texts map[place]string) (*Catalogue, error) {
	c := &Catalogue{categories: map[string]Category{}, playbooks: map[string]Playbook{}}
	var places []place
	for p := range texts {
		places = append(places, p)
	}
	// Playbooks before the taxonomies that name them.
	slices.SortFunc(places, func(a, b place) int { return strings.Compare(a.kind+" "+a.id, b.kind+" "+b.id) })
	defaults := 0
	for _, at := range places {
		if at.kind == PiecePlaybook {
			var p Playbook
			if err := read(at, texts[at], &p, func() error { return p.check(at.id) }); err != nil {
				return nil, err
			}
			p.Recommendations = module.OrEmpty(p.Recommendations)
			c.Playbooks = append(c.Playbooks, p)
			c.playbooks[p.ID] = p
			continue
		}
		var t Taxonomy
		if err := read(at, texts[at], &t, func() error { return t.check(at.id, c) }); err != nil {
			return nil, err
		}
		if t.Default {
			defaults++
		}
		c.Schemes = append(c.Schemes, t)
	}
	if defaults != 1 {
		return nil, &flaw{text: fmt.Sprintf("%d taxonomies are the default; one has to be", defaults), field: "default"}
	}
	slices.SortStableFunc(c.Schemes, func(a, b Taxonomy) int {
		switch {
		case a.Default == b.Default:
			return 0
		case a.Default:
			return -1
		}
		return 1
	})
	return c, nil
}

// flaw is what is wrong in a piece of a catalogue, and where.
type flaw struct {
	place
	field string // tasks.2.phase
	line  int    // from 1; 0: not known
	text  string
}

func (f *flaw) Error() string {
	where := f.kind + " " + f.id
	if f.line > 0 {
		where += fmt.Sprintf(", line %d", f.line)
	}
	if f.field != "" {
		where += ", " + f.field
	}
	return strings.TrimSpace(where) + ": " + f.text
}

func wrong(field, format string, args ...any) error {
	return &flaw{field: field, text: fmt.Sprintf(format, args...)}
}

var lineOf = regexp.MustCompile(`line (\d+): ?(.*)`)

// read reads a text into a piece and checks it. Errors: *flaw with field and line.
func read(at place, text string, into any, check func() error) error {
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	err := d.Decode(into)
	if err == nil && !errors.Is(d.Decode(new(any)), io.EOF) {
		err = errors.New("one document only")
	}
	if err != nil {
		f := &flaw{place: at, text: strings.TrimPrefix(err.Error(), "yaml: ")}
		if errors.Is(err, io.EOF) {
			f.text = "the text is empty"
		}
		if m := lineOf.FindStringSubmatch(f.text); m != nil {
			f.line, _ = strconv.Atoi(m[1]) // digits
			f.text = m[2]
		}
		return f
	}
	err = check()
	var f *flaw
	if errors.As(err, &f) {
		f.place, f.line = at, lineOfField([]byte(text), f.field)
	}
	return err
}

// lineOfField finds the line a field stands in, or the closest above that is there.
func lineOfField(text []byte, field string) int {
	var root yaml.Node
	if yaml.NewDecoder(bytes.NewReader(text)).Decode(&root) != nil || len(root.Content) == 0 {
		return 0
	}
	n := root.Content[0]
	for _, step := range strings.Split(field, ".") {
		next := (*yaml.Node)(nil)
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					next = n.Content[i+1]
				}
			}
		case yaml.SequenceNode:
			if at, err := strconv.Atoi(step); err == nil && at < len(n.Content) {
				next = n.Content[at]
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return n.Line
}

// doers are who a task may be for.
var doers = []string{"centre", "unit", "leader"}

var idShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,47}$`)

// Limits of what an administrator writes.
const (
	maxHours      = 10 * 366 * 24
	maxCategories = 500
	maxGroups     = 50
	maxSchemes    = 20
	maxPlaybooks  = 200
)

func named(field, vi, en string) error {
	for _, x := range []struct{ field, text string }{{"vi", vi}, {"en", en}} {
		if n := len([]rune(strings.TrimSpace(x.text))); n == 0 || n > maxTitle {
			return wrong(field+x.field, "a name of 1 to %d letters is needed", maxTitle)
		}
	}
	return nil
}

func (p *Playbook) check(id string) error {
	if p.ID != id || !idShape.MatchString(id) || id == "none" {
		return wrong("id", "the id is %q, not %q; small letters, digits and hyphens, and not none", p.ID, id)
	}
	if err := named("", p.Vi, p.En); err != nil {
		return err
	}
	if len(p.Tasks) == 0 || len(p.Tasks) > maxTasks/5 {
		return wrong("tasks", "1 to %d tasks", maxTasks/5)
	}
	seen := map[string]bool{}
	for n, t := range p.Tasks {
		at := fmt.Sprintf("tasks.%d.", n)
		switch {
		case !idShape.MatchString(t.ID) || seen[t.ID]:
			return wrong(at+"id", "%q is no id, or is there twice", t.ID)
		case !slices.Contains(Phases(), t.Phase) || t.Phase == Closed:
			return wrong(at+"phase", "no phase %q; one of %v", t.Phase, Phases()[:len(Phases())-1])
		case !slices.Contains(doers, t.Of):
			return wrong(at+"of", "%q is none of %v", t.Of, doers)
		case t.Within <= 0 || t.Within > maxHours:
			return wrong(at+"within", "1 to %d hours from detection", maxHours)
		case len(t.Checklist) > maxChecks:
			return wrong(at+"checklist", "at most %d lines", maxChecks)
		}
		if err := named(at, t.Vi, t.En); err != nil {
			return err
		}
		for k, line := range t.Checklist {
			if c := len([]rune(strings.TrimSpace(line))); c == 0 || c > maxTitle {
				return wrong(fmt.Sprintf("%schecklist.%d", at, k), "a line has 1 to %d letters", maxTitle)
			}
		}
		seen[t.ID] = true
	}
	if len(p.Recommendations) > maxChecks {
		return wrong("recommendations", "at most %d", maxChecks)
	}
	for n, r := range p.Recommendations {
		if err := named(fmt.Sprintf("recommendations.%d.", n), r.Vi, r.En); err != nil {
			return err
		}
	}
	return nil
}

// check checks a taxonomy, and adds its categories to c, which has the playbooks.
func (t *Taxonomy) check(id string, c *Catalogue) error {
	if t.ID != id || !idShape.MatchString(id) {
		return wrong("id", "the id is %q, not %q; small letters, digits and hyphens", t.ID, id)
	}
	if err := named("", t.Vi, t.En); err != nil {
		return err
	}
	if len(t.Groups) == 0 || len(t.Groups) > maxGroups {
		return wrong("groups", "1 to %d groups", maxGroups)
	}
	for n, g := range t.Groups {
		at := fmt.Sprintf("groups.%d.", n)
		if err := named(at, g.Vi, g.En); err != nil {
			return err
		}
		if len(g.Categories) == 0 {
			return wrong(at+"categories", "a group needs a category")
		}
		for k, x := range g.Categories {
			at := fmt.Sprintf("%scategories.%d.", at, k)
			if err := named(at, x.Vi, x.En); err != nil {
				return err
			}
			if _, twice := c.categories[x.ID]; twice || !idShape.MatchString(x.ID) {
				return wrong(at+"id", "%q is no id, or is there twice", x.ID)
			}
			if _, ok := c.playbooks[x.Playbook]; x.Playbook != "" && !ok {
				return wrong(at+"playbook", "no playbook %q", x.Playbook)
			}
			if len(c.categories) >= maxCategories {
				return wrong(at+"id", "at most %d categories", maxCategories)
			}
			c.categories[x.ID] = x
		}
	}
	return nil
}

// scheme returns the taxonomy new incidents are sorted by.
func (c *Catalogue) scheme() Taxonomy { return c.Schemes[0] }
