package requirement

import (
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// RequirementStandardView is a catalogue with all it asks at every level.
type RequirementStandardView struct {
	ID     string                 `json:"id"`
	Title  string                 `json:"title" doc:"the standard"`
	Vi     string                 `json:"vi"`
	Name   string                 `json:"name"`
	Since  string                 `json:"since"`
	Until  string                 `json:"until" doc:"the day its transition ends; empty: in force"`
	Source string                 `json:"source"`
	Verify string                 `json:"verify" doc:"what is to be checked against the published text"`
	Groups []RequirementGroupView `json:"groups" nullable:"false"`
	Items  []RequirementItemView  `json:"items" nullable:"false"`
}

// RequirementItemView is one requirement.
type RequirementItemView struct {
	ID      string                  `json:"id"`
	Group   string                  `json:"group"`
	Vi      string                  `json:"vi"`
	Name    string                  `json:"name"`
	Asked   []*RequirementBoundView `json:"asked" nullable:"false" doc:"at security levels 1 to 5; null: not asked"`
	Measure string                  `json:"measure" doc:"what shows by itself how it stands; empty: nothing"`
	ND331   []string                `json:"nd331" nullable:"false"`
	CIS     []string                `json:"cis" nullable:"false"`
	CSF     []string                `json:"csf" nullable:"false"`
}

// RequirementBoundView is how much is asked.
type RequirementBoundView struct {
	Op    string  `json:"op" enum:"atLeast,atMost,done"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

func (b Bound) view() *RequirementBoundView {
	if b.Op == "" {
		return &RequirementBoundView{Op: "done"}
	}
	return &RequirementBoundView{b.Op, b.Value, b.Unit}
}

func (i *Item) view() RequirementItemView {
	v := RequirementItemView{ID: i.ID, Group: i.Group, Vi: i.Vi, Name: i.En, Asked: make([]*RequirementBoundView, 5), Measure: i.Measure,
		ND331: module.OrEmpty(i.ND331), CIS: module.OrEmpty(i.CIS), CSF: module.OrEmpty(i.CSF)}
	for level := 1; level <= 5; level++ {
		if b, asked := i.Asked(level); asked {
			v.Asked[level-1] = b.view()
		}
	}
	return v
}

func (g *Group) view() RequirementGroupView {
	v := RequirementGroupView{ID: g.ID, Vi: g.Vi, Name: g.En, Levels: make([]string, 5)}
	for level, code := range g.Codes {
		v.Levels[level-1] = code
	}
	return v
}

func (s *Standard) view() RequirementStandardView {
	v := RequirementStandardView{ID: s.ID, Title: s.Name, Vi: s.Vi, Name: s.En, Since: s.Since, Until: s.Until, Source: s.Source, Verify: s.Verify}
	for i := range s.Groups {
		v.Groups = append(v.Groups, s.Groups[i].view())
	}
	for i := range s.Items {
		v.Items = append(v.Items, s.Items[i].view())
	}
	return v
}

// RequirementTallyView is what requirements come to.
type RequirementTallyView struct {
	Asked    int64 `json:"asked"`
	Met      int64 `json:"met" doc:"declared as fully done or not applicable"`
	Partly   int64 `json:"partly"`
	Planned  int64 `json:"planned"`
	Excepted int64 `json:"excepted" doc:"not met, with an exception in force"`
	Verified int64 `json:"verified"`
	Failing  int64 `json:"failing" doc:"measured and not as asked"`
	Gaps     int64 `json:"gaps" doc:"declared as done, and seen not to be"`
	Overdue  int64 `json:"overdue"`
}

// SystemRequirementsView is all that is asked of a system.
type SystemRequirementsView struct {
	System     string                       `json:"system"`
	Code       string                       `json:"code"`
	Title      string                       `json:"title"`
	Unit       event.UnitID                 `json:"unit"`
	UnitName   string                       `json:"unitName"`
	Level      int                          `json:"level" doc:"approved; 0: not yet"`
	AskedAt    int                          `json:"askedAt" doc:"the level whose requirements it is held to"`
	Catalogue  string                       `json:"catalogue"`
	Verify     string                       `json:"verify" doc:"what is to be checked against the published text"`
	Total      RequirementTallyView         `json:"total"`
	Groups     []SystemGroupView            `json:"groups" nullable:"false"`
	Items      []SystemRequirementView      `json:"items" nullable:"false"`
	MeasuredAt *module.Time                 `json:"measuredAt,omitempty"`
	MayDeclare bool                         `json:"mayDeclare"`
	MayVerify  bool                         `json:"mayVerify"`
	Measures   []RequirementMeasureKindView `json:"measures" nullable:"false" doc:"what can be measured"`
}

// RequirementMeasureKindView is something that can be seen without asking.
type RequirementMeasureKindView struct {
	ID   string `json:"id"`
	Vi   string `json:"vi"`
	Name string `json:"name"`
	Unit string `json:"unit"`
}

// SystemGroupView is a group of requirements of a system.
type SystemGroupView struct {
	ID       string               `json:"id"`
	Code     string               `json:"code" doc:"item of the standard at the level; empty: none is known"`
	Vi       string               `json:"vi"`
	Name     string               `json:"name"`
	Tally    RequirementTallyView `json:"tally"`
	Findings int                  `json:"findings" doc:"open findings of the unit in this group: what incidents speak against"`
}

// SystemRequirementView is one requirement of a system: declared, measured, verified.
type SystemRequirementView struct {
	ID              string                    `json:"id"`
	Group           string                    `json:"group"`
	Vi              string                    `json:"vi"`
	Name            string                    `json:"name"`
	Asked           RequirementBoundView      `json:"asked"`
	ND331           []string                  `json:"nd331" nullable:"false"`
	CIS             []string                  `json:"cis" nullable:"false"`
	CSF             []string                  `json:"csf" nullable:"false"`
	Declared        string                    `json:"declared" doc:"not-applicable, planned, partly, fully; empty: nothing"`
	Reason          string                    `json:"reason"`
	Owner           string                    `json:"responsible" doc:"who of the unit sees to it"`
	Due             string                    `json:"due" doc:"a day; empty: none"`
	Overdue         bool                      `json:"overdue"`
	ExceptionReason string                    `json:"exceptionReason"`
	ExceptionUntil  string                    `json:"exceptionUntil"`
	Excepted        bool                      `json:"excepted" doc:"the exception is in force"`
	DeclaredBy      *RequirementMarkView      `json:"declaredBy,omitempty"`
	Measured        *RequirementReadingView   `json:"measured,omitempty" doc:"absent: nothing measures it"`
	Verdict         string                    `json:"verdict" doc:"confirmed, refuted; empty: nobody looked"`
	VerdictNote     string                    `json:"verdictNote"`
	VerifiedBy      *RequirementMarkView      `json:"verifiedBy,omitempty"`
	Inspection      string                    `json:"inspection" doc:"id of the inspection that found it; empty: none did"`
	InspectionCode  string                    `json:"inspectionCode"`
	Gap             bool                      `json:"gap" doc:"declared as done, and seen not to be"`
	MayVerify       bool                      `json:"mayVerify" doc:"false also for who declared it"`
	Evidence        []RequirementEvidenceView `json:"evidence" nullable:"false"`
	Version         int64                     `json:"version" doc:"send it back with a change; 0: nothing was said yet"`
}

// RequirementMarkView is who said something, and when.
type RequirementMarkView struct {
	By module.PersonView `json:"by"`
	At module.Time       `json:"at"`
}

func (m Mark) view() *RequirementMarkView {
	if m.At.IsZero() || m.Name == "" && m.ID == "" {
		return nil
	}
	return &RequirementMarkView{module.PersonView{ID: m.ID, DisplayName: m.Name}, module.Time{Time: m.At}}
}

// RequirementReadingView is what shows by itself.
type RequirementReadingView struct {
	Measure string               `json:"measure"`
	Vi      string               `json:"vi"`
	Name    string               `json:"name"`
	Known   bool                 `json:"known"`
	Value   float64              `json:"value"`
	Unit    string               `json:"unit"`
	Needed  RequirementBoundView `json:"needed"`
	Result  string               `json:"result" enum:"pass,fail,unknown"`
	How     string               `json:"how" doc:"what was looked at: a word of the console's catalogue"`
	Query   string               `json:"query" doc:"the search behind it"`
	Of      event.UnitID         `json:"of" doc:"the unit whose logs, sources and lists were looked at"`
	At      *module.Time         `json:"at,omitempty"`
}

// RequirementEvidenceView is a piece of evidence.
type RequirementEvidenceView struct {
	ID      string            `json:"id"`
	Kind    string            `json:"kind" enum:"file,reference"`
	Name    string            `json:"name"`
	Size    int64             `json:"size"`
	SHA256  string            `json:"sha256"`
	Expires string            `json:"expires" doc:"a day; empty: never"`
	Expired bool              `json:"expired"`
	At      module.Time       `json:"at"`
	By      module.PersonView `json:"by"`

	module.SignedView
}

func (e *Evidence) view(today module.Date) RequirementEvidenceView {
	return RequirementEvidenceView{e.ID, e.Kind, e.Name, e.Size, e.SHA256, string(e.Expires), e.Expires != "" && e.Expires < today,
		module.Time{Time: e.At}, module.PersonView{ID: e.ByID, DisplayName: e.By}, e.Signed.View()}
}

func (s *Service) sheetView(p module.Principal, x *Sheet) SystemRequirementsView {
	level, now := x.AskedAt(), s.Now()
	v := SystemRequirementsView{
		System: x.ID, Code: x.Code, Title: x.Name, Unit: x.Unit, UnitName: s.Units.Name(x.Unit), Level: x.Level, AskedAt: level,
		Catalogue: x.Standard.ID, Verify: x.Standard.Verify,
		MayDeclare: (p.Can(module.ActionRequirementDeclare, x.Unit) || p.Can(module.ActionRequirementDeclare, x.Operator)) && x.State != module.SystemRetired,
		MayVerify:  p.Can(module.ActionRequirementVerify, x.Unit) && x.State != module.SystemRetired,
	}
	var latest time.Time
	for _, r := range x.Readings {
		if r.At.After(latest) {
			latest = r.At
		}
	}
	v.MeasuredAt = module.TimeOrNil(latest)
	for _, m := range s.standards.Measures {
		v.Measures = append(v.Measures, RequirementMeasureKindView{m.ID, m.Vi, m.En, m.Unit})
	}
	for i := range x.Standard.Groups {
		g := &x.Standard.Groups[i]
		t := x.Tallies[g.ID]
		if t == nil {
			continue // nothing is asked here at the level
		}
		v.Groups = append(v.Groups, SystemGroupView{g.ID, g.Codes[level], g.Vi, g.En, RequirementTallyView(*t), x.Findings[g.ID]})
		v.Total.add(t)
	}
	today := module.DateOf(now)
	for _, i := range x.Standard.At(level) {
		v.Items = append(v.Items, s.itemView(p, x, i, level, today, v.MayVerify))
	}
	return v
}

func (t *RequirementTallyView) add(x *Tally) {
	t.Asked += x.Asked
	t.Met += x.Met
	t.Partly += x.Partly
	t.Planned += x.Planned
	t.Excepted += x.Excepted
	t.Verified += x.Verified
	t.Failing += x.Failing
	t.Gaps += x.Gaps
	t.Overdue += x.Overdue
}

func (s *Service) itemView(p module.Principal, x *Sheet, i *Item, level int, today module.Date, mayVerify bool) SystemRequirementView {
	asked, _ := i.Asked(level)
	v := SystemRequirementView{ID: i.ID, Group: i.Group, Vi: i.Vi, Name: i.En, Asked: *asked.view(), ND331: module.OrEmpty(i.ND331),
		CIS: module.OrEmpty(i.CIS), CSF: module.OrEmpty(i.CSF), Evidence: []RequirementEvidenceView{}}
	r, result := s.standards.measured(i, level, x.Readings)
	if i.Measure != "" {
		m := s.standards.measures[i.Measure]
		v.Measured = &RequirementReadingView{Measure: m.ID, Vi: m.Vi, Name: m.En, Unit: m.Unit, Needed: *m.bound(asked).view(), Result: string(result)}
		if r != nil {
			v.Measured.Known, v.Measured.Value, v.Measured.How, v.Measured.Query, v.Measured.Of, v.Measured.At = r.Known, r.Value, r.How, r.Query, r.Unit, module.TimeOrNil(r.At)
		}
	}
	if a := x.Answers[i.ID]; a != nil {
		v.Declared, v.Reason, v.Owner, v.Due, v.Version = string(a.State), a.Reason, a.Owner, string(a.Due), a.Version
		v.ExceptionReason, v.ExceptionUntil, v.Excepted = a.Exception.Reason, string(a.Exception.Until), a.excepted(today)
		v.Overdue = !a.met() && a.Due != "" && a.Due < today
		v.DeclaredBy, v.VerifiedBy = a.DeclaredBy.view(), a.VerifiedBy.view()
		v.Inspection, v.InspectionCode = a.Inspection.ID, a.Inspection.Code
		v.Verdict, v.VerdictNote, v.Gap = string(a.Verdict), a.VerdictNote, a.gap(result)
		v.MayVerify = mayVerify && a.State != "" && a.DeclaredBy.ID != p.ID
	}
	for _, e := range x.Evidence[i.ID] {
		v.Evidence = append(v.Evidence, e.view(today))
	}
	return v
}

// RequirementOverviewView is units by groups.
type RequirementOverviewView struct {
	Catalogue string                      `json:"catalogue"`
	Groups    []RequirementGroupView      `json:"groups" nullable:"false"`
	Units     []RequirementUnitTallyView  `json:"units" nullable:"false"`
	Total     RequirementTallyView        `json:"total"`
	ByGroup   []RequirementGroupTallyView `json:"byGroup" nullable:"false"`
}

// RequirementUnitTallyView is a unit's row.
type RequirementUnitTallyView struct {
	Unit     event.UnitID                `json:"unit"`
	UnitName string                      `json:"unitName"`
	Total    RequirementTallyView        `json:"total"`
	Groups   []RequirementGroupTallyView `json:"groups" nullable:"false"`
}

// RequirementGroupTallyView is a cell.
type RequirementGroupTallyView struct {
	Group string `json:"group"`
	RequirementTallyView
}

func (s *Service) overviewView(x *Standard, rows []UnitTally) RequirementOverviewView {
	v := RequirementOverviewView{Catalogue: x.ID, Units: []RequirementUnitTallyView{}}
	all := map[string]*RequirementTallyView{}
	for i := range rows {
		r := &rows[i]
		if n := len(v.Units); n == 0 || v.Units[n-1].Unit != r.Unit {
			v.Units = append(v.Units, RequirementUnitTallyView{Unit: r.Unit, UnitName: s.Units.Name(r.Unit)})
		}
		u := &v.Units[len(v.Units)-1]
		u.Groups = append(u.Groups, RequirementGroupTallyView{r.Group, RequirementTallyView(r.Tally)})
		u.Total.add(&r.Tally)
		v.Total.add(&r.Tally)
		if all[r.Group] == nil {
			all[r.Group] = &RequirementTallyView{}
		}
		all[r.Group].add(&r.Tally)
	}
	for i := range x.Groups {
		v.Groups = append(v.Groups, x.Groups[i].view())
		if t := all[x.Groups[i].ID]; t != nil {
			v.ByGroup = append(v.ByGroup, RequirementGroupTallyView{x.Groups[i].ID, *t})
		}
	}
	v.ByGroup = module.OrEmpty(v.ByGroup)
	slices.SortStableFunc(v.Units, func(a, b RequirementUnitTallyView) int { return int(b.Total.Gaps - a.Total.Gaps) })
	return v
}

// RequirementSystemsView is systems with what they come to.
type RequirementSystemsView struct {
	Items []RequirementSystemView `json:"items" nullable:"false"`
	Total int64                   `json:"total" doc:"also those beyond the limit"`
}

// RequirementSystemView is a system with what its requirements come to.
type RequirementSystemView struct {
	System   string               `json:"system"`
	Code     string               `json:"code"`
	Title    string               `json:"title"`
	Unit     event.UnitID         `json:"unit"`
	UnitName string               `json:"unitName"`
	Level    int                  `json:"level"`
	Tally    RequirementTallyView `json:"tally"`
}
