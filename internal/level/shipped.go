package level

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
)

//go:embed data/*.yaml
var data embed.FS

// Current is the criteria in force; Transition those of levels set before.
const (
	Current    = "nd331-2026"
	Transition = "nd85-2016"
)

// Book is the criteria and triggers that are shipped.
type Book struct {
	Criteria []Criteria // those in force first
	Triggers []Trigger
}

// Files is what is shipped.
func Files() fs.FS {
	files, err := fs.Sub(data, "data")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return files
}

// Shipped reads what is shipped.
func Shipped() (*Book, error) { return Read(Files()) }

// Read reads criteria and triggers. An error names the file and the row.
func Read(files fs.FS) (*Book, error) {
	b := &Book{}
	for _, id := range []string{Current, Transition} {
		var c Criteria
		if err := config.LoadFS(files, id+".yaml", &c); err != nil {
			return nil, err
		}
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("%s.yaml: %w", id, err)
		}
		if c.ID != id {
			return nil, fmt.Errorf("%s.yaml: its id is %q", id, c.ID)
		}
		b.Criteria = append(b.Criteria, c)
	}
	if err := config.LoadFS(files, "triggers.yaml", &b.Triggers); err != nil {
		return nil, err
	}
	for i, t := range b.Triggers {
		if t.ID == "" || t.Article == "" || t.Vi == "" || t.En == "" {
			return nil, fmt.Errorf("triggers.yaml: row %d needs id, article, vi and en", i+1)
		}
	}
	return b, nil
}

// Replaces checks a book that is to stand in place of the shipped one: answers that are
// stored refer to its questions, answers and triggers, so each must still be there.
func (b *Book) Replaces() error {
	shipped, err := Shipped()
	if err != nil {
		return err
	}
	now := b.ids()
	for _, id := range shipped.ids() {
		if !slices.Contains(now, id) {
			return fault.New(fault.Invalid, "%s is gone; what is stored refers to it, so keep the row and change its words", id)
		}
	}
	return nil
}

// ids names every row, with its file.
func (b *Book) ids() (list []string) {
	for _, c := range b.Criteria {
		for _, q := range c.Questions {
			list = append(list, c.ID+".yaml: question "+q.ID)
			for _, a := range q.Answers {
				list = append(list, c.ID+".yaml: answer "+a.ID+" of question "+q.ID)
			}
		}
	}
	for _, t := range b.Triggers {
		list = append(list, "triggers.yaml: trigger "+t.ID)
	}
	return list
}

// Trigger returns the trigger with an id, nil if there is none.
func (b *Book) Trigger(id string) *Trigger {
	i := slices.IndexFunc(b.Triggers, func(t Trigger) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &b.Triggers[i]
}

// Of returns the criteria with an id, nil if there are none.
func (b *Book) Of(id string) *Criteria {
	i := slices.IndexFunc(b.Criteria, func(c Criteria) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &b.Criteria[i]
}

// check returns what is wrong with a questionnaire.
func (c *Criteria) check() error {
	known := map[string][]string{} // answers by question
	for _, q := range c.Questions {
		if q.ID == "" || q.Article == "" || q.Vi == "" || q.En == "" || known[q.ID] != nil {
			return fmt.Errorf("question %q needs an id of its own, article, vi and en", q.ID)
		}
		if q.When != nil {
			for _, a := range q.When.Answers {
				if !slices.Contains(known[q.When.Question], a) {
					return fmt.Errorf("question %s: no earlier answer %s of %s", q.ID, a, q.When.Question)
				}
			}
		}
		ids, err := q.check()
		if err != nil {
			return fmt.Errorf("question %s: %w", q.ID, err)
		}
		known[q.ID] = ids
	}
	return nil
}

func (q *Question) check() ([]string, error) {
	ids := []string{}
	for _, a := range q.Answers {
		if a.ID == "" || slices.Contains(ids, a.ID) || a.Vi == "" || a.En == "" || a.Level < 0 || a.Level > 5 || a.Level > 0 && a.Article == "" {
			return nil, fmt.Errorf("answer %q needs an id of its own, vi, en and, with a level of 1 to 5, its article", a.ID)
		}
		ids = append(ids, a.ID)
	}
	last := int64(0)
	for _, r := range q.Ranges {
		if r.From <= last || r.Level < 1 || r.Level > 5 || r.Article == "" || r.Vi == "" || r.En == "" {
			return nil, fmt.Errorf("the range from %d must begin above %d and have level, article, vi and en", r.From, last)
		}
		last = r.From
	}
	if (q.Kind == Number) == (len(q.Ranges) == 0) || (q.Kind == One || q.Kind == Many) == (len(q.Answers) == 0) {
		return nil, fmt.Errorf("a question of kind %q has ranges (number) or answers (one, many)", q.Kind)
	}
	return ids, nil
}
