package dossier

import (
	"bytes"
	"embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/level"
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
	At []State `yaml:"at"` // when it is written
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
	level.Words `yaml:",inline"`
}

// law is what is shipped.
type law struct {
	procedures map[int]Procedure
	parts      []Part
	levels     *level.Book
}

func shipped() (*law, error) {
	l := &law{procedures: map[int]Procedure{}}
	var err error
	if l.levels, err = level.Shipped(); err != nil {
		return nil, err
	}
	if err := readYAML("parts.yaml", &l.parts); err != nil {
		return nil, err
	}
	var list []Procedure
	if err := readYAML("procedure.yaml", &list); err != nil {
		return nil, err
	}
	for _, p := range list {
		for _, part := range p.Parts {
			if i := slices.IndexFunc(l.parts, func(x Part) bool { return x.ID == part }); i < 0 || l.parts[i].Made {
				return nil, fmt.Errorf("procedure.yaml: level %d: no file %q in parts.yaml", p.Level, part)
			}
		}
		for _, f := range p.Forms {
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

func readYAML(name string, into any) error {
	text, err := data.ReadFile("data/" + name)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Item is one line of the completeness check.
type Item struct {
	Part Part
	OK   bool
	Why  string // ready, missing, expired, open, undetermined
}

// checklist tells part by part whether the dossier is complete.
func (l *law) checklist(d *Dossier, files []File, today string) ([]Item, error) {
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
