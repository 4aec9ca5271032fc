package assessment

import (
	"embed"
	"io/fs"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed data
var data embed.FS

// Tables are what the law says of visits, and what they ask.
type Tables struct {
	afterIncident, other noticeRule
	independence         basis
	groups               []Group
}

// noticeRule is how long before a visit its unit is told.
type noticeRule struct {
	ID    string `yaml:"id"`
	Hours int    `yaml:"hours"`
	Basis string `yaml:"basis"`
	Vi    string `yaml:"vi"`
	En    string `yaml:"en"`
}

type basis struct {
	Basis  string `yaml:"basis"`
	Verify string `yaml:"verify"`
}

// Group is a part of the checklist.
type Group struct {
	ID    string  `yaml:"id"`
	Vi    string  `yaml:"vi"`
	En    string  `yaml:"en"`
	Kinds []Kind  `yaml:"kinds"`
	Items []Asked `yaml:"items"`
}

// Asked is one thing that is asked.
type Asked struct {
	ID      string `yaml:"id"`
	Article string `yaml:"article"` // or the code of the standard
	Vi      string `yaml:"vi"`
	En      string `yaml:"en"`
}

// Cycles are the months between two assessments of a system by others, by its level.
type Cycles struct {
	Months map[int]int
	Verify string // what is to be checked before they are relied on
}

// Files is what is shipped.
func Files() fs.FS { return module.Folder(data, "data") }

// maxNotice is the longest notice, in hours, that is taken for no slip of the pen.
const maxNotice = 90 * 24

// ReadTables reads rules.yaml and checklists.yaml. Errors: Invalid naming the file and
// the row.
func ReadTables(files fs.FS) (*Tables, error) {
	var rules struct {
		Notice       []noticeRule `yaml:"notice"`
		Independence basis        `yaml:"independence"`
	}
	t := &Tables{}
	if err := config.LoadFS(files, "rules.yaml", &rules); err != nil {
		return nil, err
	}
	t.independence = rules.Independence
	for _, want := range []struct {
		id   string
		into *noticeRule
	}{{"incident", &t.afterIncident}, {"other", &t.other}} {
		at := slices.IndexFunc(rules.Notice, func(r noticeRule) bool { return r.ID == want.id })
		if at < 0 || rules.Notice[at].Hours < 0 || rules.Notice[at].Hours > maxNotice || rules.Notice[at].Basis == "" {
			return nil, fault.New(fault.Invalid, "rules.yaml: notice: a row %s is needed, with hours of 0 to %d and its basis", want.id, maxNotice)
		}
		*want.into = rules.Notice[at]
	}
	if err := config.LoadFS(files, "checklists.yaml", &t.groups); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, g := range t.groups {
		for _, i := range g.Items {
			if i.ID == "" || i.Article == "" || i.Vi == "" || i.En == "" || seen[i.ID] {
				return nil, fault.New(fault.Invalid, "checklists.yaml: group %s: item %q needs an id of its own, article, vi and en", g.ID, i.ID)
			}
			if _, _, ok := requirementOf(i.ID); ok {
				return nil, fault.New(fault.Invalid, "checklists.yaml: group %s: an id has no slash: %q", g.ID, i.ID)
			}
			seen[i.ID] = true
		}
	}
	for _, k := range []Kind{Inspection, Self, Independent, Pentest, Device} {
		if len(t.asked(k)) == 0 {
			return nil, fault.New(fault.Invalid, "checklists.yaml: nothing is asked at visits of the kind %s", k)
		}
	}
	return t, nil
}

// Replaces checks tables that are to stand in place of the shipped ones: answers of
// visits refer to items. Errors: Invalid.
func (t *Tables) Replaces() error {
	shipped, err := ReadTables(Files())
	if err != nil {
		return err
	}
	return module.Kept("checklists.yaml", shipped.items(), t.items())
}

func (t *Tables) items() (list []string) {
	for _, g := range t.groups {
		for _, i := range g.Items {
			list = append(list, i.ID)
		}
	}
	return list
}

// asked are the groups a kind of visit asks.
func (t *Tables) asked(k Kind) (list []Group) {
	for _, g := range t.groups {
		if slices.Contains(g.Kinds, k) {
			list = append(list, g)
		}
	}
	return list
}

// asks tells whether a kind of visit asks the item.
func (t *Tables) asks(k Kind, item string) bool {
	return slices.ContainsFunc(t.asked(k), func(g Group) bool {
		return slices.ContainsFunc(g.Items, func(i Asked) bool { return i.ID == item })
	})
}

// keepers are those that people write with a visit.
func (f *Facts) keepers() []Keeper {
	list := []Keeper{{Monitors, f.Monitor, "these systems"}}
	for _, x := range f.Systems {
		list = append(list, Keeper{Operates, x.Operator, x.Name})
	}
	return list
}

// independent refuses an assessor who is one of the keepers.
func (t *Tables) independent(f *Facts, keepers []Keeper) error {
	if f.Assessor == "" {
		return bad("assessor", "say which organisation assesses")
	}
	same := func(name string) bool {
		name = module.OneLine(name)
		return name != "" && module.Fold(name) == module.Fold(f.Assessor)
	}
	for _, k := range keepers {
		if same(k.Name) {
			return fault.New(fault.Invalid, "assessor: %s also %s %s, so the assessment would not be independent (%s); choose another organisation or another kind", f.Assessor, k.Role, k.Of, t.independence.Basis).
				WithCode("assessment.not-independent").OnField("body.assessor")
		}
	}
	return nil
}

// early tells whether a visit would begin sooner after the notice than the law allows, and
// by which rule. Units assess themselves, and bring devices, whenever they like.
func (t *Tables) early(f *Facts, noticed time.Time) (noticeRule, bool) {
	rule := t.other
	if f.AfterIncident {
		rule = t.afterIncident
	}
	if f.Kind == Self || f.Kind == Device {
		return rule, false
	}
	return rule, f.StartsAt.Before(noticed.Add(time.Duration(rule.Hours) * time.Hour))
}
