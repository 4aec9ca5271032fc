package advisory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// FactMatched tells that exploited vulnerabilities concern units; its body is a
// [Matched].
const FactMatched module.FactKind = "advisory.matched"

// Matched is the body of a FactMatched.
type Matched struct {
	Vulnerabilities []string       `json:"vulnerabilities"` // at most 100
	Units           []event.UnitID `json:"units"`
	Certain         bool           `json:"certain"` // for at least one
}

const maxTold = 100

// tell emits facts about matches that are new, where the vulnerability is known to
// be exploited: one for all, so that an import is one message. It returns how many
// units match anew, whatever they match.
func (s *Service) tell(ctx context.Context, tx bun.Tx, fresh []matchRow) (int, error) {
	units, about := map[string]bool{}, map[string]bool{}
	for _, m := range fresh {
		units[m.Unit], about[m.Vulnerability] = true, true
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	rows, err := s.store.vulnerabilities(ctx, tx, slices.Sorted(maps.Keys(about)))
	if err != nil {
		return 0, err
	}
	var body Matched
	exposed := map[event.UnitID]bool{}
	named := map[string]bool{}
	for _, m := range fresh {
		if r := rows[m.Vulnerability]; r != nil && r.KEV {
			exposed[event.UnitID(m.Unit)], named[m.Vulnerability] = true, true
			body.Certain = body.Certain || m.Certain
		}
	}
	if len(named) == 0 {
		return len(units), nil
	}
	body.Units, body.Vulnerabilities = slices.Sorted(maps.Keys(exposed)), slices.Sorted(maps.Keys(named))
	first := body.Vulnerabilities[0]
	n := module.Notice{Kind: string(FactMatched), Level: "high", Object: "vulnerability:" + first}
	if body.Certain {
		n.Level = "critical"
	}
	if len(named) == 1 {
		n.TitleVi = fmt.Sprintf("Lỗ hổng đang bị khai thác %s liên quan %d đơn vị", first, len(exposed))
		n.Title = fmt.Sprintf("The exploited vulnerability %s concerns %d units", first, len(exposed))
	} else {
		n.TitleVi = fmt.Sprintf("%d lỗ hổng đang bị khai thác liên quan %d đơn vị (%s…)", len(named), len(exposed), first)
		n.Title = fmt.Sprintf("%d exploited vulnerabilities concern %d units (%s…)", len(named), len(exposed), first)
	}
	body.Vulnerabilities = body.Vulnerabilities[:min(len(body.Vulnerabilities), maxTold)]
	fact, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	told, err := n.Fact(event.CentreUnit)
	if err != nil {
		return 0, err
	}
	return len(units), module.Emit(ctx, tx, []module.Fact{{Kind: FactMatched, Unit: event.CentreUnit, Body: fact}, told})
}
