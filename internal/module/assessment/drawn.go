package assessment

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

// Requirements are the catalogues of what is asked of systems.
type Requirements interface {
	// Asked returns what the catalogue in force asks at a level.
	Asked(level int) Drawn
}

// Drawn is a checklist that is drawn from a catalogue of requirements.
type Drawn struct {
	Catalogue string // id
	Title     string
	Groups    []Group
}

// draws tells whether visits of the kind ask the requirements of their systems.
func (k Kind) draws() bool { return k == Inspection || k == Self || k == Independent }

// verifies tells whether what the visit finds is what somebody else found: a unit that
// assesses itself does not verify what it declares.
func (k Kind) verifies() bool { return k == Inspection || k == Independent }

// requirementOf splits the id of a checklist's item that is a requirement of a system,
// as <system>/<requirement>.
func requirementOf(item string) (system, requirement string, ok bool) { return strings.Cut(item, "/") }

// asks tells whether a visit asks the item.
func (s *Service) asks(v *Visit, item string) bool {
	system, requirement, ok := requirementOf(item)
	if !ok {
		return s.Tables.asks(v.Kind, item)
	}
	at := slices.IndexFunc(v.Systems, func(x Target) bool { return x.ID == system })
	if at < 0 || s.Requirements == nil || !v.Kind.draws() || v.Systems[at].Asked == 0 {
		return false
	}
	return slices.ContainsFunc(s.Requirements.Asked(v.Systems[at].Asked).Groups, func(g Group) bool {
		return slices.ContainsFunc(g.Items, func(i Asked) bool { return i.ID == requirement })
	})
}

// drawn are the checklists of a visit, by the level its systems are asked at.
func (s *Service) drawn(v *Visit) map[int]Drawn {
	out := map[int]Drawn{}
	if s.Requirements == nil || !v.Kind.draws() {
		return out
	}
	for _, x := range v.Systems {
		if _, have := out[x.Asked]; !have && x.Asked > 0 {
			out[x.Asked] = s.Requirements.Asked(x.Asked)
		}
	}
	return out
}

// verdicts are what results of the checklist say of a requirement.
var verdicts = map[string]string{"yes": "confirmed", "partly": "refuted", "no": "refuted"}

// tellFound tells what a visit that ends found of requirements: its answers, and before
// them the findings that are not mended.
func (s *Service) tellFound(ctx context.Context, tx bun.Tx, v *Visit) error {
	found := map[string]module.VerifiedItem{}
	add := func(item, verdict, note string) {
		if system, requirement, ok := requirementOf(item); ok && verdict != "" {
			found[item] = module.VerifiedItem{System: system, Item: requirement, Verdict: verdict, Note: note}
		}
	}
	for item, a := range v.Answers {
		add(item, verdicts[a.Result], a.Note)
	}
	list, err := s.store.findingsOf(ctx, tx, v.ID)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].State != Closed {
			add(list[i].Item, "refuted", list[i].Title)
		}
	}
	var items []module.VerifiedItem
	for _, item := range slices.Sorted(maps.Keys(found)) {
		items = append(items, found[item])
	}
	return s.tellVerified(ctx, tx, v, items)
}

// tellOne tells what a finding of a visit that is over says of its requirement: that it is
// not met, or once it was closed, that what was held against it is mended.
func (s *Service) tellOne(ctx context.Context, tx bun.Tx, v *Visit, f *Finding) error {
	system, requirement, ok := requirementOf(f.Item)
	if !ok || v.State != Concluded {
		return nil
	}
	item := module.VerifiedItem{System: system, Item: requirement, Verdict: "refuted", Note: f.Title}
	if f.State == Closed {
		item.Verdict, item.Note = "", f.Recheck
	}
	return s.tellVerified(ctx, tx, v, []module.VerifiedItem{item})
}

func (s *Service) tellVerified(ctx context.Context, tx bun.Tx, v *Visit, items []module.VerifiedItem) error {
	if len(items) == 0 || !v.Kind.verifies() {
		return nil
	}
	p := module.PrincipalOf(ctx)
	x := module.Verified{Inspection: v.subject(), Unit: v.Unit, ByID: p.ID, By: p.DisplayName, At: s.Now(), Found: items}
	fact, err := x.Fact()
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{fact})
}
