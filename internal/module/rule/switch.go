package rule

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Switch says that a rule is off for a unit and those below it; for the centre's
// unit, for everybody.
type Switch struct {
	RuleID string
	Unit   event.UnitID
	Reason string
	By     string
	At     time.Time
}

// Units knows the tree of units.
type Units interface {
	Name(event.UnitID) string
	Exists(event.UnitID) bool
	// Below returns the units under one, without it.
	Below(event.UnitID) []event.UnitID
}

const (
	maxReason = 500 // characters
	// MaxSwitched bounds the rules of one request.
	MaxSwitched = 500
)

// Load reads the switches; before the rules are loaded first.
func (s *Service) Load(ctx context.Context) error {
	all, err := s.store.switches(ctx)
	if err != nil {
		return err
	}
	s.switches.Store(&all)
	return nil
}

// Off returns which rules are off and for whom, as the tree of units is now.
func (s *Service) Off() map[string]*detect.Off {
	out := map[string]*detect.Off{}
	for _, x := range *s.switches.Load() {
		o := out[x.RuleID]
		if o == nil {
			o = &detect.Off{Units: map[event.UnitID]bool{}}
			out[x.RuleID] = o
		}
		if x.Unit == event.CentreUnit {
			o.Everywhere = true
			continue
		}
		o.Units[x.Unit] = true
		for _, u := range s.units.Below(x.Unit) {
			o.Units[u] = true
		}
	}
	return out
}

// visible returns, by rule, the switches that p may know of: the centre's, those of
// units p sees and those that p's unit is below.
func (s *Service) visible(p module.Principal) map[string][]Switch {
	out := map[string][]Switch{}
	may := map[event.UnitID]bool{event.CentreUnit: true}
	for _, x := range *s.switches.Load() {
		ok, known := may[x.Unit]
		if !known {
			ok = p.Sees(x.Unit) || slices.Contains(s.units.Below(x.Unit), p.Unit)
			may[x.Unit] = ok
		}
		if ok {
			out[x.RuleID] = append(out[x.RuleID], x)
		}
	}
	return out
}

// SwitchRequest says which rules to switch, where and why.
type SwitchRequest struct {
	IDs     []string
	Enabled bool
	Unit    event.UnitID // "": the principal's own
	Reason  string
}

// Switch switches rules off or on again for a unit and those below it, and puts
// that in force. It returns how many changed. Errors: Denied, Invalid, NotFound for
// a rule that is not loaded and for a unit the principal does not see.
func (s *Service) Switch(ctx context.Context, r SwitchRequest) (int, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRuleSwitch); err != nil {
		return 0, err
	}
	if r.Unit == "" {
		r.Unit = p.Unit
	}
	r.Reason = strings.TrimSpace(r.Reason)
	switch n := utf8.RuneCountInString(r.Reason); {
	case !p.Sees(r.Unit) || !s.units.Exists(r.Unit):
		return 0, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
	case len(r.IDs) == 0 || len(r.IDs) > MaxSwitched:
		return 0, fault.New(fault.Invalid, "ids: between one rule and %d", MaxSwitched).OnField("body.ids")
	case n < 3 || n > maxReason:
		return 0, fault.New(fault.Invalid, "reason: say why, in 3 to %d characters; others will ask", maxReason).WithCode("rule.reason-required").OnField("body.reason")
	}
	set, _ := s.catalogue.Current()
	for _, id := range r.IDs {
		if set.Rule(id) == nil {
			return 0, fault.New(fault.NotFound, "no rule %s is loaded", id).WithCode("rule.unknown").OnField("body.ids")
		}
	}
	changed := 0
	err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		changed = 0
		for _, id := range r.IDs {
			var did bool
			var err error
			if r.Enabled {
				did, err = s.store.on(ctx, tx, id, r.Unit)
			} else {
				did, err = s.store.off(ctx, tx, Switch{RuleID: id, Unit: r.Unit, Reason: r.Reason, By: p.Name, At: s.now()})
			}
			if err != nil {
				return err
			}
			if !did {
				continue
			}
			changed++
			action := map[bool]string{true: "rule.enable", false: "rule.disable"}[r.Enabled]
			if err := s.trail.Append(ctx, tx, module.Entry{Action: action, Object: "rule:" + id, Detail: map[string]string{
				"unit": string(r.Unit), "reason": r.Reason, "title": set.Rule(id).Title,
			}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || changed == 0 {
		return changed, err
	}
	if err := s.Load(ctx); err != nil {
		return changed, err
	}
	s.catalogue.Switched()
	return changed, nil
}

// unitsChanged works out anew for whom rules are off when the tree of units has
// changed.
func (s *Service) unitsChanged(context.Context, module.Fact) error {
	s.catalogue.Switched()
	return nil
}
