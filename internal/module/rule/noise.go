package rule

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Noise tells what rules' alerts cost people, as far as ctx's principal sees them.
type Noise interface {
	// Shares counts, by rule, the alerts made since a time and how they ended.
	Shares(ctx context.Context, since time.Time) (map[string]Share, error)
	NoiseOf(ctx context.Context, rule string, since time.Time) (RuleNoise, error)
}

// Exclusions knows what is left out of rules on purpose; nil: nothing is.
type Exclusions interface {
	// InEffect lists the exclusions of a rule that are in force, as far as ctx's
	// principal sees them.
	InEffect(ctx context.Context, rule string) ([]Exclusion, error)
}

// Exclusion is one of them.
type Exclusion struct {
	ID, Title string
	Unit      event.UnitID
	Until     time.Time
}

// Share is how alerts ended.
type Share struct {
	Alerts, Closed, FalsePositive int64
}

// RuleNoise is what one rule's alerts cost.
type RuleNoise struct {
	Days             []NoiseDay
	ByReason         map[string]int64
	Units            []NoiseUnit
	Entities         []NoiseEntity
	Alerts, Findings int64
	MedianToClose    time.Duration
	Judged           int64 // closings the median is of
}

// NoiseDay counts the alerts made on a day.
type NoiseDay struct {
	Day   time.Time
	Count int64
}

// NoiseUnit counts the alerts of a unit.
type NoiseUnit struct {
	Unit  event.UnitID
	Name  string
	Count int64
}

// NoiseEntity counts the alerts about one host, account or address.
type NoiseEntity struct {
	Field, Value         string
	Count, FalsePositive int64
}

// noiseDays is how far back the noise of a rule is counted.
const noiseDays = 30

// Noise returns what a rule's alerts of the last thirty days cost, and what is left
// out of it on purpose. Errors: Denied, NotFound.
func (s *Service) Noise(ctx context.Context, id string) (RuleNoise, []Exclusion, time.Time, error) {
	since := s.now().AddDate(0, 0, -noiseDays)
	p := module.PrincipalOf(ctx)
	for _, a := range []module.Action{module.ActionRuleRead, module.ActionAlertRead} {
		if err := p.Require(a); err != nil {
			return RuleNoise{}, nil, since, err
		}
	}
	if set, _ := s.catalogue.Current(); set.Rule(id) == nil {
		return RuleNoise{}, nil, since, fault.New(fault.NotFound, "no such rule is loaded").WithCode("rule.unknown")
	}
	n, err := s.noise.NoiseOf(ctx, id, since)
	if err != nil || s.exclusions == nil {
		return n, nil, since, err
	}
	in, err := s.exclusions.InEffect(ctx, id)
	return n, in, since, err
}

// RuleNoiseView is what a rule's alerts cost people.
type RuleNoiseView struct {
	Since          module.Time           `json:"since"`
	Alerts         int64                 `json:"alerts" doc:"made since then, of the units the caller sees"`
	Findings       int64                 `json:"findings" doc:"counted in them"`
	Days           []RuleTestDayView     `json:"days" nullable:"false" doc:"days of UTC+7 with alerts, in order"`
	Closed         int64                 `json:"closed"`
	FalsePositive  int64                 `json:"falsePositive" doc:"of the closed"`
	TruePositive   int64                 `json:"truePositive"`
	MedianToCloseS *float64              `json:"medianToCloseSeconds" doc:"null: none was closed"`
	Judged         int64                 `json:"judged" doc:"closings the median is of"`
	Units          []RuleNoiseUnitView   `json:"units" nullable:"false" doc:"with most alerts"`
	Entities       []RuleNoiseEntityView `json:"entities" nullable:"false" doc:"with most alerts"`
	Exclusions     []RuleExclusionView   `json:"exclusions" nullable:"false" doc:"in force for the rule"`
}

// RuleNoiseUnitView counts the alerts of a unit.
type RuleNoiseUnitView struct {
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	Count    int64        `json:"count"`
}

// RuleNoiseEntityView counts the alerts about an entity.
type RuleNoiseEntityView struct {
	Field         string `json:"field"`
	Value         string `json:"value"`
	Count         int64  `json:"count"`
	FalsePositive int64  `json:"falsePositive"`
}

// RuleExclusionView is an exclusion in force.
type RuleExclusionView struct {
	ID    string       `json:"id"`
	Title string       `json:"title"`
	Unit  event.UnitID `json:"unit"`
	Until *module.Time `json:"until"`
}

func newNoiseView(n *RuleNoise, in []Exclusion, since time.Time) RuleNoiseView {
	v := RuleNoiseView{
		Since: module.Time{Time: since}, Alerts: n.Alerts, Findings: n.Findings, Days: []RuleTestDayView{}, Judged: n.Judged,
		FalsePositive: n.ByReason["false_positive"], TruePositive: n.ByReason["true_positive"],
		Units: []RuleNoiseUnitView{}, Entities: []RuleNoiseEntityView{}, Exclusions: []RuleExclusionView{},
	}
	for _, c := range n.ByReason {
		v.Closed += c
	}
	if n.Judged > 0 {
		seconds := n.MedianToClose.Seconds()
		v.MedianToCloseS = &seconds
	}
	for _, d := range n.Days {
		v.Days = append(v.Days, RuleTestDayView{d.Day.Format(time.DateOnly), d.Count})
	}
	for _, u := range n.Units {
		v.Units = append(v.Units, RuleNoiseUnitView{u.Unit, u.Name, u.Count})
	}
	for _, e := range n.Entities {
		v.Entities = append(v.Entities, RuleNoiseEntityView(e))
	}
	for _, x := range in {
		v.Exclusions = append(v.Exclusions, RuleExclusionView{x.ID, x.Title, x.Unit, module.TimeOrNil(x.Until)})
	}
	return v
}

func (s *Service) noiseRoutes(api huma.API) {
	type byID struct {
		ID string `path:"id" maxLength:"200"`
	}
	type answer struct{ Body RuleNoiseView }
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "rule-noise", Method: http.MethodGet, Path: "/rules/{id}/noise", Tags: []string{"rules"},
		Summary: "What a rule's alerts of the last 30 days cost people",
	}), func(ctx context.Context, in *byID) (*answer, error) {
		n, excluded, since, err := s.Noise(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer{newNoiseView(&n, excluded, since)}, nil
	})
}
