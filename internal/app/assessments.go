package app

import (
	"context"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/assessment"
	"github.com/lachan-vn/lachan/internal/module/readiness"
	"github.com/lachan-vn/lachan/internal/module/requirement"
	"github.com/lachan-vn/lachan/internal/module/unit"
)

// assessedKeepers tells module assessment who owns, operates and monitors what it
// assesses: the register, and layer 2 of the four.
type assessedKeepers struct {
	ready *readiness.Service
	units *unit.Service
}

// monitoring is the layer of the organisation that monitors and protects.
const monitoring = 2

// Keepers implements [assessment.Keepers]. Whether an assessor is independent does not
// hang on what the one who prepares the visit may read.
func (k assessedKeepers) Keepers(ctx context.Context, owner event.UnitID, systems []string) (list []assessment.Keeper, err error) {
	ctx = module.WithPrincipal(ctx, module.System())
	of := func(a *readiness.Around, name string) {
		if l := a.Layers[monitoring-1]; l != nil {
			list = append(list, assessment.Keeper{Role: assessment.Monitors, Name: l.Facts.Organisation, Of: name})
		}
	}
	whole, err := k.ready.OfUnit(ctx, owner)
	if err != nil {
		return nil, err
	}
	of(&whole.Around, k.units.Name(owner))
	for _, id := range systems {
		x, err := k.ready.Of(ctx, id)
		if err != nil {
			return nil, err
		}
		of(&x.Around, x.Name)
		list = append(list, assessment.Keeper{Role: assessment.Owns, Name: k.units.Name(x.Unit), Of: x.Name}, assessment.Keeper{Role: assessment.Operates, Name: x.OperatorName, Of: x.Name})
	}
	return list, nil
}

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
