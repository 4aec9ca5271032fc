package requirement

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/lachan-vn/lachan/internal/config"
)

// Standard is one version of a catalogue of requirements.
type Standard struct {
	ID      string  `yaml:"id"`
	Name    string  `yaml:"name"`
	Vi      string  `yaml:"vi"`
	En      string  `yaml:"en"`
	Version string  `yaml:"version"` // of our file
	Since   string  `yaml:"since"`
	Until   string  `yaml:"until"` // the transition ends; "" in force
	Source  string  `yaml:"source"`
	Verify  string  `yaml:"verify"`
	Groups  []Group `yaml:"groups"` // none: those of groups.yaml
	Items   []Item  `yaml:"items"`

	items map[string]*Item
}

// Item is one requirement in our own words.
type Item struct {
	ID    string `yaml:"id"`
	Group string `yaml:"group"`
	Vi    string `yaml:"vi"`
	En    string `yaml:"en"`

	From    int             `yaml:"from"`    // asked from this level up
	Levels  []int           `yaml:"levels"`  // or at these
	Unit    string          `yaml:"unit"`    // or as much as these say
	AtLeast map[int]float64 `yaml:"atLeast"` // by level
	AtMost  map[int]float64 `yaml:"atMost"`

	Plan    string   `yaml:"plan"`    // the section of the security plan, where it is not that of the group
	Measure string   `yaml:"measure"` // what shows by itself how it stands; "" nothing
	ND331   []string `yaml:"nd331"`
	CIS     []string `yaml:"cis"`
	CSF     []string `yaml:"csf"`
}

// Bound is how much a requirement asks for; without Op it only asks for being done.
type Bound struct {
	Op    string // atLeast, atMost or ""
	Value float64
	Unit  string
}

// planSections are the sections of a security plan, in the order of NĐ 331/2026 Điều 29
// khoản 2.
var planSections = []string{"design", "operation", "inspection", "risk", "monitoring", "continuity", "disposal"}

// PlanSections are what a requirement's Plan may be.
func PlanSections() []string { return slices.Clone(planSections) }

// Asked tells whether the item is asked at a level, and how much.
func (i *Item) Asked(level int) (Bound, bool) {
	if v, ok := i.AtLeast[level]; ok {
		return Bound{"atLeast", v, i.Unit}, true
	}
	if v, ok := i.AtMost[level]; ok {
		return Bound{"atMost", v, i.Unit}, true
	}
	return Bound{}, i.From > 0 && level >= i.From || slices.Contains(i.Levels, level)
}

// At lists what is asked at a level.
func (s *Standard) At(level int) []*Item {
	var out []*Item
	for i := range s.Items {
		if _, ok := s.Items[i].Asked(level); ok {
			out = append(out, &s.Items[i])
		}
	}
	return out
}

// MeasureKind is something that can be seen without asking.
type MeasureKind struct {
	ID      string   `yaml:"id"`
	Unit    string   `yaml:"unit"`
	Vi      string   `yaml:"vi"`
	En      string   `yaml:"en"`
	AtLeast *float64 `yaml:"atLeast"` // where the requirement names no threshold
	AtMost  *float64 `yaml:"atMost"`
}

// bound returns the threshold of a requirement at a level in the unit of the measure.
func (m *MeasureKind) bound(asked Bound) Bound {
	switch {
	case asked.Op != "" && asked.Unit == m.Unit:
		return asked
	case asked.Op != "" && asked.Unit == "months" && m.Unit == "days":
		return Bound{asked.Op, float64(int(asked.Value * 365 / 12)), m.Unit}
	case m.AtLeast != nil:
		return Bound{"atLeast", *m.AtLeast, m.Unit}
	case m.AtMost != nil:
		return Bound{"atMost", *m.AtMost, m.Unit}
	}
	return Bound{Unit: m.Unit}
}

// Result is how a measured value stands to what is asked.
type Result string

// The results.
const (
	Pass    Result = "pass"
	Fail    Result = "fail"
	Unknown Result = "unknown"
)

func (b Bound) judge(value float64) Result {
	switch {
	case b.Op == "atLeast" && value >= b.Value, b.Op == "atMost" && value <= b.Value:
		return Pass
	case b.Op == "":
		return Unknown
	}
	return Fail
}

// Map is another framework that requirements are mapped to.
type Map struct {
	ID     string           `yaml:"id"`
	Name   string           `yaml:"name"`
	Groups []MapGroup       `yaml:"groups"` // named ones
	Count  map[int]int      `yaml:"count"`  // 8: 12 is 8.1 to 8.12
	Of     map[string][]int `yaml:"of"`     // GV.OC: [1] is GV.OC-01

	ids map[string]bool
}

// MapGroup is a named group of another framework.
type MapGroup struct {
	ID      string `yaml:"id"`
	Article string `yaml:"article"`
	Vi      string `yaml:"vi"`
	En      string `yaml:"en"`
}

func (m *Map) index() {
	m.ids = map[string]bool{}
	for _, g := range m.Groups {
		m.ids[g.ID] = true
	}
	for control, n := range m.Count {
		for i := range n {
			m.ids[strconv.Itoa(control)+"."+strconv.Itoa(i+1)] = true
		}
	}
	for category, list := range m.Of {
		for _, i := range list {
			m.ids[fmt.Sprintf("%s-%02d", category, i)] = true
		}
	}
}

