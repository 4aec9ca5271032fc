package app

import (
	"github.com/lachan-vn/lachan/internal/module/assessment"
	"github.com/lachan-vn/lachan/internal/module/requirement"
)

// drawnRequirements draws checklists of inspections from the catalogue of requirements.
type drawnRequirements struct{ *requirement.Service }

// Asked implements [assessment.Requirements].
func (x drawnRequirements) Asked(level int) assessment.Drawn {
	standard, items := x.Checklist(level)
	out := assessment.Drawn{Catalogue: standard.ID, Title: standard.Name}
	at := map[string]int{}
	for _, g := range standard.Groups {
		at[g.ID] = len(out.Groups)
		out.Groups = append(out.Groups, assessment.Group{ID: g.ID, Vi: g.Vi, En: g.En})
	}
	codes := map[string]string{}
	for _, g := range standard.Groups {
		codes[g.ID] = g.Codes[level]
	}
	for _, i := range items {
		article := standard.Name
		if code := codes[i.Group]; code != "" {
			article += ", " + code
		}
		g := &out.Groups[at[i.Group]]
		g.Items = append(g.Items, assessment.Asked{ID: i.ID, Article: article, Vi: i.Vi, En: i.En})
	}
	kept := out.Groups[:0]
	for _, g := range out.Groups {
		if len(g.Items) > 0 {
			kept = append(kept, g)
		}
	}
	out.Groups = kept
	return out
}
