package readiness

import (
	"slices"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// ReadinessSystemView names a system.
type ReadinessSystemView struct {
	System   string       `json:"system"`
	Code     string       `json:"code"`
	Title    string       `json:"title"`
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	Level    int          `json:"level" doc:"approved; 0: not yet"`
	State    string       `json:"state"`
}

// LayerModelView is the four-layer model with the numbers of its tests.
type LayerModelView struct {
	Basis           string `json:"basis"`
	Verify          string `json:"verify" doc:"what is to be checked against the published text"`
	MinShare        int    `json:"minShare" doc:"percent of assets that are monitored"`
	CycleMonths     int    `json:"cycleMonths" doc:"of the assessment, at the level of the system"`
	MonitoringHours int    `json:"monitoringHours"`
	MalwareHours    int    `json:"malwareHours"`
}

// SystemLayersView is how a system stands to the four layers.
type SystemLayersView struct {
	ReadinessSystemView
	Model      LayerModelView      `json:"model"`
	Layers     []LayerStandingView `json:"layers" nullable:"false"`
	MayDeclare bool                `json:"mayDeclare"`
}

// LayerStandingView is one layer.
type LayerStandingView struct {
	Layer     int                 `json:"layer" minimum:"1" maximum:"4"`
	Vi        string              `json:"vi"`
	Name      string              `json:"name"`
	Done      bool                `json:"done"`
	Missing   []string            `json:"missing" nullable:"false" doc:"codes of what is missing"`
	Inherited bool                `json:"inherited" doc:"what is written of the unit holds, for nothing is written of the system itself"`
	Facts     *LayerFacts         `json:"facts,omitempty"`
	By        *module.PersonView  `json:"by,omitempty"`
	At        *module.Time        `json:"at,omitempty"`
	Until     string              `json:"until" doc:"of layer 3: the last day of the cycle"`
	Feeds     *ReadinessFeedsView `json:"feeds,omitempty" doc:"of layer 4"`
	Version   int64               `json:"version" doc:"of what is written of the subject itself; 0: nothing"`
}

// ReadinessFeedsView is when a unit's feeds were last heard.
type ReadinessFeedsView struct {
	Monitoring *module.Time `json:"monitoring,omitempty"`
	Malware    *module.Time `json:"malware,omitempty"`
	At         *module.Time `json:"at,omitempty" doc:"when that was looked at; absent: not yet"`
}

func (f Feeds) view() *ReadinessFeedsView {
	return &ReadinessFeedsView{module.TimeOrNil(f.Monitoring), module.TimeOrNil(f.Malware), module.TimeOrNil(f.At)}
}

func (s *Service) systemView(r *module.Registered) ReadinessSystemView {
	return ReadinessSystemView{r.ID, r.Code, r.Name, r.Unit, s.Units.Name(r.Unit), r.Level, r.State}
}

func (s *Service) modelView(level int) LayerModelView {
	m := s.Model
	return LayerModelView{m.Basis, m.Verify, m.MinShare, m.CycleMonths[max(level, 1)], m.MonitoringHours, m.MalwareHours}
}

func (s *Service) layerView(n int, holds, own *Layer) LayerStandingView {
	name := s.Model.Layers[n-1]
	v := LayerStandingView{Layer: n, Vi: name.Vi, Name: name.En, Missing: []string{}, Inherited: holds != nil && own == nil}
	if holds != nil {
		v.Facts, v.By, v.At = &holds.Facts, &module.PersonView{ID: holds.By.ID, DisplayName: holds.By.Name}, module.TimeOrNil(holds.By.At)
	}
	if own != nil {
		v.Version = own.Version
	}
	return v
}

func (s *Service) layersView(p module.Principal, x *Standing) SystemLayersView {
	v := SystemLayersView{ReadinessSystemView: s.systemView(&x.Registered), Model: s.modelView(x.Around.Level),
		MayDeclare: p.Can(module.ActionReadinessDeclare, x.Unit) || p.Can(module.ActionReadinessDeclare, x.Operator)}
	v.Layers = s.standingViews(&x.Around, x.Own, x.Missing)
	return v
}

// LayerOverviewView is how units stand to the four layers.
type LayerOverviewView struct {
	Model   LayerModelView     `json:"model"`
	Systems int                `json:"systems"`
	Done    []int              `json:"done" nullable:"false" doc:"systems whose layer 1 to 4 is done"`
	All     int                `json:"all" doc:"systems all of whose layers are done"`
	Units   []LayerUnitView    `json:"units" nullable:"false"`
	Lacking []LayerLackingView `json:"lacking" nullable:"false" doc:"systems that lack something, at most 500"`
}

// LayerUnitView is a unit's row.
type LayerUnitView struct {
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	Systems  int          `json:"systems"`
	Done     []int        `json:"done" nullable:"false"`
	All      int          `json:"all"`
}

// LayerLackingView is a system that lacks something.
type LayerLackingView struct {
	ReadinessSystemView
	Missing [][]string `json:"missing" nullable:"false" doc:"of layers 1 to 4"`
}

const maxLacking = 500

func (s *Service) overviewView(list []Standing) LayerOverviewView {
	v := LayerOverviewView{Model: s.modelView(1), Systems: len(list), Done: make([]int, 4), Units: []LayerUnitView{}, Lacking: []LayerLackingView{}}
	units := map[event.UnitID]int{}
	for i := range list {
		x := &list[i]
		at, known := units[x.Unit]
		if !known {
			at = len(v.Units)
			units[x.Unit] = at
			v.Units = append(v.Units, LayerUnitView{Unit: x.Unit, UnitName: s.Units.Name(x.Unit), Done: make([]int, 4)})
		}
		u := &v.Units[at]
		u.Systems++
		all := true
		missing := make([][]string, 4)
		for n := range 4 {
			missing[n] = module.OrEmpty(x.Missing[n])
			if len(missing[n]) == 0 {
				u.Done[n]++
				v.Done[n]++
			} else {
				all = false
			}
		}
		if all {
			u.All++
			v.All++
		} else if len(v.Lacking) < maxLacking {
			v.Lacking = append(v.Lacking, LayerLackingView{s.systemView(&x.Registered), missing})
		}
	}
	slices.SortStableFunc(v.Units, func(a, b LayerUnitView) int { return (b.Systems - b.All) - (a.Systems - a.All) })
	return v
}

// UnitLayersView is what is written of a unit's layers; it holds for its systems of
// which nothing else is written.
type UnitLayersView struct {
	Unit       event.UnitID        `json:"unit"`
	UnitName   string              `json:"unitName"`
	Systems    int                 `json:"systems" doc:"that it owns or operates"`
	Level      int                 `json:"level" doc:"the highest of them; 0: none yet"`
	Model      LayerModelView      `json:"model"`
	Layers     []LayerStandingView `json:"layers" nullable:"false"`
	MayDeclare bool                `json:"mayDeclare"`
}

func (s *Service) unitLayersView(p module.Principal, x *UnitStanding) UnitLayersView {
	v := UnitLayersView{Unit: x.Unit, UnitName: s.Units.Name(x.Unit), Systems: x.Systems, Level: x.Level, Model: s.modelView(x.Level), MayDeclare: p.Can(module.ActionReadinessDeclare, x.Unit)}
	v.Layers = s.standingViews(&x.Around, x.Layers, x.Missing)
	return v
}

// standingViews are the four layers, of which own is written of the subject itself.
func (s *Service) standingViews(a *Around, own [4]*Layer, missing [4][]string) (list []LayerStandingView) {
	for i := range 4 {
		l := s.layerView(i+1, a.Layers[i], own[i])
		l.Missing, l.Done = module.OrEmpty(missing[i]), len(missing[i]) == 0
		list = append(list, l)
	}
	list[2].Until = string(a.NextAssessment())
	list[3].Feeds = a.Feeds.view()
	return list
}

// GateView is what stands between a system and its operation.
type GateView struct {
	ReadinessSystemView
	Open        bool                `json:"open" doc:"it may go into operation"`
	Uncovered   bool                `json:"uncovered" doc:"it operates though something stands against it that no decision in force covers"`
	Conditions  []GateConditionView `json:"conditions" nullable:"false"`
	Overrides   []OverrideView      `json:"overrides" nullable:"false" doc:"decisions, the one in force too"`
	MayOverride bool                `json:"mayOverride"`
}

// GateConditionView is one thing a system needs before operation.
type GateConditionView struct {
	Code  string `json:"code" enum:"level,regulation,deployment"`
	Basis string `json:"basis"`
	Met   bool   `json:"met"`
	Value string `json:"value" doc:"what the register says"`
	// A condition that was lost after the decision is not covered by it.
	Covered bool `json:"covered" doc:"the decision in force lets it operate without this"`
}

// OverrideView is a decision that lets a system into operation without all it needs.
type OverrideView struct {
	ID        string            `json:"id"`
	System    string            `json:"system"`
	Code      string            `json:"code"`
	Title     string            `json:"title"`
	Unit      event.UnitID      `json:"unit"`
	UnitName  string            `json:"unitName"`
	Missing   []string          `json:"missing" nullable:"false"`
	Decider   string            `json:"decider"`
	Document  string            `json:"document"`
	Reason    string            `json:"reason"`
	Until     string            `json:"until"`
	Holds     bool              `json:"holds"`
	Soon      bool              `json:"soon" doc:"it ends within 14 days"`
	By        module.PersonView `json:"by"`
	At        module.Time       `json:"at"`
	EndedAt   *module.Time      `json:"endedAt,omitempty"`
	EndedBy   string            `json:"endedBy"`
	EndReason string            `json:"endReason"`
}

func (s *Service) overrideView(o *Override) OverrideView {
	today := module.DateOf(s.Now())
	return OverrideView{o.ID, o.System, o.Code, o.Title, o.Unit, s.Units.Name(o.Unit), module.OrEmpty(o.Missing), o.Decider, o.Document, o.Reason, string(o.Until),
		o.Holds(today), o.soon(today), module.PersonView{ID: o.By.ID, DisplayName: o.By.Name}, module.Time{Time: o.By.At},
		module.TimeOrNil(o.Ended.At), o.Ended.Name, o.EndReason}
}

// OverrideListView is which systems operate without all they need: by decision, and
// without one.
type OverrideListView struct {
	Items          []OverrideView        `json:"items" nullable:"false" doc:"decisions in force"`
	Uncovered      []UncoveredSystemView `json:"uncovered" nullable:"false" doc:"systems that operate though something stands against them that no decision in force covers, at most 500"`
	UncoveredTotal int                   `json:"uncoveredTotal" doc:"how many of those there are"`
}

// UncoveredSystemView is a system that operates though something stands against it.
type UncoveredSystemView struct {
	ReadinessSystemView
	Missing []string `json:"missing" nullable:"false" doc:"codes of what no decision in force covers"`
	Until   string   `json:"until" doc:"the last day of its last decision; empty: there was none"`
	Holds   bool     `json:"holds" doc:"that decision is in force and covers other conditions"`
	Ended   bool     `json:"ended" doc:"somebody ended that decision before its day"`
}

func (s *Service) overrideListView(list []Override, uncovered []*Gate) OverrideListView {
	v := OverrideListView{Items: make([]OverrideView, len(list)), Uncovered: []UncoveredSystemView{}, UncoveredTotal: len(uncovered)}
	for i := range list {
		v.Items[i] = s.overrideView(&list[i])
	}
	for _, g := range uncovered[:min(len(uncovered), maxLacking)] {
		x := UncoveredSystemView{ReadinessSystemView: s.systemView(&g.Registered), Missing: g.Against(), Holds: g.In != nil}
		if n := len(g.Overrides); n > 0 {
			x.Until, x.Ended = string(g.Overrides[n-1].Until), !g.Overrides[n-1].Ended.At.IsZero()
		}
		v.Uncovered = append(v.Uncovered, x)
	}
	return v
}

func (s *Service) gateView(p module.Principal, g *Gate) GateView {
	v := GateView{ReadinessSystemView: s.systemView(&g.Registered), Open: len(g.Against()) == 0, Uncovered: g.Uncovered(), Overrides: make([]OverrideView, len(g.Overrides)),
		MayOverride: p.Can(module.ActionReadinessOverride, g.Unit) && g.In == nil && len(g.unmet()) > 0}
	for _, c := range g.Conditions {
		v.Conditions = append(v.Conditions, GateConditionView{c.Code, c.Basis, c.Met, c.Value, !c.Met && g.covered(c.Code)})
	}
	for i := range g.Overrides {
		v.Overrides[i] = s.overrideView(&g.Overrides[i])
	}
	return v
}

// CriticalSystemView is a system on the list of those critical to national security,
// or on the way to it.
type CriticalSystemView struct {
	System   string             `json:"system"`
	Code     string             `json:"code"`
	Title    string             `json:"title"`
	Unit     event.UnitID       `json:"unit"`
	UnitName string             `json:"unitName"`
	State    string             `json:"state" enum:"nominated,listed,removed"`
	Steps    []CriticalStepView `json:"steps" nullable:"false"`
	Year     int                `json:"year" doc:"the last year whose self-check was asked for; 0: none"`
	Version  int64              `json:"version"`
}

// CriticalStepView is one thing that happened to it.
type CriticalStepView struct {
	State    string            `json:"state"`
	Document string            `json:"document"`
	Day      string            `json:"day"`
	Note     string            `json:"note"`
	By       module.PersonView `json:"by"`
	At       module.Time       `json:"at"`
}

func (s *Service) criticalView(c *Critical) CriticalSystemView {
	v := CriticalSystemView{c.System, c.Code, c.Title, c.Unit, s.Units.Name(c.Unit), c.State, make([]CriticalStepView, len(c.Steps)), c.Year, c.Version}
	for i, x := range c.Steps {
		v.Steps[i] = CriticalStepView{x.State, x.Document, string(x.Day), x.Note, module.PersonView{ID: x.By.ID, DisplayName: x.By.Name}, module.Time{Time: x.By.At}}
	}
	return v
}