// DefaultStandard is the catalogue figures are made of.
const DefaultStandard = "tcvn14423-2026"

// Standards are the catalogues with what they are mapped to and measured by.
type Standards struct {
	All      []*Standard // the one in force first
	Maps     []*Map
	Measures []MeasureKind

	byID     map[string]*Standard
	maps     map[string]*Map
	measures map[string]*MeasureKind
}

var itemID = regexp.MustCompile(`^[a-z][a-z0-9-]{2,63}$`)

// ReadStandards reads catalogues, maps and measures.yaml of a folder; the groups of a
// catalogue without its own are those of c. Errors name the file and the row.
func ReadStandards(files fs.FS, c *Catalogue) (*Standards, error) {
	s := &Standards{byID: map[string]*Standard{}, maps: map[string]*Map{}, measures: map[string]*MeasureKind{}}
	if err := config.LoadFS(files, "measures.yaml", &s.Measures); err != nil {
		return nil, err
	}
	for i := range s.Measures {
		m := &s.Measures[i]
		if m.ID == "" || m.Unit == "" || m.Vi == "" || m.En == "" || s.measures[m.ID] != nil {
			return nil, fmt.Errorf("measures.yaml: row %d needs an id of its own, unit, vi and en", i+1)
		}
		s.measures[m.ID] = m
	}
	for _, id := range []string{"nd331", "cis-v8", "csf-2.0"} {
		m := &Map{}
		if err := config.LoadFS(files, "maps/"+id+".yaml", m); err != nil {
			return nil, err
		}
		m.index()
		s.Maps, s.maps[m.ID] = append(s.Maps, m), m
	}
	for _, id := range []string{DefaultStandard, "tcvn11930-2017"} {
		name := "catalogues/" + id + ".yaml"
		x := &Standard{}
		if err := config.LoadFS(files, name, x); err != nil {
			return nil, err
		}
		if len(x.Groups) == 0 {
			x.Groups = c.Groups
		}
		if err := s.check(x); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if x.ID != id {
			return nil, fmt.Errorf("%s: its id is %q", name, x.ID)
		}
		s.All, s.byID[x.ID] = append(s.All, x), x
	}
	return s, nil
}

func (s *Standards) check(x *Standard) error {
	groups := map[string]*Group{}
	for i := range x.Groups {
		g := &x.Groups[i]
		if groups[g.ID] = g; !slices.Contains(planSections, g.Plan) {
			return fmt.Errorf("group %s: the security plan has no section %q", g.ID, g.Plan)
		}
	}
	x.items = map[string]*Item{}
	for i := range x.Items {
		it := &x.Items[i]
		if !itemID.MatchString(it.ID) || it.Vi == "" || it.En == "" {
			return fmt.Errorf("item %d (%s) needs an id of small letters, vi and en", i+1, it.ID)
		}
		if _, _, ok := s.find(it.ID); ok || x.items[it.ID] != nil {
			return fmt.Errorf("item %s stands there twice", it.ID)
		}
		x.items[it.ID] = it
		if err := s.checkItem(it, groups[it.Group]); err != nil {
			return fmt.Errorf("item %s: %w", it.ID, err)
		}
	}
	return nil
}

// find returns an item of any catalogue.
func (s *Standards) find(id string) (*Standard, *Item, bool) {
	for _, x := range s.All {
		if i := x.items[id]; i != nil {
			return x, i, true
		}
	}
	return nil, nil, false
}

func (s *Standards) checkItem(it *Item, g *Group) error {
	if g == nil {
		return fmt.Errorf("no group %q", it.Group)
	}
	ways := 0
	for _, given := range []bool{it.From > 0, len(it.Levels) > 0, len(it.AtLeast) > 0, len(it.AtMost) > 0} {
		if given {
			ways++
		}
	}
	if ways != 1 || (it.Unit != "") != (len(it.AtLeast)+len(it.AtMost) > 0) {
		return fmt.Errorf("say in one way at which levels it is asked; numbers need a unit")
	}
	levels := slices.Concat(it.Levels, slices.Collect(maps.Keys(it.AtLeast)), slices.Collect(maps.Keys(it.AtMost)))
	if it.From > 0 {
		levels = append(levels, it.From)
	}
	for _, level := range levels {
		if level < 1 || level > 5 {
			return fmt.Errorf("no level %d", level)
		}
	}
	for level := 1; level <= 5 && len(g.Codes) > 0; level++ {
		if _, asked := it.Asked(level); asked && g.Codes[level] == "" {
			return fmt.Errorf("asked at level %d, where the standard has no group %s", level, g.ID)
		}
	}
	if it.Plan == "" {
		it.Plan = g.Plan
	}
	if !slices.Contains(planSections, it.Plan) {
		return fmt.Errorf("the security plan has no section %q", it.Plan)
	}
	if it.Measure != "" && s.measures[it.Measure] == nil {
		return fmt.Errorf("no measure %q", it.Measure)
	}
	if len(it.ND331) == 0 {
		return fmt.Errorf("which group of NĐ 331 does it belong to")
	}
	for framework, ids := range it.mapped() {
		for _, id := range ids {
			if !s.maps[framework].ids[id] {
				return fmt.Errorf("%s has no %q", framework, id)
			}
		}
	}
	return nil
}

func (i *Item) mapped() map[string][]string {
	return map[string][]string{"nd331": i.ND331, "cis": i.CIS, "csf": i.CSF}
}
