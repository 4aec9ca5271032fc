package dossier

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

//go:embed data
var data embed.FS

// Procedure is who does what with a dossier of one level.
type Procedure struct {
	Level     int         `yaml:"level"`
	Article   string      `yaml:"article"`
	By        level.Words `yaml:"by"`
	Appraiser level.Words `yaml:"appraiser"`
	Approver  level.Words `yaml:"approver"`
	Days      struct {
		Check    int `yaml:"check"`
		Appraise int `yaml:"appraise"`
		Approve  int `yaml:"approve"`
	} `yaml:"days"` // working days; 0: none set
	Parts   []string `yaml:"parts"`   // files it must have
	Outside bool     `yaml:"outside"` // a ministry appraises: its paper is entered
	Address struct {
		Appraiser string `yaml:"appraiser"`
		Approver  string `yaml:"approver"` // "": the owner by its name
	} `yaml:"address"`
	Forms []Form `yaml:"forms"`
}

// Form is a paper of the procedure: a template of module document.
type Form struct {
	ID string  `yaml:"id"`
	By string  `yaml:"by"` // who issues it: operator, appraiser, owner
	At []State `yaml:"at"` // when it is written
}

var issuers = []string{"operator", "appraiser", "owner"}

// Replaces checks a law that is to stand in place of the shipped one. Errors: Invalid.
func (l *Law) Replaces() error {
	has, err := shipped()
	if err != nil {
		return err
	}
	if err := module.Kept("parts.yaml", has.partIDs(), l.partIDs()); err != nil {
		return err
	}
	return module.Known("procedure.yaml", has.formIDs(), l.formIDs())
}

func (l *Law) partIDs() (list []string) {
	for _, p := range l.parts {
		list = append(list, p.ID)
	}
	return list
}

func (l *Law) formIDs() (list []string) {
	for level := 1; level <= 5; level++ {
		for _, f := range l.procedures[level].Forms {
			list = append(list, f.ID)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// days of a clock.
func (p *Procedure) days(c Clock) int {
	return map[Clock]int{ClockCheck: p.Days.Check, ClockAppraise: p.Days.Appraise, ClockApprove: p.Days.Approve}[c]
}

// Part is a part of a dossier.
type Part struct {
	ID          string `yaml:"id"`
	Article     string `yaml:"article"`
	Made        bool   `yaml:"made"`
	Needs       []Need `yaml:"needs"`
	level.Words `yaml:",inline"`
}

// Need is a field of papers without which a part is not complete.
type Need struct {
	Field       string `yaml:"field"`
	Where       string `yaml:"where"` // it is entered: system, inventory, unit
	Other       bool   `yaml:"other"` // only where somebody else than the owner operates the system
	level.Words `yaml:",inline"`
}

// Law is who does what with a dossier, and the criteria of levels.
type Law struct {
	procedures map[int]Procedure
	parts      []Part
	levels     *level.Book
}

// Files is what is shipped, beside the criteria of package level.
func Files() fs.FS { return module.Folder(data, "data") }

func shipped() (*Law, error) {
	levels, err := level.Shipped()
	if err != nil {
		return nil, err
	}
	return ReadLaw(Files(), levels)
}

// ReadLaw reads parts.yaml and procedure.yaml. Errors name the file and the row.
func ReadLaw(files fs.FS, levels *level.Book) (*Law, error) {
	l := &Law{procedures: map[int]Procedure{}, levels: levels}
	if err := config.LoadFS(files, "parts.yaml", &l.parts); err != nil {
		return nil, err
	}
	known := described()
	for _, p := range l.parts {
		for _, n := range p.Needs {
			if _, ok := known[n.Field]; !ok || !slices.Contains([]string{"system", "inventory", "unit"}, n.Where) {
				return nil, fmt.Errorf("parts.yaml: part %s: the register has no field %q, or %q is not system, inventory or unit", p.ID, n.Field, n.Where)
			}
		}
	}
	var list []Procedure
	if err := config.LoadFS(files, "procedure.yaml", &list); err != nil {
		return nil, err
	}
	for _, p := range list {
		for _, part := range p.Parts {
			if i := slices.IndexFunc(l.parts, func(x Part) bool { return x.ID == part }); i < 0 || l.parts[i].Made {
				return nil, fmt.Errorf("procedure.yaml: level %d: no file %q in parts.yaml", p.Level, part)
			}
		}
		for _, f := range p.Forms {
			if !slices.Contains(issuers, f.By) {
				return nil, fmt.Errorf("procedure.yaml: level %d: form %s: by is %q, not one of %v", p.Level, f.ID, f.By, issuers)
			}
			for _, at := range f.At {
				if !slices.Contains(States(), at) {
					return nil, fmt.Errorf("procedure.yaml: level %d: form %s: no state %q", p.Level, f.ID, at)
				}
			}
		}
		l.procedures[p.Level] = p
	}
	for n := 1; n <= 5; n++ {
		if l.procedures[n].Approver.Vi == "" {
			return nil, fmt.Errorf("procedure.yaml: level %d is missing", n)
		}
	}
	return l, nil
}

// Item is one line of the completeness check.
type Item struct {
	Part Part
	OK   bool
	Why  string // ready, missing, expired, open, gaps
	// Lacks is what the register does not say yet.
	Lacks []Need
}

// lacks are the needs of a part that values do not meet.
func (p *Part) lacks(d *Dossier, values paper.Values) (list []Need) {
	for _, n := range p.Needs {
		if n.Other && d.operatedByOwner() {
			continue
		}
		switch v := values[n.Field].(type) {
		case string:
			if v != "" {
				continue
			}
		case paper.Rows:
			if len(v) > 0 {
				continue
			}
		}
		list = append(list, n)
	}
	return list
}

// checklist tells part by part whether the dossier is complete; without values what the
// register says is not looked at.
func (l *Law) checklist(d *Dossier, files []File, today string, values paper.Values) ([]Item, error) {
	c := l.levels.Of(d.Criteria)
	if c == nil {
		return nil, fmt.Errorf("dossier %s: no criteria %q", d.ID, d.Criteria)
	}
	r, err := c.Judge(d.Answers)
	if err != nil {
		return nil, err
	}
	needed := l.procedures[max(r.Level, 1)].Parts
	var items []Item
	for _, p := range l.parts {
		item := Item{Part: p, OK: true, Why: "ready"}
		switch {
		case p.ID == "justification" && !r.Complete():
			item.OK, item.Why = false, "open"
		case p.Made && values != nil:
			if item.Lacks = p.lacks(d, values); len(item.Lacks) > 0 {
				item.OK, item.Why = false, "gaps"
			}
		case !p.Made && !slices.Contains(needed, p.ID):
			continue
		case !p.Made:
			item.OK, item.Why = false, "missing"
			for _, f := range files {
				if f.Part == p.ID && (f.Expires == "" || string(f.Expires) >= today) {
					item.OK, item.Why = true, "ready"
					break
				}
				if f.Part == p.ID {
					item.Why = "expired"
				}
			}
		}
		items = append(items, item)
	}
	return items, nil
}
